//! How far an import is, on stderr (portal.md, PO-89): nothing for the first half second, then a
//! bar on a terminal, else a line every ten seconds.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const SILENT: Duration = Duration::from_millis(500);
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Records between two looks at the clock.
const STEP: u64 = 64;

/// Counts bytes read of bytes in all.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    drawn: bool,
    terminal: bool,
    next_line: Duration,
    /// Bytes of the files already read to their end.
    finished: u64,
    within: u64,
}

impl Progress {
    /// Starts counting.
    pub(super) fn new(bytes: u64, quiet: bool) -> Self {
        Self {
            bar: ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden()),
            quiet,
            drawn: false,
            terminal: std::io::stderr().is_terminal(),
            next_line: LINE_EVERY,
            finished: 0,
            within: 0,
        }
    }

    /// Counts bytes of the file being read.
    pub(super) fn step(&mut self, bytes: usize, records: u64) {
        self.within = self.within.saturating_add(u64::try_from(bytes).unwrap_or(0) + 1);
        if records.is_multiple_of(STEP) {
            self.show(records);
        }
    }

    /// Counts a file as read.
    pub(super) fn reach(&mut self, bytes: u64, records: u64) {
        self.finished = self.finished.saturating_add(bytes);
        self.within = 0;
        self.show(records);
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&mut self, records: u64) {
        let elapsed = self.bar.elapsed();
        if self.quiet || elapsed < SILENT {
            return;
        }
        let done = self.finished.saturating_add(self.within);
        if !self.terminal {
            if elapsed >= self.next_line {
                self.next_line = elapsed + LINE_EVERY;
                let total = self.bar.length().unwrap_or(done);
                let _unheard =
                    writeln!(std::io::stderr(), "{records} records, {done} of {total} bytes");
            }
            return;
        }
        if !self.drawn {
            self.drawn = true;
            let template = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }
}
