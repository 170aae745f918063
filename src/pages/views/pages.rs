//! What the templates of every page but a note's can see. One struct a kind of page.

use super::{Link, NoteRow, Pager, TagLink};
use serde::Serialize;

/// A folder's page: `landing`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct LandingView {
    /// What its own file says, without its first heading; may be empty.
    pub intro_html: String,
    /// Folders in it.
    pub folders: Vec<FolderCard>,
    /// Its notes.
    pub table: NoteTable,
}

/// A folder as a card.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct FolderCard {
    /// Title.
    pub title: String,
    /// Page.
    pub url: String,
    /// Notes in it and below.
    pub count: usize,
    /// One line about it; may be empty.
    pub description: String,
    /// Its most important notes, a few.
    pub top: Vec<Link>,
}

/// A page that is no note: `plain`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct PlainView {
    /// Its content, without its first heading.
    pub html: String,
    /// ISO date; empty: none.
    pub updated: String,
}

/// The home page: `home`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HomeView {
    /// What the root's own file says, without its first heading; may be empty.
    pub intro_html: String,
    /// Most important notes without a prerequisite unmet in this list, the first few.
    pub start_here: Vec<NoteRow>,
    /// Recently updated notes.
    pub recent: Vec<NoteRow>,
    /// Folders of the root.
    pub folders: Vec<FolderCard>,
    /// Most used tags.
    pub tags: Vec<TagLink>,
    /// Pages of the root that are no notes, and folders without notes.
    pub pages: Vec<Link>,
}

/// Notes in a table that sorts and filters.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NoteTable {
    /// Its rows, each made by `partials/row.html`; empty: no notes.
    pub rows_html: String,
    /// Where the list has several pages.
    pub pager: Option<Pager>,
    /// Notes on all of its pages.
    pub total: usize,
}

/// All tags: `tags`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TagsView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// Tags by number of notes, then name.
    pub tags: Vec<TagLink>,
}

/// One tag: `tag`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TagView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// The tag.
    pub name: String,
    /// Its notes.
    pub table: NoteTable,
    /// Tags that often stand beside it.
    pub near: Vec<TagLink>,
}

/// Notes in groups (bands of importance, difficulties, statuses, types): `list`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GroupsView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// All groups, also those that begin on another page.
    pub groups: Vec<Group>,
    /// Where the list has several pages.
    pub pager: Option<Pager>,
    /// Notes on all of its pages.
    pub total: usize,
}

/// A group of notes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Group {
    /// Value of the field (`hard`), or for importance the band (`90–100`).
    pub value: String,
    /// Kind of the value, for its text: `type`, `status`, `difficulty`; empty: shown as it is.
    pub of: String,
    /// Id on this page.
    pub anchor: String,
    /// Where it begins, if on another page; else empty.
    pub url: String,
    /// Notes in it, on all pages.
    pub count: usize,
    /// The rows of those on this page, each made by `partials/row.html`; empty: none.
    pub rows_html: String,
}

/// Terms and what they mean: `glossary`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GlossaryView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// Letters in order.
    pub letters: Vec<Letter>,
    /// Where the list has several pages.
    pub pager: Option<Pager>,
}

/// The terms under a letter.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Letter {
    /// The letter as shown.
    pub letter: String,
    /// Id on this page.
    pub anchor: String,
    /// Terms in order.
    pub terms: Vec<Term>,
}

/// A term.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Term {
    /// The term.
    pub term: String,
    /// Note that explains it.
    pub url: String,
    /// Title of that note, where the term is another name of it; else empty.
    pub see: String,
    /// Definition without markup; may be empty.
    pub definition: String,
}

/// Notes by date: `recent`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RecentView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// Months, newest first.
    pub months: Vec<Month>,
    /// Where the list has several pages.
    pub pager: Option<Pager>,
}

/// The notes of a month.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Month {
    /// `2026-01`; empty: without a date.
    pub month: String,
    /// Notes, newest first.
    pub notes: Vec<NoteRow>,
}

/// Notes that are linked to but not written: `wanted`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WantedView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// By demand.
    pub items: Vec<WantedItem>,
    /// Where the list has several pages.
    pub pager: Option<Pager>,
}

/// A note that is not written.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct WantedItem {
    /// Its name.
    pub name: String,
    /// Id on this page.
    pub anchor: String,
    /// `planned` or `broken`.
    pub state: String,
    /// Notes (and alias pages) that ask for it.
    pub from: Vec<Link>,
    /// Highest importance among them.
    pub importance: Option<u8>,
}

/// The findings: `health`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct HealthView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
    /// Notes without a finding.
    pub clean_notes: usize,
    /// By severity, then rule.
    pub rules: Vec<RuleFindings>,
}

/// The findings of one rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RuleFindings {
    /// Rule id.
    pub rule: String,
    /// What the rule says, in one line; may be empty.
    pub summary: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// All of its findings, also those not listed here.
    pub count: usize,
    /// The first ones.
    pub findings: Vec<Finding>,
}

/// A finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// Path of the file.
    pub file: String,
    /// Line, from 1; 0: the whole file.
    pub line: usize,
    /// Page of the file; empty: none.
    pub url: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The first of the other places that it is about: the other note with that id, the copies of a text.
    pub related: Vec<OtherPlace>,
    /// How many more there are.
    pub more_related: usize,
}

/// Another place that a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct OtherPlace {
    /// Path of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Page of the file; empty: none.
    pub url: String,
}

/// Where one searches: `search`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SearchView {
    /// Text of the author's own page of that name; may be empty.
    pub intro_html: String,
}

/// What a host shows for an address that is not there: `lost`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct NotFoundView {
    /// Text of the author's own `404.md`, without links, since the page is shown at any depth; may be empty.
    pub intro_html: String,
}

/// A page that leads elsewhere: `redirect`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct RedirectView {
    /// Title of the target.
    pub title: String,
    /// Relative address of the target.
    pub url: String,
    /// Absolute address of the target, where the site's is known.
    pub canonical_url: Option<String>,
}

/// An alias whose target is not written: `alias`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct AliasView {
    /// The other name.
    pub name: String,
    /// What it should lead to, as written.
    pub target: String,
    /// Its place on `wanted.html`.
    pub wanted_url: String,
    /// Nearest notes that exist.
    pub near: Vec<Link>,
}

/// A file that cannot be read as a note: `unreadable`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct UnreadableView {
    /// Path of the file.
    pub file: String,
    /// Why, each with its place.
    pub findings: Vec<Finding>,
    /// Its text as it stands, where it is text; may be empty or cut.
    pub source: String,
}
