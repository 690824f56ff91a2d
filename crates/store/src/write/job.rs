//! Units of work: what is written as one, and the caller that waits for it.
//!
//! Not here: transactions.

use tokio::sync::oneshot;

use crate::rows::SharingWrite;
use crate::rows::{
    Account, Advisory, Answer, Assessment, CaseLaw, CaseParty, CaseSummary, CertAssessment,
    CertStandard, Correction, Draft, DraftFile, EpochKey, Item, ItemKey, Look, MailboxMessage,
    Organisation, OutboxJob, PackEdition, PackSet, RegisterEdition, Report, Room, Token,
};
use crate::write::{Needs, View};
use crate::{Conflict, Fault, Rejected};

/// Where an entry goes in its author's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// After the head: [`Conflict::Head`] unless `seq` and `prev` say so.
    Next,
    /// Wherever its seq is, also beside another entry of the same seq: two truths are kept as proof. The
    /// caller has checked that `prev` is stored; the head moves only if `seq` is above it.
    Beside,
}

/// An entry to be appended. Its position is given by the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The room.
    pub room_id: String,
    /// The author.
    pub author: String,
    /// Its place in the chain, from 0.
    pub seq: i64,
    /// The id of the entry before it; none for the first.
    pub prev: Option<String>,
    /// Its id.
    pub id: String,
    /// The author's clock.
    pub at: i64,
    /// Its kind.
    pub kind: String,
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// Where it goes.
    pub place: Place,
}

/// The words under which an advisory is found. Replaces what was indexed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchEntry {
    /// The advisory.
    pub advisory_id: String,
    /// The version that a hit shows.
    pub version: i64,
    /// Orders the newest first.
    pub published_at: i64,
    /// When it was withdrawn.
    pub withdrawn_at: Option<i64>,
    /// All words, in any language.
    pub text: String,
}

/// One typed write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// Inserts or replaces an account.
    Account(Account),
    /// Inserts or replaces a version of an advisory.
    Advisory(Advisory),
    /// Records the answer to an idempotency key; [`Conflict::Duplicate`] if there is one.
    Answer(Answer),
    /// Appends an entry.
    Append(Append),
    /// Inserts or replaces an assessment.
    Assessment(Assessment),
    /// Inserts or replaces the law side of a case.
    CaseLaw(CaseLaw),
    /// Inserts or replaces a party.
    CaseParty(CaseParty),
    /// Inserts or replaces a case's read model.
    CaseSummary(CaseSummary),
    /// Inserts or replaces an assessment's read model.
    CertAssessment(CertAssessment),
    /// Inserts or replaces a standard's read model.
    CertStandard(CertStandard),
    /// Adds a correction.
    Correction(Correction),
    /// Inserts or replaces a draft.
    Draft(Draft),
    /// Deletes a draft with its files.
    DraftGone {
        /// The draft.
        draft_id: String,
    },
    /// Inserts or replaces a file of a draft.
    DraftFile(DraftFile),
    /// Deletes one file of a draft.
    DraftFileGone {
        /// The draft.
        draft_id: String,
        /// The file.
        file_id: String,
    },
    /// Adds an epoch key, or replaces its wrapping.
    EpochKey(EpochKey),
    /// Adds a sealed item.
    Item(Item),
    /// Adds the key of an item.
    ItemKey(ItemKey),
    /// Gives a job up, with the code of what went wrong.
    JobDead {
        /// The job.
        id: String,
        /// When.
        at: i64,
        /// The code.
        error: String,
    },
    /// Marks a job as done, as one with what it did.
    JobDone {
        /// The job.
        id: String,
        /// When.
        at: i64,
    },
    /// Puts a job back, with the code of what went wrong.
    JobRetry {
        /// The job.
        id: String,
        /// Not before.
        due_at: i64,
        /// The code.
        error: String,
    },
    /// Records a look.
    Look(Look),
    /// Adds a message to a mailbox.
    MailboxMessage(MailboxMessage),
    /// Marks the messages of one sender as read.
    MailboxRead {
        /// The mailbox.
        mailbox_id: String,
        /// Whose messages were read.
        sender: String,
        /// When.
        at: i64,
    },
    /// Sets a named value of the hub.
    Meta {
        /// The name.
        name: String,
        /// The value.
        value: String,
    },
    /// Inserts or replaces an organisation.
    Organisation(Organisation),
    /// Queues work; [`Conflict::Duplicate`] if the id is there.
    Outbox(OutboxJob),
    /// Keeps an edition of a pack; the same bytes again change nothing.
    PackEdition(PackEdition),
    /// Keeps a set of editions.
    PackSet(PackSet),
    /// Inserts or replaces an edition of a register.
    RegisterEdition(RegisterEdition),
    /// Inserts or replaces a report's read model.
    Report(Report),
    /// Opens a room; [`Conflict::Duplicate`] if it is there.
    Room(Room),
    /// Indexes an advisory for search.
    Search(SearchEntry),
    /// Takes the next serial of a counter; [`Conflict::Serial`] if it is another.
    Serial {
        /// The counter, such as `report-2026`.
        counter: String,
        /// The serial taken.
        value: i64,
    },
    /// Writes a row of the sharing gate.
    Sharing(SharingWrite),
    /// Deletes keys and ciphertexts of an owner: of one compartment, or of all.
    Shred {
        /// The owner.
        owner: String,
        /// The compartment; none for all.
        compartment: Option<String>,
        /// When.
        at: i64,
    },
    /// Inserts or replaces a token.
    Token(Token),
}

macro_rules! from_row {
    ($($name:ident),*) => { $(
        impl From<$name> for Write {
            fn from(row: $name) -> Self {
                Self::$name(row)
            }
        }
    )* };
}
from_row!(
    Account,
    Advisory,
    Answer,
    Append,
    Assessment,
    CaseLaw,
    CaseParty,
    CaseSummary,
    CertAssessment,
    CertStandard,
    Correction,
    Draft,
    DraftFile,
    EpochKey,
    Item,
    ItemKey,
    Look,
    MailboxMessage,
    Organisation,
    PackEdition,
    PackSet,
    RegisterEdition,
    Report,
    Room,
    Token
);
impl From<OutboxJob> for Write {
    fn from(row: OutboxJob) -> Self {
        Self::Outbox(row)
    }
}
impl From<SharingWrite> for Write {
    fn from(write: SharingWrite) -> Self {
        Self::Sharing(write)
    }
}
impl From<SearchEntry> for Write {
    fn from(row: SearchEntry) -> Self {
        Self::Search(row)
    }
}

/// Something that must still be so when the unit is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The room's newest entry is at this position: nobody has written since the caller folded it.
    RoomAt {
        /// The room.
        room_id: String,
        /// The position.
        position: i64,
    },
}

/// What is written as one: all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// What must still be so.
    pub guards: Vec<Guard>,
    /// The writes, in order.
    pub writes: Vec<Write>,
}

impl Rows {
    /// Returns an empty unit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write.
    pub fn put(&mut self, write: impl Into<Write>) -> &mut Self {
        self.writes.push(write.into());
        self
    }

    /// Adds a write, for chains of calls.
    #[must_use]
    pub fn with(mut self, write: impl Into<Write>) -> Self {
        self.writes.push(write.into());
        self
    }

    /// Adds a guard.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// Names what the writes and guards check themselves against.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for Guard::RoomAt { room_id, .. } in &self.guards {
            needs = needs.room(room_id);
        }
        for write in &self.writes {
            if let Write::Append(entry) = write {
                needs = needs.chain(&entry.room_id, &entry.author);
            } else if let Write::Serial { counter, .. } = write {
                needs = needs.serial(counter);
            }
        }
        needs
    }
}

/// Why the store did not write a unit.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    Conflict(Conflict),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A unit in the queue, whatever its closure returns.
pub(crate) trait Job: Send {
    fn needs(&self) -> &Needs;
    /// Builds the rows; none if the closure refused. May be called again on a newer view.
    fn build(&mut self, view: &View) -> Option<Rows>;
    fn finish(self: Box<Self>, verdict: Result<(), Stop>);
}

/// A unit whose closure returns `T` or refuses with `E`.
pub(crate) struct Ticket<F, T, E> {
    needs: Needs,
    build: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, Rejected<E>>>,
}

impl<F, T, E> Ticket<F, T, E> {
    pub(crate) fn new(needs: Needs, build: F) -> (Self, oneshot::Receiver<Result<T, Rejected<E>>>) {
        let (reply, answer) = oneshot::channel();
        (Self { needs, build, outcome: None, reply }, answer)
    }
}

impl<F, T, E> Job for Ticket<F, T, E>
where
    F: FnMut(&View) -> Result<(Rows, T), E> + Send,
    T: Send,
    E: Send,
{
    fn needs(&self) -> &Needs {
        &self.needs
    }

    fn build(&mut self, view: &View) -> Option<Rows> {
        let (rows, outcome) = match (self.build)(view) {
            Ok((rows, value)) => (Some(rows), Ok(value)),
            Err(refusal) => (None, Err(refusal)),
        };
        self.outcome = Some(outcome);
        rows
    }

    fn finish(self: Box<Self>, verdict: Result<(), Stop>) {
        let answer = match (verdict, self.outcome) {
            (Err(Stop::Fault(fault)), _) => Err(Rejected::Fault(fault)),
            (_, Some(Err(refusal))) => Err(Rejected::Refused(refusal)),
            (Err(Stop::Conflict(conflict)), _) => Err(Rejected::Conflict(conflict)),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(Rejected::Fault(Fault::Misuse("a unit was never built"))),
        };
        // A caller that no longer waits has lost its answer, not its write.
        let _ = self.reply.send(answer);
    }
}
