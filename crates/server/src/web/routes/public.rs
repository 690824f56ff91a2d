//! Pages that everyone may read and that ask nothing.

use super::{Answer, Reader};
use crate::app::AppError;
use crate::i18n::{Duration, ParseDurationError};
use crate::web::advisory_page::{Publication, advisory_item, advisory_view};
use crate::web::lexicon_page::{lexicon_term_view, lexicon_view};
use crate::web::view::{
    AccessibilityView, AdvisoriesView, ApiView, ContactView, CorrectionItem, CorrectionsView,
    FormatLink, FrontView, PolicyView, PrivacyView, Promise, SafeHarbour,
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
        newest: found
            .items
            .iter()
            .map(|(_, advisory)| advisory_item(advisory, &reader.locale))
            .collect(),
    };
    reader.public("/", &view)
}

/// `/advisories?q=&after=`
pub(super) async fn advisories(reader: Reader) -> Answer {
    let (words, after) = (reader.query("q").trim(), reader.query("after"));
    let words: String = words.chars().take(crate::app::advisories::QUERY_CHARS_MAX).collect();
    let hub = reader.site.hub();
    let found = match hub
        .find_advisories(&words, Some(after).filter(|after| !after.is_empty()), ROWS)
        .await
    {
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
        newest: found
            .items
            .iter()
            .map(|(_, advisory)| advisory_item(advisory, &reader.locale))
            .collect(),
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
    let publication = Publication {
        latest: latest.version,
        formats: formats(id, checked.version, latest.version),
        sha256: Some(crate::app::sha256_hex(&signed.bytes)),
        log: None,
    };
    let view = advisory_view(&checked, publication, &reader.locale, hub.lexicon());
    let path = match version {
        None => format!("/advisories/{id}"),
        Some(version) => format!("/advisories/{id}/v{version}"),
    };
    reader.public(path, &view)
}

fn formats(id: &str, version: u32, latest: u32) -> Vec<FormatLink> {
    let old = if version < latest { format!("?version={version}") } else { String::new() };
    let link =
        |name, ending| FormatLink { name, href: format!("/api/v1/advisories/{id}{ending}{old}") };
    vec![
        link("CSAF 2.1", ".csaf.json"),
        link("CSAF 2.0", ".csaf20.json"),
        link("OSV", ".osv.json"),
        link("JSON", ".json"),
    ]
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
    let view = ContactView {
        addresses: vec![config.contact.clone()],
        key: None,
        answer_within: long(ANSWER_WITHIN)?,
    };
    reader.public("/contact", &view)
}

/// `/privacy`
pub(super) async fn privacy(reader: Reader) -> Answer {
    let config = reader.site.hub().config();
    let view = PrivacyView {
        retention: long(&format!("P{}Y", config.retention_years))?,
        jurisdiction: config.law(),
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
    let view = lexicon_view(reader.site.hub().lexicon(), reader.query("q").trim());
    reader.public("/lexicon", &view)
}

/// `/lexicon/{term}`
pub(super) async fn lexicon_term(reader: Reader) -> Answer {
    let view = lexicon_term_view(reader.site.hub().lexicon(), reader.param("term"));
    let view = view.ok_or(AppError::NotFound)?;
    reader.public(format!("/lexicon/{}", view.term.id), &view)
}

/// `/docs/api`
pub(super) async fn docs_api(reader: Reader) -> Answer {
    reader.public("/docs/api", &ApiView::of_table())
}
