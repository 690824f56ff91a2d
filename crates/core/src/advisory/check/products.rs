//! Rules over product rows and what to do about them.

use std::collections::{BTreeMap, BTreeSet};

use packageurl::PackageUrl;

use super::text::{self, Report};
use crate::advisory::content::{
    Bound, Content, Digest, DigestAlgorithm, ProductRow, Remedy, RemedyCategory, Status, Versions,
};
use crate::advisory::limits;
use crate::advisory::version_numbers;

/// The remediation classes of lexicon 1.0.0.
const REMEDY_CLASSES: [&str; 15] = [
    "accept_by_design",
    "harden_prompt_or_config",
    "hardware_or_firmware_update",
    "monitor_and_detect",
    "none_known",
    "patch_code",
    "patch_weights",
    "policy_or_terms_change",
    "protocol_change",
    "quarantine_artefact",
    "restrict_capability_or_permission",
    "retrain_or_unlearn",
    "rotate_or_revoke",
    "update_guardrail_filter",
    "withdraw_model_or_service",
];

/// Types whose definition asks for a namespace: without it two owners may use one name.
const NAMESPACE_REQUIRED: [&str; 14] = [
    "alpm",
    "apk",
    "bitbucket",
    "composer",
    "deb",
    "git",
    "github",
    "golang",
    "huggingface",
    "maven",
    "qpkg",
    "rpm",
    "swift",
    "vscode-extension",
];

/// Types whose definition has no namespace.
const NAMESPACE_PROHIBITED: [&str; 18] = [
    "bazel",
    "bitnami",
    "cargo",
    "chrome-extension",
    "cocoapods",
    "conda",
    "cran",
    "gem",
    "hackage",
    "julia",
    "mlflow",
    "nuget",
    "oci",
    "opam",
    "otp",
    "pub",
    "pypi",
    "vcpkg",
];

pub(super) fn products(rows: &[ProductRow], report: &mut Report) {
    const AT: &str = "/content/products";
    report.require(!rows.is_empty(), "list-empty", AT);
    report.count(AT, rows.len(), limits::PRODUCTS_MAX);
    report.distinct(AT, rows.iter().map(|row| &row.key));
    for (index, row) in rows.iter().enumerate() {
        self::row(&format!("{AT}/{index}"), row, report);
    }
    contradictions(AT, rows, report);
}

fn row(at: &str, row: &ProductRow, report: &mut Report) {
    report.require(text::is_key(&row.key), "value-invalid", &format!("{at}/key"));
    report.line(&format!("{at}/supplier"), &row.supplier, limits::NAME_MAX);
    report.line(&format!("{at}/name"), &row.name, limits::NAME_MAX);
    versions(&format!("{at}/versions"), &row.versions, report);
    if let Some(purl) = &row.purl {
        self::purl(&format!("{at}/purl"), purl, &row.versions, report);
    }
    if let Some(urn) = &row.urn {
        let held = urn.len() <= limits::URN_MAX && text::is_service_urn(urn);
        report.require(held, "urn-invalid", &format!("{at}/urn"));
    }
    digests(&format!("{at}/digests"), &row.digests, report);
    if let Status::NotAffected { justification, impact } = &row.status {
        let given = justification.is_some() || impact.is_some();
        report.require(given, "reason-missing", &format!("{at}/status"));
        if let Some(impact) = impact {
            report.text(&format!("{at}/status/impact"), impact, limits::TEXT_MAX);
        }
    }
}

fn versions(at: &str, versions: &Versions, report: &mut Report) {
    match versions {
        Versions::All {} => {}
        Versions::Listed { versions } => {
            let at = format!("{at}/versions");
            report.require(!versions.is_empty(), "list-empty", &at);
            report.count(&at, versions.len(), limits::VERSIONS_MAX);
            report.distinct(&at, versions.iter());
            for (index, version) in versions.iter().enumerate() {
                report.line(&format!("{at}/{index}"), version, limits::VERSION_MAX);
            }
        }
        Versions::Range { scheme: _, from, to } => {
            if from.is_none() && to.is_none() {
                report.refuse("range-empty", at);
            }
            if let Some(from) = from {
                report.require(is_bound(from), "version-invalid", &format!("{at}/from"));
            }
            if let Some(to) = to {
                report.require(
                    is_bound(&to.version),
                    "version-invalid",
                    &format!("{at}/to/version"),
                );
                let empty = from.as_ref().is_some_and(|from| is_empty_range(from, to));
                report.require(!empty, "range-empty", at);
            }
        }
    }
}

/// Only plain numbers are compared: for the rest the scheme would have to be known in full.
fn is_empty_range(from: &str, to: &Bound) -> bool {
    match (version_numbers(from), version_numbers(&to.version)) {
        (Some(low), Some(high)) => low > high || low == high && !to.included,
        _ => from == to.version && !to.included,
    }
}

/// Bounds are written into specifiers, where blanks and separators mean something.
fn is_bound(version: &str) -> bool {
    let bytes = version.as_bytes();
    (1..=limits::VERSION_MAX).contains(&bytes.len())
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b".+-_~".contains(b))
}

fn purl(at: &str, purl: &str, versions: &Versions, report: &mut Report) {
    let Some(read) = read_purl(purl) else { return report.refuse("purl-invalid", at) };
    let Some(version) = read.version() else { return };
    let only = match versions {
        Versions::Listed { versions } if versions.len() == 1 => versions.first(),
        Versions::Listed { .. } | Versions::All {} | Versions::Range { .. } => None,
    };
    let held = only.is_some_and(|only| only == version);
    report.require(held, "purl-version-mismatch", at);
}

fn read_purl(purl: &str) -> Option<PackageUrl<'_>> {
    if purl.len() > limits::PURL_MAX || !purl.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let read: PackageUrl<'_> = purl.parse().ok()?;
    let named = !read.name().is_empty();
    let owned = match read.namespace() {
        None => !NAMESPACE_REQUIRED.contains(&read.ty()),
        Some(_) => !NAMESPACE_PROHIBITED.contains(&read.ty()),
    };
    (named && owned).then_some(read)
}

fn digests(at: &str, digests: &[Digest], report: &mut Report) {
    report.count(at, digests.len(), limits::DIGESTS_MAX);
    report.distinct(at, digests.iter().map(|digest| (digest.alg, &digest.file)));
    for (index, digest) in digests.iter().enumerate() {
        let at = format!("{at}/{index}");
        let held = text::is_hex(&digest.value, digits(digest.alg));
        report.require(held, "digest-invalid", &format!("{at}/value"));
        if let Some(file) = &digest.file {
            report.line(&format!("{at}/file"), file, limits::NAME_MAX);
        }
    }
}

const fn digits(alg: DigestAlgorithm) -> usize {
    match alg {
        DigestAlgorithm::Sha256 | DigestAlgorithm::Sha256Tree => 64,
        DigestAlgorithm::Sha384 => 96,
        DigestAlgorithm::Sha512 => 128,
    }
}

/// One version of one product cannot be two things at once.
fn contradictions(at: &str, rows: &[ProductRow], report: &mut Report) {
    let mut said: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let Versions::Listed { versions } = &row.versions else { continue };
        for version in versions.iter().take(limits::VERSIONS_MAX) {
            let before = said.insert((&row.supplier, &row.name, version), row.status.key());
            if before.is_some_and(|before| before != row.status.key()) {
                report.refuse("status-contradiction", &format!("{at}/{index}/status"));
            }
        }
    }
}

pub(super) fn remedies(content: &Content, report: &mut Report) {
    const AT: &str = "/content/remedies";
    report.count(AT, content.remedies.len(), limits::REMEDIES_MAX);
    for (index, remedy) in content.remedies.iter().enumerate() {
        self::remedy(&format!("{AT}/{index}"), remedy, content, report);
    }
    let advice = advice_by_row(content);
    for (index, row) in content.products.iter().enumerate() {
        let given = advice.get(row.key.as_str());
        let at = format!("/content/products/{index}");
        if row.status == (Status::KnownAffected {}) && given.is_none() {
            report.refuse("remedy-missing", &at);
        }
        if given.is_some_and(contradicts) {
            report.refuse("remedy-contradiction", &at);
        }
    }
}

fn remedy(at: &str, remedy: &Remedy, content: &Content, report: &mut Report) {
    report.text(&format!("{at}/text"), &remedy.text, limits::TEXT_MAX);
    if let Some(url) = &remedy.url {
        report.https(&format!("{at}/url"), url);
    }
    if let Some(since) = remedy.since {
        report.instant(&format!("{at}/since"), since);
    }
    let classes = format!("{at}/classes");
    report.count(&classes, remedy.classes.len(), limits::REMEDY_CLASSES_MAX);
    report.distinct(&classes, remedy.classes.iter());
    for (index, class) in remedy.classes.iter().enumerate() {
        let known = REMEDY_CLASSES.contains(&class.as_str());
        report.require(known, "value-unknown", &format!("{classes}/{index}"));
    }
    let products = format!("{at}/products");
    report.count(&products, remedy.products.len(), limits::PRODUCTS_MAX);
    report.distinct(&products, remedy.products.iter());
    for (index, key) in remedy.products.iter().enumerate() {
        let row = content.products.iter().find(|row| row.key == *key);
        let code = if row.is_none() { "product-unknown" } else { "remedy-misplaced" };
        let held = row.is_some_and(|row| row.status.takes_remedy());
        report.require(held, code, &format!("{products}/{index}"));
    }
    if remedy.products.is_empty() && content.rows_of(remedy).next().is_none() {
        report.refuse("remedy-misplaced", at);
    }
}

fn advice_by_row(content: &Content) -> BTreeMap<&str, BTreeSet<RemedyCategory>> {
    let mut advice: BTreeMap<&str, BTreeSet<RemedyCategory>> = BTreeMap::new();
    for remedy in &content.remedies {
        for key in content.rows_of(remedy) {
            advice.entry(key).or_default().insert(remedy.category);
        }
    }
    advice
}

/// "Nothing helps" beside something that helps, or a fix beside "no fix" (CSAF 2.1, test 6.1.35).
fn contradicts(advice: &BTreeSet<RemedyCategory>) -> bool {
    let has = |category| advice.contains(&category);
    has(RemedyCategory::NoneAvailable) && advice.len() > 1
        || has(RemedyCategory::NoFixPlanned) && has(RemedyCategory::VendorFix)
}
