//! The content folder, read: the only reader of content. Knows paths and bytes, not what they say.

use crate::config::Config;
use crate::diagnostic::RuleId;
use crate::schema::globs;
use crate::source::{FileId, SourceFile, Span};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest note that is read, in bytes.
pub const MAX_NOTE: u64 = 4 << 20;
/// Longest file name, in bytes.
const MAX_NAME: usize = 200;
/// Longest path below the content folder, in bytes.
const MAX_PATH: usize = 5_000;
/// What says that a folder is an output of canon, wherever it lies.
const OUTPUT_MARK: &str = ".canon/manifest.json";

/// Every file of the content folder.
#[derive(Debug, Clone, Default)]
pub struct Vault {
    /// The content folder.
    pub root: PathBuf,
    /// Markdown files by path, then the others by path. Of the others, and of what could not be read, the text is empty.
    pub files: Vec<SourceFile>,
    /// How many of them are Markdown.
    pub markdown: usize,
    /// Folders that hold files, at any depth, without a slash at the end; the root is "".
    pub folders: BTreeSet<String>,
    /// The files that new notes are copied from; no content. One that cannot be read is none.
    pub note_templates: Vec<SourceFile>,
    /// What could not be read, or not well.
    pub problems: Vec<Problem>,
}

/// A file that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: FileId,
    /// The rule that reports it.
    pub rule: RuleId,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Vault {
    /// The Markdown files with their ids.
    pub fn notes(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files[..self.markdown].iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// The other files with their ids.
    pub fn assets(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().skip(self.markdown).map(|(i, f)| (FileId(i as u32), f))
    }

    /// The file of an id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The path on disk of a file.
    pub fn on_disk(&self, id: FileId) -> PathBuf {
        self.root.join(&*self.files[id.index()].path)
    }

    /// The other files that may be published: those that can be read, under a name that can be an address.
    pub fn usable_assets(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let bad = |p: &&Problem| UNREADABLE.contains(&p.rule) || p.rule == "bad-path";
        let bad: FxHashSet<FileId> = self.problems.iter().filter(bad).map(|p| p.file).collect();
        self.assets().filter(move |(file, _)| !bad.contains(file))
    }

    /// The bytes of a file that is no note; `None` if there are more than `most`.
    ///
    /// # Errors
    /// The file cannot be read, or is not an ordinary one.
    pub fn asset_bytes(&self, id: FileId, most: u64) -> std::io::Result<Option<Vec<u8>>> {
        let path = self.on_disk(id);
        if !fs::metadata(&path)?.is_file() {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not an ordinary file"));
        }
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= most))
    }

    /// Whether a file could not be read at all.
    pub fn is_unreadable(&self, id: FileId) -> bool {
        self.problems.iter().any(|p| p.file == id && UNREADABLE.contains(&p.rule))
    }
}

/// Rules whose files have no text.
const UNREADABLE: &[RuleId] = &["unreadable-file", "invalid-encoding", "too-large"];

/// A file found by the walk.
struct Found {
    path: String,
    markdown: bool,
    problem: Option<(RuleId, String, String)>,
}

/// Reads a content folder. `skip` are folders inside it that are not content (the output).
///
/// # Errors
/// The root is no folder that can be read; says why.
pub fn read(root: &Path, config: &Config, skip: &[PathBuf]) -> Result<Vault, String> {
    let meta = fs::metadata(root).map_err(|e| format!("cannot read `{}`: {}", root.display(), reason(&e)))?;
    if !meta.is_dir() {
        return Err(format!("`{}` is not a folder", root.display()));
    }
    let mut found = Walk::new(root, config, skip)?.below(root)?;
    found.par_sort_unstable_by(|a, b| (!a.markdown, &a.path).cmp(&(!b.markdown, &b.path)));
    let read = found.par_iter().map(|f| load(root, f)).collect();
    Ok(Vault { note_templates: note_templates(config), ..gathered(root, read) })
}

/// The vault after changes at some paths, which need not be there any more: only what stands at them or below is read.
/// Gives what `read` gives.
///
/// # Errors
/// The root is no folder that can be read; says why.
pub fn read_again(old: &Vault, config: &Config, skip: &[PathBuf], changed: &[PathBuf]) -> Result<Vault, String> {
    if changed.contains(&old.root) {
        return read(&old.root, config, skip);
    }
    let walk = Walk::new(&old.root, config, skip)?;
    let all: BTreeSet<String> = changed.iter().filter_map(|path| walk.relative(path)).collect();
    let mut read = Vec::new();
    // A place below another one is walked with that.
    for place in all.iter().filter(|place| !is_covered(crate::note::folder_of(place), &all)) {
        let path = old.root.join(place);
        if walk.leads_to(&path) {
            read.extend(walk.below(&path)?);
        }
    }
    let problems: FxHashMap<FileId, &Problem> = old.problems.iter().map(|problem| (problem.file, problem)).collect();
    let kept = old.files.iter().enumerate().filter(|(_, file)| !is_covered(&file.path, &all));
    let problem = |i: usize| problems.get(&FileId(i as u32)).map(|&problem| problem.clone());
    let mut files: Vec<Loaded> = kept.map(|(i, file)| (file.clone(), problem(i))).collect();
    // By the threads that read the others: the allocator keeps the memory of threads apart, and what an old text let go
    // would not serve a new one that is read elsewhere.
    files.extend(rayon::scope(|_| read.par_iter().map(|found| load(&old.root, found)).collect::<Vec<Loaded>>()));
    files.par_sort_by(|(a, _), (b, _)| (!is_markdown(&a.path), &a.path).cmp(&(!is_markdown(&b.path), &b.path)));
    Ok(Vault { note_templates: note_templates(config), ..gathered(&old.root, files) })
}

fn note_templates(config: &Config) -> Vec<SourceFile> {
    let text = |path: &str| String::from_utf8(read_bounded(Path::new(path)).ok()?).ok();
    let paths = config.check.note_templates.iter();
    paths.filter_map(|path| Some(SourceFile::new(path.as_str(), &text(path)?))).collect()
}

/// Whether a path or a folder above it is among the places.
fn is_covered(path: &str, places: &BTreeSet<String>) -> bool {
    let mut part = path;
    while !part.is_empty() {
        if places.contains(part) {
            return true;
        }
        part = crate::note::folder_of(part);
    }
    false
}

/// Whether a file is read as Markdown: one whose name cannot be an address is not, since nothing is written for it.
fn is_markdown(path: &str) -> bool {
    path.ends_with(".md") && name_fault(path).is_none()
}

/// A file as it was read, and what is wrong with it.
type Loaded = (SourceFile, Option<Problem>);

/// The vault of sorted files.
fn gathered(root: &Path, files: Vec<Loaded>) -> Vault {
    let mut vault = Vault { root: root.to_path_buf(), ..Vault::default() };
    vault.markdown = files.partition_point(|(file, _)| is_markdown(&file.path));
    for (i, (file, problem)) in files.into_iter().enumerate() {
        add_folders(&mut vault.folders, &file.path);
        vault.problems.extend(problem.map(|p| Problem { file: FileId(i as u32), ..p }));
        vault.files.push(file);
    }
    vault
}

fn add_folders(folders: &mut BTreeSet<String>, path: &str) {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        if !folders.insert(parent.to_string()) {
            return;
        }
        folder = parent;
    }
    folders.insert(String::new());
}

/// What decides which files are content.
struct Walk<'a> {
    root: &'a Path,
    real_root: PathBuf,
    skip: &'a [PathBuf],
    ignore: globset::GlobSet,
    outside: Vec<PathBuf>,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path, config: &Config, skip: &'a [PathBuf]) -> Result<Walk<'a>, String> {
        let outside = config.follow_links_outside.iter().filter_map(|f| fs::canonicalize(f).ok()).collect();
        let real_root =
            fs::canonicalize(root).map_err(|e| format!("cannot read `{}`: {}", root.display(), reason(&e)))?;
        Ok(Walk { root, real_root, skip, ignore: globs(&config.ignore), outside })
    }

    /// A path as it stands in the vault; nothing for the root and what lies outside.
    fn relative(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(self.root).ok()?.to_string_lossy().replace('\\', "/");
        (!inside.is_empty()).then_some(inside)
    }

    /// Whether a file or folder is content, if all folders above it are.
    fn is_content(&self, path: &Path, is_folder: bool) -> bool {
        let Some(inside) = self.relative(path) else { return path == self.root };
        let name = crate::note::file_name(&inside);
        !(name.starts_with('.')
            || (is_folder && (name == "node_modules" || name == "target"))
            || self.skip.iter().any(|s| s == path)
            || (is_folder && path.join(OUTPUT_MARK).is_file())
            || self.ignore.is_match(&inside))
    }

    /// Whether there is something at a path that the walk from the root would come to.
    fn leads_to(&self, path: &Path) -> bool {
        let above = path.ancestors().skip(1).take_while(|folder| folder.starts_with(self.root));
        let is_folder = |folder: &Path| folder == self.root || fs::symlink_metadata(folder).is_ok_and(|m| m.is_dir());
        fs::symlink_metadata(path).is_ok_and(|m| self.is_content(path, m.is_dir()))
            && above.into_iter().all(|folder| is_folder(folder) && self.is_content(folder, true))
    }

    /// Every file at a path or below it.
    fn below(&self, from: &Path) -> Result<Vec<Found>, String> {
        let mut found = Vec::new();
        let is_content = |entry: &walkdir::DirEntry| self.is_content(entry.path(), entry.file_type().is_dir());
        let entries = walkdir::WalkDir::new(from).follow_root_links(from == self.root).into_iter();
        for entry in entries.filter_entry(is_content) {
            let (path, kind) = match &entry {
                Ok(entry) if entry.file_type().is_dir() => continue,
                Ok(entry) => (entry.path(), Some(entry.file_type())),
                Err(error) if error.depth() == 0 && from == self.root => {
                    return Err(format!("cannot read `{}`: {error}", self.root.display()));
                }
                Err(error) => (error.path().unwrap_or(from), None),
            };
            let problem = match kind {
                None => {
                    let why = entry.as_ref().err().and_then(|e| e.io_error());
                    Some(unreadable(why.map_or("it cannot be opened".into(), reason)))
                }
                Some(kind) => self.problem(path, kind),
            };
            let path = self.relative(path).unwrap_or_default();
            let problem = problem.or_else(|| name_problem(&path));
            found.push(Found { markdown: is_markdown(&path), path, problem });
        }
        Ok(found)
    }

    fn problem(&self, path: &Path, kind: fs::FileType) -> Option<(RuleId, String, String)> {
        if kind.is_symlink() {
            return link_problem(path, &self.real_root, &self.outside);
        }
        if !kind.is_file() {
            let help = "move it out of the content folder".into();
            return Some(("unreadable-file", "is not a regular file".into(), help));
        }
        None
    }
}

fn unreadable(why: String) -> (RuleId, String, String) {
    let help = "give it read permission, or add it to `ignore`".into();
    ("unreadable-file", format!("cannot be read: {why}"), help)
}

/// What is wrong with a file's name, if anything.
fn name_problem(path: &str) -> Option<(RuleId, String, String)> {
    name_fault(path).map(|fault| ("bad-path", fault, "rename it".into()))
}

/// Why no address can be made of a path in the content folder. A name that is not UTF-8 comes with replacement characters.
fn name_fault(path: &str) -> Option<String> {
    let name = crate::note::file_name(path);
    if path.contains('\u{fffd}') {
        return Some("the path is not UTF-8".into());
    }
    if path.chars().any(char::is_control) {
        let whose = if name.chars().any(char::is_control) { "file name" } else { "folder's name" };
        return Some(format!("the {whose} holds control characters"));
    }
    if name.len() > MAX_NAME {
        return Some(format!("the file name has {} bytes, more than {MAX_NAME}", name.len()));
    }
    (path.len() > MAX_PATH).then(|| format!("the path has {} bytes, more than {MAX_PATH}", path.len()))
}

/// What is wrong with a symbolic link, if anything: it may lead to a file inside, or to a folder that the configuration
/// names.
fn link_problem(path: &Path, root: &Path, outside: &[PathBuf]) -> Option<(RuleId, String, String)> {
    let shown = fs::read_link(path).map(|t| t.display().to_string()).unwrap_or_default();
    let bad = |message: String| {
        let help = "replace the link by the file, or name its folder in `follow_links_outside`".to_string();
        Some(("unreadable-file", message, help))
    };
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(e) => return bad(format!("is a symbolic link to `{shown}`, which cannot be followed: {}", reason(&e))),
    };
    if !target.starts_with(root) && !outside.iter().any(|folder| target.starts_with(folder)) {
        return bad(format!("is a symbolic link to `{shown}`, outside the content folder"));
    }
    match fs::metadata(&target) {
        Ok(meta) if meta.is_file() => None,
        Ok(meta) if meta.is_dir() => bad(format!("is a symbolic link to the folder `{shown}`")),
        _ => bad(format!("is a symbolic link to `{shown}`, which is no regular file")),
    }
}

/// Reads a file; the id in its problem is not known yet.
fn load(root: &Path, found: &Found) -> Loaded {
    let problem = |(rule, message, help): (RuleId, String, String)| Problem { file: FileId(0), rule, message, help };
    let empty = SourceFile::new(found.path.as_str(), "");
    if let Some(named) = &found.problem
        && (named.0 == "unreadable-file" || !found.markdown)
    {
        return (empty, Some(problem(named.clone())));
    }
    if !found.markdown {
        return (empty, None);
    }
    let bytes = match read_bounded(&root.join(&found.path)) {
        Ok(bytes) => bytes,
        Err(why) => return (empty, Some(problem(why))),
    };
    match std::str::from_utf8(&bytes) {
        Err(error) => (empty, Some(problem(not_utf8(&bytes, error.valid_up_to())))),
        Ok(text) if text.contains('\0') => {
            let at = text.find('\0').unwrap_or(0);
            let message = format!("holds a NUL at byte {at}");
            (empty, Some(problem(("invalid-encoding", message, "save it as UTF-8 text".into()))))
        }
        Ok(text) => (SourceFile::new(found.path.as_str(), text), found.problem.clone().map(problem)),
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> (RuleId, String, String) {
    let guess = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => " (it begins like UTF-16)",
        _ => "",
    };
    let byte = bytes.get(at).copied().unwrap_or(0);
    ("invalid-encoding", format!("is not UTF-8: byte 0x{byte:02x} at offset {at}{guess}"), "save it as UTF-8".into())
}

/// Reads a file that is not larger than a note may be; never more than that, whatever its size says.
fn read_bounded(path: &Path) -> Result<Vec<u8>, (RuleId, String, String)> {
    let unreadable = |e: std::io::Error| unreadable(reason(&e));
    let file = fs::File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let too_large = || {
        let message = format!("has more than {} MiB", MAX_NOTE >> 20);
        ("too-large", message, "split the note, or add it to `ignore`".to_string())
    };
    if size > MAX_NOTE {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(MAX_NOTE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_NOTE { Err(too_large()) } else { Ok(bytes) }
}

/// An error of the operating system in words, without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The span of a whole-file finding.
pub const WHOLE: Span = Span { start: 0, end: 0 };

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(vault: &Vault) -> Vec<String> {
        let files = vault.files.iter().enumerate().map(|(i, file)| {
            let problem = vault.problems.iter().find(|p| p.file.index() == i).map_or("", |p| p.message.as_str());
            format!("{} {:?} {problem}", file.path, file.text)
        });
        files.chain(vault.folders.iter().cloned()).chain([vault.markdown.to_string()]).collect()
    }

    #[test]
    fn reading_again_what_changed_gives_what_reading_everything_gives() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            fs::create_dir_all(at(name).parent().expect("a parent")).expect("a folder");
            fs::write(at(name), text).expect("a file");
        };
        for name in ["a.md", "b/c.md", "b/d/e.md", "b-1.md", "f.png", ".git/x.md", "skipped/x.md", "target/x.md"] {
            write(name, name);
        }
        let config = Config { ignore: vec!["**/draft-*".into()], ..Config::default() };
        let skip = [at("skipped")];
        let mut vault = read(folder.path(), &config, &skip).expect("a vault");
        type Edit<'a> = (Vec<&'a str>, Box<dyn Fn() + 'a>);
        let edits: Vec<Edit<'_>> = vec![
            (vec!["a.md"], Box::new(|| write("a.md", "new"))),
            (
                vec!["b/new.md", "b/draft-x.md", ".hidden.md"],
                Box::new(|| ["b/new.md", "b/draft-x.md", ".hidden.md"].iter().for_each(|name| write(name, "new"))),
            ),
            (vec!["b", "b-1.md", "b/c.md", "z"], Box::new(|| fs::rename(at("b"), at("z")).expect("renamed"))),
            (vec!["z/d/e.md"], Box::new(|| fs::remove_file(at("z/d/e.md")).expect("removed"))),
            (vec!["skipped/y.md", "target/y.md", ".git/x.md"], Box::new(|| write("skipped/y.md", "no"))),
            (vec!["a.md"], Box::new(|| fs::write(at("a.md"), b"\xff\xfe").expect("a file"))),
            (vec!["0.md"], Box::new(|| write("0.md", "before the broken one"))),
            (
                vec!["f.png", "f.png/g.md"],
                Box::new(|| {
                    fs::remove_file(at("f.png")).expect("removed");
                    write("f.png/g.md", "a folder now");
                }),
            ),
            #[cfg(unix)]
            (
                vec!["link.md", "out", "out/x.md"],
                Box::new(|| {
                    std::os::unix::fs::symlink("/etc/passwd", at("link.md")).expect("a link");
                    std::os::unix::fs::symlink(at("skipped"), at("out")).expect("a link");
                }),
            ),
            (vec!["a.md"], Box::new(|| write("a.md", "mended"))),
        ];
        for (paths, edit) in edits {
            edit();
            let paths: Vec<PathBuf> = paths.into_iter().map(at).collect();
            vault = read_again(&vault, &config, &skip, &paths).expect("a vault");
            assert_eq!(shown(&vault), shown(&read(folder.path(), &config, &skip).expect("a vault")), "{paths:?}");
        }
    }
}
