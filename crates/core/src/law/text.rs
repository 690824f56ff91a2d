//! Answers as lines for a terminal: one fact a line, members apart by tabs, dates whole.
//!
//! Not here: colour and widths, and words in other languages (the locales).

use super::output::{ConflictAnswer, DutiesAnswer, DutyAnswer, HorizonAnswer};
use super::preview::PreviewAnswer;
use super::time::Instant;

fn date(at: Option<Instant>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

fn duty(duty: &DutyAnswer) -> String {
    let (target, outer) = (date(duty.target), date(duty.outer));
    format!("duty\t{}\t{}\ttarget {target}\t(outer {outer})", duty.id, duty.status())
}

fn conflict(conflict: &ConflictAnswer) -> String {
    conflict.line()
}

fn horizon(name: &str, horizon: &HorizonAnswer) -> String {
    let (public, outside) = (date(horizon.public_l1), date(horizon.outside_l3));
    format!("{name}\tpublic at L1 {public}\toutside at L3 {outside}")
}

impl DutiesAnswer {
    /// Returns the answer as lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let notice = std::iter::once(self.notice().to_owned());
        let duties = self.duties.iter().map(duty);
        let conflicts = self.conflicts.iter().map(conflict);
        let end = std::iter::once(horizon("horizon", self.horizon()));
        notice.chain(duties).chain(conflicts).chain(end).collect()
    }
}

impl PreviewAnswer {
    /// Returns the answer as lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            self.notice().to_owned(),
            horizon("before", self.before()),
            horizon("after", self.after()),
        ];
        lines.extend(self.new_duties().iter().map(duty));
        lines.extend(self.new_conflicts().iter().map(|c| format!("new {}", conflict(c))));
        lines.extend(self.gone_conflicts().iter().map(|c| format!("gone {}", conflict(c))));
        lines.extend(self.lane_lines());
        lines
    }
}
