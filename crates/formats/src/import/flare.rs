//! AI flaw reports of the FLARE form, in its three shapes: nested, flat and JSON-LD.
//!
//! Member names are compared without case, underscores and `flare:`, because the shapes write one
//! name in several ways (`real_world_harm`, `realWorldHarm`, `flare:realWorldHarm`). Not here: a
//! guess at severity. What the reporter says about it is kept as text and mapped to no axis.

use serde_json::{Value, json};

use super::classes::References;
use super::reader::{Bounded, Mark, Object, Reader, cut, is_absent, many};
use super::record::{Draft, Flag, Rejection, assessment, is_plain_id, summary_of, title_of};
use super::{Terms, instant};

/// The longest id of a report, less `flare:`, as the mapping has it.
const ID_MAX: usize = 57;

/// One record, whose members are found by any of several paths.
#[derive(Clone, Copy)]
struct Record<'a> {
    whole: &'a Value,
    /// What carries the fields: the record, or `flare:raw` of JSON-LD.
    fields: &'a Value,
    linked: bool,
}

/// A field: its paths in the nested and flat shapes, then in JSON-LD.
type Places = (&'static [&'static [&'static str]], &'static [&'static [&'static str]]);

const ISSUE: Places = (
    &[&["incidentDescription", "issueDescription"], &["incident_issueDescription"]],
    &[&["description"]],
);
const EXPECTED: Places = (
    &[&["incidentDescription", "expectedBehavior"], &["incident_expectedBehavior"]],
    &[&["expectedBehavior"]],
);
const ACTUAL: Places = (
    &[&["incidentDescription", "actualBehavior"], &["incident_actualBehavior"]],
    &[&["actualBehavior"]],
);
const POLICY_URLS: Places = (
    &[
        &["incidentDescription", "policyViolation", "urls"],
        &["incidentDescription", "policyViolationUrls"],
        &["incident_policyViolationUrls"],
    ],
    &[&["policyViolationUrls"]],
);
const POLICY_REASON: Places = (
    &[
        &["incidentDescription", "policyViolation", "reason"],
        &["incidentDescription", "policyViolationReason"],
        &["incident_policyViolationReason"],
        &["incident_policyViolation"],
    ],
    &[&["policyViolation"], &["policyViolationReason"]],
);
const SYSTEMS: Places = (
    &[&["systemConfigurations"], &["reporterDetails", "systems"], &["reporter_systems"]],
    &[&["aiSystem"]],
);
const REAL_HARM: Places = (
    &[&["classifyReport", "real_world_harm"], &["classify_realWorldHarm"]],
    &[&["classification", "realWorldHarm"]],
);
const CSAM: Places = (
    &[&["classifyReport", "csam_involved"], &["classify_csamInvolved"]],
    &[&["classification", "csamInvolved"]],
);
const STEPS: Places = (
    &[&["evidence", "stepsToReproduce"], &["evidence_stepsToReproduce"]],
    &[&["evidence", "stepsToReproduce"]],
);
const PAYLOAD: Places = (
    &[&["evidence", "proofOfConcept"], &["evidence_proofOfConcept"]],
    &[&["evidence", "proofOfConcept"]],
);
const ATTACHMENTS: Places =
    (&[&["evidence", "attachments"], &["evidence_attachments"]], &[&["evidence", "attachments"]]);
const HARMS: Places =
    (&[&["impactAssessment", "harmTypes"], &["impact_harmTypes"]], &[&["specificHarmTypes"]]);
const STAKEHOLDERS: Places = (
    &[&["impactAssessment", "affectedStakeholders"], &["impact_affectedStakeholders"]],
    &[&["impactedStakeholders"]],
);
const WEAKNESS: Places = (
    &[&["impactAssessment", "documentedHarmCwe"], &["impact_documentedHarmCwe"]],
    &[&["documentedHarmCwe"]],
);
const COMPANIES: Places = (
    &[&["impactAssessment", "aiCompanyInvolved"], &["impact_aiCompanyInvolved"]],
    &[&["aiCompanyInvolved"]],
);
const SEVERITY: Places =
    (&[&["impactAssessment", "severityOfHarm"], &["impact_severityOfHarm"]], &[&["severity"]]);
const PREVALENCE: Places =
    (&[&["impactAssessment", "prevalence"], &["impact_prevalence"]], &[&["prevalence"]]);
const MITIGATION: Places = (
    &[&["impactAssessment", "mitigationNotes"], &["impact_mitigationNotes"]],
    &[&["mitigationNotes"]],
);
const EMAIL: Places =
    (&[&["reporterDetails", "reporter", "email"], &["reporter_email"]], &[&["author", "email"]]);
const ORGANISATION: Places = (
    &[&["reporterDetails", "reporter", "org"], &["reporter_org"]],
    &[&["author", "org"], &["author", "affiliation"], &["author", "name"]],
);
const COUNTRY: Places = (
    &[&["reporterDetails", "reporter", "country"], &["reporter_country"]],
    &[&["author", "country"]],
);
const INTENT: Places = (
    &[&["disclosurePlan", "publicDisclosureIntent"], &["disclosure_publicDisclosureIntent"]],
    &[&["disclosure", "intent"], &["disclosure", "publicDisclosureIntent"]],
);
const PLANNED: Places = (
    &[&["disclosurePlan", "disclosureDatepicker"], &["disclosure_disclosureDatepicker"]],
    &[&["disclosure", "disclosureDatepicker"]],
);
const EMBARGO: Places = (
    &[&["disclosurePlan", "embargoDetails"], &["disclosure_embargoDetails"]],
    &[&["disclosure", "embargoDetails"]],
);
const TIMELINE: Places = (
    &[&["disclosurePlan", "disclosureTimeline"], &["disclosure_disclosureTimeline"]],
    &[&["disclosure", "disclosureTimeline"]],
);
const SCHEMA: Places = (
    &[&["metadata", "schemaVersion"], &["metadata_schemaVersion"]],
    &[&["metadata", "schemaVersion"]],
);

impl<'a> Record<'a> {
    /// Returns the record in whichever shape it has, or nothing if it has none.
    fn of(whole: &'a Value) -> Option<Self> {
        let of_type = |kind: &Value| kind.as_str().is_some_and(|kind| same(kind, "AIFlawReport"));
        let linked = many(whole.get("@type")).iter().any(of_type);
        let raw = member(whole, "raw").filter(|raw| linked && raw.is_object());
        if let Some(fields) = raw {
            return Some(Self { whole, fields, linked: false });
        }
        let nested = member(whole, "incidentDescription").is_some_and(Value::is_object);
        let flat = || {
            whole.as_object().is_some_and(|all| all.keys().any(|key| key.starts_with("incident_")))
        };
        (linked || nested || flat()).then_some(Self { whole, fields: whole, linked })
    }

    /// Returns the first stated value of a field.
    fn field(self, (plain, linked): Places) -> Option<&'a Value> {
        let paths = if self.linked { linked } else { plain };
        paths.iter().filter_map(|path| find(self.fields, path)).find(|value| !is_absent(value))
    }

    /// Says whether any shape of the record says that child sexual abuse material is involved.
    ///
    /// Fails to the safe side: only an explicit no is no.
    fn is_prohibited(self, reader: &Reader<'a>) -> bool {
        let (plain, linked) = CSAM;
        let anywhere: [&'a Value; 2] = [self.whole, self.fields];
        let mut yes = false;
        for path in plain.iter().chain(linked) {
            for stated in anywhere.into_iter().filter_map(|from| find(from, path)) {
                reader.mark(stated, Mark::Used);
                yes |= is_yes(stated);
            }
        }
        yes
    }
}

/// Returns the member of that name, however it is written.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let alike = || members.iter().filter(|(key, _)| same(key, name)).min_by_key(|(key, _)| *key);
    members.get(name).or_else(|| alike().map(|(_, value)| value))
}

fn find<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| member(value, name))
}

/// Compares names without case, underscores and the prefix of JSON-LD.
fn same(key: &str, name: &str) -> bool {
    let plain = |text: &str| -> Vec<u8> {
        let text = text.strip_prefix("flare:").unwrap_or(text);
        text.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase()).collect()
    };
    key.len() <= 64 && plain(key) == plain(name)
}

fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            let text = text.trim();
            let no = ["", "0", "false", "no", "n/a", "none"];
            !no.iter().any(|no| text.eq_ignore_ascii_case(no))
        }
        Value::Array(items) => items.iter().any(is_yes),
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
    }
}

pub(super) fn draft<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    whole: &'a Value,
) -> Result<Draft, Rejection> {
    let record = Record::of(whole).ok_or(Rejection::FormatMismatch)?;
    let id = identifier(reader, record)?;
    let issue = reader.text(record.field(ISSUE), 20_000).ok_or(Rejection::DescriptionMissing)?;
    let prohibited = record.is_prohibited(reader);
    let mut draft = Draft { record: id, title: title_of(&issue), ..Draft::default() };
    draft.kind =
        if stated_yes(reader, record.field(REAL_HARM)) { "incident" } else { "vulnerability" };
    draft.summary = Some(summary_of(&issue));
    affected(reader, record, &mut draft.affected);
    technical(reader, terms, (record, prohibited), &mut draft.technical);
    draft.technical.set("description", Some(issue));
    draft.reproduction = Some(reproduction(reader, record, prohibited));
    draft.identity = Some(identity(reader, terms, record));
    disclosure(reader, record, &mut draft.disclosure);
    assess(reader, terms, record, &mut draft);
    Ok(draft)
}

/// Returns the first identifier stated: `documentId`, `identifier`, then `id`, also as an integer.
fn identifier<'a>(reader: &Reader<'a>, record: Record<'a>) -> Result<String, Rejection> {
    let mut places: Vec<&'a Value> = vec![record.whole];
    if !std::ptr::eq(record.whole, record.fields) {
        places.push(record.fields);
    }
    let mut stated = places
        .into_iter()
        .flat_map(|from| ["documentId", "identifier", "id"].map(|key| from.get(key)))
        .flatten();
    let value = stated.find(|value| !is_absent(value)).ok_or(Rejection::IdMissing)?;
    let id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_) => {
            return Err(Rejection::IdInvalid);
        }
    };
    reader.mark(value, Mark::Used);
    if is_plain_id(&id, ID_MAX) { Ok(id) } else { Err(Rejection::IdInvalid) }
}

fn stated_yes<'a>(reader: &Reader<'a>, value: Option<&'a Value>) -> bool {
    let Some(value) = value else { return false };
    reader.mark(value, Mark::Used);
    match value {
        Value::Bool(yes) => *yes,
        Value::String(text) => {
            ["true", "yes"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
        }
        Value::Array(_) | Value::Null | Value::Number(_) | Value::Object(_) => {
            reader.mark(value, Mark::NotUnderstood);
            false
        }
    }
}

fn affected<'a>(reader: &Reader<'a>, record: Record<'a>, into: &mut Object) {
    let artefacts = reader.collect(many(record.field(SYSTEMS)), 64, |item| {
        if !item.is_object() {
            reader.mark(item, Mark::NotUnderstood);
            return None;
        }
        Some(system(reader, item, record.linked))
    });
    into.list("artefacts", artefacts.into_vec());
    let parties = reader.collect(many(record.field(COMPANIES)), 64, |item| {
        let left_out = item.as_str().map(str::trim).is_some_and(|name| {
            name.eq_ignore_ascii_case("databases") || name.eq_ignore_ascii_case("other")
        });
        if left_out {
            return None;
        }
        let name = reader.text(Some(item), 200)?;
        Some(json!({"name": name, "status": "unknown"}))
    });
    into.list("parties", parties.into_vec());
    into.set("ai_element", Some("yes"));
}

/// In JSON-LD the version of a system is its model, so it is part of the name.
fn system<'a>(reader: &Reader<'a>, item: &'a Value, linked: bool) -> Value {
    let (first, second) = if linked { ("name", "version") } else { ("platform", "model") };
    let parts = [first, second].map(|key| reader.string(member(item, key)));
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let kept = cut(&name, 200);
    if kept.len() < name.len() {
        reader.flag(Flag::TextTruncated);
    }
    let mut artefact = Object::default();
    artefact.set("kind", Some("X"));
    artefact.set("name", Some(if kept.is_empty() { "unnamed" } else { kept }));
    if !linked {
        artefact.set("version", reader.text(member(item, "version"), 100));
    }
    let access = reader.string(member(item, "accessMethod")).unwrap_or_default().trim();
    let surface = ["api", "chat"].into_iter().find(|known| access.eq_ignore_ascii_case(known));
    artefact.set("surface", Some(surface.unwrap_or("X")));
    artefact.into()
}

fn harm(text: &str) -> Option<&'static str> {
    Some(match text {
        "discrimination" | "rights_violations" => "rights_discrimination",
        "financial_harm" => "financial_property",
        "misinformation" => "information_integrity",
        "physical_harm" => "physical",
        "psychological_harm" => "psychological",
        "reputational_harm" => "reputational",
        _ => return None,
    })
}

fn subject(text: &str) -> Option<&'static str> {
    Some(match text {
        "ai_company" => "operator",
        "critical_systems" | "researchers" | "specific_groups" => "third_parties",
        "end_users" => "other_users",
        "general_public" => "public",
        _ => return None,
    })
}

/// Returns the counterparts of enumeration values, each once; others are flagged.
fn mapped<'a>(
    reader: &Reader<'a>,
    value: Option<&'a Value>,
    map: impl Fn(&str) -> Option<&'static str>,
) -> Vec<&'static str> {
    let mut list = Bounded::new(16);
    for item in many(value) {
        let Some(text) = reader.string(Some(item)) else { continue };
        if let Some(known) = map(&text.trim().to_ascii_lowercase()) {
            list.push_new(reader, item, known);
        } else {
            reader.mark(item, Mark::NotUnderstood);
            reader.flag(Flag::ValueUnmapped);
        }
    }
    list.into_vec()
}

fn technical<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    (record, prohibited): (Record<'a>, bool),
    into: &mut Object,
) {
    let mut references = References::new();
    references.cite_cwe((reader, terms), record.field(WEAKNESS));
    references.write(reader, into);
    let links =
        reader.collect(many(record.field(POLICY_URLS)), 64, |item| reader.whole(Some(item), 2048));
    let links = links.into_vec();
    if !links.is_empty() || reader.string(record.field(POLICY_REASON)).is_some() {
        if let Some(reason) = record.field(POLICY_REASON) {
            reader.forget(reason);
        }
        into.list("violates", vec!["policy"]);
    }
    into.list("links", links);
    into.set("expected", reader.text(record.field(EXPECTED), 5000));
    into.set("actual", reader.text(record.field(ACTUAL), 5000));
    let mut harms = mapped(reader, record.field(HARMS), harm);
    if prohibited {
        harms.push("child_safety");
    }
    into.list("harm_types", harms);
    into.list("subjects", mapped(reader, record.field(STAKEHOLDERS), subject));
}

/// Prohibited material never enters a report: neither steps nor payload nor files.
fn reproduction<'a>(reader: &Reader<'a>, record: Record<'a>, prohibited: bool) -> Object {
    let mut reproduction = Object::default();
    if prohibited {
        reader.flag(Flag::MaterialDropped);
        for place in [STEPS, PAYLOAD, ATTACHMENTS] {
            if let Some(value) = record.field(place) {
                reader.mark(value, Mark::Withheld);
            }
        }
        reproduction.set("prohibited_material", Some(true));
        return reproduction;
    }
    reproduction.set("steps", reader.text(record.field(STEPS), 20_000));
    reproduction.set("payload", reader.text(record.field(PAYLOAD), 65_536));
    reproduction
}

fn identity<'a>(reader: &Reader<'a>, terms: &Terms<'_>, record: Record<'a>) -> Object {
    let mut identity = Object::default();
    identity.set("contact", reader.whole(record.field(EMAIL), 320));
    identity.set("name", reader.text(record.field(ORGANISATION), 200));
    if let Some(value) = record.field(COUNTRY) {
        let code = reader.string(Some(value)).filter(|code| terms.is_country(code));
        if code.is_none() {
            reader.mark(value, Mark::NotUnderstood);
            reader.flag(Flag::CountryUnreadable);
        }
        identity.set("country", code);
    }
    identity
}

fn disclosure<'a>(reader: &Reader<'a>, record: Record<'a>, into: &mut Object) {
    let stated = record.field(INTENT);
    let text = reader.string(stated).map(|text| text.trim().to_ascii_lowercase());
    let intent = match text.as_deref() {
        Some("already" | "already public") => Some("already"),
        Some("no") => Some("no"),
        Some("undecided") => Some("undecided"),
        Some("yes") => Some("yes"),
        Some(_) | None => None,
    };
    let public = match (stated, intent) {
        (None, _) => "X",
        (_, Some("already")) => "yes",
        _ => "no",
    };
    if let (Some(value), None) = (stated, intent) {
        reader.mark(value, Mark::NotUnderstood);
        reader.flag(Flag::ValueUnmapped);
    }
    into.set("intent", intent);
    into.set("report_public", Some(public));
    if let Some(value) = record.field(PLANNED) {
        let planned = reader.string(Some(value)).and_then(instant::day);
        if planned.is_none() {
            reader.mark(value, Mark::NotUnderstood);
        }
        into.set("planned", planned);
    }
    let parts = [EMBARGO, TIMELINE, MITIGATION].map(|place| reader.string(record.field(place)));
    let requests = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let kept = cut(&requests, 2000);
    if kept.len() < requests.len() {
        reader.flag(Flag::TextTruncated);
    }
    into.set("requests", Some(kept).filter(|kept| !kept.is_empty()));
}

fn assess<'a>(reader: &Reader<'a>, terms: &Terms<'_>, record: Record<'a>, draft: &mut Draft) {
    let paths: [&[&str]; 4] =
        [&["metadata", "createdAt"], &["metadata_createdAt"], &["createdAt"], &["dateCreated"]];
    let mut stamps = paths.iter().filter_map(|path| reader.string(find(record.fields, path)));
    let moment = stamps.find_map(instant::instant).unwrap_or_else(|| {
        reader.flag(Flag::DateMissing);
        instant::EPOCH.to_owned()
    });
    let severity = reader.string(record.field(SEVERITY)).map(|text| format!("severity {text}"));
    let prevalence =
        reader.string(record.field(PREVALENCE)).map(|text| format!("prevalence {text}"));
    let basis = [severity, prevalence].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let kept = cut(&basis, 2000);
    if kept.len() < basis.len() {
        reader.flag(Flag::TextTruncated);
    }
    let mut first = assessment(terms, "flare-reporter".to_owned(), "finder", moment);
    first.set("basis", Some(kept).filter(|kept| !kept.is_empty()));
    first.set("axes", Some(json!({"report_confidence": "unconfirmed"})));
    draft.assessments.push(first);
    draft.source.set("version", reader.text(record.field(SCHEMA), 32));
}
