//! A site's sources in one place: the configuration file, the folders, and what a command reads from them.
//!
//! [`Location`] finds `canon.toml` and the folders that belong to it. A command that runs once calls
//! [`Location::analyze`]; the preview and editors use a [`Session`], which is analyzed again after each edit. Every error is a [`LoadError`], so that no caller has to read an error text to learn which file is
//! wrong. Knows no command line, no server and no terminal.

mod error;
mod location;
mod session;

pub(crate) use error::LoadError;
pub(crate) use location::{Location, Lookup};
pub use session::Changes;
pub(crate) use session::{CONFIG, Problem, Session, Update, own_folders};
