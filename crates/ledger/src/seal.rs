//! Seals one item, such as a report's compartment, under its own key (SE-01, SE-02).
//!
//! Sealed bytes: version 1, nonce (24), ciphertext, tag (16). The plaintext is its length (eight bytes,
//! little-endian), the content, and zeros up to a Padmé length, so that at most 12 % is added and
//! little of the true length is told. Not here: attachments, which are streamed (`stream`).

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::AeadInOut as _;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::secret::{Binding, DataKey, NONCE_BYTES, SealError, TAG_BYTES, VERSION, cipher, split};

/// Bytes of one sealed item's content at most; more is an attachment.
pub const CONTENT_BYTES_MAX: usize = 4 << 20;

const TAG: &str = "comity/seal/1";
const HEAD_BYTES: usize = 1 + NONCE_BYTES;
const LENGTH_BYTES: usize = 8;

/// Seals the content so that it opens only with this key and for this binding.
pub fn seal(
    key: &DataKey,
    binding: Binding<'_>,
    content: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, SealError> {
    if content.len() > CONTENT_BYTES_MAX {
        return Err(SealError::TooLarge);
    }
    let length = u64::try_from(content.len()).map_err(|_| SealError::TooLarge)?;
    let padded = padded_length(content.len() + LENGTH_BYTES);
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let mut bytes = Vec::with_capacity(HEAD_BYTES + padded + TAG_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(content);
    bytes.resize(HEAD_BYTES + padded, 0);
    let (_head, body) = bytes.split_at_mut(HEAD_BYTES);
    let data = binding.associated_data(TAG);
    let tag = cipher(key.expose())
        .encrypt_inout_detached(&XNonce::from(nonce), &data, body.into())
        .map_err(|_| SealError::TooLarge)?;
    bytes.extend_from_slice(&tag);
    Ok(bytes)
}

/// Opens what [`seal`] closed.
pub fn open(
    key: &DataKey,
    binding: Binding<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.len() > HEAD_BYTES + padded_length(CONTENT_BYTES_MAX + LENGTH_BYTES) + TAG_BYTES {
        return Err(SealError::TooLarge);
    }
    let (nonce, body, tag) = split(sealed)?;
    let mut body = Zeroizing::new(body.to_vec());
    let data = binding.associated_data(TAG);
    cipher(key.expose())
        .decrypt_inout_detached(&nonce, &data, body.as_mut_slice().into(), &tag)
        .map_err(|_| SealError::Closed)?;
    unpad(&body).map(|content| Zeroizing::new(content.to_vec()))
}

/// The content, if length, padded length and zeros are what [`seal`] writes.
fn unpad(body: &[u8]) -> Result<&[u8], SealError> {
    let (length, rest) = body.split_first_chunk::<LENGTH_BYTES>().ok_or(SealError::Malformed)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SealError::Malformed)?;
    let (content, zeros) = rest.split_at_checked(length).ok_or(SealError::Malformed)?;
    if padded_length(length + LENGTH_BYTES) != body.len() || zeros.iter().any(|byte| *byte != 0) {
        return Err(SealError::Malformed);
    }
    Ok(content)
}

/// Returns the Padmé length: the least number not below `length` with few significant bits.
#[must_use]
pub fn padded_length(length: usize) -> usize {
    let Some(exponent) = length.checked_ilog2().filter(|exponent| *exponent > 0) else {
        return length;
    };
    let significant = exponent.ilog2() + 1;
    let mask = (1_usize << exponent.saturating_sub(significant)) - 1;
    length.saturating_add(mask) & !mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_padme() {
        for (length, padded) in [
            (0, 0),
            (1, 1),
            (8, 8),
            (9, 10),
            (33, 36),
            (100, 104),
            (1000, 1024),
            (4104, 4352),
            (65_537, 67_584),
        ] {
            assert_eq!(padded_length(length), padded, "{length}");
        }
        for length in 2..20_000 {
            assert!((length..=length + length / 8).contains(&padded_length(length)), "{length}");
        }
    }
}
