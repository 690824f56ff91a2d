//! Classes that follow from planned actions: C09 to C12, C16 and C21.

use super::{Class, Finder, Key};
use crate::law::ban::{basis_fault, effective_levels, violated};
use crate::law::facts::Action;
use crate::law::harbour::breaches;
use crate::law::level::Level;
use crate::law::refused::Refused;
use crate::law::vocabulary::{Scalar, Value};

impl Finder<'_, '_> {
    pub(super) fn actions(&mut self) -> Result<(), Refused> {
        for action in &self.world.case.actions {
            let (bans, _) = violated(self.world, action)?;
            for bound in bans {
                if let Some(class) = bound.ban.conflict_class {
                    let rules = [bound.rule.id.as_str()];
                    let key = Key::new(class, &action.party, rules).action(&action.id);
                    self.add(key, bound.certain);
                }
            }
            for breach in breaches(self.world, &self.duties.list, action)? {
                let key = Key::new(Class::C12, breach.party, [breach.rule]).action(&action.id);
                self.add(key, breach.certain);
            }
            self.compelled(action);
            self.basis(action);
        }
        Ok(())
    }

    fn compelled(&mut self, action: &Action) {
        let (_, level) = effective_levels(action);
        let told = matches!(action.kind.as_str(), "file" | "share") && level >= Level::L3;
        let to = action.to.as_deref().filter(|_| told);
        let party = to.and_then(|to| {
            let acting = || self.world.case.party_acting_as(to).map(|p| p.id.as_str());
            self.world.actor_of(to).or_else(|| self.world.actor_of(acting()?))
        });
        let compelled = party.is_some_and(|p| {
            p.facts().value("actor.compelled_access") == Some(&Value::One(Scalar::Bool(true)))
        });
        if compelled {
            let none: [&str; 0] = [];
            self.add(Key::new(Class::C11, &action.party, none).action(&action.id), true);
        }
    }

    fn basis(&mut self, action: &Action) {
        if let (Some(basis), Some(_)) = (&action.basis, basis_fault(self.world, action)) {
            let none: [&str; 0] = [];
            let key = Key::new(Class::C21, &action.party, none);
            self.add(key.action(&action.id).agreement(basis), true);
        }
    }
}
