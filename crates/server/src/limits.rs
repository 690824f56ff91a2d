//! How often a stranger or a token may ask: windows per key in memory, nothing on disk.
//!
//! Address prefixes are kept as keyed hashes and the key is dropped with the window, so that the memory
//! of a hub never tells who asked (portal.md, PO-20). Not here: what is limited (callers name it).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use sha2::{Digest as _, Sha256};

/// Keys one window holds at most; beyond it everyone shares one counter.
const KEYS_MAX: usize = 100_000;

/// A counter per key that starts anew with each window.
#[derive(Debug)]
pub struct Window {
    length_ms: i64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    began_ms: i64,
    salt: [u8; 32],
    counts: BTreeMap<[u8; 16], u32>,
}

/// What a window says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may go on.
    pub allowed: bool,
    /// Requests left in the window.
    pub remaining: u32,
    /// Seconds until the window ends.
    pub reset_s: u32,
}

impl Window {
    /// Returns a window of so many seconds.
    #[must_use]
    pub fn new(length_s: u32) -> Self {
        let state = State { began_ms: 0, salt: [0; 32], counts: BTreeMap::new() };
        Self { length_ms: i64::from(length_s) * 1000, state: Mutex::new(state) }
    }

    /// Returns the seconds to wait if `key` has used up `quota` in the present window; counts nothing.
    #[must_use]
    pub fn is_full(&self, key: &[u8], quota: u32, now_ms: i64) -> Option<u32> {
        let state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let age_ms = now_ms.saturating_sub(state.began_ms);
        let used = state.counts.get(&hash(&state.salt, key)).copied().unwrap_or(0);
        let left_ms = self.length_ms.saturating_sub(age_ms);
        let full = used >= quota && left_ms > 0;
        full.then(|| u32::try_from(left_ms.div_euclid(1000).max(1)).unwrap_or(u32::MAX))
    }

    /// Counts one request of `key` against `quota`; `salt` replaces the key of the hashes when a
    /// window begins.
    pub fn count(&self, key: &[u8], quota: u32, now_ms: i64, salt: [u8; 32]) -> Verdict {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if now_ms.saturating_sub(state.began_ms) >= self.length_ms {
            *state = State { began_ms: now_ms, salt, counts: BTreeMap::new() };
        }
        let left_ms = self.length_ms - (now_ms - state.began_ms);
        let reset_s = u32::try_from(left_ms.div_euclid(1000).max(1)).unwrap_or(u32::MAX);
        let mut hashed = hash(&state.salt, key);
        if !state.counts.contains_key(&hashed) && state.counts.len() >= KEYS_MAX {
            hashed = [0; 16];
        }
        let used = state.counts.entry(hashed).or_insert(0);
        if *used >= quota {
            return Verdict { allowed: false, remaining: 0, reset_s };
        }
        *used += 1;
        Verdict { allowed: true, remaining: quota - *used, reset_s }
    }
}

fn hash(salt: &[u8; 32], key: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(salt).chain_update(key).finalize();
    let mut out = [0; 16];
    out.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    out
}

/// Returns the prefix that counts as one asker: /24 of IPv4, /56 of IPv6.
#[must_use]
pub fn prefix(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets().into_iter().take(3).collect(),
        IpAddr::V6(v6) => v6.octets().into_iter().take(7).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_stopped_at_its_quota_and_starts_anew_with_the_window() {
        let window = Window::new(60);
        let ask = |key: &[u8], now| window.count(key, 2, now, [1; 32]).allowed;
        assert!(ask(b"a", 100_000) && ask(b"a", 100_001));
        assert!(!ask(b"a", 100_002));
        assert!(ask(b"b", 100_003));
        assert!(ask(b"a", 160_000));
    }

    #[test]
    fn neighbours_count_as_one_asker() {
        let check = |a: &str, b: &str, same: bool| {
            let prefix = |text: &str| prefix(text.parse().unwrap());
            assert_eq!(prefix(a) == prefix(b), same, "{a} {b}");
        };
        check("192.0.2.1", "192.0.2.200", true);
        check("192.0.2.1", "192.0.3.1", false);
        check("2001:db8:1:2::1", "2001:db8:1:3::1", true);
        check("::ffff:192.0.2.1", "192.0.2.9", true);
    }
}
