//! The writer task: takes what waits, writes it as one, answers after the commit.
//!
//! While a group is written, the next one is taken and, if what it needs to know is known from the groups before,
//! built: signing and syncing then go on side by side. What a group was built on is compared with the database
//! when it is written, so a wrong guess costs time and nothing else.
//!
//! If one unit spoils the transaction, the others are written without it, one by one. If another process was
//! in the way, the whole group is built again on the newer state.
//! Not here: what a unit holds.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};
use tokio::sync::mpsc;

use crate::blob::Blobs;
use crate::engine::{BUSY_MS, Engine, Pools, rows, run, values};
use crate::fault::Cause;
use crate::row::Field;
use crate::write::apply::{Failure, Leftover, apply};
use crate::write::copy::Copier;
use crate::write::group::{Built, Group, build, load};
use crate::write::{GROUP_UNITS_MAX, Job, Needs, QUEUE_UNITS_MAX, RETRIES_MAX, Stop, View};
use crate::{Conflict, Fault};

const RETRY_MS_MAX: u64 = 20;
/// How long emptying the write-ahead log waits for readers.
const SCRUB_MS: u64 = 50;
/// How long the rest of a group is waited for.
const GATHER: Duration = Duration::from_millis(1);

/// Something to be done on the writing connection between groups.
pub(crate) type Alone = Box<
    dyn for<'c> FnOnce(
            Result<&'c mut AnyConnection, Fault>,
        ) -> Pin<Box<dyn Future<Output = ()> + Send + 'c>>
        + Send,
>;

/// What the writer is asked for.
pub(crate) enum Message {
    Alone(Alone),
    Unit(Box<dyn Job>),
}

/// Decides, in tests, that a commit fails: before it (not stored) or after it (stored though it failed).
#[derive(Clone)]
pub(crate) struct Probe(pub(crate) Arc<dyn Fn(crate::CommitStep) -> bool + Send + Sync>);

struct Writer {
    pools: Pools,
    blobs: Blobs,
    probe: Option<Probe>,
    /// Keys were deleted and may still be in the write-ahead log.
    scrub: AtomicBool,
}

/// Starts the writer; it ends when the last sender is gone and the queue is empty.
pub(crate) fn start(
    pools: Pools,
    blobs: Blobs,
    probe: Option<Probe>,
) -> (mpsc::Sender<Message>, tokio::task::JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel(QUEUE_UNITS_MAX);
    let writer = Writer { pools, blobs, probe, scrub: AtomicBool::new(false) };
    #[expect(
        clippy::disallowed_methods,
        reason = "the writer belongs to the store: it ends when the last handle is dropped"
    )]
    let task = tokio::spawn(async move {
        let mut copier = Copier::default();
        let mut taken = writer.take(&mut receiver, 1, None).await;
        while !taken.last {
            let units = taken.messages.len();
            taken = match taken.ahead.take() {
                // Nothing is known yet of the state that this group leaves: the next one waits for it.
                None => {
                    let view = writer.serve(taken.messages).await;
                    writer.take(&mut receiver, units, view).await
                }
                Some(group) => {
                    let view = group.view.clone().kept();
                    let (held, mut next) = tokio::join!(
                        writer.write_ahead(taken.messages, group),
                        writer.take(&mut receiver, units, Some(view)),
                    );
                    next.ahead = next.ahead.filter(|_| held);
                    next
                }
            };
            copier.go_on(&writer.pools, units).await;
        }
    });
    (sender, task)
}

/// What was taken from the queue, and how far it is.
#[derive(Default)]
struct Taken {
    /// The queue is empty and the last sender gone.
    last: bool,
    messages: Vec<Message>,
    /// Its units, built on what the group before it leaves.
    ahead: Option<Group>,
}

/// Takes what waits. Callers that were answered together come back together, within less than a sync takes:
/// as long as the group before was larger, a moment is given to the rest. A lone caller never waits.
async fn gather(receiver: &mut mpsc::Receiver<Message>, expected: usize) -> Vec<Message> {
    let mut waiting = Vec::new();
    receiver.recv_many(&mut waiting, GROUP_UNITS_MAX).await;
    while !waiting.is_empty() && waiting.len() < expected {
        let room = GROUP_UNITS_MAX.saturating_sub(waiting.len());
        let more = tokio::time::timeout(GATHER, receiver.recv_many(&mut waiting, room)).await;
        if more.is_err() || receiver.is_closed() {
            break;
        }
    }
    waiting
}

enum Attempt {
    Done(Vec<Result<(), Stop>>),
    Again,
    Failed(Fault),
    Split(Conflict),
}

impl Writer {
    /// Takes what waits and, with `view`, builds it.
    async fn take(
        &self,
        receiver: &mut mpsc::Receiver<Message>,
        expected: usize,
        view: Option<View>,
    ) -> Taken {
        let mut messages = gather(receiver, expected).await;
        if messages.is_empty() {
            return Taken { last: true, ..Taken::default() };
        }
        let Some(view) = view else { return Taken { messages, ..Taken::default() } };
        let needs = messages.iter().map(|message| match message {
            Message::Alone(_) => None,
            Message::Unit(job) => Some(job.needs().clone()),
        });
        let Some(needs) = needs.collect::<Option<Vec<Needs>>>() else {
            return Taken { messages, ..Taken::default() };
        };
        if !needs.iter().all(|needs| view.covers(needs)) {
            return Taken { messages, ..Taken::default() };
        }
        let mut jobs = jobs_of(&mut messages);
        let ahead = build_apart(&mut jobs, view).await;
        let messages = jobs.into_iter().map(Message::Unit).collect();
        let ahead = ahead.filter(|group| needs.iter().all(|needs| group.plan.compares(needs)));
        Taken { last: false, messages, ahead }
    }

    /// Writes a group that was built on a guess. False if the guess did not hold: it was written all the same,
    /// but leaves another state.
    async fn write_ahead(&self, mut messages: Vec<Message>, group: Group) -> bool {
        let jobs = jobs_of(&mut messages);
        match self.attempt_with(group).await {
            attempt @ Attempt::Done(_) => {
                answer(jobs, attempt);
                true
            }
            // Perhaps it was committed: only the callers can find out.
            attempt @ Attempt::Failed(Fault::Uncertain) => {
                answer(jobs, attempt);
                false
            }
            Attempt::Again | Attempt::Failed(_) | Attempt::Split(_) => {
                self.write(jobs).await;
                false
            }
        }
    }

    /// Writes a group and returns the state it leaves, if that is known.
    async fn serve(&self, messages: Vec<Message>) -> Option<View> {
        let mut group = Vec::new();
        for message in messages {
            match message {
                Message::Unit(job) => group.push(job),
                Message::Alone(action) => {
                    self.write(std::mem::take(&mut group)).await;
                    match self.pools.write.acquire().await {
                        Ok(mut connection) => action(Ok(&mut connection)).await,
                        Err(error) => action(Err(error.into())).await,
                    }
                }
            }
        }
        self.write(group).await
    }

    async fn write(&self, jobs: Vec<Box<dyn Job>>) -> Option<View> {
        if jobs.is_empty() {
            return None;
        }
        let (jobs, attempt, view) = self.persist(jobs).await?;
        if !matches!(attempt, Attempt::Split(_)) || jobs.len() == 1 {
            answer(jobs, attempt);
            return view;
        }
        for job in jobs {
            if let Some((jobs, attempt, _)) = self.persist(vec![job]).await {
                answer(jobs, attempt);
            }
        }
        None
    }

    /// Tries until it is decided. None if a closure panicked: its callers see a closed channel.
    async fn persist(
        &self,
        mut jobs: Vec<Box<dyn Job>>,
    ) -> Option<(Vec<Box<dyn Job>>, Attempt, Option<View>)> {
        let mut tries = 0;
        loop {
            let (attempt, view) = self.attempt(&mut jobs).await;
            if jobs.is_empty() {
                return None;
            }
            if !matches!(attempt, Attempt::Again) {
                return Some((jobs, attempt, view));
            }
            tries += 1;
            if tries > RETRIES_MAX {
                return Some((jobs, Attempt::Failed(Fault::Busy), None));
            }
            tokio::time::sleep(jitter(tries)).await;
        }
    }

    async fn attempt(&self, jobs: &mut Vec<Box<dyn Job>>) -> (Attempt, Option<View>) {
        let units = jobs.len();
        let mut connection = match self.begin(units).await {
            Ok(connection) => connection,
            Err(attempt) => return (attempt, None),
        };
        let needs: Vec<_> = jobs.iter().map(|job| job.needs().clone()).collect();
        let done = match load(&mut connection, &needs).await {
            Err(fault) => Err((Step::Rows, fault.into())),
            Ok(view) => match build_apart(jobs, view).await {
                None => Err((Step::Rows, Fault::Misuse("a unit's closure panicked").into())),
                Some(group) => self.transact(&mut connection, group).await,
            },
        };
        self.end(connection, done, units).await
    }

    /// As [`Self::attempt`], with what was built before the transaction.
    async fn attempt_with(&self, group: Group) -> Attempt {
        let units = group.built.len();
        match self.begin(units).await {
            Err(attempt) => attempt,
            Ok(mut connection) => {
                let done = self.transact(&mut connection, group).await;
                self.end(connection, done, units).await.0
            }
        }
    }

    async fn begin(&self, units: usize) -> Result<PoolConnection<Any>, Attempt> {
        let mut connection = match self.pools.write.acquire().await {
            Ok(connection) => connection,
            Err(error) => return Err(Attempt::Failed(error.into())),
        };
        match run(&mut connection, self.pools.engine.begin(), vec![]).await {
            Ok(_) => Ok(connection),
            Err(error) => Err(failed(error.into(), units)),
        }
    }

    async fn end(
        &self,
        mut connection: PoolConnection<Any>,
        done: Result<Written, (Step, Failure)>,
        units: usize,
    ) -> (Attempt, Option<View>) {
        match done {
            Ok(Written { verdicts, left, view }) => {
                self.discard(&mut connection, left.blobs).await;
                if left.shredded || self.scrub.load(Ordering::Relaxed) {
                    let scrubbed = self.scrub(&mut connection).await;
                    self.scrub.store(!scrubbed, Ordering::Relaxed);
                }
                (Attempt::Done(verdicts), Some(view.kept()))
            }
            Err((step, failure)) => {
                let rolled_back = run(&mut connection, "rollback", vec![]).await.is_ok();
                if !rolled_back {
                    // A connection in an unknown state must not be used again.
                    let _ = connection.close().await;
                }
                let attempt = if step == Step::Commit {
                    failed_commit(failure, units)
                } else {
                    failed(failure, units)
                };
                (attempt, None)
            }
        }
    }

    async fn transact(
        &self,
        connection: &mut AnyConnection,
        group: Group,
    ) -> Result<Written, (Step, Failure)> {
        let Group { plan, built, view } = group;
        let engine = self.pools.engine;
        let left =
            apply(connection, engine, plan).await.map_err(|failure| (Step::Rows, failure))?;
        self.probed(crate::CommitStep::Before)?;
        run(connection, "commit", vec![])
            .await
            .map_err(|error| (Step::Commit, Failure::Sql(error)))?;
        self.probed(crate::CommitStep::After)?;
        let verdicts = built.into_iter().map(|built| match built {
            Built::Refused | Built::Staged => Ok(()),
            Built::Stopped(stop) => Err(stop),
        });
        Ok(Written { verdicts: verdicts.collect(), left, view })
    }

    fn probed(&self, step: crate::CommitStep) -> Result<(), (Step, Failure)> {
        match &self.probe {
            Some(probe) if (probe.0)(step) => Err((Step::Commit, Failure::Fault(Fault::Uncertain))),
            Some(_) | None => Ok(()),
        }
    }

    /// Empties the write-ahead log, where a deleted key would stay until it is overwritten. Returns false if a
    /// reader was in the way: then the next group tries again.
    async fn scrub(&self, connection: &mut AnyConnection) -> bool {
        if self.pools.engine == Engine::Postgres {
            return true;
        }
        // A reader may take its time, a backup for example; the writer must not wait for it.
        let soon = format!("pragma busy_timeout = {SCRUB_MS}");
        let _ = rows(&mut *connection, soon, vec![]).await;
        let done = rows(&mut *connection, "pragma wal_checkpoint(truncate)", vec![]).await;
        let usual = format!("pragma busy_timeout = {BUSY_MS}");
        let _ = rows(&mut *connection, usual, vec![]).await;
        let busy = done.ok().and_then(|rows| i64::read(rows.first()?, "busy").ok());
        busy == Some(0)
    }

    /// Removes the files of shredded items that no other row names. What fails here is swept later.
    async fn discard(&self, connection: &mut AnyConnection, unused: Vec<String>) {
        for sha256 in unused {
            let sql = "select 1 as used from item where blob = $1 \
                       union all select 1 as used from draft_file where blob = $2 limit 1";
            let used = rows(&mut *connection, sql, values![sha256.clone(), sha256.clone()]).await;
            if used.is_ok_and(|rows| rows.is_empty())
                && let Err(fault) = self.blobs.remove(&sha256)
            {
                tracing::warn!(code = fault.code(), "an unused blob was not removed");
            }
        }
    }
}

/// What a committed transaction leaves to be done and known.
struct Written {
    verdicts: Vec<Result<(), Stop>>,
    left: Leftover,
    view: View,
}

/// Takes the units out of messages that are nothing else.
fn jobs_of(messages: &mut Vec<Message>) -> Vec<Box<dyn Job>> {
    let unit = |message| match message {
        Message::Unit(job) => Some(job),
        Message::Alone(_) => None,
    };
    messages.drain(..).filter_map(unit).collect()
}

/// Builds on a thread of its own: closures sign, milliseconds a group, too long for one that serves requests.
///
/// None if a closure panicked; the jobs are gone then.
async fn build_apart(jobs: &mut Vec<Box<dyn Job>>, view: View) -> Option<Group> {
    let mut taken = std::mem::take(jobs);
    let built = tokio::task::spawn_blocking(move || {
        let group = build(&mut taken, view);
        (taken, group)
    });
    let (taken, group) = built.await.ok()?;
    *jobs = taken;
    Some(group)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Commit,
    Rows,
}

/// A commit that failed without the engine naming a cause may have happened.
fn failed_commit(failure: Failure, units: usize) -> Attempt {
    match failure {
        Failure::Sql(error) if Cause::of(&error) == Cause::Other => {
            Attempt::Failed(Fault::Uncertain)
        }
        Failure::Fault(_) | Failure::Moved | Failure::Sql(_) => failed(failure, units),
    }
}

fn failed(failure: Failure, units: usize) -> Attempt {
    match failure {
        Failure::Moved | Failure::Fault(Fault::Busy) => Attempt::Again,
        Failure::Fault(fault) => Attempt::Failed(fault),
        Failure::Sql(error) => match Cause::of(&error) {
            Cause::Busy => Attempt::Again,
            Cause::Duplicate => Attempt::Split(Conflict::Duplicate),
            // Perhaps one unit's value; a lost connection would fail each of them again.
            Cause::Other if units > 1 && error.as_database_error().is_some() => {
                Attempt::Split(Conflict::Duplicate)
            }
            Cause::Other if units > 1 && matches!(error, sqlx::Error::Protocol(_)) => {
                Attempt::Split(Conflict::Duplicate)
            }
            Cause::Closed | Cause::Full | Cause::Other | Cause::ReadOnly => {
                Attempt::Failed(error.into())
            }
        },
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, attempt: Attempt) {
    let verdicts = match attempt {
        Attempt::Done(verdicts) => verdicts,
        Attempt::Again => jobs.iter().map(|_| Err(Stop::Fault(Fault::Busy))).collect(),
        Attempt::Failed(fault) => jobs.iter().map(|_| Err(Stop::Fault(fault.clone()))).collect(),
        Attempt::Split(conflict) => jobs.iter().map(|_| Err(Stop::Conflict(conflict))).collect(),
    };
    for (job, verdict) in jobs.into_iter().zip(verdicts) {
        job.finish(verdict);
    }
}

fn jitter(tries: u32) -> Duration {
    // Not a secret and not signed: it only keeps two replicas from meeting again.
    let random = RandomState::new().build_hasher().finish();
    let ms_max = RETRY_MS_MAX.saturating_mul(u64::from(tries)).max(1);
    Duration::from_millis(random % ms_max)
}
