//! Resolution of wikilinks, in Obsidian's order: path, file name, id, title, alias. The first step with a match
//! determines the target.
//!
//! `[[deck/winch]]` in `yard/crane.md`: no file has the path `deck/winch.md`, so all files whose path ends in
//! `/deck/winch.md` are candidates, for example `ship/deck/winch.md` and `yard/deck/winch.md`. Neither is in the root
//! folder; `yard/deck/winch.md` has the path relative to the folder of the linking note and is the target. The other
//! file makes the link ambiguous.

use super::crowd::{CROWD, Candidates};
use super::names::Files;
use super::{Ambiguity, Fault, Resolved, Resolver, Target};
use crate::note::markdown::{Link, LinkSyntax};
use crate::note::{file_name, folder_of, stem_of};
use crate::text::diagnostic::MAX_RELATED;
use crate::text::ids::NoteId;
use crate::text::paths::{join_path, nfc};
use crate::text::slug::link_key;
use crate::text::source::FileId;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::sync::Arc;

/// Maximum number of `#` at which a link is split. Without this limit, a link that consists of `#` takes quadratic
/// time.
const MAX_CUTS: usize = 8;

/// A name to resolve.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// The note that contains the link.
    from: NoteId,
    /// The name as written in the link.
    name: &'a str,
    /// Its [`link_key`].
    key: &'a str,
    /// Whether notes of type alias are excluded from the candidates.
    skips_aliases: bool,
}

/// The property that a name is compared with. Part of the cache key of [`Resolver::candidates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Path,
    File,
    Id,
    Title,
    Alias,
    Folder,
}

/// The possible splits of a wikilink into name and fragment, longest name first: the whole text without a fragment,
/// then a split at each `#`.
fn cuts(dest: &str) -> impl Iterator<Item = (&str, &str)> {
    let cut = move |at: usize| (dest[..at].trim(), dest[at + 1..].trim());
    let last = dest.rmatch_indices('#').take(MAX_CUTS).map(|(at, _)| at);
    [(dest, "")].into_iter().chain(last.chain(dest.find('#')).map(cut))
}

/// Whether the last components of a path are `end`.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

impl Resolver<'_> {
    /// Resolves the destination of a wikilink or embed.
    pub(super) fn wiki(&self, from: NoteId, dest: &str) -> Resolved {
        for (name, fragment) in cuts(dest) {
            let found = match name {
                "" => Some(Resolved::plain(Target::Note(from))),
                _ => self.wiki_name(from, name),
            };
            if let Some(found) = found {
                return Resolved { fragment: fragment.to_string(), ..found };
            }
        }
        // For the message: `[[J#]]` names the missing note `J#`, not `J` with an empty fragment.
        let (name, fragment) = dest.split_once('#').filter(|(_, f)| !f.trim().is_empty()).unwrap_or((dest, ""));
        let missing = Target::Broken(Fault::Missing(name.trim().to_string()));
        Resolved { fragment: fragment.trim().to_string(), ..Resolved::plain(missing) }
    }

    /// The notes with a wikilink or embed whose name may be one of `keys`, each a [`link_key`].
    pub(crate) fn notes_linking_by_name(&self, keys: &FxHashSet<String>) -> Vec<NoteId> {
        let names_one = |link: &Link| {
            matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed)
                && cuts(link.dest.trim()).any(|(name, _)| keys.contains(&link_key(name)))
        };
        let notes = self.notes.iter_enumerated();
        notes.filter(|(_, note)| note.doc.links.iter().any(names_one)).map(|(i, _)| i).collect()
    }

    /// The target of a name in a note; `None` if no note, draft or static file has it. In an alias note, other alias
    /// notes are the last choice, because an alias of an alias is an error.
    fn wiki_name(&self, from: NoteId, name: &str) -> Option<Resolved> {
        let key = link_key(name);
        let wanted = Wanted { from, name, key: &key, skips_aliases: self.is_alias(from) };
        let found = self.find(wanted);
        let any = || self.find(Wanted { skips_aliases: false, ..wanted });
        found.or_else(|| any().filter(|_| wanted.skips_aliases)).or_else(|| self.draft_or_static(name, &key))
    }

    fn find(&self, wanted: Wanted<'_>) -> Option<Resolved> {
        let names = self.names;
        let found = match wanted.key.contains('/') {
            true => self.by_path(wanted),
            false => self.by_file_name(wanted),
        };
        let tables = [(Step::Id, &names.ids), (Step::Title, &names.titles), (Step::Alias, &names.aliases)];
        let by_name = || {
            tables
                .into_iter()
                .find_map(|(step, table)| self.pick(wanted, step, || Some(Cow::from(&**table.get(wanted.key)?))))
        };
        found.or_else(by_name).or_else(|| self.by_folder(wanted))
    }

    /// Step 1, for names with a slash: a path. `./` and `../` are relative to the note, a leading `/` is the content
    /// folder; any other path is relative to the content folder or the end of a longer path.
    fn by_path(&self, wanted: Wanted<'_>) -> Option<Resolved> {
        let name = nfc(wanted.name);
        let is_relative = ["./", "../"].iter().any(|dots| name.starts_with(dots));
        let folder = if is_relative { self.folder(wanted.from) } else { Cow::from("") };
        let whole = join_path(&folder, &name).and_then(|path| self.at_path(wanted, &path));
        if whole.is_some() || is_relative || name.starts_with('/') {
            return whole;
        }
        let ends = [wanted.key, stem_of(wanted.key)];
        let by_end = |end: &str| {
            let notes = self.names.ending_with(self.notes, end).iter().map(|(_, note)| *note);
            self.pick(wanted, Step::Path, || Some(self.fewest_folders_first(notes.collect()).into()))
        };
        by_end(ends[0]).or_else(|| by_end(ends[1]).filter(|_| ends[0] != ends[1])).or_else(|| {
            let files = self.names.asset_names.get(file_name(wanted.key))?;
            let is_it = |file: &FileId| ends_with(&link_key(self.path_of_file(*file)), wanted.key);
            self.pick_file(wanted, &files.iter().copied().filter(is_it).collect::<Files>())
        })
    }

    /// The file at a path relative to the content folder, with or without `.md`. If several paths differ only in letter
    /// case, an exact match takes precedence over the first by path.
    fn at_path(&self, wanted: Wanted<'_>, path: &str) -> Option<Resolved> {
        let (names, key) = (self.names, link_key(path));
        let exact = |path: &str| {
            let note = names.stems.get(path).map(|&note| Target::Note(note));
            note.or_else(|| names.assets.get(path).map(|&file| Target::Asset(file)))
        };
        let folded = |path: &str| names.spelled(path).and_then(|path| exact(stem_of(path)).or_else(|| exact(path)));
        let target = exact(path)
            .or_else(|| exact(stem_of(path)))
            .or_else(|| folded(&format!("{key}.md")))
            .or_else(|| folded(&format!("{}.md", stem_of(&key))))
            .or_else(|| folded(&key).filter(|target| matches!(target, Target::Asset(_))));
        let Some(target) = target else {
            let several = names.has_several_spellings(&format!("{}.md", stem_of(&key)));
            return several.then(|| self.pick(wanted, Step::Path, || Some(self.spellings(&key).into()))).flatten();
        };
        let is_skipped = matches!(target, Target::Note(note) if wanted.skips_aliases && self.is_alias(note));
        (!is_skipped).then(|| Resolved::plain(target))
    }

    /// The Markdown files with this path relative to the content folder, ignoring case.
    fn spellings(&self, key: &str) -> Vec<NoteId> {
        let depth = key.matches('/').count();
        let all = self.names.ending_with(self.notes, stem_of(key)).iter().map(|(_, note)| *note);
        let whole = all.filter(|&note| usize::from(self.names.depth(note)) == depth);
        self.fewest_folders_first(whole.collect())
    }

    /// Step 2: a file name, with or without `.md`. A name with an extension can also be that of a non-Markdown file.
    fn by_file_name(&self, wanted: Wanted<'_>) -> Option<Resolved> {
        let names = self.names;
        let of_note = |key: &str| self.pick(wanted, Step::File, || Some(Cow::from(&**names.file_names.get(key)?)));
        let note = || {
            let bare = stem_of(wanted.key);
            of_note(wanted.key).or_else(|| of_note(bare).filter(|_| bare != wanted.key))
        };
        let file = || self.pick_file(wanted, names.asset_names.get(wanted.key)?);
        // `[[chart.png]]` is most likely the image, even if a note `chart.png.md` exists; `[[chart]]` is the note.
        match wanted.key.contains('.') {
            true => file().or_else(note),
            false => note().or_else(file),
        }
    }

    /// Last step: a folder, which resolves to its landing page.
    fn by_folder(&self, wanted: Wanted<'_>) -> Option<Resolved> {
        let key = wanted.key.trim_matches('/');
        let of_name = self.names.folder_names.get(file_name(key))?;
        let is_it = |note: &NoteId| ends_with(&link_key(self.notes[*note].folder()), key);
        let is_path = key.contains('/');
        self.pick(wanted, Step::Folder, || {
            Some(of_name.iter().copied().filter(|note| !is_path || is_it(note)).collect::<Vec<_>>().into())
        })
    }

    /// A draft with this name, or a file of the static folder.
    fn draft_or_static(&self, name: &str, key: &str) -> Option<Resolved> {
        let end = key.rsplit("../").next().unwrap_or(key).trim_start_matches(['.', '/']);
        if [key, end, stem_of(end)].iter().any(|key| self.names.draft_names.contains_key(key)) {
            return Some(Resolved::plain(Target::Draft));
        }
        let path = nfc(name);
        self.names.static_files.contains_key(&path).then(|| Resolved::plain(Target::Static(path.into_owned())))
    }

    /// Selects one of the notes that a step found, in this order: one in the root folder, one in the folder of the
    /// linking note, the one with the fewest parent folders, the first by path. `notes` returns them in the order of
    /// the last two criteria.
    fn pick<'n>(
        &self,
        wanted: Wanted<'_>,
        step: Step,
        notes: impl FnOnce() -> Option<Cow<'n, [NoteId]>>,
    ) -> Option<Resolved> {
        let notes = notes()?;
        if let [only] = *notes {
            let is_skipped = wanted.skips_aliases && self.is_alias(only);
            return (!is_skipped).then(|| Resolved::plain(Target::Note(only)));
        }
        let found = self.candidates(wanted, step, &notes);
        let &first = found.notes.first()?;
        let own = self.folder(wanted.from);
        let at_root = || Some(first).filter(|&note| self.names.depth(note) == 0);
        let relative = || {
            let path = join_path(&own, stem_of(&nfc(wanted.name)))?;
            let note = *self.names.stems.get(&path)?;
            (step == Step::Path && found.notes.contains(&note)).then_some(note)
        };
        let near = at_root().or_else(|| found.in_folder(self.notes, &own));
        let taken = near.or_else(relative).unwrap_or(first);
        let taken = self.spelled_so(wanted, step, taken).unwrap_or(taken);
        Some(Resolved { ambiguous: found.beside(taken, self.notes), ..Resolved::plain(Target::Note(taken)) })
    }

    /// Among files of one folder whose names differ only in letter case, the one that has the spelling of the link.
    fn spelled_so(&self, wanted: Wanted<'_>, step: Step, taken: NoteId) -> Option<NoteId> {
        let name = nfc(file_name(wanted.name));
        let is_file = matches!(step, Step::Path | Step::File);
        let stem = nfc(&self.notes[taken].stem);
        if !is_file || file_name(&stem) == stem_of(&name) {
            return None;
        }
        let path = join_path(folder_of(&stem), stem_of(&name))?;
        let note = *self.names.stems.get(&path)?;
        (!(wanted.skips_aliases && self.is_alias(note))).then_some(note)
    }

    /// The notes that a name can refer to, with one note for each concept.
    fn candidates(&self, wanted: Wanted<'_>, step: Step, notes: &[NoteId]) -> Arc<Candidates> {
        let distinct = |by_folder| {
            let mut seen = FxHashSet::default();
            // Aliases are not followed from an alias note: `Resolver::alias_target` would not terminate for two aliases
            // that refer to each other.
            let is_new = |&note: &NoteId| match self.is_alias(wanted.from) {
                true => !(wanted.skips_aliases && self.is_alias(note)),
                false => seen.insert(self.alias_target(note).unwrap_or(note)),
            };
            let notes = notes.iter().copied().filter(is_new).collect();
            Arc::new(Candidates::new(notes, self.notes, by_folder))
        };
        if notes.len() <= CROWD {
            return distinct(false);
        }
        let key = format!("{step:?} {} {}", wanted.skips_aliases, wanted.key);
        self.crowds.get(&key, self.is_alias(wanted.from), || distinct(true))
    }

    /// As [`Resolver::pick`], for non-Markdown files.
    fn pick_file(&self, wanted: Wanted<'_>, files: &[FileId]) -> Option<Resolved> {
        let &first = files.first()?;
        let own = self.folder(wanted.from);
        let name = nfc(wanted.name);
        let folder = |file: FileId| nfc(folder_of(self.path_of_file(file)));
        let at = |path: Option<String>| self.names.assets.get(&path?).copied().filter(|file| files.contains(file));
        let near = || {
            let spelled = || at(join_path(&own, file_name(&name)));
            files.iter().copied().take(CROWD).find(|&file| folder(file) == own).or_else(spelled)
        };
        let relative = || at(join_path(&own, &name));
        let taken = match folder(first).is_empty() {
            true => first,
            false => near().or_else(relative).unwrap_or(first),
        };
        let taken = at(join_path(&folder(taken), file_name(&name))).unwrap_or(taken);
        let others = files.iter().copied().filter(|&file| file != taken).take(MAX_RELATED).collect();
        let ambiguous = Ambiguity { first: others, count: files.len() - 1 };
        let ambiguous = Some(Box::new(ambiguous)).filter(|others| others.count > 0);
        Some(Resolved { ambiguous, ..Resolved::plain(Target::Asset(taken)) })
    }

    fn fewest_folders_first(&self, mut notes: Vec<NoteId>) -> Vec<NoteId> {
        notes.sort_by_key(|&note| (self.names.depth(note), note));
        notes
    }

    fn folder(&self, note: NoteId) -> Cow<'_, str> {
        nfc(self.notes[note].folder())
    }

    fn path_of_file(&self, file: FileId) -> &str {
        &self.vault.file(file).path
    }
}
