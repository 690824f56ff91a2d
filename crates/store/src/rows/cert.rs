//! Certification: read models of standards, assessments and editions of the register.

use crate::row::row;

row! {
    /// A standard's book as lists show it.
    CertStandard = "cert_standard" [standard_id] {
        /// The standard.
        standard_id: String,
        /// Its room.
        room_id: String,
        /// Where its version stands.
        version: String,
        /// 1 for an exercise in virtual time.
        simulated: i64,
        /// The position of the newest entry that was folded.
        position: i64,
        /// When it was written.
        updated_at: i64,
        /// JSON.
        summary: String,
    }
}

row! {
    /// An assessment as lists show it.
    CertAssessment = "cert_assessment" [assessment_id] {
        /// The assessment.
        assessment_id: String,
        /// The standard.
        standard_id: String,
        /// Whom it is about.
        jurisdiction: String,
        /// Its room.
        room_id: String,
        /// Its mark.
        mark: String,
        /// When it was written.
        updated_at: i64,
        /// JSON.
        summary: String,
    }
}

row! {
    /// An edition of a register.
    RegisterEdition = "register_edition" [standard_id, edition] {
        /// The standard.
        standard_id: String,
        /// Its number, from 1.
        edition: i64,
        /// What was recorded later is not in it.
        as_of: i64,
        /// `sha256:` of the document.
        sha256: String,
        /// When enough registrars had signed.
        published_at: Option<i64>,
        /// JSON: `comity.register-signatures/1`.
        signatures: String,
        /// RFC 8785 JSON: `comity.register/1`.
        document: Vec<u8>,
    }
}
