//! What programs read: feeds, `/.well-known/`, style and icons, health (PO-07, PO-63).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use comity_formats::csaf;
use jiff::{Span, Timestamp};
use serde_json::json;

use super::{Answer, fresh, locale_of};
use crate::app::AppError;
use crate::app::advisories::{AdvisoryRow, CorrectionRow};
use crate::web::assets;
use crate::web::atom::{self, Entry, Feed};
use crate::web::http::Site;
use crate::web::security_txt::{SecurityTxt, security_txt};

/// Entries of a feed.
const ENTRIES: u32 = 50;
/// How long `security.txt` may be believed.
const EXPIRES_DAYS: i64 = 90;

/// Returns the router of what programs read.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/health", get(health))
        .route("/assets/{file}", get(asset))
        .route("/advisories.atom", get(advisories_atom))
        .route("/corrections.atom", get(corrections_atom))
        .route("/.well-known/security.txt", get(security))
        .route("/.well-known/csaf/provider-metadata.json", get(csaf_provider))
        .route("/.well-known/comity", get(comity))
        .route("/.well-known/comity/identity", get(identity))
}

async fn health() -> &'static str {
    "ok\n"
}

async fn asset(headers: HeaderMap, Path(file): Path<String>) -> Answer {
    let asset = assets::find(&format!("/assets/{file}")).ok_or(AppError::NotFound)?;
    let mut response = fresh(&headers, asset.media_type, asset.body.as_bytes().to_vec());
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, forever);
    Ok(response)
}

async fn advisories_atom(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let base = &site.hub().config().base_url;
    let found = site.hub().find_advisories("", None, ENTRIES).await?;
    let entries = found.items.into_iter().filter_map(|(row, advisory)| {
        let published = advisory.published_at()?;
        Some(Entry {
            id: format!("{base}/advisories/{}", row.id),
            title: row.title.clone(),
            href: format!("{base}/advisories/{}", row.id),
            published,
            updated: changed(&row, advisory.changed_at()),
            summary: advisory.content.summary.clone(),
            lang: Some(row.language),
        })
    });
    feed(&site, &headers, "advisories", "site-feed-advisories", entries.collect())
}

fn changed(row: &AdvisoryRow, changed: Timestamp) -> Timestamp {
    row.withdrawn_at.map_or(changed, |withdrawn| withdrawn.max(changed))
}

async fn corrections_atom(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let base = &site.hub().config().base_url;
    let found = site.hub().corrections(None, ENTRIES).await?;
    let entry = |row: CorrectionRow| Entry {
        id: format!("{base}/advisories/{}/v{}", row.advisory, row.version),
        title: row.title,
        href: format!("{base}/advisories/{}/v{}", row.advisory, row.version),
        published: row.at,
        updated: row.at,
        summary: row.summary,
        lang: Some(row.language),
    };
    feed(
        &site,
        &headers,
        "corrections",
        "site-feed-corrections",
        found.items.into_iter().map(entry).collect(),
    )
}

#[expect(clippy::unnecessary_wraps, reason = "every route answers alike")]
/// Feeds have no language in their address; their words are in the hub's own.
fn feed(
    site: &Site,
    headers: &HeaderMap,
    name: &str,
    title: &'static str,
    entries: Vec<Entry>,
) -> Answer {
    let config = site.hub().config();
    let locale = locale_of(site, &HeaderMap::new());
    let locale = config.languages.first().and_then(|tag| site.language(tag)).unwrap_or(&locale);
    let base = &config.base_url;
    let xml = atom::feed(&Feed {
        id: format!("{base}/{name}.atom"),
        title: locale.bare(title).name("hub", &config.name).to_string(),
        lang: locale.tag().to_owned(),
        author: config.name.clone(),
        self_href: format!("{base}/{name}.atom"),
        page_href: format!("{base}/{name}"),
        updated: Timestamp::UNIX_EPOCH,
        entries,
    });
    Ok(fresh(headers, "application/atom+xml; charset=utf-8", xml.into_bytes()))
}

/// RFC 9116 allows https alone; a hub on plain http, as on loopback, names what it will be behind.
fn https(base: &str) -> String {
    base.replacen("http://", "https://", 1)
}

async fn security(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let config = site.hub().config();
    let base = https(&config.base_url);
    let today = site.hub().now().as_second().div_euclid(86_400) * 86_400;
    let expires = Timestamp::from_second(today)
        .and_then(|at| at.checked_add(Span::new().hours(EXPIRES_DAYS * 24)))
        .map_err(AppError::fault)?;
    let text = security_txt(&SecurityTxt {
        contact: vec![format!("{base}/report"), config.contact.clone()],
        expires,
        encryption: None,
        acknowledgments: None,
        languages: site.chrome().languages.iter().map(|language| language.tag.clone()).collect(),
        canonical: vec![format!("{base}/.well-known/security.txt")],
        policy: Some(format!("{base}/policy")),
        csaf: Some(format!("{base}/.well-known/csaf/provider-metadata.json")),
    });
    let text = text.map_err(AppError::fault)?;
    Ok(fresh(&headers, "text/plain; charset=utf-8", text.into_bytes()))
}

async fn csaf_provider(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let base = https(&site.hub().config().base_url);
    let newest = site.hub().find_advisories("", None, 1).await?;
    let last = newest
        .items
        .first()
        .map_or(Timestamp::UNIX_EPOCH, |(row, advisory)| changed(row, advisory.changed_at()));
    let metadata = csaf::metadata(
        &csaf::Provider {
            publisher: &site.hub().publisher(),
            canonical_url: &format!("{base}/.well-known/csaf/provider-metadata.json"),
            directory_url: &format!("{base}/api/v1/advisories/"),
            role: csaf::Role::Publisher,
            last_updated: last,
            keys: &[],
        },
        csaf::Version::V2_0,
    );
    let bytes = serde_json::to_vec_pretty(&metadata).map_err(AppError::fault)?;
    Ok(public_json(fresh(&headers, "application/json", bytes)))
}

async fn comity(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let hub = site.hub();
    let config = hub.config();
    let key = hub.verifying_key();
    let languages: Vec<&str> =
        site.chrome().languages.iter().map(|language| language.tag.as_str()).collect();
    let about = json!({
        "api": format!("{}/api/v1", config.base_url),
        "fingerprint": key.fingerprint(),
        "hub": config.hub,
        "identity": hub.identity_room(),
        "identity_chain": format!("{}/.well-known/comity/identity", config.base_url),
        "key": key.to_string(),
        "languages": languages,
        "name": config.name,
        "policy": { "sha256": hub.policy().safe_harbour_sha256, "version": hub.policy().version },
    });
    let bytes = serde_json::to_vec(&about).map_err(AppError::fault)?;
    Ok(public_json(fresh(&headers, "application/json", bytes)))
}

/// The hub's identity chain, one envelope a line: what a peer admits, and what `comity verify --identity` takes.
async fn identity(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let chain = site.hub().identity_chain().await?;
    Ok(public_json(fresh(&headers, "application/jsonl", chain)))
}

fn public_json(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.into_response()
}
