//! The lines of a diagram: what kind it is, its title and description, and its statements without comments.

use super::Fault;
use super::labels;

/// The maximum number of statements.
const MAX_STATEMENTS: usize = 400;

/// The kinds of diagrams that are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flowchart,
    Sequence,
    State,
    Class,
}

/// A line with content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement<'a> {
    /// The number of the line in the source, from 0.
    pub line: usize,
    /// The line without white space around it.
    pub text: &'a str,
}

impl Statement<'_> {
    /// The fault that this statement is not understood.
    pub(super) fn unknown(&self) -> Fault {
        Fault::new(self.line, format!("`{}` is not understood", labels::shortened(self.text)))
    }

    pub(super) fn fault(&self, why: impl Into<String>) -> Fault {
        Fault::new(self.line, why)
    }
}

/// A source with its statements.
pub(super) struct Source<'a> {
    pub kind: Kind,
    /// The words after the kind in the first statement.
    pub header: Statement<'a>,
    /// The statements after the first.
    pub statements: Vec<Statement<'a>>,
    pub title: String,
    pub description: String,
}

/// Reads the lines of a source.
pub(super) fn read(source: &str) -> Result<Source<'_>, Fault> {
    let mut title = String::new();
    let mut lines = source.lines().enumerate().map(|(line, text)| Statement { line, text: text.trim() }).peekable();
    while lines.next_if(|statement| statement.text.is_empty()).is_some() {}
    if lines.next_if(|statement| statement.text == "---").is_some() {
        for statement in lines.by_ref().take_while(|statement| statement.text != "---") {
            if let Some(value) = statement.text.strip_prefix("title:") {
                title = labels::plain(value);
            }
        }
    }
    let mut description = String::new();
    let mut statements = Vec::new();
    while let Some(statement) = lines.next() {
        let text = statement.text;
        if text.starts_with("%%{") && !text.contains("}%%") {
            lines.by_ref().find(|statement| statement.text.contains("}%%"));
        } else if let Some(value) = text.strip_prefix("accTitle") {
            title = labels::plain(value.trim_start().trim_start_matches(':'));
        } else if let Some(value) = text.strip_prefix("accDescr") {
            description = match value.trim_start().strip_prefix('{') {
                Some(first) if !first.contains('}') => {
                    let more = lines.by_ref().map(|statement| statement.text).take_while(|text| !text.starts_with('}'));
                    let all: Vec<&str> = std::iter::once(first).chain(more).collect();
                    labels::plain(&all.join(" "))
                }
                Some(first) => labels::plain(first.trim_end_matches('}')),
                None => labels::plain(value.trim_start().trim_start_matches(':')),
            };
        } else if !text.is_empty() && !text.starts_with("%%") {
            statements.push(statement);
        }
    }
    if statements.len() > MAX_STATEMENTS {
        return Err(Fault::new(0, format!("it has more than {MAX_STATEMENTS} statements")));
    }
    let Some(first) = statements.first().copied() else { return Err(Fault::new(0, "it is empty")) };
    let end = first.text.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(first.text.len());
    let (word, rest) = first.text.split_at(end);
    let kind = match word {
        "graph" | "flowchart" => Kind::Flowchart,
        "sequenceDiagram" => Kind::Sequence,
        "stateDiagram" | "stateDiagram-v2" => Kind::State,
        "classDiagram" | "classDiagram-v2" => Kind::Class,
        other => {
            let why = format!("diagrams of the kind `{}` are not drawn", labels::shortened(other));
            return Err(first.fault(why));
        }
    };
    let header = Statement { line: first.line, text: rest.trim() };
    Ok(Source { kind, header, statements: statements.split_off(1), title, description })
}

/// The direction that a word names. `None` for any other word.
pub(super) fn direction(word: &str) -> Option<dugong::RankDir> {
    match word {
        "TB" | "TD" => Some(dugong::RankDir::TB),
        "BT" => Some(dugong::RankDir::BT),
        "LR" => Some(dugong::RankDir::LR),
        "RL" => Some(dugong::RankDir::RL),
        _ => None,
    }
}

/// The text after a word and white space. `None` if `text` does not begin with the word.
pub(super) fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}
