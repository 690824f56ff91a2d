//! Classes that follow from duties: against bans, against the embargo, against one another.

use std::collections::{BTreeMap, BTreeSet};

use super::{CASE, Class, Finder, Key};
use crate::law::ban::{Deed, Towards, bound_bans, for_remediation, implied_action};
use crate::law::clock::{ClockRule, Place, clock};
use crate::law::duty::{Duty, DutyKind, DutyStatus, is_public};
use crate::law::facts::Stated;
use crate::law::horizon::Mode;
use crate::law::level::Level;
use crate::law::pack::Needs;
use crate::law::refused::Refused;
use crate::law::time::Instant;

impl<'a> Finder<'_, 'a> {
    pub(super) fn clashes(&mut self) -> Result<(), Refused> {
        let duties = self.duties;
        let latency = self.latency_end();
        for duty in &duties.list {
            if duty.is_live() {
                self.against_bans(duty)?;
                self.against_embargo(duty);
                self.urgent(duty, latency);
            }
            if duty.status == DutyStatus::Unknown {
                self.of_duty(Class::C14, duty, true);
            }
        }
        self.superseded();
        self.norms();
        self.floors();
        self.recipients();
        self.horizon_before_embargo();
        Ok(())
    }

    fn kind_of(&self, recipient: &str) -> &str {
        self.world.packs.recipient(recipient).map_or("private", |r| r.kind.as_str())
    }

    /// Official or affected people outside: neither self nor private, and no party acts as it.
    fn is_outside(&self, recipient: &str) -> bool {
        let kind = self.kind_of(recipient);
        kind != "self" && kind != "private" && self.world.case.party_acting_as(recipient).is_none()
    }

    fn of_duty(&mut self, class: Class, duty: &Duty<'_>, certain: bool) {
        let key = Key::new(class, duty.party, [duty.rule.id.as_str()]);
        self.add(key, certain).stages.insert(duty.stage_id());
    }

    fn against_bans(&mut self, duty: &Duty<'a>) -> Result<(), Refused> {
        let world = self.world;
        let Some(actor) = world.actor_of(duty.party) else { return Ok(()) };
        if duty.stage.needs == Needs::Patch {
            let stated = Stated::new();
            let deed = Deed {
                kind: "alter_system",
                level: None,
                towards: Towards::Itself,
                stated: &stated,
                by: duty.party,
            };
            for bound in bound_bans(world, actor, &deed)? {
                self.clash(Class::C16, duty, &bound.rule.id, bound.certain);
            }
        }
        let Some(level) = duty.stage.min_level else { return Ok(()) };
        let stated = for_remediation();
        for to in &duty.stage.to {
            let kind = self.kind_of(to).to_owned();
            let promised = duty.kind == DutyKind::Commitment
                && kind == "public"
                && duty.dates.target.is_some();
            let owed = duty.is_mandatory() && !matches!(kind.as_str(), "subjects" | "users");
            let (true, Some(action)) = (promised || owed, implied_action(&kind)) else { continue };
            let towards = Towards::Recipient(to);
            let deed =
                Deed { kind: action, level: Some(level), towards, stated: &stated, by: duty.party };
            // Many duties name the same recipient at the same level.
            let asked = (duty.party.to_owned(), to.clone(), level);
            if !self.bans.contains_key(&asked) {
                self.bans.insert(asked.clone(), bound_bans(world, actor, &deed)?);
            }
            let bans = self.bans.get(&asked).cloned().unwrap_or_default();
            for bound in bans {
                if !bound.ban.max_level.forbids(level) {
                    continue;
                }
                if promised {
                    let certain = bound.certain && duty.status != DutyStatus::Unknown;
                    self.clash(Class::C04, duty, &bound.rule.id, certain);
                } else {
                    let certain = bound.certain && duty.status.is_certain();
                    self.clash(Class::C01, duty, &bound.rule.id, certain);
                }
            }
        }
        Ok(())
    }

    fn clash(&mut self, class: Class, duty: &Duty<'_>, ban: &str, certain: bool) {
        let key = Key::new(class, duty.party, [duty.rule.id.as_str(), ban]);
        let body = self.add(key, certain);
        body.stages.insert(duty.stage_id());
        body.duty = Some(duty.rule.id.clone());
    }

    fn against_embargo(&mut self, duty: &Duty<'_>) {
        let (Some(end), Some(embargo)) = (self.world.embargo_end(), &self.world.case.embargo)
        else {
            return;
        };
        let certain = duty.status.is_certain();
        let strict_pap = matches!(embargo.pap.as_str(), "PAP:AMBER" | "PAP:RED");
        if strict_pap && matches!(duty.stage.needs, Needs::Active | Needs::Patch) {
            self.of_duty(Class::C08, duty, certain);
        }
        if !duty.is_mandatory() {
            return;
        }
        let early = duty.dates.target.is_some_and(|target| target < end);
        let public = is_public(self.world.packs, duty.rule, &duty.stage.to);
        if public && (early || duty.dates.target.is_none()) {
            self.of_duty(Class::C03, duty, certain && duty.dates.target.is_some());
        }
        if duty.stage.min_level.is_none_or(|level| level < Level::L1) {
            return;
        }
        let case = self.world.case;
        let no_party =
            |to: &String| self.kind_of(to) != "self" && case.party_acting_as(to).is_none();
        if early && duty.stage.to.iter().any(no_party) {
            self.of_duty(Class::C02, duty, certain);
        }
        let outside = |to: &&String| self.is_outside(to);
        let wide = |to: &String| matches!(self.kind_of(to), "public" | "subjects" | "users");
        let exceeds = match embargo.tlp.as_str() {
            "TLP:CLEAR" => false,
            "TLP:GREEN" => duty.stage.to.iter().filter(outside).any(wide),
            _ => duty.stage.to.iter().any(|to| self.is_outside(to)),
        };
        if exceeds {
            self.of_duty(Class::C07, duty, certain);
        }
    }

    /// The end of the time a person needs to act.
    fn latency_end(&self) -> Instant {
        let place = Place { zone: None, calendar: None };
        let end = clock(ClockRule::Literal, self.world.at, self.world.case.latency, place);
        end.ok().and_then(|c| c.target).unwrap_or(Instant::MAX)
    }

    fn urgent(&mut self, duty: &Duty<'_>, latency: Instant) {
        let condition = duty.kind == DutyKind::Condition && duty.stage.is_mandatory();
        let concerned = duty.is_mandatory() || condition;
        if concerned && duty.dates.target.is_some_and(|target| target < latency) {
            self.of_duty(Class::C13, duty, duty.status.is_certain());
        }
    }

    fn superseded(&mut self) {
        let duties = self.duties;
        for yielded in &duties.yielded {
            self.add(Key::new(Class::C18, yielded.party, [yielded.rule, yielded.to]), true);
        }
        for duty in duties.list.iter().filter(|d| d.is_live()) {
            for soft in &duty.soft {
                let rules = [duty.rule.id.as_str(), soft.rule.as_str()];
                let body = self.add(Key::new(Class::C19, duty.party, rules), true);
                body.stages.insert(duty.stage_id());
            }
        }
    }

    /// C05: commitments with different earliest public dates.
    fn norms(&mut self) {
        let mut earliest: BTreeMap<(&str, &str), (Instant, String)> = BTreeMap::new();
        let duties = self.duties;
        for duty in duties.list.iter().filter(|d| d.kind == DutyKind::Commitment) {
            let public = duty.stage.to.iter().any(|to| self.kind_of(to) == "public");
            let tells = duty.stage.min_level.is_some_and(|level| level >= Level::L2);
            let (true, Some(target)) =
                (public && tells && duty.stage.is_mandatory(), duty.dates.target)
            else {
                continue;
            };
            let next = (target, duty.stage_id());
            let slot = earliest.entry((duty.party, &duty.rule.id)).or_insert_with(|| next.clone());
            if next < *slot {
                *slot = next;
            }
        }
        let dates: BTreeSet<Instant> = earliest.values().map(|(at, _)| *at).collect();
        if dates.len() > 1 {
            let rules = earliest.keys().map(|(_, rule)| *rule);
            let stages: Vec<String> = earliest.values().map(|(_, stage)| stage.clone()).collect();
            self.add(Key::new(Class::C05, CASE, rules), true).stages.extend(stages);
        }
    }

    /// C26: a floor and a deadline towards the same users.
    fn floors(&mut self) {
        let duties = self.duties;
        let to_users =
            |d: &&Duty<'_>| d.is_live() && d.stage.to.iter().any(|to| self.kind_of(to) == "users");
        let all: Vec<&Duty<'_>> = duties.list.iter().filter(to_users).collect();
        for floor in all.iter().filter(|d| d.stage.not_before) {
            for other in all.iter().filter(|d| d.party == floor.party && d.is_mandatory()) {
                if other.stage.not_before || other.start.is_none() {
                    continue;
                }
                let before = match (other.dates.target, floor.dates.not_before) {
                    (Some(target), Some(floor)) => target < floor,
                    (None, _) | (_, None) => true,
                };
                if before {
                    let firm = floor.status == DutyStatus::Firm && other.status == DutyStatus::Firm;
                    let certain = firm && other.dates.target.is_some();
                    let rules = [floor.rule.id.as_str(), other.rule.id.as_str()];
                    let body = self.add(Key::new(Class::C26, floor.party, rules), certain);
                    body.stages.extend([floor.stage_id(), other.stage_id()]);
                }
            }
        }
    }

    /// C15: several rules that make one party tell different people.
    fn recipients(&mut self) {
        let mut told: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
        let mut stages: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let duties = self.duties;
        for duty in duties.list.iter().filter(|d| d.binds() && !d.stage.not_before) {
            if duty.status == DutyStatus::Unknown {
                continue;
            }
            let counted = duty
                .stage
                .to
                .iter()
                .map(String::as_str)
                .filter(|to| !matches!(self.kind_of(to), "intelligence" | "private" | "self"));
            let counted: Vec<&str> = counted.collect();
            if !counted.is_empty() {
                told.entry(duty.party)
                    .or_default()
                    .entry(&duty.rule.id)
                    .or_default()
                    .extend(counted);
                stages.entry(duty.party).or_default().insert(duty.stage_id());
            }
        }
        for (party, rules) in told {
            let different: BTreeSet<&BTreeSet<&str>> = rules.values().collect();
            if different.len() > 1 {
                let own = stages.remove(party).unwrap_or_default();
                let key = Key::new(Class::C15, party, rules.keys().copied());
                self.add(key, true).stages.extend(own);
            }
        }
    }

    fn horizon_before_embargo(&mut self) {
        let Some(end) = self.world.embargo_end() else { return };
        let earliest = |mode: Mode| {
            let both = [self.horizon.public_l1(mode), self.horizon.outside_l3(mode)];
            both.into_iter().flatten().filter(|a| a.at < end).min()
        };
        if let Some(first) = earliest(Mode::Possible) {
            let certain = earliest(Mode::Firm).is_some();
            let key = Key::new(Class::C06, &first.party, first.rules.iter());
            self.add(key, certain).stages.extend(first.stages.iter().cloned());
        }
    }
}
