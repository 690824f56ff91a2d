//! Reports, items, drafts and mailboxes.

use crate::engine::{rows, values};
use crate::read::case::{ascending, descending};
use crate::read::{Cursor, limit, list, one};
use crate::row::{Field, Row};
use crate::rows::{Assessment, Draft, DraftFile, Item, ItemKey, MailboxMessage, Report};
use crate::{Fault, Store};

/// Which reports a queue shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Only this state.
    pub state: Option<String>,
}

impl Store {
    /// Returns a report's read model.
    pub async fn report(&self, report_id: &str) -> Result<Option<Report>, Fault> {
        let sql = format!("select {} from report where report_id = $1", Report::columns());
        one(self.pools(), sql, values![report_id.to_owned()]).await
    }

    /// Returns the report of a mailbox.
    pub async fn report_of_mailbox(&self, mailbox_id: &str) -> Result<Option<Report>, Fault> {
        let columns = Report::columns();
        let sql = format!(
            "select {columns} from report where mailbox_id = $1 order by report_id limit 1"
        );
        one(self.pools(), sql, values![mailbox_id.to_owned()]).await
    }

    /// Lists the triage queue by date due, after a cursor (`due_at`, `report_id`).
    pub async fn reports_by_due(
        &self,
        filter: &ReportFilter,
        after: Option<&Cursor>,
        rows_max: u32,
    ) -> Result<Vec<Report>, Fault> {
        let (at, id) = ascending(after);
        let columns = Report::columns();
        let order = "order by due_at, report_id limit $3";
        let mut values = values![at, id, limit(rows_max)];
        let sql = match filter.state.clone() {
            None => {
                format!("select {columns} from report where (due_at, report_id) > ($1, $2) {order}")
            }
            Some(state) => {
                values.push(state.into_value());
                format!(
                    "select {columns} from report \
                     where state = $4 and (due_at, report_id) > ($1, $2) {order}"
                )
            }
        };
        list(self.pools(), sql, values).await
    }

    /// Lists reports, newest first, before a cursor (`received_at`, `report_id`).
    pub async fn reports_by_time(
        &self,
        before: Option<&Cursor>,
        rows_max: u32,
    ) -> Result<Vec<Report>, Fault> {
        let (at, id) = descending(before);
        let sql = format!(
            "select {} from report where (received_at, report_id) < ($1, $2) \
             order by received_at desc, report_id desc limit $3",
            Report::columns()
        );
        list(self.pools(), sql, values![at, id, limit(rows_max)]).await
    }

    /// Lists the reports of a case, by id.
    pub async fn reports_of_case(
        &self,
        case_id: &str,
        rows_max: u32,
    ) -> Result<Vec<Report>, Fault> {
        let columns = Report::columns();
        let sql =
            format!("select {columns} from report where case_id = $1 order by report_id limit $2");
        list(self.pools(), sql, values![case_id.to_owned(), limit(rows_max)]).await
    }

    /// Lists the reports that look alike, by id.
    pub async fn reports_of_group(
        &self,
        group_key: &str,
        rows_max: u32,
    ) -> Result<Vec<Report>, Fault> {
        let columns = Report::columns();
        let sql = format!(
            "select {columns} from report where group_key = $1 order by report_id limit $2"
        );
        list(self.pools(), sql, values![group_key.to_owned(), limit(rows_max)]).await
    }

    /// Counts reports by state.
    pub async fn report_counts(&self) -> Result<Vec<(String, i64)>, Fault> {
        let sql = "select state, count(*) as n from report group by state order by state limit 100";
        counts(&rows(&self.pools().read, sql, vec![]).await?, "state")
    }

    /// Counts cases by status.
    pub async fn case_counts(&self) -> Result<Vec<(String, i64)>, Fault> {
        let sql = "select status, count(*) as n from case_summary group by status order by status limit 100";
        counts(&rows(&self.pools().read, sql, vec![]).await?, "status")
    }

    /// Lists the assessments of a report, by time.
    pub async fn assessments(
        &self,
        report_id: &str,
        rows_max: u32,
    ) -> Result<Vec<Assessment>, Fault> {
        let columns = Assessment::columns();
        let sql = format!(
            "select {columns} from assessment where report_id = $1 order by at, assessor limit $2"
        );
        list(self.pools(), sql, values![report_id.to_owned(), limit(rows_max)]).await
    }

    /// Lists the items of an owner with their keys, by compartment. A shredded item has no key.
    pub async fn items(
        &self,
        owner: &str,
        rows_max: u32,
    ) -> Result<Vec<(Item, Option<ItemKey>)>, Fault> {
        let sql = format!(
            "select {}, k.epoch, k.wrapped from item i \
             left join item_key k on k.item_id = i.item_id \
             where i.owner = $1 order by i.compartment, i.item_id limit $2",
            Item::columns_of("i")
        );
        let found =
            rows(&self.pools().read, sql, values![owner.to_owned(), limit(rows_max)]).await?;
        found.iter().map(item_with_key).collect()
    }

    /// Returns an item with its key.
    pub async fn item(&self, item_id: &str) -> Result<Option<(Item, Option<ItemKey>)>, Fault> {
        let sql = format!(
            "select {}, k.epoch, k.wrapped from item i \
             left join item_key k on k.item_id = i.item_id where i.item_id = $1",
            Item::columns_of("i")
        );
        let found = rows(&self.pools().read, sql, values![item_id.to_owned()]).await?;
        found.first().map(item_with_key).transpose()
    }

    /// Returns a draft, also an expired one that is not swept yet: compare `expires_at`.
    pub async fn draft(&self, draft_id: &str) -> Result<Option<Draft>, Fault> {
        let sql = format!("select {} from draft where draft_id = $1", Draft::columns());
        one(self.pools(), sql, values![draft_id.to_owned()]).await
    }

    /// Lists the files of a draft, by id.
    pub async fn draft_files(
        &self,
        draft_id: &str,
        rows_max: u32,
    ) -> Result<Vec<DraftFile>, Fault> {
        let columns = DraftFile::columns();
        let sql = format!(
            "select {columns} from draft_file where draft_id = $1 order by file_id limit $2"
        );
        list(self.pools(), sql, values![draft_id.to_owned(), limit(rows_max)]).await
    }

    /// Lists the messages of a mailbox, oldest first, after one.
    pub async fn mailbox(
        &self,
        mailbox_id: &str,
        after_message_id: &str,
        rows_max: u32,
    ) -> Result<Vec<MailboxMessage>, Fault> {
        let sql = format!(
            "select {} from mailbox_message where mailbox_id = $1 and message_id > $2 \
             order by message_id limit $3",
            MailboxMessage::columns()
        );
        let values = values![mailbox_id.to_owned(), after_message_id.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }
}

fn item_with_key(row: &sqlx::any::AnyRow) -> Result<(Item, Option<ItemKey>), Fault> {
    let item = Item::read(row)?;
    let epoch: Option<i64> = Field::read(row, "epoch")?;
    let wrapped: Option<Vec<u8>> = Field::read(row, "wrapped")?;
    let key = epoch.zip(wrapped).map(|(epoch, wrapped)| ItemKey {
        item_id: item.item_id.clone(),
        epoch,
        wrapped,
    });
    Ok((item, key))
}

pub(super) fn counts(
    rows: &[sqlx::any::AnyRow],
    column: &'static str,
) -> Result<Vec<(String, i64)>, Fault> {
    rows.iter().map(|row| Ok((Field::read(row, column)?, Field::read(row, "n")?))).collect()
}
