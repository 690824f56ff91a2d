//! The folder of CSAF documents as aggregators walk it: one folder a year, `index.txt`, `changes.csv`, hashes
//! and listings (CSAF 2.0, section 7.1, requirements 1 to 14 and 18).
//!
//! Not here: the metadata that names the folder (`machine`) and the documents themselves (`comity-formats`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Html;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256, Sha512};

use super::machine::public_json;
use super::{Answer, fresh, see};
use crate::app::AppError;
use crate::app::advisories::CsafFile;
use crate::web::http::Site;

/// Where the folder is.
pub(super) const FOLDER: &str = "/csaf/";

/// Makes the hash of a document, lower-case hex.
type Hash = fn(&[u8]) -> String;

/// The hashes that lie beside each document, by the end of their names.
const HASHES: [(&str, Hash); 2] = [
    (".sha256", |bytes| data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))),
    (".sha512", |bytes| data_encoding::HEXLOWER.encode(&Sha512::digest(bytes))),
];

/// Returns the router of the folder.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/csaf", get(async || see(FOLDER)))
        .route(FOLDER, get(years))
        .route("/csaf/index.txt", get(index))
        .route("/csaf/changes.csv", get(changes))
        .route("/csaf/{year}/", get(year))
        .route("/csaf/{year}/{file}", get(file))
}

/// `/csaf/index.txt`: every document, a line each.
async fn index(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let files = site.hub().csaf_files().await?;
    let mut text = String::new();
    for file in &files {
        text.push_str(&file.path);
        text.push('\n');
    }
    Ok(public_json(fresh(&headers, "text/plain; charset=utf-8", text.into_bytes())))
}

/// `/csaf/changes.csv`: every document with its newest instant, the newest first.
async fn changes(State(site): State<Site>, headers: HeaderMap) -> Answer {
    let mut files = site.hub().csaf_files().await?;
    files.sort_by(|a, b| b.changed_at.cmp(&a.changed_at).then(a.path.cmp(&b.path)));
    let mut text = String::new();
    for CsafFile { path, changed_at } in &files {
        let _infallible = writeln!(text, "\"{path}\",\"{changed_at}\"");
    }
    Ok(public_json(fresh(&headers, "text/csv; charset=utf-8", text.into_bytes())))
}

/// `/csaf/{year}/{file}`: a document, or one of its hashes.
async fn file(
    State(site): State<Site>,
    headers: HeaderMap,
    Path((year, name)): Path<(String, String)>,
) -> Answer {
    for (ending, hash) in HASHES {
        if let Some(document) = name.strip_suffix(ending) {
            let bytes = site.hub().csaf_file(&format!("{year}/{document}")).await?;
            let line = format!("{}  {document}\n", hash(&bytes));
            let text = fresh(&headers, "text/plain; charset=utf-8", line.into_bytes());
            return Ok(public_json(text));
        }
    }
    let bytes = site.hub().csaf_file(&format!("{year}/{name}")).await?;
    Ok(public_json(fresh(&headers, "application/json", bytes)))
}

/// `/csaf/`: what lies in it.
async fn years(State(site): State<Site>) -> Answer {
    let files = site.hub().csaf_files().await?;
    let years: BTreeSet<&str> = files.iter().filter_map(|f| f.path.split('/').next()).collect();
    let years = years.iter().rev().map(|year| format!("{year}/"));
    let lists = ["changes.csv", "index.txt"].map(str::to_owned);
    Ok(listing(FOLDER, years.chain(lists)))
}

/// `/csaf/{year}/`: the documents of a year with their hashes.
async fn year(State(site): State<Site>, Path(year): Path<String>) -> Answer {
    let files = site.hub().csaf_files().await?;
    let folder = format!("{year}/");
    let names: Vec<&str> = files.iter().filter_map(|f| f.path.strip_prefix(&folder)).collect();
    if names.is_empty() {
        return Err(AppError::NotFound.into());
    }
    let all = names
        .iter()
        .flat_map(|name| ["", ".sha256", ".sha512"].map(|ending| format!("{name}{ending}")));
    Ok(listing(&format!("{FOLDER}{folder}"), std::iter::once("../".to_owned()).chain(all)))
}

/// A folder as file servers list it: names alone, so in no language.
///
/// Years and names are of digits, letters, `+`, `-`, `_` and `.`, so nothing needs escaping.
fn listing(folder: &str, names: impl Iterator<Item = String>) -> Response {
    let mut html = format!(
        "<!doctype html><html lang=\"und\"><meta charset=\"utf-8\"><title>{folder}</title>\
         <h1>{folder}</h1><ul>"
    );
    for name in names {
        let _infallible = write!(html, "<li><a href=\"{name}\">{name}</a></li>");
    }
    html.push_str("</ul></html>\n");
    Html(html).into_response()
}
