//! Runs the rules on a background thread once edits settle (debounced). No page request waits for the findings.

use super::background::{BackgroundWorker, drop_in_background};
use super::snapshot::Snapshot;
use super::{Preview, enter, exchange, shared};
use crate::server::Announce;
use crate::server::findings_by_file::FindingsByFile;
use crate::system::panics;
use crate::text::diagnostic::Severity;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// The shortest and the longest pause without edits before the rules run. The pause is half the time of the last run, so that
/// in a large base a series of edits does not start a run for each edit.
const DEBOUNCE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));

/// The handle of the thread that runs the rules.
#[derive(Default)]
pub(super) struct FindingsWorker {
    waker: Mutex<Option<Sender<()>>>,
    /// Drops old snapshots on a background thread.
    drop_in_background: Mutex<Option<Sender<Arc<Snapshot>>>>,
    /// Whether the rules have run once: later runs print only what changed.
    has_run: AtomicBool,
}

impl FindingsWorker {
    /// Starts the thread, which ends with the preview.
    pub(super) fn start(&self, preview: &Arc<Preview>, announce: Announce) {
        let (sender, receiver) = channel();
        let (weak, first) = (Arc::downgrade(preview), sender.send(()));
        debug_assert!(first.is_ok(), "the receiver is right here");
        *enter(&self.waker) = Some(sender);
        let work = move || run_until_closed(&receiver, &weak, &announce);
        if let Err(error) = std::thread::Builder::new().name("canon-judge".into()).spawn(work) {
            (preview.reporter)(
                Severity::Warning,
                &format!("warning: findings are not shown, because no thread can be created ({error})"),
            );
        }
        // Without this thread, snapshots are dropped where they are replaced.
        *enter(&self.drop_in_background) = drop_in_background();
    }

    /// Requests a run after a change. The old snapshot is dropped on a thread of its own: dropping takes time, and
    /// behind a run of the rules the snapshots of many edits would pile up.
    pub(super) fn changed(&self, before: Arc<Snapshot>) {
        if let Some(waker) = &*enter(&self.waker) {
            // The receiver is closed if the thread could not be started.
            let _ = waker.send(());
        }
        if let Some(drop_in_background) = &*enter(&self.drop_in_background) {
            let _ = drop_in_background.send(before);
        }
    }
}

fn run_until_closed(woken: &Receiver<()>, preview: &Weak<Preview>, announce: &Announce) {
    let (mut pause, worker) = (DEBOUNCE.0, BackgroundWorker::new());
    while woken.recv().is_ok() {
        loop {
            match woken.recv_timeout(pause) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        // Upgraded only for the run, so that this thread does not keep the preview alive.
        let Some(preview) = preview.upgrade() else { return };
        let began = Instant::now();
        let is_new = worker.work(|| panics::catch(|| run_rules(&preview))).unwrap_or_else(|panic| {
            let message = format!("error: canon failed while it ran the rules; please report it: {}", panic.message);
            (preview.reporter)(Severity::Error, &message);
            false
        });
        pause = (began.elapsed() / 2).clamp(DEBOUNCE.0, DEBOUNCE.1);
        if is_new {
            announce();
        }
    }
}

/// Runs the rules. Returns whether the findings changed.
fn run_rules(preview: &Preview) -> bool {
    let snapshot = preview.now();
    let was_known = snapshot.findings.if_known().is_some();
    let by_file = FindingsByFile::new(snapshot.site(), snapshot.findings.of(snapshot.site()));
    let lines = match preview.findings_worker.has_run.swap(true, Ordering::Relaxed) {
        true => by_file.changes_since(&shared::<Arc<FindingsByFile>>(&preview.findings), &preview.paths),
        false => vec![(Severity::Info, format!("{} (`canon check` lists them)", by_file.counts()))],
    };
    lines.iter().for_each(|(severity, line)| (preview.reporter)(*severity, line));
    let same = *shared(&preview.findings) == by_file;
    exchange(&preview.findings, Arc::new(by_file));
    // The first run also counts as a change: the health page could not be rendered before.
    let is_new = !same || !was_known;
    if is_new {
        preview.version.grow(|_| {});
    }
    is_new
}
