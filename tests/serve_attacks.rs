//! The preview under attack: raw bytes in, statuses out, in one table. The rows are named as in the record of what
//! preview servers have been broken by: A is for addresses, H for headers, P for the protocol, R for answers.

mod serve_double;

use canon::server::{Bound, Options};
use serve_double::{Answer, INDEX, SECRET, filled, get, options, read_answer, send, start};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What every answer must and must not carry.
fn check_form(row: &str, answer: &Answer) {
    for (name, value) in [
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Server", "canon"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{row}: {name} in {}", answer.head);
    }
    let policy = answer.header("Content-Security-Policy").unwrap_or_default();
    assert!(policy.contains("frame-ancestors 'self'"), "{row}: {}", answer.head);
    assert!(!answer.head.to_ascii_lowercase().contains("access-control-"), "{row}: {}", answer.head);
    let kind = answer.header("Content-Type").unwrap_or_default();
    assert!(!kind.starts_with("text/") || kind.ends_with("charset=utf-8"), "{row}: {kind}");
}

/// Targets, by row of the table of attacks, and what each gets.
const TARGETS: &[(&str, u16, &[&str])] = &[
    ("A01", 400, &["/../../../../etc/passwd"]),
    ("A02", 400, &["/a/../../x", "/./index.html", "/.env/.", "/..", "/."]),
    ("A03", 400, &["/%2e%2e/", "/%2E%2e%2f", "/..%2f", "/%2e%2e%5c", "/a%2fb"]),
    ("A04", 404, &["/%252e%252e%252fetc"]),
    ("A05", 400, &["/..%c0%af..%c0%af", "/%ff", "/%", "/%zz", "/%u002e", "/%+1", "/a%2"]),
    ("A06", 400, &["/..\\..\\x", "/%5c..%5c", "/\\evil.com", "\\evil.com"]),
    ("A07", 400, &["/a%00.html", "/a\0.html", "/%0d%0aX:1", "/%1b", "/%7f", "/a\tb", "/%c2%9b"]),
    ("A08", 400, &["//evil.com/", "///x", "/a//b", "//evil/..%2f..", "/a//", "//"]),
    ("A09", 400, &["http://evil/x", "*", "etc/passwd", "", "?", "http://127.0.0.1:{P}/"]),
    ("A10", 400, &["/#/../x", "/index.html#", "/?#"]),
    ("A10", 200, &["/a.html?raw??", "/a.html?import&raw", "/a.html?url", "/a.html?x=../..", "/a.html?x=%00%ff%", "/?"]),
    (
        "A11",
        404,
        &[
            "/C:/Windows/win.ini",
            "/CON",
            "/aux.html",
            "/x::$DATA",
            "/x.html.",
            "/x.html%20",
            "/X.HTML",
            "/x.html/",
            "/x",
        ],
    ),
    (
        "A12",
        404,
        &[
            "/.git/config",
            "/.canon/manifest.json",
            "/canon.toml",
            "/drafts/secret/",
            "/etc/passwd",
            "/__canon/",
            "/__canon/x",
        ],
    ),
    ("A14", 400, &["/../site-private/x"]),
    ("R01", 404, &["/<script>alert(1)</script>", "/%22onmouseover=", "/+ADw-script+AD4-alert(1)", "/%3Cscript%3E"]),
    (
        "pages",
        200,
        &["/", "/index.html", "/databases/", "/a.html", "/%61.html", "/__canon/reload.js", "/__canon/reload.css"],
    ),
    ("folder", 302, &["/databases"]),
];

#[test]
fn targets() {
    let (running, _site) = start(options());
    let address = running.address();
    let expected = get(address, "/a.html", "").body;
    for (row, status, targets) in TARGETS {
        for target in *targets {
            let answer = send(address, &filled(&format!("GET {target} HTTP/1.1\r\n{{H}}\r\n\r\n"), address));
            assert_eq!(answer.status, *status, "{row} {target:?}: {}", answer.text());
            check_form(row, &answer);
            assert!(*row == "folder" || answer.header("Location").is_none(), "{row} {target}: {}", answer.head);
            let body = answer.text().to_ascii_lowercase();
            let repeated = ["passwd", "evil", "alert", "onmouseover", "private"].iter().any(|word| body.contains(word));
            assert!(*status == 200 || !repeated, "{row} {target}: {body}");
            assert!(
                !(*row == "A10" && *status == 200 && target.starts_with("/a")) || answer.body == expected,
                "{target}"
            );
            let head = send(address, &filled(&format!("HEAD {target} HTTP/1.1\r\n{{H}}\r\n\r\n"), address));
            assert_eq!(head.status, *status, "{row} HEAD {target:?}");
            assert_eq!(head.header("Content-Length"), answer.header("Content-Length"), "{row} HEAD {target:?}");
        }
    }
    assert_eq!(get(address, "/databases", "").header("Location"), Some("/databases/"));
}

/// Whole requests, by row, and what each gets. 0 is a connection that is closed without an answer.
const REQUESTS: &[(&str, u16, &[&str])] = &[
    ("A09", 405, &["CONNECT x:1 HTTP/1.1\r\n{H}\r\n\r\n"]),
    (
        "H01",
        403,
        &[
            "GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.com\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: evil.com:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost.evil.com\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 0.0.0.0:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 2130706433\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: [::ffff:7f00:1]\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: [::ffff:7f00:1]:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
        ],
    ),
    (
        "H02",
        400,
        &[
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\n{H}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: @\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: u@127.0.0.1:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n",
        ],
    ),
    (
        "H03",
        200,
        &[
            "GET / HTTP/1.1\r\nHost: localhost:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: LOCALHOST:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nhost:[::1]:{P}\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x.localhost:{P}\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
        ],
    ),
    ("H04", 403, &["GET / HTTP/1.1\r\nHost: evil.com\r\nX-Forwarded-Host: 127.0.0.1\r\n\r\n"]),
    (
        "H05",
        403,
        &[
            "GET / HTTP/1.1\r\n{H}\r\nOrigin: http://evil.com\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nOrigin: null\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nOrigin: http://127.0.0.1:9\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nOrigin: http://8.8.8.8\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nOrigin:\r\n\r\n",
        ],
    ),
    ("H05", 200, &["GET / HTTP/1.1\r\n{H}\r\nOrigin: http://127.0.0.1:{P}\r\n\r\n"]),
    (
        "H06",
        403,
        &[
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: style\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        ],
    ),
    (
        "H07",
        200,
        &[
            "GET /a.html HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n",
        ],
    ),
    (
        "H08",
        403,
        &[
            "GET /__canon/live HTTP/1.1\r\n{H}\r\nOrigin: http://evil.com\r\n\r\n",
            "GET /__canon/state HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n\r\n",
            "GET /__canon/findings?p=/broken.html HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n\r\n",
            "GET /__canon/reload.js HTTP/1.1\r\n{H}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: script\r\n\r\n",
        ],
    ),
    (
        "H09",
        400,
        &[
            "GET / HTTP/1.1\r\n{H}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        ],
    ),
    (
        "H10",
        405,
        &[
            "OPTIONS / HTTP/1.1\r\n{H}\r\nOrigin: http://evil.com\r\nAccess-Control-Request-Method: GET\r\n\r\n",
            "POST / HTTP/1.1\r\n{H}\r\nContent-Length: 1\r\n\r\nx",
            "PUT / HTTP/1.1\r\n{H}\r\n\r\n",
            "DELETE / HTTP/1.1\r\n{H}\r\n\r\n",
            "PATCH / HTTP/1.1\r\n{H}\r\n\r\n",
            "TRACE / HTTP/1.1\r\n{H}\r\nX-Echo: evil\r\n\r\n",
            "FOO / HTTP/1.1\r\n{H}\r\n\r\n",
            "get / HTTP/1.1\r\n{H}\r\n\r\n",
        ],
    ),
    (
        "P01",
        400,
        &[
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 5\r\n\r\nhello",
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: -5\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 9e9\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nTransfer-Encoding : x\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\n: x\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nno colon\r\n\r\n",
        ],
    ),
    ("P01", 200, &["GET / HTTP/1.1\r\n{H}\r\nContent-Length: 0\r\n\r\n"]),
    (
        "P03",
        400,
        &[
            "GET / HTTP/1.1\n{H}\n\n",
            "GET / HTTP/1.1\r\n{H}\nX: y\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nX: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\rX: y\r\n\r\n",
            "GET /\u{e4} HTTP/1.1\r\n{H}\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nX: \u{e4}\r\n\r\n",
            "GET / HTTP/1.1\r\n{H}\r\nX: \0\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{0}\u{5}hello",
            "GET /\r\n",
            "GET / \r\n",
            "GET  / HTTP/1.1\r\n{H}\r\n\r\n",
            "GET / HTTP/1.1 \r\n{H}\r\n\r\n",
            " GET / HTTP/1.1\r\n{H}\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\n{H}\r\n\r\n",
            "GET / HTTX/1.1\r\n{H}\r\n\r\n",
        ],
    ),
    (
        "P03",
        505,
        &["GET / HTTP/2.0\r\n{H}\r\n\r\n", "GET / HTTP/9.9\r\n{H}\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ),
];

#[test]
fn requests() {
    let (running, _site) = start(options());
    let address = running.address();
    for (row, status, requests) in REQUESTS {
        for request in *requests {
            let mut stream = TcpStream::connect(address).expect("the server listens");
            stream.write_all(&filled(request, address)).expect("sent");
            let answer = read_answer(&mut stream, false);
            assert_eq!(answer.status, *status, "{row} {request:?}: {}", answer.text());
            check_form(row, &answer);
            assert!(*status != 405 || answer.header("Allow") == Some("GET, HEAD"), "{row}: {}", answer.head);
            if *status >= 400 {
                assert!(!answer.text().contains("evil"), "{row} {request:?} is repeated");
                // Nothing that follows a refused request is looked at, and the connection ends.
                let _ = stream.write_all(&filled("GET /a.html HTTP/1.1\r\n{H}\r\n\r\n", address));
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest);
                assert!(rest.is_empty(), "{row} {request:?}: {}", String::from_utf8_lossy(&rest));
            }
        }
    }
}

#[test]
fn a_smuggled_request_is_not_executed() {
    let (running, _site) = start(options());
    let address = running.address();
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = "GET / HTTP/1.1\r\n{H}\r\nContent-Length: 5\r\n\r\nGET /a.html HTTP/1.1\r\n{H}\r\n\r\n";
    stream.write_all(&filled(request, address)).expect("sent");
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("an answer and the end");
    let text = String::from_utf8(all).expect("text");
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
}

#[test]
fn clean_requests_share_a_connection_in_order() {
    let (running, _site) = start(options());
    let address = running.address();
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let one = |target: &str| filled(&format!("GET {target} HTTP/1.1\r\n{{H}}\r\n\r\n"), address);
    stream
        .write_all(
            &[
                one("/data.bin"),
                one("/a.html"),
                filled("GET /large.js HTTP/1.1\r\n{H}\r\nConnection: close\r\n\r\n", address),
            ]
            .concat(),
        )
        .expect("sent");
    let mut all = Vec::new();
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.read_to_end(&mut all).expect("three answers, and the end of a silent connection");
    let text = String::from_utf8(all).expect("text");
    let places: Vec<_> = ["0123456789", "<body>a", &"a".repeat(300_000)].iter().map(|part| text.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
}

/// P02.
#[test]
fn a_head_too_large_is_refused_without_being_kept() {
    let (running, _site) = start(options());
    let address = running.address();
    let host = format!("Host: {address}\r\n");
    let long_target = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(8192));
    assert_eq!(send(address, long_target.as_bytes()).status, 414);
    let frame = format!("GET / HTTP/1.1\r\n{host}X: \r\n\r\n").len();
    let large = format!("GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n", "a".repeat(16_385 - frame));
    assert_eq!(send(address, large.as_bytes()).status, 431);
    let many = format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: y\r\n".repeat(100));
    assert_eq!(send(address, many.as_bytes()).status, 431);
    let huge = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &vec![b'a'; 64 << 20]].concat();
    let answer = send(address, &huge);
    assert!([431, 0].contains(&answer.status), "{}", answer.status);
    assert_eq!(get(address, "/", "").status, 200);
}

/// P09.
#[test]
fn parts_and_tags() {
    let (running, _site) = start(options());
    let address = running.address();
    let whole = get(address, "/data.bin", "");
    let tag = whole.header("ETag").expect("a tag").to_string();
    let thousand =
        format!("Range: bytes={}\r\n", (0..1000).map(|at| format!("{at}-{at}")).collect::<Vec<_>>().join(","));
    for (headers, status, body) in [
        ("Range: bytes=0-\r\n", 206, "0123456789"),
        ("Range: bytes=2-4\r\n", 206, "234"),
        ("Range: bytes=-2\r\n", 206, "89"),
        ("Range: bytes=10-\r\n", 416, "The file has no such part."),
        ("Range: bytes=x\r\n", 200, "0123456789"),
        (thousand.as_str(), 200, "0123456789"),
        ("If-None-Match: garbage\r\n", 200, "0123456789"),
        ("If-None-Match: \"other\"\r\n", 200, "0123456789"),
        (&format!("If-None-Match: {tag}\r\n"), 304, ""),
        (&format!("If-Range: {tag}\r\nRange: bytes=0-0\r\n"), 206, "0"),
        ("If-Range: \"other\"\r\nRange: bytes=0-0\r\n", 200, "0123456789"),
    ] {
        let answer = get(address, "/data.bin", headers);
        assert_eq!((answer.status, answer.text().as_str()), (status, body), "{headers}");
        check_form(headers, &answer);
    }
    assert_eq!(get(address, "/data.bin", "Range: bytes=2-4\r\n").header("Content-Range"), Some("bytes 2-4/10"));
    assert_eq!(get(address, "/data.bin", "Range: bytes=10-\r\n").header("Content-Range"), Some("bytes */10"));
    let large = get(address, "/large.js", "Range: bytes=1000-299999\r\n");
    assert_eq!((large.status, large.body.len()), (206, 299_000));
    let head = send(address, &filled("HEAD /data.bin HTTP/1.1\r\n{H}\r\nRange: bytes=0-1\r\n\r\n", address));
    assert_eq!((head.status, head.header("Content-Length")), (200, Some("10")));
    let head = send(address, &filled("HEAD /large.js HTTP/1.1\r\n{H}\r\n\r\n", address));
    assert_eq!((head.status, head.header("Content-Length")), (200, Some("300000")));
}

/// R02, C10.
#[test]
fn types_and_policies() {
    let (running, _site) = start(options());
    for (target, kind, policy) in [
        ("/note.txt", "text/plain; charset=utf-8", "script-src 'none'"),
        ("/blob.unheard", "application/octet-stream", "script-src 'none'"),
        ("/pic.svg", "image/svg+xml", "script-src 'none'"),
        ("/empty.txt", "text/plain; charset=utf-8", "script-src 'none'"),
        ("/a.html", "text/html; charset=utf-8", "default-src 'none'; script-src 'self'"),
        ("/nothing", "text/html; charset=utf-8", "default-src 'none'; script-src 'self'"),
    ] {
        let answer = get(running.address(), target, "");
        assert_eq!(answer.header("Content-Type"), Some(kind), "{target}");
        assert!(answer.header("Content-Security-Policy").is_some_and(|found| found.contains(policy)), "{target}");
    }
}

/// I44: whatever a file of the notes holds, it runs no script; pages made here keep the site's policy.
#[test]
fn files_of_the_notes_run_no_script() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = serve_double::double();
    for name in ["page.html", "page.htm", "picture.svg", "feed.xml", "page.xhtml"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").unwrap();
        site.on_disk.insert(name, path);
    }
    let running = Bound::new(options()).unwrap().start(std::sync::Arc::new(site)).unwrap();
    for (target, sandboxed) in [
        ("/page.html", true),
        ("/page.htm", true),
        ("/picture.svg", true),
        ("/feed.xml", true),
        ("/page.xhtml", false), // Bytes to save: no browser shows it.
        ("/a.html", false),
    ] {
        let answer = get(running.address(), target, "");
        assert_eq!(answer.status, 200, "{target}");
        let policy = answer.header("Content-Security-Policy").unwrap_or_default().to_string();
        assert_eq!(policy.ends_with("; sandbox"), sandboxed, "{target}: {policy}");
        assert_eq!(policy.contains("script-src 'none'"), target != "/a.html", "{target}: {policy}");
        assert_eq!(answer.text().contains("/__canon/reload.js"), target == "/a.html", "{target}");
    }
    let saved = get(running.address(), "/page.xhtml", "");
    assert_eq!(saved.header("Content-Type"), Some("application/octet-stream"));
}

#[test]
fn pages_have_the_script_and_all_else_their_bytes() {
    let (running, _site) = start(options());
    let page = get(running.address(), "/", "");
    assert!(page.text().contains("<script src=\"/__canon/reload.js\""));
    assert_eq!(canon::server::without_script(&page.body), INDEX);
    assert_eq!(get(running.address(), "/note.txt", "").text(), "<html><script>alert(1)</script>");
}

/// H08, R04: what the live endpoints say and that findings are data.
#[test]
fn live_endpoints_tell_numbers_and_findings_are_json() {
    let (running, site) = start(options());
    let address = running.address();
    let page = get(address, "/broken.html", "").text();
    let value = |name: &str| {
        let rest = page.split_once(&format!("{name}=\"")).expect("a stamp").1;
        rest.split_once('"').expect("a value").0.to_string()
    };
    let query = |path: &str| format!("?b={}&v={}&p={path}", value("data-boot"), value("data-version"));
    assert_ne!(value("data-findings"), "0");
    let state = get(address, &format!("/__canon/state{}", query("/broken.html")), "").text();
    assert!(state.contains(r#""change":"none""#) && state.contains(&value("data-findings")), "{state}");
    let held = std::thread::spawn({
        let target = format!("/__canon/live{}", query("%2Fa.html"));
        move || get(address, &target, "").text()
    });
    // No answer comes in this time.
    std::thread::sleep(Duration::from_millis(100));
    assert!(!held.is_finished(), "there was no news yet");
    site.put("a.html", b"<body>TEXT-OF-A-NOTE</body>");
    running.announce();
    let news = held.join().expect("an answer");
    assert!(news.contains(r#""change":"page""#) && !news.contains(SECRET), "{news}");
    site.put("style.css", b"body{color:red}");
    assert!(
        get(address, &format!("/__canon/state{}", query("/broken.html")), "").text().contains(r#""change":"style""#)
    );
    let findings = get(address, "/__canon/findings?p=/broken.html", "");
    assert_eq!(findings.header("Content-Type"), Some("application/json; charset=utf-8"));
    let list: serde_json::Value = serde_json::from_slice(&findings.body).expect("JSON");
    assert_eq!((list[0]["file"].as_str(), list[0]["line"].as_u64()), (Some("broken.md"), Some(3)));
    assert_eq!(get(address, "/__canon/findings?p=/a.html", "").text(), "[]");
}

#[test]
fn a_page_whose_making_panics_costs_that_page_only() {
    let (running, _site) = start(options());
    for _ in 0..20 {
        assert_eq!(get(running.address(), "/panic.html", "").status, 500);
    }
    assert_eq!(get(running.address(), "/", "").status, 200);
}

/// R05, with a name that was allowed.
#[test]
fn beyond_loopback_this_machines_names_and_the_allowed_ones_are_answered() {
    let (running, _site) =
        start(Options { host: "0.0.0.0".into(), allow_hosts: vec!["Preview.Example".into()], ..options() });
    let port = running.address().port();
    let local: SocketAddr = ([127, 0, 0, 1], port).into();
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        ("preview.example".into(), 200),
        ("preview.example:443".into(), 200),
        (format!("0.0.0.0:{port}"), 403),
        ("evil.com".into(), 403),
    ] {
        let answer = send(local, format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        assert_eq!(answer.status, status, "{host}");
    }
    let foreign = format!("GET /__canon/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://evil.com\r\n\r\n");
    assert_eq!(send(local, foreign.as_bytes()).status, 403);
    // Any other address of loopback stands for this machine's address in a network: the connection comes in at it.
    #[cfg(target_os = "linux")]
    assert_eq!(get(([127, 0, 0, 2], port).into(), "/", "").status, 200);
}
