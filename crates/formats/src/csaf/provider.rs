//! `provider-metadata.json`: who publishes CSAF here, and where the documents are.

use comity_core::advisory::Publisher;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Version, document, put_list};
use crate::export::Losses;

/// Who publishes, where, and how it can be checked.
#[derive(Clone, Debug)]
pub struct Provider<'a> {
    /// The hub.
    pub publisher: &'a Publisher,
    /// Address of the metadata itself; ends in `/provider-metadata.json`.
    pub canonical_url: &'a str,
    /// Address of the folder of the documents that everybody may read.
    pub directory_url: &'a str,
    /// How much of the standard's requirements the hub meets.
    pub role: Role,
    /// When the metadata or a document changed last.
    pub last_updated: Timestamp,
    /// Addresses and fingerprints of `OpenPGP` keys that sign the documents.
    pub keys: &'a [(String, String)],
}

/// How much of the standard's requirements a provider meets (CSAF 2.0, section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Documents, and nothing else.
    Publisher,
    /// With metadata, folders and lists.
    Provider,
    /// With hashes and signatures too.
    TrustedProvider,
}

impl Role {
    const fn key(self) -> &'static str {
        match self {
            Self::Publisher => "csaf_publisher",
            Self::Provider => "csaf_provider",
            Self::TrustedProvider => "csaf_trusted_provider",
        }
    }
}

/// Returns the metadata in one version of the standard.
#[must_use]
pub fn metadata(provider: &Provider<'_>, version: Version) -> Value {
    let mut value = Map::new();
    let directory = match version {
        Version::V2_0 => json!({ "directory_url": provider.directory_url }),
        Version::V2_1 => {
            let schema = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json";
            value.insert("$schema".into(), json!(schema));
            json!({ "directory": { "tlp_label": "CLEAR", "url": provider.directory_url } })
        }
    };
    value.insert("canonical_url".into(), json!(provider.canonical_url));
    value.insert("distributions".into(), json!([directory]));
    value.insert("last_updated".into(), json!(provider.last_updated.to_string()));
    value.insert("list_on_CSAF_aggregators".into(), json!(true));
    value.insert("mirror_on_CSAF_aggregators".into(), json!(true));
    value.insert("metadata_version".into(), json!(version.number()));
    let publisher = document::publisher(provider.publisher, version, &mut Losses::default());
    value.insert("publisher".into(), publisher);
    value.insert("role".into(), json!(provider.role.key()));
    let key =
        |(url, fingerprint): &(String, String)| json!({ "url": url, "fingerprint": fingerprint });
    put_list(&mut value, "public_openpgp_keys", provider.keys.iter().map(key).collect());
    Value::Object(value)
}
