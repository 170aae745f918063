//! A single HTTP request to a URL, refused if the address is private. Follows no redirects and does not retry.

use super::private::is_private;
use crate::config::External;
use std::io::{self, Read};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Proxy};
use url::{Host, Url};

/// The number of bytes of a page to search for fragments.
const BODY_BYTES: u64 = 2 * 1024 * 1024;

/// The response of a server.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// The target of a redirect.
    pub(super) location: Option<String>,
    /// The value of `Retry-After`.
    pub(super) retry_after: Option<String>,
    /// The page, if requested and if it is HTML.
    pub(super) body: Option<Body>,
}

/// The beginning of a page.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) html: String,
    /// Whether the page is complete.
    pub(super) whole: bool,
}

/// The reason for a missing response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The host name does not exist.
    NoHost,
    /// The certificate is not trusted.
    Certificate(String),
    /// The host is in a private network.
    Private(String),
    /// A retry may succeed.
    Temporary(String),
    /// A retry would fail as well.
    Other(String),
}

/// Parses a URL by the WHATWG standard and removes user name and password.
///
/// # Errors
/// The reason why the URL cannot be requested.
pub(super) fn parse(address: &str) -> Result<Url, String> {
    let mut url = Url::parse(address).map_err(|e| format!("not an address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("not an http address".into());
    }
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

/// A status with its reason phrase: `404 Not Found`.
pub(super) fn status_text(status: u16) -> String {
    let reason = ureq::http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
    reason.map_or(status.to_string(), |reason| format!("{status} {reason}"))
}

/// Resolves `host:port` to addresses.
type Lookup = Arc<dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync>;
/// Whether requests to an address are refused.
type Refuses = Arc<dyn Fn(SocketAddr) -> bool + Send + Sync>;

/// The HTTP clients for requests with and without a proxy.
#[derive(Debug)]
pub(super) struct Network {
    direct: Agent,
    /// The client for the proxy of the environment, like `HTTPS_PROXY`.
    proxied: Option<(Agent, Proxy)>,
    guard: Guard,
}

impl Network {
    pub(super) fn new(settings: &External) -> Network {
        let private_networks = settings.private_networks;
        Network::with(
            settings,
            Proxy::try_from_env(),
            Arc::new(|host| host.to_socket_addrs().map(Iterator::collect)),
            Arc::new(move |address| !private_networks && is_private(address.ip())),
        )
    }

    pub(super) fn with(settings: &External, proxy: Option<Proxy>, lookup: Lookup, refuses: Refuses) -> Network {
        let guard = Guard { lookup, refuses };
        let agent = |proxy: Option<Proxy>| {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                // The caller follows redirects itself, because each target must pass the checks.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .timeout_global(Some(Duration::from_secs(settings.timeout.max(1))))
                .user_agent(concat!("canon/", env!("CARGO_PKG_VERSION"), " (link check)"))
                .accept("text/html, */*;q=0.8")
                .proxy(proxy)
                .build();
            Agent::with_parts(config, DefaultConnector::default(), guard.clone())
        };
        let proxied = proxy.map(|proxy| (agent(Some(proxy.clone())), proxy));
        Network { direct: agent(None), proxied, guard: guard.clone() }
    }

    /// Sends a GET or HEAD request. The body is read only if `wants_body`.
    pub(super) fn request(&self, url: &Url, get: bool, wants_body: bool) -> Result<Reply, Failure> {
        let agent = self.agent(url)?;
        let request = if get { agent.get(url.as_str()) } else { agent.head(url.as_str()) };
        let mut response = request.call().map_err(|e| failure(&e, url))?;
        let header =
            |name: &str| response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        let status = response.status().as_u16();
        let location = if (300..400).contains(&status) { header("location") } else { None };
        let retry_after = header("retry-after");
        // Servers that send no content type usually send HTML, and browsers display it as such.
        let is_html = header("content-type").is_none_or(|kind| kind.contains("html"));
        let body = match wants_body && get && is_html && (200..300).contains(&status) {
            true => Some(read(response.body_mut())?),
            false => None,
        };
        Ok(Reply { status, location, retry_after, body })
    }

    /// The client for a URL. A proxy resolves host names itself, so the addresses known here are checked before.
    fn agent(&self, url: &Url) -> Result<&Agent, Failure> {
        let Some((agent, proxy)) = &self.proxied else { return Ok(&self.direct) };
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => is_private(ip.into()),
            Some(Host::Ipv6(ip)) => is_private(ip.into()),
            None => false,
        };
        let uri: Option<Uri> = url.as_str().parse().ok();
        // Through a proxy, `localhost` and private addresses would be those of the proxy.
        if is_here || uri.is_some_and(|uri| proxy.is_no_proxy(&uri)) {
            return Ok(&self.direct);
        }
        let port = url.port_or_known_default().unwrap_or(80);
        let known = (self.guard.lookup)(&format!("{}:{port}", url.host_str().unwrap_or_default())).unwrap_or_default();
        match known.iter().any(|&address| (self.guard.refuses)(address)) {
            true => Err(Failure::Private(url.host_str().unwrap_or_default().into())),
            false => Ok(agent),
        }
    }
}

/// Reads a page up to the limit. The limit applies after decompression, against decompression bombs.
fn read(body: &mut ureq::Body) -> Result<Body, Failure> {
    let mut bytes = Vec::new();
    let read = body.as_reader().take(BODY_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| Failure::Temporary(format!("the answer broke off: {e}")))?;
    let whole = bytes.len() as u64 <= BODY_BYTES;
    Ok(Body { html: String::from_utf8_lossy(&bytes).into_owned(), whole })
}

/// A resolver that removes refused addresses. The HTTP client connects only to the addresses it returns, so a host name
/// cannot have a different address at the time of use (DNS rebinding).
#[derive(Clone)]
struct Guard {
    lookup: Lookup,
    refuses: Refuses,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

/// The error for a host name with only private addresses.
#[derive(Debug)]
struct PrivateHost(String);

impl std::fmt::Display for PrivateHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PrivateHost {}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        _: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        // One slot, so the lookup thread ends without waiting for a receiver that gave up.
        let (sender, receiver) = mpsc::sync_channel(1);
        let (lookup, name) = (self.lookup.clone(), format!("{host}:{port}"));
        // A lookup of the system cannot be cancelled. Its thread may outlive the request.
        std::thread::spawn(move || sender.send(lookup(&name)).ok());
        let found = match receiver.recv_timeout(*timeout.after) {
            Ok(Ok(found)) => found,
            Ok(Err(e)) if is_temporary(&e) => return Err(ureq::Error::Io(e)),
            Ok(Err(_)) => return Err(ureq::Error::HostNotFound),
            Err(_) => return Err(ureq::Error::Timeout(timeout.reason)),
        };
        let (private, public): (Vec<_>, Vec<_>) = found.into_iter().partition(|&address| (self.refuses)(address));
        if public.is_empty() && !private.is_empty() {
            return Err(ureq::Error::Other(Box::new(PrivateHost(host.to_string()))));
        }
        let mut addresses = self.empty();
        // `ResolvedSocketAddrs` has room for 16 addresses.
        for address in public.into_iter().take(16) {
            addresses.push(address);
        }
        match addresses.is_empty() {
            true => Err(ureq::Error::HostNotFound),
            false => Ok(addresses),
        }
    }
}

/// Whether a lookup failed because no resolver was reachable, and not because the name does not exist. The standard
/// library exposes the difference only in the text of the error.
fn is_temporary(error: &io::Error) -> bool {
    let words = error.to_string().to_lowercase();
    words.contains("temporary") || words.contains("try again") || error.kind() == io::ErrorKind::TimedOut
}

fn failure(error: &ureq::Error, url: &Url) -> Failure {
    let words = error.to_string();
    match error {
        ureq::Error::Other(inner) if inner.is::<PrivateHost>() => {
            Failure::Private(url.host_str().unwrap_or_default().to_string())
        }
        ureq::Error::HostNotFound => Failure::NoHost,
        ureq::Error::Timeout(_) => Failure::Temporary("no answer in time".into()),
        // `ureq` wraps the certificate error of rustls without a variant of its own.
        _ if words.contains("invalid peer certificate") => {
            let why = words.rsplit("invalid peer certificate: ").next().unwrap_or(&words);
            Failure::Certificate(why.to_string())
        }
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed | ureq::Error::BodyStalled => {
            Failure::Temporary(words.trim_start_matches("io: ").to_string())
        }
        ureq::Error::Protocol(_) => Failure::Temporary(format!("no HTTP answer: {words}")),
        _ => Failure::Other(words),
    }
}
