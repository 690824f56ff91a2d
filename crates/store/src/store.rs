//! The store's handle: opening, writing units, long ciphertexts, sweeping, closing.
//!
//! Not here: statements that read (`read`) and how units are merged (`write`).

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::AnyConnection;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::blob::Blobs;
use crate::directory::Directory;
use crate::engine::{Engine, Pools, run, values};
use crate::migrate::{self, Migrate, SCHEMA_VERSION};
use crate::write::{self, Message, Needs, Probe, Rows, Ticket, View};
use crate::{BLOB_BYTES_MAX, Fault, INLINE_BYTES_MAX, Rejected};

/// What the process does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Serves: takes the directory's lock, or fails with [`Fault::DirectoryInUse`].
    Serve,
    /// A command that runs once, also beside a hub that serves.
    Tool,
}

/// A step of a commit at which a test may let it fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitStep {
    /// Before it: nothing is stored.
    Before,
    /// After it: everything is stored, though the caller sees a failure.
    After,
}

type CommitProbe = Arc<dyn Fn(CommitStep) -> bool + Send + Sync>;

/// Where the store is and how it is opened.
#[derive(Clone)]
pub struct Options {
    directory: PathBuf,
    database_url: Option<String>,
    purpose: Purpose,
    migrate: Migrate,
    readers: u32,
    probe: Option<Probe>,
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a server may hold a password.
        formatter
            .debug_struct("Options")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// A store in a data directory, for a process that serves, with migrations applied.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            database_url: None,
            purpose: Purpose::Serve,
            migrate: Migrate::Apply,
            readers: 4,
            probe: None,
        }
    }

    /// Uses a server instead of the embedded database: `postgres://…`. Blobs stay in the directory.
    #[must_use]
    pub fn database_url(mut self, url: Option<String>) -> Self {
        self.database_url = url;
        self
    }

    /// Says what the process does.
    #[must_use]
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Says whether missing migrations are applied.
    #[must_use]
    pub fn migrate(mut self, migrate: Migrate) -> Self {
        self.migrate = migrate;
        self
    }

    pub(crate) fn directory_path(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.database_url.is_none()
    }

    /// Sets how many connections read.
    #[must_use]
    pub fn readers(mut self, readers: u32) -> Self {
        self.readers = readers;
        self
    }

    /// Lets commits fail where a test says so.
    #[must_use]
    pub fn commit_probe(
        mut self,
        fails: impl Fn(CommitStep) -> bool + Send + Sync + 'static,
    ) -> Self {
        let fails: CommitProbe = Arc::new(fails);
        self.probe = Some(Probe(fails));
        self
    }
}

/// A store that is open. Clones share one writer and its connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    blobs: Blobs,
    directory: Directory,
    writer: Mutex<Option<tokio::task::JoinHandle<()>>>,
    queue: std::sync::RwLock<Option<mpsc::Sender<Message>>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store; see [`Options`]. Must be called inside a tokio runtime.
    pub async fn open(options: Options) -> Result<Self, Fault> {
        let directory = Directory::open(&options.directory, options.purpose == Purpose::Serve)?;
        let blobs = Blobs::open(directory.path())?;
        let pools = if let Some(url) = &options.database_url {
            Pools::postgres(url, options.readers).await?
        } else {
            directory.touch_database()?;
            Pools::sqlite(&directory.database(), options.readers).await?
        };
        let mut connection = pools.write.acquire().await?;
        migrate::migrate(&mut connection, pools.engine, options.migrate, SCHEMA_VERSION).await?;
        drop(connection);
        let (queue, writer) = write::start(pools.clone(), blobs.clone(), options.probe);
        let inner = Inner {
            pools,
            blobs,
            directory,
            writer: Mutex::new(Some(writer)),
            queue: std::sync::RwLock::new(Some(queue)),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns which database is behind the store.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.pools.engine
    }

    /// Returns the data directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.inner.directory.path()
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.inner.pools
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// Submits a unit and waits until it is durable. Returns what the closure returned.
    ///
    /// The closure sees the state that every unit before it leaves; it may be called more than once and runs
    /// on a thread that may block. It must not panic: that fails the units merged with it.
    pub async fn submit<T, E, F>(&self, needs: Needs, build: F) -> Result<T, Rejected<E>>
    where
        F: FnMut(&View) -> Result<(Rows, T), E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (ticket, answer) = Ticket::new(needs, build);
        self.send(Message::Unit(Box::new(ticket))).await?;
        answer.await.unwrap_or(Err(Rejected::Fault(Fault::Closed)))
    }

    /// Writes rows that are ready, as one unit, and waits until they are durable.
    pub async fn write(&self, rows: Rows) -> Result<(), Rejected<std::convert::Infallible>> {
        let needs = rows.needs();
        self.submit(needs, move |_| Ok((rows.clone(), ()))).await
    }

    async fn send(&self, message: Message) -> Result<(), Fault> {
        let queue = self.inner.queue.read().ok().and_then(|queue| queue.clone());
        queue.ok_or(Fault::Closed)?.send(message).await.map_err(|_| Fault::Closed)
    }

    /// Runs something on the writing connection, between groups.
    pub(crate) async fn alone<T, F>(&self, action: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: AsyncAction<T>,
    {
        let (reply, answer) = oneshot::channel();
        let message = Message::Alone(Box::new(move |connection| {
            Box::pin(async move {
                let result = match connection {
                    Ok(connection) => action.act(connection).await,
                    Err(fault) => Err(fault),
                };
                let _ = reply.send(result);
            })
        }));
        self.send(message).await?;
        answer.await.unwrap_or(Err(Fault::Closed))
    }

    /// Returns how many units wait for the writer.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        let queue = self.inner.queue.read().ok();
        queue
            .as_deref()
            .and_then(Option::as_ref)
            .map_or(0, |queue| queue.max_capacity().saturating_sub(queue.capacity()))
    }

    /// Stores a long ciphertext and returns its SHA-256 once it is durable. Write the row within a day:
    /// a file without a row is swept then.
    pub async fn keep(&self, ciphertext: Vec<u8>) -> Result<String, Fault> {
        let (sha256, _) = self.keep_from(std::io::Cursor::new(ciphertext)).await?;
        Ok(sha256)
    }

    /// Stores a long ciphertext from a reader; returns its SHA-256 and its length once it is durable.
    pub async fn keep_from(
        &self,
        mut source: impl Read + Send + 'static,
    ) -> Result<(String, u64), Fault> {
        let blobs = self.inner.blobs.clone();
        blocking(move || blobs.put(&mut source, BLOB_BYTES_MAX)).await
    }

    /// Puts a ciphertext where its length says: returns (`ciphertext`, `blob`) for a row.
    pub async fn place(
        &self,
        ciphertext: Vec<u8>,
    ) -> Result<(Option<Vec<u8>>, Option<String>), Fault> {
        if ciphertext.len() <= INLINE_BYTES_MAX {
            return Ok((Some(ciphertext), None));
        }
        Ok((None, Some(self.keep(ciphertext).await?)))
    }

    /// Returns a ciphertext from a row's (`ciphertext`, `blob`), checked against its hash; none if shredded.
    pub async fn content(
        &self,
        ciphertext: Option<Vec<u8>>,
        blob: Option<String>,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let Some(sha256) = blob else { return Ok(ciphertext) };
        let blobs = self.inner.blobs.clone();
        blocking(move || blobs.read(&sha256).map(Some)).await
    }

    /// Opens a long ciphertext for reading in parts. Its hash is not checked: its sealing is.
    pub async fn content_file(&self, sha256: String) -> Result<File, Fault> {
        let blobs = self.inner.blobs.clone();
        blocking(move || blobs.open_file(&sha256)).await
    }

    /// Closes the store: takes no more units, finishes those that wait, and releases the directory when the
    /// last clone is dropped.
    pub async fn close(&self) {
        if let Ok(mut queue) = self.inner.queue.write() {
            queue.take();
        }
        if let Some(writer) = self.inner.writer.lock().await.take() {
            // The writer ends by itself; a panic in it was already answered by closed channels.
            let _ = writer.await;
        }
        self.inner.pools.close().await;
    }

    /// Deletes what has run out by `now`: answers older than a day, drafts, tokens long over, done jobs.
    pub async fn sweep(&self, now: i64) -> Result<Swept, Fault> {
        let swept = self.alone(Sweep { now }).await?;
        Ok(swept)
    }
}

/// What a sweep deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Answers to idempotency keys.
    pub answers: u64,
    /// Drafts.
    pub drafts: u64,
    /// Done or dead jobs.
    pub jobs: u64,
    /// Tokens.
    pub tokens: u64,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

struct Sweep {
    now: i64,
}

impl AsyncAction<Swept> for Sweep {
    async fn act(self, connection: &mut AnyConnection) -> Result<Swept, Fault> {
        let day_ago = self.now.saturating_sub(DAY_MS);
        let sql = "delete from idempotency where created_at < $1";
        let answers = run(connection, sql, values![day_ago]).await?;
        // Long files of drafts become orphans, which `doctor` sweeps.
        let sql = "delete from draft_file where draft_id in \
                   (select draft_id from draft where expires_at <= $1)";
        run(connection, sql, values![self.now]).await?;
        let sql = "delete from draft where expires_at <= $1";
        let drafts = run(connection, sql, values![self.now]).await?;
        let sql = "delete from token where expires_at < $1";
        let tokens = run(connection, sql, values![self.now.saturating_sub(30 * DAY_MS)]).await?;
        let sql = "delete from outbox where done_at < $1";
        let jobs = run(connection, sql, values![self.now.saturating_sub(7 * DAY_MS)]).await?;
        Ok(Swept { answers, drafts, jobs, tokens })
    }
}

/// Something done on the writing connection.
pub(crate) trait AsyncAction<T>: Send + 'static {
    fn act(self, connection: &mut AnyConnection) -> impl Future<Output = Result<T, Fault>> + Send;
}

/// Runs file work on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Fault::Misuse("file work panicked")))
}
