//! What builds before left, brought to an end: a replacement that was cut off, an old site that still holds preserved
//! files, a staging folder. What cannot be brought to an end is given up with a sentence for the user, because it would
//! stop every later build.

use super::claim::OutputLock;
use super::error::OutputError;
use super::manifest::{MANIFEST_PATH, OUR_FOLDER};
use super::place::Place;
use super::tree::{self, StagingDir, remove_any};
use super::{replace, swap};
use std::io;
use std::path::{Path, PathBuf};

/// Brings the output to rest after a run that was killed: what it had begun is finished, or given up where that is not
/// possible. The answer says what was given up; nothing that is not possible may stop every later build.
pub(super) fn finish_killed_run(
    claim: &OutputLock,
    output: &Path,
    preserve: &[String],
) -> Result<Vec<String>, OutputError> {
    let mut notices = Vec::new();
    if let Err(error) = replace::resume(claim, output) {
        replace::give_up(claim)?;
        notices.push(format!(
            "an earlier build was stopped while it replaced files in {}, and the rest cannot be replaced now ({error}); \
             this build starts over",
            output.display()
        ));
    }
    for place in [Place::Cache, Place::Beside] {
        let folder = place.folder(claim, output);
        if let Err(error) = swap::bring_back(&folder, output, preserve) {
            let Ok(aside) = tree::set_aside(&folder) else { return Err(error) };
            notices.push(format!("{error}; look for it in {}, where the old site is now", aside.display()));
        }
    }
    empty_our_folder(output)?;
    Ok(notices)
}

/// Removes all but the manifest from the folder of the output that is ours: staging and half-written lists.
fn empty_our_folder(output: &Path) -> Result<(), OutputError> {
    let Ok(entries) = std::fs::read_dir(output.join(OUR_FOLDER)) else { return Ok(()) };
    let all = entries.flatten().map(|entry| entry.path());
    all.filter(|path| *path != output.join(MANIFEST_PATH))
        .try_for_each(|path| remove_any(&path).map_err(OutputError::system("remove", path)))
}

/// The staging folder, with what an earlier build left in it. Where that cannot be used, as after a build as another
/// user, it is set aside: every later build would fail on it.
pub(super) fn open_tree(folder: PathBuf, notices: &mut Vec<String>) -> Result<StagingDir, OutputError> {
    let failed = || OutputError::system("open", &folder);
    match StagingDir::open(folder.clone()) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let aside = tree::set_aside(&folder).map_err(failed())?;
            notices.push(format!(
                "what an earlier build left in {} cannot be used ({error}); it is in {} now and can be deleted",
                folder.display(),
                aside.display()
            ));
            make_missing(&folder)?;
            StagingDir::open(folder.clone()).map_err(failed())
        }
        opened => opened.map_err(failed()),
    }
}

/// Makes a folder and those above it that are missing; the list has them, outermost first.
pub(super) fn make_missing(folder: &Path) -> Result<Vec<PathBuf>, OutputError> {
    let mut missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_path_buf).collect();
    missing.reverse();
    std::fs::create_dir_all(folder).map_err(OutputError::system("make", folder))?;
    Ok(missing)
}
