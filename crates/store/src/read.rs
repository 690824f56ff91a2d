//! Reading: one statement a function, each list with a limit and a stable order.
//!
//! Reads see what was durable when they began. Not here: writing, and who may see what.

mod advisory;
mod case;
mod cert;
mod law;
mod people;
mod report;
mod sharing;

pub use advisory::{Hit, Order, Published, RANKED_HITS_MAX, SearchQuery};
pub use case::Open;
pub use report::ReportFilter;

use crate::Fault;
use crate::engine::{Pools, rows};
use crate::row::{Row, Value};

/// How many rows one list answers at most.
pub const PAGE_ROWS_MAX: u32 = 1_000;

pub(crate) fn limit(rows: u32) -> i64 {
    i64::from(rows.min(PAGE_ROWS_MAX))
}

/// Where a list goes on: the sort value and the id of the last row seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sort value.
    pub at: i64,
    /// The id.
    pub id: String,
}

pub(crate) async fn list<R: Row>(
    pools: &Pools,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<R>, Fault> {
    rows(&pools.read, sql, values).await?.iter().map(R::read).collect()
}

pub(crate) async fn one<R: Row>(
    pools: &Pools,
    sql: String,
    values: Vec<Value>,
) -> Result<Option<R>, Fault> {
    rows(&pools.read, sql, values).await?.first().map(R::read).transpose()
}
