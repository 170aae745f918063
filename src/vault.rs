//! The content folder, read: the only reader of content. Knows paths and bytes, not what they say.

use crate::config::Config;
use crate::diagnostic::RuleId;
use crate::note::globs;
use crate::source::{FileId, SourceFile, Span};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest note that is read, in bytes.
pub const MAX_NOTE: u64 = 4 << 20;
/// Longest file name, in bytes.
const MAX_NAME: usize = 200;
/// Longest path, in bytes.
const MAX_PATH: usize = 1_000;

/// Every file of the content folder.
#[derive(Debug, Default)]
pub struct Vault {
    /// The content folder.
    pub root: PathBuf,
    /// Markdown files by path, then the others by path. Of the others, and of what could not be read, the text is empty.
    pub files: Vec<SourceFile>,
    /// How many of them are Markdown.
    pub markdown: usize,
    /// Folders that hold files, at any depth, without a slash at the end; the root is "".
    pub folders: BTreeSet<String>,
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
    let mut found = walk(root, config, skip)?;
    found.par_sort_unstable_by(|a, b| (!a.markdown, &a.path).cmp(&(!b.markdown, &b.path)));
    let mut vault =
        Vault { root: root.to_path_buf(), markdown: found.iter().filter(|f| f.markdown).count(), ..Vault::default() };
    let read: Vec<(SourceFile, Option<Problem>)> =
        found.par_iter().enumerate().map(|(i, f)| load(root, FileId(i as u32), f)).collect();
    for (file, problem) in read {
        add_folders(&mut vault.folders, &file.path);
        vault.problems.extend(problem);
        vault.files.push(file);
    }
    Ok(vault)
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

fn walk(root: &Path, config: &Config, skip: &[PathBuf]) -> Result<Vec<Found>, String> {
    let ignore = globs(&config.ignore);
    let outside: Vec<PathBuf> = config.follow_links_outside.iter().filter_map(|f| fs::canonicalize(f).ok()).collect();
    let real_root = fs::canonicalize(root).map_err(|e| format!("cannot read `{}`: {}", root.display(), reason(&e)))?;
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let mut found = Vec::new();
    let keep = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0
            || !(name.starts_with('.')
                || (entry.file_type().is_dir() && (name == "node_modules" || name == "target"))
                || skip.iter().any(|s| s == entry.path())
                || ignore.is_match(relative(entry.path())))
    };
    for entry in walkdir::WalkDir::new(root).into_iter().filter_entry(keep) {
        let (path, kind) = match &entry {
            Ok(entry) if entry.file_type().is_dir() => continue,
            Ok(entry) => (entry.path(), Some(entry.file_type())),
            Err(error) if error.depth() == 0 => return Err(format!("cannot read `{}`: {error}", root.display())),
            Err(error) => (error.path().unwrap_or(root), None),
        };
        let mut problem = name_problem(path);
        match kind {
            None => {
                let why = entry.as_ref().err().and_then(|e| e.io_error()).map_or("it cannot be opened".into(), reason);
                problem = Some((
                    "unreadable-file",
                    format!("cannot be read: {why}"),
                    "give it read permission, or add it to `ignore`".into(),
                ));
            }
            Some(kind) if kind.is_symlink() => problem = link_problem(path, &real_root, &outside).or(problem),
            Some(kind) if !kind.is_file() => {
                problem = Some((
                    "unreadable-file",
                    "is not a regular file".into(),
                    "move it out of the content folder".into(),
                ));
            }
            Some(_) => {}
        }
        let path = relative(path);
        found.push(Found { markdown: path.ends_with(".md"), path, problem });
    }
    Ok(found)
}

/// What is wrong with a file's name, if anything.
fn name_problem(path: &Path) -> Option<(RuleId, String, String)> {
    let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
        return Some(("bad-path", "the file name is not UTF-8".into(), "rename the file".into()));
    };
    if name.chars().any(char::is_control) {
        return Some(("bad-path", "the file name holds control characters".into(), "rename the file".into()));
    }
    if name.len() > MAX_NAME || path.as_os_str().len() > MAX_PATH + 4_096 {
        return Some((
            "bad-path",
            format!("the file name has {} bytes, more than {MAX_NAME}", name.len()),
            "rename the file".into(),
        ));
    }
    None
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

fn load(root: &Path, id: FileId, found: &Found) -> (SourceFile, Option<Problem>) {
    let problem = |(rule, message, help): (RuleId, String, String)| Problem { file: id, rule, message, help };
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
    let unreadable = |e: std::io::Error| {
        (
            "unreadable-file",
            format!("cannot be read: {}", reason(&e)),
            "give it read permission, or add it to `ignore`".to_string(),
        )
    };
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
