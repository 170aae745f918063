//! The positions of keys and values in frontmatter, and the errors of invalid YAML. Runs only if a position is needed
//! for a finding, so valid notes do not pay for it.

use super::{Broken, MAX_DEPTH};
use crate::text::source::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as YamlSpan};
use std::ops::Range;

/// A top-level key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The key.
    pub key: String,
    /// The span of the key.
    pub key_span: Span,
    /// The span of the value, including its quotes. An empty span at the end of the key if there is no value.
    pub value: Span,
    /// The items of a list.
    pub items: Vec<Item>,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The span of the item, including its quotes.
    pub span: Span,
    /// The text of the item. Empty for a nested list or table.
    pub text: String,
}

/// The byte offset of each character, because the YAML parser counts characters.
struct Offsets(Vec<u32>);

impl Offsets {
    fn new(yaml: &str) -> Offsets {
        Offsets(yaml.char_indices().map(|(i, _)| i as u32).chain([yaml.len() as u32]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        self.0.get(character).or(self.0.last()).map_or(0, |&b| b as usize)
    }

    fn span(&self, span: &YamlSpan) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }
}

/// The positions of the top-level keys of `yaml`, shifted by `base`. Empty if the YAML is invalid.
pub(crate) fn places(yaml: &str, base: u32) -> Vec<Place> {
    let offsets = Offsets::new(yaml);
    let mut found: Vec<Place> = Vec::new();
    let mut depth = 0;
    let mut expect_key = true;
    for event in Parser::new_from_str(yaml) {
        let Ok((event, span)) = event else { break };
        let mut at = offsets.span(&span);
        trim(yaml, &mut at);
        at = Span { start: at.start + base, end: at.end + base };
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if depth == 1
                    && !expect_key
                    && let Some(place) = found.last_mut()
                {
                    place.value = at;
                }
                if depth == 2
                    && let Some(place) = found.last_mut()
                {
                    place.items.push(Item { span: at, text: String::new() });
                }
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth -= 1;
                if depth == 1
                    && let Some(place) = found.last_mut()
                {
                    place.value.end = at.end.max(place.items.last().map_or(at.end, |i| i.span.end));
                    expect_key = true;
                }
            }
            Event::Scalar(text, ..) if depth == 1 && expect_key => {
                let value = Span { start: at.end, end: at.end };
                found.push(Place { key: text.into_owned(), key_span: at, value, items: Vec::new() });
                expect_key = false;
            }
            Event::Scalar(..) if depth == 1 => {
                if let Some(place) = found.last_mut().filter(|_| at.end > at.start) {
                    place.value = at;
                }
                expect_key = true;
            }
            Event::Scalar(text, ..) if depth == 2 => {
                if let Some(place) = found.last_mut() {
                    place.items.push(Item { span: at, text: text.into_owned() });
                }
            }
            _ => {}
        }
    }
    found
}

/// Removes white space at the end of a span: the span of a block scalar includes the line endings after it.
fn trim(yaml: &str, span: &mut Span) {
    let text = yaml.get(span.range()).unwrap_or_default();
    span.end = span.start + text.trim_end().len() as u32;
}

/// Rejects YAML that would expand (anchors, aliases), be interpreted (tags) or recurse deeply in gray_matter, and lists
/// and tables as keys, which gray_matter drops.
pub(super) fn judge(yaml: &str) -> Result<(), Broken> {
    let offsets = Offsets::new(yaml);
    let mut depth = 0;
    // Whether the next node of the outermost mapping is a key.
    let mut is_key = false;
    for event in Parser::new_from_str(yaml) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => return Err(scan_error(yaml, &offsets, &error)),
        };
        let at = offsets.span(&span);
        let (anchor, tag) = match &event {
            Event::Alias(_) => (1, false),
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => (*anchor, tag.is_some()),
            _ => (0, false),
        };
        let opens = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        if depth == 1 && is_key && opens {
            let (message, help) =
                ("a key of the frontmatter is a list or a table", "write `key: value`, one word before the colon");
            return Err(Broken { span: at, message: message.into(), help: help.into() });
        }
        is_key = match (depth, &event) {
            (0, event) => matches!(event, Event::MappingStart(..)),
            (1, Event::Scalar(..) | Event::Alias(_)) => !is_key,
            (1, _) if opens => !is_key,
            _ => is_key,
        };
        depth += match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => 1,
            Event::SequenceEnd | Event::MappingEnd => -1,
            _ => 0,
        };
        let (message, help) = match (anchor > 0, tag, depth > MAX_DEPTH as i32) {
            (true, _, _) => ("anchors and aliases are not allowed in frontmatter", "write the value out"),
            (_, true, _) => ("a YAML tag is not allowed in frontmatter", "write the plain value"),
            (_, _, true) => ("the frontmatter is nested too deep", "keep fields flat"),
            _ => continue,
        };
        let at = mark_before(yaml, at);
        return Err(Broken { span: at, message: message.into(), help: help.into() });
    }
    Ok(())
}

/// The span extended backwards to include `&name ` or `!tag `.
fn mark_before(yaml: &str, span: Span) -> Span {
    let before = span.before(yaml);
    let line = before.rfind('\n').map_or(0, |i| i + 1);
    let before = &before[line..];
    let mark = before.rfind(['&', '!']).filter(|&i| !before[i..].trim_end().contains(' '));
    let mark = mark.map(|i| before[..=i].trim_end_matches(['&', '!']).len());
    Span { start: mark.map_or(span.start, |i| (line + i) as u32), end: span.end }
}

fn scan_error(yaml: &str, offsets: &Offsets, error: &saphyr_parser::ScanError) -> Broken {
    let at = offsets.byte(error.marker().index());
    if let Some(broken) = reserved_start(yaml, at) {
        return broken;
    }
    Broken {
        span: line_rest(yaml, at),
        message: format!("the frontmatter is not valid YAML: {}", error.info()),
        help: remedy(yaml, at),
    }
}

/// The span from `at` to the end of its line. The whole line if that is empty.
fn line_rest(yaml: &str, at: usize) -> Span {
    let at = at.min(yaml.len().saturating_sub(1));
    let start = yaml[..at].rfind('\n').map_or(0, |i| i + 1);
    let end = yaml[at..].find('\n').map_or(yaml.len(), |i| at + i);
    if at < end { Span::new(at, end) } else { Span::new(start, end.max(start)) }
}

/// Characters that no value without quotes may begin with, because YAML gives them a meaning (YAML 1.2.2, section 5.3).
const RESERVED: &[char] = &['@', '`', '%', '*', '&', '!', '|', '>'];

/// The error for a value that begins with a reserved character: the one at `at`, else the value of its line.
fn reserved_start(yaml: &str, at: usize) -> Option<Broken> {
    let line = line_of(yaml, at);
    let text = &yaml[line.clone()];
    let after = |mark: &str| text.find(mark).map(|i| line.start + i + mark.len());
    let item = || text.trim_start().starts_with("- ").then(|| after("- ")).flatten();
    let starts = [Some(at), item(), after(": ")];
    let begins = |start: &usize| line.contains(start) && yaml[*start..line.end].starts_with(RESERVED);
    let start = starts.into_iter().flatten().find(begins)?;
    // Within brackets the value ends at a comma or bracket.
    let is_flow = yaml[line.start..start].contains(['[', '{']);
    let rest = &yaml[start..line.end];
    let value = if is_flow { rest.split([',', ']', '}']).next().unwrap_or(rest) } else { rest }.trim_end();
    let first = value.chars().next()?;
    let help = match value.contains(['"', '\\']) {
        true => "put it in quotes".to_string(),
        false => format!("put it in quotes: `\"{value}\"`"),
    };
    let shown = if first == '`' { "a backtick".to_string() } else { format!("`{first}`") };
    let message = format!("a value may not begin with {shown}, which has a meaning in YAML");
    Some(Broken { span: Span::new(start, start + value.len()), message, help })
}

/// The range of the line around `at`, without its line end.
fn line_of(yaml: &str, at: usize) -> Range<usize> {
    let at = at.min(yaml.len());
    let start = yaml[..at].rfind('\n').map_or(0, |i| i + 1);
    start..yaml[at..].find('\n').map_or(yaml.len(), |i| at + i)
}

/// The help for the most frequent mistakes.
fn remedy(yaml: &str, at: usize) -> String {
    let line = match &yaml[line_of(yaml, at)] {
        // What is open at the end began in a line before.
        "" => yaml[..at.min(yaml.len())].trim_end().lines().next_back().unwrap_or(""),
        line => line,
    };
    if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') {
        return "indent with spaces, not tabs".into();
    }
    match line.split_once(": ") {
        Some((key, value)) if value.contains(": ") => format!("quote the text: `{key}: \"{}\"`", value.trim()),
        Some((key, value)) if is_open(value, '[', ']') => format!("close the bracket: `{key}: {}]`", value.trim_end()),
        Some((key, value)) if is_open(value, '"', '"') || is_open(value, '\'', '\'') => {
            let mark = &value[..1];
            format!("close the quotation mark: `{key}: {}{mark}`", value.trim_end())
        }
        _ => "write `key: value` lines; quote texts that contain `: ` or ` #`, or that start with a special character"
            .into(),
    }
}

/// Whether a value begins with a mark and has no second one to close it.
fn is_open(value: &str, opening: char, closing: char) -> bool {
    value.strip_prefix(opening).is_some_and(|rest| !rest.contains(closing))
}

pub(super) fn not_a_mapping(yaml: &str) -> Broken {
    let start = yaml.len() - yaml.trim_start().len();
    Broken {
        span: line_rest(yaml, start),
        message: "the frontmatter is not a list of `key: value` lines".into(),
        help: "write `id: …`, `title: …`, or put an empty line before a thematic break `---`".into(),
    }
}

/// The error for YAML that gray_matter rejected.
pub(super) fn explain(yaml: &str, error: &str) -> Broken {
    if let Err(broken) = judge(yaml) {
        return broken;
    }
    let found = places(yaml, 0);
    for (i, place) in found.iter().enumerate() {
        if found[..i].iter().any(|other| other.key == place.key) {
            return Broken {
                span: place.key_span,
                message: format!("duplicate key `{}`", place.key),
                help: "keep one of the two".into(),
            };
        }
    }
    let line = error.split("line ").nth(1).and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
    let line: usize = line.and_then(|n| n.parse().ok()).unwrap_or(1);
    let at: usize = yaml.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    Broken { span: line_rest(yaml, at), message: "the frontmatter is not valid YAML".into(), help: remedy(yaml, at) }
}

/// Whether a comment cuts off the plain value of a top-level key.
pub(super) fn is_cut_short(yaml: &str, key: &str) -> bool {
    let line = yaml.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let Some(value) = line.map(str::trim_start).filter(|v| v.contains(" #")) else { return false };
    if value.starts_with(['#', '|', '>']) {
        return false;
    }
    // Only this line is parsed, which may be incomplete YAML: a quoted text may continue on the next line. After an
    // error the parser repeats it forever, so the first error must end the iteration.
    Parser::new_from_str(value).map_while(Result::ok).any(|(event, _)| match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => value.len() > text.len(),
        _ => false,
    })
}
