//! CVE Record Format 5: the container of the assigner and those of data publishers.

use serde_json::{Value, json};

use super::classes::References;
use super::cvss::Scores;
use super::reader::{Bounded, Mark, Object, Reader, at, cut, is_absent};
use super::record::{
    Draft, Flag, Rejection, assessment, identifier, is_digits, is_unknown_name, purl, summary_of,
    title_of,
};
use super::{Terms, instant};

/// Assessments of one report at most.
const ASSESSMENTS_MAX: usize = 16;

pub(super) fn draft<'a>(
    reader: &Reader<'a>,
    terms: &Terms<'_>,
    record: &'a Value,
) -> Result<Draft, Rejection> {
    if reader.string(record.get("dataType")) != Some("CVE_RECORD") {
        return Err(Rejection::FormatMismatch);
    }
    let id = identifier(reader, &[at(record, &["cveMetadata", "cveId"])], is_id)?;
    if reader.string(at(record, &["cveMetadata", "state"])) != Some("PUBLISHED") {
        return Err(Rejection::RecordWithdrawn);
    }
    let containers = record.get("containers");
    let cna = containers.and_then(|containers| containers.get("cna")).unwrap_or(&Value::Null);
    let adp = reader.items(containers.and_then(|containers| containers.get("adp")));
    let prose = prose(reader, cna).ok_or(Rejection::DescriptionMissing)?;
    let description =
        reader.text(prose.get("value"), 20_000).ok_or(Rejection::DescriptionMissing)?;
    let title = reader.title(cna.get("title")).unwrap_or_else(|| title_of(&description));
    let mut draft = Draft { record: id, title, ..Draft::default() };
    draft.kind = "vulnerability";
    draft.language = Some(language(reader, prose));
    draft.summary = Some(summary_of(&description));
    draft.affected.list("artefacts", artefacts(reader, cna).into_vec());
    let published = dated(reader, record, &mut draft.source);
    let parts = Containers { cna, adp, published };
    parts.references(reader, terms, &mut draft.technical);
    draft.technical.list("aliases", vec![draft.record.clone()]);
    draft.technical.set("description", Some(description));
    let mut scores = Scores::default();
    draft.assessments = parts.assessments(reader, terms, &mut scores);
    scores.flag_disagreement(reader);
    draft.technical.list("attacker_access", scores.attacker_access());
    draft.disclosure.set("report_public", Some("yes"));
    flag_tags(reader, cna);
    flag_media(reader, cna);
    Ok(draft)
}

/// `CVE-YYYY-` and 4 to 19 digits, as the record schema has it.
fn is_id(text: &str) -> bool {
    let parts = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| is_digits(year, 4, 4) && is_digits(number, 4, 19))
}

/// Returns the first English description, else the first of any language.
fn prose<'a>(reader: &Reader<'a>, cna: &'a Value) -> Option<&'a Value> {
    let all = reader.items(cna.get("descriptions"));
    let stated = |item: &&&'a Value| {
        item.get("value").is_some_and(|value| value.is_string() && !is_absent(value))
    };
    let english = |item: &&&'a Value| {
        let tag = item.get("lang").and_then(Value::as_str).unwrap_or_default();
        tag.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("en"))
    };
    let all: Vec<&'a Value> = all.iter().collect();
    all.iter().filter(stated).find(english).or_else(|| all.iter().find(stated)).copied()
}

fn language<'a>(reader: &Reader<'a>, prose: &'a Value) -> String {
    let tag = reader.string(prose.get("lang")).unwrap_or_default();
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let known = super::record::is_language(&primary) && primary != "eng";
    if known { primary } else { "en".to_owned() }
}

fn artefacts<'a>(reader: &Reader<'a>, cna: &'a Value) -> Bounded<Value> {
    reader.collect(reader.items(cna.get("affected")), 64, |item| {
        if !item.is_object() {
            reader.mark(item, Mark::NotUnderstood);
            return None;
        }
        let known = |key: &str| {
            let name = reader.string(item.get(key)).filter(|name| !is_unknown_name(name));
            if name.is_none() {
                reader.flag(Flag::VendorUnknown);
            }
            name
        };
        let (vendor, product) = (known("vendor"), known("product"));
        let name = [vendor, product].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let kept = cut(&name, 200);
        if kept.len() < name.len() {
            reader.flag(Flag::TextTruncated);
        }
        let mut artefact = Object::default();
        artefact.set("kind", Some("X"));
        artefact.set("name", Some(if kept.is_empty() { "unnamed" } else { kept }));
        if vendor.is_some() {
            artefact.set("supplier", reader.whole(item.get("vendor"), 64));
        }
        artefact.set("purl", purl(reader, item.get("packageURL")));
        Some(artefact.into())
    })
}

/// Writes the dates and the version of the record; returns the instant of publication.
fn dated<'a>(reader: &Reader<'a>, record: &'a Value, source: &mut Object) -> Option<String> {
    let published = at(record, &["cveMetadata", "datePublished"]);
    source.set("version", reader.text(record.get("dataVersion"), 32));
    source.set("published", reader.whole(published, 40));
    source.set("modified", reader.whole(at(record, &["cveMetadata", "dateUpdated"]), 40));
    let instant = reader.string(published).and_then(instant::instant);
    if instant.is_none() {
        reader.flag(Flag::DateMissing);
    }
    instant
}

struct Containers<'a> {
    cna: &'a Value,
    adp: &'a [Value],
    published: Option<String>,
}

impl<'a> Containers<'a> {
    fn all(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        std::iter::once(self.cna).chain(self.adp)
    }

    /// Writes classes, references and links of all containers, without repeats.
    fn references(&self, reader: &Reader<'a>, terms: &Terms<'_>, technical: &mut Object) {
        let mut references = References::new();
        let mut links = Bounded::new(64);
        for container in self.all() {
            for problem in reader.items(container.get("problemTypes")) {
                for description in reader.items(problem.get("descriptions")) {
                    references.cite_cwe((reader, terms), description.get("cweId"));
                }
            }
            for reference in reader.items(container.get("references")) {
                if let Some(link) = reader.whole(reference.get("url"), 2048) {
                    links.push_new(reader, reference, link);
                }
            }
        }
        references.write(reader, technical);
        technical.list("links", links.into_vec());
    }

    fn assessments(
        &self,
        reader: &Reader<'a>,
        terms: &Terms<'_>,
        scores: &mut Scores,
    ) -> Vec<Object> {
        let mut list = Bounded::new(ASSESSMENTS_MAX);
        for container in self.all() {
            let assigner = std::ptr::eq(container, self.cna);
            if assigner || !reader.items(container.get("metrics")).is_empty() {
                let made = self.assessment(reader, terms, (container, assigner, scores));
                list.push(reader, container, made);
            }
        }
        list.into_vec()
    }

    fn assessment(
        &self,
        reader: &Reader<'a>,
        terms: &Terms<'_>,
        (container, assigner, scores): (&'a Value, bool, &mut Scores),
    ) -> Object {
        let provider = container.get("providerMetadata").unwrap_or(&Value::Null);
        let short = reader.text(provider.get("shortName"), 90);
        let prefix = if assigner { "cna" } else { "adp" };
        let assessor = format!("{prefix}:{}", short.as_deref().unwrap_or("unknown"));
        let mut axes = Object::default();
        let mut cvss = Scores::list();
        let mut moment = None;
        for metric in reader.items(container.get("metrics")) {
            for stated in scored(metric) {
                let parts = (stated.get("vectorString"), stated.get("baseScore"));
                scores.read(reader, parts, &mut cvss);
            }
            let other = metric.get("other").filter(|_| !assigner);
            if let Some(content) = other.and_then(|other| ssvc(reader, other)) {
                decisions(reader, content, &mut axes);
                let stamp = reader.string(content.get("timestamp")).and_then(instant::instant);
                moment = moment.or(stamp);
            }
        }
        let updated = reader.string(provider.get("dateUpdated")).and_then(instant::instant);
        let moment = moment.or(updated).or_else(|| self.published.clone());
        let moment = moment.unwrap_or_else(|| {
            reader.flag(Flag::DateMissing);
            instant::EPOCH.to_owned()
        });
        let mut made = assessment(terms, assessor, "importer", moment);
        if assigner {
            axes.set("report_confidence", Some("corroborated"));
        }
        made.set("axes", axes.into_some());
        made.list("cvss", cvss.into_vec());
        made
    }
}

/// Returns the members of a metric that hold a CVSS score, by version.
fn scored(metric: &Value) -> Vec<&Value> {
    let stated = metric.as_object().into_iter().flatten();
    let mut scored: Vec<(&String, &Value)> =
        stated.filter(|(key, value)| key.starts_with("cvss") && !is_absent(value)).collect();
    scored.sort_by_key(|(key, _)| *key);
    scored.into_iter().map(|(_, value)| value).collect()
}

/// Returns the content of an SSVC decision.
fn ssvc<'a>(reader: &Reader<'a>, other: &'a Value) -> Option<&'a Value> {
    let kind = other.get("type").and_then(Value::as_str)?;
    if !kind.eq_ignore_ascii_case("ssvc") {
        return None;
    }
    reader.string(other.get("type"));
    other.get("content").filter(|content| content.is_object())
}

/// Writes the axes that SSVC decision points state.
fn decisions<'a>(reader: &Reader<'a>, content: &'a Value, into: &mut Object) {
    for option in reader.items(content.get("options")) {
        for (point, stated) in option.as_object().into_iter().flatten() {
            let Some(text) = reader.string(Some(stated)) else { continue };
            let text = text.trim().to_ascii_lowercase();
            let (axis, decided) = match (point.as_str(), text.as_str()) {
                ("Exploitation", "none") => ("exploitation", "none"),
                ("Exploitation", "poc") => ("exploitation", "public_poc"),
                ("Exploitation", "active") => ("exploitation", "active"),
                ("Automatable", "no") => ("automatable", "no"),
                ("Automatable", "yes") => ("automatable", "yes"),
                ("Technical Impact", "partial") => ("technical_impact", "partial"),
                ("Technical Impact", "total") => ("technical_impact", "total"),
                ("Automatable" | "Exploitation" | "Technical Impact", _) => {
                    reader.mark(stated, Mark::NotUnderstood);
                    reader.flag(Flag::ValueUnmapped);
                    continue;
                }
                _ => {
                    reader.forget(stated);
                    continue;
                }
            };
            into.set(axis, Some(json!(decided)));
        }
    }
}

fn flag_tags<'a>(reader: &Reader<'a>, cna: &'a Value) {
    for tag in reader.items(cna.get("tags")) {
        match tag.as_str() {
            Some("disputed") => reader.flag(Flag::TagDisputed),
            Some("exclusively-hosted-service") => reader.flag(Flag::HostedService),
            Some(_) | None => continue,
        }
        reader.mark(tag, Mark::Used);
    }
}

fn flag_media<'a>(reader: &Reader<'a>, cna: &'a Value) {
    let descriptions = reader.items(cna.get("descriptions"));
    let media = descriptions.iter().flat_map(|item| reader.items(item.get("supportingMedia")));
    for item in media.filter(|item| item.get("base64") == Some(&Value::Bool(true))) {
        let text = item.get("value").and_then(Value::as_str).unwrap_or_default();
        if !is_base64(text) {
            reader.flag(Flag::MediaNotBase64);
        }
    }
}

/// Says whether a text is padded base64 (RFC 4648 §4); line ends are let pass.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !b"\r\n".contains(byte)).collect();
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let data = bytes.len() - padding;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    bytes.len().is_multiple_of(4) && padding <= 2 && bytes.iter().take(data).all(plain)
}
