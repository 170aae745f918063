//! Reads state diagrams: states, transitions, states within states, forks, choices and notes.

use super::Fault;
use super::curves::Tip;
use super::labels;
use super::layered::{BoxId, Connection, End, Group, GroupId, Layered, Node};
use super::scan::{Source, Statement, after_word, direction};
use super::shapes::Shape;
use super::svg::Ink;
use crate::text::ids::IndexVec;
use rustc_hash::FxHashMap;

/// Statements about colours and sizes, which the theme decides.
const SKIPPED: &[&str] = &["classDef", "class", "style", "hide", "scale", "click"];

#[derive(Default)]
struct Reader {
    diagram: Layered,
    boxes: FxHashMap<String, BoxId>,
    groups: FxHashMap<String, GroupId>,
    open: Vec<GroupId>,
    /// The words of states, by name: a description, or several below each other.
    words: FxHashMap<String, Vec<String>>,
    names: IndexVec<BoxId, String>,
    /// Lines by the names of their ends. A name is that of a group if one has it, wherever it is declared.
    lines: Vec<(String, String, String, bool)>,
}

/// Reads a state diagram.
pub(super) fn parse(source: &Source<'_>) -> Result<Layered, Fault> {
    let mut reader = Reader::default();
    let mut statements = source.statements.iter().copied();
    while let Some(statement) = statements.next() {
        let text = statement.text;
        if let Some(note) = after_word(text, "note") {
            let words = match note.split_once(':') {
                Some((_, words)) => words.to_string(),
                None => {
                    let inside: Vec<&str> =
                        statements.by_ref().map(|line| line.text).take_while(|text| *text != "end note").collect();
                    inside.join("\n")
                }
            };
            reader.note(note.split(':').next().unwrap_or_default(), &words, statement)?;
            continue;
        }
        reader.statement(statement)?;
    }
    if !reader.open.is_empty() {
        return Err(Fault::new(source.statements.last().map_or(0, |last| last.line), "`{` is not closed"));
    }
    Ok(reader.finish())
}

impl Reader {
    fn statement(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let text = statement.text.trim_end_matches(';');
        if SKIPPED.iter().any(|word| after_word(text, word).is_some()) {
            return Ok(());
        }
        if let Some(word) = after_word(text, "direction") {
            let direction = direction(word.trim()).ok_or_else(|| statement.unknown())?;
            // States within states take the direction of the diagram.
            if self.open.is_empty() {
                self.diagram.direction = direction;
            }
            return Ok(());
        }
        if text == "--" {
            return Err(statement.fault("regions beside each other (`--`) are not drawn"));
        }
        if text == "}" {
            return self.open.pop().map(|_| ()).ok_or_else(|| statement.fault("this `}` closes nothing"));
        }
        if let Some(declared) = after_word(text, "state") {
            return self.declare(declared, statement);
        }
        if let Some((from, rest)) = text.split_once("-->") {
            let (to, label) = split_words(rest);
            let (from, to) = (self.mention(from, true, statement)?, self.mention(to, false, statement)?);
            self.lines.push((from, to, label.to_string(), true));
            return Ok(());
        }
        let (name, words) = split_words(text);
        let name = self.mention(name, true, statement)?;
        if !words.is_empty() {
            self.words.entry(name).or_default().push(words.to_string());
        }
        Ok(())
    }

    /// Reads what stands behind `state`: `"Words" as name`, `name <<fork>>`, `name {`.
    fn declare(&mut self, declared: &str, statement: Statement<'_>) -> Result<(), Fault> {
        let (declared, opens) = match declared.strip_suffix('{') {
            Some(before) => (before.trim(), true),
            None => (declared.trim(), false),
        };
        let (name, words) = match declared.strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((words, name)) => (after_word(name.trim_start(), "as").ok_or_else(|| statement.unknown())?, words),
            None => (declared, ""),
        };
        let (name, kind) = name.split_once("<<").map_or((name, ""), |(name, kind)| (name, kind.trim_end_matches('>')));
        let name = name.split(":::").next().unwrap_or_default().trim();
        if opens {
            let title = if words.is_empty() { name } else { words };
            let group = Group { title: labels::lines(title), parent: self.open.last().copied() };
            let group = self.diagram.groups.push(group);
            self.groups.insert(name.to_string(), group);
            self.open.push(group);
            return Ok(());
        }
        let name = self.mention(name, true, statement)?;
        let own = &mut self.diagram.boxes[self.boxes[&name]];
        own.shape = match kind {
            "" => own.shape,
            "fork" | "join" => Shape::Bar,
            "choice" => Shape::Choice,
            _ => return Err(statement.unknown()),
        };
        if !words.is_empty() {
            self.words.insert(name, vec![words.to_string()]);
        }
        Ok(())
    }

    /// The name of a state, which is added if it is new. `[*]` is the start or the end of the states around it.
    fn mention(&mut self, written: &str, is_source: bool, statement: Statement<'_>) -> Result<String, Fault> {
        let written = written.split(":::").next().unwrap_or_default().trim();
        let group = self.open.last().copied();
        let (name, shape) = match (written, is_source) {
            ("[*]", true) => (format!("[*] start {group:?}"), Shape::Start),
            ("[*]", false) => (format!("[*] end {group:?}"), Shape::End),
            _ => (written.to_string(), Shape::Round),
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if written != "[*]" && (written.is_empty() || !written.chars().all(is_name)) {
            return Err(statement.unknown());
        }
        if let Some(known) = self.boxes.get(&name) {
            let known = &mut self.diagram.boxes[*known];
            known.group = known.group.or(group);
            return Ok(name);
        }
        let id = self.diagram.boxes.push(Node { shape, parts: Vec::new(), group });
        self.names.push(name.clone());
        self.boxes.insert(name.clone(), id);
        Ok(name)
    }

    fn note(&mut self, place: &str, words: &str, statement: Statement<'_>) -> Result<(), Fault> {
        let of = ["left of", "right of"].iter().find_map(|side| after_word(place.trim(), side));
        let of = self.mention(of.ok_or_else(|| statement.unknown())?, true, statement)?;
        let name = format!("note {}", self.names.len());
        let group = self.boxes.get(&of).and_then(|id| self.diagram.boxes[*id].group);
        let lines = labels::lines(words);
        let id = self.diagram.boxes.push(Node { shape: Shape::Note, parts: vec![lines], group });
        self.names.push(name.clone());
        self.boxes.insert(name.clone(), id);
        self.lines.push((of, name, String::new(), false));
        Ok(())
    }

    fn finish(self) -> Layered {
        let Reader { mut diagram, boxes, groups, words, names, lines, .. } = self;
        // Only states that are not groups become boxes; ids change, so both tables are made again.
        let mut ends: FxHashMap<&str, End> =
            groups.iter().map(|(name, group)| (name.as_str(), End::Group(*group))).collect();
        let mut kept: IndexVec<BoxId, Node> = IndexVec::default();
        for (name, mut node) in names.iter().zip(diagram.boxes) {
            if ends.contains_key(name.as_str()) {
                continue;
            }
            if node.shape == Shape::Round {
                let own = words.get(name).map(|words| words.join("\n"));
                node.parts = vec![labels::lines(own.as_deref().unwrap_or(name))];
            }
            ends.insert(name, End::Box(kept.push(node)));
        }
        diagram.boxes = kept;
        for (from, to, label, is_transition) in &lines {
            let (Some(&from), Some(&to)) = (ends.get(from.as_str()), ends.get(to.as_str())) else { continue };
            diagram.connections.push(Connection {
                from,
                to,
                label: labels::lines(label),
                ink: Some(if *is_transition { Ink::Line } else { Ink::Dotted }),
                tail: Tip::None,
                head: if *is_transition { Tip::Arrow } else { Tip::None },
                near_tail: String::new(),
                near_head: String::new(),
                ranks: 1,
            });
        }
        debug_assert_eq!(boxes.len(), names.len());
        diagram
    }
}

/// A name and the words behind its colon. The colons of `:::hot` are part of the name.
fn split_words(text: &str) -> (&str, &str) {
    let colon = text.match_indices(':').map(|(at, _)| at);
    let mut colon = colon.filter(|at| !text[at + 1..].starts_with(':') && !text[..*at].ends_with(':'));
    colon.next().map_or((text, ""), |at| (&text[..at], text[at + 1..].trim()))
}
