//! Screens, passes, what waits for peers, agreements, identities of peers.

use crate::engine::values;
use crate::read::{limit, list, one};
use crate::row::Row;
use crate::rows::{Agreement, Outbound, PeerIdentity, Screen, ScreenSample, SharePass};
use crate::{Fault, Store};

impl Store {
    /// Returns one screen of a case.
    pub async fn screen(&self, case_id: &str, screen_id: &str) -> Result<Option<Screen>, Fault> {
        let columns = Screen::columns();
        let sql = format!("select {columns} from screen where case_id = $1 and screen_id = $2");
        one(self.pools(), sql, values![case_id.to_owned(), screen_id.to_owned()]).await
    }

    /// Lists the screens of a case by id, after one.
    pub async fn screens_of_case(
        &self,
        case_id: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Screen>, Fault> {
        let columns = Screen::columns();
        let sql = format!(
            "select {columns} from screen where case_id = $1 and screen_id > $2 \
             order by screen_id limit $3"
        );
        let values = values![case_id.to_owned(), after.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Lists screens that are due at an instant, the most urgent first.
    pub async fn screens_due(&self, now: i64, rows_max: u32) -> Result<Vec<Screen>, Fault> {
        let columns = Screen::columns();
        let sql = format!(
            "select {columns} from screen where due_at <= $1 \
             order by due_at, case_id, screen_id limit $2"
        );
        list(self.pools(), sql, values![now, limit(rows_max)]).await
    }

    /// Lists screens that were asked for within a time, from one instant to before another, after one
    /// of them.
    pub async fn screens_asked(
        &self,
        (from, before): (i64, i64),
        after: (i64, &str, &str),
        rows_max: u32,
    ) -> Result<Vec<Screen>, Fault> {
        let columns = Screen::columns();
        let sql = format!(
            "select {columns} from screen where asked_at >= $1 and asked_at < $2 \
             and (asked_at > $3 or (asked_at = $4 and (case_id > $5 or (case_id = $6 and screen_id > $7)))) \
             order by asked_at, case_id, screen_id limit $8"
        );
        let (at, case, screen) = (after.0, after.1.to_owned(), after.2.to_owned());
        let values = values![from, before, at, at, case.clone(), case, screen, limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Lists the screens that were drawn for a quarter, by leaf.
    pub async fn sample_of(
        &self,
        quarter: &str,
        rows_max: u32,
    ) -> Result<Vec<ScreenSample>, Fault> {
        let columns = ScreenSample::columns();
        let sql = format!(
            "select {columns} from screen_sample where quarter = $1 order by screen_id limit $2"
        );
        list(self.pools(), sql, values![quarter.to_owned(), limit(rows_max)]).await
    }

    /// Returns one pass of a case.
    pub async fn share_pass(
        &self,
        case_id: &str,
        pass_id: &str,
    ) -> Result<Option<SharePass>, Fault> {
        let columns = SharePass::columns();
        let sql = format!("select {columns} from share_pass where case_id = $1 and pass_id = $2");
        one(self.pools(), sql, values![case_id.to_owned(), pass_id.to_owned()]).await
    }

    /// Lists the passes of a case by id, after one.
    pub async fn passes_of_case(
        &self,
        case_id: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<SharePass>, Fault> {
        let columns = SharePass::columns();
        let sql = format!(
            "select {columns} from share_pass where case_id = $1 and pass_id > $2 \
             order by pass_id limit $3"
        );
        let values = values![case_id.to_owned(), after.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Lists the newest passes that were made for a hub since an instant.
    pub async fn passes_to_hub(
        &self,
        hub: &str,
        since: i64,
        rows_max: u32,
    ) -> Result<Vec<SharePass>, Fault> {
        let columns = SharePass::columns();
        let sql = format!(
            "select {columns} from share_pass where hub = $1 and made_at >= $2 \
             order by made_at desc, case_id, pass_id limit $3"
        );
        list(self.pools(), sql, values![hub.to_owned(), since, limit(rows_max)]).await
    }

    /// Returns what waits for a hub under a pass.
    pub async fn outbound(&self, hub: &str, pass_id: &str) -> Result<Option<Outbound>, Fault> {
        let columns = Outbound::columns();
        let sql = format!("select {columns} from outbound where hub = $1 and pass_id = $2");
        one(self.pools(), sql, values![hub.to_owned(), pass_id.to_owned()]).await
    }

    /// Lists what waits for a hub by pass, after one.
    pub async fn outbound_of_hub(
        &self,
        hub: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Outbound>, Fault> {
        let columns = Outbound::columns();
        let sql = format!(
            "select {columns} from outbound where hub = $1 and pass_id > $2 \
             order by pass_id limit $3"
        );
        list(self.pools(), sql, values![hub.to_owned(), after.to_owned(), limit(rows_max)]).await
    }

    /// Returns an agreement.
    pub async fn agreement(&self, agreement_id: &str) -> Result<Option<Agreement>, Fault> {
        let columns = Agreement::columns();
        let sql = format!("select {columns} from agreement where agreement_id = $1");
        one(self.pools(), sql, values![agreement_id.to_owned()]).await
    }

    /// Lists agreements by id, after one.
    pub async fn agreements(&self, after: &str, rows_max: u32) -> Result<Vec<Agreement>, Fault> {
        let columns = Agreement::columns();
        let sql = format!(
            "select {columns} from agreement where agreement_id > $1 order by agreement_id limit $2"
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Returns the identity of a peer.
    pub async fn peer_identity(&self, hub: &str) -> Result<Option<PeerIdentity>, Fault> {
        let columns = PeerIdentity::columns();
        let sql = format!("select {columns} from peer_identity where hub = $1");
        one(self.pools(), sql, values![hub.to_owned()]).await
    }

    /// Lists the identities of peers by hub, after one.
    pub async fn peer_identities(
        &self,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<PeerIdentity>, Fault> {
        let columns = PeerIdentity::columns();
        let sql =
            format!("select {columns} from peer_identity where hub > $1 order by hub limit $2");
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }
}
