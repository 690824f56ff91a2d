//! Content sealed for another hub. Only a used-up pass makes it.
//!
//! Without a pass nothing is made ready to leave: what the pass says does not suffice,
//!
//! ```compile_fail,E0308
//! use comity_core::sharing::{Bundle, PassBody, Transfer};
//! use comity_ledger::key::SigningKey;
//! use comity_server::app::sharing::Outbound;
//! fn without(pass: PassBody, bundle: Bundle, to: &Transfer, key: &SigningKey) {
//!     drop(Outbound::new(pass, bundle, to, key));
//! }
//! ```
//!
//! one pass makes one of them,
//!
//! ```compile_fail,E0382
//! use comity_core::sharing::{Bundle, Pass, Transfer};
//! use comity_ledger::key::SigningKey;
//! use comity_server::app::sharing::Outbound;
//! fn twice(pass: Pass, bundle: Bundle, to: &Transfer, key: &SigningKey) {
//!     drop(Outbound::new(pass, bundle.clone(), to, key));
//!     drop(Outbound::new(pass, bundle, to, key));
//! }
//! ```
//!
//! and nobody makes one by hand:
//!
//! ```compile_fail,E0451
//! use comity_core::sharing::Outgoing;
//! use comity_server::app::sharing::Outbound;
//! fn forge(outgoing: Outgoing) -> Outbound {
//!     Outbound { outgoing }
//! }
//! ```

use std::collections::BTreeMap;

use comity_core::report::Compartment;
use comity_core::sharing::{Bundle, Outgoing, Pass, PassRefusal, Transfer, send_content};
use comity_ledger::key::SigningKey;
use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey, EpochKey};
use comity_ledger::wrap::OrganisationPublicKey;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::app::AppError;
use crate::rng::OsRandom;

/// Content that may leave under a pass.
#[derive(Debug)]
pub struct Outbound {
    outgoing: Outgoing,
}

impl Outbound {
    /// Uses up a pass: makes its bundle ready to leave, or says why it stays.
    pub fn new(
        pass: Pass,
        bundle: Bundle,
        to: &Transfer,
        key: &SigningKey,
    ) -> Result<Self, PassRefusal> {
        let sent = send_content(pass, bundle, to)?;
        let outgoing = sent.sign(key).map_err(|_| PassRefusal::Object)?;
        Ok(Self { outgoing })
    }

    /// Returns the signed pass with its content.
    #[must_use]
    pub const fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    /// Returns what goes, compartment by compartment; loose members lie as in a report (LX-27).
    #[must_use]
    pub fn parts(&self) -> Vec<(Compartment, Value)> {
        let mut parts: BTreeMap<&'static str, (Compartment, Map<String, Value>)> = BTreeMap::new();
        let members = self.outgoing.bundle().report().as_object();
        for (key, member) in members.into_iter().flatten() {
            let place = Compartment::of_member(key);
            let part = parts.entry(place.key()).or_insert_with(|| (place, Map::new()));
            part.1.insert(key.clone(), member.clone());
        }
        parts.into_values().map(|(place, part)| (place, Value::Object(part))).collect()
    }

    /// Seals the parts to the recipient's key: the package that a transport carries.
    ///
    /// `plain` are the parts as they were committed to: salt, then content. Each package has a key of its own,
    /// so that taking one back touches no other.
    pub(crate) fn package(
        &self,
        to: &OrganisationPublicKey,
        plain: &[(String, String, Vec<u8>)],
    ) -> Result<Vec<u8>, AppError> {
        let (id, body) = (self.outgoing.id(), self.outgoing.pass());
        let share = EpochKey::generate(&mut OsRandom);
        let binding = Binding { room: id, item: "share" };
        let key = to.wrap(&share, binding, &mut OsRandom).map_err(AppError::fault)?;
        let mut items = Vec::with_capacity(plain.len());
        for (compartment, commitment, content) in plain {
            let binding = Binding { room: id, item: compartment };
            let data = DataKey::generate(&mut OsRandom);
            let sealed =
                seal::seal(&data, binding, content, &mut OsRandom).map_err(AppError::fault)?;
            let wrapped = share.wrap(&data, binding, &mut OsRandom).map_err(AppError::fault)?;
            items.push(json!({
                "compartment": compartment, "commitment": commitment,
                "key": BASE64.encode(wrapped.as_bytes()), "sealed": BASE64.encode(&sealed),
            }));
        }
        let pass: Value =
            serde_json::from_slice(self.outgoing.envelope().as_bytes()).map_err(AppError::fault)?;
        let package = json!({
            "schema": "comity.package/1", "hub": body.hub(), "pass": pass, "pass_id": id,
            "key": BASE64.encode(&key), "items": items,
        });
        serde_json_canonicalizer::to_vec(&package).map_err(AppError::fault)
    }
}
