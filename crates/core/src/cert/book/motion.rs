//! Motions: the documents of a vote, which anyone tallies again with `comity cert tally`.

use serde_json::{Map, Value, json};

use super::BALLOTS_MAX;
use crate::cert::act::{CastBallot, OpenMotion};
use crate::cert::ballot::{Chamber, Fraction};
use crate::cert::day::Instant;
use crate::cert::document;
use crate::cert::profile::Organ;
use crate::cert::tally::{self, Fault, State as Ballot, Tally};
use crate::cert::word::{Method, Word as _};
use crate::refusal::Refusal;

/// A motion with what was handed in.
#[derive(Clone, Debug)]
pub struct Motion {
    /// As it was opened.
    pub opened: OpenMotion,
    /// The organ that decides, as the profile had it then.
    pub organ: Organ,
    /// The ballots, in order.
    pub ballots: Vec<CastBallot>,
    /// Where it stands, once it is closed.
    pub closed: Option<Ballot>,
    /// Hash of the tally, once it is closed.
    pub tally: Option<String>,
}

impl Motion {
    /// Puts a motion, if its rolls and its organ's rule can decide it at all.
    pub(super) fn open(opened: &OpenMotion, organ: &Organ) -> Result<Self, Refusal> {
        let motion = Self {
            opened: opened.clone(),
            organ: organ.clone(),
            ballots: Vec::new(),
            closed: None,
            tally: None,
        };
        check_rule(&organ.chambers)?;
        if !motion.count(&[])?.has_electorate() {
            return Err(Refusal::new("rule-unsatisfiable", "/rolls").with("why", "no electorate"));
        }
        Ok(motion)
    }

    /// Returns whether single ballots of a chamber are not shown.
    #[must_use]
    pub fn is_secret(&self, chamber: &str) -> bool {
        self.organ.chambers.iter().any(|known| known.name == chamber && known.secret)
    }

    /// Returns everyone on a roll.
    pub fn voters(&self) -> impl Iterator<Item = &str> {
        let rolls = self.opened.rolls.as_array().into_iter().flatten();
        rolls
            .filter_map(|roll| roll.get("voters").and_then(Value::as_array))
            .flatten()
            .filter_map(|voter| voter.get("id").and_then(Value::as_str))
    }

    /// Returns whether the roll has a key for a voter: then the signature says who voted, not the bearer.
    #[must_use]
    pub fn has_key(&self, chamber: &str, voter: &str) -> bool {
        let rolls = self.opened.rolls.as_array().into_iter().flatten();
        rolls
            .filter(|roll| roll.get("chamber").and_then(Value::as_str) == Some(chamber))
            .flat_map(|roll| ["voters", "blocs"].iter().filter_map(|key| roll.get(key)))
            .filter_map(Value::as_array)
            .flatten()
            .filter(|item| {
                ["id", "reio"]
                    .iter()
                    .any(|key| item.get(key).and_then(Value::as_str).is_some_and(|id| id == voter))
            })
            .any(|item| item.get("key").is_some_and(Value::is_string))
    }

    /// Returns the ballots as `comity.ballots/1`, as of the end of voting.
    #[must_use]
    pub fn ballots_document(&self) -> Value {
        self.document(&self.ballots)
    }

    fn document(&self, ballots: &[CastBallot]) -> Value {
        let mut document = json!({
            "type": "comity.ballots/1",
            "motion": {
                "id": self.opened.motion, "subject": self.opened.subject,
                "opens": self.opened.opens, "closes": self.opened.closes,
            },
            "as_of": self.opened.closes,
            "rolls": self.opened.rolls,
            "ballots": ballots,
        });
        if let (Some(recusals), Value::Object(members)) = (&self.opened.recusals, &mut document) {
            members.insert("recusals".to_owned(), recusals.clone());
        }
        document
    }

    /// Returns the organ's rule as `comity.ballot-rule/1`.
    #[must_use]
    pub fn rule_document(&self) -> Value {
        let chambers: Vec<Value> = self.organ.chambers.iter().map(chamber).collect();
        json!({ "type": "comity.ballot-rule/1", "id": self.organ.id, "chambers": chambers })
    }

    fn count(&self, ballots: &[CastBallot]) -> Result<Tally, Refusal> {
        tally::answer(&bytes(&self.document(ballots)), &bytes(&self.rule_document()))
    }

    /// Returns the tally as of the end of voting.
    pub fn tally(&self) -> Result<Tally, Refusal> {
        self.count(&self.ballots)
    }

    /// Returns where the motion stands at the end of voting, with the hash of its tally.
    pub fn outcome(&self) -> Result<(Ballot, String), Refusal> {
        let tally = self.tally()?;
        Ok((tally.state(), document::canonical_hash(&tally)))
    }

    /// Checks one ballot by itself, and that it is not there already.
    pub(super) fn check(&self, ballot: &CastBallot, at: Instant) -> Result<(), Refusal> {
        if self.closed.is_some() || at >= self.opened.closes {
            return Err(Refusal::new("motion-closed", "/motion"));
        }
        if self.ballots.len() >= BALLOTS_MAX {
            return Err(Refusal::new("list-too-long", "/ballot").with("max", BALLOTS_MAX));
        }
        let said = Instant::parse(&ballot.at).ok_or_else(|| Refusal::new("bad-date", "/at"))?;
        if said > at {
            return Err(Refusal::new("bad-date", "/at").with("why", "later than it was handed in"));
        }
        if self.ballots.contains(ballot) {
            return Err(Refusal::new("ballot-doubled", "/voter"));
        }
        match self.count(std::slice::from_ref(ballot))?.first_fault() {
            None => Ok(()),
            Some(fault) => Err(Refusal::new(code(fault), "/voter")),
        }
    }
}

const fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::BadChoice => "ballot-bad-choice",
        Fault::BadSignature => "ballot-bad-signature",
        Fault::BlocVoted => "ballot-bloc-voted",
        Fault::Early => "ballot-early",
        Fault::Equivocation => "ballot-equivocation",
        Fault::Late => "ballot-late",
        Fault::NotOnRoll => "ballot-not-on-roll",
        Fault::Recused => "ballot-recused",
        Fault::Superseded => "ballot-superseded",
        Fault::WrongMotion => "ballot-wrong-motion",
    }
}

/// Refuses a rule that nobody can ever satisfy.
pub(super) fn check_rule(chambers: &[Chamber]) -> Result<(), Refusal> {
    let never = |fraction: Fraction| {
        fraction.numerator > fraction.denominator
            || (fraction.strict && fraction.numerator == fraction.denominator)
    };
    for chamber in chambers {
        let threshold = chamber.threshold.map(|(_, fraction)| fraction);
        let votes = chamber.method == Method::Vote;
        let impossible =
            chamber.quorum.is_some_and(never) || (votes && threshold.is_some_and(never));
        if impossible || chambers.iter().filter(|other| other.name == chamber.name).count() > 1 {
            return Err(Refusal::new("rule-unsatisfiable", "")
                .with("chamber", chamber.name.as_str())
                .with("why", "a share above the whole"));
        }
    }
    if chambers.is_empty() {
        return Err(Refusal::new("rule-unsatisfiable", "").with("why", "no chamber"));
    }
    Ok(())
}

fn fraction(fraction: Fraction) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("num".to_owned(), fraction.numerator.into());
    members.insert("den".to_owned(), fraction.denominator.into());
    members.insert("strict".to_owned(), fraction.strict.into());
    members
}

fn chamber(chamber: &Chamber) -> Value {
    let mut members = Map::new();
    members.insert("name".to_owned(), chamber.name.clone().into());
    members.insert("method".to_owned(), chamber.method.as_str().into());
    for (key, share) in [("quorum", chamber.quorum), ("block", chamber.block)] {
        members.extend(share.map(|share| (key.to_owned(), Value::Object(fraction(share)))));
    }
    if let Some((base, share)) = chamber.threshold {
        let mut share = fraction(share);
        share.insert("base".to_owned(), base.as_str().into());
        members.insert("threshold".to_owned(), Value::Object(share));
    }
    if let Some(chair) = &chamber.chair {
        members.insert("tie".to_owned(), "chair".into());
        members.insert("chair".to_owned(), chair.clone().into());
    }
    for (key, flag) in [
        ("recuse_subject", chamber.recuse_subject),
        ("revote", chamber.revote),
        ("secret", chamber.secret),
    ] {
        members.insert(key.to_owned(), flag.into());
    }
    Value::Object(members)
}

fn bytes(value: &Value) -> Vec<u8> {
    // Values of this crate hold text, integers and lists only, which always have a form.
    serde_json_canonicalizer::to_vec(value).unwrap_or_default()
}
