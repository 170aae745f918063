//! The values in templates. Plain data for serde, which knows nothing of Markdown, Tera or any earlier stage. URLs are
//! relative to their page and percent-encoded. A field named `*_html` (or `html`) is trusted markup; templates escape
//! all further texts.

mod learning;
mod note;
mod pages;

pub(crate) use learning::*;
pub(crate) use note::*;
pub(crate) use pages::*;

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values that all pages share: `site` in a template. Built once.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SiteView {
    /// The name of the knowledge base.
    pub title: String,
    /// A description in one line. May be empty.
    pub description: String,
    /// The BCP 47 language tag of the site, for `lang` on every page.
    pub language: String,
    /// `ltr` or `rtl`, see [`direction`].
    pub direction: String,
    /// The author. May be empty.
    pub author: String,
    /// The folder of the theme, relative to the root of the site, without leading and trailing slashes.
    pub assets: String,
    /// The logo, relative to the root of the site. Empty: none.
    pub logo: String,
    /// Additional style sheets, relative to the root of the site. The accent colour comes before those of the author.
    pub extra_css: Vec<String>,
    /// Additional scripts, relative to the root of the site.
    pub extra_js: Vec<String>,
    /// Whether `img-src` in the content security policy allows `https:`.
    pub remote_images: bool,
    /// Totals of the base.
    pub counts: Counts,
    /// The number of files `previews/N.js`, see [`preview_shard`]. 0: no previews.
    pub preview_shards: u32,
    /// The types of the schema in their declared order.
    pub types: Vec<String>,
    /// The difficulties of the schema in their declared order.
    pub difficulties: Vec<String>,
    /// The statuses of the schema in their declared order.
    pub statuses: Vec<String>,
    /// Facts that no note has, so that tables have no column for them: `type`, `importance`, `difficulty`, `status`,
    /// `updated`.
    pub empty_columns: Vec<String>,
    /// Whether the site has a health page.
    pub health_page: bool,
    /// Whether the site has a list of wanted notes.
    pub wanted_page: bool,
    /// Whether the health page has findings. Always true in the preview, which computes the findings later.
    pub has_findings: bool,
    /// The links in the header.
    pub links: Vec<HeaderLinkView>,
    /// Whether the preview server shows the page, which then loads the reload script.
    pub live: bool,
}

/// A link in the header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct HeaderLinkView {
    /// The words.
    pub title: String,
    /// The URL, or the path relative to the root of the site.
    pub url: String,
    /// Whether the URL is absolute and leads to a different site.
    pub is_outside: bool,
}

/// Totals of the base.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Counts {
    /// The number of notes.
    #[serde(rename = "notes")]
    pub note_count: usize,
    /// The number of folders with notes.
    pub folders: usize,
    /// The number of links between notes.
    #[serde(rename = "links")]
    pub link_count: usize,
    /// The number of tags.
    pub tags: usize,
    /// The number of questions with answers.
    pub cards: usize,
    /// The number of missing notes with links to them.
    pub wanted: usize,
}

/// The values of each page: `page` in a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PageView {
    /// The relative path from the page to the root of the site: empty, `../`, `../../` …; an absolute path on
    /// `404.html`.
    pub root: String,
    /// The output path of the page, relative to the root of the site.
    pub url: String,
    /// The title of the page, without that of the site.
    pub title: String,
    /// The page in one sentence, for search engines.
    pub description: String,
    /// `article` for a note or a page of text, else `website`: the kind of the page for the Open Graph protocol.
    pub social_type: String,
    /// The ISO date of the last change of a note. Empty: none.
    pub modified: String,
    /// The element with structured data (JSON-LD). Empty: none.
    pub structured_html: String,
    /// The kind of the page in one word (`note`, `landing`, `tag` …): a class of `body`.
    pub kind: String,
    /// The path from the home page to the page, without the page itself.
    pub breadcrumbs: Vec<Link>,
    /// The headings in order.
    pub toc: Vec<TocEntry>,
    /// The rendered folder tree for the folder of the page, shared by all pages of the folder. Templates receive it as
    /// `tree_html`, with the current page marked.
    #[serde(skip)]
    pub tree_html: Arc<str>,
    /// The URL of the entry in the tree for this page. Empty: none.
    #[serde(skip)]
    pub tree_current: String,
    /// The URL for editing the source.
    pub edit_url: Option<String>,
    /// The URL of the Markdown copy of the page.
    pub markdown_url: Option<String>,
    /// The absolute URL, if the base URL of the site is known.
    pub canonical_url: Option<String>,
    /// Whether search engines should exclude the page.
    pub noindex: bool,
}

/// A title with a URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    /// The title.
    pub title: String,
    /// The URL.
    pub url: String,
}

/// A heading in "On this page".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TocEntry {
    /// The level: 2 or 3.
    pub level: u8,
    /// The text without markup.
    pub title: String,
    /// The id on the page.
    pub anchor: String,
}

/// The folder tree: the visible folders in order, and the notes of open folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TreeView {
    /// The relative path to the root of the site: empty, or ends with `/`.
    pub root: String,
    /// The folders, parents before children. Nested folders only if their parent is open.
    pub folders: Vec<TreeFolder>,
    /// The notes at the root of the content.
    pub notes: Vec<Link>,
}

/// A folder in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TreeFolder {
    /// The path from the content root, separated by `/`: the key in the data file of the folder.
    pub path: String,
    /// The number of the data file of the folder, `tree/FILE.js`.
    pub file: usize,
    /// The title.
    pub title: String,
    /// The URL of the page of the folder.
    pub url: String,
    /// The depth: 0 for a folder at the root.
    pub depth: usize,
    /// The number of notes in the folder and below.
    pub count: usize,
    /// Whether the notes of the folder are listed.
    pub open: bool,
    /// The notes of an open folder: all, or those near the current one.
    pub notes: Vec<Link>,
    /// The number of notes of an open folder that are not listed.
    pub more: usize,
    /// Whether the entry represents the `count` unlisted folders of the level, which the page `url` lists.
    pub is_rest: bool,
}

/// An entry of an index: a tag, a type, a status …
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TagLink {
    /// The tag as written.
    pub name: String,
    /// The URL of its page.
    pub url: String,
    /// The number of notes with the tag.
    pub count: usize,
}

/// A note as a row of a table or an item of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteRow {
    /// The title.
    pub title: String,
    /// The URL of the page.
    pub url: String,
    /// The TL;DR or definition in one or two sentences. May be empty.
    pub summary: String,
    /// The type in the frontmatter. Empty: none.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status. Empty: none.
    pub status: String,
    /// The difficulty. Empty: none.
    pub difficulty: String,
    /// The level from 1 for the easiest difficulty of the schema to 3 for the hardest. 0: unknown.
    pub difficulty_level: u8,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
    /// The ISO date of the last change. Empty: none.
    pub updated: String,
    /// The number of links to the note.
    pub links_in: usize,
    /// The number of links from the note.
    pub links_out: usize,
}

/// The pages of a long list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pager {
    /// The number of this page, from 1.
    pub number: usize,
    /// The number of pages.
    pub of: usize,
    /// The URL of the previous page.
    pub previous: Option<String>,
    /// The URL of the next page.
    pub next: Option<String>,
    /// The number of the first row of this page, from 1. 0: the page has no rows.
    pub first_row: usize,
    /// The number of the last row of this page.
    pub last_row: usize,
    /// The number of rows on all pages. 0: the page has no rows.
    pub total: usize,
    /// The first page, the last, and the pages around this one.
    pub steps: Vec<PagerStep>,
}

/// A page in a pager.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct PagerStep {
    /// The number of the page, from 1.
    pub number: usize,
    /// The URL. Empty for this page.
    pub url: String,
    /// Whether pages are left out before this one.
    pub gap: bool,
}

/// The interface texts by key: `t` in a template.
pub(crate) type Texts = BTreeMap<String, String>;

/// The writing direction of a language, for [`SiteView::direction`].
pub(crate) fn direction(language: &str) -> &'static str {
    if crate::config::is_right_to_left(language) { "rtl" } else { "ltr" }
}

/// The number N of the file `previews/N.js` with the preview of a page: the 32-bit FNV-1a hash of its percent-encoded
/// output path (`databases/acid.html`), modulo `shards`. `static/previews.js` contains the same function.
pub(crate) fn preview_shard(encoded_url: &str, shards: u32) -> u32 {
    // `None` for a site without previews.
    crate::text::slug::fnv_1a(encoded_url).checked_rem(shards).unwrap_or(0)
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
