//! A state of the site. Pages are rendered on request; the last ones are cached. Errors of templates are recorded. Everything
//! else in a snapshot is immutable.

use super::enter;
use crate::base::page_kinds::PageKind;
use crate::base::site::Site;
use crate::pages::compose::{Findings, Page};
use crate::pages::html::Sizes;
use crate::pages::templates::{Renderer, TemplateError};
use crate::publish::files::{Bundle, Content as Made, File, Publication};
use crate::server::{Body, Content, Finding, HTML, media_type};
use crate::text::diagnostic::Severity;
use crate::text::ids::NoteId;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// The most cached pages: about as many as a person has open tabs. Each open tab asks for its page after a change.
const MAX_CACHED_PAGES: usize = 16;

/// A state of the site.
pub(super) struct Snapshot {
    /// The version since which the snapshot is shown.
    pub version: u64,
    /// The findings, after the rules have run.
    pub findings: Findings,
    /// The renderer in use.
    pub renderer: Arc<Renderer>,
    /// The last good renderer, for pages that a new template fails on.
    pub spare_renderer: Option<Arc<Renderer>>,
    /// Sizes of the pictures.
    pub sizes: Arc<Sizes>,
    site: Arc<Site>,
    publication: Publication,
    spare: Option<Publication>,
    pages: Mutex<VecDeque<(String, Arc<[u8]>)>>,
    faults: Mutex<Faults>,
}

/// The errors of templates by page.
#[derive(Default)]
struct Faults {
    pages: FxHashMap<String, TemplateError>,
    /// Errors that were not reported yet.
    new: Vec<Finding>,
}

impl Snapshot {
    /// A snapshot that is not shown yet.
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

    /// The analyzed site.
    pub(super) fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// The files of the site.
    pub(super) fn publication(&self) -> &Publication {
        &self.publication
    }

    /// Every output path, without the data files of bundles.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<String> {
        self.publication.files().keys().map(str::to_string).collect()
    }

    /// The file at an output path; `None` if there is none.
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

    /// The bytes of a page; `None` if there is no page.
    pub(super) fn page(&self, path: &str) -> Option<Arc<[u8]>> {
        let file = self.publication.files().get(path).filter(|file| matches!(file, File::Page(_)))?;
        if let Some((_, bytes)) = enter(&self.pages).iter().find(|(kept, _)| kept == path) {
            return Some(bytes.clone());
        }
        let bytes: Arc<[u8]> = self.rendered(path, file).into();
        // Rendered without the lock: two threads may render the same page, but no request waits for a different page.
        let mut pages = enter(&self.pages);
        pages.push_back((path.to_string(), bytes.clone()));
        if pages.len() > MAX_CACHED_PAGES {
            pages.pop_front();
        }
        Some(bytes)
    }

    /// Renders a page with the current templates. If they fail, with the last good templates; if these fail too, as a page with
    /// the error.
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
        // A broken layout fails on every page, but the terminal shows the error once.
        let same = |known: &TemplateError| known.template == error.template && known.message == error.message;
        if !faults.pages.values().any(same) {
            faults.new.push(template_finding(&error));
        }
        faults.pages.insert(path.to_string(), error);
        page
    }

    /// The 404 page.
    pub(super) fn not_found(&self) -> Body {
        let content = Content::Bytes(self.page("404.html").unwrap_or_else(|| Arc::from(&b"Not found"[..])));
        Body { content, media_type: HTML }
    }

    /// Whether a page shows findings and the rules have not run yet.
    pub(super) fn waits_for_findings(&self, path: &str) -> bool {
        let page = self.publication.files().get(path);
        matches!(page, Some(File::Page(Page::Index(PageKind::Health, _)))) && self.findings.if_known().is_none()
    }

    /// The path of the note that a page was made from; `None` for lists and files.
    pub(super) fn file_of(&self, path: &str) -> Option<Arc<str>> {
        let note: NoteId = match self.publication.files().get(path)? {
            File::Page(Page::Note(i) | Page::Alias(i)) => *i,
            File::Page(Page::Folder(folder, _)) => self.site.index.folders.get(folder)?.landing?,
            File::Page(_) => *self.site.routes.introductions.get(path)?,
            _ => return None,
        };
        Some(self.site.source(note).path.clone())
    }

    /// Why a page could not be rendered: an error of a template, or a bug in canon.
    pub(super) fn fault(&self, path: &str) -> Option<Finding> {
        let by_template = enter(&self.faults).pages.get(path).map(template_finding);
        by_template.or_else(|| self.failure(path))
    }

    /// The bug in canon that a page shows instead of its note.
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

    /// Whether a template failed on a page so far.
    pub(super) fn has_faults(&self) -> bool {
        !enter(&self.faults).pages.is_empty()
    }

    /// Errors that were not reported yet. Each is returned once.
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

/// A page with an error message, made without a template.
fn stopgap(error: &TemplateError) -> Vec<u8> {
    let message = crate::text::html_escape::escaped(&error.to_string());
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Template error</title></head>\
         <body><h1>Template error</h1><pre>{message}</pre></body></html>\n"
    )
    .into_bytes()
}

/// The error of a template as a finding.
pub(super) fn template_finding(error: &TemplateError) -> Finding {
    let page = if error.page.is_empty() { String::new() } else { format!(" (for the page {})", error.page) };
    Finding {
        severity: Severity::Error,
        file: error.template.clone(),
        line: error.line as u32,
        message: format!("{}{page}", error.message),
        help: "correct this template; until then the last good one is used".into(),
        repair: None,
    }
}
