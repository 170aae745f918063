//! Errors of an output folder as sentences. Decides nothing.

use crate::system::disk::from_here;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// The maximum number of foreign names in a message.
const NAMES_SHOWN: usize = 10;

/// The reason why a site was not written. Always caused by the environment or the user: the exit status is 2.
#[derive(Debug)]
pub enum OutputError {
    /// The output folder must not be written to.
    Refused {
        /// The output folder.
        output: PathBuf,
        /// The reason, as the end of a sentence that starts with "it".
        reason: String,
    },
    /// The output folder contains files that no build wrote.
    Foreign {
        /// The output folder.
        output: PathBuf,
        /// The first names in alphabetical order.
        names: Vec<String>,
        /// The total number of such files.
        total: usize,
    },
    /// Another build is writing the same output folder.
    Busy {
        /// The output folder.
        output: PathBuf,
    },
    /// A path or name in the site is not valid.
    BadPath {
        /// The path as given.
        path: String,
        /// The reason, as the end of a sentence.
        reason: &'static str,
    },
    /// The user has no write permission for a folder that the build must change.
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file-by-file replacement stopped halfway. The journal remains, so the next build continues.
    HalfReplaced {
        /// The error that stopped the replacement.
        cause: Box<OutputError>,
    },
    /// The system refused an operation.
    System {
        /// The operation, for example "cannot `write`".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

impl OutputError {
    /// For `map_err`: adds the operation and the path to an error of the system.
    pub(super) fn system(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> OutputError {
        let path = path.into();
        move |source| OutputError::System { action, path, source }
    }

    /// The refusal of a folder with foreign files. The names are sorted and truncated.
    pub(super) fn foreign(output: PathBuf, mut names: Vec<String>) -> OutputError {
        let total = names.len();
        names.sort();
        names.truncate(NAMES_SHOWN);
        OutputError::Foreign { output, names, total }
    }

    /// Whether the disk or the quota of the user is exhausted.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, OutputError::System { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// The remedy. `None` if the message itself makes it obvious.
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

    /// Writes the problem without the remedy.
    fn problem(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutputError::Refused { output, reason } => {
                write!(f, "the site cannot be written to {}: it {reason}", from_here(output))
            }
            OutputError::Foreign { output, names, total } => {
                write!(f, "the output folder {} holds what no build wrote: {}", from_here(output), names.join(", "))?;
                match total.saturating_sub(names.len()) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            OutputError::Busy { output } => write!(f, "another build is writing {}", from_here(output)),
            OutputError::BadPath { path, reason } => write!(f, "{path:?} in the site {reason}"),
            OutputError::Unwritable { folder, source } => write!(f, "cannot write to {}: {source}", from_here(folder)),
            OutputError::HalfReplaced { cause } => cause.problem(f),
            OutputError::System { action, path, source } => write!(f, "cannot {action} {}: {source}", from_here(path)),
        }
    }
}

/// The problem and, if there is one, the remedy.
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
