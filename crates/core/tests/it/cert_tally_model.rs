//! Tallies against a teller who counts by hand (CT-20 to CT-22).

use std::collections::{BTreeMap, BTreeSet};

use comity_core::cert::tally;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Voters with their weights; `r` votes for the first two if there is a bloc, `x` is on no roll.
const ROLL: [(&str, u64); 4] = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "r", "x"];
const CHOICES: [&str; 4] = ["yes", "no", "abstain", "perhaps"];

#[derive(Clone, Debug)]
struct Cast {
    voter: &'static str,
    choice: &'static str,
    /// Day 0 is before voting opens, day 5 after it has closed.
    day: u32,
}

fn cast() -> impl Strategy<Value = Cast> {
    let choice = prop_oneof![4 => Just(0_usize), 4 => Just(1), 2 => Just(2), 1 => Just(3)];
    (0..NAMES.len(), choice, 0_u32..6).prop_map(|(voter, choice, day)| Cast {
        voter: NAMES[voter],
        choice: CHOICES[choice],
        day,
    })
}

#[derive(Clone, Debug)]
struct Vote {
    cast: Vec<Cast>,
    bloc: bool,
    revote: bool,
    subject: &'static str,
    tie: bool,
}

fn vote() -> impl Strategy<Value = Vote> {
    let subject = prop_oneof![3 => Just("nobody"), 1 => Just("a"), 1 => Just("d"), 1 => Just("r")];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(cast(), 0..14), subject, flags)
        .prop_map(|(cast, subject, (bloc, revote, tie))| Vote { cast, bloc, revote, subject, tie })
}

fn day(n: u32) -> String {
    format!("2031-01-{:02}T00:00:00Z", n + 1)
}

impl Vote {
    fn tallied(&self, secret: bool) -> Value {
        let ballots: Vec<Value> = self
            .cast
            .iter()
            .map(|cast| {
                json!({"chamber": "c", "voter": cast.voter, "choice": cast.choice,
                    "at": day(cast.day), "motion": "m"})
            })
            .collect();
        let voters: Vec<Value> =
            ROLL.iter().map(|(id, weight)| json!({"id": id, "weight": weight})).collect();
        let mut roll = json!({"chamber": "c", "voters": voters});
        if self.bloc {
            roll["blocs"] = json!([{"reio": "r", "members": ["a", "b"]}]);
        }
        let ballots = json!({"type": "comity.ballots/1", "as_of": day(9),
            "motion": {"id": "m", "subject": self.subject, "opens": day(1), "closes": day(5)},
            "rolls": [roll], "ballots": ballots});
        let mut chamber = json!({"name": "c", "method": "vote", "recuse_subject": true,
            "threshold": {"base": "cast", "num": 1, "den": 2, "strict": true},
            "revote": self.revote, "secret": secret});
        if self.tie {
            chamber["tie"] = json!("chair");
            chamber["chair"] = json!("d");
        }
        let rule = json!({"type": "comity.ballot-rule/1", "id": "rule", "chambers": [chamber]});
        let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
        let tally = tally::answer(&bytes(&ballots), &bytes(&rule)).unwrap();
        let mut tally = serde_json::to_value(tally).unwrap();
        tally.as_object_mut().unwrap().remove("inputs");
        tally
    }

    fn recused(&self) -> BTreeSet<&'static str> {
        match self.subject {
            "r" if self.bloc => BTreeSet::from(["a", "b", "r"]),
            "a" => BTreeSet::from(["a"]),
            "d" => BTreeSet::from(["d"]),
            _ => BTreeSet::new(),
        }
    }

    /// Each voter's counted choice with its weight.
    fn counted(&self) -> BTreeMap<&'static str, (&'static str, u64)> {
        let recused = self.recused();
        let own: BTreeMap<&str, u64> =
            ROLL.iter().filter(|(id, _)| !recused.contains(id)).copied().collect();
        let members = own.get("a").unwrap_or(&0) + own.get("b").unwrap_or(&0);
        let votes_here = |cast: &&Cast| {
            let may = own.contains_key(cast.voter)
                || (cast.voter == "r" && self.bloc && members > 0 && !recused.contains("r"));
            may && cast.choice != "perhaps" && (1..5).contains(&cast.day)
        };
        let mut by_voter: BTreeMap<&'static str, BTreeSet<(u32, &'static str)>> = BTreeMap::new();
        for cast in self.cast.iter().filter(votes_here) {
            by_voter.entry(cast.voter).or_default().insert((cast.day, cast.choice));
        }
        let mut counted = BTreeMap::new();
        for (voter, cast) in by_voter {
            let days: BTreeSet<u32> = cast.iter().map(|(day, _)| *day).collect();
            if days.len() < cast.len() {
                continue;
            }
            let kept = if self.revote { cast.last() } else { cast.first() };
            let weight = if voter == "r" { members } else { own[voter] };
            counted.insert(voter, (kept.unwrap().1, weight));
        }
        if counted.contains_key("r") {
            counted.remove("a");
            counted.remove("b");
        }
        counted
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tally_is_what_a_teller_counts(vote in vote()) {
        let tally = vote.tallied(false);
        let chamber = &tally["chambers"][0];
        let counted = vote.counted();
        let sum = |choice: &str| -> u64 {
            counted.values().filter(|(chosen, _)| *chosen == choice).map(|(_, weight)| weight).sum()
        };
        let (yes, no, abstain) = (sum("yes"), sum("no"), sum("abstain"));
        for (key, value) in [("yes", yes), ("no", no), ("abstain", abstain), ("present", yes + no + abstain)] {
            prop_assert_eq!(&chamber[key], &json!(value), "{}", key);
        }
        let recused = vote.recused();
        let entitled: u64 =
            ROLL.iter().filter(|(id, _)| !recused.contains(id)).map(|(_, weight)| weight).sum();
        prop_assert_eq!(&chamber["entitled"], &json!(entitled));
        // The chair breaks a tie, and only a tie, and only by a ballot that counts.
        let tied = vote.tie && yes == no && yes > 0;
        let chair = counted.get("d").is_some_and(|(choice, _)| *choice == "yes");
        prop_assert_eq!(chamber["reason"] == "TIE_BROKEN", tied);
        prop_assert_eq!(&chamber["passed"], &json!(if tied { chair } else { yes > no }));
        // Every ballot that is not counted is listed or was the same as another.
        let distinct: BTreeSet<(&str, &str, u32)> =
            vote.cast.iter().map(|cast| (cast.voter, cast.choice, cast.day)).collect();
        let listed = tally["rejected"].as_array().unwrap().len();
        prop_assert!(listed + counted.len() >= distinct.len());
    }

    #[test]
    fn the_order_of_ballots_changes_nothing(
        (vote, shuffled) in vote().prop_flat_map(|vote| {
            let cast = Just(vote.cast.clone()).prop_shuffle();
            (Just(vote), cast)
        }),
    ) {
        let other = Vote { cast: shuffled, ..vote.clone() };
        prop_assert_eq!(vote.tallied(false), other.tallied(false));
    }

    #[test]
    fn whoever_says_two_things_at_once_says_nothing(vote in vote(), voter in 0_usize..4, at in 1_u32..5) {
        let voter = NAMES[voter];
        let mut doubled = vote.clone();
        for choice in ["yes", "no"] {
            doubled.cast.push(Cast { voter, choice, day: at });
        }
        let mut silent = vote;
        silent.cast.retain(|cast| cast.voter != voter);
        let (tally, without) = (doubled.tallied(false), silent.tallied(false));
        prop_assert_eq!(&tally["chambers"], &without["chambers"]);
        let named = tally["equivocators"].as_array().unwrap().iter().any(|e| e["voter"] == voter);
        prop_assert!(named || doubled.recused().contains(voter));
    }

    #[test]
    fn a_secret_chamber_hides_who_chose_what_and_nothing_else(vote in vote()) {
        let (mut open, secret) = (vote.tallied(false), vote.tallied(true));
        prop_assert!(open["chambers"][0].as_object_mut().unwrap().remove("counted").is_some());
        prop_assert_eq!(open, secret);
    }
}
