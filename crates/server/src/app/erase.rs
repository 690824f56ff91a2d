//! Erasing: keys and ciphertexts go, signed entries stay, so that chains and receipts verify afterwards.
//!
//! The entry names what was erased and nothing of it (verification.md, SE-03). Not here: retention clocks.

use comity_core::report::Compartment;
use comity_store::Write;
use serde::Deserialize;
use serde_json::json;

use super::{Answered, AppError, Hub, Once};

/// The state of a report of which nothing can be opened any more.
pub const ERASED: &str = "erased";

/// How much of a report is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erasing {
    /// Who the finder is.
    Identity,
    /// Everything: words, files, assessments, reasons.
    Report,
}

/// Who wants it gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The finder, with the receipt code.
    Finder,
    /// A coordinator.
    Staff,
}

impl Hub {
    /// Erases what a person named twice; nothing brings it back.
    pub(super) async fn erase(
        &self,
        mut row: comity_store::Report,
        what: Erasing,
        by: By,
        confirm: &str,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        if confirm != row.report_id {
            return Err(AppError::refused_at("confirmation-wrong", "/confirm"));
        }
        let identity = Compartment::Identity.key();
        let (compartment, word) = match what {
            Erasing::Identity => (Some(identity.to_owned()), identity),
            Erasing::Report => (None, "report"),
        };
        if what == Erasing::Report {
            ERASED.clone_into(&mut row.state);
            row.due_at = comity_store::NEVER;
        }
        let mut body = json!({ "report": row.report_id, "erased": word });
        if let (By::Finder, Some(members)) = (by, body.as_object_mut()) {
            members.insert("by".to_owned(), "finder".into());
        }
        let shred = Write::Shred { owner: row.report_id.clone(), compartment, at: self.now_ms() };
        self.say(row, "report.erased", body, vec![shred], once).await
    }
}
