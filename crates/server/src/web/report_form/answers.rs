//! Which questions apply, and what of the answers is refused.

use comity_core::refusal::Refusal;

use super::spec::{Control, DESCRIPTION_MIN, SPECS, SYSTEMS_MAX, Spec, Step, UNSURE};
use super::{Fields, spec};

/// What the caller knows beyond the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Whether this is the protected form (`/report/protected`).
    pub protected: bool,
    /// Whether a pack in force turns on country, discovery or payment.
    pub pack_facts: bool,
    /// Whether whoever fills it in is signed in, and so can be answered through the account.
    pub signed_in: bool,
}

impl Context {
    /// Whether a choice is offered to this reader.
    pub(super) fn offers(self, name: &str, value: &str) -> bool {
        self.signed_in || (name, value) != ("reach", "account")
    }
}

/// A part of the details that is asked only if it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Attacks are seen or suspected.
    Attacks,
    /// Children may be harmed: nothing prohibited may be sent (PO-16).
    Children,
    /// An answer by e-mail is wished.
    Email,
    /// A fact that a pack turns on.
    Facts,
    /// What kind of thing is affected.
    Kind,
    /// Personal data are exposed.
    Privacy,
    /// The protected form.
    Protected,
    /// Other systems are affected too.
    Several,
    /// Somebody was told already.
    Told,
    /// It works only sometimes: how often?
    Trials,
    /// The finding helps towards grave harm: the payload is kept apart.
    Uplift,
}

impl Section {
    const ORDER: [Self; 11] = [
        Self::Children,
        Self::Attacks,
        Self::Kind,
        Self::Trials,
        Self::Several,
        Self::Uplift,
        Self::Privacy,
        Self::Told,
        Self::Email,
        Self::Facts,
        Self::Protected,
    ];

    /// Returns its stable name, the end of its messages' ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attacks => "attacks",
            Self::Children => "children",
            Self::Email => "email",
            Self::Facts => "facts",
            Self::Kind => "kind",
            Self::Privacy => "privacy",
            Self::Protected => "protected",
            Self::Several => "several",
            Self::Told => "told",
            Self::Trials => "trials",
            Self::Uplift => "uplift",
        }
    }

    fn applies(self, fields: &Fields, context: Context) -> bool {
        let harm = |key| fields.has("harms", key);
        match self {
            Self::Attacks => fields.has("attacks", "seen") || fields.has("attacks", "suspected"),
            Self::Children => harm("child_safety"),
            Self::Email => fields.has("reach", "email"),
            Self::Facts => context.pack_facts,
            Self::Kind | Self::Several => true,
            Self::Privacy => harm("privacy_data"),
            Self::Protected => context.protected,
            Self::Told => fields.lines("knows").next().is_some(),
            Self::Trials => fields.answer("steps").is_some() && may_vary(fields.answer("kind")),
            // Strict-liability content is never a payload, whatever else is ticked.
            Self::Uplift => {
                (harm("cbrn_uplift") || harm("cyber_offence_uplift")) && !harm("child_safety")
            }
        }
    }
}

/// Whether the kind is a model, agent or service, which may answer differently each time, or unknown.
fn may_vary(kind: Option<&str>) -> bool {
    !matches!(
        kind,
        Some(
            "training_dataset"
                | "evaluation_dataset"
                | "ml_framework"
                | "mlops_platform"
                | "model_hub"
                | "container_or_image"
                | "protocol_or_spec"
                | "accelerator_hardware"
                | "firmware_or_driver"
        )
    )
}

/// Returns the parts of the details that apply, in the order in which they are asked.
#[must_use]
pub fn sections(fields: &Fields, context: Context) -> Vec<Section> {
    Section::ORDER.into_iter().filter(|section| section.applies(fields, context)).collect()
}

/// Returns the fields of a step that apply.
pub(super) fn asked(fields: &Fields, context: Context, step: Step) -> Vec<&'static Spec> {
    let sections = sections(fields, context);
    let applies = |spec: &Spec| match spec.step {
        Step::Details => sections.iter().any(|section| section.name() == spec.question),
        Step::First => true,
    };
    SPECS.iter().filter(|spec| spec.step == step && applies(spec)).collect()
}

/// Returns what of a step's answers is refused, in the order of the form; empty is good.
#[must_use]
pub fn check(fields: &Fields, context: Context, step: Step) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for spec in asked(fields, context, step) {
        if spec.rows {
            for (row, value) in fields.all(spec.name).take(SYSTEMS_MAX + 1).enumerate() {
                one(spec, value, &format!("/{}/{row}", spec.name), &mut refusals);
            }
            if fields.all(spec.name).count() > SYSTEMS_MAX {
                let pointer = format!("/{}", spec.name);
                refusals.push(Refusal::new("list-too-long", pointer).with("max", SYSTEMS_MAX));
            }
        } else {
            field(spec, fields, context, &mut refusals);
        }
    }
    match step {
        Step::Details => across_details(fields, context, &mut refusals),
        Step::First => across_first(fields, &mut refusals),
    }
    refusals
}

fn field(spec: &Spec, fields: &Fields, context: Context, refusals: &mut Vec<Refusal>) {
    let pointer = format!("/{}", spec.name);
    if let Control::Many(values) = spec.control {
        if fields.all(spec.name).any(|given| !given.is_empty() && !values.contains(&given)) {
            refusals.push(Refusal::new("value-unknown", pointer));
        }
        return;
    }
    match fields.answer(spec.name) {
        Some(value) if !context.offers(spec.name, value) => {
            refusals.push(Refusal::new("value-unknown", pointer));
        }
        Some(value) => one(spec, value, &pointer, refusals),
        None if spec.required => refusals.push(Refusal::new("field-missing", pointer)),
        None => {}
    }
}

/// Checks one value that is not empty.
fn one(spec: &Spec, value: &str, pointer: &str, refusals: &mut Vec<Refusal>) {
    if value.is_empty() {
        return;
    }
    let mut refuse = |refusal: Refusal| refusals.push(refusal);
    let count = value.chars().count();
    // A value that is not offered is not a long text, but another one.
    if count > spec.limit && !matches!(spec.control, Control::One(_)) {
        return refuse(
            Refusal::new("text-too-long", pointer).with("max", spec.limit).with("given", count),
        );
    }
    match spec.control {
        Control::Area | Control::Line | Control::Many(_) => {
            if spec.required && value.trim().is_empty() {
                refuse(Refusal::new("field-missing", pointer));
            }
        }
        Control::Date => {
            if date(value).is_none() {
                refuse(Refusal::new("time-invalid", pointer));
            }
        }
        Control::Email => {
            if !is_email(value) {
                refuse(Refusal::new("value-invalid", pointer));
            }
        }
        Control::Lines(most, each) => lines(value, most, each, pointer, refusals),
        Control::Number(from, to) => match number(value) {
            Some(number) if (from..=to).contains(&number) => {}
            _ => refuse(
                Refusal::new("number-out-of-range", pointer).with("min", from).with("max", to),
            ),
        },
        Control::One(values) => {
            if !values.contains(&value) {
                refuse(Refusal::new("value-unknown", pointer));
            }
        }
    }
}

fn lines(value: &str, most: usize, each: usize, pointer: &str, refusals: &mut Vec<Refusal>) {
    let lines: Vec<&str> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > most {
        refusals.push(Refusal::new("list-too-long", pointer).with("max", most));
    } else if let Some(long) =
        lines.iter().map(|line| line.chars().count()).find(|count| *count > each)
    {
        refusals.push(Refusal::new("text-too-long", pointer).with("max", each).with("given", long));
    }
}

fn across_first(fields: &Fields, refusals: &mut Vec<Refusal>) {
    let description = fields.answer("description").unwrap_or_default();
    let count = description.trim().chars().count();
    if count > 0 && count < DESCRIPTION_MIN {
        refusals.push(
            Refusal::new("report-text-too-short", "/description")
                .with("min", DESCRIPTION_MIN)
                .with("given", count),
        );
    }
    if fields.has("wish", "date") && fields.answer("wish_date").is_none() {
        refusals.push(Refusal::new("field-missing", "/wish_date"));
    }
    sort_by_form(refusals);
}

fn across_details(fields: &Fields, context: Context, refusals: &mut Vec<Refusal>) {
    let sections = sections(fields, context);
    if sections.contains(&Section::Trials) {
        pair(fields.answer("trials"), fields.answer("hits"), ("/trials", "/hits"), refusals);
    }
    let rows = fields.all("also_name").zip(fields.all("also_trials")).zip(fields.all("also_hits"));
    for (row, ((name, trials), hits)) in rows.enumerate().take(SYSTEMS_MAX) {
        let some = |value: &'_ str| (!value.is_empty()).then(|| value.to_owned());
        if name.is_empty() && (!trials.is_empty() || !hits.is_empty()) {
            refusals.push(Refusal::new("field-missing", format!("/also_name/{row}")));
        }
        let pointers = (format!("/also_trials/{row}"), format!("/also_hits/{row}"));
        pair(some(trials).as_deref(), some(hits).as_deref(), (&pointers.0, &pointers.1), refusals);
    }
    if sections.contains(&Section::Children) && fields.answer("payload").is_some() {
        refusals.push(Refusal::new("strict-liability-payload", "/prompt_class"));
    }
    if fields
        .answer("country")
        .is_some_and(|country| country.chars().count() <= 2 && !is_country(country))
        && sections.contains(&Section::Facts)
    {
        refusals.push(Refusal::new("value-invalid", "/country"));
    }
    sort_by_form(refusals);
}

/// Trials and hits belong together, and hits are at most the trials.
fn pair(
    trials: Option<&str>,
    hits: Option<&str>,
    pointers: (&str, &str),
    refusals: &mut Vec<Refusal>,
) {
    match (trials.map(number), hits.map(number)) {
        (Some(Some(trials)), Some(Some(hits))) if hits > trials => {
            refusals.push(Refusal::new("trials-invalid", pointers.1));
        }
        (Some(_), None) => refusals.push(Refusal::new("field-missing", pointers.1)),
        (None, Some(_)) => refusals.push(Refusal::new("field-missing", pointers.0)),
        _ => {}
    }
}

/// Sorts refusals as the form asks, so that the summary and the page agree.
fn sort_by_form(refusals: &mut [Refusal]) {
    let place = |refusal: &Refusal| {
        let mut parts = refusal.pointer.split('/').skip(1);
        let name = parts.next().unwrap_or_default();
        let row = parts.next().and_then(|row| row.parse::<usize>().ok()).unwrap_or(0);
        let spec = SPECS.iter().position(|spec| spec.name == name).unwrap_or(SPECS.len());
        let rows = spec::find(name).is_some_and(|spec| spec.rows);
        // Rows are asked one after the other, each with all its fields.
        if rows {
            (SPECS.iter().position(|spec| spec.rows).unwrap_or(spec), row, spec)
        } else {
            (spec, 0, spec)
        }
    };
    refusals.sort_by_key(place);
}

/// Returns a calendar date of the form `2027-01-05`.
pub(super) fn date(value: &str) -> Option<jiff::civil::Date> {
    let shape = value.len() == 10
        && value.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    value.parse().ok().filter(|_| shape)
}

/// Returns an integer written in any script's digits, blanks and group marks dropped.
pub(super) fn number(value: &str) -> Option<u32> {
    let mut digits = String::new();
    for character in
        value.trim().chars().filter(|c| !matches!(c, ' ' | ',' | '\u{a0}' | '\u{202f}' | '\u{66c}'))
    {
        let digit = match character {
            '0'..='9' => character.to_digit(10),
            '\u{660}'..='\u{669}' => Some(u32::from(character) - 0x660),
            '\u{6f0}'..='\u{6f9}' => Some(u32::from(character) - 0x6f0),
            '\u{966}'..='\u{96f}' => Some(u32::from(character) - 0x966),
            '\u{ff10}'..='\u{ff19}' => Some(u32::from(character) - 0xff10),
            _ => None,
        }?;
        digits.push(char::from_digit(digit, 10)?);
    }
    digits.parse().ok()
}

fn is_email(value: &str) -> bool {
    let value = value.trim();
    let plain = !value.chars().any(|c| c.is_control() || c.is_whitespace());
    plain
        && value.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}

pub(super) fn is_country(value: &str) -> bool {
    value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Returns the harms without "not sure", each once, in the order of the lexicon.
pub(super) fn harms(fields: &Fields) -> Vec<&'static str> {
    spec::HARMS
        .iter()
        .copied()
        .filter(|harm| *harm != UNSURE && fields.has("harms", harm))
        .collect()
}
