//! The lookup tables for links: paths, ids, titles, aliases, file names.

use crate::base::index::NoteIndex;
use crate::base::vault::Vault;
use crate::note::{Kind, Note, file_name};
use crate::text::packed::StringMap;
use crate::text::slug::{name_key, nfc, path_key};
use crate::text::source::FileId;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// The notes with the same name, in path order.
pub(crate) type Notes = SmallVec<[NoteIndex; 4]>;

/// The lookup tables of a base. Paths are in NFC.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The Markdown files by path without `.md`.
    pub stems: StringMap<NoteIndex>,
    /// The assets by path.
    pub assets: StringMap<FileId>,
    /// The paths of drafts without `.md`.
    pub drafts: StringMap<()>,
    /// The paths of static files.
    pub static_files: StringMap<()>,
    /// The spelling of all paths of notes and assets, by the path in lower case.
    folded: StringMap<Spelling>,
    /// The landing pages by folder.
    pub landings: StringMap<NoteIndex>,
    /// The notes by id.
    pub ids: StringMap<Notes>,
    /// The notes by folded title.
    pub titles: StringMap<Notes>,
    /// The notes by folded alias.
    pub aliases: StringMap<Notes>,
    /// The Markdown files by folded file name.
    pub file_names: StringMap<Notes>,
    /// The assets by file name.
    pub asset_names: StringMap<SmallVec<[FileId; 4]>>,
    /// The folded names of drafts.
    pub draft_names: StringMap<()>,
}

/// The spelling of a path, compared with its lower-case form.
#[derive(Debug)]
enum Spelling {
    /// Equal to the lower-case form.
    Folded,
    /// A different spelling.
    Other(String),
    /// Several paths with different spellings.
    Several,
}

impl Names {
    /// Builds the tables.
    pub(crate) fn new(vault: &Vault, notes: &[Note], drafts: &[Note], static_files: &[String]) -> Names {
        let mut names = Names::default();
        for (i, note) in notes.iter().enumerate() {
            names.note(i as NoteIndex, note);
        }
        // Unreadable files and files outside of the content are missing for links.
        for (id, file) in vault.usable_assets() {
            let path = nfc(&file.path);
            names.asset_names.or_default(file_name(&path)).push(id);
            names.fold(&path);
            names.assets.insert(&path, id);
        }
        for draft in drafts {
            names.drafts.insert(&nfc(&draft.stem), ());
            let own = [Some(draft.title.as_str()), draft.head.id.as_deref(), Some(file_name(&draft.stem))];
            for name in own.into_iter().flatten().chain(draft.head.aliases.iter().map(String::as_str)) {
                names.draft_names.insert(&name_key(name), ());
            }
        }
        static_files.iter().for_each(|file| names.static_files.insert(&nfc(file), ()));
        names
    }

    fn note(&mut self, i: NoteIndex, note: &Note) {
        let stem = nfc(&note.stem);
        self.file_names.or_default(&name_key(file_name(&stem))).push(i);
        if note.kind == Kind::Landing {
            self.landings.insert(&nfc(note.folder()), i);
        }
        if let Some(id) = &note.head.id {
            self.ids.or_default(id).push(i);
        }
        if note.kind != Kind::Alias {
            self.titles.or_default(&name_key(&note.title)).push(i);
        }
        for alias in &note.head.aliases {
            self.aliases.or_default(&name_key(alias)).push(i);
        }
        self.fold(&format!("{stem}.md"));
        self.stems.insert(&stem, i);
    }

    /// Updates the title of a note.
    pub(crate) fn retitle(&mut self, i: NoteIndex, before: &str, now: &str) {
        let before = name_key(before);
        let others: Notes = self.titles.remove(&before).into_iter().flatten().filter(|&note| note != i).collect();
        if !others.is_empty() {
            self.titles.insert(&before, others);
        }
        let notes = self.titles.or_default(&name_key(now));
        notes.insert(notes.partition_point(|&note| note < i), i);
    }

    fn fold(&mut self, path: &str) {
        let key = path_key(path);
        let spelling = || if key == path { Spelling::Folded } else { Spelling::Other(path.to_string()) };
        let known = self.folded.or_insert_with(&key, spelling);
        let is_same = match known {
            Spelling::Folded => key == path,
            Spelling::Other(other) => other == path,
            Spelling::Several => true,
        };
        if !is_same {
            *known = Spelling::Several;
        }
    }

    /// The path whose lower-case form is `folded`. `None` if there is none or more than one.
    pub(crate) fn spelled<'a>(&'a self, folded: &'a str) -> Option<&'a str> {
        match self.folded.get(folded)? {
            Spelling::Folded => Some(folded),
            Spelling::Other(path) => Some(path),
            Spelling::Several => None,
        }
    }

    /// The notes with a name, in the order of precedence: by id, title, alias and file name.
    pub(crate) fn tables(&self, name: &str) -> [Option<&Notes>; 4] {
        let key = name_key(name);
        [self.ids.get(name.trim()), self.titles.get(&key), self.aliases.get(&key), self.file_names.get(&key)]
    }

    /// The notes of several tables in order, without repetitions.
    pub(crate) fn united(tables: &[Option<&Notes>]) -> Vec<NoteIndex> {
        let mut seen = FxHashSet::default();
        tables.iter().copied().flatten().flatten().copied().filter(|&note| seen.insert(note)).collect()
    }
}
