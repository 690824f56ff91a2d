//! Packets for authorities and calendars, filled in from a case.
//!
//! What a packet may hold is opened no further than its stage needs: a compartment above the least level of
//! the stage stays sealed. Not here: which fields a form has (`core::law::packet`).

use comity_core::access::{Action, Authorised};
use comity_core::law::docket::party_name;
use comity_core::law::ics;
use comity_core::law::level::Level;
use comity_core::law::output::evaluate;
use comity_core::law::packet::{Known, Packet, packet};
use serde_json::Value;

use super::COMPARTMENT;
use crate::app::cases::CaseFile;
use crate::app::reports::expect;
use crate::app::{AppError, Hub};

impl Hub {
    /// Fills the form of a duty from a case. The look is recorded with what was opened for it.
    pub async fn case_packet(
        &self,
        by: Authorised<'_>,
        id: &str,
        duty: &str,
        at: Option<&str>,
    ) -> Result<Packet, AppError> {
        expect(by, Action::ReadDuty)?;
        let file = self.case_file(id).await?;
        self.visible(by, &file)?;
        let own = self.own_parties(by.actor(), &file);
        let party = duty.split('/').next().unwrap_or_default();
        let is_own = own.iter().any(|own| party_name(own) == party);
        if !by.actor().is_staff() && !is_own {
            return Err(AppError::NotFound);
        }
        let facts = self.case_facts(&file)?;
        let evaluation = evaluate(file.law.packs.set(), &facts, self.asked_at(at)?)?;
        let least = evaluation
            .duties
            .list
            .iter()
            .find(|found| found.id() == duty)
            .map_or(Level::L0, |found| found.stage.min_level.unwrap_or(Level::L1));
        let mut known = Known::new();
        let now = file.case.greatest_at().max(self.now_ms());
        let is_open = own.iter().any(|party| file.case.gate(party, now));
        if by.actor().is_staff() || is_open {
            self.fill_known(&file, least, &mut known).await?;
        }
        self.look(by, id, &format!("{COMPARTMENT}/packet/{}", least.as_str())).await?;
        Ok(packet(&evaluation, duty, &known)?)
    }

    /// Adds what the reports of a case and its named party say, up to a level.
    async fn fill_known(
        &self,
        file: &CaseFile,
        most: Level,
        known: &mut Known,
    ) -> Result<(), AppError> {
        let Some(first) = file.reports.first() else { return Ok(()) };
        let Some(report) = self.open_report(first).await?.0 else { return Ok(()) };
        let report = report.to_value();
        let mut put = |level: Level, name: &str, pointer: &str| {
            let found = report.pointer(pointer).and_then(Value::as_str);
            if let Some(text) = found.filter(|_| level <= most) {
                known.insert(name.to_owned(), text.to_owned());
            }
        };
        put(Level::L1, "product_name", "/affected/artefacts/0/name");
        put(Level::L1, "product_version", "/affected/artefacts/0/version");
        // The abstract says what kind of flaw it is: its title, too, is more than an early warning needs.
        put(Level::L2, "title", "/abstract/title");
        put(Level::L2, "abstract", "/abstract/summary");
        put(Level::L2, "mitigations", "/remedies/note");
        put(Level::L3, "technical", "/technical/description");
        Ok(())
    }

    /// Returns the dates one may see of a case as a calendar.
    pub async fn case_calendar(&self, by: Authorised<'_>, id: &str) -> Result<String, AppError> {
        let read = self.case_duties(by, id, None).await?;
        Ok(ics::calendar(&read.law, id, &self.config().hub))
    }
}
