//! Writes links to notes in the syntax that a base already uses: wikilinks or relative paths. Decides nothing else.

use super::paths::{links, relative_to};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::note::file_name;
use crate::note::markdown::LinkSyntax;
use crate::text::ids::NoteId;
use crate::text::slug::link_key;
use rustc_hash::FxHashMap;

/// The syntax that most links between the notes of a base have.
pub(super) enum LinkStyle {
    /// `[text](../path.md)`
    Path,
    /// `[[name|text]]`. Holds the number of files for each name: a name that two files have needs its folders.
    Wiki(FxHashMap<String, usize>),
}

impl LinkStyle {
    /// The style of most links to notes. A base without links gets paths, which every Markdown program reads.
    pub(super) fn of(site: &Site) -> LinkStyle {
        let (mut wiki, mut path) = (0, 0);
        for (note, _) in site.all() {
            for (link, _) in links(site, note).filter(|(_, r)| matches!(r.target, Target::Note(_))) {
                wiki += usize::from(link.form == LinkSyntax::Wiki);
                path += usize::from(matches!(link.form, LinkSyntax::Inline | LinkSyntax::Reference));
            }
        }
        if wiki <= path {
            return LinkStyle::Path;
        }
        let mut files: FxHashMap<String, usize> = FxHashMap::default();
        for (_, note) in site.all() {
            *files.entry(link_key(file_name(&note.stem))).or_default() += 1;
        }
        LinkStyle::Wiki(files)
    }

    /// A link from the first note to the second one with the Markdown `words` as its text. In a table row the `|` of a
    /// wikilink is escaped. A path if no wikilink can be written: the name or the words contain syntax of wikilinks.
    pub(super) fn link(&self, site: &Site, (from, to): (NoteId, NoteId), words: &str, is_row: bool) -> String {
        let by_path = || format!("[{words}]({})", relative_to(site, from, to));
        let LinkStyle::Wiki(files) = self else { return by_path() };
        let stem = &*site.note(to).stem;
        let name = match files.get(&link_key(file_name(stem))) {
            Some(1) => file_name(stem),
            _ => stem,
        };
        // A path in a folder of the same name could also be the end of a longer path.
        let is_unique =
            name != stem || !stem.contains('/') || !site.all().any(|(_, n)| n.stem.ends_with(&format!("/{stem}")));
        if !is_unique || [name, words].iter().any(|text| text.contains(['|', '[', ']', '#', '^', '\n', '\\'])) {
            return by_path();
        }
        let bar = if is_row { "\\|" } else { "|" };
        if words == name { format!("[[{name}]]") } else { format!("[[{name}{bar}{words}]]") }
    }
}
