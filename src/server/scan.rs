//! The watched files: which paths belong to the site, the folders, files and links below the roots, and the differences between
//! two scans. Reads names, sizes and times, no contents.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// The watched paths. Changes are reported with these paths as prefixes, even if the system names them differently.
#[derive(Debug, Clone)]
pub struct Watching {
    /// The roots: content, templates and static folder. A root need not exist yet.
    pub folders: Vec<PathBuf>,
    /// Single files, such as `canon.toml`. They need not exist yet.
    pub files: Vec<PathBuf>,
    /// Folders that are ignored below a root, such as the output.
    pub ignored: Vec<PathBuf>,
    /// Folders outside the roots that symbolic links may lead into.
    pub outside: Vec<PathBuf>,
    /// Scan the files at intervals instead of watching.
    pub poll: bool,
    /// Start with `Changes::Everything`, for edits between the reading of the site and the start of the watcher.
    pub catch_up: bool,
}

impl Default for Watching {
    fn default() -> Watching {
        let none = Vec::new;
        Watching { folders: none(), files: none(), ignored: none(), outside: none(), poll: false, catch_up: true }
    }
}

impl Watching {
    /// Whether a path belongs to the site: a watched file, or below a root and neither ignored, hidden, nor a temporary file of
    /// an editor.
    pub fn concerns(&self, path: &Path) -> bool {
        let below = |root: &PathBuf| path.strip_prefix(root).is_ok_and(is_visible);
        let ignored = |root: &PathBuf| path.starts_with(root);
        self.files.iter().any(|file| file == path)
            || self.folders.iter().any(below) && !self.ignored.iter().any(ignored)
    }

    /// Whether a path is a root.
    pub fn is_root(&self, path: &Path) -> bool {
        self.folders.iter().any(|root| root == path)
    }
}

/// Whether a path below a root is neither hidden nor a temporary file of an editor.
fn is_visible(path: &Path) -> bool {
    path.components().all(|part| match part {
        Component::Normal(name) => !is_hidden_or_temporary(&name.to_string_lossy()),
        _ => true,
    })
}

/// Whether a name is hidden or temporary: dot files, `4913` and backups of Vim, `#x#` of Emacs, swap files.
fn is_hidden_or_temporary(name: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["~", ".swp", ".swo", ".swx", ".tmp", ".bak~", "___jb_tmp___", "___jb_old___", ".crdownload"];
    let emacs = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    name.starts_with('.') || name == "4913" || emacs || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The entries below some paths.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Folders, including the start paths.
    pub folders: Vec<PathBuf>,
    /// Regular files, and links to regular files.
    pub files: Vec<PathBuf>,
    /// Links with their targets. A target below a root starts with the path of the root; the remaining ones are canonical.
    pub links: Vec<Link>,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The path of the link.
    pub path: PathBuf,
    /// The path that the link leads to.
    pub target: PathBuf,
}

/// Size, modification time and inode of a file. The inode shows a file that was replaced by one with the same time (`cp -p`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    node: u64,
}

/// Lists the entries below `from`, which are roots or below roots.
pub(super) fn list_entries(watching: &Watching, from: &[PathBuf]) -> Layout {
    let (mut layout, aliases) = (Layout::default(), root_aliases(watching));
    for path in from {
        add_tree(watching, &aliases, path, &mut layout);
    }
    // A folder outside the roots is listed once, even if many links lead into it.
    let outside: Vec<PathBuf> = watching.outside.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    let mut targets: Vec<PathBuf> = layout.links.iter().map(|link| link.target.clone()).collect();
    targets.sort();
    targets.dedup();
    for target in targets {
        let allowed = outside.iter().any(|folder| target.starts_with(folder));
        if allowed && target.is_dir() {
            add_tree(watching, &aliases, &target, &mut layout);
        }
    }
    layout
}

fn add_tree(watching: &Watching, aliases: &[PathAlias], from: &Path, layout: &mut Layout) {
    // `Watching::concerns` cannot be used here: it accepts no path outside the roots.
    let wanted = |path: &Path| {
        let below = path.strip_prefix(from).is_ok_and(is_visible);
        below && !watching.ignored.iter().any(|folder| path.starts_with(folder))
    };
    for entry in WalkDir::new(from).into_iter().filter_entry(|entry| wanted(entry.path())).flatten() {
        let path = entry.path();
        if entry.path_is_symlink() && entry.depth() > 0 {
            add_link(aliases, path, layout);
        } else if entry.file_type().is_dir() || path.is_dir() {
            layout.folders.push(path.to_path_buf());
        } else {
            layout.files.push(path.to_path_buf());
        }
    }
}

fn add_link(aliases: &[PathAlias], path: &Path, layout: &mut Layout) {
    let Ok(canonical) = fs::canonicalize(path) else { return };
    if canonical.is_file() {
        layout.files.push(path.to_path_buf());
    }
    // A link to a file of the site must compare equal to the path of that file.
    let target = with_given_root(aliases, &canonical).unwrap_or(canonical);
    layout.links.push(Link { path: path.to_path_buf(), target });
}

/// The given path of a root, and another path by which the system may name it (absolute, or without links).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathAlias {
    given: PathBuf,
    other: PathBuf,
}

/// The aliases of all roots, and of the folders of the single files.
pub(super) fn root_aliases(watching: &Watching) -> Vec<PathAlias> {
    let parents = watching.files.iter().filter_map(|file| file.parent().map(Path::to_path_buf));
    let aliases = watching.folders.iter().cloned().chain(parents).flat_map(|given| {
        let whole = if given.as_os_str().is_empty() { Path::new(".") } else { given.as_path() };
        let others = [std::path::absolute(whole).ok(), fs::canonicalize(whole).ok()];
        others.into_iter().flatten().map(move |other| PathAlias { given: given.clone(), other }).collect::<Vec<_>>()
    });
    let mut aliases: Vec<PathAlias> = aliases.collect();
    // The longest path first: for nested roots the innermost one must match.
    aliases.sort_by_key(|alias| std::cmp::Reverse(alias.other.components().count()));
    aliases.dedup();
    aliases
}

/// A path with the given path of its root as prefix; `None` if it is below no root.
pub(super) fn with_given_root(aliases: &[PathAlias], path: &Path) -> Option<PathBuf> {
    aliases.iter().find_map(|alias| {
        let rest = path.strip_prefix(&alias.other).ok()?;
        Some(if rest.as_os_str().is_empty() { alias.given.clone() } else { alias.given.join(rest) })
    })
}

fn stamp_of(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(Stamp { length: metadata.len(), modified: metadata.modified().ok(), node: node_of(&metadata) })
}

#[cfg(unix)]
fn node_of(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn node_of(_: &fs::Metadata) -> u64 {
    0
}

/// The result of a scan.
#[derive(Debug)]
pub(super) struct Scan {
    /// All watched files.
    pub files: BTreeMap<PathBuf, Stamp>,
    /// The symbolic links.
    pub links: Vec<Link>,
}

/// Scans all watched files, for polling.
pub(super) fn scan(watching: &Watching) -> Scan {
    let layout = list_entries(watching, &watching.folders);
    let stamped = layout.files.into_iter().chain(watching.files.iter().cloned());
    let files = stamped.filter_map(|file| stamp_of(&file).map(|stamp| (file, stamp))).collect();
    Scan { files, links: layout.links }
}

/// The paths that were added, removed or edited.
pub(super) fn differences(old: &BTreeMap<PathBuf, Stamp>, new: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
    let changed = new.iter().filter(|(path, stamp)| old.get(*path) != Some(*stamp)).map(|(path, _)| path);
    let gone = old.keys().filter(|path| !new.contains_key(*path));
    changed.chain(gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    #[test]
    fn what_concerns_a_site() {
        let watching = Watching {
            folders: vec!["/.home/kb".into()],
            files: vec!["/.home/canon.toml".into()],
            ignored: vec!["/.home/kb/public".into()],
            ..Watching::default()
        };
        for (path, expected) in [
            ("/.home/kb/a.md", true),
            ("/.home/kb/sub/a b.png", true),
            ("/.home/kb", true),
            ("/.home/canon.toml", true),
            ("/.home/other.toml", false),
            ("/.home/kb/public/index.html", false),
            ("/.home/kb/publicity.md", true),
            ("/.home/kb/.git/index", false),
            ("/.home/kb/a.md~", false),
            ("/.home/kb/4913", false),
            ("/.home/kb/.#a.md", false),
            ("/.home/kb/#a.md#", false),
            ("/.home/kb/#", true),
            ("/.home/kb/.a.md.swp", false),
        ] {
            assert_eq!(watching.concerns(Path::new(path)), expected, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_where_they_may() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for (name, text) in
            [("kb/a.md", "a"), ("kb/in/b.md", "b"), ("kb/.x/y.md", "y"), ("out/c.md", "c"), ("other/d.md", "d")]
        {
            create_dir_all(at(name).parent().expect("a parent")).expect("a folder");
            write(at(name), text).expect("a file");
        }
        symlink(at("kb/in"), at("kb/loop")).expect("a link");
        symlink(at("out"), at("kb/out")).expect("a link");
        symlink(at("other"), at("kb/other")).expect("a link");
        symlink(at("other/d.md"), at("kb/d.md")).expect("a link");
        symlink(at("nowhere"), at("kb/dangling")).expect("a link");
        let watching = Watching { folders: vec![at("kb")], outside: vec![at("out")], ..Watching::default() };
        let layout = list_entries(&watching, &watching.folders);
        let out = fs::canonicalize(at("out")).expect("there");
        assert_eq!(layout.folders, [at("kb"), at("kb/in"), out.clone()]);
        let mut files = layout.files.clone();
        files.sort();
        let mut expected = vec![at("kb/a.md"), at("kb/d.md"), at("kb/in/b.md"), out.join("c.md")];
        expected.sort();
        assert_eq!(files, expected);
        assert!(layout.links.contains(&Link { path: at("kb/loop"), target: at("kb/in") }));
        assert_eq!(layout.links.len(), 4);
    }

    #[test]
    fn paths_are_reported_as_the_roots_were_given() {
        let here = std::path::absolute(".").expect("a folder");
        for (root, expected) in [("content", "content/a.md"), (".", "./content/a.md")] {
            let aliases = root_aliases(&Watching { folders: vec![root.into()], ..Watching::default() });
            assert_eq!(with_given_root(&aliases, &here.join("content/a.md")), Some(expected.into()));
            assert_eq!(with_given_root(&aliases, Path::new("/elsewhere/a.md")), None);
        }
        let nested = Watching { folders: vec![".".into(), "templates".into()], ..Watching::default() };
        let path = with_given_root(&root_aliases(&nested), &here.join("templates/a.html"));
        assert_eq!(path, Some("templates/a.html".into()));
    }

    #[test]
    fn two_looks_differ_by_what_happened() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let watching = Watching { folders: vec![at("kb")], files: vec![at("canon.toml")], ..Watching::default() };
        create_dir_all(at("kb")).expect("a folder");
        for name in ["kb/same.md", "kb/edited.md", "kb/gone.md"] {
            write(at(name), "old").expect("a file");
        }
        let old = scan(&watching).files;
        write(at("kb/edited.md"), "longer").expect("a file");
        write(at("kb/new.md"), "new").expect("a file");
        write(at("canon.toml"), "").expect("a file");
        fs::remove_file(at("kb/gone.md")).expect("removed");
        let mut found = differences(&old, &scan(&watching).files);
        found.sort();
        assert_eq!(found, [at("canon.toml"), at("kb/edited.md"), at("kb/gone.md"), at("kb/new.md")]);
    }
}
