//! Screening of the parties to an export: what a list may say, and the one thing that follows (CT-48).
//!
//! A match is a candidate for a person to look at, whatever its score; only a named officer with a basis
//! confirms one, by hand. Candidates are written into the request, so that the decision over it replays
//! without the list. Not here: the decision (`export`), fetching lists, and any list of persons.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::cert::day::Day;
use crate::cert::document::{self, Object, invalid, under};
use crate::refusal::Refusal;

/// Parties of one request at most.
pub const PARTIES_MAX: usize = 100;
/// Entries of one list at most.
pub const ENTRIES_MAX: usize = 200_000;
/// Characters of a name that are compared.
const NAME_CHARS_MAX: usize = 200;

/// A party to an export: the end user, or one that the request names besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its id in the request.
    pub id: String,
    /// The names it goes by.
    pub names: Vec<String>,
}

/// A party that may be one on a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Match {
    /// The party's id in the request.
    pub party: String,
    /// The list.
    pub list: String,
    /// How alike the names are, 0 to 100; it decides nothing.
    pub score: u64,
}

/// Whatever screens: a list file, or a service that a hub is connected to.
///
/// An adapter reports likeness and nothing else; there is no way for it to confirm or to deny.
pub trait Adapter {
    /// Screens a party.
    fn screen(&self, party: &Party) -> Vec<Match>;
}

/// A dated list file, `comity.screening-list/1`.
#[derive(Clone, Debug)]
pub struct List {
    id: String,
    as_of: Day,
    valid_until: Day,
    min_score: u64,
    entries: Vec<BTreeSet<[char; 2]>>,
}

impl List {
    /// Reads a list.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.screening-list/1")?;
        let min_score = object.integer("min_score", 1..=100)?;
        let mut entries = Vec::new();
        for names in object.each("entries", |entry| entry.texts("names"))? {
            entries.extend(names.into_iter().map(pairs));
            if entries.len() > ENTRIES_MAX {
                return Err(Refusal::new("limit-size", "/entries"));
            }
        }
        let list = Self {
            id: object.text("id")?.to_owned(),
            as_of: object.day("as_of")?,
            valid_until: object.day("valid_until")?,
            min_score: u64::try_from(min_score).map_err(|_| invalid("min_score"))?,
            entries,
        };
        if list.valid_until < list.as_of {
            return Err(Refusal::new("screening-list-dates", "/valid_until"));
        }
        Ok(list)
    }

    /// Refuses a list that is not in force on the day: an old one clears whoever was added since.
    fn check(&self, day: Day) -> Result<(), Refusal> {
        if day < self.as_of || self.valid_until < day {
            return Err(Refusal::new("screening-list-dates", "/valid_until")
                .with("day", day.to_string())
                .with("list", self.id.as_str()));
        }
        Ok(())
    }
}

impl Adapter for List {
    fn screen(&self, party: &Party) -> Vec<Match> {
        let names: Vec<_> = party.names.iter().map(|name| pairs(name)).collect();
        let best = self
            .entries
            .iter()
            .flat_map(|entry| names.iter().map(move |name| likeness(entry, name)))
            .max();
        let found = best.filter(|score| *score >= self.min_score);
        let one = |score| Match { party: party.id.clone(), list: self.id.clone(), score };
        found.map(one).into_iter().collect()
    }
}

/// Returns a name's pairs of neighbouring letters, word by word, without case and punctuation.
fn pairs(name: &str) -> BTreeSet<[char; 2]> {
    let lower: String = name.chars().take(NAME_CHARS_MAX).flat_map(char::to_lowercase).collect();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut found = BTreeSet::new();
    for word in words {
        // The edges of a word count, so that a name of one letter has pairs, too.
        let letters: Vec<char> =
            std::iter::once(' ').chain(word.chars()).chain(std::iter::once(' ')).collect();
        found.extend(letters.windows(2).filter_map(|pair| match pair {
            [a, b] => Some([*a, *b]),
            _ => None,
        }));
    }
    found
}

/// Returns twice what two names share over what they have, in hundredths, floored.
fn likeness(a: &BTreeSet<[char; 2]>, b: &BTreeSet<[char; 2]>) -> u64 {
    let shared = a.intersection(b).count();
    let hundredths = (shared * 200).checked_div(a.len() + b.len()).unwrap_or(0);
    u64::try_from(hundredths).unwrap_or(100)
}

/// Returns the request with a candidate for every match; what a person decided before stays.
pub fn screen(request: &[u8], list: &List) -> Result<Value, Refusal> {
    super::export::Request::parse(request)?;
    let json = document::parse(request)?;
    let object = json.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    list.check(object.day("date")?)?;
    let decided: BTreeSet<(&str, &str)> = object
        .each_or_empty("screening", |one| Ok((one.text("party")?, one.text("list")?)))?
        .into_iter()
        .collect();
    let mut matches: Vec<Match> = parties(object)?.iter().flat_map(|p| list.screen(p)).collect();
    matches.sort();
    matches.dedup_by(|a, b| (&a.party, &a.list) == (&b.party, &b.list));
    matches.retain(|one| !decided.contains(&(one.party.as_str(), one.list.as_str())));
    let mut screened: Value =
        serde_json::from_slice(request).map_err(|_| Refusal::new("json-invalid", ""))?;
    let candidates = matches.into_iter().map(|one| {
        json!({"party": one.party, "list": one.list, "score": one.score, "state": "candidate"})
    });
    if let Value::Object(members) = &mut screened {
        let known = members.entry("screening").or_insert(Value::Null);
        match known {
            Value::Array(known) => known.extend(candidates),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Object(_)
            | Value::String(_) => {
                *known = candidates.collect();
            }
        }
    }
    Ok(screened)
}

/// Reads the end user and the parties named besides; one without a name goes by its id.
fn parties(object: Object<'_>) -> Result<Vec<Party>, Refusal> {
    let read = |item: Object<'_>| {
        let id = item.text("id")?.to_owned();
        let mut names: Vec<String> =
            item.texts_or_empty("names")?.into_iter().map(str::to_owned).collect();
        names.extend(item.text_or_none("name")?.map(str::to_owned));
        if names.is_empty() {
            names.push(id.clone());
        }
        Ok(Party { id, names })
    };
    let mut parties = object.each_or_empty("parties", read)?;
    let user = object.object("end_user")?;
    parties.push(read(user).map_err(|refusal| under(refusal, "end_user"))?);
    if parties.len() > PARTIES_MAX {
        return Err(Refusal::new("limit-size", "/parties"));
    }
    Ok(parties)
}
