//! `%%comments%%`, which are in no output: what is between the two signs is taken out before the parser reads the text.
//!
//! Signs within code, formulas, comments of HTML and addresses are text. A comment within a line ends in its paragraph; one
//! that begins or ends its line may hold several. A sign alone on its line that nothing closes hides the rest.

use super::rewrite::{Edit, Rewritten};
use super::{Document, dollars};
use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::source::Span;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::ops::Range;

/// How often the rest of a text is read again, because a comment held what could begin code.
const MAX_READINGS: usize = 50;

/// The comments of a text.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// What takes them out.
    pub edits: Vec<Edit>,
    /// Where they are.
    pub spans: Vec<Span>,
    /// The sign that nothing closes and that hides the rest.
    pub unclosed: Option<Span>,
}

/// The comments of `source` from byte `base` on. `flags` are those that the text is read with afterwards.
pub(super) fn find(source: &str, base: usize, flags: Options) -> Comments {
    let mut found = Comments::default();
    let mut literal = literal(source, base, flags);
    let mut readings = 1;
    let mut at = base;
    while let Some(open) = next_sign(source, at, &literal) {
        let Some(close) = closing(source, base, open) else {
            at = open + 2;
            if is_alone(source, base, open) {
                let start = line_start(source, base, open);
                found.spans.push(Span::new(start, source.len()));
                found.edits.push(Edit { range: start..source.len(), text: String::new() });
                found.unclosed = Some(Span::new(open, open + 2));
                break;
            }
            continue;
        };
        at = close;
        found.spans.push(Span::new(open, close));
        found.edits.push(Edit { range: around(source, base, open..close), text: String::new() });
        if readings < MAX_READINGS && source[open..close].contains(['`', '~', '$', '<', '\t']) {
            readings += 1;
            literal = literal_without(source, base, flags, &found.edits);
        }
    }
    found
}

/// The next `%%` from `from` on that no backslash escapes and that is in nothing literal.
fn next_sign(source: &str, from: usize, literal: &[Range<usize>]) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr::memmem::find(&source.as_bytes()[from..], b"%%")?;
        let next = literal.partition_point(|range| range.end <= at);
        match literal.get(next).filter(|range| range.start <= at) {
            Some(range) => from = range.end.max(at + 2),
            None if source[..at].ends_with('\\') => from = at + 1,
            None => return Some(at),
        }
    }
}

/// Where the comment that begins at `open` ends.
fn closing(source: &str, base: usize, open: usize) -> Option<usize> {
    let close = open + 2 + source[open + 2..].find("%%")?;
    let begins_line = is_container(&source[line_start(source, base, open)..open]);
    let ends_line = source[open + 2..].lines().next().unwrap_or_default().trim().is_empty();
    let within = &source[open + 2..close];
    // The lines between the first and the last, which are parts of lines.
    let lines: Vec<&str> = within.split('\n').collect();
    let paragraphs = lines.get(1..lines.len() - 1).is_some_and(|lines| lines.iter().any(|line| is_container(line)));
    (begins_line || ends_line || !paragraphs).then_some(close + 2)
}

/// Whether the `%%` at `at` has a line for itself.
fn is_alone(source: &str, base: usize, at: usize) -> bool {
    let behind = source[at + 2..].lines().next().unwrap_or_default();
    is_container(&source[line_start(source, base, at)..at]) && behind.trim().is_empty()
}

/// Whether a part of a line is only what marks quotes, and white space.
fn is_container(part: &str) -> bool {
    part.chars().all(|c| matches!(c, ' ' | '\t' | '>'))
}

fn line_start(source: &str, base: usize, at: usize) -> usize {
    source[base..at].rfind('\n').map_or(base, |end| base + end + 1)
}

/// What goes with a comment: its line if nothing else is on it; else white space on one side, so that what is left neither
/// begins with it nor ends with it.
fn around(source: &str, base: usize, comment: Range<usize>) -> Range<usize> {
    let start = line_start(source, base, comment.start);
    let before = &source[start..comment.start];
    let behind = &source[comment.end..];
    let behind = &behind[..behind.find('\n').unwrap_or(behind.len())];
    let marker = before.trim_end().trim_start_matches([' ', '\t', '>']);
    let item = matches!(marker, "-" | "*" | "+");
    if behind.trim().is_empty() && (is_container(before) || item) {
        // Several lines leave an empty one, since they kept apart what is before and behind them.
        let many = source[comment.clone()].contains('\n');
        return match many {
            true => comment.start..comment.end + behind.len(),
            false => start..(comment.end + behind.len() + 1).min(source.len()),
        };
    }
    let spaces = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    if behind.trim().is_empty() {
        let kept = before.trim_end_matches([' ', '\t']).len();
        return start + kept..comment.end + behind.len();
    }
    match before.is_empty() || before.ends_with([' ', '\t', '>']) {
        true => comment.start..comment.end + spaces(behind),
        false => comment,
    }
}

impl Document {
    /// The file without its comments, as it may be published.
    pub(crate) fn public_source<'a>(&self, source: &'a str) -> Cow<'a, str> {
        public(source, &self.comments, self.cut_off.is_some())
    }
}

/// A text without comments. Where the whole of it was not read, everything that may be a comment goes.
fn public<'a>(source: &'a str, comments: &[Span], unread: bool) -> Cow<'a, str> {
    let ranges = match unread {
        true => possible(source),
        false => comments.iter().map(|span| span.range()).collect(),
    };
    let (mut out, mut at) = (String::new(), 0);
    for comment in ranges {
        let range = around(source, 0, comment);
        // Two comments beside each other may both take the white space between them.
        out.push_str(&source[at..range.start.max(at)]);
        at = range.end.max(at);
    }
    match at {
        0 => Cow::Borrowed(source),
        _ => Cow::Owned(out + &source[at..]),
    }
}

/// Everything between two `%%` or in `<!-- -->`, to the end where the second is not there.
fn possible(source: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find(['%', '<']).map(|offset| at + offset) {
        let rest = &source[open..];
        let (start, end) = match rest {
            _ if rest.starts_with("%%") => (2, "%%"),
            _ if rest.starts_with("<!--") => (4, "-->"),
            _ => {
                at = open + 1;
                continue;
            }
        };
        at = rest[start..].find(end).map_or(source.len(), |close| open + start + close + end.len());
        found.push(open..at);
    }
    found
}

/// The literal parts of the source as it is without the comments so far.
fn literal_without(source: &str, base: usize, flags: Options, edits: &[Edit]) -> Vec<Range<usize>> {
    let rewritten = Rewritten::new(source, edits);
    let ranges = literal(&rewritten.text, base, flags);
    ranges.into_iter().map(|range| rewritten.range(range)).collect()
}

/// The parts of a text where `%%` means nothing, in ascending order: code, formulas, comments and raw text of HTML, addresses.
fn literal(source: &str, base: usize, flags: Options) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    // Where the words of the innermost link ended so far; its address is behind them.
    let mut link_words = 0;
    for (event, range) in Parser::new_ext(&source[base..], flags).into_offset_iter() {
        let range = base + range.start..base + range.end;
        match event {
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => found.push(range),
            Event::InlineMath(_) | Event::DisplayMath(_) if dollars::is_any_formula(source, &range) => {
                found.push(range)
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => found.extend(raw_text(source, range)),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => link_words = range.start,
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let words = link_words.max(range.start);
                found.extend(source[words..range.end].find("](").map(|at| words + at..range.end));
                link_words = range.end;
            }
            Event::Text(_) => link_words = range.end,
            _ => {}
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, last| {
        let within = next.start < last.end;
        last.end = if within { last.end.max(next.end) } else { last.end };
        within
    });
    found
}

/// The comments and raw text elements of a piece of HTML.
fn raw_text(source: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let at = |part: Range<usize>| range.start + part.start..range.start + part.end;
    let tokens = tokens(&source[range.clone()], Syntax::Fragment);
    tokens
        .filter_map(|token| match token {
            Token::Comment(part) | Token::RawText(part) => Some(at(part)),
            Token::Tag(tag) => Some(at(tag.range)),
            Token::Text(_) => None,
        })
        .collect()
}
