//! Where a site's parts are: from ROOT to configuration, content, output. Reads configuration and folders, nothing else.

use super::{Failure, Global};
use crate::base::vault::{self, Vault};
use crate::check::rules::RULES;
use crate::config::Config;
use crate::publish::own_files::{OwnFiles, own_files};
use crate::system::disk::{self, cannot_read};
use std::path::{Path, PathBuf};

/// A site's folders and configuration.
#[derive(Debug)]
pub(super) struct Place {
    /// The configuration, its title filled in.
    pub config: Config,
    /// The content folder.
    pub content: PathBuf,
    /// The output folder.
    pub output: PathBuf,
    /// The templates folder.
    pub templates: PathBuf,
    /// The static folder.
    pub static_folder: PathBuf,
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// The folder inside the content that findings are narrowed to, relative to the content, with `/` at its end.
    pub narrowed: Option<String>,
}

impl Place {
    /// Finds a site from ROOT.
    ///
    /// # Errors
    /// ROOT or the named configuration cannot be read, or the configuration is wrong.
    pub(super) fn find(root: &Path, global: &Global) -> Result<Place, Failure> {
        if !is_folder(root)? {
            return Err(Failure::Unable(format!("`{}` is not a folder", root.display())));
        }
        let root = std::fs::canonicalize(root).map_err(|e| format!("cannot read `{}`: {e}", root.display()))?;
        let file = match &global.config {
            Some(file) => {
                Some(std::fs::canonicalize(file).map_err(|e| format!("cannot read `{}`: {e}", file.display()))?)
            }
            None => nearest_config(&root)?,
        };
        match file {
            Some(file) => Place::with_config(&root, file),
            None => {
                let inner = root.join("content");
                let content = if is_folder(&inner)? { inner } else { root.clone() };
                let current = std::env::current_dir().unwrap_or_else(|_| root.clone());
                let mut config = Config::default();
                config.check.note_templates.clear();
                Ok(Place::of(config, &root, content, current.join("public"), None, None))
            }
        }
    }

    fn with_config(root: &Path, file: PathBuf) -> Result<Place, Failure> {
        let shown = file.display();
        let text = std::fs::read_to_string(&file).map_err(|e| format!("cannot read `{shown}`: {e}"))?;
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let parsed = Config::parse(&text).and_then(|config| config.validate_rules(&text, &rules).map(|()| config));
        let mut config = parsed.map_err(|e| format!("{shown}:{e}"))?;
        let own_folder = file.parent().unwrap_or(Path::new("/"));
        // Settings from elsewhere (`--config`) are for the base at ROOT, and so are the paths in them.
        let foreign = !root.starts_with(own_folder);
        let folder = if foreign { root } else { own_folder };
        for outside in &mut config.follow_links_outside {
            *outside = utf8(folder.join(&*outside))?;
        }
        for template in &mut config.check.note_templates {
            *template = utf8(folder.join(&*template))?;
        }
        let mut content = folder.join(&config.content);
        let bare = foreign && !is_folder(&content)?;
        if bare {
            content = root.to_path_buf();
        }
        if !is_folder(&content)? {
            return Err(Failure::Unable(format!(
                "{shown}: the content folder `{}` does not exist; create it, or set `content`",
                config.content
            )));
        }
        let content =
            std::fs::canonicalize(&content).map_err(|e| format!("cannot read `{}`: {e}", content.display()))?;
        let narrowed = root.strip_prefix(&content).ok().filter(|p| !p.as_os_str().is_empty());
        let narrowed = narrowed.map(|p| format!("{}/", disk::shown(p)));
        let beside = if bare { std::env::current_dir().unwrap_or_default() } else { folder.to_path_buf() };
        let output = beside.join(&config.output);
        Ok(Place::of(config, folder, content, output, Some(file.clone()), narrowed))
    }

    fn of(
        mut config: Config,
        folder: &Path,
        content: PathBuf,
        output: PathBuf,
        file: Option<PathBuf>,
        narrowed: Option<String>,
    ) -> Place {
        if config.title.is_empty() {
            let own = if content.file_name().is_some_and(|n| n == "content") {
                content.parent().unwrap_or(&content)
            } else {
                &content
            };
            config.title = crate::note::words_of(&own.file_name().unwrap_or_default().to_string_lossy());
        }
        Place {
            templates: folder.join(&config.templates),
            static_folder: folder.join(&config.static_folder),
            config,
            content,
            output,
            file,
            narrowed,
        }
    }

    /// Reads the content.
    ///
    /// # Errors
    /// The content folder cannot be read.
    pub(super) fn vault(&self) -> Result<Vault, Failure> {
        Ok(vault::read(&self.content, &self.config, &self.skip())?)
    }

    /// Folders inside the content that are not content.
    pub(super) fn skip(&self) -> Vec<PathBuf> {
        let mut skip = vec![self.output.clone()];
        // Where the folder of the site is its content, its templates and static files are not notes.
        for own in [&self.templates, &self.static_folder] {
            if own.starts_with(&self.content) && self.file.is_some() {
                skip.push(own.clone());
            }
        }
        skip
    }

    /// Whether the site may have templates and static files of its own: not where only notes were named.
    pub(super) fn has_own_files(&self) -> bool {
        self.file.is_some() || self.content.parent().is_some_and(|p| p == self.templates.parent().unwrap_or(p))
    }

    /// Reads the site's own templates and lists its static files.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(super) fn own(&self) -> Result<OwnFiles, Failure> {
        match self.has_own_files() {
            true => Ok(own_files(&self.templates, &self.static_folder)?),
            false => Ok(OwnFiles::default()),
        }
    }
}

/// Whether there is a folder at a path. A machine that cannot say is an error: a site must not be built from elsewhere.
fn is_folder(path: &Path) -> Result<bool, Failure> {
    Ok(disk::is_folder(path).map_err(|e| cannot_read(path, &e))?)
}

/// The `canon.toml` of a folder or of the nearest one above it.
fn nearest_config(root: &Path) -> Result<Option<PathBuf>, Failure> {
    for file in root.ancestors().map(|folder| folder.join("canon.toml")) {
        if disk::is_file(&file).map_err(|e| cannot_read(&file, &e))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// A path as text. One that is not UTF-8 is an error: replacement characters would make it another path.
fn utf8(path: PathBuf) -> Result<String, Failure> {
    let text = path.into_os_string().into_string();
    text.map_err(|path| Failure::Unable(format!("the path `{}` is not UTF-8", path.display())))
}
