//! Pages that everyone may read and that ask nothing.

use comity_core::lexicon::WeaknessClass;

use super::{Answer, Reader, advisory as shown};
use crate::app::AppError;
use crate::i18n::{Duration, ParseDurationError};
use crate::web::view::{
    AccessibilityView, AdvisoriesView, ApiView, ContactView, CorrectionItem, CorrectionsView, FrontView,
    LexiconTermView, LexiconView, PolicyView, PrivacyView, Promise, SafeHarbour, TermGroup, TermItem,
};
use crate::web::visible::Foreign;

/// Advisories on the front page.
const NEWEST: u32 = 5;
/// Advisories and corrections of one page.
const ROWS: u32 = 20;
/// How soon a person answers a letter.
const ANSWER_WITHIN: &str = "P5D";

fn long(text: &str) -> Result<Duration, AppError> {
    text.parse().map_err(|error: ParseDurationError| AppError::fault(error))
}

/// `/`
pub(super) async fn front(reader: Reader) -> Answer {
    let hub = reader.site.hub();
    let found = hub.find_advisories("", None, NEWEST).await?;
    let policy = hub.policy();
    let acknowledge = long(&format!("PT{}H", policy.acknowledge_hours))?;
    let embargo = long(&format!("P{}D", policy.embargo_days))?;
    let view = FrontView {
        promises: Promise::of_policy(&reader.locale, &acknowledge, &embargo, Some(policy.version)),
        newest: found.items.iter().map(|(row, advisory)| shown::item(row, advisory)).collect(),
    };
    reader.public("/", &view)
}

/// `/advisories?q=&after=`
pub(super) async fn advisories(reader: Reader) -> Answer {
    let (words, after) = (reader.query("q").trim(), reader.query("after"));
    let words: String = words.chars().take(crate::app::advisories::QUERY_CHARS_MAX).collect();
    let hub = reader.site.hub();
    let found = match hub.find_advisories(&words, Some(after).filter(|after| !after.is_empty()), ROWS).await {
        // A cursor that is none is an address that is none.
        Err(AppError::Refused(_)) => return Err(AppError::NotFound.into()),
        other => other?,
    };
    let total = if words.is_empty() { 0 } else { hub.count_advisories(&words).await? };
    let place = |cursor: String| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !words.is_empty() {
            query.append_pair("q", &words);
        }
        query.append_pair("after", &cursor);
        format!("/advisories?{}", query.finish())
    };
    let view = AdvisoriesView {
        total,
        newest: found.items.iter().map(|(row, advisory)| shown::item(row, advisory)).collect(),
        next: found.next.map(place),
        previous: None,
        query: words,
    };
    reader.public("/advisories", &view)
}

/// `/advisories/{id}` and `/advisories/{id}/v{n}`
pub(super) async fn advisory(reader: Reader) -> Answer {
    let version = numbered(reader.param("version"))?;
    let (id, hub) = (reader.param("id"), reader.site.hub());
    let (newest, latest) = hub.read_advisory(id, None).await?;
    let checked = match version {
        Some(version) if version != latest.version => hub.read_advisory(id, Some(version)).await?.1,
        _ => latest.clone(),
    };
    let signed = hub.advisory_file(&newest.id, Some(checked.version)).await?;
    let sha256 = crate::app::sha256_hex(&signed.bytes);
    let view = shown::view(&checked, latest.version, reader.locale.tag(), sha256);
    let path = match version {
        None => format!("/advisories/{id}"),
        Some(version) => format!("/advisories/{id}/v{version}"),
    };
    reader.public(path, &view)
}

/// Reads `v<n>`; nothing is the newest version.
fn numbered(text: &str) -> Result<Option<u32>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix('v').filter(|digits| !digits.starts_with(['0', '+']));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or(AppError::NotFound)
}

/// `/corrections`
pub(super) async fn corrections(reader: Reader) -> Answer {
    let found = reader.site.hub().corrections(None, ROWS).await?;
    let items = found.items.into_iter().map(|row| CorrectionItem {
        withdrawn: row.kind == "withdrawal",
        title: Foreign::new(row.title, Some(&row.language)),
        what: Foreign::new(row.summary, Some(&row.language)),
        id: row.advisory,
        version: row.version,
        at: row.at,
    });
    reader.public("/corrections", &CorrectionsView { items: items.collect() })
}

/// `/policy` and `/policy/v{n}` of the version in force
pub(super) async fn policy(reader: Reader) -> Answer {
    let hub = reader.site.hub();
    let policy = hub.policy();
    let asked = numbered(reader.param("version"))?;
    if asked.is_some_and(|version| version != policy.version) {
        return Err(AppError::NotFound.into());
    }
    let harbour = hub.policy_text(reader.locale.tag()).map(|text| SafeHarbour {
        version: policy.version,
        text: Foreign::new(text.text.clone(), Some(&text.lang)),
        authentic: policy.authentic.clone(),
        sha256: policy.safe_harbour_sha256.clone(),
    });
    let view = PolicyView {
        version: policy.version,
        latest: policy.version,
        since: None,
        acknowledge: long(&format!("PT{}H", policy.acknowledge_hours))?,
        embargo: long(&format!("P{}D", policy.embargo_days))?,
        retention: long(&format!("P{}Y", policy.retention_years))?,
        safe_harbour: harbour,
        body: None,
        body_lang: reader.locale.tag().to_owned(),
        sha256: policy.safe_harbour_sha256.clone(),
    };
    reader.public("/policy", &view)
}

/// `/contact`
pub(super) async fn contact(reader: Reader) -> Answer {
    let config = reader.site.hub().config();
    let view = ContactView { addresses: vec![config.contact.clone()], key: None, answer_within: long(ANSWER_WITHIN)? };
    reader.public("/contact", &view)
}

/// `/privacy`
pub(super) async fn privacy(reader: Reader) -> Answer {
    let config = reader.site.hub().config();
    let view = PrivacyView {
        retention: long(&format!("P{}Y", config.retention_years))?,
        jurisdiction: config.jurisdiction.clone(),
        public_records: config.public_records,
    };
    reader.public("/privacy", &view)
}

/// `/accessibility`
pub(super) async fn accessibility(reader: Reader) -> Answer {
    reader.public("/accessibility", &AccessibilityView { answer_within: long(ANSWER_WITHIN)? })
}

/// `/lexicon?q=`
pub(super) async fn lexicon(reader: Reader) -> Answer {
    let lexicon = reader.site.hub().lexicon();
    let query: String = reader.query("q").trim().chars().take(200).collect();
    let folded = query.to_lowercase();
    let mut groups: Vec<TermGroup> = Vec::new();
    for class in lexicon.classes() {
        let item = class_item(class);
        if matches(&item, &folded) {
            push(&mut groups, &class.family, item);
        }
    }
    for enumeration in lexicon.enumerations() {
        for term in &enumeration.values {
            let item = term_item(&enumeration.id, &term.key, &term.definition);
            if matches(&item, &folded) {
                push(&mut groups, &enumeration.id, item);
            }
        }
    }
    let version = lexicon.version().to_owned();
    reader.public("/lexicon", &LexiconView { version, query, groups })
}

fn matches(item: &TermItem, folded: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(folded);
    folded.is_empty() || holds(&item.id) || holds(&item.name.text) || holds(&item.definition.text)
}

fn push(groups: &mut Vec<TermGroup>, name: &str, item: TermItem) {
    match groups.iter_mut().find(|group| group.name.text == name) {
        Some(group) => group.terms.push(item),
        None => groups.push(TermGroup { name: Foreign::new(name, Some("en")), terms: vec![item] }),
    }
}

fn class_item(class: &WeaknessClass) -> TermItem {
    TermItem {
        id: class.id.clone(),
        name: Foreign::new(class.name.clone(), Some("en")),
        definition: Foreign::new(class.definition.clone(), Some("en")),
    }
}

fn term_item(family: &str, key: &str, definition: &str) -> TermItem {
    TermItem {
        id: format!("{family}.{key}"),
        name: Foreign::new(key.replace('_', " "), Some("en")),
        definition: Foreign::new(definition, Some("en")),
    }
}

/// `/lexicon/{term}`
pub(super) async fn lexicon_term(reader: Reader) -> Answer {
    let lexicon = reader.site.hub().lexicon();
    let asked = reader.param("term");
    let (term, references) = match lexicon.class(asked) {
        Some(class) => {
            let at = |framework: &str| lexicon.framework_version(framework).unwrap_or_default().to_owned();
            let maps = class.maps.iter().flat_map(|(framework, terms)| {
                let version = at(framework);
                terms.iter().map(move |term| match version.as_str() {
                    "" => format!("{framework}:{term}"),
                    version => format!("{framework}@{version}:{term}"),
                })
            });
            (class_item(class), maps.collect())
        }
        None => {
            let (family, key) = asked.split_once('.').ok_or(AppError::NotFound)?;
            let of = lexicon.enumerations().iter().find(|enumeration| enumeration.id == family);
            let found = of.and_then(|of| of.values.iter().find(|term| term.key == key));
            let found = found.ok_or(AppError::NotFound)?;
            (term_item(family, &found.key, &found.definition), Vec::new())
        }
    };
    let path = format!("/lexicon/{}", term.id);
    let version = lexicon.version().to_owned();
    reader.public(path, &LexiconTermView { version, term, references })
}

/// `/docs/api`
pub(super) async fn docs_api(reader: Reader) -> Answer {
    reader.public("/docs/api", &ApiView::of_table())
}
