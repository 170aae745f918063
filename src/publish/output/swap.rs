//! Exchanges the staged site with the published one, and moves preserved files from the old site back.

use super::error::OutputError;
use super::listing::{self, site_path};
use super::manifest::{MANIFEST_PATH, Manifest, OUR_FOLDER};
use super::system;
use super::tree::{make_all_changeable, remove_any};
use std::io;
use std::path::Path;

/// Exchanges the complete site at `staged` with `output` in one step. `Ok(false)`, without a change, if the system does
/// not support exchanges.
pub(super) fn swap(staged: &Path, output: &Path) -> Result<bool, OutputError> {
    let swapped = match output.exists() {
        true => system::exchange(staged, output),
        false => std::fs::rename(staged, output),
    };
    match swapped {
        Ok(()) => Ok(true),
        Err(error) if system::cannot_exchange(&error) => Ok(false),
        Err(error) => Err(OutputError::system("publish", output)(error)),
    }
}

/// Moves all files in the old site at `staged` that are not in its manifest back to `output`: the preserved folders,
/// and files that were added while the build was running. The manifest of the old site is removed last, as a marker for
/// later runs: a staging folder without a manifest contains no files of the user.
pub(super) fn restore_preserved(staged: &Path, output: &Path, preserve: &[String]) -> Result<(), OutputError> {
    let path = staged.join(MANIFEST_PATH);
    let text = match std::fs::read(&path) {
        Err(error) if is_absent(&error) => return Ok(()),
        text => text.map_err(OutputError::system("read", &path))?,
    };
    let attempt = || {
        // An unreadable manifest was interrupted while it was written, so no exchange has followed.
        if let Ok(ours) = Manifest::parse(&text) {
            restore_unlisted(&ours, staged, output, preserve)?;
        }
        remove_any(&path).map_err(OutputError::system("remove", &path))
    };
    match attempt() {
        // The old site has read-only folders.
        Err(OutputError::System { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
            make_all_changeable(staged).map_err(OutputError::system("open", staged))?;
            attempt()
        }
        done => done,
    }
}

fn restore_unlisted(ours: &Manifest, staged: &Path, output: &Path, preserve: &[String]) -> Result<(), OutputError> {
    let mut excluded: Vec<String> = preserve.iter().filter(|name| !ours.owns(name)).cloned().collect();
    for name in &excluded {
        move_back(&staged.join(name), &output.join(name))?;
    }
    excluded.push(OUR_FOLDER.to_string());
    let found = listing::list(staged, &excluded).map_err(OutputError::system("list", staged))?;
    for (file, _) in found.files {
        let is_ours = site_path(&file).is_some_and(|path| ours.files.contains_key(&path));
        if !is_ours {
            move_back(&staged.join(&file), &output.join(&file))?;
        }
    }
    Ok(())
}

/// Moves one file or folder back. If the target exists by now, it stays, and the old file gets the suffix `.kept`. The
/// next build refuses the output and names that file, and no file of the user is lost.
fn move_back(from: &Path, to: &Path) -> Result<(), OutputError> {
    let Ok(old) = from.symlink_metadata() else { return Ok(()) };
    let failed = || OutputError::system("bring back", to);
    if let Ok(new) = to.symlink_metadata() {
        if system::identity(&old).is_some_and(|identity| system::identity(&new) == Some(identity)) {
            return Ok(());
        }
        let mut name = to.file_name().unwrap_or_default().to_os_string();
        name.push(".kept");
        return std::fs::rename(from, to.with_file_name(name)).map_err(failed());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(failed())?;
    }
    std::fs::rename(from, to).map_err(failed())
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
