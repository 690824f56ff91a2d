//! Names and values as a form sends them, bounded and otherwise untouched.

use comity_core::refusal::Refusal;

/// The largest form without files: text limits add up to less, percent-encoded thrice as long.
const FORM_BYTES_MAX: usize = 2 << 20;
/// The most fields; 50 systems of five fields each are the largest part.
const FIELDS_MAX: usize = 1000;

/// The fields of a form in the order they came, byte for byte.
///
/// Invariant: at most 1000 fields and 2 MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > FORM_BYTES_MAX {
            return Err(Refusal::new("too-large", "").with("max", FORM_BYTES_MAX));
        }
        let mut pairs = Vec::new();
        for part in body.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
            let mut halves = part.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Self::from_pairs(pairs)
    }

    /// Takes fields that were read from elsewhere: a multipart form, a draft, a saved file.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > FORM_BYTES_MAX {
            return Err(Refusal::new("too-large", "").with("max", FORM_BYTES_MAX));
        }
        if pairs.len() > FIELDS_MAX {
            return Err(Refusal::new("list-too-long", "").with("max", FIELDS_MAX));
        }
        Ok(Self(pairs))
    }

    /// Returns the first value of a field, if it is not empty.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// Returns all values of a field in order, empty ones too.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the lines of a field that are not blank, ends trimmed.
    pub fn lines<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let lines = self.answer(name).unwrap_or_default().lines();
        lines.map(str::trim).filter(|line| !line.is_empty())
    }

    /// Returns whether a field has this value.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|given| given == value)
    }

    /// Returns these fields with those of a later step laid over: every name that the later step
    /// sends replaces what was there.
    pub fn overlaid(&self, later: &Self) -> Result<Self, Refusal> {
        let resent = |name: &str| later.0.iter().any(|(key, _)| key == name);
        let kept = self.0.iter().filter(|(name, _)| !resent(name)).cloned();
        Self::from_pairs(kept.chain(later.0.iter().cloned()).collect())
    }

    /// Returns these fields without those of one step, so that an unticked box is not kept.
    #[must_use]
    pub fn without_step(&self, step: super::Step) -> Self {
        let of_step = |name: &str| super::spec::find(name).is_some_and(|spec| spec.step == step);
        Self(self.0.iter().filter(|(name, _)| !of_step(name)).cloned().collect())
    }

    /// Returns only what the form asks; tokens and buttons are left out.
    #[must_use]
    pub fn asked(&self) -> Self {
        Self(self.0.iter().filter(|(name, _)| super::spec::find(name).is_some()).cloned().collect())
    }

    /// Returns the pairs, for a draft or a saved file.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

fn decode(part: &[u8]) -> Result<String, Refusal> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().and_then(hex), rest.next().and_then(hex));
                match (high, low) {
                    (Some(high), Some(low)) => high * 16 + low,
                    _ => return Err(Refusal::new("value-invalid", "")),
                }
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| Refusal::new("text-not-utf8", ""))
}

const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_byte_for_byte() {
        let check = |body: &[u8], expected: &[(&str, &str)]| {
            let pairs: Vec<_> =
                expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(Fields::parse(body), Ok(Fields(pairs)));
        };
        check(b"", &[]);
        check(b"a=1&b=2", &[("a", "1"), ("b", "2")]);
        check(b"a=x+y%2B%0D%0A%E2%80%AE", &[("a", "x y+\r\n\u{202e}")]);
        check(b"a&b=&c=d=e", &[("a", ""), ("b", ""), ("c", "d=e")]);
    }

    #[test]
    fn broken_forms_are_refused() {
        let check =
            |body: &[u8], code| assert_eq!(Fields::parse(body).map_err(|r| r.code), Err(code));
        check(b"a=%", "value-invalid");
        check(b"a=%4", "value-invalid");
        check(b"a=%zz", "value-invalid");
        check(b"a=%ff", "text-not-utf8");
        check(&b"a&".repeat(1001), "list-too-long");
        check(&vec![b'a'; FORM_BYTES_MAX + 1], "too-large");
    }
}
