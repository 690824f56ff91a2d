//! AVID reports and vulnerabilities, as avidtools 0.1 to 0.3 writes them.

use serde_json::Value;

use super::classes::References;
use super::cvss::Scores;
use super::reader::{Bounded, Mark, Object, Reader, at, is_absent, many};
use super::record::{
    Draft, Flag, Rejection, assessment, identifier, is_digits, is_unknown_name, summary_of,
    title_of,
};
use super::{Terms, instant};

/// Greatest number of trials that a report takes.
const TRIALS_MAX: u64 = 1_000_000;

pub(super) fn draft<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    record: &'a Value,
) -> Result<Draft, Rejection> {
    if reader.string(record.get("data_type")) != Some("AVID") {
        return Err(Rejection::FormatMismatch);
    }
    let ids = ["report_id", "vuln_id"].map(|key| at(record, &["metadata", key]));
    let id = identifier(reader, &ids, is_id)?;
    let description = reader.text(at(record, &["description", "value"]), 20_000);
    let problem = reader.title(at(record, &["problemtype", "description", "value"]));
    let title = problem.or_else(|| description.as_deref().map(title_of));
    let title = title.ok_or(Rejection::DescriptionMissing)?;
    let mut draft = Draft { record: id, title, ..Draft::default() };
    draft.kind = kind(reader, record);
    draft.language = Some(language(reader, record));
    draft.summary = description.as_deref().map(summary_of);
    let artefacts = affected(reader, record, &mut draft.affected);
    let mut scores = Scores::default();
    let cvss = impact(reader, terms, (record, &mut scores), &mut draft.technical);
    let links = reader.collect(reader.items(record.get("references")), 64, |item| {
        reader.whole(item.get("url"), 2048)
    });
    draft.technical.list("links", links.into_vec());
    draft.technical.set("description", description);
    draft.technical.list("attacker_access", scores.attacker_access());
    draft.reproduction = Some(reproduction(reader, record, artefacts));
    draft.disclosure.set("report_public", Some("yes"));
    dated(reader, terms, (record, cvss), &mut draft);
    Ok(draft)
}

/// `AVID-YYYY-R` or `V`, then 3 to 5 digits.
fn is_id(text: &str) -> bool {
    let Some((year, serial)) = text.strip_prefix("AVID-").and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let number = serial.strip_prefix(['R', 'V']).unwrap_or_default();
    is_digits(year, 4, 4) && is_digits(number, 3, 5)
}

fn kind<'a>(reader: &Reader<'a>, record: &'a Value) -> &'static str {
    let class = reader.string(at(record, &["problemtype", "classof"]));
    let form = reader.string(at(record, &["problemtype", "type"]));
    match (class, form) {
        (Some("LLM Evaluation"), Some("Detection" | "Measurement")) => "benchmark_measurement",
        (Some("AIID Incident"), _) => "incident",
        _ => "vulnerability",
    }
}

/// AVID writes ISO 639-2 `eng`; other codes are kept if they have the shape of a language tag.
fn language<'a>(reader: &Reader<'a>, record: &'a Value) -> String {
    let stated = reader.string(at(record, &["description", "lang"]));
    reader.string(at(record, &["problemtype", "description", "lang"]));
    match stated.map(str::to_ascii_lowercase) {
        Some(code) if code != "eng" && super::record::is_language(&code) => code,
        Some(_) | None => "en".to_owned(),
    }
}

/// Writes artefacts and declared parties; returns how many artefacts the record has.
fn affected<'a>(reader: &Reader<'a>, record: &'a Value, into: &mut Object) -> usize {
    let stated = at(record, &["affects", "artifacts"]);
    let artefacts = reader.collect(reader.items(stated), 64, |item| {
        if !item.is_object() {
            reader.mark(item, Mark::NotUnderstood);
            return None;
        }
        let mut artefact = Object::default();
        let name = reader.text(item.get("name"), 200);
        artefact.set("kind", Some("X"));
        artefact.set("name", Some(name.unwrap_or_else(|| "unnamed".to_owned())));
        artefact.set("source_type", reader.text(item.get("type"), 64));
        Some(Value::from(artefact))
    });
    let artefacts = artefacts.into_vec();
    let count = reader.items(stated).len().max(artefacts.len());
    let count = if artefacts.is_empty() { 0 } else { count };
    into.list("artefacts", artefacts);
    for (key, target) in [("developer", "declared_developers"), ("deployer", "declared_deployers")]
    {
        let names = reader.collect(many(at(record, &["affects", key])), 64, |item| {
            let name = item.as_str().unwrap_or_default();
            if item.is_string() && is_unknown_name(name) {
                reader.mark(item, Mark::Used);
                reader.flag(Flag::VendorUnknown);
                return None;
            }
            reader.text(Some(item), 200)
        });
        into.list(target, names.into_vec());
    }
    into.set("ai_element", Some("yes"));
    count
}

/// Writes references and classes; returns the scores.
fn impact<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    (record, scores): (&'a Value, &mut Scores),
    technical: &mut Object,
) -> Bounded<Value> {
    let mut cvss = Scores::list();
    let mut references = References::new();
    match record.get("impact").filter(|impact| !is_absent(impact)) {
        None => reader.flag(Flag::ImpactMissing),
        Some(impact) => {
            taxonomy(reader, terms, impact, &mut references);
            for weakness in reader.items(impact.get("cwe")) {
                references.cite_cwe((reader, terms), weakness.get("cweId"));
            }
            for stated in many(impact.get("cvss")) {
                let parts = (stated.get("vectorString"), stated.get("baseScore"));
                scores.read(reader, parts, &mut cvss);
            }
        }
    }
    references.write(reader, technical);
    scores.flag_disagreement(reader);
    cvss
}

fn taxonomy<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    impact: &'a Value,
    references: &mut References,
) {
    let stated = reader.whole(at(impact, &["avid", "taxonomy_version"]), 32);
    let version = stated.filter(|version| is_version(version));
    if version.is_none() {
        reader.flag(Flag::TaxonomyVersionMissing);
    }
    let version = version.unwrap_or_else(|| terms.pinned("avid").to_owned());
    for item in reader.items(at(impact, &["avid", "sep_view"])) {
        let Some(text) = reader.string(Some(item)) else { continue };
        let (code, label) = text.split_once(':').unwrap_or((text, ""));
        let (code, label) = (code.trim(), label.strip_prefix(' ').unwrap_or(label));
        let Some(known) = terms.avid_label(code) else {
            reader.mark(item, Mark::NotUnderstood);
            reader.flag(Flag::LabelUnknown);
            continue;
        };
        if !label.is_empty() && label != known {
            reader.flag(Flag::LabelNormalised);
        }
        references.cite((reader, terms), item, ("avid", &version, code));
    }
}

fn is_version(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

/// Counts of a measurement belong to an artefact only if there is exactly one.
fn reproduction<'a>(reader: &Reader<'a>, record: &'a Value, artefacts: usize) -> Object {
    let mut trials = Bounded::new(256);
    for metric in reader.items(record.get("metrics")) {
        let Some(Value::Object(results)) = metric.get("results") else { continue };
        if results.iter().any(|(key, rows)| key != "rows" && !is_absent(rows)) {
            reader.flag(Flag::ScoreWithoutTrials);
        }
        if artefacts != 1 {
            continue;
        }
        for row in reader.items(results.get("rows")) {
            if let Some(trial) = trial(reader, row) {
                trials.push(reader, row, trial);
            } else {
                reader.mark(row, Mark::NotUnderstood);
                reader.flag(Flag::TrialsEmpty);
            }
        }
    }
    let mut reproduction = Object::default();
    reproduction.list("trials", trials.into_vec());
    reproduction
}

/// `passed` means that the target resisted: the rest are hits.
fn trial<'a>(reader: &Reader<'a>, row: &'a Value) -> Option<Value> {
    let (total, passed) = (row.get("total_evaluated")?, row.get("passed")?);
    let trials = total.as_u64().filter(|trials| (1..=TRIALS_MAX).contains(trials))?;
    let successes = trials.checked_sub(passed.as_u64()?)?;
    reader.mark(total, Mark::Used);
    reader.mark(passed, Mark::Used);
    Some(serde_json::json!({"artefact": 0, "trials": trials, "successes": successes}))
}

fn dated<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    (record, cvss): (&'a Value, Bounded<Value>),
    draft: &mut Draft,
) {
    let stated = ["reported_date", "published_date"].map(|key| record.get(key));
    let published = stated.into_iter().flatten().find(|value| !is_absent(value));
    let day = reader.string(published).and_then(instant::day);
    if day.is_none() {
        reader.flag(Flag::DateMissing);
    }
    let moment = day.map_or_else(|| instant::EPOCH.to_owned(), |day| format!("{day}T00:00:00Z"));
    let mut first = assessment(terms, "avid".to_owned(), "importer", moment);
    let class = at(record, &["problemtype", "classof"]).and_then(Value::as_str);
    let confidence = if class == Some("CVE Entry") { "corroborated" } else { "unconfirmed" };
    first.set("axes", Some(serde_json::json!({"report_confidence": confidence})));
    first.list("cvss", cvss.into_vec());
    draft.assessments.push(first);
    draft.source.set("version", reader.text(record.get("data_version"), 32));
    draft.source.set("published", reader.whole(published, 40));
}
