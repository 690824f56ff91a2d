//! Editions of law as data, and what is known of each case under them.

use crate::row::row;

row! {
    /// One edition of one pack, byte for byte, so that what rests on it can be computed again.
    PackEdition = "pack_edition" [sha256] {
        /// SHA-256 of its bytes.
        sha256: String,
        /// The pack.
        pack_id: String,
        /// Its version.
        version: String,
        /// The bytes of `pack.toml`.
        toml: Vec<u8>,
        /// The bytes of `pack.sig`, if it came with one.
        signatures: Option<Vec<u8>>,
        /// When this hub kept it.
        kept_at: i64,
    }
}

row! {
    /// Editions that were used together.
    PackSet = "pack_set" [set_sha256] {
        /// Digest over their ids and digests.
        set_sha256: String,
        /// Ids, versions and digests, as JSON that the app defines.
        manifest: String,
        /// When this hub kept it.
        kept_at: i64,
    }
}

row! {
    /// The read model of a case's law side.
    CaseLaw = "case_law" [case_id] {
        /// The case.
        case_id: String,
        /// The editions it is answered under.
        set_sha256: String,
        /// 1 while the case is open.
        is_open: i64,
        /// The facts of the case, sealed.
        facts: Vec<u8>,
        /// When the row was folded.
        updated_at: i64,
    }
}
