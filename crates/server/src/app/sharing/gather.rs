//! Gathering what the screen asks for: from the case, the report, the log of shares, peers and agreements.

use std::collections::BTreeMap;

use comity_core::access::Authorised;
use comity_core::case::em::Em;
use comity_core::case::name::PartyId;
use comity_core::case::pec::Pec;
use comity_core::case::state::{Party, State};
use comity_core::case::vfd::Vfd;
use comity_core::case::word::{Letter, Role, VendorStatus};
use comity_core::law::docket::party_name;
use comity_core::law::gate::share_gates;
use comity_core::law::output::{Evaluation, evaluate};
use comity_core::lexicon::terms::{Pap, Tlp};
use comity_core::report::Compartment;
use comity_core::sharing::{
    CaseSide, Consent, EmbargoState, Fixer, Instant, Known, Label, MachineFacts, OnwardDuty,
    Purpose, RecipientSide, Remedied, ReportTraits, project_agreement, purpose_in_law,
    settled_by_law,
};
use comity_ledger::envelope::Envelope;
use serde_json::Value;

use super::millis;
use crate::app::cases::CaseFile;
use crate::app::files::FILE;
use crate::app::reports::{ITEMS_MAX, summary};
use crate::app::{AppError, Hub};

/// How far back shares count, in milliseconds: longer than any rule looks.
const LOOK_BACK_MS: i64 = 730 * 24 * 3600 * 1000;
/// Shares with one hub that are looked at.
const SHARES_MAX: u32 = 1_000;
/// What a file without a stated type is taken for.
const UNKNOWN_MEDIA: &str = "application/octet-stream";

/// What a case says, the same for every recipient.
pub(super) struct Gathered {
    pub(super) side: CaseSide,
    pub(super) traits: ReportTraits,
    pub(super) remedied: Remedied,
    /// The report as it is.
    pub(super) report: Value,
    /// Its id.
    pub(super) report_id: String,
    /// The duties of the case's parties, as the packs answer.
    duties: Vec<DutyOf>,
    /// What law settles about a share with each party at another hub.
    gates: BTreeMap<String, BTreeMap<&'static str, Value>>,
}

/// One duty, as far as it says whether its bearer must pass something on.
struct DutyOf {
    party: String,
    status: String,
    min_level: String,
}

impl Hub {
    /// Opens a case's report for sharing; the look is durable before anything is handed out.
    pub(super) async fn gather(
        &self,
        by: Option<Authorised<'_>>,
        file: &CaseFile,
        report: Option<&str>,
        (purpose, at): (&str, Instant),
    ) -> Result<Gathered, AppError> {
        let id = match report {
            Some(id) if file.reports.iter().any(|known| known == id) => id.to_owned(),
            Some(_) => return Err(AppError::refused_at("report-unknown", "/report")),
            None => file
                .reports
                .first()
                .cloned()
                .ok_or_else(|| AppError::refused_at("report-unknown", "/report"))?,
        };
        let row = self.report_row(&id).await?;
        if let Some(by) = by {
            self.look(by, &id, "share").await?;
        }
        let (opened, _) = self.open_report(&id).await?;
        let opened = opened.ok_or_else(|| AppError::refused(crate::app::erase::ERASED))?;
        let files = self.attached(&id).await?;
        let classes = opened
            .compartments()
            .into_iter()
            .filter(|(compartment, part)| {
                part.is_some()
                    && !matches!(compartment, Compartment::Identity | Compartment::Deliberation)
            })
            .map(|(compartment, _)| compartment.key())
            .collect();
        let report = opened.to_value();
        let state = file.case.state();
        let now = millis(at);
        let (remedied, patch_at) = remedied(state);
        let side = CaseSide {
            case: file.case.id().as_str().to_owned(),
            object: commitment(&summary(&row)?.receipt)?,
            sender: self.config().hub.clone(),
            originator: originator(file).unwrap_or(&self.config().hub).to_owned(),
            embargo: embargo(state, now)?,
            patch_at: patch_at.map(seconds).transpose()?,
            orgs: state
                .parties
                .values()
                .filter(|party| !party.is_removed)
                .map(|party| party.org.clone())
                .collect(),
            label: label(&report),
            classes,
        };
        let traits = ReportTraits::of(&report, &files);
        let facts = self.case_facts(file)?;
        let law = evaluate(file.law.packs.set(), &facts, crate::app::law::instant_of(now))?;
        let duties = duties_of_parties(&law)?;
        let gates = self.gates_of_parties(file, &law, purpose)?;
        Ok(Gathered { side, traits, remedied, report, report_id: id, duties, gates })
    }

    /// Asks the packs about a share with each party at another hub.
    fn gates_of_parties(
        &self,
        file: &CaseFile,
        law: &Evaluation<'_>,
        purpose: &str,
    ) -> Result<BTreeMap<String, BTreeMap<&'static str, Value>>, AppError> {
        let own = self.config().hub.as_str();
        let parties = &file.case.state().parties;
        let mut here = parties.iter().filter(|(_, p)| p.org == own && p.hub.as_str() == own);
        let (Some((sender, _)), Some(purpose)) = (here.next(), Purpose::parse(purpose)) else {
            // A purpose that does not exist is refused where the exchange is put together.
            return Ok(BTreeMap::new());
        };
        let (sender, purpose) = (party_name(sender), purpose_in_law(purpose));
        let mut gates = BTreeMap::new();
        for (id, _) in parties.iter().filter(|(_, p)| !p.is_removed && p.hub.as_str() != own) {
            let name = party_name(id);
            let settled = settled_by_law(&share_gates(law, (&sender, &name), purpose)?);
            gates.insert(name, settled);
        }
        Ok(gates)
    }

    async fn attached(&self, report: &str) -> Result<Vec<String>, AppError> {
        let items = self.store().items(report, ITEMS_MAX).await?;
        let files = items.iter().filter(|(item, key)| item.compartment == FILE && key.is_some());
        Ok(files.map(|_| UNKNOWN_MEDIA.to_owned()).collect())
    }

    /// Returns what is known of a party at another hub.
    pub(super) async fn recipient(
        &self,
        file: &CaseFile,
        gathered: &Gathered,
        party: &str,
        at: Instant,
    ) -> Result<RecipientSide, AppError> {
        self.recipient_beside(file, gathered, (party, None), at).await
    }

    /// Returns the same for a share whose pass exists already: what it sends itself counts for nothing.
    pub(super) async fn recipient_beside(
        &self,
        file: &CaseFile,
        gathered: &Gathered,
        (party, pass): (&str, Option<&str>),
        at: Instant,
    ) -> Result<RecipientSide, AppError> {
        let no = |code| AppError::refused_at(code, "/party");
        let id: PartyId = party.parse().map_err(|_| no("unknown-party"))?;
        let state = file.case.state();
        let known = state.parties.get(&id).ok_or_else(|| no("unknown-party"))?;
        if known.is_removed {
            return Err(no("party-removed"));
        }
        let hub = known.hub.as_str();
        if hub == self.config().hub {
            // Who is hosted here reads here: nothing crosses.
            return Err(no("share-at-home"));
        }
        let role = role(known).ok_or_else(|| no("exchange-natural-person"))?;
        let (_, profile) = self.peer(hub).await?.ok_or_else(|| no("peer-unknown"))?;
        let case = file.case.id().as_str();
        let since = millis(at).saturating_sub(LOOK_BACK_MS);
        let passes = self.store().passes_to_hub(hub, since, SHARES_MAX).await?;
        let standing = || {
            passes
                .iter()
                .filter(|one| one.revoked_at.is_none() && Some(one.pass_id.as_str()) != pass)
        };
        let here = standing().filter(|pass| pass.case_id == case).count();
        let machine = MachineFacts {
            clean_shares: standing()
                .filter(|pass| pass.expires_at <= millis(at))
                .map(|pass| seconds(pass.made_at))
                .collect::<Result<_, _>>()?,
            breach: profile.breach,
            onward: onward(gathered, &party_name(&id)),
            third_party: gathered.traits.third_party(),
            reader: gathered.traits.reader_risk(),
            has_access: false,
        };
        let facts = Known {
            traits: &gathered.traits,
            remedied: gathered.remedied,
            fixer: fixer(state, known),
            machine,
            sent: (here, standing().count() - here),
        };
        Ok(RecipientSide {
            org: known.org.clone(),
            hub: hub.to_owned(),
            role,
            jurisdiction: profile.jurisdiction,
            relationship: profile.relationship,
            consent: consent(state.consent(known, millis(at)).pec),
            agreements: self.agreements_with(hub, &gathered.side.classes, at).await?,
            findings: facts.findings(at),
            gates: gathered.gates.get(&party_name(&id)).cloned().unwrap_or_default(),
        })
    }

    /// Returns the agreements with a peer's hub, projected at an instant.
    async fn agreements_with(
        &self,
        hub: &str,
        classes: &[&str],
        at: Instant,
    ) -> Result<Vec<Value>, AppError> {
        let registers = self.registers().await?;
        let own = &self.config().hub;
        Ok(registers
            .iter()
            .filter_map(|register| project_agreement(register, (own, hub), classes, at))
            .collect())
    }
}

/// Returns the duties that bind without anybody asking.
fn duties_of_parties(law: &Evaluation<'_>) -> Result<Vec<DutyOf>, AppError> {
    let answer = serde_json::to_value(law.duty_answers()).map_err(AppError::fault)?;
    let text = |duty: &Value, key: &str| {
        duty.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let duties = answer.as_array().into_iter().flatten();
    let binding = duties.filter(|duty| {
        text(duty, "kind") == "obligation" && duty.get("optional") != Some(&Value::Bool(true))
    });
    Ok(binding
        .map(|duty| DutyOf {
            party: text(duty, "party"),
            status: text(duty, "status"),
            min_level: text(duty, "min_level"),
        })
        .collect())
}

/// What the packs say of a party's duty to pass on what it learns (C2); none if they cannot say.
fn onward(gathered: &Gathered, party: &str) -> Option<OnwardDuty> {
    let reveals = |duty: &&DutyOf| duty.party == party && duty.min_level.as_str() >= "L1";
    let own: Vec<&DutyOf> = gathered.duties.iter().filter(reveals).collect();
    let has = |words: &[&str]| own.iter().any(|duty| words.contains(&duty.status.as_str()));
    if has(&["firm", "met", "missed", "provisional"]) {
        let is_ready = gathered.remedied.is_ready;
        return Some(if is_ready { OnwardDuty::AfterPatch } else { OnwardDuty::BeforePatch });
    }
    // Nobody stated where it is established: nothing is assumed.
    if own.is_empty() { Some(OnwardDuty::None) } else { None }
}

/// Returns the commitment that the report's receipt carries.
fn commitment(receipt: &Value) -> Result<String, AppError> {
    let envelope: Envelope = crate::app::peers::envelope_of(receipt).map_err(AppError::fault)?;
    let said: Value = serde_json::from_slice(envelope.payload()).map_err(AppError::fault)?;
    let found = said.get("commitment").and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| AppError::fault("a receipt without commitment"))
}

/// The organisation that opened the case.
fn originator(file: &CaseFile) -> Option<&str> {
    let first = file.case.entries().next()?;
    file.case.state().parties.get(&first.party).map(|party| party.org.as_str())
}

fn seconds(ms: i64) -> Result<Instant, AppError> {
    super::second(crate::app::reports::instant(ms))
}

fn embargo(state: &State, now: i64) -> Result<(EmbargoState, Option<Instant>), AppError> {
    let em = match state.em_at(now) {
        Em::None => EmbargoState::None,
        Em::Proposed => EmbargoState::Proposed,
        Em::Active => EmbargoState::Active,
        Em::Revise => EmbargoState::Revise,
        Em::Exited => EmbargoState::Exited,
    };
    let ends = state.in_force(now).map(|terms| seconds(terms.ends)).transpose()?;
    Ok((em, ends))
}

const fn consent(pec: Pec) -> Consent {
    match pec {
        Pec::Unbound => Consent::Unbound,
        Pec::Invited => Consent::Invited,
        Pec::Signatory => Consent::Signatory,
        Pec::Lapsed => Consent::Lapsed,
        Pec::Declined => Consent::Declined,
    }
}

/// The strictest role counts; people are not screened.
fn role(party: &Party) -> Option<&'static str> {
    let all = [
        (Role::Vendor, "vendor"),
        (Role::Deployer, "deployer"),
        (Role::Coordinator, "coordinator"),
        (Role::Authority, "authority"),
        (Role::Observer, "observer"),
    ];
    all.into_iter().find(|(role, _)| party.has(*role)).map(|(_, name)| name)
}

fn label(report: &Value) -> Label {
    let word = |pointer: &str| report.pointer(pointer).and_then(Value::as_str);
    Label {
        caveats: std::collections::BTreeSet::new(),
        orcon: false,
        // Without a label of its own a report stays with those it was given to.
        pap: word("/sharing/pap").and_then(Pap::parse).unwrap_or(Pap::Amber),
        tlp: word("/sharing/tlp").and_then(Tlp::parse).unwrap_or(Tlp::AmberStrict),
    }
}

/// Whether a party still has to fix it.
fn has_to_fix(party: &Party) -> bool {
    !party.is_removed
        && party.vendor().is_some_and(|vendor| {
            vendor.status != VendorStatus::NotAffected && vendor.vfd < Vfd::Ready
        })
}

fn remedied(state: &State) -> (Remedied, Option<i64>) {
    let vendors: Vec<_> = state
        .parties
        .values()
        .filter(|party| !party.is_removed)
        .filter_map(Party::vendor)
        .filter(|vendor| vendor.status != VendorStatus::NotAffected)
        .collect();
    let all = |least: Vfd| !vendors.is_empty() && vendors.iter().all(|vendor| vendor.vfd >= least);
    let is_ready = all(Vfd::Ready);
    let ready = vendors.iter().filter_map(|vendor| vendor.ready).map(|when| when.interval.to);
    let remedied = Remedied {
        is_deployed: all(Vfd::Deployed),
        is_ready,
        is_public: state.exposed.contains_key(&Letter::Public),
        is_exploited_publicly: state.exposed.contains_key(&Letter::Exploit),
    };
    (remedied, ready.max().filter(|_| is_ready))
}

fn fixer(state: &State, party: &Party) -> Fixer {
    if has_to_fix(party) {
        let left = state.parties.values().filter(|one| has_to_fix(one)).count();
        return if left == 1 { Fixer::Alone } else { Fixer::Among };
    }
    if party.has(Role::Deployer) {
        Fixer::Deployer
    } else if party.has(Role::Coordinator) {
        Fixer::Coordinator
    } else if party.has(Role::Authority) {
        Fixer::Authority
    } else {
        Fixer::None
    }
}
