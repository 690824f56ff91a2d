//! The tally of signed ballots, which anyone recomputes from the file (CT-19 to CT-23).
//!
//! A ballot that does not count is listed with the reason. Not here: what an adopted motion brings about.

use std::collections::{BTreeMap, BTreeSet};

use comity_ledger::key::VerifyingKey;
use data_encoding::BASE64;
use serde::Serialize;

use super::ballot::{Ballot, BallotRule, Ballots, Bloc, Chamber, Roll};
use super::day::Instant;
use super::document;
use super::word::{Base, Choice, Method, Word as _, words};
use crate::refusal::Refusal;

words! {
    /// Where a motion stands.
    State {
        Open = "OPEN",
        NoQuorum = "NO_QUORUM",
        Adopted = "ADOPTED",
        Rejected = "REJECTED",
    }
}
words! {
    /// Why a chamber passed the motion or did not.
    Reason {
        Met = "MET",
        NotMet = "NOT_MET",
        TieBroken = "TIE_BROKEN",
        NoQuorum = "NO_QUORUM",
        NoElectorate = "NO_ELECTORATE",
    }
}
words! {
    /// Why a ballot does not count; variants as they sort in a tally.
    Fault {
        BadChoice = "BAD_CHOICE",
        BadSignature = "BAD_SIGNATURE",
        BlocVoted = "BLOC_VOTED",
        Early = "EARLY",
        Equivocation = "EQUIVOCATION",
        Late = "LATE",
        NotOnRoll = "NOT_ON_ROLL",
        Recused = "RECUSED",
        Superseded = "SUPERSEDED",
        WrongMotion = "WRONG_MOTION",
    }
}

#[derive(Clone, Debug, Serialize)]
struct Counted {
    voter: String,
    choice: Choice,
    weight: u64,
}

#[derive(Clone, Debug, Serialize)]
struct ChamberShown {
    chamber: String,
    method: Method,
    entitled: u64,
    present: u64,
    yes: u64,
    no: u64,
    abstain: u64,
    quorum_met: bool,
    passed: bool,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<Vec<Counted>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Named {
    chamber: String,
    voter: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Rejected {
    chamber: String,
    voter: String,
    at: Instant,
    code: Fault,
}

#[derive(Clone, Debug, Serialize)]
struct Inputs {
    ballots: String,
    rule: String,
}

/// The answer of `comity cert tally`.
#[derive(Clone, Debug, Serialize)]
pub struct Tally {
    #[serde(rename = "type")]
    kind: &'static str,
    motion: String,
    rule: String,
    state: State,
    chambers: Vec<ChamberShown>,
    recused: Vec<Named>,
    equivocators: Vec<Named>,
    rejected: Vec<Rejected>,
    inputs: Inputs,
}

impl Tally {
    /// Returns where the motion stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Returns why the first ballot that does not count does not.
    #[must_use]
    pub fn first_fault(&self) -> Option<Fault> {
        self.rejected.first().map(|rejected| rejected.code)
    }

    /// Returns whether every chamber has somebody who may vote.
    #[must_use]
    pub fn has_electorate(&self) -> bool {
        self.chambers.iter().all(|chamber| chamber.reason != Reason::NoElectorate)
    }
}

/// Tallies a motion, ballots and rule as files.
pub fn answer(ballots_bytes: &[u8], rule_bytes: &[u8]) -> Result<Tally, Refusal> {
    let rule = BallotRule::parse(rule_bytes)?;
    let ballots = Ballots::parse(ballots_bytes, &rule)?;
    let mut tally = Tally {
        kind: "comity.tally/1",
        motion: ballots.motion.clone(),
        rule: rule.id.clone(),
        state: State::Open,
        chambers: Vec::new(),
        recused: Vec::new(),
        equivocators: Vec::new(),
        rejected: Vec::new(),
        inputs: Inputs { ballots: document::hash(ballots_bytes), rule: document::hash(rule_bytes) },
    };
    if ballots.as_of >= ballots.closes {
        count_all(&ballots, &rule, &mut tally);
    }
    Ok(tally)
}

fn count_all(ballots: &Ballots, rule: &BallotRule, tally: &mut Tally) {
    for chamber in &rule.chambers {
        if let Some(roll) = ballots.rolls.get(&chamber.name) {
            let count = Count::new(ballots, chamber, roll);
            count.take(tally);
        }
    }
    tally.recused.sort();
    tally.equivocators.sort();
    tally.rejected.sort();
    let lacking =
        |chamber: &ChamberShown| matches!(chamber.reason, Reason::NoElectorate | Reason::NoQuorum);
    tally.state = if tally.chambers.iter().any(lacking) {
        State::NoQuorum
    } else if tally.chambers.iter().all(|chamber| chamber.passed) {
        State::Adopted
    } else {
        State::Rejected
    };
}

/// One chamber at work.
struct Count<'a> {
    ballots: &'a Ballots,
    chamber: &'a Chamber,
    roll: &'a Roll,
    recused: BTreeSet<&'a str>,
}

impl<'a> Count<'a> {
    fn new(ballots: &'a Ballots, chamber: &'a Chamber, roll: &'a Roll) -> Self {
        let here = |recusal: &&'a super::ballot::Recusal| {
            recusal.chamber.as_ref().is_none_or(|name| *name == chamber.name)
        };
        let mut recused: BTreeSet<&str> =
            ballots.recusals.iter().filter(here).map(|recusal| recusal.voter.as_str()).collect();
        if chamber.recuse_subject {
            recused.insert(&ballots.subject);
            let members = roll.blocs.get(&ballots.subject).into_iter().flat_map(|b| &b.members);
            recused.extend(members.map(String::as_str));
        }
        recused.retain(|id| roll.voters.contains_key(*id) || roll.blocs.contains_key(*id));
        Self { ballots, chamber, roll, recused }
    }

    /// Returns the weight with which a bloc votes: that of its members who may vote themselves.
    fn bloc_weight(&self, bloc: &Bloc) -> u64 {
        self.voting_members(bloc).filter_map(|id| self.roll.voters.get(id)).map(|v| v.weight).sum()
    }

    fn voting_members<'b>(&'b self, bloc: &'b Bloc) -> impl Iterator<Item = &'b str> {
        let members = bloc.members.iter().map(String::as_str);
        members.filter(|id| self.roll.voters.contains_key(*id) && !self.recused.contains(id))
    }

    fn weight(&self, voter: &str) -> u64 {
        match (self.roll.voters.get(voter), self.roll.blocs.get(voter)) {
            (Some(voter), _) => voter.weight,
            (None, Some(bloc)) => self.bloc_weight(bloc),
            (None, None) => 0,
        }
    }

    /// Returns the choice, or the first reason in the order of CT-20 why there is none.
    fn check(&self, ballot: &Ballot) -> Result<Choice, Fault> {
        let choice = Choice::parse(&ballot.choice).ok_or(Fault::BadChoice)?;
        if ballot.motion != self.ballots.motion {
            return Err(Fault::WrongMotion);
        }
        let voter = ballot.voter.as_str();
        let key = match (self.roll.voters.get(voter), self.roll.blocs.get(voter)) {
            (None, None) => return Err(Fault::NotOnRoll),
            (Some(_), _) | (_, Some(_)) if self.recused.contains(voter) => {
                return Err(Fault::Recused);
            }
            (None, Some(bloc)) if self.voting_members(bloc).next().is_none() => {
                return Err(Fault::Recused);
            }
            (Some(voter), _) => &voter.key,
            (None, Some(bloc)) => &bloc.key,
        };
        if ballot.at < self.ballots.opens {
            return Err(Fault::Early);
        }
        if ballot.at >= self.ballots.closes {
            return Err(Fault::Late);
        }
        match key {
            Some(key) if !is_signed(ballot, key) => Err(Fault::BadSignature),
            Some(_) | None => Ok(choice),
        }
    }

    fn take(self, tally: &mut Tally) {
        let mut valid: BTreeMap<&str, BTreeSet<(Instant, Choice)>> = BTreeMap::new();
        let reject = |voter: &str, at, code| Rejected {
            chamber: self.chamber.name.clone(),
            voter: voter.to_owned(),
            at,
            code,
        };
        let here = self.ballots.ballots.iter().filter(|b| b.chamber == self.chamber.name);
        for ballot in here {
            match self.check(ballot) {
                Ok(choice) => {
                    valid.entry(&ballot.voter).or_default().insert((ballot.at, choice));
                }
                Err(code) => tally.rejected.push(reject(&ballot.voter, ballot.at, code)),
            }
        }
        let named =
            |voter: &str| Named { chamber: self.chamber.name.clone(), voter: voter.to_owned() };
        let mut kept_ballots: BTreeMap<&str, (Instant, Choice)> = BTreeMap::new();
        for (voter, cast) in &valid {
            let kept = if equivocates(cast) {
                tally.equivocators.push(named(voter));
                None
            } else if self.chamber.revote {
                cast.last()
            } else {
                cast.first()
            };
            let code = if kept.is_some() { Fault::Superseded } else { Fault::Equivocation };
            let others = cast.iter().filter(|ballot| Some(*ballot) != kept);
            tally.rejected.extend(others.map(|(at, _)| reject(voter, *at, code)));
            kept_ballots.extend(kept.map(|ballot| (*voter, *ballot)));
        }
        for (reio, bloc) in &self.roll.blocs {
            if kept_ballots.contains_key(reio.as_str()) {
                for member in &bloc.members {
                    if let Some((at, _)) = kept_ballots.remove(member.as_str()) {
                        tally.rejected.push(reject(member, at, Fault::BlocVoted));
                    }
                }
            }
        }
        tally.recused.extend(self.recused.iter().map(|voter| named(voter)));
        tally.chambers.push(self.result(&kept_ballots));
    }

    fn result(&self, counted: &BTreeMap<&str, (Instant, Choice)>) -> ChamberShown {
        let entitled_voters =
            self.roll.voters.iter().filter(|(id, _)| !self.recused.contains(id.as_str()));
        let entitled: u64 = entitled_voters.map(|(_, voter)| voter.weight).sum();
        let cast: Vec<Counted> = counted
            .iter()
            .map(|(voter, (_, choice))| Counted {
                voter: (*voter).to_owned(),
                choice: *choice,
                weight: self.weight(voter),
            })
            .collect();
        let sum = |choice| cast.iter().filter(|c| c.choice == choice).map(|c| c.weight).sum();
        let votes = Votes {
            entitled,
            yes: sum(Choice::Yes),
            no: sum(Choice::No),
            abstain: sum(Choice::Abstain),
        };
        let quorum_met = entitled > 0
            && self.chamber.quorum.is_none_or(|q| q.is_reached(votes.present(), entitled));
        let chair = self
            .chamber
            .chair
            .as_deref()
            .map(|chair| counted.get(chair).is_some_and(|(_, choice)| *choice == Choice::Yes));
        let (passed, reason) = if entitled == 0 {
            (false, Reason::NoElectorate)
        } else if quorum_met {
            decide(self.chamber, &votes, chair)
        } else {
            (false, Reason::NoQuorum)
        };
        ChamberShown {
            chamber: self.chamber.name.clone(),
            method: self.chamber.method,
            entitled,
            present: votes.present(),
            yes: votes.yes,
            no: votes.no,
            abstain: votes.abstain,
            quorum_met,
            passed,
            reason,
            counted: (!self.chamber.secret).then_some(cast),
        }
    }
}

/// Returns whether one instant has two choices.
fn equivocates(cast: &BTreeSet<(Instant, Choice)>) -> bool {
    let mut previous = None;
    cast.iter().any(|(at, _)| previous.replace(*at) == Some(*at))
}

struct Votes {
    entitled: u64,
    yes: u64,
    no: u64,
    abstain: u64,
}

impl Votes {
    const fn present(&self) -> u64 {
        self.yes + self.no + self.abstain
    }
}

/// Decides by the chamber's method; `chair` says whether the one who breaks ties chose yes.
fn decide(chamber: &Chamber, votes: &Votes, chair: Option<bool>) -> (bool, Reason) {
    let passed = match (chamber.method, &chamber.threshold, &chamber.block) {
        (Method::Vote, Some((base, threshold)), _) => {
            let halves = threshold.strict
                && threshold.numerator.checked_mul(2) == Some(threshold.denominator);
            let tie = *base == Base::Cast && halves && votes.yes == votes.no && votes.yes > 0;
            if let (true, Some(yes)) = (tie, chair) {
                return (yes, Reason::TieBroken);
            }
            let whole = match base {
                Base::Cast => votes.yes + votes.no,
                Base::Entitled => votes.entitled,
                Base::Present => votes.present(),
            };
            votes.yes > 0 && threshold.is_reached(votes.yes, whole)
        }
        (Method::Consensus, ..) => votes.yes > 0 && votes.no == 0,
        (Method::Silence, _, Some(block)) => !block.is_reached(votes.no, votes.entitled),
        (Method::Reverse, ..) => votes.no < votes.entitled,
        // A rule without the figure its method needs is refused when it is read.
        (Method::Vote, None, _) | (Method::Silence, _, None) => false,
    };
    (passed, if passed { Reason::Met } else { Reason::NotMet })
}

/// What a ballot's signature is about.
#[derive(Serialize)]
struct Signed<'b> {
    at: &'b str,
    chamber: &'b str,
    choice: &'b str,
    motion: &'b str,
    voter: &'b str,
}

/// Returns the bytes that a ballot's signature covers (CT-23).
#[must_use]
pub fn signed_bytes(ballot: &Ballot) -> Vec<u8> {
    let signed = Signed {
        at: &ballot.at_text,
        chamber: &ballot.chamber,
        choice: &ballot.choice,
        motion: &ballot.motion,
        voter: &ballot.voter,
    };
    let mut bytes = b"comity.ballot/1\n".to_vec();
    bytes.extend(serde_json_canonicalizer::to_vec(&signed).unwrap_or_default());
    bytes
}

fn is_signed(ballot: &Ballot, key: &str) -> bool {
    let decode = |text: &str| BASE64.decode(text.as_bytes()).ok();
    let key = decode(key).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = key.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let signature = ballot.signature.as_deref().and_then(decode);
    let signature = signature.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    key.zip(signature)
        .is_some_and(|(key, signature)| key.verifies(&signed_bytes(ballot), &signature))
}
