//! `canon serve`: serves a site from memory and notifies open pages of changes. Writes no file. Knows the site only by
//! the traits [`Site`] and [`Refresh`].
//!
//! ```text
//! client ─▶ guard (limits) ─▶ head (syntax) ─▶ access (Host, Origin) ─▶ http (tiny_http) ─▶ answer ─▶ Site
//! disk ─▶ watch ─▶ Refresh ─▶ reload (held requests) ─▶ script in the page (overlay)
//! ```
//!
//! `connection` is the state machine of a client, `ready` waits for sockets, `content` and `media` describe bodies.

pub(crate) mod preview;
mod access;
mod address;
mod answer;
mod connection;
mod content;
pub(crate) mod findings_by_file;
mod guard;
mod head;
mod http;
mod limits;
mod media;
mod overlay;
mod ready;
mod reload;
mod scan;
mod watch;

pub use crate::workspace::Changes;
pub use content::{Body, Content};
pub use limits::Limits;
pub use media::{HTML, media_type};
pub use overlay::without_script;
pub use watch::Watching;

use crate::text::diagnostic::Severity;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

/// A site that is served. A request is a key of the site's map, never a path on the disk.
pub trait Site: Send + Sync {
    /// The file at an output path, such as `databases/acid.html`; `None` if there is none. May block until the site is
    /// ready. A page is either completely old or completely new.
    fn get(&self, path: &str) -> Option<Body>;
    /// The 404 page.
    fn not_found(&self) -> Body;
    /// A number that grows with each visible change, including findings. Must be cheap: it is called for every request.
    fn version(&self) -> u64;
    /// The change of the page at `path` since `version`.
    fn changed_since(&self, path: &str, version: u64) -> Change;
    /// The findings that the page at `path` shows: those of the note, and problems of the last refresh.
    fn findings(&self, path: &str) -> Vec<Finding>;
    /// Called once at the start. The site calls `announce` after the version grew outside of a refresh.
    fn begin(self: Arc<Self>, announce: Announce) {
        let _ = announce;
    }
}

/// Wakes the requests that wait for a new version.
pub type Announce = Box<dyn Fn() + Send + Sync>;

/// Applies changes of the sources. Called from a single thread; a panic does not end the preview.
pub trait Refresh: Send + Sync {
    /// Applies changes. `Site::version` has grown on return, if the site changed.
    fn refresh(&self, changes: Changes) -> Summary;
}

/// What a refresh reports to the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines with their severity. `Info` is for normal messages.
    pub lines: Vec<(Severity, String)>,
}

/// The change of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// No visible change.
    None,
    /// Only style sheets changed: they are replaced without a reload.
    Style,
    /// Only the HTML changed: the new text is put into the open page.
    Text,
    /// A script or a picture changed, or several kinds of files: the page is reloaded.
    Page,
}

/// A finding, as an open page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The severity.
    pub severity: Severity,
    /// The file, relative to the content folder.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: u32,
    /// The problem.
    pub message: String,
    /// The remedy; may be empty.
    pub help: String,
    /// The command that repairs the problem, if there is one.
    pub repair: Option<&'static str>,
}

/// A port, and whether the user asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The default: if the port is in use, the next free port is taken.
    Default(u16),
    /// Asked for: a port in use is an error. 0 means any free port.
    Asked(u16),
}

/// Receives lines for the terminal with their severity. `Info` is for normal messages.
pub type Reporter = Arc<dyn Fn(Severity, &str) + Send + Sync>;

/// The options of the server.
#[derive(Clone)]
pub struct Options {
    /// An address of this machine, or a host name.
    pub host: String,
    /// The port.
    pub port: Port,
    /// Additional host names, from `--allow-host` and `[serve] allow_hosts`.
    pub allow_hosts: Vec<String>,
    /// Whether to open a browser.
    pub open: bool,
    /// The watched files.
    pub watching: Watching,
    /// The content security policy of pages.
    pub policy: String,
    /// The limits of a client. `None`: derived from the limits of this process.
    pub limits: Option<Limits>,
    /// Receives the lines for the terminal. By default they are dropped.
    pub reporter: Reporter,
}

/// The content security policy of pages. The theme has no inline scripts or styles.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

impl Default for Options {
    fn default() -> Options {
        Options {
            host: "127.0.0.1".into(),
            port: Port::Default(4321),
            allow_hosts: Vec::new(),
            open: false,
            watching: Watching::default(),
            policy: POLICY.into(),
            limits: None,
            reporter: Arc::new(|_, _| {}),
        }
    }
}

/// Why the preview cannot start. Ends the command with exit status 2.
#[derive(Debug)]
pub enum ServeError {
    /// Every tried port is in use.
    PortTaken {
        /// The first port that was tried.
        first: u16,
        /// The last port.
        last: u16,
    },
    /// The host is neither an address nor a known name.
    UnknownHost(String),
    /// The system refuses to listen on the address.
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// The error of the system.
        source: io::Error,
    },
    /// A socket or a thread cannot be created.
    Start(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::PortTaken { first, last } if first == last => {
                write!(f, "port {first} is taken; end what listens there, or give another with --port")
            }
            ServeError::PortTaken { first, last } => {
                write!(f, "the ports {first} to {last} are all taken; give another with --port")
            }
            ServeError::UnknownHost(host) => {
                write!(f, "{host} is not an address of this machine; try --host 127.0.0.1")
            }
            ServeError::Listen { host, port, source } => {
                write!(f, "cannot listen on {}: {source}", SocketAddr::new(*host, *port))
            }
            ServeError::Start(source) => write!(f, "cannot start the preview: {source}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ServeError::Listen { source, .. } | ServeError::Start(source) => Some(source),
            ServeError::PortTaken { .. } | ServeError::UnknownHost(_) => None,
        }
    }
}

/// Serves until SIGINT or SIGTERM.
pub fn run<S: Site + Refresh + 'static>(options: Options, site: Arc<S>) -> Result<(), ServeError> {
    Bound::new(options)?.run(site)
}

/// A preview with a bound port but without a site. Clients can connect, and wait.
pub struct Bound {
    options: Options,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Binds the port. Called before the site is read, so a port in use is reported at once.
    pub fn new(options: Options) -> Result<Bound, ServeError> {
        let listener = address::listen(&options)?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        Ok(Bound { options, listener, address })
    }

    /// The address of the listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGINT or SIGTERM.
    pub fn run<S: Site + Refresh + 'static>(self, site: Arc<S>) -> Result<(), ServeError> {
        let (stop, stopper) = ready::stop_pair().map_err(ServeError::Start)?;
        ready::stop_on_signals(&stopper).map_err(ServeError::Start)?;
        let (reporter, greeting) = (self.options.reporter.clone(), greeting(&self.options, self.address));
        let (open, url) = (self.options.open, address::url(self.address.ip(), self.address.port()));
        let running = self.start(site)?;
        greeting.iter().for_each(|(severity, line)| reporter(*severity, line));
        if open && let Err(error) = open::that_detached(&url) {
            reporter(Severity::Info, &format!("note: no browser could be opened ({error}); the address is {url}"));
        }
        stop.wait();
        drop(running);
        Ok(())
    }

    /// Serves until the returned value is dropped.
    pub fn start<S: Site + Refresh + 'static>(self, site: Arc<S>) -> Result<Running, ServeError> {
        let Bound { options, listener, address } = self;
        // Distinguishes two runs of the preview: a page of an earlier run must reload, though versions start at 1
        // again.
        let boot = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_nanos() as u64);
        let limits = options.limits.clone().unwrap_or_else(Limits::for_this_process);
        let hub = Arc::new(reload::Hub::new(site.clone(), boot, limits.held));
        let backend = http::Backend::start(site.clone(), hub.clone(), boot, options.policy.clone());
        let backend = backend.map_err(ServeError::Start)?;
        let context = limits::ServerContext { access: access_of(&options, address), limits, backend };
        // Weak, because the site would otherwise keep the hub, and the hub the site, alive forever.
        let weak = Arc::downgrade(&hub);
        site.clone().begin(Box::new(move || weak.upgrade().iter().for_each(|hub| hub.announce())));
        let (stop, stopper) = ready::stop_pair().map_err(ServeError::Start)?;
        let news = hub.clone();
        let keeper = spawn("canon-news", move || news.run())?;
        let reporter = options.reporter.clone();
        let guard = spawn("canon-guard", move || {
            while !stop.is_set() {
                // A bug in canon costs the open connections, not the preview.
                match catch_unwind(AssertUnwindSafe(|| guard::run(&listener, &context, &stop))) {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(error)) => {
                        reporter(Severity::Error, &format!("error: the preview cannot wait for connections: {error}"));
                        thread::sleep(guard::ACCEPT_PAUSE);
                    }
                }
            }
            context.backend.stop();
        })?;
        let news = hub.clone();
        let refreshed: watch::Refreshed = Arc::new(move || news.announce());
        let watch = watch::start(options.watching, site, refreshed, options.reporter).map_err(ServeError::Start)?;
        Ok(Running { address, hub, stopper, watch: Some(watch), threads: vec![keeper, guard] })
    }
}

/// Ends [`watch_until_stopped`].
pub(crate) type StopWatching = Box<dyn Fn() + Send + Sync>;

/// Watches the disk, without a server, and refreshes the site that `make_site` returns. Ends on SIGINT, on SIGTERM, or
/// if the site calls the function that it was made with.
pub(crate) fn watch_until_stopped(
    watching: Watching,
    make_site: impl FnOnce(StopWatching) -> Arc<dyn Refresh>,
    reporter: Reporter,
) -> Result<(), ServeError> {
    let (stop, stopper) = ready::stop_pair().map_err(ServeError::Start)?;
    ready::stop_on_signals(&stopper).map_err(ServeError::Start)?;
    let site = make_site(Box::new(move || stopper.stop()));
    let watch = watch::start(watching, site, Arc::new(|| {}), reporter).map_err(ServeError::Start)?;
    stop.wait();
    drop(watch);
    Ok(())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, ServeError> {
    thread::Builder::new().name(name.into()).spawn(work).map_err(ServeError::Start)
}

fn access_of(options: &Options, address: SocketAddr) -> access::Access {
    access::Access {
        port: address.port(),
        own_names: if address.ip().is_loopback() { Vec::new() } else { address::own_names() },
        allowed_names: options.allow_hosts.iter().map(|name| name.to_ascii_lowercase()).collect(),
    }
}

/// The lines that the terminal shows at the start.
fn greeting(options: &Options, address: SocketAddr) -> Vec<(Severity, String)> {
    let port = address.port();
    let mut lines = vec![(Severity::Info, format!("Preview at {} (Ctrl-C ends it)", address::url(address.ip(), port)))];
    if let Port::Default(default) = options.port
        && default != port
    {
        lines.push((Severity::Info, format!("note: port {default} is taken, so this is the next free one")));
    }
    if address.ip().is_loopback() {
        return lines;
    }
    let others = match address.ip().is_unspecified() {
        true => address::own_addresses().into_iter().filter(|own| address::is_open(*own, port)).collect(),
        false => vec![address.ip()],
    };
    let address_of = |other| format!("From a phone or another machine: {}", address::url(other, port));
    lines.extend(others.into_iter().map(|other| (Severity::Info, address_of(other))));
    let warning = "warning: everyone in this network can read the site, drafts included if they are shown";
    lines.push((Severity::Warning, warning.into()));
    lines
}

/// A running preview. Dropping the value ends the preview.
pub struct Running {
    address: SocketAddr,
    hub: Arc<reload::Hub>,
    stopper: ready::Stopper,
    watch: Option<watch::Watch>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// The address of the listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Wakes the requests that wait for a new version, after a change outside of a refresh.
    pub fn announce(&self) {
        self.hub.announce();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The watcher first, so that no refresh starts during the shutdown.
        self.watch = None;
        self.stopper.stop();
        self.hub.close();
        for thread in self.threads.drain(..) {
            // The message of a panic was already printed.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_says_what_is_unusual() {
        let lines = |host: &str, port, default| {
            let address = SocketAddr::new(host.parse().expect("an address"), port);
            let lines = greeting(&Options { port: Port::Default(default), ..Options::default() }, address);
            lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(lines("127.0.0.1", 4321, 4321), "Preview at http://127.0.0.1:4321/ (Ctrl-C ends it)");
        assert!(lines("127.0.0.1", 4322, 4321).contains("port 4321 is taken"));
        let open = lines("10.0.0.7", 4321, 4321);
        assert!(open.contains("From a phone or another machine: http://10.0.0.7:4321/") && open.contains("warning:"));
    }

    #[test]
    fn every_address_that_is_printed_answers() {
        let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let lines =
            greeting(&Options { port: Port::Asked(port), ..Options::default() }, listener.local_addr().expect("one"));
        let printed: Vec<&str> = lines.iter().filter_map(|(_, line)| Some(line.split_once("http://")?.1)).collect();
        assert!(printed[0].starts_with("127.0.0.1"), "{lines:?}");
        for address in printed {
            let address = address.split('/').next().expect("an address");
            assert!(std::net::TcpStream::connect(address).is_ok(), "{address} does not answer");
        }
    }

    #[test]
    fn errors_name_the_remedy() {
        let text = |error: ServeError| error.to_string();
        assert!(text(ServeError::PortTaken { first: 80, last: 80 }).contains("port 80 is taken"));
        assert!(text(ServeError::PortTaken { first: 80, last: 90 }).contains("--port"));
        assert!(text(ServeError::UnknownHost("x".into())).contains("--host"));
    }
}
