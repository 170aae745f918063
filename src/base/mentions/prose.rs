//! Finds the plain prose in the source of a note: all text outside of the syntax of Markdown, its dialects, template
//! languages and note programs. CommonMark treats much of such syntax as text: a block id (`^id`), an address without a
//! scheme, a link without its last bracket. A link inserted there would break it, so no mention is reported there. Knows no
//! names and makes no edits.
//!
//! Example: `See [the part](two words.md) of GitHub. ^github` contains no link according to CommonMark. Syntax is `[the
//! part](two words.md)` because of its brackets, and `^github` because of its first character; `GitHub` is prose.

use crate::note::markdown::{Block, BlockKind, Document};
use crate::text::html_tags::{self, Tag, tags};
use std::ops::Range;

/// Elements of raw HTML with prose inside, in which a link is valid.
const PROSE_ELEMENTS: &[&str] = &[
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "center",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "footer",
    "header",
    "i",
    "ins",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "thead",
    "tr",
    "u",
    "ul",
];
/// Elements without content and end tag.
const VOID_ELEMENTS: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Starts of lines read as a whole by a Markdown dialect: containers, admonitions, tabs, metadata.
const LINE_MARKS: &[&str] = &[":::", "!!!", "???", "===", "+++", "[!"];
/// Punctuation allowed directly before or after a name in prose.
const PUNCTUATION: &str = "'’‘\"“”„‚«»‹›()—–-,;!?…·*_~";
/// Punctuation separating sentences of scripts without spaces, and table cells: as good as a space.
const PARTING: &str = "，。、；：！？「」『』（）《》|";
/// The most characters examined before and after a name. Limits the cost of a line without spaces.
const LONGEST: usize = 400;

/// The ranges of syntax in the source of a note.
#[derive(Debug, Default)]
pub(super) struct Syntax {
    /// Sorted, without overlaps.
    spans: Vec<Range<usize>>,
}

impl Syntax {
    /// The syntax of a note with its text starting at byte `base` of `source`, after the frontmatter.
    pub(super) fn of(source: &str, base: usize, doc: &Document) -> Syntax {
        let mut spans = html_elements(source, doc);
        let mut scan = Scan { source, spans: &mut spans, open: Vec::new(), counts: [0; 4], defined: 0, comment: None };
        let mut at = base;
        let is_code = |block: &&Block| block.kind == BlockKind::Code;
        // Code blocks are no prose anyway, and their brackets and comments must not close those of the text.
        for code in doc.blocks.iter().filter(is_code).map(|block| block.span.range()) {
            if code.start >= at {
                scan.text(at..code.start);
                at = code.end;
            }
        }
        scan.text(at..source.len());
        // An unclosed comment hides the rest of the note.
        if let Some(start) = scan.comment {
            spans.push(start..source.len());
        }
        Syntax { spans: united(spans) }
    }

    /// Whether a name at this range of the source is part of a sentence, and not of syntax.
    pub(super) fn leaves(&self, source: &str, name: Range<usize>) -> bool {
        let before = self.spans.partition_point(|span| span.end <= name.start);
        let outside = self.spans.get(before).is_none_or(|span| span.start >= name.end);
        outside && self.is_plain_before(&source[..name.start]) && is_plain_after(&source[name.end..])
    }

    /// Whether the text before a name, back to white space, leaves it a word: false for `@name`, `^name`, `x.name`, `:name`.
    fn is_plain_before(&self, before: &str) -> bool {
        let ends_tag = |end: usize| {
            let at = self.spans.partition_point(|span| span.end < end);
            self.spans.get(at).is_some_and(|span| span.end == end && before[span.start..].starts_with('<'))
        };
        for (at, c) in before.char_indices().rev().take(LONGEST) {
            let begins_line =
                || before[..at].rsplit('\n').next().is_some_and(|line| line.trim_matches([' ', '>']).is_empty());
            match c {
                c if c.is_whitespace() || PARTING.contains(c) => break,
                // The end of a tag, or the mark of a quotation.
                '>' if ends_tag(at + 1) || begins_line() => break,
                c if c.is_alphanumeric() || PUNCTUATION.contains(c) => {}
                _ => return false,
            }
        }
        // `!name` becomes an image once the name is a link.
        !before.ends_with('!')
    }
}

/// Whether the text after a name, up to white space, leaves it a word: false for `name.com`, `name/x`, `name::`. A footnote
/// reference or an HTML tag may follow.
fn is_plain_after(after: &str) -> bool {
    // Set by a point or colon: a letter after it means an address or a file name, a space the end of a sentence.
    let mut ended = false;
    for (at, c) in after.char_indices().take(LONGEST) {
        let rest = &after[at..];
        let is_tag = || rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match c {
            c if c.is_whitespace() || PARTING.contains(c) => return true,
            '[' => return rest.starts_with("[^"),
            '<' => return is_tag(),
            ':' if ended => return false,
            '.' | ':' => ended = true,
            c if c.is_alphanumeric() && ended => return false,
            c if c.is_alphanumeric() || PUNCTUATION.contains(c) => {}
            _ => return false,
        }
    }
    true
}

/// Whether marks of emphasis around a name keep their meaning if the name becomes a link. By CommonMark's flanking rules
/// (section 6.2), `a*name*` is emphasis, but in `a*[name](x)*` the first mark is between a letter and punctuation and opens
/// none.
pub(crate) fn keeps_emphasis(source: &str, name: Range<usize>) -> bool {
    const MARKS: [char; 3] = ['*', '_', '~'];
    let (before, after) = (&source[..name.start], &source[name.end..]);
    let outer_before = before.trim_end_matches(MARKS);
    let outer_after = after.trim_start_matches(MARKS);
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    // Marks with a letter outside are the critical ones: inside, the letter of the name becomes a bracket.
    let torn_before = outer_before.len() < before.len() && joins(outer_before.chars().next_back());
    let torn_after = outer_after.len() < after.len() && joins(outer_after.chars().next());
    !torn_before && !torn_after
}

/// One pass over the text outside of code blocks, with all brackets still open.
struct Scan<'a, 'b> {
    source: &'a str,
    spans: &'b mut Vec<Range<usize>>,
    /// The open brackets of the paragraph: opening byte and position.
    open: Vec<(u8, usize)>,
    /// The number of open brackets of each kind, by [`place`].
    counts: [usize; 4],
    /// The end of the last line that looks like a definition (`[x]: …`).
    defined: usize,
    /// The start of an open comment of a note program (`%%`).
    comment: Option<usize>,
}

impl Scan<'_, '_> {
    /// Scans the text between two code blocks, paragraph by paragraph.
    fn text(&mut self, range: Range<usize>) {
        let mut start = range.start;
        let mut at = range.start;
        for line in self.source[range.clone()].split_inclusive('\n') {
            // A blank line, also within a quotation, ends every bracket: no inline syntax crosses a paragraph.
            if line.trim_matches([' ', '\t', '\n', '>']).is_empty() {
                self.paragraph(start..at);
                start = at + line.len();
            } else {
                self.line(at, line);
            }
            at += line.len();
        }
        self.paragraph(start..range.end);
    }

    /// Scans one line for syntax of whole lines and line starts.
    fn line(&mut self, at: usize, line: &str) {
        let inner = line.trim_start_matches([' ', '\t', '>']);
        if LINE_MARKS.iter().any(|mark| inner.starts_with(mark)) {
            self.spans.push(at..at + line.len());
        }
        // `field:: value` of a note program: the field is a key, the value is prose.
        if let Some(colons) = line.find("::").filter(|&i| line[i + 2..].starts_with([' ', '\n']) || line.len() == i + 2)
        {
            self.spans.push(at..at + colons + 2);
        }
    }

    /// Scans a paragraph for brackets, tags, formulas and comments.
    fn paragraph(&mut self, range: Range<usize>) {
        let bytes = self.source.as_bytes();
        let (mut at, mut dollar) = (range.start, None);
        // A bit for each length of a run of backticks without a closing run in the rest of the paragraph: searched only once.
        let mut unclosed = 0u64;
        while at < range.end {
            let next = bytes.get(at + 1).copied().filter(|_| at + 1 < range.end).unwrap_or(b'\n');
            match bytes[at] {
                // An escaped character is no syntax.
                b'\\' => at += 1,
                b'`' => at = self.code(at, range.end, &mut unclosed) - 1,
                b'%' if next == b'%' => {
                    match self.comment.take() {
                        Some(start) => self.spans.push(start..at + 2),
                        None => self.comment = Some(at),
                    }
                    at += 1;
                }
                // A formula within a line: two dollars on different lines are prices.
                b'\n' => dollar = None,
                b'$' => match dollar.take() {
                    Some(start) if !bytes[at - 1].is_ascii_whitespace() => self.spans.push(start..at + 1),
                    _ => dollar = (!next.is_ascii_whitespace()).then_some(at),
                },
                open @ (b'[' | b'{') => self.push(open, at),
                b'<' if next.is_ascii_alphabetic() || b"/!?@".contains(&next) => self.push(b'<', at),
                b'(' if self.open.last().is_some_and(|&(open, start)| open == b'(' && start < at) => {
                    self.push(b'(', at)
                }
                close @ (b']' | b')' | b'}' | b'>') => self.close(close, at, range.end),
                _ => {}
            }
            at += 1;
        }
        self.counts = [0; 4];
        // An unclosed bracket is syntax up to the end of its line, an unclosed brace or tag up to the end of the paragraph.
        // From the last to the first, so that each line is searched once for its end: linear for a paragraph of brackets
        // only.
        let (mut known, mut line_end) = (range.end, range.end);
        for (open, start) in std::mem::take(&mut self.open).into_iter().rev() {
            line_end = self.source[start..known].find('\n').map_or(line_end, |i| start + i);
            known = start;
            self.spans.push(start..if matches!(open, b'[' | b'(') { line_end } else { range.end });
        }
    }

    /// Opens a bracket.
    fn push(&mut self, open: u8, at: usize) {
        self.counts[place(open)] += 1;
        self.open.push((open, at));
    }

    /// Closes the innermost bracket of the kind of `close`, and all brackets opened inside. Does nothing if none is open.
    fn close(&mut self, close: u8, at: usize, end: usize) {
        let opening = match close {
            b']' => b'[',
            b')' => b'(',
            b'}' => b'{',
            _ => b'<',
        };
        // Every bracket passed by the search below is removed, so all searches together are linear. Without this test,
        // closing brackets without an opening one would search the whole stack each time.
        if self.counts[place(opening)] == 0 {
            return;
        }
        let Some(depth) = self.open.iter().rposition(|(open, _)| *open == opening) else { return };
        let start = self.open[depth].1;
        for (open, _) in self.open.drain(depth..) {
            self.counts[place(open)] -= 1;
        }
        self.spans.push(start..at + 1);
        let rest = &self.source[at + 1..end];
        if close == b']' && rest.starts_with('(') {
            // The destination of a link.
            self.push(b'(', at + 1);
        } else if close == b']'
            && rest.starts_with(':')
            && at >= self.defined
            && !self.source[start..].starts_with("[^")
        {
            self.defined = at + 1 + rest.find('\n').unwrap_or(rest.len());
            self.spans.push(start..self.defined);
        }
    }

    /// The end of the code span starting at `at`. The end of its backticks if no equally long run closes it.
    fn code(&self, at: usize, end: usize, unclosed: &mut u64) -> usize {
        let bytes = &self.source.as_bytes()[..end];
        let run = |from: usize| bytes[from..].iter().take_while(|&&b| b == b'`').count();
        let ticks = run(at);
        let bit = 1u64 << ticks.min(63);
        let mut from = at + ticks;
        if *unclosed & bit != 0 {
            return from;
        }
        while let Some(next) = memchr::memchr(b'`', &bytes[from..]).map(|i| from + i) {
            let length = run(next);
            if length == ticks {
                return next + length;
            }
            from = next + length;
        }
        *unclosed |= bit;
        at + ticks
    }
}

/// The index of an opening bracket in [`Scan::counts`].
fn place(open: u8) -> usize {
    b"[({<".iter().position(|&kind| kind == open).unwrap_or(0)
}

/// The range of each raw HTML element outside of [`PROSE_ELEMENTS`], from start tag to end tag, or to the end of the source
/// without one.
fn html_elements(source: &str, doc: &Document) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for piece in &doc.raw_html {
        let Some(html) = source.get(piece.range()) else { continue };
        let mut places: Vec<(usize, bool)> = html.match_indices("</").map(|(at, _)| (at, false)).collect();
        let opens = |tag: &Tag<'_>| !tag.closes && !html[tag.range.clone()].ends_with("/>");
        places.extend(tags(html, html_tags::Syntax::Fragment).filter(opens).map(|tag| (tag.range.start, true)));
        places.sort_unstable();
        for (at, opens) in places {
            let name = html[at..].trim_start_matches(['<', '/']);
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            let is = |known: &&str| known.eq_ignore_ascii_case(name);
            // `<a-b>` is a custom element, `<a.b>` a component: unknown, whatever the part before.
            let dotted = html[at..].trim_start_matches(['<', '/'])[name.len()..].starts_with(['-', '.', ':']);
            if !dotted && (PROSE_ELEMENTS.iter().any(is) || VOID_ELEMENTS.iter().any(is)) {
                continue;
            }
            match (opens, depth) {
                (true, 0) => (depth, start) = (1, piece.range().start + at),
                // Inside of an unknown element, only its end matters.
                (true, _) => depth += 1,
                (false, 1) => {
                    depth = 0;
                    spans.push(start..piece.range().start + at);
                }
                (false, _) => depth = depth.saturating_sub(1),
            }
        }
    }
    if depth > 0 {
        spans.push(start..source.len());
    }
    spans
}

/// The ranges sorted, overlapping ones united.
fn united(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, span| {
        let overlaps = next.start < span.end;
        span.end = if overlaps { span.end.max(next.end) } else { span.end };
        overlaps
    });
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `name` is prose at its only place in a text without code and HTML.
    fn is_prose(text: &str) -> bool {
        let at = text.find("name").expect("a name");
        Syntax::of(text, 0, &Document::default()).leaves(text, at..at + 4)
    }

    #[test]
    fn syntax_of_every_dialect_is_none() {
        for text in [
            "A para. ^name",
            "see ^name here",
            "[^name]",
            "[^1]: x\n\n[^name",
            "<name.com/x>",
            "<x.com/name>",
            "@name",
            "x@name",
            "name@x.org",
            "#name",
            "#x/name",
            "www.name.com",
            "name.com",
            "x/name/y",
            "C:\\name",
            "\\name",
            "&name;",
            ":name:",
            "name::",
            "field name:: x",
            "x name=1",
            "{name}",
            "{#name .x}",
            "{% x name %}",
            "{{< x name >}}",
            "%%name%%",
            "%% a\n\nb name c\n\nd %%",
            "%% x name",
            "[part](sub/two name here.md#part)",
            "[a name](b c.md)",
            "[[name",
            "[[a|name",
            "![name",
            "!name",
            "$a name b$",
            "[x]: name y",
            "*[name]: x",
            "::: name",
            "!!! note \"name\"",
            "??? name",
            "=== \"name\"",
            "> [!note] name",
            "<x title=\"name",
            "<x a=\"b\nname",
            "[name]",
            "[a [b] name](",
            "a [b](c (d) name",
            "~/name",
            "name+x",
            "name[0]",
            "name{x}",
            "`name",
            "<!-- name",
            "<? name",
            "x.name",
            "name:x",
            "(name.md)",
            "name/",
        ] {
            assert!(!is_prose(text), "{text}");
        }
    }

    #[test]
    fn prose_is_prose() {
        for text in [
            "A name.",
            "(name)",
            "“name”, x",
            "name: it",
            "> name",
            ">name",
            "- [ ] name",
            "*name*",
            "**name**, x",
            "|name|x|",
            "a < b and name",
            "$5 and name for $6",
            "[x](y.md) name",
            "[^1] name",
            "name[^1].",
            "name's",
            "name...",
            "name.)",
            "{x} name",
            "x/y，name。",
            "`[` name `]`",
            "x [a\nname",
            "%%x%% name",
            "a<br>name",
            "name<br>x",
            "\\[ name",
            "(see [x](y)) name",
            "50% name",
        ] {
            assert!(is_prose(text), "{text}");
        }
    }

    #[test]
    fn a_long_line_of_brackets_takes_no_time() {
        for piece in ["[", "[a\n", "](", "[a]:", "[{<a}}", "<a ", "`a``", "{$a %%"] {
            let text = format!("{} name", piece.repeat(200_000));
            let began = std::time::Instant::now();
            Syntax::of(&text, 0, &Document::default());
            assert!(began.elapsed().as_secs() < 60, "{piece}: {:?}", began.elapsed());
        }
    }

    #[test]
    fn marks_that_would_change_their_meaning_are_seen() {
        for (text, keeps) in
            [("*name*", true), ("(*name*)", true), ("a*name*", false), ("*name*b", false), ("name", true)]
        {
            let at = text.find("name").expect("a name");
            assert_eq!(keeps_emphasis(text, at..at + 4), keeps, "{text}");
        }
    }
}
