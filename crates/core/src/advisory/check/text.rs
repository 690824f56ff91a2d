//! Shapes of single values, and the list of complaints they go to.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::advisory::limits;
use crate::refusal::Refusal;
use crate::severity::vector::Fault;

/// The complaints so far.
#[derive(Default)]
pub(super) struct Report {
    refusals: Vec<Refusal>,
}

impl Report {
    pub(super) fn into_refusals(self) -> Vec<Refusal> {
        self.refusals
    }

    pub(super) fn refuse(&mut self, code: &'static str, pointer: &str) {
        self.refusals.push(Refusal::new(code, pointer));
    }

    /// A vector that does not read: metric and cause as parameters.
    pub(super) fn fault(&mut self, code: &'static str, pointer: &str, fault: &Fault) {
        let refusal = Refusal::new(code, pointer)
            .with("metric", fault.metric.clone())
            .with("cause", fault.cause.code());
        self.refusals.push(refusal);
    }

    pub(super) fn require(&mut self, held: bool, code: &'static str, pointer: &str) {
        if !held {
            self.refuse(code, pointer);
        }
    }

    /// A text of one or more lines: not blank, no control characters but line feed and tab, which a
    /// terminal or a feed reader would obey.
    pub(super) fn text(&mut self, pointer: &str, text: &str, max: usize) {
        let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
        self.words(pointer, text, max, obeyed);
    }

    /// A text of one line.
    pub(super) fn line(&mut self, pointer: &str, text: &str, max: usize) {
        let obeyed = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        self.words(pointer, text, max, obeyed);
    }

    fn words(&mut self, pointer: &str, text: &str, max: usize, obeyed: impl Fn(char) -> bool) {
        if text.trim().is_empty() {
            self.refuse("text-blank", pointer);
        }
        if text.chars().count() > max {
            self.refusals.push(Refusal::new("text-too-long", pointer).with("max", max));
        }
        if text.chars().any(obeyed) {
            self.refuse("text-control", pointer);
        }
    }

    pub(super) fn https(&mut self, pointer: &str, address: &str) {
        if address.chars().count() > limits::URL_MAX {
            self.refusals.push(Refusal::new("text-too-long", pointer).with("max", limits::URL_MAX));
        } else if !is_https(address) {
            self.refuse("address-invalid", pointer);
        }
    }

    pub(super) fn count(&mut self, pointer: &str, count: usize, max: usize) {
        if count > max {
            self.refusals.push(Refusal::new("list-too-long", pointer).with("max", max));
        }
    }

    /// Other formats write years with four digits.
    pub(super) fn instant(&mut self, pointer: &str, at: Timestamp) {
        let year = at.to_zoned(TimeZone::UTC).year();
        self.require((1970..=9999).contains(&year), "time-invalid", pointer);
    }

    pub(super) fn language(&mut self, pointer: &str, tag: &str) {
        self.require(is_language(tag), "language-invalid", pointer);
    }

    /// Complains of the second and later of equal values.
    pub(super) fn distinct<T: Ord>(&mut self, pointer: &str, values: impl Iterator<Item = T>) {
        let mut seen = std::collections::BTreeSet::new();
        for (index, value) in values.enumerate() {
            if !seen.insert(value) {
                self.refuse("list-duplicate", &format!("{pointer}/{index}"));
            }
        }
    }
}

/// `<hub>-<year>-<serial>` (architecture.md, rule 11).
pub(super) fn is_case_id(id: &str) -> bool {
    let Some((rest, serial)) = id.rsplit_once('-') else { return false };
    let Some((hub, year)) = rest.rsplit_once('-') else { return false };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    is_key(hub)
        && year.len() == 4
        && digits(year)
        && (1..=9).contains(&serial.len())
        && digits(serial)
}

/// `[a-z0-9][a-z0-9-]{0,31}`: ids of hubs, keys of rows.
pub(super) fn is_key(key: &str) -> bool {
    (1..=32).contains(&key.len())
        && !key.starts_with('-')
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// `language[-Script][-REGION]` of BCP 47, which every format we write knows.
fn is_language(tag: &str) -> bool {
    let alpha = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = tag.split('-').peekable();
    let language = parts.next().unwrap_or_default();
    parts.next_if(|part| part.len() == 4 && alpha(part));
    parts.next_if(|part| {
        part.len() == 2 && alpha(part)
            || part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit())
    });
    (2..=3).contains(&language.len()) && alpha(language) && parts.next().is_none()
}

/// An absolute https address in the characters of RFC 3986, without user information (which makes
/// one host look like another) and without brackets.
fn is_https(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((authority, tail)) = rest.split_at_checked(end) else { return false };
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && port.bytes().all(|b| b.is_ascii_digit())
        && is_tail(tail)
}

fn is_tail(tail: &str) -> bool {
    let bytes = tail.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    tail.matches('#').count() <= 1
        && bytes.iter().enumerate().all(|(at, byte)| match byte {
            b'%' => hex(at + 1) && hex(at + 2),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(byte),
        })
}

/// Visible ASCII without quotation marks and the like: ids, versions, references.
pub(super) fn is_token(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// `1.0.0`: three numbers without leading zeros.
pub(super) fn is_semver(text: &str) -> bool {
    let number = |part: &str| {
        (1..=9).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.split('.').count() == 3 && text.split('.').all(number)
}

/// `count` lower-case hexadecimal digits.
pub(super) fn is_hex(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `urn:comity:service:<domain>:<model>[:<snapshot>]` (LX-9).
pub(super) fn is_service_urn(urn: &str) -> bool {
    let Some(rest) = urn.strip_prefix("urn:comity:service:") else { return false };
    let mut parts = rest.split(':');
    let part = |part: Option<&str>, max: usize| {
        part.is_some_and(|part| {
            (1..=max).contains(&part.len())
                && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
        })
    };
    let domain = parts.next().unwrap_or_default();
    let domain_holds = domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        });
    let model = parts.next();
    let snapshot = parts.next();
    domain_holds
        && part(model, 100)
        && (snapshot.is_none() || part(snapshot, 64))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_and_say_their_host_plainly() {
        let check = |address: &str, expected| assert_eq!(is_https(address), expected, "{address}");
        check("https://hub.example", true);
        check("https://hub.example:8443/a/b?c=d%20e#f", true);
        check("http://hub.example", false);
        check("https://", false);
        check("https://user@hub.example/", false);
        check("https://hub.example:99999/", false);
        check("https://hub.example/a b", false);
        check("https://hub.example/%zz", false);
        check("https://hub.example/\"><script>", false);
        check("javascript:alert(1)", false);
        check("https://-hub.example/", false);
        check("https://hub.example:+80/", false);
    }

    #[test]
    fn case_ids_have_three_parts() {
        let check = |id: &str, expected| assert_eq!(is_case_id(id), expected, "{id}");
        check("nv-2027-00007", true);
        check("north-vale-2027-7", true);
        check("nv-27-00007", false);
        check("nv-2027", false);
        check("-nv-2027-00007", false);
        check("NV-2027-00007", false);
        check("nv-2027-", false);
    }

    #[test]
    fn language_tags_are_language_script_region() {
        let check = |tag: &str, expected| assert_eq!(is_language(tag), expected, "{tag}");
        check("en", true);
        check("zh-Hans", true);
        check("pt-BR", true);
        check("es-419", true);
        check("", false);
        check("e", false);
        check("en-", false);
        check("en-x-private", false);
        check("english", false);
    }

    #[test]
    fn service_urns_name_a_provider_and_a_model() {
        let check = |urn: &str, expected| assert_eq!(is_service_urn(urn), expected, "{urn}");
        check("urn:comity:service:models.example:assist-4", true);
        check("urn:comity:service:models.example:assist-4:2027-01", true);
        check("urn:comity:service:models.example", false);
        check("urn:comity:service:Models.example:a", false);
        check("urn:comity:service:example:a", false);
        check("urn:comity:service:models.example:a:b:c", false);
    }
}
