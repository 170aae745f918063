//! The habits of the authors of a base: file names, links, sections. Reads the analyzed site only.

use super::{Share, is_required};
use crate::base::graph::{Resolved, Target};
use crate::base::site::Site;
use crate::config::schema::{Section, fold_heading};
use crate::note::file_name;
use crate::note::markdown::{Link, LinkSyntax};
use crate::text::paths::nfc;
use crate::text::slug::is_kebab;
use std::collections::BTreeMap;

/// Whether a file name without its extension has a style.
type NameTest = fn(&str) -> bool;

/// The styles of file names, with a test for each. The first style that fits counts.
const NAME_STYLES: &[(&str, NameTest)] = &[
    ("kebab-case", is_kebab),
    ("words with spaces", |name| name.contains(' ')),
    ("snake_case", |name| name.contains('_')),
    ("CamelCase", |name| {
        let is_letter = |c: char| c.is_alphanumeric();
        name.chars().all(is_letter)
            && name.chars().skip(1).any(char::is_lowercase)
            && name.chars().skip(1).any(char::is_uppercase)
    }),
    ("single words", |name| name.chars().all(char::is_alphanumeric)),
];

/// The share of the notes with a file name in kebab-case, and the most frequent style with its share.
pub(super) fn file_names(site: &Site) -> (Share, &'static str, Share) {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut of = 0;
    for (_, note) in site.concepts() {
        let name = nfc(file_name(&note.stem)).into_owned();
        let style = NAME_STYLES.iter().find(|(_, fits)| fits(&name)).map_or("no common style", |(style, _)| *style);
        *counts.entry(style).or_default() += 1;
        of += 1;
    }
    let share = |style: &str| Share { count: counts.get(style).copied().unwrap_or(0), of };
    let most = counts.iter().max_by_key(|(_, count)| **count).map_or("kebab-case", |(style, _)| style);
    (share("kebab-case"), most, share(most))
}

/// The links between files of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LinkHabits {
    /// The wikilinks, of all links.
    pub(super) wiki: Share,
    /// The wikilinks that lead to nothing, of all wikilinks.
    pub(super) broken_wiki: Share,
    /// The Markdown links that start with `/`, of all Markdown links.
    pub(super) absolute: Share,
}

/// Counts the links of all files.
pub(super) fn links(site: &Site) -> LinkHabits {
    let pairs = || site.all().flat_map(|(id, note)| note.doc.links.iter().zip(&site.graph.links[id]));
    let inside = || pairs().filter(|(_, resolved)| !matches!(resolved.target, Target::External(_)));
    let is_wiki = |link: &Link| matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed);
    let is_markdown = |link: &Link| matches!(link.form, LinkSyntax::Inline | LinkSyntax::Reference);
    let is_broken = |resolved: &Resolved| matches!(resolved.target, Target::Broken(_));
    let wiki = inside().filter(|(link, _)| is_wiki(link)).count();
    let markdown = inside().filter(|(link, _)| is_markdown(link)).count();
    LinkHabits {
        wiki: Share { count: wiki, of: wiki + markdown },
        broken_wiki: Share { count: inside().filter(|(link, r)| is_wiki(link) && is_broken(r)).count(), of: wiki },
        absolute: Share { count: inside().filter(|(link, r)| is_markdown(link) && r.absolute).count(), of: markdown },
    }
}

/// The number of broken links in the files of a folder, which is empty or ends in `/`.
pub(super) fn broken_links(site: &Site, folder: &str) -> usize {
    let files = site.all().filter(|(_, note)| note.stem.starts_with(folder));
    files.flat_map(|(id, _)| &site.graph.links[id]).filter(|link| matches!(link.target, Target::Broken(_))).count()
}

/// Headings with the meaning of a section whose built-in names they are not.
const HEADINGS: &[(&str, Section)] = &[
    ("advantages and disadvantages", Section::TradeOffs),
    ("common mistakes", Section::AntiPatterns),
    ("examples", Section::MiniExample),
    ("flashcards", Section::TrapQuestions),
    ("gotchas", Section::FailureModes),
    ("in short", Section::Tldr),
    ("prerequisite", Section::Prerequisites),
    ("pros & cons", Section::TradeOffs),
    ("pros and cons", Section::TradeOffs),
    ("related concepts", Section::Related),
    ("related notes", Section::Related),
    ("related pages", Section::Related),
    ("review questions", Section::TrapQuestions),
    ("see also", Section::Related),
    ("self check", Section::SelfCheck),
    ("tl;dr:", Section::Tldr),
    ("what is it", Section::Definition),
    ("what is it?", Section::Definition),
    ("what it is", Section::Definition),
    ("why", Section::WhyItMatters),
];

/// A heading that names a section, with the notes that have it.
pub(super) struct HeadingUse {
    /// The heading as most notes write it.
    pub(super) text: String,
    pub(super) section: Section,
    pub(super) share: Share,
}

/// The headings of [`HEADINGS`] that at least 1 % of the notes have, and more than one note.
pub(super) fn headings(site: &Site) -> Vec<HeadingUse> {
    let mut found: BTreeMap<String, (BTreeMap<&str, usize>, usize)> = BTreeMap::new();
    let mut of = 0;
    for (_, note) in site.concepts() {
        of += 1;
        let mut own: Vec<(String, &str)> = note
            .doc
            .headings
            .iter()
            .filter(|heading| heading.top && heading.section.is_none())
            .map(|heading| (fold_heading(&heading.text), &*heading.text))
            .filter(|(folded, _)| HEADINGS.iter().any(|(name, _)| name == folded))
            .collect();
        own.sort_unstable();
        own.dedup_by(|a, b| a.0 == b.0);
        for (folded, text) in own {
            let (spellings, count) = found.entry(folded).or_default();
            *spellings.entry(text).or_default() += 1;
            *count += 1;
        }
    }
    let uses = found.into_iter().filter(|(_, (_, count))| *count > 1 && count * 100 >= of);
    uses.filter_map(|(folded, (spellings, count))| {
        let (_, section) = HEADINGS.iter().find(|(name, _)| *name == folded)?;
        let (text, _) = spellings.into_iter().max_by_key(|(_, count)| *count)?;
        Some(HeadingUse { text: text.to_string(), section: *section, share: Share { count, of } })
    })
    .collect()
}

/// The smallest number of notes from whose sections a requirement is guessed.
const MIN_NOTES: usize = 5;

/// The sections that at least 95 % of the notes of a group have, by group. Notes for which `group` is `None` are left out.
pub(super) fn sections<'a>(
    site: &'a Site,
    group: impl Fn(&'a crate::note::Note) -> Option<&'a str>,
) -> BTreeMap<&'a str, Vec<(Section, Share)>> {
    let mut groups: BTreeMap<&str, Vec<&crate::note::Note>> = BTreeMap::new();
    for (_, note) in site.concepts().filter(|(_, note)| note.head.fence.present) {
        if let Some(group) = group(note) {
            groups.entry(group).or_default().push(note);
        }
    }
    groups.retain(|_, notes| notes.len() >= MIN_NOTES);
    let common = |notes: Vec<&crate::note::Note>| {
        let share = |section: Section| {
            let count = notes.iter().filter(|note| note.doc.has_section(section)).count();
            (section, Share { count, of: notes.len() })
        };
        Section::ALL.iter().map(|section| share(*section)).filter(|(_, share)| is_required(*share)).collect::<Vec<_>>()
    };
    let all = groups.into_iter().map(|(group, notes)| (group, common(notes)));
    all.filter(|(_, sections)| !sections.is_empty()).collect()
}
