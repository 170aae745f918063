//! Reads sequence diagrams: participants, messages, notes, and the frames around them.

use super::Fault;
use super::labels;
use super::scan::{Source, Statement, after_word};
use crate::text::ids::{IndexVec, id};
use rustc_hash::FxHashMap;

id! {
    /// A participant.
    pub(super) struct PartyId;
}

/// The maximum number of participants.
const MAX_PARTIES: usize = 30;
/// The maximum nesting of frames.
const MAX_FRAMES: usize = 10;

/// A participant.
#[derive(Debug)]
pub(super) struct Party {
    pub lines: Vec<String>,
    /// Whether it is drawn as a person.
    pub is_actor: bool,
}

/// The head of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    None,
    Arrow,
    Open,
    Cross,
}

/// What happens, from top to bottom.
#[derive(Debug)]
pub(super) enum Event {
    Message {
        from: PartyId,
        to: PartyId,
        lines: Vec<String>,
        is_dotted: bool,
        head: Head,
        is_both: bool,
    },
    /// A note over participants from the first to the last.
    Over {
        first: PartyId,
        last: PartyId,
        lines: Vec<String>,
    },
    /// A note beside a participant.
    Beside {
        party: PartyId,
        is_left: bool,
        lines: Vec<String>,
    },
    Activate(PartyId),
    Deactivate(PartyId),
    /// A frame opens: its kind and its words. Without a kind, it is a coloured area, or a group of participants.
    Open {
        kind: &'static str,
        words: String,
    },
    /// The next part of a frame.
    Else {
        words: String,
    },
    Close,
    /// From here on, messages have numbers.
    Number {
        is_on: bool,
    },
}

/// A sequence diagram.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    pub parties: IndexVec<PartyId, Party>,
    pub events: Vec<Event>,
}

/// The arrows, longer ones before those that they begin with: sign, dotted, head, heads at both ends.
const ARROWS: &[(&str, bool, Head, bool)] = &[
    ("<<-->>", true, Head::Arrow, true),
    ("<<->>", false, Head::Arrow, true),
    ("-->>", true, Head::Arrow, false),
    ("->>", false, Head::Arrow, false),
    ("-->", true, Head::None, false),
    ("->", false, Head::None, false),
    ("--x", true, Head::Cross, false),
    ("-x", false, Head::Cross, false),
    ("--)", true, Head::Open, false),
    ("-)", false, Head::Open, false),
];

/// The frames: word, and whether it may have parts, which begin with `else`, `and` or `option`.
const FRAMES: &[(&str, &str)] =
    &[("loop", ""), ("alt", "else"), ("opt", ""), ("par", "and"), ("critical", "option"), ("break", "")];

#[derive(Default)]
struct Reader {
    sequence: Sequence,
    names: FxHashMap<String, PartyId>,
    /// The word for the next part of each open frame.
    open: Vec<&'static str>,
}

/// Reads a sequence diagram.
pub(super) fn parse(source: &Source<'_>) -> Result<Sequence, Fault> {
    let mut reader = Reader::default();
    for line in &source.statements {
        for text in line.text.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            // A semicolon within an escape (`#35;`) separates nothing; such lines are read whole.
            if line.text.contains('#') {
                reader.statement(*line)?;
                break;
            }
            reader.statement(Statement { line: line.line, text })?;
        }
    }
    let last = source.statements.last().map_or(0, |last| last.line);
    match reader.open.is_empty() {
        true => Ok(reader.sequence),
        false => Err(Fault::new(last, "a frame has no `end`")),
    }
}

impl Reader {
    fn statement(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let text = statement.text;
        let word = text.split_whitespace().next().unwrap_or_default();
        let rest = text[word.len()..].trim();
        let event = match word {
            "participant" | "actor" => return self.declare(rest, word == "actor", statement),
            "activate" => Event::Activate(self.party(rest, statement)?),
            "deactivate" => Event::Deactivate(self.party(rest, statement)?),
            "autonumber" => Event::Number { is_on: rest != "off" },
            "Note" | "note" => self.note(rest, statement)?,
            "end" if rest.is_empty() => {
                self.open.pop().ok_or_else(|| statement.fault("this `end` ends nothing"))?;
                Event::Close
            }
            "rect" | "box" => self.frame("", "", statement)?,
            "title" | "title:" | "links" | "link" | "properties" | "details" => return Ok(()),
            "create" | "destroy" => return Err(statement.fault(format!("`{word}` is not drawn"))),
            _ => {
                if let Some((kind, part)) = FRAMES.iter().find(|(kind, _)| *kind == word) {
                    let frame = self.frame(kind, part, statement)?;
                    let Event::Open { kind, .. } = frame else { return Err(statement.unknown()) };
                    Event::Open { kind, words: labels::plain(rest) }
                } else if self.open.last().is_some_and(|part| *part == word && !part.is_empty()) {
                    Event::Else { words: labels::plain(rest) }
                } else {
                    return self.message(statement);
                }
            }
        };
        self.sequence.events.push(event);
        Ok(())
    }

    fn frame(&mut self, kind: &'static str, part: &'static str, statement: Statement<'_>) -> Result<Event, Fault> {
        self.open.push(part);
        match self.open.len() > MAX_FRAMES {
            true => Err(statement.fault(format!("there are more than {MAX_FRAMES} frames in each other"))),
            false => Ok(Event::Open { kind, words: String::new() }),
        }
    }

    fn declare(&mut self, declared: &str, is_actor: bool, statement: Statement<'_>) -> Result<(), Fault> {
        if declared.contains("@{") {
            return Err(statement.fault("participants with `@{…}` are not drawn"));
        }
        let (name, label) = declared.split_once(" as ").unwrap_or((declared, declared));
        let id = self.party(name, statement)?;
        let party = &mut self.sequence.parties[id];
        (party.lines, party.is_actor) = (labels::lines(label), is_actor);
        Ok(())
    }

    /// The participant with a name, which is added if it is new.
    fn party(&mut self, name: &str, statement: Statement<'_>) -> Result<PartyId, Fault> {
        let name = name.trim();
        if name.is_empty() {
            return Err(statement.unknown());
        }
        if let Some(known) = self.names.get(name) {
            return Ok(*known);
        }
        if self.names.len() == MAX_PARTIES {
            return Err(statement.fault(format!("there are more than {MAX_PARTIES} participants")));
        }
        let id = self.sequence.parties.push(Party { lines: labels::lines(name), is_actor: false });
        self.names.insert(name.to_string(), id);
        Ok(id)
    }

    /// Reads what stands behind `Note`: `over A,B: words`, `left of A: words`.
    fn note(&mut self, note: &str, statement: Statement<'_>) -> Result<Event, Fault> {
        let (place, words) = note.split_once(':').ok_or_else(|| statement.unknown())?;
        let lines = labels::lines(words);
        if let Some(names) = after_word(place, "over") {
            let (first, last) = names.split_once(',').unwrap_or((names, names));
            let (first, last) = (self.party(first, statement)?, self.party(last, statement)?);
            return Ok(Event::Over { first: first.min(last), last: first.max(last), lines });
        }
        let is_left = after_word(place, "left of").is_some();
        let name = after_word(place, "left of").or_else(|| after_word(place, "right of"));
        let party = self.party(name.ok_or_else(|| statement.unknown())?, statement)?;
        Ok(Event::Beside { party, is_left, lines })
    }

    fn message(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let (line, words) = statement.text.split_once(':').unwrap_or((statement.text, ""));
        let found = ARROWS.iter().filter_map(|arrow| line.find(arrow.0).map(|at| (at, arrow)));
        // The first arrow counts; of two at the same place the longer one.
        let found = found.min_by_key(|(at, arrow)| (*at, std::cmp::Reverse(arrow.0.len())));
        let Some((at, &(sign, is_dotted, head, is_both))) = found else { return Err(statement.unknown()) };
        let (from, to) = (&line[..at], line[at + sign.len()..].trim());
        let (to, activation) = match to.strip_prefix(['+', '-']) {
            Some(name) => (name, to.chars().next()),
            None => (to, None),
        };
        let (from, to) = (self.party(from, statement)?, self.party(to, statement)?);
        let lines = labels::lines(words);
        self.sequence.events.push(Event::Message { from, to, lines, is_dotted, head, is_both });
        match activation {
            Some('+') => self.sequence.events.push(Event::Activate(to)),
            Some(_) => self.sequence.events.push(Event::Deactivate(from)),
            None => {}
        }
        Ok(())
    }
}
