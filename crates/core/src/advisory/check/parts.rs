//! Rules over the rest of the content: texts by level of detail, weakness, severity, time, thanks,
//! sources, translations.

use super::products;
use super::text::{self, Report};
use crate::advisory::content::{
    Content, Credit, Detail, Exploitation, Exposure, Fact, Translation, Translator, Weakness,
};
use crate::advisory::limits;
use crate::advisory::severity::{Assessment, CvssScore, DecisionRecord};
use crate::lexicon::Lexicon;
use crate::severity;
use crate::severity::aix::Aix;

pub(super) fn content(content: &Content, report: &mut Report) {
    report.language("/content/language", &content.language);
    texts(content, report);
    products::products(&content.products, report);
    products::remedies(content, report);
    weakness(&content.weakness, report);
    report.count("/content/assessments", content.assessments.len(), limits::ASSESSMENTS_MAX);
    for (index, assessment) in content.assessments.iter().enumerate() {
        self::assessment(&format!("/content/assessments/{index}"), assessment, report);
    }
    exposure(&content.exposure, report);
    timeline(&content.timeline, report);
    credits(&content.credits, report);
    references(content, report);
    translations(content, report);
}

fn texts(content: &Content, report: &mut Report) {
    report.line("/content/title", &content.title, limits::TITLE_MAX);
    report.text("/content/summary", &content.summary, summary_max(&content.detail));
    let at = "/content/detail";
    match &content.detail {
        Detail::Full { description, reproduction } => {
            report.text(&format!("{at}/description"), description, limits::DESCRIPTION_MAX);
            if let Some(reproduction) = reproduction {
                report.text(&format!("{at}/reproduction"), reproduction, limits::DESCRIPTION_MAX);
            }
        }
        Detail::RedactedPayload { description } => {
            report.text(&format!("{at}/description"), description, limits::DESCRIPTION_MAX);
        }
        Detail::ClassOnly {} => {}
        Detail::RestrictedChannel { ask_at } => report.https(&format!("{at}/ask_at"), ask_at),
    }
}

const fn summary_max(detail: &Detail) -> usize {
    match detail {
        Detail::Full { .. } | Detail::RedactedPayload { .. } => limits::SUMMARY_MAX,
        Detail::ClassOnly {} | Detail::RestrictedChannel { .. } => limits::SUMMARY_SHORT_MAX,
    }
}

fn weakness(weakness: &Weakness, report: &mut Report) {
    const AT: &str = "/content/weakness";
    let lexicon = format!("{AT}/lexicon");
    report.require(text::is_semver(&weakness.lexicon), "value-invalid", &lexicon);
    let classes = format!("{AT}/classes");
    report.require(!weakness.classes.is_empty(), "list-empty", &classes);
    report.count(&classes, weakness.classes.len(), limits::CLASSES_MAX);
    report.distinct(&classes, weakness.classes.iter());
    for (index, class) in weakness.classes.iter().enumerate() {
        let known = Lexicon::embedded().class(class).is_some();
        report.require(known, "value-unknown", &format!("{classes}/{index}"));
    }
    let references = format!("{AT}/references");
    report.count(&references, weakness.references.len(), limits::FRAMEWORK_REFS_MAX);
    report.distinct(&references, weakness.references.iter());
    for (index, reference) in weakness.references.iter().enumerate() {
        let at = format!("{references}/{index}");
        let framework = text::is_key(&reference.framework);
        report.require(framework, "value-invalid", &format!("{at}/framework"));
        let version = text::is_token(&reference.version, 32)
            && reference.version.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
        report.require(version, "value-invalid", &format!("{at}/version"));
        let id = text::is_token(&reference.id, limits::ID_MAX);
        report.require(id, "value-invalid", &format!("{at}/id"));
    }
}

fn assessment(at: &str, assessment: &Assessment, report: &mut Report) {
    report.line(&format!("{at}/assessor"), &assessment.assessor, limits::NAME_MAX);
    report.instant(&format!("{at}/at"), assessment.at);
    if let Some(source) = &assessment.source {
        report.https(&format!("{at}/source"), source);
    }
    let cvss = format!("{at}/cvss");
    report.count(&cvss, assessment.cvss.len(), limits::CVSS_MAX);
    report.distinct(&cvss, assessment.cvss.iter().map(cvss_version));
    for (index, score) in assessment.cvss.iter().enumerate() {
        self::cvss(&format!("{cvss}/{index}"), score, report);
    }
    if let Some(Err(fault)) = assessment.aix.as_deref().map(Aix::parse) {
        report.fault("aix-invalid", &format!("{at}/aix"), &fault);
    }
    if let Some(decision) = &assessment.decision {
        self::decision(&format!("{at}/decision"), decision, report);
    }
}

fn cvss_version(score: &CvssScore) -> &str {
    score.vector.split('/').next().unwrap_or_default()
}

fn cvss(at: &str, score: &CvssScore, report: &mut Report) {
    match severity::cvss::parse(&score.vector) {
        Err(fault) => report.fault("cvss-invalid", &format!("{at}/vector"), &fault),
        Ok(read) => {
            let held = read.score.tenths() == score.score_tenths;
            report.require(held, "cvss-score-mismatch", &format!("{at}/score_tenths"));
            let rated = read.severity() == score.severity;
            report.require(rated, "cvss-score-mismatch", &format!("{at}/severity"));
        }
    }
}

fn decision(at: &str, decision: &DecisionRecord, report: &mut Report) {
    let semver = text::is_semver(&decision.lexicon);
    report.require(semver, "value-invalid", &format!("{at}/lexicon"));
    let inputs = &decision.inputs;
    let spans = [
        ("exploitation", inputs.exploitation.low <= inputs.exploitation.high),
        ("impact", inputs.impact.low <= inputs.impact.high),
        ("reach", inputs.reach.low <= inputs.reach.high),
        ("ease", inputs.ease.low <= inputs.ease.high),
    ];
    for (name, held) in spans {
        report.require(held, "span-inverted", &format!("{at}/inputs/{name}"));
    }
    // Another version of the lexicon may have another table; this one's results can be recomputed.
    let lexicon = Lexicon::embedded();
    if decision.lexicon == lexicon.version() {
        let low = lexicon.decisions().decide(inputs.lows());
        report.require(low == decision.low, "decision-mismatch", &format!("{at}/low"));
        let high = lexicon.decisions().decide(inputs.highs());
        report.require(high == decision.high, "decision-mismatch", &format!("{at}/high"));
    }
}

fn exposure(exposure: &Exposure, report: &mut Report) {
    const AT: &str = "/content/exposure";
    report.instant(&format!("{AT}/as_of"), exposure.as_of);
    if let Some(since) = exposure.exploited_since {
        let at = format!("{AT}/exploited_since");
        report.instant(&format!("{at}/at"), since.at);
        let held = exposure.exploitation == Exploitation::Active && since.at <= exposure.as_of;
        report.require(held, "exposure-contradiction", &at);
    }
}

fn timeline(facts: &[Fact], report: &mut Report) {
    const AT: &str = "/content/timeline";
    report.count(AT, facts.len(), limits::TIMELINE_MAX);
    let mut before = None;
    for (index, fact) in facts.iter().enumerate() {
        let at = format!("{AT}/{index}");
        report.instant(&format!("{at}/when/at"), fact.when.at);
        let later = before.is_none_or(|before| before <= fact.when.at);
        report.require(later, "time-order", &format!("{at}/when/at"));
        before = Some(fact.when.at);
        if let Some(party) = &fact.party {
            report.line(&format!("{at}/party"), party, limits::NAME_MAX);
        }
        if let Some(note) = &fact.note {
            report.text(&format!("{at}/note"), note, limits::TEXT_MAX);
        }
    }
}

fn credits(credits: &[Credit], report: &mut Report) {
    const AT: &str = "/content/credits";
    report.count(AT, credits.len(), limits::CREDITS_MAX);
    for (index, credit) in credits.iter().enumerate() {
        let Credit::Named { role: _, name, organisation, url } = credit else { continue };
        let at = format!("{AT}/{index}");
        report.line(&format!("{at}/name"), name, limits::NAME_MAX);
        if let Some(organisation) = organisation {
            report.line(&format!("{at}/organisation"), organisation, limits::NAME_MAX);
        }
        if let Some(url) = url {
            report.https(&format!("{at}/url"), url);
        }
    }
}

fn references(content: &Content, report: &mut Report) {
    const LINKS: &str = "/content/references";
    const ALIASES: &str = "/content/aliases";
    report.count(LINKS, content.references.len(), limits::REFERENCES_MAX);
    report.distinct(LINKS, content.references.iter().map(|link| &link.url));
    for (index, link) in content.references.iter().enumerate() {
        report.line(&format!("{LINKS}/{index}/title"), &link.title, limits::NAME_MAX);
        report.https(&format!("{LINKS}/{index}/url"), &link.url);
    }
    report.count(ALIASES, content.aliases.len(), limits::ALIASES_MAX);
    report.distinct(ALIASES, content.aliases.iter().map(|alias| alias.to_ascii_lowercase()));
    for (index, alias) in content.aliases.iter().enumerate() {
        report.require(is_alias(alias), "alias-invalid", &format!("{ALIASES}/{index}"));
    }
}

/// Ids of catalogues whose shape is known have that shape; others are tokens of letters, digits and `._:-`.
fn is_alias(alias: &str) -> bool {
    let upper = alias.to_ascii_uppercase();
    let token = text::is_token(alias, limits::ID_MAX)
        && alias.starts_with(|c: char| c.is_ascii_alphanumeric())
        && alias.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
    if upper.starts_with("CVE-") {
        let mut parts = alias.split('-').skip(1);
        let digits = |part: Option<&str>, counts: std::ops::RangeInclusive<usize>| {
            part.is_some_and(|part| {
                counts.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
            })
        };
        let shaped = digits(parts.next(), 4..=4) && digits(parts.next(), 4..=19);
        return shaped && parts.next().is_none() && alias.starts_with("CVE-");
    }
    if upper.starts_with("GHSA-") {
        let letters = |part: &str| {
            part.len() == 4 && part.bytes().all(|b| b"23456789cfghjmpqrvwx".contains(&b))
        };
        let parts = alias.strip_prefix("GHSA-").unwrap_or_default();
        return parts.split('-').count() == 3 && parts.split('-').all(letters);
    }
    token
}

fn translations(content: &Content, report: &mut Report) {
    const AT: &str = "/content/translations";
    report.count(AT, content.translations.len(), limits::TRANSLATIONS_MAX);
    let languages = content.translations.iter().map(|one| one.language.to_ascii_lowercase());
    report.distinct(AT, languages);
    for (index, translation) in content.translations.iter().enumerate() {
        self::translation(&format!("{AT}/{index}"), translation, content, report);
    }
}

fn translation(at: &str, translation: &Translation, content: &Content, report: &mut Report) {
    report.language(&format!("{at}/language"), &translation.language);
    let other = !translation.language.eq_ignore_ascii_case(&content.language);
    report.require(other, "list-duplicate", &format!("{at}/language"));
    report.language(&format!("{at}/source_language"), &translation.source_language);
    let hashed = text::is_hex(&translation.source_sha256, 64);
    report.require(hashed, "digest-invalid", &format!("{at}/source_sha256"));
    report.instant(&format!("{at}/at"), translation.at);
    match &translation.translator {
        Translator::Engine { name, version } => {
            report.line(&format!("{at}/translator/name"), name, limits::NAME_MAX);
            report.line(&format!("{at}/translator/version"), version, limits::VERSION_MAX);
        }
        Translator::Person { name } => {
            report.line(&format!("{at}/translator/name"), name, limits::NAME_MAX);
        }
    }
    if let Some(reviewer) = &translation.reviewer {
        report.line(&format!("{at}/reviewer"), reviewer, limits::NAME_MAX);
    }
    // A translation may be longer than its source, but not tell more than the level lets it.
    report.line(&format!("{at}/title"), &translation.title, limits::TITLE_MAX * 2);
    report.text(&format!("{at}/summary"), &translation.summary, summary_max(&content.detail) * 2);
    if let Some(description) = &translation.description {
        let at = format!("{at}/description");
        report.require(content.detail.description().is_some(), "detail-exceeded", &at);
        report.text(&at, description, limits::DESCRIPTION_MAX * 2);
    }
    let remedies = format!("{at}/remedies");
    let fits = translation.remedies.is_empty()
        || translation.source_sha256 != content.source_sha256()
        || translation.remedies.len() == content.remedies.len();
    report.require(fits, "translation-incomplete", &remedies);
    report.count(&remedies, translation.remedies.len(), limits::REMEDIES_MAX);
    for (index, remedy) in translation.remedies.iter().enumerate() {
        report.text(&format!("{remedies}/{index}"), remedy, limits::TEXT_MAX * 2);
    }
}
