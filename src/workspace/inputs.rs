//! The hash of everything that a build reads: two builds with the same hash write the same site.
//!
//! The content decides, not the times of files: a clock that was set back, or an edit within one tick of the clock, never
//! hides a change. The program itself is part of the hash, because a different program writes different pages.

use super::Location;
use crate::base::vault::Vault;
use crate::publish::own_files::OwnFiles;
use crate::system::disk::{DiskFile, open_named};
use std::fs::File;
use std::io;
use std::sync::OnceLock;

/// The hash of the program, the options, the configuration, the content, the templates, the static files and the baseline.
/// `vault` and `own` are what the build uses, so a later edit cannot be part of the hash and not of the site.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn hash(location: &Location, own: &OwnFiles, vault: &Vault, drafts: bool) -> io::Result<blake3::Hash> {
    let mut hasher = Parts::default();
    hasher.part(program()?.as_bytes());
    hasher.part(&serde_json::to_vec(&location.config)?);
    hasher.part(&[u8::from(drafts), u8::from(location.has_own_files())]);
    for folder in location.sources().iter().chain(&location.baseline).chain(&location.file) {
        hasher.part(folder.as_os_str().as_encoded_bytes());
    }
    if let Some(baseline) = &location.baseline {
        hasher.file(open_named(baseline)?.0)?;
    }
    for (name, text) in own.overrides.iter() {
        hasher.part(name.as_bytes());
        hasher.part(text.as_bytes());
    }
    for name in &own.static_files {
        hasher.part(name.as_bytes());
        hasher.disk_file(&own.static_file(name))?;
    }
    for file in vault.files.iter().take(vault.markdown).chain(&vault.note_templates) {
        let (byte_order_mark, dropped) = file.removed();
        hasher.part(file.path.as_bytes());
        hasher.part(file.text.as_bytes());
        hasher.part(format!("{byte_order_mark} {dropped:?} {:?}", file.line_end()).as_bytes());
    }
    for (id, file) in vault.assets() {
        hasher.part(file.path.as_bytes());
        // A file that cannot be opened is a problem of the vault.
        if let Some(on_disk) = vault.on_disk(id).filter(|_| vault.problems.iter().all(|problem| problem.file != id)) {
            hasher.disk_file(&on_disk)?;
        }
    }
    for problem in &vault.problems {
        hasher.part(format!("{problem:?}").as_bytes());
    }
    for folder in &vault.folders {
        hasher.part(folder.as_bytes());
    }
    Ok(hasher.0.finalize())
}

/// The hash of the program that runs.
fn program() -> io::Result<blake3::Hash> {
    static PROGRAM: OnceLock<blake3::Hash> = OnceLock::new();
    if let Some(known) = PROGRAM.get() {
        return Ok(*known);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(open_named(&std::env::current_exe()?)?.0)?;
    Ok(*PROGRAM.get_or_init(|| hasher.finalize()))
}

/// Hashes parts so that `ab` and `c` differ from `a` and `bc`.
#[derive(Default)]
struct Parts(blake3::Hasher);

impl Parts {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn file(&mut self, file: File) -> io::Result<()> {
        let mut own = blake3::Hasher::new();
        own.update_reader(file)?;
        self.part(own.finalize().as_bytes());
        Ok(())
    }

    fn disk_file(&mut self, file: &DiskFile) -> io::Result<()> {
        self.file(file.open()?.0)
    }
}
