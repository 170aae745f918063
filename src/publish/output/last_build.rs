//! What the published site was made from, so that a build of the same inputs recognises it and does no work. Knows hashes
//! and a text to show again; knows nothing of inputs.
//!
//! The record is in the cache folder of the user, in the folder of the lock of this output: it can be deleted at any time,
//! and a record that is damaged, or of a different version of the format, is ignored. It is valid as long as the manifest
//! of the output is the one of that build and every file in it is untouched.
//!
//! Example: a build of inputs with the hash `ab…` publishes a manifest with the hash `cd…`. The next build has the same
//! inputs and finds this manifest and no file that changed after it: the site is up to date. If a file was edited by
//! hand in the output folder, its change time is later, its content differs from the manifest, and the site is built.

use super::manifest::{Content, MANIFEST_PATH};
use super::{Published, Site, Staging};
use crate::system::atomic_write::NewFile;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The version of the format.
const VERSION: u32 = 1;
/// The name of the record in the folder of the lock.
const NAME: &str = "last-build.json";

/// The record of a finished build.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct LastBuild {
    version: u32,
    /// The hash of everything that the build read, in hexadecimal digits.
    inputs: String,
    /// The hash of the manifest that the build published.
    manifest: String,
    /// What the build reported.
    report: serde_json::Value,
}

/// The path of the record in the folder of a lock.
fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Writes the record. Failures are ignored: the next build then does all the work.
fn write(folder: &Path, output: &Path, inputs: &blake3::Hash, report: serde_json::Value) {
    let Ok(manifest) = std::fs::read(output.join(MANIFEST_PATH)) else { return };
    let (inputs, manifest) = (inputs.to_hex().to_string(), blake3::hash(&manifest).to_hex().to_string());
    let record = LastBuild { version: VERSION, inputs, manifest, report };
    if let Ok(text) = serde_json::to_vec(&record) {
        let _ = NewFile::write(&path(folder), &text).and_then(NewFile::replace);
    }
}

impl Staging {
    /// What the last build reported, if it had the same inputs and its site is still published as it left it.
    pub fn report_of_same_build(&self, inputs: &blake3::Hash) -> Option<serde_json::Value> {
        let folder = self.lock.as_ref()?.folder();
        let record: LastBuild = serde_json::from_slice(&std::fs::read(path(folder)).ok()?).ok()?;
        let is_same = record.version == VERSION
            && record.inputs == *inputs.to_hex()
            && record.manifest == *blake3::hash(&self.published.text).to_hex();
        (is_same && self.has_all_files(&self.published)).then_some(record.report)
    }

    /// Whether every file of the manifest is in the output, with the content that the manifest names.
    fn has_all_files(&self, published: &Site) -> bool {
        let files: Vec<(&String, &Content)> = published.manifest.files.iter().collect();
        files.par_iter().all(|(path, content)| {
            let path = self.output.join(path);
            let Ok(found) = path.symlink_metadata() else { return false };
            let holds = || {
                let hash = std::fs::read(&path).map(|bytes| blake3::hash(&bytes));
                hash.is_ok_and(|hash| content.hash == Some(hash))
            };
            found.is_file() && found.len() == content.length && (self.is_untouched(&found) || holds())
        })
    }
}

impl Published {
    /// Remembers what this site was made from and what was reported, for [`Staging::report_of_same_build`]. `None`: nothing
    /// is remembered.
    pub fn remember(&self, inputs: Option<&blake3::Hash>, report: serde_json::Value) {
        match inputs {
            Some(inputs) => write(self.lock.folder(), &self.output, inputs, report),
            None => _ = std::fs::remove_file(path(self.lock.folder())),
        }
    }
}
