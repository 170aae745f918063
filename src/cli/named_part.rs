//! Finds the base of the files and folders that a command names, and the part of the base that they are.

use super::{Failure, Global, note};
use crate::base::vault::Vault;
use crate::check::report::visible;
use crate::check::scope::Scope;
use crate::system::disk;
use crate::workspace::Location;
use std::path::{Path, PathBuf};

/// The base that contains all paths, narrowed to them, and the ROOT that names the base. A single folder is a ROOT.
///
/// The base of files is found like this:
///
/// 1. A `canon.toml` in the folder of the first file, or above it, names the base.
/// 2. Otherwise it is the base of the current folder, if that contains the file: the same base as without arguments.
/// 3. Otherwise it is the folder of the file.
///
/// # Errors
/// A path does not exist, or the base cannot be found.
pub(super) fn locate(paths: &[PathBuf], global: &Global) -> Result<(Location, PathBuf), Failure> {
    if let [root] = paths
        && root.is_dir()
    {
        return Ok((global.locate(root)?, root.clone()));
    }
    let named = paths.iter().map(|path| real(path)).collect::<Result<Vec<_>, Failure>>()?;
    let (mut location, root) = base_of(&named[0], global)?;
    let mut inside = Vec::new();
    for (path, real) in paths.iter().zip(&named) {
        match real.strip_prefix(&location.content) {
            Ok(below) if real.is_dir() && !below.as_os_str().is_empty() => {
                inside.push(format!("{}/", disk::shown(below)));
            }
            Ok(below) => inside.push(disk::shown(below)),
            // A folder around the content is the whole content.
            Err(_) if location.content.starts_with(real) => inside.push(String::new()),
            Err(_) => {
                let (path, content) = (path.to_string_lossy(), disk::from_here(&location.content));
                let path = visible(&path);
                note(global, &format!("note: `{path}` is not in the content folder `{content}`, and is not checked"));
            }
        }
    }
    // May be nothing: a hook also passes files outside of the content.
    location.scope = Scope::of(inside);
    Ok((location, root))
}

/// A path without symbolic links.
fn real(path: &Path) -> Result<PathBuf, Failure> {
    std::fs::canonicalize(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Unable(format!("there is no file or folder `{}`", path.display())),
        _ => Failure::Unable(format!("cannot read `{}`: {error}", path.display())),
    })
}

fn base_of(file: &Path, global: &Global) -> Result<(Location, PathBuf), Failure> {
    let folder = if file.is_dir() { file } else { file.parent().unwrap_or(file) };
    let own = global.locate(folder)?;
    if own.file.is_some() {
        return Ok((own, folder.to_path_buf()));
    }
    let current = global.locate(Path::new("."))?;
    Ok(match file.starts_with(&current.content) {
        true => (current, PathBuf::from(".")),
        false => (own, folder.to_path_buf()),
    })
}

/// Reports named Markdown files that are not read, because a setting excludes them.
pub(super) fn report_unread(location: &Location, vault: &Vault, global: &Global) {
    let is_unread = |file: &&str| file.ends_with(".md") && vault.note_at(file).is_none();
    for file in location.scope.files().filter(is_unread) {
        let file = visible(file);
        note(global, &format!("note: `{file}` is not read, because of `ignore` or its name, and is not checked"));
    }
}
