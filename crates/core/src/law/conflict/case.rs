//! Classes that follow from the case as a whole: time, agreements, roles, delays, circles, disputes.

use std::collections::{BTreeMap, BTreeSet};

use super::{CASE, Class, Finder, Key};
use crate::law::clock::{ClockRule, Place, clock};
use crate::law::duty::Duty;
use crate::law::expr::Tri;
use crate::law::facts::Delay;
use crate::law::level::Level;
use crate::law::time::{Instant, Unit};
use crate::law::vocabulary::Vocabulary;
use crate::law::world::{Actor, DAYS_OFF_MAX, utc};

impl Finder<'_, '_> {
    pub(super) fn of_case(&mut self) {
        let world = self.world;
        for actor in &world.actors {
            self.not_law_then(actor);
            self.under_agreement(actor);
        }
        self.interest();
        for delay in &world.case.delays {
            self.not_released(delay);
        }
        self.circles();
        let words = Vocabulary::shipped();
        let none: [&str; 0] = [];
        for dispute in &world.disputes {
            let mut key = Key::new(Class::C25, CASE, none);
            key.fact = Some(words.name(dispute.fact).to_owned());
            key.parties.clone_from(&dispute.parties);
            self.add(key, true);
        }
    }

    fn not_law_then(&mut self, actor: &Actor<'_>) {
        for state in &actor.rules {
            let near = state.days_off.is_some_and(|days| (1..=DAYS_OFF_MAX).contains(&days));
            if !near || state.binds() != Tri::True {
                continue;
            }
            let other = actor.rules.iter().any(|o| o.rule.id == state.rule.id && o.valid);
            if !other {
                self.add(Key::new(Class::C17, actor.id(), [state.rule.id.as_str()]), true);
            }
        }
    }

    fn under_agreement(&mut self, actor: &Actor<'_>) {
        let world = self.world;
        let bound = world.case.agreements.iter().filter(|a| {
            actor.party.received_under.contains(&a.id)
                && matches!(a.onward.as_str(), "consent" | "none")
        });
        let duties = self.duties;
        for agreement in bound {
            let owed = |d: &&Duty<'_>| {
                d.party == actor.id()
                    && d.binds()
                    && d.stage.min_level.is_some_and(|level| level >= Level::L1)
            };
            for duty in duties.list.iter().filter(owed) {
                let outside = duty.stage.to.iter().any(|to| {
                    let kind = world.packs.recipient(to).map_or("private", |r| r.kind.as_str());
                    !matches!(kind, "private" | "self") && world.case.party_acting_as(to).is_none()
                });
                if outside {
                    let rules = [duty.rule.id.as_str()];
                    let key = Key::new(Class::C20, duty.party, rules).agreement(&agreement.id);
                    self.add(key, duty.status.is_certain()).stages.insert(duty.stage_id());
                }
            }
        }
    }

    fn interest(&mut self) {
        let Some(lead) = self.world.actor_of(&self.world.case.lead) else { return };
        let any = |roles: &[&str]| roles.iter().any(|role| lead.has_role(role));
        let coordinates = any(&["coordinator", "csirt_coordinator"]);
        if coordinates && any(&["intelligence", "law_enforcement", "manufacturer", "regulator"]) {
            let none: [&str; 0] = [];
            self.add(Key::new(Class::C22, lead.id(), none), true);
        }
    }

    fn not_released(&mut self, delay: &Delay) {
        let at = self.world.at;
        let open = delay.released.is_none_or(|released| released > at);
        let Some(end) = self.end_of_delay(delay).filter(|end| open && at > *end) else { return };
        debug_assert!(end < at, "the delay has run out");
        self.add(Key::new(Class::C23, &delay.party, [delay.rule.as_str()]), true);
    }

    /// The latest end that any version of the power allows.
    fn end_of_delay(&self, delay: &Delay) -> Option<Instant> {
        let actor = self.world.actor_of(&delay.party)?;
        let powers = self.world.packs.versions(&delay.rule).flat_map(|(_, rule)| {
            rule.powers.iter().filter(|p| p.code == delay.code).map(move |p| (rule, p))
        });
        let ends = powers.filter_map(|(rule, power)| {
            let business = power.max.unit == Unit::Business;
            let how = if business { ClockRule::BusinessDays } else { ClockRule::Literal };
            let zone = actor.zone(&rule.clock);
            let weekends = crate::law::calendar::Calendar::weekends_only();
            let calendar = actor.calendar(&rule.clock).or(Some(weekends));
            let place = Place { zone: Some(zone.unwrap_or(utc())), calendar };
            clock(how, delay.started, power.max, place).ok()?.outer
        });
        ends.max()
    }

    /// C24: groups in which everybody waits for somebody of the group.
    fn circles(&mut self) {
        let mut waits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in &self.world.case.requests {
            waits.entry(from).or_default().insert(to);
        }
        let reach: BTreeMap<&str, BTreeSet<&str>> =
            waits.keys().map(|from| (*from, reachable(&waits, from))).collect();
        let waits_for = |a: &str, b: &str| reach.get(a).is_some_and(|r| r.contains(b));
        let mut groups = BTreeSet::new();
        for one in waits.keys().filter(|one| waits_for(one, one)) {
            let group: Vec<String> = waits
                .keys()
                .filter(|other| waits_for(one, other) && waits_for(other, one))
                .map(|other| (*other).to_owned())
                .collect();
            groups.insert(group);
        }
        let none: [&str; 0] = [];
        for group in groups {
            let mut key = Key::new(Class::C24, CASE, none);
            key.parties = group;
            self.add(key, true);
        }
    }
}

/// All that can be reached in one step or more; at most as many steps as there are parties.
fn reachable<'r>(waits: &BTreeMap<&'r str, BTreeSet<&'r str>>, from: &str) -> BTreeSet<&'r str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = waits.get(from).into_iter().flatten().copied().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(waits.get(next).into_iter().flatten());
        }
    }
    found
}
