//! The preview of real notes, asked over a socket: what an edit changes shows everywhere, what must not be shown is not, and
//! nothing is written.

use super::preview_desk;

use crate::server::preview::Preview;
use crate::server::{Bound, Change, Changes, Options, Port, Refresh, Running, Site, Watching, without_script};
use preview_desk::Desk;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Served {
    desk: Desk,
    preview: Arc<Preview>,
    running: Running,
}

const ACID: &str =
    "---\nid: acid\ntitle: ACID\ntags: [storage]\nstatus: learning\n---\n\nFour promises, see [[raft]].\n";
const RAFT: &str = "---\nid: raft\ntitle: Raft\n---\n\n## Part\n\nElects a leader.\n";

impl Served {
    fn new(files: &[(&str, &str)]) -> Served {
        let desk = Desk::new(files);
        let preview = Arc::new(desk.preview());
        let location = desk.location();
        let watching = Watching {
            ignored: location.skipped(),
            folders: vec![location.content, location.templates, location.static_folder],
            files: location.file.into_iter().chain(location.baseline).collect(),
            ..Watching::default()
        };
        let options = Options { port: Port::Asked(0), watching, reporter: Arc::new(|_, _| {}), ..Options::default() };
        let running = Bound::new(options).expect("a port").start(preview.clone()).expect("a server");
        Served { desk, preview, running }
    }

    fn notes() -> Served {
        Served::new(&[("content/db/acid.md", ACID), ("content/raft.md", RAFT)])
    }

    fn ask(&self, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
        ask(self.running.address(), path, headers)
    }

    /// A page without the reload script; its status is 200.
    fn page(&self, path: &str) -> String {
        let (status, _, body) = self.ask(path, "");
        assert_eq!(status, 200, "{path}");
        String::from_utf8(without_script(&body)).expect("text")
    }

    /// Waits until a page has, or has not, a text; fails after long enough for any machine.
    fn wait_for(&self, path: &str, text: &str, there: bool) {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let (_, _, body) = self.ask(path, "");
            if String::from_utf8_lossy(&body).contains(text) == there {
                return;
            }
            assert!(Instant::now() < until, "{path}: `{text}` did not {}", if there { "come" } else { "go" });
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_for_status(&self, path: &str, status: u16) {
        let until = Instant::now() + Duration::from_secs(20);
        while self.ask(path, "").0 != status {
            assert!(Instant::now() < until, "{path} did not become {status}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_for_finding(&self, path: &str, text: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while !self.preview.findings(path).iter().any(|f| format!("{f:?}").contains(text)) {
            let found = self.preview.findings(path);
            assert!(Instant::now() < until, "{path}: no finding has `{text}`: {found:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn ask(address: SocketAddr, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
    let mut socket = TcpStream::connect(address).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    socket.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, head, answer[end + 4..].to_vec())
}

#[test]
fn a_new_title_shows_wherever_the_note_is_named() {
    let served = Served::notes();
    assert!(served.page("/db/acid.html").contains("Raft"));
    served.desk.write("content/raft.md", RAFT.replace("title: Raft", "title: Boat"));
    served.wait_for("/raft.html", "Boat", true);
    for path in ["/db/acid.html", "/importance.html", "/glossary.html", "/api/notes.json", "/_canon/graph/0.js"] {
        assert!(served.page(path).contains("Boat"), "{path}");
    }
    served.desk.write("content/db/acid.md", ACID.replace("storage", "promises"));
    served.wait_for("/tags/promises.html", "ACID", true);
    assert_eq!(served.ask("/tags/storage.html", "").0, 404);
}

#[test]
fn notes_come_move_and_go() {
    let served = Served::notes();
    served.desk.write("content/new/paxos.md", "---\nid: paxos\ntitle: Paxos\n---\n\nOlder than [[raft]].\n");
    served.wait_for_status("/new/paxos.html", 200);
    assert!(served.page("/raft.html").contains("Paxos"), "a backlink");
    fs::rename(served.desk.at("content/new"), served.desk.at("content/old")).expect("renamed");
    served.wait_for_status("/old/paxos.html", 200);
    served.wait_for_status("/new/paxos.html", 404);
    fs::remove_file(served.desk.at("content/old/paxos.md")).expect("removed");
    served.wait_for_status("/old/paxos.html", 404);
    assert!(!served.page("/raft.html").contains("Paxos"));
}

#[test]
fn a_branch_with_a_thousand_changed_files_is_taken_in_whole() {
    let note = |n: usize, words: &str| format!("---\nid: n{n}\ntitle: N {n}\n---\n\n{words} See [[n{}]].\n", n / 2);
    let served = Served::notes();
    let path = |n: usize| format!("content/many/{}/n{n}.md", n % 10);
    for n in 0..1_000 {
        served.desk.write(&path(n), note(n, "Of the one branch."));
    }
    served.wait_for("/many/9/n999.html", "Of the one branch.", true);
    // As git does it: the old file goes, the new one is created in its place.
    for n in 0..1_000 {
        fs::remove_file(served.desk.at(&path(n))).expect("removed");
        if n % 50 > 0 {
            served.desk.write(&path(n), note(n, "Of the other branch."));
        }
    }
    served.wait_for("/many/9/n999.html", "Of the other branch.", true);
    served.wait_for_status("/many/0/n950.html", 404);
    let built = served.desk.built(false);
    for n in (1..1_000).filter(|n| n % 50 > 0).step_by(37) {
        let page = format!("many/{}/n{n}.html", n % 10);
        served.wait_for(&format!("/{page}"), "Of the other branch.", true);
        assert!(served.page(&format!("/{page}")).as_bytes() == built[&page], "{page}");
    }
}

#[test]
fn what_is_not_there_is_said_so_and_folders_lead_on() {
    let served = Served::notes();
    let (status, _, body) = served.ask("/nothing.html", "");
    assert_eq!(status, 404);
    assert_eq!(without_script(&body), served.desk.built(false)["404.html"]);
    let (status, head, _) = served.ask("/db", "");
    assert!(status == 302 && head.contains("Location: /db/"), "{head}");
}

#[test]
fn drafts_and_their_links_are_hidden() {
    let served = Served::notes();
    served.desk.write("content/secret.md", "---\nid: secret\ntitle: HUSH\ndraft: true\n---\n\nSECRET\n");
    served.desk.write("content/raft.md", RAFT.replace("Elects", "[Plan](secret.md) elects"));
    served.wait_for("/raft.html", "Plan", true);
    assert_eq!(served.ask("/secret.html", "").0, 404);
    for path in ["/", "/api/notes.json", "/recent.html", "/search/index.js"] {
        let (_, _, body) = served.ask(path, "");
        assert!(!String::from_utf8_lossy(&body).contains("HUSH"), "{path}");
    }
}

#[test]
fn a_part_of_a_file_can_be_asked_for() {
    let served = Served::notes();
    served.desk.write("content/a.mp4", b"0123456789");
    served.desk.write("content/raft.md", format!("{RAFT}\n[film](a.mp4)\n"));
    served.wait_for_status("/a.mp4", 200);
    let (status, head, body) = served.ask("/a.mp4", "Range: bytes=2-4\r\n");
    assert_eq!((status, body.as_slice()), (206, &b"234"[..]), "{head}");
    assert!(head.contains("Content-Type: video/mp4") && head.contains("Content-Range: bytes 2-4/10"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_site_shows_nothing() {
    let served = Served::notes();
    let secret = served.desk.write("secret.txt", "TOPSECRET");
    std::os::unix::fs::symlink(&secret, served.desk.at("content/leak.txt")).expect("a link");
    served.desk.write("content/raft.md", format!("{RAFT}\n[leak](leak.txt)\n"));
    served.wait_for("/raft.html", "leak", true);
    let (status, _, body) = served.ask("/leak.txt", "");
    assert!(status == 404 && !String::from_utf8_lossy(&body).contains("TOPSECRET"), "{status}");
    served.desk.write("content/b.txt", "public");
    served.desk.write("content/raft.md", format!("{RAFT}\n[b](b.txt)\n"));
    served.wait_for("/b.txt", "public", true);
    fs::remove_file(served.desk.at("content/b.txt")).expect("removed");
    std::os::unix::fs::symlink(&secret, served.desk.at("content/b.txt")).expect("a link");
    assert!(!String::from_utf8_lossy(&served.ask("/b.txt", "").2).contains("TOPSECRET"), "a link in its place");
}

#[cfg(unix)]
#[test]
fn a_name_with_a_backslash_shows_no_other_file() {
    let served = Served::notes();
    served.desk.write("secret.md", "TOPSECRET");
    served.desk.write("content/.git/config", "TOPSECRET");
    for name in ["content/..\\secret.md", "content/.git\\config"] {
        served.desk.write(name, "x");
    }
    served.desk.write("content/raft.md", format!("{RAFT}\n![[secret]] ![[../secret]] [new](.git/config)\n"));
    served.wait_for("/raft.html", "new", true);
    for path in ["/raft.html", "/.git/config", "/secret.html", "/secret.md", "/search/index.js", "/api/notes.json"] {
        assert!(!String::from_utf8_lossy(&served.ask(path, "").2).contains("TOPSECRET"), "{path}");
    }
}

/// `/proc/self/mem` is a regular file whose first byte cannot be read: EIO.
#[cfg(target_os = "linux")]
#[test]
fn after_a_read_error_of_the_machine_the_last_good_state_stays() {
    let served = Served::new(&[
        ("canon.toml", "title = \"Desk\"\nfollow_links_outside = [\"/proc\"]\n"),
        ("content/db/acid.md", ACID),
        ("content/raft.md", RAFT),
    ]);
    fs::remove_file(served.desk.at("content/raft.md")).expect("removed");
    std::os::unix::fs::symlink("/proc/self/mem", served.desk.at("content/raft.md")).expect("a link");
    served.wait_for_finding("index.html", "Input/output error");
    assert!(served.page("/raft.html").contains("Elects a leader"));
    fs::remove_file(served.desk.at("content/raft.md")).expect("removed");
    served.desk.write("content/raft.md", RAFT.replace("leader", "LEADER"));
    served.wait_for("/raft.html", "LEADER", true);
    assert!(served.preview.findings("index.html").iter().all(|f| !f.message.contains("Input/output")));
}

#[test]
fn nothing_is_written() {
    let served = Served::notes();
    let files = || {
        let all = walkdir::WalkDir::new(served.desk.at("")).into_iter().filter_map(Result::ok);
        let mut all: Vec<_> =
            all.map(|e| (e.path().to_path_buf(), e.metadata().ok().and_then(|m| m.modified().ok()))).collect();
        all.sort();
        all
    };
    fs::create_dir(served.desk.at("public")).expect("a folder");
    served.desk.write("public/index.html", "OUTPUT");
    served.desk.write("content/raft.md", RAFT.replace("leader", "LEADER"));
    let before = files();
    served.wait_for("/raft.html", "LEADER", true);
    for path in ["/", "/graph.html", "/search/index.js", "/_canon/graph/0.js", "/health.html"] {
        served.ask(path, "");
    }
    assert_eq!(files(), before);
    assert_eq!(served.ask("/public/index.html", "").0, 404);
}

#[test]
fn a_broken_template_is_named_and_the_last_good_page_stays() {
    let served = Served::notes();
    let good = served.page("/raft.html");
    served.desk.write("templates/note.html", "{% if %}");
    served.wait_for_finding("raft.html", "note.html");
    assert_eq!(served.page("/raft.html"), good);
    served.desk.write("content/raft.md", RAFT.replace("leader", "LEADER"));
    served.wait_for("/raft.html", "LEADER", true);
    served.desk.write("templates/note.html", "<html><body>{{ note.no_such_value }}</body></html>");
    served.wait_for("/db/acid.html", "Four promises", true);
    let until = Instant::now() + Duration::from_secs(20);
    while !served.preview.findings("raft.html").iter().any(|f| f.message.contains("raft.md")) {
        served.page("/raft.html");
        assert!(Instant::now() < until, "{:?}", served.preview.findings("raft.html"));
    }
    assert!(served.page("/raft.html").contains("LEADER"), "by the last good template");
    served.desk.write("templates/note.html", "<html><body>OWN {{ note.title }}</body></html>");
    served.wait_for("/raft.html", "OWN Raft", true);
    assert!(served.preview.findings("raft.html").iter().all(|f| !f.file.contains("note.html")));
    let said = served.desk.said.lock().expect("no panic").join("\n");
    assert_eq!(said.matches("no_such_value").count(), 1, "said once:\n{said}");
}

#[test]
fn a_broken_template_is_named_for_as_long_as_it_is_broken() {
    let desk = Desk::new(&[("content/raft.md", RAFT), ("static/a.txt", "a")]);
    let preview = desk.preview();
    let template = desk.write("templates/note.html", "{% if %}");
    let named = || preview.findings("raft.html").iter().any(|f| f.file.contains("note.html"));
    preview.refresh(Changes::Paths(vec![template.clone()]));
    assert!(named());
    // The same file is told of once more, then another one beside it, then whatever there is.
    for changes in [
        Changes::Paths(vec![template.clone()]),
        Changes::Paths(vec![desk.write("static/a.txt", "b")]),
        Changes::Paths(vec![desk.write("static/new.txt", "c")]),
        Changes::Paths(vec![desk.write("content/raft.md", RAFT.replace("leader", "LEADER"))]),
        Changes::Paths(vec![desk.write("canon.toml", "title = \"Other\"\n")]),
        Changes::Everything,
    ] {
        preview.refresh(changes.clone());
        assert!(named(), "after {changes:?}");
    }
    fs::remove_file(&template).expect("removed");
    preview.refresh(Changes::Paths(vec![template]));
    assert!(!named());
}

#[test]
fn a_broken_configuration_is_named_and_the_last_good_one_holds() {
    let served = Served::notes();
    served.desk.write("canon.toml", "title = \"Other\"\nnonsense = 1\n");
    served.wait_for_finding("index.html", "nonsense");
    assert!(served.page("/").contains("Desk"));
    served.desk.write("canon.toml", "title = \"Other\"\n");
    served.wait_for("/", "Other", true);
    assert!(served.preview.findings("index.html").is_empty());
}

#[test]
fn findings_come_without_being_asked_for_and_go_when_mended() {
    let served = Served::notes();
    served.desk.write("content/raft.md", format!("{RAFT}\n[gone](nowhere.md)\n"));
    served.wait_for_finding("raft.html", "nowhere");
    served.desk.write("content/raft.md", RAFT);
    let until = Instant::now() + Duration::from_secs(20);
    while served.preview.findings("raft.html").iter().any(|f| f.message.contains("nowhere")) {
        assert!(Instant::now() < until, "the finding stays");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn findings_of_the_baseline_are_not_shown_until_it_forgets_them() {
    let empty = "{\"version\":2,\"rules\":{},\"files\":{}}";
    let broken = format!("{RAFT}\n[gone](nowhere.md)\n");
    let config = "title = \"Desk\"\n[check]\nbaseline = \"known.json\"\n";
    let served = Served::new(&[("canon.toml", config), ("known.json", empty), ("content/raft.md", &broken)]);
    served.wait_for_finding("raft.html", "nowhere");
    let location = served.desk.location();
    let (own, vault) = (location.read_own_files().expect("read"), location.read_content().expect("read"));
    let mode = crate::base::analyze::AnalysisMode::Check;
    let site = crate::base::analyze::analyze(location.config, vault, own.static_files, false, mode).site;
    let found = crate::check::rules::run(&site, None).diagnostics;
    let known = crate::check::baseline::Baseline::of(&found, &site.vault.files).to_json();
    served.desk.write("known.json", &known);
    served.wait_for("/health.html", "in the baseline and not listed", true);
    let until = Instant::now() + Duration::from_secs(20);
    while !served.preview.findings("raft.html").is_empty() {
        assert!(Instant::now() < until, "known findings stay: {:?}", served.preview.findings("raft.html"));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!served.page("/health.html").contains("nowhere"));
    // A new finding of a known kind is shown, and the terminal names it; the known ones stay hidden.
    served.desk.write("content/raft.md", format!("{broken}\n[lost](lost.md)\n"));
    served.wait_for_finding("raft.html", "lost.md");
    let said = |text: &str| served.desk.said.lock().expect("no panic").iter().any(|line| line.contains(text));
    assert!(said("lost.md") && served.preview.findings("raft.html").iter().all(|f| !f.message.contains("nowhere")));
    // A file that is no baseline is a problem on every page, and the last good one stays in use.
    served.desk.write("known.json", "{");
    served.wait_for_finding("index.html", "is not JSON");
    assert!(served.preview.findings("raft.html").iter().all(|f| !f.message.contains("nowhere")));
    served.desk.write("known.json", empty);
    served.wait_for_finding("raft.html", "nowhere");
    assert!(served.preview.findings("index.html").iter().all(|f| !f.message.contains("is not JSON")));
}

#[test]
fn a_theme_file_that_is_not_there_is_said_until_it_is() {
    let served = Served::new(&[("content/lone.md", "# Lone\n")]);
    served.desk.write("canon.toml", "title = \"Desk\"\n[theme]\nextra_css = [\"own.css\"]\n");
    served.wait_for("/lone.html", "own.css", true);
    let is_fault = |f: &crate::server::Finding| f.file == "canon.toml" && f.message.contains("`own.css`");
    let wait_until_said = |wanted: bool| {
        let until = Instant::now() + Duration::from_secs(20);
        while served.preview.findings("lone.html").iter().any(is_fault) != wanted {
            assert!(Instant::now() < until, "said: {}", !wanted);
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    wait_until_said(true);
    served.desk.write("static/own.css", "p { color: red }");
    wait_until_said(false);
}

#[test]
fn only_pages_that_changed_are_told_so() {
    let served = Served::new(&[
        ("content/db/acid.md", ACID),
        ("content/raft.md", RAFT),
        ("content/lone.md", "# Lone\n"),
        ("static/extra.css", "p { color: red }"),
    ]);
    served.desk.write("canon.toml", "title = \"Desk\"\n[theme]\nextra_css = [\"extra.css\"]\n");
    served.wait_for("/lone.html", "extra.css", true);
    for path in ["/db/acid.html", "/raft.html", "/lone.html"] {
        served.page(path);
    }
    let version = served.preview.version();
    served.desk.write("content/raft.md", RAFT.replace("leader", "LEADER"));
    served.wait_for("/raft.html", "LEADER", true);
    assert_eq!(served.preview.changed_since("raft.html", version), Change::Text);
    assert_eq!(served.preview.changed_since("lone.html", version), Change::None);
    let version = served.preview.version();
    served.desk.write("static/extra.css", "p { color: blue }");
    // The file itself is read from the disk and may be there before the news.
    let until = Instant::now() + Duration::from_secs(20);
    while served.preview.version() == version {
        assert!(Instant::now() < until, "the style is no news");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(served.preview.changed_since("lone.html", version), Change::Style);
    served.desk.write("content/raft.md", "");
    fs::remove_file(served.desk.at("content/raft.md")).expect("removed");
    served.wait_for_status("/raft.html", 404);
    assert_eq!(served.preview.changed_since("raft.html", version), Change::Page);
}

#[test]
fn every_answer_is_whole_while_the_site_is_rebuilt() {
    let served = Served::notes();
    let address = served.running.address();
    let writer = std::thread::spawn({
        let path = served.desk.at("content/raft.md");
        move || {
            for n in 0..60 {
                fs::write(&path, RAFT.replace("Elects", &format!("<<{n}>> and <<{n}>> elect"))).expect("written");
                // The pace of the writer: a rebuild takes about as long.
                std::thread::sleep(Duration::from_millis(15));
            }
        }
    });
    while !writer.is_finished() {
        let (status, _, body) = ask(address, "/raft.html", "");
        let text = String::from_utf8_lossy(&body);
        assert!(status == 200 && text.trim_end().ends_with("</html>"), "{status}");
        let marks: Vec<&str> = text.split("&lt;&lt;").skip(1).filter_map(|rest| rest.split("&gt;").next()).collect();
        assert!(marks.iter().all(|mark| *mark == marks[0]), "{marks:?}");
    }
    writer.join().expect("no panic");
    served.wait_for("/raft.html", "&lt;&lt;59&gt;&gt;", true);
}
