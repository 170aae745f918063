//! Images, videos, audio and embeds in the HTML of a note.

use super::*;
use crate::base::embeds::{MAX_EMBEDS, holds, place as embed_place, shown};
use crate::note::file_name;
use crate::note::markdown::BlockKind;

/// A picture's size as it is written behind the last bar of its text: a width, and perhaps a height.
type Size = (u32, Option<u32>);

/// The alternative text of a picture, and its size: `300`, `300x200`, `Caption|120`.
fn alt_and_size(text: &str) -> (&str, Option<Size>) {
    let (alt, last) = text.rsplit_once('|').unwrap_or(("", text));
    match size(last.trim()) {
        Some(size) => (alt.trim_end(), Some(size)),
        None => (text, None),
    }
}

fn size(text: &str) -> Option<Size> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    match text.split_once('x') {
        Some((width, height)) => Some((number(width)?, Some(number(height)?))),
        None => Some((number(text)?, None)),
    }
}

/// What an embedded file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Medium {
    Picture,
    Video,
    Sound,
    /// Anything else: it is shown as a link.
    File,
}

/// What the file at an address is, by the extension of its path. `None` if it has none that is known.
fn medium(address: &str) -> Option<Medium> {
    let (_, extension) = file_name(without_suffix(address)).rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "apng" | "avif" | "bmp" | "gif" | "heic" | "ico" | "jfif" | "jpe" | "jpeg" | "jpg" | "png" | "svg" | "tif"
        | "tiff" | "webp" => Some(Medium::Picture),
        "m4v" | "mkv" | "mov" | "mp4" | "ogv" | "webm" => Some(Medium::Video),
        "3gp" | "aac" | "flac" | "m4a" | "mp3" | "oga" | "ogg" | "opus" | "wav" => Some(Medium::Sound),
        "pdf" => Some(Medium::File),
        _ => None,
    }
}

/// An address without query and fragment.
fn without_suffix(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

impl Writer<'_> {
    /// An image within a link: one that would be a link itself is the words of the link around it.
    pub(super) fn linked_image(&self, note: NoteId, link: LinkId, place: Place, out: &mut String) {
        let resolved = self.site.graph.resolved(note, link);
        let is_external = matches!(resolved.target, Target::External(_));
        let elsewhere = is_external && !self.site.config.remote_images;
        let written = &self.site.note(note).doc.links[link];
        let is_picture = medium(&written.dest).map_or(is_external, |medium| medium == Medium::Picture);
        if !elsewhere && is_picture {
            return self.image(note, link, place, out);
        }
        match alt_and_size(&written.text).0.trim() {
            "" => text(self.text("image"), out),
            alt => text(alt, out),
        }
    }

    pub(super) fn image(&self, note: NoteId, link: LinkId, place: Place, out: &mut String) {
        let written = &self.site.note(note).doc.links[link];
        let resolved = self.site.graph.resolved(note, link);
        let Some(src) = self.href(note, resolved, place) else {
            let (class, why) = self.why_not(resolved);
            out.push_str(&format!("<span class=\"{class}\" title=\"{}\">", escaped(&why)));
            text(if written.text.is_empty() { &written.dest } else { &written.text }, out);
            return out.push_str("</span>");
        };
        // The content security policy blocks remote images by default, so the page shows a link.
        if matches!(resolved.target, Target::External(_)) && !self.site.config.remote_images || place.plain {
            let shown = if written.text.is_empty() { &written.dest } else { &written.text };
            if place.plain {
                return text(shown, out);
            }
            out.push_str("<a class=\"external\" rel=\"external noopener\" href=\"");
            attribute(&src, out);
            out.push_str("\">");
            text(shown, out);
            return out.push_str("</a>");
        }
        self.media(written, resolved, &src, out);
    }

    /// Appends an image, video, audio player or link, depending on the file extension.
    fn media(&self, written: &Link, resolved: &Resolved, src: &str, out: &mut String) {
        // The address of a picture elsewhere may have no extension.
        let of_other = if matches!(resolved.target, Target::External(_)) { Medium::Picture } else { Medium::File };
        let medium = medium(src).unwrap_or(of_other);
        let src = escaped(src);
        match medium {
            Medium::Video => out.push_str(&format!("<video controls preload=\"metadata\" src=\"{src}\"></video>")),
            Medium::Sound => out.push_str(&format!("<audio controls preload=\"none\" src=\"{src}\"></audio>")),
            Medium::File => {
                let has_words = !written.text.is_empty() && written.text != written.dest;
                out.push_str(&format!("<a href=\"{src}\">"));
                text(if has_words { &written.text } else { file_name(without_suffix(&written.dest)) }, out);
                out.push_str("</a>");
            }
            Medium::Picture => {
                // Obsidian writes a picture's size behind its text, or in place of it.
                let named = written.form == LinkSyntax::Embed && written.text == written.dest;
                let (alt, size) = if named { ("", None) } else { alt_and_size(&written.text) };
                out.push_str(&format!(
                    "<img src=\"{src}\" alt=\"{}\" loading=\"lazy\" decoding=\"async\"",
                    escaped(alt)
                ));
                let known = match resolved.target {
                    Target::Asset(file) => self.sizes.get(&file).copied(),
                    _ => None,
                };
                match (known, size) {
                    (_, Some((width, Some(height)))) => {
                        out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
                    }
                    // Both dimensions are written, so the text does not move when the image arrives.
                    (Some((w, h)), Some((width, None))) if w > 0 => {
                        out.push_str(&format!(
                            " width=\"{width}\" height=\"{}\"",
                            u64::from(h) * u64::from(width) / u64::from(w)
                        ));
                    }
                    (Some((w, h)), _) => out.push_str(&format!(" width=\"{w}\" height=\"{h}\"")),
                    (None, Some((width, None))) => out.push_str(&format!(" width=\"{width}\"")),
                    (None, None) => {}
                }
                if !written.title.is_empty() {
                    out.push_str(&format!(" title=\"{}\"", escaped(&written.title)));
                }
                out.push('>');
            }
        }
    }

    /// The note of an embed. `None` if the target is not a note, or if links are rendered as plain text.
    pub(super) fn embedded(&self, note: NoteId, link: LinkId, place: Place) -> Option<NoteId> {
        match self.site.graph.resolved(note, link).target {
            Target::Note(target) if !place.plain => Some(target),
            _ => None,
        }
    }

    /// Whether an embed may be rendered as a section: not inside a line of text, not if its block is only shown in
    /// part, and not after the embed that exceeded the size limit of the page.
    pub(super) fn embed_fits(&self, note: NoteId, link: LinkId, around: EmbedContext, slice: Slice) -> bool {
        let doc = &self.site.note(note).doc;
        let block = doc.links[link].block.map_or(slice, |block| doc.blocks[block].html);
        let whole = slice.start <= block.start && block.end <= slice.end;
        let too_much = self.site.embeds_over().get(&note).is_some_and(|&first| first < link);
        whole && !too_much && matches!(around, EmbedContext::Blocks | EmbedContext::Paragraph)
    }

    /// Appends an embed that cannot be a section: an image or a link.
    pub(super) fn embed_among_words(
        &self,
        note: NoteId,
        link: LinkId,
        around: EmbedContext,
        place: Place,
        out: &mut String,
    ) {
        let doc = &self.site.note(note).doc;
        let written = &doc.links[link];
        let target = &self.site.graph.resolved(note, link).target;
        let bare = written.block.is_some_and(|block| doc.blocks[block].kind == BlockKind::Paragraph);
        let alone = bare && around == EmbedContext::Blocks && !place.plain;
        if matches!(target, Target::Asset(_) | Target::Static(_)) {
            out.push_str(if alone { "<p>" } else { "" });
            self.image(note, link, place, out);
            return out.push_str(if alone { "</p>\n" } else { "" });
        }
        let place = if around == EmbedContext::Link { Place { plain: true, ..place } } else { place };
        out.push_str(if alone { "<p>" } else { "" });
        self.open_link(note, link, place, out);
        match target {
            Target::Note(_) if written.text == written.dest => self.target_title(note, link, out),
            _ => text(&written.text, out),
        }
        self.close_link(note, link, place, out);
        out.push_str(if alone { "</p>\n" } else { "" });
    }

    /// Appends an embed as a section.
    pub(super) fn embed(&self, note: NoteId, link: LinkId, target: NoteId, place: Place, out: &mut String) {
        let resolved = self.site.graph.resolved(note, link);
        let doc = &self.site.note(note).doc;
        let here = (note, embed_place(doc, &doc.links[link]));
        let chain: Vec<(NoteId, u32)> = place.chain.iter().copied().chain([here]).collect();
        let slice = shown(self.site.note(target), &resolved.fragment);
        out.push_str("<section class=\"embed\"><header>");
        text(self.text("embedded_from"), out);
        out.push(' ');
        self.open_link(note, link, place, out);
        self.target_title(note, link, out);
        self.close_link(note, link, place, out);
        out.push_str("</header>\n");
        let faults = [
            ("embed_cycle", chain.iter().any(|&(note, at)| note == target && holds(slice, at))),
            ("embed_missing", resolved.broken_anchor),
            ("embed_depth", chain.len() > MAX_EMBEDS),
            ("embed_large", self.site.embeds_over().get(&note) == Some(&link)),
        ];
        let why_not = faults.iter().find(|(_, is_so)| *is_so).map(|(why_not, _)| *why_not);
        if let Some(why_not) = why_not {
            out.push_str("<p class=\"broken-link\">");
            text(self.text(why_not), out);
            out.push_str("</p>");
        } else {
            let prefix = self.embed_prefix(note, link, target, place);
            let inner = Place { prefix: &prefix, chain: &chain, plain: false };
            self.render_slice(target, slice, inner, out);
            out.push_str(&self.footnotes_of_embed(target, slice, inner));
        }
        out.push_str("</section>\n");
    }

    /// The id prefix of an embed: the key of the embedded note and, if the note is embedded repeatedly, the number of
    /// the embed.
    fn embed_prefix(&self, note: NoteId, link: LinkId, target: NoteId, place: Place) -> String {
        let links = self.site.note(note).doc.links.iter_enumerated().take_while(|(other, _)| *other < link);
        let same = |other: LinkId| self.site.graph.resolved(note, other).target == Target::Note(target);
        let before = links.filter(|(other, l)| l.form == LinkSyntax::Embed && same(*other)).count();
        let key = self.site.graph.keys[target].replace('/', "-");
        match before {
            0 => format!("{}{key}--", place.prefix),
            n => format!("{}{key}--{}--", place.prefix, n + 1),
        }
    }
}
