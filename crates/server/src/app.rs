//! Use cases: the only callers of both the rules and the store. Pages, API and command line call these.
//!
//! Every use case takes proof of permission, loads, asks `core` to decide, and writes one unit. Nothing
//! here waits for another machine. Not here: HTTP, words, SQL.

pub mod accounts;
pub mod advisories;
pub mod agreements;
pub mod cases;
pub mod cert;
pub mod drafts;
pub mod erase;
pub mod error;
pub mod export;
pub mod files;
pub mod intake;
pub mod law;
pub mod mailbox;
pub mod maintain;
pub mod peers;
pub mod publication;
pub mod reports;
mod room;
pub mod setup;
pub mod sharing;
pub mod trade;
pub mod triage;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use comity_core::lexicon::Lexicon;
use comity_core::terms::Policy;
use comity_ledger::key::SigningKey;
use comity_ledger::seal;
use comity_ledger::secret::{Binding, DataKey, MasterKey};
use comity_store::{Answer, Needs, Rejected, Rows, Store, View};
use jiff::Timestamp;
use serde::Serialize;

pub use error::AppError;
pub(crate) use room::{OpenRoom, Said, object, sha256_hex};

use crate::clock::Clock;
use crate::config::Config;
use crate::policy::PolicyText;
use crate::rng::OsRandom;

/// A running hub; cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Clock,
    store: Store,
    signing: SigningKey,
    master: MasterKey,
    answers: DataKey,
    lexicon: &'static Lexicon,
    policy: Policy,
    texts: Vec<PolicyText>,
    identity_room: String,
    rooms: Mutex<BTreeMap<String, OpenRoom>>,
    opening: tokio::sync::Mutex<()>,
    cases: cases::Cache,
    cert: cert::Cache,
    agreements: agreements::Kept,
    peers: peers::Peers,
    screens: sharing::Screens,
    law_key: DataKey,
    shelf: law::Shelf,
    actors: accounts::Actors,
    intakes: Arc<tokio::sync::Semaphore>,
    clock_held: AtomicBool,
}

/// How far the clock may be ahead of when the hub was last up before releases wait for a person.
pub const CLOCK_JUMP_MAX_MS: i64 = 7 * 24 * 3600 * 1000;
const META_CLOCK: &str = "clock:seen";

/// An idempotency key with what it stands for (PO-71).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Whose key.
    pub account: String,
    /// The key.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub body_hash: String,
}

/// The body of an answer, new or given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status that goes with it.
    pub status: u16,
    /// JSON.
    pub body: Vec<u8>,
    /// Whether an earlier request with the same key did the work.
    pub replayed: bool,
}

/// A page of a list: items and where the next page starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

impl Hub {
    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Returns now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Returns now in milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns the lexicon.
    #[must_use]
    pub fn lexicon(&self) -> &'static Lexicon {
        self.0.lexicon
    }

    /// Returns the promises in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Returns the safe-harbour text in a language, or the authentic one.
    #[must_use]
    pub fn policy_text(&self, lang: &str) -> Option<&PolicyText> {
        self.0.texts.iter().find(|text| text.lang == lang).or_else(|| self.0.texts.first())
    }

    /// Closes the store; for tools, which do not serve.
    pub async fn close(&self) {
        self.store().close().await;
    }

    /// Returns the id of the hub's identity room.
    #[must_use]
    pub fn identity_room(&self) -> &str {
        &self.0.identity_room
    }

    /// Returns the public half of the key the hub signs with.
    #[must_use]
    pub fn verifying_key(&self) -> &comity_ledger::key::VerifyingKey {
        self.0.signing.verifying_key()
    }

    /// Returns whether the clock may decide that a silence is over.
    ///
    /// False while wall clock and monotonic clock part, and after a start at which the clock had jumped
    /// ahead by over [`CLOCK_JUMP_MAX_MS`], until someone confirms it.
    #[must_use]
    pub fn clock_is_trusted(&self) -> bool {
        self.clock().trusted() && !self.0.clock_held.load(Ordering::Acquire)
    }

    /// Confirms that the clock is right although it jumped ahead.
    pub async fn confirm_clock(&self) -> Result<(), AppError> {
        self.0.clock_held.store(false, Ordering::Release);
        self.touch_clock().await
    }

    /// Remembers when the hub last saw the time, unless the clock is in doubt.
    pub(crate) async fn touch_clock(&self) -> Result<(), AppError> {
        if self.clock().is_real() && self.clock_is_trusted() {
            let mut rows = Rows::new();
            let value = self.now_ms().to_string();
            rows.put(comity_store::Write::Meta { name: META_CLOCK.to_owned(), value });
            self.store().write(rows).await?;
        }
        Ok(())
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.0.signing
    }

    pub(crate) fn master(&self) -> &MasterKey {
        &self.0.master
    }

    pub(crate) fn opening(&self) -> &tokio::sync::Mutex<()> {
        &self.0.opening
    }

    pub(crate) fn known_actors(&self) -> &accounts::Actors {
        &self.0.actors
    }

    pub(crate) fn cases_cache(&self) -> &cases::Cache {
        &self.0.cases
    }

    pub(crate) fn cert_cache(&self) -> &cert::Cache {
        &self.0.cert
    }

    pub(crate) fn kept_agreements(&self) -> &agreements::Kept {
        &self.0.agreements
    }

    pub(crate) fn peers(&self) -> &peers::Peers {
        &self.0.peers
    }

    pub(crate) fn screens(&self) -> &sharing::Screens {
        &self.0.screens
    }

    /// Seals small rows of the hub itself, which no room holds.
    pub(crate) fn small_key(&self) -> &DataKey {
        &self.0.answers
    }

    pub(crate) fn law_key(&self) -> &DataKey {
        &self.0.law_key
    }

    pub(crate) fn shelf(&self) -> &law::Shelf {
        &self.0.shelf
    }

    pub(crate) fn intakes(&self) -> &Arc<tokio::sync::Semaphore> {
        &self.0.intakes
    }

    pub(crate) fn known_room(&self, label: &str) -> Option<OpenRoom> {
        let rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.get(label).cloned()
    }

    /// Remembers the rooms in use; one a month and kind, so the map stays small.
    pub(crate) fn remember_room(&self, label: &str, room: &OpenRoom) {
        const ROOMS_MAX: usize = 64;
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if rooms.len() >= ROOMS_MAX {
            rooms.clear();
        }
        rooms.insert(label.to_owned(), room.clone());
    }

    /// Writes one unit whose answer is kept under the idempotency key, if there is one.
    ///
    /// `build` may run more than once and must not act. An earlier answer to the same key and body is
    /// given again; to another body it is refused.
    pub(crate) async fn write<T, F>(
        &self,
        once: Option<Once>,
        status: u16,
        needs: Needs,
        mut build: F,
    ) -> Result<Answered, AppError>
    where
        T: Serialize,
        F: FnMut(&View) -> Result<(Rows, T), AppError> + Send + 'static,
    {
        let now = self.now_ms();
        let needs = match &once {
            Some(once) => needs.answer(&once.account, &once.key),
            None => needs,
        };
        let hub = self.clone();
        let outcome: Result<Answered, Rejected<AppError>> = self
            .store()
            .submit(needs, move |view: &View| {
                if let Some(once) = &once
                    && let Some(answer) = view.answer(&once.account, &once.key)
                {
                    return Ok((Rows::new(), hub.replayed(answer, once)?));
                }
                let (mut rows, value) = build(view)?;
                let body = serde_json::to_vec(&value).map_err(AppError::fault)?;
                if let Some(once) = &once {
                    rows.put(hub.answer_row(once, status, &body, now)?);
                }
                Ok((rows, Answered { status, body, replayed: false }))
            })
            .await;
        outcome.map_err(AppError::from)
    }

    /// Turns a refusal into the answer that the same key was given while this call was deciding.
    pub(crate) async fn or_answered(
        &self,
        done: Result<Answered, AppError>,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        if let Err(AppError::Changed | AppError::Refused(_)) = &done
            && let Some(answered) = self.answered_before(once.as_ref()).await?
        {
            return Ok(answered);
        }
        done
    }

    /// Gives an earlier answer again, if the key stands for the same request.
    pub(crate) fn replayed(&self, answer: &Answer, once: &Once) -> Result<Answered, AppError> {
        if answer.body_hash != once.body_hash {
            return Err(AppError::refused("idempotency-key-reused"));
        }
        let item = format!("{}/{}", once.account, once.key);
        let binding = Binding { room: "idempotency", item: &item };
        let body = seal::open(&self.0.answers, binding, &answer.answer).map_err(AppError::fault)?;
        let status = u16::try_from(answer.status).unwrap_or(200);
        Ok(Answered { status, body: body.to_vec(), replayed: true })
    }

    /// Answers hold tokens and content: they are sealed like everything else.
    fn answer_row(
        &self,
        once: &Once,
        status: u16,
        body: &[u8],
        now: i64,
    ) -> Result<Answer, AppError> {
        let item = format!("{}/{}", once.account, once.key);
        let binding = Binding { room: "idempotency", item: &item };
        let sealed =
            seal::seal(&self.0.answers, binding, body, &mut OsRandom).map_err(AppError::fault)?;
        Ok(Answer {
            account: once.account.clone(),
            key: once.key.clone(),
            body_hash: once.body_hash.clone(),
            status: i64::from(status),
            answer: sealed,
            created_at: now,
        })
    }
}

impl From<comity_store::Fault> for AppError {
    fn from(fault: comity_store::Fault) -> Self {
        if matches!(fault, comity_store::Fault::Busy) {
            return Self::Busy { retry_after_s: 1 };
        }
        Self::fault(fault)
    }
}

impl From<Rejected<Self>> for AppError {
    fn from(rejected: Rejected<Self>) -> Self {
        match rejected {
            Rejected::Refused(error) => error,
            Rejected::Conflict(_) => Self::Changed,
            Rejected::Fault(fault) => fault.into(),
        }
    }
}

impl From<Rejected<std::convert::Infallible>> for AppError {
    fn from(rejected: Rejected<std::convert::Infallible>) -> Self {
        match rejected {
            Rejected::Refused(never) => match never {},
            Rejected::Conflict(_) => Self::Changed,
            Rejected::Fault(fault) => fault.into(),
        }
    }
}
