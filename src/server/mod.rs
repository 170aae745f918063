//! `canon serve`: shows a site that is in memory to the browsers of this machine, and tells them when it changed. Knows the
//! site only by the two traits below and writes nothing, anywhere.
//!
//! A client's bytes pass `guard` (sockets and limits; `connection`, `ready`), `head` (form) and `access` (who may ask) before
//! tiny_http in `http` sees a request written anew; `answer` asks the site for `content`. `watch` tells the site what changed on the
//! disk, `reload` and `overlay` tell the pages.

pub(crate) mod preview;
mod access;
mod address;
mod answer;
mod connection;
mod content;
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

/// What the preview shows. A request never becomes a path on the disk: it is a key of what the site has, or nothing.
pub trait Site: Send + Sync {
    /// What stands at an output path, such as `databases/acid.html`, exactly as it is spelled. May wait for the site to
    /// be ready; a page is the whole old one or the whole new one.
    fn get(&self, path: &str) -> Option<Body>;
    /// The page for a path at which nothing stands.
    fn not_found(&self) -> Body;
    /// A number that grows when anything that can be seen changed, findings included. Costs nothing.
    fn version(&self) -> u64;
    /// What changed for who has the page at `path` as it was in `version`.
    fn changed_since(&self, path: &str, version: u64) -> Change;
    /// What the page at `path` should be told about: its note's findings, and what kept the last build from its work.
    fn findings(&self, path: &str) -> Vec<Finding>;
    /// Called once, when the site begins to be served. `announce` tells waiting pages that the version grew other than in
    /// a refresh.
    fn begin(self: Arc<Self>, announce: Announce) {
        let _ = announce;
    }
}

/// Tells waiting pages that the site's version grew.
pub type Announce = Box<dyn Fn() + Send + Sync>;

/// What takes changes of the sources in. Called from one thread, one call at a time; a panic is survived.
pub trait Refresh: Send + Sync {
    /// Brings the site up to date. When it returns, `Site::version` has grown if anything changed.
    fn refresh(&self, changes: Changes) -> Summary;
}

/// What a refresh reports to the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The lines, each with its severity. `Info` means that nothing is wrong.
    pub lines: Vec<(Severity, String)>,
}

/// What changed for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing that it shows.
    None,
    /// Only style sheets that it uses: they are swapped without a reload.
    Style,
    /// Its own bytes and nothing else: what is new can be put into the page.
    Text,
    /// A script or picture that it uses, or more than one of these kinds: it has to be loaded anew.
    Page,
}

/// Something wrong, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, relative to the content folder.
    pub file: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// The command that repairs it, if one does.
    pub repair: Option<&'static str>,
}

/// A port, and whether somebody insists on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Taken: the next free one will do.
    Default(u16),
    /// Taken: an error. 0 asks for any.
    Asked(u16),
}

/// Receives the lines for the terminal, each with its severity. `Info` means that nothing is wrong.
pub type Reporter = Arc<dyn Fn(Severity, &str) + Send + Sync>;

/// How to serve.
#[derive(Clone)]
pub struct Options {
    /// An address of this machine, or a name of one.
    pub host: String,
    /// The port.
    pub port: Port,
    /// Names that are answered beside this machine's, from `--allow-host` and `[serve] allow_hosts`.
    pub allow_hosts: Vec<String>,
    /// Whether a browser is opened.
    pub open: bool,
    /// What is watched.
    pub watching: Watching,
    /// The content security policy of pages.
    pub policy: String,
    /// What a client may take; `None`: as fits this process.
    pub limits: Option<Limits>,
    /// Receives the lines for the terminal.
    pub reporter: Reporter,
}

/// The content security policy that the theme lives by.
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
            reporter: Arc::new(|_, line| eprintln!("{line}")),
        }
    }
}

/// What keeps the preview from starting. All of it is exit 2.
#[derive(Debug)]
pub enum ServeError {
    /// Somebody listens on the port, or on all that were tried.
    PortTaken {
        /// The first port that was tried.
        first: u16,
        /// The last.
        last: u16,
    },
    /// The host is no address and no known name.
    UnknownHost(String),
    /// The system refuses the address.
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// A socket or a thread cannot be had.
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

/// A preview that has its port but no site yet: clients may connect, and wait.
pub struct Bound {
    options: Options,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Takes the port. Worth doing before the site is read: a taken port is known at once.
    pub fn new(options: Options) -> Result<Bound, ServeError> {
        let listener = address::listen(&options)?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        Ok(Bound { options, listener, address })
    }

    /// Where it listens.
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

    /// Serves until the value that is returned is dropped.
    pub fn start<S: Site + Refresh + 'static>(self, site: Arc<S>) -> Result<Running, ServeError> {
        let Bound { options, listener, address } = self;
        let boot = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_nanos() as u64);
        let limits = options.limits.clone().unwrap_or_else(Limits::for_this_process);
        let hub = Arc::new(reload::Hub::new(site.clone(), boot, limits.held));
        let backend = http::Backend::start(site.clone(), hub.clone(), boot, options.policy.clone());
        let backend = backend.map_err(ServeError::Start)?;
        let premises = limits::ServerContext { access: access_of(&options, address), limits, backend };
        let weak = Arc::downgrade(&hub);
        site.clone().begin(Box::new(move || weak.upgrade().iter().for_each(|hub| hub.announce())));
        let (stop, stopper) = ready::stop_pair().map_err(ServeError::Start)?;
        let news = hub.clone();
        let keeper = spawn("canon-news", move || news.keep())?;
        let reporter = options.reporter.clone();
        let guard = spawn("canon-guard", move || {
            while !stop.is_set() {
                // Our own bug costs the connections there are, not the preview.
                match catch_unwind(AssertUnwindSafe(|| guard::watch_over(&listener, &premises, &stop))) {
                    Ok(Ok(())) | Err(_) => {}
                    Ok(Err(error)) => {
                        reporter(Severity::Error, &format!("error: the preview cannot wait for connections: {error}"));
                        thread::sleep(guard::REST);
                    }
                }
            }
            premises.backend.stop();
        })?;
        let watch = watch::start(options.watching, site, hub.clone(), options.reporter).map_err(ServeError::Start)?;
        Ok(Running { address, hub, stopper, watch: Some(watch), threads: vec![keeper, guard] })
    }
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

/// What the terminal shows at the start.
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

/// A preview that is being served. Dropping it ends it.
pub struct Running {
    address: SocketAddr,
    hub: Arc<reload::Hub>,
    stopper: ready::Stopper,
    watch: Option<watch::Watch>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells pages that the site changed other than by a refresh.
    pub fn announce(&self) {
        self.hub.announce();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.watch = None;
        self.stopper.stop();
        self.hub.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
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
