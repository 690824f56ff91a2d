//! The published document: what an advisory is, how its versions follow one another, what changed.
//!
//! ```text
//! draft (v0) ──publish──► published v1 ──correct──► v2 … vn ──withdraw──► withdrawn vn+1
//! ```
//!
//! [`Advisory`] is plain data as it is stored and sent (`comity.advisory/1`); [`Checked`] is the proof
//! that [`Advisory::check`] found nothing, and what exporters and stores ask for. Withdrawn is an end:
//! the text stays readable beside its reason. Not here: who may publish, embargo, foreign formats.

mod check;
pub mod content;
mod diff;
pub mod limits;
pub mod severity;

use comity_ledger::json::{JsonError, Limits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::refusal::{Refusal, child};

pub use check::Checked;
pub use content::Content;
pub use diff::{Change, ChangeKind, diff};

/// An advisory in one version, as stored and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Always `comity.advisory/1`.
    pub schema: Schema,
    /// Id of the case it closes: `<hub>-<year>-<serial>`.
    pub id: String,
    /// The hub that publishes.
    pub publisher: Publisher,
    /// Who may read it; what is published is `CLEAR`.
    pub tlp: Tlp,
    /// Where it stands.
    pub status: Status,
    /// 0 as a draft, then 1, 2, 3, …
    pub version: u32,
    /// When the draft was begun.
    pub drafted_at: Timestamp,
    /// One entry a published version, first to last.
    #[serde(default)]
    pub revisions: Vec<Revision>,
    /// Why it no longer holds; only when withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// What it says.
    pub content: Content,
}

/// The schema of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schema {
    /// The only one so far.
    #[serde(rename = "comity.advisory/1")]
    V1,
}

/// Where an advisory stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not published.
    Draft,
    /// Published and in force.
    Published,
    /// Published once, no longer in force.
    Withdrawn,
}

/// Traffic Light Protocol 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tlp {
    /// Everybody.
    #[serde(rename = "CLEAR")]
    Clear,
    /// The community.
    #[serde(rename = "GREEN")]
    Green,
    /// Organisation and clients, as needed.
    #[serde(rename = "AMBER")]
    Amber,
    /// Organisation only.
    #[serde(rename = "AMBER+STRICT")]
    AmberStrict,
    /// The named persons only.
    #[serde(rename = "RED")]
    Red,
}

/// The hub that publishes, as readers and other formats need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Its id, with which the advisory's begins.
    pub hub: String,
    /// Its name.
    pub name: String,
    /// Its address: https.
    pub namespace: String,
    /// What it is.
    pub category: PublisherCategory,
    /// How to reach it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// What a publisher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublisherCategory {
    /// Coordinates between finders and vendors.
    Coordinator,
    /// Finds flaws.
    Discoverer,
    /// Makes the product.
    Vendor,
    /// None of these.
    Other,
}

/// What one version brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The version; they count 1, 2, 3.
    pub version: u32,
    /// When it was published; later than the one before.
    pub at: Timestamp,
    /// What sort of change.
    pub kind: RevisionKind,
    /// What changed and why, for readers.
    pub summary: String,
}

/// What sort of change a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionKind {
    /// First publication.
    Initial,
    /// New facts; the old text was right when written.
    Update,
    /// The old text was wrong.
    Correction,
    /// It no longer holds.
    Withdrawal,
}

/// Why an advisory no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The reason, for readers.
    pub reason: String,
    /// Id of the advisory that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// What a new version changes: facts that are new, or a text that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correcting {
    /// New facts.
    Facts,
    /// A mistake.
    Mistake,
}

impl Advisory {
    /// Returns a draft: version 0, `AMBER` until it is published.
    #[must_use]
    pub fn draft(id: String, publisher: Publisher, content: Content, now: Timestamp) -> Self {
        Self {
            schema: Schema::V1,
            id,
            publisher,
            tlp: Tlp::Amber,
            status: Status::Draft,
            version: 0,
            drafted_at: now,
            revisions: Vec::new(),
            withdrawal: None,
            content,
        }
    }

    /// Reads a document and checks it; every refusal names its place.
    pub fn parse(bytes: &[u8]) -> Result<Checked, Vec<Refusal>> {
        let value =
            comity_ledger::json::parse(bytes, &PROFILE).map_err(|error| vec![unread(error)])?;
        Self::from_value(value)?.checked()
    }

    /// Reads the members of a document without checking their meaning.
    pub fn from_value(value: Value) -> Result<Self, Vec<Refusal>> {
        serde_path_to_error::deserialize(value).map_err(|error| vec![misfit(&error)])
    }

    /// Returns the first version: the draft published as `CLEAR`.
    pub fn publish(mut self, summary: String, now: Timestamp) -> Result<Checked, Vec<Refusal>> {
        if self.status != Status::Draft {
            return Err(vec![Refusal::new("advisory-not-draft", "/status")]);
        }
        self.status = Status::Published;
        self.tlp = Tlp::Clear;
        self.next(RevisionKind::Initial, summary, now);
        self.checked()
    }

    fn next(&mut self, kind: RevisionKind, summary: String, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.revisions.push(Revision { version: self.version, at: now, kind, summary });
    }

    /// Returns when the advisory was first published.
    #[must_use]
    pub fn published_at(&self) -> Option<Timestamp> {
        self.revisions.first().map(|revision| revision.at)
    }

    /// Returns when it was last changed: its newest version, or the beginning of the draft.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.revisions.last().map_or(self.drafted_at, |revision| revision.at)
    }

    /// Returns the versions that say the text before them was wrong, first to last.
    pub fn corrections(&self) -> impl Iterator<Item = &Revision> {
        self.revisions.iter().filter(|revision| revision.kind == RevisionKind::Correction)
    }
}

impl Checked {
    /// Returns the next version with other content.
    pub fn correct(
        &self,
        content: Content,
        why: Correcting,
        summary: String,
        now: Timestamp,
    ) -> Result<Self, Vec<Refusal>> {
        let kind = match why {
            Correcting::Facts => RevisionKind::Update,
            Correcting::Mistake => RevisionKind::Correction,
        };
        let mut next = self.in_force()?.clone();
        next.content = content;
        next.next(kind, summary, now);
        next.checked()
    }

    /// Returns the last version: the same content, no longer in force.
    pub fn withdraw(&self, withdrawal: Withdrawal, now: Timestamp) -> Result<Self, Vec<Refusal>> {
        let mut next = self.in_force()?.clone();
        let summary = withdrawal.reason.clone();
        next.status = Status::Withdrawn;
        next.withdrawal = Some(withdrawal);
        next.next(RevisionKind::Withdrawal, summary, now);
        next.checked()
    }

    fn in_force(&self) -> Result<&Advisory, Vec<Refusal>> {
        match self.status {
            Status::Published => Ok(self),
            Status::Draft => Err(vec![Refusal::new("advisory-not-published", "/status")]),
            Status::Withdrawn => Err(vec![Refusal::new("advisory-withdrawn", "/status")]),
        }
    }
}

impl Content {
    /// Returns the SHA-256, in hexadecimal, of the texts a translator translates, each with its length
    /// before it, so that no two different sets of texts give one hash.
    #[must_use]
    pub fn source_sha256(&self) -> String {
        let mut hash = Sha256::new();
        let description = self.detail.description().unwrap_or_default();
        let remedies = self.remedies.iter().map(|remedy| remedy.text.as_str());
        for text in [self.title.as_str(), &self.summary, description].into_iter().chain(remedies) {
            hash.update(format!("{}:", text.len()));
            hash.update(text);
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// Returns the translations with whether each is stale: made of texts that have changed since.
    pub fn translations_with_staleness(
        &self,
    ) -> impl Iterator<Item = (&content::Translation, bool)> {
        let source = self.source_sha256();
        self.translations
            .iter()
            .map(move |translation| (translation, translation.source_sha256 != source))
    }

    /// Returns the keys of the rows a remedy is for.
    pub fn rows_of<'a>(&'a self, remedy: &'a content::Remedy) -> impl Iterator<Item = &'a str> {
        self.products
            .iter()
            .filter(|row| row.status.takes_remedy())
            .filter(|row| remedy.products.is_empty() || remedy.products.contains(&row.key))
            .map(|row| row.key.as_str())
    }
}

/// Returns the numbers of a version made of 1–6 dotted numbers and nothing else, without the zeros at
/// its end, so that `4.0` and `4` compare equal.
#[must_use]
pub fn version_numbers(version: &str) -> Option<Vec<u64>> {
    let number = |part: &str| {
        let plain = (1..=15).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'));
        plain.then(|| part.parse::<u64>().ok()).flatten()
    };
    let mut numbers: Vec<u64> = version.split('.').map(number).collect::<Option<_>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    (version.split('.').count() <= 6).then_some(numbers)
}

/// The strict profile an advisory is read under: no floats, so that every reader sees the same numbers.
const PROFILE: Limits =
    Limits { bytes_max: limits::BYTES_MAX, depth_max: 16, keys_max: 256, floats: false };

fn unread(error: JsonError) -> Refusal {
    let code = match error {
        JsonError::TooDeep => "too-deep",
        JsonError::TooLarge => "too-large",
        JsonError::DuplicateKey
        | JsonError::Number
        | JsonError::Syntax
        | JsonError::TooManyKeys => "json-invalid",
    };
    Refusal::new(code, "")
}

/// Names the cause of a document that does not fit the types. `serde` says it in words only; the four
/// openings of those words are pinned by a test.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    use serde_path_to_error::Segment;
    let pointer = error.path().iter().fold(String::new(), |base, segment| match segment {
        Segment::Seq { index } => format!("{base}/{index}"),
        Segment::Map { key } => child(&base, key),
        Segment::Enum { .. } | Segment::Unknown => base,
    });
    let words = error.inner().to_string();
    let named = words.split('`').nth(1).unwrap_or_default();
    let code = if words.starts_with("unknown field") {
        "field-unknown"
    } else if words.starts_with("missing field") {
        return Refusal::new("field-missing", child(&pointer, named));
    } else if words.starts_with("unknown variant") {
        if pointer == "/schema" { "schema-unsupported" } else { "value-unknown" }
    } else {
        "field-type"
    };
    Refusal::new(code, pointer)
}

#[cfg(test)]
mod tests;
