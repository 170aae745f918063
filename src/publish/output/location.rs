//! Chooses the staging folder of a build and the method of publishing from there. Creates nothing.
//!
//! The staging folder must be on the same mount as the output, because folders cannot be exchanged across mounts. The
//! cache folder of the user usually is: nothing then appears next to the output, even if the run is killed. If not, or
//! if files created there would have different security labels or inherited access lists, a hidden folder next to the
//! output is used. It is removed when the build ends; after a kill, the next build reuses it. Staging inside the output
//! is the last resort, for outputs where an exchange is impossible (a mount point, or a parent without write
//! permission): an upload of the output at that time would include the half-staged site.

use super::Method;
use super::lock::OutputLock;
use super::manifest::OUR_FOLDER;
use super::system;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The possible locations of the staging folder. The journal contains these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Location {
    /// In the cache folder of the user. The previous site remains there for the next build to overwrite.
    Cache,
    /// A hidden folder next to the output.
    Beside,
    /// In the reserved folder inside the output.
    Inside,
}

impl Location {
    /// The path of the staging folder.
    pub(super) fn folder(self, lock: &OutputLock, output: &Path) -> PathBuf {
        match self {
            Location::Cache => lock.tree(),
            Location::Beside => {
                let mut name = OsString::from(".");
                name.push(output.file_name().unwrap_or_default());
                name.push(".canon-next");
                output.with_file_name(name)
            }
            Location::Inside => output.join(OUR_FOLDER).join("next"),
        }
    }
}

/// The best location and the method available there, for an output whose parent exists. `kept` are the preserved names
/// to move into the new site.
pub(super) fn choose(lock: &OutputLock, output: &Path, wanted: Method, kept: &[String]) -> (Location, Method) {
    let Some(parent) = output.parent() else { return (Location::Inside, Method::FileByFile) };
    let same_mount = |one: &Path, other: &Path| match (system::mount_of(one), system::mount_of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let cached = system::gives_same_attributes(lock.folder(), parent);
    let exchangeable = cfg!(unix)
        && system::check_writable(parent).is_ok()
        && (!output.exists() || same_mount(output, parent))
        && kept.iter().all(|name| system::can_move(&output.join(name), output));
    // Renaming single files needs only the mount of the output itself, or of its parent if the output does not exist
    // yet.
    let beside = if output.exists() { output } else { parent };
    match wanted {
        Method::OneStep if exchangeable && cached && same_mount(lock.folder(), parent) => (Location::Cache, wanted),
        Method::OneStep if exchangeable => (Location::Beside, wanted),
        _ if cached && same_mount(lock.folder(), beside) => (Location::Cache, Method::FileByFile),
        _ => (Location::Inside, Method::FileByFile),
    }
}
