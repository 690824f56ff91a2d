//! Accounts, tokens, answers to repeated requests, queued work and looks.

use crate::row::row;

row! {
    /// Someone who signs in.
    Account = "account" [account_id] {
        /// The account.
        account_id: String,
        /// Its organisation.
        organisation_id: String,
        /// The name people see.
        name: String,
        /// The sign-in name, unique.
        login: String,
        /// Roles, as the app writes them.
        roles: String,
        /// The language of pages.
        language: String,
        /// Sealed credentials.
        credential: Option<Vec<u8>>,
        /// When it was made.
        created_at: i64,
        /// When it was disabled.
        disabled_at: Option<i64>,
    }
}

row! {
    /// Who a hub acts for.
    Organisation = "organisation" [organisation_id] {
        /// The organisation.
        organisation_id: String,
        /// Its name.
        name: String,
        /// What kind.
        kind: String,
        /// The hub that speaks for it.
        hub: String,
        /// Further facts, as JSON that the app defines.
        profile: String,
        /// When it was added.
        created_at: i64,
    }
}

row! {
    /// A session, an API token or a set-up link; only the hash is kept.
    Token = "token" [hash] {
        /// SHA-256 of the token.
        hash: String,
        /// Whose it is.
        account_id: String,
        /// `session`, `api`, `setup`…
        kind: String,
        /// What it may do, as the app writes it.
        scopes: String,
        /// When it was made.
        created_at: i64,
        /// When it ends.
        expires_at: i64,
        /// When it was last used.
        used_at: i64,
        /// When it was revoked.
        revoked_at: Option<i64>,
    }
}

row! {
    /// The answer given to an idempotency key.
    Answer = "idempotency" [account, key] {
        /// The account, or a constant for anonymous callers.
        account: String,
        /// The key.
        key: String,
        /// SHA-256 of the request body: the same key with another body is a mistake of the caller.
        body_hash: String,
        /// The status answered.
        status: i64,
        /// The body answered.
        answer: Vec<u8>,
        /// When; swept after a day.
        created_at: i64,
    }
}

row! {
    /// A read of content.
    Look = "look" [look_id] {
        /// UUIDv7.
        look_id: String,
        /// When.
        at: i64,
        /// Who looked.
        account: String,
        /// What was looked at: the item's owner.
        subject: String,
        /// Which compartment.
        compartment: String,
        /// Why, as a code.
        reason: String,
    }
}

row! {
    /// Work to be done after the commit that queued it.
    OutboxJob = "outbox" [id] {
        /// UUIDv7, or a hash that makes the job unique.
        id: String,
        /// Which task does it.
        topic: String,
        /// What the task needs; sealed where it is not public.
        payload: Vec<u8>,
        /// Not before.
        due_at: i64,
        /// A worker holds it until then.
        lease_until: i64,
        /// How often it was claimed.
        attempts: i64,
        /// When it was done.
        done_at: Option<i64>,
        /// When it was given up.
        dead_at: Option<i64>,
        /// Why the last attempt failed, as a code.
        last_error: Option<String>,
    }
}
