//! Checks external links. No request is sent unless [`check`] is called.
//!
//! There are three outcomes, because only a link that is certainly dead may fail a check: a URL that requires a login,
//! limits requests or has a temporary fault is *unverified*. Knows nothing of notes, links or rules. The time comes
//! from a [`Clock`].

mod cache;
mod fetch;
mod fragment;
mod private;

use crate::config::External;
use cache::Cache;
use fetch::{Failure, Network, Reply};
use regex::Regex;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// The outcome of checking a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    /// The server responds with success.
    Ok,
    /// The page does not exist: 404, 410, unknown host, untrusted certificate, or a missing fragment.
    Broken,
    /// Not known: login required, access denied, too many requests, server error, or timeout.
    Unverified,
}

/// The result of checking a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// The reason in a few words: `404 Not Found`, `no such host`.
    pub detail: String,
    /// The final URL, if the server redirected the request.
    pub redirect: Option<Redirect>,
    /// Whether the result comes from the cache of an earlier run.
    pub cached: bool,
}

/// The target of a chain of redirects.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Redirect {
    /// The URL of the last response.
    pub to: String,
    /// Whether all redirects were permanent (301 or 308).
    pub permanent: bool,
}

/// The time source of a run. Tests replace it, so retries do not sleep.
pub(crate) trait Clock: Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;
    /// Blocks the thread.
    fn sleep(&self, time: Duration);
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// The maximum number of redirects per URL.
const REDIRECTS: usize = 10;
/// The maximum wait that is accepted from `Retry-After`.
const PATIENCE: Duration = Duration::from_secs(60);
/// The maximum number of concurrent requests to all hosts.
const THREADS: usize = 32;

/// Checks the URLs that the patterns of the settings include. Each page is requested once, and each URL as written gets
/// a result. Successes are cached in `cache_folder`, if given, for the number of hours in the settings.
///
/// # Errors
/// A sentence about an invalid pattern.
pub(crate) fn check(
    addresses: &[String],
    settings: &External,
    cache_folder: Option<&Path>,
    clock: &dyn Clock,
) -> Result<BTreeMap<String, Answer>, String> {
    let (include, exclude) = (patterns(&settings.include)?, patterns(&settings.exclude)?);
    let any = |patterns: &[Regex], address: &str| patterns.iter().any(|p| p.is_match(address));
    let admitted = |address: &&String| (include.is_empty() || any(&include, address)) && !any(&exclude, address);
    let wanted: Vec<&String> = addresses.iter().filter(admitted).collect();
    Ok(ask_all(&wanted, &Network::new(settings), settings, cache_folder, clock))
}

fn patterns(list: &[String]) -> Result<Vec<Regex>, String> {
    let compile = |pattern: &String| {
        Regex::new(pattern).map_err(|e| {
            let why = e.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
            format!("`{pattern}` in `[external]` is not a pattern: {why}")
        })
    };
    list.iter().map(compile).collect()
}

/// A page to request.
struct Page {
    url: Url,
    /// The URLs as written that refer to the page, with the fragment to look for.
    addresses: Vec<(String, Option<String>)>,
}

impl Page {
    fn wants_fragments(&self) -> bool {
        self.addresses.iter().any(|(_, fragment)| fragment.is_some())
    }
}

/// Requests all pages on a pool of threads and returns a result for each URL.
fn ask_all(
    addresses: &[&String],
    network: &Network,
    settings: &External,
    cache_folder: Option<&Path>,
    clock: &dyn Clock,
) -> BTreeMap<String, Answer> {
    let now = clock.now();
    let cache = cache_folder.map(|folder| Cache::read(folder, settings.cache_hours, now)).unwrap_or_default();
    let (mut answers, pages) = sort_out(addresses, settings, &cache);
    let hosts = Hosts::new(&pages, settings.per_host.max(1));
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..pages.len().min(THREADS) {
            scope.spawn(|| {
                // Each thread takes the next page of any host with a free slot.
                while let Some(at) = hosts.next() {
                    let answers = ask_page(&pages[at], network, &hosts, settings.retries, clock);
                    found.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
                }
            });
        }
    });
    answers.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    if let Some(folder) = cache_folder {
        // Only successes are cached: a failure may be repaired at any time.
        let keep = |(address, answer): (&String, &Answer)| {
            (answer.outcome == Outcome::Ok && !answer.cached)
                .then(|| (cache_key(address, settings), answer.redirect.clone()))
        };
        cache.with(answers.iter().filter_map(keep), now).write(folder);
    }
    answers
}

/// Divides the URLs into those with an immediate result and the pages to request, both in a fixed order.
fn sort_out(addresses: &[&String], settings: &External, cache: &Cache) -> (BTreeMap<String, Answer>, Vec<Page>) {
    let mut answers = BTreeMap::new();
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    for &address in addresses {
        if let Some(redirect) = cache.get(&cache_key(address, settings)) {
            let detail = "answered in an earlier run".into();
            answers.insert(address.clone(), Answer { outcome: Outcome::Ok, detail, redirect, cached: true });
            continue;
        }
        let mut url = match fetch::parse(address) {
            Ok(url) => url,
            Err(why) => {
                answers.insert(address.clone(), answer(Outcome::Broken, why));
                continue;
            }
        };
        let fragment = url.fragment().filter(|f| settings.fragments && fragment::is_checked(f)).map(str::to_string);
        // URLs that differ only in their fragment share one request.
        url.set_fragment(None);
        let page = pages.entry(url.to_string()).or_insert_with(|| Page { url, addresses: Vec::new() });
        if !page.addresses.iter().any(|(known, _)| known == address) {
            page.addresses.push((address.clone(), fragment));
        }
    }
    (answers, pages.into_values().collect())
}

/// The cache key of a URL. The fragment is part of the key only if fragments are checked.
fn cache_key(address: &str, settings: &External) -> String {
    match settings.fragments {
        true => address.to_string(),
        false => address.split('#').next().unwrap_or_default().to_string(),
    }
}

fn answer(outcome: Outcome, detail: impl Into<String>) -> Answer {
    Answer { outcome, detail: detail.into(), redirect: None, cached: false }
}

/// The queue of pages and the number of concurrent requests, per host.
struct Hosts {
    state: Mutex<HostState>,
    changed: Condvar,
    per_host: usize,
}

struct HostState {
    waiting: BTreeMap<String, VecDeque<usize>>,
    in_flight: FxHashMap<String, usize>,
}

impl Hosts {
    fn new(pages: &[Page], per_host: usize) -> Hosts {
        let mut waiting: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (at, page) in pages.iter().enumerate() {
            waiting.entry(host_of(&page.url)).or_default().push_back(at);
        }
        let state = HostState { waiting, in_flight: FxHashMap::default() };
        Hosts { state: Mutex::new(state), changed: Condvar::new(), per_host }
    }

    /// The index of the next page whose host has a free slot, which is then occupied. Blocks until a slot is free.
    /// `None` if no page is queued.
    fn next(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.waiting.is_empty() {
                return None;
            }
            let HostState { waiting, in_flight } = &mut *state;
            let room = |host: &String| in_flight.get(host).is_none_or(|&n| n < self.per_host);
            if let Some(host) = waiting.keys().find(|host| room(host)).cloned() {
                let queue = waiting.get_mut(&host)?;
                let at = queue.pop_front();
                if queue.is_empty() {
                    waiting.remove(&host);
                }
                *in_flight.entry(host).or_default() += 1;
                return at;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Releases the slot at host `from` and blocks until one at host `to` is free. A thread holds no slot while it
    /// waits, which rules out a deadlock.
    fn move_on(&self, from: &str, to: &str) {
        if from == to {
            return;
        }
        self.leave(from);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.in_flight.get(to).is_some_and(|&n| n >= self.per_host) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        *state.in_flight.entry(to.to_string()).or_default() += 1;
    }

    /// Releases a slot at `host`.
    fn leave(&self, host: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = state.in_flight.get_mut(host) {
            *n = n.saturating_sub(1);
        }
        // Unlocked before the notification, so a woken thread does not wait for the mutex.
        drop(state);
        self.changed.notify_all();
    }
}

fn host_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Requests a page and returns a result for each of its URLs. The caller has occupied a slot at the host; the slot at
/// the final host is released here.
fn ask_page(page: &Page, network: &Network, hosts: &Hosts, retries: u32, clock: &dyn Clock) -> Vec<(String, Answer)> {
    let mut host = host_of(&page.url);
    let (answer, body) = follow(page, network, hosts, &mut host, retries, clock);
    hosts.leave(&host);
    let for_address = |(address, fragment): &(String, Option<String>)| {
        let answer = match (fragment, &body) {
            (Some(fragment), Some(body)) if answer.outcome == Outcome::Ok => with_fragment(&answer, fragment, body),
            _ => answer.clone(),
        };
        (address.clone(), answer)
    };
    page.addresses.iter().map(for_address).collect()
}

fn with_fragment(page: &Answer, fragment: &str, body: &fetch::Body) -> Answer {
    let (outcome, detail) = match (fragment::is_in(fragment, &body.html), body.whole) {
        (true, _) => return page.clone(),
        (false, true) => (Outcome::Broken, format!("the page has no `#{fragment}`")),
        (false, false) => (Outcome::Unverified, format!("`#{fragment}` is not in the part of the page that was read")),
    };
    Answer { outcome, detail, ..page.clone() }
}

/// Follows the redirects of a page. Each step is a separate request, with the same checks as the first one, because a
/// public host may redirect to a private address.
fn follow(
    page: &Page,
    network: &Network,
    hosts: &Hosts,
    host: &mut String,
    retries: u32,
    clock: &dyn Clock,
) -> (Answer, Option<fetch::Body>) {
    let (mut url, mut seen, mut permanent) = (page.url.clone(), vec![page.url.clone()], true);
    loop {
        let mut reply = match persist(&url, page.wants_fragments(), network, retries, clock) {
            Ok(reply) => reply,
            Err(failure) => return (failed(&failure), None),
        };
        let Some(location) = reply.location.take() else {
            let mut answer = judge(reply.status);
            answer.redirect = (seen.len() > 1).then(|| Redirect { to: url.to_string(), permanent });
            return (answer, reply.body);
        };
        // One temporary redirect makes the chain temporary: the author must not replace the link.
        permanent &= matches!(reply.status, 301 | 308);
        let next = match url.join(&location).ok().and_then(|next| fetch::parse(next.as_str()).ok()) {
            Some(next) => next,
            None => {
                return (answer(Outcome::Unverified, format!("redirects to `{location}`, which is not asked")), None);
            }
        };
        let mut page_of_next = next.clone();
        // The fragment of a redirect is for browsers and is not sent to a server (RFC 9110, section 10.2.2).
        page_of_next.set_fragment(None);
        if seen.contains(&page_of_next) {
            return (answer(Outcome::Unverified, format!("redirects in a cycle: back to {page_of_next}")), None);
        }
        if seen.len() > REDIRECTS {
            return (answer(Outcome::Unverified, format!("more than {REDIRECTS} redirects")), None);
        }
        let next_host = host_of(&page_of_next);
        hosts.move_on(host, &next_host);
        *host = next_host;
        seen.push(page_of_next.clone());
        url = page_of_next;
    }
}

/// Requests one URL with retries: first with HEAD, then with GET if HEAD is refused, and again after a delay for
/// temporary errors.
fn persist(url: &Url, wants_body: bool, network: &Network, retries: u32, clock: &dyn Clock) -> Result<Reply, Failure> {
    let mut get = wants_body;
    let mut tries = 0;
    loop {
        let result = network.request(url, get, wants_body);
        let asked_for = match &result {
            // Many servers answer HEAD with an error although GET works.
            Ok(reply) if !get && reply.status >= 400 && reply.status != 429 => {
                get = true;
                continue;
            }
            Ok(reply) if reply.status == 429 || (500..600).contains(&reply.status) => {
                reply.retry_after.as_deref().and_then(|after| retry_after(after, clock.now()))
            }
            Err(Failure::Temporary(_) | Failure::NoHost) => None,
            _ => return result,
        };
        tries += 1;
        let wait = asked_for.unwrap_or_else(|| back_off(url, tries));
        if tries > retries || wait > PATIENCE {
            return result;
        }
        clock.sleep(wait);
        get = true;
    }
}

/// The delay before a retry: one, two, four … seconds plus up to 50 %, depending on the URL, so requests that failed at
/// the same time are not repeated at the same time.
fn back_off(url: &Url, tries: u32) -> Duration {
    // Doubling ends at 32 seconds, whatever the number of retries.
    let base = Duration::from_secs(1 << (tries - 1).min(5));
    let hash = blake3::hash(format!("{url} {tries}").as_bytes());
    base + base * u32::from(hash.as_bytes()[0]) / 512
}

/// The delay of a `Retry-After` header: seconds or a date (RFC 9110, section 10.2.3). `None` if it is invalid.
fn retry_after(value: &str, now: u64) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp().as_second();
    Some(Duration::from_secs(u64::try_from(date).ok()?.saturating_sub(now)))
}

/// The outcome of a response status.
fn judge(status: u16) -> Answer {
    let outcome = match status {
        200..400 => Outcome::Ok,
        404 | 410 => Outcome::Broken,
        _ => Outcome::Unverified,
    };
    answer(outcome, fetch::status_text(status))
}

fn failed(failure: &Failure) -> Answer {
    match failure {
        Failure::NoHost => answer(Outcome::Broken, "no such host"),
        Failure::Certificate(why) => answer(Outcome::Broken, format!("its certificate cannot be trusted: {why}")),
        Failure::Private(host) => {
            answer(Outcome::Unverified, format!("`{host}` is in a private network, which is not asked"))
        }
        Failure::Temporary(why) | Failure::Other(why) => answer(Outcome::Unverified, why.clone()),
    }
}

#[cfg(test)]
mod tests;
