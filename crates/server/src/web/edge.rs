//! What stands between the wire and the router: whose request it is behind a proxy, and what the log says.
//!
//! The log holds method, route as it stands in the table, status and incident; never an address, a query or
//! a text. Not here: connections (`serve`), limits.

use std::net::{IpAddr, SocketAddr};

use super::http::{Incident, Site};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;

const FORWARDED_FOR: &str = "x-forwarded-for";
/// Hops of a forwarded header that are read; more are taken for noise.
const HOPS_MAX: usize = 16;

/// An address, or all that share its first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.0.2.1`, `192.0.2.0/24` or the same of IPv6.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Says whether an address lies in it.
    #[must_use]
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let drop = 32 - u32::from(self.bits);
                let cut = |one: u32| one.checked_shr(drop).unwrap_or(0);
                cut(own.to_bits()) == cut(other.to_bits())
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let drop = 128 - u32::from(self.bits);
                let cut = |one: u128| one.checked_shr(drop).unwrap_or(0);
                cut(own.to_bits()) == cut(other.to_bits())
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Returns whose request it is: the nearest hop that is no proxy of ours. What stands further left anyone
/// may have written.
fn asker(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_ours(peer) {
        return peer;
    }
    let mut nearest = peer;
    let said: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in said.iter().rev().take(HOPS_MAX) {
        // Whatever is no address hides what stands behind it.
        let Some(address) = hop_address(hop.trim()) else { return nearest };
        nearest = address;
        if !is_ours(address) {
            return address;
        }
    }
    nearest
}

/// Reads an address with or without a port.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Names a method in the log; anything a stranger made up has no name.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        _ => "other",
    }
}

/// Sets whose request it is, and lets everything logged while it is answered name its route.
pub(super) async fn pass(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let trusted = site.proxies();
    if !trusted.is_empty()
        && let Some(ConnectInfo(peer)) =
            request.extensions().get::<ConnectInfo<SocketAddr>>().copied()
    {
        let address = asker(peer.ip(), request.headers(), trusted);
        let asker = ConnectInfo(SocketAddr::new(address, peer.port()));
        request.extensions_mut().insert(asker);
    }
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = method_name(request.method());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    if let Some(Incident { number, fault }) = response.extensions().get() {
        tracing::error!(method, route, status, incident = number, fault, "a request failed");
    } else if response.status().is_server_error() {
        tracing::warn!(method, route, status, "answered");
    } else {
        tracing::debug!(method, route, status, "answered");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &[&str]) -> Vec<Network> {
        list.iter().map(|text| Network::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_network_holds_what_shares_its_first_bits() {
        let check = |network: &str, address: &str, wanted: bool| {
            let found = Network::parse(network).unwrap().contains(address.parse().unwrap());
            assert_eq!(found, wanted, "{network} {address}");
        };
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.1", "127.0.0.2", false);
        check("10.0.0.0/8", "10.200.3.4", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("10.0.0.0/8", "::ffff:10.1.1.1", true);
        check("2001:db8::/32", "2001:db8:9::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::/0", "192.0.2.1", false);
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::1/129"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_a_proxy_of_ours_says_whose_request_it_is() {
        let check = |peer: &str, said: &[&str], trusted: &[&str], wanted: &str| {
            let mut headers = HeaderMap::new();
            for line in said {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let found = asker(peer.parse().unwrap(), &headers, &networks(trusted));
            assert_eq!(found, wanted.parse::<IpAddr>().unwrap(), "{peer} {said:?}");
        };
        let ours = &["127.0.0.1", "10.0.0.0/8"];
        check("198.51.100.7", &["203.0.113.9"], ours, "198.51.100.7");
        check("127.0.0.1", &[], ours, "127.0.0.1");
        check("127.0.0.1", &["203.0.113.9"], ours, "203.0.113.9");
        // A stranger wrote the first one; the proxy appended the second.
        check("127.0.0.1", &["192.0.2.1, 203.0.113.9"], ours, "203.0.113.9");
        check("127.0.0.1", &["203.0.113.9, 10.0.0.4"], ours, "203.0.113.9");
        check("127.0.0.1", &["192.0.2.1", "203.0.113.9:5"], ours, "203.0.113.9");
        check("127.0.0.1", &["[2001:db8::1]:44"], ours, "2001:db8::1");
        check("127.0.0.1", &["[2001:db8::1]"], ours, "2001:db8::1");
        check("127.0.0.1", &["203.0.113.9, unknown"], ours, "127.0.0.1");
        check("127.0.0.1", &["203.0.113.9, unknown, 10.0.0.4"], ours, "10.0.0.4");
    }
}
