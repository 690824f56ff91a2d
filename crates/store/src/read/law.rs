//! Editions of packs, and the law side of cases.

use crate::engine::values;
use crate::read::{limit, list, one};
use crate::row::Row;
use crate::rows::{CaseLaw, PackEdition, PackSet};
use crate::{Fault, Store};

impl Store {
    /// Returns the law side of a case.
    pub async fn case_law(&self, case_id: &str) -> Result<Option<CaseLaw>, Fault> {
        let sql = format!("select {} from case_law where case_id = $1", CaseLaw::columns());
        one(self.pools(), sql, values![case_id.to_owned()]).await
    }

    /// Lists the law sides of open cases, by case, after one.
    pub async fn open_case_laws(&self, after: &str, rows_max: u32) -> Result<Vec<CaseLaw>, Fault> {
        let sql = format!(
            "select {} from case_law where is_open = 1 and case_id > $1 order by case_id limit $2",
            CaseLaw::columns()
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Returns one edition of a pack by its digest.
    pub async fn pack_edition(&self, sha256: &str) -> Result<Option<PackEdition>, Fault> {
        let sql = format!("select {} from pack_edition where sha256 = $1", PackEdition::columns());
        one(self.pools(), sql, values![sha256.to_owned()]).await
    }

    /// Returns a set of editions by its digest.
    pub async fn pack_set(&self, set_sha256: &str) -> Result<Option<PackSet>, Fault> {
        let sql = format!("select {} from pack_set where set_sha256 = $1", PackSet::columns());
        one(self.pools(), sql, values![set_sha256.to_owned()]).await
    }
}
