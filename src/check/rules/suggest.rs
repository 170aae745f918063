//! Suggestions of notes by file name, title and alias, exact or similar. The tables are built at most once per run,
//! when the first target is missing.

use super::paths::in_style;
use crate::base::graph::Notes;
use crate::base::site::Site;
use crate::note::{Kind, bare_name, file_name, landing_rank};
use crate::text::ids::NoteId;
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::slug::{SHORTEST_DISTANT, holds_words, name_key};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// The fewest letters of a name for which longer names that hold it are suggested.
const MIN_HELD: usize = 3;

/// The most different names that are compared with every name of the base. A base with more missing notes has another
/// problem than misspelt names, and the time would grow with the square of its size. Equal names are always found.
const MAX_COMPARED: usize = 2_000;

/// All names of all Markdown files.
pub(super) struct Catalog<'a> {
    site: &'a Site,
    /// Files by folded name. Without landing pages, because every folder has one with the same name.
    files: StringMap<Notes>,
    /// Notes by folded title, alias and id.
    titles: StringMap<Notes>,
    /// All keys of both tables.
    keys: PackedStrings,
    /// For each key the set of its letters, a pre-filter for the edit distance, and its note.
    letters: Vec<(u32, NoteId)>,
    /// The results of [`Catalog::nearest`]: many links of a base want the same missing note.
    known: RefCell<FxHashMap<String, Option<NoteId>>>,
}

impl<'a> Catalog<'a> {
    /// Builds the tables.
    pub(super) fn new(site: &'a Site) -> Catalog<'a> {
        let (files, titles) = (StringMap::default(), StringMap::default());
        let mut catalog = Catalog {
            site,
            files,
            titles,
            keys: PackedStrings::default(),
            letters: Vec::new(),
            known: RefCell::default(),
        };
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

    fn add(&mut self, key: &str, note: NoteId) {
        self.keys.push(key);
        self.letters.push((letters(key), note));
    }

    /// The files with the same file name as `path`.
    pub(super) fn same_file_name(&self, path: &str) -> &[NoteId] {
        self.files.get(&file_key(path)).map_or(&[], Notes::as_slice)
    }

    /// The notes with this title, alias or id.
    pub(super) fn named(&self, name: &str) -> &[NoteId] {
        self.titles.get(&name_key(name)).map_or(&[], Notes::as_slice)
    }

    /// The note with the shortest name that holds the words of `name` or shares its beginning. If there is none, the note with
    /// the file name, title or alias most similar to `name`: at most a quarter of the letters differ. Names of less than
    /// [`SHORTEST_DISTANT`] letters are similar to none. The first [`MAX_COMPARED`] names are compared.
    pub(super) fn nearest(&self, name: &str) -> Option<NoteId> {
        let wanted = name_key(name);
        if let Some(&known) = self.known.borrow().get(&wanted) {
            return known;
        }
        if self.known.borrow().len() >= MAX_COMPARED {
            return self.named(name).first().copied();
        }
        let found = self.holding(&wanted).or_else(|| self.similar(&wanted));
        self.known.borrow_mut().insert(wanted, found);
        found
    }

    fn similar(&self, wanted: &str) -> Option<NoteId> {
        let (length, own) = (wanted.chars().count(), letters(wanted));
        if length < SHORTEST_DISTANT {
            return None;
        }
        let near = self.keys.iter().zip(&self.letters).filter_map(|(key, (set, note))| {
            let allowed = length.max(key.chars().count()) / 4;
            // One edit changes at most two bits of the letter set, so a larger difference rules out the key without
            // computing the distance.
            if (set ^ own).count_ones() as usize > 2 * allowed || length.abs_diff(key.chars().count()) > allowed {
                return None;
            }
            Some(strsim::osa_distance(wanted, key)).filter(|d| *d <= allowed).map(|d| (d, *note))
        });
        near.min().map(|(_, note)| note)
    }

    /// The note with the shortest name that holds these words or begins with them, or that is most of their beginning.
    fn holding(&self, words: &str) -> Option<NoteId> {
        let begins = |key: &str| key.starts_with(words) || words.starts_with(key) && key.len() * 3 >= words.len() * 2;
        let long_enough = words.chars().count() >= MIN_HELD;
        let is_near = |key: &str| key.chars().count() >= MIN_HELD && (begins(key) || holds_words(key, words));
        // A name that holds another one has all of its letters: rules out most keys without reading them.
        let own = letters(words);
        let may_be = |set: u32| own & !set == 0 || set & !own == 0;
        let all =
            self.keys.iter().zip(&self.letters).filter(|(key, (set, _))| long_enough && may_be(*set) && is_near(key));
        all.map(|(key, (_, note))| (key.len(), *note)).min().map(|(_, note)| note)
    }

    /// The title of a note.
    pub(super) fn title(&self, note: NoteId) -> String {
        self.site.note(note).title.clone()
    }

    /// The destination of a note in the style of the destination `old`.
    pub(super) fn destination(&self, from: NoteId, to: NoteId, old: &str) -> String {
        in_style(self.site.note(from).folder(), self.site.path(to), old)
    }
}

/// The folded file name of a path without its extension.
fn file_key(path: &str) -> String {
    name_key(bare_name(path))
}

/// The set of bytes in a key, as a bit mask by the lowest five bits of each byte.
fn letters(key: &str) -> u32 {
    key.bytes().fold(0, |set, b| set | 1 << (b % 32))
}

/// The maximum number of suggestions.
pub(super) const SUGGESTED: usize = 3;

/// A question with the suggestions: "did you mean `a` or `b`?"
pub(super) fn did_you_mean(options: &[String]) -> String {
    let quoted: Vec<String> = options.iter().take(SUGGESTED).map(|o| format!("`{o}`")).collect();
    format!("did you mean {}?", quoted.join(" or "))
}
