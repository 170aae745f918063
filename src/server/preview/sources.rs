//! From changed files to the next snapshot: a session reads and analyzes the files; this file decides which parts of the last
//! snapshot are reused, and which templates can be used.

use super::snapshot::{Snapshot, template_finding};
use crate::base::analyze::Analysis;
use crate::base::incremental::Invalidation;
use crate::base::site::Site;
use crate::pages::compose::Findings;
use crate::pages::html::Sizes;
use crate::pages::templates::{Overrides, Renderer, TemplateError};
use crate::publish::files::{File, Parts, Publication, site_view, sizes, theme_fault};
use crate::server::{Changes, Finding};
use crate::system::disk;
use crate::text::diagnostic::Severity;
use crate::text::paths::nfc;
use crate::text::source::SourceFile;
use crate::workspace::{CONFIG, Lookup, Problem, Session, Update};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// Length and modification time of a file.
type Stamp = (u64, Option<SystemTime>);

/// The sources of the previewed site.
pub(super) struct Sources {
    session: Session,
    /// Files that are served from the disk, by output path.
    stamps: FxHashMap<String, Stamp>,
    /// Why the newest templates cannot be used. Stays until a template changes, because they are not parsed before that.
    template_problem: Option<Finding>,
    picture_problem: Option<Finding>,
}

/// What a refresh changed.
#[derive(Debug, Default)]
pub(super) struct RefreshOutcome {
    /// Paths of the notes whose text changed.
    pub notes: Vec<String>,
    /// Output paths of the changed files that are not pages.
    pub files: Vec<String>,
    /// Why the newest sources are not shown.
    pub problems: Vec<Finding>,
}

/// Which parts of the last state are still right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reusable {
    /// The lists of notes and files, and their names.
    Lists,
    /// The notes and their addresses.
    Addresses,
    /// Nothing.
    Nothing,
}

impl Reusable {
    /// The last state with the parts that may be reused; `None` if no part may be.
    fn of(self, old: &Snapshot) -> Option<(&Snapshot, Reusable)> {
        (self != Reusable::Nothing).then_some((old, self))
    }
}

impl Sources {
    /// The content folder, without symbolic links.
    pub(super) fn content(&self) -> &Path {
        &self.session.location().content
    }

    /// Opens a session and makes the first snapshot.
    ///
    /// # Errors
    /// The site cannot be loaded, or the built-in templates cannot be parsed.
    pub(super) fn read(lookup: Lookup, drafts: bool) -> Result<(Sources, Snapshot, Vec<Finding>), String> {
        let session = Session::open(lookup, drafts).map_err(|error| error.to_string())?;
        let mut sources =
            Sources { session, stamps: FxHashMap::default(), template_problem: None, picture_problem: None };
        let analysis = sources.session.analysis().clone();
        let built_in = || renderer_of(&analysis.site, &Overrides::default());
        let overrides = &sources.session.own_files().overrides;
        let (renderer, spare) = match renderer_of(&analysis.site, overrides) {
            Ok(renderer) if overrides.is_empty() => (renderer, None),
            Ok(renderer) => (renderer, built_in().ok()),
            Err(error) => {
                sources.template_problem = Some(template_finding(&error));
                (built_in().map_err(|e| e.to_string())?, None)
            }
        };
        let snapshot = sources.snapshot(&analysis, renderer, spare, None, true);
        sources.stamps = stamps(&snapshot);
        let problems = sources.problems();
        Ok((sources, snapshot, problems))
    }

    /// How often a file was parsed, and how often a parse was reused.
    #[cfg(test)]
    pub(super) fn parses(&self) -> crate::base::incremental::Counts {
        self.session.counts()
    }

    /// Applies changes. Without a new state the old one stays in use.
    pub(super) fn refresh(&mut self, changes: &Changes, old: &Snapshot) -> (Option<Snapshot>, RefreshOutcome) {
        let mut outcome = RefreshOutcome::default();
        let Some(update) = self.session.refresh(changes) else {
            outcome.problems = self.problems();
            return (None, outcome);
        };
        let (analysis, old_site) = (&update.analysis, old.site());
        let templates_differ = update.templates_changed || update.config_changed;
        let (renderer, spare) = self.renderer(&analysis.site, old, templates_differ);
        let reusable = reusable(&update, old_site);
        // The analyzer returns the same `Arc` for the same site, so comparing pointers is enough.
        let same = reusable == Reusable::Lists
            && Arc::ptr_eq(&analysis.site, old_site)
            && Arc::ptr_eq(&renderer, &old.renderer)
            && old.findings.have_baseline(self.session.baseline());
        let next = match same {
            true => None,
            false => Some(self.snapshot(analysis, renderer, spare, reusable.of(old), update.pictures_may_differ)),
        };
        let sure = next.as_ref().unwrap_or(old);
        let has_same_files = sure.publication().has_same_files(old.publication());
        outcome.files = self.changed_files(sure, old, changes, has_same_files);
        outcome.notes = changed_notes(old_site, &analysis.site, &update.invalidation);
        outcome.problems = self.problems();
        // A changed picture needs a new version number, though no page differs: open pages compare versions.
        let next = next.or_else(|| (!outcome.files.is_empty()).then(|| self.same_pages(analysis, old)));
        (next, outcome)
    }

    /// A new state with the same pages, after a change of files that are served from the disk.
    fn same_pages(&mut self, analysis: &Analysis, old: &Snapshot) -> Snapshot {
        self.snapshot(analysis, old.renderer.clone(), old.spare_renderer.clone(), Some((old, Reusable::Lists)), true)
    }

    /// The renderer for a site, and a spare renderer for pages with template errors. If the templates cannot be parsed, the last
    /// good templates stay in use.
    fn renderer(
        &mut self,
        site: &Site,
        old: &Snapshot,
        templates_differ: bool,
    ) -> (Arc<Renderer>, Option<Arc<Renderer>>) {
        if templates_differ {
            match renderer_of(site, &self.session.own_files().overrides) {
                Ok(renderer) => {
                    self.template_problem = None;
                    // Templates that failed on a page cannot be the spare ones.
                    let spare = if old.has_faults() { old.spare_renderer.clone() } else { Some(old.renderer.clone()) };
                    return (renderer, spare);
                }
                Err(error) => self.template_problem = Some(template_finding(&error)),
            }
        }
        let view = site_view(site);
        let with = |renderer: &Arc<Renderer>| renderer.with(&view).map_or_else(|| renderer.clone(), Arc::new);
        match site_view(old.site()) == view {
            true => (old.renderer.clone(), old.spare_renderer.clone()),
            false => (with(&old.renderer), old.spare_renderer.as_ref().map(with)),
        }
    }

    /// A state of the site. `before` is the last state and the parts of it that are reused. With `pictures`, the sizes of
    /// pictures are read again.
    fn snapshot(
        &mut self,
        analysis: &Analysis,
        renderer: Arc<Renderer>,
        spare: Option<Arc<Renderer>>,
        before: Option<(&Snapshot, Reusable)>,
        pictures: bool,
    ) -> Snapshot {
        let findings = Findings::later(self.session.baseline().clone());
        let parts = Parts {
            site: analysis.site.clone(),
            bodies: analysis.bodies.clone(),
            sizes: match before.filter(|(b, _)| !pictures && Arc::ptr_eq(&b.site().graph, &analysis.site.graph)) {
                Some((before, _)) if self.picture_problem.is_none() => before.sizes.clone(),
                _ => Arc::new(self.sizes(&analysis.site)),
            },
            renderer: renderer.clone(),
            findings: findings.clone(),
        };
        let own = self.session.own_files();
        let publication = match before {
            Some((before, Reusable::Lists)) => before.publication().after_edits(parts.clone(), own),
            Some((before, _)) => before.publication().after_head_edits(parts.clone(), own),
            None => Publication::new(parts.clone(), own),
        };
        let sizes = parts.sizes.clone();
        let spare = spare.map(|spare| {
            let parts = Parts { renderer: spare.clone(), ..parts };
            (publication.after_edits(parts, own), spare)
        });
        Snapshot::new(analysis.site.clone(), publication, spare, renderer, findings, sizes)
    }

    /// The sizes of the pictures. If the disk fails, the problem is shown and the pictures have no size.
    fn sizes(&mut self, site: &Site) -> Sizes {
        let read = sizes(site);
        self.picture_problem = read.as_ref().err().map(|message| Finding {
            help: "until it can be read, pages show pictures without a size".into(),
            ..problem(&self.session.config().content, message.clone())
        });
        read.unwrap_or_default()
    }

    /// Why the newest sources are not shown, as the pages and the terminal show it.
    fn problems(&self) -> Vec<Finding> {
        let config = self.session.config();
        let sources = self.session.problems().into_iter().map(|source| finding(&source, &config.content));
        let theme = theme_fault(config, self.session.own_files())
            .map(|(message, help)| Finding { help: help.into(), ..problem(CONFIG, message) });
        let own = [&self.template_problem, &self.picture_problem];
        let templates = &config.templates;
        let unused = self.session.own_files().unused_templates().into_iter().map(|unused| Finding {
            severity: Severity::Warning,
            line: unused.line as u32,
            help: unused.help,
            ..problem(&format!("{templates}/{}", unused.file), unused.message)
        });
        sources.chain(own.into_iter().flatten().cloned()).chain(theme).chain(unused).collect()
    }

    /// Output paths of files that are not pages and were added, removed or edited. `has_same_files`: no file was added or
    /// removed.
    fn changed_files(
        &mut self,
        new: &Snapshot,
        old: &Snapshot,
        changes: &Changes,
        has_same_files: bool,
    ) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        match changes {
            Changes::Paths(paths) if has_same_files => {
                for path in paths {
                    found.extend(self.output_path(path).filter(|output| self.was_edited(new, output)));
                }
            }
            _ => {
                let now = stamps(new);
                found.extend(now.iter().filter(|(p, s)| self.stamps.get(*p) != Some(s)).map(|(p, _)| p.clone()));
                found.extend(self.stamps.keys().filter(|p| !now.contains_key(*p)).cloned());
                self.stamps = now;
                found.extend(changed_theme(new.publication(), old.publication()));
                found.sort_unstable();
            }
        }
        found
    }

    /// The output path of a file in the content folder or the static folder; `None` for a path outside both.
    fn output_path(&self, path: &Path) -> Option<String> {
        let own = self.session.own_folders().and_then(|(_, folder)| path.strip_prefix(folder).ok());
        let inside = own.or_else(|| path.strip_prefix(&self.session.location().content).ok())?;
        Some(nfc(&disk::shown(inside)).into_owned())
    }

    /// Whether the file that is served at an output path was edited.
    fn was_edited(&mut self, new: &Snapshot, output: &str) -> bool {
        let Some(File::Disk(from)) = new.publication().files().get(output) else { return false };
        let stamp = stamp(from.path());
        self.stamps.insert(output.to_string(), stamp) != Some(stamp)
    }
}

/// Which parts of the last state are still right after an update.
fn reusable(update: &Update, old: &Site) -> Reusable {
    let site = &update.analysis.site;
    let same_lists = Arc::ptr_eq(&site.index, &old.index) && Arc::ptr_eq(&site.routes, &old.routes);
    if update.templates_changed || update.static_files_changed || update.config_changed {
        return Reusable::Nothing;
    }
    match &update.invalidation {
        Invalidation::Heads(_) => Reusable::Addresses,
        Invalidation::Nothing | Invalidation::Texts(_) if same_lists => Reusable::Lists,
        _ => Reusable::Nothing,
    }
}

fn renderer_of(site: &Site, overrides: &Overrides) -> Result<Arc<Renderer>, TemplateError> {
    Renderer::new(&site_view(site), overrides).map(Arc::new)
}

/// A problem of the sources as a finding. `content` is the content folder as the configuration names it.
fn finding(source: &Problem, content: &str) -> Finding {
    let last_good_state = "until this is corrected, the last good state is shown";
    let (file, error, help) = match source {
        Problem::FoldersChanged => {
            let help = "restart the preview".into();
            return Finding { help, ..problem(CONFIG, "the configuration names different folders now".into()) };
        }
        Problem::Config(error) => (CONFIG, error, "correct it; until then the last good configuration is used"),
        Problem::OwnFiles(error) => ("templates, static", error, last_good_state),
        Problem::Content(error) => (content, error, last_good_state),
        Problem::Baseline(error) => ("the baseline", error, "until then the last good baseline is used"),
    };
    Finding { line: error.line(), help: help.into(), ..problem(file, error.message()) }
}

/// An error about a whole file, without help.
fn problem(file: &str, message: String) -> Finding {
    Finding { severity: Severity::Error, file: file.into(), line: 0, message, help: String::new(), repair: None }
}

fn stamp(path: &Path) -> Stamp {
    std::fs::metadata(path).map_or((0, None), |meta| (meta.len(), meta.modified().ok()))
}

fn stamps(snapshot: &Snapshot) -> FxHashMap<String, Stamp> {
    let files = snapshot.publication().files().iter();
    let on_disk = files.filter_map(|(path, file)| match file {
        File::Disk(from) => Some((path.to_string(), stamp(from.path()))),
        _ => None,
    });
    on_disk.collect()
}

/// Output paths of the files of the theme that differ.
fn changed_theme(new: &Publication, old: &Publication) -> Vec<String> {
    let files = new.files().iter().filter_map(|(path, file)| match (file, old.files().get(path)) {
        (File::Theme(now), Some(File::Theme(before))) if now == before => None,
        (File::Theme(_), _) => Some(path.to_string()),
        _ => None,
    });
    files.collect()
}

/// Paths of the notes whose text differs, and of removed notes with a remark.
fn changed_notes(old: &Site, new: &Site, invalidation: &Invalidation) -> Vec<String> {
    match invalidation {
        Invalidation::Nothing => Vec::new(),
        Invalidation::Texts(notes) | Invalidation::Heads(notes) => {
            notes.iter().map(|&i| new.source(i).path.to_string()).collect()
        }
        Invalidation::Everything => {
            let mut before: FxHashMap<&str, &SourceFile> =
                old.vault.notes().map(|(_, file)| (&*file.path, file)).collect();
            let is_new = |file: &&SourceFile| before.remove(&*file.path) != Some(*file);
            let new = new.vault.notes().map(|(_, file)| file).filter(is_new).map(|file| file.path.to_string());
            let mut changed: Vec<String> = new.collect();
            let mut removed: Vec<&str> = before.into_keys().collect();
            removed.sort_unstable();
            changed.extend(removed.into_iter().map(|path| format!("{path} (removed)")));
            changed
        }
    }
}
