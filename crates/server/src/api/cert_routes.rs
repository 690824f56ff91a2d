//! Routes of certification: standards, assessments and the register.

use comity_core::access::Action;

use super::table::{Route, get, post};

const LIST: &[&str] = &["cursor", "limit"];

/// The routes, in the order of the document.
pub(super) const ROUTES: &[Route] = &[
    get("/api/v1/cert/standards", "list-standards", "Lists the standards kept here.")
        .query(LIST)
        .gives("StandardList"),
    post("/api/v1/cert/standards", "propose-standard", "Proposes a standard: opens its room.")
        .by(Action::CommandCert)
        .takes("CertOpening")
        .once()
        .gives("StandardRead"),
    get(
        "/api/v1/cert/standards/{standard}",
        "read-standard",
        "Gives a standard's state with its ETag: jurisdictions, motions, concerns, what is due.",
    )
    .dated()
    .gives("StandardRead"),
    post(
        "/api/v1/cert/standards/{standard}/commands",
        "command-standard",
        "Authors one record in a standard's room.",
    )
    .by(Action::CommandCert)
    .takes("CertCommand")
    .once_matching()
    .ok(200)
    .gives("StandardRead"),
    get(
        "/api/v1/cert/standards/{standard}/entries",
        "list-standard-entries",
        "Lists a standard's signed entries.",
    )
    .query(LIST)
    .gives("EntryList"),
    get(
        "/api/v1/cert/standards/{standard}/jurisdictions",
        "list-jurisdictions",
        "Lists jurisdictions by the names a viewer's hub shows.",
    )
    .query(&["viewer"])
    .gives("Object"),
    get(
        "/api/v1/cert/standards/{standard}/motions/{motion}",
        "read-motion",
        "Gives a motion's ballots, rule and tally, so that anyone tallies again.",
    )
    .gives("MotionRead"),
    get(
        "/api/v1/cert/standards/{standard}/procedure",
        "read-procedure",
        "Gives the procedure in force: every figure with its analogue and how sure that is.",
    )
    .gives("ProcedureRead"),
    get(
        "/api/v1/cert/standards/{standard}/lessons",
        "read-lessons",
        "Gives the lessons published last: what five assessments or more found, without names.",
    )
    .gives("LessonsRead"),
    get(
        "/api/v1/cert/standards/{standard}/assessments",
        "list-published-assessments",
        "Lists the assessments of which the procedure opens something to who asks.",
    )
    .query(LIST)
    .gives("PublishedAssessmentList"),
    get(
        "/api/v1/cert/standards/{standard}/assessments/{assessment}",
        "read-published-assessment",
        "Gives what is open of an assessment: summary, ratings, report.",
    )
    .gives("PublishedAssessment"),
    get(
        "/api/v1/cert/standards/{standard}/register",
        "read-register",
        "Gives the newest published edition of the status register, byte for byte.",
    )
    .gives("Object"),
    get(
        "/api/v1/cert/standards/{standard}/editions/{edition}",
        "read-edition",
        "Gives one edition of the register, also to be signed.",
    )
    .gives("Object"),
    get(
        "/api/v1/cert/standards/{standard}/status",
        "read-status",
        "Says what a jurisdiction's status was on a day, as known at an instant.",
    )
    .query(&["jurisdiction", "valid_at", "known_at"])
    .gives("StatusRead"),
    get("/api/v1/cert/assessments", "list-assessments", "Lists the assessments one may see.")
        .by(Action::ReadCert)
        .query(LIST)
        .gives("AssessmentList"),
    post(
        "/api/v1/cert/assessments",
        "apply-for-assessment",
        "Applies for a jurisdiction that the register lists; for nobody else.",
    )
    .by(Action::CommandCert)
    .takes("CertOpening")
    .once()
    .gives("AssessmentRead"),
    get(
        "/api/v1/cert/assessments/{assessment}",
        "read-assessment",
        "Gives an assessment's state with its ETag; the look is recorded.",
    )
    .dated()
    .by(Action::ReadCert)
    .gives("AssessmentRead"),
    post(
        "/api/v1/cert/assessments/{assessment}/commands",
        "command-assessment",
        "Authors one record in an assessment's room.",
    )
    .by(Action::CommandCert)
    .takes("CertCommand")
    .once_matching()
    .ok(200)
    .gives("AssessmentRead"),
    get(
        "/api/v1/cert/assessments/{assessment}/score",
        "read-score",
        "Gives the score with the documents it is computed from.",
    )
    .by(Action::ReadCert)
    .gives("Object"),
    get(
        "/api/v1/cert/assessments/{assessment}/dossier",
        "export-assessment",
        "Gives an assessment as one file that verifies offline; the look is recorded.",
    )
    .by(Action::ReadCert)
    .gives("Object"),
];
