//! One encrypted file that holds a consistent state of the hub: rows, blobs and chosen files.
//!
//! The file is the same for both engines, so a hub can also move from one to the other. It is sealed in
//! frames bound to the backup and to their order: none can be changed, moved, left out or cut off.
//! Not here: where the key comes from.

mod dump;
mod format;
mod frame;
mod load;

pub use dump::BackupPlan;
#[cfg(test)]
pub(crate) use dump::table_names;
pub use load::{Seen, restore, verify_backup};

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupCount {
    /// Blobs.
    pub blobs: u64,
    /// Entries of all chains.
    pub entries: u64,
    /// Files that were chosen.
    pub files: u64,
    /// Rows of all tables.
    pub rows: u64,
}
