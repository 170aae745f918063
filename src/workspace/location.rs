//! Finds a site: the configuration file, the content folder, the output folder, and the folders of templates and static files.
//! Reads the configuration and lists folders; reads no note.

use super::LoadError;
use crate::base::vault::{self, UnsavedTexts, Vault};
use crate::check::baseline::Baseline;
use crate::check::rules::RULES;
use crate::check::scope::Scope;
use crate::config::Config;
use crate::publish::own_files::{OwnFiles, own_files};
use crate::system::disk;
use std::fs;
use std::path::{Path, PathBuf};

/// The arguments of a user to find a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// The site, a folder inside the site, or a folder of notes.
    pub root: PathBuf,
    /// The configuration file. `None`: the nearest `canon.toml` in `root` or above.
    pub config_file: Option<PathBuf>,
}

/// The folders and the configuration of a site.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Location {
    /// The configuration, with a title if the file sets none.
    pub config: Config,
    /// The content folder, without symbolic links.
    pub content: PathBuf,
    /// The output folder, which may not exist.
    pub output: PathBuf,
    /// The templates folder, which may not exist.
    pub templates: PathBuf,
    /// The static folder, which may not exist.
    pub static_folder: PathBuf,
    /// The baseline of the configuration, which may not exist; `None` if it names none.
    pub baseline: Option<PathBuf>,
    /// The folder that relative paths of the configuration start from.
    folder: PathBuf,
    /// The configuration file; `None` if the site has none.
    pub file: Option<PathBuf>,
    /// The part of the content that was named.
    pub scope: Scope,
}

impl Location {
    /// Finds a site. An unsaved text of the configuration file is read instead of the file.
    ///
    /// # Errors
    /// The root or the configuration file cannot be read, or the configuration has a mistake.
    pub(crate) fn find(lookup: &Lookup, unsaved: &UnsavedTexts) -> Result<Location, LoadError> {
        if !is_folder(&lookup.root)? {
            return Err(LoadError::NotAFolder(lookup.root.clone()));
        }
        let root = canonical(&lookup.root)?;
        let file = match &lookup.config_file {
            Some(file) => Some(canonical(file)?),
            None => nearest_config(&root)?,
        };
        match file {
            Some(file) => Location::with_config(&root, file, unsaved),
            None => Location::without_config(root),
        }
    }

    /// The location of a folder with this text as its configuration file, which need not exist.
    ///
    /// # Errors
    /// As [`Location::find`].
    pub(super) fn with_text(folder: &Path, text: &str) -> Result<Location, LoadError> {
        let root = canonical(folder)?;
        let file = root.join("canon.toml");
        let unsaved = UnsavedTexts::from([(file.clone(), text.into())]);
        Location::with_config(&root, file, &unsaved)
    }

    /// The location of a folder of notes without a configuration file.
    fn without_config(root: PathBuf) -> Result<Location, LoadError> {
        let inner = root.join("content");
        let content = if is_folder(&inner)? { inner } else { root.clone() };
        let current = std::env::current_dir().unwrap_or_else(|_| root.clone());
        let mut config = Config::default();
        // The default names a file next to `canon.toml`; in a plain folder of notes the same file is a note.
        config.check.note_templates.clear();
        Ok(Location::new(config, &root, content, current.join("public"), None, Scope::default()))
    }

    /// The location described by a configuration file.
    fn with_config(root: &Path, file: PathBuf, unsaved: &UnsavedTexts) -> Result<Location, LoadError> {
        let text = match unsaved.get(&file) {
            Some(text) => text.to_string(),
            None => fs::read_to_string(&file).map_err(|e| LoadError::unreadable(&file, &e))?,
        };
        let own_folder = file.parent().unwrap_or(Path::new("/"));
        // With `--config` the file may be outside the site. Relative paths then start at the root, not at the file.
        let foreign = !root.starts_with(own_folder);
        let folder = if foreign { root } else { own_folder };
        let config = parse_config(&text, &file, folder)?;
        let mut content = folder.join(&config.content);
        let bare = foreign && !is_folder(&content)?;
        if bare {
            content = root.to_path_buf();
        }
        if !is_folder(&content)? {
            return Err(LoadError::NoContent { file, content: config.content });
        }
        let content = canonical(&content)?;
        let named = root.strip_prefix(&content).ok().filter(|p| !p.as_os_str().is_empty());
        let scope = named.map_or_else(Scope::default, |p| Scope::of(vec![format!("{}/", disk::shown(p))]));
        // A bare folder of notes must not get an output folder inside.
        let beside = if bare { std::env::current_dir().unwrap_or_default() } else { folder.to_path_buf() };
        let output = beside.join(&config.output);
        Ok(Location::new(config, folder, content, output, Some(file.clone()), scope))
    }

    /// The location with the text of an earlier state of its configuration file. Reads no file: the folders need not exist.
    ///
    /// # Errors
    /// The configuration has a mistake.
    pub(super) fn with_past_config(&self, text: &str) -> Result<Location, LoadError> {
        let config = parse_config(text, self.file.as_deref().unwrap_or(Path::new("canon.toml")), &self.folder)?;
        // The present folders have no symbolic links, which a path of the past may have.
        let place = |named: &str, now_named: &str, now: &Path| match named == now_named {
            true => now.to_path_buf(),
            false => disk::without_dots(&self.folder.join(named)),
        };
        let content = place(&config.content, &self.config.content, &self.content);
        let output = place(&config.output, &self.config.output, &self.output);
        Ok(Location::new(config, &self.folder, content, output, self.file.clone(), self.scope.clone()))
    }

    /// Fills in the title, the templates folder and the static folder.
    fn new(
        mut config: Config,
        folder: &Path,
        content: PathBuf,
        output: PathBuf,
        file: Option<PathBuf>,
        scope: Scope,
    ) -> Location {
        if config.title.is_empty() {
            // The name `content` says nothing about the site; the folder above does.
            let own = match content.file_name() {
                Some(name) if name == "content" => content.parent().unwrap_or(&content),
                _ => &content,
            };
            config.title = crate::note::words_of(&own.file_name().unwrap_or_default().to_string_lossy());
        }
        let (templates, static_folder) = (folder.join(&config.templates), folder.join(&config.static_folder));
        let baseline = match config.check.baseline.as_str() {
            "" => None,
            named => Some(without_links_above(&folder.join(named))),
        };
        Location { config, content, output, templates, static_folder, baseline, folder: folder.into(), file, scope }
    }

    /// Reads the content folder.
    ///
    /// # Errors
    /// The content folder cannot be read.
    pub(crate) fn read_content(&self) -> Result<Vault, LoadError> {
        vault::read(&self.content, &self.config, &self.skipped()).map_err(LoadError::Content)
    }

    /// Files and folders inside the content folder that are not content.
    pub(crate) fn skipped(&self) -> Vec<PathBuf> {
        self.skipped_folders().into_iter().chain(self.baseline.clone()).collect()
    }

    /// Folders inside the content folder without content.
    pub(super) fn skipped_folders(&self) -> Vec<PathBuf> {
        let mut skipped = vec![self.output.clone()];
        // If the content folder is the site's folder (`content = "."`), the content contains the templates and the static files.
        for own in [&self.templates, &self.static_folder] {
            if own.starts_with(&self.content) && self.file.is_some() {
                skipped.push(own.clone());
            }
        }
        skipped
    }

    /// The folders that the site is made from.
    pub(crate) fn sources(&self) -> [PathBuf; 3] {
        [self.content.clone(), self.templates.clone(), self.static_folder.clone()]
    }

    /// Whether the site may have templates and static files. A plain folder of notes has none.
    pub(crate) fn has_own_files(&self) -> bool {
        self.file.is_some() || self.content.parent().is_some_and(|p| p == self.templates.parent().unwrap_or(p))
    }

    /// Reads the templates and lists the static files of the site; empty for a plain folder of notes.
    ///
    /// # Errors
    /// A template or a folder cannot be read.
    pub(crate) fn read_own_files(&self) -> Result<OwnFiles, LoadError> {
        match self.has_own_files() {
            true => own_files(&self.templates, &self.static_folder).map_err(LoadError::OwnFiles),
            false => Ok(OwnFiles::default()),
        }
    }

    /// Reads the baseline of the configuration; empty if the configuration names none.
    ///
    /// # Errors
    /// The file cannot be read, or is not a baseline.
    pub(crate) fn read_baseline(&self) -> Result<Baseline, LoadError> {
        match &self.baseline {
            Some(file) => read_baseline(file, true),
            None => Ok(Baseline::default()),
        }
    }
}

/// Reads a baseline. `is_configured`: the configuration names the file, not the command line.
///
/// # Errors
/// The file cannot be read, or is not a baseline.
pub(crate) fn read_baseline(file: &Path, is_configured: bool) -> Result<Baseline, LoadError> {
    let text = fs::read_to_string(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist".to_string(),
        _ => format!("cannot be read: {error}"),
    });
    let parsed = text.and_then(|text| Baseline::parse(&text));
    parsed.map_err(|reason| LoadError::Baseline { file: disk::from_here(file), reason, is_configured })
}

/// Parses a configuration and makes the paths of single files absolute.
fn parse_config(text: &str, file: &Path, folder: &Path) -> Result<Config, LoadError> {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let parsed = Config::parse_with_rules(text, &rules);
    let mut config = parsed.map_err(|errors| LoadError::Config { file: file.to_path_buf(), errors })?;
    for outside in &mut config.follow_links_outside {
        *outside = utf8(folder.join(&*outside))?;
    }
    for template in &mut config.check.note_templates {
        *template = utf8(folder.join(&*template))?;
    }
    Ok(config)
}

/// Whether a path is a folder. A failing disk is an error: a wrong answer would build the site from a different folder.
fn is_folder(path: &Path) -> Result<bool, LoadError> {
    disk::is_folder(path).map_err(|e| LoadError::unreadable(path, &e))
}

/// A path without symbolic links.
fn canonical(path: &Path) -> Result<PathBuf, LoadError> {
    fs::canonicalize(path).map_err(|e| LoadError::unreadable(path, &e))
}

/// A path without symbolic links in the folders, like the paths of the walk over the content. The path is unchanged if its
/// folder does not exist.
fn without_links_above(path: &Path) -> PathBuf {
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// The `canon.toml` of a folder or of the nearest folder above.
fn nearest_config(root: &Path) -> Result<Option<PathBuf>, LoadError> {
    // Like git and cargo: a command works the same in every folder of the site.
    for file in root.ancestors().map(|folder| folder.join("canon.toml")) {
        if disk::is_file(&file).map_err(|e| LoadError::unreadable(&file, &e))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// A path as text. A path outside UTF-8 is refused, because replacement characters would make a different path.
fn utf8(path: PathBuf) -> Result<String, LoadError> {
    path.into_os_string().into_string().map_err(|path| LoadError::NotUtf8(path.into()))
}
