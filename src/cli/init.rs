//! `canon init`: creates a site with two notes without findings, or adopts a folder of notes with a configuration that
//! fits and a baseline.

use super::{Failure, Outcome, print};
use crate::check::baseline::Baseline;
use crate::check::report::{counted, visible};
use crate::system::atomic_write::NewFile;
use crate::workspace::{Survey, survey};
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

/// The files of an adopted folder that is the root of a repository.
const FOR_REPOSITORIES: &[(&str, &str)] = &[
    (".github/workflows/notes.yml", include_str!("init/workflow.yml")),
    (".pre-commit-config.yaml", include_str!("init/pre-commit.yaml")),
];

/// The baseline of an adopted folder.
const BASELINE: &str = "canon-baseline.json";

impl Init {
    pub(super) fn run(&self) -> Outcome {
        std::fs::create_dir_all(&self.folder).map_err(|e| format!("cannot make `{}`: {e}", self.folder.display()))?;
        if self.folder.join("canon.toml").exists() {
            return Err(Failure::Unable(format!("`{}` already has a canon.toml", self.folder.display())));
        }
        match has_notes(&self.folder) {
            true => self.adopt(),
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

    /// Looks at the notes of a folder, and writes the configuration that fits and a baseline with the current findings.
    fn adopt(&self) -> Outcome {
        let Survey { settings, guesses, site, findings, output } = survey(&self.folder, BASELINE, super::today()?)?;
        let baseline = Baseline::of(&findings, &site.vault.files);
        let mut report = format!("Looked at {}:\n", counted(site.concepts().count(), "note"));
        guesses.iter().for_each(|guess| report.push_str(&format!("  {}\n", visible(&guess.to_string()))));
        let repository = repository_above(&self.folder);
        let mut files = vec![(BASELINE, baseline.to_json()), (".gitignore", format!("/{output}\n"))];
        if repository.is_none() {
            files.extend(FOR_REPOSITORIES.iter().map(|(path, text)| (*path, text.to_string())));
        }
        // Last: without a canon.toml, a killed command can be repeated.
        files.push(("canon.toml", settings));
        let mut written = Vec::new();
        for (path, text) in &files {
            match write_new(&self.folder.join(path), text) {
                Ok(true) => written.push(*path),
                Ok(false) => report.push_str(&kept(path, &output)),
                Err(failure) => {
                    // Nothing is left behind: the next `canon init` starts with the same folder.
                    written.iter().for_each(|path| drop(std::fs::remove_file(self.folder.join(path))));
                    return Err(failure);
                }
            }
        }
        report.push_str(&format!("Wrote {}.\n", written.join(", ")));
        if let Some(root) = repository {
            report.push_str(&format!(
                "The folder is a part of the repository {}: no workflow and no hook were written; `canon init` in an empty folder \
                 writes both.\n",
                root.display()
            ));
        }
        report.push_str(&format!(
            "{BASELINE} has {}; `canon check` reports only new ones.\n",
            counted(baseline.len(), "finding"),
        ));
        print(&report)
    }
}

/// The remark about a file that exists and stays as it is.
fn kept(path: &str, output: &str) -> String {
    match path {
        ".gitignore" => format!("Kept .gitignore; add the line `/{output}` to it.\n"),
        _ => format!("Kept {path}.\n"),
    }
}

/// The root of the git repository that the folder is only a part of. `None` if the folder is the root or in no repository.
fn repository_above(folder: &Path) -> Option<PathBuf> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let root = folder.ancestors().find(|above| above.join(".git").exists())?;
    (root != folder).then(|| root.to_path_buf())
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
            && crate::note::markdown_stem(&e.file_name().to_string_lossy()).is_some()
            && e.file_name() != "README.md"
            && !is_own(e.path())
    })
}

/// Writes a file; an existing file is left unchanged. Returns whether the file was written.
fn write_new(path: &Path, text: &str) -> Result<bool, Failure> {
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("cannot make `{}`: {e}", folder.display()))?;
    }
    // Another process may create the file between the test above and the write; that file is left unchanged as well.
    match NewFile::write(path, text.as_bytes()).and_then(NewFile::persist_new) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        written => Ok(written.map(|()| true).map_err(|e| format!("cannot write `{}`: {e}", path.display()))?),
    }
}
