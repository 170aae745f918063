//! Locates the frontmatter of a file: between `---` or `+++` lines, and in the `key:: value` lines at the start of the
//! text. Knows lines, but not their meaning.

use super::Broken;
use crate::text::source::Span;

/// The language of the frontmatter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Syntax {
    /// YAML between `---` lines.
    #[default]
    Yaml,
    /// TOML between `+++` lines.
    Toml,
}

/// The positions of the parts of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fence {
    /// The text between the fences. Empty if there is none.
    pub fields: Span,
    /// The language of the text.
    pub syntax: Syntax,
    /// The `key:: value` lines after the fences or at the start of the file.
    pub properties: Span,
    /// The offset where the Markdown starts.
    pub body: u32,
    /// Whether there is any frontmatter.
    pub present: bool,
}

impl Fence {
    /// The span of the opening `---` or `+++` line in the text of the file; of the first line of properties without one.
    pub(crate) fn line(&self, text: &str) -> Span {
        let start = self.start();
        let before = &text[..start as usize];
        match before.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1) {
            _ if before.trim().is_empty() => {
                Span::new(start as usize, start as usize + line_length(&text[start as usize..]))
            }
            opening => Span::new(opening, opening + line_length(&text[opening..])),
        }
    }

    /// The offset of the first field.
    pub(crate) fn start(&self) -> u32 {
        match self.fields.is_empty() && !self.properties.is_empty() {
            true => self.properties.start,
            false => self.fields.start,
        }
    }
}

/// The length of the first line without its end.
fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// Locates the frontmatter of a normalised text. The second value is an error of the fences, if there is one.
pub(crate) fn fence(text: &str) -> (Fence, Option<Broken>) {
    let (mut fence, broken) = fenced(text);
    let length = properties(&text[fence.body as usize..]);
    if length > 0 {
        fence.properties = Span { start: fence.body, end: fence.body + length as u32 };
        fence.body = fence.properties.end;
        fence.present = true;
    }
    (fence, broken)
}

/// Locates the frontmatter between fences.
fn fenced(text: &str) -> (Fence, Option<Broken>) {
    let blank = text.len() - text.trim_start_matches(['\n', ' ', '\t']).len();
    let blank = text[..blank].rfind('\n').map_or(0, |i| i + 1);
    let head = &text[blank..];
    let (mark, syntax, assigns) = match head.lines().next().map(str::trim_end) {
        Some("---") => ("---", Syntax::Yaml, ':'),
        Some("+++") => ("+++", Syntax::Toml, '='),
        _ => return (Fence::default(), None),
    };
    let start = blank + head.find('\n').map_or(head.len(), |i| i + 1);
    let Some((end, body)) = closing(text, start, syntax) else {
        if blank > 0 || !text[start..].lines().next().is_some_and(|line| line.contains(assigns)) {
            return (Fence::default(), None);
        }
        let broken = Broken {
            span: Span::new(blank, blank + 3),
            message: "the frontmatter is not closed".into(),
            help: format!("put a line `{mark}` after the last field"),
        };
        let end = start + unclosed(&text[start..], syntax);
        let fields = Span::new(start, end);
        return (Fence { fields, syntax, body: end as u32, present: true, ..Fence::default() }, Some(broken));
    };
    let fields = Span::new(start, end);
    if blank > 0 && !text[fields.range()].contains(assigns) {
        return (Fence::default(), None);
    }
    let broken = (blank > 0).then(|| Broken {
        span: Span::new(0, blank),
        message: "the frontmatter does not start on the first line".into(),
        help: format!("remove the empty lines before the first `{mark}`"),
    });
    (Fence { fields, syntax, body: body as u32, present: true, ..Fence::default() }, broken)
}

/// The start and the end of the first closing line from `start` on. `None` if there is none.
fn closing(text: &str, start: usize, syntax: Syntax) -> Option<(usize, usize)> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let closes = match syntax {
            Syntax::Yaml => matches!(line.trim_end(), "---" | "..."),
            Syntax::Toml => line.trim_end() == "+++",
        };
        if closes {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// The length of frontmatter without a closing line: the first lines as long as they look like fields. The rest is the
/// text of the note.
fn unclosed(rest: &str, syntax: Syntax) -> usize {
    let is_key = |key: &str| {
        let key = key.trim().trim_matches(['"', '\'']);
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    let is_field = |line: &str| match syntax {
        Syntax::Yaml => match line.split_once(':') {
            Some((key, value)) => is_key(key) && (value.is_empty() || value.starts_with(' ')),
            None => false,
        },
        Syntax::Toml => line.split_once('=').is_some_and(|(key, _)| is_key(key)) || line.starts_with('['),
    };
    let continues = |line: &str| line.starts_with(' ') || syntax == Syntax::Yaml && line.starts_with("- ");
    let lines = rest.split_inclusive('\n');
    lines.take_while(|line| is_field(line.trim_end()) || continues(line.trim_end())).map(str::len).sum()
}

/// The length of the `key:: value` lines at the start of a text, including empty lines before them. 0 if there are
/// none.
fn properties(text: &str) -> usize {
    // Most texts start differently, so this usually ends after the first line.
    let blank = text.len() - text.trim_start_matches('\n').len();
    let lines = text[blank..].split_inclusive('\n');
    let length: usize = lines.take_while(|line| property(line).is_some()).map(str::len).sum();
    if length > 0 { blank + length } else { 0 }
}

/// The key and the value of a `key:: value` line. `None` if the line has a different form.
pub(super) fn property(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim_end().split_once("::")?;
    let is_key = key.starts_with(|c: char| c.is_alphabetic())
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
        && key.len() <= 40;
    (is_key && (value.is_empty() || value.starts_with(' '))).then(|| (key.trim_end(), value.trim()))
}
