//! What a finder says: the report `comity.report/1` as a checked value (LX-27).
//!
//! A [`Report`] exists only if every limit of `report.schema.json` and every rule of meaning held; see
//! [`check`]. Absent members stay absent, so that writing a report gives back what was read.
//! Not here: what follows from a report; see [`crate::assess`].

mod check;
mod compartment;
mod identity;
mod meaning;
pub(crate) mod schema;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use self::check::{LIMITS, check, read, read_parts};
pub use self::compartment::{Compartment, Parts};
pub use self::identity::{Sameness, ServiceUrn, purl_namespace};
use crate::lexicon::Lexicon;
use crate::lexicon::axis::Axes;
use crate::lexicon::reference::Reference;
use crate::lexicon::terms::{
    Answer, ArtefactKind, AssessorRole, AttackerAccess, DigestAlgorithm, Domain, EvidenceKind,
    FlawScope, HarmType, ImpactProperty, Intent, LifecycleStage, Pap, PartyStatus,
    RemediationClass, ReportKind, SourceFormat, Subject, SupplierRole, Surface, Tlp, Violates,
};
use crate::refusal::Refusal;
use crate::severity::decision::{Ease, Exploitation, Impact, Reach};

/// Makes a part of a report: every member optional, absent when not given.
macro_rules! part {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$rename:meta])* $required:ident : $required_type:ty = $required_doc:literal,)*
        $(@ $optional:ident : $optional_type:ty = $optional_doc:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(#[doc = $required_doc] $(#[$rename])* pub $required: $required_type,)*
            $(#[doc = $optional_doc] #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $optional: Option<$optional_type>,)*
        }
    };
}

part! {
    /// A report: one exploit or failure path (LX-2).
    Report {
        schema: String = "Always `comity.report/1`.",
        id: String = "The identifier, by the hub or the importer.",
        lexicon: String = "The version of the lexicon whose words it uses.",
        kind: ReportKind = "What it is about.",
        #[serde(rename = "abstract")] summary: Abstract = "The compartment `abstract`.",
        @submitted: String = "When it was submitted.",
        @language: String = "The language of its prose, BCP 47.",
        @affected: Affected = "The compartment `affected`.",
        @technical: Technical = "The compartment `technical`.",
        @reproduction: Reproduction = "The compartment `reproduction`.",
        @evidence: Evidence = "The compartment `evidence`.",
        @identity: Identity = "The compartment `identity`.",
        @disclosure: Disclosure = "What the finder wants; in the compartment deliberation.",
        @remedies: Remedies = "What may help; with `technical`.",
        @sharing: Sharing = "Labels; with `abstract`.",
        @assessments: Vec<Opinion> = "What each assessor states; with `technical`.",
        @source: Source = "Where it was imported from; with `abstract`.",
    }
}
part! {
    /// What may be shown first.
    Abstract {
        title: String = "One line.",
        @summary: String = "A few lines.",
    }
}
part! {
    /// What and who is touched.
    Affected {
        @artefacts: Vec<Artefact> = "The things with the flaw.",
        @parties: Vec<StatedParty> = "Parties the reporter names.",
        @declared_developers: Vec<String> = "Developers by the source's own field; often wrong (LX-11).",
        @declared_deployers: Vec<String> = "Deployers by the source's own field.",
        @markets: Vec<String> = "Countries where it is offered.",
        @domains: Vec<Domain> = "Where in use it matters.",
        @ai_element: Answer = "Whether AI is involved at all.",
    }
}
part! {
    /// One thing with the flaw.
    Artefact {
        kind: ArtefactKind = "What kind of thing.",
        name: String = "Its name.",
        @version: String = "Its version.",
        @purl: String = "Its package URL.",
        @urn: String = "Its service URN (LX-9).",
        @digests: Vec<Digest> = "Digests of its bytes.",
        @supplier: String = "Who supplies it, as an id of the directory or a name.",
        @surface: Surface = "Where it was reached.",
        @source_type: String = "What the source called its kind.",
    }
}
part! {
    /// A digest of an artefact's bytes.
    Digest {
        alg: DigestAlgorithm = "The algorithm.",
        value: String = "Lower-case hexadecimal of the algorithm's length.",
    }
}
part! {
    /// A party that the reporter names.
    StatedParty {
        name: String = "Its name.",
        @supplier: String = "Its id in the directory of suppliers.",
        @country: String = "Its country.",
        @roles: Vec<SupplierRole> = "What it does.",
        @status: PartyStatus = "How the flaw touches it.",
    }
}
part! {
    /// What the flaw is.
    Technical {
        @classes: Vec<String> = "Weakness classes of the lexicon.",
        @class_candidates: Vec<String> = "Classes an importer suggests; never asserted.",
        @references: Vec<Reference> = "Terms of other frameworks.",
        @links: Vec<String> = "Addresses.",
        @aliases: Vec<String> = "Identifiers elsewhere.",
        @description: String = "What it is.",
        @expected: String = "What should happen.",
        @actual: String = "What happens.",
        @scope: FlawScope = "How wide it is by nature.",
        @attacker_access: Vec<AttackerAccess> = "What an attacker must reach.",
        @lifecycle_stages: Vec<LifecycleStage> = "Where it enters.",
        @impact_properties: Vec<ImpactProperty> = "What suffers.",
        @harm_types: Vec<HarmType> = "What harm may follow.",
        @violates: Vec<Violates> = "What it goes against.",
        @subjects: Vec<Subject> = "Who suffers.",
    }
}
part! {
    /// How to see it.
    Reproduction {
        @steps: String = "What to do.",
        @payload: String = "What to send.",
        @deterministic: bool = "Whether it always works.",
        @prohibited_material: bool = "Whether material that is unlawful to possess is attached.",
        @trials: Vec<Trial> = "How often it worked, by artefact.",
    }
}
part! {
    /// One series of trials.
    Trial {
        artefact: Whole = "Index of the artefact.",
        trials: Whole = "How often it was tried.",
        successes: Whole = "How often it worked.",
        @at: String = "When.",
        @budget: String = "With what effort.",
    }
}
part! {
    /// What supports it.
    Evidence {
        @items: Vec<EvidenceItem> = "Each piece.",
    }
}
part! {
    /// One piece of evidence; its bytes lie elsewhere.
    EvidenceItem {
        kind: EvidenceKind = "What kind of thing.",
        @sha256: String = "Digest of its bytes.",
        @media_type: String = "Its media type.",
        @bytes: Whole = "Its size.",
        @note: String = "A remark.",
    }
}
part! {
    /// Who reports.
    Identity {
        @anonymous: bool = "Whether the finder stays unnamed.",
        @name: String = "Who.",
        @contact: String = "Where to answer.",
        @country: String = "From where.",
        @credit: String = "How to be credited.",
    }
}
part! {
    /// What the finder did and wants.
    Disclosure {
        @report_public: Answer = "Whether the flaw is public.",
        @supplier_contacted: Answer = "Whether a supplier was told.",
        @intent: Intent = "Whether the finder means to publish.",
        @planned: String = "On which day.",
        @requests: String = "What the finder asks for.",
    }
}
part! {
    /// What may help.
    Remedies {
        @classes: Vec<RemediationClass> = "Kinds of remedy.",
        @note: String = "A remark.",
    }
}
part! {
    /// Labels of onward use.
    Sharing {
        @tlp: Tlp = "Traffic Light Protocol.",
        @pap: Pap = "Permissible Actions Protocol.",
    }
}
part! {
    /// What one assessor states (`assessments[]`).
    Opinion {
        assessor: String = "Who.",
        at: String = "When.",
        lexicon: String = "By which lexicon.",
        @role: AssessorRole = "In which role.",
        @basis: String = "Why.",
        @evidence: Vec<Whole> = "Indexes of evidence items.",
        @axes: Axes = "What is stated on the axes.",
        @inputs: StatedInputs = "Inputs of the decision that replace the derived ones.",
        @overlays: Vec<NamedOverlay> = "Domain overlays that apply.",
        @cvss: Vec<StatedCvss> = "CVSS vectors.",
        @aix: String = "An AIX vector.",
    }
}
part! {
    /// Inputs of the decision that an assessor states.
    StatedInputs {
        @exploitation: Exploitation = "How far it is exploited.",
        @impact: Impact = "How bad.",
        @reach: Reach = "How wide.",
        @ease: Ease = "How easy.",
    }
}
part! {
    /// A domain overlay that an assessor names.
    NamedOverlay {
        id: String = "Which.",
        @election_days: Whole = "Days to the next election.",
    }
}
part! {
    /// A CVSS vector, with the score its source declares.
    StatedCvss {
        vector: String = "The vector.",
        @declared_score: f64 = "The declared score.",
    }
}
part! {
    /// Where a report was imported from.
    Source {
        format: SourceFormat = "The format.",
        record: String = "The record's identifier.",
        @version: String = "The format's version.",
        @published: String = "When published, as written.",
        @modified: String = "When changed, as written.",
        @flags: Vec<String> = "What the importer noticed.",
    }
}

impl Report {
    /// Returns the report if the document holds everything a report must.
    pub fn from_value(value: &Value, lexicon: &Lexicon) -> Result<Self, Vec<Refusal>> {
        let refusals = check(value, lexicon);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        // What the schema lets in the types can hold; a difference between the two is our fault and
        // must still not crash a hub.
        Self::deserialize(value).map_err(|_| vec![Refusal::new("field-type", "")])
    }

    /// Returns the report as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// Returns the artefacts, none if not stated.
    #[must_use]
    pub fn artefacts(&self) -> &[Artefact] {
        list(self.affected.as_ref().and_then(|part| part.artefacts.as_ref()))
    }

    /// Returns the trials, none if not stated.
    #[must_use]
    pub fn trials(&self) -> &[Trial] {
        list(self.reproduction.as_ref().and_then(|part| part.trials.as_ref()))
    }

    /// Returns the weakness classes, none if not stated.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        list(self.technical.as_ref().and_then(|part| part.classes.as_ref()))
    }

    /// Returns the assessors' statements, none if not stated.
    #[must_use]
    pub fn opinions(&self) -> &[Opinion] {
        list(self.assessments.as_ref())
    }

    /// Returns the evidence items, none if not stated.
    #[must_use]
    pub fn evidence_items(&self) -> &[EvidenceItem] {
        list(self.evidence.as_ref().and_then(|part| part.items.as_ref()))
    }
}

/// Returns an optional list as a slice: absent and empty mean the same to every rule.
pub(crate) fn list<T>(items: Option<&Vec<T>>) -> &[T] {
    items.map_or(&[], Vec::as_slice)
}

/// A whole number, in whichever way it was written; JSON Schema holds `2` and `2.0` equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Whole(pub u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = schema::integer(&value).and_then(|number| u64::try_from(number).ok());
        number.map(Self).ok_or_else(|| serde::de::Error::custom("not a whole number"))
    }
}
