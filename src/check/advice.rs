//! What to write in place of a repeated text: a link to the note that keeps the text, or an embed of its section. Decides nothing
//! about which note that is.

use crate::base::duplicates::engine::Place;
use crate::base::duplicates::{block_heading, block_span};
use crate::base::site::Site;
use crate::check::rules::destination;
use crate::note::markdown::LinkSyntax;
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// A text that should be replaced, and what to write in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paste {
    /// The note to edit.
    pub note: NoteId,
    /// The text to replace.
    pub span: Span,
    /// A link to the section that keeps the text.
    pub link: String,
    /// An embed of that section. `None` if the text is before the first heading: the embed would show the whole note.
    pub embed: Option<String>,
}

/// The style of the links of a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkStyle {
    /// `[text](path.md)`
    Markdown,
    /// `[[name]]`
    Wiki,
}

/// The style of most links between the notes of a site.
pub(crate) fn link_style(site: &Site) -> LinkStyle {
    let links = || site.notes.iter().flat_map(|note| &note.doc.links);
    let wiki = links().filter(|link| link.form == LinkSyntax::Wiki).count();
    let markdown = links().filter(|link| link.form == LinkSyntax::Inline && link.may_lead_to_a_note()).count();
    if wiki > markdown { LinkStyle::Wiki } else { LinkStyle::Markdown }
}

/// What to write in `note` for the text at `span`, which `kept` has at `at`.
pub(crate) fn paste(site: &Site, style: LinkStyle, (note, span): (NoteId, Span), (kept, at): (NoteId, Span)) -> Paste {
    let doc = &site.note(kept).doc;
    let mut headings = doc.headings.iter().filter(|heading| heading.top && heading.span.start <= at.start);
    // The title is a heading of many notes, and its section is the whole note.
    let anchor = headings.rfind(|heading| heading.level > 1).map(|heading| &*heading.anchor);
    let key = &site.graph.keys[kept];
    let fragment = anchor.map_or(String::new(), |anchor| format!("#{anchor}"));
    let title = site.note(kept).title.replace(['[', ']', '|'], "");
    let link = match style {
        LinkStyle::Markdown => format!("[{title}]({}{fragment})", destination(site, note, kept)),
        LinkStyle::Wiki => format!("[[{key}{fragment}|{title}]]"),
    };
    Paste { note, span, link, embed: anchor.map(|_| format!("![[{key}{fragment}]]")) }
}

/// [`paste`] for text blocks.
pub(crate) fn paste_block(site: &Site, style: LinkStyle, place: &Place, kept: &Place) -> Paste {
    let span = |place: &Place| block_span(site.note(place.note), place.block);
    let own = paste(site, style, (place.note, span(place)), (kept.note, span(kept)));
    match block_heading(site.note(kept.note), kept.block) {
        Some(_) => own,
        None => Paste { embed: None, ..own },
    }
}
