//! Input documents: JSON within limits, read without copying what has no escapes (CT-52).
//!
//! A bill of materials may hold a million edges, so the tree keeps objects as short vectors and text as
//! slices of the input. A refusal's pointer is built on the way out of a fault, never before. Not here:
//! what a document means.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::day::{Day, Instant};
use super::jurisdiction::JurisdictionUrn;
use super::word::Word;
use crate::refusal::{Refusal, child};

/// The largest file that is read: 128 MiB.
pub const BYTES_MAX: usize = 128 << 20;
/// Objects and lists inside one another.
pub const DEPTH_MAX: usize = 100;
/// The greatest integer that every JSON reader holds exactly.
pub const INTEGER_MAX: u64 = comity_ledger::json::INTEGER_MAX;

/// A JSON value that borrows from its document.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'d> {
    /// True or false.
    Bool(bool),
    /// An integer within 64 bits.
    Integer(i64),
    /// A list.
    List(Vec<Json<'d>>),
    /// `null`.
    Null,
    /// A number that is no such integer; no document has a use for one.
    Number,
    /// An object, with keys as they stood.
    Object(Vec<(Cow<'d, str>, Json<'d>)>),
    /// Text.
    Text(Cow<'d, str>),
}

/// Refuses a file that is too large.
pub fn check_size(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > BYTES_MAX { Err(Refusal::new("limit-size", "")) } else { Ok(()) }
}

/// Reads one document with an object on top.
pub fn parse(bytes: &[u8]) -> Result<Json<'_>, Refusal> {
    check_size(bytes)?;
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::new("json-invalid", ""))?;
    let found = Cell::new("json-invalid");
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Seed { depth: 0, found: &found }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(value @ Json::Object(_)) => Ok(value),
        Ok(_) => Err(Refusal::new("json-invalid", "")),
        Err(_) => Err(Refusal::new(found.get(), "")),
    }
}

/// Reads one document whose `type` member is `expected`.
pub fn parse_typed<'d>(json: &'d Json<'d>, expected: &str) -> Result<Object<'d>, Refusal> {
    let object = json.object().ok_or_else(|| Refusal::new("json-invalid", ""))?;
    match object.get("type") {
        Some(Json::Text(text)) if text == expected => Ok(object),
        _ => Err(Refusal::new("wrong-type", "/type").with("expected", expected)),
    }
}

#[derive(Clone, Copy)]
struct Seed<'f> {
    depth: usize,
    found: &'f Cell<&'static str>,
}

impl Seed<'_> {
    fn fail<E: serde::de::Error>(self, code: &'static str) -> E {
        self.found.set(code);
        E::custom(code)
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEPTH_MAX {
            return Err(self.fail("limit-depth"));
        }
        Ok(Self { depth: self.depth + 1, found: self.found })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(value).map_or(Json::Number, Json::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(deeper)? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let deeper = self.deeper()?;
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let value = map.next_value_seed(deeper)?;
            members.push((key, value));
        }
        if has_a_key_twice(&members) {
            return Err(self.fail("json-duplicate-key"));
        }
        members.shrink_to_fit();
        Ok(Json::Object(members))
    }
}

/// Below this an object is compared pair by pair, which needs no memory.
const KEYS_COMPARED_PAIRWISE_MAX: usize = 12;

fn has_a_key_twice(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    if members.len() <= KEYS_COMPARED_PAIRWISE_MAX {
        let later = |place: usize| members.iter().skip(place + 1);
        return members
            .iter()
            .enumerate()
            .any(|(place, (key, _))| later(place).any(|(other, _)| other == key));
    }
    let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair.first() == pair.last())
}

struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

impl<'d> Json<'d> {
    /// Returns the object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<Object<'_>> {
        match self {
            Json::Object(members) => Some(Object(members)),
            Json::Bool(_)
            | Json::Integer(_)
            | Json::List(_)
            | Json::Null
            | Json::Number
            | Json::Text(_) => None,
        }
    }

    /// Returns the text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// Returns the items, if it is a list.
    #[must_use]
    pub fn items(&self) -> Option<&[Json<'d>]> {
        if let Json::List(items) = self { Some(items) } else { None }
    }
}

/// An object of a document, with readers that refuse what is missing or of the wrong type.
#[derive(Clone, Copy, Debug)]
pub struct Object<'d>(&'d [(Cow<'d, str>, Json<'d>)]);

/// Returns the refusal of a member that is missing or of the wrong type.
#[must_use]
pub fn invalid(key: &str) -> Refusal {
    Refusal::new("field-invalid", child("", key))
}

/// Puts a place before a refusal's pointer.
#[must_use]
pub fn under(mut refusal: Refusal, key: &str) -> Refusal {
    refusal.pointer.insert_str(0, &child("", key));
    refusal
}

impl<'d> Object<'d> {
    /// Returns the member, unless it is absent or null.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'d Json<'d>> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value).filter(|value| **value != Json::Null)
    }

    /// Returns every member in the order of the document.
    pub fn members(self) -> impl Iterator<Item = (&'d str, &'d Json<'d>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Returns the text, if there is one.
    pub fn text_or_none(self, key: &str) -> Result<Option<&'d str>, Refusal> {
        self.get(key).map(|value| value.text().ok_or_else(|| invalid(key))).transpose()
    }

    /// Returns the text.
    pub fn text(self, key: &str) -> Result<&'d str, Refusal> {
        self.text_or_none(key)?.ok_or_else(|| invalid(key))
    }

    /// Returns the integer, if there is one.
    pub fn integer_or_none(self, key: &str) -> Result<Option<i64>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::Integer(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid(key)),
        }
    }

    /// Returns the integer, which is within the bounds.
    pub fn integer(self, key: &str, bounds: std::ops::RangeInclusive<i64>) -> Result<i64, Refusal> {
        let value = self.integer_or_none(key)?.filter(|value| bounds.contains(value));
        value.ok_or_else(|| invalid(key))
    }

    /// Returns the count, an integer that is not negative.
    pub fn count(self, key: &str) -> Result<u64, Refusal> {
        let value = self.integer(key, 0..=i64::MAX)?;
        u64::try_from(value).map_err(|_| invalid(key))
    }

    /// Returns true or false, if either is there.
    pub fn boolean_or_none(self, key: &str) -> Result<Option<bool>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(invalid(key)),
        }
    }

    /// Returns true or false.
    pub fn boolean(self, key: &str) -> Result<bool, Refusal> {
        self.boolean_or_none(key)?.ok_or_else(|| invalid(key))
    }

    /// Returns true or false, false if absent.
    pub fn flag(self, key: &str) -> Result<bool, Refusal> {
        self.boolean_or_none(key).map(Option::unwrap_or_default)
    }

    /// Returns a word of a closed list.
    pub fn word<W: Word>(self, key: &str) -> Result<W, Refusal> {
        W::parse(self.text(key)?).ok_or_else(|| invalid(key))
    }

    /// Returns a jurisdiction's urn.
    pub fn urn(self, key: &str) -> Result<JurisdictionUrn, Refusal> {
        JurisdictionUrn::parse(self.text(key)?).ok_or_else(|| invalid(key))
    }

    /// Returns the day, if there is one.
    pub fn day_or_none(self, key: &str) -> Result<Option<Day>, Refusal> {
        let read = |text| Day::parse(text).ok_or_else(|| Refusal::new("bad-date", child("", key)));
        self.text_or_none(key)?.map(read).transpose()
    }

    /// Returns the day.
    pub fn day(self, key: &str) -> Result<Day, Refusal> {
        self.day_or_none(key)?.ok_or_else(|| invalid(key))
    }

    /// Returns the instant, if there is one.
    pub fn instant_or_none(self, key: &str) -> Result<Option<Instant>, Refusal> {
        let read =
            |text| Instant::parse(text).ok_or_else(|| Refusal::new("bad-date", child("", key)));
        self.text_or_none(key)?.map(read).transpose()
    }

    /// Returns the instant.
    pub fn instant(self, key: &str) -> Result<Instant, Refusal> {
        self.instant_or_none(key)?.ok_or_else(|| invalid(key))
    }

    /// Returns the object, if there is one.
    pub fn object_or_none(self, key: &str) -> Result<Option<Object<'d>>, Refusal> {
        self.get(key).map(|value| value.object().ok_or_else(|| invalid(key))).transpose()
    }

    /// Returns the object.
    pub fn object(self, key: &str) -> Result<Object<'d>, Refusal> {
        self.object_or_none(key)?.ok_or_else(|| invalid(key))
    }

    /// Returns the items of a list, none if it is absent.
    pub fn items_or_empty(self, key: &str) -> Result<&'d [Json<'d>], Refusal> {
        match self.get(key) {
            None => Ok(&[]),
            Some(value) => value.items().ok_or_else(|| invalid(key)),
        }
    }

    /// Reads every object of a list that must be there.
    pub fn each<T>(
        self,
        key: &str,
        read: impl FnMut(Object<'d>) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        if self.get(key).is_none() {
            return Err(invalid(key));
        }
        self.each_or_empty(key, read)
    }

    /// Reads every object of a list that may be absent.
    pub fn each_or_empty<T>(
        self,
        key: &str,
        mut read: impl FnMut(Object<'d>) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let items = self.items_or_empty(key)?.iter().enumerate();
        items
            .map(|(place, item)| {
                let object = item.object().ok_or_else(|| Refusal::new("field-invalid", ""));
                object
                    .and_then(&mut read)
                    .map_err(|refusal| under(under(refusal, &place.to_string()), key))
            })
            .collect()
    }

    /// Returns the texts of a list, none if it is absent.
    pub fn texts_or_empty(self, key: &str) -> Result<Vec<&'d str>, Refusal> {
        let items = self.items_or_empty(key)?.iter();
        items.map(|item| item.text().ok_or_else(|| invalid(key))).collect()
    }

    /// Returns the texts of a list that must be there.
    pub fn texts(self, key: &str) -> Result<Vec<&'d str>, Refusal> {
        if self.get(key).is_none() { Err(invalid(key)) } else { self.texts_or_empty(key) }
    }
}

/// Returns `sha256:` and the hash of a file's bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    format!("sha256:{}", comity_ledger::digest::hex(&comity_ledger::digest::sha256(bytes)))
}

/// Returns the hash of the RFC 8785 form of a document.
#[must_use]
pub fn canonical_hash<T: serde::Serialize>(document: &T) -> String {
    // Documents of this crate hold text, integers and lists only, which always have a form.
    hash(&serde_json_canonicalizer::to_vec(document).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        let check = |text: &[u8], code| assert_eq!(parse(text).unwrap_err().code, code, "{text:?}");
        check(b"", "json-invalid");
        check(b"[]", "json-invalid");
        check(b"{}{}", "json-invalid");
        check(b"{\"a\":\"\xff\"}", "json-invalid");
        check(br#"{"a":1,"a":2}"#, "json-duplicate-key");
        check(br#"{"a":1,"\u0061":2}"#, "json-duplicate-key");
        let many: Vec<String> = (0..50).chain([7]).map(|n| format!("\"k{n}\":0")).collect();
        check(format!("{{{}}}", many.join(",")).as_bytes(), "json-duplicate-key");
        check(format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes(), "limit-depth");
        let deep = |lists| format!("{{\"a\":{}{}}}", "[".repeat(lists), "]".repeat(lists));
        check(deep(100).as_bytes(), "limit-depth");
        assert!(parse(deep(99).as_bytes()).is_ok());
    }
}
