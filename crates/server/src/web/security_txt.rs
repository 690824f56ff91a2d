//! `/.well-known/security.txt` (RFC 9116). Unsigned: signing is the caller's.

use jiff::Timestamp;

use crate::i18n::machine;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityTxt {
    /// How to report, best first: `https:` or `mailto:` addresses.
    pub contact: Vec<String>,
    /// Until when the file may be believed; RFC 9116 advises less than a year.
    pub expires: Timestamp,
    /// Where the key lies.
    pub encryption: Option<String>,
    /// Who is thanked, where.
    pub acknowledgments: Option<String>,
    /// Languages in which one may write.
    pub languages: Vec<String>,
    /// Where this file lies.
    pub canonical: Vec<String>,
    /// Where the policy lies.
    pub policy: Option<String>,
    /// Where the CSAF provider metadata lie.
    pub csaf: Option<String>,
}

/// Why no such file may be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecurityTxtError {
    /// RFC 9116 §2.5.3 asks for at least one.
    #[error("there is no contact")]
    NoContact,
    /// A value is not an address of an allowed kind, or would break the line.
    #[error("{field} is not an https or mailto address")]
    NotAnAddress {
        /// The field.
        field: &'static str,
    },
}

/// Returns the file, lines ended by LF.
pub fn security_txt(about: &SecurityTxt) -> Result<String, SecurityTxtError> {
    if about.contact.is_empty() {
        return Err(SecurityTxtError::NoContact);
    }
    let mut lines = Vec::new();
    addresses(&mut lines, "Contact", &about.contact)?;
    lines.push(format!("Expires: {}", machine(about.expires)));
    addresses(&mut lines, "Encryption", about.encryption.as_slice())?;
    addresses(&mut lines, "Acknowledgments", about.acknowledgments.as_slice())?;
    let languages: Vec<&str> =
        about.languages.iter().map(String::as_str).filter(|tag| is_tag(tag)).collect();
    if !languages.is_empty() {
        lines.push(format!("Preferred-Languages: {}", languages.join(", ")));
    }
    addresses(&mut lines, "Canonical", &about.canonical)?;
    addresses(&mut lines, "Policy", about.policy.as_slice())?;
    addresses(&mut lines, "CSAF", about.csaf.as_slice())?;
    Ok(lines.join("\n") + "\n")
}

fn addresses(
    lines: &mut Vec<String>,
    field: &'static str,
    values: &[String],
) -> Result<(), SecurityTxtError> {
    for value in values {
        let kind =
            value.starts_with("https://") || (field == "Contact" && value.starts_with("mailto:"));
        if !kind || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(SecurityTxtError::NotAnAddress { field });
        }
        lines.push(format!("{field}: {value}"));
    }
    Ok(())
}

fn is_tag(tag: &str) -> bool {
    !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> SecurityTxt {
        SecurityTxt {
            contact: vec!["https://nv.example/report".into(), "mailto:cert@nv.example".into()],
            expires: "2027-06-30T00:00:00Z".parse().unwrap(),
            encryption: None,
            acknowledgments: Some("https://nv.example/thanks".into()),
            languages: vec!["en".into(), "ar".into()],
            canonical: vec!["https://nv.example/.well-known/security.txt".into()],
            policy: Some("https://nv.example/policy".into()),
            csaf: Some("https://nv.example/.well-known/csaf/provider-metadata.json".into()),
        }
    }

    #[test]
    fn the_file_says_how_to_report() {
        insta::assert_snapshot!(security_txt(&sample()).unwrap(), @r"
        Contact: https://nv.example/report
        Contact: mailto:cert@nv.example
        Expires: 2027-06-30T00:00:00Z
        Acknowledgments: https://nv.example/thanks
        Preferred-Languages: en, ar
        Canonical: https://nv.example/.well-known/security.txt
        Policy: https://nv.example/policy
        CSAF: https://nv.example/.well-known/csaf/provider-metadata.json
        ");
    }

    #[test]
    fn no_value_can_add_a_line() {
        let check = |contact: &[&str], expected| {
            let contact = contact.iter().map(|c| (*c).to_owned()).collect();
            assert_eq!(security_txt(&SecurityTxt { contact, ..sample() }), Err(expected));
        };
        check(&[], SecurityTxtError::NoContact);
        check(
            &["https://a\nPolicy: https://b"],
            SecurityTxtError::NotAnAddress { field: "Contact" },
        );
        check(&["http://a"], SecurityTxtError::NotAnAddress { field: "Contact" });
        check(&["cert@nv.example"], SecurityTxtError::NotAnAddress { field: "Contact" });
    }
}
