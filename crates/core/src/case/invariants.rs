//! What holds of every state across its machines, whoever wrote the entries (CP-61, CP-62).
//!
//! [`super::Case::fold`] asserts it in debug builds; tests and the simulator call it. Not here: what
//! makes an entry void (`check`).

use super::em::{Em, Symbol};
use super::pec::Pec;
use super::rm::Rm;
use super::state::{Party, State, Vendor};
use super::vfd::Vfd;

/// Returns the first rule that `state` breaks, in words for a programmer; `None` if all hold.
#[must_use]
pub fn broken(state: &State) -> Option<&'static str> {
    let pxa = state.pxa();
    let is_public = pxa.public || pxa.exploit;
    let is_over = matches!(state.em, Em::None | Em::Exited);
    let has_open = state.open_terms().next().is_some();
    let rules = [
        (walked(&state.em_log) == Some(state.em), "the embargo is where its log leads"),
        (!is_public || is_over, "after P or X no embargo holds"),
        (!pxa.exploit || pxa.public, "an exploit tells the flaw"),
        (!pxa.attacks || state.em != Em::Proposed, "attacks leave no proposal on the table"),
        (!state.em.has_terms() || state.terms.is_some(), "what is in force has terms"),
        (
            has_open == matches!(state.em, Em::Proposed | Em::Revise),
            "something is on the table in P and R, and only there",
        ),
    ];
    let of_case = rules.iter().find(|(holds, _)| !holds).map(|(_, rule)| *rule);
    of_case.or_else(|| state.parties.values().find_map(|party| broken_by(state, party)))
}

fn walked(log: &str) -> Option<Em> {
    log.chars().try_fold(Em::None, |em, letter| {
        em.after(Symbol::ALL.into_iter().find(|symbol| symbol.letter() == letter)?)
    })
}

fn broken_by(state: &State, party: &Party) -> Option<&'static str> {
    let asks = matches!(party.pec, Pec::Invited | Pec::Signatory | Pec::Lapsed);
    if asks && !state.em.has_terms() {
        return Some("consent is asked and given only while terms hold");
    }
    if (party.pec == Pec::Invited) != party.rsvp_at.is_some() {
        return Some("who is invited, and nobody else, has a time to answer");
    }
    let vendor = party.vendor()?;
    let is_engaged = matches!(party.rm, Rm::Accepted | Rm::Deferred | Rm::Closed);
    if state.pxa().public && vendor.vfd == Vfd::Unaware {
        Some("every vendor knows what is public")
    } else if vendor.vfd >= Vfd::Ready && !is_engaged {
        Some("whoever has a fix took the report up")
    } else if !has_its_times(vendor) {
        Some("each event of a remedy that happened has its time")
    } else {
        None
    }
}

fn has_its_times(vendor: &Vendor) -> bool {
    let reached = |vfd| vendor.vfd >= vfd;
    reached(Vfd::Aware) == vendor.aware.is_some()
        && reached(Vfd::Ready) == vendor.ready.is_some()
        && reached(Vfd::Deployed) == vendor.deployed.is_some()
}
