//! The front page: whose hub, its promises, the five newest advisories.

use jiff::Timestamp;

use crate::web::visible::Foreign;

use super::{Urgency, page};

/// The front page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontView {
    /// What the hub promises, at most three.
    pub promises: Vec<Promise>,
    /// The newest advisories, at most five.
    pub newest: Vec<AdvisoryItem>,
}

/// One promise of the hub, already in words of the page's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// An icon of the sprite.
    pub icon: &'static str,
    /// The message of its name.
    pub title: &'static str,
    /// What is promised.
    pub words: String,
}

impl Promise {
    /// Returns the three promises of a policy: the clock, the end of silence, the safe harbour.
    #[must_use]
    pub fn of_policy(
        t: &crate::i18n::Locale,
        acknowledge: &crate::i18n::Duration,
        embargo: &crate::i18n::Duration,
        safe_harbour: Option<u32>,
    ) -> Vec<Self> {
        let shield = match safe_harbour {
            Some(version) => {
                t.text("front-promise-harbour-words").id("version", version).to_string()
            }
            None => t.text("front-promise-no-harbour-words").to_string(),
        };
        let answer =
            t.text("front-promise-answer-words").duration("within", acknowledge).to_string();
        let silence = t.text("front-promise-embargo-words").duration("length", embargo).to_string();
        vec![
            Self { icon: "clock", title: "front-promise-answer", words: answer },
            Self { icon: "diamond", title: "front-promise-embargo", words: silence },
            Self { icon: "shield", title: "front-promise-harbour", words: shield },
        ]
    }
}

/// An advisory in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryItem {
    /// Its id, which is also its address.
    pub id: String,
    /// Its title in its own language.
    pub title: Foreign,
    /// When it was first published.
    pub published: Timestamp,
    /// When it was last corrected.
    pub corrected: Option<Timestamp>,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// How urgent the decision table finds it.
    pub urgency: Option<Urgency>,
}

page!(FrontView, FrontTemplate, "front.html");
