//! `comity admin`: organisations, accounts, tokens, the clock. Whoever holds the data directory may.
//!
//! Not here: rules about names and roles (`comity-server`).

use std::path::Path;

use comity_core::access::Action;
use comity_server::app::accounts::{AccountForm, OrganisationForm, TokenForm, TokenMade};
use comity_server::app::{AppError, Hub};
use comity_store::Purpose;

use crate::hub;
use crate::output::{self, Outcome};

/// What to administer.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Accounts.
    #[command(subcommand)]
    Account(Account),
    /// Say that the clock is right although it jumped ahead.
    ClockConfirm,
    /// Organisations hosted at this hub.
    #[command(subcommand)]
    Organisation(Organisation),
    /// Make a token for an account; it is shown once.
    Token {
        /// The account.
        account: String,
        /// Scopes, as case:read; everything its roles allow unless given.
        #[arg(long = "scope")]
        scopes: Vec<String>,
        /// Days it lives.
        #[arg(long, default_value_t = 90)]
        days: u32,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
}

/// Accounts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Account {
    /// Add an account.
    Add {
        /// Its id.
        account: String,
        /// Its organisation.
        #[arg(long)]
        organisation: String,
        /// administrator, assessor, auditor, authority, coordinator, delegate, finder, officer, registrar, reviewer or vendor.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The name people see.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// List accounts.
    List,
}

/// Organisations.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Organisation {
    /// Add an organisation.
    Add {
        /// Its id.
        organisation: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// authority, coordinator, deployer, finder or vendor.
        #[arg(long, default_value = "vendor")]
        kind: String,
    },
    /// List organisations.
    List,
}

pub(crate) fn run(data: &Path, arguments: &Arguments) -> anyhow::Result<Outcome> {
    hub::block_on(async {
        let hub = match hub::open(data, Purpose::Tool).await {
            Ok(hub) => hub,
            Err(error) => return hub::refused(error),
        };
        match act(&hub, arguments).await {
            Ok(said) => {
                output::print(&said)?;
                Ok(Outcome::Done)
            }
            Err(error) => hub::no(false, error),
        }
    })?
}

async fn act(hub: &Hub, arguments: &Arguments) -> Result<String, AppError> {
    let operator = hub.operator();
    let by = operator.authorise(Action::AdministerAccounts)?;
    match arguments {
        Arguments::Account(Account::Add { account, organisation, roles, name }) => {
            let form = AccountForm {
                account: account.clone(),
                organisation: organisation.clone(),
                name: name.clone(),
                roles: roles.clone(),
            };
            hub.add_account(by, form, None).await?;
            Ok(format!("account {account} of {organisation}: {}\n", roles.join(", ")))
        }
        Arguments::Account(Account::List) => {
            let rows = hub.store().accounts("", 1000).await?;
            let line = |row: &comity_store::Account| {
                format!("{}\t{}\t{}\n", row.account_id, row.organisation_id, row.roles)
            };
            Ok(rows.iter().map(line).collect::<Vec<_>>().concat())
        }
        Arguments::ClockConfirm => {
            hub.confirm_clock().await?;
            Ok("the clock is confirmed; restart the hub if it runs\n".to_owned())
        }
        Arguments::Organisation(Organisation::Add { organisation, name, kind }) => {
            let form = OrganisationForm {
                organisation: organisation.clone(),
                name: name.clone(),
                kind: kind.clone(),
            };
            hub.add_organisation(by, form, None).await?;
            Ok(format!("organisation {organisation}: {name}\n"))
        }
        Arguments::Organisation(Organisation::List) => {
            let rows = hub.store().organisations("", 1000).await?;
            let line = |row: &comity_store::Organisation| {
                format!("{}\t{}\t{}\n", row.organisation_id, row.kind, row.name)
            };
            Ok(rows.iter().map(line).collect::<Vec<_>>().concat())
        }
        Arguments::Token { account, scopes, days, json } => {
            let form = TokenForm {
                account: None,
                days: Some(*days),
                scopes: (!scopes.is_empty()).then(|| scopes.clone()),
            };
            let answered = hub.token_for(account, &form, None).await?;
            if *json {
                return Ok(format!("{}\n", String::from_utf8_lossy(&answered.body)));
            }
            let made: TokenMade =
                serde_json::from_slice(&answered.body).map_err(AppError::fault)?;
            Ok(format!(
                "{}\n\nShown once. Id {}, ends {}, may: {}\n",
                made.token,
                made.id,
                made.expires_at,
                made.scopes.join(" ")
            ))
        }
    }
}
