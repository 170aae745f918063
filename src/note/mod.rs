//! A parsed Markdown file: its kind, frontmatter, document, and the values derived from these. A pure function of path,
//! text and configuration.

pub(crate) mod cards;
pub(crate) mod diagrams;
pub(crate) mod frontmatter;
pub(crate) mod key_terms;
pub(crate) mod markdown;
pub(crate) mod math;
pub(crate) mod sanitize;
pub(crate) mod sections;
mod titles;

use crate::config::Config;
use crate::config::schema::{MASTERED, Schema, globs};
use crate::system::panics::{self, Panic};
use crate::text::ids::{HeadingId, LinkId};
use crate::text::packed::PackedStrings;
use crate::text::source::{FileId, SourceFile, Span};
use cards::{Card, adopt_questions, cards};
use frontmatter::{Frontmatter, LocatedHead, Place};
use globset::GlobSet;
use key_terms::ExplainedTerm;
use markdown::{BlockKind, Body, CutOff, Document, Link, LinkSyntax, Scratch, Todo};
use std::sync::Arc;

/// The assumed reading speed in words per minute.
const READING_SPEED: u32 = 220;

/// The role of a Markdown file in the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A concept note, which has frontmatter.
    Note,
    /// The landing page of its folder.
    Landing,
    /// An alias of the note that its first link leads to.
    Alias,
    /// A page, which is in no index of concepts.
    Page,
}

/// A parsed Markdown file. Cheap to clone: everything that depends only on the text of the file is shared.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// The file.
    pub file: FileId,
    /// The kind.
    pub kind: Kind,
    own: Arc<Reading>,
}

impl std::ops::Deref for Note {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.own
    }
}

/// The values that depend only on the file itself.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The path without `.md`, which is the key of notes without an id.
    pub stem: String,
    /// The title: from the frontmatter, the leading heading, or the file name.
    pub title: String,
    /// The heading that the page omits because it is the title; `None` if no heading is.
    pub title_heading: Option<HeadingId>,
    /// The frontmatter.
    pub head: Frontmatter,
    /// The document. The HTML may have been dropped.
    pub doc: Document,
    /// The trap questions.
    pub cards: Vec<Card>,
    /// The summary in a few sentences.
    pub summary: String,
    /// The first sentence of the summary, at most 200 characters, for lists.
    pub brief: String,
    /// The definition of the concept.
    pub definition: Option<String>,
    /// The key terms.
    pub terms: PackedStrings,
    /// The key terms that the note explains in a list of its own.
    pub explained: Box<[ExplainedTerm]>,
    /// The number of words.
    pub words: u32,
    /// Whether a glob in `pages` of the configuration matches the path.
    pub listed_page: bool,
}

/// Parses Markdown files with one configuration.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    config: &'a Config,
    schema: &'a Schema,
    pages: GlobSet,
}

impl<'a> Reader<'a> {
    /// Compiles the globs of the configuration.
    pub(crate) fn new(config: &'a Config, schema: &'a Schema) -> Reader<'a> {
        Reader { config, schema, pages: globs(&config.pages) }
    }

    /// Parses one file, with reusable buffers. The HTML is returned separately, because not all callers need it.
    ///
    /// A panic becomes data as well: the result is then a page with only its path, usually its frontmatter, and
    /// [`Document::failure`].
    pub(crate) fn read(&self, file: FileId, source: &SourceFile, spare: &mut Scratch) -> (Note, Body) {
        let read = panics::catch(|| {
            panics::fault_for_tests("reading", &source.text);
            self.read_whole(file, source, spare)
        });
        read.unwrap_or_else(|panic| {
            // The panic may have left half-written buffers.
            *spare = Scratch::default();
            (self.failed(file, source, panic), Body::default())
        })
    }

    /// The note for a file whose parse panicked. The frontmatter is parsed again on its own if possible, so a draft
    /// remains unpublished even if its text triggers a bug.
    fn failed(&self, file: FileId, source: &SourceFile, panic: Panic) -> Note {
        // Without a readable frontmatter any hint of a draft counts: a missing page is better than a published draft.
        let head = panics::catch(|| frontmatter::parse(&source.text, self.schema)).unwrap_or_else(|_| Frontmatter {
            draft: source.text.contains("draft") || source.text.contains("publish"),
            ..Frontmatter::default()
        });
        let doc = Document { cut_off: Some(CutOff::Failure), failure: Some(panic.message), ..Document::default() };
        let own = Reading {
            stem: stem_of(&source.path).to_string(),
            title: head.title.clone().unwrap_or_else(|| self.name_of_file(&source.path)),
            title_heading: None,
            head,
            doc,
            cards: Vec::new(),
            summary: String::new(),
            brief: String::new(),
            definition: None,
            terms: PackedStrings::default(),
            explained: Box::default(),
            words: 0,
            listed_page: self.pages.is_match(&*source.path),
        };
        Note { file, kind: Kind::Page, own: Arc::new(own) }
    }

    /// The title of a file and the heading that contains it: the `title` in the frontmatter, else the leading heading,
    /// else the file name. A leading heading equal to the frontmatter title is omitted from the page too.
    fn title(&self, source: &SourceFile, head: &Frontmatter, doc: &Document) -> (String, Option<HeadingId>) {
        let leading = titles::leading_heading(doc, &source.text);
        match (&head.title, leading) {
            (Some(title), Some(heading)) => {
                let is_title = titles::are_equal(title, &doc.headings[heading].text);
                (title.clone(), is_title.then_some(heading))
            }
            (None, Some(heading)) => (doc.headings[heading].text.to_string(), leading),
            (Some(title), None) => (title.clone(), None),
            (None, None) => (self.name_of_file(&source.path), None),
        }
    }

    /// The title of a file without one: its file name. For a landing page the name of its folder, at the root the title
    /// of the site.
    fn name_of_file(&self, path: &str) -> String {
        match (landing_rank(path), folder_of(path)) {
            (None, _) => stem_of(file_name(path)).to_string(),
            (Some(_), "") => self.config.title.clone(),
            (Some(_), folder) => words_of(file_name(folder)),
        }
    }

    fn read_whole(&self, file: FileId, source: &SourceFile, spare: &mut Scratch) -> (Note, Body) {
        let labels = &self.schema.labels;
        let head = frontmatter::parse(&source.text, self.schema);
        let options = markdown::Options {
            markdown: &self.config.markdown,
            schema: self.schema,
            from_right: crate::config::is_right_to_left(&self.config.language),
        };
        let mut doc = markdown::parse(&source.text, head.fence.body as usize, options, spare);
        for (field, dest) in &head.links {
            doc.links.push(field_link(&source.text, &head, field, dest));
        }
        sections::place(&mut doc, self.schema);
        name_todos(&mut doc, &source.text);
        adopt_questions(&mut doc, labels);
        doc.find_link_labels(self.schema);
        // After all changes to the document, because `settled` returns the buffers.
        let mut doc = doc.settled(spare);
        let listed_page = self.pages.is_match(&*source.path);
        let (title, title_heading) = self.title(source, &head, &doc);
        set_shown_levels(&mut doc, title_heading);
        let body = std::mem::take(&mut doc.body);
        let summary = sections::summary(&doc, labels);
        let definition = sections::definition(&doc, labels);
        let explained = key_terms::explained_terms(&doc, labels);
        let brief = sections::brief(if summary.is_empty() { definition.as_deref().unwrap_or("") } else { &summary });
        let kind = kind(&source.path, &head, &doc, listed_page);
        let own = Reading {
            stem: stem_of(&source.path).to_string(),
            title,
            title_heading,
            cards: cards(&doc, labels),
            summary,
            brief,
            definition,
            terms: sections::terms(&doc, labels, &explained),
            explained: explained.into(),
            words: word_count(&doc.text),
            head,
            doc,
            listed_page,
        };
        (Note { file, kind, own: Arc::new(own) }, body)
    }
}

/// Sets the level at which a page shows each heading. Level 1 is the title of the page, so a further level-1 heading is
/// shown at level 2, and all headings after it are shifted down by one.
fn set_shown_levels(doc: &mut Document, title_heading: Option<HeadingId>) {
    let mut moved = 0;
    for id in doc.headings.ids().iter().filter(|&id| Some(id) != title_heading) {
        let heading = &mut doc.headings[id];
        if heading.top && heading.level == 1 {
            moved = 1;
        }
        let outermost = if heading.top { 2 } else { 2 + moved };
        heading.shown = (heading.level + moved).clamp(outermost, 6);
        if heading.top && heading.level == 1 {
            heading.shown = 2;
        }
    }
}

/// The number of words, separated by Unicode white space. This runs over every note, so the usual case of only ASCII
/// white space is counted without branches.
fn word_count(text: &str) -> u32 {
    // All white space beyond ASCII starts with one of these bytes.
    let suspects =
        memchr::memchr3_iter(0xc2, 0xe2, 0xe3, text.as_bytes()).chain(memchr::memchr_iter(0xe1, text.as_bytes()));
    if suspects.into_iter().any(|at| text.get(at..).is_some_and(|rest| rest.starts_with(char::is_whitespace))) {
        return text.split_whitespace().count() as u32;
    }
    let is_space = |b: u8| (b == b' ') | (b.wrapping_sub(b'\t') < 5);
    let begins = text.as_bytes().windows(2).map(|pair| u32::from(is_space(pair[0]) & !is_space(pair[1])));
    begins.sum::<u32>() + u32::from(text.bytes().next().is_some_and(|first| !is_space(first)))
}

/// The last component of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a file or page without its extension. For the path of a folder, the name of the folder.
pub(crate) fn bare_name(path: &str) -> &str {
    without_extension(file_name(path.trim_end_matches('/')))
}

/// A name or path without the extension of Markdown files and pages.
pub(crate) fn without_extension(name: &str) -> &str {
    markdown_stem(name).or(name.strip_suffix(".html")).unwrap_or(name)
}

/// The path of a Markdown file without its extension. `None` if it has a different extension.
pub(crate) fn markdown_stem(path: &str) -> Option<&str> {
    path.strip_suffix(".md").or_else(|| path.strip_suffix(".markdown"))
}

/// A path without the extension of Markdown files.
pub(crate) fn stem_of(path: &str) -> &str {
    markdown_stem(path).unwrap_or(path)
}

/// The rank of a file name among the names of landing pages; the lowest rank in a folder wins. `None` for all further
/// names.
pub(crate) fn landing_rank(path: &str) -> Option<usize> {
    let name = markdown_stem(file_name(path))?;
    ["_index", "index", "README"].iter().position(|landing| *landing == name)
}

fn kind(path: &str, head: &Frontmatter, doc: &Document, listed_page: bool) -> Kind {
    if listed_page {
        return Kind::Page;
    }
    // A note may be called `index.md`: its id shows that the file is a concept note.
    if head.id.is_none() && landing_rank(path).is_some() {
        return Kind::Landing;
    }
    if head.fence.present {
        return Kind::Note;
    }
    let internal = doc.links.iter().filter(|l| is_internal(l));
    match (is_in_aliases(path), internal.count()) {
        (true, 1..) => Kind::Alias,
        // Outside of `_aliases` only a short text with a single link is an alias.
        (false, 1) if doc.links.len() == 1 && says_alias(doc) => Kind::Alias,
        _ => Kind::Page,
    }
}

/// Whether a file is in a folder of alias notes.
pub(crate) fn is_in_aliases(path: &str) -> bool {
    path.split('/').any(|part| part == "_aliases")
}

/// Whether an alias note says nothing but its link, headings not counted.
pub(crate) fn says_only_its_link(doc: &Document) -> bool {
    const WORDS: &[&str] = &["alias", "also", "for", "has", "here", "it", "moved", "of", "see", "this", "to", "was"];
    let tops = doc.blocks.iter().filter(|b| b.parent.is_none() && !matches!(b.kind, BlockKind::Heading(_)));
    tops.into_iter().all(|block| {
        let links = doc
            .links
            .iter()
            .map(|link| link.plain)
            .filter(|plain| block.text.start <= plain.start && plain.end <= block.text.end);
        let rest = doc.plain_without(block.text, links.collect()).to_lowercase();
        let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.all(|word| WORDS.contains(&word))
    })
}

fn is_internal(link: &Link) -> bool {
    !link.form.is_media() && !link.dest.contains("://") && !link.dest.starts_with('#') && !link.planned
}

/// Whether a short text says that its concept is described in a different note: it contains one of these words, in at
/// most two sentences.
fn says_alias(doc: &Document) -> bool {
    let prose: String = doc
        .blocks
        .iter()
        .filter(|b| b.parent.is_none() && !matches!(b.kind, BlockKind::Heading(_)))
        .map(|b| doc.plain(b.text))
        .collect::<Vec<_>>()
        .join(" ");
    let headings = doc.headings.iter().map(|h| &*h.text);
    let all = headings.chain([prose.as_str()]).collect::<Vec<_>>().join(" ").to_lowercase();
    let says = all.split(|c: char| !c.is_alphanumeric()).any(|w| matches!(w, "alias" | "see" | "moved"));
    let ends = prose.split_inclusive(['.', '!', '?']).filter(|s| s.split_whitespace().count() > 0).count();
    says && ends <= 2 && doc.headings.len() <= 1
}

impl Note {
    /// The span of the title, for findings about the whole note.
    pub(crate) fn title_span(&self, text: &Arc<str>) -> Span {
        if self.head.title.is_some() {
            return located_span(text, &self.head, "title");
        }
        self.title_heading.map_or(Span::default(), |heading| self.doc.headings[heading].span)
    }

    /// The address of the shared part of the note. Equal for clones of a note; unique only while one of them exists.
    pub(crate) fn reading(&self) -> usize {
        Arc::as_ptr(&self.own).addr()
    }

    /// Whether the parse panicked, so nothing is known of the text.
    pub(crate) fn is_failed(&self) -> bool {
        self.doc.failure.is_some()
    }

    /// Whether its title is that of the site: a landing page of the root without a title of its own.
    pub(crate) fn is_called_like_the_site(&self) -> bool {
        let is_landing = !self.stem.contains('/') && landing_rank(&format!("{}.md", self.stem)).is_some();
        is_landing && self.head.title.is_none() && self.title_heading.is_none()
    }

    /// Whether it is a concept note.
    pub(crate) fn is_note(&self) -> bool {
        self.kind == Kind::Note
    }

    /// The link of an alias note to its concept: the first link except media. `None` without such a link,
    /// and for notes of a different kind.
    pub(crate) fn alias_link(&self) -> Option<LinkId> {
        let first = || self.doc.links.position(|link| !link.form.is_media());
        (self.kind == Kind::Alias).then(first).flatten()
    }

    /// The time to read the note, in whole minutes.
    pub(crate) fn reading_minutes(&self) -> usize {
        self.words.div_ceil(READING_SPEED) as usize
    }

    /// Whether the owner of the note has mastered it.
    pub(crate) fn is_mastered(&self) -> bool {
        self.head.status.as_deref() == Some(MASTERED)
    }

    /// The folder of the note, without a trailing slash. Empty at the root.
    pub(crate) fn folder(&self) -> &str {
        folder_of(&self.stem)
    }
}

/// The folder of a path, without a trailing slash. Empty at the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The span of the value of a frontmatter field, or of its key if the value is empty. An empty span at the start of the
/// frontmatter if the field is missing.
fn field_span(text: &str, head: &Frontmatter, key: &str) -> Span {
    span_of(head.places(text).iter().find(|p| p.key == key), head)
}

/// The same for many fields in a row: see [`LocatedHead::of`].
pub(crate) fn located_span(text: &Arc<str>, head: &Frontmatter, key: &str) -> Span {
    span_of(LocatedHead::of(head, text).place(key), head)
}

fn span_of(place: Option<&Place>, head: &Frontmatter) -> Span {
    let start = head.fence.start();
    place.map_or(Span { start, end: start }, |place| match place.value.start < place.value.end {
        true => place.value,
        false => place.key_span,
    })
}

/// A file or folder name as a title: hyphens become spaces, and the first letter a capital.
pub(crate) fn words_of(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let words = words.trim();
    let mut chars = words.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn field_link(text: &str, head: &Frontmatter, field: &str, dest: &str) -> Link {
    let span = field_span(text, head, field);
    Link {
        form: LinkSyntax::Field,
        dest: dest.to_string(),
        span,
        dest_span: span,
        text: field.to_string(),
        plain: markdown::Slice::default(),
        heading: None,
        block: None,
        title: String::new(),
        planned: dest.eq_ignore_ascii_case("todo"),
    }
}

/// Completes the planned notes: the names of marked links, and the list items of Links sections that start with
/// `(TODO)`.
fn name_todos(doc: &mut Document, text: &str) {
    for todo in &mut doc.todos {
        todo.name = todo.link.map_or_else(String::new, |link| doc.links[link].text.trim().to_string());
    }
    let mut found = Vec::new();
    for block in doc.blocks.iter().filter(|b| b.kind == BlockKind::Item) {
        let plain = doc.plain(block.text);
        let first = plain.lines().next().unwrap_or("");
        let Some(name) = first.strip_prefix("(TODO)").map(str::trim) else { continue };
        let in_links = doc.sections_at(block.heading).any(|s| s.is_links());
        let linked = doc.links.iter().any(|l| block.span.contains(l.span));
        if in_links && !linked && !name.is_empty() {
            let name = name.split(" — ").next().unwrap_or(name).trim().to_string();
            let start = text[block.span.range()].find(&name).map(|i| block.span.start + i as u32);
            // The source of a name with an entity or escape differs from its text.
            let span = start.map_or(block.span, |start| Span { start, end: start + name.len() as u32 });
            found.push(Todo { name, span, link: None });
        }
    }
    doc.todos.extend(found);
    doc.todos.sort_by_key(|t| t.span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind_of_white_space_parts_words() {
        let spaces = (0..=0x10ffff).filter_map(char::from_u32).filter(|c| c.is_whitespace());
        for space in spaces {
            assert_eq!(word_count(&format!("{space}é{space}{space}日本{space}")), 2, "{}", space.escape_unicode());
        }
    }

    proptest! {
        #[test]
        fn words_are_counted_as_the_library_does(text in "[a é\u{a0}\u{3000}日\n\u{2028}—]{0,40}") {
            prop_assert_eq!(word_count(&text), text.split_whitespace().count() as u32);
        }
    }
}
