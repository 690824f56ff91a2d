//! The hub's configuration: one file, few environment variables, everything bounded and checked once.
//!
//! Not here: secrets. Keys lie in their own files or sealed in the store.

use std::path::{Path, PathBuf};

use comity_core::law::signature::Signer;
use serde::{Deserialize, Serialize};

/// The name of the configuration file in the data directory.
pub const FILE: &str = "config.toml";

/// What whoever runs the hub decides. Unknown members are refused: a misspelt one must not be silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The hub's id, `[a-z0-9][a-z0-9-]{0,31}`; part of every case and report id.
    pub hub: String,
    /// The hub's name as people know it.
    pub name: String,
    /// The address to listen on.
    pub address: String,
    /// The address people use, without a slash at the end.
    pub base_url: String,
    /// Where `PostgreSQL` answers; empty for the embedded `SQLite`.
    pub database_url: String,
    /// The hub's jurisdiction, an ISO 3166-1 code or a fictional one.
    pub jurisdiction: String,
    /// The jurisdiction's name as people read it; empty shows the code alone.
    pub jurisdiction_name: String,
    /// Languages offered, the first is the hub's own.
    pub languages: Vec<String>,
    /// Where people reach a person: `mailto:` or `https:`.
    pub contact: String,
    /// Whether a public-records law may open what the hub holds.
    pub public_records: bool,
    /// The version of policy and safe harbour in force.
    pub policy_version: u32,
    /// Hours within which a person acknowledges a report.
    pub acknowledge_hours: u32,
    /// Default silence in days (case-protocol.md, CP-47).
    pub embargo_days: u32,
    /// Years after closing at which a report is erased.
    pub retention_years: u32,
    /// A folder whose files replace those of the shipped lexicon; empty for the shipped one.
    pub lexicon_folder: String,
    /// A folder whose messages replace or add to the shipped ones; empty for the shipped ones.
    pub locales_folder: String,
    /// A folder whose signed packs replace or add to the shipped ones; empty for the shipped ones.
    pub policies_folder: String,
    /// Proxies in front of the hub, as addresses or networks (`10.0.0.0/8`): what they write into
    /// `X-Forwarded-For` counts as the asker's address.
    pub trusted_proxies: Vec<String>,
    /// Keys that are trusted to sign packs, each for one organisation.
    pub pack_signers: Vec<Signer>,
    /// Upper bounds on what strangers and programs may ask for.
    pub limits: Limits,
}

/// Named maxima (portal.md, PO-20 and PO-75).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Reports an hour without a token, for one address prefix (/24 or /56).
    pub reports_per_hour_prefix: u32,
    /// Reports an hour without a token, for the whole hub.
    pub reports_per_hour_hub: u32,
    /// Writes a minute for one token.
    pub writes_per_minute: u32,
    /// Reads a minute for one token or address prefix.
    pub reads_per_minute: u32,
    /// Bytes of one attachment over the API.
    pub attachment_bytes: u64,
    /// Intakes at work at once; more are answered "busy".
    pub intakes_at_once: u32,
    /// Connections at once; more wait until one ends.
    pub connections: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reports_per_hour_prefix: 5,
            reports_per_hour_hub: 60,
            writes_per_minute: 60,
            reads_per_minute: 600,
            attachment_bytes: 100 << 20,
            intakes_at_once: 256,
            connections: 1_024,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hub: "hub".to_owned(),
            name: "Comity hub".to_owned(),
            address: "127.0.0.1:8470".to_owned(),
            base_url: "http://127.0.0.1:8470".to_owned(),
            database_url: String::new(),
            jurisdiction: "XX".to_owned(),
            jurisdiction_name: String::new(),
            languages: vec!["en".to_owned(), "ar".to_owned()],
            contact: "mailto:security@hub.example".to_owned(),
            public_records: false,
            policy_version: 1,
            acknowledge_hours: 72,
            embargo_days: 45,
            retention_years: 2,
            lexicon_folder: String::new(),
            locales_folder: String::new(),
            policies_folder: String::new(),
            pack_signers: Vec::new(),
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Why a configuration was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML, or has a member we do not know.
    #[error("{path}: {message}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, column and cause as the TOML reader says them.
        message: String,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A member has a value outside its bounds.
    #[error("{member} must be {wanted}")]
    Value {
        /// The member.
        member: &'static str,
        /// What would be right.
        wanted: &'static str,
    },
}

impl Config {
    /// Reads and checks the file of the data directory.
    pub fn load(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(FILE);
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        Self::parse(&text).map_err(|error| match error {
            ConfigError::Malformed { message, .. } => ConfigError::Malformed { path, message },
            ConfigError::Unreadable { .. } | ConfigError::Value { .. } => error,
        })
    }

    /// Reads and checks the text of a configuration.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::Malformed {
            path: PathBuf::from(FILE),
            message: error.to_string().trim_end().to_owned(),
        })?;
        config.check()?;
        Ok(config)
    }

    /// Takes over what the environment says: `COMITY_ADDRESS`, `COMITY_BASE_URL`,
    /// `COMITY_DATABASE_URL`, through `read` so that tests need no real environment.
    pub fn with_environment(
        mut self,
        read: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        for (name, member) in [
            ("COMITY_ADDRESS", &mut self.address),
            ("COMITY_BASE_URL", &mut self.base_url),
            ("COMITY_DATABASE_URL", &mut self.database_url),
        ] {
            if let Some(value) = read(name) {
                *member = value;
            }
        }
        self.check()?;
        Ok(self)
    }

    /// Returns the file's text, with every member written out.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Checks every bound.
    pub fn check(&self) -> Result<(), ConfigError> {
        let refuse = |member, wanted| Err(ConfigError::Value { member, wanted });
        if !is_hub_id(&self.hub) {
            return refuse("hub", "1 to 32 of a-z, 0-9 and -, not beginning with -");
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            return refuse("name", "1 to 200 characters");
        }
        let named = &self.jurisdiction_name;
        if named.chars().count() > 100 || named.contains(char::is_control) {
            return refuse("jurisdiction_name", "at most 100 characters");
        }
        if self.address.parse::<std::net::SocketAddr>().is_err() {
            return refuse("address", "an IP address and a port, as 127.0.0.1:8470");
        }
        if !is_base_url(&self.base_url) {
            return refuse(
                "base_url",
                "http:// or https:// and a host, without path, query or slash at the end",
            );
        }
        if self.languages.is_empty() || self.languages.len() > 32 {
            return refuse("languages", "1 to 32 language tags");
        }
        if !self.languages.iter().all(|tag| self.speaks(tag)) {
            return refuse("languages", "shipped (en, ar) or a folder of locales_folder, each");
        }
        if !(self.contact.starts_with("mailto:") || self.contact.starts_with("https://")) {
            return refuse("contact", "a mailto: or https:// address");
        }
        self.check_numbers()
    }

    /// Returns the jurisdiction in words, with its code.
    #[must_use]
    pub fn law(&self) -> String {
        match self.jurisdiction_name.trim() {
            "" => self.jurisdiction.clone(),
            name => format!("{name} ({})", self.jurisdiction),
        }
    }

    /// Whether there are messages in a language: shipped ones, or a folder of the configured ones.
    fn speaks(&self, tag: &str) -> bool {
        let is_name =
            !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let folder = Path::new(&self.locales_folder);
        let is_own = || !self.locales_folder.is_empty() && folder.join(tag).is_dir();
        is_name && (crate::i18n::is_shipped(tag) || is_own())
    }

    fn check_numbers(&self) -> Result<(), ConfigError> {
        let refuse = |member, wanted| Err(ConfigError::Value { member, wanted });
        if self.policy_version == 0 {
            return refuse("policy_version", "1 or more");
        }
        if !(1..=720).contains(&self.acknowledge_hours) {
            return refuse("acknowledge_hours", "1 to 720");
        }
        if !(1..=365).contains(&self.embargo_days) {
            return refuse("embargo_days", "1 to 365");
        }
        if !(1..=50).contains(&self.retention_years) {
            return refuse("retention_years", "1 to 50");
        }
        let is_key =
            |signer: &Signer| signer.key.parse::<comity_ledger::key::VerifyingKey>().is_ok();
        if self.pack_signers.len() > 64 || !self.pack_signers.iter().all(is_key) {
            return refuse("pack_signers", "at most 64, each with a key as ed25519: and 64 digits");
        }
        if self.limits.intakes_at_once == 0 {
            return refuse("limits.intakes_at_once", "1 or more");
        }
        if self.limits.connections == 0 {
            return refuse("limits.connections", "1 or more");
        }
        let is_network = |text: &String| crate::web::Network::parse(text).is_some();
        if self.trusted_proxies.len() > 64 || !self.trusted_proxies.iter().all(is_network) {
            return refuse("trusted_proxies", "at most 64 IP addresses, each perhaps with /bits");
        }
        Ok(())
    }
}

/// Returns whether `text` is a hub id (architecture.md, section 4, rule 11).
#[must_use]
pub fn is_hub_id(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_base_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        let authority: Option<axum::http::uri::Authority> = host.parse().ok();
        // Addresses are made by adding to it: a path, a query or a name before @ would turn them elsewhere.
        authority.is_some_and(|authority| {
            !authority.host().is_empty() && !host.contains(['/', '?', '#', '@', '\\'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let config = Config::default();
        assert_eq!(Config::parse(&config.to_toml()).unwrap(), config);
    }

    #[test]
    fn a_misspelt_member_and_a_value_out_of_bounds_are_refused() {
        let check = |text: &str, part: &str| {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("hubb = \"nv\"", "unknown field `hubb`");
        check("hub = \"NV\"", "hub must be");
        check("address = \"localhost\"", "address must be");
        check("base_url = \"ftp://x\"", "base_url must be");
        for text in [
            "https://hub.example/",
            "https://hub.example/path",
            "https://hub.example?x=1",
            "https://hub.example#x",
            "https://user@hub.example",
            "https://",
            "https://:443",
            "https://hub example",
        ] {
            check(&format!("base_url = \"{text}\""), "base_url must be");
        }
        for text in ["https://hub.example", "http://127.0.0.1:8470", "https://[::1]:8443"] {
            assert!(Config::parse(&format!("base_url = \"{text}\"")).is_ok(), "{text}");
        }
        check("languages = [\"xx\"]", "languages must be");
        check("languages = [\"en\", \"xx\"]", "languages must be");
        check("languages = [\"..\"]", "languages must be");
        assert!(Config::parse("languages = [\"ar\"]").is_ok());
        check("embargo_days = 0", "embargo_days must be");
        check("contact = \"javascript:1\"", "contact must be");
        check("[limits]\nintakes_at_once = 0", "limits.intakes_at_once must be");
        check("[limits]\nconnections = 0", "limits.connections must be");
        check("trusted_proxies = [\"proxy\"]", "trusted_proxies must be");
    }

    #[test]
    fn the_environment_is_checked_like_the_file() {
        let from = |value: &'static str| {
            Config::default()
                .with_environment(|name| (name == "COMITY_ADDRESS").then(|| value.to_owned()))
        };
        assert_eq!(from("127.0.0.1:1").unwrap().address, "127.0.0.1:1");
        assert!(from("nowhere").is_err());
    }
}
