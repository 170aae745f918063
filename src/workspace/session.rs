//! A site under edit: analyzed again after each change, for the preview, for editors and for programs that ask for findings.
//!
//! A [`Session`] holds the files of the disk, the unsaved texts of open editors, and the analysis of both: an unsaved text takes
//! the place of the file. Only [`Session::open`] and [`Session::refresh`] read the disk; a session does not watch files.
//!
//! # Example
//!
//! `b.md` on the disk links to `a.md`. An editor opens `a.md` and deletes a heading:
//!
//! 1. `set_text("a.md", …)` stores the text. The next `refresh` with no changed paths analyzes the site with this text: `a.md` is
//!    parsed, `b.md` is not, but the link to the deleted heading is resolved again.
//! 2. `note_findings("a.md")` runs only the rules for single notes. `findings()` runs all rules: `b.md` now has a
//!    `broken-anchor`.
//! 3. The editor saves and closes the file: `clear_text("a.md")`. The next `refresh` reads `a.md` from the disk, finds the text
//!    unchanged, and reuses the analysis.
//!
//! After any sequence of calls the session equals a new session on a disk with all unsaved texts saved
//! (`tests/inside/session.rs`).

use super::{LoadError, Location, Lookup};
use crate::base::analyze::Analysis;
use crate::base::incremental::{IncrementalAnalyzer, Invalidation};
use crate::base::site::Site;
use crate::base::vault::{self, UnsavedTexts, Vault};
use crate::check::baseline::Baseline;
use crate::check::rules::{self, Findings};
use crate::config::Config;
use crate::note::frontmatter::Date;
use crate::publish::own_files::{OwnFiles, own_files};
use crate::text::diagnostic::Diagnostic;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The default name of the configuration file.
pub(crate) const CONFIG: &str = "canon.toml";

/// Possible changes of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// Files that may have been added, removed or edited. A folder means every file below.
    Paths(Vec<PathBuf>),
    /// Any file may have changed.
    Everything,
}

/// Why the newest state of the sources is not in use. The last good state stays in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The configuration cannot be read, or has a mistake.
    Config(LoadError),
    /// The configuration now names different folders, which only a new session can read.
    FoldersChanged,
    /// The templates or the static files cannot be read.
    OwnFiles(LoadError),
    /// The content cannot be read.
    Content(LoadError),
    /// The baseline cannot be read.
    Baseline(LoadError),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::Config(error) | Problem::OwnFiles(error) | Problem::Content(error) | Problem::Baseline(error) => {
                error.fmt(f)
            }
            Problem::FoldersChanged => {
                f.write_str("the configuration names different folders now; start the command again")
            }
        }
    }
}

/// A state of the site, and the differences from the state before.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    /// The site, and the HTML of the notes.
    pub analysis: Analysis,
    /// Which notes differ.
    pub invalidation: Invalidation,
    /// Whether the configuration differs.
    pub config_changed: bool,
    /// Whether a template or an interface text differs.
    pub templates_changed: bool,
    /// Whether the list of static files differs.
    pub static_files_changed: bool,
    /// Whether a picture of the content may differ.
    pub pictures_may_differ: bool,
}

/// Which parts of the sources must be read again.
struct ToRead {
    everything: bool,
    config: bool,
    own_files: bool,
    baseline: bool,
    content: Vec<PathBuf>,
}

/// Findings of the whole base, with their site and date.
type CachedFindings = (Arc<Site>, Option<Date>, Arc<Findings>);

/// A site under edit.
pub(crate) struct Session {
    lookup: Lookup,
    location: Location,
    /// The templates and the static folder without symbolic links, like the paths of a watcher; `None` for a folder of notes.
    own_folders: Option<(PathBuf, PathBuf)>,
    config: Arc<Config>,
    drafts: bool,
    own: OwnFiles,
    static_files: Arc<Vec<String>>,
    baseline: Arc<Baseline>,
    /// The content of the disk.
    disk: Arc<Vault>,
    unsaved: UnsavedTexts,
    /// Paths with an unsaved text that was set or cleared since the last refresh.
    touched: Vec<PathBuf>,
    analyzer: IncrementalAnalyzer,
    analysis: Analysis,
    findings: Mutex<Option<CachedFindings>>,
    config_problem: Option<Problem>,
    own_problem: Option<LoadError>,
    content_problem: Option<LoadError>,
    baseline_problem: Option<LoadError>,
}

impl Session {
    /// Finds and reads a site. With `drafts`, drafts are treated as published notes.
    ///
    /// # Errors
    /// The configuration has a mistake, or the content, the templates, the static files or the baseline cannot be read.
    pub(crate) fn open(lookup: Lookup, drafts: bool) -> Result<Session, LoadError> {
        let location = Location::find(&lookup, &UnsavedTexts::new())?;
        let own_folders = own_folders(&location);
        let own = read_own_files(own_folders.as_ref())?;
        let (config, disk) = (Arc::new(location.config.clone()), Arc::new(location.read_content()?));
        let (static_files, baseline) = (Arc::new(own.static_files.clone()), Arc::new(location.read_baseline()?));
        let mut analyzer = IncrementalAnalyzer::default();
        let (analysis, _) = analyzer.analyze(&config, disk.clone(), &static_files, drafts);
        Ok(Session {
            lookup,
            location,
            own_folders,
            config,
            drafts,
            own,
            static_files,
            baseline,
            disk,
            unsaved: UnsavedTexts::new(),
            touched: Vec::new(),
            analyzer,
            analysis,
            findings: Mutex::default(),
            config_problem: None,
            own_problem: None,
            content_problem: None,
            baseline_problem: None,
        })
    }

    /// Where the site is.
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// The configuration in use: the newest without a mistake.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The templates and the list of static files.
    pub(crate) fn own_files(&self) -> &OwnFiles {
        &self.own
    }

    /// The templates and the static folder without symbolic links; `None` if the site has neither.
    pub(crate) fn own_folders(&self) -> Option<&(PathBuf, PathBuf)> {
        self.own_folders.as_ref()
    }

    /// The known findings. The same `Arc` as long as they are equal.
    pub(crate) fn baseline(&self) -> &Arc<Baseline> {
        &self.baseline
    }

    /// The analysis as of the last refresh.
    pub(crate) fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// How often a file was parsed, and how often a parse was reused.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> crate::base::incremental::Counts {
        self.analyzer.counts()
    }

    /// Sets the unsaved text of a file. The next [`Session::refresh`] reads the text instead of the file.
    ///
    /// Notes, note templates and the configuration file can have unsaved texts. A text for a different file has no effect.
    #[cfg_attr(not(test), expect(dead_code, reason = "for an editor server; the preview has no unsaved texts"))]
    pub(crate) fn set_text(&mut self, path: &Path, text: &str) {
        let path = without_links_above(path);
        self.unsaved.insert(path.clone(), text.into());
        self.touched.push(path);
    }

    /// Removes an unsaved text. The next [`Session::refresh`] reads the file on the disk again.
    #[cfg_attr(not(test), expect(dead_code, reason = "for an editor server; the preview has no unsaved texts"))]
    pub(crate) fn clear_text(&mut self, path: &Path) {
        let path = without_links_above(path);
        if self.unsaved.remove(&path).is_some() {
            self.touched.push(path);
        }
    }

    /// Reads changed files, applies the unsaved texts and analyzes the result. `None` if the content cannot be read: the last
    /// analysis stays, and [`Session::problems`] has the reason.
    pub(crate) fn refresh(&mut self, changes: &Changes) -> Option<Update> {
        let to_read = self.to_read(changes);
        let config_changed = to_read.config && self.read_config();
        let (overrides, static_files) = (self.own.overrides.clone(), self.static_files.clone());
        if to_read.own_files || config_changed {
            self.read_own_files();
        }
        if to_read.baseline || config_changed {
            self.read_baseline();
        }
        let vault = self.read_content(&to_read, config_changed)?;
        // Cleared only after a successful read: until then the paths still have to be read.
        self.touched.clear();
        let (analysis, invalidation) = self.analyzer.analyze(&self.config, vault, &self.static_files, self.drafts);
        self.analysis = analysis.clone();
        Some(Update {
            analysis,
            invalidation,
            config_changed,
            templates_changed: self.own.overrides != overrides,
            static_files_changed: self.static_files != static_files,
            pictures_may_differ: to_read.has_pictures(),
        })
    }

    /// Why the newest sources are not in use; empty if they are.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let own = self.own_problem.iter().cloned().map(Problem::OwnFiles);
        let content = self.content_problem.iter().cloned().map(Problem::Content);
        let baseline = self.baseline_problem.iter().cloned().map(Problem::Baseline);
        self.config_problem.iter().cloned().chain(own).chain(content).chain(baseline).collect()
    }

    /// The findings of the whole base that are not in the baseline; with `today`, including rules that depend on the date. Runs the rules only if the site or
    /// the date differs from the last call.
    #[cfg_attr(not(test), expect(dead_code, reason = "for an editor server; the preview has no unsaved texts"))]
    pub(crate) fn findings(&self, today: Option<Date>) -> Arc<Findings> {
        let mut cached = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some((site, date, findings)) if Arc::ptr_eq(site, &self.analysis.site) && *date == today => {
                findings.clone()
            }
            _ => {
                let found = rules::run(&self.analysis.site, today);
                let comparison = self.baseline.compare(found.diagnostics, &self.analysis.site.vault.files);
                let suppressed = found.suppressed + comparison.known;
                let findings = Arc::new(Findings { diagnostics: comparison.new, suppressed });
                *cached = Some((self.analysis.site.clone(), today, findings.clone()));
                findings
            }
        }
    }

    /// The findings of the rules for single notes, for the note at a path; `None` if there is no published note. The time depends
    /// on the size of the note, not of the base, so an editor can show these findings before the findings of the base.
    #[cfg_attr(not(test), expect(dead_code, reason = "for an editor server; the preview has no unsaved texts"))]
    pub(crate) fn note_findings(&self, path: &Path) -> Option<Vec<Diagnostic>> {
        let site = &self.analysis.site;
        let inside = without_links_above(path);
        let inside = crate::system::disk::shown(inside.strip_prefix(&self.location.content).ok()?);
        let file = site.vault.note_at(&inside)?;
        Some(rules::run_on_note(site, site.note_of_file[file]?))
    }

    /// Which parts of the sources the changes and the touched texts are about.
    fn to_read(&self, changes: &Changes) -> ToRead {
        let Changes::Paths(paths) = changes else {
            return ToRead { everything: true, config: true, own_files: true, baseline: true, content: Vec::new() };
        };
        let paths = || paths.iter().chain(&self.touched);
        let own = self.own_folders.as_ref();
        let is_own = |path: &PathBuf| own.is_some_and(|(a, b)| path.starts_with(a) || path.starts_with(b));
        // A new `canon.toml` nearer to the root replaces the file in use.
        let is_config =
            |path: &PathBuf| Some(path) == self.location.file.as_ref() || path.file_name().is_some_and(|n| n == CONFIG);
        let is_content = |path: &&PathBuf| path.starts_with(&self.location.content) && !is_own(path);
        ToRead {
            everything: false,
            config: paths().any(is_config),
            own_files: paths().any(is_own),
            baseline: paths().any(|path| Some(path) == self.location.baseline.as_ref()),
            content: paths().filter(is_content).cloned().collect(),
        }
    }

    /// Reads the configuration. Returns whether it changed. After an error the last good configuration stays in use.
    fn read_config(&mut self) -> bool {
        self.config_problem = None;
        let location = match Location::find(&self.lookup, &self.unsaved) {
            Ok(location) => location,
            Err(error) => {
                self.config_problem = Some(Problem::Config(error));
                return false;
            }
        };
        let own_folders = own_folders(&location);
        let folders = |at: &Location| (at.content.clone(), at.skipped_folders());
        if folders(&location) != folders(&self.location) || own_folders != self.own_folders {
            self.config_problem = Some(Problem::FoldersChanged);
            return false;
        }
        let is_different = location.config != *self.config;
        if is_different {
            self.config = Arc::new(location.config.clone());
        }
        self.location = location;
        is_different
    }

    /// Reads the templates and the list of static files. After an error the last good files stay in use.
    fn read_own_files(&mut self) {
        match read_own_files(self.own_folders.as_ref()) {
            Ok(own) => {
                self.own_problem = None;
                // The same `Arc` for the same list, because the analyzer compares pointers first.
                if own.static_files != *self.static_files {
                    self.static_files = Arc::new(own.static_files.clone());
                }
                self.own = own;
            }
            Err(error) => self.own_problem = Some(error),
        }
    }

    /// Reads the baseline. After an error the last good one stays in use.
    fn read_baseline(&mut self) {
        match self.location.read_baseline() {
            Ok(baseline) => {
                self.baseline_problem = None;
                // The same `Arc` for the same findings, because the preview compares pointers.
                if baseline != *self.baseline {
                    self.baseline = Arc::new(baseline);
                    *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
            }
            Err(error) => self.baseline_problem = Some(error),
        }
    }

    /// The content with the unsaved texts; `None` after a read error.
    fn read_content(&mut self, to_read: &ToRead, config_changed: bool) -> Option<Arc<Vault>> {
        let skip = self.location.skipped();
        // After an error it is unknown which files were read, so no file of the last state is reused.
        let read = match to_read.everything || config_changed || self.content_problem.is_some() {
            true => vault::read(&self.location.content, &self.config, &skip),
            false => vault::read_again(&self.disk, &self.config, &skip, &to_read.content),
        };
        let laid_over = read.map(Arc::new).and_then(|disk| match self.unsaved.is_empty() {
            true => Ok((disk.clone(), disk)),
            false => Ok((Arc::new(disk.with_unsaved(&self.config, &skip, &self.unsaved)?), disk)),
        });
        match laid_over {
            Ok((vault, disk)) => {
                self.content_problem = None;
                self.disk = disk;
                Some(vault)
            }
            Err(message) => {
                self.content_problem = Some(LoadError::Content(message));
                None
            }
        }
    }
}

impl ToRead {
    /// Whether a picture of the content may be among the changed files.
    fn has_pictures(&self) -> bool {
        self.everything || self.content.iter().any(|path| path.extension().is_none_or(|e| e != "md"))
    }
}

/// The templates and the static folder without symbolic links. The path of a missing folder is returned unchanged.
pub(crate) fn own_folders(location: &Location) -> Option<(PathBuf, PathBuf)> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    location.has_own_files().then(|| (real(&location.templates), real(&location.static_folder)))
}

fn read_own_files(folders: Option<&(PathBuf, PathBuf)>) -> Result<OwnFiles, LoadError> {
    match folders {
        Some((templates, static_folder)) => own_files(templates, static_folder).map_err(LoadError::OwnFiles),
        None => Ok(OwnFiles::default()),
    }
}

/// A path without symbolic links in the folders, like the paths of the walk over the content. Editors may open a file through a
/// link to the site. The file and its folders need not exist.
fn without_links_above(path: &Path) -> PathBuf {
    // The nearest folder that exists: an editor may show a new file in a new folder before anything is saved.
    for folder in path.ancestors().skip(1) {
        if let (Ok(real), Ok(below)) = (std::fs::canonicalize(folder), path.strip_prefix(folder)) {
            return real.join(below);
        }
    }
    path.to_path_buf()
}
