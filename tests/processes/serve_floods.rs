//! The preview and clients that are slow, silent, many, or gone, and a process without file descriptors. Everything stays
//! on loopback, and servers that are to be starved run in a process of their own.

use crate::full_name;
use crate::serve_double::{double, filled, get, options, start};
use canon::server::{Bound, Limits, Options};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// P05: clients that ask for a large file and never read, more of them than anything here has threads.
#[test]
fn who_never_reads_is_dropped_and_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("film.mp4");
    std::fs::write(&file, vec![7; 5 << 20]).expect("a file");
    let mut site = double();
    site.on_disk.insert("film.mp4", file);
    let limits = Limits { write: Duration::from_secs(2), ..Limits::for_this_process() };
    let bound = Bound::new(Options { limits: Some(limits), ..options() }).expect("a port");
    let running = bound.start(Arc::new(site)).expect("a server");
    let address = running.address();
    let request = filled("GET /film.mp4 HTTP/1.1\r\n{H}\r\n\r\n", address);
    let mut clients: Vec<_> = (0..64).map(|_| TcpStream::connect(address).expect("a connection")).collect();
    clients.iter_mut().for_each(|client| client.write_all(&request).expect("sent"));
    assert_eq!(get(address, "/", "").status, 200);
    let film = get(address, "/film.mp4", "");
    assert!(film.status == 200 && film.body.len() == 5 << 20 && film.body.iter().all(|byte| *byte == 7));
    // Not a wait for anything: the clients read nothing for longer than the limit.
    std::thread::sleep(Duration::from_secs(3));
    for client in &mut clients {
        client.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        let mut taken = Vec::new();
        let end = client.read_to_end(&mut taken);
        let ended = end.as_ref().is_ok_and(|_| taken.len() < 5 << 20);
        assert!(ended || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset), "still served");
    }
}

/// A preview in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
    /// Kept open, for what else it prints.
    _output: BufReader<ChildStdout>,
}

const ROLE: &str = "CANON_TEST_ROLE";

impl Server {
    /// Starts this test's own program anew, with at most so many open files; `test` plays the server there.
    #[cfg(unix)]
    fn start(test: &str, files: u32, role: &str) -> Server {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")])
            .arg(program)
            .args(["--exact", &full_name(module_path!(), test), "--nocapture"])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once("ADDRESS ")?.1.trim().parse().ok());
        let address = address.expect("the server says where it is");
        Server { child, address, _output: output }
    }

    /// Plays the server until its parent ends it.
    fn play(options: Options) {
        let (running, _site) = start(options);
        println!("\nADDRESS {}", running.address());
        let _ = std::io::stdin().read(&mut [0]);
    }

    /// Waits until the server has accepted all connections that it will: its open files stay as many for a while.
    #[cfg(target_os = "linux")]
    fn takes_no_more(&self) {
        let count = || std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("a process").count();
        let (until, mut last, mut same) = (Instant::now() + Duration::from_secs(20), count(), 0);
        while same < 10 {
            assert!(Instant::now() < until, "the server goes on to accept connections");
            std::thread::sleep(Duration::from_millis(10));
            let now = count();
            same = if now == last { same + 1 } else { 0 };
            last = now;
        }
    }

    /// Where open files cannot be counted from outside, a time that is long enough.
    #[cfg(not(target_os = "linux"))]
    fn takes_no_more(&self) {
        std::thread::sleep(Duration::from_millis(500));
    }

    #[cfg(target_os = "linux")]
    fn threads(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("a process").count()
    }
}

impl Drop for Server {
    /// Lets it end by itself, so that it can clean up; it reads the end of its input.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        for _ in 0..500 {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// P06: more connections than the process may have files, with limits that fit it and with limits that do not.
#[cfg(unix)]
#[test]
fn running_out_of_files_is_survived() {
    match std::env::var(ROLE).as_deref() {
        Ok("fitting") => return Server::play(options()),
        Ok(_) => {
            let limits = Limits { exchanges: 32, connections: 512, ..Limits::for_descriptors(4096) };
            return Server::play(Options { limits: Some(limits), ..options() });
        }
        Err(_) => {}
    }
    for role in ["fitting", "too large"] {
        let mut server = Server::start("running_out_of_files_is_survived", 64, role);
        let mut clients = Vec::new();
        for _ in 0..200 {
            if let Ok(mut client) = TcpStream::connect(server.address) {
                let _ = client.write_all(&filled("GET / HTTP/1.1\r\n{H}\r\n\r\n", server.address));
                clients.push(client);
            }
        }
        server.takes_no_more();
        drop(clients);
        let until = Instant::now() + Duration::from_secs(20);
        while get(server.address, "/", "").status != 200 {
            assert!(Instant::now() < until, "{role}: no answer after the files were free again");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(server.child.try_wait().expect("its state").is_none(), "{role}: the server ended");
    }
}

/// P07: connections that are reset before they are accepted, or just after.
#[cfg(unix)]
#[test]
fn ten_thousand_aborted_connections_are_survived() {
    if std::env::var(ROLE).is_ok() {
        return Server::play(options());
    }
    let server = Server::start("ten_thousand_aborted_connections_are_survived", 256, "server");
    for number in 0..10_000 {
        let Ok(mut client) = TcpStream::connect(server.address) else { continue };
        if number % 2 == 0 {
            let _ = client.write_all(&filled("GET / HTTP/1.1\r\n{H}\r\n\r\n", server.address));
        }
        // Closing with no time to linger resets the connection.
        rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).expect("an option");
    }
    assert_eq!(get(server.address, "/", "").status, 200);
}

/// P04: five hundred clients that send a byte a second and five hundred that send nothing.
#[cfg(target_os = "linux")]
#[test]
fn slow_and_silent_clients_are_closed_while_pages_are_answered() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    if std::env::var(ROLE).is_ok() {
        return Server::play(options());
    }
    let limit = getrlimit(Resource::Nofile);
    let enough = limit.maximum.map_or(4096, |most| most.min(4096));
    setrlimit(Resource::Nofile, Rlimit { current: Some(enough), ..limit }).expect("more files");
    let server = Server::start("slow_and_silent_clients_are_closed_while_pages_are_answered", 2048, "server");
    let connect = |_| {
        let client = TcpStream::connect(server.address).expect("a connection");
        client.set_nonblocking(true).expect("an option");
        (client, Instant::now())
    };
    let mut slow: Vec<_> = (0..500).map(connect).collect();
    let mut silent: Vec<_> = (0..500).map(connect).collect();
    let (mut threads, mut slowest, mut longest) = (0, Duration::ZERO, Duration::ZERO);
    for tenth in 0..150 {
        if tenth % 10 == 0 {
            slow.iter_mut().for_each(|(client, _)| drop(client.write(b"G")));
        }
        let asked = Instant::now();
        assert_eq!(get(server.address, "/", "").status, 200);
        (threads, slowest) = (threads.max(server.threads()), slowest.max(asked.elapsed()));
        let mut is_open = |(client, since): &mut (TcpStream, Instant)| {
            let open = client.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
            longest = if open { longest } else { longest.max(since.elapsed()) };
            open
        };
        slow.retain_mut(&mut is_open);
        silent.retain_mut(&mut is_open);
        if slow.is_empty() && silent.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("the last closed after {longest:?}, {threads} threads, slowest page {slowest:?}");
    assert!(slow.is_empty() && silent.is_empty(), "{} slow and {} silent are still open", slow.len(), silent.len());
    assert!(threads <= 70, "{threads} threads");
}
