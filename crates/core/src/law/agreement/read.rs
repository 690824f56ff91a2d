//! Reading `comity.agreement/1`, and what is doubtful in it.

use comity_ledger::json::{self, Limits};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    Agreement, BYTES_MAX, Entry, Member, PARTIES_MAX, Reservation, Review, Sunset, Suspension,
};
use crate::law::level::Ceiling;
use crate::law::object::{Object, Read, schema};
use crate::law::pack::Severity;
use crate::law::refused::{Code, Refused};
use crate::law::time::{Within, parse_date};

const LIMITS: Limits =
    Limits { bytes_max: BYTES_MAX, depth_max: 16, keys_max: 1_024, floats: false };

/// One finding about an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgreementFinding {
    /// `AG-01` to `AG-08`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The member.
    pub r#where: String,
    /// For a person.
    pub message: String,
}

/// Reads an agreement; the shape is refused, doubts become findings.
pub fn parse(bytes: &[u8]) -> Read<(Agreement, Vec<AgreementFinding>)> {
    let value =
        json::parse(bytes, &LIMITS).map_err(|e| Refused::new(Code::Json, "", e.to_string()))?;
    let root = Object::new(&value, "")?;
    root.only(&[
        "schema",
        "id",
        "version",
        "title",
        "type",
        "binding",
        "text_sha256",
        "text_uri",
        "languages",
        "governing_law",
        "depositary",
        "supersedes",
        "parties",
        "accession",
        "scope",
        "data_classes",
        "confidentiality",
        "purposes",
        "duties",
        "carve_out",
        "reservations",
        "equivalence",
        "conflict_rule",
        "entry_into_force",
        "review",
        "sunset",
        "amendment",
        "suspensions",
        "suspension_rules",
        "termination",
        "dispute",
        "appeal",
        "audit",
        "signatures",
    ])?;
    if root.string("schema")? != "comity.agreement/1" {
        return Err(schema("/schema", "the schema is comity.agreement/1"));
    }
    check_head(&root)?;
    let agreement = read(&root)?;
    let findings = doubts(&agreement);
    Ok((agreement, findings))
}

fn check_head(root: &Object<'_>) -> Read<()> {
    root.string("title")?;
    root.word(
        "type",
        &["arrangement", "contract", "mou", "network_rules", "treaty", "unilateral_declaration"],
    )?;
    root.word("binding", &["legal", "political"])?;
    root.word("conflict_rule", &["earliest", "escalate", "originator", "statute_wins"])?;
    if root.need("version")?.as_u64().is_none_or(|v| v == 0) {
        return Err(schema("/version", "a version is a whole number from 1"));
    }
    let digest = root.string("text_sha256")?;
    if digest.len() != 64
        || !digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    {
        return Err(schema("/text_sha256", "64 hex digits"));
    }
    for key in ["scope", "termination", "appeal", "suspension_rules"] {
        root.object(key)?;
    }
    root.need("purposes")?;
    root.strings("purposes")?;
    Ok(())
}

fn read(root: &Object<'_>) -> Read<Agreement> {
    let confidentiality = root.object("confidentiality")?;
    let amendment = root.object("amendment")?;
    root.need("parties")?;
    root.need("data_classes")?;
    root.need("signatures")?;
    let parties = root.objects("parties", read_member)?;
    if parties.len() < 2 || parties.len() > PARTIES_MAX {
        return Err(schema("/parties", format!("2 to {PARTIES_MAX} parties")));
    }
    let (entry, provisional_from) = read_entry(&root.object("entry_into_force")?)?;
    Ok(Agreement {
        id: root.string("id")?,
        parties,
        data_classes: root.objects("data_classes", |o| {
            let ceiling = Ceiling::parse(&o.string("max_level")?);
            let ceiling = ceiling.ok_or_else(|| schema(o.at("max_level"), "none or L0 to L5"))?;
            Ok((o.string("class")?, ceiling))
        })?,
        onward: confidentiality.word("onward", &["any", "consent", "members", "none"])?,
        survival: within(&confidentiality, "survival")?,
        reservations: root.objects("reservations", read_reservation)?,
        entry,
        provisional_from,
        review: read_review(&root.object("review")?)?,
        sunset: read_sunset(&root.object("sunset")?)?,
        tacit: (within(&amendment, "annex_tacit_after")?, share(&amendment)?),
        suspensions: root.objects("suspensions", |o| {
            o.only(&["party", "from", "to", "ground"])?;
            o.string("ground")?;
            Ok(Suspension {
                party: o.maybe_string("party")?,
                from: date(o, "from")?,
                to: maybe_date(o, "to")?,
            })
        })?,
        suspension_max: within(&root.object("suspension_rules")?, "max")?,
        signatures: root.objects("signatures", |o| {
            o.only(&["party", "key", "at", "sig"])?;
            o.string("key")?;
            o.string("sig")?;
            o.instant("at")?;
            o.string("party")
        })?,
    })
}

fn read_member(o: &Object<'_>) -> Read<Member> {
    o.only(&["party", "hubs", "signatory", "signed_on", "ratified_on", "withdrew_on"])?;
    o.need("hubs")?;
    o.strings("hubs")?;
    o.string("signatory")?;
    Ok(Member {
        party: o.string("party")?,
        signed_on: maybe_date(o, "signed_on")?,
        ratified_on: maybe_date(o, "ratified_on")?,
        withdrew_on: maybe_date(o, "withdrew_on")?,
    })
}

fn read_reservation(o: &Object<'_>) -> Read<Reservation> {
    o.only(&["party", "clause", "effect", "value", "made_on", "withdrawn_on"])?;
    o.string("clause")?;
    Ok(Reservation {
        party: o.string("party")?,
        effect: o.word("effect", &["exclude_class", "exclude_duty", "lower_level"])?,
        value: o.string("value")?,
        made_on: date(o, "made_on")?,
        withdrawn_on: maybe_date(o, "withdrawn_on")?,
    })
}

fn read_entry(o: &Object<'_>) -> Read<(Entry, Option<Date>)> {
    o.only(&["rule", "n", "delay", "date", "provisional_from"])?;
    let delay = if o.has("delay") { Some(within(o, "delay")?) } else { None };
    let rule = o.word("rule", &["date", "nth_ratification", "on_last_signature"])?;
    let entry = match rule.as_str() {
        "date" => Entry::Date(date(o, "date")?),
        "nth_ratification" => {
            let n = o.need("n")?.as_u64().filter(|n| *n > 0).and_then(|n| usize::try_from(n).ok());
            Entry::NthRatification(
                n.ok_or_else(|| schema(o.at("n"), "a whole number from 1"))?,
                delay,
            )
        }
        _ => Entry::LastSignature(delay),
    };
    Ok((entry, maybe_date(o, "provisional_from")?))
}

fn read_review(o: &Object<'_>) -> Read<Review> {
    o.only(&["first", "every", "panel", "on_no_decision"])?;
    o.need("panel")?;
    o.strings("panel")?;
    Ok(Review {
        first: date(o, "first")?,
        every: within(o, "every")?,
        lapses: o.word("on_no_decision", &["continue", "lapse"])? == "lapse",
    })
}

fn read_sunset(o: &Object<'_>) -> Read<Sunset> {
    if o.has("none_because") {
        o.only(&["none_because"])?;
        let reason = o.string("none_because")?;
        let given = !reason.trim().is_empty();
        return if given {
            Ok(Sunset::Never)
        } else {
            Err(schema(o.at("none_because"), "a reason is wanted"))
        };
    }
    o.only(&["date", "tacit_renewal"])?;
    let silent = o.need("tacit_renewal")?.is_null();
    let renewal = if silent { None } else { Some(within(o, "tacit_renewal")?) };
    Ok(Sunset::Date(date(o, "date")?, renewal))
}

fn date(o: &Object<'_>, key: &str) -> Read<Date> {
    parse_date(&o.string(key)?).ok_or_else(|| schema(o.at(key), "a date is YYYY-MM-DD"))
}

fn maybe_date(o: &Object<'_>, key: &str) -> Read<Option<Date>> {
    if o.has(key) { date(o, key).map(Some) } else { Ok(None) }
}

fn within(o: &Object<'_>, key: &str) -> Read<Within> {
    let message = "one number and one unit";
    let parsed = Within::parse(&o.string(key)?);
    parsed.ok_or_else(|| Refused::new(Code::Duration, o.at(key), message))
}

fn share(o: &Object<'_>) -> Read<(u32, u32)> {
    let text = o.string("annex_block_share")?;
    let parts = text.split_once('/').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let fits = parts.filter(|(a, b): &(u32, u32)| *b > 0 && a <= b);
    fits.ok_or_else(|| schema(o.at("annex_block_share"), "a share such as 1/3"))
}

/// What the shape allows and a lawyer would ask about.
fn doubts(agreement: &Agreement) -> Vec<AgreementFinding> {
    let mut found = Vec::new();
    let mut say = |code, severity, place: String, message: &str| {
        found.push(AgreementFinding {
            code,
            severity,
            r#where: place,
            message: message.to_owned(),
        });
    };
    let known = |party: &str| agreement.parties.iter().any(|m| m.party == party);
    for (i, member) in agreement.parties.iter().enumerate() {
        let at = |key: &str| format!("/parties/{i}/{key}");
        if agreement.parties.iter().take(i).any(|m| m.party == member.party) {
            say("AG-01", Severity::Error, at("party"), "the party stands twice");
        }
        if member.ratified_on.zip(member.signed_on).is_some_and(|(r, s)| r < s) {
            say("AG-02", Severity::Error, at("ratified_on"), "ratified before signed");
        }
        if member.ratified_on.is_some() && member.signed_on.is_none() {
            say("AG-02", Severity::Warning, at("signed_on"), "ratified without a day of signature");
        }
        if !agreement.signatures.contains(&member.party) {
            say("AG-03", Severity::Warning, at("party"), "no signature of this party is attached");
        }
    }
    for (i, reservation) in agreement.reservations.iter().enumerate() {
        let at = |key: &str| format!("/reservations/{i}/{key}");
        if !known(&reservation.party) {
            say("AG-04", Severity::Error, at("party"), "not a party");
        }
        let class = agreement.data_classes.iter().any(|(c, _)| *c == reservation.value);
        if reservation.effect == "exclude_class" && !class {
            say("AG-05", Severity::Error, at("value"), "no such data class");
        }
        if reservation.effect == "lower_level" && Ceiling::parse(&reservation.value).is_none() {
            say("AG-05", Severity::Error, at("value"), "no such level");
        }
    }
    for (i, suspension) in agreement.suspensions.iter().enumerate() {
        let at = |key: &str| format!("/suspensions/{i}/{key}");
        if suspension.party.as_deref().is_some_and(|p| !known(p)) {
            say("AG-04", Severity::Error, at("party"), "not a party");
        }
        let latest = super::status::later(suspension.from, agreement.suspension_max);
        if suspension.to.zip(latest).is_some_and(|(to, latest)| to > latest) {
            say("AG-06", Severity::Error, at("to"), "longer than suspension_rules.max allows");
        }
        if suspension.to.is_some_and(|to| to <= suspension.from) {
            say("AG-06", Severity::Error, at("to"), "ends before it begins");
        }
    }
    if let Entry::NthRatification(n, _) = agreement.entry
        && n > agreement.parties.len()
    {
        let message = "there are not that many parties";
        say("AG-07", Severity::Error, "/entry_into_force/n".to_owned(), message);
    }
    if let Sunset::Date(end, _) = agreement.sunset
        && agreement.review.first >= end
    {
        let message = "the first review comes after the end";
        say("AG-08", Severity::Warning, "/review/first".to_owned(), message);
    }
    found
}
