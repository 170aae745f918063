//! Watches the disk: turns the events of notify into `Changes` for the site. Events are collected until they settle; a queue
//! overflow becomes `Changes::Everything`; without watches the files are scanned at intervals. Knows no note and no page.
//!
//! # Example
//!
//! An editor saves a note as three events within 2 ms: create `a.md~`, rename it to `a.md`, close `a.md`. The first path is a
//! temporary file and is ignored. 10 ms after the last event the change settles, and the site gets `Paths([a.md])`.

pub use super::scan::Watching;

use super::scan::{self, Layout, Link, PathAlias, Stamp};
use super::{Changes, Refresh, Reporter};
use crate::text::diagnostic::Severity;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher, WatcherKind};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The time without events after which changes are settled, if every file was closed.
pub(super) const SETTLED: Duration = Duration::from_millis(10);
/// The same time if the system does not report that a file was closed (all systems but Linux).
pub(super) const PERHAPS_SETTLED: Duration = Duration::from_millis(40);
/// The time after which a file is read although it was not closed.
pub(super) const NEVER_CLOSED: Duration = Duration::from_millis(250);
/// The longest time that changes are collected while further events arrive.
pub(super) const LONGEST: Duration = Duration::from_millis(500);
/// With more paths than this, the change counts as `Changes::Everything`.
pub(super) const MOST_PATHS: usize = 512;
/// The interval of scans.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The pause between two complete refreshes after queue overflows; doubled while overflows go on.
const DEBOUNCE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Called after each refresh.
pub(super) type Refreshed = Arc<dyn Fn() + Send + Sync>;

/// A running watcher. Dropping the value ends it after the refresh in progress.
pub(super) struct Watch {
    messages: Sender<Message>,
}

enum Message {
    Happened(notify::Result<Event>),
    Stop,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
    }
}

/// Starts the watcher. Every change after the return is reported.
///
/// # Errors
/// The thread cannot be created.
pub(super) fn start(
    watching: Watching,
    site: Arc<dyn Refresh>,
    refreshed: Refreshed,
    reporter: Reporter,
) -> io::Result<Watch> {
    let (sender, receiver) = channel();
    let (backend, links) =
        if watching.poll { polling_backend(&watching) } else { notify_backend(&watching, &sender, &reporter) };
    let mut pending = Pending::new(matches!(&backend, WatchBackend::Notify(watcher) if watcher.reports_closing()));
    if watching.catch_up {
        pending.everything(Instant::now());
    }
    let aliases = scan::root_aliases(&watching);
    let mut watcher = WatchLoop {
        watching,
        aliases,
        links,
        site,
        refreshed,
        reporter,
        backend,
        pending,
        pause: DEBOUNCE,
        last_full_refresh: None,
    };
    thread::Builder::new().name("canon-watch".into()).spawn(move || watcher.run(&receiver))?;
    Ok(Watch { messages: sender })
}

enum WatchBackend {
    Notify(NotifyWatcher),
    Polling { seen: BTreeMap<PathBuf, Stamp>, next: Instant },
}

fn polling_backend(watching: &Watching) -> (WatchBackend, Vec<Link>) {
    let found = scan::scan(watching);
    (WatchBackend::Polling { seen: found.files, next: Instant::now() + POLL_INTERVAL }, found.links)
}

fn notify_backend(watching: &Watching, sender: &Sender<Message>, reporter: &Reporter) -> (WatchBackend, Vec<Link>) {
    match NotifyWatcher::new(watching, sender) {
        Ok((watcher, links)) => (WatchBackend::Notify(watcher), links),
        Err(error) => {
            reporter(Severity::Info, &polling_reason(&error));
            polling_backend(watching)
        }
    }
}

/// Why files are scanned instead of watched, with the command that raises the limit of the system.
fn polling_reason(error: &notify::Error) -> String {
    let remedy = match &error.kind {
        ErrorKind::MaxFilesWatch => "the system's limit of watched folders is reached; \
            to raise it: sudo sysctl fs.inotify.max_user_watches=524288"
            .to_string(),
        ErrorKind::Io(error) if error.raw_os_error() == Some(24) => "the system's limit of watchers is reached; \
            to raise it: sudo sysctl fs.inotify.max_user_instances=1024"
            .to_string(),
        _ => format!("the system cannot watch them: {error}"),
    };
    format!("note: files are scanned every {} ms, because {remedy}", POLL_INTERVAL.as_millis())
}

/// The watcher of notify.
struct NotifyWatcher {
    watcher: RecommendedWatcher,
}

impl NotifyWatcher {
    fn new(watching: &Watching, sender: &Sender<Message>) -> notify::Result<(NotifyWatcher, Vec<Link>)> {
        let sender = sender.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if may_be_change(&event) {
                // The receiver is closed after the end of the watcher.
                let _ = sender.send(Message::Happened(event));
            }
        })?;
        let mut watcher = NotifyWatcher { watcher };
        let layout = watcher.watch_all(watching)?;
        Ok((watcher, layout.links))
    }

    /// Watches the roots, everything below them, and their parent folders, because a root may be renamed or created later.
    fn watch_all(&mut self, watching: &Watching) -> notify::Result<Layout> {
        for path in watching.folders.iter().chain(&watching.files) {
            let parent = std::path::absolute(path)?;
            self.watch(parent.parent().unwrap_or(&parent), RecursiveMode::NonRecursive)?;
        }
        self.watch_below(watching, &watching.folders)
    }

    /// Watches the folders below some folders and lists the entries. Repeated until two lists are equal: a folder that is created
    /// between the listing and the watch would otherwise be missed.
    fn watch_below(&mut self, watching: &Watching, from: &[PathBuf]) -> notify::Result<Layout> {
        let mut known = Vec::new();
        loop {
            let layout = scan::list_entries(watching, from);
            // Every folder of this list was watched in the last round, so no later entry is missed.
            if layout.folders == known {
                self.watch_targets(watching, &layout.links)?;
                return Ok(layout);
            }
            if self.reports_closing() {
                for folder in &layout.folders {
                    self.watch(folder, RecursiveMode::NonRecursive)?;
                }
            } else {
                for folder in from.iter().filter(|folder| watching.is_root(folder)).chain(&watching.outside) {
                    self.watch(folder, RecursiveMode::Recursive)?;
                }
            }
            known = layout.folders;
        }
    }

    /// Watches the folders of files outside the roots that links lead to.
    fn watch_targets(&mut self, watching: &Watching, links: &[Link]) -> notify::Result<()> {
        for link in links.iter().filter(|link| !watching.concerns(&link.target) && link.target.is_file()) {
            self.watch(link.target.parent().unwrap_or(&link.target), RecursiveMode::NonRecursive)?;
        }
        Ok(())
    }

    /// Watches a folder. A folder that is missing or unreadable is no error.
    fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> notify::Result<()> {
        match self.watcher.watch(&std::path::absolute(folder)?, mode) {
            Err(error) if is_about_one_folder(&error) => Ok(()),
            other => other,
        }
    }

    /// Whether the system reports that a file was closed. Only inotify does; it also needs a watch for each folder.
    fn reports_closing(&self) -> bool {
        RecommendedWatcher::kind() == WatcherKind::Inotify
    }
}

fn is_about_one_folder(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => {
            matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory
            )
        }
        _ => false,
    }
}

/// Whether an event can mean a change. Of the access events only the closing of a written file can; the reads of canon itself
/// cause access events too.
fn may_be_change(event: &notify::Result<Event>) -> bool {
    match event {
        Ok(event) => match event.kind {
            EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
            _ => true,
        },
        Err(_) => true,
    }
}

fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| metadata.len() == 0)
}

/// The collected changes, and the times that decide when they are settled.
#[derive(Debug)]
struct Pending {
    paths: BTreeSet<PathBuf>,
    everything: bool,
    /// Files that were opened for writing and not closed yet.
    open: BTreeSet<PathBuf>,
    first: Option<Instant>,
    last: Instant,
    not_before: Option<Instant>,
    reports_closing: bool,
}

impl Pending {
    fn new(reports_closing: bool) -> Pending {
        let last = Instant::now();
        Pending {
            paths: BTreeSet::new(),
            everything: false,
            open: BTreeSet::new(),
            first: None,
            last,
            not_before: None,
            reports_closing,
        }
    }

    fn everything(&mut self, now: Instant) {
        self.everything = true;
        self.touch(now);
    }

    fn being_written(&mut self, path: PathBuf, now: Instant) {
        if self.reports_closing {
            self.open.insert(path.clone());
        }
        self.add(path, now);
    }

    fn written(&mut self, path: PathBuf, now: Instant) {
        self.open.remove(&path);
        self.add(path, now);
    }

    fn add(&mut self, path: PathBuf, now: Instant) {
        // `git checkout` can report thousands of paths; beyond the limit they are not collected, to save memory.
        if self.paths.len() > MOST_PATHS {
            self.everything = true;
        } else {
            self.paths.insert(path);
        }
        self.touch(now);
    }

    fn touch(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = now;
    }

    /// The time when the changes are settled if no further event arrives; `None` without changes.
    fn due(&self) -> Option<Instant> {
        let quiet = match (self.reports_closing, self.open.is_empty()) {
            (true, true) => SETTLED,
            (true, false) => NEVER_CLOSED,
            (false, _) => PERHAPS_SETTLED,
        };
        // A program that writes without pause must not delay the change forever.
        let due = (self.last + quiet).min(self.first? + LONGEST);
        Some(self.not_before.map_or(due, |not_before| due.max(not_before)))
    }

    fn take(&mut self) -> Changes {
        let taken = std::mem::replace(self, Pending::new(self.reports_closing));
        if taken.everything || taken.paths.len() > MOST_PATHS {
            Changes::Everything
        } else {
            Changes::Paths(taken.paths.into_iter().collect())
        }
    }
}

struct WatchLoop {
    watching: Watching,
    aliases: Vec<PathAlias>,
    links: Vec<Link>,
    site: Arc<dyn Refresh>,
    refreshed: Refreshed,
    reporter: Reporter,
    backend: WatchBackend,
    pending: Pending,
    /// The pause after an overflow, and the time of the last complete refresh.
    pause: Duration,
    last_full_refresh: Option<Instant>,
}

impl WatchLoop {
    fn run(&mut self, messages: &Receiver<Message>) {
        loop {
            match self.next_message(messages) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Message::Happened(event)) => self.handle_event(event),
                Err(RecvTimeoutError::Timeout) => self.poll(),
            }
            if self.pending.due().is_some_and(|due| due <= Instant::now()) {
                self.refresh();
            }
        }
    }

    fn next_message(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        let next_look = match &self.backend {
            WatchBackend::Polling { next, .. } => Some(*next),
            WatchBackend::Notify(_) => None,
        };
        match self.pending.due().into_iter().chain(next_look).min() {
            Some(until) => messages.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Scans the files if the interval has passed.
    fn poll(&mut self) {
        let now = Instant::now();
        let WatchBackend::Polling { seen, next } = &mut self.backend else { return };
        if *next > now {
            return;
        }
        let found = scan::scan(&self.watching);
        let changed = scan::differences(seen, &found.files);
        *seen = found.files;
        self.links = found.links;
        // The interval starts at the end of a scan. A scan of 100,000 files can take longer than the interval.
        *next = Instant::now() + POLL_INTERVAL;
        for path in changed.iter().flat_map(|path| self.paths_of_event(path)).collect::<Vec<_>>() {
            if self.watching.concerns(&path) {
                self.pending.written(path, now);
            }
        }
    }

    fn handle_event(&mut self, event: notify::Result<Event>) {
        let now = Instant::now();
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            Ok(_) => return self.handle_overflow(now),
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => return self.switch_to_polling(&error),
            Err(_) => return self.handle_overflow(now),
        };
        for path in &event.paths {
            for path in self.paths_of_event(path) {
                self.handle_path(event.kind, path, now);
            }
        }
    }

    fn handle_path(&mut self, kind: EventKind, path: PathBuf, now: Instant) {
        if !self.watching.concerns(&path) {
            return;
        }
        let link = path.is_symlink();
        match kind {
            EventKind::Create(CreateKind::Folder) => self.entry_added(path, now),
            EventKind::Create(_) if link || path.is_dir() => self.entry_added(path, now),
            EventKind::Modify(ModifyKind::Name(_)) if link || path.is_dir() => self.entry_added(path, now),
            // A folder's time changes with each of its files, which have events of their own.
            EventKind::Modify(ModifyKind::Metadata(_)) if path.is_dir() => {}
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => {
                self.pending.being_written(path, now);
            }
            _ => self.pending.written(path, now),
        }
    }

    /// Handles a new folder or link. Files below it may have been created before the watch, without an event.
    fn entry_added(&mut self, path: PathBuf, now: Instant) {
        let WatchBackend::Notify(watcher) = &mut self.backend else { return };
        let from = if path.is_symlink() { path.parent().map(Path::to_path_buf) } else { Some(path.clone()) };
        match watcher.watch_below(&self.watching, from.as_slice()) {
            Ok(layout) => {
                self.links.retain(|link| !link.path.starts_with(&path));
                self.links.extend(layout.links.into_iter().filter(|link| link.path.starts_with(&path)));
                for file in layout.files.into_iter().filter(|file| file.starts_with(&path)) {
                    // The file may have been created before the watch. An empty file is probably being written, and its
                    // closing will be reported.
                    match is_empty(&file) {
                        true => self.pending.being_written(file, now),
                        false => self.pending.written(file, now),
                    }
                }
                self.pending.written(path, now);
            }
            Err(error) => self.switch_to_polling(&error),
        }
    }

    /// The paths that an event is about: the path itself below its root, and the paths of links that lead to it.
    fn paths_of_event(&self, path: &Path) -> Vec<PathBuf> {
        let path = scan::with_given_root(&self.aliases, path).unwrap_or_else(|| path.to_path_buf());
        let through = |link: &Link| match path.strip_prefix(&link.target).ok()? {
            rest if rest.as_os_str().is_empty() => Some(link.path.clone()),
            rest => Some(link.path.join(rest)),
        };
        let mut paths: Vec<PathBuf> = self.links.iter().filter_map(through).collect();
        paths.push(path);
        paths
    }

    /// Handles a queue overflow: everything is read again. Reading causes further events and can overflow the queue again, so
    /// the pauses between complete refreshes grow.
    fn handle_overflow(&mut self, now: Instant) {
        self.pending.everything(now);
        if let Some(last_full_refresh) = self.last_full_refresh {
            self.pause = if now < last_full_refresh + 2 * LONGEST_PAUSE {
                (2 * self.pause).min(LONGEST_PAUSE)
            } else {
                DEBOUNCE
            };
            self.pending.not_before = Some(last_full_refresh + self.pause);
        }
        self.last_full_refresh = Some(now.max(self.pending.not_before.unwrap_or(now)));
    }

    fn switch_to_polling(&mut self, error: &notify::Error) {
        (self.reporter)(Severity::Info, &polling_reason(error));
        (self.backend, self.links) = polling_backend(&self.watching);
        self.pending.reports_closing = false;
        self.pending.everything(Instant::now());
    }

    fn refresh(&mut self) {
        let changes = self.pending.take();
        // After a root was renamed or created, its watches belong to the old folder.
        let roots_changed =
            matches!(&changes, Changes::Paths(paths) if paths.iter().any(|path| self.watching.is_root(path)));
        if (changes == Changes::Everything || roots_changed)
            && let WatchBackend::Notify(watcher) = &mut self.backend
        {
            match watcher.watch_all(&self.watching) {
                Ok(layout) => self.links = layout.links,
                Err(error) => self.switch_to_polling(&error),
            }
        }
        if roots_changed {
            self.aliases = scan::root_aliases(&self.watching);
        }
        let changes = if roots_changed { Changes::Everything } else { changes };
        match catch_unwind(AssertUnwindSafe(|| self.site.refresh(changes))) {
            Ok(summary) => summary.lines.iter().for_each(|(severity, line)| (self.reporter)(*severity, line)),
            Err(_) => {
                let message = "error: a change could not be applied because of a bug in canon; the last good pages stay; please report it";
                (self.reporter)(Severity::Error, message);
            }
        }
        (self.refreshed)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_closed_file_settles_soon_and_an_open_one_is_waited_for() {
        let (mut pending, start) = (Pending::new(true), Instant::now());
        assert_eq!(pending.due(), None);
        pending.being_written("a".into(), start);
        assert_eq!(pending.due(), Some(start + NEVER_CLOSED));
        pending.written("a".into(), start + after(5));
        assert_eq!(pending.due(), Some(start + after(5) + SETTLED));
        assert_eq!(pending.take(), Changes::Paths(vec!["a".into()]));
        assert_eq!(pending.due(), None);
    }

    #[test]
    fn a_stream_of_changes_is_taken_in_before_it_ends() {
        let (mut pending, start) = (Pending::new(false), Instant::now());
        for moment in 0..100 {
            pending.being_written("a".into(), start + after(moment * 30));
        }
        assert_eq!(pending.due(), Some(start + LONGEST));
    }

    #[test]
    fn many_paths_are_everything() {
        let (mut pending, now) = (Pending::new(true), Instant::now());
        for number in 0..MOST_PATHS + 1 {
            pending.written(format!("{number}").into(), now);
        }
        assert_eq!(pending.take(), Changes::Everything);
        pending.written("a".into(), now);
        assert_eq!(pending.take(), Changes::Paths(vec!["a".into()]), "what was taken is forgotten");
    }

    #[test]
    fn the_remedy_is_named() {
        assert!(polling_reason(&notify::Error::new(ErrorKind::MaxFilesWatch)).contains("fs.inotify.max_user_watches"));
        let instances = notify::Error::io(io::Error::from_raw_os_error(24));
        assert!(polling_reason(&instances).contains("fs.inotify.max_user_instances"));
    }

    #[test]
    fn reading_is_no_news() {
        let of = |kind| may_be_change(&Ok(Event::new(EventKind::Access(kind))));
        assert!(of(AccessKind::Close(AccessMode::Write)));
        assert!(!of(AccessKind::Open(AccessMode::Any)) && !of(AccessKind::Close(AccessMode::Read)));
    }
}
