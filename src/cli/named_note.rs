//! Finds the note that an argument names: by id, path, title, alias or file name.

use super::Failure;
use crate::base::site::Site;
use crate::check::report::visible;
use crate::note::{Note, file_name, stem_of};
use crate::text::ids::NoteId;
use crate::text::slug::{name_key, nearest};
use crate::workspace::Location;
use std::path::Path;

/// The most notes that an error lists.
const MAX_LISTED: usize = 5;

/// Whether a note has a name, given as a [`name_key`].
type HasName = fn(&Note, &str) -> bool;

/// The kinds of names, in the order in which they are tried.
const KINDS: [HasName; 4] = [
    |note, name| note.head.id.as_deref().is_some_and(|id| name_key(id) == name),
    |note, name| name_key(&note.title) == name,
    |note, name| note.head.aliases.iter().any(|alias| name_key(alias) == name),
    |note, name| name_key(file_name(&note.stem)) == name,
];

/// The note with this path, id, title, alias or file name. A path is relative to the content folder or to the current
/// folder. Letter case is ignored except in paths.
///
/// # Errors
/// No note or several notes have the name.
pub(super) fn find_note(site: &Site, location: &Location, name: &str) -> Result<NoteId, Failure> {
    let from_here = path_in_content(&location.content, name);
    for path in [Some(name), from_here.as_deref()].into_iter().flatten() {
        if let Some((note, _)) = site.concepts().find(|(_, note)| note.stem == stem_of(path)) {
            return Ok(note);
        }
    }
    let key = name_key(name);
    for has_name in KINDS {
        let found: Vec<NoteId> = site.concepts().filter(|(_, note)| has_name(note, &key)).map(|(i, _)| i).collect();
        match found.as_slice() {
            [] => {}
            &[note] => return Ok(note),
            several => return Err(Failure::Unable(ambiguous(site, name, several))),
        }
    }
    Err(Failure::Unable(unknown(site, name)))
}

/// A path relative to the current folder as a path relative to the content folder. `None` if it leads elsewhere.
fn path_in_content(content: &Path, path: &str) -> Option<String> {
    let (content, path) = (std::path::absolute(content).ok()?, std::path::absolute(path).ok()?);
    let parts: Option<Vec<&str>> = path.strip_prefix(content).ok()?.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

fn ambiguous(site: &Site, name: &str, notes: &[NoteId]) -> String {
    let paths: Vec<String> =
        notes.iter().take(MAX_LISTED).map(|&note| format!("`{}`", visible(site.path(note)))).collect();
    let more = if notes.len() > MAX_LISTED { " and more" } else { "" };
    format!("{} notes are called `{}`; give the path of one: {}{more}", notes.len(), visible(name), paths.join(", "))
}

fn unknown(site: &Site, name: &str) -> String {
    let names = site.concepts().flat_map(|(i, note)| [&site.graph.keys[i], note.title.as_str()]);
    let near = nearest(name, names);
    let advice = near.map_or_else(
        || "give its id, title, alias or path; `canon graph` lists all ids".to_string(),
        |near| format!("did you mean `{}`?", visible(near)),
    );
    format!("there is no note `{}`; {advice}", visible(name))
}
