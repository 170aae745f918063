//! The HTML of a note with its slots filled: links resolved by the graph, highlighted code, formulas, embeds. Renders
//! fragments, and knows nothing of the page around them.

mod block_ids;
mod diagram;
mod footnotes;
mod media;
mod pieces;

use crate::base::analyze::Bodies;
use crate::base::graph::{Fault, Resolved, Target};
use crate::base::site::Site;
use crate::note::markdown::{Document, EmbedContext, Link, LinkSyntax, Slice, Slot};
use crate::note::sanitize;
use crate::text::html_escape::{attribute, escaped, text};
use crate::text::ids::{BlockId, LinkId, NoteId};
use crate::text::paths::{encode_path, relative_url};
use crate::text::source::FileId;
use block_ids::block_anchor;
use pieces::Pieces;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The classes in generated markup between the slots, which the sanitiser must preserve.
const OWN_CLASSES: &[&str] = &[
    "task",
    "left",
    "center",
    "right",
    "note",
    "tip",
    "important",
    "warning",
    "caution",
    "example",
    "quote",
    "broken-link",
    "planned",
];

/// The dimensions of images in pixels.
pub(crate) type Sizes = FxHashMap<FileId, (u32, u32)>;

/// The interface texts by key.
pub(crate) type Texts = BTreeMap<String, String>;

/// Renders the fragments of one page.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    /// The site.
    pub site: &'a Site,
    /// The HTML of the notes with unfilled slots, indexed by note.
    pub bodies: &'a Bodies,
    /// The output path of the page, to which links are relative.
    pub url: &'a str,
    /// The interface texts.
    pub texts: &'a Texts,
    /// The dimensions of images.
    pub sizes: &'a Sizes,
}

/// The context of a fragment: at the top level of a page, or embedded in further notes.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The prefix of ids, to keep ids of embedded notes unique.
    prefix: &'a str,
    /// The embeds around this place, outermost first: the note that each is in, and its offset in the HTML of that note.
    chain: &'a [(NoteId, u32)],
    /// Whether links are rendered as plain text, because the fragment is inside a link or a summary.
    plain: bool,
}

const TOP: Place<'static> = Place { prefix: "", chain: &[], plain: false };

impl Writer<'_> {
    /// The HTML of a slice of a note.
    pub(crate) fn slice(&self, note: NoteId, slice: Slice) -> String {
        let mut out = String::with_capacity(slice.range().len() * 5 / 4);
        self.render_slice(note, slice, TOP, &mut out);
        out
    }

    /// The concatenated HTML of several slices.
    pub(crate) fn slices(&self, note: NoteId, slices: &[Slice]) -> String {
        slices.iter().map(|&slice| self.slice(note, slice)).collect()
    }

    /// The HTML of a slice without links, for use inside a link.
    pub(crate) fn unlinked(&self, note: NoteId, slice: Slice) -> String {
        let mut out = String::new();
        self.render_slice(note, slice, Place { plain: true, ..TOP }, &mut out);
        out
    }

    fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// Appends a slice with its slots filled. If the note contains raw HTML and is not trusted, the result is
    /// sanitised, except for the generated content of the slots.
    fn render_slice(&self, note: NoteId, slice: Slice, place: Place, out: &mut String) {
        let untrusted = !self.site.note(note).doc.raw_html.is_empty() && !self.site.config.raw_html;
        if !untrusted {
            self.for_each_piece(note, slice, place, out, &mut |piece, _, out| out.push_str(&piece));
            return;
        }
        let (mut raw, mut pieces) = (String::new(), Pieces::default());
        self.for_each_piece(note, slice, place, &mut raw, &mut |piece, slot, raw| pieces.push(slot, piece, raw));
        match sanitize::sanitize(&raw, &self.policy()) {
            // A placeholder that the author forged: show the markup as text, because generated content could be injected.
            Ok(cleaned) => {
                out.push_str(&pieces.fill(&cleaned.html).unwrap_or_else(|| pieces.fill_text(&escaped_text(&raw))))
            }
            Err(why) => {
                out.push_str("<p class=\"broken-link\">");
                text(&why, out);
                out.push_str("</p>\n");
            }
        }
    }

    fn policy(&self) -> sanitize::Policy {
        let config = &self.site.config;
        let default = sanitize::Policy::default();
        let own = OWN_CLASSES.iter().map(|class| class.to_string());
        sanitize::Policy {
            schemes: config.schemes.clone(),
            remote_media: config.remote_images,
            class_prefixes: default.class_prefixes.into_iter().chain(own).collect(),
            picture: self.text("image").to_string(),
        }
    }

    /// Appends the HTML between the slots to `out`, and calls `emit` with the content of each slot and the slot.
    fn for_each_piece(
        &self,
        note: NoteId,
        slice: Slice,
        place: Place,
        out: &mut String,
        emit: &mut dyn FnMut(String, Slot, &mut String),
    ) {
        let body = &self.bodies[note];
        let doc = &self.site.note(note).doc;
        // The length of `out` after the paragraph that was reopened behind an embed. An empty paragraph there is
        // removed again.
        let mut reopened = None;
        let mut at = slice.start;
        let mut next = body.slots.partition_point(|(offset, _)| *offset < slice.start);
        while let Some(&(offset, slot)) = body.slots.get(next).filter(|(offset, _)| *offset < slice.end) {
            next += 1;
            // The slot is inside the range of a slot that was already rendered.
            if offset < at {
                continue;
            }
            push_after_embed(&body.html[Slice { start: at, end: offset }.range()], &mut reopened, out);
            at = offset + 1;
            let mut piece = String::new();
            match slot {
                Slot::Footnote(block) => at = doc.blocks[block].html.end,
                // The page's own title says it; the anchor stays.
                Slot::HeadingOpen(index) if Some(index) == self.site.note(note).title_heading => {
                    let heading = &doc.headings[index];
                    piece.push_str(&format!("<span id=\"{}{}\"></span>\n", place.prefix, escaped(&heading.anchor)));
                    at = heading.html.end;
                }
                Slot::LinkOpen(link) if self.names_its_target(note, link) => {
                    self.open_link(note, link, place, &mut piece);
                    self.target_title(note, link, &mut piece);
                    self.close_link(note, link, place, &mut piece);
                    let close = body.slots[next..].iter().find(|(_, s)| *s == Slot::LinkClose(link));
                    at = close.map_or(at, |(offset, _)| offset + 1);
                }
                Slot::Embed(link, around) if self.embed_fits(note, link, around, slice) => {
                    match self.embedded(note, link, place) {
                        Some(target) => self.embed(note, link, target, place, &mut piece),
                        None => self.slot(note, slot, place, &mut piece),
                    }
                    if around == EmbedContext::Paragraph && self.embedded(note, link, place).is_some() {
                        close_paragraph(out);
                        emit(piece, slot, out);
                        out.push_str("<p>");
                        reopened = Some(out.len());
                        continue;
                    }
                }
                slot => self.slot(note, slot, place, &mut piece),
            }
            emit(piece, slot, out);
        }
        if at < slice.end {
            push_after_embed(&body.html[Slice { start: at, ..slice }.range()], &mut reopened, out);
        }
    }

    fn slot(&self, note: NoteId, slot: Slot, place: Place, out: &mut String) {
        let doc = &self.site.note(note).doc;
        match slot {
            Slot::LinkOpen(link) => self.open_link(note, link, place, out),
            Slot::LinkClose(link) => self.close_link(note, link, place, out),
            Slot::Image(link, true) => self.linked_image(note, link, place, out),
            Slot::Image(link, false) => self.image(note, link, place, out),
            Slot::Embed(link, around) => self.embed_among_words(note, link, around, place, out),
            Slot::Attribute(_) if place.plain => {}
            Slot::Attribute(link) => self.attribute(note, link, out),
            Slot::Code(index) => {
                block_anchor(doc, doc.code[index].block, place, out);
                self.code_block(doc, index, out);
            }
            Slot::Math(index, display) => formula(&doc.formulas[index].tex, display, out),
            Slot::HeadingOpen(index) => {
                let heading = &doc.headings[index];
                out.push_str(&format!("<h{} id=\"{}{}\">", heading.shown, place.prefix, escaped(&heading.anchor)));
                block_anchor(doc, heading.block, place, out);
            }
            Slot::HeadingClose(index) => out.push_str(&format!("</h{}>\n", doc.headings[index].shown)),
            Slot::IdPrefix => out.push_str(place.prefix),
            Slot::BlockId(index) => {
                let id = &doc.block_ids[index as usize].id;
                out.push_str(&format!(" id=\"{}^{id}\">", place.prefix));
            }
            Slot::Task(block) => self.task(note, block, out),
            Slot::TaskClose => out.push_str("</label>"),
            Slot::CalloutTitle(callout) => text(self.text(callout.text()), out),
            Slot::TableOpen => {
                out.push_str("<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"");
                attribute(self.text("table"), out);
                out.push_str("\">");
            }
            Slot::TableClose => out.push_str("</div>\n"),
            // Labels and summaries are shown in several places, and the id of a footnote reference must be unique.
            Slot::FootnoteReference(..) if place.plain => {}
            Slot::FootnoteReference(index, count) => {
                let (prefix, n) = (place.prefix, doc.footnotes[index].number);
                let suffix = footnotes::repeat_suffix(count);
                out.push_str(&format!("<sup><a class=\"footnote-ref\" id=\"{prefix}fnref-{n}{suffix}\" href=\"#{prefix}fn-{n}\">{n}</a></sup>"));
            }
            Slot::Footnote(_) => {}
        }
    }

    // Links.

    /// Whether a wikilink has no text of its own and shows the title of its target.
    fn names_its_target(&self, note: NoteId, link: LinkId) -> bool {
        let written = &self.site.note(note).doc.links[link];
        let resolved = self.site.graph.resolved(note, link);
        let is_bare = written.text.is_empty() || written.text == written.dest;
        written.form == LinkSyntax::Wiki && is_bare && matches!(resolved.target, Target::Note(_))
    }

    fn target_title(&self, note: NoteId, link: LinkId, out: &mut String) {
        let resolved = self.site.graph.resolved(note, link);
        let Target::Note(target) = resolved.target else { return };
        let target = self.site.note(target);
        text(&target.title, out);
        let heading =
            target.doc.headings.iter().find(|h| !resolved.fragment.is_empty() && *h.anchor == *resolved.fragment);
        if let Some(heading) = heading {
            out.push_str(" › ");
            text(&heading.text, out);
        }
    }

    fn open_link(&self, note: NoteId, link: LinkId, place: Place, out: &mut String) {
        if place.plain {
            return;
        }
        let resolved = self.site.graph.resolved(note, link);
        let Some(href) = self.href(note, resolved, place) else {
            let (class, why) = self.why_not(resolved);
            out.push_str(&format!("<span class=\"{class}\" title=\""));
            attribute(&why, out);
            return out.push_str("\">");
        };
        out.push_str(match &resolved.target {
            Target::External(_) => "<a class=\"external\" rel=\"external noopener\" href=\"",
            Target::Note(n) if self.site.note(*n).is_note() => "<a class=\"note\" href=\"",
            _ => "<a href=\"",
        });
        attribute(&href, out);
        let title = &self.site.note(note).doc.links[link].title;
        if !title.is_empty() {
            out.push_str("\" title=\"");
            attribute(title, out);
        }
        out.push_str("\">");
    }

    fn close_link(&self, note: NoteId, link: LinkId, place: Place, out: &mut String) {
        if place.plain {
            return;
        }
        let resolved = self.site.graph.resolved(note, link);
        out.push_str(if self.href(note, resolved, place).is_some() { "</a>" } else { "</span>" });
    }

    /// The URL of a link. `None` if it has no target. A link with a broken anchor leads to the top of the page.
    fn href(&self, note: NoteId, resolved: &Resolved, place: Place) -> Option<String> {
        let mut href = match &resolved.target {
            Target::External(address) => return Some(address.trim().to_string()),
            Target::Note(target) if *target == note && !resolved.fragment.is_empty() && !resolved.broken_anchor => {
                let in_page = place.prefix.is_empty() && self.site.routes.notes[note] == *self.url;
                match in_page {
                    true => String::new(),
                    false => relative_url(self.url, &self.site.routes.notes[note]),
                }
            }
            Target::Note(target) => relative_url(self.url, &self.site.routes.notes[*target]),
            Target::Page(path) | Target::Static(path) => relative_url(self.url, path),
            Target::Asset(file) => relative_url(self.url, &crate::text::paths::nfc(&self.site.vault.file(*file).path)),
            Target::Planned | Target::Draft | Target::Broken(_) => return None,
        };
        if !resolved.fragment.is_empty() && !resolved.broken_anchor && !matches!(resolved.target, Target::Page(_)) {
            href.push('#');
            match resolved.target {
                // `#page=3` of a document and `#t=10` of a sound are read with these signs as they are.
                Target::Asset(_) | Target::Static(_) => {
                    let mut fragment = String::new();
                    encode_path(&resolved.fragment, &mut fragment);
                    href.push_str(&fragment.replace("%3D", "=").replace("%26", "&"));
                }
                _ => encode_path(&resolved.fragment, &mut href),
            }
        }
        Some(href)
    }

    /// The class and the explanation of a link without a target.
    fn why_not(&self, resolved: &Resolved) -> (&'static str, String) {
        match &resolved.target {
            Target::Planned | Target::Draft => ("planned", self.text("planned_reason").to_string()),
            Target::Broken(Fault::Missing(path)) => ("broken-link", format!("{} {path}", self.text("broken_reason"))),
            Target::Broken(Fault::Escapes) => ("broken-link", self.text("escapes_reason").to_string()),
            Target::Broken(Fault::UnsafeScheme(scheme)) => {
                ("broken-link", format!("{} {scheme}", self.text("scheme_reason")))
            }
            _ => ("broken-link", self.text("empty_reason").to_string()),
        }
    }

    /// Appends the attribute of a raw HTML element with a link.
    fn attribute(&self, note: NoteId, link: LinkId, out: &mut String) {
        let written = &self.site.note(note).doc.links[link];
        let resolved = self.site.graph.resolved(note, link);
        let name = match written.form {
            LinkSyntax::Href => "href",
            _ => written.text.as_str(),
        };
        match self.href(note, resolved, TOP) {
            Some(href) => {
                out.push_str(&format!(" {}=\"", escaped(name)));
                attribute(&href, out);
                out.push('"');
            }
            None => {
                let (class, why) = self.why_not(resolved);
                out.push_str(&format!(" class=\"{class}\" title=\"{}\"", escaped(&why)));
            }
        }
    }

    fn task(&self, note: NoteId, block: BlockId, out: &mut String) {
        let doc = &self.site.note(note).doc;
        let block = &doc.blocks[block];
        let id = check_id(&self.site.graph.keys[note], doc.plain(block.text));
        let checked = if block.task == Some(true) { " checked" } else { "" };
        out.push_str(&format!("<label><input type=\"checkbox\" data-check=\"{id}\"{checked}> "));
    }
}

/// The id of a checklist item: a hash of its note and its words, so the browser can store its state across builds.
pub(crate) fn check_id(key: &str, words: &str) -> String {
    let words = words.lines().next().unwrap_or("");
    let hash = blake3::hash(format!("{key}\n{}", crate::text::slug::name_key(words)).as_bytes());
    hash.to_hex()[..12].to_string()
}

/// Closes the open paragraph before an embed. An empty paragraph is removed.
fn close_paragraph(out: &mut String) {
    match out.trim_end().strip_suffix("<p>").map(str::len) {
        Some(before) => out.truncate(before),
        None => out.push_str("</p>\n"),
    }
}

/// Appends the HTML after an embed. If the reopened paragraph is empty, it is removed.
fn push_after_embed(html: &str, reopened: &mut Option<usize>, out: &mut String) {
    let was_opened = reopened.take().is_some_and(|at| at == out.len());
    match html.trim_start().strip_prefix("</p>").filter(|_| was_opened) {
        Some(rest) => {
            out.truncate(out.len() - "<p>".len());
            out.push_str(rest);
        }
        None => out.push_str(html),
    }
}

fn escaped_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    text(html, &mut out);
    out
}

fn formula(tex: &str, display: bool, out: &mut String) {
    match crate::note::math::mathml(tex, display) {
        Ok(mathml) => out.push_str(&mathml),
        Err(why) => {
            out.push_str(&format!("<code class=\"math-error\" title=\"{}\">", escaped(&why)));
            text(tex, out);
            out.push_str("</code>");
        }
    }
}
