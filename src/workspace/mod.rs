//! Finds and reads the sources of a site: the configuration file, the content, the templates and the static files.
//!
//! [`Location`] finds `canon.toml` and the folders of the site. A command that runs once reads its content and
//! analyzes it; the preview and editors use a [`Session`], which is analyzed again after each edit. Every error is a
//! [`LoadError`], so that no caller has to read an error text to learn which file is wrong. Knows no command line, no server and no terminal.

mod error;
pub(crate) mod inputs;
mod location;
mod revision;
mod session;
mod survey;

pub(crate) use error::LoadError;
pub(crate) use location::{Location, Lookup, read_baseline};
pub(crate) use revision::PastSite;
pub use session::Changes;
pub(crate) use session::{CONFIG, Problem, Session, Update, own_folders};
pub(crate) use survey::{Survey, survey};
