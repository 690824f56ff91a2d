//! Copies SQLite's write-ahead log into the database while the writer goes on.
//!
//! A commit that copies the log itself makes everyone in its group wait for it. Another connection copies what
//! there is; what was committed meanwhile is little, and the writer copies that between two groups, after which
//! the log starts again from its beginning. Not here: the shredding of keys, which empties the log at once.

use tokio::task::JoinHandle;

use crate::engine::{Pools, rows};

/// How many units are written between two copies; each is some pages of the log.
const UNITS_BETWEEN: usize = 2_000;
/// Copies what can be copied without waiting for readers or the writer.
const COPY: &str = "pragma wal_checkpoint(passive)";

/// Where the copying stands.
#[derive(Debug, Default)]
pub(super) struct Copier {
    units: usize,
    running: Option<JoinHandle<()>>,
}

impl Copier {
    /// Starts a copy when enough was written, and ends one that is done. Called between two groups.
    ///
    /// A copy that fails is tried again with the next units; the log only grows meanwhile, and above
    /// a bound the engine copies on its own.
    pub(super) async fn go_on(&mut self, pools: &Pools, units: usize) {
        self.units = self.units.saturating_add(units);
        match self.running.take() {
            Some(copy) if !copy.is_finished() => self.running = Some(copy),
            Some(_done) => {
                if let Ok(mut connection) = pools.write.acquire().await {
                    let _ = rows(&mut *connection, COPY, vec![]).await;
                }
            }
            None if self.units >= UNITS_BETWEEN => {
                self.units = 0;
                self.running = pools.keep.clone().map(start);
            }
            None => {}
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "ends by itself after one statement; the writer holds the handle"
)]
fn start(pool: sqlx::AnyPool) -> JoinHandle<()> {
    tokio::spawn(async move {
        let _ = rows(&pool, COPY, vec![]).await;
    })
}
