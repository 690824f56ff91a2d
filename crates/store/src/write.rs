//! The one write path: units, merged into transactions by one task.
//!
//! Not here: reading. What a unit may hold is in [`Write`]; how units are merged is in `group`.

mod apply;
mod copy;
mod group;
mod job;
mod task;
mod view;

pub use job::{Append, Guard, Place, Rows, SearchEntry, Write};
pub use view::{ChainKey, Head, Needs, View};

pub(crate) use job::{Job, Stop, Ticket};
pub(crate) use task::{Message, Probe, start};

/// How many waiting units one transaction takes.
pub const GROUP_UNITS_MAX: usize = 256;
/// How many units may wait; a further caller waits for room.
pub const QUEUE_UNITS_MAX: usize = 4_096;
/// How many writes one unit may hold.
pub const UNIT_WRITES_MAX: usize = 500;
/// How often a transaction is tried again when another one was in its way.
pub const RETRIES_MAX: u32 = 8;
