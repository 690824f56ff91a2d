//! The safe-harbour text a hub promises: versioned, hashed, with the language that decides.
//!
//! Not here: the numbers of the policy (`config`) and what is shown before filing (`core::terms`).

use std::path::Path;

use comity_core::terms::Policy;

use crate::app::sha256_hex;
use crate::config::Config;

/// Bytes of one safe-harbour text at most.
pub const TEXT_BYTES_MAX: u64 = 256 << 10;

/// The safe-harbour text in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// The language.
    pub lang: String,
    /// Markdown.
    pub text: String,
    /// Whether this text decides; others are translations.
    pub authentic: bool,
}

/// Returns the texts in force: files `policy/v<n>.<lang>.md` of the data directory, else the shipped ones.
///
/// The first is authentic: the hub's own language if it has a text, else English.
#[must_use]
pub fn texts(config: &Config, data: Option<&Path>) -> Vec<PolicyText> {
    let mut found: Vec<PolicyText> = Vec::new();
    for lang in &config.languages {
        let own = data.and_then(|data| read(data, config.policy_version, lang));
        if let Some(text) = own.or_else(|| shipped(lang).map(str::to_owned)) {
            found.push(PolicyText { lang: lang.clone(), text, authentic: found.is_empty() });
        }
    }
    if found.is_empty() {
        found.push(PolicyText { lang: "en".to_owned(), text: ENGLISH.to_owned(), authentic: true });
    }
    found
}

/// Returns the policy that the configuration and the texts make.
#[must_use]
pub fn policy(config: &Config, texts: &[PolicyText]) -> Policy {
    let authentic: Vec<&PolicyText> = texts.iter().filter(|text| text.authentic).collect();
    let hashed: String = authentic.iter().map(|text| text.text.as_str()).collect();
    Policy {
        hub: config.hub.clone(),
        name: config.name.clone(),
        jurisdiction: config.jurisdiction.clone(),
        version: config.policy_version,
        acknowledge_hours: config.acknowledge_hours,
        embargo_days: config.embargo_days,
        retention_years: config.retention_years,
        public_records: config.public_records,
        authentic: authentic.iter().map(|text| text.lang.clone()).collect(),
        safe_harbour_sha256: sha256_hex(hashed.as_bytes()),
    }
}

const ENGLISH: &str = include_str!("../../../locales/en/safe-harbour.md");
const ARABIC: &str = include_str!("../../../locales/ar/safe-harbour.md");

fn shipped(lang: &str) -> Option<&'static str> {
    match lang {
        "ar" => Some(ARABIC),
        "en" => Some(ENGLISH),
        _ => None,
    }
}

fn read(data: &Path, version: u32, lang: &str) -> Option<String> {
    let path = data.join("policy").join(format!("v{version}.{lang}.md"));
    let size = std::fs::metadata(&path).ok()?.len();
    if size > TEXT_BYTES_MAX {
        return None;
    }
    std::fs::read_to_string(path).ok()
}
