//! A hub on the other side: its identity, its entries, its half of an agreement, and what it can open.

use comity_ledger::digest::EntryId;
use comity_ledger::entry::{Entry, Salt};
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::{self, Identity, NewKeys, Stamp};
use comity_ledger::key::SigningKey;
use comity_ledger::seal;
use comity_ledger::secret::{Binding, WrappedKey};
use comity_ledger::statement::{self, StatementKind};
use comity_ledger::wrap::OrganisationKey;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::world::World;

pub(super) struct Peer {
    pub(super) hub: String,
    pub(super) signing: SigningKey,
    encryption: OrganisationKey,
    pub(super) genesis: Envelope,
    head: Option<(u64, String)>,
}

/// Adds people in every office: two officers of the hub, an authority, a reviewer of another organisation.
pub(super) async fn people(world: &mut World) {
    for (account, organisation, role) in [
        ("olga", "nv", "officer"),
        ("otto", "nv", "officer"),
        ("vera", "ministry", "authority"),
        ("rosa", "institute", "reviewer"),
    ] {
        world.person(account, organisation, role).await;
    }
}

impl Peer {
    pub(super) fn new(hub: &str, seed: u8) -> Self {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let next = SigningKey::from_bytes(&[seed + 1; 32]);
        let encryption = OrganisationKey::from_bytes(&[seed + 2; 32]).unwrap();
        let keys = NewKeys { encryption: &encryption.public_key(), next: next.verifying_key() };
        let stamp = Stamp { at: 1_767_571_200_000, salt: Salt::from_bytes([seed; 32]) };
        let genesis = identity::genesis(&hub.parse().unwrap(), &signing, keys, stamp).unwrap();
        Self { hub: hub.to_owned(), signing, encryption, genesis, head: None }
    }

    /// What an administrator sends to admit it.
    pub(super) fn form(&self, relationship: &str) -> Value {
        let identity = Identity::start(&self.genesis).unwrap();
        json!({
            "chain": [value(&self.genesis)], "fingerprint": identity.fingerprint(),
            "jurisdiction": "ardenia", "relationship": relationship,
        })
    }

    /// The next entry of its chain in the common room, on top of what it was shown.
    pub(super) fn entry(
        &mut self,
        case: &str,
        known: &Value,
        party: &str,
        kind: &str,
        body: Value,
        at: i64,
    ) -> Value {
        let items = known["items"].as_array().unwrap();
        let room = items[0]["room"].as_str().unwrap();
        let is_own = |item: &&Value| {
            let bytes = item["envelope"].to_string();
            let payload = BASE64.decode(item["envelope"]["payload"].as_str().unwrap().as_bytes());
            let payload: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
            assert!(!bytes.is_empty());
            payload["author"] == self.hub.as_str()
        };
        let last = items.iter().rev().find(|item| !is_own(item)).unwrap();
        let seen: EntryId = last["id"].as_str().unwrap().parse().unwrap();
        let (seq, prev) = match &self.head {
            None => (0, None),
            Some((seq, id)) => (seq + 1, Some(id.parse().unwrap())),
        };
        let Value::Object(body) = body else { panic!("a body is an object") };
        let entry = Entry {
            case: case.parse().unwrap(),
            author: self.hub.parse().unwrap(),
            seq,
            prev,
            seen: vec![seen],
            at: u64::try_from(at).unwrap(),
            kind: kind.parse().unwrap(),
            area: "protocol".parse().unwrap(),
            party: party.parse().unwrap(),
            body,
            salt: Salt::from_bytes([9; 32]),
            epoch: 1,
            sealed: None,
            room: Some(room.parse().unwrap()),
            extensions: Map::new(),
        };
        let envelope = entry.sign(&self.signing).unwrap();
        self.head = Some((seq, envelope.id().to_string()));
        value(&envelope)
    }

    /// Its signature under an act of an agreement.
    pub(super) fn act(
        &self,
        agreement: &str,
        party: &str,
        sha256: &str,
        act: &Value,
        at: i64,
    ) -> Value {
        let said = json!({
            "act": act, "agreement": agreement, "at": at, "hub": self.hub, "party": party,
            "sha256": sha256, "v": 1,
        });
        value(&statement::sign(StatementKind::Agreement, &said, &self.signing).unwrap())
    }

    /// Opens a package with its own key alone and returns all that is in it.
    pub(super) fn opens(&self, package: &Value) -> String {
        let id = package["pass_id"].as_str().unwrap();
        let bytes = |value: &Value| BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap();
        let binding = Binding { room: id, item: "share" };
        let share = self.encryption.unwrap(&bytes(&package["key"]), binding).unwrap();
        let mut all = String::new();
        for item in package["items"].as_array().unwrap() {
            let compartment = item["compartment"].as_str().unwrap();
            let binding = Binding { room: id, item: compartment };
            let wrapped = WrappedKey::from_slice(&bytes(&item["key"])).unwrap();
            let key = share.unwrap(&wrapped, binding).unwrap();
            let plain = seal::open(&key, binding, &bytes(&item["sealed"])).unwrap();
            // The entry's commitment opens with the salt that stands before the content.
            let (salt, content) = plain.split_at(32);
            let salt = Salt::from_bytes(salt.try_into().unwrap());
            let commitment = item["commitment"].as_str().unwrap().parse().unwrap();
            let purpose = format!("compartment/{compartment}");
            assert!(comity_ledger::commitment::opens(&commitment, &purpose, &salt, content));
            all.push_str(std::str::from_utf8(content).unwrap());
        }
        all
    }
}

/// An envelope as JSON.
pub(super) fn value(envelope: &Envelope) -> Value {
    serde_json::from_slice(envelope.as_bytes()).unwrap()
}

/// Everything that facts leave to people, as low as they may say it.
pub(super) fn answers() -> Value {
    json!({
        "A1": 1, "A2": 1, "A3": 1, "A4": 1, "B1": 1, "B2": 1, "B3": 1, "B4": 2, "C1": 2, "C2": 1,
        "C4": 1, "D1": 1, "D3": 1, "D4": 1,
    })
}

pub(super) fn open_gates() -> Value {
    json!({
        "E1": { "state": "clear" }, "E2": { "state": "clear" }, "E3": { "state": "clear" },
        "E5": { "state": "none" },
    })
}

/// A memorandum between Norvik and Ardenia, two jurisdictions that do not exist.
pub(super) fn agreement() -> Value {
    let party =
        |party: &str, hub: &str| json!({ "party": party, "hubs": [hub], "signatory": "Director" });
    json!({
        "schema": "comity.agreement/1", "id": "nv-ard", "version": 1,
        "title": "Norvik and Ardenia", "type": "mou", "binding": "political",
        "text_sha256": "0".repeat(64),
        "parties": [party("norvik", "nv"), party("ardenia", "ard")],
        "scope": { "case_facets": [], "product_classes": [], "countries": [], "exclusions": [] },
        "data_classes": [
            { "class": "technical", "max_level": "L3" }, { "class": "reproduction", "max_level": "L4" },
        ],
        "confidentiality": {
            "onward": "consent", "originator_control": true,
            "notice_on_compelled_disclosure": true, "survival": "P5Y",
        },
        "purposes": ["remediation", "incident_response"],
        "conflict_rule": "statute_wins",
        "entry_into_force": { "rule": "on_last_signature" },
        "review": { "first": "2027-12-01", "every": "P1Y", "panel": [], "on_no_decision": "lapse" },
        "sunset": { "date": "2029-01-01", "tacit_renewal": null },
        "amendment": {
            "notice": "P60D", "body_majority": "consensus", "annexes": ["data_classes"],
            "annex_tacit_after": "P90D", "annex_block_share": "2/3", "applies_to": "all",
        },
        "suspension_rules": { "grounds": ["breach"], "by": "any party", "max": "P30D" },
        "termination": { "notice": "P90D", "open_cases": "finish" },
        "appeal": { "standing": [], "within": "P30D", "body": "panel", "suspensive": false },
        "signatures": [],
    })
}
