//! Where a site is staged, and how it can be published from there. Decides; makes nothing.
//!
//! Staging must lie on the mount of the output, or it could not be exchanged with it. The user's cache folder does in
//! most cases: then nothing ever appears beside the output, not even in a run that is killed. Where it does not, or
//! where files made there would differ (security labels, inherited access lists), a hidden folder beside the output
//! is used; it is gone when the build ends, and a killed build's is taken up by the next one. Staging inside the output
//! is only for outputs that cannot be exchanged (a mount point, a parent that is not ours): a half-staged site there
//! would be uploaded with the published one.

use super::Method;
use super::claim::OutputLock;
use super::manifest::OUR_FOLDER;
use super::system;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The kinds of places, as the journal names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// In the user's cache folder. The old site stays there as raw material of the next build.
    Cache,
    /// Hidden beside the output.
    Beside,
    /// In our own folder inside the output.
    Inside,
}

impl Place {
    /// The folder of this place.
    pub(super) fn folder(self, claim: &OutputLock, output: &Path) -> PathBuf {
        match self {
            Place::Cache => claim.tree(),
            Place::Beside => {
                let mut name = OsString::from(".");
                name.push(output.file_name().unwrap_or_default());
                name.push(".canon-next");
                output.with_file_name(name)
            }
            Place::Inside => output.join(OUR_FOLDER).join("next"),
        }
    }
}

/// The best place, and the method that is possible there, for an output whose parent exists. `kept` are the names in it
/// that have to be moved into a site that takes its place.
pub(super) fn choose(claim: &OutputLock, output: &Path, wanted: Method, kept: &[String]) -> (Place, Method) {
    let Some(parent) = output.parent() else { return (Place::Inside, Method::FileByFile) };
    let same_mount = |one: &Path, other: &Path| match (system::mount_of(one), system::mount_of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let cached = system::gives_like(claim.folder(), parent);
    let exchangeable = cfg!(unix)
        && system::check_writable(parent).is_ok()
        && (!output.exists() || same_mount(output, parent))
        && kept.iter().all(|name| system::can_move(&output.join(name), output));
    let beside = if output.exists() { output } else { parent };
    match wanted {
        Method::OneStep if exchangeable && cached && same_mount(claim.folder(), parent) => (Place::Cache, wanted),
        Method::OneStep if exchangeable => (Place::Beside, wanted),
        _ if cached && same_mount(claim.folder(), beside) => (Place::Cache, Method::FileByFile),
        _ => (Place::Inside, Method::FileByFile),
    }
}
