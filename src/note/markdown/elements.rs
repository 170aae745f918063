//! What is open while a note is built: the blocks, the link, and the elements of raw HTML around the blocks.

use crate::text::html_tags::{Syntax, tags};
use crate::text::ids::{BlockId, LinkId};
use rustc_hash::FxHashMap;

/// An open block and the end tag of its element.
#[derive(Debug)]
pub(super) struct Open {
    pub block: BlockId,
    pub close: &'static str,
    /// Whether its text runs from right to left.
    pub from_right: bool,
}

/// A link between its start and end.
#[derive(Debug)]
pub(super) struct OpenLink {
    /// The link.
    pub id: LinkId,
    /// The plain text offset where the link starts.
    pub text: u32,
}

/// Elements that may enclose blocks. A heading inside is not part of the outline.
const ENCLOSING: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "section",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "ul",
];

/// The elements of raw HTML that are open between the blocks of a note.
#[derive(Debug, Default)]
pub(super) struct Elements {
    /// Indices into [`ENCLOSING`], outermost first.
    open: Vec<usize>,
    /// A cache of the offset of each element's last end tag: many elements without an end tag cost only one search.
    last_ends: FxHashMap<usize, usize>,
}

impl Elements {
    /// Applies the tags of a block of raw HTML.
    pub(super) fn follow(&mut self, html: &str) {
        for tag in tags(html, Syntax::Fragment).filter(|tag| tag.finished) {
            let Some(name) = ENCLOSING.iter().position(|name| *name == &*tag.name) else { continue };
            match tag.closes {
                false => self.open.push(name),
                true => {
                    // As in the HTML parser, an end tag also ends the elements inside, and is ignored without a start
                    // tag.
                    let start = self.open.iter().rposition(|open| *open == name);
                    self.open.truncate(start.unwrap_or(self.open.len()));
                }
            }
        }
    }

    /// Whether an open element is closed after the source offset `at`. An element that is never closed encloses
    /// nothing: a forgotten end tag must not remove all later headings from the outline.
    pub(super) fn enclose(&mut self, source: &str, at: usize) -> bool {
        let last_ends = &mut self.last_ends;
        let mut ends_behind =
            |name: usize| *last_ends.entry(name).or_insert_with(|| last_end(source, ENCLOSING[name])) > at;
        self.open.iter().any(|name| ends_behind(*name))
    }
}

/// The offset of the last end tag of an element; 0 if missing.
fn last_end(source: &str, name: &str) -> usize {
    let is_it = |rest: &str| rest.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name));
    let ends = memchr::memmem::rfind_iter(source.as_bytes(), b"</");
    ends.into_iter().find(|at| is_it(&source[at + 2..])).unwrap_or(0)
}

/// The state of the builder for raw HTML.
#[derive(Debug, Default)]
pub(super) struct RawHtml {
    /// The last block with an inline element of raw HTML.
    pub words_in: Option<BlockId>,
    /// The pieces of raw HTML in the HTML: HTML offset, source offset, length.
    pub places: Vec<(usize, usize, usize)>,
    /// The source offset where the last inline raw text element (`<script>`, `<style>` …) ends. Tags before it are
    /// text.
    pub text_until: usize,
    /// The elements that earlier blocks of raw HTML opened.
    pub elements: Elements,
}
