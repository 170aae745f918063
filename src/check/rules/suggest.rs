//! "Did you mean": notes by file name, title and alias, exact or near. Builds its tables once a run, and only when
//! something is missing.

use super::paths::in_style;
use crate::base::graph::Notes;
use crate::base::index::NoteIndex;
use crate::base::site::Site;
use crate::note::{Kind, bare_name, file_name, landing_rank};
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::slug::name_key;

/// Every name of every Markdown file.
pub(super) struct Catalog<'a> {
    site: &'a Site,
    /// Files by their folded names, landing pages left out: all folders have one.
    files: StringMap<Notes>,
    /// Notes by folded title, alias and id.
    titles: StringMap<Notes>,
    /// All of these keys.
    keys: PackedStrings,
    /// The letters that each key holds, so that most are passed over at a glance, and its note.
    letters: Vec<(u32, NoteIndex)>,
}

impl<'a> Catalog<'a> {
    /// Fills the tables.
    pub(super) fn new(site: &'a Site) -> Catalog<'a> {
        let (files, titles) = (StringMap::default(), StringMap::default());
        let mut catalog = Catalog { site, files, titles, keys: PackedStrings::default(), letters: Vec::new() };
        for (index, note) in site.all().filter(|(_, n)| n.kind != Kind::Alias) {
            if landing_rank(&format!("{}.md", note.stem)).is_none() {
                let key = name_key(file_name(&note.stem));
                catalog.files.or_default(&key).push(index);
                catalog.add(&key, index);
            }
            let names = [Some(&note.title), note.head.id.as_ref()].into_iter().flatten().chain(&note.head.aliases);
            for key in names.map(|n| name_key(n)) {
                let of_key = catalog.titles.or_default(&key);
                if of_key.last() != Some(&index) {
                    of_key.push(index);
                    catalog.add(&key, index);
                }
            }
        }
        catalog
    }

    fn add(&mut self, key: &str, note: NoteIndex) {
        self.keys.push(key);
        self.letters.push((letters(key), note));
    }

    /// The files with the file name of a path.
    pub(super) fn same_file_name(&self, path: &str) -> &[NoteIndex] {
        self.files.get(&file_key(path)).map_or(&[], Notes::as_slice)
    }

    /// The notes that one of these names means.
    pub(super) fn named(&self, name: &str) -> &[NoteIndex] {
        self.titles.get(&name_key(name)).map_or(&[], Notes::as_slice)
    }

    /// The note whose file name, title or alias is nearest to a name: at most a quarter of its letters differ.
    pub(super) fn nearest(&self, name: &str) -> Option<NoteIndex> {
        let wanted = name_key(name);
        let (length, own) = (wanted.chars().count(), letters(&wanted));
        let near = self.keys.iter().zip(&self.letters).filter_map(|(key, (set, note))| {
            let allowed = (length.max(key.len()) / 4).max(1);
            if (set ^ own).count_ones() as usize > 2 * allowed || length.abs_diff(key.chars().count()) > allowed {
                return None;
            }
            Some(strsim::osa_distance(&wanted, key)).filter(|d| *d <= allowed).map(|d| (d, *note))
        });
        near.min().map(|(_, note)| note)
    }

    /// A note's title.
    pub(super) fn title(&self, note: NoteIndex) -> String {
        self.site.note(note).title.clone()
    }

    /// What to write in place of the destination `old` to reach a note.
    pub(super) fn destination(&self, from: NoteIndex, to: NoteIndex, old: &str) -> String {
        let path = format!("{}.md", self.site.note(to).stem);
        in_style(self.site.note(from).folder(), &path, old)
    }
}

/// The folded file name of a path, without its extension.
fn file_key(path: &str) -> String {
    name_key(bare_name(path))
}

/// The letters and digits that a key holds, a bit each.
fn letters(key: &str) -> u32 {
    key.bytes().fold(0, |set, b| set | 1 << (b % 32))
}

/// Most names that are suggested for one.
pub(super) const SUGGESTED: usize = 3;

/// "did you mean `a`?", or `a` or `b`.
pub(super) fn did_you_mean(options: &[String]) -> String {
    let quoted: Vec<String> = options.iter().take(SUGGESTED).map(|o| format!("`{o}`")).collect();
    format!("did you mean {}?", quoted.join(" or "))
}
