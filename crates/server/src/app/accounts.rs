//! Organisations, accounts and tokens: who may ask this hub for anything.
//!
//! A token is shown once and kept as a hash; it never allows more than its account's roles
//! (portal.md, PO-70). Not here: the table of what roles allow (`core::access`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use comity_core::access::{Action, Actor, Authorised, Role, Scope};
use comity_core::refusal::Refusal;
use comity_store::{Account, Needs, Organisation, Rows, Token};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::reports::{expect, instant};
use super::{Answered, AppError, Hub, Once, sha256_hex};
use crate::rng;

/// The start of every token.
pub const TOKEN_PREFIX: &str = "cmt_";
/// Days a token may live at most.
pub const TOKEN_DAYS_MAX: u32 = 366;
/// Days a token lives unless asked otherwise.
pub const TOKEN_DAYS_DEFAULT: u32 = 90;

/// How long an answer about a token is remembered, in milliseconds.
pub const ACTOR_KEPT_MS: i64 = 2_000;
/// Tokens remembered at once.
const ACTORS_MAX: usize = 10_000;

/// Who held which token a moment ago, by the token's hash.
#[derive(Debug, Default)]
pub(crate) struct Actors(Mutex<BTreeMap<String, (Actor, i64)>>);

impl Actors {
    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Actor, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, hash: &str, now: i64) -> Option<Actor> {
        let held = self.held();
        held.get(hash).filter(|(_, until)| *until > now).map(|(actor, _)| actor.clone())
    }

    fn put(&self, hash: String, actor: Actor, until: i64) {
        let mut held = self.held();
        if held.len() >= ACTORS_MAX {
            held.clear();
        }
        held.insert(hash, (actor, until));
    }

    fn forget(&self) {
        self.held().clear();
    }
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// An organisation hosted at this hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationForm {
    /// Its id.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(default = "vendor")]
    pub kind: String,
}

fn vendor() -> String {
    "vendor".to_owned()
}

/// An account of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    /// Its id.
    pub account: String,
    /// Its organisation.
    pub organisation: String,
    /// The name people see.
    #[serde(default)]
    pub name: String,
    /// Keys of roles.
    pub roles: Vec<String>,
}

/// What a new token is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenForm {
    /// Whose; one's own unless an administrator asks.
    pub account: Option<String>,
    /// How long it lives.
    pub days: Option<u32>,
    /// What it may be used for; everything its account's roles allow unless named.
    pub scopes: Option<Vec<String>>,
}

/// A token, shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenMade {
    /// The secret.
    pub token: String,
    /// Names it for revoking.
    pub id: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What it may be used for.
    pub scopes: Vec<String>,
}

/// Returns whether `text` is an id of an account, organisation or party: `[a-z0-9][a-z0-9-]{0,62}`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl Hub {
    /// Registers an organisation.
    pub async fn add_organisation(
        &self,
        by: Authorised<'_>,
        form: OrganisationForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AdministerAccounts)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if !is_id(&form.organisation) || is_reserved(&form.organisation) {
            return Err(AppError::refused_at("value-invalid", "/organisation"));
        }
        if !(1..=120).contains(&form.name.chars().count()) || form.name.contains(char::is_control) {
            return Err(AppError::refused_at("value-invalid", "/name"));
        }
        if !["authority", "coordinator", "deployer", "finder", "vendor"]
            .contains(&form.kind.as_str())
        {
            return Err(AppError::refused_at("value-unknown", "/kind"));
        }
        if self.store().organisation(&form.organisation).await?.is_some() {
            return Err(AppError::refused_at("already-there", "/organisation"));
        }
        let row = Organisation {
            organisation_id: form.organisation.clone(),
            name: form.name.clone(),
            kind: form.kind.clone(),
            hub: self.config().hub.clone(),
            profile: "{}".to_owned(),
            created_at: self.now_ms(),
        };
        self.write(once, 201, Needs::default(), move |_| {
            let mut rows = Rows::new();
            rows.put(row.clone());
            Ok((rows, form.clone()))
        })
        .await
    }

    /// Registers an account.
    pub async fn add_account(
        &self,
        by: Authorised<'_>,
        form: AccountForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AdministerAccounts)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        if !is_id(&form.account) {
            return Err(AppError::refused_at("value-invalid", "/account"));
        }
        if form.name.chars().count() > 200 {
            return Err(AppError::refused_over("text-too-long", "/name", 200));
        }
        if form.name.contains(char::is_control) {
            return Err(AppError::refused_at("value-invalid", "/name"));
        }
        if form.roles.is_empty() {
            return Err(AppError::refused_at("field-missing", "/roles"));
        }
        for (index, role) in form.roles.iter().enumerate() {
            if Role::parse(role).is_none() {
                return Err(AppError::refused_at("value-unknown", format!("/roles/{index}")));
            }
        }
        let is_known = is_id(&form.organisation)
            && self.store().organisation(&form.organisation).await?.is_some();
        if !is_known {
            return Err(AppError::refused_at("value-unknown", "/organisation"));
        }
        if self.store().account(&form.account).await?.is_some() {
            return Err(AppError::refused_at("already-there", "/account"));
        }
        let row = Account {
            account_id: form.account.clone(),
            organisation_id: form.organisation.clone(),
            name: form.name.clone(),
            login: form.account.clone(),
            roles: form.roles.join(" "),
            language: "en".to_owned(),
            credential: None,
            created_at: self.now_ms(),
            disabled_at: None,
        };
        self.write(once, 201, Needs::default(), move |_| {
            let mut rows = Rows::new();
            rows.put(row.clone());
            Ok((rows, form.clone()))
        })
        .await
    }

    /// Makes a token: for oneself, or, as an administrator, for anyone.
    pub async fn make_token(
        &self,
        by: Authorised<'_>,
        form: TokenForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::MakeToken)?;
        let own = &by.actor().account;
        let account = form.account.clone().unwrap_or_else(|| own.clone());
        if account == *own {
            // A narrow token must not make a wide one.
            let own_scopes: Vec<String> =
                by.actor().scopes.iter().map(|scope| scope.key().to_owned()).collect();
            let wanted = match form.scopes {
                None => own_scopes,
                Some(wanted) => within(wanted, &own_scopes)?,
            };
            let form = TokenForm { scopes: Some(wanted), ..form };
            return self.token_for(&account, &form, once).await;
        }
        by.actor().authorise(Action::AdministerAccounts)?;
        self.token_for(&account, &form, once).await
    }

    /// Makes a token for an account, for whoever holds the data directory.
    pub async fn token_for(
        &self,
        account: &str,
        form: &TokenForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        if !is_id(account) {
            return Err(AppError::refused_at("value-unknown", "/account"));
        }
        let row = self.store().account(account).await?;
        let Some(row) = row.filter(|row| row.disabled_at.is_none()) else {
            return Err(AppError::refused_at("value-unknown", "/account"));
        };
        let allowed = scopes_of(&roles(&row.roles));
        let scopes = match &form.scopes {
            None => allowed,
            Some(wanted) => chosen(wanted, &allowed)?,
        };
        let days = form.days.unwrap_or(TOKEN_DAYS_DEFAULT);
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            let refusal = Refusal::new("number-out-of-range", "/days");
            return Err(AppError::Refused(vec![
                refusal.with("min", 1).with("max", TOKEN_DAYS_MAX),
            ]));
        }
        let secret =
            format!("{TOKEN_PREFIX}{}", data_encoding::BASE64URL_NOPAD.encode(&rng::bytes::<32>()));
        let now = self.now_ms();
        let keys: Vec<String> = scopes.iter().map(|scope| scope.key().to_owned()).collect();
        let token = Token {
            hash: sha256_hex(secret.as_bytes()),
            account_id: account.to_owned(),
            kind: "api".to_owned(),
            scopes: keys.join(" "),
            created_at: now,
            expires_at: now + i64::from(days) * DAY_MS,
            used_at: 0,
            revoked_at: None,
        };
        let made = TokenMade {
            token: secret,
            id: token.hash.chars().take(16).collect(),
            expires_at: instant(token.expires_at),
            scopes: keys,
        };
        self.write(once, 201, Needs::default(), move |_| {
            let mut rows = Rows::new();
            rows.put(token.clone());
            Ok((rows, made.clone()))
        })
        .await
    }

    /// Revokes a token of one's own account by its id.
    pub async fn revoke_token(&self, by: Authorised<'_>, id: &str) -> Result<(), AppError> {
        expect(by, Action::MakeToken)?;
        let tokens = self.store().tokens(&by.actor().account, "", 1000).await?;
        let mut token = tokens
            .into_iter()
            .find(|token| token.hash.starts_with(id) && id.len() == 16)
            .ok_or(AppError::NotFound)?;
        token.revoked_at = Some(self.now_ms());
        let mut rows = Rows::new();
        rows.put(token);
        self.store().write(rows).await?;
        self.known_actors().forget();
        Ok(())
    }

    /// Returns who holds this token now; none for a wrong, expired or revoked one.
    ///
    /// An answer is remembered for [`ACTOR_KEPT_MS`], so that a busy client does not cost two reads a request;
    /// revoking at this hub forgets it at once, another replica learns of it within that time.
    pub async fn actor(&self, secret: &str) -> Result<Option<Actor>, AppError> {
        if !secret.starts_with(TOKEN_PREFIX) || secret.len() > 128 {
            return Ok(None);
        }
        let hash = sha256_hex(secret.as_bytes());
        let now = self.now_ms();
        if let Some(actor) = self.known_actors().get(&hash, now) {
            return Ok(Some(actor));
        }
        let Some((actor, expires_at)) = self.actor_of(&hash).await? else { return Ok(None) };
        self.known_actors().put(hash, actor.clone(), expires_at.min(now + ACTOR_KEPT_MS));
        Ok(Some(actor))
    }

    /// Reads who holds the token with this hash, and until when it lives.
    async fn actor_of(&self, hash: &str) -> Result<Option<(Actor, i64)>, AppError> {
        let Some(token) = self.store().token(hash).await? else { return Ok(None) };
        if token.revoked_at.is_some() || token.expires_at <= self.now_ms() {
            return Ok(None);
        }
        let Some(account) = self.store().account(&token.account_id).await? else {
            return Ok(None);
        };
        if account.disabled_at.is_some() {
            return Ok(None);
        }
        let roles = roles(&account.roles);
        let allowed = scopes_of(&roles);
        let scopes = token
            .scopes
            .split(' ')
            .filter_map(Scope::parse)
            .filter(|scope| allowed.contains(scope))
            .collect();
        let actor = Actor {
            account: account.account_id,
            organisation: account.organisation_id,
            roles,
            scopes,
        };
        Ok(Some((actor, token.expires_at)))
    }

    /// Returns the actor that the command line is: whoever holds the data directory administers the hub.
    #[must_use]
    pub fn operator(&self) -> Actor {
        Actor {
            account: "operator".to_owned(),
            organisation: self.config().hub.clone(),
            roles: vec![Role::Administrator],
            scopes: Scope::ALL.to_vec(),
        }
    }
}

/// Refuses scopes that the asking token does not have itself.
fn within(wanted: Vec<String>, own: &[String]) -> Result<Vec<String>, AppError> {
    let known = |key: &String| Scope::parse(key).is_none() || own.contains(key);
    match wanted.iter().position(|key| !known(key)) {
        None => Ok(wanted),
        Some(index) => Err(AppError::refused_at("scope-missing", format!("/scopes/{index}"))),
    }
}

/// Names that stand for finders in cases and in lists: no organisation may take one.
fn is_reserved(id: &str) -> bool {
    id.starts_with("account-") || id.starts_with("finder-of-")
}

fn roles(text: &str) -> Vec<Role> {
    text.split(' ').filter_map(Role::parse).collect()
}

/// Every scope that some action of the roles needs.
fn scopes_of(roles: &[Role]) -> Vec<Scope> {
    let allows = |scope: Scope| {
        Action::ALL.into_iter().any(|action| {
            action.scope() == scope
                && roles.iter().any(|role| comity_core::access::decide(*role, action).is_some())
        })
    };
    Scope::ALL.into_iter().filter(|scope| allows(*scope)).collect()
}

fn chosen(wanted: &[String], allowed: &[Scope]) -> Result<Vec<Scope>, AppError> {
    let mut scopes = Vec::with_capacity(wanted.len());
    for (index, key) in wanted.iter().enumerate() {
        let at = format!("/scopes/{index}");
        let scope =
            Scope::parse(key).ok_or_else(|| AppError::refused_at("value-unknown", at.clone()))?;
        if !allowed.contains(&scope) {
            return Err(AppError::refused_at("scope-missing", at));
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(AppError::refused_at("field-missing", "/scopes"));
    }
    scopes.sort_unstable();
    Ok(scopes)
}
