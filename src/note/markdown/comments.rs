//! `%%comments%%` of Obsidian, which are in no output: the text between the two signs is removed before parsing.
//!
//! Signs in code, formulas, comments of HTML and addresses are text. A comment inside a line ends in the same
//! paragraph; a comment that starts or ends a line may contain several paragraphs. An unclosed sign alone on a line
//! hides the rest.

use super::rewrite::{Edit, Rewritten};
use super::{Document, dollars};
use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::source::Span;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::ops::Range;

/// The maximum number of parses of a text. A comment with a sign of code can change the code blocks after the
/// comment, which requires a new parse.
const MAX_READINGS: usize = 50;

/// The comments of a text.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// The edits that remove the comments.
    pub edits: Vec<Edit>,
    /// The spans of the comments.
    pub spans: Vec<Span>,
    /// The unclosed sign that hides the rest; `None` if all are closed.
    pub unclosed: Option<Span>,
}

/// The comments of `source` after byte `base`. `flags`: the options of the later parse.
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

/// The next unescaped `%%` after `from` outside of the literal ranges.
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

/// The end of the comment that starts at `open`. `None` if unclosed.
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

/// Whether the `%%` at `at` is alone on a line.
fn is_alone(source: &str, base: usize, at: usize) -> bool {
    let behind = source[at + 2..].lines().next().unwrap_or_default();
    is_container(&source[line_start(source, base, at)..at]) && behind.trim().is_empty()
}

/// Whether a part of a line contains only the marks of quotes and white space.
fn is_container(part: &str) -> bool {
    part.chars().all(|c| matches!(c, ' ' | '\t' | '>'))
}

fn line_start(source: &str, base: usize, at: usize) -> usize {
    source[base..at].rfind('\n').map_or(base, |end| base + end + 1)
}

/// The range to remove for a comment: the whole line if the line is otherwise empty, else the comment with the white
/// space on one side, so that the remaining text has no extra white space.
fn around(source: &str, base: usize, comment: Range<usize>) -> Range<usize> {
    let start = line_start(source, base, comment.start);
    let before = &source[start..comment.start];
    let behind = &source[comment.end..];
    let behind = &behind[..behind.find('\n').unwrap_or(behind.len())];
    let marker = before.trim_end().trim_start_matches([' ', '\t', '>']);
    let item = matches!(marker, "-" | "*" | "+");
    if behind.trim().is_empty() && (is_container(before) || item) {
        // A comment of several lines leaves an empty line: the text before and after are separate paragraphs.
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
    /// The source without comments, for publication.
    pub(crate) fn public_source<'a>(&self, source: &'a str) -> Cow<'a, str> {
        public(source, &self.comments, self.cut_off.is_some())
    }
}

/// A text without comments. If the note was not read to the end (`unread`), all possible comments are removed.
fn public<'a>(source: &'a str, comments: &[Span], unread: bool) -> Cow<'a, str> {
    let ranges = match unread {
        true => possible(source),
        false => comments.iter().map(|span| span.range()).collect(),
    };
    let (mut out, mut at) = (String::new(), 0);
    for comment in ranges {
        let range = around(source, 0, comment);
        // Two adjacent comments may both include the white space in the middle.
        out.push_str(&source[at..range.start.max(at)]);
        at = range.end.max(at);
    }
    match at {
        0 => Cow::Borrowed(source),
        _ => Cow::Owned(out + &source[at..]),
    }
}

/// The ranges between two `%%` or in `<!-- -->`, to the end of the text if the second sign is missing.
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

/// The literal parts of the source, parsed without the comments found so far.
fn literal_without(source: &str, base: usize, flags: Options, edits: &[Edit]) -> Vec<Range<usize>> {
    let rewritten = Rewritten::new(source, edits);
    let ranges = literal(&rewritten.text, base, flags);
    ranges.into_iter().map(|range| rewritten.range(range)).collect()
}

/// The literal parts of a text, where `%%` is text: code, formulas, comments and raw text of HTML, addresses.
/// Ascending.
fn literal(source: &str, base: usize, flags: Options) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    // The end of the text of the innermost link so far. The address comes after the text.
    let mut link_words = 0;
    for (event, range) in Parser::new_ext(&source[base..], flags).into_offset_iter() {
        let range = base + range.start..base + range.end;
        match event {
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => found.push(range),
            // A formula with both signs may be a price, a comment and a formula: hiding too much is the smaller fault.
            Event::InlineMath(_) | Event::DisplayMath(_)
                if dollars::is_any_formula(source, &range) && source[range.clone()].matches("%%").count() < 2 =>
            {
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
