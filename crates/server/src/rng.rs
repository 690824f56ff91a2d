//! The only source of randomness: the operating system's.

use std::convert::Infallible;

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

/// Fills `out`. Without randomness there are no keys: a machine that cannot give any must stop.
#[expect(clippy::panic, reason = "a hub without randomness must not go on with guessable keys")]
fn fill(out: &mut [u8]) {
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
