//! Runs the rules on a background thread once edits settle (debounced). No page request waits for the findings.

use super::background::{BackgroundWorker, drop_in_background};
use super::snapshot::Snapshot;
use super::{Preview, enter, exchange, line_of, shared};
use crate::base::site::Site;
use crate::check::report::counted;
use crate::server::{Announce, Finding};
use crate::system::panics;
use crate::text::diagnostic::{Diagnostic, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// The shortest and the longest pause without edits before the rules run. The pause is half the time of the last run, so that
/// in a large base a series of edits does not start a run for each edit.
const DEBOUNCE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(3));
/// The most findings of changed notes that the terminal shows after a run.
const MAX_REPORTED: usize = 20;

/// Findings by source file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FindingsByFile {
    files: BTreeMap<String, Vec<Finding>>,
}

impl FindingsByFile {
    fn new(site: &Site, diagnostics: &[Diagnostic]) -> FindingsByFile {
        let mut files: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
        for own in diagnostics.chunk_by(|a, b| a.file == b.file) {
            let file = site.vault.file(own[0].file);
            let lines = file.lines();
            let finding = |d: &Diagnostic| Finding {
                severity: d.severity,
                file: file.path.to_string(),
                line: if d.span == crate::base::vault::WHOLE { 0 } else { lines.position(d.span.start).line as u32 },
                message: d.message.clone(),
                help: d.help.clone(),
                repair: d.fix.as_ref().map(|fix| fix.applicability.command()),
            };
            files.entry(file.path.to_string()).or_default().extend(own.iter().map(finding));
        }
        FindingsByFile { files }
    }

    /// The findings of a file; empty if there are none.
    pub(super) fn of(&self, file: &str) -> &[Finding] {
        self.files.get(file).map_or(&[], Vec::as_slice)
    }
}

/// The handle of the thread that runs the rules.
#[derive(Default)]
pub(super) struct FindingsWorker {
    waker: Mutex<Option<Sender<()>>>,
    /// Drops old snapshots on a background thread.
    drop_in_background: Mutex<Option<Sender<Arc<Snapshot>>>>,
    /// Files whose findings the terminal shows after the next run.
    changed: Mutex<BTreeSet<String>>,
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

    /// Requests a run after changes of these files. The old snapshot is dropped on a thread of its own: dropping takes time, and
    /// behind a run of the rules the snapshots of many edits would pile up.
    pub(super) fn changed(&self, files: &[String], before: Arc<Snapshot>) {
        enter(&self.changed).extend(files.iter().cloned());
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
    let changed = std::mem::take(&mut *enter(&preview.findings_worker.changed));
    let own: Vec<&Finding> = changed.iter().flat_map(|file| by_file.of(file)).collect();
    for finding in own.iter().take(MAX_REPORTED) {
        (preview.reporter)(finding.severity, &line_of(finding));
    }
    if own.len() > MAX_REPORTED {
        let severity = own.iter().skip(MAX_REPORTED).map(|finding| finding.severity).max().unwrap_or(Severity::Info);
        (preview.reporter)(
            severity,
            &format!("and {} in these files", counted(own.len() - MAX_REPORTED, "more finding")),
        );
    }
    let same = *shared(&preview.findings) == by_file;
    exchange(&preview.findings, Arc::new(by_file));
    // The first run also counts as a change: the health page could not be rendered before.
    let is_new = !same || !was_known;
    if is_new {
        preview.version.grow(|_| {});
    }
    is_new
}
