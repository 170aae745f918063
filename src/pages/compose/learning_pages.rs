//! Which notes have a page for their learning path, which folders and tags have a map, and at which addresses. All these
//! are bounded, so the time of a build and the number of its files do not double with the paths.

use crate::base::site::Site;
use crate::text::ids::NoteId;
use crate::text::paths::path_key;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// The most pages of paths. 10,000 of them would be as many files as the notes are; on the page of a note its path is listed
/// anyway.
const MAX_PATHS: usize = 1_000;
/// The most maps of folders, and the most maps of tags.
const MAX_MAPS: usize = 100;
/// The fewest notes of a map.
const MIN_MAP_NOTES: usize = 3;
/// The fewest layers below a note for which its path has a page: with one, the path is the list of prerequisites.
const MIN_DEPTH: u32 = 2;

/// The notes of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MapScope {
    /// The notes of a folder and of the folders below.
    Folder(String),
    /// The notes with a tag, by slug.
    Tag(String),
}

/// A map of a folder or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Map {
    /// The output path.
    pub path: String,
    /// The notes of the map.
    pub scope: MapScope,
    /// The number of notes.
    pub count: usize,
}

/// The addresses of all pages for learning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LearningPages {
    /// The output paths of the pages of learning paths, by note.
    pub paths: BTreeMap<NoteId, String>,
    /// The maps of folders in path order, then those of tags in alphabetical order.
    pub maps: Vec<Map>,
}

impl LearningPages {
    /// Assigns the addresses. An address that a note or another file of the author has is left alone.
    pub(super) fn new(site: &Site) -> LearningPages {
        let mut taken = FxHashSet::default();
        let mut pages = LearningPages::default();
        let long = site.index.ranked.iter().copied().filter(|&note| site.order.depth[note] >= MIN_DEPTH);
        for note in long.take(MAX_PATHS) {
            pages.paths.insert(note, free_path(site, &format!("path/{}", &site.graph.keys[note]), &mut taken));
        }
        let folders = site.index.folders.iter().filter(|(name, _)| !name.is_empty());
        let folders = folders.map(|(name, own)| (MapScope::Folder(name.clone()), own.count));
        let tags = site.index.tags.iter().map(|(slug, tag)| (MapScope::Tag(slug.clone()), tag.notes.len()));
        for (scope, count) in largest(site, folders.collect()).into_iter().chain(largest(site, tags.collect())) {
            let stem = match &scope {
                MapScope::Folder(folder) => format!("map/folders/{folder}"),
                MapScope::Tag(slug) => format!("map/tags/{slug}"),
            };
            pages.maps.push(Map { path: free_path(site, &stem, &mut taken), scope, count });
        }
        pages
    }
}

/// The scopes with the most notes that have at least two layers, in the given order.
fn largest(site: &Site, scopes: Vec<(MapScope, usize)>) -> Vec<(MapScope, usize)> {
    let has_layers = |scope: &MapScope| {
        let mut depths = notes_of(site, scope).into_iter().map(|note| site.order.depth[note]);
        let first = depths.next();
        depths.any(|depth| Some(depth) != first)
    };
    let mut places: Vec<usize> = (0..scopes.len()).filter(|&place| scopes[place].1 >= MIN_MAP_NOTES).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(scopes[place].1));
    // Few large folders and tags have no layers, so this looks at little more than it keeps.
    let mut kept: Vec<usize> =
        places.into_iter().filter(|&place| has_layers(&scopes[place].0)).take(MAX_MAPS).collect();
    kept.sort_unstable();
    kept.into_iter().map(|place| scopes[place].clone()).collect()
}

/// The concept notes of a scope.
pub(super) fn notes_of(site: &Site, scope: &MapScope) -> Vec<NoteId> {
    match scope {
        MapScope::Tag(slug) => site.index.tags.get(slug).map(|tag| tag.notes.clone()).unwrap_or_default(),
        MapScope::Folder(name) => {
            let from =
                site.index.folders.range(name.clone()..).take_while(|(other, _)| other.starts_with(name.as_str()));
            let is_inside = |other: &str| other[name.len()..].is_empty() || other[name.len()..].starts_with('/');
            from.filter(|(other, _)| is_inside(other)).flat_map(|(_, folder)| folder.notes.iter().copied()).collect()
        }
    }
}

/// The path `stem.html`, with a number if a different file has it.
fn free_path(site: &Site, stem: &str, taken: &mut FxHashSet<String>) -> String {
    let mut path = format!("{stem}.html");
    for number in 2.. {
        if site.routes.owner_or_reserved(&path).is_none() && taken.insert(path_key(&path)) {
            break;
        }
        path = format!("{stem}-{number}.html");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::analyze::{AnalysisMode, analyze};
    use crate::base::vault::Vault;
    use crate::config::Config;
    use crate::text::source::SourceFile;

    #[test]
    fn there_are_few_pages_however_many_notes_and_tags_there_are() {
        let note = |n: usize| {
            let below = if n.is_multiple_of(5) { n } else { n - 1 };
            let text = format!(
                "---\nid: n{n}\ntitle: N{n}\ntags: [t{}]\n---\n\n## Links\n### Prerequisites\n- [below](n{below}.md)\n",
                n / 5
            );
            SourceFile::new(format!("f{}/n{n}.md", n / 10), &text.replace("(n", &format!("(../f{}/n", below / 10)))
        };
        let files: Vec<SourceFile> = (0..2_000).map(note).collect();
        let vault = Vault { markdown: files.len(), files: files.into(), ..Vault::default() };
        let site = analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Check).site;
        let pages = LearningPages::new(&site);
        assert_eq!(pages.paths.len(), MAX_PATHS);
        let folders = pages.maps.iter().filter(|map| matches!(map.scope, MapScope::Folder(_))).count();
        assert_eq!((folders, pages.maps.len()), (MAX_MAPS, 2 * MAX_MAPS));
    }
}
