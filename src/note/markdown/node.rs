//! The events that the builder takes, and runs of them.

use super::callout_kinds::Callout;
use super::raw_text::RawText;
use pulldown_cmark::{Alignment, CowStr, Event, LinkType};
use std::ops::Range;

/// An event for the builder.
#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    /// An unchanged event of the parser.
    Parsed(Event<'a>),
    /// A code block with its info string.
    Code(String, String),
    /// A block of raw HTML.
    Html(RawText<'a>),
    /// An image with its alternative text.
    Image(Image<'a>),
    /// A bare address with its destination. The text is the source of the range.
    BareLink(String),
    /// The start of marked text.
    MarkStart,
    /// The end of marked text.
    MarkEnd,
    /// An id of the innermost open block.
    BlockId(String),
    /// An id of the block before.
    BlockIdBelow(String),
    /// The start of a paragraph without a `<p>`, because its only content is an embed.
    EmbedStart,
    /// The start of a callout, instead of the start of a quote.
    CalloutStart(Callout, Option<bool>),
    /// The start of a callout's title.
    TitleStart,
    /// The end of a callout's title, with the callout, which names an empty title.
    TitleEnd(Callout),
    /// The start of a table cell, in the head or below it.
    CellStart(bool, Alignment),
}

/// An image as the parser describes it.
#[derive(Debug, Clone)]
pub(super) struct Image<'a> {
    pub kind: LinkType,
    pub dest: CowStr<'a>,
    pub title: CowStr<'a>,
    pub alt: String,
    /// Whether the image is in a link of Markdown or raw HTML.
    pub in_link: bool,
}

/// Inline events with their spans in the source.
pub(super) type Run<'a> = Vec<(Node<'a>, Range<usize>)>;

/// Whether a text is a slice of the source, not a copy, which the parser makes of entities and escapes.
pub(super) fn is_source(source: &str, text: &str, range: &Range<usize>) -> bool {
    text.len() == range.len()
        && source.get(range.clone()).is_some_and(|there| std::ptr::eq(there.as_ptr(), text.as_ptr()))
}
