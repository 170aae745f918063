//! The values for the templates of all pages except notes. One struct per kind of page.

use super::{Link, NoteRow, Pager, TagLink};
use serde::Serialize;

/// The page of a folder: `landing`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LandingView {
    /// The content of its landing page without the title, or the part of it on this page. May be empty.
    pub intro_html: String,
    /// Whether the content is an index: it has many links to notes.
    pub intro_is_index: bool,
    /// The subfolders on this page.
    pub folders: Vec<FolderCard>,
    /// The notes of the folder, without those that the content lists if it is an index.
    pub table: NoteTable,
    /// Whether the content lists notes of the folder, so that the table has only the others.
    pub is_rest: bool,
    /// The number of notes of the folder.
    pub note_count: usize,
    /// The path of the folder in the site, which ends with `/`.
    pub folder_url: String,
}

/// A folder as a card.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct FolderCard {
    /// The title.
    pub title: String,
    /// The URL of the page.
    pub url: String,
    /// The number of notes in the folder and below.
    pub count: usize,
    /// A description in one line. May be empty.
    pub description: String,
    /// A few of its most important notes.
    pub top: Vec<Link>,
}

/// A page that is not a note: `plain`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PlainView {
    /// The content without the title.
    pub html: String,
    /// The ISO date of the last update. Empty: none.
    pub updated: String,
}

/// The home page: `home`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HomeView {
    /// Whether the introduction is an index: it has many links to notes, and stands below what the program shows.
    pub intro_is_index: bool,
    /// The content of the introduction of the home page without the title, or its first part. May be empty.
    pub intro_html: String,
    /// The pager, if the introduction or the folders continue on further pages.
    pub pager: Option<Pager>,
    /// The most important notes whose prerequisites are all earlier in this list.
    pub start_here: Vec<NoteRow>,
    /// The most recently updated notes.
    pub recent: Vec<NoteRow>,
    /// The folders at the root.
    pub folders: Vec<FolderCard>,
    /// The most used tags.
    pub tags: Vec<TagLink>,
    /// The pages at the root that are not notes, and folders without notes.
    pub pages: Vec<Link>,
}

/// Notes in a table with sorting and filters.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteTable {
    /// The rows, each rendered by `partials/row.html`. Empty: no notes.
    pub rows_html: String,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
    /// The number of notes on all pages of the list.
    pub total: usize,
    /// Facts that no row of this page has, so that the table shows no column for them.
    pub empty_columns: Vec<String>,
}

/// All tags: `tags`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TagsView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The tags of several notes on this page, by number of notes, then name.
    pub tags: Vec<TagLink>,
    /// The tags of a single note on this page, by name. They come after all others.
    pub single: Vec<TagLink>,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
}

/// The page of a tag: `tag`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TagView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The tag.
    pub name: String,
    /// The tag as the notes spell it, separated by tabs.
    pub spellings: String,
    /// The notes with the tag.
    pub table: NoteTable,
    /// Tags that often occur together with this one.
    pub near: Vec<TagLink>,
}

/// Notes in groups (bands of importance, difficulties, statuses, types): `list`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GroupsView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// All groups, including those that start on a different page.
    pub groups: Vec<Group>,
    /// Facts that no row of this page has, so that its tables show no column for them.
    pub empty_columns: Vec<String>,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
    /// The number of notes on all pages of the list.
    pub total: usize,
    /// On the first page by importance: the notes whose living importance differs most from the stated one.
    pub disagreements: Vec<Disagreement>,
}

/// A note whose living importance differs from the stated one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Disagreement {
    /// The title.
    pub title: String,
    /// The URL of the page.
    pub url: String,
    /// The stated importance, 0 to 100.
    pub stated: u8,
    /// The living importance, 0 to 100.
    pub living: u8,
}

/// A group of notes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Group {
    /// The value of the field (`hard`), or for importance the band (`90–100`).
    pub value: String,
    /// The field of the value, for its display text: `type`, `status`, `difficulty`. Empty: the value is displayed as
    /// written.
    pub of: String,
    /// The id on the page.
    pub anchor: String,
    /// The URL where the group starts, if that is a different page. Else empty.
    pub url: String,
    /// The number of notes in the group, on all pages.
    pub count: usize,
    /// The rows on this page, each rendered by `partials/row.html`. Empty: none.
    pub rows_html: String,
}

/// The terms and their definitions: `glossary`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GlossaryView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The letters of all pages in order.
    pub letters: Vec<Letter>,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
}

/// The terms with the same first letter.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Letter {
    /// The letter as displayed.
    pub letter: String,
    /// The id on its page.
    pub anchor: String,
    /// The URL of the page on which the letter starts, if no term of the letter is on this page. Else empty.
    pub url: String,
    /// The terms on this page in order. May be empty.
    pub terms: Vec<Term>,
}

/// A term of the glossary.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Term {
    /// The term.
    pub term: String,
    /// The URL of the note that explains it.
    pub url: String,
    /// The id on the page.
    pub anchor: String,
    /// The heading in the note, with `#`. Empty: the whole note. Part of `url` in templates.
    #[serde(skip)]
    pub fragment: String,
    /// The other names of the note.
    pub aliases: Vec<String>,
    /// The definition without markup.
    pub definition: String,
}

/// Notes by date: `recent`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RecentView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The months, newest first.
    pub months: Vec<Month>,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
}

/// The notes of a month.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Month {
    /// The month as `2026-01`. Empty: without a date.
    pub month: String,
    /// The notes, newest first.
    pub notes: Vec<NoteRow>,
}

/// Notes that are linked to but missing: `wanted`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WantedView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The missing notes, most wanted first.
    pub items: Vec<WantedItem>,
    /// The pager, if the list has several pages.
    pub pager: Option<Pager>,
}

/// A missing note.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WantedItem {
    /// The name.
    pub name: String,
    /// The id on the page.
    pub anchor: String,
    /// The state: `planned` or `broken`.
    pub state: String,
    /// The notes and alias pages with links to it.
    pub from: Vec<Link>,
    /// The number of notes and alias pages with links to it.
    pub from_count: usize,
    /// The number of these that `from` leaves out.
    pub from_more: usize,
    /// The highest importance among these.
    pub importance: Option<u8>,
}

/// The findings: `health`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HealthView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
    /// The number of errors.
    pub errors: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// The number of findings for information.
    pub infos: usize,
    /// The number of notes without a finding.
    pub clean_notes: usize,
    /// The number of findings in the baseline, which are not listed.
    pub in_baseline: usize,
    /// The findings by severity, then rule.
    pub rules: Vec<RuleFindings>,
}

/// The findings of one rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RuleFindings {
    /// The rule id.
    pub rule: String,
    /// The summary of the rule in one line. May be empty.
    pub summary: String,
    /// The severity: `error`, `warning` or `info`.
    pub severity: String,
    /// The number of findings, including unlisted ones.
    pub count: usize,
    /// The first findings.
    pub findings: Vec<Finding>,
}

/// A finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// The path of the file.
    pub file: String,
    /// The line, from 1. 0: the whole file.
    pub line: usize,
    /// The URL of the page of the file. Empty: none.
    pub url: String,
    /// The problem.
    pub message: String,
    /// The remedy. May be empty.
    pub help: String,
    /// The first related locations, like the second note with the same id or the copies of a text.
    pub related: Vec<OtherPlace>,
    /// The number of further related locations.
    pub more_related: usize,
}

/// A related location of a finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct OtherPlace {
    /// The path of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The URL of the page of the file. Empty: none.
    pub url: String,
}

/// The search page: `search`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SearchView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
}

/// The overview of all index pages: `browse`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct BrowseView {
    /// The content of the introduction that the author wrote for this page. May be empty.
    pub intro_html: String,
}

/// The page that a host shows for a missing URL: `lost`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NotFoundView {
    /// The content of `404.md` without links, because the page is shown at any depth. May be empty.
    pub intro_html: String,
}

/// A redirect: `redirect`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RedirectView {
    /// The title of the target.
    pub title: String,
    /// The relative URL of the target.
    pub url: String,
    /// The absolute URL of the target, if the base URL of the site is known.
    pub canonical_url: Option<String>,
}

/// An alias whose target is missing: `alias`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AliasView {
    /// The alias.
    pub name: String,
    /// The target as written.
    pub target: String,
    /// The URL of the target on `wanted.html`. Empty if the site has no such page.
    pub wanted_url: String,
    /// Existing notes with a similar name.
    pub near: Vec<Link>,
}

/// A file that cannot be shown as a note: `unreadable`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct UnreadableView {
    /// The path of the file.
    pub file: String,
    /// The reasons with their locations.
    pub findings: Vec<Finding>,
    /// The text of the file, possibly shortened. Empty if it is not text.
    pub source: String,
}
