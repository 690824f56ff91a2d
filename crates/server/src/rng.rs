//! The only source of randomness: the operating system's.
//!
//! Keys, nonces and salts are small and many, and each asks the system for a few bytes only; a thread therefore
//! draws [`DRAWN_BYTES`] at once, hands each of them out once, and wipes what it hands out.

use std::cell::RefCell;
use std::convert::Infallible;

use zeroize::Zeroize as _;

/// Bytes that a thread draws from the system at once.
const DRAWN_BYTES: usize = 1024;
/// More than this is drawn directly.
const SMALL_BYTES_MAX: usize = 64;

/// Random bytes that nobody has seen yet: the first `left` of them.
struct Drawn {
    bytes: [u8; DRAWN_BYTES],
    left: usize,
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; DRAWN_BYTES], left: 0 }) };
}

impl Drawn {
    /// Fills `out`; false if it wants more than is drawn at once.
    fn hand_out(&mut self, out: &mut [u8]) -> bool {
        if self.left < out.len() {
            draw(&mut self.bytes);
            self.left = DRAWN_BYTES;
        }
        let Some(start) = self.left.checked_sub(out.len()) else { return false };
        let Some(fresh) = self.bytes.get_mut(start..self.left) else { return false };
        out.copy_from_slice(fresh);
        fresh.zeroize();
        self.left = start;
        true
    }
}

/// Randomness from the operating system, as `rand_core` wants it.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

/// Returns `N` random bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

/// Returns `N` random bytes in lower-case hexadecimal.
#[must_use]
pub fn hex<const N: usize>() -> String {
    data_encoding::HEXLOWER.encode(&bytes::<N>())
}

fn fill(out: &mut [u8]) {
    let small = out.len() <= SMALL_BYTES_MAX;
    if !(small && DRAWN.with_borrow_mut(|drawn| drawn.hand_out(out))) {
        draw(out);
    }
}

/// Draws from the system. Without randomness there are no keys: a machine that cannot give any must stop.
#[expect(clippy::panic, reason = "a hub without randomness must not go on with guessable keys")]
fn draw(out: &mut [u8]) {
    if let Err(error) = getrandom::fill(out) {
        panic!("the operating system gives no randomness: {error}");
    }
}

impl rand_core::TryRng for OsRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for OsRandom {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_handed_out_twice() {
        let drawn: BTreeSet<[u8; 24]> = (0..10_000).map(|_| bytes()).collect();
        assert_eq!(drawn.len(), 10_000);
        let long: [u8; 200] = bytes();
        assert!(long.chunks(8).collect::<BTreeSet<_>>().len() > 20);
    }

    #[test]
    fn what_was_handed_out_is_wiped() {
        let mut pool = Drawn { bytes: [0; DRAWN_BYTES], left: 0 };
        let mut out = [0; 32];
        assert!(pool.hand_out(&mut out));
        assert_ne!(out, [0; 32]);
        let left = pool.left;
        assert_eq!(pool.bytes.get(left..), Some([0; 32].as_slice()));
        assert!(!pool.bytes.windows(32).any(|window| window == out));
    }
}
