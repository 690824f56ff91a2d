//! Languages: messages, plural forms, dates, numbers and direction (`portal.md` section 4).
//!
//! A [`Catalogue`] holds one [`Locale`] a language; a locale says messages. Text comes from
//! `locales/<tag>/*.ftl`, is embedded in the binary and can be overridden by a folder.
//! Not here: which page says what (`web`), and legal texts, which have authentic languages.

mod catalogue;
mod date;
mod escape;
mod message;
mod negotiate;
mod number;
mod pseudo;
mod visible;

pub use catalogue::{Catalogue, CatalogueError, Language, is_shipped};
pub(crate) use date::machine;
pub use date::{Duration, ParseDurationError};
pub use escape::{Markup, escape};
pub use message::{AsInstant, Bare, Html, Message, Mode, Plain};
pub use number::{Count, grouped};
pub(crate) use visible::token;
pub use visible::{is_invisible, visible};

use std::sync::Arc;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use jiff::tz::TimeZone;

/// The direction in which a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dir {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Dir {
    /// Returns the value of the HTML attribute `dir`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }

    /// Returns the direction of a language by its tag; of an unknown one, left to right.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let language = tag.split('-').next().unwrap_or_default();
        let rtl = ["ar", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];
        if rtl.iter().any(|known| language.eq_ignore_ascii_case(known)) {
            Self::Rtl
        } else {
            Self::Ltr
        }
    }
}

pub(crate) type Bundle = FluentBundle<Arc<FluentResource>>;

/// One language ready to speak: its messages, direction and number shape.
///
/// Invariant: only [`Catalogue`] makes one, so its messages have been parsed.
pub struct Locale {
    tag: Box<str>,
    dir: Dir,
    pub(crate) isolating: Bundle,
    pub(crate) bare: Bundle,
    pub(crate) fallback: Option<Arc<Locale>>,
    zone: TimeZone,
}

impl std::fmt::Debug for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locale")
            .field("tag", &self.tag)
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl Locale {
    /// Returns the BCP 47 tag, which is also the first part of every address.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns the direction of the page.
    #[must_use]
    pub const fn dir(&self) -> Dir {
        self.dir
    }

    /// Returns the zone in which deadlines are shown beside UTC.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Returns a message as markup: values escaped and isolated, a fallback marked as English.
    pub fn say(&self, id: impl AsRef<str>) -> Message<'_, Html> {
        Message::new(self, id.as_ref())
    }

    /// Returns a message as plain text with isolation marks, for attributes, titles and mail.
    pub fn text(&self, id: impl AsRef<str>) -> Message<'_, Plain> {
        Message::new(self, id.as_ref())
    }

    /// Returns a message as plain text without isolation marks, for headers, feeds, JSON and files.
    pub fn bare(&self, id: impl AsRef<str>) -> Message<'_, Bare> {
        Message::new(self, id.as_ref())
    }

    /// Returns whether this language itself, not its fallback, has the message.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.isolating.get_message(id).is_some_and(|message| message.value().is_some())
    }

    /// Returns whether this language or its fallback has the message.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.has(id) || self.fallback.as_ref().is_some_and(|source| source.has(id))
    }

    /// Returns the word of a key that others may extend, `<family>-<key>`; an unknown key as it is.
    #[must_use]
    pub fn word(&self, family: &str, key: impl std::fmt::Display) -> Markup {
        let key = key.to_string();
        let id = format!("{family}-{key}");
        if self.knows(&id) {
            self.say(id).markup()
        } else {
            Markup::trusted(format!("<bdi dir=\"ltr\">{}</bdi>", visible(&key)))
        }
    }

    /// Returns a count with the digits grouped as the language does.
    #[must_use]
    pub fn number(&self, count: impl Count) -> String {
        grouped(count.count(), number::Grouping::of(&self.tag))
    }
}
