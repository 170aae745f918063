//! The number of files that the current stage of a command has finished, for the progress on a terminal. There is one
//! counter for each process, because a process runs one command; no result depends on it.

use std::sync::atomic::{AtomicUsize, Ordering};

static FINISHED: AtomicUsize = AtomicUsize::new(0);

/// Counts one finished file.
pub(crate) fn count() {
    FINISHED.fetch_add(1, Ordering::Relaxed);
}

/// The number of finished files of the current stage.
pub(crate) fn finished() -> usize {
    FINISHED.load(Ordering::Relaxed)
}

/// Starts a new stage.
pub(crate) fn restart() {
    FINISHED.store(0, Ordering::Relaxed);
}
