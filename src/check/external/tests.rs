//! A server on loopback that misbehaves in every way, and what is made of it.

use super::*;
use double::{Server, serve, serve_tls};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

// The command line is tested against the same server.
#[path = "../../../tests/external_double/mod.rs"]
mod double;

/// A clock that never waits and counts how long it would have.
struct Counted {
    now: Mutex<u64>,
    sleeps: Mutex<Vec<Duration>>,
}

/// 2027-01-15 08:00:00 UTC
const NOW: u64 = 1_800_000_000;

impl Counted {
    fn new() -> Counted {
        Counted { now: Mutex::new(NOW), sleeps: Mutex::default() }
    }

    fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }
}

impl Clock for Counted {
    fn now(&self) -> u64 {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, time: Duration) {
        self.sleeps.lock().unwrap().push(time);
    }
}

/// A network in which only the server is public and names are our own.
fn network(server: &Server, settings: &External) -> Network {
    let public = server.address;
    let lookup = move |host: &str| match host.split(':').next().unwrap_or_default() {
        "gone.test" => Err(std::io::Error::other("failed to lookup address information: Name or service not known")),
        "nonet.test" => Err(std::io::Error::other("Temporary failure in name resolution")),
        "inner.test" => Ok(vec![SocketAddr::new(IpAddr::from([192, 168, 0, 7]), 80)]),
        "half.test" => Ok(vec![SocketAddr::new(IpAddr::from([192, 168, 0, 7]), 80), public]),
        name if name.ends_with("site.test") => Ok(vec![public]),
        _ => Ok(host.parse().into_iter().collect()),
    };
    let refuses = move |address: SocketAddr| address != public && private::is_private(address.ip());
    Network::with(settings, None, Arc::new(lookup), Arc::new(refuses))
}

struct Run {
    answers: BTreeMap<String, Answer>,
    sleeps: Vec<Duration>,
}

fn run_with(server: &Server, settings: &External, folder: Option<&Path>, clock: &Counted, paths: &[&str]) -> Run {
    let address = |path: &&str| match path.starts_with('/') {
        true => format!("http://{}{path}", server.address),
        false => path.to_string(),
    };
    let addresses: Vec<String> = paths.iter().map(address).collect();
    let addresses: Vec<&String> = addresses.iter().collect();
    let answers = ask_all(&addresses, &network(server, settings), settings, folder, clock);
    let prefix = format!("http://{}", server.address);
    let answers = answers.into_iter().map(|(k, v)| (k.strip_prefix(&prefix).unwrap_or(&k).to_string(), v)).collect();
    Run { answers, sleeps: clock.sleeps() }
}

fn run(server: &Server, paths: &[&str]) -> Run {
    run_with(server, &External::default(), None, &Counted::new(), paths)
}

/// What is made of one path.
fn one(server: &Server, path: &str) -> (Outcome, String) {
    let answer = run(server, &[path]).answers.remove(path).unwrap();
    (answer.outcome, answer.detail.replace(&server.address.to_string(), "SERVER"))
}

#[test]
fn statuses_have_three_outcomes() {
    let server = serve();
    for (status, outcome) in [
        (200, Outcome::Ok),
        (204, Outcome::Ok),
        (304, Outcome::Ok),
        (404, Outcome::Broken),
        (410, Outcome::Broken),
        (400, Outcome::Unverified),
        (401, Outcome::Unverified),
        (403, Outcome::Unverified),
        (451, Outcome::Unverified),
        (500, Outcome::Unverified),
        (503, Outcome::Unverified),
        (999, Outcome::Unverified),
    ] {
        assert_eq!(one(&server, &format!("/status/{status}")).0, outcome, "{status}");
    }
    assert_eq!(one(&server, "/status/404").1, "404 Not Found");
    assert_eq!(one(&server, "/status/999").1, "999");
}

#[test]
fn head_is_tried_first_and_get_where_it_is_refused() {
    let server = serve();
    for path in ["/head-refused", "/head-lies"] {
        assert_eq!(one(&server, path), (Outcome::Ok, "200 OK".into()));
    }
    one(&server, "/ok");
    let log = server.log.lock().unwrap().clone();
    assert_eq!(log, ["HEAD /head-refused", "GET /head-refused", "HEAD /head-lies", "GET /head-lies", "HEAD /ok"]);
}

#[test]
fn retries_wait_as_the_server_asks_and_longer_each_time() {
    let server = serve();
    let seconds = |run: Run| run.sleeps.iter().map(Duration::as_secs).collect::<Vec<_>>();
    let ok = |run: &Run| run.answers.values().all(|a| a.outcome == Outcome::Ok);
    for (path, want) in [("/busy-once", vec![7]), ("/busy-until", vec![9])] {
        let run = run(&server, &[path]);
        assert!(ok(&run), "{path}: {:?}", run.answers);
        assert_eq!(seconds(run), want, "{path}");
    }
    let twice = run(&server, &["/fails-twice"]);
    assert!(ok(&twice), "{:?}", twice.answers);
    assert!(ok(&run(&server, &["/drops-once"])));
    let long = run(&server, &["/busy-for-long"]);
    assert_eq!((long.answers["/busy-for-long"].outcome, long.sleeps.len()), (Outcome::Unverified, 0));
    let dropped = run(&server, &["/drops"]);
    assert_eq!(dropped.answers["/drops"].outcome, Outcome::Unverified);
    assert_eq!(server.log.lock().unwrap().iter().filter(|l| l.ends_with(" /drops")).count(), 4);
    for (tries, sleep) in dropped.sleeps.iter().enumerate() {
        let base = Duration::from_secs(1 << tries);
        assert!((base..base * 3 / 2).contains(sleep), "{sleep:?}");
    }
}

#[test]
fn what_does_not_answer_is_unverified() {
    let server = serve();
    let settings = External { timeout: 1, retries: 0, ..External::default() };
    let run = run_with(&server, &settings, None, &Counted::new(), &["/slow", "/garbage"]);
    assert_eq!(run.answers["/slow"], answer(Outcome::Unverified, "no answer in time"));
    assert_eq!(run.answers["/garbage"].outcome, Outcome::Unverified);
}

#[test]
fn names_and_addresses() {
    let server = serve();
    let port = server.address.port();
    assert_eq!(one(&server, "http://gone.test/"), (Outcome::Broken, "no such host".into()));
    assert_eq!(one(&server, "http://nonet.test/").0, Outcome::Unverified);
    assert_eq!(one(&server, "http://[::1").0, Outcome::Broken);
    assert_eq!(one(&server, "mailto:a@b.c"), (Outcome::Broken, "not an http address".into()));
    assert_eq!(one(&server, &format!("http://user:secret@site.test:{port}/ok")).0, Outcome::Ok);
    assert_eq!(one(&server, &format!("http://site.test:{port}/wörter und mehr|[x]")).0, Outcome::Ok);
    assert!(server.log.lock().unwrap().iter().any(|l| l.contains("/w%C3%B6rter%20und%20mehr")));
}

#[test]
fn private_addresses_are_not_asked() {
    let server = serve();
    for address in [
        "http://127.0.0.1:1/",
        "http://10.0.0.1/",
        "http://0x7f.1/",
        "http://[::1]:1/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "http://inner.test/",
    ] {
        let (outcome, detail) = one(&server, address);
        assert_eq!(outcome, Outcome::Unverified, "{address}");
        assert!(detail.ends_with("is in a private network, which is not asked"), "{address}: {detail}");
    }
    assert_eq!(server.log.lock().unwrap().len(), 0);
    // Of a name with both kinds of address only the public one is used.
    assert_eq!(one(&server, &format!("http://half.test:{}/ok", server.address.port())).0, Outcome::Ok);
}

#[test]
fn private_addresses_are_not_asked_after_a_redirect_either() {
    let server = serve();
    for path in ["/to-private", "/to-loopback", "/to-private-name"] {
        let (outcome, detail) = one(&server, path);
        assert_eq!(outcome, Outcome::Unverified);
        assert!(detail.ends_with("is in a private network, which is not asked"), "{path}: {detail}");
    }
    let (outcome, detail) = one(&server, "/to-file");
    assert_eq!((outcome, &*detail), (Outcome::Unverified, "redirects to `file:///etc/passwd`, which is not asked"));
}

#[test]
fn the_default_network_refuses_loopback_unless_told() {
    let server = serve();
    let address = format!("http://{}/ok", server.address);
    let addresses = [address.clone()];
    let mut settings = External::default();
    let answers = check(&addresses, &settings, None, &Counted::new()).unwrap();
    assert_eq!((answers[&address].outcome, server.log.lock().unwrap().len()), (Outcome::Unverified, 0));
    settings.private_networks = true;
    let answers = check(&addresses, &settings, None, &Counted::new()).unwrap();
    assert_eq!((answers[&address].outcome, server.log.lock().unwrap().len()), (Outcome::Ok, 1));
}

#[test]
fn redirects_are_followed_reported_and_bounded() {
    let server = serve();
    let run = run(&server, &["/moved", "/moved-for-good", "/to-gone", "/nowhere"]);
    let redirect = |path: &str| run.answers[path].redirect.clone();
    let to = |permanent| Some(Redirect { to: format!("http://{}/ok", server.address), permanent });
    assert_eq!(redirect("/moved"), to(false));
    assert_eq!(redirect("/moved-for-good"), to(true));
    assert_eq!(run.answers["/to-gone"].outcome, Outcome::Broken);
    assert_eq!(run.answers["/nowhere"].outcome, Outcome::Ok);
    let circle = (Outcome::Unverified, "redirects in a cycle: back to http://SERVER/circle".to_string());
    assert_eq!(one(&server, "/circle"), circle);
    assert_eq!(one(&server, "/chain/0"), (Outcome::Unverified, "more than 10 redirects".into()));
}

#[test]
fn fragments_are_looked_for_only_when_asked() {
    let server = serve();
    let settings = External { fragments: true, ..External::default() };
    let paths = ["/page#one", "/page#two", "/page#three", "/page#L10", "/picture#x", "/huge#first", "/huge#last"];
    let run = run_with(&server, &settings, None, &Counted::new(), &paths);
    let outcomes: Vec<Outcome> = paths.iter().map(|p| run.answers[*p].outcome).collect();
    use Outcome::{Broken, Ok, Unverified};
    assert_eq!(outcomes, [Ok, Ok, Broken, Ok, Ok, Ok, Unverified]);
    // Sockets hold some megabytes that nobody reads.
    assert!(server.written.load(Ordering::SeqCst) < 32 << 20, "no more is read than is needed");
    assert_eq!(run.answers["/page#three"].detail, "the page has no `#three`");
    assert_eq!(server.log.lock().unwrap().iter().filter(|l| l.ends_with("/page")).count(), 1, "a page is fetched once");
    assert_eq!(one(&server, "/page#three").0, Ok);
}

#[test]
fn a_huge_answer_is_not_read() {
    let server = serve();
    let run = run(&server, &["/huge-get"]);
    assert_eq!(run.answers["/huge-get"], answer(Outcome::Ok, "200 OK"));
    assert_eq!(*server.log.lock().unwrap(), ["HEAD /huge-get", "GET /huge-get"]);
}

#[test]
fn a_proxy_is_not_a_way_to_private_addresses() {
    let server = serve();
    let proxy = ureq::Proxy::new(&format!("http://{}", server.address)).unwrap();
    let lookup = |host: &str| match host.starts_with("inner.test:") {
        true => Ok(vec![SocketAddr::from(([192, 168, 0, 7], 80))]),
        // Behind a proxy, other names may well be unknown here.
        false => host.parse().map(|address| vec![address]).map_err(std::io::Error::other),
    };
    let refuses = |address: SocketAddr| address.port() == 80 && private::is_private(address.ip());
    let network = Network::with(&External::default(), Some(proxy), Arc::new(lookup), Arc::new(refuses));
    let ask = |address: &str| network.request(&Url::parse(address).unwrap(), false, false).map(|reply| reply.status);
    assert_eq!(ask("http://inner.test/"), Err(Failure::Private("inner.test".into())));
    assert_eq!(ask("http://10.0.0.1/"), Err(Failure::Private("10.0.0.1".into())));
    assert_eq!(server.log.lock().unwrap().len(), 0);
    assert_eq!(ask(&format!("http://{}/ok", server.address)), Ok(200), "this machine is asked directly");
    assert_eq!(*server.log.lock().unwrap(), ["HEAD /ok"]);
    let _ = ask("http://elsewhere.test/");
    let last = server.log.lock().unwrap().last().cloned().unwrap();
    assert!(last.contains("elsewhere.test"), "the proxy was asked: {last}");
}

#[test]
fn an_address_is_asked_once_however_often_it_stands_there() {
    let server = serve();
    let run = run(&server, &["/ok", "/ok#a", "/ok", "/ok#b"]);
    assert_eq!((run.answers.len(), server.log.lock().unwrap().len()), (3, 1));
}

#[test]
fn a_host_has_no_more_requests_than_it_may() {
    let server = serve();
    let paths: Vec<String> = (0..5).map(|n| format!("/a-little-slow/{n}")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let settings = External { per_host: 2, ..External::default() };
    let run = run_with(&server, &settings, None, &Counted::new(), &paths);
    assert!(run.answers.values().all(|a| a.outcome == Outcome::Ok));
    assert!(server.peak.load(Ordering::SeqCst) <= 2);
}

#[test]
fn nor_when_it_is_reached_by_redirects() {
    let server = serve();
    let port = server.address.port();
    let addresses: Vec<String> = (0..12).map(|n| format!("http://{n}.site.test:{port}/to-slow/{n}")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let run = run(&server, &addresses);
    assert!(run.answers.values().all(|a| a.outcome == Outcome::Ok));
    assert!(server.peak.load(Ordering::SeqCst) <= 2);
}

#[test]
fn hosts_that_redirect_to_each_other_do_not_wait_for_ever() {
    let server = serve();
    let port = server.address.port();
    let addresses: Vec<String> = (0..20).map(|n| format!("http://{n}.site.test:{port}/moved")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let settings = External { per_host: 1, ..External::default() };
    let run = run_with(&server, &settings, None, &Counted::new(), &addresses);
    assert_eq!(run.answers.values().filter(|a| a.outcome == Outcome::Ok).count(), 20);
}

#[test]
fn successes_are_remembered_and_faults_are_not() {
    let server = serve();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("deep/er");
    let settings = External::default();
    let clock = Counted::new();
    let paths = ["/ok", "/moved", "/status/404", "/status/403"];
    let asked = |clock: &Counted| {
        server.log.lock().unwrap().clear();
        let run = run_with(&server, &settings, Some(&cache), clock, &paths);
        (run, server.log.lock().unwrap().len())
    };
    let (first, requests) = asked(&clock);
    assert_eq!((requests, first.answers["/ok"].cached), (8, false));
    let (second, requests) = asked(&clock);
    assert_eq!((requests, second.answers["/ok"].cached), (4, true), "only what failed is asked again");
    assert_eq!(second.answers["/moved"].redirect, first.answers["/moved"].redirect);
    assert_eq!(second.answers["/status/404"].outcome, Outcome::Broken);
    *clock.now.lock().unwrap() += 24 * 3600;
    assert_eq!(asked(&clock).1, 8, "a day later all are");
    for wrong in ["{", "{\"version\":9,\"answers\":{}}", ""] {
        std::fs::write(cache.join("external.json"), wrong).unwrap();
        assert_eq!(asked(&clock).1, 8);
    }
}

#[test]
fn patterns_say_what_is_asked() {
    let server = serve();
    let addresses = ["/ok", "/page", "/status/404"].map(|path| format!("http://{}{path}", server.address));
    let asked = |include: &[&str], exclude: &[&str]| {
        let strings = |list: &[&str]| list.iter().map(|s| s.to_string()).collect();
        let settings = External {
            include: strings(include),
            exclude: strings(exclude),
            private_networks: true,
            ..External::default()
        };
        check(&addresses, &settings, None, &Counted::new()).map(|answers| answers.len())
    };
    assert_eq!(asked(&[".*"], &["127"]), Ok(0));
    assert_eq!(server.log.lock().unwrap().len(), 0, "nothing is asked that is not admitted");
    assert_eq!(asked(&[], &[]), Ok(3));
    assert_eq!(asked(&["/ok$", "/page$"], &["page"]), Ok(1));
    assert_eq!(asked(&[], &["("]).unwrap_err(), "`(` in `[external]` is not a pattern: unclosed group");
}

#[test]
fn a_bad_certificate_is_broken() {
    let mut server = serve();
    server.address = serve_tls();
    let run = run(&server, &[&format!("https://site.test:{}/", server.address.port())]);
    let (_, answer) = run.answers.first_key_value().unwrap();
    assert_eq!((answer.outcome, run.sleeps.len()), (Outcome::Broken, 0), "{answer:?}");
    assert_eq!(answer.detail, "its certificate cannot be trusted: UnknownIssuer");
}
