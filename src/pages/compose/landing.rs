//! The pages of a folder: the parts of the author's text, the subfolders, and the notes that the text does not list already.
//! Bounded, however many notes the folder has and however many links the author wrote.

use super::text_parts::{TextPart, closing, opening, text_parts};
use super::*;
use crate::base::graph::Target;
use crate::base::index::Folder;
use crate::note::markdown::Slice;
use crate::text::html_escape::attribute;
use rustc_hash::FxHashSet;

/// A text with more links to notes than this is an index.
const INDEX_LINKS: usize = 20;
/// A text with more links to notes than this is divided into parts. Prose is shown as a whole.
const DIVIDED_LINKS: usize = 200;
/// The number of subfolders on a page.
pub(super) const CARDS: usize = 40;
/// The number of notes on the card of a folder.
const CARD_NOTES: usize = 4;
/// The approximate length of a card and of a table row, in bytes.
const CARD_BYTES: u32 = 700;
const ROW_BYTES: u32 = 800;
/// The length in bytes up to which text, cards and rows share a page. The frame of a page takes about 12 KB.
const PAGE_BYTES: u32 = 88_000;

/// What the pages of a folder show. Page 0 has the first part of the text, the first subfolders, and the first rows if
/// there is room.
#[derive(Debug)]
pub(super) struct FolderPages {
    /// The file with the text.
    text: Option<NoteId>,
    /// The parts of the text. Empty: there is no text.
    parts: Vec<TextPart>,
    /// The subfolders.
    folders: Vec<String>,
    /// The notes and pages that the text does not list.
    rows: Vec<NoteId>,
    /// Whether the text lists notes of the folder, so that `rows` are only the others.
    is_rest: bool,
    /// The number of the first page with rows.
    first_rows: usize,
}

impl FolderPages {
    /// The number of pages, at least 1.
    pub(super) fn count(&self) -> usize {
        let rows = self.rows.len().div_ceil(PAGE_ROWS);
        self.before_rows().max(if rows > 0 { self.first_rows + rows } else { 0 })
    }

    /// The number of pages with text or subfolders, at least 1.
    fn before_rows(&self) -> usize {
        self.parts.len().max(self.folders.len().div_ceil(CARDS)).max(1)
    }

    /// The rows of page `n`.
    fn rows_of(&self, n: usize) -> &[NoteId] {
        n.checked_sub(self.first_rows).map_or(&[], |n| page_of(&self.rows, n))
    }

    /// The subfolders of page `n`.
    pub(super) fn folders_of(&self, n: usize) -> &[String] {
        self.folders.chunks(CARDS).nth(n).unwrap_or_default()
    }
}

impl Composer {
    /// What the pages of a folder show. The pages of the root are the home page and what does not fit there.
    pub(super) fn pages_of_folder(&self, name: &str) -> FolderPages {
        let folder = &self.site.index.folders[name];
        let text = match name {
            "" => self.site.routes.introductions.get(PageKind::Home.path()).copied(),
            _ => folder.landing,
        };
        let parts = match text {
            Some(text) if self.linked_notes(text).count() > DIVIDED_LINKS => text_parts(self.site.note(text)),
            Some(text) => vec![self.whole_text(text)],
            None => Vec::new(),
        };
        let all = self.trees.listing.folders(name).iter();
        let folders: Vec<String> =
            all.filter(|own| self.site.index.folders[*own].count > 0 || !name.is_empty()).cloned().collect();
        let mut pages = FolderPages { text, parts, folders, rows: Vec::new(), is_rest: false, first_rows: 0 };
        // The home page has no table.
        if !name.is_empty() {
            (pages.rows, pages.is_rest) = self.rows_of_folder(folder);
        }
        let last = pages.before_rows() - 1;
        let text = pages.parts.get(last).map_or(0, |part| part.length);
        let cards = pages.folders_of(last).len() as u32 * CARD_BYTES;
        let rows = pages.rows.len().min(PAGE_ROWS) as u32 * ROW_BYTES;
        pages.first_rows = if text + cards + rows <= PAGE_BYTES { last } else { last + 1 };
        pages
    }

    /// The text of a file in one part.
    fn whole_text(&self, i: NoteId) -> TextPart {
        let doc = &self.site.note(i).doc;
        let slice = Slice { start: 0, end: doc.html_end };
        TextPart { slice, heading: None, reopened: Vec::new(), closed: Vec::new(), length: doc.html_end }
    }

    /// The notes to which a file links, with repetitions.
    fn linked_notes(&self, i: NoteId) -> impl Iterator<Item = NoteId> {
        let target = |link: &crate::base::graph::Resolved| match link.target {
            Target::Note(note) => Some(note),
            _ => None,
        };
        self.site.graph.links[i].iter().filter_map(target)
    }

    /// Whether a text is mostly a list of notes, written by hand.
    pub(super) fn is_index(&self, i: NoteId) -> bool {
        self.linked_notes(i).count() > INDEX_LINKS
    }

    /// The notes of a folder for its table, then its pages, which no index lists. Without those that the text of the folder
    /// lists, if the text is an index; the flag says so.
    fn rows_of_folder(&self, folder: &Folder) -> (Vec<NoteId>, bool) {
        let all = folder.notes.iter().chain(&folder.pages).copied();
        let Some(text) = folder.landing else { return (all.collect(), false) };
        let linked: FxHashSet<NoteId> = self.linked_notes(text).collect();
        let listed = folder.notes.iter().filter(|note| linked.contains(note)).count();
        let lists_notes = listed > 0 && (listed * 2 >= folder.notes.len() || self.is_index(text));
        match lists_notes {
            true => (all.filter(|note| !linked.contains(note)).collect(), true),
            false => (all.collect(), false),
        }
    }

    /// The number of pages of each folder with several pages, with the path of its first one for [`list_page`].
    pub(super) fn long_folders(&self) -> Vec<(&str, &str, usize)> {
        let routes = &self.site.routes;
        let folders = self.site.index.folders.keys();
        let shown = folders.filter_map(|name| Some((name.as_str(), routes.further_pages(name)?)));
        let counted = shown.map(|(name, first)| (name, first, self.pages_of_folder(name).count()));
        counted.filter(|(.., count)| *count > 1).collect()
    }

    /// Whether the folders of both composers have the same number of pages.
    pub(crate) fn has_same_folders(&self, other: &Composer) -> bool {
        self.long_folders() == other.long_folders()
    }

    /// Page `n` of a folder. Page 0 of the root is the home page, which [`Composer::home_page`] renders.
    pub(super) fn folder_page(&self, path: &str, name: &str, n: usize) -> Result<String, TemplateError> {
        let folder = &self.site.index.folders[name];
        let pages = self.pages_of_folder(name);
        let (rows, total) = (pages.rows_of(n), folder.notes.len() + folder.pages.len());
        let mut table = self.table(path, rows, self.folder_pager(path, name, n, &pages), total)?;
        if pages.is_rest {
            table.total = pages.rows.len();
        }
        let view = LandingView {
            intro_html: self.text_of_page(path, n, &pages),
            intro_is_index: pages.text.is_some_and(|text| self.is_index(text)),
            folders: pages.folders_of(n).iter().map(|own| self.folder_card(path, own)).collect(),
            table,
            is_rest: pages.is_rest,
            note_count: if name.is_empty() { 0 } else { folder.notes.len() },
            folder_url: format!("{}/", crate::text::paths::nfc(name)),
        };
        let title = match name {
            "" => self.home_title(),
            _ => folder_title(&self.site, name),
        };
        let mut description = folder.landing.map(|l| self.site.note(l).brief.clone()).unwrap_or_default();
        if description.is_empty() {
            description = self.list_description(&title, &folder.notes, folder.count);
        }
        let mut page = self.page(path, PageKind::Landing, &title, &description)?;
        page.edit_url = folder.landing.and_then(|l| self.edit_url(self.site.note(l)));
        self.renderer.render(&page, &View::Landing(&view))
    }

    /// The pager of page `n` of a folder. The rows are counted on pages with rows only.
    pub(super) fn folder_pager(&self, path: &str, name: &str, n: usize, pages: &FolderPages) -> Option<Pager> {
        let own = self.site.routes.folder_page(name).unwrap_or(PageKind::Home.path());
        let first = self.site.routes.further_pages(name).unwrap_or(own);
        let mut pager = pager::links(path, (own, first), n, pages.count())?;
        let rows = pages.rows_of(n).len();
        if rows > 0 {
            pager.first_row = (n - pages.first_rows) * PAGE_ROWS + 1;
            pager.last_row = pager.first_row + rows - 1;
            pager.total = pages.rows.len();
        }
        Some(pager)
    }

    /// The part of the text of a folder on page `n`. Empty if the page has none.
    pub(super) fn text_of_page(&self, path: &str, n: usize, pages: &FolderPages) -> String {
        let (Some(i), Some(part)) = (pages.text, pages.parts.get(n)) else { return String::new() };
        let (writer, doc) = (self.writer(path), &self.site.note(i).doc);
        let html = |slice: Slice| writer.slice(i, slice);
        let mut out = String::new();
        if let Some(heading) = part.heading {
            out.push_str(&html(doc.headings[heading].html));
        }
        part.reopened.iter().for_each(|&block| out.push_str(&opening(doc, block, part.slice.start, &html)));
        out.push_str(&html(part.slice));
        part.closed.iter().rev().for_each(|&block| out.push_str(&closing(doc, block, &html)));
        if n == 0 {
            // Links to headings on further pages lead to the pager at the end of the first page.
            let later = doc.headings.iter().filter(|heading| heading.html.start >= part.slice.end);
            for heading in later.filter(|heading| !heading.anchor.is_empty()) {
                out.push_str("<span id=\"");
                attribute(&heading.anchor, &mut out);
                out.push_str("\"></span>");
            }
        }
        out + &writer.footnotes(i, &[part.slice])
    }

    pub(super) fn folder_card(&self, path: &str, name: &str) -> FolderCard {
        let folder = &self.site.index.folders[name];
        FolderCard {
            title: folder_title(&self.site, name),
            url: relative_url(path, &tree::page_of(&self.site, name)),
            count: folder.count,
            description: folder.landing.map(|l| self.site.note(l).brief.clone()).unwrap_or_default(),
            top: folder.notes.iter().take(CARD_NOTES).map(|&i| self.link(path, i)).collect(),
        }
    }
}
