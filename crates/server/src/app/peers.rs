//! Peers as far as this hub knows them: identity chains that a person admitted, and their signed entries.
//!
//! Nothing is trusted on first use: whoever admits a chain names the fingerprint that was compared out of band
//! (VK-03). What a peer signs counts from then on, and only under its own name. Not here: fetching anything.

use std::sync::{Arc, Mutex, PoisonError};

use comity_core::access::{Action, Authorised};
use comity_core::case::entry::Entry as CaseEntry;
use comity_core::sharing::{Breach, Relationship};
use comity_ledger::entry::{Name, Verified};
use comity_ledger::envelope::Envelope;
use comity_ledger::identity::{Directory, Identity, is_identity_kind};
use comity_ledger::seal;
use comity_ledger::secret::Binding;
use comity_store::{Append, Guard, PeerIdentity, Place, Rows, SharingWrite, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cases::{CaseFile, CaseRead};
use super::reports::expect;
use super::{Answered, AppError, Hub, Once};
use crate::rng::OsRandom;

/// Entries of an identity chain that are taken at once.
const CHAIN_MAX: usize = 256;
/// Entries of a case that are taken at once.
const ENTRIES_MAX: usize = 200;
/// How far an entry's clock may be ahead of this hub's (CP-03).
const AHEAD_MS: i64 = 600_000;
/// Peers at most.
pub(crate) const PEERS_MAX: u32 = 1_000;
/// The start of the named values that hold identity chains, so that a backup can be verified by itself.
pub(crate) const META_PEER: &str = "peer:";

/// The identities of peers, as last read.
#[derive(Debug, Default)]
pub(crate) struct Peers(Mutex<Arc<Directory>>);

impl Peers {
    fn get(&self) -> Arc<Directory> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, directory: Directory) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }
}

/// A peer as someone admits it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerForm {
    /// Its identity chain: envelopes in order.
    pub chain: Vec<Value>,
    /// The fingerprint of its present key, compared out of band.
    pub fingerprint: String,
    /// Where it is.
    pub jurisdiction: String,
    /// How it stands, by national policy.
    #[serde(default)]
    pub relationship: Option<String>,
    /// Its worst breach that still counts.
    #[serde(default)]
    pub breach: Option<String>,
}

/// What this hub holds of a peer besides its keys; sealed, because it shows the hub's view of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PeerProfile {
    pub(crate) jurisdiction: String,
    pub(crate) relationship: Relationship,
    pub(crate) breach: Breach,
}

/// A peer in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerRead {
    /// Its hub.
    pub hub: String,
    /// Its present key.
    pub key: String,
    /// The key's fingerprint.
    pub fingerprint: String,
    /// Where it is.
    pub jurisdiction: String,
    /// When it was admitted.
    pub admitted_at: jiff::Timestamp,
}

/// Signed entries of peers that someone brings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntriesForm {
    /// Envelopes, parents first.
    pub entries: Vec<Value>,
}

impl Hub {
    /// Admits a peer's identity chain, or a longer one of a peer that is known.
    pub async fn admit_peer(
        &self,
        by: Authorised<'_>,
        form: PeerForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AdministerAccounts)?;
        let identity = chain_of(&form.chain)?;
        let hub = identity.hub().as_str().to_owned();
        if hub == self.config().hub {
            return Err(AppError::refused_at("peer-own", "/chain"));
        }
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if digits(&identity.fingerprint()) != digits(&form.fingerprint) {
            return Err(AppError::refused_at("fingerprint-wrong", "/fingerprint"));
        }
        // A chain that does not go on from the known one is another's, or shows a fork.
        if let Some(known) = self.peers().get().of(identity.hub())
            && !identity.ids().starts_with(known.ids())
        {
            return Err(AppError::refused_at("peer-forked", "/chain"));
        }
        let profile = profile_of(&form)?;
        let chain: Vec<u8> = lines(&form.chain)?;
        let now = self.now_ms();
        let peer = PeerIdentity {
            hub: hub.clone(),
            chain: chain.clone(),
            profile: self.seal_small("peer", &hub, &profile)?,
            admitted_at: now,
            admitted_by: by.actor().account.clone(),
        };
        let read = read_of(&identity, &profile, now);
        let mut rows = Rows::new();
        rows.put(SharingWrite::Peer(peer));
        rows.put(Write::Meta {
            name: format!("{META_PEER}{hub}"),
            value: String::from_utf8(chain).map_err(AppError::fault)?,
        });
        let needs = rows.needs();
        let done = self.write(once, 201, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        self.load_peers().await?;
        Ok(done)
    }

    /// Lists the peers that were admitted, by hub.
    pub async fn list_peers(&self, by: Authorised<'_>) -> Result<Value, AppError> {
        expect(by, Action::ReadShare)?;
        let mut items = Vec::new();
        for row in self.store().peer_identities("", PEERS_MAX).await? {
            let profile: PeerProfile = self.open_small("peer", &row.hub, &row.profile)?;
            items.push(read_of(&identity_of(&row)?, &profile, row.admitted_at));
        }
        Ok(json!({ "items": items, "next": null }))
    }

    /// Returns the identity and profile of a peer, or none if nobody admitted it.
    pub(crate) async fn peer(
        &self,
        hub: &str,
    ) -> Result<Option<(Identity, PeerProfile)>, AppError> {
        let Some(row) = self.store().peer_identity(hub).await? else { return Ok(None) };
        let profile = self.open_small("peer", hub, &row.profile)?;
        Ok(Some((identity_of(&row)?, profile)))
    }

    /// Reads the identities of all peers anew.
    pub(crate) async fn load_peers(&self) -> Result<(), AppError> {
        let mut directory = Directory::default();
        for row in self.store().peer_identities("", PEERS_MAX).await? {
            directory.insert(identity_of(&row)?);
        }
        self.peers().set(directory);
        Ok(())
    }

    /// Returns the identities of admitted peers.
    pub(crate) fn peer_directory(&self) -> Arc<Directory> {
        self.peers().get()
    }

    /// Whether a peer that this hub admitted signed an entry under its own name.
    pub(crate) fn is_of_peer(&self, envelope: &Envelope) -> bool {
        let opened = Verified::open(envelope.clone(), &*self.peers().get(), None);
        opened.is_ok_and(|entry| entry.entry().author.as_str() != self.config().hub)
    }

    /// Takes signed entries of peers into the common room of a case; all of them or none.
    ///
    /// Carries records across where no line does (FE-01); an entry already held changes nothing.
    pub async fn take_entries(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: EntriesForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::OpenCase)?;
        if form.entries.len() > ENTRIES_MAX {
            return Err(AppError::refused_at("list-too-long", "/entries"));
        }
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        self.load_peers().await?;
        let mut next = (*file).clone();
        let mut rows = Rows::new();
        for (place, value) in form.entries.iter().enumerate() {
            let at = format!("/entries/{place}");
            if let Some((append, entry)) = self.peer_entry(&next, value, &at)? {
                next.case = next.case.with(Arc::new(entry));
                next.position += 1;
                rows.put(append);
            }
        }
        if !rows.writes.is_empty() {
            rows.guards
                .push(Guard::RoomAt { room_id: file.common.clone(), position: file.position });
            self.project(&next, &mut rows);
        }
        let needs = rows.needs();
        let read = CaseRead::of(&next, self.now_ms(), None)?;
        let done = self.write(once, 200, needs, move |_| Ok((rows.clone(), read.clone()))).await?;
        if !done.replayed {
            self.cases_cache().remember(id, Arc::new(next));
        }
        Ok(done)
    }

    /// Checks one entry of a peer (EN-04); none if it is held already.
    fn peer_entry(
        &self,
        file: &CaseFile,
        value: &Value,
        at: &str,
    ) -> Result<Option<(Append, CaseEntry)>, AppError> {
        let no = |code| AppError::refused_at(code, at.to_owned());
        let envelope = envelope_of(value).map_err(no)?;
        let opened = Verified::open(envelope.clone(), &*self.peers().get(), None)
            .map_err(|error| no(error.code()))?;
        let entry = opened.entry();
        let id = envelope.id().to_string();
        if is_identity_kind(&entry.kind) || entry.author.as_str() == self.config().hub {
            return Err(no("wrong-room"));
        }
        let is_here = entry.room.is_some_and(|room| room.to_string() == file.common);
        if !is_here || entry.case.as_str() != file.case.id().as_str() {
            return Err(no("wrong-room"));
        }
        let clock = i64::try_from(entry.at).map_err(|_| no("at-in-future"))?;
        if clock > self.now_ms() + AHEAD_MS {
            return Err(no("at-in-future"));
        }
        let parsed = |id: &str| id.parse().ok().and_then(|id| file.case.entry(&id).cloned());
        if parsed(&id).is_some() {
            return Ok(None);
        }
        let parents = entry.prev.iter().chain(&entry.seen);
        if parents.map(ToString::to_string).any(|parent| parsed(&parent).is_none()) {
            return Err(no("missing-parent"));
        }
        let append = Append {
            room_id: file.common.clone(),
            author: entry.author.as_str().to_owned(),
            seq: i64::try_from(entry.seq).map_err(|_| no("seq-gap"))?,
            prev: entry.prev.map(|prev| prev.to_string()),
            id: id.clone(),
            at: clock,
            kind: entry.kind.as_str().to_owned(),
            envelope: envelope.into_bytes(),
            place: Place::Beside,
        };
        let members = serde_json::from_slice::<Value>(opened_payload(&append.envelope)?.as_slice())
            .map_err(AppError::fault)?;
        let members = members.as_object().ok_or_else(|| no("entry-malformed"))?;
        let id = id.parse().map_err(|_| no("entry-malformed"))?;
        let entry = CaseEntry::read_signed(id, members).map_err(|_| no("entry-malformed"))?;
        Ok(Some((append, entry)))
    }

    /// Seals a small document of the hub itself under its own key.
    pub(crate) fn seal_small<T: Serialize>(
        &self,
        room: &str,
        item: &str,
        value: &T,
    ) -> Result<Vec<u8>, AppError> {
        let plain = serde_json::to_vec(value).map_err(AppError::fault)?;
        seal::seal(self.small_key(), Binding { room, item }, &plain, &mut OsRandom)
            .map_err(AppError::fault)
    }

    /// Opens a small document of the hub itself.
    pub(crate) fn open_small<T: serde::de::DeserializeOwned>(
        &self,
        room: &str,
        item: &str,
        sealed: &[u8],
    ) -> Result<T, AppError> {
        let plain = seal::open(self.small_key(), Binding { room, item }, sealed)
            .map_err(AppError::fault)?;
        serde_json::from_slice(&plain).map_err(|_| AppError::fault("a sealed row does not hold"))
    }
}

/// Reads an envelope from JSON; its members keep the one order there is.
pub(crate) fn envelope_of(value: &Value) -> Result<Envelope, &'static str> {
    let text = spelled(value).ok_or("envelope-malformed")?;
    Envelope::parse(text.as_bytes()).map_err(|error| error.code())
}

/// Returns the one spelling of an envelope, whatever order its members came in.
fn spelled(value: &Value) -> Option<String> {
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let quoted = |text: String| serde_json::to_string(&text).ok();
    let mut signatures = Vec::new();
    for one in value.get("signatures")?.as_array()? {
        let (keyid, sig) = (quoted(text(one, "keyid")?)?, quoted(text(one, "sig")?)?);
        if one.as_object()?.len() != 2 {
            return None;
        }
        signatures.push(format!("{{\"keyid\":{keyid},\"sig\":{sig}}}"));
    }
    if value.as_object()?.len() != 3 {
        return None;
    }
    let (payload, kind) = (quoted(text(value, "payload")?)?, quoted(text(value, "payloadType")?)?);
    let signatures = signatures.join(",");
    Some(format!("{{\"payload\":{payload},\"payloadType\":{kind},\"signatures\":[{signatures}]}}"))
}

fn opened_payload(envelope: &[u8]) -> Result<Vec<u8>, AppError> {
    Ok(Envelope::parse(envelope).map_err(AppError::fault)?.payload().to_vec())
}

fn chain_of(values: &[Value]) -> Result<Identity, AppError> {
    if values.is_empty() || values.len() > CHAIN_MAX {
        return Err(AppError::refused_at("value-invalid", "/chain"));
    }
    let mut envelopes = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let read = envelope_of(value);
        envelopes.push(read.map_err(|code| AppError::refused_at(code, format!("/chain/{place}")))?);
    }
    Identity::read(&envelopes).map_err(|error| AppError::refused_at(error.code(), "/chain"))
}

fn lines(values: &[Value]) -> Result<Vec<u8>, AppError> {
    let mut out = Vec::new();
    for value in values {
        let text =
            spelled(value).ok_or_else(|| AppError::refused_at("envelope-malformed", "/chain"))?;
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
    Ok(out)
}

/// Reads an identity chain, one envelope a line.
pub(crate) fn identity_from(chain: &[u8]) -> Result<Identity, AppError> {
    let mut envelopes = Vec::new();
    for line in chain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        envelopes.push(Envelope::parse(line).map_err(AppError::fault)?);
    }
    Identity::read(&envelopes).map_err(AppError::fault)
}

fn identity_of(row: &PeerIdentity) -> Result<Identity, AppError> {
    let identity = identity_from(&row.chain)?;
    let named: Name = row.hub.parse().map_err(AppError::fault)?;
    if *identity.hub() == named {
        Ok(identity)
    } else {
        Err(AppError::fault("a peer's chain is another's"))
    }
}

fn profile_of(form: &PeerForm) -> Result<PeerProfile, AppError> {
    let bad = |at: &'static str| move || AppError::refused_at("value-unknown", at);
    let relationship = form.relationship.as_deref().unwrap_or("unknown");
    let breach = form.breach.as_deref().unwrap_or("none");
    let fits = (1..=64).contains(&form.jurisdiction.len())
        && form.jurisdiction.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !fits {
        return Err(AppError::refused_at("value-invalid", "/jurisdiction"));
    }
    Ok(PeerProfile {
        jurisdiction: form.jurisdiction.clone(),
        relationship: Relationship::parse(relationship).ok_or_else(bad("/relationship"))?,
        breach: Breach::parse(breach).ok_or_else(bad("/breach"))?,
    })
}

fn read_of(identity: &Identity, profile: &PeerProfile, admitted_at: i64) -> PeerRead {
    PeerRead {
        hub: identity.hub().as_str().to_owned(),
        key: identity.current().to_string(),
        fingerprint: identity.fingerprint(),
        jurisdiction: profile.jurisdiction.clone(),
        admitted_at: super::reports::instant(admitted_at),
    }
}
