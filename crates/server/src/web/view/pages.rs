//! The smaller public pages: corrections, policy, contact, privacy, accessibility, lexicon, and the
//! pages for what is not there, what failed and what is too much at once.

use jiff::Timestamp;

use crate::i18n::{Duration, Locale, Markup, escape, visible};
use crate::web::markdown::advisory_body;
use crate::web::visible::Foreign;

use super::page;

/// What was corrected or officially stated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectionsView {
    /// The newest first.
    pub items: Vec<CorrectionItem>,
}

/// One correction, withdrawal or statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionItem {
    /// The advisory it is about.
    pub id: String,
    /// The version that brought it.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Whether the advisory was withdrawn by it.
    pub withdrawn: bool,
    /// The advisory's title.
    pub title: Foreign,
    /// What changed and why.
    pub what: Foreign,
}

page!(CorrectionsView, CorrectionsTemplate, "corrections.html");

/// The safe harbour in the version that is pinned to a policy or a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHarbour {
    /// Its version.
    pub version: u32,
    /// The text, byte for byte as hashed.
    pub text: Foreign,
    /// The languages whose text decides.
    pub authentic: Vec<String>,
    /// SHA-256 of the authentic text, in hex.
    pub sha256: String,
}

impl SafeHarbour {
    /// Returns the text as markup, in its own language.
    #[must_use]
    pub fn words(&self) -> Markup {
        let body = advisory_body(&self.text.text);
        Markup::trusted(format!(
            "<div class=\"prose\" lang=\"{}\" dir=\"auto\">{}</div>",
            escape(self.text.language()),
            body.as_str()
        ))
    }

    /// Returns whether the text shown is a translation.
    #[must_use]
    pub fn is_translation(&self) -> bool {
        self.text.lang.as_ref().is_some_and(|lang| !self.authentic.contains(lang))
    }
}

/// The policy of the hub in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyView {
    /// The version shown.
    pub version: u32,
    /// The newest version.
    pub latest: u32,
    /// Since when it is in force.
    pub since: Option<Timestamp>,
    /// How soon reports are acknowledged.
    pub acknowledge: Duration,
    /// The embargo by default.
    pub embargo: Duration,
    /// How long reports are kept after their case is closed.
    pub retention: Duration,
    /// The safe harbour, if there is one.
    pub safe_harbour: Option<SafeHarbour>,
    /// The whole text of the policy as markup, if it has one beyond its promises.
    pub body: Option<Markup>,
    /// The language of that text.
    pub body_lang: String,
    /// SHA-256 of the policy document, in hex.
    pub sha256: String,
}

page!(PolicyView, PolicyTemplate, "policy.html");

/// Nothing here, or nothing for this reader: the same page for both (PO-01).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotFoundView;

#[derive(askama::Template)]
#[template(path = "not_found.html")]
struct NotFoundTemplate<'a> {
    t: &'a crate::i18n::Locale,
    chrome: &'a crate::web::Chrome,
}

impl crate::web::Page for NotFoundView {
    fn page(&self, chrome: &crate::web::Chrome, t: &crate::i18n::Locale) -> String {
        use askama::Template as _;
        NotFoundTemplate { t, chrome }.render().unwrap_or_default()
    }
}

/// Whether what was sent is kept although the answer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nothing was kept.
    NotStored,
    /// It was kept.
    Stored,
}

/// A fault of ours (PO-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultView {
    /// The number that finds it in the hub's log.
    pub incident: String,
    /// Whether what was sent is kept.
    pub stored: Stored,
    /// The answers that were sent, to be kept by the reader: a JSON text.
    pub answers: Option<String>,
}

impl FaultView {
    fn is_stored(&self) -> bool {
        self.stored == Stored::Stored
    }

    fn download(&self) -> Option<String> {
        self.answers.as_deref().map(data_address)
    }
}

page!(FaultView, FaultTemplate, "fault.html");

/// Too many reports at once: the answers stay with the reader (PO-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusyView {
    /// When to try again.
    pub retry_after_seconds: u32,
    /// Where to send the answers again, without the language; none if nothing was sent.
    pub action: Option<String>,
    /// The answers as fields, sent again by the button.
    pub fields: Vec<(String, String)>,
    /// The answers to be kept by the reader: a JSON text.
    pub answers: Option<String>,
}

impl BusyView {
    fn download(&self) -> Option<String> {
        self.answers.as_deref().map(data_address)
    }

    /// Rounds up, so that nobody comes too early.
    const fn minutes(&self) -> u32 {
        self.retry_after_seconds.div_ceil(60)
    }
}

page!(BusyView, BusyTemplate, "busy.html");

/// Returns an address that holds a JSON text itself: it can be saved without asking any server.
pub(super) fn data_address(json: &str) -> String {
    format!("data:application/json;base64,{}", data_encoding::BASE64.encode(json.as_bytes()))
}

/// Returns an address that holds a text itself.
pub(super) fn text_address(text: &str) -> String {
    let coded = data_encoding::BASE64.encode(text.as_bytes());
    format!("data:text/plain;charset=utf-8;base64,{coded}")
}

/// Returns where a promise stands, in words if it is the hub's own policy.
pub(super) fn basis(t: &Locale, basis: &str) -> Markup {
    let version = basis.strip_prefix("policy/").and_then(|version| version.parse::<u32>().ok());
    match version {
        Some(version) => {
            let words = t.say("basis-policy").count("version", version).markup();
            let (tag, words) = (t.tag(), words.as_str());
            Markup::trusted(format!("<a href=\"/{tag}/policy/v{version}\">{words}</a>"))
        }
        None => Markup::trusted(format!("<bdi dir=\"ltr\">{}</bdi>", visible(basis))),
    }
}

/// How to reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactView {
    /// The address for security matters, `mailto:` or `https:`.
    pub addresses: Vec<String>,
    /// Where the key lies.
    pub key: Option<String>,
    /// How soon a person answers.
    pub answer_within: Duration,
}

impl ContactView {
    fn links(&self) -> impl Iterator<Item = (&str, &str)> {
        let safe =
            |address: &&String| address.starts_with("mailto:") || address.starts_with("https://");
        self.addresses
            .iter()
            .filter(safe)
            .map(|address| (address.as_str(), address.strip_prefix("mailto:").unwrap_or(address)))
    }
}

page!(ContactView, ContactTemplate, "contact.html");

/// What is kept about whom, how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyView {
    /// How long reports are kept after their case is closed.
    pub retention: Duration,
    /// The jurisdiction whose law the hub is under.
    pub jurisdiction: String,
    /// Whether its public-records law may reach reports.
    pub public_records: bool,
}

page!(PrivacyView, PrivacyTemplate, "privacy.html");

/// How accessible the pages are, and whom to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessibilityView {
    /// How soon a person answers.
    pub answer_within: Duration,
}

page!(AccessibilityView, AccessibilityTemplate, "accessibility.html");

/// All terms of the lexicon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexiconView {
    /// The version of the lexicon.
    pub version: String,
    /// What was searched for.
    pub query: String,
    /// The terms, by family or axis.
    pub groups: Vec<TermGroup>,
}

/// Terms that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermGroup {
    /// The name of the family or axis.
    pub name: Foreign,
    /// Its terms.
    pub terms: Vec<TermItem>,
}

/// One term in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermItem {
    /// Its key.
    pub id: String,
    /// Its label.
    pub name: Foreign,
    /// What it means.
    pub definition: Foreign,
}

page!(LexiconView, LexiconTemplate, "lexicon.html");

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexiconTermView {
    /// The version of the lexicon.
    pub version: String,
    /// The term.
    pub term: TermItem,
    /// Where other frameworks say the same: `atlas@5.6.0:AML.T0020`.
    pub references: Vec<String>,
}

page!(LexiconTermView, LexiconTermTemplate, "lexicon_term.html");
