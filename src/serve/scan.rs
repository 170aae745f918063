//! What there is to watch: which paths concern the site, the folders, files and links below its roots, and what differs
//! between two looks. Reads names, sizes and times; never a file's bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// What is watched. Paths are reported in the form in which the roots are given here.
#[derive(Debug, Clone)]
pub struct Watching {
    /// Folders whose whole content counts: content, templates, static. They need not exist yet.
    pub folders: Vec<PathBuf>,
    /// Single files that count: `canon.toml`. They need not exist yet.
    pub files: Vec<PathBuf>,
    /// Folders that do not count wherever they lie: the output.
    pub ignored: Vec<PathBuf>,
    /// Folders outside the roots that links may lead into.
    pub outside: Vec<PathBuf>,
    /// Look at the files now and then instead of being told.
    pub poll: bool,
    /// Begin with `Changes::Everything`: what changed after the site was read and before the watch began is not missed.
    pub catch_up: bool,
}

impl Default for Watching {
    fn default() -> Watching {
        let none = Vec::new;
        Watching { folders: none(), files: none(), ignored: none(), outside: none(), poll: false, catch_up: true }
    }
}

impl Watching {
    /// Whether a path, in the form of the roots, is the site's affair: below a root or one of the files, and neither
    /// ignored nor something that an editor or the system keeps beside it.
    pub fn concerns(&self, path: &Path) -> bool {
        let below = |root: &PathBuf| path.strip_prefix(root).is_ok_and(is_a_sites);
        let ignored = |root: &PathBuf| path.starts_with(root);
        self.files.iter().any(|file| file == path)
            || self.folders.iter().any(below) && !self.ignored.iter().any(ignored)
    }

    /// Whether a path is one of the roots.
    pub fn is_root(&self, path: &Path) -> bool {
        self.folders.iter().any(|root| root == path)
    }
}

/// Whether a path below a root is neither hidden nor an editor's own.
fn is_a_sites(path: &Path) -> bool {
    path.components().all(|part| match part {
        Component::Normal(name) => !is_hidden_or_an_editors(&name.to_string_lossy()),
        _ => true,
    })
}

/// Dot files and folders; Vim's `4913` and backups; Emacs's `#x#`; swap and temporary files.
fn is_hidden_or_an_editors(name: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["~", ".swp", ".swo", ".swx", ".tmp", ".bak~", "___jb_tmp___", "___jb_old___", ".crdownload"];
    let emacs = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    name.starts_with('.') || name == "4913" || emacs || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What stands below some paths.
#[derive(Debug, Default)]
pub struct Layout {
    /// Folders, the paths themselves included.
    pub folders: Vec<PathBuf>,
    /// Ordinary files, with what tells a new version from an old one.
    pub files: BTreeMap<PathBuf, Stamp>,
    /// Links and what they lead to; a target below a root is in the roots' form, another is canonical.
    pub links: Vec<Link>,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub path: PathBuf,
    /// Where it leads.
    pub target: PathBuf,
}

/// Size and time of a file. A copy that keeps its time differs in its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    node: u64,
}

/// Looks below `from`, which are roots or lie below them.
pub fn lay_out(watching: &Watching, from: &[PathBuf]) -> Layout {
    let mut layout = Layout::default();
    for path in from {
        add_tree(watching, path, &mut layout);
    }
    // Folders outside, once each, however many links lead into them.
    let outside: Vec<PathBuf> = watching.outside.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    let mut targets: Vec<PathBuf> = layout.links.iter().map(|link| link.target.clone()).collect();
    targets.sort();
    targets.dedup();
    for target in targets {
        let allowed = outside.iter().any(|folder| target.starts_with(folder));
        if allowed && target.is_dir() {
            add_tree(watching, &target, &mut layout);
        }
    }
    layout
}

fn add_tree(watching: &Watching, from: &Path, layout: &mut Layout) {
    // Below a folder outside nothing "concerns" the site by its path, but hidden files are left out there too.
    let wanted = |path: &Path| {
        let below = path.strip_prefix(from).is_ok_and(is_a_sites);
        below && !watching.ignored.iter().any(|folder| path.starts_with(folder))
    };
    for entry in WalkDir::new(from).into_iter().filter_entry(|entry| wanted(entry.path())).flatten() {
        let path = entry.path();
        if entry.path_is_symlink() && entry.depth() > 0 {
            add_link(watching, path, layout);
        } else if entry.file_type().is_dir() || path.is_dir() {
            layout.folders.push(path.to_path_buf());
        } else if let Some(stamp) = stamp_of(path) {
            layout.files.insert(path.to_path_buf(), stamp);
        }
    }
}

fn add_link(watching: &Watching, path: &Path, layout: &mut Layout) {
    let Ok(canonical) = fs::canonicalize(path) else { return };
    if let Some(stamp) = stamp_of(path) {
        layout.files.insert(path.to_path_buf(), stamp);
    }
    let target = in_roots_form(watching, &canonical).unwrap_or(canonical);
    layout.links.push(Link { path: path.to_path_buf(), target });
}

/// A path as the roots are given, where it lies below one of them.
pub fn in_roots_form(watching: &Watching, path: &Path) -> Option<PathBuf> {
    let parents = watching.files.iter().filter_map(|file| file.parent().map(Path::to_path_buf));
    let roots = watching.folders.iter().cloned().chain(parents);
    let forms = roots.flat_map(|root| {
        let whole = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.clone() };
        [std::path::absolute(&whole).ok(), fs::canonicalize(&whole).ok()].map(|form| (root.clone(), form))
    });
    let found = forms.filter_map(|(root, form)| Some((root, path.strip_prefix(form?).ok()?.to_path_buf())));
    // The innermost root leaves the least.
    found.min_by_key(|(_, rest)| rest.components().count()).map(|(root, rest)| {
        if rest.as_os_str().is_empty() { root } else { root.join(rest) }
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

/// All files that count, for polling.
pub fn snapshot(watching: &Watching) -> BTreeMap<PathBuf, Stamp> {
    let mut files = lay_out(watching, &watching.folders).files;
    files.extend(watching.files.iter().filter_map(|file| Some((file.clone(), stamp_of(file)?))));
    files
}

/// The paths that came, went or changed.
pub fn differences(old: &BTreeMap<PathBuf, Stamp>, new: &BTreeMap<PathBuf, Stamp>) -> Vec<PathBuf> {
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
        for (name, text) in [("kb/a.md", "a"), ("kb/in/b.md", "b"), ("kb/.x/y.md", "y"), ("out/c.md", "c"), ("other/d.md", "d")] {
            create_dir_all(at(name).parent().expect("a parent")).expect("a folder");
            write(at(name), text).expect("a file");
        }
        symlink(at("kb/in"), at("kb/loop")).expect("a link");
        symlink(at("out"), at("kb/out")).expect("a link");
        symlink(at("other"), at("kb/other")).expect("a link");
        symlink(at("other/d.md"), at("kb/d.md")).expect("a link");
        symlink(at("nowhere"), at("kb/dangling")).expect("a link");
        let watching = Watching { folders: vec![at("kb")], outside: vec![at("out")], ..Watching::default() };
        let layout = lay_out(&watching, &watching.folders);
        let out = fs::canonicalize(at("out")).expect("there");
        assert_eq!(layout.folders, [at("kb"), at("kb/in"), out.clone()]);
        let files: Vec<_> = layout.files.keys().cloned().collect();
        let mut expected = vec![at("kb/a.md"), at("kb/d.md"), at("kb/in/b.md"), out.join("c.md")];
        expected.sort();
        assert_eq!(files, expected);
        assert!(layout.links.contains(&Link { path: at("kb/loop"), target: at("kb/in") }));
        assert_eq!(layout.links.len(), 4);
    }

    #[test]
    fn two_looks_differ_by_what_happened() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let watching =
            Watching { folders: vec![at("kb")], files: vec![at("canon.toml")], ..Watching::default() };
        create_dir_all(at("kb")).expect("a folder");
        for name in ["kb/same.md", "kb/edited.md", "kb/gone.md"] {
            write(at(name), "old").expect("a file");
        }
        let old = snapshot(&watching);
        write(at("kb/edited.md"), "longer").expect("a file");
        write(at("kb/new.md"), "new").expect("a file");
        write(at("canon.toml"), "").expect("a file");
        fs::remove_file(at("kb/gone.md")).expect("removed");
        let mut found = differences(&old, &snapshot(&watching));
        found.sort();
        assert_eq!(found, [at("canon.toml"), at("kb/edited.md"), at("kb/gone.md"), at("kb/new.md")]);
    }
}
