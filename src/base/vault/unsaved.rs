//! Unsaved texts of open editors over the files of a vault, so that a base can be analyzed before its notes are saved.

use super::walk::Walk;
use super::{MAX_NOTE, Vault, checked, gathered, is_markdown, loaded, name_problem, note_templates, too_large};
use crate::config::Config;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Unsaved texts by absolute path.
pub(crate) type UnsavedTexts = BTreeMap<PathBuf, Arc<str>>;

impl Vault {
    /// A copy in which unsaved texts replace or add notes and note templates. Equal to what `read` gives after every text was
    /// saved. A text at a path that `read` would not read as a note (hidden, ignored, not Markdown, a folder) has no effect.
    ///
    /// # Errors
    /// As `read`.
    pub(crate) fn with_unsaved(
        &self,
        config: &Config,
        skip: &[PathBuf],
        texts: &UnsavedTexts,
    ) -> Result<Vault, String> {
        let walk = Walk::new(&self.root, config, skip)?;
        let mut files = self.loaded(|_| true);
        for (path, text) in texts {
            let Some(inside) = walk.unsaved_note(path)? else { continue };
            let known = files.binary_search_by(|(file, _)| place(&file.path).cmp(&place(&inside)));
            // The path is shared with the file on the disk, so that the analyzer sees at once that no file was added.
            let path = known.map_or_else(|_| Arc::from(inside.as_str()), |at| files[at].0.path.clone());
            let file = match name_problem(&inside) {
                // A file with such a name is listed, but not read.
                Some(fault) => loaded(path, "", Some(fault)),
                None if text.len() as u64 > MAX_NOTE => loaded(path, "", Some(too_large())),
                None => checked(path, text.as_bytes(), None),
            };
            match known {
                Ok(at) => files[at] = file,
                Err(at) => files.insert(at, file),
            }
        }
        let folder = self.folder.clone();
        Ok(Vault { note_templates: note_templates(config, texts)?, folder, ..gathered(&self.root, files) })
    }
}

/// The order of the files: Markdown before the rest, then by path.
fn place(path: &str) -> (bool, &str) {
    (!is_markdown(path), path)
}

impl Walk<'_> {
    /// The path in the vault of an unsaved note, which need not exist on the disk; `None` if the walk would not read it.
    fn unsaved_note(&self, path: &Path) -> Result<Option<String>, String> {
        let Some(inside) = self.relative(path).filter(|inside| inside.ends_with(".md")) else { return Ok(None) };
        let is_folder = self.is_folder(path)? == Some(true);
        // `Some(false)` is a file or a link where the path needs a folder; a missing folder would be created by saving.
        let is_note = !is_folder
            && self.is_content(path, false)?
            && self.is_in_content_folders(path, |is_folder| is_folder != Some(false))?;
        Ok(is_note.then_some(inside))
    }
}
