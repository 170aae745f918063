//! Reads flowcharts: boxes in their brackets, the lines between them, and groups (`subgraph`).

use super::Fault;
use super::curves::Tip;
use super::labels;
use super::layered::{Connection, End, Group, GroupId, Layered, Node};
use super::scan::{Source, Statement, after_word, direction};
use super::shapes::Shape;
use super::svg::Ink;
use crate::text::ids::IndexVec;
use rustc_hash::FxHashMap;

/// The brackets around the words of a box, longer ones first.
const BRACKETS: &[(&str, &str, Shape)] = &[
    ("(((", ")))", Shape::DoubleCircle),
    ("((", "))", Shape::Circle),
    ("([", "])", Shape::Stadium),
    ("(", ")", Shape::Round),
    ("[[", "]]", Shape::Subroutine),
    ("[(", ")]", Shape::Cylinder),
    ("[/", "/]", Shape::LeanRight),
    ("[/", "\\]", Shape::Trapezoid),
    ("[\\", "\\]", Shape::LeanLeft),
    ("[\\", "/]", Shape::Funnel),
    ("[", "]", Shape::Rectangle),
    ("{{", "}}", Shape::Hexagon),
    ("{", "}", Shape::Diamond),
    (">", "]", Shape::Flag),
];

/// Statements about colours and links, which the theme decides.
const SKIPPED: &[&str] = &["classDef", "class", "style", "linkStyle", "click", "interpolate"];

/// A box as it is written: the words are those of its last mention with brackets.
struct Written {
    shape: Shape,
    words: Option<String>,
    group: Option<GroupId>,
}

/// A line as it is written.
struct Link {
    ink: Option<Ink>,
    tail: Tip,
    head: Tip,
    ranks: usize,
    label: String,
}

#[derive(Default)]
struct Reader {
    names: Vec<String>,
    boxes: FxHashMap<String, Written>,
    group_names: FxHashMap<String, GroupId>,
    groups: IndexVec<GroupId, Group>,
    open: Vec<GroupId>,
    links: Vec<(String, String, Link)>,
}

/// Reads a flowchart.
pub(super) fn parse(source: &Source<'_>) -> Result<Layered, Fault> {
    let mut reader = Reader::default();
    let (first, rest) = source.header.text.split_once(';').unwrap_or((source.header.text, ""));
    let chosen = match first.trim() {
        "" => dugong::RankDir::TB,
        word => direction(word).ok_or_else(|| source.header.unknown())?,
    };
    let header = Statement { line: source.header.line, text: rest };
    for line in std::iter::once(&header).chain(&source.statements) {
        for text in split(line.text) {
            reader.statement(Statement { line: line.line, text: text.trim() })?;
        }
    }
    match reader.open.is_empty() {
        true => Ok(reader.finish(chosen)),
        false => Err(Fault::new(source.statements.last().map_or(0, |last| last.line), "a `subgraph` has no `end`")),
    }
}

/// The statements of a line, which semicolons outside of quotation marks and brackets separate.
fn split(line: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut is_quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, c) in line.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' | '(' | '{' if !is_quoted => depth += 1,
            ']' | ')' | '}' if !is_quoted => depth = depth.saturating_sub(1),
            ';' if !is_quoted && depth == 0 => {
                parts.push(&line[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[from..]);
    parts
}

impl Reader {
    fn statement(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let text = statement.text;
        if text.is_empty() || SKIPPED.iter().any(|word| after_word(text, word).is_some()) {
            return Ok(());
        }
        if let Some(title) = after_word(text, "subgraph") {
            return self.open_group(title, statement);
        }
        if text == "end" {
            return self.open.pop().map(|_| ()).ok_or_else(|| statement.fault("this `end` ends nothing"));
        }
        // Groups take the direction of the diagram.
        if after_word(text, "direction").is_some_and(|word| direction(word.trim()).is_some()) {
            return Ok(());
        }
        self.chain(statement)
    }

    fn open_group(&mut self, title: &str, statement: Statement<'_>) -> Result<(), Fault> {
        let (name, words) = match title.split_once('[') {
            Some((name, words)) => {
                let words = words.trim_end().strip_suffix(']').ok_or_else(|| statement.fault("`[` is not closed"))?;
                (name.trim(), words)
            }
            None => (title.trim(), title),
        };
        let name = if name.is_empty() { words } else { name };
        let group = Group { title: labels::lines(words), parent: self.open.last().copied() };
        let group = self.groups.push(group);
        self.group_names.insert(labels::plain(name), group);
        self.open.push(group);
        Ok(())
    }

    /// Reads boxes with lines between them: `a --> b & c -->|words| d`.
    fn chain(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let mut cursor = Cursor { rest: statement.text, statement };
        let mut before = self.boxes_of(&mut cursor)?;
        loop {
            cursor.skip_space();
            if cursor.rest.is_empty() {
                return Ok(());
            }
            let link = cursor.link()?;
            let after = self.boxes_of(&mut cursor)?;
            for from in &before {
                for to in &after {
                    let label = link.label.clone();
                    self.links.push((from.clone(), to.clone(), Link { label, ..link }));
                }
            }
            // Four boxes on both sides of a line are sixteen lines: this grows, so it is bounded here.
            if self.links.len() > 2_000 {
                return Err(statement.fault("it has too many lines"));
            }
            before = after;
        }
    }

    fn boxes_of(&mut self, cursor: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
        let mut names = vec![self.one_box(cursor)?];
        loop {
            cursor.skip_space();
            let Some(rest) = cursor.rest.strip_prefix('&') else { return Ok(names) };
            cursor.rest = rest;
            names.push(self.one_box(cursor)?);
        }
    }

    fn one_box(&mut self, cursor: &mut Cursor<'_>) -> Result<String, Fault> {
        let name = cursor.name()?;
        let words = cursor.brackets()?;
        cursor.skip_class();
        let group = self.open.last().copied();
        if !self.boxes.contains_key(&name) {
            self.names.push(name.clone());
        }
        let own = self.boxes.entry(name.clone()).or_insert(Written { shape: Shape::Rectangle, words: None, group });
        own.group = own.group.or(group);
        if let Some((shape, words)) = words {
            (own.shape, own.words) = (shape, Some(words));
        }
        Ok(name)
    }

    /// A name is that of a group if one has it, wherever it is declared.
    fn finish(mut self, direction: dugong::RankDir) -> Layered {
        let mut diagram = Layered { direction, groups: self.groups, ..Layered::default() };
        let mut ends: FxHashMap<String, End> =
            self.group_names.into_iter().map(|(name, group)| (name, End::Group(group))).collect();
        for name in self.names {
            let Some(written) = self.boxes.remove(&name).filter(|_| !ends.contains_key(&name)) else { continue };
            let words = labels::lines(written.words.as_deref().unwrap_or(&name));
            let node = Node { shape: written.shape, parts: vec![words], group: written.group };
            ends.insert(name, End::Box(diagram.boxes.push(node)));
        }
        for (from, to, link) in self.links {
            let (Some(&from), Some(&to)) = (ends.get(&from), ends.get(&to)) else { continue };
            diagram.connections.push(Connection {
                from,
                to,
                label: labels::lines(&link.label),
                ink: link.ink,
                tail: link.tail,
                head: link.head,
                near_tail: String::new(),
                near_head: String::new(),
                ranks: link.ranks,
            });
        }
        diagram
    }
}

/// The rest of a statement.
struct Cursor<'a> {
    rest: &'a str,
    statement: Statement<'a>,
}

impl<'a> Cursor<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes the name of a box: letters, digits, and signs between them.
    fn name(&mut self) -> Result<String, Fault> {
        self.skip_space();
        let mut end = 0;
        let mut letters = self.rest.char_indices().peekable();
        while let Some((at, c)) = letters.next() {
            let is_between = |c| matches!(c, '-' | '.' | '/' | ':' | '#' | '\'');
            let is_followed = letters.peek().is_some_and(|(_, next)| next.is_alphanumeric() || *next == '_');
            if !(c.is_alphanumeric() || c == '_' || at > 0 && is_between(c) && is_followed) {
                break;
            }
            end = at + c.len_utf8();
        }
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            let found = labels::shortened(self.rest);
            let why = if found.is_empty() {
                "a box is missing at the end".into()
            } else {
                format!("there is no box at `{found}`")
            };
            return Err(self.statement.fault(why));
        }
        self.rest = rest;
        Ok(name.to_string())
    }

    /// Takes the brackets behind a name.
    fn brackets(&mut self) -> Result<Option<(Shape, String)>, Fault> {
        if self.rest.starts_with("@{") {
            return Err(self.statement.fault("shapes in `@{…}` are not drawn"));
        }
        let mut fitting = BRACKETS.iter().filter(|(open, ..)| self.rest.starts_with(open)).peekable();
        let Some((open, ..)) = fitting.peek().copied() else { return Ok(None) };
        // The first pair fixes the opening bracket; slashes have two ways to be closed.
        let inside = &self.rest[open.len()..];
        let after_quote = inside.trim_start().strip_prefix('"').and_then(|text| Some(text.split_once('"')?.1));
        let quoted = after_quote.map_or(0, |after| inside.len() - after.len());
        let ends = fitting.filter(|(other, ..)| other == open);
        let ends = ends.filter_map(|(_, close, shape)| Some((quoted + inside[quoted..].find(close)?, *close, *shape)));
        let Some((end, close, shape)) = ends.min_by_key(|(end, ..)| *end) else {
            return Err(self.statement.fault(format!("`{open}` is not closed")));
        };
        let words = inside[..end].to_string();
        self.rest = &inside[end + close.len()..];
        Ok(Some((shape, words)))
    }

    /// Skips the class behind a box: `:::hot`.
    fn skip_class(&mut self) {
        if let Some(rest) = self.rest.strip_prefix(":::") {
            self.rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
        }
    }

    /// Takes a line with its words.
    fn link(&mut self) -> Result<Link, Fault> {
        self.skip_space();
        let start = self.rest;
        let tail = match start.as_bytes() {
            [b'<', ..] => Tip::Arrow,
            [b'o', b'-' | b'=', ..] => Tip::Circle,
            [b'x', b'-' | b'=', ..] => Tip::Cross,
            _ => Tip::None,
        };
        let body = if tail == Tip::None { start } else { &start[1..] };
        let unknown = || self.statement.fault(format!("there is no line at `{}`", labels::shortened(start)));
        let (ink, unit, closing) = match body.as_bytes() {
            [b'-', b'-', ..] => (Some(Ink::Line), '-', "--"),
            [b'=', b'=', ..] => (Some(Ink::Thick), '=', "=="),
            [b'-', b'.', ..] => (Some(Ink::Dotted), '.', ".-"),
            [b'~', b'~', b'~', ..] => (None, '~', "~~"),
            _ => return Err(unknown()),
        };
        let (mut length, mut rest) = shaft(body, unit);
        let mut label = String::new();
        let (mut head, mut after) = head_of(rest);
        let is_text = head == Tip::None
            && (unit == '.' && !body[..body.len() - rest.len()].ends_with('-') || unit != '.' && length < 3);
        if is_text {
            let end = rest.find(closing).ok_or_else(unknown)?;
            label = rest[..end].to_string();
            (length, rest) = shaft(&rest[end..], unit);
            (head, after) = head_of(rest);
        }
        if let Some((words, behind)) = after.trim_start().strip_prefix('|').and_then(|text| text.split_once('|')) {
            label = words.to_string();
            after = behind;
        }
        // `-->`, `-.->` and `---` span a rank; each further sign is a rank more.
        let ranks = match (unit, head) {
            ('.', _) => length,
            ('~', _) | (_, Tip::None) => length.saturating_sub(2),
            _ => length.saturating_sub(1),
        };
        self.rest = after;
        Ok(Link { ink, tail, head, ranks: ranks.max(1), label })
    }
}

/// The number of signs that the shaft of a line consists of, and the text after it. For a dotted line, of its dots.
fn shaft(text: &str, unit: char) -> (usize, &str) {
    if unit == '.' {
        let dotted = text.strip_prefix('-').unwrap_or(text);
        let rest = dotted.trim_start_matches('.');
        return (dotted.len() - rest.len(), rest.strip_prefix('-').unwrap_or(rest));
    }
    let rest = text.trim_start_matches(unit);
    (text.len() - rest.len(), rest)
}

/// The head of a line, and the text after it.
fn head_of(text: &str) -> (Tip, &str) {
    let is_sign = |text: &str| text.is_empty() || text.starts_with(|c: char| c.is_whitespace() || c == '|');
    match text.chars().next() {
        Some('>') => (Tip::Arrow, &text[1..]),
        Some('o') if is_sign(&text[1..]) => (Tip::Circle, &text[1..]),
        Some('x') if is_sign(&text[1..]) => (Tip::Cross, &text[1..]),
        _ => (Tip::None, text),
    }
}
