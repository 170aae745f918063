//! tiny_http behind the guard: it parses each clean request and writes each answer, on a private listener that only the
//! guard connects to. It is started again when it dies of what it cannot bear (no file descriptors). Knows no client.

use super::answer::{self, ALWAYS, Answer, Conditions};
use super::content::Part;
use super::head::{self, Target};
use super::reload::{self, Held, Hub, Question};
use super::{Site, access, overlay};
use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tiny_http::{Header, HeaderField, Method, Request, Response, Server, StatusCode};

/// Threads that answer. A page costs milliseconds, and none of them ever waits for a client.
const HANDLERS: usize = 4;
/// The largest body that passes through tiny_http, in bytes; of a larger one it writes the head, and the guard sends the
/// bytes from where they are. So no thread waits for a slow client and no large body is copied.
pub(super) const LARGEST_INLINE: u64 = 128 * 1024;
/// The header in which the guard numbers its exchanges.
pub(super) const EXCHANGE: &str = "X-Canon-Exchange";

/// The guard's end of a connection to tiny_http.
#[cfg(unix)]
pub(super) type PrivateStream = std::os::unix::net::UnixStream;
/// The guard's end of a connection to tiny_http.
#[cfg(not(unix))]
pub type PrivateStream = std::net::TcpStream;

/// What answers and where its large bodies wait to be fetched.
pub(super) struct Backend {
    shared: Arc<Shared>,
    running: Mutex<Running>,
}

struct Shared {
    site: Arc<dyn Site>,
    hub: Arc<Hub>,
    boot: u64,
    policy: String,
    /// Large bodies by exchange: `None` from when the guard asks until one is left for it.
    parts: Mutex<HashMap<u64, Option<Part>>>,
    exchanges: AtomicU64,
}

struct Running {
    door: PrivateSocket,
    server: Arc<Server>,
}

impl Backend {
    /// Starts tiny_http. `policy` is the content security policy of pages.
    pub(super) fn start(site: Arc<dyn Site>, hub: Arc<Hub>, boot: u64, policy: String) -> io::Result<Backend> {
        let shared =
            Arc::new(Shared { site, hub, boot, policy, parts: Mutex::default(), exchanges: AtomicU64::new(1) });
        let running = Mutex::new(Running::start(&shared)?);
        Ok(Backend { shared, running })
    }

    /// A connection for one exchange, not blocking. Where tiny_http has died it is started again first.
    pub(super) fn connect(&self) -> io::Result<PrivateStream> {
        let mut running = locked(&self.running);
        let stream = match running.door.connect() {
            Err(error) if is_gone(&error) => {
                running.dismiss();
                *running = Running::start(&self.shared)?;
                running.door.connect()?
            }
            other => other?,
        };
        stream.set_nonblocking(true)?;
        Ok(stream)
    }

    /// Opens an exchange: its number goes into the request.
    pub(super) fn open_exchange(&self) -> u64 {
        let number = self.shared.exchanges.fetch_add(1, Ordering::Relaxed);
        locked(&self.shared.parts).insert(number, None);
        number
    }

    /// Closes an exchange, taking the large body that was left for it.
    pub(super) fn close_exchange(&self, number: u64) -> Option<Part> {
        locked(&self.shared.parts).remove(&number).flatten()
    }

    /// Ends the handlers. Requests that are being answered are finished.
    pub(super) fn stop(&self) {
        locked(&self.running).dismiss();
    }
}

impl Running {
    fn start(shared: &Arc<Shared>) -> io::Result<Running> {
        let (door, listener) = PrivateSocket::open()?;
        let server = Arc::new(Server::from_listener(listener, None).map_err(io::Error::other)?);
        for number in 0..HANDLERS {
            let (server, shared) = (server.clone(), shared.clone());
            let handle = move || {
                while let Ok(request) = server.recv() {
                    // Our own bug costs one answer. What panicked has said so on the terminal.
                    let _ = catch_unwind(AssertUnwindSafe(|| shared.answer(request)));
                }
            };
            thread::Builder::new().name(format!("canon-page-{number}")).spawn(handle)?;
        }
        Ok(Running { door, server })
    }

    fn dismiss(&self) {
        for _ in 0..HANDLERS {
            self.server.unblock();
        }
    }
}

/// Where the private listener is: a socket in a folder that only this user can enter, gone with the value.
#[cfg(unix)]
struct PrivateSocket {
    folder: std::path::PathBuf,
}

#[cfg(unix)]
impl PrivateSocket {
    fn open() -> io::Result<(PrivateSocket, std::os::unix::net::UnixListener)> {
        let door = PrivateSocket { folder: tempfile::Builder::new().prefix("canon-").tempdir()?.keep() };
        let listener = std::os::unix::net::UnixListener::bind(door.socket())?;
        Ok((door, listener))
    }

    fn socket(&self) -> std::path::PathBuf {
        self.folder.join("http")
    }

    fn connect(&self) -> io::Result<PrivateStream> {
        PrivateStream::connect(self.socket())
    }
}

#[cfg(unix)]
impl Drop for PrivateSocket {
    /// Removing these two takes no file descriptor, of which there may be none when tiny_http is started again.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        let _ = std::fs::remove_dir(&self.folder);
    }
}

/// Where the private listener is: a port of loopback. Who connects past the guard gets what the guard would let through.
#[cfg(not(unix))]
struct PrivateSocket {
    address: std::net::SocketAddr,
}

#[cfg(not(unix))]
impl PrivateSocket {
    fn open() -> io::Result<(PrivateSocket, std::net::TcpListener)> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        Ok((PrivateSocket { address: listener.local_addr()? }, listener))
    }

    fn connect(&self) -> io::Result<PrivateStream> {
        let stream = PrivateStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Whether nobody listens behind the door any more.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
}

impl Shared {
    fn answer(&self, request: Request) {
        let Ok(target) = head::read_target(request.url()) else {
            return respond(request, answer::sentence(400, "The guard lets no such address through."), None);
        };
        match target.key.strip_prefix(access::INTERNAL) {
            Some("live") => {
                let question = Question::of(&target);
                self.hub.hold(question, Box::new(HeldRequest(request)));
            }
            Some("state") => {
                let question = Question::of(&target);
                let answer = self.made(|| answer::json(reload::told(&*self.site, self.boot, &question, 0)));
                respond(request, answer, None);
            }
            Some("findings") => {
                let key = reload::page_of(&target).unwrap_or_default();
                let answer = self.made(|| answer::json(overlay::findings_json(&self.site.findings(&key))));
                respond(request, answer, None);
            }
            _ => {
                let answer = self.made(|| self.page(&request, &target));
                respond(request, answer, Some(self));
            }
        }
    }

    fn page(&self, request: &Request, target: &Target) -> Answer {
        let conditions = Conditions {
            // A range is defined for GET only: HEAD tells the length of the whole.
            range: header(request, "Range").filter(|_| *request.method() == Method::Get),
            if_range: header(request, "If-Range"),
            if_none_match: header(request, "If-None-Match"),
        };
        answer::page(&*self.site, self.boot, &self.policy, target, &conditions)
    }

    /// Our own bug while a page is made costs that page, not the preview.
    fn made(&self, make: impl FnOnce() -> Answer) -> Answer {
        catch_unwind(AssertUnwindSafe(make))
            .unwrap_or_else(|_| answer::sentence(500, "Making this page failed; the terminal says why."))
    }

    /// Leaves a large body for the guard; false where the guard has given up on the exchange.
    fn leave(&self, request: &Request, part: Part) -> bool {
        let number = header(request, EXCHANGE).and_then(|number| number.parse::<u64>().ok());
        let mut parts = locked(&self.parts);
        match number.and_then(|number| parts.get_mut(&number)) {
            Some(slot) => {
                *slot = Some(part);
                true
            }
            None => false,
        }
    }
}

struct HeldRequest(Request);

impl Held for HeldRequest {
    fn answer(self: Box<Self>, json: String) {
        respond(self.0, answer::json(json), None);
    }
}

/// Writes an answer; a client that is gone is nobody's error. With `hand_over`, large bodies are left for the guard.
fn respond(request: Request, answer: Answer, hand_over: Option<&Shared>) {
    let length = answer.range.end - answer.range.start;
    let headers = ALWAYS
        .into_iter()
        .chain(answer.headers.iter().map(|(name, value)| (*name, value.as_str())))
        .filter_map(|(name, value)| Header::from_bytes(name, value).ok())
        .collect();
    let mut part = Part { content: answer.content, range: answer.range };
    let wanted = *request.method() == Method::Get && answer.status != 304;
    let body: Box<dyn Read + Send> = match hand_over {
        _ if !wanted => Box::new(io::empty()),
        Some(shared) if length > LARGEST_INLINE => {
            if !shared.leave(&request, part) {
                return;
            }
            Box::new(io::empty())
        }
        _ => match part.take(length as usize) {
            Ok(bytes) => Box::new(Cursor::new(bytes)),
            Err(_) => return,
        },
    };
    // The guard counts bytes: no answer of ours is chunked.
    let response = Response::new(StatusCode(answer.status), headers, body, Some(length as usize), None);
    let _ = request.respond(response.with_chunked_threshold(usize::MAX));
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let field: HeaderField = name.parse().ok()?;
    request.headers().iter().find(|header| header.field == field).map(|header| header.value.as_str())
}

/// A panic elsewhere leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
