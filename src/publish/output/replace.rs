//! Publishes file by file, for outputs that cannot be exchanged: pages before index pages, deletions last. A journal
//! allows the next run to finish. Knows only staged files and two manifests.

use super::error::OutputError;
use super::location::Location;
use super::lock::OutputLock;
use super::manifest::{Content, MANIFEST_PATH, Manifest, OUR_FOLDER};
use super::system;
use super::tree::{make_all_changeable, remove_any};
use crate::system::atomic_write::NewFile;
use rustc_hash::FxHashSet;
use std::io;
use std::path::Path;

/// The journal: the site staged at this location is complete and is being moved into the output.
#[derive(serde::Serialize, serde::Deserialize)]
struct Journal {
    version: u32,
    staged: Location,
}

/// Moves the complete site staged at `location` into `output`. `old` is the manifest of the published site.
///
/// # Errors
/// `Unwritable` if a folder that must change is not writable; nothing has been changed then. Later errors are
/// [`OutputError::HalfReplaced`].
pub(super) fn replace(lock: &OutputLock, location: Location, output: &Path, old: &Manifest) -> Result<(), OutputError> {
    let (new, _) = staged_manifest(&location.folder(lock, output))?;
    check_folders(&location.folder(lock, output), output, old, &new)?;
    let path = lock.journal();
    let text = serde_json::to_string(&Journal { version: 1, staged: location }).expect("a journal is plain data");
    write_whole(&path, text.as_bytes())?;
    finish(lock, location, output, old).map_err(|cause| OutputError::HalfReplaced { cause: Box::new(cause) })
}

/// Finishes the replacement of a killed run, if there is one.
///
/// # Errors
/// The replacement cannot be finished now. The caller must call [`give_up`], because the remaining journal would stop
/// every later build.
pub(super) fn resume(lock: &OutputLock, output: &Path) -> Result<(), OutputError> {
    let Ok(text) = std::fs::read(lock.journal()) else { return Ok(()) };
    if let Ok(Journal { version: 1, staged }) = serde_json::from_slice(&text) {
        // If a manifest is unreadable, there is nothing to finish: either no file has been moved, or the output has
        // been removed since.
        let folder = staged.folder(lock, output);
        let staged_manifest = read_manifest(&folder);
        let old = read_manifest(output).or_else(|| (!output.join(MANIFEST_PATH).exists()).then(Manifest::default));
        if let (Some(new), Some(old)) = (staged_manifest, old) {
            check_folders(&folder, output, &old, &new)?;
            return finish(lock, staged, output, &old);
        }
    }
    give_up(lock)
}

/// Discards the replacement of a killed run. The merged manifest remains in the output, so the next build knows every
/// file in it.
pub(super) fn give_up(lock: &OutputLock) -> Result<(), OutputError> {
    remove_any(&lock.journal()).map_err(OutputError::system("remove", lock.journal()))
}

/// Checks that each folder in which a file is replaced or removed is writable, before the first change: a replacement
/// that stops halfway leaves pages of two sites.
fn check_folders(staged: &Path, output: &Path, old: &Manifest, new: &Manifest) -> Result<(), OutputError> {
    let is_staged = |path: &&String| staged.join(path).symlink_metadata().is_ok();
    let moved = new.files.keys().filter(is_staged);
    let stale = old.files.keys().filter(|path| !new.files.contains_key(*path));
    let folder_of = |path: &'_ String| path.rfind('/').map_or(String::new(), |end| path[..end].to_string());
    let mut folders: FxHashSet<String> = moved.chain(stale).map(folder_of).collect();
    folders.insert(OUR_FOLDER.to_string());
    for folder in &folders {
        // For a folder that does not exist yet, check the nearest existing parent.
        let mut folder = output.join(folder);
        while !folder.is_dir() && folder.pop() {}
        system::check_writable(&folder).map_err(|source| OutputError::Unwritable { folder, source })?;
    }
    Ok(())
}

fn staged_manifest(staged: &Path) -> Result<(Manifest, Vec<u8>), OutputError> {
    let text = std::fs::read(staged.join(MANIFEST_PATH)).map_err(OutputError::system("read", staged))?;
    let manifest =
        Manifest::parse(&text).map_err(|reason| OutputError::Refused { output: staged.to_path_buf(), reason })?;
    Ok((manifest, text))
}

fn read_manifest(root: &Path) -> Option<Manifest> {
    Manifest::parse(&std::fs::read(root.join(MANIFEST_PATH)).ok()?).ok()
}

/// The interruptible part, which may be repeated. It first writes a merged manifest, so even without the journal every
/// file in the output is known as published, and no file under replacement counts as unchanged.
fn finish(lock: &OutputLock, location: Location, output: &Path, old: &Manifest) -> Result<(), OutputError> {
    let staged = location.folder(lock, output);
    let (new, text) = staged_manifest(&staged)?;
    // Earlier versions gave the staging folder the mode of a read-only output.
    make_all_changeable(&staged).map_err(OutputError::system("open", &staged))?;
    make_folder(&output.join(MANIFEST_PATH))?;
    write_whole(&output.join(MANIFEST_PATH), both(old, &new).text().as_bytes())?;
    remove_obstacles(output, old, &new)?;
    for path in pages_before_indexes(&new) {
        let (from, to) = (staged.join(path), output.join(path));
        match move_over(output, &from, &to) {
            // Unchanged and therefore not staged, or moved before the kill.
            Err(error) if error.kind() == io::ErrorKind::NotFound && from.symlink_metadata().is_err() => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_folder(&to)?;
                move_over(output, &from, &to).map_err(OutputError::system("replace", to))?;
            }
            moved => moved.map_err(OutputError::system("replace", to))?,
        }
    }
    let stale = old.files.keys().filter(|path| !new.files.contains_key(*path));
    stale.into_iter().try_for_each(|path| remove_with_folders(output, path))?;
    write_whole(&output.join(MANIFEST_PATH), &text)?;
    remove_any(&lock.journal()).map_err(OutputError::system("remove", lock.journal()))?;
    remove_any(&staged).map_err(OutputError::system("remove", staged))
}

/// The files of both sites. Files that differ have unknown content.
fn both(old: &Manifest, new: &Manifest) -> Manifest {
    let unknown = Content { length: 0, hash: None };
    let mut union = old.clone();
    for (path, content) in &new.files {
        let same = old.files.get(path) == Some(content);
        union.files.insert(path.clone(), if same { *content } else { unknown });
    }
    union
}

/// Removes old files whose path is a folder in the new site, and vice versa: the only deletions that cannot be last.
fn remove_obstacles(output: &Path, old: &Manifest, new: &Manifest) -> Result<(), OutputError> {
    let new_folders = folders_of(new);
    let old_folders = folders_of(old);
    let above_is_new = |path: &str| path.match_indices('/').any(|(end, _)| new.files.contains_key(&path[..end]));
    for path in old.files.keys() {
        if new_folders.contains(path.as_str()) || above_is_new(path) {
            remove_with_folders(output, path)?;
        }
    }
    for path in new.files.keys().filter(|path| old_folders.contains(path.as_str())) {
        // The folder is empty unless it contains files of the user, which make the move fail.
        let _ = std::fs::remove_dir(output.join(path));
    }
    Ok(())
}

fn folders_of(manifest: &Manifest) -> FxHashSet<&str> {
    manifest.files.keys().flat_map(|path| path.match_indices('/').map(|(end, _)| &path[..end])).collect()
}

/// The paths in an order in which a page exists before a page that lists it: sorted, with the top-level files and the
/// index pages of folders last.
fn pages_before_indexes(manifest: &Manifest) -> Vec<&str> {
    let mut paths: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
    let is_index = |path: &str| !path.contains('/') || path.ends_with("/index.html");
    paths.sort_unstable_by_key(|path| (is_index(path), *path));
    paths
}

/// Moves a file over an existing one. Across file systems, where a rename fails, the file is first copied to the
/// reserved folder of the output.
fn move_over(output: &Path, from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let near = output.join(OUR_FOLDER).join("incoming");
            std::fs::copy(from, &near)?;
            std::fs::rename(&near, to)?;
            std::fs::remove_file(from)
        }
        renamed => renamed,
    }
}

fn make_folder(file: &Path) -> Result<(), OutputError> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder).map_err(OutputError::system("make", folder))
}

/// Removes a file and then its parent folders as long as they are empty. A folder at the path of the file belongs to
/// the user and remains.
fn remove_with_folders(output: &Path, path: &str) -> Result<(), OutputError> {
    let file = output.join(path);
    match std::fs::remove_file(&file) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
        Err(_) if file.is_dir() => {}
        removed => removed.map_err(OutputError::system("remove", &file))?,
    }
    for folder in file.ancestors().skip(1).take_while(|folder| *folder != output) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

/// Writes a small file atomically.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    NewFile::write(path, bytes).and_then(NewFile::replace).map_err(OutputError::system("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        let content = |text: &str| Content { length: text.len() as u64, hash: Some(blake3::hash(text.as_bytes())) };
        Manifest { files: files.iter().map(|(path, text)| (path.to_string(), content(text))).collect() }
    }

    #[test]
    fn pages_come_before_what_lists_them() {
        let manifest = manifest(&[("index.html", ""), ("a/index.html", ""), ("a/page.html", ""), ("z/page.html", "")]);
        assert_eq!(pages_before_indexes(&manifest), ["a/page.html", "z/page.html", "a/index.html", "index.html"]);
    }

    #[test]
    fn during_a_replacement_nothing_that_changes_is_vouched_for() {
        let (old, new) =
            (manifest(&[("same", "1"), ("gone", "2"), ("new", "3")]), manifest(&[("same", "1"), ("new", "4")]));
        let union = both(&old, &new);
        assert_eq!(union.files["same"], old.files["same"]);
        assert_eq!(union.files["gone"], old.files["gone"]);
        assert_eq!(union.files["new"].hash, None);
    }
}
