//! The terms of a report before it is filed: who would read it, which clocks start, how long it may be
//! kept, under which safe harbour (portal.md, PO-17, PO-18 and section 8 `report preview`).
//!
//! What is shown before submitting and what the receipt promises afterwards come from the same call
//! with the same instant, so they are equal by construction. The digest names the terms, not the
//! moment: people take minutes to read. Not here: duties under law (`law`) and the receipt's signature.

use comity_ledger::canonical;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::report;

/// What a hub promises to everyone who reports to it: versioned data of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The hub's id.
    pub hub: String,
    /// The hub's name as people know it.
    pub name: String,
    /// Where the hub's organisation is established, an ISO 3166-1 code or fictional.
    pub jurisdiction: String,
    /// Grows with each change of anything here.
    pub version: u32,
    /// Hours within which a person acknowledges a report.
    pub acknowledge_hours: u32,
    /// Days of silence when nobody proposes other terms (case-protocol.md, CP-47).
    pub embargo_days: u32,
    /// Years after closing at which a report is erased.
    pub retention_years: u32,
    /// Whether the hub is under a law that may open its records to the public.
    pub public_records: bool,
    /// Languages in which the safe harbour is authentic.
    pub authentic: Vec<String>,
    /// SHA-256 of the authentic safe-harbour text, lower-case hex.
    pub safe_harbour_sha256: String,
}

/// The whole preview, `comity.report-preview/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// When it was asked.
    pub at: Timestamp,
    /// What will be due, by when, of whom; sorted by due, id.
    pub clocks: Vec<ClockTerm>,
    /// Names the terms: `sha256:` and hex.
    pub digest: String,
    /// The default silence.
    pub embargo: EmbargoTerm,
    /// What happens to the finder's identity.
    pub identity: IdentityTerm,
    /// Who reads it; sorted by after, hub.
    pub recipients: Vec<Recipient>,
    /// How long it is kept.
    pub retention: Retention,
    /// The promise not to sue.
    pub safe_harbour: SafeHarbour,
    /// Always `comity.report-preview/1`.
    pub schema: String,
}

/// One clock that starts with the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockTerm {
    /// Where the promise stands, for example `policy/3`.
    pub basis: String,
    /// Whose clock it is.
    pub bearer: String,
    /// When it runs out.
    pub due: Timestamp,
    /// What is due, for example `acknowledge`.
    pub id: String,
    /// The length as an ISO 8601 duration.
    pub within: String,
}

/// The silence that holds unless other terms are agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbargoTerm {
    /// ISO 8601 duration.
    pub length: String,
    /// The end, if filed at `at`.
    pub until: Timestamp,
}

/// To whom the finder's identity goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityTerm {
    /// `lead`, `vendors`, as the finder chose; empty means nobody.
    pub forwarded_to: Vec<String>,
}

/// What a report says of its finder, and who may learn it by the finder's own choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Given only to be answered; the hub opens it for that alone.
    ForAnswers,
    /// Whoever leads the case may learn it.
    ForLead,
    /// The vendors may learn it, too.
    ForVendors,
    /// The report says nothing of who its finder is.
    Withheld,
}

impl Identity {
    /// Returns what a report says of its finder together with the choice the finder made of who may learn it;
    /// without a choice, nobody.
    #[must_use]
    pub fn of(identity: Option<&report::Identity>, choice: Option<&str>) -> Self {
        let told = identity.is_some_and(|identity| {
            [&identity.name, &identity.contact, &identity.credit]
                .into_iter()
                .flatten()
                .any(|text| !text.trim().is_empty())
        });
        match choice {
            _ if !told => Self::Withheld,
            Some("lead") => Self::ForLead,
            Some("vendors") => Self::ForVendors,
            Some(_) | None => Self::ForAnswers,
        }
    }

    /// Returns who learns it beside the hub that answers, by the keys of the form's choices.
    #[must_use]
    pub const fn forwarded_to(self) -> &'static [&'static str] {
        match self {
            Self::ForAnswers | Self::Withheld => &[],
            Self::ForLead => &["lead"],
            Self::ForVendors => &["lead", "vendors"],
        }
    }
}

/// One organisation that would read some of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// How long after filing.
    pub after: String,
    /// Why.
    pub basis: String,
    /// Ids of protections that reading would break.
    pub breaks: Vec<String>,
    /// Which compartments.
    pub compartments: Vec<String>,
    /// Its hub.
    pub hub: String,
    /// Whether it learns who filed.
    pub identity: bool,
    /// Its jurisdiction.
    pub jurisdiction: String,
    /// Its name.
    pub name: String,
    /// What it must then tell others.
    pub onward: Vec<Value>,
    /// Whether its records can be opened under a public-records law.
    pub public_records: bool,
}

/// How long the report is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// ISO 8601 duration.
    pub after: String,
    /// From which event.
    pub from: String,
}

/// Which safe-harbour text is promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeHarbour {
    /// Languages whose text decides.
    pub authentic: Vec<String>,
    /// The language it was shown in.
    pub lang: String,
    /// Hash of the authentic text.
    pub text_sha256: String,
    /// Its version.
    pub version: u32,
}

/// Which compartments of a report hold something, in the order they are shown.
pub const COMPARTMENTS: [&str; 7] =
    ["abstract", "affected", "technical", "reproduction", "evidence", "identity", "deliberation"];

/// Returns the terms under which a report with these compartments would be filed at `at`.
///
/// `compartments` are those the report fills; `lang` is the language of the page.
#[must_use]
pub fn preview(
    policy: &Policy,
    compartments: &[String],
    identity: Identity,
    lang: &str,
    at: Timestamp,
) -> Preview {
    let basis = format!("policy/{}", policy.version);
    let mut terms = Preview {
        at,
        clocks: vec![ClockTerm {
            basis: basis.clone(),
            bearer: policy.hub.clone(),
            due: plus_hours(at, policy.acknowledge_hours),
            id: "acknowledge".to_owned(),
            within: format!("PT{}H", policy.acknowledge_hours),
        }],
        digest: String::new(),
        embargo: EmbargoTerm {
            length: format!("P{}D", policy.embargo_days),
            until: plus_hours(at, policy.embargo_days.saturating_mul(24)),
        },
        identity: IdentityTerm {
            forwarded_to: identity.forwarded_to().iter().map(|who| (*who).to_owned()).collect(),
        },
        recipients: vec![Recipient {
            after: "PT0S".to_owned(),
            basis,
            breaks: Vec::new(),
            compartments: read_by_hub(compartments),
            hub: policy.hub.clone(),
            identity: identity != Identity::Withheld,
            jurisdiction: policy.jurisdiction.clone(),
            name: policy.name.clone(),
            onward: Vec::new(),
            public_records: policy.public_records,
        }],
        retention: Retention {
            after: format!("P{}Y", policy.retention_years),
            from: "case-closed".to_owned(),
        },
        safe_harbour: SafeHarbour {
            authentic: policy.authentic.clone(),
            lang: lang.to_owned(),
            text_sha256: policy.safe_harbour_sha256.clone(),
            version: policy.version,
        },
        schema: "comity.report-preview/1".to_owned(),
    };
    terms.digest = digest(&terms);
    terms
}

/// The identity compartment is named by the flag `identity`, not among what the hub's staff reads.
fn read_by_hub(compartments: &[String]) -> Vec<String> {
    COMPARTMENTS
        .iter()
        .filter(|name| **name != "identity" && compartments.iter().any(|filled| filled == **name))
        .map(|name| (*name).to_owned())
        .collect()
}

fn plus_hours(at: Timestamp, hours: u32) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Timestamp::MAX)
}

/// Returns `sha256:` and the hash of the terms: the RFC 8785 form without `schema`, `at`, `digest` and
/// every `due`, `until` and `lang`.
#[must_use]
pub fn digest(terms: &Preview) -> String {
    let mut value = serde_json::to_value(terms).unwrap_or(Value::Null);
    if let Value::Object(members) = &mut value {
        for name in ["schema", "at", "digest"] {
            members.remove(name);
        }
    }
    strip_moments(&mut value);
    let bytes = canonical::print(&value).unwrap_or_default();
    format!("sha256:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)))
}

fn strip_moments(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !matches!(name.as_str(), "due" | "until" | "lang"));
            members.values_mut().for_each(strip_moments);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_moments),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norvik() -> Policy {
        Policy {
            hub: "nv".into(),
            name: "CERT Norvik".into(),
            jurisdiction: "NV".into(),
            version: 3,
            acknowledge_hours: 72,
            embargo_days: 45,
            retention_years: 2,
            public_records: true,
            authentic: vec!["en".into()],
            safe_harbour_sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(b"")),
        }
    }

    fn filled() -> Vec<String> {
        ["technical", "abstract", "affected"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_example_of_the_design_comes_out_with_its_digest() {
        let at = "2027-01-05T12:00:00Z".parse().unwrap();
        let terms = preview(&norvik(), &filled(), Identity::Withheld, "sw", at);
        assert_eq!(
            terms.digest,
            "sha256:7b6846d058a2ac3abc5e6569aeb07c09f47f374b79d31fc40dc861a4d81c5cf1"
        );
        assert_eq!(terms.embargo.until, "2027-02-19T12:00:00Z".parse().unwrap());
        assert_eq!(terms.clocks[0].due, "2027-01-08T12:00:00Z".parse().unwrap());
    }

    #[test]
    fn the_digest_names_the_terms_and_not_the_moment() {
        let at = |policy: &Policy, identity, lang, at: &str| {
            preview(policy, &filled(), identity, lang, at.parse().unwrap()).digest
        };
        let (first, later) = ("2027-01-05T12:00:00Z", "2027-01-06T12:00:00Z");
        let digest = at(&norvik(), Identity::Withheld, "en", first);
        assert_eq!(digest, at(&norvik(), Identity::Withheld, "ar", later));
        let mut changed = norvik();
        changed.embargo_days = 90;
        assert_ne!(digest, at(&changed, Identity::Withheld, "en", first));
        let mut seen = vec![digest];
        for identity in [Identity::ForAnswers, Identity::ForLead, Identity::ForVendors] {
            let other = at(&norvik(), identity, "en", first);
            assert!(!seen.contains(&other), "{identity:?} is a term of its own");
            seen.push(other);
        }
    }

    #[test]
    fn a_report_without_name_or_address_says_nothing_of_its_finder() {
        let check = |identity: Value, choice, expected| {
            let read: report::Identity = serde_json::from_value(identity).unwrap();
            assert_eq!(Identity::of(Some(&read), choice), expected, "{read:?} {choice:?}");
        };
        assert_eq!(Identity::of(None, Some("lead")), Identity::Withheld);
        let address = || serde_json::json!({ "anonymous": true, "contact": "f@example.org" });
        check(serde_json::json!({ "anonymous": true }), None, Identity::Withheld);
        check(serde_json::json!({ "anonymous": true }), Some("vendors"), Identity::Withheld);
        check(serde_json::json!({ "country": "KE", "name": " " }), None, Identity::Withheld);
        check(address(), None, Identity::ForAnswers);
        check(address(), Some("nobody"), Identity::ForAnswers);
        check(address(), Some("lead"), Identity::ForLead);
        check(serde_json::json!({ "credit": "Ada" }), Some("vendors"), Identity::ForVendors);
    }
}
