//! Reads class diagrams: classes with their members, their relations, namespaces and notes.

use super::Fault;
use super::curves::Tip;
use super::labels;
use super::layered::{BoxId, Connection, End, Group, GroupId, Layered, Node};
use super::scan::{Source, Statement, after_word, direction};
use super::shapes::Shape;
use super::svg::Ink;
use crate::text::ids::IndexVec;
use rustc_hash::FxHashMap;

/// Statements about colours and links, which the theme decides.
const SKIPPED: &[&str] = &["classDef", "cssClass", "style", "click", "link", "callback"];
/// The ends of a relation, longer ones first.
const TAILS: &[(&str, Tip)] =
    &[("<|", Tip::Triangle), ("*", Tip::FilledDiamond), ("o", Tip::HollowDiamond), ("<", Tip::Open), ("", Tip::None)];
const HEADS: &[(&str, Tip)] =
    &[("|>", Tip::Triangle), ("*", Tip::FilledDiamond), ("o", Tip::HollowDiamond), (">", Tip::Open), ("", Tip::None)];

/// What is said about a class.
#[derive(Default)]
struct Class {
    title: String,
    kinds: Vec<String>,
    attributes: Vec<String>,
    methods: Vec<String>,
}

#[derive(Default)]
struct Reader {
    diagram: Layered,
    classes: IndexVec<BoxId, Class>,
    names: FxHashMap<String, BoxId>,
    /// The namespace that is open.
    namespace: Option<GroupId>,
    /// The class whose members are being read.
    open: Option<BoxId>,
}

/// Reads a class diagram.
pub(super) fn parse(source: &Source<'_>) -> Result<Layered, Fault> {
    let mut reader = Reader::default();
    for statement in &source.statements {
        reader.statement(*statement)?;
    }
    if reader.open.is_some() || reader.namespace.is_some() {
        return Err(Fault::new(source.statements.last().map_or(0, |last| last.line), "`{` is not closed"));
    }
    Ok(reader.finish())
}

impl Reader {
    fn statement(&mut self, statement: Statement<'_>) -> Result<(), Fault> {
        let text = statement.text.trim_end_matches(';').trim();
        if let Some(open) = self.open {
            match text {
                "}" => self.open = None,
                member => self.member(open, member),
            }
            return Ok(());
        }
        if text == "}" {
            return self.namespace.take().map(|_| ()).ok_or_else(|| statement.fault("this `}` closes nothing"));
        }
        if SKIPPED.iter().any(|word| after_word(text, word).is_some()) {
            return Ok(());
        }
        if let Some(word) = after_word(text, "direction") {
            self.diagram.direction = direction(word.trim()).ok_or_else(|| statement.unknown())?;
            return Ok(());
        }
        if let Some(name) = after_word(text, "namespace").and_then(|name| name.strip_suffix('{')) {
            if self.namespace.is_some() {
                return Err(statement.fault("namespaces within each other are not drawn"));
            }
            self.namespace = Some(self.diagram.groups.push(Group { title: labels::lines(name), parent: None }));
            return Ok(());
        }
        if let Some(declared) = after_word(text, "class") {
            return self.declare(declared, statement);
        }
        if let Some(note) = after_word(text, "note") {
            return self.note(note, statement);
        }
        if let Some((kind, name)) = text.strip_prefix("<<").and_then(|text| text.split_once(">>")) {
            let class = self.class(name, statement)?;
            self.classes[class].kinds.push(format!("«{}»", kind.trim()));
            return Ok(());
        }
        if self.relation(text, statement)? {
            return Ok(());
        }
        let (name, member) = text.split_once(':').ok_or_else(|| statement.unknown())?;
        let class = self.class(name, statement)?;
        self.member(class, member.trim());
        Ok(())
    }

    /// Reads what stands behind `class`: a name, perhaps with a label, and its members in braces.
    fn declare(&mut self, declared: &str, statement: Statement<'_>) -> Result<(), Fault> {
        let (name, members) = declared.split_once('{').map_or((declared, None), |(name, rest)| (name, Some(rest)));
        let (name, label) = match name.split_once('[') {
            Some((name, label)) => (name, Some(label.trim_end().trim_end_matches(']'))),
            None => (name, None),
        };
        let class = self.class(name, statement)?;
        if let Some(label) = label {
            self.classes[class].title = labels::plain(label);
        }
        match members.map(|members| members.trim()) {
            None => {}
            Some(members) => match members.strip_suffix('}') {
                Some(inside) => inside.split(';').for_each(|member| self.member(class, member.trim())),
                None => {
                    self.member(class, members);
                    self.open = Some(class);
                }
            },
        }
        Ok(())
    }

    /// The class with a name, which is added if it is new.
    fn class(&mut self, written: &str, statement: Statement<'_>) -> Result<BoxId, Fault> {
        let written = written.split(":::").next().unwrap_or_default().trim().trim_matches('`');
        let key = written.split('~').next().unwrap_or_default().trim().to_string();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | ' ');
        if key.is_empty() || !key.chars().all(is_name) {
            return Err(statement.unknown());
        }
        let id = match self.names.get(&key) {
            Some(known) => *known,
            None => {
                let node = Node { shape: Shape::Class, parts: Vec::new(), group: None };
                let id = self.diagram.boxes.push(node);
                self.classes.push(Class::default());
                self.names.insert(key.clone(), id);
                id
            }
        };
        let node = &mut self.diagram.boxes[id];
        node.group = node.group.or(self.namespace);
        let own = &mut self.classes[id];
        if own.title.is_empty() || written.contains('~') {
            own.title = generic(written);
        }
        Ok(id)
    }

    fn member(&mut self, class: BoxId, written: &str) {
        if written.is_empty() {
            return;
        }
        let own = &mut self.classes[class];
        if let Some(kind) = written.strip_prefix("<<").and_then(|text| text.split(">>").next()) {
            return own.kinds.push(format!("«{}»", kind.trim()));
        }
        // A tilde at the start is a visibility.
        let (visibility, rest) = written.strip_prefix('~').map_or(("", written), |rest| ("~", rest));
        let shown = visibility.to_string() + &labels::plain(&generic(rest).replace('<', "&lt;"));
        // `*` and `$` behind a method are signs for abstract and static.
        let shown = shown.trim_end_matches(['*', '$']).replace(")*", ")").replace(")$", ")");
        if shown.contains('(') { own.methods.push(shown) } else { own.attributes.push(shown) }
    }

    fn note(&mut self, note: &str, statement: Statement<'_>) -> Result<(), Fault> {
        let (of, words) = match after_word(note, "for") {
            Some(rest) => {
                let (of, words) = rest.split_once('"').ok_or_else(|| statement.unknown())?;
                (Some(self.class(of, statement)?), words)
            }
            None => (None, note),
        };
        let parts = vec![labels::lines(words.trim_matches('"'))];
        let group = of.and_then(|of| self.diagram.boxes[of].group);
        let note = self.diagram.boxes.push(Node { shape: Shape::Note, parts, group });
        self.classes.push(Class::default());
        if let Some(of) = of {
            let line = line(of, note, Ink::Dotted, Tip::None, Tip::None);
            self.diagram.connections.push(line);
        }
        Ok(())
    }

    /// Reads a relation: `A "1" <|-- "many" B : words`. Whether it is one.
    fn relation(&mut self, text: &str, statement: Statement<'_>) -> Result<bool, Fault> {
        let outside_quotes = |at: usize| text[..at].matches('"').count().is_multiple_of(2);
        let shaft = ["--", ".."].iter().filter_map(|shaft| {
            text.match_indices(shaft).map(|(at, _)| at).find(|at| outside_quotes(*at)).map(|at| (at, *shaft))
        });
        let Some((at, shaft)) = shaft.min() else { return Ok(false) };
        // Members may have two dots in their words, behind their colon.
        if text.find(':').is_some_and(|colon| colon < at && !text[colon..].starts_with("::")) {
            return Ok(false);
        }
        let (before, after) = (text[..at].trim_end(), &text[at + shaft.len()..]);
        // The sign `o` is one only behind white space or a quotation mark: `Foo--Bar` has none.
        let is_end = |before: &str, sign: &str| {
            before.strip_suffix(sign).is_some_and(|rest| sign != "o" || rest.ends_with([' ', '"']))
        };
        let tail = TAILS.iter().find(|(sign, _)| is_end(before, sign)).copied().unwrap_or(("", Tip::None));
        let begins =
            |sign: &str| after.strip_prefix(sign).is_some_and(|rest| sign != "o" || rest.starts_with([' ', '"']));
        let head = HEADS.iter().find(|(sign, _)| begins(sign)).copied().unwrap_or(("", Tip::None));
        let before = &before[..before.len() - tail.0.len()];
        let (after, words) = split_label(&after[head.0.len()..]);
        let (from, near_tail) = before.split_once('"').unwrap_or((before, ""));
        let (near_head, to) = match after.trim_start().strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((near, to)) => (near, to),
            None => ("", after),
        };
        let (from, to) = (self.class(from, statement)?, self.class(to, statement)?);
        let ink = if shaft == "--" { Ink::Line } else { Ink::Dotted };
        self.diagram.connections.push(Connection {
            label: labels::lines(words),
            near_tail: labels::plain(near_tail.trim_end().trim_end_matches('"')),
            near_head: labels::plain(near_head),
            ..line(from, to, ink, tail.1, head.1)
        });
        Ok(true)
    }

    fn finish(self) -> Layered {
        let Reader { mut diagram, classes, .. } = self;
        for (node, class) in diagram.boxes.iter_mut().zip(classes.iter()).filter(|(node, _)| node.shape == Shape::Class)
        {
            let title = class.kinds.iter().chain([&class.title]).cloned().collect();
            node.parts = vec![title];
            if !(class.attributes.is_empty() && class.methods.is_empty()) {
                node.parts.extend([class.attributes.clone(), class.methods.clone()]);
            }
        }
        diagram
    }
}

fn line(from: BoxId, to: BoxId, ink: Ink, tail: Tip, head: Tip) -> Connection {
    Connection {
        from: End::Box(from),
        to: End::Box(to),
        label: Vec::new(),
        ink: Some(ink),
        tail,
        head,
        near_tail: String::new(),
        near_head: String::new(),
        ranks: 1,
    }
}

/// The text before a colon that is not part of `::`, and the words behind it.
fn split_label(text: &str) -> (&str, &str) {
    let mut colons = text.match_indices(':').map(|(at, _)| at);
    let at = colons.find(|at| !text[at + 1..].starts_with(':') && !text[..*at].ends_with(':'));
    at.map_or((text, ""), |at| (&text[..at], text[at + 1..].trim()))
}

/// The text with `~T~` as `<T>`, from the outside in.
fn generic(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open = 0_usize;
    let mut left = text.matches('~').count();
    for c in text.chars() {
        match c {
            '~' => {
                let opens = open < left;
                out.push(if opens { '<' } else { '>' });
                left -= 1;
                open = if opens { open + 1 } else { open.saturating_sub(1) };
            }
            c => out.push(c),
        }
    }
    out
}
