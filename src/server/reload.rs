//! Long polling: holds the requests of open pages until the version of the site grows, and answers what changed. An answer
//! contains only numbers and the kind of change, no text of a note. A held request needs no thread, and their number is limited.

use super::head::{self, Target, parameter};
use super::{Change, Finding, Site};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest time that a request is held: less than the 30 seconds after which some proxies close a silent connection.
pub(super) const HELD_FOR: Duration = Duration::from_secs(25);
/// The pause of a page before its next request if this one could not be held, in milliseconds.
const ASK_AGAIN_MS: u64 = 400;

/// The query of a page: which run, version and path it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    boot: u64,
    version: u64,
    key: Option<String>,
}

impl Question {
    /// Reads the parameters `b`, `v` and `p` (boot, version, path). Invalid values count as unknown, and the page is told to
    /// reload.
    pub(super) fn of(target: &Target) -> Question {
        let number = |name| parameter(&target.query, name).and_then(|text| text.parse().ok()).unwrap_or(0);
        Question { boot: number("b"), version: number("v"), key: page_of(target) }
    }
}

/// The output path of the page in the parameter `p`, which is percent-encoded like a request target.
pub(super) fn page_of(target: &Target) -> Option<String> {
    parameter(&target.query, "p").and_then(|path| head::read_target(&path).ok()).map(|page| page.key)
}

/// The answer for a page.
pub(super) fn poll_response(site: &dyn Site, boot: u64, question: &Question, ask_again_ms: u64) -> String {
    let version = site.version();
    let (change, findings) = match &question.key {
        Some(key) if question.boot == boot => {
            (site.changed_since(key, question.version), fingerprint(&site.findings(key)))
        }
        _ => (Change::Page, 0),
    };
    let change = match change {
        Change::None => "none",
        Change::Style => "style",
        Change::Text => "text",
        Change::Page => "page",
    };
    // Numbers as strings: JavaScript numbers have only 53 bits.
    format!(
        r#"{{"boot":"{boot}","version":"{version}","change":"{change}","findings":"{findings}","wait":{ask_again_ms}}}"#
    )
}

/// A hash of the findings; zero if there are none.
pub(super) fn fingerprint(findings: &[Finding]) -> u64 {
    if findings.is_empty() {
        return 0;
    }
    let mut hasher = blake3::Hasher::new();
    for finding in findings {
        let line = finding.line.to_string();
        for part in [finding.severity.name(), &finding.file, &line, &finding.message, &finding.help] {
            hasher.update(part.as_bytes()).update(&[0]);
        }
    }
    // At least 1, because zero means that there are no findings.
    let hash = hasher.finalize();
    hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)).max(1)
}

/// A held request, which can be answered once.
pub(super) trait Held: Send {
    /// Sends a JSON text as the answer.
    fn answer(self: Box<Self>, json: String);
}

struct Waiting {
    question: Question,
    until: Instant,
    held: Box<dyn Held>,
}

#[derive(Default)]
struct HeldRequests {
    waiting: Vec<Waiting>,
    closed: bool,
}

/// The held requests.
pub(super) struct Hub {
    site: Arc<dyn Site>,
    boot: u64,
    most: usize,
    room: Mutex<HeldRequests>,
    condvar: Condvar,
}

impl Hub {
    /// A hub for at most `most` requests.
    pub(super) fn new(site: Arc<dyn Site>, boot: u64, most: usize) -> Hub {
        Hub { site, boot, most, room: Mutex::default(), condvar: Condvar::new() }
    }

    /// Holds a request until the version of the site is greater than that of the page. Above the limit the oldest request is
    /// answered: its tab was probably closed.
    pub(super) fn hold(&self, question: Question, held: Box<dyn Held>) {
        let replaced = {
            let mut room = self.lock();
            let oldest = if room.waiting.len() >= self.most { Some(room.waiting.remove(0)) } else { None };
            room.waiting.push(Waiting { question, until: Instant::now() + HELD_FOR, held });
            oldest
        };
        if let Some(oldest) = replaced {
            oldest.held.answer(poll_response(&*self.site, self.boot, &oldest.question, ASK_AGAIN_MS));
        }
        // The version may have grown between the request and this line.
        self.announce();
    }

    /// Wakes the thread that answers, after the version may have grown.
    pub(super) fn announce(&self) {
        // With the lock, the wake-up cannot fall between the check and the wait of `next_due`.
        let _room = self.lock();
        self.condvar.notify_all();
    }

    /// Drops all held requests and ends `run`.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.condvar.notify_all();
    }

    /// Answers requests that are due, until `close`. Runs on a thread of its own.
    pub(super) fn run(&self) {
        loop {
            let due = match self.next_due() {
                Some(due) => due,
                None => return,
            };
            for one in due {
                let response =
                    catch_unwind(AssertUnwindSafe(|| poll_response(&*self.site, self.boot, &one.question, 0)));
                // A bug in canon costs a single answer; the page asks again.
                if let Ok(response) = response {
                    one.held.answer(response);
                }
            }
        }
    }

    /// Waits for requests that are due; `None` after `close`.
    fn next_due(&self) -> Option<Vec<Waiting>> {
        let mut room = self.lock();
        loop {
            if room.closed {
                return None;
            }
            let (version, now) = (self.site.version(), Instant::now());
            let is_due =
                |one: &Waiting| one.until <= now || one.question.boot != self.boot || one.question.version < version;
            let (due, waiting): (Vec<_>, Vec<_>) = room.waiting.drain(..).partition(is_due);
            room.waiting = waiting;
            if !due.is_empty() {
                return Some(due);
            }
            let patience = room.waiting.iter().map(|one| one.until - now).min().unwrap_or(HELD_FOR);
            room = self.condvar.wait_timeout(room, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Locks the list. A poisoned lock is ignored: the list is never in an invalid state.
    fn lock(&self) -> MutexGuard<'_, HeldRequests> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Body;
    use super::*;
    use crate::text::diagnostic::Severity;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

    struct Counter(AtomicU64);

    impl Site for Counter {
        fn get(&self, _: &str) -> Option<Body> {
            None
        }
        fn not_found(&self) -> Body {
            unreachable!("nobody asks for pages here")
        }
        fn version(&self) -> u64 {
            self.0.load(Ordering::SeqCst)
        }
        fn changed_since(&self, path: &str, version: u64) -> Change {
            if path == "a.html" && version < self.version() { Change::Page } else { Change::None }
        }
        fn findings(&self, _: &str) -> Vec<Finding> {
            Vec::new()
        }
    }

    struct Post(&'static str, Sender<(&'static str, String)>);

    impl Held for Post {
        fn answer(self: Box<Self>, json: String) {
            let _ = self.1.send((self.0, json));
        }
    }

    fn question(query: &str) -> Question {
        Question::of(&Target { key: String::new(), query: query.into() })
    }

    fn with_hub(
        most: usize,
        test: impl FnOnce(&Hub, &Counter, Sender<(&'static str, String)>, Receiver<(&'static str, String)>),
    ) {
        let site = Arc::new(Counter(AtomicU64::new(5)));
        let hub = Hub::new(site.clone(), 9, most);
        let (sender, receiver) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| hub.run());
            test(&hub, &site, sender, receiver);
            hub.close();
        });
    }

    #[test]
    fn who_knows_the_version_waits_for_the_next() {
        with_hub(4, |hub, site, sender, receiver| {
            hub.hold(question("b=9&v=5&p=/a.html"), Box::new(Post("a", sender.clone())));
            hub.hold(question("b=9&v=5&p=/b.html"), Box::new(Post("b", sender.clone())));
            assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err(), "answered before the version grew");
            site.0.store(6, Ordering::SeqCst);
            hub.announce();
            let mut responses: Vec<_> =
                (0..2).map(|_| receiver.recv_timeout(Duration::from_secs(20)).expect("an answer")).collect();
            responses.sort();
            let text = |change| format!(r#"{{"boot":"9","version":"6","change":"{change}","findings":"0","wait":0}}"#);
            assert_eq!(responses, [("a", text("page")), ("b", text("none"))]);
        });
    }

    #[test]
    fn who_is_behind_or_from_another_run_is_told_at_once() {
        with_hub(4, |hub, _, sender, receiver| {
            for query in ["b=9&v=4&p=/a.html", "b=8&v=5&p=/b.html", "", "b=9&v=x&p=/../a", "b=9&v=4"] {
                hub.hold(question(query), Box::new(Post("", sender.clone())));
                let (_, json) = receiver.recv_timeout(Duration::from_secs(20)).expect("an answer");
                assert!(json.contains(r#""change":"page""#), "{query}: {json}");
            }
        });
    }

    #[test]
    fn the_oldest_makes_room_and_is_told_to_be_patient() {
        with_hub(2, |hub, _, sender, receiver| {
            for name in ["first", "second", "third"] {
                hub.hold(question("b=9&v=5&p=/a.html"), Box::new(Post(name, sender.clone())));
            }
            let (name, json) = receiver.recv_timeout(Duration::from_secs(20)).expect("an answer");
            assert_eq!((name, json.contains(r#""wait":400"#)), ("first", true));
        });
    }

    #[test]
    fn fingerprints_tell_findings_apart() {
        let finding = |message: &str, line| Finding {
            severity: Severity::Error,
            file: "a.md".into(),
            line,
            message: message.into(),
            help: String::new(),
            repair: None,
        };
        assert_eq!(fingerprint(&[]), 0);
        let all = [fingerprint(&[finding("a", 1)]), fingerprint(&[finding("a", 2)]), fingerprint(&[finding("b", 1)])];
        assert!(all.iter().all(|one| *one != 0) && all[0] != all[1] && all[0] != all[2]);
        assert_eq!(all[0], fingerprint(&[finding("a", 1)]));
    }
}
