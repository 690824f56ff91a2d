//! Accounts, organisations, tokens, answers, looks and named values.

use crate::engine::{rows, values};
use crate::read::{limit, list, one};
use crate::row::{Field, Row};
use crate::rows::{Account, Answer, Look, Organisation, Token};
use crate::{Fault, Store};

impl Store {
    /// Returns a named value of the hub.
    pub async fn meta(&self, name: &str) -> Result<Option<String>, Fault> {
        let sql = "select value from meta where name = $1";
        let found = rows(&self.pools().read, sql, values![name.to_owned()]).await?;
        found.first().map(|row| Field::read(row, "value")).transpose()
    }

    /// Returns an account.
    pub async fn account(&self, account_id: &str) -> Result<Option<Account>, Fault> {
        let sql = format!("select {} from account where account_id = $1", Account::columns());
        one(self.pools(), sql, values![account_id.to_owned()]).await
    }

    /// Returns the account with a sign-in name.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, Fault> {
        let sql = format!("select {} from account where login = $1", Account::columns());
        one(self.pools(), sql, values![login.to_owned()]).await
    }

    /// Lists accounts by id, after one.
    pub async fn accounts(&self, after: &str, rows_max: u32) -> Result<Vec<Account>, Fault> {
        let columns = Account::columns();
        let sql = format!(
            "select {columns} from account where account_id > $1 order by account_id limit $2"
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Returns an organisation.
    pub async fn organisation(&self, id: &str) -> Result<Option<Organisation>, Fault> {
        let columns = Organisation::columns();
        let sql = format!("select {columns} from organisation where organisation_id = $1");
        one(self.pools(), sql, values![id.to_owned()]).await
    }

    /// Lists organisations by id, after one.
    pub async fn organisations(
        &self,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Organisation>, Fault> {
        let sql = format!(
            "select {} from organisation where organisation_id > $1 \
             order by organisation_id limit $2",
            Organisation::columns()
        );
        list(self.pools(), sql, values![after.to_owned(), limit(rows_max)]).await
    }

    /// Returns a token by its hash, also an expired or revoked one.
    pub async fn token(&self, hash: &str) -> Result<Option<Token>, Fault> {
        let sql = format!("select {} from token where hash = $1", Token::columns());
        one(self.pools(), sql, values![hash.to_owned()]).await
    }

    /// Lists the tokens of an account by hash, after one.
    pub async fn tokens(
        &self,
        account_id: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Token>, Fault> {
        let sql = format!(
            "select {} from token where account_id = $1 and hash > $2 order by hash limit $3",
            Token::columns()
        );
        let values = values![account_id.to_owned(), after.to_owned(), limit(rows_max)];
        list(self.pools(), sql, values).await
    }

    /// Returns the answer given to an idempotency key.
    pub async fn answer(&self, account: &str, key: &str) -> Result<Option<Answer>, Fault> {
        let columns = Answer::columns();
        let sql = format!("select {columns} from idempotency where account = $1 and key = $2");
        one(self.pools(), sql, values![account.to_owned(), key.to_owned()]).await
    }

    /// Lists the looks at a subject, oldest first, after one.
    pub async fn looks(
        &self,
        subject: &str,
        after: &str,
        rows_max: u32,
    ) -> Result<Vec<Look>, Fault> {
        let sql = format!(
            "select {} from look where subject = $1 and look_id > $2 order by look_id limit $3",
            Look::columns()
        );
        list(self.pools(), sql, values![subject.to_owned(), after.to_owned(), limit(rows_max)])
            .await
    }
}
