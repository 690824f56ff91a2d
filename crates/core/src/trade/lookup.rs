//! How a rule treats a jurisdiction on a day, and every such look-up, which a decision shows.
//!
//! Not here: what follows from the treatment.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cert::day::{Day, Instant};
use crate::cert::document::{Object, invalid, under};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::register::Register;
use crate::cert::word::{Status, TradeEffect, Word};
use crate::refusal::Refusal;

/// A recognition or national measure in force for some days (CT-32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override<T> {
    /// Whom it is about.
    pub jurisdiction: JurisdictionUrn,
    /// How that one is treated.
    pub treat: T,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// What it rests on.
    pub basis: String,
}

/// Reads an override.
pub(super) fn read_override<T: Word>(item: Object<'_>) -> Result<Override<T>, Refusal> {
    Ok(Override {
        jurisdiction: item.urn("jurisdiction")?,
        treat: item.word("treat")?,
        from: item.day("from")?,
        until: item.day("until")?,
        basis: item.text("basis")?.to_owned(),
    })
}

/// Reads how every status is treated.
pub(super) fn read_treat<T: Word>(object: Object<'_>) -> Result<BTreeMap<Status, T>, Refusal> {
    let treat = object.object("treat")?;
    let words = Status::ALL.iter().map(|status| {
        let word = treat.word(status.as_str()).map_err(|refusal| under(refusal, "treat"))?;
        Ok((*status, word))
    });
    let read = words.collect::<Result<BTreeMap<_, _>, Refusal>>()?;
    if treat.members().count() == read.len() { Ok(read) } else { Err(invalid("treat")) }
}

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lookup<T> {
    /// Whom.
    pub jurisdiction: JurisdictionUrn,
    /// On which day.
    pub date: Day,
    /// The status that day.
    pub status: Status,
    /// Whether trade follows it.
    pub trade: TradeEffect,
    /// The status that trade follows.
    pub trade_status: Status,
    /// The event that decides.
    pub event: Option<String>,
    /// The source of an extended status.
    pub via: Option<JurisdictionUrn>,
    /// How the rules treat it.
    pub treat: T,
    /// The override they rest on, if one does.
    pub basis: Option<String>,
}

/// All look-ups of a decision, each made once.
pub struct Lookups<'r, T> {
    register: &'r Register,
    known_at: Instant,
    treat: &'r BTreeMap<Status, T>,
    overrides: BTreeMap<&'r JurisdictionUrn, Vec<&'r Override<T>>>,
    made: BTreeMap<(JurisdictionUrn, Day), Lookup<T>>,
}

impl<'r, T: Word + Ord + Serialize> Lookups<'r, T> {
    /// Starts without look-ups.
    #[must_use]
    pub fn new(
        register: &'r Register,
        known_at: Instant,
        treat: &'r BTreeMap<Status, T>,
        overrides: &'r [Override<T>],
    ) -> Self {
        let mut by_jurisdiction: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in overrides {
            by_jurisdiction.entry(&one.jurisdiction).or_default().push(one);
        }
        Self { register, known_at, treat, overrides: by_jurisdiction, made: BTreeMap::new() }
    }

    /// Returns how a jurisdiction is treated on a day; `None` if the rules lack its status.
    pub fn look_up(&mut self, urn: &JurisdictionUrn, date: Day) -> Option<&Lookup<T>> {
        let key = (urn.clone(), date);
        if !self.made.contains_key(&key) {
            let lookup = self.make(urn, date)?;
            self.made.insert(key.clone(), lookup);
        }
        self.made.get(&key)
    }

    fn make(&self, urn: &JurisdictionUrn, date: Day) -> Option<Lookup<T>> {
        let standing = self.register.standing(urn, date, self.known_at);
        let own = self.treat.get(&standing.trade_status).copied()?;
        let overrides = self.overrides.get(urn).into_iter().flatten();
        let strictest = overrides
            .filter(|one| one.from <= date && date <= one.until)
            .max_by_key(|one| (one.treat, &one.basis));
        Some(Lookup {
            jurisdiction: urn.clone(),
            date,
            status: standing.status,
            trade: standing.trade,
            trade_status: standing.trade_status,
            event: standing.event,
            via: standing.via,
            treat: strictest.map_or(own, |one| one.treat),
            basis: strictest.map(|one| one.basis.clone()),
        })
    }

    /// Returns every look-up by jurisdiction and day.
    #[must_use]
    pub fn into_list(self) -> Vec<Lookup<T>> {
        self.made.into_values().collect()
    }
}
