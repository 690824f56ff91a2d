//! Salted commitments: what may be shown and logged without showing what it commits to (rule 7 of architecture.md).

use crate::digest::{self, Commitment};
use crate::entry::Salt;

/// Separates commitments from every other hash.
const TAG: &str = "comity/commitment/1";

/// Commits to bytes for one purpose, for example `report`.
#[must_use]
pub fn commit(purpose: &str, salt: &Salt, content: &[u8]) -> Commitment {
    Commitment::from_bytes(digest::tagged(TAG, &[purpose.as_bytes(), salt.as_bytes(), content]))
}

/// Says whether salt and content open the commitment.
#[must_use]
pub fn opens(commitment: &Commitment, purpose: &str, salt: &Salt, content: &[u8]) -> bool {
    commit(purpose, salt, content) == *commitment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_purpose_salt_and_content() {
        let salt = Salt::from_bytes([1; 32]);
        let commitment = commit("report", &salt, b"text");
        assert!(opens(&commitment, "report", &salt, b"text"));
        assert!(!opens(&commitment, "reports", &salt, b"text"));
        assert!(!opens(&commitment, "report", &Salt::from_bytes([2; 32]), b"text"));
        assert!(!opens(&commitment, "report", &salt, b"test"));
    }
}
