//! What can go wrong with an output folder, as sentences. Decides nothing.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// How many foreign names a refusal shows.
const NAMES_SHOWN: usize = 10;

/// Why a site was not written. Always the environment's or the user's doing: the caller's exit status is 2.
#[derive(Debug)]
pub enum OutputError {
    /// The output folder is one that must not be written to.
    Refused {
        /// The output folder.
        output: PathBuf,
        /// What it is, as the end of a sentence that begins with "it".
        reason: String,
    },
    /// The output folder holds files that no build of ours wrote.
    Foreign {
        /// The output folder.
        output: PathBuf,
        /// The first of their names, sorted.
        names: Vec<String>,
        /// How many there are in all.
        total: usize,
    },
    /// Another build is writing the same output folder.
    Busy {
        /// The output folder.
        output: PathBuf,
    },
    /// A path or name inside the site that cannot be written.
    BadPath {
        /// The path as it was given.
        path: String,
        /// What is wrong with it, as the end of a sentence.
        reason: &'static str,
    },
    /// A folder that a build has to change is read-only for this user.
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A replacement file by file stopped on the way. The journal is kept, so that the next build goes on.
    HalfReplaced {
        /// What stopped it.
        cause: Box<OutputError>,
    },
    /// The system refused an operation.
    System {
        /// What was tried, as in "cannot `write`".
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
}

impl OutputError {
    /// Turns the system's answer into an error that names what was tried on which path; for `map_err`.
    pub(super) fn system(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> OutputError {
        let path = path.into();
        move |source| OutputError::System { action, path, source }
    }

    /// The refusal of a folder, with its names sorted and cut to what is shown.
    pub(super) fn foreign(output: PathBuf, mut names: Vec<String>) -> OutputError {
        let total = names.len();
        names.sort();
        names.truncate(NAMES_SHOWN);
        OutputError::Foreign { output, names, total }
    }

    /// Whether the disk, or the user's share of it, is full.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, OutputError::System { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// What the user can do about it, where that is not plain.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            OutputError::Refused { .. } => Some("choose another folder with `--output` or as `output` in canon.toml"),
            OutputError::Foreign { .. } => Some(
                "only what an earlier build wrote is ever replaced: move these files away, name them in `preserve`, or choose \
                 another folder with `--output`",
            ),
            OutputError::Busy { .. } => Some("wait until it is done"),
            OutputError::BadPath { .. } => None,
            OutputError::Unwritable { .. } => Some(
                "nothing was written; make the folder writable (`chmod u+rwx`, or its owner with `chown`), or choose another \
                 folder with `--output`",
            ),
            OutputError::HalfReplaced { cause } if cause.is_full() => {
                Some("some files may be replaced already: free some space, and the next build replaces the rest")
            }
            OutputError::HalfReplaced { .. } => {
                Some("some files may be replaced already: the next build replaces the rest")
            }
            OutputError::System { .. } if self.is_full() => Some("free some space; the published site is as it was"),
            OutputError::System { .. } => None,
        }
    }

    /// What went wrong, without the help.
    fn problem(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::Refused { output, reason } => {
                write!(f, "the site cannot be written to {}: it {reason}", output.display())
            }
            OutputError::Foreign { output, names, total } => {
                write!(f, "the output folder {} holds what no build wrote: {}", output.display(), names.join(", "))?;
                match total.saturating_sub(names.len()) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            OutputError::Busy { output } => write!(f, "another build is writing {}", output.display()),
            OutputError::BadPath { path, reason } => write!(f, "{path:?} in the site {reason}"),
            OutputError::Unwritable { folder, source } => write!(f, "cannot write to {}: {source}", folder.display()),
            OutputError::HalfReplaced { cause } => cause.problem(f),
            OutputError::System { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
        }
    }
}

/// The problem and, where there is one, the remedy.
impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem(f)?;
        self.help().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OutputError::System { source, .. } | OutputError::Unwritable { source, .. } => Some(source),
            OutputError::HalfReplaced { cause } => cause.source(),
            _ => None,
        }
    }
}
