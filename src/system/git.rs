//! Reads files of a revision from the objects of a git repository. Writes nothing: no checkout, no index, no lock.
//!
//! Runs the `git` program. A library would be megabytes of code for all that a repository may be (packs, alternates, shallow
//! and partial clones, linked worktrees, SHA-256, checks of ownership), and where there is a repository, there is the program.

use super::disk::path_from_bytes;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Variables with which git runs hooks. They name the repository of the hook, relative to its folder, and would replace the
/// repository around the content.
const VARIABLES_OF_HOOKS: &[&str] =
    &["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// A commit of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision {
    /// The folder of the working tree, without symbolic links.
    top: PathBuf,
    /// The object name of the commit, in hexadecimal digits.
    commit: String,
}

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeFile {
    /// The path relative to the working tree.
    pub path: PathBuf,
    /// Whether the file is a symbolic link. Its content is then the target.
    pub is_link: bool,
    /// The name of the object with the content.
    object: String,
}

/// The content of a file of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blob {
    /// The bytes.
    Bytes(Vec<u8>),
    /// The file is longer than the limit.
    TooLarge,
}

/// Why a revision cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GitError {
    /// The program cannot be found.
    NotInstalled,
    /// The folder is not in a working tree that git may read.
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// The message of git.
        reason: String,
    },
    /// No commit has this name.
    Unknown {
        /// The name.
        name: String,
        /// Whether the clone has only a part of the history.
        is_shallow: bool,
    },
    /// Two revisions have no common ancestor in this clone.
    NoCommonAncestor {
        /// The revision that was compared with `HEAD`.
        name: String,
        /// Whether the clone has only a part of the history.
        is_shallow: bool,
    },
    /// A command of git failed.
    Failed {
        /// The command.
        command: String,
        /// The message of git or of the system.
        reason: String,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shallow = |is_shallow: bool| match is_shallow {
            true => {
                "; this clone has only a part of the history: fetch the rest with `git fetch --unshallow` (GitHub Actions: \
                 `fetch-depth: 0` for actions/checkout; GitLab: `GIT_DEPTH: 0`)"
            }
            false => "",
        };
        match self {
            GitError::NotInstalled => f.write_str("the program `git` is needed to read a revision; install it"),
            GitError::NoRepository { folder, reason } => {
                write!(f, "`{}` is not in a git repository that can be read: {reason}", folder.display())
            }
            GitError::Unknown { name, is_shallow } => {
                let fetch =
                    "; `git log` lists commits, `git branch --all` branches, and `git fetch` gets those of a server";
                write!(f, "git knows no revision `{name}`{}", if *is_shallow { shallow(true) } else { fetch })
            }
            GitError::NoCommonAncestor { name, is_shallow } => {
                write!(f, "`{name}` and `HEAD` have no common ancestor{}", shallow(*is_shallow))
            }
            GitError::Failed { command, reason } => write!(f, "`git {command}` failed: {reason}"),
        }
    }
}

impl std::error::Error for GitError {}

impl Revision {
    /// Finds a revision of the repository around a folder: a commit, branch or tag in any form that git knows, or a name with
    /// `...` behind it, the last common ancestor with `HEAD`.
    ///
    /// # Errors
    /// Git is not installed, the folder is not in a repository, or no commit has this name.
    pub(crate) fn find(folder: &Path, name: &str) -> Result<Revision, GitError> {
        let top = run(folder, &["rev-parse", "--show-toplevel"]).map_err(|error| match error {
            GitError::Failed { reason, .. } => GitError::NoRepository { folder: folder.to_path_buf(), reason },
            error => error,
        })?;
        let failed = |e: io::Error| GitError::Failed { command: "rev-parse".into(), reason: e.to_string() };
        let top =
            std::fs::canonicalize(path_from_bytes(top.strip_suffix(b"\n").unwrap_or(&top).to_vec())).map_err(failed)?;
        let commit = match name.strip_suffix("...") {
            Some(other) => common_ancestor(&top, other)?,
            None => commit_of(&top, name)?,
        };
        Ok(Revision { top, commit })
    }

    /// The folder of the working tree, without symbolic links.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The regular files and symbolic links at or below some paths, which are relative to the working tree. An empty path means
    /// every file. Files of submodules are not listed.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn files(&self, paths: &[&Path]) -> Result<Vec<TreeFile>, GitError> {
        let mut arguments: Vec<&OsStr> = ["ls-tree", "-r", "-z", "--full-tree", &self.commit].map(OsStr::new).into();
        if !paths.iter().any(|path| path.as_os_str().is_empty()) {
            arguments.push("--".as_ref());
            arguments.extend(paths.iter().map(|path| path.as_os_str()));
        }
        let listed = run(&self.top, &arguments)?;
        Ok(listed.split(|&byte| byte == 0).filter_map(tree_file).collect())
    }

    /// The contents of some files, in their order.
    ///
    /// # Errors
    /// Git fails, or lacks an object.
    pub(crate) fn contents(&self, files: &[&TreeFile], most: u64) -> Result<Vec<Blob>, GitError> {
        let failed = |e: io::Error| GitError::Failed { command: "cat-file --batch".into(), reason: e.to_string() };
        let mut command = git(&self.top);
        // Messages of git about objects that it fetches go to the terminal.
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(not_started)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let names: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
        let read = std::thread::scope(|scope| {
            // On a thread of its own: git stops reading names while nobody reads its output. Without git, writing fails, and
            // the reader gets the error.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(names.as_bytes())));
            let mut stdout = BufReader::new(stdout.ok_or(io::ErrorKind::BrokenPipe)?);
            files.iter().map(|_| next_blob(&mut stdout, most)).collect::<io::Result<Vec<Blob>>>()
        });
        if read.is_err() {
            // The process may have ended already.
            let _ = child.kill();
        }
        child.wait().map_err(failed)?;
        read.map_err(failed)
    }
}

/// The next object of `git cat-file --batch`: `NAME blob SIZE`, a line end, the bytes, a line end.
fn next_blob(stdout: &mut impl BufRead, most: u64) -> io::Result<Blob> {
    let mut head = String::new();
    stdout.read_line(&mut head)?;
    let size = head.trim_end().rsplit_once(" blob ").or(head.trim_end().rsplit_once(' ')).map(|(_, size)| size);
    let size: u64 = size.and_then(|size| size.parse().ok()).ok_or_else(|| match head.is_empty() {
        true => io::Error::new(io::ErrorKind::UnexpectedEof, "git ended early"),
        false => io::Error::new(io::ErrorKind::NotFound, format!("object {}", head.trim_end())),
    })?;
    let mut bytes = Vec::new();
    let mut object = stdout.take(size);
    if size > most {
        io::copy(&mut object, &mut io::sink())?;
    } else {
        object.read_to_end(&mut bytes)?;
    }
    let mut line_end = [0];
    stdout.read_exact(&mut line_end)?;
    Ok(if size > most { Blob::TooLarge } else { Blob::Bytes(bytes) })
}

/// An entry of `git ls-tree -z`: `MODE TYPE OBJECT`, a tab, the path. `None` for submodules.
fn tree_file(entry: &[u8]) -> Option<TreeFile> {
    let tab = entry.iter().position(|&byte| byte == b'\t')?;
    let mut head = std::str::from_utf8(&entry[..tab]).ok()?.split(' ');
    let (mode, kind, object) = (head.next()?, head.next()?, head.next()?);
    let is_link = mode == "120000";
    (kind == "blob").then(|| TreeFile {
        path: path_from_bytes(entry[tab + 1..].to_vec()),
        is_link,
        object: object.into(),
    })
}

/// The commit with a name.
fn commit_of(top: &Path, name: &str) -> Result<String, GitError> {
    let unknown = || GitError::Unknown { name: name.into(), is_shallow: is_shallow(top) };
    // Git would read such a name as an option.
    if name.is_empty() || name.starts_with('-') {
        return Err(unknown());
    }
    let object = run(top, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]);
    object.map(one_line).map_err(|error| match error {
        GitError::Failed { .. } => unknown(),
        error => error,
    })
}

/// The last common ancestor of a revision and `HEAD`.
fn common_ancestor(top: &Path, name: &str) -> Result<String, GitError> {
    let (other, head) = (commit_of(top, name)?, commit_of(top, "HEAD")?);
    run(top, &["merge-base", &other, &head]).map(one_line).map_err(|error| match error {
        GitError::Failed { .. } => GitError::NoCommonAncestor { name: name.into(), is_shallow: is_shallow(top) },
        error => error,
    })
}

fn is_shallow(top: &Path) -> bool {
    run(top, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| one_line(answer) == "true")
}

fn one_line(output: Vec<u8>) -> String {
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_string()
}

/// Runs a command of git and returns its output.
fn run(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, GitError> {
    let output = git(folder).args(arguments).stdin(Stdio::null()).output().map_err(not_started)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = one_line(output.stderr);
    let reason = message.strip_prefix("fatal: ").unwrap_or(&message).to_string();
    let command = arguments.first().map(|command| command.as_ref().to_string_lossy().into_owned());
    Err(GitError::Failed { command: command.unwrap_or_default(), reason })
}

/// The program, in a folder.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    VARIABLES_OF_HOOKS.iter().for_each(|name| {
        command.env_remove(name);
    });
    // Messages in English like those of canon; no path is a pattern; no command writes the index.
    command.env("LC_ALL", "C").env("GIT_LITERAL_PATHSPECS", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.arg("-C").arg(folder);
    command
}

fn not_started(error: io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Failed { command: String::new(), reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_tree_are_files_and_links() {
        let entry =
            |text: &str| tree_file(text.as_bytes()).map(|f| (f.path.display().to_string(), f.is_link, f.object));
        assert_eq!(entry("100644 blob ab12\ta\tb \n.md"), Some(("a\tb \n.md".into(), false, "ab12".into())));
        assert_eq!(entry("100755 blob ab12\ta.md"), Some(("a.md".into(), false, "ab12".into())));
        assert_eq!(entry("120000 blob ab12\tc/ü.md"), Some(("c/ü.md".into(), true, "ab12".into())));
        assert_eq!([entry("160000 commit ab12\tsub"), entry(""), entry("100644 blob")], [None, None, None]);
    }

    #[test]
    fn objects_are_read_in_order_and_bounded() {
        let mut output: &[u8] = b"ab blob 3\na\nb\nab blob 0\n\nab blob 9\nlong text\nab blob 1\nc\nab missing\n";
        let mut next = || next_blob(&mut output, 8);
        assert_eq!(next().expect("a blob"), Blob::Bytes(b"a\nb".into()));
        assert_eq!(next().expect("a blob"), Blob::Bytes(Vec::new()));
        assert_eq!(next().expect("a blob"), Blob::TooLarge);
        assert_eq!(next().expect("a blob"), Blob::Bytes(b"c".into()));
        assert_eq!(next().expect_err("missing").to_string(), "object ab missing");
        assert_eq!(next().expect_err("the end").to_string(), "git ended early");
    }
}
