//! Seals an attachment of up to 100 MiB piece by piece: the STREAM construction over XChaCha20-Poly1305.
//!
//! Sealed bytes: version 1, nonce prefix (19), then chunks of 64 KiB of content and a tag (16) each; the
//! last chunk may be shorter and is empty only if the content is. A chunk's nonce is the prefix, its
//! number (four bytes, big-endian) and 1 for the last, else 0: a chunk that is missing, repeated, moved
//! or added does not open. Not here: padding, and where the bytes are kept.

use std::fmt;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::secret::{Binding, DataKey, NONCE_BYTES, SealError, TAG_BYTES, VERSION, cipher};

/// Content bytes of a chunk.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Content bytes of an attachment at most.
pub const CONTENT_BYTES_MAX: u64 = 100 << 20;
/// Bytes before the first chunk.
pub const HEADER_BYTES: usize = 1 + PREFIX_BYTES;

const PREFIX_BYTES: usize = NONCE_BYTES - 5;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
const TAG: &str = "comity/stream/1";

/// Says how long the sealed form of so much content is.
#[must_use]
pub const fn sealed_length(content: u64) -> u64 {
    let chunks = if content == 0 { 1 } else { content.div_ceil(64 << 10) };
    content + chunks * 16 + 20
}

/// Cipher, associated data and the number of the next chunk.
struct Position {
    cipher: XChaCha20Poly1305,
    data: Vec<u8>,
    prefix: [u8; PREFIX_BYTES],
    chunk: u32,
}

impl Position {
    fn nonce(&mut self, last: bool) -> Result<XNonce, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        let (prefix, rest) = nonce.split_at_mut(PREFIX_BYTES);
        let (counter, flag) = rest.split_at_mut(4);
        prefix.copy_from_slice(&self.prefix);
        counter.copy_from_slice(&self.chunk.to_be_bytes());
        flag.copy_from_slice(&[u8::from(last)]);
        self.chunk = self.chunk.checked_add(1).ok_or(SealError::TooLarge)?;
        Ok(XNonce::from(nonce))
    }
}

/// Seals content as it comes.
pub struct Encryptor {
    position: Position,
    buffer: Zeroizing<Vec<u8>>,
    content: u64,
}

impl Encryptor {
    /// Starts and writes the header.
    #[must_use]
    pub fn start(
        key: &DataKey,
        binding: Binding<'_>,
        rng: &mut impl CryptoRng,
        out: &mut Vec<u8>,
    ) -> Self {
        let mut prefix = [0; PREFIX_BYTES];
        rng.fill_bytes(&mut prefix);
        out.push(VERSION);
        out.extend_from_slice(&prefix);
        let data = binding.associated_data(TAG);
        let position = Position { cipher: cipher(key.expose()), data, prefix, chunk: 0 };
        let buffer = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
        Self { position, buffer, content: 0 }
    }

    /// Takes content of any length; appends each full chunk to `out`, sealed.
    pub fn push(&mut self, mut content: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let added = u64::try_from(content.len()).map_err(|_| SealError::TooLarge)?;
        self.content = self.content.checked_add(added).ok_or(SealError::TooLarge)?;
        if self.content > CONTENT_BYTES_MAX {
            return Err(SealError::TooLarge);
        }
        while !content.is_empty() {
            // A full chunk waits for more: only then is it known not to be the last.
            if self.buffer.len() == CHUNK_BYTES {
                self.seal(false, out)?;
            }
            let room = CHUNK_BYTES - self.buffer.len();
            let (now, later) = content.split_at(room.min(content.len()));
            self.buffer.extend_from_slice(now);
            content = later;
        }
        Ok(())
    }

    /// Ends and appends the last chunk.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        self.seal(true, out)
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), SealError> {
        let nonce = self.position.nonce(last)?;
        let tag = self
            .position
            .cipher
            .encrypt_inout_detached(&nonce, &self.position.data, self.buffer.as_mut_slice().into())
            .map_err(|_| SealError::TooLarge)?;
        out.extend_from_slice(&self.buffer);
        out.extend_from_slice(&tag);
        self.buffer.clear();
        Ok(())
    }
}

/// Opens sealed bytes as they come; what it gives out is authentic, but complete only after `finish`.
pub struct Decryptor {
    key: DataKey,
    data: Vec<u8>,
    position: Option<Position>,
    buffer: Zeroizing<Vec<u8>>,
    sealed: u64,
}

impl Decryptor {
    /// Starts; the header is read from the first bytes pushed.
    #[must_use]
    pub fn start(key: &DataKey, binding: Binding<'_>) -> Self {
        let buffer = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES));
        let data = binding.associated_data(TAG);
        Self { key: key.clone(), data, position: None, buffer, sealed: 0 }
    }

    /// Takes sealed bytes of any length; appends each chunk that is not the last to `out`, opened.
    pub fn push(&mut self, mut sealed: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let added = u64::try_from(sealed.len()).map_err(|_| SealError::TooLarge)?;
        self.sealed = self.sealed.checked_add(added).ok_or(SealError::TooLarge)?;
        if self.sealed > sealed_length(CONTENT_BYTES_MAX) {
            return Err(SealError::TooLarge);
        }
        while !sealed.is_empty() {
            let full = if self.position.is_some() { SEALED_CHUNK_BYTES } else { HEADER_BYTES };
            if self.buffer.len() == full {
                self.open(false, out)?;
                continue;
            }
            let (now, later) = sealed.split_at((full - self.buffer.len()).min(sealed.len()));
            self.buffer.extend_from_slice(now);
            sealed = later;
        }
        Ok(())
    }

    /// Ends: appends the last chunk, which must be marked as the last.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        if self.position.is_none() {
            return Err(SealError::Malformed);
        }
        let first = self.position.as_ref().is_some_and(|position| position.chunk == 0);
        if self.buffer.len() < TAG_BYTES || (self.buffer.len() == TAG_BYTES && !first) {
            return Err(SealError::Malformed);
        }
        self.open(true, out)
    }

    /// Opens the buffer: the header, or a chunk.
    fn open(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), SealError> {
        let Some(position) = &mut self.position else {
            let (version, prefix) = self.buffer.split_first().ok_or(SealError::Malformed)?;
            if *version != VERSION {
                return Err(SealError::Version);
            }
            let prefix = prefix.try_into().map_err(|_| SealError::Malformed)?;
            let data = std::mem::take(&mut self.data);
            let cipher = cipher(self.key.expose());
            self.position = Some(Position { cipher, data, prefix, chunk: 0 });
            self.buffer.clear();
            return Ok(());
        };
        let nonce = position.nonce(last)?;
        let length = self.buffer.len().checked_sub(TAG_BYTES).ok_or(SealError::Malformed)?;
        let (body, tag) = self.buffer.split_at_mut(length);
        let tag = Tag::try_from(&*tag).map_err(|_| SealError::Malformed)?;
        position
            .cipher
            .decrypt_inout_detached(&nonce, &position.data, (&mut *body).into(), &tag)
            .map_err(|_| SealError::Closed)?;
        out.extend_from_slice(body);
        self.buffer.clear();
        Ok(())
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encryptor(…)")
    }
}

impl fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decryptor(…)")
    }
}
