//! What other editions of packs change in open cases, and adopting them case by case.
//!
//! A new edition rewrites nothing: each case is answered under the editions it is pinned to until a person
//! adopts others. Cases are computed from their sealed read model, on all cores, page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use comity_core::access::{Action, Authorised};
use comity_core::law::change::{Change, compare};
use comity_core::law::facts::read_case_value;
use comity_core::law::output::evaluate;
use comity_core::law::refused::Refused;
use comity_core::law::time::Instant;
use comity_ledger::seal;
use comity_store::{CaseLaw, Guard, Rows};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Editions, LawFile, Pin, Pinned, instant_of, law_binding};
use crate::app::cases::CaseFile;
use crate::app::reports::{cursor, expect, instant, parse_cursor};
use crate::app::{Answered, AppError, Hub, Once};

/// Cases computed at once on one core.
const CHUNK: usize = 64;
/// Cases of a page when all are computed: one less than a list of the store, whose last row says that there are more.
pub const PAGE_CASES: u32 = comity_store::PAGE_ROWS_MAX - 1;

/// One open case that is pinned to other editions than the current ones.
#[derive(Clone, Debug, Serialize)]
pub struct CaseChange {
    /// The case.
    pub case: String,
    /// The set it is pinned to; empty if it was opened before there were any.
    pub pinned: String,
    /// What the current editions change; none if it cannot be computed.
    pub change: Option<Change>,
    /// Why it cannot be computed.
    pub refused: Option<String>,
}

impl CaseChange {
    /// Says whether the answers differ, or nobody can say.
    #[must_use]
    pub fn is_affected(&self) -> bool {
        self.change.as_ref().is_none_or(|change| !change.is_empty())
    }
}

/// How one pack differs between two sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackChange {
    /// The pack.
    pub id: String,
    /// In the old set.
    pub before: Option<Pin>,
    /// In the current one.
    pub after: Option<Pin>,
}

/// What changed since cases were pinned.
#[derive(Clone, Debug, Serialize)]
pub struct PackChanges {
    /// `comity.pack-changes/1`.
    pub schema: &'static str,
    /// The sentence that stands on every page and print.
    pub notice: &'static str,
    /// The current set.
    pub set: String,
    /// By old set, the packs that differ.
    pub packs: BTreeMap<String, Vec<PackChange>>,
    /// Open cases pinned to other sets.
    pub items: Vec<CaseChange>,
    /// Open cases looked at.
    pub seen: usize,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The last case looked at.
    #[serde(skip)]
    pub last: Option<String>,
}

/// What is adopted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptForm {
    /// The set that the person has seen the changes of.
    pub set: String,
}

const NOTICE: &str = "Decision support, not legal advice. A new edition of a pack changes no case by itself. \
                      A person decides.";

impl Hub {
    /// Lists a page of open cases that are pinned to other editions, with what the current ones change.
    pub async fn pack_changes(
        &self,
        by: Authorised<'_>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PackChanges, AppError> {
        expect(by, Action::AdoptPacks)?;
        let after = after.map(parse_cursor).transpose()?.map(|cursor| cursor.id);
        self.changes_after(after.as_deref().unwrap_or_default(), limit).await
    }

    /// Computes a page of changes for whoever holds the data directory, or for an actor that may.
    pub async fn changes_after(&self, after: &str, limit: u32) -> Result<PackChanges, AppError> {
        let current = self.editions()?;
        let limit = limit.min(PAGE_CASES);
        let rows = self.store().open_case_laws(after, limit.saturating_add(1)).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        let rows: Vec<CaseLaw> = rows.into_iter().take(limit).collect();
        let next = rows.last().filter(|_| more).map(|row| cursor(0, &row.case_id));
        let seen = rows.len();
        let last = rows.last().map(|row| row.case_id.clone());
        let other: Vec<CaseLaw> =
            rows.into_iter().filter(|row| row.set_sha256 != current.digest()).collect();
        let mut old: BTreeMap<String, Option<Arc<Editions>>> = BTreeMap::new();
        let sets: BTreeSet<&str> = other.iter().map(|row| row.set_sha256.as_str()).collect();
        for set in sets {
            old.insert(set.to_owned(), self.editions_of(set).await?);
        }
        let packs = old
            .iter()
            .filter_map(|(set, held)| Some((set.clone(), differing(held.as_ref()?, &current))))
            .collect();
        let items = self.changed(other, Arc::new(old), &current).await?;
        let (set, schema) = (current.digest().to_owned(), "comity.pack-changes/1");
        Ok(PackChanges { schema, notice: NOTICE, set, packs, items, seen, next, last })
    }

    /// Computes cases on all cores, no more at once than there are.
    async fn changed(
        &self,
        rows: Vec<CaseLaw>,
        old: Arc<BTreeMap<String, Option<Arc<Editions>>>>,
        current: &Arc<Editions>,
    ) -> Result<Vec<CaseChange>, AppError> {
        use futures::StreamExt as _;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let at = instant_of(self.now_ms());
        let mut chunks: Vec<Vec<CaseLaw>> = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            chunks.push(rows.by_ref().take(CHUNK).collect());
        }
        let work = chunks.into_iter().map(|chunk| {
            let (hub, old, current) = (self.clone(), Arc::clone(&old), Arc::clone(current));
            tokio::task::spawn_blocking(move || {
                let of = |row: CaseLaw| {
                    let before = old.get(&row.set_sha256).and_then(Option::as_deref);
                    hub.change_of(row, before, &current, at)
                };
                chunk.into_iter().map(of).collect::<Vec<_>>()
            })
        });
        let mut done = futures::stream::iter(work).buffered(cores);
        let mut all = Vec::new();
        while let Some(chunk) = done.next().await {
            all.extend(chunk.map_err(AppError::fault)?);
        }
        Ok(all)
    }

    fn change_of(
        &self,
        row: CaseLaw,
        before: Option<&Editions>,
        current: &Editions,
        at: Instant,
    ) -> CaseChange {
        let computed = match before {
            None => Err("packs-missing".to_owned()),
            Some(before) => self.facts_of_row(&row).and_then(|facts| {
                difference(&facts, before, current, at).map_err(|r| r.code.as_str().to_owned())
            }),
        };
        let (change, refused) = match computed {
            Ok(change) => (Some(change), None),
            Err(code) => (None, Some(code)),
        };
        CaseChange { case: row.case_id, pinned: row.set_sha256, change, refused }
    }

    /// Opens the facts of a read model.
    fn facts_of_row(&self, row: &CaseLaw) -> Result<Value, String> {
        let broken = |_| "fault".to_owned();
        let plain =
            seal::open(self.law_key(), law_binding(&row.case_id), &row.facts).map_err(broken)?;
        serde_json::from_slice(&plain).map_err(|_| "fault".to_owned())
    }

    /// Lets a case be answered under the current editions, as a person decided who saw what that changes.
    pub async fn adopt_packs(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: AdoptForm,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        expect(by, Action::AdoptPacks)?;
        if let Some(answered) = self.answered_before(once.as_ref()).await? {
            return Ok(answered);
        }
        let kept = once.clone();
        let done = self.adopt_alone(by, id, &form.set, once).await;
        self.or_answered(done, kept).await
    }

    async fn adopt_alone(
        &self,
        by: Authorised<'_>,
        id: &str,
        set: &str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lock = self.cases_cache().lock_of(id);
        let _alone = lock.lock().await;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let editions = self.keep_editions().await?;
        if set != editions.digest() {
            return Err(AppError::refused_at("packs-changed", "/set"));
        }
        if file.law.pinned.as_ref().is_some_and(|pinned| pinned.set == set) {
            return Err(AppError::refused("already-there"));
        }
        let account = &by.actor().account;
        let head = self.room_head(&file.coordination).await?;
        let said = self.pin_said(id, &editions, account);
        let entry = self.sign_next(Some(&file.coordination), head.as_ref(), &said)?;
        let pinned = Pinned {
            set: set.to_owned(),
            at: instant(entry.at),
            by: account.clone(),
            packs: editions.pins().to_vec(),
        };
        let mut rows = Rows::new();
        let guard =
            Guard::RoomAt { room_id: file.coordination.clone(), position: file.law.position };
        rows.guards.push(guard);
        rows.put(entry);
        let law = LawFile {
            pinned: Some(pinned.clone()),
            packs: editions,
            is_pin_lost: false,
            position: file.law.position + 1,
            ..(*file.law).clone()
        };
        let next = Arc::new(CaseFile { law: Arc::new(law), ..(*file).clone() });
        self.project(&next, &mut rows);
        let needs = rows.needs();
        let answer = json!({ "case": id, "pinned": pinned });
        let answered =
            self.write(once, 200, needs, move |_| Ok((rows.clone(), answer.clone()))).await?;
        if !answered.replayed {
            self.cases_cache().remember(id, next);
        }
        Ok(answered)
    }
}

fn difference(
    facts: &Value,
    before: &Editions,
    current: &Editions,
    at: Instant,
) -> Result<Change, Refused> {
    let old = read_case_value(facts, before.set())?;
    let new = read_case_value(facts, current.set())?;
    compare(&evaluate(before.set(), &old, at)?, &evaluate(current.set(), &new, at)?)
}

/// Returns the packs that differ between two sets.
fn differing(before: &Editions, after: &Editions) -> Vec<PackChange> {
    let by_id = |editions: &Editions| -> BTreeMap<String, Pin> {
        editions.pins().iter().map(|pin| (pin.id.clone(), pin.clone())).collect()
    };
    let (old, new) = (by_id(before), by_id(after));
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter()
        .filter(|id| old.get(*id) != new.get(*id))
        .map(|id| PackChange {
            id: id.clone(),
            before: old.get(id).cloned(),
            after: new.get(id).cloned(),
        })
        .collect()
}
