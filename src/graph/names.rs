//! The tables in which links are looked up: paths, ids, titles, aliases, file names.

use crate::id::{name_key, nfc, path_key};
use crate::index::NoteIndex;
use crate::note::{Kind, Note, file_name};
use crate::source::FileId;
use crate::vault::Vault;
use rustc_hash::{FxHashMap, FxHashSet};

/// Lookup tables over one base. Paths are in NFC.
#[derive(Debug, Default)]
pub struct Names {
    /// Markdown files by path without `.md`.
    pub stems: FxHashMap<String, NoteIndex>,
    /// Other files by path.
    pub assets: FxHashMap<String, FileId>,
    /// Paths of drafts without `.md`.
    pub drafts: FxHashSet<String>,
    /// Paths of files of the static folder.
    pub static_files: FxHashSet<String>,
    /// Anything above by its path with letter case folded: the right spelling; empty where several fold alike.
    pub folded: FxHashMap<String, String>,
    /// Landing pages by folder.
    pub landings: FxHashMap<String, NoteIndex>,
    /// Notes by id.
    pub ids: FxHashMap<String, Vec<NoteIndex>>,
    /// Notes by folded title.
    pub titles: FxHashMap<String, Vec<NoteIndex>>,
    /// Notes by folded alias.
    pub aliases: FxHashMap<String, Vec<NoteIndex>>,
    /// Markdown files by folded file name.
    pub file_names: FxHashMap<String, Vec<NoteIndex>>,
    /// Other files by file name.
    pub asset_names: FxHashMap<String, Vec<FileId>>,
    /// Folded names of drafts.
    pub draft_names: FxHashSet<String>,
}

impl Names {
    /// Fills the tables.
    pub fn new(vault: &Vault, notes: &[Note], drafts: &[Note], static_files: &[String]) -> Names {
        let mut names = Names::default();
        for (i, note) in notes.iter().enumerate() {
            names.note(i as NoteIndex, note);
        }
        // What leads out of the content, cannot be read or cannot be written is not there for links.
        for (id, file) in vault.usable_assets() {
            let path = nfc(&file.path);
            names.asset_names.entry(file_name(&path).to_string()).or_default().push(id);
            names.fold(&path);
            names.assets.insert(path, id);
        }
        for draft in drafts {
            names.drafts.insert(nfc(&draft.stem));
            let own = [Some(draft.title.as_str()), draft.head.id.as_deref(), Some(file_name(&draft.stem))];
            names
                .draft_names
                .extend(own.into_iter().flatten().chain(draft.head.aliases.iter().map(String::as_str)).map(name_key));
        }
        names.static_files = static_files.iter().map(|f| nfc(f)).collect();
        names
    }

    fn note(&mut self, i: NoteIndex, note: &Note) {
        let stem = nfc(&note.stem);
        self.file_names.entry(name_key(file_name(&stem))).or_default().push(i);
        if note.kind == Kind::Landing {
            self.landings.insert(nfc(note.folder()), i);
        }
        if let Some(id) = &note.head.id {
            self.ids.entry(id.clone()).or_default().push(i);
        }
        if note.kind != Kind::Alias {
            self.titles.entry(name_key(&note.title)).or_default().push(i);
        }
        for alias in &note.head.aliases {
            self.aliases.entry(name_key(alias)).or_default().push(i);
        }
        self.fold(&format!("{stem}.md"));
        self.stems.insert(stem, i);
    }

    /// A note has another title than before.
    pub fn retitle(&mut self, i: NoteIndex, before: &str, now: &str) {
        let before = name_key(before);
        if let Some(notes) = self.titles.get_mut(&before) {
            notes.retain(|&note| note != i);
            if notes.is_empty() {
                self.titles.remove(&before);
            }
        }
        let notes = self.titles.entry(name_key(now)).or_default();
        notes.insert(notes.partition_point(|&note| note < i), i);
    }

    fn fold(&mut self, path: &str) {
        let folded = self.folded.entry(path_key(path)).or_insert_with(|| path.to_string());
        if folded != path {
            folded.clear();
        }
    }

    /// The notes that a name may mean: by id, title, alias and file name, in this order, each once.
    pub fn named(&self, name: &str) -> Vec<NoteIndex> {
        let key = name_key(name);
        let mut found = Vec::new();
        for table in
            [self.ids.get(name.trim()), self.titles.get(&key), self.aliases.get(&key), self.file_names.get(&key)]
        {
            for &note in table.into_iter().flatten() {
                if !found.contains(&note) {
                    found.push(note);
                }
            }
        }
        found
    }
}
