//! Answers become `comity.report/1`; what has no place there is kept beside it, by who may read it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answers::{Context, Section, harms, is_country, number, sections};
use super::{Fields, spec};

/// The most digests of one artefact in the schema.
const DIGESTS_MAX: usize = 8;

/// What the hub adds to the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The report's id.
    pub id: String,
    /// The lexicon's version.
    pub lexicon: String,
    /// The language the finder writes in: the page's, unless stated.
    pub language: String,
    /// When it is filed; none for a preview or a draft.
    pub submitted: Option<Timestamp>,
    /// The files that go along.
    pub evidence: Vec<Evidence>,
    /// What the caller knows beyond the answers.
    pub context: Context,
}

/// A file that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// A value of the lexicon: `log`, `screenshot`, `transcript`, `document`, `other` …
    pub kind: &'static str,
    /// SHA-256 in hex.
    pub sha256: String,
    /// The media type, if known.
    pub media_type: Option<String>,
    /// The size.
    pub bytes: u64,
    /// The finder's name for it.
    pub note: String,
}

/// A report and what is kept beside it, each part for other readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The report: `comity.report/1`. Check it with the core before filing.
    pub report: Value,
    /// Other answers, for the deliberation compartment: field name to text or list of texts.
    pub deliberation: Value,
    /// Answers about the finder, for the identity compartment.
    pub identity: Value,
    /// Answers of the protected form, for the named recipient alone.
    pub protected: Value,
}

/// Returns the report that the answers state, text byte for byte. Expects answers that
/// [`super::check`] did not refuse; what it would refuse is left out.
#[must_use]
pub fn to_report(fields: &Fields, filing: &Filing) -> Converted {
    let sections = sections(fields, filing.context);
    let mut report = Map::new();
    report.insert("schema".into(), "comity.report/1".into());
    report.insert("id".into(), filing.id.as_str().into());
    report.insert("lexicon".into(), filing.lexicon.as_str().into());
    report.insert("language".into(), filing.language.as_str().into());
    if let Some(at) = filing.submitted {
        report.insert("submitted".into(), crate::i18n::machine(at).into());
    }
    report.insert("kind".into(), "vulnerability".into());
    report
        .insert("abstract".into(), json!({ "title": fields.answer("system").unwrap_or_default() }));
    let things = Things::of(fields);
    report.insert("affected".into(), json!({ "artefacts": artefacts(fields, &things) }));
    put(&mut report, "technical", technical(fields, things.links));
    put(&mut report, "reproduction", reproduction(fields, &sections));
    put(&mut report, "evidence", evidence(&filing.evidence));
    put(&mut report, "identity", identity(fields));
    put(&mut report, "disclosure", disclosure(fields));
    if fields.has("attacks", "seen") {
        report.insert("assessments".into(), json!([assessment(filing)]));
    }
    Converted {
        report: Value::Object(report),
        deliberation: kept(fields, &sections, DELIBERATION),
        identity: kept(fields, &sections, IDENTITY),
        protected: kept(fields, &sections, PROTECTED),
    }
}

/// Answers without a place of their own in the report, or with a coarser one.
const DELIBERATION: &[&str] = &[
    "public",
    "attacks",
    "knows",
    "wish",
    "attacks_since",
    "attacks_how",
    "indicators",
    "snapshot",
    "decoding",
    "seed",
    "prompt_class",
    "hashes",
    "hotline_reference",
    "privacy_kinds",
    "privacy_copies",
    "privacy_deletion",
    "told_on",
    "told_how",
    "told_id",
    "discovered_on",
    "paid",
];
const IDENTITY: &[&str] = &["reach", "openpgp", "identity_to"];
const PROTECTED: &[&str] = &["work_relation", "retaliation"];

fn put(report: &mut Map<String, Value>, member: &str, value: Map<String, Value>) {
    if !value.is_empty() {
        report.insert(member.to_owned(), Value::Object(value));
    }
}

fn put_text(object: &mut Map<String, Value>, member: &str, text: Option<&str>) {
    if let Some(text) = text {
        object.insert(member.to_owned(), text.into());
    }
}

/// The lines of question 1 by what they are.
struct Things<'a> {
    purl: Option<&'a str>,
    digests: Vec<Value>,
    links: Vec<&'a str>,
}

impl<'a> Things<'a> {
    fn of(fields: &'a Fields) -> Self {
        let mut things = Self { purl: None, digests: Vec::new(), links: Vec::new() };
        for line in fields.lines("links") {
            match digest(line) {
                Some(digest) if things.digests.len() < DIGESTS_MAX => things.digests.push(digest),
                _ if line.starts_with("pkg:") && things.purl.is_none() => things.purl = Some(line),
                // What has no place of its own stays as the finder wrote it.
                _ => things.links.push(line),
            }
        }
        things
    }
}

fn digest(line: &str) -> Option<Value> {
    let (stated, hex) = match line.split_once(':') {
        Some((name, hex)) => (Some(name.trim().to_ascii_lowercase()), hex.trim()),
        None => (None, line),
    };
    let by_length = match hex.len() {
        64 => "sha256",
        96 => "sha384",
        128 => "sha512",
        _ => return None,
    };
    let named = match stated.as_deref() {
        None => by_length,
        Some("sha256-tree") if by_length == "sha256" => "sha256-tree",
        Some(name) if name.replace('-', "") == by_length => by_length,
        Some(_) => return None,
    };
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| json!({ "alg": named, "value": hex.to_ascii_lowercase() }))
}

fn artefacts(fields: &Fields, things: &Things<'_>) -> Vec<Value> {
    let mut first = Map::new();
    first.insert("kind".into(), fields.answer("kind").unwrap_or("X").into());
    first.insert("name".into(), fields.answer("system").unwrap_or_default().into());
    put_text(&mut first, "version", fields.answer("version").or_else(|| fields.answer("snapshot")));
    put_text(&mut first, "purl", things.purl);
    if !things.digests.is_empty() {
        first.insert("digests".into(), things.digests.clone().into());
    }
    put_text(&mut first, "surface", fields.answer("access"));
    let others = also(fields).map(|row| {
        let mut other = Map::new();
        other.insert("kind".into(), "X".into());
        other.insert("name".into(), row.name.into());
        put_text(&mut other, "version", row.version);
        Value::Object(other)
    });
    std::iter::once(Value::Object(first)).chain(others).collect()
}

struct Also<'a> {
    name: &'a str,
    version: Option<&'a str>,
    trials: Option<u32>,
    hits: Option<u32>,
    on: Option<&'a str>,
}

/// Returns the further systems that have a name, in order.
fn also(fields: &Fields) -> impl Iterator<Item = Also<'_>> {
    let rows = fields.all("also_name").enumerate().take(spec::SYSTEMS_MAX);
    rows.filter(|(_, name)| !name.is_empty()).map(|(row, name)| {
        let of = |field| fields.all(field).nth(row).filter(|value| !value.is_empty());
        Also {
            name,
            version: of("also_version"),
            trials: of("also_trials").and_then(number),
            hits: of("also_hits").and_then(number),
            on: of("also_on"),
        }
    })
}

fn technical(fields: &Fields, links: Vec<&str>) -> Map<String, Value> {
    let mut technical = Map::new();
    put_text(&mut technical, "description", fields.answer("description"));
    if !links.is_empty() {
        technical.insert("links".into(), links.into());
    }
    let harms = harms(fields);
    if !harms.is_empty() {
        technical.insert("harm_types".into(), harms.into());
    }
    technical
}

fn reproduction(fields: &Fields, sections: &[Section]) -> Map<String, Value> {
    let mut reproduction = Map::new();
    put_text(&mut reproduction, "steps", fields.answer("steps"));
    if sections.contains(&Section::Uplift) {
        put_text(&mut reproduction, "payload", fields.answer("payload"));
    }
    let mut rows = Vec::new();
    if sections.contains(&Section::Trials) {
        let counts =
            (fields.answer("trials").and_then(number), fields.answer("hits").and_then(number));
        rows.extend(trial_row(0, counts, fields.answer("tested_on"), budget(fields).as_deref()));
    }
    for (place, row) in also(fields).enumerate() {
        rows.extend(trial_row(place + 1, (row.trials, row.hits), row.on, None));
    }
    if !rows.is_empty() {
        reproduction.insert("trials".into(), rows.into());
    }
    reproduction
}

fn trial_row(
    artefact: usize,
    counts: (Option<u32>, Option<u32>),
    on: Option<&str>,
    budget: Option<&str>,
) -> Option<Value> {
    let (Some(trials), Some(hits)) = counts else { return None };
    let mut row = Map::new();
    row.insert("artefact".into(), artefact.into());
    row.insert("trials".into(), trials.into());
    row.insert("successes".into(), hits.into());
    put_text(&mut row, "at", on);
    put_text(&mut row, "budget", budget);
    Some(Value::Object(row))
}

/// Decoding and seed as the one text that the schema has for them.
fn budget(fields: &Fields) -> Option<String> {
    let seed = fields.answer("seed").map(|seed| format!("seed {seed}"));
    let parts: Vec<String> =
        fields.answer("decoding").map(str::to_owned).into_iter().chain(seed).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn evidence(files: &[Evidence]) -> Map<String, Value> {
    let item = |file: &Evidence| {
        let mut item = Map::new();
        item.insert("kind".into(), file.kind.into());
        item.insert("sha256".into(), file.sha256.as_str().into());
        put_text(&mut item, "media_type", file.media_type.as_deref());
        item.insert("bytes".into(), file.bytes.into());
        item.insert("note".into(), file.note.as_str().into());
        Value::Object(item)
    };
    let items: Vec<Value> = files.iter().map(item).collect();
    if items.is_empty() { Map::new() } else { Map::from_iter([("items".to_owned(), items.into())]) }
}

fn identity(fields: &Fields) -> Map<String, Value> {
    let mut identity = Map::new();
    let named = fields.has("reach", "email") || fields.has("reach", "account");
    identity.insert("anonymous".into(), (!named).into());
    if fields.has("reach", "email") {
        put_text(&mut identity, "name", fields.answer("name"));
        put_text(&mut identity, "contact", fields.answer("email").map(str::trim));
        put_text(&mut identity, "credit", fields.answer("credit"));
    }
    let country = fields.answer("country").filter(|country| is_country(country));
    put_text(&mut identity, "country", country.map(str::to_ascii_uppercase).as_deref());
    identity
}

fn disclosure(fields: &Fields) -> Map<String, Value> {
    let mut disclosure = Map::new();
    let public = fields.answer("public").and_then(|public| match public {
        "no" => Some("no"),
        "partly" | "yes" => Some("yes"),
        "unknown" => Some("X"),
        _ => None,
    });
    put_text(&mut disclosure, "report_public", public);
    if fields.lines("knows").next().is_some() {
        let told =
            ["told_on", "told_how", "told_id"].iter().any(|name| fields.answer(name).is_some());
        // Somebody knows; whether a supplier was told is known only if the finder says how.
        put_text(&mut disclosure, "supplier_contacted", Some(if told { "yes" } else { "X" }));
    }
    let intent = fields.answer("wish").and_then(|wish| match wish {
        "already" => Some("already"),
        "date" | "fixed" => Some("yes"),
        "none" => Some("undecided"),
        _ => None,
    });
    put_text(&mut disclosure, "intent", intent);
    if fields.has("wish", "date") {
        put_text(&mut disclosure, "planned", fields.answer("wish_date"));
    }
    disclosure
}

fn assessment(filing: &Filing) -> Value {
    let at = filing.submitted.unwrap_or(Timestamp::UNIX_EPOCH);
    json!({
        "assessor": "finder",
        "role": "finder",
        "at": crate::i18n::machine(at),
        "lexicon": filing.lexicon,
        "axes": { "exploitation": "active" },
    })
}

fn kept(fields: &Fields, sections: &[Section], names: &[&str]) -> Value {
    let applies = |name: &str| {
        spec::find(name).is_some_and(|spec| match spec.step {
            spec::Step::Details => sections.iter().any(|section| section.name() == spec.question),
            spec::Step::First => true,
        })
    };
    let mut kept = Map::new();
    for name in names.iter().copied().filter(|name| applies(name)) {
        let lines =
            matches!(spec::find(name).map(|spec| spec.control), Some(spec::Control::Lines(..)));
        if let Some(answer) = fields.answer(name) {
            let value =
                if lines { fields.lines(name).collect::<Vec<_>>().into() } else { answer.into() };
            kept.insert(name.to_owned(), value);
        }
    }
    Value::Object(kept)
}

/// Returns the form's pointer for a pointer into the report, so that a refusal of the core is shown
/// beside the answer that caused it.
#[must_use]
pub fn field_of(pointer: &str) -> Option<String> {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let name = match parts.as_slice() {
        ["abstract", ..] | ["affected", "artefacts", "0", "name"] | ["affected", "artefacts"] => {
            "system"
        }
        ["affected", "artefacts", "0", "kind"] => "kind",
        ["affected", "artefacts", "0", "surface"] => "access",
        ["affected", "artefacts", "0", "version"] => "version",
        ["affected", "artefacts", "0", ..] | ["technical", "links", ..] => "links",
        ["affected", "artefacts", row, member] => return also_pointer(row, member),
        ["technical", "description"] => "description",
        ["technical", "harm_types", ..] => "harms",
        ["reproduction", "payload"] => "payload",
        ["reproduction", "steps"] => "steps",
        ["reproduction", "trials", "0", "at"] => "tested_on",
        ["reproduction", "trials", "0", "budget"] => "decoding",
        ["reproduction", "trials", "0", "successes"] => "hits",
        ["reproduction", "trials", ..] => "trials",
        ["disclosure", "report_public"] => "public",
        ["disclosure", "planned"] => "wish_date",
        ["disclosure", "intent"] => "wish",
        ["disclosure", "supplier_contacted"] => "told_how",
        ["identity", "contact"] => "email",
        ["identity", "country"] => "country",
        ["identity", "credit"] => "credit",
        ["identity", "name"] => "name",
        _ => return None,
    };
    Some(format!("/{name}"))
}

fn also_pointer(row: &str, member: &str) -> Option<String> {
    let row = row.parse::<usize>().ok()?.checked_sub(1)?;
    let field = match member {
        "version" => "also_version",
        _ => "also_name",
    };
    Some(format!("/{field}/{row}"))
}
