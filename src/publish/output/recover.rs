//! Completes what interrupted builds left: a half-finished replacement, an old site that still contains preserved
//! files, a staging folder. A remainder which cannot be completed would stop every later build, and is set aside with a
//! message for the user.

use super::error::OutputError;
use super::location::Location;
use super::lock::OutputLock;
use super::manifest::{MANIFEST_PATH, OUR_FOLDER};
use super::tree::{self, StagingDir, remove_any};
use super::{replace, swap};
use crate::system::disk::from_here;
use std::io;
use std::path::{Path, PathBuf};

/// Completes the work of a killed run, or sets the remainder aside. Returns a message for each remainder set aside. An
/// error only if setting aside fails.
pub(super) fn finish_killed_run(
    lock: &OutputLock,
    output: &Path,
    preserve: &[String],
) -> Result<Vec<String>, OutputError> {
    let mut notices = Vec::new();
    if let Err(error) = replace::resume(lock, output) {
        replace::give_up(lock)?;
        notices.push(format!(
            "an earlier build was stopped while it replaced files in {}, and the rest cannot be replaced now ({error}); \
             this build starts over",
            from_here(output)
        ));
    }
    for location in [Location::Cache, Location::Beside] {
        let folder = location.folder(lock, output);
        if let Err(error) = swap::restore_preserved(&folder, output, preserve) {
            let Ok(aside) = tree::set_aside(&folder) else { return Err(error) };
            notices.push(format!("{error}; look for it in {}, where the old site is now", from_here(&aside)));
        }
    }
    empty_our_folder(output)?;
    Ok(notices)
}

/// Removes everything except the manifest from the reserved folder of the output: staging folders and partial
/// manifests.
fn empty_our_folder(output: &Path) -> Result<(), OutputError> {
    let Ok(entries) = std::fs::read_dir(output.join(OUR_FOLDER)) else { return Ok(()) };
    let all = entries.flatten().map(|entry| entry.path());
    all.filter(|path| *path != output.join(MANIFEST_PATH))
        .try_for_each(|path| remove_any(&path).map_err(OutputError::system("remove", path)))
}

/// Opens the staging folder with the leftovers of an earlier build. A folder without permission, as after a build by a
/// different user, is renamed and replaced: every later build would fail on it.
pub(super) fn open_tree(folder: PathBuf, notices: &mut Vec<String>) -> Result<StagingDir, OutputError> {
    let failed = || OutputError::system("open", &folder);
    match StagingDir::open(folder.clone()) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let aside = tree::set_aside(&folder).map_err(failed())?;
            notices.push(format!(
                "what an earlier build left in {} cannot be used ({error}); it is in {} now and can be deleted",
                from_here(&folder),
                from_here(&aside)
            ));
            make_missing(&folder)?;
            StagingDir::open(folder.clone()).map_err(failed())
        }
        opened => opened.map_err(failed()),
    }
}

/// Creates a folder and its missing parents. Returns the created folders, outermost first.
pub(super) fn make_missing(folder: &Path) -> Result<Vec<PathBuf>, OutputError> {
    let mut missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_path_buf).collect();
    missing.reverse();
    std::fs::create_dir_all(folder).map_err(OutputError::system("make", folder))?;
    Ok(missing)
}
