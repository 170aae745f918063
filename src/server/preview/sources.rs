//! From changed files to the next state of the site: reads what changed, keeps what did not, and says what cannot be used.

use super::snapshot::{Snapshot, template_finding};
use crate::base::analyze::Analysis;
use crate::base::incremental::{IncrementalAnalyzer, Invalidation};
use crate::base::site::Site;
use crate::base::vault::{self, Vault};
use crate::config::Config;
use crate::pages::compose::Findings;
use crate::pages::html::Sizes;
use crate::pages::templates::{Overrides, Renderer, TemplateError};
use crate::publish::files::{File, Parts, Publication, site_view, sizes, theme_fault};
use crate::publish::own_files::{OwnFiles, own_files};
use crate::server::{Changes, Finding};
use crate::system::disk;
use crate::text::diagnostic::Severity;
use crate::text::slug::nfc;
use crate::text::source::SourceFile;
use crate::workspace::LoadError;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The configuration file, unless another one is named.
const CONFIG: &str = "canon.toml";

/// Where a site's parts are, and its configuration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ground {
    /// The configuration.
    pub config: Config,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// The content folder, without links.
    pub content: PathBuf,
    /// Folders inside it that are not content.
    pub skip: Vec<PathBuf>,
    /// Templates and static files, where the site may have its own.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// Looks where the parts are; called again when the configuration may have changed.
pub(crate) type Find = Box<dyn Fn() -> Result<Ground, LoadError> + Send + Sync>;

/// Length and time of a file.
type Stamp = (u64, Option<SystemTime>);

/// What was read.
pub(super) struct Sources {
    find: Find,
    drafts: bool,
    ground: Ground,
    config: Arc<Config>,
    own: OwnFiles,
    static_files: Arc<Vec<String>>,
    warm: IncrementalAnalyzer,
    /// Files that are shown as they lie on the disk, by output path.
    stamps: FxHashMap<String, Stamp>,
    config_trouble: Option<Finding>,
    own_trouble: Option<Finding>,
    /// Why the templates that there are cannot be used. Holds until they are others: they are not looked at again before.
    template_trouble: Option<Finding>,
    content_trouble: Option<Finding>,
    picture_trouble: Option<Finding>,
}

/// What a refresh found.
#[derive(Debug, Default)]
pub(super) struct RefreshOutcome {
    /// Source files of notes whose text is new.
    pub notes: Vec<String>,
    /// Files of the site beside pages that are new, by output path.
    pub files: Vec<String>,
    /// What keeps the newest sources from being shown.
    pub troubles: Vec<Finding>,
}

/// Which parts of the sources may have changed.
struct ChangedInputs {
    everything: bool,
    config: bool,
    own: bool,
    content: Vec<PathBuf>,
}

/// What of the state before holds after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reusable {
    /// The lists of notes and files, and how they are named.
    Lists,
    /// Which notes there are and where.
    Addresses,
    /// Nothing that is known.
    Nothing,
}

impl Reusable {
    fn of(self, old: &Snapshot) -> Option<(&Snapshot, Reusable)> {
        (self != Reusable::Nothing).then_some((old, self))
    }
}

impl ChangedInputs {
    /// Whether pictures of the content may be others.
    fn pictures(&self) -> bool {
        self.everything || self.content.iter().any(|path| path.extension().is_none_or(|e| e != "md"))
    }
}

impl Sources {
    /// Reads a site for the first time.
    pub(super) fn read(find: Find, drafts: bool) -> Result<(Sources, Snapshot, Vec<Finding>), String> {
        let ground = find().map_err(|error| error.to_string())?;
        let own = read_own(&ground)?;
        let vault = vault::read(&ground.content, &ground.config, &ground.skip)?;
        let mut sources = Sources {
            find,
            drafts,
            config: Arc::new(ground.config.clone()),
            static_files: Arc::new(own.static_files.clone()),
            ground,
            own,
            warm: IncrementalAnalyzer::default(),
            stamps: FxHashMap::default(),
            config_trouble: None,
            own_trouble: None,
            template_trouble: None,
            content_trouble: None,
            picture_trouble: None,
        };
        let (analysis, _) = sources.warm.analyze(&sources.config, vault, &sources.static_files, drafts);
        let built_in = || renderer_of(&analysis.site, &Overrides::default());
        let (renderer, spare) = match renderer_of(&analysis.site, &sources.own.overrides) {
            Ok(renderer) if sources.own.overrides.is_empty() => (renderer, None),
            Ok(renderer) => (renderer, built_in().ok()),
            Err(error) => {
                sources.template_trouble = Some(template_finding(&error));
                (built_in().map_err(|e| e.to_string())?, None)
            }
        };
        let snapshot = sources.snapshot(&analysis, renderer, spare, None, true);
        sources.stamps = stamps(&snapshot);
        let troubles = sources.troubles();
        Ok((sources, snapshot, troubles))
    }

    /// How often files were parsed.
    #[cfg(test)]
    pub(super) fn parses(&self) -> crate::base::incremental::Counts {
        self.warm.counts()
    }

    /// Takes changes in. Without a new state the old one stays.
    pub(super) fn refresh(&mut self, changes: &Changes, old: &Snapshot) -> (Option<Snapshot>, RefreshOutcome) {
        let touched = self.touched(changes);
        let mut news = RefreshOutcome::default();
        let moved = touched.config && self.read_config();
        let own_before = (self.own.overrides.clone(), self.static_files.clone());
        if touched.own || moved {
            self.read_own();
        }
        let new_templates = self.own.overrides != own_before.0;
        let new_own = new_templates || self.static_files != own_before.1;
        let vault = self.read_content(&touched, moved, &old.site().vault);
        let old_site = old.site();
        let (analysis, extent) = match vault {
            Some(vault) => self.warm.analyze(&self.config, vault, &self.static_files, self.drafts),
            None => {
                news.troubles = self.troubles();
                return (None, news);
            }
        };
        let (renderer, spare) = self.renderer(&analysis.site, old, new_templates || moved);
        let (old_index, old_routes) = (&old_site.index, &old_site.routes);
        let listed_alike =
            Arc::ptr_eq(&analysis.site.index, old_index) && Arc::ptr_eq(&analysis.site.routes, old_routes);
        let keeps = match (!new_own && !moved, &extent) {
            (false, _) | (_, Invalidation::Everything) => Reusable::Nothing,
            (_, Invalidation::Heads(_)) => Reusable::Addresses,
            (_, Invalidation::Nothing | Invalidation::Texts(_)) if listed_alike => Reusable::Lists,
            _ => Reusable::Nothing,
        };
        let same =
            keeps == Reusable::Lists && Arc::ptr_eq(&analysis.site, old_site) && Arc::ptr_eq(&renderer, &old.renderer);
        let next = match same {
            true => None,
            false => Some(self.snapshot(&analysis, renderer, spare, keeps.of(old), touched.pictures())),
        };
        let sure = next.as_ref().unwrap_or(old);
        let has_same_files = sure.publication().has_same_files(old.publication());
        news.files = self.changed_files(sure, old, changes, has_same_files);
        news.notes = changed_notes(old_site, &analysis.site, &extent);
        news.troubles = self.troubles();
        let next = next.or_else(|| (!news.files.is_empty()).then(|| self.again(&analysis, old)));
        (next, news)
    }

    /// The same state once more, since files that it shows from the disk are others.
    fn again(&mut self, analysis: &Analysis, old: &Snapshot) -> Snapshot {
        self.snapshot(analysis, old.renderer.clone(), old.spare_renderer.clone(), Some((old, Reusable::Lists)), true)
    }

    fn touched(&self, changes: &Changes) -> ChangedInputs {
        let Changes::Paths(paths) = changes else {
            return ChangedInputs { everything: true, config: true, own: true, content: Vec::new() };
        };
        let own = self.ground.own.as_ref();
        let is_own = |path: &&PathBuf| own.is_some_and(|(a, b)| path.starts_with(a) || path.starts_with(b));
        let is_config = |path: &PathBuf| path.file_name().is_some_and(|name| name == CONFIG);
        let content = paths.iter().filter(|path| path.starts_with(&self.ground.content) && !is_own(path));
        ChangedInputs {
            everything: false,
            config: paths.iter().any(|path| Some(path) == self.ground.file.as_ref() || is_config(path)),
            own: paths.iter().any(|path| is_own(&path)),
            content: content.cloned().collect(),
        }
    }

    /// Reads the configuration again; whether it is another one.
    fn read_config(&mut self) -> bool {
        let trouble = |line, message: String, help: &str| Finding {
            severity: Severity::Error,
            file: CONFIG.into(),
            line,
            message,
            help: help.into(),
            repair: None,
        };
        self.config_trouble = None;
        let ground = match (self.find)() {
            Ok(ground) => ground,
            Err(error) => {
                let help = "mend it; until then the last good configuration holds";
                self.config_trouble = Some(trouble(error.line(), error.message(), help));
                return false;
            }
        };
        let places = |ground: &Ground| (ground.content.clone(), ground.own.clone(), ground.skip.clone());
        if places(&ground) != places(&self.ground) {
            let help = "end the preview and start it again";
            self.config_trouble = Some(trouble(0, "the site's folders are others now".into(), help));
            return false;
        }
        let is_new = ground.config != self.ground.config;
        if is_new {
            self.config = Arc::new(ground.config.clone());
        }
        self.ground = ground;
        is_new
    }

    /// Reads templates and the list of static files again.
    fn read_own(&mut self) {
        match read_own(&self.ground) {
            Ok(own) => {
                self.own_trouble = None;
                if own.static_files != *self.static_files {
                    self.static_files = Arc::new(own.static_files.clone());
                }
                self.own = own;
            }
            Err(message) => self.own_trouble = Some(folder_trouble("templates, static", message)),
        }
    }

    fn read_content(&mut self, touched: &ChangedInputs, moved: bool, old: &Vault) -> Option<Vault> {
        let ground = &self.ground;
        let vault = match touched.everything || moved || self.content_trouble.is_some() {
            true => vault::read(&ground.content, &ground.config, &ground.skip),
            false => vault::read_again(old, &ground.config, &ground.skip, &touched.content),
        };
        match vault {
            Ok(vault) => {
                self.content_trouble = None;
                Some(vault)
            }
            Err(message) => {
                self.content_trouble = Some(folder_trouble(&ground.config.content, message));
                None
            }
        }
    }

    /// The renderer for a site, and what stands in for it. Where templates do not parse, the last ones that did.
    fn renderer(&mut self, site: &Site, old: &Snapshot, anew: bool) -> (Arc<Renderer>, Option<Arc<Renderer>>) {
        if anew {
            match renderer_of(site, &self.own.overrides) {
                Ok(renderer) => {
                    self.template_trouble = None;
                    let spare = if old.has_faults() { old.spare_renderer.clone() } else { Some(old.renderer.clone()) };
                    return (renderer, spare);
                }
                Err(error) => self.template_trouble = Some(template_finding(&error)),
            }
        }
        let view = site_view(site);
        let with = |renderer: &Arc<Renderer>| renderer.with(&view).map_or_else(|| renderer.clone(), Arc::new);
        match site_view(old.site()) == view {
            true => (old.renderer.clone(), old.spare_renderer.clone()),
            false => (with(&old.renderer), old.spare_renderer.as_ref().map(with)),
        }
    }

    /// A state of the site; `before` is one of which something still holds. With `pictures`, pictures may be others.
    fn snapshot(
        &mut self,
        analysis: &Analysis,
        renderer: Arc<Renderer>,
        spare: Option<Arc<Renderer>>,
        before: Option<(&Snapshot, Reusable)>,
        pictures: bool,
    ) -> Snapshot {
        let findings = Findings::default();
        let parts = Parts {
            site: analysis.site.clone(),
            bodies: analysis.bodies.clone(),
            sizes: match before.filter(|(b, _)| !pictures && Arc::ptr_eq(&b.site().graph, &analysis.site.graph)) {
                Some((before, _)) if self.picture_trouble.is_none() => before.sizes.clone(),
                _ => Arc::new(self.sizes(&analysis.site)),
            },
            renderer: renderer.clone(),
            findings: findings.clone(),
        };
        let publication = match before {
            Some((before, Reusable::Lists)) => before.publication().after_edits(parts.clone(), &self.own),
            Some((before, _)) => before.publication().after_head_edits(parts.clone(), &self.own),
            None => Publication::new(parts.clone(), &self.own),
        };
        let sizes = parts.sizes.clone();
        let spare = spare.map(|spare| {
            let parts = Parts { renderer: spare.clone(), ..parts };
            (publication.after_edits(parts, &self.own), spare)
        });
        Snapshot::new(analysis.site.clone(), publication, spare, renderer, findings, sizes)
    }

    /// Sizes of the pictures; none, and a word about it, where the machine fails.
    fn sizes(&mut self, site: &Site) -> Sizes {
        let read = sizes(site);
        self.picture_trouble = read.as_ref().err().map(|message| Finding {
            severity: Severity::Error,
            file: self.ground.config.content.clone(),
            line: 0,
            message: message.clone(),
            help: "until it can be read pictures are shown without their size".into(),
            repair: None,
        });
        read.unwrap_or_default()
    }

    fn troubles(&self) -> Vec<Finding> {
        let own = [&self.config_trouble, &self.own_trouble, &self.template_trouble];
        let all = own.into_iter().chain([&self.content_trouble, &self.picture_trouble]);
        let theme = theme_fault(&self.config, &self.own).map(|(message, help)| Finding {
            severity: Severity::Error,
            file: CONFIG.into(),
            line: 0,
            message,
            help: help.to_string(),
            repair: None,
        });
        all.flatten().cloned().chain(theme).collect()
    }

    /// Files beside pages that are new or gone; `listed_alike`: the list of files is that of before.
    fn changed_files(&mut self, new: &Snapshot, old: &Snapshot, changes: &Changes, listed_alike: bool) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        match changes {
            Changes::Paths(paths) if listed_alike => {
                for path in paths {
                    found.extend(self.output_path(path).filter(|output| self.is_other(new, output)));
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

    /// Where a file of the content or static folder would be shown.
    fn output_path(&self, path: &Path) -> Option<String> {
        let own = self.ground.own.as_ref().and_then(|(_, folder)| path.strip_prefix(folder).ok());
        let inside = own.or_else(|| path.strip_prefix(&self.ground.content).ok())?;
        Some(nfc(&disk::shown(inside)).into_owned())
    }

    /// Whether the file shown at an output path is another one than before.
    fn is_other(&mut self, new: &Snapshot, output: &str) -> bool {
        let Some(File::Disk(from)) = new.publication().files().get(output) else { return false };
        let stamp = stamp(from.path());
        self.stamps.insert(output.to_string(), stamp) != Some(stamp)
    }
}

fn read_own(ground: &Ground) -> Result<OwnFiles, String> {
    match &ground.own {
        Some((templates, static_folder)) => own_files(templates, static_folder),
        None => Ok(OwnFiles::default()),
    }
}

fn renderer_of(site: &Site, overrides: &Overrides) -> Result<Arc<Renderer>, TemplateError> {
    Renderer::new(&site_view(site), overrides).map(Arc::new)
}

fn folder_trouble(file: &str, message: String) -> Finding {
    let help = "until this is mended the last good state is shown".to_string();
    Finding { severity: Severity::Error, file: file.into(), line: 0, message, help, repair: None }
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

/// Files of the theme that are others.
fn changed_theme(new: &Publication, old: &Publication) -> Vec<String> {
    let files = new.files().iter().filter_map(|(path, file)| match (file, old.files().get(path)) {
        (File::Theme(now), Some(File::Theme(before))) if now == before => None,
        (File::Theme(_), _) => Some(path.to_string()),
        _ => None,
    });
    files.collect()
}

/// Source files of notes whose text is new.
fn changed_notes(old: &Site, new: &Site, extent: &Invalidation) -> Vec<String> {
    match extent {
        Invalidation::Nothing => Vec::new(),
        Invalidation::Texts(notes) | Invalidation::Heads(notes) => {
            notes.iter().map(|&i| new.source(i).path.to_string()).collect()
        }
        Invalidation::Everything => {
            let before: FxHashMap<&str, &SourceFile> = old.vault.notes().map(|(_, file)| (&*file.path, file)).collect();
            let is_new = |file: &SourceFile| before.get(&*file.path) != Some(&file);
            new.vault.notes().filter(|(_, file)| is_new(file)).map(|(_, file)| file.path.to_string()).collect()
        }
    }
}
