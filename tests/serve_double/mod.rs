//! A site for the tests of the preview: a few files in memory and on the disk, changed by hand. Knows no Markdown.

use canon::server::{
    Body, Bound, Change, Changes, Content, Finding, Options, Port, Refresh, Running, Site, Summary, media_type,
};
use canon::text::Severity;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Text of a note that only findings and pages may show.
pub const SECRET: &str = "TEXT-OF-A-NOTE";

/// A site made of a map.
#[derive(Default)]
pub struct Double {
    state: Mutex<State>,
    /// Files that are served from the disk, by output path.
    pub on_disk: BTreeMap<&'static str, PathBuf>,
}

#[derive(Default)]
struct State {
    version: u64,
    pages: BTreeMap<String, (Vec<u8>, u64)>,
    changes: Vec<Changes>,
}

#[allow(dead_code)] // Each test file uses its part.
impl Double {
    /// A site with these pages.
    pub fn with(pages: &[(&str, &[u8])]) -> Double {
        let double = Double::default();
        for (path, bytes) in pages {
            double.put(path, bytes);
        }
        double
    }

    /// Puts a page in, in a new version.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state();
        state.version += 1;
        let version = state.version;
        state.pages.insert(path.into(), (bytes.to_vec(), version));
    }

    /// What it was told so far.
    pub fn changes(&self) -> Vec<Changes> {
        self.state().changes.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it changes the site")
    }
}

impl Site for Double {
    fn get(&self, path: &str) -> Option<Body> {
        assert!(path != "panic.html", "a page whose making panics");
        if let Some(file) = self.on_disk.get(path) {
            let file = File::open(file).ok()?;
            let length = file.metadata().ok()?.len();
            return Some(Body { content: Content::File { file, length }, media_type: media_type(path) });
        }
        let bytes = self.state().pages.get(path)?.0.clone();
        Some(Body { content: Content::Bytes(bytes.into()), media_type: media_type(path) })
    }

    fn not_found(&self) -> Body {
        let page = b"<!doctype html><title>No such page</title><body>No such page</body>";
        Body { content: Content::Bytes((*page).into()), media_type: media_type("404.html") }
    }

    fn version(&self) -> u64 {
        self.state().version
    }

    fn changed_since(&self, path: &str, version: u64) -> Change {
        let state = self.state();
        let newer = |path: &str| state.pages.get(path).is_some_and(|(_, changed)| *changed > version);
        if newer(path) {
            Change::Page
        } else if newer("style.css") {
            Change::Style
        } else {
            Change::None
        }
    }

    fn findings(&self, path: &str) -> Vec<Finding> {
        let finding = Finding {
            severity: Severity::Error,
            file: "broken.md".into(),
            line: 3,
            message: format!("{SECRET} <img src=x onerror=alert(1)>"),
            help: "mend it".into(),
            repair: None,
        };
        if path == "broken.html" { vec![finding] } else { Vec::new() }
    }
}

impl Refresh for Double {
    fn refresh(&self, changes: Changes) -> Summary {
        let mut state = self.state();
        state.version += 1;
        state.changes.push(changes);
        Summary::default()
    }
}

/// An answer as it came.
#[derive(Debug)]
#[allow(dead_code)]
pub struct Answer {
    /// 0 where the connection ended without one.
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

#[allow(dead_code)]
impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends bytes on a connection of their own and reads one answer, or the end.
#[allow(dead_code)]
pub fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    // A refused request may be answered, and the connection closed, before all of it is sent.
    let _ = stream.write_all(bytes);
    read_answer(&mut stream, bytes.starts_with(b"HEAD "))
}

/// Reads one answer, or the end.
#[allow(dead_code)]
pub fn read_answer(stream: &mut TcpStream, head_only: bool) -> Answer {
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 65536]);
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end + 4].to_vec()).expect("a head is text");
            let mut answer =
                Answer { status: head[9..12].parse().expect("a status"), head, body: bytes[end + 4..].to_vec() };
            let length = answer.header("Content-Length").map_or(0, |length| length.parse().expect("a length"));
            let bodyless = head_only || answer.status == 304;
            if bodyless || answer.body.len() >= length {
                answer.body.truncate(if bodyless { 0 } else { length });
                return answer;
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return Answer { status: 0, head: String::new(), body: bytes },
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// A GET request for this server, with more header lines, each ended by CR LF.
#[allow(dead_code)]
pub fn get(address: SocketAddr, target: &str, headers: &str) -> Answer {
    send(address, format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").as_bytes())
}

/// The home page.
#[allow(dead_code)]
pub const INDEX: &[u8] = b"<!doctype html><title>Home</title><body>Home of TEXT-OF-A-NOTE</body>";

/// The site under attack.
#[allow(dead_code)]
pub fn double() -> Double {
    Double::with(&[
        ("index.html", INDEX),
        ("a.html", b"<body>a</body>"),
        ("broken.html", b"<body>last good</body>"),
        ("x.html", b"<body>x</body>"),
        ("databases/index.html", b"<body>databases</body>"),
        ("note.txt", b"<html><script>alert(1)</script>"),
        ("pic.svg", b"<svg><script>alert(1)</script></svg>"),
        ("blob.unheard", b"<html>"),
        ("empty.txt", b""),
        ("data.bin", b"0123456789"),
        ("large.js", &[b'a'; 300_000]),
        ("style.css", b"body{}"),
    ])
}

/// Any port, nothing watched, nothing said.
#[allow(dead_code)]
pub fn options() -> Options {
    let watching = canon::server::Watching { catch_up: false, ..Default::default() };
    Options { port: Port::Asked(0), watching, reporter: Arc::new(|_, _| {}), ..Options::default() }
}

/// A server of that site.
#[allow(dead_code)]
pub fn start(options: Options) -> (Running, Arc<Double>) {
    let site = Arc::new(double());
    let running = Bound::new(options).expect("a port").start(site.clone()).expect("a server");
    (running, site)
}

/// The request with `{H}` as this server's Host line and `{P}` as its port.
#[allow(dead_code)]
pub fn filled(request: &str, address: SocketAddr) -> Vec<u8> {
    request
        .replace("{H}", &format!("Host: 127.0.0.1:{}", address.port()))
        .replace("{P}", &address.port().to_string())
        .into()
}
