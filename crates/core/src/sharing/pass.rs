//! The pass: the proof without which no content leaves (SH-22 to SH-24).
//!
//! A [`Pass`] is made from a screen, its approvals and a bundle, and is used up by [`send_content`]:
//! to write code that hands content to another organisation without one does not compile. Not here:
//! signing and sealing its text, the entry in the case, revocation lists.
//!
//! One pass hands over one bundle:
//!
//! ```
//! use comity_core::sharing::{Bundle, Pass, PassRefusal, Sent, Transfer, send_content};
//! fn once(pass: Pass, bundle: Bundle, to: &Transfer) -> Result<Sent, PassRefusal> {
//!     send_content(pass, bundle, to)
//! }
//! ```
//!
//! It is used up by that:
//!
//! ```compile_fail,E0382
//! use comity_core::sharing::{Bundle, Pass, Transfer, send_content};
//! fn twice(pass: Pass, bundle: Bundle, to: &Transfer) {
//!     drop(send_content(pass, bundle.clone(), to));
//!     drop(send_content(pass, bundle, to));
//! }
//! ```
//!
//! and nobody makes one by hand:
//!
//! ```compile_fail,E0451
//! use comity_core::sharing::{Pass, PassBody};
//! fn forge(body: PassBody) -> Pass {
//!     Pass { body }
//! }
//! ```

use std::collections::BTreeSet;

use comity_ledger::digest;
use comity_ledger::entry::Salt;
use comity_ledger::envelope::Envelope;
use comity_ledger::json::{self, Limits};
use comity_ledger::key::{SigningKey, VerifyingKey};
use comity_ledger::statement::{self, StatementError, StatementKind, VerifiedStatement};
use serde::{Deserialize, Serialize};

use super::approval::{Approved, Screened};
use super::bundle::Bundle;
use super::instant::Instant;
use super::marking::Label;
use super::screen::terms_of;
use super::word::Tier;

const SCHEMA: &str = "comity.pass/1";
/// The limits of a pass's text.
const LIMITS: Limits = Limits { bytes_max: 64 << 10, depth_max: 4, keys_max: 32, floats: false };

/// Why content is not handed over, or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassRefusal {
    /// The pass opens later.
    #[error("the pass opens later")]
    Early,
    /// The pass is over.
    #[error("the pass is over")]
    Expired,
    /// What arrived is not what the pass is for.
    #[error("the pass is for something else")]
    Mismatch,
    /// There is no pass.
    #[error("there is no pass")]
    Missing,
    /// The pass is for another object or screen.
    #[error("the pass is for another object")]
    Object,
    /// The pass is for another recipient.
    #[error("the pass is for another recipient")]
    Recipient,
    /// The pass was withdrawn.
    #[error("the pass was withdrawn")]
    Revoked,
    /// The bundle is of another tier than was approved.
    #[error("the pass is for another tier")]
    Tier,
}

impl PassRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Early => "pass-early",
            Self::Expired => "pass-expired",
            Self::Mismatch => "pass-mismatch",
            Self::Missing => "pass-missing",
            Self::Object => "pass-object",
            Self::Recipient => "pass-recipient",
            Self::Revoked => "pass-revoked",
            Self::Tier => "pass-tier",
        }
    }
}

/// What a pass says; the text that is signed. Holding one lets nothing leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassBody {
    schema: String,
    case: String,
    object: String,
    screen: String,
    org: String,
    hub: String,
    keys: BTreeSet<String>,
    tier: Tier,
    bundle: String,
    marking: Label,
    mitigations: Vec<String>,
    not_before: Option<Instant>,
    expires: Instant,
    salt: String,
}

/// The proof that one bundle may go to one organisation, for a time.
///
/// Invariant: only [`Pass::mint`] makes one; it cannot be copied, read or written.
#[derive(Debug)]
pub struct Pass {
    body: PassBody,
}

/// Where and when content is about to go.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The organisation at the other end.
    pub org: String,
    /// Its hub.
    pub hub: String,
    /// The fingerprints of the keys it will be sealed to.
    pub keys: BTreeSet<String>,
    /// Now.
    pub now: Instant,
    /// Whether the pass was withdrawn.
    pub is_revoked: bool,
}

/// Content that may be put on the wire; only [`send_content`] makes one.
#[derive(Debug)]
pub struct Sent {
    body: PassBody,
    bundle: Bundle,
}

impl Pass {
    /// Makes the pass for an approved tier of a screen.
    ///
    /// `keys` are the fingerprints the bundle may be sealed to; `salt` keeps the pass's hash from
    /// being guessed.
    pub fn mint(
        screened: &Screened<'_>,
        approved: &Approved,
        bundle: &Bundle,
        (keys, salt): (BTreeSet<String>, &Salt),
        now: Instant,
    ) -> Result<Self, PassRefusal> {
        let screen = screened.screen().hash();
        if approved.screen() != screen {
            return Err(PassRefusal::Object);
        }
        let tier = approved.tier();
        // T0 is the proof plane: it carries no content, and so has no pass.
        if bundle.tier() != tier || tier == Tier::T0 {
            return Err(PassRefusal::Tier);
        }
        if keys.is_empty() {
            return Err(PassRefusal::Recipient);
        }
        let exchange = screened.exchange();
        let terms = terms_of(exchange, screened.policy(), tier);
        if terms.expires <= now {
            return Err(PassRefusal::Expired);
        }
        let recipient = exchange.recipient();
        Ok(Self {
            body: PassBody {
                schema: SCHEMA.to_owned(),
                case: exchange.case.clone(),
                object: exchange.object.clone(),
                screen,
                org: recipient.org.clone(),
                hub: recipient.hub.clone(),
                keys,
                tier,
                bundle: bundle.hash(),
                marking: exchange.label().clone(),
                mitigations: terms.uses,
                not_before: terms.not_before,
                expires: terms.expires,
                salt: salt.to_string(),
            },
        })
    }

    /// Returns what it says.
    #[must_use]
    pub const fn body(&self) -> &PassBody {
        &self.body
    }
}

impl PassBody {
    /// Returns the text to sign, in RFC 8785 form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json_canonicalizer::to_vec(self)
    }

    /// Returns the recipient organisation.
    #[must_use]
    pub fn org(&self) -> &str {
        &self.org
    }

    /// Returns the tier.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.tier
    }

    /// Returns when it ends.
    #[must_use]
    pub const fn expires(&self) -> Instant {
        self.expires
    }

    /// Returns from when it opens, if it is delayed.
    #[must_use]
    pub const fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// Returns the recipient's hub.
    #[must_use]
    pub fn hub(&self) -> &str {
        &self.hub
    }

    /// Returns the fingerprints of the keys it may be sealed to.
    #[must_use]
    pub const fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// Returns the label that travels with the content.
    #[must_use]
    pub const fn marking(&self) -> &Label {
        &self.marking
    }

    /// Reads a signed pass under the key of the hub that made it.
    pub fn open(envelope: &Envelope, key: &VerifyingKey) -> Result<Self, PassRefusal> {
        let opened = VerifiedStatement::open(envelope, StatementKind::Pass, key);
        let members = opened.map_err(|_| PassRefusal::Mismatch)?.into_members();
        let body: Self =
            serde_json::from_value(members.into()).map_err(|_| PassRefusal::Mismatch)?;
        if body.schema == SCHEMA { Ok(body) } else { Err(PassRefusal::Mismatch) }
    }

    fn admits(&self, bundle: &Bundle, transfer: &Transfer) -> Result<(), PassRefusal> {
        if transfer.is_revoked {
            return Err(PassRefusal::Revoked);
        }
        let is_recipient = self.org == transfer.org
            && self.hub == transfer.hub
            && !transfer.keys.is_empty()
            && transfer.keys.is_subset(&self.keys);
        if !is_recipient {
            return Err(PassRefusal::Recipient);
        }
        if self.tier != bundle.tier() {
            return Err(PassRefusal::Tier);
        }
        if self.bundle != bundle.hash() {
            return Err(PassRefusal::Object);
        }
        if self.not_before.is_some_and(|not_before| transfer.now < not_before) {
            return Err(PassRefusal::Early);
        }
        if self.expires <= transfer.now {
            return Err(PassRefusal::Expired);
        }
        Ok(())
    }

    /// Checks, at the receiver, a pass's signed text against the hash its seal names, and the bundle
    /// against the pass. Whatever differs is a mismatch: the sender's fault.
    ///
    /// `signed` is what was hashed, `text` the pass inside it.
    pub fn receive(
        (signed, text): (&[u8], &[u8]),
        hash: &[u8; 32],
        bundle: &Bundle,
        transfer: &Transfer,
    ) -> Result<Self, PassRefusal> {
        if digest::sha256(signed) != *hash {
            return Err(PassRefusal::Mismatch);
        }
        let value = json::parse(text, &LIMITS).map_err(|_| PassRefusal::Mismatch)?;
        let body: Self = serde_json::from_value(value).map_err(|_| PassRefusal::Mismatch)?;
        if body.schema != SCHEMA {
            return Err(PassRefusal::Mismatch);
        }
        match body.admits(bundle, transfer) {
            Ok(()) => Ok(body),
            Err(refusal @ (PassRefusal::Early | PassRefusal::Expired | PassRefusal::Revoked)) => {
                Err(refusal)
            }
            Err(
                PassRefusal::Mismatch
                | PassRefusal::Missing
                | PassRefusal::Object
                | PassRefusal::Recipient
                | PassRefusal::Tier,
            ) => Err(PassRefusal::Mismatch),
        }
    }
}

impl Sent {
    /// Returns what the pass said, for the entry in the case.
    #[must_use]
    pub const fn pass(&self) -> &PassBody {
        &self.body
    }

    /// Returns the bytes to seal and send.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bundle.bytes()
    }

    /// Signs the pass with the sender's key, so that entries can name it.
    pub fn sign(self, key: &SigningKey) -> Result<Outgoing, StatementError> {
        let envelope = statement::sign(StatementKind::Pass, &self.body, key)?;
        let id = digest::hex(&digest::sha256(envelope.as_bytes()));
        Ok(Outgoing { sent: self, envelope, id })
    }
}

/// Content on its way under a signed pass; only [`Sent::sign`] makes one.
#[derive(Debug)]
pub struct Outgoing {
    sent: Sent,
    envelope: Envelope,
    id: String,
}

impl Outgoing {
    /// Returns SHA-256 of the signed pass: what entries name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns what the pass says.
    #[must_use]
    pub const fn pass(&self) -> &PassBody {
        &self.sent.body
    }

    /// Returns the signed pass.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Returns the content.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.sent.bundle
    }
}

/// Uses up a pass: returns content for the wire, or says why it stays.
pub fn send_content(pass: Pass, bundle: Bundle, transfer: &Transfer) -> Result<Sent, PassRefusal> {
    pass.body.admits(&bundle, transfer)?;
    Ok(Sent { body: pass.body, bundle })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sharing::{Account, Approval, Exchange, Office, Policies, Policy};

    const VECTORS: &str = include_str!("../../../../testdata/sharing/vectors.json");

    struct World {
        policy: Policy,
        exchange: Exchange,
        bundle: Bundle,
    }

    impl World {
        /// The worked example: T2 to a rival, two persons.
        fn new() -> Self {
            let vectors: Value = serde_json::from_str(VECTORS).unwrap();
            let vectors = vectors["vectors"].as_array().unwrap();
            let find = |id: &str| vectors.iter().find(|vector| vector["id"] == id).unwrap();
            let policy = Policies::embedded().unwrap().current().clone();
            let exchange =
                Exchange::from_value(find("S01")["exchange"].clone(), &policy, None).unwrap();
            let report = &find("V01")["case"]["report"];
            let bundle = Bundle::derive(report, Tier::T2, &policy).unwrap();
            Self { policy, exchange, bundle }
        }

        fn approve(
            &self,
            tier: Tier,
            by: &[&str],
        ) -> Result<Approved, super::super::ApprovalRefusal> {
            let screened = Screened::new(&self.exchange, &self.policy);
            let approvals: Vec<Approval> = by
                .iter()
                .map(|id| Approval {
                    account: Account { id: (*id).to_owned(), org: "cert-norvik".to_owned() },
                    office: Office::Officer,
                    screen: screened.screen().hash(),
                    tier,
                })
                .collect();
            Approved::check(&screened, tier, "ana", &approvals, &BTreeSet::new())
        }

        fn mint(&self) -> Pass {
            let screened = Screened::new(&self.exchange, &self.policy);
            let approved = self.approve(Tier::T2, &["ana", "ben"]).unwrap();
            let keys = BTreeSet::from(["k1".to_owned(), "k2".to_owned()]);
            let salt = Salt::from_bytes([7; 32]);
            Pass::mint(
                &screened,
                &approved,
                &self.bundle,
                (keys, &salt),
                at("2027-01-15T10:00:00Z"),
            )
            .unwrap()
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn transfer() -> Transfer {
        Transfer {
            org: "cert-ardenia".to_owned(),
            hub: "ard".to_owned(),
            keys: BTreeSet::from(["k1".to_owned()]),
            now: at("2027-01-16T00:00:00Z"),
            is_revoked: false,
        }
    }

    #[test]
    fn content_leaves_with_a_pass_for_it() {
        let world = World::new();
        let sent = send_content(world.mint(), world.bundle.clone(), &transfer()).unwrap();
        assert_eq!(sent.bytes(), world.bundle.bytes());
        assert_eq!(sent.pass().expires(), at("2027-01-22T09:00:00Z"));
    }

    #[test]
    fn a_pass_for_something_else_is_refused() {
        let world = World::new();
        let check = |change: &dyn Fn(&mut Transfer), why| {
            let mut changed = transfer();
            change(&mut changed);
            let refused = send_content(world.mint(), world.bundle.clone(), &changed).unwrap_err();
            assert_eq!(refused, why);
        };
        check(&|to| to.org = "cert-castor".to_owned(), PassRefusal::Recipient);
        check(&|to| to.hub = "cas".to_owned(), PassRefusal::Recipient);
        check(&|to| to.keys.insert("k3".to_owned()).then_some(()).unwrap(), PassRefusal::Recipient);
        check(&|to| to.keys.clear(), PassRefusal::Recipient);
        check(&|to| to.now = at("2027-01-22T09:00:00Z"), PassRefusal::Expired);
        check(&|to| to.is_revoked = true, PassRefusal::Revoked);
        let lower = world.bundle.lower(Tier::T1, &world.policy).unwrap();
        let refused = send_content(world.mint(), lower, &transfer()).unwrap_err();
        assert_eq!(refused, PassRefusal::Tier);
        let refused =
            send_content(world.mint(), world.bundle.clone().corrupt(), &transfer()).unwrap_err();
        assert_eq!(refused, PassRefusal::Object);
    }

    #[test]
    fn too_few_approvals_make_no_pass() {
        let world = World::new();
        let check = |tier, by: &[&str], code| {
            assert_eq!(world.approve(tier, by).unwrap_err().code(), code, "{tier:?} {by:?}");
        };
        check(Tier::T2, &["ana"], "approval-missing");
        check(Tier::T2, &["ben", "ben"], "approval-missing");
        check(Tier::T3, &["ben", "cleo"], "approval-missing");
        check(Tier::T5, &["ben", "cleo"], "approval-denied");
    }

    #[test]
    fn one_changed_bit_of_the_pass_is_noticed() {
        let world = World::new();
        let pass = world.mint();
        let text = pass.body().to_bytes().unwrap();
        let hash = digest::sha256(&text);
        let receive =
            |text: &[u8]| PassBody::receive((text, text), &hash, &world.bundle, &transfer());
        assert_eq!(receive(&text).as_ref(), Ok(pass.body()));
        for place in 0..text.len() {
            let mut changed = text.clone();
            changed[place] ^= 1;
            assert_eq!(receive(&changed), Err(PassRefusal::Mismatch), "byte {place}");
        }
        let other = json!({ "schema": "comity.report/1", "language": "en" });
        let other = Bundle::derive(&other, Tier::T2, &world.policy).unwrap();
        let refused = PassBody::receive((&text, &text), &hash, &other, &transfer());
        assert_eq!(refused, Err(PassRefusal::Mismatch));
    }
}
