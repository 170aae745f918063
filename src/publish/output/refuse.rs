//! Refuses outputs which must never be written to, before the first change. Reads only.

use super::error::OutputError;
use super::system;
use super::{Destination, UserDirs};
use crate::system::disk::from_here;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The names that identify the root of a repository.
const REPOSITORY_MARKS: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// The canonical path of the output, which may be missing.
pub(super) fn resolve(output: &Path) -> Result<PathBuf, OutputError> {
    let refused = |reason: &str| OutputError::Refused { output: output.to_path_buf(), reason: reason.to_string() };
    let absolute = std::path::absolute(output).map_err(OutputError::system("find", output))?;
    let mut missing = Vec::new();
    // `canonicalize` needs an existing path: walk up to the nearest existing parent, then append the missing names.
    let mut existing = absolute.as_path();
    loop {
        match existing.canonicalize() {
            Ok(real) => {
                let real = missing.iter().rev().fold(real, |path, name| path.join(name));
                return Ok(real);
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(OutputError::system("find", existing)(error));
            }
            Err(_) if existing.is_symlink() => return Err(refused("is a link to nothing")),
            Err(_) => {}
        }
        match (existing.components().next_back(), existing.parent()) {
            (Some(Component::Normal(name)), Some(parent)) => {
                missing.push(name);
                existing = parent;
            }
            _ => return Err(refused("cannot be resolved, because one of its parent folders does not exist")),
        }
    }
}

/// Refuses an output if an exchange would damage the folder itself or a folder inside. `output` is a canonical path.
pub(super) fn unsafe_output(output: &Path, destination: &Destination) -> Result<(), OutputError> {
    let refused = |reason: String| Err(OutputError::Refused { output: output.to_path_buf(), reason });
    if output.parent().is_none() {
        return refused("is the root of the file system".into());
    }
    let Ok(found) = std::fs::metadata(output) else { return Ok(()) };
    if !found.is_dir() {
        return refused("is not a folder".into());
    }
    let UserDirs { cache, home, current } = destination.user_dirs;
    let sources = destination.sources.iter().map(|source| ("source folder", source.as_path()));
    let own = [("home folder", home.as_deref()), ("current folder", current.as_deref()), ("cache folder", Some(cache))];
    for (what, folder) in sources.chain(own.into_iter().filter_map(|(what, folder)| Some((what, folder?)))) {
        match steps_down(output, &found, folder) {
            Some(0) => return refused(format!("is the {what}")),
            Some(_) => return refused(format!("holds the {what} {}", from_here(folder))),
            None => {}
        }
    }
    Ok(())
}

/// Refuses an output that the user cannot list and change, or cannot create. `output` is a canonical path.
pub(super) fn unwritable(output: &Path) -> Result<(), OutputError> {
    let Some(folder) = output.ancestors().find(|folder| folder.symlink_metadata().is_ok()) else { return Ok(()) };
    let checked = match folder == output {
        true => system::check_changeable(folder),
        false => system::check_writable(folder),
    };
    checked.map_err(|source| OutputError::Unwritable { folder: folder.to_path_buf(), source })
}

/// Refuses the root of a repository, unless the repository is preserved and the output already contains a published
/// site, as for a branch of GitHub Pages.
pub(super) fn repository(output: &Path, preserve: &[String], is_published: bool) -> Result<(), OutputError> {
    let is_excused = |mark: &str| is_published && preserve.iter().any(|name| name == mark);
    let found = REPOSITORY_MARKS.iter().find(|mark| output.join(mark).symlink_metadata().is_ok() && !is_excused(mark));
    match found {
        None => Ok(()),
        Some(mark) => {
            let reason = format!("is the root of a repository ({mark} is in it)");
            Err(OutputError::Refused { output: output.to_path_buf(), reason })
        }
    }
}

/// The number of levels from `output` down to `folder`: 0 for the same folder, `None` if `folder` is not below.
/// Compared by file identity, so symbolic links, bind mounts and letter case make no difference.
fn steps_down(output: &Path, found: &std::fs::Metadata, folder: &Path) -> Option<usize> {
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).ok()?;
    folder.ancestors().position(|above| match (system::identity(found), above.metadata()) {
        (Some(identity), Ok(above)) => system::identity(&above) == Some(identity),
        _ => above == output,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        std::fs::create_dir(root.join("real")).expect("made");
        assert_eq!(resolve(&root.join("real/../real/new/site")).expect("fine"), root.join("real/new/site"));
        assert!(resolve(&root.join("missing/../../site")).is_err());
        assert_eq!(resolve(Path::new("/")).expect("fine"), Path::new("/"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_must_lead_somewhere() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        std::fs::create_dir(root.join("real")).expect("made");
        std::os::unix::fs::symlink("real", root.join("link")).expect("made");
        std::os::unix::fs::symlink("nothing", root.join("dangling")).expect("made");
        assert_eq!(resolve(&root.join("link/site")).expect("fine"), root.join("real/site"));
        let error = resolve(&root.join("dangling/site")).expect_err("a link to nothing");
        assert!(error.to_string().contains("link to nothing"), "{error}");
    }
}
