//! Standards, assessments and editions of registers.

use crate::engine::values;
use crate::read::{limit, list, one};
use crate::row::Row;
use crate::rows::{CertAssessment, CertStandard, RegisterEdition};
use crate::{Fault, Store};

impl Store {
    /// Returns a standard.
    pub async fn cert_standard(&self, id: &str) -> Result<Option<CertStandard>, Fault> {
        let columns = CertStandard::columns();
        let sql = format!("select {columns} from cert_standard where standard_id = $1");
        one(self.pools(), sql, values![id.to_owned()]).await
    }

    /// Lists standards, by id, after one.
    pub async fn cert_standards(
        &self,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<CertStandard>, Fault> {
        let sql = format!(
            "select {} from cert_standard where standard_id > $1 order by standard_id limit $2",
            CertStandard::columns()
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Returns an assessment.
    pub async fn cert_assessment(&self, id: &str) -> Result<Option<CertAssessment>, Fault> {
        let columns = CertAssessment::columns();
        let sql = format!("select {columns} from cert_assessment where assessment_id = $1");
        one(self.pools(), sql, values![id.to_owned()]).await
    }

    /// Lists assessments, by id, after one.
    pub async fn cert_assessments(
        &self,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<CertAssessment>, Fault> {
        let sql = format!(
            "select {} from cert_assessment where assessment_id > $1 order by assessment_id limit $2",
            CertAssessment::columns()
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Lists the assessments of one jurisdiction, by id, after one.
    pub async fn cert_assessments_of(
        &self,
        jurisdiction: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<CertAssessment>, Fault> {
        let sql = format!(
            "select {} from cert_assessment where jurisdiction = $1 and assessment_id > $2 \
             order by assessment_id limit $3",
            CertAssessment::columns()
        );
        let values = values![jurisdiction.to_owned(), after.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Returns an edition of a register.
    pub async fn register_edition(
        &self,
        standard: &str,
        edition: i64,
    ) -> Result<Option<RegisterEdition>, Fault> {
        let sql = format!(
            "select {} from register_edition where standard_id = $1 and edition = $2",
            RegisterEdition::columns()
        );
        one(self.pools(), sql, values![standard.to_owned(), edition]).await
    }

    /// Returns the newest edition of a register that enough registrars signed.
    pub async fn newest_edition(&self, standard: &str) -> Result<Option<RegisterEdition>, Fault> {
        let sql = format!(
            "select {} from register_edition where standard_id = $1 and published_at is not null \
             order by edition desc limit 1",
            RegisterEdition::columns()
        );
        one(self.pools(), sql, values![standard.to_owned()]).await
    }
}
