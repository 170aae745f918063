//! The lookup tables for links: paths, ids, titles, aliases, file names.

use crate::base::vault::Vault;
use crate::note::{Kind, Note, file_name, folder_of};
use crate::text::ids::{IndexVec, NoteId};
use crate::text::packed::StringMap;
use crate::text::paths::{nfc, path_key};
use crate::text::slug::link_key;
use crate::text::source::FileId;
use smallvec::SmallVec;
use std::sync::OnceLock;

/// The notes with one name: fewest folders first, then in path order.
pub(crate) type Notes = SmallVec<[NoteId; 4]>;
/// The assets with one name, in the same order.
pub(crate) type Files = SmallVec<[FileId; 4]>;

/// The lookup tables of a base. Paths are in NFC.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The Markdown files by path without `.md`.
    pub stems: StringMap<NoteId>,
    /// The assets by path.
    pub assets: StringMap<FileId>,
    /// The paths of drafts without `.md`.
    pub drafts: StringMap<()>,
    /// The paths of static files.
    pub static_files: StringMap<()>,
    /// Folders that hold notes, without a slash at the end.
    pub folders: StringMap<()>,
    /// Anything above by its path with letter case folded; folders with a slash at the end.
    folded: StringMap<Spelling>,
    /// The landing pages by folder.
    pub landings: StringMap<NoteId>,
    /// Notes by id. The keys of this and all tables below are [`link_key`]s.
    pub ids: StringMap<Notes>,
    /// Notes by title.
    pub titles: StringMap<Notes>,
    /// Notes by alias.
    pub aliases: StringMap<Notes>,
    /// Markdown files by file name without `.md`.
    pub file_names: StringMap<Notes>,
    /// Pages of folders by the last part of the folder's path.
    pub folder_names: StringMap<Notes>,
    /// Other files by file name.
    pub asset_names: StringMap<Files>,
    /// Names of drafts: ids, titles, aliases, ends of their paths.
    pub draft_names: StringMap<()>,
    /// How many folders each note is in.
    depths: IndexVec<NoteId, u16>,
    /// The paths of Markdown files without `.md`, backwards and in order. Built when a link first needs it.
    backwards: OnceLock<Vec<(Box<[u8]>, NoteId)>>,
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
    pub(crate) fn new(
        vault: &Vault,
        notes: &IndexVec<NoteId, Note>,
        drafts: &[Note],
        static_files: &[String],
    ) -> Names {
        let mut names = Names::default();
        for (i, note) in notes.iter_enumerated() {
            names.note(i, note);
        }
        // Unreadable files and files outside of the content are missing for links.
        for (id, file) in vault.usable_assets() {
            let path = nfc(&file.path);
            names.asset_names.or_default(&link_key(file_name(&path))).push(id);
            names.fold(&path);
            names.assets.insert(&path, id);
        }
        names.fewest_folders_first(vault);
        for draft in drafts {
            let stem = nfc(&draft.stem);
            names.drafts.insert(&stem, ());
            let own = [Some(draft.title.as_str()), draft.head.id.as_deref()];
            let ends = stem.match_indices('/').map(|(slash, _)| &stem[slash + 1..]).chain([&*stem]);
            for name in own.into_iter().flatten().chain(draft.head.aliases.iter().map(String::as_str)).chain(ends) {
                names.draft_names.insert(&link_key(name), ());
            }
        }
        static_files.iter().for_each(|file| names.static_files.insert(&nfc(file), ()));
        names
    }

    fn note(&mut self, i: NoteId, note: &Note) {
        let stem = nfc(&note.stem);
        self.depths.push(depth(&stem));
        self.file_names.or_default(&link_key(file_name(&stem))).push(i);
        let folder = nfc(note.folder());
        if note.kind == Kind::Landing {
            self.landings.insert(&folder, i);
        }
        let is_folder_page = note.kind == Kind::Landing || note.is_note() && is_landing_name(&stem);
        if is_folder_page && !folder.is_empty() {
            self.folder_names.or_default(&link_key(file_name(&folder))).push(i);
        }
        if let Some(id) = &note.head.id {
            self.ids.or_default(&link_key(id)).push(i);
        }
        if note.kind != Kind::Alias {
            self.titles.or_default(&link_key(&note.title)).push(i);
        }
        for alias in &note.head.aliases {
            self.aliases.or_default(&link_key(alias)).push(i);
        }
        let mut above = &*folder;
        while !above.is_empty() && !self.folders.contains_key(above) {
            self.folders.insert(above, ());
            self.fold(&format!("{above}/"));
            above = folder_of(above);
        }
        self.fold(&format!("{stem}.md"));
        // Of `a.markdown` and `a.md` the first keeps the name.
        self.stems.or_insert_with(&stem, || i);
    }

    /// Sorts the notes and assets of each name by the number of folders, then by path.
    fn fewest_folders_first(&mut self, vault: &Vault) {
        let depths = &self.depths;
        for table in [&mut self.ids, &mut self.titles, &mut self.aliases, &mut self.file_names, &mut self.folder_names]
        {
            for notes in table.values_mut().filter(|notes| notes.len() > 1) {
                notes.sort_by_key(|&note| depths[note]);
                notes.dedup();
            }
        }
        for files in self.asset_names.values_mut().filter(|files| files.len() > 1) {
            files.sort_by_cached_key(|&file| depth(&vault.file(file).path));
        }
    }

    /// Whether a note has this name, a [`link_key`], as id, title, alias or file name.
    pub(crate) fn is_name(&self, key: &str) -> bool {
        [&self.ids, &self.titles, &self.aliases, &self.file_names].iter().any(|table| table.contains_key(key))
    }

    /// The number of folders above a note.
    pub(crate) fn depth(&self, note: NoteId) -> u16 {
        self.depths[note]
    }

    /// Updates the title of a note.
    pub(crate) fn retitle(&mut self, i: NoteId, before: &str, now: &str) {
        let before = link_key(before);
        let others: Notes = self.titles.remove(&before).into_iter().flatten().filter(|&note| note != i).collect();
        if !others.is_empty() {
            self.titles.insert(&before, others);
        }
        let place = |note: NoteId| (self.depths[note], note);
        let notes = self.titles.or_default(&link_key(now));
        notes.insert(notes.partition_point(|&note| place(note) < place(i)), i);
    }

    /// The Markdown files whose path without `.md` is `end` or ends with `/` and `end`, a [`link_key`].
    ///
    /// The paths are compared backwards, so that the files are one stretch of a sorted list: however many files share a
    /// name, a link costs two binary searches.
    pub(crate) fn ending_with(&self, notes: &IndexVec<NoteId, Note>, end: &str) -> &[(Box<[u8]>, NoteId)] {
        // The slash before the whole path makes the path from the content folder an end like any other.
        let reversed = |path: &str| path.bytes().rev().chain([b'/']).collect::<Box<[u8]>>();
        let all = self.backwards.get_or_init(|| {
            let mut all: Vec<_> =
                notes.iter_enumerated().map(|(i, note)| (reversed(&link_key(&note.stem)), i)).collect();
            all.sort_unstable();
            all
        });
        let end = reversed(end);
        let start = all.partition_point(|(path, _)| *path < end);
        let count = all[start..].partition_point(|(path, _)| path.starts_with(&end));
        &all[start..start + count]
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

    /// Whether several paths are this one with letter case folded.
    pub(crate) fn has_several_spellings(&self, folded: &str) -> bool {
        matches!(self.folded.get(folded), Some(Spelling::Several))
    }

    /// The path that is this one with letter case folded, if there is just one.
    pub(crate) fn spelled<'a>(&'a self, folded: &'a str) -> Option<&'a str> {
        match self.folded.get(folded)? {
            Spelling::Folded => Some(folded),
            Spelling::Other(path) => Some(path),
            Spelling::Several => None,
        }
    }
}

/// The number of folders in a path.
fn depth(path: &str) -> u16 {
    path.bytes().filter(|&b| b == b'/').count().min(usize::from(u16::MAX)) as u16
}

/// Whether a Markdown file of this path without `.md` is the page of its folder.
fn is_landing_name(stem: &str) -> bool {
    matches!(file_name(stem), "_index" | "index" | "README")
}
