//! Ballots and the rule of an organ, as documents (CT-19 to CT-23).
//!
//! Not here: who won (`tally`).

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::day::Instant;
use super::document::{self, INTEGER_MAX, Json, Object, invalid, under};
use super::word::{Base, Method, Word as _};
use crate::refusal::Refusal;

/// A share that must be reached, or exceeded if `strict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Its numerator.
    pub numerator: u64,
    /// Its denominator.
    pub denominator: u64,
    /// Whether "at least" means "more than".
    pub strict: bool,
}

impl Fraction {
    /// Returns whether `part` of `whole` is at least this share.
    #[must_use]
    pub fn is_reached(&self, part: u64, whole: u64) -> bool {
        let left = u128::from(part) * u128::from(self.denominator);
        let right = u128::from(self.numerator) * u128::from(whole);
        if self.strict { left > right } else { left >= right }
    }
}

/// A chamber of an organ and how it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chamber {
    /// Its name.
    pub name: String,
    /// How it decides.
    pub method: Method,
    /// Who must be present.
    pub quorum: Option<Fraction>,
    /// What a vote must reach, and of what.
    pub threshold: Option<(Base, Fraction)>,
    /// What objections block a silence procedure.
    pub block: Option<Fraction>,
    /// Who breaks a tie, if somebody does.
    pub chair: Option<String>,
    /// Whether the motion's subject has no vote.
    pub recuse_subject: bool,
    /// Whether the last ballot counts, else the first.
    pub revote: bool,
    /// Whether single ballots are not shown.
    pub secret: bool,
}

/// An organ's rule for one kind of decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotRule {
    /// Its id.
    pub id: String,
    /// Its chambers, in order.
    pub chambers: Vec<Chamber>,
}

/// A regional organisation that may vote for its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bloc {
    /// Its members.
    pub members: BTreeSet<String>,
    /// The key its ballots must be signed with.
    pub key: Option<String>,
}

/// A voter on the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// The weight of the vote.
    pub weight: u64,
    /// The key its ballots must be signed with.
    pub key: Option<String>,
}

/// The electoral roll of a chamber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roll {
    /// Voters by id.
    pub voters: BTreeMap<String, Voter>,
    /// Blocs by the id of their organisation.
    pub blocs: BTreeMap<String, Bloc>,
}

/// A ballot as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Where.
    pub chamber: String,
    /// By whom.
    pub voter: String,
    /// What was chosen, perhaps no choice at all.
    pub choice: String,
    /// When.
    pub at: Instant,
    /// The instant as it was signed.
    pub at_text: String,
    /// On which motion.
    pub motion: String,
    /// The signature, if there is one.
    pub signature: Option<String>,
}

/// A recusal, in one chamber or in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recusal {
    /// Who.
    pub voter: String,
    /// Where; everywhere without one.
    pub chamber: Option<String>,
}

/// A motion with all that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballots {
    /// The motion's id.
    pub motion: String,
    /// Whom it is about.
    pub subject: String,
    /// When voting starts.
    pub opens: Instant,
    /// When it has ended.
    pub closes: Instant,
    /// When the file was made.
    pub as_of: Instant,
    /// The rolls by chamber.
    pub rolls: BTreeMap<String, Roll>,
    /// The ballots, in the order of the file.
    pub ballots: Vec<Ballot>,
    /// The recusals.
    pub recusals: Vec<Recusal>,
}

impl BallotRule {
    /// Reads a rule.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.ballot-rule/1")?;
        let chambers = object.each("chambers", read_chamber)?;
        if chambers.is_empty() {
            return Err(invalid("chambers"));
        }
        Ok(Self { id: object.text("id")?.to_owned(), chambers })
    }
}

impl Ballots {
    /// Reads ballots and checks them against the rule's chambers.
    pub fn parse(bytes: &[u8], rule: &BallotRule) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.ballots/1")?;
        let motion = object.object("motion")?;
        let in_motion = |refusal| under(refusal, "motion");
        let opens = motion.instant("opens").map_err(in_motion)?;
        let closes = motion.instant("closes").map_err(in_motion)?;
        let ballots = Self {
            motion: motion.text("id").map_err(in_motion)?.to_owned(),
            subject: motion.text("subject").map_err(in_motion)?.to_owned(),
            opens,
            closes,
            as_of: object.instant("as_of")?,
            rolls: read_rolls(object)?,
            ballots: object.each("ballots", read_ballot)?,
            recusals: object.each_or_empty("recusals", read_recusal)?,
        };
        if closes <= opens {
            return Err(Refusal::new("tally-bad-period", "/motion/closes"));
        }
        ballots.check_chambers(rule)?;
        Ok(ballots)
    }

    fn check_chambers(&self, rule: &BallotRule) -> Result<(), Refusal> {
        let names: BTreeSet<&str> = rule.chambers.iter().map(|c| c.name.as_str()).collect();
        let rolls: BTreeSet<&str> = self.rolls.keys().map(String::as_str).collect();
        if names.len() != rule.chambers.len() || names != rolls {
            return Err(Refusal::new("tally-rolls", "/rolls"));
        }
        let cast = self.ballots.iter().map(|ballot| ballot.chamber.as_str());
        let recused = self.recusals.iter().filter_map(|recusal| recusal.chamber.as_deref());
        match cast.chain(recused).find(|name| !names.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Refusal::new("tally-rolls", "/ballots").with("chamber", name)),
        }
    }
}

fn read_chamber(object: Object<'_>) -> Result<Chamber, Refusal> {
    let method = Method::parse(object.text("method")?)
        .ok_or_else(|| Refusal::new("rule-bad-method", "/method"))?;
    let chair = match object.text_or_none("tie")? {
        None => None,
        Some("chair") => Some(object.text("chair")?.to_owned()),
        Some(_) => return Err(invalid("tie")),
    };
    let fraction = |key: &str, least| {
        let found = object.object_or_none(key)?;
        found.map(|found| read_fraction(found, least).map_err(|r| under(r, key))).transpose()
    };
    let threshold = match object.object_or_none("threshold")? {
        None => None,
        Some(found) => {
            let base = found.word("base").map_err(|refusal| under(refusal, "threshold"))?;
            fraction("threshold", 0)?.map(|fraction| (base, fraction))
        }
    };
    let chamber = Chamber {
        name: object.text("name")?.to_owned(),
        method,
        quorum: fraction("quorum", 1)?,
        threshold,
        block: fraction("block", 1)?,
        chair,
        recuse_subject: object.flag("recuse_subject")?,
        revote: object.flag("revote")?,
        secret: object.flag("secret")?,
    };
    match missing_member(&chamber) {
        None => Ok(chamber),
        Some(key) => Err(invalid(key)),
    }
}

/// Returns the member that the chamber's method needs and the rule lacks.
fn missing_member(chamber: &Chamber) -> Option<&'static str> {
    match chamber.method {
        Method::Vote if chamber.threshold.is_none() => Some("threshold"),
        Method::Silence if chamber.block.is_none() => Some("block"),
        Method::Consensus | Method::Reverse | Method::Silence | Method::Vote => None,
    }
}

fn read_fraction(object: Object<'_>, least_denominator: i64) -> Result<Fraction, Refusal> {
    object.integer("den", least_denominator..=i64::MAX)?;
    Ok(Fraction {
        numerator: object.count("num")?,
        denominator: object.count("den")?,
        strict: object.boolean("strict")?,
    })
}

/// Reads a chamber of a profile's organ.
pub(super) fn chamber_from_toml(table: &Table) -> Option<Chamber> {
    let flag = |key| table.get(key).map_or(Some(false), Value::as_bool);
    let fraction = |key: &str| match table.get(key) {
        None => Some(None),
        Some(value) => {
            let value = value.as_table()?;
            let number = |key| u64::try_from(value.get(key)?.as_integer()?).ok();
            Some(Some(Fraction {
                numerator: number("num")?,
                denominator: number("den")?,
                strict: value.get("strict")?.as_bool()?,
            }))
        }
    };
    let threshold = match fraction("threshold")? {
        None => None,
        Some(fraction) => {
            let base = table.get("threshold")?.get("base")?.as_str()?;
            Some((Base::parse(base)?, fraction))
        }
    };
    let chamber = Chamber {
        name: table.get("name")?.as_str()?.to_owned(),
        method: Method::parse(table.get("method")?.as_str()?)?,
        quorum: fraction("quorum")?,
        threshold,
        block: fraction("block")?,
        chair: match table.get("tie") {
            None => None,
            Some(_) => Some(table.get("chair")?.as_str()?.to_owned()),
        },
        recuse_subject: flag("recuse_subject")?,
        revote: flag("revote")?,
        secret: flag("secret")?,
    };
    missing_member(&chamber).is_none().then_some(chamber)
}

fn bad_roll(pointer: &str) -> Refusal {
    Refusal::new("tally-bad-roll", pointer)
}

fn read_rolls(object: Object<'_>) -> Result<BTreeMap<String, Roll>, Refusal> {
    let mut rolls = BTreeMap::new();
    object.each("rolls", |item| {
        let roll = read_roll(item)?;
        match rolls.insert(item.text("chamber")?.to_owned(), roll) {
            None => Ok(()),
            Some(_) => Err(Refusal::new("tally-rolls", "/chamber")),
        }
    })?;
    Ok(rolls)
}

fn read_roll(object: Object<'_>) -> Result<Roll, Refusal> {
    let mut voters = BTreeMap::new();
    let mut sum = 0_u64;
    object.each("voters", |item| {
        let weight = read_weight(item)?;
        // Above this not every reader would show the sum exactly.
        sum = sum
            .checked_add(weight)
            .filter(|sum| *sum <= INTEGER_MAX)
            .ok_or_else(|| bad_roll("/weight"))?;
        let key = item.text_or_none("key")?.map(str::to_owned);
        match voters.insert(item.text("id")?.to_owned(), Voter { weight, key }) {
            None => Ok(()),
            Some(_) => Err(bad_roll("/id")),
        }
    })?;
    let mut blocs = BTreeMap::new();
    let mut bound = BTreeSet::new();
    object.each_or_empty("blocs", |item| {
        let reio = item.text("reio")?;
        let members: BTreeSet<String> =
            item.texts("members")?.into_iter().map(str::to_owned).collect();
        let overlaps = members.iter().any(|member| !bound.insert(member.clone()));
        if overlaps || voters.contains_key(reio) {
            return Err(bad_roll("/members"));
        }
        let key = item.text_or_none("key")?.map(str::to_owned);
        match blocs.insert(reio.to_owned(), Bloc { members, key }) {
            None => Ok(()),
            Some(_) => Err(bad_roll("/reio")),
        }
    })?;
    Ok(Roll { voters, blocs })
}

fn read_weight(item: Object<'_>) -> Result<u64, Refusal> {
    match item.get("weight") {
        None => Err(invalid("weight")),
        Some(Json::Integer(weight)) => u64::try_from(*weight).map_err(|_| bad_roll("/weight")),
        Some(_) => Err(bad_roll("/weight")),
    }
}

fn read_ballot(item: Object<'_>) -> Result<Ballot, Refusal> {
    Ok(Ballot {
        chamber: item.text("chamber")?.to_owned(),
        voter: item.text("voter")?.to_owned(),
        choice: item.text("choice")?.to_owned(),
        at: item.instant("at")?,
        at_text: item.text("at")?.to_owned(),
        motion: item.text("motion")?.to_owned(),
        signature: item.text_or_none("sig")?.map(str::to_owned),
    })
}

fn read_recusal(item: Object<'_>) -> Result<Recusal, Refusal> {
    item.text("reason")?;
    Ok(Recusal {
        voter: item.text("voter")?.to_owned(),
        chamber: item.text_or_none("chamber")?.map(str::to_owned),
    })
}
