//! Each field that may be asked: its step, question, control and limits. The one table behind the
//! checks, the form and the review.

/// A step of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The questions that apply because of the first answers.
    Details,
    /// The seven questions.
    First,
}

/// How a field is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Several lines.
    Area,
    /// A date.
    Date,
    /// An e-mail address.
    Email,
    /// One line.
    Line,
    /// Several lines, each a value of its own: how many, how long each.
    Lines(usize, usize),
    /// Any of some values.
    Many(&'static [&'static str]),
    /// An integer from, to.
    Number(u32, u32),
    /// One of some values.
    One(&'static [&'static str]),
}

impl Control {
    /// Returns the values that can be chosen; none if words are asked.
    #[must_use]
    pub const fn values(&self) -> &'static [&'static str] {
        match self {
            Self::Area
            | Self::Date
            | Self::Email
            | Self::Line
            | Self::Lines(..)
            | Self::Number(..) => &[],
            Self::Many(values) | Self::One(values) => values,
        }
    }
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) step: Step,
    /// The question it belongs to: `1` to `7`, or a section of the details.
    pub(super) question: &'static str,
    pub(super) control: Control,
    pub(super) required: bool,
    /// The most scalar values.
    pub(super) limit: usize,
    /// Whether it is asked once a row.
    pub(super) rows: bool,
}

/// Returns the field of a name.
pub(super) fn find(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}

/// The most trials and hits.
const TRIALS_MAX: u32 = 1_000_000;
/// The most further systems.
pub(super) const SYSTEMS_MAX: usize = 50;
/// The shortest description.
pub(super) const DESCRIPTION_MIN: usize = 20;

/// The choice that says "not sure" among harms.
pub(super) const UNSURE: &str = "unsure";

pub(super) const HARMS: &[&str] = &[
    "physical",
    "psychological",
    "financial_property",
    "reputational",
    "rights_discrimination",
    "privacy_data",
    "information_integrity",
    "democratic_process",
    "critical_service_disruption",
    "environmental",
    "child_safety",
    "cbrn_uplift",
    "cyber_offence_uplift",
    "ip_model_theft",
    UNSURE,
];

pub(super) const KINDS: &[&str] = &[
    "X",
    "model_weights",
    "model_api_service",
    "fine_tuned_adapter",
    "tokenizer_or_template",
    "training_dataset",
    "evaluation_dataset",
    "rag_index",
    "agent",
    "agent_tool",
    "mcp_server",
    "agent_memory",
    "guardrail",
    "system_prompt",
    "application",
    "inference_server",
    "ml_framework",
    "mlops_platform",
    "model_hub",
    "container_or_image",
    "protocol_or_spec",
    "accelerator_hardware",
    "firmware_or_driver",
];

const YES_NO: &[&str] = &["yes", "no", "unknown"];

const fn first(name: &'static str, question: &'static str, control: Control, limit: usize) -> Spec {
    Spec { name, step: Step::First, question, control, required: false, limit, rows: false }
}

const fn details(
    name: &'static str,
    question: &'static str,
    control: Control,
    limit: usize,
) -> Spec {
    Spec { name, step: Step::Details, question, control, required: false, limit, rows: false }
}

const fn required(spec: Spec) -> Spec {
    Spec { required: true, ..spec }
}

const fn row(spec: Spec) -> Spec {
    Spec { rows: true, ..spec }
}

use Control::{Area, Date, Email, Line, Lines, Many, Number, One};

/// Every field, in the order in which the form asks them.
pub(super) const SPECS: &[Spec] = &[
    required(first("system", "1", Line, 200)),
    first("version", "1", Line, 100),
    first("links", "1", Lines(10, 500), 6000),
    required(first("description", "2", Area, 20_000)),
    first("steps", "3", Area, 20_000),
    first("harms", "4", Many(HARMS), 40),
    required(first("public", "5", One(&["no", "partly", "yes", "unknown"]), 20)),
    required(first("attacks", "5", One(&["none", "suspected", "seen", "unknown"]), 20)),
    first("knows", "6", Lines(20, 200), 5000),
    first("wish", "6", One(&["none", "fixed", "date", "already"]), 20),
    first("wish_date", "6", Date, 10),
    required(first("reach", "7", One(&["code", "email", "account", "none"]), 20)),
    details("kind", "kind", One(KINDS), 40),
    details("attacks_since", "attacks", Line, 200),
    details("attacks_how", "attacks", Area, 5000),
    details("indicators", "attacks", Lines(100, 500), 52_000),
    details("trials", "trials", Number(1, TRIALS_MAX), 10),
    details("hits", "trials", Number(0, TRIALS_MAX), 10),
    details("tested_on", "trials", Date, 10),
    details("snapshot", "trials", Line, 100),
    details("access", "trials", One(&["X", "api", "chat", "agent", "device", "weights"]), 20),
    details("decoding", "trials", Line, 100),
    details("seed", "trials", Line, 60),
    row(details("also_name", "several", Line, 200)),
    row(details("also_version", "several", Line, 100)),
    row(details("also_trials", "several", Number(1, TRIALS_MAX), 10)),
    row(details("also_hits", "several", Number(0, TRIALS_MAX), 10)),
    row(details("also_on", "several", Date, 10)),
    details("payload", "uplift", Area, 65_536),
    details("prompt_class", "children", Line, 200),
    details("hashes", "children", Lines(50, 500), 26_000),
    details("hotline_reference", "children", Line, 200),
    details("privacy_kinds", "privacy", Area, 2000),
    details("privacy_copies", "privacy", One(YES_NO), 20),
    details("privacy_deletion", "privacy", Date, 10),
    details("told_on", "told", Date, 10),
    details("told_how", "told", Line, 500),
    details("told_id", "told", Line, 100),
    required(details("email", "email", Email, 320)),
    details("name", "email", Line, 200),
    details("openpgp", "email", Area, 20_000),
    details("identity_to", "email", One(&["nobody", "lead", "vendors"]), 20),
    details("credit", "email", Line, 200),
    details("country", "facts", Line, 2),
    details("discovered_on", "facts", Date, 10),
    details("paid", "facts", One(YES_NO), 20),
    details("work_relation", "protected", Area, 2000),
    details("retaliation", "protected", Area, 5000),
];
