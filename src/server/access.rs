//! Decides which requests are answered: the `Host` must name this server, and a request from a page of a different site may
//! only be a visit by link. Pure functions of the request head; knows no socket and no site.

use super::head::{Head, Refusal, bad};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest `Host`, in bytes: at most 253 of a DNS name, 6 of a port with the colon, 2 brackets.
const LONGEST_HOST: usize = 261;
/// The path prefix of the preview's script, style and endpoints. Links from different sites to it are refused.
pub(super) const INTERNAL: &str = "__canon/";

const FOREIGN_HOST: Refusal = Refusal {
    status: 403,
    reason: "This preview does not answer to that host name. To admit a name, start it with --allow-host NAME.",
};
const FOREIGN_ORIGIN: Refusal = Refusal { status: 403, reason: "Pages of other sites are not answered." };

/// The host names and the port for which requests are answered.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// The port of the listener.
    pub port: u16,
    /// Names of this machine, in lower case; empty if the server listens on loopback only.
    pub own_names: Vec<String>,
    /// Names from `--allow-host`, in lower case. A tunnel may use any port and TLS, so neither is checked for these.
    pub allowed_names: Vec<String>,
}

impl Access {
    /// Whether a request may be answered. `local` is the address of this machine that the client connected to.
    ///
    /// # Errors
    /// The status and sentence of the refusal.
    pub(super) fn check(&self, head: &Head, local: IpAddr) -> Result<(), Refusal> {
        let host = read_authority(&head.host)?;
        if !self.is_ours(&host, local) {
            return Err(FOREIGN_HOST);
        }
        if head.origin.as_ref().is_some_and(|origin| !self.is_our_origin(origin, local)) {
            return Err(FOREIGN_ORIGIN);
        }
        if comes_from_elsewhere(head) && !is_a_visit(head) { Err(FOREIGN_ORIGIN) } else { Ok(()) }
    }

    fn is_our_origin(&self, origin: &str, local: IpAddr) -> bool {
        let (plain, default_port, rest) = match (origin.strip_prefix("http://"), origin.strip_prefix("https://")) {
            (Some(rest), _) => (true, 80, rest),
            (_, Some(rest)) => (false, 443, rest),
            _ => return false,
        };
        let Ok(authority) = read_authority(rest) else { return false };
        if self.is_allowed_name(&authority.host) {
            return true;
        }
        // An origin without a port means the default port of the scheme (RFC 6454, section 6.2). A Host without a port
        // may have lost the port in a proxy, and is accepted.
        plain && authority.port.unwrap_or(default_port) == self.port && self.is_ours(&authority, local)
    }

    fn is_ours(&self, authority: &Authority, local: IpAddr) -> bool {
        if self.is_allowed_name(&authority.host) {
            return true;
        }
        authority.port.is_none_or(|port| port == self.port)
            && match &authority.host {
                Host::Name(name) => {
                    name == "localhost" || name.ends_with(".localhost") || self.own_names.contains(name)
                }
                // DNS rebinding needs a name that an attacker controls. An address in the URL cannot be rebound.
                Host::Address(address) => {
                    *address == Ipv4Addr::LOCALHOST
                        || *address == Ipv6Addr::LOCALHOST
                        || *address == local.to_canonical()
                }
            }
    }

    fn is_allowed_name(&self, host: &Host) -> bool {
        match host {
            Host::Name(name) => self.allowed_names.contains(name),
            Host::Address(address) => self.allowed_names.contains(&address.to_string()),
        }
    }
}

fn comes_from_elsewhere(head: &Head) -> bool {
    head.fetch_site.as_deref().is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// Whether a request is a visit by a link from a different site: a top-level navigation to a page.
fn is_a_visit(head: &Head) -> bool {
    head.fetch_mode.as_deref() == Some("navigate")
        && head.fetch_dest.as_deref().is_none_or(|destination| destination == "document")
        && !head.target.key.starts_with(INTERNAL)
}

#[derive(Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    Name(String),
}

#[derive(Debug, PartialEq, Eq)]
struct Authority {
    host: Host,
    port: Option<u16>,
}

fn read_authority(text: &str) -> Result<Authority, Refusal> {
    const BAD: Refusal = bad("The host is not a name or an address with or without a port.");
    if text.is_empty() || text.len() > LONGEST_HOST {
        return Err(BAD);
    }
    let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']').ok_or(BAD)).transpose()? {
        Some((inside, rest)) => (Host::Address(IpAddr::V6(inside.parse().map_err(|_| BAD)?)), port_of(rest)),
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (host_of(&text[..end]).ok_or(BAD)?, port_of(&text[end..]))
        }
    };
    Ok(Authority { host, port: port.ok_or(BAD)? })
}

fn host_of(text: &str) -> Option<Host> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        return None;
    }
    Some(match text.parse::<Ipv4Addr>() {
        Ok(address) => Host::Address(IpAddr::V4(address)),
        Err(_) => Host::Name(text.to_ascii_lowercase()),
    })
}

/// The port behind a host name: `Some(None)` if there is none, `None` if the text is not a port.
fn port_of(rest: &str) -> Option<Option<u16>> {
    if rest.is_empty() {
        return Some(None);
    }
    let digits = rest.strip_prefix(':')?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok().map(Some) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::head::{Reading, read};
    use super::*;
    use proptest::prelude::*;

    fn status(headers: &str, local: &str) -> u16 {
        let access =
            Access { port: 4321, own_names: vec!["desk".into()], allowed_names: vec!["preview.example".into()] };
        let text = format!("GET / HTTP/1.1\r\n{headers}\r\n\r\n");
        let Reading::Whole(head, _) = read(text.as_bytes()) else { panic!("{headers} does not read") };
        access.check(&head, local.parse().expect("an address")).map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn hosts() {
        for (host, local, expected) in [
            ("localhost:4321", "127.0.0.1", 200),
            ("LOCALHOST", "127.0.0.1", 200),
            ("x.localhost:4321", "127.0.0.1", 200),
            ("[::1]:4321", "127.0.0.1", 200),
            ("localhost:80", "127.0.0.1", 403),
            ("localhost.:4321", "127.0.0.1", 403),
            ("10.0.0.7:4321", "10.0.0.7", 200),
            ("10.0.0.7:4321", "::ffff:10.0.0.7", 200),
            ("10.0.0.8:4321", "10.0.0.7", 403),
            ("[::ffff:7f00:1]:4321", "127.0.0.1", 403),
            ("0177.0.0.1", "127.0.0.1", 403),
            ("127.1", "127.0.0.1", 403),
            ("desk:4321", "10.0.0.7", 200),
            ("preview.example", "10.0.0.7", 200),
            ("preview.example:443", "10.0.0.7", 200),
            ("preview.example.evil.com", "10.0.0.7", 403),
            ("localhost:", "127.0.0.1", 400),
            ("localhost:99999", "127.0.0.1", 400),
            ("localhost:+1", "127.0.0.1", 400),
            ("[::1", "127.0.0.1", 400),
            ("a/b", "127.0.0.1", 400),
        ] {
            assert_eq!(status(&format!("Host: {host}"), local), expected, "{host} at {local}");
        }
    }

    #[test]
    fn origins() {
        for (origin, expected) in [
            ("http://localhost:4321", 200),
            ("http://127.0.0.1:4321", 200),
            ("https://preview.example", 200),
            ("http://localhost", 403),
            ("https://localhost:4321", 403),
            ("http://localhost:4321/", 403),
            ("http://user@localhost:4321", 403),
            ("file://", 403),
        ] {
            assert_eq!(status(&format!("Host: localhost:4321\r\nOrigin: {origin}"), "127.0.0.1"), expected, "{origin}");
        }
    }

    #[test]
    fn other_sites_may_lead_here_and_nothing_else() {
        for (site, mode, dest, expected) in [
            ("same-origin", "cors", "empty", 200),
            ("none", "navigate", "document", 200),
            ("cross-site", "navigate", "document", 200),
            ("cross-site", "navigate", "iframe", 403),
            ("cross-site", "no-cors", "script", 403),
            ("same-site", "no-cors", "image", 403),
            ("whatever", "cors", "empty", 403),
        ] {
            let headers = format!(
                "Host: localhost\r\nSec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {dest}"
            );
            assert_eq!(status(&headers, "127.0.0.1"), expected, "{site} {mode} {dest}");
        }
    }

    proptest! {
        #[test]
        fn no_other_name_is_ours(name in "[a-z0-9.-]{1,30}") {
            prop_assume!(name != "localhost" && !name.ends_with(".localhost") && name != "desk" && name != "127.0.0.1");
            prop_assume!(name != "preview.example");
            prop_assert_eq!(status(&format!("Host: {name}"), "127.0.0.1"), 403);
        }
    }
}
