//! Why the sources of a site cannot be loaded.

use crate::config::ConfigErrors;
use crate::system::disk::from_here;
use crate::system::git::GitError;
use std::fmt;
use std::path::PathBuf;

/// Why a site cannot be loaded. A command then ends with exit status 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LoadError {
    /// The root of the site does not exist, or is a file.
    NotAFolder(PathBuf),
    /// A path cannot be read.
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The message of the operating system.
        reason: String,
    },
    /// A path from the configuration is not UTF-8.
    NotUtf8(PathBuf),
    /// The configuration file has a mistake.
    Config {
        /// The configuration file.
        file: PathBuf,
        /// The mistakes, with line and column.
        errors: ConfigErrors,
    },
    /// The content folder of the configuration does not exist.
    NoContent {
        /// The configuration file.
        file: PathBuf,
        /// The value of `content`.
        content: String,
    },
    /// The content folder cannot be read; the message names the path.
    Content(String),
    /// The templates or the static files cannot be read; the message names the path.
    OwnFiles(String),
    /// A git revision cannot be read.
    Git(GitError),
    /// The baseline cannot be read, or is not a baseline.
    Baseline {
        /// The file, as the user sees it.
        file: String,
        /// The problem, as the end of a sentence.
        reason: String,
        /// Whether the configuration names the file, not the command line.
        is_configured: bool,
    },
}

impl LoadError {
    /// The error for a path refused by the operating system.
    pub(super) fn unreadable(path: impl Into<PathBuf>, error: &std::io::Error) -> LoadError {
        let reason = match error.kind() {
            std::io::ErrorKind::InvalidData => "the file is not UTF-8 text; save it as UTF-8".to_string(),
            _ => error.to_string(),
        };
        LoadError::Unreadable { path: path.into(), reason }
    }

    /// The line of the configuration file, from 1; 0 if the error has no line.
    pub(crate) fn line(&self) -> u32 {
        match self {
            LoadError::Config { errors, .. } => errors.iter().next().map_or(0, |error| error.line as u32),
            _ => 0,
        }
    }

    /// The message without the path and the position of the configuration file.
    pub(crate) fn message(&self) -> String {
        match self {
            LoadError::NotAFolder(path) => format!("`{}` is not a folder", path.display()),
            LoadError::Unreadable { path, reason } => format!("cannot read `{}`: {reason}", from_here(path)),
            LoadError::NotUtf8(path) => format!("the path `{}` is not UTF-8", path.display()),
            LoadError::Config { errors, .. } => {
                let mut messages = errors.iter().map(|error| error.message.clone());
                let first = messages.next().unwrap_or_default();
                match messages.count() {
                    0 => first,
                    1 => format!("{first} (and one more mistake)"),
                    more => format!("{first} (and {more} more mistakes)"),
                }
            }
            LoadError::NoContent { content, .. } => {
                format!("the content folder `{content}` does not exist; create it, or set `content`")
            }
            LoadError::Content(message) | LoadError::OwnFiles(message) => message.clone(),
            LoadError::Git(error) => error.to_string(),
            LoadError::Baseline { file, reason, is_configured } => {
                let without = if *is_configured { ", or remove `baseline` from `[check]` in canon.toml" } else { "" };
                format!("the baseline `{file}` {reason}; write it with `canon check --write-baseline {file}`{without}")
            }
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Config { file, errors } => f.write_str(&errors.shown(&from_here(file))),
            LoadError::NoContent { file, .. } => write!(f, "{}: {}", from_here(file), self.message()),
            _ => f.write_str(&self.message()),
        }
    }
}

impl std::error::Error for LoadError {}
