//! The vault: the files of the content folder, and the text of its notes.
//!
//! Holds paths and bytes. Parsing of Markdown and frontmatter is in `note`.

mod listed;
mod renames;
mod unsaved;
mod walk;

pub(crate) use listed::{ListedContent, ListedFile};
pub(crate) use renames::renamed_notes;
pub(crate) use unsaved::UnsavedTexts;

use crate::config::Config;
use crate::system::disk::{self, DiskFile, Folder, cannot_read};
use crate::system::progress;
use crate::text::ids::{Id, IdRange};
use crate::text::paths::encode_path;
use crate::text::source::{FileId, SourceFile, Sources, Span};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walk::{Found, Walk};

/// Maximum size of a note, in bytes.
pub(crate) const MAX_NOTE: u64 = 4 << 20;
/// Maximum length of a file name, in bytes.
const MAX_NAME: usize = 200;
/// Maximum length of a path relative to the content folder, in bytes.
const MAX_PATH: usize = 5_000;

/// The files of a content folder, as one read found them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vault {
    /// Path of the content folder.
    pub root: PathBuf,
    /// The content folder and the folders its links may lead to; its files are opened through it.
    pub folder: Arc<Folder>,
    /// Markdown files sorted by path, followed by all other files sorted by path. The text of a non-Markdown file, and
    /// of a file that could not be read, is empty.
    pub files: Sources,
    /// Number of Markdown files at the start of `files`.
    pub markdown: usize,
    /// Folders that contain files at any depth, without a trailing slash; the root is "".
    pub folders: BTreeSet<String>,
    /// Templates for new notes. They are not content; a template that cannot be read is left out.
    pub note_templates: Vec<SourceFile>,
    /// Problems of the files, at most one for each file.
    pub problems: Vec<Problem>,
}

/// The kinds of problem that a file of the vault can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// No URL can be formed from the path.
    BadPath,
    /// The content is not valid UTF-8, or contains a NUL byte.
    InvalidEncoding,
    /// The file is larger than [`MAX_NOTE`].
    TooLarge,
    /// The file cannot be opened, is not a regular file, or is a symbolic link that cannot be followed.
    Unreadable,
}

/// A problem with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file with the problem.
    pub file: FileId,
    /// The kind of problem, which determines the rule that reports it.
    pub kind: ProblemKind,
    /// The message of the finding.
    pub message: String,
    /// The suggested remedy.
    pub help: String,
}

impl Vault {
    /// Iterates over the Markdown files and their ids.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter_enumerated().take(self.markdown)
    }

    /// The Markdown file at a path. `None` if there is none.
    pub(crate) fn note_at(&self, path: &str) -> Option<FileId> {
        let files = &self.files[self.note_files()];
        files.binary_search_by(|file| (*file.path).cmp(path)).ok().map(FileId::new)
    }

    /// The ids of the Markdown files.
    pub(crate) fn note_files(&self) -> IdRange<FileId> {
        IdRange::first(self.markdown)
    }

    /// Iterates over the non-Markdown files and their ids.
    pub(crate) fn assets(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter_enumerated().skip(self.markdown)
    }

    /// The file with an id.
    pub(crate) fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id]
    }

    /// Handle to a file on disk; `None` if the file's name is not valid, because the path in the vault then differs
    /// from the path on disk.
    pub(crate) fn on_disk(&self, id: FileId) -> Option<DiskFile> {
        let path = &self.files[id].path;
        disk::name_fault(path).is_none().then(|| DiskFile::new(self.folder.clone(), self.root.join(&**path)))
    }

    /// Iterates over the non-Markdown files that can be published: readable, and with a path that forms a valid URL.
    pub(crate) fn usable_assets(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let bad: FxHashSet<FileId> = self.problems.iter().map(|p| p.file).collect();
        self.assets().filter(move |(file, _)| !bad.contains(file))
    }

    /// The content of a non-Markdown file; `None` if it is longer than `most` bytes.
    ///
    /// # Errors
    /// The file cannot be read, is not a regular file, or has an invalid name.
    pub(crate) fn asset_bytes(&self, id: FileId, most: u64) -> std::io::Result<Option<Vec<u8>>> {
        let Some(asset) = self.on_disk(id) else {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "no usable name"));
        };
        let (file, found) = asset.open()?;
        if found.len() > most {
            return Ok(None);
        }
        // The file may grow after its size was read: reading one byte past the limit detects that.
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= most))
    }

    /// Copies of the files accepted by `keep`, each with its problem.
    fn loaded(&self, keep: impl Fn(&SourceFile) -> bool) -> Vec<Loaded> {
        let problems: FxHashMap<FileId, &Problem> =
            self.problems.iter().map(|problem| (problem.file, problem)).collect();
        let problem = |id: FileId| problems.get(&id).map(|&problem| problem.clone());
        let kept = self.files.iter_enumerated().filter(|(_, file)| keep(file));
        kept.map(|(id, file)| (file.clone(), problem(id))).collect()
    }

    /// Whether the content of a file could not be read.
    pub(crate) fn is_unreadable(&self, id: FileId) -> bool {
        self.problems.iter().any(|p| p.file == id && p.kind != ProblemKind::BadPath)
    }
}

/// Reads a content folder. `skip` lists folders inside it that are not content, like the output folder.
///
/// # Errors
/// Returns a message if the root is not a readable folder, or if the operating system reports a failure (rather than a
/// problem of one file) while reading: what the folder contains is then unknown.
pub(crate) fn read(root: &Path, config: &Config, skip: &[PathBuf]) -> Result<Vault, String> {
    let meta = fs::metadata(root).map_err(|e| format!("cannot read `{}`: {}", disk::from_here(root), reason(&e)))?;
    if !meta.is_dir() {
        return Err(format!("`{}` is not a folder", disk::from_here(root)));
    }
    let walk = Walk::new(root, config, skip)?;
    let mut found = walk.below(root)?;
    found.par_sort_unstable_by(|a, b| (!a.markdown, &a.path).cmp(&(!b.markdown, &b.path)));
    let load = |found: &Found| {
        let loaded = load(&walk.folder, found);
        progress::count();
        loaded
    };
    let read = found.par_iter().map(load).collect::<Result<_, _>>()?;
    let (note_templates, folder) = (note_templates(config, &UnsavedTexts::new())?, Arc::new(walk.folder));
    Ok(Vault { note_templates, folder, ..gathered(root, read) })
}

/// Updates the vault after changes at the given paths, some of which may no longer exist. Reads only those paths and
/// what is below them. Returns the same vault as `read`.
///
/// # Errors
/// As for `read`.
pub(crate) fn read_again(old: &Vault, config: &Config, skip: &[PathBuf], changed: &[PathBuf]) -> Result<Vault, String> {
    if changed.contains(&old.root) {
        return read(&old.root, config, skip);
    }
    let walk = Walk::new(&old.root, config, skip)?;
    let all: BTreeSet<String> = changed.iter().filter_map(|path| walk.relative(path)).collect();
    let mut read = Vec::new();
    // A path below another changed path is covered by the walk from that path.
    for place in all.iter().filter(|place| !is_covered(crate::note::folder_of(place), &all)) {
        let path = old.root.join(place);
        if walk.leads_to(&path)? {
            read.extend(walk.below(&path)?);
        }
    }
    let mut files = old.loaded(|file| !is_covered(&file.path, &all));
    // Load on the same threads as the full read: jemalloc keeps an arena for each thread, and memory freed from an old
    // text is reused only by allocations of the same thread.
    let load = |found: &Found| load(&walk.folder, found);
    files.extend(rayon::scope(|_| read.par_iter().map(load).collect::<Result<Vec<Loaded>, String>>())?);
    files.par_sort_by(|(a, _), (b, _)| (!is_markdown(&a.path), &a.path).cmp(&(!is_markdown(&b.path), &b.path)));
    let (note_templates, folder) = (note_templates(config, &UnsavedTexts::new())?, Arc::new(walk.folder));
    Ok(Vault { note_templates, folder, ..gathered(&old.root, files) })
}

/// Reads the note templates named in the configuration; an unsaved text takes precedence over the file on disk.
fn note_templates(config: &Config, unsaved: &UnsavedTexts) -> Result<Vec<SourceFile>, String> {
    let mut templates = Vec::new();
    for path in &config.check.note_templates {
        let named = Path::new(path);
        if let Some(text) = unsaved.get(named) {
            templates.push(SourceFile::new(path.as_str(), text));
            continue;
        }
        let opened = disk::unless_of_machine(disk::open_named(named)).map_err(|e| cannot_read(named, &e))?;
        let Some(file) = opened else { continue };
        let bytes = read_bounded(named, file)?.ok().map(String::from_utf8);
        templates.extend(bytes.and_then(Result::ok).map(|text| SourceFile::new(path.as_str(), &text)));
    }
    Ok(templates)
}

/// Whether `places` contains the path or one of its parent folders.
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

/// Whether a file is parsed as Markdown. A file whose name cannot form a URL is not, because no page is written for it.
fn is_markdown(path: &str) -> bool {
    crate::note::markdown_stem(path).is_some() && name_fault(path).is_none()
}

/// A file as read, with its problem if it has one.
type Loaded = (SourceFile, Option<Problem>);

/// Assembles a vault from files sorted as [`Vault::files`] requires; sets the file ids of the problems.
fn gathered(root: &Path, files: Vec<Loaded>) -> Vault {
    let mut vault = Vault { root: root.to_path_buf(), ..Vault::default() };
    vault.markdown = files.partition_point(|(file, _)| is_markdown(&file.path));
    for (file, problem) in files {
        add_folders(&mut vault.folders, &file.path);
        let id = vault.files.push(file);
        vault.problems.extend(problem.map(|p| Problem { file: id, ..p }));
    }
    vault
}

fn add_folders(folders: &mut BTreeSet<String>, path: &str) {
    let mut folder = path;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        // A folder that is already in the set was added together with its parents.
        if !folders.insert(parent.to_string()) {
            return;
        }
        folder = parent;
    }
    folders.insert(String::new());
}

/// Kind, message and help of a problem.
type Fault = (ProblemKind, String, String);

fn unreadable(why: String) -> Fault {
    let help = "give it read permission, or add it to `ignore`".into();
    (ProblemKind::Unreadable, format!("cannot be read: {why}"), help)
}

/// The problem of a file whose name cannot form a URL.
fn name_problem(path: &str) -> Option<Fault> {
    name_fault(path).map(|fault| (ProblemKind::BadPath, fault, "rename it".into()))
}

/// The reason that no URL can be formed from a path in the content folder; `None` if one can. Names that are not UTF-8
/// contain replacement characters here.
fn name_fault(path: &str) -> Option<String> {
    let name = crate::note::file_name(path);
    if let Some(fault) = disk::name_fault(path) {
        return Some(fault.into());
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

/// Reads a Markdown file; for any other file only checks the read permission. The file id in the problem is set later,
/// by [`gathered`].
///
/// # Errors
/// Returns a message if the operating system reports a failure that is not specific to the file.
fn load(folder: &Folder, found: &Found) -> Result<Loaded, String> {
    let without_text = |fault: Option<Fault>| Ok(loaded(found.path.as_str(), "", fault));
    if let Some(named) = &found.problem
        && (named.0 == ProblemKind::Unreadable || !found.markdown)
    {
        return without_text(Some(named.clone()));
    }
    let failed = |e: std::io::Error| cannot_read(&found.on_disk, &e);
    if !found.markdown {
        let may_read = disk::may_read(&found.on_disk).map_err(failed)?;
        return without_text((!may_read).then(|| unreadable("permission denied".into())));
    }
    if let Some(note) = &found.stands_for {
        return Ok(loaded(found.path.as_str(), &text_of_link(&found.path, note), None));
    }
    let opened = match folder.open(&found.on_disk) {
        Err(error) if disk::is_of_machine(&error) => return Err(failed(error)),
        Err(error) => return without_text(Some(unreadable(reason(&error)))),
        Ok(opened) => opened,
    };
    match read_bounded(&found.on_disk, opened)? {
        Ok(bytes) => Ok(checked(found.path.as_str().into(), &bytes, found.problem.clone())),
        Err(why) => without_text(Some(why)),
    }
}

/// The text of a symbolic link to a note of the content: that of an alias note, so that the note has a second address and
/// is not there twice.
fn text_of_link(path: &str, note: &str) -> String {
    let mut address = "../".repeat(path.matches('/').count());
    encode_path(note, &mut address);
    format!("[See]({address})\n")
}

/// A file with its text and its problem. [`gathered`] sets the file id once the files are sorted.
fn loaded(path: impl Into<Arc<str>>, text: &str, fault: Option<Fault>) -> Loaded {
    let problem = fault.map(|(kind, message, help)| Problem { file: FileId::FIRST, kind, message, help });
    (SourceFile::new(path, text), problem)
}

/// A Markdown file with the given content. Content that is not valid text is a problem, and the text is then empty;
/// otherwise the problem is `named`, that of the file's name.
fn checked(path: Arc<str>, bytes: &[u8], named: Option<Fault>) -> Loaded {
    match std::str::from_utf8(bytes) {
        Err(error) => loaded(path, "", Some(not_utf8(bytes, error.valid_up_to()))),
        Ok(text) => match text.find('\0') {
            Some(at) => {
                let message = format!("holds a NUL at byte {at}");
                loaded(path, "", Some((ProblemKind::InvalidEncoding, message, "save it as UTF-8 text".into())))
            }
            None => loaded(path, text, named),
        },
    }
}

fn too_large() -> Fault {
    let message = format!("has more than {} MiB", MAX_NOTE >> 20);
    (ProblemKind::TooLarge, message, "split the note, or add it to `ignore`".to_string())
}

fn not_utf8(bytes: &[u8], at: usize) -> Fault {
    let guess = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => " (it begins like UTF-16)",
        _ => "",
    };
    let byte = bytes.get(at).copied().unwrap_or(0);
    (
        ProblemKind::InvalidEncoding,
        format!("is not UTF-8: byte 0x{byte:02x} at offset {at}{guess}"),
        "save it as UTF-8".into(),
    )
}

/// Reads at most [`MAX_NOTE`] bytes of a file; a longer file is a problem, even if it grew after its size was read.
///
/// # Errors
/// The outer error is a failure of the operating system, the inner one a problem of the file.
fn read_bounded(path: &Path, (file, found): (fs::File, fs::Metadata)) -> Result<Result<Vec<u8>, Fault>, String> {
    if found.len() > MAX_NOTE {
        return Ok(Err(too_large()));
    }
    let mut bytes = Vec::with_capacity(found.len() as usize + 1);
    match file.take(MAX_NOTE + 1).read_to_end(&mut bytes) {
        Err(error) if disk::is_of_machine(&error) => Err(cannot_read(path, &error)),
        Err(error) => Ok(Err(unreadable(reason(&error)))),
        Ok(_) if bytes.len() as u64 > MAX_NOTE => Ok(Err(too_large())),
        Ok(_) => Ok(Ok(bytes)),
    }
}

/// The message of an operating system error in lower case, without the error number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// The span of a finding about a whole file.
pub(crate) const WHOLE: Span = Span { start: 0, end: 0 };

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(vault: &Vault) -> Vec<String> {
        let files = vault.files.iter_enumerated().map(|(id, file)| {
            let problem = vault.problems.iter().find(|p| p.file == id).map_or("", |p| p.message.as_str());
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
