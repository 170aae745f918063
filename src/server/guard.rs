//! The event loop: a single thread accepts connections, enforces the limits and forwards well-formed requests to tiny_http.
//! Silent clients, floods and a lack of file descriptors do not end the loop. Knows no page.

use super::connection::{Connection, Turn};
use super::limits::ServerContext;
use super::ready::{self, Watched};
use std::io;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// The pause of the listener after `accept` failed for lack of file descriptors or memory.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The most connections that are accepted before the open connections are served again.
const ACCEPTED_AT_ONCE: usize = 64;

/// Accepts and serves connections until `stop` is set.
///
/// # Errors
/// The listener or `poll` fails.
pub(super) fn run(listener: &TcpListener, context: &ServerContext, stop: &ready::Stop) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut guard = Guard { context, connections: Vec::new(), paused_until: None };
    while !stop.is_set() {
        let ready = guard.wait(listener, stop)?;
        if ready.listener {
            guard.accept(listener);
        }
        guard.serve(&ready.connections);
    }
    Ok(())
}

struct Guard<'a> {
    context: &'a ServerContext,
    connections: Vec<Connection>,
    paused_until: Option<Instant>,
}

/// The sockets that are ready.
struct Ready {
    listener: bool,
    /// By place in the list of connections.
    connections: Vec<bool>,
}

impl Guard<'_> {
    fn wait(&mut self, listener: &TcpListener, stop: &ready::Stop) -> io::Result<Ready> {
        let now = Instant::now();
        self.paused_until = self.paused_until.filter(|until| *until > now);
        let deadlines = self.connections.iter().filter_map(|connection| connection.deadline(now));
        let patience = deadlines.chain(self.paused_until).min().map(|until| until.saturating_duration_since(now));
        let mut watched = Watched::new(stop);
        // A pausing listener is not polled. It stays ready, and `poll` would return at once and use a whole core.
        let listener_place = self.paused_until.is_none().then(|| watched.listener(listener));
        let places: Vec<_> = self.connections.iter().map(|connection| connection.watch(&mut watched)).collect();
        let found = watched.wait(patience)?;
        let is_ready = |place: &Option<usize>| place.is_some_and(|place| found[place]);
        Ok(Ready {
            listener: is_ready(&listener_place),
            connections: places.iter().map(|(client, upstream)| is_ready(client) || is_ready(upstream)).collect(),
        })
    }

    fn accept(&mut self, listener: &TcpListener) {
        for _ in 0..ACCEPTED_AT_ONCE {
            match listener.accept() {
                Ok((stream, _)) => {
                    if self.connections.len() >= self.context.limits.connections && !self.evict() {
                        continue;
                    }
                    // A connection that was reset in the queue has no address, and is dropped.
                    if let Ok(connection) = Connection::new(stream, &self.context.limits) {
                        self.connections.push(connection);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if concerns_one_client(&error) => {}
                // Out of file descriptors or memory: an idle connection is closed, or the listener pauses.
                Err(_) => {
                    if !self.evict() {
                        self.paused_until = Some(Instant::now() + ACCEPT_PAUSE);
                        return;
                    }
                }
            }
        }
    }

    /// Closes the connection that has been idle the longest. `false` if no connection is idle.
    fn evict(&mut self) -> bool {
        let silent = |connection: &&Connection| connection.is_silent();
        let oldest = self.connections.iter().filter(silent).map(Connection::since).min();
        match oldest.and_then(|since| self.connections.iter().position(|one| one.is_silent() && one.since() == since)) {
            Some(place) => {
                self.connections.remove(place);
                true
            }
            None => false,
        }
    }

    /// Serves every connection that is ready or late, then the connections that wait for an exchange.
    fn serve(&mut self, ready: &[bool]) {
        let now = Instant::now();
        // New connections are at the end, beyond the places in `ready`, and usually have input. An eviction shifts the
        // places: a superfluous step has no effect, and a missing step follows after the next wait.
        self.step_where(now, |place, connection| ready.get(place).copied().unwrap_or(true) || connection.is_late(now));
        self.step_where(now, |_, connection| connection.may_ask(now));
    }

    fn step_where(&mut self, now: Instant, whose: impl Fn(usize, &Connection) -> bool) {
        let context = self.context;
        // Counted once for each pass instead of at each connection: with 512 connections that would be quadratic.
        let mut exchanges = self.connections.iter().filter(|connection| connection.is_in_exchange()).count();
        let mut place = 0;
        self.connections.retain_mut(|connection| {
            place += 1;
            if !whose(place - 1, connection) {
                return true;
            }
            let before = connection.is_in_exchange();
            let keep = connection.step(context, exchanges < context.limits.exchanges, now) == Turn::Stay;
            match (before, keep && connection.is_in_exchange()) {
                (false, true) => exchanges += 1,
                (true, false) => exchanges -= 1,
                _ => {}
            }
            keep
        });
    }
}

/// Whether an error of `accept` concerns only the accepted connection, which the client has closed.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, PermissionDenied, TimedOut};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | PermissionDenied | TimedOut)
}
