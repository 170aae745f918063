//! tiny_http behind the event loop: it parses the forwarded requests and writes the answers, on a private socket that only the
//! event loop connects to. It is restarted after it died for lack of file descriptors. Knows no client.

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

/// The number of threads that make answers. A page takes milliseconds, and no thread waits for a client.
const HANDLERS: usize = 4;
/// The largest body that is sent through tiny_http, in bytes. For a larger body tiny_http writes only the head, and the event
/// loop sends the bytes from memory or from the file: no thread waits for a slow client, and no large body is copied.
pub(super) const LARGEST_INLINE: u64 = 128 * 1024;
/// The header with the number of the exchange.
pub(super) const EXCHANGE: &str = "X-Canon-Exchange";

/// The event loop's end of a connection to tiny_http.
#[cfg(unix)]
pub(super) type PrivateStream = std::os::unix::net::UnixStream;
/// The event loop's end of a connection to tiny_http.
#[cfg(not(unix))]
pub type PrivateStream = std::net::TcpStream;

/// A running tiny_http, and the large bodies that the event loop has to send.
pub(super) struct Backend {
    shared: Arc<Shared>,
    running: Mutex<Running>,
}

struct Shared {
    site: Arc<dyn Site>,
    hub: Arc<Hub>,
    boot: u64,
    policy: String,
    /// Large bodies by exchange: `None` from the start of an exchange until a handler stores a body.
    parts: Mutex<HashMap<u64, Option<Part>>>,
    exchanges: AtomicU64,
}

struct Running {
    socket: PrivateSocket,
    server: Arc<Server>,
}

impl Backend {
    /// Starts tiny_http. `policy` is the content security policy of pages.
    ///
    /// # Errors
    /// The socket or a thread cannot be created.
    pub(super) fn start(site: Arc<dyn Site>, hub: Arc<Hub>, boot: u64, policy: String) -> io::Result<Backend> {
        let shared =
            Arc::new(Shared { site, hub, boot, policy, parts: Mutex::default(), exchanges: AtomicU64::new(1) });
        let running = Mutex::new(Running::start(&shared)?);
        Ok(Backend { shared, running })
    }

    /// A non-blocking connection for an exchange. Restarts tiny_http if it has died.
    ///
    /// # Errors
    /// The connection or the restart fails.
    pub(super) fn connect(&self) -> io::Result<PrivateStream> {
        let mut running = locked(&self.running);
        let stream = match running.socket.connect() {
            Err(error) if has_died(&error) => {
                running.stop_handlers();
                *running = Running::start(&self.shared)?;
                running.socket.connect()?
            }
            other => other?,
        };
        stream.set_nonblocking(true)?;
        Ok(stream)
    }

    /// Opens an exchange. The returned number is sent with the request.
    pub(super) fn open_exchange(&self) -> u64 {
        // Inserted before the request is sent, so that a handler finds the entry however fast it is.
        let number = self.shared.exchanges.fetch_add(1, Ordering::Relaxed);
        locked(&self.shared.parts).insert(number, None);
        number
    }

    /// Closes an exchange and returns the large body that a handler stored, if any.
    pub(super) fn close_exchange(&self, number: u64) -> Option<Part> {
        locked(&self.shared.parts).remove(&number).flatten()
    }

    /// Ends the handlers after their current requests.
    pub(super) fn stop(&self) {
        locked(&self.running).stop_handlers();
    }
}

impl Running {
    fn start(shared: &Arc<Shared>) -> io::Result<Running> {
        let (socket, listener) = PrivateSocket::open()?;
        let server = Arc::new(Server::from_listener(listener, None).map_err(io::Error::other)?);
        for number in 0..HANDLERS {
            let (server, shared) = (server.clone(), shared.clone());
            let handle = move || {
                while let Ok(request) = server.recv() {
                    // A bug in canon costs a single answer. The panic message was already printed.
                    let _ = catch_unwind(AssertUnwindSafe(|| shared.answer(request)));
                }
            };
            thread::Builder::new().name(format!("canon-page-{number}")).spawn(handle)?;
        }
        Ok(Running { socket, server })
    }

    fn stop_handlers(&self) {
        for _ in 0..HANDLERS {
            self.server.unblock();
        }
    }
}

/// A Unix socket in a folder with mode 700. Dropping the value removes both.
#[cfg(unix)]
struct PrivateSocket {
    folder: std::path::PathBuf,
}

#[cfg(unix)]
impl PrivateSocket {
    fn open() -> io::Result<(PrivateSocket, std::os::unix::net::UnixListener)> {
        // Without explicit permissions the folder gets those of the umask, and with umask 0 every user of the machine could
        // connect past the checks of `head` and `access`.
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("canon-").permissions(owner_only).tempdir()?.keep();
        let socket = PrivateSocket { folder };
        let listener = std::os::unix::net::UnixListener::bind(socket.path())?;
        Ok((socket, listener))
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.join("http")
    }

    fn connect(&self) -> io::Result<PrivateStream> {
        PrivateStream::connect(self.path())
    }
}

#[cfg(unix)]
impl Drop for PrivateSocket {
    /// `remove_dir_all` would need a file descriptor, and there may be none when tiny_http is restarted.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.path());
        let _ = std::fs::remove_dir(&self.folder);
    }
}

/// A port on loopback. A program that connects directly can only send requests that the event loop would accept as well.
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

/// Whether tiny_http no longer listens on the private socket.
fn has_died(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
}

impl Shared {
    fn answer(&self, request: Request) {
        let Ok(target) = head::read_target(request.url()) else {
            return respond(request, answer::sentence(400, "This address is malformed."), None);
        };
        match target.key.strip_prefix(access::INTERNAL) {
            Some("live") => {
                let question = Question::of(&target);
                self.hub.hold(question, Box::new(HeldRequest(request)));
            }
            Some("state") => {
                let question = Question::of(&target);
                let answer = self.guarded(|| answer::json(reload::poll_response(&*self.site, self.boot, &question, 0)));
                respond(request, answer, None);
            }
            Some("findings") => {
                let key = reload::page_of(&target).unwrap_or_default();
                let answer = self.guarded(|| answer::json(overlay::findings_json(&self.site.findings(&key))));
                respond(request, answer, None);
            }
            _ => {
                let answer = self.guarded(|| self.page(&request, &target));
                respond(request, answer, Some(self));
            }
        }
    }

    fn page(&self, request: &Request, target: &Target) -> Answer {
        let conditions = Conditions {
            // A range is defined for GET only (RFC 9110, section 14.2); HEAD returns the whole length.
            range: header(request, "Range").filter(|_| *request.method() == Method::Get),
            if_range: header(request, "If-Range"),
            if_none_match: header(request, "If-None-Match"),
        };
        answer::page(&*self.site, self.boot, &self.policy, target, &conditions)
    }

    /// Makes an answer. A panic becomes an answer with status 500, and the preview goes on.
    fn guarded(&self, make: impl FnOnce() -> Answer) -> Answer {
        catch_unwind(AssertUnwindSafe(make))
            .unwrap_or_else(|_| answer::sentence(500, "This page could not be made; the terminal shows why."))
    }

    /// Stores a large body for the event loop. `false` if the event loop has already closed the exchange.
    fn store_part(&self, request: &Request, part: Part) -> bool {
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

/// Writes an answer. With `hand_over`, a large body is stored for the event loop. Errors are ignored: the client has closed.
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
            if !shared.store_part(&request, part) {
                return;
            }
            Box::new(io::empty())
        }
        _ => match part.take(length as usize) {
            Ok(bytes) => Box::new(Cursor::new(bytes)),
            Err(_) => return,
        },
    };
    // The event loop compares the length of the answer with `Content-Length`, so answers are never chunked.
    let response = Response::new(StatusCode(answer.status), headers, body, Some(length as usize), None);
    let _ = request.respond(response.with_chunked_threshold(usize::MAX));
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let field: HeaderField = name.parse().ok()?;
    request.headers().iter().find(|header| header.field == field).map(|header| header.value.as_str())
}

/// Locks a mutex. A poisoned lock is ignored: each critical section is a single map operation.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn no_other_user_can_enter_the_folder_of_the_private_socket() {
        use std::os::unix::fs::PermissionsExt;
        let (socket, _listener) = super::PrivateSocket::open().expect("a socket");
        let mode = std::fs::metadata(&socket.folder).expect("the folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{mode:o}");
        let folder = socket.folder.clone();
        drop(socket);
        assert!(!folder.exists());
    }
}
