//! One connection of a client, from its first byte to its last, never waiting: it reads a head, asks tiny_http, sends the
//! answer, and says goodbye. Every state has a deadline. Knows neither the other connections nor what an answer says.

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

/// Bytes read or sent at once.
const CHUNK: usize = 64 * 1024;
/// What is sent of one answer before the others have their turn.
const SENT_IN_A_TURN: usize = 16 * CHUNK;
/// What a client may send ahead while its request is answered.
const READ_AHEAD_LIMIT: usize = 4 * 1024;
/// How long an exchange that failed waits before it is tried again.
const RETRY: Duration = Duration::from_millis(50);
const NOT_IN_TIME: Refusal = Refusal { status: 503, reason: "The answer was not ready in time. Try again." };

/// Whether a connection goes on after its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It does.
    Stay,
    /// It is over.
    Leave,
}

/// A client's connection.
pub(super) struct Connection {
    client: TcpStream,
    local: IpAddr,
    received: Vec<u8>,
    state: State,
    /// When it came or had its last answer.
    since: Instant,
    deadline: Instant,
    answered: u32,
    /// The client sends nothing more.
    hung_up: bool,
}

enum State {
    Listening,
    /// For room among the exchanges, or for the next try.
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
    /// Bytes since the deadline was last moved.
    progress: u64,
}

/// How a step ended: there is another to make, nothing to do for now, or nothing ever.
enum Step {
    Next(State),
    Wait(State),
    End,
}

impl Connection {
    /// Takes a client in.
    pub(super) fn new(client: TcpStream, limits: &Limits) -> io::Result<Connection> {
        client.set_nonblocking(true)?;
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

    /// When it must be looked at again, whatever its sockets do.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        match &self.state {
            State::Waiting { not_before, .. } if *not_before > now => Some(self.deadline.min(*not_before)),
            _ => Some(self.deadline),
        }
    }

    /// Adds its sockets to a wait; returns their places.
    pub(super) fn watch<'a>(&'a self, watched: &mut Watched<'a>) -> (Option<usize>, Option<usize>) {
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

    /// Whether it has no request under way.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.state, State::Listening)
    }

    /// Since when it is silent, if it is.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Whether it takes up one of the exchanges; a request held for news does not.
    pub(super) fn is_in_exchange(&self) -> bool {
        matches!(&self.state, State::Exchanging(exchange) if !is_held(&exchange.head))
    }

    /// Whether it would ask if there were room.
    pub(super) fn may_ask(&self, now: Instant) -> bool {
        matches!(&self.state, State::Waiting { not_before, .. } if *not_before <= now)
    }

    /// Whether its time is up.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline <= now
    }

    /// Does what can be done without waiting. `room`: an exchange may begin.
    pub(super) fn step(&mut self, premises: &ServerContext, room: bool, now: Instant) -> Turn {
        let mut state = mem::replace(&mut self.state, State::Leaving);
        if self.is_late(now) {
            match self.give_up(state, premises, now) {
                Some(last_words) => state = last_words,
                None => return Turn::Leave,
            }
        }
        loop {
            let step = match state {
                State::Listening => self.listen(premises, now),
                State::Waiting { head, not_before } => self.wait(head, not_before, premises, room, now),
                State::Exchanging(exchange) => self.exchange(exchange, premises, now),
                State::Sending(sending) => self.send(sending, &premises.limits, now),
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

    /// What is left to do when the time is up: a sentence for who waited for us, nothing for who kept us waiting.
    fn give_up(&mut self, state: State, premises: &ServerContext, now: Instant) -> Option<State> {
        match state {
            State::Waiting { head, .. } => Some(self.refuse(NOT_IN_TIME, head.method, &premises.limits, now)),
            State::Exchanging(exchange) => {
                premises.backend.close_exchange(exchange.number);
                Some(self.refuse(NOT_IN_TIME, exchange.head.method, &premises.limits, now))
            }
            State::Listening | State::Sending(_) | State::Leaving => None,
        }
    }

    fn listen(&mut self, premises: &ServerContext, now: Instant) -> Step {
        loop {
            let method = if self.received.starts_with(b"HEAD ") { Method::Head } else { Method::Get };
            let refusal = match head::read(&self.received) {
                Reading::More => match self.receive() {
                    Received::Some => continue,
                    Received::Nothing => return Step::Wait(State::Listening),
                    Received::End => return Step::End,
                },
                Reading::Refused(refusal) => refusal,
                Reading::Whole(head, length) => {
                    self.received.drain(..length);
                    match premises.access.check(&head, self.local) {
                        Ok(()) => {
                            self.deadline = now + premises.limits.answer;
                            return Step::Next(State::Waiting { head, not_before: now });
                        }
                        Err(refusal) => refusal,
                    }
                }
            };
            return Step::Next(self.refuse(refusal, method, &premises.limits, now));
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

    /// A fixed sentence, after which the connection ends: what else was sent is not looked at.
    fn refuse(&mut self, refusal: Refusal, method: Method, limits: &Limits, now: Instant) -> State {
        self.received = Vec::new();
        self.deadline = now + limits.write;
        State::Sending(Sending { bytes: refusal_bytes(refusal, method), sent: 0, rest: None, close: true, progress: 0 })
    }

    /// Takes in what the client sends while it waits for an answer, or notices that it sends nothing more.
    fn read_ahead(&mut self) {
        while self.received.len() < READ_AHEAD_LIMIT && !self.hung_up {
            match self.receive() {
                Received::Some => {}
                Received::Nothing => break,
                Received::End => self.hung_up = true,
            }
        }
    }

    /// Begins an exchange if there is room. Who hangs up in the queue makes room for others.
    fn wait(
        &mut self,
        head: Box<Head>,
        not_before: Instant,
        premises: &ServerContext,
        room: bool,
        now: Instant,
    ) -> Step {
        if now >= not_before && (room || is_held(&head)) {
            return ask(head, premises, now);
        }
        self.read_ahead();
        if self.hung_up { Step::End } else { Step::Wait(State::Waiting { head, not_before }) }
    }

    fn exchange(&mut self, mut exchange: Box<Exchange>, premises: &ServerContext, now: Instant) -> Step {
        self.read_ahead();
        // Nobody waits for the news any more. A page is sent even so: the client may have closed one direction only.
        if self.hung_up && is_held(&exchange.head) {
            premises.backend.close_exchange(exchange.number);
            return Step::End;
        }
        match exchange.go_on() {
            Ok(false) => Step::Wait(State::Exchanging(exchange)),
            Ok(true) => self.answer(*exchange, premises, now),
            Err(_) => {
                premises.backend.close_exchange(exchange.number);
                Step::Next(State::Waiting { head: exchange.head, not_before: now + RETRY })
            }
        }
    }

    fn answer(&mut self, exchange: Exchange, premises: &ServerContext, now: Instant) -> Step {
        let part = premises.backend.close_exchange(exchange.number);
        self.answered += 1;
        let close = exchange.head.close || self.hung_up || self.answered >= premises.limits.requests;
        match completed(exchange.answer, exchange.head.method, part, close) {
            Some((bytes, rest)) => {
                self.deadline = now + premises.limits.write;
                Step::Next(State::Sending(Sending { bytes, sent: 0, rest, close, progress: 0 }))
            }
            // tiny_http ended while it answered. Asking again is safe: nothing here changes anything.
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
        // A connection closed with bytes unread would be reset, and the answer lost with it.
        match self.client.shutdown(Shutdown::Write) {
            Ok(()) => Step::Next(State::Leaving),
            Err(_) => Step::End,
        }
    }

    /// Reads on, to nowhere, until the client hangs up.
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

/// Whether a request may be held for news.
fn is_held(head: &Head) -> bool {
    head.target.key == "__canon/live"
}

fn ask(head: Box<Head>, premises: &ServerContext, now: Instant) -> Step {
    let Ok(upstream) = premises.backend.connect() else {
        return Step::Wait(State::Waiting { head, not_before: now + RETRY });
    };
    let number = premises.backend.open_exchange();
    let question = question_bytes(&head, number);
    Step::Next(State::Exchanging(Box::new(Exchange { head, upstream, number, question, asked: 0, answer: Vec::new() })))
}

/// The request as tiny_http gets it: written anew from what was understood, so that nothing else comes along.
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
    /// Sends what is left of the question and reads the answer; true once it is whole.
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
    /// Loads the next bytes of a large body; false where there are none.
    fn refill(&mut self) -> io::Result<bool> {
        let Some(rest) = &mut self.rest else { return Ok(false) };
        self.bytes = rest.take(CHUNK)?;
        self.sent = 0;
        Ok(!self.bytes.is_empty())
    }
}

/// The answer for the client and what of its body is still to be fetched; `None` where it is not whole.
fn completed(mut answer: Vec<u8>, method: Method, part: Option<Part>, close: bool) -> Option<(Vec<u8>, Option<Part>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..end]).ok()?;
    let status: u16 = text.get(9..12)?.parse().ok()?;
    let line_end = text.find("\r\n")? + 2;
    let has_name =
        |line: &&str| line.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: u64 = text.lines().find(has_name)?.split_once(':')?.1.trim().parse().ok()?;
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
