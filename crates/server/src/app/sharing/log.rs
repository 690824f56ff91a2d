//! The steps of sharing in a case's coordination room: writing several as one unit, and reading them again.

use comity_ledger::entry::Entry;
use comity_store::{Head, Needs, Rows, View, Write};
use serde_json::{Map, Value};

use crate::app::cases::{CaseFile, item_owner};
use crate::app::room::SealedItem;
use crate::app::{Answered, AppError, Hub, Once, Said};

/// One step, as an entry of the coordination room says it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) kind: String,
    pub(super) at: i64,
    pub(super) body: Map<String, Value>,
}

impl Step {
    pub(super) fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A step to be written.
#[derive(Clone, Debug)]
pub(super) struct Say {
    pub(super) kind: &'static str,
    pub(super) area: &'static str,
    pub(super) body: Value,
}

impl Hub {
    /// Seals a document of a case under its coordination room.
    pub(super) async fn seal_case_item(
        &self,
        file: &CaseFile,
        compartment: &str,
        plain: &[u8],
    ) -> Result<SealedItem, AppError> {
        let room = self.load_room(&file.coordination).await?;
        let mut item = self.seal_item(&room, "", compartment, plain, self.now_ms()).await?;
        item.item.owner = item_owner(file.case.id().as_str(), &item.commitment);
        Ok(item)
    }

    /// Writes steps into the coordination room as one unit with other rows.
    pub(super) async fn say_steps(
        &self,
        file: &CaseFile,
        steps: Vec<Say>,
        rows: Rows,
        (answer, status): (Value, u16),
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let needs = self.step_needs(file, &rows);
        let hub = self.clone();
        let file = file.clone();
        self.write(once, status, needs, move |view| {
            let mut all = rows.clone();
            hub.put_steps(view, &file, &steps, &mut all)?;
            Ok((all, answer.clone()))
        })
        .await
    }

    pub(super) fn step_needs(&self, file: &CaseFile, rows: &Rows) -> Needs {
        rows.needs().chain(&file.coordination, &self.config().hub)
    }

    /// Signs steps one after the other at the end of the room's chain.
    pub(super) fn put_steps(
        &self,
        view: &View,
        file: &CaseFile,
        steps: &[Say],
        rows: &mut Rows,
    ) -> Result<(), AppError> {
        let hub = &self.config().hub;
        let mut head: Option<Head> = view.head(&file.coordination, hub).cloned();
        for step in steps {
            let said = Said {
                case: file.case.id().as_str(),
                kind: step.kind,
                area: step.area,
                party: hub,
                body: crate::app::object(step.body.clone()),
                at: self.now_ms(),
            };
            let append = self.sign_next(Some(&file.coordination), head.as_ref(), &said)?;
            head = Some(Head { seq: append.seq, id: append.id.clone(), at: append.at });
            rows.put(Write::Append(append));
        }
        Ok(())
    }

    /// Reads every step of a case that has one of these kinds, in order.
    pub(super) async fn steps_of(
        &self,
        file: &CaseFile,
        kinds: &[&str],
    ) -> Result<Vec<Step>, AppError> {
        let mut steps = Vec::new();
        let mut position = 0;
        loop {
            let rows = self.store().entries(&file.coordination, position, super::PAGE_ROWS).await?;
            let Some(last) = rows.last() else { return Ok(steps) };
            position = last.position;
            for row in rows.iter().filter(|row| kinds.contains(&row.kind.as_str())) {
                let (_, payload) = self.opened(&row.envelope)?;
                let entry = Entry::parse(&payload).map_err(AppError::fault)?;
                let at = i64::try_from(entry.at).map_err(AppError::fault)?;
                steps.push(Step { kind: entry.kind.as_str().to_owned(), at, body: entry.body });
            }
        }
    }
}
