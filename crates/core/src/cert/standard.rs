//! The life of a version of the standard (CT-05).
//!
//! ```text
//! PROPOSED ─> DRAFT ─> COMMENT ─> ADOPTED ─> EFFECTIVE ─> APPLICABLE ─> SUNSET_REVIEW ─> RENEWED, AMENDED
//!                                                                                     └─ default ─> LAPSED
//! ```
//!
//! Not here: its text, which is an OSCAL catalogue.

use super::tally::State as Ballot;
use super::word::{Word as _, words};
use crate::refusal::Refusal;

/// How many days a version is open for comment at least.
pub const COMMENT_DAYS_MIN: u64 = 60;

words! {
    /// The state of a version, in order.
    Version {
        Proposed = "PROPOSED",
        Draft = "DRAFT",
        Comment = "COMMENT",
        Adopted = "ADOPTED",
        Effective = "EFFECTIVE",
        Applicable = "APPLICABLE",
        SunsetReview = "SUNSET_REVIEW",
        Renewed = "RENEWED",
        Amended = "AMENDED",
        Lapsed = "LAPSED",
    }
}

/// What the next state rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Grounds {
    /// How long the version was open for comment.
    pub comment_days: u64,
    /// Whether it was so in all authentic languages.
    pub in_all_authentic_languages: bool,
    /// Where the ballot stands.
    pub ballot: Option<Ballot>,
    /// The window for disapproval is over, and nobody stopped it.
    pub disapproval_over: bool,
    /// Its first day of application has come.
    pub application_day_come: bool,
    /// Its sunset day has come.
    pub sunset_come: bool,
}

/// Checks that a version may go from one state to another.
pub fn check(from: Version, to: Version, grounds: &Grounds) -> Result<(), Refusal> {
    let adopted = grounds.ballot == Some(Ballot::Adopted);
    let allowed = match (from, to) {
        (Version::Proposed, Version::Draft) | (Version::Draft, Version::Comment) => true,
        (Version::Comment, Version::Adopted) => {
            adopted
                && grounds.in_all_authentic_languages
                && grounds.comment_days >= COMMENT_DAYS_MIN
        }
        (Version::Adopted, Version::Effective) => grounds.disapproval_over,
        (Version::Effective, Version::Applicable) => grounds.application_day_come,
        (Version::Applicable, Version::SunsetReview) => grounds.sunset_come,
        (Version::SunsetReview, Version::Renewed | Version::Amended) => adopted,
        (Version::SunsetReview, Version::Lapsed) => !adopted,
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    Err(Refusal::new("transition-not-allowed", "")
        .with("from", from.as_str())
        .with("to", to.as_str()))
}
