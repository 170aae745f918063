//! `canon init`: creates a site with two notes without findings. A folder of notes only gets a configuration and a baseline.

use super::{Failure, Global, Outcome, print};
use crate::check::baseline::Baseline;
use crate::check::report::counted;
use crate::system::atomic_write::NewFile;
use std::path::{Path, PathBuf};

/// Make a new site, or adopt a folder of notes; existing files are not overwritten
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// The files of a new site. `canon.toml` is last: a killed command can be repeated.
const FILES: &[(&str, &str)] = &[
    (".gitignore", include_str!("init/gitignore")),
    (".github/workflows/notes.yml", include_str!("init/workflow.yml")),
    (".pre-commit-config.yaml", include_str!("init/pre-commit.yaml")),
    ("note-template.md", include_str!("init/note-template.md")),
    ("content/_index.md", include_str!("init/_index.md")),
    ("content/retrieval-practice.md", include_str!("init/retrieval-practice.md")),
    ("content/spaced-repetition.md", include_str!("init/spaced-repetition.md")),
    ("canon.toml", include_str!("init/canon.toml")),
];

/// The baseline of an adopted folder.
const BASELINE: &str = "canon-baseline.json";

impl Init {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        std::fs::create_dir_all(&self.folder).map_err(|e| format!("cannot make `{}`: {e}", self.folder.display()))?;
        if self.folder.join("canon.toml").exists() {
            return Err(Failure::Unable(format!("`{}` already has a canon.toml", self.folder.display())));
        }
        match has_notes(&self.folder) {
            true => self.adopt(global),
            false => self.create(),
        }
    }

    fn create(&self) -> Outcome {
        for (path, text) in FILES {
            write_new(&self.folder.join(path), text)?;
        }
        print(&format!(
            "Made a site in {}: write notes into content/, then `canon build`, `canon check`\n",
            self.folder.display()
        ))
    }

    /// Writes a configuration for a folder of notes, and a baseline with the current findings.
    fn adopt(&self, global: &Global) -> Outcome {
        let content = if self.folder.join("content").is_dir() { "content" } else { "." };
        write_new(&self.folder.join("canon.toml"), &format!("content = \"{content}\"\nignore = [\"{BASELINE}\"]\n"))?;
        let site = global.analyze(&self.folder)?;
        let found = crate::check::rules::run(&site, Some(super::today()?)).diagnostics;
        let baseline = Baseline::of(&found, &site.vault.files).to_json();
        if let Err(failure) = write_new(&self.folder.join(BASELINE), &baseline) {
            // With a canon.toml but no baseline, the next `canon init` would refuse the folder.
            let _ = std::fs::remove_file(self.folder.join("canon.toml"));
            return Err(failure);
        }
        print(&format!(
            "Adopted {}: wrote canon.toml, and {BASELINE} with {}.\n`canon check --baseline {BASELINE}` reports only new findings.\n",
            counted(site.concepts().count(), "note"),
            counted(found.len(), "finding"),
        ))
    }
}

/// Whether a folder has notes, apart from those of a killed `canon init`.
fn has_notes(folder: &Path) -> bool {
    let is_own = |path: &Path| {
        FILES
            .iter()
            .any(|(own, text)| path == folder.join(own) && std::fs::read(path).is_ok_and(|it| it == text.as_bytes()))
    };
    let hidden = |e: &walkdir::DirEntry| e.depth() > 0 && e.file_name().to_string_lossy().starts_with('.');
    let mut files = walkdir::WalkDir::new(folder).into_iter().filter_entry(|e| !hidden(e)).filter_map(Result::ok);
    files.any(|e| {
        e.file_type().is_file()
            && e.path().extension().is_some_and(|x| x == "md")
            && e.file_name() != "README.md"
            && !is_own(e.path())
    })
}

/// Writes a file; an existing file is left unchanged.
fn write_new(path: &Path, text: &str) -> Outcome {
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    }
    // Another process may create the file between the test above and the write; that file is left unchanged as well.
    match NewFile::write(path, text.as_bytes()).and_then(NewFile::persist_new) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        written => Ok(written.map_err(|e| format!("cannot write `{}`: {e}", path.display()))?),
    }
}
