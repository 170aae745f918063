//! The glossary: the titles of notes with a definition, and the key terms that notes explain in a list. A term is one row,
//! also if notes use it in the singular and in the plural.

use super::*;
use crate::text::slug::{name_key, slug};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// The maximum length of a definition in characters.
const SHOWN_CHARS: usize = 300;

impl Composer {
    /// The glossary by letter. URLs are output paths.
    pub(super) fn terms(&self) -> &[(String, Vec<Term>)] {
        self.shared.glossary.get_or_init(|| {
            let defined = self.site.concepts().filter_map(|(i, note)| {
                Some(Term {
                    term: note.title.clone(),
                    url: self.site.routes.notes[i].to_string(),
                    aliases: note.head.aliases.clone(),
                    definition: shortened(definition(note)?, SHOWN_CHARS),
                    ..Term::default()
                })
            });
            let mut terms: Vec<Term> = defined.collect();
            terms.extend(self.explained_terms());
            terms.sort_by_cached_key(|t| (name_key(&t.term), t.term.clone(), t.url.clone()));
            by_letter(terms)
        })
    }

    /// The explained key terms that no note is named after. Of several notes that explain one term, the most important.
    fn explained_terms(&self) -> Vec<Term> {
        let mut known: FxHashSet<String> = FxHashSet::default();
        if self.site.concepts().all(|(_, note)| note.explained.is_empty()) {
            return Vec::new();
        }
        for (_, note) in self.site.concepts().filter(|(_, note)| definition(note).is_some()) {
            known.extend(std::iter::once(&note.title).chain(&note.head.aliases).map(|name| singular(&name_key(name))));
        }
        let mut terms = Vec::new();
        for &i in &self.site.index.ranked {
            let note = self.site.note(i);
            let anchor = |heading: HeadingId| format!("#{}", note.doc.headings[heading].anchor);
            for own in note.explained.iter().filter(|own| known.insert(singular(&name_key(&own.term)))) {
                terms.push(Term {
                    term: own.term.clone(),
                    url: self.site.routes.notes[i].to_string(),
                    fragment: own.heading.map(anchor).unwrap_or_default(),
                    definition: shortened(&own.explanation, SHOWN_CHARS),
                    ..Term::default()
                });
            }
        }
        terms
    }

    /// The number of terms in the glossary. Computed without building the glossary if no note explains key terms.
    pub(super) fn term_count(&self) -> usize {
        *self.shared.term_count.get_or_init(|| {
            let defined = self.site.concepts().filter(|(_, note)| definition(note).is_some()).count();
            defined + self.explained_terms().len()
        })
    }

    pub(super) fn glossary_page(&self, path: &str, n: usize) -> Result<String, TemplateError> {
        let all = self.terms();
        let (first, range) = (PageKind::Glossary.path(), page_range(n));
        let mut start = 0;
        let mut letters = Vec::new();
        for (letter, terms) in all {
            let shown = range.start.max(start)..range.end.min(start + terms.len());
            let is_here = !shown.is_empty();
            let here = if is_here { &terms[shown.start - start..shown.end - start] } else { &[] };
            let term = |(k, t): (usize, &Term)| Term {
                url: relative_url(path, &t.url) + &t.fragment,
                anchor: format!("canon-glossary-{}", range.start.max(start) + k + 1),
                ..t.clone()
            };
            letters.push(Letter {
                letter: letter.clone(),
                anchor: format!("canon-letter-{}", slug(letter)),
                url: if is_here { String::new() } else { relative_url(path, &list_page(first, start / PAGE_ROWS)) },
                terms: here.iter().enumerate().map(term).collect(),
            });
            start += terms.len();
        }
        let view = GlossaryView { intro_html: self.introduction(path), letters, pager: pager(path, first, n, start) };
        self.index_view(path, &View::Glossary(&view))
    }
}

/// The text that defines the concept of a note. `None` without one.
fn definition(note: &Note) -> Option<&str> {
    let own = note.definition.as_deref().unwrap_or(&note.summary);
    (!own.is_empty()).then_some(own)
}

/// The folded name without the ending of a plural: `queries` and `query` are equal, as are `caches` and `cache`, `indexes`
/// and `index`. Compared only, never shown.
fn singular(key: &str) -> String {
    let keeps_its_end = ["ss", "us", "is"].iter().any(|end| key.ends_with(end));
    let stem = match key.strip_suffix("ies") {
        Some(stem) if stem.len() > 1 => return format!("{stem}y"),
        _ if keeps_its_end || key.len() < 4 => key,
        _ => key.strip_suffix('s').unwrap_or(key),
    };
    // `indexe` and `index`, `cache` and `cache`: after a hissing sound, the plural of both words ends in -es.
    let hisses = ["xe", "che", "she", "sse", "ze"].iter().any(|end| stem.ends_with(end));
    if hisses { stem.trim_end_matches('e').to_string() } else { stem.to_string() }
}

/// Groups sorted terms by their first letter. Terms without a letter at the start are in the group `#`, which is last.
fn by_letter(terms: Vec<Term>) -> Vec<(String, Vec<Term>)> {
    let mut letters: BTreeMap<(bool, String), Vec<Term>> = BTreeMap::new();
    for term in terms {
        let first = name_key(&term.term).chars().next().filter(|c| c.is_alphabetic());
        let letter = first.map(|c| unaccented(c).to_uppercase().to_string()).unwrap_or_else(|| "#".into());
        letters.entry((letter == "#", letter)).or_default().push(term);
    }
    letters.into_iter().map(|((_, letter), terms)| (letter, terms)).collect()
}

/// The letter without its accents: É is grouped under E.
fn unaccented(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    std::iter::once(c).nfd().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_have_one_key() {
        for (one, many) in [
            ("query", "queries"),
            ("cache", "caches"),
            ("index", "indexes"),
            ("access pattern", "access patterns"),
            ("acknowledgement", "acknowledgements"),
            ("batch", "batches"),
            ("process", "processes"),
        ] {
            assert_eq!(singular(one), singular(many), "{one}");
        }
        for (one, other) in [("bus", "bu"), ("class", "clas"), ("analysis", "analysi"), ("dns", "dn")] {
            assert_ne!(singular(one), singular(other), "{one}");
        }
    }
}
