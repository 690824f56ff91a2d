//! OSV advisories, as of schema 1.7.

use serde_json::{Value, json};

use super::classes::References;
use super::cvss::Scores;
use super::reader::{Bounded, Mark, Object, Reader, at, is_absent};
use super::record::{
    Draft, Flag, Rejection, assessment, identifier, is_plain_id, purl, summary_of, title_of,
};
use super::terms::is_ecosystem;
use super::{Terms, instant};

/// The longest id of a report, less `osv:`.
const ID_MAX: usize = 60;

pub(super) fn draft<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    record: &'a Value,
) -> Result<Draft, Rejection> {
    let id = identifier(reader, &[record.get("id")], |id| is_plain_id(id, ID_MAX))?;
    if record.get("withdrawn").is_some_and(|withdrawn| !is_absent(withdrawn)) {
        return Err(Rejection::RecordWithdrawn);
    }
    if ["affected", "details", "summary"].iter().all(|key| record.get(*key).is_none()) {
        return Err(Rejection::FormatMismatch);
    }
    let details = reader.text(record.get("details"), 20_000);
    let description = details.clone().or_else(|| reader.text(record.get("summary"), 20_000));
    let description = description.ok_or(Rejection::DescriptionMissing)?;
    let summary = details.and_then(|_| reader.title(record.get("summary")));
    let title = summary.unwrap_or_else(|| title_of(&description));
    let mut draft = Draft { record: id, title, ..Draft::default() };
    draft.kind = "vulnerability";
    draft.language = Some("en".to_owned());
    draft.summary = Some(summary_of(&description));
    draft.affected.list("artefacts", artefacts(reader, record).into_vec());
    let mut scores = Scores::default();
    let cvss = severity(reader, record, &mut scores);
    technical(reader, terms, record, &mut draft.technical);
    draft.technical.set("description", Some(description));
    draft.technical.list("attacker_access", scores.attacker_access());
    draft.disclosure.set("report_public", Some("yes"));
    dated(reader, terms, (record, cvss), &mut draft);
    Ok(draft)
}

fn artefacts<'a>(reader: &Reader<'a>, record: &'a Value) -> Bounded<Value> {
    reader.collect(reader.items(record.get("affected")), 64, |item| {
        let package = item.get("package").filter(|package| !is_absent(package))?;
        if !package.is_object() {
            reader.mark(package, Mark::NotUnderstood);
            return None;
        }
        let ecosystem = reader.string(package.get("ecosystem"));
        let ecosystem = ecosystem.map(|text| text.split_once(':').map_or(text, |(name, _)| name));
        if ecosystem.is_some_and(|name| !is_ecosystem(name)) {
            reader.flag(Flag::EcosystemUnknown);
        }
        let name = reader.text(package.get("name"), 200);
        let mut artefact = Object::default();
        artefact.set("kind", Some("X"));
        artefact.set("name", Some(name.unwrap_or_else(|| "unnamed".to_owned())));
        artefact.set("purl", purl(reader, package.get("purl")));
        artefact.set("source_type", ecosystem.map(|name| super::reader::cut(name, 64)));
        Some(artefact.into())
    })
}

fn severity<'a>(reader: &Reader<'a>, record: &'a Value, scores: &mut Scores) -> Bounded<Value> {
    let mut cvss = Scores::list();
    for item in reader.items(record.get("severity")) {
        if item.is_object() {
            scores.read(reader, (item.get("score"), None), &mut cvss);
        } else {
            reader.mark(item, Mark::NotUnderstood);
        }
    }
    scores.flag_disagreement(reader);
    cvss
}

fn technical<'a>(reader: &Reader<'a>, terms: &Terms<'_>, record: &'a Value, into: &mut Object) {
    let mut references = References::new();
    for item in reader.items(at(record, &["database_specific", "cwe_ids"])) {
        references.cite_cwe((reader, terms), Some(item));
    }
    references.write(reader, into);
    let links = reader.collect(reader.items(record.get("references")), 64, |item| {
        reader.whole(item.get("url"), 2048)
    });
    into.list("links", links.into_vec());
    let mut aliases = Bounded::new(64);
    for item in reader.items(record.get("aliases")) {
        if let Some(alias) = reader.whole(Some(item), 64) {
            aliases.push_new(reader, item, alias);
        }
    }
    into.list("aliases", aliases.into_vec());
}

fn dated<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    (record, cvss): (&'a Value, Bounded<Value>),
    draft: &mut Draft,
) {
    let read = |key: &str| reader.string(record.get(key)).and_then(instant::instant);
    let moment = read("modified").or_else(|| read("published"));
    if moment.is_none() {
        reader.flag(Flag::DateMissing);
    }
    let moment = moment.unwrap_or_else(|| instant::EPOCH.to_owned());
    let mut first = assessment(terms, "osv".to_owned(), "importer", moment);
    first.set("axes", Some(json!({"report_confidence": "corroborated"})));
    first.list("cvss", cvss.into_vec());
    draft.assessments.push(first);
    draft.source.set("version", reader.text(record.get("schema_version"), 32));
    draft.source.set("published", reader.whole(record.get("published"), 40));
    draft.source.set("modified", reader.whole(record.get("modified"), 40));
}
