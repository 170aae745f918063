//! Every value a template can see. Plain data with serde and nothing else: it knows neither Markdown nor Tera nor any
//! stage before it. Addresses are relative to the page that shows them and already percent-encoded; a field named
//! `*_html` (or `html`) is trusted markup, every other text is escaped by the templates.

mod note;
mod pages;

pub(crate) use note::*;
pub(crate) use pages::*;

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is the same on every page: `site` in a template. Built once.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SiteView {
    /// Name of the knowledge base.
    pub title: String,
    /// One line about it; may be empty.
    pub description: String,
    /// BCP 47 language of the site: `lang` of every page.
    pub language: String,
    /// `ltr` or `rtl`; see [`direction`].
    pub direction: String,
    /// Who wrote it; may be empty.
    pub author: String,
    /// Folder of our scripts and styles, relative to the site's root, without slashes at its ends.
    pub assets: String,
    /// Logo, relative to the site's root; empty: none.
    pub logo: String,
    /// Further style files, relative to the site's root. An accent override is one of them, before the author's.
    pub extra_css: Vec<String>,
    /// Further script files, relative to the site's root.
    pub extra_js: Vec<String>,
    /// Whether `img-src` of the policy admits `https:`.
    pub remote_images: bool,
    /// Numbers of the whole base.
    pub counts: Counts,
    /// How many files `previews/N.js` there are; see [`preview_shard`]. 0: no previews.
    pub preview_shards: u32,
    /// The schema's types, in their declared order.
    pub types: Vec<String>,
    /// The schema's difficulties, in their declared order.
    pub difficulties: Vec<String>,
    /// The schema's statuses, in their declared order.
    pub statuses: Vec<String>,
    /// Whether the preview server shows this page: its reload script is then loaded, too.
    pub live: bool,
}

/// Numbers of the whole base.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Counts {
    /// Notes.
    pub notes: usize,
    /// Folders that hold notes.
    pub folders: usize,
    /// Links between notes.
    pub links: usize,
    /// Tags.
    pub tags: usize,
    /// Questions with answers.
    pub cards: usize,
    /// Notes that are linked to but not written.
    pub wanted: usize,
}

/// What every page has: `page` in a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PageView {
    /// Way from the page to the site's root: empty, `../`, `../../` …; on `404.html` an absolute path.
    pub root: String,
    /// Output path of the page, relative to the site's root.
    pub url: String,
    /// Title of the page, without the site's.
    pub title: String,
    /// The page in one sentence, for search engines; may be empty.
    pub description: String,
    /// Kind of the page in one word (`note`, `landing`, `tag` …): a class of `body`.
    pub kind: String,
    /// The way from home to the page, without the page itself.
    pub breadcrumbs: Vec<Link>,
    /// Headings, in order.
    pub toc: Vec<TocEntry>,
    /// The folder tree's partial as seen from this page's folder, rendered once for all pages that see the same. A template
    /// sees it as `tree_html`, with this page marked.
    #[serde(skip)]
    pub tree_html: Arc<str>,
    /// The address of the tree's note or folder that is this page; empty: none.
    #[serde(skip)]
    pub tree_current: String,
    /// Where the source can be edited.
    pub edit_url: Option<String>,
    /// The page's Markdown, beside it.
    pub markdown_url: Option<String>,
    /// Absolute address, where the site's is known.
    pub canonical_url: Option<String>,
    /// Whether search engines are asked to leave the page out.
    pub noindex: bool,
}

/// A title that leads somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    /// Text.
    pub title: String,
    /// Address.
    pub url: String,
}

/// A heading in "On this page".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TocEntry {
    /// 2 or 3.
    pub level: u8,
    /// Text without markup.
    pub title: String,
    /// Id on this page.
    pub anchor: String,
}

/// The folder tree: every visible folder in order, the open ones with their notes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TreeView {
    /// Folders, parents before children. Of nested ones only those whose parent is open.
    pub folders: Vec<TreeFolder>,
    /// Notes that lie in no folder.
    pub notes: Vec<Link>,
}

/// A folder in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TreeFolder {
    /// Path from the content root with `/`: its key in `tree.js`.
    pub path: String,
    /// Title.
    pub title: String,
    /// Its own page.
    pub url: String,
    /// 0 for a folder of the root.
    pub depth: usize,
    /// Notes in it and below.
    pub count: usize,
    /// Whether its notes follow.
    pub open: bool,
    /// Its notes, if open: all, or those near the current one.
    pub notes: Vec<Link>,
    /// Notes of an open folder that are not listed here.
    pub more: usize,
    /// Whether this is no folder but stands for the folders of its level that are not listed: `count` of them, on the
    /// page `url`.
    pub is_rest: bool,
}

/// A word on every index: a tag, a type, a status …
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TagLink {
    /// The tag as written.
    pub name: String,
    /// Its page.
    pub url: String,
    /// Notes that have it.
    pub count: usize,
}

/// A note as one row of a table or one item of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteRow {
    /// Title.
    pub title: String,
    /// Page.
    pub url: String,
    /// TL;DR or definition in one or two sentences; may be empty.
    pub summary: String,
    /// Type as in the frontmatter; empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// Status; empty: none.
    pub status: String,
    /// Difficulty; empty: none.
    pub difficulty: String,
    /// 1 for the easiest difficulty of the schema to 3 for the hardest; 0: unknown.
    pub difficulty_level: u8,
    /// 0 to 100.
    pub importance: Option<u8>,
    /// ISO date of the last change; empty: none.
    pub updated: String,
    /// Links to the note.
    pub links_in: usize,
    /// Links from the note.
    pub links_out: usize,
}

/// Previous and next page of a long list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pager {
    /// This page's number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

/// Texts of the interface by key: `t` in a template.
pub(crate) type Texts = BTreeMap<String, String>;

/// Writing direction of a language, for [`SiteView::direction`].
pub(crate) fn direction(language: &str) -> &'static str {
    let primary = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "ar" | "arc" | "ckb" | "dv" | "fa" | "he" | "iw" | "ps" | "sd" | "syr" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}

/// Number of the file `previews/N.js` that holds the preview of a page: FNV-1a of its percent-encoded output path
/// (`databases/acid.html`), 32 bits, modulo `shards`. `static/canon.js` computes the same.
pub(crate) fn preview_shard(encoded_url: &str, shards: u32) -> u32 {
    let hash = encoded_url.bytes().fold(0x811c_9dc5_u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    hash.checked_rem(shards).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_follows_the_primary_language() {
        assert_eq!(direction("ar-EG"), "rtl");
        assert_eq!(direction("HE"), "rtl");
        assert_eq!(direction("es"), "ltr");
        assert_eq!(direction(""), "ltr");
    }

    #[test]
    fn shards_are_those_of_the_script() {
        // Reference values of FNV-1a (32 bits): of nothing 0x811c9dc5, of "a" 0xe40c292c, of "foobar" 0xbf9cf968.
        assert_eq!(preview_shard("", u32::MAX), 0x811c_9dc5);
        assert_eq!(preview_shard("a", u32::MAX), 0xe40c_292c);
        assert_eq!(preview_shard("foobar", u32::MAX), 0xbf9c_f968);
        assert_eq!(preview_shard("databases/acid.html", 0), 0);
    }
}
