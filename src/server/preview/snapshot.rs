//! One state of the site: its pages made when somebody asks, and what its templates could not do. Frozen but for what it
//! remembers of its own pages.

use super::enter;
use crate::base::index::NoteIndex;
use crate::base::site::Site;
use crate::pages::compose::{Findings, Page};
use crate::pages::html::Sizes;
use crate::pages::templates::{Renderer, TemplateError};
use crate::publish::files::{Bundle, Content as Made, File, Publication};
use crate::server::{Body, Content, Finding, HTML, media_type};
use crate::text::diagnostic::Severity;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Pages whose bytes are kept: those that open tabs ask about.
const MAX_CACHED_PAGES: usize = 16;

/// A state of the site.
pub(super) struct Snapshot {
    /// The version since which it is shown.
    pub version: u64,
    /// Its findings, once they are known.
    pub findings: Findings,
    /// The renderer in use.
    pub renderer: Arc<Renderer>,
    /// The renderer that stands in where a new template fails.
    pub spare_renderer: Option<Arc<Renderer>>,
    /// Sizes of the pictures.
    pub sizes: Arc<Sizes>,
    site: Arc<Site>,
    publication: Publication,
    spare: Option<Publication>,
    pages: Mutex<VecDeque<(String, Arc<[u8]>)>>,
    faults: Mutex<Faults>,
}

/// Pages that templates failed at.
#[derive(Default)]
struct Faults {
    pages: FxHashMap<String, TemplateError>,
    /// Those that nobody was told of yet.
    new: Vec<Finding>,
}

impl Snapshot {
    /// A state that nobody has seen yet.
    pub(super) fn new(
        site: Arc<Site>,
        publication: Publication,
        spare: Option<(Publication, Arc<Renderer>)>,
        renderer: Arc<Renderer>,
        findings: Findings,
        sizes: Arc<Sizes>,
    ) -> Snapshot {
        let (spare, spare_renderer) = spare.unzip();
        let (pages, faults) = (Mutex::default(), Mutex::default());
        Snapshot { version: 1, findings, renderer, spare_renderer, sizes, site, publication, spare, pages, faults }
    }

    /// The base.
    pub(super) fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// The files.
    pub(super) fn publication(&self) -> &Publication {
        &self.publication
    }

    /// Every path, but for those of bundles.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<String> {
        self.publication.files().keys().map(str::to_string).collect()
    }

    /// What stands at a path.
    pub(super) fn body(&self, path: &str) -> Option<Body> {
        if let Some(page) = self.page(path) {
            return Some(Body { content: Content::Bytes(page), media_type: HTML });
        }
        let bytes = match self.publication.files().get(path) {
            Some(File::Disk(from)) => {
                return Some(Body { content: Content::of_file(from.open().ok()?), media_type: media_type(path) });
            }
            Some(file) => self.publication.content(path, file).ok().and_then(in_memory)?,
            None => self.publication.bundle(Bundle::of(path)?).get(path)?.clone(),
        };
        Some(Body { content: Content::Bytes(bytes.into()), media_type: media_type(path) })
    }

    /// A page's bytes; nothing where there is no page.
    pub(super) fn page(&self, path: &str) -> Option<Arc<[u8]>> {
        let file = self.publication.files().get(path).filter(|file| matches!(file, File::Page(_)))?;
        if let Some((_, bytes)) = enter(&self.pages).iter().find(|(kept, _)| kept == path) {
            return Some(bytes.clone());
        }
        let bytes: Arc<[u8]> = self.rendered(path, file).into();
        let mut pages = enter(&self.pages);
        pages.push_back((path.to_string(), bytes.clone()));
        if pages.len() > MAX_CACHED_PAGES {
            pages.pop_front();
        }
        Some(bytes)
    }

    /// A page by the templates there are, else by the last good ones, else a page that says what is wrong.
    fn rendered(&self, path: &str, file: &File) -> Vec<u8> {
        let error = match self.publication.content(path, file) {
            Ok(content) => {
                enter(&self.faults).new.extend(self.failure(path));
                return in_memory(content).unwrap_or_default();
            }
            Err(error) => error,
        };
        let spare = self.spare.as_ref().and_then(|spare| spare.content(path, file).ok()).and_then(in_memory);
        let page = spare.unwrap_or_else(|| stopgap(&error));
        let mut faults = enter(&self.faults);
        let same = |known: &TemplateError| known.template == error.template && known.message == error.message;
        if !faults.pages.values().any(same) {
            faults.new.push(template_finding(&error));
        }
        faults.pages.insert(path.to_string(), error);
        page
    }

    /// The page for a path at which nothing stands.
    pub(super) fn not_found(&self) -> Body {
        let content = Content::Bytes(self.page("404.html").unwrap_or_else(|| Arc::from(&b"Not found"[..])));
        Body { content, media_type: HTML }
    }

    /// Whether a page shows findings that are not known yet.
    pub(super) fn waits_for_findings(&self, path: &str) -> bool {
        let page = self.publication.files().get(path);
        matches!(page, Some(File::Page(Page::Health))) && self.findings.if_known().is_none()
    }

    /// The source file of a page.
    pub(super) fn file_of(&self, path: &str) -> Option<Arc<str>> {
        let note: NoteIndex = match self.publication.files().get(path)? {
            File::Page(Page::Note(i) | Page::Alias(i)) => *i,
            File::Page(Page::Folder(folder)) => self.site.index.folders.get(folder)?.landing?,
            File::Page(_) => *self.site.routes.introductions.get(path)?,
            _ => return None,
        };
        Some(self.site.source(note).path.clone())
    }

    /// Why a page could not be made, by its template or by canon.
    pub(super) fn fault(&self, path: &str) -> Option<Finding> {
        let by_template = enter(&self.faults).pages.get(path).map(template_finding);
        by_template.or_else(|| self.failure(path))
    }

    /// Why a page says that canon failed on its note.
    fn failure(&self, path: &str) -> Option<Finding> {
        let failure = self.publication.failure(path)?;
        Some(Finding {
            severity: failure.severity,
            file: self.site.vault.file(failure.file).path.to_string(),
            line: 0,
            message: failure.message,
            help: failure.help,
            repair: None,
        })
    }

    /// Whether templates failed at any page so far.
    pub(super) fn has_faults(&self) -> bool {
        !enter(&self.faults).pages.is_empty()
    }

    /// Faults that nobody was told of yet.
    pub(super) fn new_faults(&self) -> Vec<Finding> {
        std::mem::take(&mut enter(&self.faults).new)
    }
}

fn in_memory(content: Made) -> Option<Vec<u8>> {
    match content {
        Made::Bytes(bytes) => Some(bytes),
        Made::Disk(_) => None,
    }
}

/// A page without a template.
fn stopgap(error: &TemplateError) -> Vec<u8> {
    let message = crate::text::html_escape::escaped(&error.to_string());
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Template error</title></head>\
         <body><h1>Template error</h1><pre>{message}</pre></body></html>\n"
    )
    .into_bytes()
}

/// A template's fault as pages and terminal show it.
pub(super) fn template_finding(error: &TemplateError) -> Finding {
    let page = if error.page.is_empty() { String::new() } else { format!(" (for the page {})", error.page) };
    Finding {
        severity: Severity::Error,
        file: error.template.clone(),
        line: error.line as u32,
        message: format!("{}{page}", error.message),
        help: "mend this template; until then the last one that worked is shown".into(),
        repair: None,
    }
}
