//! Being told what changed on the disk: notify's events become few, settled `Changes` for the site. Many events are one
//! change, an overflow is a change of everything, and where watches run out the files are looked at now and then. Knows no
//! note and no page.

pub use super::scan::Watching;

use super::reload::Hub;
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

/// The quiet after which changes count as settled where every file was closed.
pub(super) const SETTLED: Duration = Duration::from_millis(10);
/// The same where the system does not tell when a file is closed.
pub(super) const PERHAPS_SETTLED: Duration = Duration::from_millis(40);
/// The quiet after which a file that is not closed is read all the same.
pub(super) const NEVER_CLOSED: Duration = Duration::from_millis(250);
/// The longest that changes are gathered while more come.
pub(super) const LONGEST: Duration = Duration::from_millis(500);
/// Above this many paths, everything changed.
pub(super) const MOST_PATHS: usize = 512;
/// How often files are looked at where the system does not tell.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two changes of everything that overflows caused; doubled while they go on.
const DEBOUNCE: Duration = Duration::from_secs(1);
const LONGEST_CALM: Duration = Duration::from_secs(30);

/// A running watch. Dropping it ends it, though not a refresh that is under way.
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

/// Starts watching. When it returns, no later change is missed.
pub(super) fn start(
    watching: Watching,
    site: Arc<dyn Refresh>,
    hub: Arc<Hub>,
    reporter: Reporter,
) -> io::Result<Watch> {
    let (sender, receiver) = channel();
    let (means, links) = if watching.poll { looking(&watching) } else { told(&watching, &sender, &reporter) };
    let mut pending = Pending::new(matches!(&means, WatchBackend::NotifyWatcher(told) if told.tells_of_closing()));
    if watching.catch_up {
        pending.everything(Instant::now());
    }
    let forms = scan::forms_of_roots(&watching);
    let mut watcher =
        WatchLoop { watching, forms, links, site, hub, reporter, means, pending, calm: DEBOUNCE, rested: None };
    thread::Builder::new().name("canon-watch".into()).spawn(move || watcher.run(&receiver))?;
    Ok(Watch { messages: sender })
}

enum WatchBackend {
    NotifyWatcher(NotifyWatcher),
    Looking { seen: BTreeMap<PathBuf, Stamp>, next: Instant },
}

fn looking(watching: &Watching) -> (WatchBackend, Vec<Link>) {
    let look = scan::look(watching);
    (WatchBackend::Looking { seen: look.files, next: Instant::now() + LOOK_EVERY }, look.links)
}

fn told(watching: &Watching, sender: &Sender<Message>, reporter: &Reporter) -> (WatchBackend, Vec<Link>) {
    match NotifyWatcher::new(watching, sender) {
        Ok((told, links)) => (WatchBackend::NotifyWatcher(told), links),
        Err(error) => {
            reporter(Severity::Info, &why_looking(&error));
            looking(watching)
        }
    }
}

/// Why files are looked at instead, and what the person can do about it.
fn why_looking(error: &notify::Error) -> String {
    let remedy = match &error.kind {
        ErrorKind::MaxFilesWatch => "the system's limit of watched folders is reached; \
            to raise it: sudo sysctl fs.inotify.max_user_watches=524288"
            .to_string(),
        ErrorKind::Io(error) if error.raw_os_error() == Some(24) => "the system's limit of watchers is reached; \
            to raise it: sudo sysctl fs.inotify.max_user_instances=1024"
            .to_string(),
        _ => format!("the system cannot watch them: {error}"),
    };
    format!("note: files are looked at every {} ms, because {remedy}", LOOK_EVERY.as_millis())
}

/// notify's watcher.
struct NotifyWatcher {
    watcher: RecommendedWatcher,
}

impl NotifyWatcher {
    fn new(watching: &Watching, sender: &Sender<Message>) -> notify::Result<(NotifyWatcher, Vec<Link>)> {
        let sender = sender.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if is_news(&event) {
                // Nobody listens after the end.
                let _ = sender.send(Message::Happened(event));
            }
        })?;
        let mut told = NotifyWatcher { watcher };
        let layout = told.watch_all(watching)?;
        Ok((told, layout.links))
    }

    /// Watches the roots, what is below them, and the folders they stand in: a root may be renamed or come later.
    fn watch_all(&mut self, watching: &Watching) -> notify::Result<Layout> {
        for path in watching.folders.iter().chain(&watching.files) {
            let parent = std::path::absolute(path)?;
            self.watch(parent.parent().unwrap_or(&parent), RecursiveMode::NonRecursive)?;
        }
        self.watch_below(watching, &watching.folders)
    }

    /// Watches what is below some folders; returns what is there. Watched first and looked at afterwards, so that nothing
    /// that comes in between is missed.
    fn watch_below(&mut self, watching: &Watching, from: &[PathBuf]) -> notify::Result<Layout> {
        let mut known = Vec::new();
        loop {
            let layout = scan::lay_out(watching, from);
            // A folder that came during the last look is watched by now only if this look sees no new one.
            if layout.folders == known {
                self.watch_targets(watching, &layout.links)?;
                return Ok(layout);
            }
            if self.tells_of_closing() {
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

    /// Watches the folders of files outside that links lead to.
    fn watch_targets(&mut self, watching: &Watching, links: &[Link]) -> notify::Result<()> {
        for link in links.iter().filter(|link| !watching.concerns(&link.target) && link.target.is_file()) {
            self.watch(link.target.parent().unwrap_or(&link.target), RecursiveMode::NonRecursive)?;
        }
        Ok(())
    }

    /// Watches a folder, if it is still there and may be read.
    fn watch(&mut self, folder: &Path, mode: RecursiveMode) -> notify::Result<()> {
        match self.watcher.watch(&std::path::absolute(folder)?, mode) {
            Err(error) if is_about_this_folder(&error) => Ok(()),
            other => other,
        }
    }

    /// inotify tells when a file is closed, and wants every folder watched by itself.
    fn tells_of_closing(&self) -> bool {
        RecommendedWatcher::kind() == WatcherKind::Inotify
    }
}

fn is_about_this_folder(error: &notify::Error) -> bool {
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

/// Reading is reported too, by ourselves above all; only the end of writing is news.
fn is_news(event: &notify::Result<Event>) -> bool {
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

/// What was gathered and when it will have settled.
#[derive(Debug)]
struct Pending {
    paths: BTreeSet<PathBuf>,
    everything: bool,
    /// Files that are being written.
    open: BTreeSet<PathBuf>,
    first: Option<Instant>,
    last: Instant,
    not_before: Option<Instant>,
    told_of_closing: bool,
}

impl Pending {
    fn new(told_of_closing: bool) -> Pending {
        let last = Instant::now();
        Pending {
            paths: BTreeSet::new(),
            everything: false,
            open: BTreeSet::new(),
            first: None,
            last,
            not_before: None,
            told_of_closing,
        }
    }

    fn everything(&mut self, now: Instant) {
        self.everything = true;
        self.touch(now);
    }

    fn being_written(&mut self, path: PathBuf, now: Instant) {
        if self.told_of_closing {
            self.open.insert(path.clone());
        }
        self.add(path, now);
    }

    fn written(&mut self, path: PathBuf, now: Instant) {
        self.open.remove(&path);
        self.add(path, now);
    }

    fn add(&mut self, path: PathBuf, now: Instant) {
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

    /// When it will have settled if nothing more comes.
    fn due(&self) -> Option<Instant> {
        let quiet = match (self.told_of_closing, self.open.is_empty()) {
            (true, true) => SETTLED,
            (true, false) => NEVER_CLOSED,
            (false, _) => PERHAPS_SETTLED,
        };
        let due = (self.last + quiet).min(self.first? + LONGEST);
        Some(self.not_before.map_or(due, |not_before| due.max(not_before)))
    }

    fn take(&mut self) -> Changes {
        let taken = std::mem::replace(self, Pending::new(self.told_of_closing));
        if taken.everything || taken.paths.len() > MOST_PATHS {
            Changes::Everything
        } else {
            Changes::Paths(taken.paths.into_iter().collect())
        }
    }
}

struct WatchLoop {
    watching: Watching,
    forms: Vec<PathAlias>,
    links: Vec<Link>,
    site: Arc<dyn Refresh>,
    hub: Arc<Hub>,
    reporter: Reporter,
    means: WatchBackend,
    pending: Pending,
    /// How long to rest after an overflow, and since when.
    calm: Duration,
    rested: Option<Instant>,
}

impl WatchLoop {
    fn run(&mut self, messages: &Receiver<Message>) {
        loop {
            match self.next_message(messages) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Message::Happened(event)) => self.take_in(event),
                Err(RecvTimeoutError::Timeout) => self.look(),
            }
            if self.pending.due().is_some_and(|due| due <= Instant::now()) {
                self.refresh();
            }
        }
    }

    fn next_message(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        let next_look = match &self.means {
            WatchBackend::Looking { next, .. } => Some(*next),
            WatchBackend::NotifyWatcher(_) => None,
        };
        match self.pending.due().into_iter().chain(next_look).min() {
            Some(until) => messages.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Looks at the files, where it is time to.
    fn look(&mut self) {
        let now = Instant::now();
        let WatchBackend::Looking { seen, next } = &mut self.means else { return };
        if *next > now {
            return;
        }
        let look = scan::look(&self.watching);
        let differences = scan::differences(seen, &look.files);
        *seen = look.files;
        self.links = look.links;
        // A look at many files takes its time: the next one is counted from its end.
        *next = Instant::now() + LOOK_EVERY;
        for path in differences.iter().flat_map(|path| self.meant_by(path)).collect::<Vec<_>>() {
            if self.watching.concerns(&path) {
                self.pending.written(path, now);
            }
        }
    }

    fn take_in(&mut self, event: notify::Result<Event>) {
        let now = Instant::now();
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            Ok(_) => return self.overflowed(now),
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => return self.look_from_now_on(&error),
            Err(_) => return self.overflowed(now),
        };
        for path in &event.paths {
            for path in self.meant_by(path) {
                self.take_in_path(event.kind, path, now);
            }
        }
    }

    fn take_in_path(&mut self, kind: EventKind, path: PathBuf, now: Instant) {
        if !self.watching.concerns(&path) {
            return;
        }
        let link = path.is_symlink();
        match kind {
            EventKind::Create(CreateKind::Folder) => self.came(path, now),
            EventKind::Create(_) if link || path.is_dir() => self.came(path, now),
            EventKind::Modify(ModifyKind::Name(_)) if link || path.is_dir() => self.came(path, now),
            EventKind::Modify(ModifyKind::Metadata(_)) if path.is_dir() => {}
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => {
                self.pending.being_written(path, now);
            }
            _ => self.pending.written(path, now),
        }
    }

    /// A folder or a link came: what is below it was not watched, and may have come without an event.
    fn came(&mut self, path: PathBuf, now: Instant) {
        let WatchBackend::NotifyWatcher(told) = &mut self.means else { return };
        let from = if path.is_symlink() { path.parent().map(Path::to_path_buf) } else { Some(path.clone()) };
        match told.watch_below(&self.watching, from.as_slice()) {
            Ok(layout) => {
                self.links.retain(|link| !link.path.starts_with(&path));
                self.links.extend(layout.links.into_iter().filter(|link| link.path.starts_with(&path)));
                for file in layout.files.into_iter().filter(|file| file.starts_with(&path)) {
                    // It was created before the folder was watched: an empty one is about to be written, and its end told.
                    match is_empty(&file) {
                        true => self.pending.being_written(file, now),
                        false => self.pending.written(file, now),
                    }
                }
                self.pending.written(path, now);
            }
            Err(error) => self.look_from_now_on(&error),
        }
    }

    /// The path of an event in the roots' form, and what links lead to it.
    fn meant_by(&self, path: &Path) -> Vec<PathBuf> {
        let path = scan::in_roots_form(&self.forms, path).unwrap_or_else(|| path.to_path_buf());
        let through = |link: &Link| match path.strip_prefix(&link.target).ok()? {
            rest if rest.as_os_str().is_empty() => Some(link.path.clone()),
            rest => Some(link.path.join(rest)),
        };
        let mut meant: Vec<PathBuf> = self.links.iter().filter_map(through).collect();
        meant.push(path);
        meant
    }

    /// Events were lost. Reading everything anew causes events itself, so this is not done again at once.
    fn overflowed(&mut self, now: Instant) {
        self.pending.everything(now);
        if let Some(rested) = self.rested {
            self.calm = if now < rested + 2 * LONGEST_CALM { (2 * self.calm).min(LONGEST_CALM) } else { DEBOUNCE };
            self.pending.not_before = Some(rested + self.calm);
        }
        self.rested = Some(now.max(self.pending.not_before.unwrap_or(now)));
    }

    fn look_from_now_on(&mut self, error: &notify::Error) {
        (self.reporter)(Severity::Info, &why_looking(error));
        (self.means, self.links) = looking(&self.watching);
        self.pending.told_of_closing = false;
        self.pending.everything(Instant::now());
    }

    fn refresh(&mut self) {
        let changes = self.pending.take();
        let root_came_or_went =
            matches!(&changes, Changes::Paths(paths) if paths.iter().any(|path| self.watching.is_root(path)));
        if (changes == Changes::Everything || root_came_or_went)
            && let WatchBackend::NotifyWatcher(told) = &mut self.means
        {
            match told.watch_all(&self.watching) {
                Ok(layout) => self.links = layout.links,
                Err(error) => self.look_from_now_on(&error),
            }
        }
        if root_came_or_went {
            self.forms = scan::forms_of_roots(&self.watching);
        }
        let changes = if root_came_or_went { Changes::Everything } else { changes };
        match catch_unwind(AssertUnwindSafe(|| self.site.refresh(changes))) {
            Ok(summary) => summary.lines.iter().for_each(|(severity, line)| (self.reporter)(*severity, line)),
            Err(_) => {
                let message = "error: taking in a change failed, which is a bug of ours; the last good pages stay";
                (self.reporter)(Severity::Error, message);
            }
        }
        self.hub.announce();
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
        assert!(why_looking(&notify::Error::new(ErrorKind::MaxFilesWatch)).contains("fs.inotify.max_user_watches"));
        let instances = notify::Error::io(io::Error::from_raw_os_error(24));
        assert!(why_looking(&instances).contains("fs.inotify.max_user_instances"));
    }

    #[test]
    fn reading_is_no_news() {
        let of = |kind| is_news(&Ok(Event::new(EventKind::Access(kind))));
        assert!(of(AccessKind::Close(AccessMode::Write)));
        assert!(!of(AccessKind::Open(AccessMode::Any)) && !of(AccessKind::Close(AccessMode::Read)));
    }
}
