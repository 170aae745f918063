//! Admonitions of MkDocs (`!!! note "Title"`), Docusaurus (`:::note[Title]`) and VitePress (`::: tip Title`): rewritten
//! as callouts before the parser reads the text.
//!
//! ```text
//! !!! note "Mind the step"        > [!note] Mind the step
//!     It is high.            →    > It is high.
//! ```

use super::callout_kinds::Callout;
use super::rewrite::Edit;
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::ops::Range;

/// A line of the text without the line end.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
    /// The columns of white space at the start. A tab counts as four.
    indent: usize,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The offset of the first character that is not white space.
    fn words(&self) -> usize {
        self.start + self.text.len() - self.text.trim_start().len()
    }

    /// The offset after `columns` columns of white space.
    fn column(&self, columns: usize) -> usize {
        let mut seen = 0;
        let width = |c: char| if c == '\t' { 4 } else { 1 };
        let spaces = self.text.char_indices().take_while(|(_, c)| matches!(c, ' ' | '\t'));
        let end = spaces.take_while(|(_, c)| {
            let before = seen < columns;
            seen += width(*c);
            before
        });
        self.start + end.count()
    }
}

/// An open admonition of MkDocs: the indentation of its head.
type Open = usize;

/// The edits that replace the admonitions of `source` after byte `base` by callouts.
pub(super) fn edits(source: &str, base: usize, flags: Options) -> Vec<Edit> {
    let code = code(source, base, flags);
    let in_code = |at: usize| code.iter().any(|range| range.contains(&at));
    let lines = lines(source, base);
    let mut edits = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut fence: Option<&str> = None;
    // The last line of the container of Docusaurus that is open.
    let mut fenced_until = 0;
    for (index, line) in lines.iter().enumerate() {
        if line.is_blank() {
            let goes_on = lines[index..].iter().find(|next| !next.is_blank()).map_or(0, |next| next.indent);
            let depth = open.iter().take_while(|indent| goes_on >= **indent + 4).count();
            if depth > 0 {
                edits.push(Edit {
                    range: line.start..line.start,
                    text: format!("{}{}", " ".repeat(open[0]), "> ".repeat(depth)),
                });
            }
            continue;
        }
        let before = open.len();
        open.retain(|indent| line.indent >= indent + 4);
        if open.is_empty() && before > 0 {
            fence = None;
            if !lines[index - 1].is_blank() {
                edits.push(Edit { range: line.start..line.start, text: "\n".into() });
            }
        }
        let words = &source[line.words()..line.start + line.text.len()];
        if !open.is_empty() {
            let from = line.column(open[0]);
            let to = line.column(open[0] + 4 * open.len());
            edits.push(Edit { range: from..to, text: "> ".repeat(open.len()) });
            fence = fence_after(fence, words);
        }
        if fence.is_some() || open.is_empty() && in_code(line.words()) || index < fenced_until {
            continue;
        }
        if let Some(head) = mkdocs(words) {
            edits.push(Edit { range: line.words()..line.words() + words.len(), text: head });
            open.push(line.indent);
        } else if open.is_empty()
            && let Some((head, end)) = docusaurus(&lines[index..], words)
        {
            edits.push(Edit { range: line.words()..line.words() + words.len(), text: head });
            for inner in &lines[index + 1..index + end] {
                edits.push(Edit { range: inner.column(line.indent)..inner.column(line.indent), text: "> ".into() });
            }
            let last = lines[index + end];
            edits.push(Edit { range: last.words()..last.start + last.text.len(), text: String::new() });
            fenced_until = index + end + 1;
        }
    }
    edits
}

fn lines(source: &str, base: usize) -> Vec<Line<'_>> {
    let mut at = base;
    let lines = source[base..].split_inclusive('\n').map(|whole| {
        let text = whole.trim_end_matches(['\n', '\r']);
        let width = |c: char| if c == '\t' { 4 } else { 1 };
        let indent = text.chars().take_while(|c| matches!(c, ' ' | '\t')).map(width).sum();
        let line = Line { start: at, text, indent };
        at += whole.len();
        line
    });
    lines.collect()
}

/// The code fence that is open after a line.
fn fence_after<'a>(open: Option<&'a str>, words: &'a str) -> Option<&'a str> {
    let sign = words.chars().next().filter(|c| matches!(c, '`' | '~'));
    let run = sign.map_or("", |sign| &words[..words.len() - words.trim_start_matches(sign).len()]);
    match open {
        None => Some(run).filter(|run| run.len() >= 3),
        Some(fence) if run.len() >= fence.len() && run.starts_with(fence) && words.trim_end() == run => None,
        open => open,
    }
}

/// The marker of a callout for the head of an admonition of MkDocs: `!!! type "Title"`, folded with `???` or `???+`.
fn mkdocs(words: &str) -> Option<String> {
    let (rest, fold) = match words {
        _ if words.starts_with("!!! ") => (&words[4..], ""),
        _ if words.starts_with("??? ") => (&words[4..], "-"),
        _ if words.starts_with("???+ ") => (&words[5..], "+"),
        _ => return None,
    };
    let (names, title) = match rest.split_once('"') {
        Some((names, title)) => (names, title.trim_end().strip_suffix('"')?),
        None => (rest, ""),
    };
    let kind = names.split_whitespace().next()?;
    let good = names.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    good.then(|| format!("> [!{kind}]{fold} {title}").trim_end().to_string())
}

/// The marker of a callout for the head of a container, and the number of the last line. The documentation of
/// Docusaurus requires an empty line after a head without a title, so `:::note` in a paragraph is text. `None` for
/// text.
fn docusaurus(lines: &[Line<'_>], words: &str) -> Option<(String, usize)> {
    let rest = words.trim_start_matches(':');
    let colons = words.len() - rest.len();
    if colons < 3 {
        return None;
    }
    let name_length = rest.trim_start().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.trim_start().len());
    let (name, title) = rest.trim_start().split_at(name_length);
    let known = Callout::named(&name.to_lowercase()).is_some() || name == "secondary" || name == "details";
    let title = title.split_once('{').map_or(title, |(title, _)| title).trim();
    let title = title.strip_prefix('[').and_then(|title| title.strip_suffix(']')).unwrap_or(title);
    let apart = rest.starts_with(' ') || !title.is_empty() || lines.get(1).is_none_or(Line::is_blank);
    if !known || !apart {
        return None;
    }
    let mut depth = 1usize;
    let end = lines.iter().enumerate().skip(1).find(|(_, line)| {
        let words = line.text.trim();
        let is_fence = words.starts_with(":::");
        match words.trim_start_matches(':').is_empty() {
            true if is_fence => depth -= 1,
            false if is_fence => depth += 1,
            _ => {}
        }
        depth == 0
    })?;
    let name = if name == "secondary" { "note" } else { name };
    let fold = if name == "details" { "-" } else { "" };
    let name = if name == "details" { "note" } else { name };
    Some((format!("> [!{name}]{fold} {title}").trim_end().to_string(), end.0))
}

/// The code blocks of a text.
fn code(source: &str, base: usize, flags: Options) -> Vec<Range<usize>> {
    let events = Parser::new_ext(&source[base..], flags).into_offset_iter();
    let blocks = events.filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_))));
    blocks.map(|(_, range)| base + range.start..base + range.end).collect()
}
