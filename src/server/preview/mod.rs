//! The site in memory for `canon serve`: the last good snapshot, replaced as a whole after each change, and the problems of the
//! sources. Writes no file and knows no socket.

mod background;
mod history;
mod findings;
mod snapshot;
mod sources;

use crate::check::report::PathsFromHere;
use crate::server::findings_by_file::{self, FindingsByFile};
use crate::server::{Body, Change, Changes, Finding, Refresh, Reporter, Site, Summary};
use crate::text::diagnostic::Severity;
use crate::workspace::Lookup;
use findings::FindingsWorker;
use history::History;
use snapshot::Snapshot;
use sources::{RefreshOutcome, Sources};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// The most file names in a line on the terminal.
const NAMED: usize = 3;

/// A previewed site.
pub(crate) struct Preview {
    sources: Mutex<Sources>,
    snapshot: RwLock<Arc<Snapshot>>,
    history: Mutex<History>,
    findings: RwLock<Arc<FindingsByFile>>,
    /// Why the newest state of the sources is not shown.
    problems: RwLock<Arc<Vec<Finding>>>,
    version: Version,
    findings_worker: FindingsWorker,
    /// How the terminal shows the paths of notes.
    paths: PathsFromHere,
    reporter: Reporter,
}

/// The version of the site, which open pages compare with theirs. It grows only after the new state is visible, and no two
/// changes share a number: a page that knows the number of the first change would never ask for the second.
struct Version {
    now: AtomicU64,
    turn: Mutex<()>,
}

impl Version {
    fn first() -> Version {
        Version { now: AtomicU64::new(1), turn: Mutex::new(()) }
    }

    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    /// Calls `show` with the next number to make a new state visible, then sets the number. Calls are serialised.
    fn grow(&self, show: impl FnOnce(u64)) {
        let _turn = enter(&self.turn);
        let next = self.now() + 1;
        show(next);
        self.now.store(next, Ordering::SeqCst);
    }
}

/// Locks a mutex. A poisoned lock is ignored: the values are replaced as a whole, never edited in place.
fn enter<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shared<T: Clone>(lock: &RwLock<T>) -> T {
    lock.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn exchange<T>(lock: &RwLock<T>, new: T) {
    *lock.write().unwrap_or_else(PoisonError::into_inner) = new;
}

impl Preview {
    /// Reads a site. With `drafts`, drafts are treated as published notes.
    ///
    /// # Errors
    /// The configuration has a mistake or the content cannot be read. Templates that cannot be parsed are no error: the built-in
    /// templates replace them.
    pub(crate) fn new(lookup: Lookup, drafts: bool, reporter: Reporter) -> Result<Preview, String> {
        let (sources, snapshot, problems) = Sources::read(lookup, drafts)?;
        let paths = PathsFromHere::of(sources.content());
        for problem in &problems {
            reporter(problem.severity, &line_of(problem));
        }
        Ok(Preview {
            sources: Mutex::new(sources),
            snapshot: RwLock::new(Arc::new(snapshot)),
            history: Mutex::default(),
            findings: RwLock::default(),
            problems: RwLock::new(Arc::new(problems)),
            version: Version::first(),
            findings_worker: FindingsWorker::default(),
            paths,
            reporter,
        })
    }

    /// The number of concept notes.
    pub(crate) fn notes(&self) -> usize {
        self.now().site().concepts().count()
    }

    /// How often a file was parsed, and how often a parse was reused.
    #[cfg(test)]
    pub(crate) fn parses(&self) -> crate::base::incremental::Counts {
        enter(&self.sources).parses()
    }

    /// Every output path, without the data files of bundles.
    #[cfg(test)]
    pub(crate) fn paths(&self) -> Vec<String> {
        self.now().paths()
    }

    fn now(&self) -> Arc<Snapshot> {
        shared(&self.snapshot)
    }

    /// The file at an output path. Records the hash of a page in the history.
    fn show(&self, snapshot: &Snapshot, path: &str) -> Option<Body> {
        let shown = snapshot.body(path);
        match &shown {
            Some(Body { content: crate::server::Content::Bytes(bytes), media_type }) => {
                if *media_type == crate::server::HTML {
                    enter(&self.history).shown(path, snapshot.version, Some(blake3::hash(bytes)));
                }
            }
            Some(_) => {}
            None => enter(&self.history).shown(path, snapshot.version, None),
        }
        for fault in snapshot.new_faults() {
            (self.reporter)(fault.severity, &line_of(&fault));
        }
        shown
    }

    /// Replaces the snapshot and records the changed files.
    fn publish(&self, mut snapshot: Snapshot, outcome: &RefreshOutcome) {
        self.version.grow(|version| {
            snapshot.version = version;
            enter(&self.history).files_changed(version, &outcome.files);
            exchange(&self.snapshot, Arc::new(snapshot));
        });
    }
}

impl Site for Preview {
    fn get(&self, path: &str) -> Option<Body> {
        self.show(&self.now(), path)
    }

    fn not_found(&self) -> Body {
        self.now().not_found()
    }

    fn version(&self) -> u64 {
        self.version.now()
    }

    fn changed_since(&self, path: &str, version: u64) -> Change {
        let snapshot = self.now();
        // The rules are still running. Afterwards the version grows again, and the page asks again.
        if snapshot.waits_for_findings(path) {
            return Change::None;
        }
        let page = snapshot.page(path);
        enter(&self.history).change(path, version, page.as_deref())
    }

    fn findings(&self, path: &str) -> Vec<Finding> {
        let snapshot = self.now();
        let mut findings = shared(&self.problems).to_vec();
        findings.extend(snapshot.fault(path));
        if let Some(file) = snapshot.file_of(path) {
            findings.extend_from_slice(shared(&self.findings).of(&file));
        }
        findings
    }

    fn begin(self: Arc<Self>, announce: crate::server::Announce) {
        self.findings_worker.start(&self, announce);
    }
}

impl Refresh for Preview {
    fn refresh(&self, changes: Changes) -> Summary {
        let began = Instant::now();
        let mut guard = enter(&self.sources);
        let (sources, old) = (&mut *guard, self.now());
        let (snapshot, outcome) = sources.refresh(&changes, &old);
        let has_new_problems = *shared(&self.problems) != outcome.problems;
        let mut lines: Vec<(Severity, String)> = Vec::new();
        if has_new_problems {
            lines.extend(outcome.problems.iter().map(|problem| (problem.severity, line_of(problem))));
            exchange(&self.problems, Arc::new(outcome.problems.clone()));
        }
        match snapshot {
            Some(snapshot) => {
                self.publish(snapshot, &outcome);
                self.findings_worker.changed(old);
                lines.push((Severity::Info, what_changed(&outcome, &self.paths, began.elapsed())));
            }
            None if has_new_problems => self.version.grow(|_| {}),
            None => {}
        }
        Summary { lines }
    }
}

fn what_changed(outcome: &RefreshOutcome, paths: &PathsFromHere, time: Duration) -> String {
    let notes = outcome.notes.iter().map(|note| paths.show(note));
    let all: Vec<String> = notes.chain(outcome.files.iter().cloned()).collect();
    let mut names = all.iter().take(NAMED).map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        names.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    if names.is_empty() {
        names = "the site".into();
    }
    format!("changed: {names} ({} ms)", time.as_millis())
}

/// The line of a problem of the sources on the terminal.
fn line_of(finding: &Finding) -> String {
    findings_by_file::line_of(finding, &finding.file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_growths_have_the_same_number() {
        const EACH: u64 = 2_000;
        let (version, seen) = (Version::first(), AtomicU64::new(1));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        version
                            .grow(|next| assert!(seen.swap(next, Ordering::SeqCst) < next, "{next} was given twice"));
                    }
                });
            }
        });
        assert_eq!(version.now(), 1 + 4 * EACH);
    }
}
