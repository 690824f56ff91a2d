//! Questions about a case's law: its duties, what an invitation would change, which packs there are.
//!
//! Not here: stating facts (`facts`). Nothing here writes, save the record of a look.

use std::collections::BTreeSet;

use comity_core::access::{Action, Authorised};
use comity_core::case::body::Body;
use comity_core::case::entry::Content;
use comity_core::case::word::Word as _;
use comity_core::law::docket::party_name;
use comity_core::law::facts::{parse_case, read_case_value, read_party_value};
use comity_core::law::output::{DutiesAnswer, duties_of_case, evaluate};
use comity_core::law::pack::{Pack, Verification};
use comity_core::law::preview::{PreviewAnswer, preview};
use comity_core::law::refused::{Code, Refused};
use comity_core::law::signature::Signature;
use comity_core::law::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{COMPARTMENT, Editions, Pinned, instant_of};
use crate::app::cases::CaseFile;
use crate::app::reports::{expect, instant};
use crate::app::{AppError, Hub};

/// What is due in a case.
#[derive(Debug, Serialize)]
pub struct CaseDuties {
    /// `comity.case-duties/1`.
    pub schema: &'static str,
    /// The case.
    pub case: String,
    /// The sentence that stands on every page and print.
    pub notice: String,
    /// The editions it was answered under.
    pub pinned: Option<Pinned>,
    /// Whether this hub has other editions now.
    pub packs_changed: bool,
    /// Whether the pinned editions are gone, so that the current ones answered.
    pub pin_lost: bool,
    /// What parties said in the case of their duties, in order.
    pub recorded: Vec<DutySaid>,
    /// `comity.duties/1`; for others than hub staff what concerns their own parties.
    pub law: DutiesAnswer,
}

/// What a party said of a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutySaid {
    /// The entry.
    pub entry: String,
    /// When.
    pub at: jiff::Timestamp,
    /// The party.
    pub party: String,
    /// The duty as it names it.
    pub duty: String,
    /// `declared`, `met` or `not_applicable`.
    pub status: &'static str,
    /// When it is due by its own reading.
    pub due_at: Option<jiff::Timestamp>,
    /// Commitments to what proves it.
    pub proofs: Vec<String>,
}

/// A party that might be invited.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InviteForm {
    /// One party object of `comity.facts/1`.
    pub invite: Value,
}

/// One pack that this hub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackRow {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its legal order.
    pub order: String,
    /// The digest of its bytes.
    pub sha256: String,
    /// How many rules it holds, versions counted apart.
    pub rules: usize,
    /// The lowest verification of its rules.
    pub verification: &'static str,
    /// When somebody must read it again.
    pub review_by: String,
    /// Whether that day is past.
    pub review_overdue: bool,
    /// The first day on which it produces nothing.
    pub sunset: Option<String>,
    /// Whether it came with the program or from a folder of this hub.
    pub origin: &'static str,
    /// Whether two organisations signed it.
    pub signed: bool,
    /// Who signed it, with keys that are trusted here.
    pub signatures: Vec<Signature>,
}

/// Every pack that this hub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PacksRead {
    /// `comity.packs/1`.
    pub schema: &'static str,
    /// What a reader must know of them.
    pub notice: String,
    /// The digest of the set.
    pub set: String,
    /// The packs by id.
    pub packs: Vec<PackRow>,
}

impl Hub {
    /// Returns what is due in a case at `at`, else now, under the editions it is pinned to.
    pub async fn case_duties(
        &self,
        by: Authorised<'_>,
        id: &str,
        at: Option<&str>,
    ) -> Result<CaseDuties, AppError> {
        expect(by, Action::ReadDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let law = self.duties_at(by, &file, self.asked_at(at)?)?;
        self.look(by, id, COMPARTMENT).await?;
        let own: Option<BTreeSet<String>> = (!by.actor().is_staff())
            .then(|| self.own_parties(by.actor(), &file).iter().map(party_name).collect());
        self.duties_read(&file, law, own.as_ref())
    }

    fn duties_read(
        &self,
        file: &CaseFile,
        law: DutiesAnswer,
        own: Option<&BTreeSet<String>>,
    ) -> Result<CaseDuties, AppError> {
        let pinned = file.law.pinned.clone();
        let current = self.editions()?;
        Ok(CaseDuties {
            schema: "comity.case-duties/1",
            case: file.case.id().as_str().to_owned(),
            notice: law.notice().to_owned(),
            packs_changed: pinned.as_ref().is_none_or(|pinned| pinned.set != current.digest()),
            pin_lost: file.law.is_pin_lost,
            recorded: recorded(file, own),
            pinned,
            law,
        })
    }

    /// Computes the duties of a case that the actor may see: all for hub staff, else its own.
    pub(crate) fn duties_at(
        &self,
        by: Authorised<'_>,
        file: &CaseFile,
        at: Instant,
    ) -> Result<DutiesAnswer, AppError> {
        let facts = self.case_facts(file)?;
        let evaluation = evaluate(file.law.packs.set(), &facts, at)?;
        if by.actor().is_staff() {
            return Ok(evaluation.answer()?);
        }
        let own: BTreeSet<String> =
            self.own_parties(by.actor(), file).iter().map(party_name).collect();
        Ok(evaluation.answer_for(&own)?)
    }

    /// Reads an instant of a question; now unless it is given.
    pub(crate) fn asked_at(&self, at: Option<&str>) -> Result<Instant, AppError> {
        let Some(text) = at else { return Ok(instant_of(self.now_ms())) };
        let message = "an instant needs a date, a time and Z or an offset";
        Ok(Instant::parse(text).ok_or_else(|| Refused::new(Code::Instant, "/at", message))?)
    }

    /// Returns what inviting a party would change in law; writes nothing.
    pub async fn preview_invite(
        &self,
        by: Authorised<'_>,
        id: &str,
        form: InviteForm,
        at: Option<&str>,
    ) -> Result<PreviewAnswer, AppError> {
        expect(by, Action::ReadDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        // The answer shows what the law asks of every party.
        if !by.actor().is_staff() {
            return Err(AppError::NotFound);
        }
        let packs = file.law.packs.set();
        let invitee = read_party_value(&form.invite, packs).map_err(|refused| {
            let place = format!("/invite{}", refused.place);
            Refused { place, ..refused }
        })?;
        let facts = self.case_facts(&file)?;
        let answer = preview(packs, &facts, invitee, self.asked_at(at)?)?;
        self.look(by, id, COMPARTMENT).await?;
        Ok(answer)
    }

    /// Answers `comity.duties/1` for a document of facts under the current packs; stores nothing.
    pub fn compute_duties(
        &self,
        by: Authorised<'_>,
        facts: &[u8],
        at: Option<&str>,
    ) -> Result<DutiesAnswer, AppError> {
        expect(by, Action::ReadDuty)?;
        let editions = self.editions()?;
        let case = parse_case(facts, editions.set())?;
        Ok(duties_of_case(editions.set(), &case, self.asked_at(at)?)?)
    }

    /// Answers `comity.preview/1` for a document of facts and a party under the current packs.
    pub fn compute_preview(
        &self,
        by: Authorised<'_>,
        facts: &Value,
        invite: &Value,
        at: Option<&str>,
    ) -> Result<PreviewAnswer, AppError> {
        expect(by, Action::ReadDuty)?;
        let editions = self.editions()?;
        let under = |member: &str, refused: Refused| {
            let place = format!("/{member}{}", refused.place);
            Refused { place, ..refused }
        };
        let case = read_case_value(facts, editions.set()).map_err(|r| under("facts", r))?;
        let party = read_party_value(invite, editions.set()).map_err(|r| under("invite", r))?;
        Ok(preview(editions.set(), &case, party, self.asked_at(at)?)?)
    }

    /// Returns what law asks next in a case, for its clocks; null if the facts do not hold.
    pub(crate) fn law_clocks(&self, by: Authorised<'_>, file: &CaseFile) -> Value {
        let Ok(law) = self.duties_at(by, file, instant_of(self.now_ms())) else {
            return Value::Null;
        };
        json!({ "notice": law.notice(), "duties": law.next_dates(), "tasks": law.tasks() })
    }

    /// Lists the packs of this hub with what a reader must know to trust them or not.
    pub fn packs(&self) -> Result<PacksRead, AppError> {
        let editions = self.editions()?;
        let now = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let packs: Vec<PackRow> =
            editions.set().packs().iter().map(|pack| pack_row(pack, &editions, now)).collect();
        let unsigned = packs.iter().filter(|pack| !pack.signed).count();
        let unread = packs.iter().filter(|pack| is_unread(pack.verification)).count();
        Ok(PacksRead {
            schema: "comity.packs/1",
            notice: format!(
                "Decision support, not legal advice. Of {} packs {unsigned} are signed by nobody and \
                 {unread} rest on texts that were not read in the original. A person decides.",
                packs.len()
            ),
            set: editions.digest().to_owned(),
            packs,
        })
    }
}

fn pack_row(pack: &Pack, editions: &Editions, today: jiff::civil::Date) -> PackRow {
    PackRow {
        id: pack.id.clone(),
        version: pack.version.clone(),
        order: pack.order.clone(),
        sha256: pack.sha256.clone(),
        rules: pack.rules.len(),
        verification: lowest(pack).as_str(),
        review_by: pack.review_by.to_string(),
        review_overdue: today > pack.review_by,
        sunset: pack.sunset.map(|sunset| sunset.to_string()),
        origin: if editions.is_own(&pack.id) { "folder" } else { "shipped" },
        signed: pack.signed,
        signatures: editions.signatures(&pack.id).to_vec(),
    }
}

/// Returns what parties said of their duties, in the entries that stand.
fn recorded(file: &CaseFile, own: Option<&BTreeSet<String>>) -> Vec<DutySaid> {
    let standing = file.case.entries().filter(|entry| file.case.void_code(&entry.id).is_none());
    let shown = standing.filter(|e| own.is_none_or(|own| own.contains(&party_name(&e.party))));
    let said = shown.filter_map(|entry| {
        let Content::Known(_, Body::DutyRecord { duty, status, due_at, evidence }) =
            entry.content()
        else {
            return None;
        };
        let proofs = evidence.iter().flatten().filter_map(|proof| proof.hash.as_ref());
        Some(DutySaid {
            entry: entry.id.as_str().to_owned(),
            at: instant(entry.at),
            party: party_name(&entry.party),
            duty: duty.clone(),
            status: status.as_str(),
            due_at: due_at.map(instant),
            proofs: proofs.map(|hash| hash.as_str().to_owned()).collect(),
        })
    });
    said.collect()
}

fn lowest(pack: &Pack) -> Verification {
    let all = pack.rules.iter().map(|rule| rule.verification);
    all.min().unwrap_or(Verification::Recalled)
}

fn is_unread(verification: &str) -> bool {
    Verification::parse(verification).is_none_or(|found| found < Verification::Primary)
}
