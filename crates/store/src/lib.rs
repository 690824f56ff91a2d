//! Persistence: one contract, SQLite and PostgreSQL behind it.
//!
//! # The contract in one page
//!
//! **Opening.** [`Store::open`] makes the data directory private (0700), takes its lock if the process
//! serves, connects, and applies or checks migrations. A [`Store`] is cheap to clone.
//!
//! **Writing.** There is one way to write what must be kept: a *unit*. [`Store::submit`] takes what the unit
//! needs to know ([`Needs`]) and a closure that builds its [`Rows`] from a [`View`]: the chain heads, room
//! positions, next serials, answers and reports as *every unit before it* leaves them. So ids, `prev` and
//! serials that depend on order are made inside. [`Store::write`] is the same for rows that are ready.
//! The closure must be pure: it is called again when another writer was in the way.
//!
//! ```no_run
//! # async fn take(store: comity_store::Store) -> Result<(), comity_store::Rejected<&'static str>> {
//! use comity_store::{Append, Needs, Place, Rows, Write};
//!
//! let needs = Needs::default().chain("intake", "fi").serial("report-2026");
//! let report_id = store
//!     .submit(needs, |view| {
//!         let serial = view.next_serial("report-2026");
//!         let report_id = format!("fi-r-2026-{serial:05}");
//!         let head = view.head("intake", "fi");
//!         let entry = Append {
//!             room_id: "intake".into(),
//!             author: "fi".into(),
//!             seq: head.map_or(1, |head| head.seq + 1),
//!             prev: head.map(|head| head.id.clone()),
//!             id: "of the signed envelope".into(),
//!             at: 0,
//!             kind: "report.received".into(),
//!             envelope: vec![],
//!             place: Place::Next,
//!         };
//!         let mut rows = Rows::new();
//!         rows.put(Write::Serial { counter: "report-2026".into(), value: serial }).put(entry);
//!         Ok::<_, &'static str>((rows, report_id))
//!     })
//!     .await?;
//! # drop(report_id);
//! # Ok(())
//! # }
//! ```
//!
//! *Ok on return means:* all rows of the unit are durable (SQLite: fully synced), in one transaction. *Any
//! error but [`Fault::Uncertain`] means:* nothing of the unit is stored. After `Uncertain`, ask by entry id
//! or idempotency key before doing it again. A caller that stops waiting has lost the answer, not the write.
//!
//! Up to [`GROUP_UNITS_MAX`] waiting units share one transaction and one sync. They cannot spoil each other:
//! a unit whose entry does not follow the head gets [`Conflict::Head`], one whose id is there
//! [`Conflict::Duplicate`], and the others are stored.
//!
//! **Compare-and-swap.** An [`Append`] with [`Place::Next`] names its `prev`; [`Guard::RoomAt`] says that
//! nobody has written to the room since the caller folded it. Decide on what you read, guard it, and on a
//! conflict read and decide again.
//!
//! **Long ciphertexts.** Above [`INLINE_BYTES_MAX`] they are files named by their hash: [`Store::keep`] first
//! (durable on return), then a row with the hash. [`Store::content`] and [`Store::content_file`] read either.
//!
//! **Erasing.** [`Write::Shred`] deletes keys and ciphertexts of an owner and keeps the item's row; the file
//! goes after the commit. Entries are never updated or deleted.
//!
//! **Outbox.** Enqueue in the unit ([`Write::Outbox`]); a task claims with a lease, completes or retries:
//! [`Write::JobDone`] goes into the same unit as what the job did. A job is done at least once: a task that
//! dies leaves its job to the next lease.
//!
//! **Backup.** [`Store::backup`] writes one sealed file from a snapshot while the hub serves; [`verify_backup`]
//! reads one whole and writes nothing; [`restore`] makes a new directory (or fills an empty server database).
//! **Rebuild.** [`Store::rebuild`] empties read models and replays all entries. **Doctor.** [`doctor`] opens
//! nothing that was not there and reports checks.
//!
//! **Reading** sees what was durable when it began, never waits for the writer, has a limit (at most
//! [`PAGE_ROWS_MAX`]) and a stable order. Absent is `Ok(None)`.
//!
//! Bytes are sealed or signed by the caller and opaque here. Not here: decisions, clocks, and the meaning of
//! any code in a text column.

#![expect(clippy::doc_markdown, reason = "names of products are prose")]

mod backup;
mod blob;
mod directory;
mod doctor;
mod engine;
mod fault;
mod migrate;
mod outbox;
mod read;
mod rebuild;
mod row;
mod rows;
mod search;
mod store;
mod write;

pub use backup::{BackupCount, BackupPlan, Seen, restore, verify_backup};
pub use doctor::{Check, State, doctor};
pub use engine::Engine;
pub use fault::{Conflict, Fault, Rejected};
pub use migrate::{Migrate, SCHEMA_VERSION};
pub use outbox::{Claimed, OutboxCount};
pub use read::{
    Cursor, Hit, Open, Order, PAGE_ROWS_MAX, Published, RANKED_HITS_MAX, ReportFilter, SearchQuery,
};
pub use rebuild::{Projection, Replay};
pub use rows::{
    Account, Advisory, Answer, Assessment, CaseLaw, CaseParty, CaseSummary, CertAssessment,
    CertStandard, ChainHead, Correction, Draft, DraftFile, Entry, EpochKey, Item, ItemKey, Look,
    MailboxMessage, NEVER, Organisation, OutboxJob, PackEdition, PackSet, RegisterEdition, Report,
    Room, Token,
};
pub use rows::{Agreement, Outbound, PeerIdentity, Screen, ScreenSample, SharePass, SharingWrite};
pub use search::{QUERY_TOKENS_MAX, TOKENS_MAX, tokens};
pub use store::{CommitStep, Options, Purpose, Store, Swept};
pub use write::{
    Append, ChainKey, GROUP_UNITS_MAX, Guard, Head, Needs, Place, QUEUE_UNITS_MAX, RETRIES_MAX,
    Rows, SearchEntry, UNIT_WRITES_MAX, View, Write,
};

/// The longest ciphertext that is kept in a row.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;
/// The longest ciphertext that is kept at all.
pub const BLOB_BYTES_MAX: u64 = 256 * 1024 * 1024;
