//! The state machine of a client connection. It never blocks, and every state has a deadline.
//!
//! ```text
//! Listening ─ head complete ─▶ Waiting ─ exchange free ─▶ Exchanging ─ answer complete ─▶ Sending ─ keep-alive ─▶ Listening
//!     └─ invalid head ─▶ Sending (a refusal) ─ close ─▶ Leaving ─ client closed ─▶ end
//! ```
//!
//! Knows neither the remaining connections nor the meaning of an answer.

use super::answer::ALWAYS;
use super::content::Part;
use super::head::{self, Head, METHOD_REFUSED, Method, Reading, Refusal};
use super::http::{EXCHANGE, PrivateStream};
use super::limits::{Limits, ServerContext};
use super::media::{FILE_POLICY, TEXT};
use super::ready::Watched;
use std::io::{self, Read, Write};
use std::mem;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The most bytes of a single read or write.
const CHUNK: usize = 64 * 1024;
/// The most bytes that a connection sends before the next connection is served.
const SENT_IN_A_TURN: usize = 16 * CHUNK;
/// The most bytes that are read from a client while its request is answered.
const READ_AHEAD_LIMIT: usize = 4 * 1024;
/// The pause before a failed exchange is repeated.
const RETRY: Duration = Duration::from_millis(50);
const NOT_IN_TIME: Refusal = Refusal { status: 503, reason: "The answer was not ready in time. Try again." };

/// Whether a connection stays open after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It stays open.
    Stay,
    /// It is closed.
    Leave,
}

/// A connection to a client.
pub(super) struct Connection {
    client: TcpStream,
    local: IpAddr,
    received: Vec<u8>,
    state: State,
    /// When the client connected, or received the last answer.
    since: Instant,
    deadline: Instant,
    answered: u32,
    /// Whether the client closed its sending direction.
    hung_up: bool,
}

enum State {
    Listening,
    /// Waits for a free exchange, or for `not_before` after a failed exchange.
    Waiting {
        head: Box<Head>,
        not_before: Instant,
    },
    Exchanging(Box<Exchange>),
    Sending(Sending),
    Leaving,
}

struct Exchange {
    head: Box<Head>,
    upstream: PrivateStream,
    number: u64,
    question: Vec<u8>,
    asked: usize,
    answer: Vec<u8>,
}

struct Sending {
    bytes: Vec<u8>,
    sent: usize,
    rest: Option<Part>,
    close: bool,
    /// Bytes sent since the deadline was last extended.
    progress: u64,
}

/// The result of a step: continue in a new state, wait for a socket, or close the connection.
enum Step {
    Next(State),
    Wait(State),
    End,
}

impl Connection {
    /// A connection to a client that was just accepted.
    ///
    /// # Errors
    /// The socket is already closed, or cannot be made non-blocking.
    pub(super) fn new(client: TcpStream, limits: &Limits) -> io::Result<Connection> {
        client.set_nonblocking(true)?;
        // Without this, Nagle's algorithm holds back the last part of an answer for up to 40 ms.
        client.set_nodelay(true)?;
        let (local, now) = (client.local_addr()?.ip(), Instant::now());
        Ok(Connection {
            client,
            local,
            received: Vec::new(),
            state: State::Listening,
            since: now,
            deadline: now + limits.head,
            answered: 0,
            hung_up: false,
        })
    }

    /// The time of the next step, if no socket becomes ready before.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        match &self.state {
            State::Waiting { not_before, .. } if *not_before > now => Some(self.deadline.min(*not_before)),
            _ => Some(self.deadline),
        }
    }

    /// Adds the sockets to a wait. Returns the places of the client socket and of the socket to tiny_http.
    pub(super) fn watch<'a>(&'a self, watched: &mut Watched<'a>) -> (Option<usize>, Option<usize>) {
        // Above the limit the client is not read: its data stays in the kernel, which stops the client by itself.
        let may_send_ahead = !self.hung_up && self.received.len() < READ_AHEAD_LIMIT;
        match &self.state {
            State::Listening | State::Leaving => (Some(watched.add(&self.client, true, false)), None),
            State::Waiting { .. } => (may_send_ahead.then(|| watched.add(&self.client, true, false)), None),
            State::Sending(_) => (Some(watched.add(&self.client, false, true)), None),
            State::Exchanging(exchange) => {
                let client = may_send_ahead.then(|| watched.add(&self.client, true, false));
                (client, Some(watched.add(&exchange.upstream, true, exchange.asked < exchange.question.len())))
            }
        }
    }

    /// Whether no request is in progress.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.state, State::Listening)
    }

    /// When the client connected, or received the last answer.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Whether the connection occupies an exchange. A request that waits for a change of the site does not.
    pub(super) fn is_in_exchange(&self) -> bool {
        matches!(&self.state, State::Exchanging(exchange) if !is_held(&exchange.head))
    }

    /// Whether the connection needs an exchange now.
    pub(super) fn may_ask(&self, now: Instant) -> bool {
        matches!(&self.state, State::Waiting { not_before, .. } if *not_before <= now)
    }

    /// Whether the deadline has passed.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline <= now
    }

    /// Does everything that is possible without blocking. With `room`, an exchange may start.
    pub(super) fn step(&mut self, context: &ServerContext, room: bool, now: Instant) -> Turn {
        // The state is moved out, because each transition consumes it. `Leaving` is only a placeholder meanwhile.
        let mut state = mem::replace(&mut self.state, State::Leaving);
        if self.is_late(now) {
            match self.give_up(state, context, now) {
                Some(last_words) => state = last_words,
                None => return Turn::Leave,
            }
        }
        loop {
            let step = match state {
                State::Listening => self.listen(context, now),
                State::Waiting { head, not_before } => self.wait(head, not_before, context, room, now),
                State::Exchanging(exchange) => self.exchange(exchange, context, now),
                State::Sending(sending) => self.send(sending, &context.limits, now),
                State::Leaving => self.drain(),
            };
            match step {
                Step::Next(next) => state = next,
                Step::Wait(same) => {
                    self.state = same;
                    return Turn::Stay;
                }
                Step::End => return Turn::Leave,
            }
        }
    }

    /// The state after a deadline: a refusal if the server was too slow, `None` (close) if the client was.
    fn give_up(&mut self, state: State, context: &ServerContext, now: Instant) -> Option<State> {
        match state {
            State::Waiting { head, .. } => Some(self.refuse(NOT_IN_TIME, head.method, &context.limits, now)),
            State::Exchanging(exchange) => {
                context.backend.close_exchange(exchange.number);
                Some(self.refuse(NOT_IN_TIME, exchange.head.method, &context.limits, now))
            }
            State::Listening | State::Sending(_) | State::Leaving => None,
        }
    }

    fn listen(&mut self, context: &ServerContext, now: Instant) -> Step {
        loop {
            let method = if self.received.starts_with(b"HEAD ") { Method::Head } else { Method::Get };
            let refusal = match head::read(&self.received) {
                Reading::More => match self.receive() {
                    // A byte more may complete the head, so it is parsed again.
                    Received::Some => continue,
                    Received::Nothing => return Step::Wait(State::Listening),
                    Received::End => return Step::End,
                },
                Reading::Refused(refusal) => refusal,
                Reading::Whole(head, length) => {
                    self.received.drain(..length);
                    match context.access.check(&head, self.local) {
                        Ok(()) => {
                            self.deadline = now + context.limits.answer;
                            return Step::Next(State::Waiting { head, not_before: now });
                        }
                        Err(refusal) => refusal,
                    }
                }
            };
            return Step::Next(self.refuse(refusal, method, &context.limits, now));
        }
    }

    fn receive(&mut self) -> Received {
        let mut bytes = [0; READ_AHEAD_LIMIT];
        match self.client.read(&mut bytes) {
            Ok(0) => Received::End,
            Ok(count) => {
                self.received.extend_from_slice(&bytes[..count]);
                Received::Some
            }
            Err(error) if is_for_later(&error) => Received::Nothing,
            Err(_) => Received::End,
        }
    }

    /// Sends a fixed sentence and then closes. The remaining input is dropped: after a malformed head the start of the next
    /// request is unknown (request smuggling).
    fn refuse(&mut self, refusal: Refusal, method: Method, limits: &Limits, now: Instant) -> State {
        self.received = Vec::new();
        self.deadline = now + limits.write;
        State::Sending(Sending { bytes: refusal_bytes(refusal, method), sent: 0, rest: None, close: true, progress: 0 })
    }

    /// Reads input while a request is answered, and notices when the client closes.
    fn read_ahead(&mut self) {
        while self.received.len() < READ_AHEAD_LIMIT && !self.hung_up {
            match self.receive() {
                Received::Some => {}
                Received::Nothing => break,
                Received::End => self.hung_up = true,
            }
        }
    }

    /// Starts an exchange if one is free. A client that closes while it waits is dropped.
    fn wait(
        &mut self,
        head: Box<Head>,
        not_before: Instant,
        context: &ServerContext,
        room: bool,
        now: Instant,
    ) -> Step {
        if now >= not_before && (room || is_held(&head)) {
            return ask(head, context, now);
        }
        self.read_ahead();
        if self.hung_up { Step::End } else { Step::Wait(State::Waiting { head, not_before }) }
    }

    fn exchange(&mut self, mut exchange: Box<Exchange>, context: &ServerContext, now: Instant) -> Step {
        self.read_ahead();
        // A closed client no longer waits for a change. A page is sent all the same, because the client may have closed only
        // the sending direction.
        if self.hung_up && is_held(&exchange.head) {
            context.backend.close_exchange(exchange.number);
            return Step::End;
        }
        match exchange.go_on() {
            Ok(false) => Step::Wait(State::Exchanging(exchange)),
            Ok(true) => self.answer(*exchange, context, now),
            Err(_) => {
                context.backend.close_exchange(exchange.number);
                Step::Next(State::Waiting { head: exchange.head, not_before: now + RETRY })
            }
        }
    }

    fn answer(&mut self, exchange: Exchange, context: &ServerContext, now: Instant) -> Step {
        let part = context.backend.close_exchange(exchange.number);
        self.answered += 1;
        let close = exchange.head.close || self.hung_up || self.answered >= context.limits.requests;
        match completed(exchange.answer, exchange.head.method, part, close) {
            Some((bytes, rest)) => {
                self.deadline = now + context.limits.write;
                Step::Next(State::Sending(Sending { bytes, sent: 0, rest, close, progress: 0 }))
            }
            // tiny_http died during the answer. Repeating is safe, because GET and HEAD change no state.
            None => Step::Next(State::Waiting { head: exchange.head, not_before: now + RETRY }),
        }
    }

    fn send(&mut self, mut sending: Sending, limits: &Limits, now: Instant) -> Step {
        let mut in_this_turn = 0;
        while in_this_turn < SENT_IN_A_TURN {
            if sending.sent == sending.bytes.len() {
                match sending.refill() {
                    Ok(true) => {}
                    Ok(false) => return self.sent(sending.close, limits, now),
                    Err(_) => return Step::End,
                }
            }
            match self.client.write(&sending.bytes[sending.sent..]) {
                Ok(0) => return Step::End,
                Ok(count) => {
                    (sending.sent, in_this_turn) = (sending.sent + count, in_this_turn + count);
                    sending.progress += count as u64;
                }
                Err(error) if is_for_later(&error) => break,
                Err(_) => return Step::End,
            }
        }
        // The deadline is extended only after real progress. A client that reads a byte per second would otherwise keep
        // the connection open forever.
        if sending.progress >= limits.progress {
            (sending.progress, self.deadline) = (0, now + limits.write);
        }
        Step::Wait(State::Sending(sending))
    }

    fn sent(&mut self, close: bool, limits: &Limits, now: Instant) -> Step {
        self.since = now;
        if !close {
            self.deadline = now + limits.head;
            return Step::Next(State::Listening);
        }
        self.deadline = now + limits.farewell;
        // Closing a socket with unread input sends RST, and the client then drops the answer (RFC 9112, section 9.6).
        match self.client.shutdown(Shutdown::Write) {
            Ok(()) => Step::Next(State::Leaving),
            Err(_) => Step::End,
        }
    }

    /// Drains input until the peer closes, so that the kernel does not reset the connection and lose the response.
    fn drain(&mut self) -> Step {
        let mut nowhere = [0; CHUNK];
        for _ in 0..SENT_IN_A_TURN / CHUNK {
            match self.client.read(&mut nowhere) {
                Ok(0) => return Step::End,
                Ok(_) => {}
                Err(error) if is_for_later(&error) => break,
                Err(_) => return Step::End,
            }
        }
        Step::Wait(State::Leaving)
    }
}

enum Received {
    Some,
    Nothing,
    End,
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Whether a request may wait for a change of the site.
fn is_held(head: &Head) -> bool {
    head.target.key == "__canon/live"
}

fn ask(head: Box<Head>, context: &ServerContext, now: Instant) -> Step {
    let Ok(upstream) = context.backend.connect() else {
        return Step::Wait(State::Waiting { head, not_before: now + RETRY });
    };
    let number = context.backend.open_exchange();
    let question = question_bytes(&head, number);
    Step::Next(State::Exchanging(Box::new(Exchange { head, upstream, number, question, asked: 0, answer: Vec::new() })))
}

/// The request for tiny_http. Only the parsed parts are written, so unchecked bytes of the client never reach tiny_http.
fn question_bytes(head: &Head, number: u64) -> Vec<u8> {
    let method = match head.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
    };
    let mut text = format!(
        "{method} {} HTTP/1.1\r\nHost: canon\r\nConnection: close\r\n{EXCHANGE}: {number}\r\n",
        head.raw_target
    );
    for (name, value) in &head.conditions {
        text.extend([*name, ": ", value.as_str(), "\r\n"]);
    }
    text.push_str("\r\n");
    text.into_bytes()
}

impl Exchange {
    /// Sends the rest of the request and reads the answer. `true` once tiny_http has closed: the answer is complete.
    fn go_on(&mut self) -> io::Result<bool> {
        while self.asked < self.question.len() {
            match self.upstream.write(&self.question[self.asked..]) {
                Ok(count) => self.asked += count,
                Err(error) if is_for_later(&error) => break,
                Err(error) => return Err(error),
            }
        }
        let mut bytes = [0; CHUNK];
        loop {
            match self.upstream.read(&mut bytes) {
                Ok(0) => return Ok(true),
                Ok(count) => self.answer.extend_from_slice(&bytes[..count]),
                Err(error) if is_for_later(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }
}

impl Sending {
    /// Loads the next chunk of a large body. `false` at the end.
    fn refill(&mut self) -> io::Result<bool> {
        let Some(rest) = &mut self.rest else { return Ok(false) };
        self.bytes = rest.take(CHUNK)?;
        self.sent = 0;
        Ok(!self.bytes.is_empty())
    }
}

/// The bytes for the client, and the large body that follows. `None` if the answer of tiny_http is incomplete.
fn completed(mut answer: Vec<u8>, method: Method, part: Option<Part>, close: bool) -> Option<(Vec<u8>, Option<Part>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..end]).ok()?;
    let status: u16 = text.get(9..12)?.parse().ok()?;
    let line_end = text.find("\r\n")? + 2;
    let has_name =
        |line: &&str| line.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: u64 = text.lines().find(has_name)?.split_once(':')?.1.trim().parse().ok()?;
    // An answer to HEAD and a 304 have a length, but no body (RFC 9110, section 8.6).
    let expected = if method == Method::Head || status == 304 { 0 } else { length };
    let there = (answer.len() - end) as u64;
    let rest = part.filter(|part| there == 0 && part.length() == expected);
    if there != expected && rest.is_none() {
        return None;
    }
    if close {
        answer.splice(line_end..line_end, *b"Connection: close\r\n");
    }
    Some((answer, rest))
}

fn refusal_bytes(refusal: Refusal, method: Method) -> Vec<u8> {
    let phrase = match refusal.status {
        400 => "Bad Request",
        403 => "Forbidden",
        405 => "Method Not Allowed",
        414 => "URI Too Long",
        431 => "Request Header Fields Too Large",
        505 => "HTTP Version Not Supported",
        _ => "Service Unavailable",
    };
    let mut text = format!("HTTP/1.1 {} {phrase}\r\nConnection: close\r\nContent-Type: {TEXT}\r\n", refusal.status);
    for (name, value) in ALWAYS.into_iter().chain([("Content-Security-Policy", FILE_POLICY)]) {
        text.extend([name, ": ", value, "\r\n"]);
    }
    if refusal == METHOD_REFUSED {
        text.push_str("Allow: GET, HEAD\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", refusal.reason.len()));
    if method == Method::Get {
        text.push_str(refusal.reason);
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::*;

    fn part(length: u64) -> Part {
        Part { content: Content::Bytes(vec![b'x'; length as usize].into()), range: 0..length }
    }

    #[test]
    fn an_answer_is_complete_or_asked_for_again() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab".to_vec();
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n".to_vec();
        let outcome = |answer: &[u8], method, part| {
            completed(answer.to_vec(), method, part, false).map(|(_, rest)| rest.is_some())
        };
        assert_eq!(outcome(&whole, Method::Get, None), Some(false));
        assert_eq!(outcome(&head, Method::Head, None), Some(false));
        assert_eq!(outcome(&head, Method::Get, Some(part(2))), Some(true));
        for (answer, rest) in
            [(&whole[..whole.len() - 1], None), (&head[..], None), (&head[..], Some(part(3))), (b"", None)]
        {
            assert_eq!(outcome(answer, Method::Get, rest), None);
        }
        let (closed, _) = completed(whole, Method::Get, None, true).expect("whole");
        assert!(closed.starts_with(b"HTTP/1.1 200 OK\r\nConnection: close\r\n"));
    }

    #[test]
    fn the_question_is_written_anew() {
        let request =
            b"GET /a?b HTTP/1.1\r\nHost: localhost\r\nX-Canon-Exchange: 9\r\nTE: chunked\r\nRange: bytes=0-\r\n\r\n";
        let Reading::Whole(head, _) = head::read(request) else { panic!("not read") };
        let expected =
            "GET /a?b HTTP/1.1\r\nHost: canon\r\nConnection: close\r\nX-Canon-Exchange: 1\r\nRange: bytes=0-\r\n\r\n";
        assert_eq!(String::from_utf8(question_bytes(&head, 1)).expect("text"), expected);
    }
}
