//! Which packages of which ecosystem are affected, and in which versions.

use comity_core::advisory::content::{Content, ProductRow, Scheme, Status, Versions};
use comity_core::advisory::version_numbers;
use packageurl::PackageUrl;
use serde_json::{Map, Value, json};

use crate::export::{LossReason, Losses};

/// Returns the affected packages, and beside them the affected rows that are in no ecosystem.
pub(super) fn affected(content: &Content, losses: &mut Losses) -> (Vec<Value>, Vec<Value>) {
    let mut packages = Vec::new();
    let mut others = Vec::new();
    for (index, row) in content.products.iter().enumerate() {
        if row.status != (Status::KnownAffected {}) {
            continue;
        }
        let path = format!("/content/products/{index}");
        if let Some(package) = package(row) {
            packages.push(versions(row, package));
            for lost in 0..row.digests.len() {
                losses.lose(format!("{path}/digests/{lost}"), LossReason::NoPlace);
            }
            if row.urn.is_some() {
                losses.lose(format!("{path}/urn"), LossReason::NoPlace);
            }
        } else {
            losses.lose(path, LossReason::NoPlace);
            others.push(serde_json::to_value(row).unwrap_or_default());
        }
    }
    (packages, others)
}

/// The package in its ecosystem; the package URL without version, as OSV asks.
fn package(row: &ProductRow) -> Option<Value> {
    let mut purl: PackageUrl<'_> = row.purl.as_deref()?.parse().ok()?;
    let (ecosystem, name) = ecosystem(&purl)?;
    purl.without_version();
    Some(json!({ "ecosystem": ecosystem, "name": name, "purl": purl.to_string() }))
}

fn ecosystem(purl: &PackageUrl<'_>) -> Option<(&'static str, String)> {
    let name = purl.name().to_owned();
    let joined = |separator: &str| match purl.namespace() {
        Some(namespace) => format!("{namespace}{separator}{name}"),
        None => name.clone(),
    };
    let found = match purl.ty() {
        "bioconductor" => ("Bioconductor", name),
        "bitnami" => ("Bitnami", name),
        "cargo" => ("crates.io", name),
        "composer" => ("Packagist", joined("/")),
        "conan" => ("ConanCenter", name),
        "cran" => ("CRAN", name),
        "deb" if purl.namespace() == Some("debian") => ("Debian", name),
        "gem" => ("RubyGems", name),
        "golang" => ("Go", joined("/")),
        "hackage" => ("Hackage", name),
        "hex" if purl.namespace().is_none() => ("Hex", name),
        "julia" => ("Julia", name),
        "maven" => ("Maven", joined(":")),
        "npm" => ("npm", joined("/")),
        "nuget" => ("NuGet", name),
        "opam" => ("opam", name),
        "pub" => ("Pub", name),
        "pypi" => ("PyPI", normalised(&name)),
        "swift" => ("SwiftURL", joined("/")),
        "vscode-extension" => ("VSCode", joined(".")),
        _ => return None,
    };
    Some(found)
}

/// The name as the Python index knows it (PEP 503).
fn normalised(name: &str) -> String {
    let mut normal = String::new();
    for c in name.to_lowercase().chars() {
        if !matches!(c, '-' | '_' | '.') {
            normal.push(c);
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

fn versions(row: &ProductRow, package: Value) -> Value {
    let mut value = Map::new();
    value.insert("package".into(), package);
    match &row.versions {
        Versions::All {} => {
            let events = json!([{ "introduced": "0" }]);
            value.insert("ranges".into(), json!([{ "type": "ECOSYSTEM", "events": events }]));
        }
        Versions::Listed { versions } => {
            value.insert("versions".into(), json!(versions));
        }
        Versions::Range { scheme, from, to } => {
            let mut events = vec![json!({ "introduced": from.as_deref().unwrap_or("0") })];
            if let Some(to) = to {
                let key = if to.included { "last_affected" } else { "fixed" };
                events.push(json!({ key: to.version }));
            }
            let bounds = from.iter().chain(to.as_ref().map(|to| &to.version));
            let kind = if is_semver(*scheme, bounds) { "SEMVER" } else { "ECOSYSTEM" };
            value.insert("ranges".into(), json!([{ "type": kind, "events": events }]));
        }
    }
    Value::Object(value)
}

/// `SEMVER` only where every bound is one beyond doubt; the ecosystem's own order holds otherwise.
fn is_semver<'a>(scheme: Scheme, mut bounds: impl Iterator<Item = &'a String>) -> bool {
    let ordered_so = match scheme {
        Scheme::Golang | Scheme::Npm | Scheme::Semver => true,
        Scheme::Gem | Scheme::Generic | Scheme::Maven | Scheme::Nuget | Scheme::Pypi => false,
    };
    ordered_so
        && bounds.all(|bound| bound.split('.').count() == 3 && version_numbers(bound).is_some())
}
