//! The note that a would-be recipient and the finder get, and their appeal (SH-30).
//!
//! Not here: sending the note; working days, which the caller's calendar counts.

use serde::Serialize;

use super::instant::Instant;
use super::screen::Screen;
use super::word::Verdict;

/// How long an appeal may be lodged.
const LODGE_DAYS: u32 = 30;
/// Working days to decide an appeal.
const DECIDE_WORKING_DAYS: u32 = 10;
/// Hours to decide an appeal while a warning is owed.
const DECIDE_WARN_HOURS: u32 = 24;

/// What the other side is told: that a screen took place, and how to appeal. No answers, no
/// relationship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Always `comity.screen-note/1`.
    pub schema: &'static str,
    /// The case.
    pub case: String,
    /// The verdict at the tier asked for.
    pub outcome: Verdict,
    /// When a result other than allow lapses.
    pub lapses: Option<Instant>,
    /// Until when to appeal.
    pub appeal_until: Instant,
}

/// An appeal that was lodged in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    lodged_at: Instant,
    involved: Vec<String>,
    is_warning: bool,
}

/// Why an appeal, or its decision, is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppealRefusal {
    /// Whoever decides asked or approved before.
    #[error("an appeal is decided by nobody who asked or approved")]
    Involved,
    /// The time to appeal is over.
    #[error("the time to appeal is over")]
    TooLate,
}

impl AppealRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Involved => "appeal-involved",
            Self::TooLate => "appeal-too-late",
        }
    }
}

impl Note {
    /// Returns the note about a screen that was decided at an instant.
    #[must_use]
    pub fn of(screen: &Screen, case: &str, decided_at: Instant) -> Self {
        Self {
            schema: "comity.screen-note/1",
            case: case.to_owned(),
            outcome: screen.outcome,
            lapses: screen.refusal_expires,
            appeal_until: decided_at.plus_days(LODGE_DAYS),
        }
    }
}

impl Appeal {
    /// Lodges an appeal against a screen; `involved` are the accounts that asked or approved.
    pub fn lodge(
        screen: &Screen,
        (decided_at, lodged_at): (Instant, Instant),
        involved: Vec<String>,
    ) -> Result<Self, AppealRefusal> {
        if lodged_at > decided_at.plus_days(LODGE_DAYS) {
            return Err(AppealRefusal::TooLate);
        }
        Ok(Self { lodged_at, involved, is_warning: screen.warn })
    }

    /// Returns until when to decide; `working_days` is the hub's calendar.
    pub fn deadline(&self, working_days: impl Fn(Instant, u32) -> Instant) -> Instant {
        if self.is_warning {
            self.lodged_at.plus_hours(DECIDE_WARN_HOURS)
        } else {
            working_days(self.lodged_at, DECIDE_WORKING_DAYS)
        }
    }

    /// Says whether an account may decide it.
    pub fn may_decide(&self, account: &str) -> Result<(), AppealRefusal> {
        if self.involved.iter().any(|one| one == account) {
            return Err(AppealRefusal::Involved);
        }
        Ok(())
    }
}
