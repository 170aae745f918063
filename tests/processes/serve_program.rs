//! `canon serve` as a program: it opens a browser when told to, prints addresses that answer, and ends at once and without a
//! trace. Linux only: elsewhere browsers are opened and programs ended by other means.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

struct Program {
    child: Child,
    lines: Receiver<String>,
    folder: tempfile::TempDir,
}

impl Program {
    /// Serves a small site; `path` is where programs are looked for.
    fn start(arguments: &[&str], path: impl Fn(&Path) -> PathBuf) -> Program {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["site/content", "tmp", "bin"] {
            fs::create_dir_all(folder.path().join(name)).expect("a folder");
        }
        fs::write(folder.path().join("site/content/a.md"), "# A note\n").expect("a note");
        let mut child = Command::new(env!("CARGO_BIN_EXE_canon"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .arg(folder.path().join("site"))
            .env("PATH", path(folder.path()))
            .env("TMPDIR", folder.path().join("tmp"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let (sender, lines) = channel();
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        std::thread::spawn(move || errors.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Program { child, lines, folder }
    }

    /// The first line that has a text.
    fn says(&self, text: &str) -> String {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("`{text}` is not said"));
            if line.contains(text) {
                return line;
            }
        }
    }

    fn interrupt(&mut self) -> std::process::ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it runs");
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < until, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address_in(line: &str) -> String {
    let start = line.find("http://").expect("an address");
    line[start..].split_whitespace().next().expect("an address").to_string()
}

/// What stands at an address `http://host:port/`.
fn page(url: &str) -> String {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut socket = TcpStream::connect(host).unwrap_or_else(|error| panic!("{url}: {error}"));
    write!(socket, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

/// A folder whose `xdg-open` writes down what it is given.
fn with_an_opener(folder: &Path) -> PathBuf {
    let opener = folder.join("bin/xdg-open");
    fs::write(&opener, format!("#!/bin/sh\necho \"$@\" > {}\n", folder.join("opened").display())).expect("written");
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("allowed");
    folder.join("bin")
}

#[test]
fn a_browser_is_opened_at_the_address_that_is_said() {
    let mut program = Program::start(&["--open"], with_an_opener);
    let address = address_in(&program.says("Preview at"));
    let (note, until) = (program.folder.path().join("opened"), Instant::now() + Duration::from_secs(20));
    while fs::read_to_string(&note).unwrap_or_default().trim() != address {
        assert!(Instant::now() < until, "opened: {:?}", fs::read_to_string(&note));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(page(&address).starts_with("HTTP/1.1 200 "), "{address}");
    program.interrupt();
    let left: Vec<_> = fs::read_dir(program.folder.path().join("tmp")).expect("there").collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A line of what the system tells of a running process.
fn status(process: u32, key: &str) -> String {
    let told = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = told.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key} in {told}"));
    line.trim().to_string()
}

#[test]
fn memory_comes_in_large_pages_for_a_build_and_in_small_ones_for_the_preview() {
    let mut rules = Command::new(env!("CARGO_BIN_EXE_canon"));
    let run = rules.arg("rules").env("_RJEM_MALLOC_CONF", "stats_print:true").output().expect("the program");
    let told = String::from_utf8_lossy(&run.stderr);
    assert_eq!(told.contains("opt.thp: \"always\""), cfg!(target_arch = "x86_64"), "{told}");
    assert!(told.contains("opt.background_thread: true"), "{told}");
    let program = Program::start(&[], |folder| folder.join("bin"));
    program.says("Preview at");
    assert_eq!(status(program.child.id(), "THP_enabled:"), "0");
}

#[test]
fn without_a_browser_the_address_is_said_once_more() {
    let program = Program::start(&["--open"], |folder| folder.join("bin"));
    let address = address_in(&program.says("Preview at"));
    assert!(program.says("no browser could be opened").contains(&address));
    assert!(page(&address).starts_with("HTTP/1.1 200 "), "{address}");
}

#[test]
fn what_is_said_for_a_phone_answers() {
    let program = Program::start(&["--host", "0.0.0.0"], |folder| folder.join("bin"));
    let mut addresses = vec![address_in(&program.says("Preview at"))];
    loop {
        let line = program.lines.recv_timeout(Duration::from_secs(20)).expect("a warning at the end");
        match line.contains("From a phone") {
            true => addresses.push(address_in(&line)),
            false if line.starts_with("warning: everyone in this network") => break,
            false => {}
        }
    }
    for address in addresses {
        assert!(page(&address).starts_with("HTTP/1.1 200 "), "{address}");
    }
}
