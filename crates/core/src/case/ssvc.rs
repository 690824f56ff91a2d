//! SSVC for coordinators: triage and publish, as tables, and what the state already answers (CP-49).
//!
//! The tables are CERT/CC's, row by row. Not here: supplier decisions and severity (`severity`).

use serde::Serialize;

use super::pxa::CaseState;
use super::rm::Rm;
use super::state::{Party, State};
use super::vfd::Vfd;

const TRIAGE: &str = include_str!("ssvc/triage.csv");
const PUBLISH: &str = include_str!("ssvc/publish.csv");

/// Values that a question may have, in words of SSVC; several where the state leaves it open.
pub type Values = Vec<&'static str>;

/// What the state answers of one vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// `none`, `public poc` or `active`.
    pub exploitation: &'static str,
    /// `yes` or `no`.
    pub report_public: &'static str,
    /// `yes` or `no`.
    pub supplier_contacted: &'static str,
    /// `active`, `unresponsive`, or both where the state does not tell.
    pub supplier_engagement: Values,
    /// `precedence`, `ampliative`, `limited`: those that the state allows.
    pub public_value_added: Values,
}

impl Inputs {
    /// Reads the answers from the state; `None` unless the party is a vendor.
    #[must_use]
    pub fn of(state: &State, party: &Party) -> Option<Self> {
        let vfd = party.vendor()?.vfd;
        Some(Self::of_case_state(CaseState { vfd, pxa: state.pxa() }, party.rm))
    }

    /// Reads the answers from a vendor's case state and report management.
    #[must_use]
    pub fn of_case_state(case: CaseState, rm: Rm) -> Self {
        let pxa = case.pxa;
        let yes_no = |yes| if yes { "yes" } else { "no" };
        Self {
            exploitation: match (pxa.attacks, pxa.exploit) {
                (true, _) => "active",
                (false, true) => "public poc",
                (false, false) => "none",
            },
            report_public: yes_no(pxa.public),
            supplier_contacted: yes_no(case.vfd >= Vfd::Aware),
            supplier_engagement: match rm {
                Rm::Accepted | Rm::Valid => vec!["active"],
                Rm::Received | Rm::Deferred => vec!["active", "unresponsive"],
                Rm::Invalid | Rm::Closed | Rm::Start => vec!["unresponsive"],
            },
            public_value_added: value_added(case),
        }
    }
}

/// `precedence` while not public; `ampliative` if public, or with a fix, and not deployed; `limited` if
/// public with a fix.
fn value_added(case: CaseState) -> Values {
    let mut values = Vec::new();
    let is_public = case.pxa.public;
    if !is_public {
        values.push("precedence");
    }
    let has_fix = case.vfd >= Vfd::Ready;
    let is_deployed = case.vfd == Vfd::Deployed;
    if !is_deployed && (is_public || has_fix) {
        values.push("ampliative");
    }
    if is_public && has_fix {
        values.push("limited");
    }
    values
}

/// A coordinator's questions at triage, in the order of the table.
pub type TriageAnswers<'a> = [&'a str; 7];
/// A coordinator's questions at publication, in the order of the table.
pub type PublishAnswers<'a> = [&'a str; 3];

/// Returns `decline`, `track` or `coordinate`; `None` for answers that the table does not know.
///
/// Report public, supplier contacted, report credibility, supplier cardinality, supplier engagement,
/// utility, public safety impact.
#[must_use]
pub fn triage(answers: &TriageAnswers<'_>) -> Option<&'static str> {
    look_up(TRIAGE, answers)
}

/// Returns `publish` or `do not publish`; `None` for answers that the table does not know.
///
/// Supplier involvement, exploitation, public value added.
#[must_use]
pub fn publish(answers: &PublishAnswers<'_>) -> Option<&'static str> {
    look_up(PUBLISH, answers)
}

/// Returns the utility of a flaw to attackers; `None` for answers that the table does not know.
#[must_use]
pub fn utility(automatable: &str, value_density: &str) -> Option<&'static str> {
    match (automatable, value_density) {
        ("no", "diffuse") => Some("laborious"),
        ("no", "concentrated") | ("yes", "diffuse") => Some("efficient"),
        ("yes", "concentrated") => Some("super effective"),
        _ => None,
    }
}

/// Returns the public safety impact; `None` for an answer that the table does not know.
#[must_use]
pub fn public_safety_impact(safety_impact: &str) -> Option<&'static str> {
    match safety_impact {
        "negligible" => Some("minimal"),
        "marginal" | "critical" | "catastrophic" => Some("significant"),
        _ => None,
    }
}

fn look_up(table: &'static str, answers: &[&str]) -> Option<&'static str> {
    table.lines().skip(1).find_map(|row| {
        let (questions, decision) = row.rsplit_once(';')?;
        questions.split(';').eq(answers.iter().copied()).then_some(decision)
    })
}
