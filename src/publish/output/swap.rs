//! Exchanging the staged site with the published one, and bringing back from the old site what was never ours.

use super::error::OutputError;
use super::listing::{self, site_path};
use super::manifest::{MANIFEST_PATH, Manifest, OUR_FOLDER};
use super::system;
use super::tree::{make_all_changeable, remove_any};
use std::io;
use std::path::Path;

/// Puts the complete site at `staged` in the place of `output`, in one step. `Ok(false)`: that cannot be had here, and
/// nothing was changed.
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

/// Moves back into `output` all that stands in the old site at `staged` and is not in its manifest: the preserved
/// folders, and whatever somebody put there while the build was running. Only then does the old site lose its manifest,
/// by which a later run knows that this was done; a staging folder without one holds nothing but raw material.
pub(super) fn bring_back(staged: &Path, output: &Path, preserve: &[String]) -> Result<(), OutputError> {
    let path = staged.join(MANIFEST_PATH);
    let text = match std::fs::read(&path) {
        Err(error) if is_absent(&error) => return Ok(()),
        text => text.map_err(OutputError::system("read", &path))?,
    };
    let attempt = || {
        // A manifest that cannot be read was cut off while it was being written, so that no swap came after it.
        if let Ok(ours) = Manifest::parse(&text) {
            bring_back_what_is_not(&ours, staged, output, preserve)?;
        }
        remove_any(&path).map_err(OutputError::system("remove", &path))
    };
    match attempt() {
        // Folders of the old site were read-only.
        Err(OutputError::System { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
            make_all_changeable(staged).map_err(OutputError::system("open", staged))?;
            attempt()
        }
        done => done,
    }
}

fn bring_back_what_is_not(
    ours: &Manifest,
    staged: &Path,
    output: &Path,
    preserve: &[String],
) -> Result<(), OutputError> {
    let mut apart: Vec<String> = preserve.iter().filter(|name| !ours.owns(name)).cloned().collect();
    for name in &apart {
        move_back(&staged.join(name), &output.join(name))?;
    }
    apart.push(OUR_FOLDER.to_string());
    let found = listing::list(staged, &apart).map_err(OutputError::system("list", staged))?;
    for (file, _) in found.files {
        let is_ours = site_path(&file).is_some_and(|path| ours.files.contains_key(&path));
        if !is_ours {
            move_back(&staged.join(&file), &output.join(&file))?;
        }
    }
    Ok(())
}

/// Moves one file or folder back. What has taken its name meanwhile is left, and the old one gets another name: the next
/// build will refuse and name it, but nobody's file is lost.
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
