//! What case, report, log and agreements already say about an exchange, with the reason for each answer.
//!
//! A finding is exact (a person may raise it) or a lower bound (a person answers, and not below it). What
//! nothing is known about stays unknown: nothing is defaulted. Not here: gathering the facts, and the
//! questions that only people can answer.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::instant::Instant;
use super::machine::{MachineFacts, ReaderRisk, ThirdParty};
use super::word::Question;
use crate::lexicon::terms::terms;

terms! {
    /// How sure a finding is.
    Certainty { AtLeast = "at_least", Exact = "exact" }
}

/// One answer that follows from facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The level.
    pub level: u8,
    /// How sure.
    pub certainty: Certainty,
    /// Why, as a stable word.
    pub reason: &'static str,
}

/// What a report says of itself, as far as questions turn on it.
///
/// Taken from the members of `comity.report/1`; what the report does not say is false or empty here and
/// leads to no finding by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts that hold or not, each by itself")]
pub struct ReportTraits {
    /// Weights were given out: nobody can call them back.
    pub has_open_weights: bool,
    /// Every artefact is reached through an interface its supplier runs.
    pub is_hosted: bool,
    /// A payload is in it.
    pub has_payload: bool,
    /// Steps are in it.
    pub has_steps: bool,
    /// The kinds of its pieces of evidence.
    pub evidence: Vec<String>,
    /// The media types of its pieces of evidence and files.
    pub media_types: Vec<String>,
    /// It says something of how to fix it.
    pub has_remedy_note: bool,
    /// It holds material that is prohibited.
    pub has_prohibited: bool,
    /// Others than the finder are concerned.
    pub concerns_others: bool,
    /// An essential service is concerned.
    pub is_essential: bool,
    /// It was imported from a public record.
    pub is_imported: bool,
    /// Exploiting it is trivial (`Some(true)`), practical or hard; unknown without an assessment.
    pub ease: Option<Ease>,
}

terms! {
    /// How easy it is to exploit, as assessed.
    Ease { Hard = "hard", Practical = "practical", Trivial = "trivial" }
}

/// What the recipient is to the flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixer {
    /// The only vendor that still has to fix it.
    Alone,
    /// One of the vendors that still have to fix it.
    Among,
    /// It deploys what a vendor fixes.
    Deployer,
    /// It coordinates.
    Coordinator,
    /// It supervises.
    Authority,
    /// It has fixed it, or has nothing to fix.
    None,
}

/// What the case says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of the case that hold or not")]
pub struct Remedied {
    /// Every vendor that has to has deployed its fix.
    pub is_deployed: bool,
    /// Every vendor that has to has a fix.
    pub is_ready: bool,
    /// The flaw is public.
    pub is_public: bool,
    /// An exploit is public.
    pub is_exploited_publicly: bool,
}

/// All that findings follow from.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    /// The report.
    pub traits: &'k ReportTraits,
    /// The case.
    pub remedied: Remedied,
    /// The recipient.
    pub fixer: Fixer,
    /// What log, law and terms say.
    pub machine: MachineFacts,
    /// Passes made for this recipient in this case and in others.
    pub sent: (usize, usize),
}

/// Domains whose failure endangers many at once.
const ESSENTIAL: [&str; 7] = [
    "energy",
    "finance",
    "healthcare",
    "public_administration",
    "telecom_digital_infrastructure",
    "transport",
    "water",
];

impl ReportTraits {
    /// Reads the traits of a report; `files` are the media types of what is attached beside it.
    #[must_use]
    pub fn of(report: &Value, files: &[String]) -> Self {
        let list = |pointer: &str| {
            report.pointer(pointer).and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
        };
        let has_text = |pointer: &str| {
            report.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        let text = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let artefacts = list("/affected/artefacts");
        let is_weights = |artefact: &Value| {
            text(artefact, "surface") == "weights"
                || matches!(&*text(artefact, "kind"), "model_weights" | "fine_tuned_adapter")
        };
        let is_api = |artefact: &Value| {
            matches!(&*text(artefact, "surface"), "api" | "chat")
                || text(artefact, "kind") == "model_api_service"
        };
        let evidence = list("/evidence/items");
        let has_word = |pointer: &str, words: &[&str]| {
            list(pointer).iter().filter_map(Value::as_str).any(|word| words.contains(&word))
        };
        let ease = list("/assessments").iter().rev().find_map(|assessment| {
            Ease::parse(assessment.pointer("/inputs/ease").and_then(Value::as_str)?)
        });
        let mut media_types: Vec<String> =
            evidence.iter().map(|item| text(item, "media_type")).collect();
        media_types.extend(files.iter().cloned());
        Self {
            has_open_weights: artefacts.iter().any(is_weights),
            is_hosted: !artefacts.is_empty() && artefacts.iter().all(is_api),
            has_payload: has_text("/reproduction/payload"),
            has_steps: has_text("/reproduction/steps"),
            evidence: evidence.iter().map(|item| text(item, "kind")).collect(),
            media_types,
            has_remedy_note: has_text("/remedies/note"),
            has_prohibited: report.pointer("/reproduction/prohibited_material")
                == Some(&Value::Bool(true)),
            concerns_others: has_word("/technical/subjects", &["other_users", "third_parties"]),
            is_essential: has_word("/affected/domains", &ESSENTIAL),
            is_imported: report.get("source").is_some(),
            ease,
        }
    }

    /// Returns what opening the object may do to its reader (C6).
    #[must_use]
    pub fn reader_risk(&self) -> ReaderRisk {
        let is_armed = |media: &String| {
            let media = media.as_str();
            !(media.starts_with("text/") || media.starts_with("image/") || media.ends_with("/json"))
        };
        if self.media_types.iter().any(is_armed) {
            ReaderRisk::Armed
        } else if self.has_payload || !self.media_types.is_empty() {
            ReaderRisk::Suspicious
        } else if self.has_steps {
            ReaderRisk::Inert
        } else {
            ReaderRisk::None
        }
    }

    /// Returns what the terms of third parties say, by where the report is from (B6).
    #[must_use]
    pub const fn third_party(&self) -> ThirdParty {
        if self.is_imported { ThirdParty::Attribution } else { ThirdParty::None }
    }

    /// Whether the object is words alone: no evidence, no payload, no file.
    #[must_use]
    pub fn is_text_only(&self) -> bool {
        !self.has_payload && self.evidence.is_empty() && self.media_types.is_empty()
    }
}

/// Every reason a finding gives.
const REASONS: [&str; 31] = [
    "asset-evidence",
    "authority",
    "classes",
    "coordinator",
    "deployer",
    "essential-service",
    "exploit-public",
    "files",
    "fix-deployed",
    "fixer",
    "hosted",
    "no-remedy-text",
    "not-deployed",
    "nothing-sent",
    "nothing-to-fix",
    "only-fixer",
    "open-weights",
    "others-in-evidence",
    "packs",
    "past-shares",
    "practical-unpatched",
    "prohibited-material",
    "public",
    "sent-before",
    "sent-in-case",
    "sent-in-case-and-before",
    "source",
    "text-only",
    "trivial",
    "trivial-unpatched",
    "unpatched",
];

/// Returns the reason that a record names.
pub(super) fn reason(text: &str) -> Option<&'static str> {
    REASONS.into_iter().find(|reason| *reason == text)
}

const fn exact(level: u8, reason: &'static str) -> Finding {
    Finding { level, certainty: Certainty::Exact, reason }
}

const fn at_least(level: u8, reason: &'static str) -> Finding {
    Finding { level, certainty: Certainty::AtLeast, reason }
}

impl Known<'_> {
    /// Returns what follows at an instant.
    #[must_use]
    pub fn findings(&self, at: Instant) -> BTreeMap<Question, Finding> {
        let machine = self.machine.answers(at);
        let reasons = [
            (Question::B6, "source"),
            (Question::C2, "packs"),
            (Question::C3, "classes"),
            (Question::C5, "past-shares"),
        ];
        let reason = |question| {
            let found = reasons.into_iter().find(|(one, _)| *one == question);
            found.map_or("files", |(_, reason)| reason)
        };
        let mut found: BTreeMap<Question, Finding> = machine
            .into_iter()
            .map(|(question, level)| (question, exact(level, reason(question))))
            .collect();
        let more = [
            (Question::A4, self.capability_of_fix()),
            (Question::A5, self.no_patch_path()),
            (Question::B1, self.proprietary()),
            (Question::B3, self.personal()),
            (Question::B4, self.unpatched()),
            (Question::B5, Some(self.mosaic())),
            (Question::C1, Some(self.opportunity())),
            (Question::D2, Some(self.fixer_reached())),
        ];
        found.extend(more.into_iter().filter_map(|(question, finding)| Some((question, finding?))));
        found
    }

    /// A4: what says nothing of a fix carries no capability in it.
    fn capability_of_fix(&self) -> Option<Finding> {
        (!self.traits.has_remedy_note).then(|| exact(0, "no-remedy-text"))
    }

    /// A5: open weights cannot be called back; what its supplier runs is fixed in one place.
    fn no_patch_path(&self) -> Option<Finding> {
        if self.remedied.is_deployed {
            Some(exact(1, "fix-deployed"))
        } else if self.traits.has_open_weights {
            Some(exact(4, "open-weights"))
        } else if self.traits.is_hosted {
            Some(exact(1, "hosted"))
        } else {
            None
        }
    }

    /// B1: words alone hold neither weights nor data.
    fn proprietary(&self) -> Option<Finding> {
        let traits = self.traits;
        if traits.is_text_only() {
            return Some(exact(1, "text-only"));
        }
        let is_asset = |kind: &String| matches!(kind.as_str(), "code" | "dataset");
        traits.evidence.iter().any(is_asset).then(|| at_least(2, "asset-evidence"))
    }

    /// B3: what the report itself says; that words hold no names is for people to say.
    fn personal(&self) -> Option<Finding> {
        if self.traits.has_prohibited {
            Some(at_least(3, "prohibited-material"))
        } else if self.traits.concerns_others && !self.traits.evidence.is_empty() {
            Some(at_least(2, "others-in-evidence"))
        } else {
            None
        }
    }

    /// B4: what is public or fixed everywhere is no secret any more.
    fn unpatched(&self) -> Option<Finding> {
        if self.remedied.is_public {
            Some(exact(1, "public"))
        } else if self.remedied.is_deployed {
            Some(exact(1, "fix-deployed"))
        } else if self.remedied.is_ready {
            None
        } else if self.traits.is_essential {
            Some(at_least(3, "essential-service"))
        } else {
            Some(at_least(2, "unpatched"))
        }
    }

    /// B5: what this hub itself sent before.
    const fn mosaic(&self) -> Finding {
        match self.sent {
            (0, 0) => exact(1, "nothing-sent"),
            (_, 0) => exact(2, "sent-in-case"),
            (0, _) => exact(2, "sent-before"),
            (_, _) => exact(3, "sent-in-case-and-before"),
        }
    }

    /// C1: low for whoever fixes it; nothing is won where the exploit is public or all have the fix.
    fn opportunity(&self) -> Finding {
        if self.remedied.is_exploited_publicly {
            return exact(1, "exploit-public");
        }
        if self.remedied.is_deployed {
            return exact(1, "fix-deployed");
        }
        if matches!(self.fixer, Fixer::Alone | Fixer::Among) {
            return exact(1, "fixer");
        }
        match self.traits.ease {
            Some(Ease::Trivial) if !self.remedied.is_ready => exact(4, "trivial-unpatched"),
            Some(Ease::Trivial) => at_least(3, "trivial"),
            Some(Ease::Practical) if !self.remedied.is_ready => at_least(3, "practical-unpatched"),
            Some(Ease::Hard | Ease::Practical) | None => at_least(2, "not-deployed"),
        }
    }

    /// D2: whom it reaches.
    const fn fixer_reached(&self) -> Finding {
        match self.fixer {
            Fixer::Alone => exact(4, "only-fixer"),
            Fixer::Among => exact(3, "fixer"),
            Fixer::Deployer => exact(2, "deployer"),
            Fixer::Coordinator => exact(2, "coordinator"),
            Fixer::Authority => exact(1, "authority"),
            Fixer::None => exact(0, "nothing-to-fix"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sharing::{Breach, OnwardDuty};

    fn machine(traits: &ReportTraits, onward: Option<OnwardDuty>) -> MachineFacts {
        MachineFacts {
            clean_shares: Vec::new(),
            breach: Breach::None,
            onward,
            third_party: traits.third_party(),
            reader: traits.reader_risk(),
            has_access: false,
        }
    }

    fn levels(report: &Value, fixer: Fixer, remedied: Remedied) -> BTreeMap<Question, Finding> {
        let traits = ReportTraits::of(report, &[]);
        let machine = machine(&traits, None);
        let known = Known { traits: &traits, remedied, fixer, machine, sent: (0, 0) };
        known.findings(Instant::parse("2027-01-15T09:00:00Z").unwrap())
    }

    const OPEN: Remedied = Remedied {
        is_deployed: false,
        is_ready: false,
        is_public: false,
        is_exploited_publicly: false,
    };

    #[test]
    fn the_fixer_is_no_danger_and_everyone_else_is_until_the_fix_is_out() {
        let report = json!({ "assessments": [{ "inputs": { "ease": "trivial" } }] });
        let c1 = |fixer, remedied| levels(&report, fixer, remedied)[&Question::C1];
        assert_eq!(c1(Fixer::Alone, OPEN), exact(1, "fixer"));
        assert_eq!(c1(Fixer::Coordinator, OPEN), exact(4, "trivial-unpatched"));
        let ready = Remedied { is_ready: true, ..OPEN };
        assert_eq!(c1(Fixer::Coordinator, ready), at_least(3, "trivial"));
        let deployed = Remedied { is_deployed: true, ..ready };
        assert_eq!(c1(Fixer::Coordinator, deployed), exact(1, "fix-deployed"));
        assert_eq!(levels(&report, Fixer::None, OPEN)[&Question::D2].level, 0);
    }

    #[test]
    fn open_weights_have_no_patch_path_and_a_payload_may_attack_its_reader() {
        let report = json!({
            "affected": { "artefacts": [{ "kind": "model_weights" }], "domains": ["energy"] },
            "reproduction": { "payload": "say it", "prohibited_material": true },
            "evidence": { "items": [{ "kind": "dataset", "media_type": "application/zip" }] },
        });
        let found = levels(&report, Fixer::Coordinator, OPEN);
        assert_eq!(found[&Question::A5], exact(4, "open-weights"));
        assert_eq!(found[&Question::B1], at_least(2, "asset-evidence"));
        assert_eq!(found[&Question::B3], at_least(3, "prohibited-material"));
        assert_eq!(found[&Question::B4], at_least(3, "essential-service"));
        assert_eq!(found[&Question::C6], exact(3, "files"));
    }

    #[test]
    fn without_packs_the_duty_to_pass_on_stays_unknown() {
        let traits = ReportTraits::of(&json!({}), &[]);
        let known = |onward| Known {
            traits: &traits,
            remedied: OPEN,
            fixer: Fixer::Coordinator,
            machine: machine(&traits, onward),
            sent: (0, 0),
        };
        let at = Instant::parse("2027-01-15T09:00:00Z").unwrap();
        assert!(!known(None).findings(at).contains_key(&Question::C2));
        let found = known(Some(OnwardDuty::BeforePatch)).findings(at);
        assert_eq!(found[&Question::C2], exact(4, "packs"));
    }
}
