//! A server on loopback that misbehaves in every way a link check may meet. Knows nothing of Canon.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server that answers by path, and remembers what it was asked.
pub struct Server {
    pub address: SocketAddr,
    pub log: Arc<Mutex<Vec<String>>>,
    /// Most requests for `/a-little-slow/…` at one time.
    pub peak: Arc<AtomicUsize>,
    /// Bytes of endless answers that went out.
    pub written: Arc<AtomicUsize>,
}

/// How often a line stands in the log so far.
type Seen<'a> = &'a dyn Fn(&str) -> usize;

/// Starts one on any port of loopback.
pub fn serve() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server { address, log: Arc::default(), peak: Arc::default(), written: Arc::default() };
    let (log, peak, busy) = (server.log.clone(), server.peak.clone(), Arc::new(AtomicUsize::new(0)));
    let written = server.written.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (log, peak, busy, written) = (log.clone(), peak.clone(), busy.clone(), written.clone());
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let Some(request) = lines.next() else { return };
                let headers: Vec<String> = lines.take_while(|l| !l.is_empty()).collect();
                assert!(!headers.iter().any(|h| h.to_lowercase().starts_with("authorization")));
                let request = request.trim_end_matches(" HTTP/1.1").to_string();
                log.lock().unwrap().push(request.clone());
                let seen = |line: &str| log.lock().unwrap().iter().filter(|l| l.ends_with(line)).count();
                match request.contains("/a-little-slow/") {
                    true => {
                        peak.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        // How slow the answer is: long enough for other requests to arrive meanwhile.
                        std::thread::sleep(Duration::from_millis(30));
                        busy.fetch_sub(1, Ordering::SeqCst);
                        respond("HEAD /ok", stream, &seen, &written);
                    }
                    false => respond(&request, stream, &seen, &written),
                }
            });
        }
    });
    server
}

fn respond(request: &str, mut stream: TcpStream, seen: Seen<'_>, written: &AtomicUsize) {
    let port = stream.local_addr().unwrap().port();
    let (method, path) = request.split_once(' ').unwrap();
    let mut send = |status: &str, headers: &str, body: &str| {
        let body = if method == "HEAD" { "" } else { body };
        let _ = write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n{body}");
    };
    let first = seen(path) == 1;
    match (method, path) {
        ("HEAD", "/head-refused" | "/huge-get") => send("405 Method Not Allowed", "", ""),
        ("HEAD", "/head-lies") => send("404 Not Found", "", ""),
        (_, "/busy-once") if first => send("429 Too Many Requests", "Retry-After: 7\r\n", ""),
        (_, "/busy-until") if first => send("429 Busy", "Retry-After: Fri, 15 Jan 2027 08:00:09 GMT\r\n", ""),
        (_, "/busy-for-long") => send("429 Too Many Requests", "Retry-After: 3600\r\n", ""),
        (_, "/fails-twice") if seen(path) <= 3 => send("503 Service Unavailable", "", ""),
        (_, "/drops-once") if first => {}
        (_, "/drops") => {}
        (_, "/slow") => {
            // Never answers; ends when the client hangs up.
            let _ = stream.read(&mut [0]);
        }
        (_, "/garbage") => drop(stream.write_all(b"what is this\r\n\r\n")),
        (_, "/circle") => send("302 Found", "Location: /circle2\r\n", ""),
        (_, "/circle2") => send("302 Found", "Location: /circle\r\n", ""),
        (_, "/moved") => send("301 Moved Permanently", "Location: found#there\r\n", ""),
        (_, "/moved-for-good") => send("308 Permanent Redirect", "Location: /ok\r\n", ""),
        (_, "/found") => send("302 Found", "Location: /ok\r\n", ""),
        (_, "/nowhere") => send("302 Found", "", ""),
        (_, "/to-gone") => send("301 Moved", "Location: /status/404\r\n", ""),
        (_, "/to-private") => send("302 Found", "Location: http://10.1.2.3/secret\r\n", ""),
        (_, "/to-loopback") => send("302 Found", "Location: http://0x7f000001:9/\r\n", ""),
        (_, "/to-private-name") => send("302 Found", "Location: http://inner.test/\r\n", ""),
        (_, "/to-file") => send("302 Found", "Location: file:///etc/passwd\r\n", ""),
        (_, "/huge") => {
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p id=first>");
            while method == "GET" && stream.write_all(&[b'x'; 65536]).is_ok() {
                written.fetch_add(65536, Ordering::SeqCst);
            }
        }
        (_, "/page") => send("200 OK", "Content-Type: text/html\r\n", "<h1 id=\"one\">x</h1><a name=two>"),
        (_, "/picture") => send("200 OK", "Content-Type: image/png\r\n", "x"),
        (_, path) if path.starts_with("/chain/") => {
            let n: usize = path[7..].parse().unwrap();
            send("302 Found", &format!("Location: /chain/{}\r\n", n + 1), "");
        }
        (_, path) if path.starts_with("/to-slow/") => {
            let location = format!("http://target.site.test:{port}/a-little-slow/{}", &path[9..]);
            send("302 Found", &format!("Location: {location}\r\n"), "");
        }
        (_, path) if path.starts_with("/status/") => send(&format!("{} Whatever", &path[8..]), "", ""),
        _ => send("200 OK", "Content-Length: 0\r\n", ""),
    }
}

/// A server whose certificate nobody vouches for.
pub fn serve_tls() -> SocketAddr {
    let certified = rcgen::generate_simple_self_signed(vec!["site.test".to_string()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
            while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        }
    });
    address
}
