//! Pictures, films, sounds and embeds of a note's HTML.

use super::*;

impl Writer<'_> {
    pub(super) fn image(&self, note: NoteIndex, link: u32, place: Place, out: &mut String) {
        let written = &self.site.note(note).doc.links[link as usize];
        let resolved = self.site.graph.resolved(note, link);
        let Some(src) = self.href(note, resolved, place) else {
            let (class, why) = self.why_not(resolved);
            out.push_str(&format!("<span class=\"{class}\" title=\"{}\">", escaped(&why)));
            text(if written.text.is_empty() { &written.dest } else { &written.text }, out);
            return out.push_str("</span>");
        };
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

    /// A picture, film, sound or other file, by its ending.
    fn media(&self, written: &Link, resolved: &Resolved, src: &str, out: &mut String) {
        let ending = src.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        let src = escaped(src);
        match ending.as_str() {
            "mp4" | "webm" | "ogv" | "mov" => {
                out.push_str(&format!("<video controls preload=\"metadata\" src=\"{src}\"></video>"))
            }
            "mp3" | "ogg" | "wav" | "flac" | "m4a" => {
                out.push_str(&format!("<audio controls preload=\"none\" src=\"{src}\"></audio>"))
            }
            "pdf" => {
                out.push_str(&format!("<a href=\"{src}\">"));
                text(if written.text.is_empty() { &written.dest } else { &written.text }, out);
                out.push_str("</a>");
            }
            _ => {
                // Obsidian writes a picture's width where the alternative text stands.
                let width = written.text.parse::<u32>().ok();
                let alt = if width.is_some() || written.form == Form::Embed && written.text == written.dest {
                    ""
                } else {
                    &written.text
                };
                out.push_str(&format!(
                    "<img src=\"{src}\" alt=\"{}\" loading=\"lazy\" decoding=\"async\"",
                    escaped(alt)
                ));
                let known = match resolved.target {
                    Target::Asset(file) => self.sizes.get(&file).copied(),
                    _ => None,
                };
                match (known, width) {
                    (Some((w, h)), Some(width)) if w > 0 => {
                        out.push_str(&format!(
                            " width=\"{width}\" height=\"{}\"",
                            u64::from(h) * u64::from(width) / u64::from(w)
                        ));
                    }
                    (Some((w, h)), _) => out.push_str(&format!(" width=\"{w}\" height=\"{h}\"")),
                    (None, Some(width)) => out.push_str(&format!(" width=\"{width}\"")),
                    (None, None) => {}
                }
                if !written.title.is_empty() {
                    out.push_str(&format!(" title=\"{}\"", escaped(&written.title)));
                }
                out.push('>');
            }
        }
    }

    pub(super) fn embed(&self, note: NoteIndex, link: u32, place: Place, out: &mut String) {
        let written = &self.site.note(note).doc.links[link as usize];
        let resolved = self.site.graph.resolved(note, link);
        let target = match resolved.target {
            Target::Note(target) if !place.plain => target,
            Target::Asset(_) | Target::Static(_) => return self.image(note, link, place, out),
            _ => {
                self.open_link(note, link, place, out);
                text(&written.text, out);
                return self.close_link(note, link, place, out);
            }
        };
        let chain: Vec<NoteIndex> = place.chain.iter().copied().chain([note]).collect();
        let cycle = chain.contains(&target);
        out.push_str("<section class=\"embed\"><header>");
        text(self.text("embedded_from"), out);
        out.push(' ');
        self.open_link(note, link, place, out);
        self.target_title(note, link, out);
        self.close_link(note, link, place, out);
        out.push_str("</header>\n");
        if cycle || chain.len() > MAX_EMBEDS || resolved.broken_anchor {
            out.push_str("<p class=\"broken-link\">");
            text(
                self.text(if cycle {
                    "embed_cycle"
                } else if resolved.broken_anchor {
                    "embed_missing"
                } else {
                    "embed_depth"
                }),
                out,
            );
            out.push_str("</p>");
        } else {
            let prefix = self.embed_prefix(note, link, target, place);
            let inner = Place { prefix: &prefix, chain: &chain, plain: false };
            let slice = embedded(self.site.note(target), &resolved.fragment);
            self.fill(target, slice, inner, out);
            out.push_str(&self.footnotes_of_embed(target, slice, inner));
        }
        out.push_str("</section>\n");
    }

    /// What embedded ids begin with: the key of the embedded note, and which of its embeds in this note it is.
    fn embed_prefix(&self, note: NoteIndex, link: u32, target: NoteIndex, place: Place) -> String {
        let links = &self.site.note(note).doc.links[..link as usize];
        let same = |i: usize| self.site.graph.resolved(note, i as u32).target == Target::Note(target);
        let before = links.iter().enumerate().filter(|(i, l)| l.form == Form::Embed && same(*i)).count();
        let key = self.site.graph.keys[target as usize].replace('/', "-");
        match before {
            0 => format!("{}{key}--", place.prefix),
            n => format!("{}{key}--{}--", place.prefix, n + 1),
        }
    }
}

/// What an embed shows: a section from its heading on, or the whole note without its first heading.
fn embedded(note: &Note, fragment: &str) -> Slice {
    let doc = &note.doc;
    let end_of_all = doc.headings.last().map_or(NONE, |_| doc.headings.len() as u32 - 1);
    let whole_end = doc.section_html(last_top(doc).unwrap_or(end_of_all)).end;
    let Some(index) = doc.headings.iter().position(|h| !fragment.is_empty() && h.anchor == fragment) else {
        let first = doc.headings.first().filter(|h| h.top && h.level == 1);
        return Slice { start: first.map_or(0, |h| h.html.end), end: whole_end };
    };
    let last = doc.subheadings(index as u32).last().unwrap_or(index as u32);
    Slice { start: doc.headings[index].html.start, end: doc.section_html(last).end }
}

fn last_top(doc: &Document) -> Option<u32> {
    doc.headings.iter().rposition(|h| h.top).map(|i| i as u32)
}
