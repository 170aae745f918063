//! The progress of a command on a terminal: the stage, and how many files it has finished. Written to standard error, and
//! only if that is a terminal.

use super::Global;
use crate::check::report::thousands;
use crate::system::progress;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::Duration;

/// The time between two drawings.
const INTERVAL: Duration = Duration::from_millis(100);

/// The line of progress. Dropping the value removes it.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts with the first stage. Nothing is shown with `--quiet` and if standard error is not a terminal.
    pub(super) fn start(stage: &'static str, global: &Global) -> Progress {
        let bar = if is_shown(global) { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let progress = Progress { bar };
        progress.stage(stage, 0);
        progress.bar.enable_steady_tick(INTERVAL);
        progress
    }

    /// Goes on to a stage with a number of files; 0 if the number is unknown.
    pub(super) fn stage(&self, stage: &'static str, file_count: usize) {
        progress::restart();
        let count = move |_: &ProgressState, out: &mut dyn Write| {
            let finished = progress::finished();
            let _ = match (finished, file_count) {
                (0, 0) => Ok(()),
                (_, 0) => write!(out, " {} files", thousands(finished)),
                _ => write!(out, " {} of {} files", thousands(finished.min(file_count)), thousands(file_count)),
            };
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}{count}") {
            self.bar.set_style(style.with_key("count", count));
        }
        self.bar.set_message(stage);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar for a known number of files; hidden with `--quiet` and if standard error is not a terminal.
pub(super) fn bar(file_count: u64, global: &Global) -> ProgressBar {
    if !is_shown(global) {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("writing {wide_bar} {pos}/{len} files");
    ProgressBar::new(file_count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn is_shown(global: &Global) -> bool {
    !global.quiet && std::io::stderr().is_terminal()
}
