//! One pass over a note's Markdown: headings, links, blocks, plain text, and HTML with slots where something depends on
//! other notes, on the site's language or on slow work (code colours, formulas). Knows nothing of other notes.
//!
//! All offsets into the source are offsets of the file's normalised text, frontmatter included.

mod admonitions;
mod bare_links;
mod block_ids;
mod builder;
mod callouts;
mod colons;
mod comments;
mod dollars;
mod emoji;
mod events;
mod inline;
mod inline_notes;
mod links;
mod marks;
mod present;
mod query;
mod raw_html;
mod raw_text;
mod read;
mod rewrite;
mod run;
mod scratch;
mod tables;

use crate::config;
use crate::config::schema::{Schema, Section};
use crate::text::ids::{BlockId, CodeId, HeadingId, Id, IdRange, IndexVec, LinkId, id};
use crate::text::source::Span;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use block_ids::BlockAnchor;
pub(crate) use callouts::Callout;
pub(crate) use read::parse;
pub(crate) use scratch::{Scratch, ScratchPool};

/// Deepest nesting of lists and quotes that is read.
pub(crate) const MAX_DEPTH: usize = 100;
/// Longest HTML of one note, in bytes.
pub(crate) const MAX_HTML: usize = 32 << 20;

/// A half-open range of an offset space other than the source: the plain text or the HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Slice {
    /// First byte.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl Slice {
    /// The slice as a range that indexes a string.
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it holds nothing.
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

id! {
    /// A label: its place among the labels of one note.
    pub(crate) struct LabelId;
    /// A footnote: its place among the footnotes of one note.
    pub(crate) struct FootnoteId;
    /// A formula: its place among the formulas of one note.
    pub(crate) struct FormulaId;
}

/// What one pass over a note finds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    /// Headings in order.
    pub headings: IndexVec<HeadingId, Heading>,
    /// Links, images and embeds in order, those in raw HTML included.
    pub links: IndexVec<LinkId, Link>,
    /// The block tree in document order; parents stand before their children.
    pub blocks: IndexVec<BlockId, Block>,
    /// Bold labels at the head of a block or a line, in order.
    pub labels: IndexVec<LabelId, Label>,
    /// Code blocks in order.
    pub code: IndexVec<CodeId, Code>,
    /// The prose without marks, a line a block.
    pub text: String,
    /// Where the text stands in the source.
    pub runs: Vec<Run>,
    /// The HTML, and the places in it that are filled in later.
    pub body: Body,
    /// Length of the HTML, which is known when the HTML itself was given away.
    pub html_end: u32,
    /// Footnotes in the order in which they are met.
    pub footnotes: IndexVec<FootnoteId, Footnote>,
    /// `(TODO)` marks.
    pub todos: Vec<Todo>,
    /// Ids of raw HTML elements, heading ids not included.
    pub html_ids: Vec<String>,
    /// Bold labels in a section of links, in order.
    pub link_labels: Vec<LinkLabel>,
    /// Ids of blocks, in order.
    pub block_ids: Vec<BlockAnchor>,
    /// Formulas in order.
    pub formulas: IndexVec<FormulaId, Formula>,
    /// Comments in the source, in order: they are in no output.
    pub comments: Vec<Span>,
    /// The `%%` that nothing closes, which hides the rest of the note.
    pub unclosed_comment: Option<Span>,
    /// Wikilinks that a table cuts in two.
    pub split_wikilinks: Vec<Span>,
    /// Pieces of raw HTML in the source.
    pub raw_html: Vec<Span>,
    /// The first tag that is nested deeper than a page with raw HTML may be.
    pub too_deep: Option<Span>,
    /// What is wrong with references and footnotes.
    pub references: References,
    /// Rows of tables with more cells than the head has columns.
    pub ragged_rows: Vec<Span>,
    /// The opening fence of a code block that runs to the end of the file because nothing closes it.
    pub unclosed_fence: Option<Span>,
    /// `<!-- canon-ignore … -->` comments.
    pub suppressions: Vec<Suppression>,
    /// Why the rest of the note was not read.
    pub cut_off: Option<CutOff>,
    /// What went wrong in this program while it read the note, of which nothing is known then.
    pub failure: Option<String>,
}

/// A bound that a note went over, or a fault of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutOff {
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// HTML longer than [`MAX_HTML`].
    Size,
    /// None: reading it failed, which is a fault of this program. What failed is in [`Document::failure`].
    Failure,
}

/// A heading.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its words. Notes of a base share most of their headings.
    pub text: Arc<str>,
    /// The unique anchor.
    pub anchor: Arc<str>,
    /// The heading's source, without its line end.
    pub span: Span,
    /// Inner HTML.
    pub inner: Slice,
    /// The element, tags included.
    pub html: Slice,
    /// Where its text stands in the plain text.
    pub plain: Slice,
    /// The known section it begins.
    pub section: Option<Section>,
    /// The level at which a page shows it, where level 1 is the page's title.
    pub shown: u8,
    /// Whether it is in no list, quote or element of raw HTML that encloses it.
    pub top: bool,
    /// The block that it is.
    pub block: BlockId,
}

/// How a link is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkSyntax {
    /// `[text](dest)`
    Inline,
    /// `[text][label]`, `[label]`
    Reference,
    /// `[[dest]]`
    Wiki,
    /// `<https://…>` or a bare address
    Auto,
    /// `![alt](dest)`
    Image,
    /// `![alt][label]`
    ImageReference,
    /// `![[dest]]`
    Embed,
    /// An `href` of raw HTML
    Href,
    /// A `src`, `srcset` or `poster` of raw HTML
    Src,
    /// A frontmatter field of kind `link`
    Field,
}

impl LinkSyntax {
    /// Whether it shows a file instead of leading to it.
    pub(crate) fn is_media(self) -> bool {
        matches!(self, LinkSyntax::Image | LinkSyntax::ImageReference | LinkSyntax::Src)
    }
}

/// A link, as written.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// How it is written.
    pub form: LinkSyntax,
    /// The destination with its fragment, entities and escapes resolved, percent-encoding kept.
    pub dest: String,
    /// The whole link in the source.
    pub span: Span,
    /// The destination in the source; for references the whole link.
    pub dest_span: Span,
    /// The link's text or the image's alternative text.
    pub text: String,
    /// Where its text stands in the plain text; empty for images and embeds.
    pub plain: Slice,
    /// The heading above it; `None` before the first one.
    pub heading: Option<HeadingId>,
    /// The innermost block around it; `None` for a frontmatter field.
    pub block: Option<BlockId>,
    /// The title behind the destination.
    pub title: String,
    /// Whether `(TODO)` stands right before it, or it leads to `TODO`.
    pub planned: bool,
}

impl Link {
    /// Whether its destination begins with a scheme: `https:`, `mailto:`.
    pub(crate) fn has_scheme(&self) -> bool {
        let Some((scheme, _)) = self.dest.split_once(':') else { return false };
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !matches!(self.form, LinkSyntax::Wiki | LinkSyntax::Embed)
    }

    /// Whether it is written as a link to a note: not to another site, a heading or another kind of file.
    pub(crate) fn may_lead_to_a_note(&self) -> bool {
        let path = self.dest.split(['#', '?']).next().unwrap_or_default();
        let name = crate::note::file_name(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match self.form {
            LinkSyntax::Wiki => true,
            LinkSyntax::Inline | LinkSyntax::Reference | LinkSyntax::Href | LinkSyntax::Auto => {
                !self.has_scheme() && !path.is_empty() && matches!(extension, "" | "md" | "markdown" | "html")
            }
            _ => false,
        }
    }
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// A paragraph.
    Paragraph,
    /// A list; true when it is ordered.
    List(bool),
    /// An item of a list.
    Item,
    /// A quote or callout.
    Quote,
    /// A code block.
    Code,
    /// A table.
    Table,
    /// A row of a table, its head included.
    Row,
    /// A block of raw HTML.
    Html,
    /// A thematic break.
    Rule,
    /// A term of a definition list or one of its explanations.
    Definition,
    /// A footnote's text.
    Footnote,
    /// A heading (its details are in [`Heading`]); holds the heading.
    Heading(HeadingId),
}

/// A node of the block tree.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// The enclosing block; `None` for an outermost one.
    pub parent: Option<BlockId>,
    /// The heading above it; `None` before the first one.
    pub heading: Option<HeadingId>,
    /// Its source.
    pub span: Span,
    /// Its HTML, tags included.
    pub html: Slice,
    /// Its HTML within its tags.
    pub inner: Slice,
    /// Its plain text, children included.
    pub text: Slice,
    /// Its labels in [`Document::labels`].
    pub labels: IdRange<LabelId>,
    /// Bytes of its plain text that are link text.
    pub link_text: u32,
    /// A task item's box: ticked or not.
    pub task: Option<bool>,
    /// One past its last descendant in the block list.
    pub descendants_end: BlockId,
}

/// A bold label at the head of a block or of a line in it: `**Pros:**`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    /// The label without its colon, in the plain text.
    pub name: Slice,
    /// The innermost block around it; `None` outside all blocks.
    pub block: Option<BlockId>,
    /// The label's HTML, `<strong>` and colon included.
    pub html: Slice,
    /// The label in the plain text, colon included.
    pub text: Slice,
}

/// A code block.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The info string behind the fence, as written; empty for indented code.
    pub info: String,
    /// The code, without the final line end.
    pub text: String,
    /// The block it is.
    pub block: BlockId,
}

/// What a stretch of plain text is in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// Prose, where a mention of another note counts.
    Prose,
    /// A link's text.
    Link,
    /// Code or a formula.
    Code,
    /// A heading.
    Heading,
}

/// A stretch of plain text that stands in one piece in the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Offset in the plain text.
    pub text: u32,
    /// Offset in the source.
    pub source: u32,
    /// Length in bytes.
    pub length: u32,
    /// What it is.
    pub kind: RunKind,
    /// Whether the source has the very same bytes there. If not (an entity, a curly quote for a straight one, code over
    /// several lines of a quote), `source` is only where it begins and no place within the run can be told.
    pub exact: bool,
}

/// HTML with slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// The HTML between the slots.
    pub html: String,
    /// The slots by ascending offset; each takes up one byte of `html`, which is not written.
    pub slots: Vec<(u32, Slot)>,
}

/// A formula.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    /// Its TeX.
    pub tex: String,
    /// The whole formula in the source.
    pub span: Span,
}

/// A bold label in a section of links: what comes behind it is the subsection that it names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkLabel {
    /// The label in the plain text, colon included.
    pub text: Slice,
    /// The heading of the section.
    pub heading: HeadingId,
    /// The subsection; `None` if it names none, so that it only ends the one before it.
    pub section: Option<Section>,
}

/// A footnote.
#[derive(Debug, Clone)]
pub(crate) struct Footnote {
    /// Its number, from 1, by first reference; 0 while nothing refers to it.
    pub number: u32,
    /// The label as written.
    pub label: String,
    /// The block that holds its text; `None` if there is none.
    pub block: Option<BlockId>,
    /// How often it is referred to.
    pub references: u32,
    /// The first reference, else the definition.
    pub span: Span,
}

/// Something that is written into the HTML when the page is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The start tag of a link.
    LinkOpen(LinkId),
    /// Its end.
    LinkClose(LinkId),
    /// An image; true: within a link.
    Image(LinkId, bool),
    /// An embedded note or section.
    Embed(LinkId, EmbedContext),
    /// The attribute of a raw HTML element that holds a link, with a space before it.
    Attribute(LinkId),
    /// A code block.
    Code(CodeId),
    /// A formula of [`Document::formulas`]; true: on lines of its own.
    Math(FormulaId, bool),
    /// The start tag of a heading, with its anchor.
    HeadingOpen(HeadingId),
    /// The end tag of a heading.
    HeadingClose(HeadingId),
    /// The end of a task item's label.
    TaskClose,
    /// What stands around a table, so that a wide one scrolls.
    TableOpen,
    /// Its end.
    TableClose,
    /// A reference to a footnote, and which of its references this is, from 1.
    FootnoteReference(FootnoteId, u32),
    /// A footnote's text, which belongs at the end of the note: an index of [`Document::footnotes`].
    Footnote(BlockId),
    /// The prefix of an id inside an embed.
    IdPrefix,
    /// The id of a block and the end of the start tag that it is in: an index of [`Document::block_ids`].
    BlockId(u32),
    /// The box of a task item; the block.
    Task(BlockId),
    /// The title of a callout that has none of its own.
    CalloutTitle(Callout),
}

/// What an embed stands in, which decides whether a section can be shown there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmbedContext {
    /// An element that may hold sections.
    Blocks,
    /// A paragraph, which ends where a section begins.
    Paragraph,
    /// An element that holds only words: a heading, a cell, bold text.
    Words,
    /// A link.
    Link,
}

/// A `(TODO)`.
#[derive(Debug, Clone)]
pub(crate) struct Todo {
    /// The planned note's name.
    pub name: String,
    /// Where it is named.
    pub span: Span,
    /// The link it marks; `None` for a mark before words that are no link.
    pub link: Option<LinkId>,
}

/// Faults of references and footnotes.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// `[text][label]` or `[^label]` without a definition: label and place.
    pub undefined: Vec<(String, Span)>,
    /// Definitions that nothing uses: label and place.
    pub unused: Vec<(String, Span)>,
    /// Second definitions of a label: label, place.
    pub repeated: Vec<(String, Span)>,
}

/// A comment that excuses a line from a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// The comment.
    pub span: Span,
}

/// What the pass needs to know beside the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    /// Syntax switches.
    pub markdown: &'a config::Markdown,
    /// Names of sections.
    pub schema: &'a Schema,
}
