//! The answers that follow from facts a hub already holds (the questions marked m in section 3).
//!
//! Each is marked as filled by machine; a person may raise it and never lower it. What a recipient
//! reports or asks for is no input, so that speaking up never counts against it (SH-54). Not here:
//! gathering the facts from case, log, law and agreements.

use std::collections::BTreeMap;

use super::instant::Instant;
use super::word::Question;
use crate::lexicon::terms::terms;

/// How far back clean shares count.
const CLEAN_DAYS: u32 = 730;
/// How many clean shares make a record.
const CLEAN_MIN: usize = 5;

terms! {
    /// What is known of a recipient's worst breach that still counts.
    Breach { None = "none", Resolved = "resolved", Contested = "contested", Open = "open" }
}
terms! {
    /// Whether the recipient must pass on what it receives, by the packs in force there.
    OnwardDuty {
        None = "none", AfterPatch = "after_patch", OnRequest = "on_request",
        BeforePatch = "before_patch",
    }
}
terms! {
    /// What a third party's terms say of passing its material on.
    ThirdParty {
        None = "none", Public = "public", Attribution = "attribution", Consent = "consent",
        Ban = "ban",
    }
}
terms! {
    /// What the scan of the object found that may attack its reader.
    ReaderRisk { None = "none", Inert = "inert", Suspicious = "suspicious", Armed = "armed", Live = "live" }
}
terms! {
    /// Who answered.
    Source { Machine = "machine", Person = "person" }
}

/// The facts that answer questions.
#[derive(Clone, Debug)]
pub struct MachineFacts {
    /// When shares with this recipient ended without a breach.
    pub clean_shares: Vec<Instant>,
    /// Its worst breach.
    pub breach: Breach,
    /// Its duty to pass on; unknown without packs for where it is.
    pub onward: Option<OnwardDuty>,
    /// Third parties' terms.
    pub third_party: ThirdParty,
    /// What the scan found.
    pub reader: ReaderRisk,
    /// Whether the exchange gives access or shares a runtime.
    pub has_access: bool,
}

impl MachineFacts {
    /// Returns the answers that follow at an instant.
    #[must_use]
    pub fn answers(&self, at: Instant) -> BTreeMap<Question, u8> {
        let mut answers = BTreeMap::from([
            (Question::B6, level(ThirdParty::ALL, &self.third_party)),
            (Question::C3, if self.has_access { 3 } else { 0 }),
            (Question::C5, self.conduct(at)),
            (Question::C6, level(ReaderRisk::ALL, &self.reader)),
        ]);
        if let Some(onward) = self.onward {
            let level = match onward {
                OnwardDuty::None => 0,
                OnwardDuty::AfterPatch => 2,
                OnwardDuty::OnRequest => 3,
                OnwardDuty::BeforePatch => 4,
            };
            answers.insert(Question::C2, level);
        }
        answers
    }

    fn conduct(&self, at: Instant) -> u8 {
        let is_recent = |share: &&Instant| **share <= at && at < share.plus_days(CLEAN_DAYS);
        match self.breach {
            Breach::None if self.clean_shares.iter().filter(is_recent).count() >= CLEAN_MIN => 0,
            Breach::None => 1,
            Breach::Resolved => 2,
            Breach::Contested => 3,
            Breach::Open => 4,
        }
    }
}

/// Returns the place of a word in its rising list.
fn level<T: PartialEq>(all: &[T], word: &T) -> u8 {
    let place = all.iter().position(|one| one == word);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> MachineFacts {
        MachineFacts {
            clean_shares: Vec::new(),
            breach: Breach::None,
            onward: Some(OnwardDuty::BeforePatch),
            third_party: ThirdParty::None,
            reader: ReaderRisk::Inert,
            has_access: false,
        }
    }

    #[test]
    fn five_clean_shares_of_two_years_make_a_record() {
        let at = Instant::parse("2027-01-15T09:00:00Z").unwrap();
        let mut facts = facts();
        let conduct = |facts: &MachineFacts| facts.answers(at)[&Question::C5];
        facts.clean_shares = vec![Instant::parse("2026-01-01T00:00:00Z").unwrap(); 5];
        assert_eq!(conduct(&facts), 0);
        facts.clean_shares[0] = Instant::parse("2025-01-15T09:00:00Z").unwrap();
        assert_eq!(conduct(&facts), 1);
        for (breach, level) in [(Breach::Resolved, 2), (Breach::Contested, 3), (Breach::Open, 4)] {
            assert_eq!(conduct(&MachineFacts { breach, ..facts.clone() }), level);
        }
    }
}
