//! One pass over the Markdown of a single note: headings, links, blocks, plain text, and HTML with slots for the parts
//! that depend on further notes, the site's language or slow work (code colours, formulas). All offsets into the source
//! are offsets of the file's normalised text, frontmatter included.

mod admonitions;
mod bare_links;
mod block_ids;
mod builder;
mod callout_kinds;
mod callouts;
mod colons;
mod comments;
mod definitions;
mod direct;
mod dollars;
mod elements;
mod emoji;
mod events;
mod inline;
mod inline_notes;
mod links;
mod marks;
mod node;
mod present;
mod query;
mod raw_html;
mod raw_text;
mod read;
mod rewrite;
mod run;
mod scratch;
mod spans;
mod tables;

use crate::config::schema::Section;
use crate::text::ids::{BlockId, CodeId, HeadingId, Id, IdRange, IndexVec, LinkId, id};
use crate::text::source::Span;
use std::{ops::Range, sync::Arc};

pub(crate) use {
    callout_kinds::Callout,
    read::{Options, parse},
    scratch::Scratch,
    scratch::ScratchPool,
};

/// The maximum nesting of blocks. A note is cut off at the first block that is nested deeper.
pub(crate) const MAX_DEPTH: usize = 100;
/// The maximum size of the HTML of one note in bytes.
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

    /// Whether the slice is empty.
    pub(crate) fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

id! {
    /// A label: an index of [`Document::labels`].
    pub(crate) struct LabelId;
    /// A footnote: an index of [`Document::footnotes`].
    pub(crate) struct FootnoteId;
    /// A formula: an index of [`Document::formulas`].
    pub(crate) struct FormulaId;
}

/// The result of one pass over a note.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    /// Headings in order.
    pub headings: IndexVec<HeadingId, Heading>,
    /// Links, images and embeds in order, including links in raw HTML.
    pub links: IndexVec<LinkId, Link>,
    /// The block tree in document order: a parent comes before its children.
    pub blocks: IndexVec<BlockId, Block>,
    /// Bold labels at the start of a block or line, in order.
    pub labels: IndexVec<LabelId, Label>,
    /// Code blocks in order.
    pub code: IndexVec<CodeId, Code>,
    /// The text without markup, one line or more per block.
    pub text: String,
    /// The source offsets of the pieces of the text.
    pub runs: Vec<Run>,
    /// The HTML and its slots.
    pub body: Body,
    /// The length of the HTML, also after `body` was moved out.
    pub html_end: u32,
    /// Footnotes in the order of their first reference or definition.
    pub footnotes: IndexVec<FootnoteId, Footnote>,
    /// `(TODO)` marks.
    pub todos: Vec<Todo>,
    /// Ids of raw HTML elements, heading ids not included.
    pub html_ids: Vec<String>,
    /// Bold labels in a section of links, in order.
    pub link_labels: Vec<LinkLabel>,
    /// Ids of blocks, in order.
    pub block_ids: Vec<block_ids::BlockAnchor>,
    /// Formulas in order.
    pub formulas: IndexVec<FormulaId, Formula>,
    /// Comments in the source, in order: they are in no output.
    pub comments: Vec<Span>,
    /// The unclosed `%%` that hides the rest of the note.
    pub unclosed_comment: Option<Span>,
    /// Wikilinks that a table cuts in two.
    pub split_wikilinks: Vec<Span>,
    /// Pieces of raw HTML in the source.
    pub raw_html: Vec<Span>,
    /// The first tag beyond the nesting limit of the sanitiser; `None` if all tags are within the limit.
    pub too_deep: Option<Span>,
    /// Faults of references and footnotes.
    pub references: References,
    /// Rows of tables with more cells than the head has columns.
    pub ragged_rows: Vec<Span>,
    /// The opening fence of a code block without a closing fence, which runs to the end of the file.
    pub unclosed_fence: Option<Span>,
    /// `<!-- canon-ignore … -->` comments.
    pub suppressions: Vec<Suppression>,
    /// The reason why the rest of the note was not read; `None` if the whole note was read.
    pub cut_off: Option<CutOff>,
    /// The message of a panic while the note was read. The rest of the document is empty then.
    pub failure: Option<String>,
}

/// An exceeded limit, or a bug of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutOff {
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// HTML longer than [`MAX_HTML`].
    Size,
    /// A panic while the note was read: a bug of this program. The message is in [`Document::failure`].
    Failure,
}

/// A heading.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The plain text. Shared, because the notes of a base have most of their headings in common.
    pub text: Arc<str>,
    /// The unique anchor.
    pub anchor: Arc<str>,
    /// The source of the heading, without the line end.
    pub span: Span,
    /// Inner HTML.
    pub inner: Slice,
    /// The element, tags included.
    pub html: Slice,
    /// The range of the heading in the plain text.
    pub plain: Slice,
    /// The known section that the heading starts; `None` for an ordinary section.
    pub section: Option<Section>,
    /// The level of the heading on the page, where level 1 is the title of the page.
    pub shown: u8,
    /// Whether the heading is outside of all lists, quotes and elements of raw HTML.
    pub top: bool,
    /// The block of the heading.
    pub block: BlockId,
}

/// The syntax of a link.
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
    /// Whether the link shows a file in the page: an image, audio or video.
    pub(crate) fn is_media(self) -> bool {
        matches!(self, LinkSyntax::Image | LinkSyntax::ImageReference | LinkSyntax::Src)
    }
}

/// A link, unresolved.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// The syntax.
    pub form: LinkSyntax,
    /// The destination with its fragment, entities and escapes resolved, percent-encoding kept.
    pub dest: String,
    /// The whole link in the source.
    pub span: Span,
    /// The destination in the source; for references the whole link.
    pub dest_span: Span,
    /// The link's text or the image's alternative text.
    pub text: String,
    /// The range of the link's text in the plain text; empty for images and embeds.
    pub plain: Slice,
    /// The last top heading before the link; `None` before the first heading.
    pub heading: Option<HeadingId>,
    /// The innermost block around the link; `None` for a frontmatter field.
    pub block: Option<BlockId>,
    /// The title after the destination; empty if missing.
    pub title: String,
    /// Whether the link is a planned note: `(TODO)` comes right before the link, or the destination is `TODO`.
    pub planned: bool,
}

impl Link {
    /// Whether the destination starts with a scheme (`https:`). Not for wikilinks: a name may contain a colon.
    pub(crate) fn has_scheme(&self) -> bool {
        let Some((scheme, _)) = self.dest.split_once(':') else { return false };
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !matches!(self.form, LinkSyntax::Wiki | LinkSyntax::Embed)
    }

    /// Whether the link can lead to a note: not to a different site, the same note or a file that is not Markdown.
    pub(crate) fn may_lead_to_a_note(&self) -> bool {
        let path = self.dest.split(['#', '?']).next().unwrap_or_default();
        let name = crate::note::file_name(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match self.form {
            // A name may end like a file (`[[Node.js]]`), so the extension does not matter.
            LinkSyntax::Wiki => true,
            LinkSyntax::Inline | LinkSyntax::Reference | LinkSyntax::Href | LinkSyntax::Auto => {
                !self.has_scheme() && !path.is_empty() && matches!(extension, "" | "md" | "markdown" | "html")
            }
            _ => false,
        }
    }
}

/// The kind of a block.
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
    /// A term or an explanation of a definition list.
    Definition,
    /// A footnote's text.
    Footnote,
    /// A heading (its details are in [`Heading`]); holds the heading.
    Heading(HeadingId),
}

/// A node of the block tree.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// The kind.
    pub kind: BlockKind,
    /// The enclosing block; `None` for an outermost block.
    pub parent: Option<BlockId>,
    /// The last top heading before the block; `None` before the first heading.
    pub heading: Option<HeadingId>,
    /// The source, without white space at the end.
    pub span: Span,
    /// The HTML, tags included.
    pub html: Slice,
    /// The HTML inside the tags.
    pub inner: Slice,
    /// The plain text, children included.
    pub text: Slice,
    /// The labels in [`Document::labels`], children included.
    pub labels: IdRange<LabelId>,
    /// The number of bytes of link text in the plain text.
    pub link_text: u32,
    /// The state of the box of a task item; `None` for a block without a box.
    pub task: Option<bool>,
    /// One past its last descendant in the block list.
    pub descendants_end: BlockId,
}

/// A bold label at the start of a block or line: `**Pros:**`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    /// The label without its colon, in the plain text.
    pub name: Slice,
    /// The innermost block around the label; `None` outside all blocks.
    pub block: Option<BlockId>,
    /// The label's HTML, `<strong>` and colon included.
    pub html: Slice,
    /// The label in the plain text, colon included.
    pub text: Slice,
}

/// A code block.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    /// The info string after the fence, as written; empty for indented code.
    pub info: String,
    /// The code, without the final line end.
    pub text: String,
    /// The block of the code.
    pub block: BlockId,
}

/// The kind of a piece of plain text.
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

/// A piece of plain text that is contiguous in the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Offset in the plain text.
    pub text: u32,
    /// Offset in the source.
    pub source: u32,
    /// Length in bytes.
    pub length: u32,
    /// The kind.
    pub kind: RunKind,
    /// Whether the source has the same bytes. If not (an entity, a typographic quote, code over several lines of a
    /// quote), `source` is only the start, and offsets inside the run have no equivalent in the source.
    pub exact: bool,
}

/// HTML with slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// The HTML between the slots.
    pub html: String,
    /// The slots by ascending offset. Each slot takes up one byte of `html`, which is not part of the page.
    pub slots: Vec<(u32, Slot)>,
}

/// A formula.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    /// The TeX source.
    pub tex: String,
    /// The whole formula in the source.
    pub span: Span,
}

/// A bold label in a section of links, which starts a subsection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkLabel {
    /// The label in the plain text, colon included.
    pub text: Slice,
    /// The heading of the section.
    pub heading: HeadingId,
    /// The subsection; `None` for a different label, which only ends the previous subsection.
    pub section: Option<Section>,
}

/// A footnote.
#[derive(Debug, Clone)]
pub(crate) struct Footnote {
    /// The number, from 1, by first reference; 0 without a reference.
    pub number: u32,
    /// The label as written.
    pub label: String,
    /// The block of the definition; `None` if undefined.
    pub block: Option<BlockId>,
    /// The number of references.
    pub references: u32,
    /// The first reference, else the definition.
    pub span: Span,
}

/// A part of the HTML that is written when the page is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The start tag of a link.
    LinkOpen(LinkId),
    /// The end tag of a link.
    LinkClose(LinkId),
    /// An image; true: within a link.
    Image(LinkId, bool),
    /// An embedded note or section.
    Embed(LinkId, EmbedContext),
    /// An attribute of a raw HTML element with a link, including the space before the attribute.
    Attribute(LinkId),
    /// A code block.
    Code(CodeId),
    /// A formula of [`Document::formulas`]; true for display mode.
    Math(FormulaId, bool),
    /// The start tag of a heading, with its anchor.
    HeadingOpen(HeadingId),
    /// The end tag of a heading.
    HeadingClose(HeadingId),
    /// The end of a task item's label.
    TaskClose,
    /// The start tag of the element around a table, which makes wide tables scroll.
    TableOpen,
    /// The end tag of the element around a table.
    TableClose,
    /// A reference to a footnote, with the number of the reference among all references to the footnote, from 1.
    FootnoteReference(FootnoteId, u32),
    /// The block of a footnote, which is moved to the end of the note.
    Footnote(BlockId),
    /// The prefix of an id inside an embed.
    IdPrefix,
    /// The id of a block at the end of a start tag: an index of [`Document::block_ids`].
    BlockId(u32),
    /// The box of a task item; the block.
    Task(BlockId),
    /// The default title of a callout.
    CalloutTitle(Callout),
}

/// The context of an embed, which decides whether a section can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmbedContext {
    /// An element that may contain sections.
    Blocks,
    /// A paragraph, which ends where a section begins.
    Paragraph,
    /// An element that may contain only phrasing content: a heading, a table cell, bold text.
    Words,
    /// A link.
    Link,
}

/// A `(TODO)`.
#[derive(Debug, Clone)]
pub(crate) struct Todo {
    /// The name of the planned note.
    pub name: String,
    /// The span of the name.
    pub span: Span,
    /// The marked link; `None` for a mark before plain words.
    pub link: Option<LinkId>,
}

/// Faults of references and footnotes.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// `[text][label]` or `[^label]` without a definition: label and span.
    pub undefined: Vec<(String, Span)>,
    /// Definitions without a reference: label and span.
    pub unused: Vec<(String, Span)>,
    /// All definitions of a label except the first: label and span.
    pub repeated: Vec<(String, Span)>,
}

/// A comment that suppresses a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// The span of the comment.
    pub span: Span,
}
