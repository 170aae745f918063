//! Finds unlinked mentions: the name of a note in the prose of a note without any link to it. Knows names and texts; knows no
//! rules and no repairs.
//!
//! Example: the notes “B-tree” and “Page cache” are names to search. The text “A page cache holds nodes of a B-tree.” has the
//! words `a`, `page`, `cache`, … The pair `page cache` is a key of [`ByWords`], as is `b tree`, so both places are compared
//! with the names letter by letter. If the note links to “Page cache” already, only “B-tree” is a mention.

mod prose;
mod words;

use crate::base::graph::{Graph, NOTES_PER_CHUNK, Resolved, Target};
use crate::config::schema::Section;
use crate::note::Note;
use crate::note::markdown::{Block, BlockKind, Document, RunKind, Slice};
use crate::text::ids::{BlockId, Id, IndexVec, NoteId, id};
use crate::text::packed::{PackedStrings, StringMap};
use crate::text::scripts::{is_katakana, is_unspaced};
use crate::text::slug::name_key;
use crate::text::source::Span;
use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

use prose::Syntax;
pub(crate) use prose::keeps_emphasis;
use words::{ByWords, Word, Words, folded, is_capitals, is_letter, is_part_of_name, pair};

/// A name of one word in more than this share of the notes is common: it then needs its exact case.
const COMMON_SHARE: f64 = 0.05;
/// The most notes with an unlinked mention of the same name. Beyond this number, and beyond one note in [`MOST_SHARE`] or the
/// number of notes that link to the target, the name is an ordinary word, and no mention of it is reported.
const MOST_MENTIONS: usize = 8;
/// See [`MOST_MENTIONS`].
const MOST_SHARE: usize = 50;
/// The most notes that may use a name of one word like an ordinary word, if fewer notes link to the target. Beyond that, only
/// the exact case within a sentence counts. In a vault of 6,500 notes with names such as “Image” and “Version” this leaves 1
/// of 15 such mentions.
const MOST_ORDINARY: usize = 2;
/// The fewest letters of a searched name. Scripts without spaces have no minimum.
const SHORTEST: usize = 3;

/// An unlinked mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The note with the mention.
    pub note: NoteId,
    /// The mentioned note.
    pub target: NoteId,
    /// The range in the plain text of `note`.
    pub text: Slice,
    /// The range in the source of `note`.
    pub span: Span,
}

id! {
    /// A name of a note: its place among the names of a base.
    struct NameId;
}

/// All names of a base, with tables for searching.
struct Names<'a> {
    names: IndexVec<NameId, Name<'a>>,
    /// The text of each name, folded by [`small`].
    folded: PackedStrings<NameId>,
    /// Names of one word by the word, longer names by two of their words.
    by_words: ByWords,
    /// The names in scripts without spaces, which may begin and end anywhere. `None` if there are none.
    unspaced: Option<(AhoCorasick, Vec<NameId>)>,
    /// For each note the names equal to the end of one of its own names: “isolation levels” for “PostgreSQL isolation
    /// levels”. A text with a link to the note uses the shorter name for the same thing.
    short_forms: IndexVec<NoteId, Vec<NameId>>,
}

/// A name of a note.
struct Name<'a> {
    of: NoteId,
    text: &'a str,
    /// Whether a mention needs the exact case: capitals, or a common word.
    exact: bool,
    /// Whether any word at the start of a sentence has this case: a capital followed by small letters.
    like_any_word: bool,
    /// Whether a second note has the same name. A mention is then ambiguous and not reported.
    shared: bool,
    /// For the only word before a parenthesis, `Kafka` of `Kafka (core concepts)`: whether the base uses it as a name.
    /// `None` for every other name, which needs no such evidence.
    proper: Option<bool>,
}

/// A mention with its name.
struct Found {
    name: NameId,
    mention: Mention,
    /// Whether an ordinary word could be written so: in another case than the name, or with the capital of a sentence start.
    like_ordinary_word: bool,
}

/// An occurrence of a name in a text, in any case.
type Hit = (Range<usize>, NameId);

/// All unlinked mentions, ordered by note and position: for each pair of notes, the first one. Titles in `common` need their
/// exact case. `source` returns the text of a note's file.
pub(crate) fn mentions<'a>(
    notes: &IndexVec<NoteId, Note>,
    graph: &Graph,
    common: &[String],
    source: impl Fn(NoteId) -> &'a str + Sync,
) -> Vec<Mention> {
    let mut names = names(notes, common);
    if names.names.is_empty() {
        return Vec::new();
    }
    let numbered: Vec<(NoteId, &Note)> = notes.iter_enumerated().collect();
    let hits: Vec<Vec<(NoteId, Hit)>> =
        numbered.par_chunks(NOTES_PER_CHUNK).map(|several| hits(several, &names)).collect();
    exact_where_common(notes, hits.iter().flatten(), &mut names.names);
    find_proper_names(notes, hits.iter().flatten(), &mut names.names);
    // Two passes over the hits: whether a name is common is known only after all notes were searched.
    let of_notes = |hits: Vec<(NoteId, Hit)>| {
        let of_note = |own: &[(NoteId, Hit)]| {
            let hits = own.iter().map(|(_, hit)| hit.clone()).collect();
            of_note(notes, graph, &names, own[0].0, source(own[0].0), hits)
        };
        hits.chunk_by(|(a, _), (b, _)| a == b).flat_map(of_note).collect::<Vec<Found>>()
    };
    let found: Vec<Found> = hits.into_par_iter().flat_map_iter(of_notes).collect();
    without_ordinary_words(notes.len(), graph, &names, found)
}

/// The mentions of names that are not ordinary words: a word is used in many notes and linked in few.
fn without_ordinary_words(note_count: usize, graph: &Graph, names: &Names<'_>, found: Vec<Found>) -> Vec<Mention> {
    let mut counts: IndexVec<NameId, usize> = IndexVec::filled(0, names.names.len());
    let mut ordinary = counts.clone();
    for found in &found {
        counts[found.name] += 1;
        ordinary[found.name] += usize::from(found.like_ordinary_word);
    }
    let mut linking: FxHashMap<NoteId, usize> = FxHashMap::default();
    let mut linking = |target: NoteId| {
        let count = || graph.to(target).map(|edge| edge.source).collect::<FxHashSet<NoteId>>().len();
        *linking.entry(target).or_insert_with(count)
    };
    let mut is_mention = |found: &Found| {
        let (name, target) = (&names.names[found.name], found.mention.target);
        let (count, ordinary) = (counts[found.name], ordinary[found.name]);
        let is_word = count > MOST_MENTIONS && count > linking(target).min(note_count / MOST_SHARE);
        let is_one_word = !name.text.contains(' ');
        let mut may_be_word = || is_one_word && ordinary > MOST_ORDINARY && ordinary > linking(target);
        !(is_word || found.like_ordinary_word && may_be_word())
    };
    found.into_iter().filter(|found| is_mention(found)).map(|found| found.mention).collect()
}

/// The names of all canonical concept notes: titles, titles without a parenthesis, and aliases.
fn names<'a>(notes: &'a IndexVec<NoteId, Note>, common: &[String]) -> Names<'a> {
    let common: FxHashSet<String> = common.iter().map(|c| name_key(c)).collect();
    let mut names: IndexVec<NameId, Name> = IndexVec::default();
    let mut owner: StringMap<NameId> = StringMap::default();
    let canonical = notes.iter_enumerated().filter(|(_, n)| n.is_note() && n.head.canonical);
    for (i, note) in canonical {
        let short = before_parenthesis(&note.title);
        for text in own_names(note) {
            let key = name_key(text);
            let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
            let wide = text.chars().any(is_unspaced);
            if letters < SHORTEST && !wide {
                continue;
            }
            // “Cache (hardware)” must not turn every “cache” into a mention; “ACID (databases)” and “Bloom filter (sketch)”
            // may.
            let vague = text == short && text != note.title && !text.trim().contains(' ') && !is_capitals(text);
            let name = Name {
                of: i,
                text,
                exact: vague || is_capitals(text) || common.contains(&key),
                like_any_word: !text.chars().skip(1).any(char::is_uppercase),
                shared: false,
                proper: vague.then_some(false),
            };
            if let Some(&known) = owner.get(&key) {
                match (names[known].proper, name.proper) {
                    // The title of a note comes before the first word of another title.
                    (Some(_), None) => names[known] = name,
                    (None, Some(_)) => {}
                    _ => names[known].shared |= names[known].of != i,
                }
                continue;
            }
            let name = names.push(name);
            owner.insert(&key, name);
        }
    }
    let short_forms = notes.par_iter().map(|note| short_forms(note, &owner)).collect();
    Names::new(names, short_forms)
}

impl Names<'_> {
    /// Builds the tables for `names`.
    fn new(names: IndexVec<NameId, Name<'_>>, short_forms: IndexVec<NoteId, Vec<NameId>>) -> Names<'_> {
        let (wide, spaced): (Vec<NameId>, Vec<NameId>) =
            names.ids().iter().partition(|&k| names[k].text.chars().any(is_unspaced));
        let folded: PackedStrings<NameId> = names.iter().map(|name| small(name.text)).collect();
        let patterns = wide.iter().map(|&k| &folded[k]);
        let matcher = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok();
        Names {
            by_words: ByWords::new(spaced.iter().map(|&k| (k, names[k].text))),
            unspaced: matcher.filter(|_| !wide.is_empty()).zip(Some(wide)),
            names,
            folded,
            short_forms,
        }
    }
}

/// The title of a note, the title before a parenthesis, and the aliases.
fn own_names(note: &Note) -> impl Iterator<Item = &str> {
    let titles = [note.title.as_str(), before_parenthesis(&note.title)];
    titles.into_iter().chain(note.head.aliases.iter().map(String::as_str))
}

/// `Cache` of `Cache (hardware)`.
fn before_parenthesis(title: &str) -> &str {
    title.split(" (").next().unwrap_or("")
}

/// The names equal to the end of a name of `note`, from a word boundary on.
fn short_forms(note: &Note, owner: &StringMap<NameId>) -> Vec<NameId> {
    let mut found = Vec::new();
    // The text in a parenthesis is a category, and no short form of the name.
    for key in own_names(note).filter(|name| !name.contains('(')).map(name_key) {
        let mut before = None;
        for (at, c) in key.char_indices() {
            if before == Some(' ') || before.is_some() && is_unspaced(c) {
                found.extend(owner.get(&key[at..]));
            }
            before = Some(c);
        }
    }
    found
}

/// A text with every character replaced by [`folded`], so that byte positions stay valid.
fn small(text: &str) -> String {
    text.chars().map(folded).collect()
}

/// Whether a text starts with a folded name, in any case.
fn begins_with(text: &str, name: &str) -> bool {
    text.len() >= name.len()
        && text.chars().map(folded).zip(name.chars()).take_while(|(a, b)| a == b).count() == name.chars().count()
}

/// All occurrences of names in the texts of `notes`, as whole words in any case.
fn hits(notes: &[(NoteId, &Note)], names: &Names<'_>) -> Vec<(NoteId, Hit)> {
    let (mut all, mut own) = (Vec::new(), Vec::new());
    for (i, note) in notes.iter().filter(|(_, note)| note.is_note()) {
        hits_in(&note.doc.text, names, &mut own);
        all.extend(own.drain(..).map(|hit| (*i, hit)));
    }
    all
}

/// Appends all occurrences of names in a text to `hits`, which must be empty.
fn hits_in(text: &str, names: &Names<'_>, hits: &mut Vec<Hit>) {
    let mut try_at = |word: &Word, key: u64| {
        for &(k, before) in names.by_words.get(key) {
            let Some(start) = word.start.checked_sub(before as usize) else { continue };
            let name = &names.folded[k];
            if text.get(start..).is_some_and(|rest| begins_with(rest, name)) {
                hits.push((start..start + name.len(), k));
            }
        }
    };
    // Each word is looked up twice: with the next word, and alone.
    let mut last: Option<Word> = None;
    for word in Words::of(text) {
        if let Some(last) = &last {
            try_at(last, pair(last.hash, word.hash));
        }
        try_at(&word, word.hash);
        last = Some(word);
    }
    if let Some((matcher, which)) = names.unspaced.as_ref().filter(|_| !text.is_ascii()) {
        let folded = small(text);
        let found = matcher.find_overlapping_iter(&folded);
        hits.extend(found.map(|hit| (hit.range(), which[hit.pattern().as_usize()])));
    }
    hits.retain(|(range, _)| is_word(text, range.clone()));
    hits.sort_unstable_by_key(|(range, k)| (range.start, Reverse(range.end), *k));
}

/// Marks common names of one word: from now on a mention of them needs the exact case.
fn exact_where_common<'a>(
    notes: &IndexVec<NoteId, Note>,
    hits: impl Iterator<Item = &'a (NoteId, Hit)>,
    names: &mut IndexVec<NameId, Name<'_>>,
) {
    let mut counts: IndexVec<NameId, usize> = IndexVec::filled(0, names.len());
    let mut with_capital = counts.clone();
    let mut last: IndexVec<NameId, Option<NoteId>> = IndexVec::filled(None, names.len());
    for (note, (range, k)) in hits {
        // Hits ascend by note, so a second hit in the same note follows the first.
        if last[*k] != Some(*note) {
            last[*k] = Some(*note);
            counts[*k] += 1;
            with_capital[*k] += usize::from(notes[*note].doc.text[range.start..].starts_with(char::is_uppercase));
        }
    }
    let limit = (notes.len() as f64 * COMMON_SHARE).max(2.0);
    for (k, name) in names.iter_mut().enumerate().map(|(k, name)| (NameId::new(k), name)) {
        // The alias `postgres` of a name that the base writes as `Postgres` is no ordinary word.
        let is_alias_of_proper = name.text.starts_with(char::is_lowercase) && with_capital[k] * 2 > counts[k];
        name.exact |= counts[k] as f64 > limit && !name.text.contains(' ') && !is_alias_of_proper;
    }
}

/// Marks the words before a parenthesis that the base uses as names: in more notes with their capital within a sentence than
/// in another case. Without any note in another case, the word is a name at the start of a sentence too.
fn find_proper_names<'a>(
    notes: &IndexVec<NoteId, Note>,
    hits: impl Iterator<Item = &'a (NoteId, Hit)>,
    names: &mut IndexVec<NameId, Name<'_>>,
) {
    let mut counts: FxHashMap<NameId, (FxHashSet<NoteId>, FxHashSet<NoteId>)> = FxHashMap::default();
    for (i, (range, k)) in hits.filter(|(_, (_, k))| names[*k].proper.is_some()) {
        let note = &notes[*i];
        let slice = Slice { start: range.start as u32, end: range.end as u32 };
        if !is_prose(note, slice) {
            continue;
        }
        let (as_name, as_word) = counts.entry(*k).or_default();
        match is_written_as(&note.doc.text[range.clone()], names[*k].text) {
            true if begins_sentence(note, range.start) => {}
            true => drop(as_name.insert(*i)),
            false => drop(as_word.insert(*i)),
        }
    }
    for (k, (as_name, as_word)) in counts {
        let name = &mut names[k];
        let has_capital = name.text.chars().any(char::is_uppercase);
        name.proper = Some(has_capital && as_name.len() > as_word.len());
        name.like_any_word &= !as_word.is_empty();
    }
}

/// Whether a text is a name in its exact case. A line end in the text counts as a space.
fn is_written_as(text: &str, name: &str) -> bool {
    text == name || text.replace('\n', " ") == name
}

/// The mentions in the note `i`, each with its name, given all occurrences of names in the note.
fn of_note(
    notes: &IndexVec<NoteId, Note>,
    graph: &Graph,
    names: &Names<'_>,
    i: NoteId,
    source: &str,
    hits: Vec<Hit>,
) -> Vec<Found> {
    let note = &notes[i];
    if hits.is_empty() {
        return Vec::new();
    }
    let linked = |resolved: &Resolved| if let Target::Note(t) = resolved.target { Some(t) } else { None };
    let mut done: FxHashSet<NoteId> = FxHashSet::from_iter([i]);
    done.extend(graph.links[i].iter().filter_map(linked));
    let meant_otherwise: FxHashSet<NameId> =
        done.iter().flat_map(|&known| names.short_forms[known].iter().copied()).collect();
    let (mut found, mut syntax) = (Vec::new(), None);
    let starts: Vec<usize> = hits.iter().map(|(range, _)| range.start).collect();
    for (range, k) in longest(names, &note.doc.text, hits) {
        let name = &names.names[k];
        let slice = Slice { start: range.start as u32, end: range.end as u32 };
        let known = done.contains(&name.of) || meant_otherwise.contains(&k);
        let known = known || is_part_of_name(&note.doc.text, &range, &starts);
        if known || name.shared || !is_prose(note, slice) {
            continue;
        }
        let begins_sentence = || name.like_any_word && begins_sentence(note, range.start);
        if name.exact && begins_sentence() {
            continue;
        }
        // `None` if the text differs from the source, as for an escaped character or an entity.
        let Some(span) = note.doc.source_of(slice) else { continue };
        let syntax = syntax.get_or_insert_with(|| Syntax::of(source, note.head.fence.body as usize, &note.doc));
        if syntax.leaves(source, span.range()) && !is_term(source, note, slice, span) {
            done.insert(name.of);
            let like_ordinary_word =
                !is_written_as(&note.doc.text[range.clone()], name.text) || !name.exact && begins_sentence();
            let mention = Mention { note: i, target: name.of, text: slice, span };
            found.push(Found { name: k, mention, like_ordinary_word });
        }
    }
    found
}

/// The occurrences in a valid case, without overlaps: the first wins, among equal starts the longest.
fn longest(names: &Names<'_>, text: &str, mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.retain(|(range, k)| {
        let name = &names.names[*k];
        name.proper != Some(false) && (!name.exact || is_written_as(&text[range.clone()], name.text))
    });
    hits.sort_by_key(|(range, k)| (range.start, Reverse(range.end), *k));
    let mut end = 0;
    hits.retain(|(range, _)| {
        let free = range.start >= end;
        end = if free { range.end } else { end };
        free
    });
    hits
}

/// Whether a range of a text is whole words: not part of a longer or hyphenated word.
fn is_word(text: &str, range: Range<usize>) -> bool {
    let word = is_letter;
    // Scripts without spaces have no visible word boundary, except that a katakana word is one unit.
    let apart = |a: char, b: char| (is_unspaced(a) || is_unspaced(b)) && !(is_katakana(a) && is_katakana(b));
    let joined = |before: Option<char>, after: Option<char>| match (before, after) {
        (Some(a), Some(b)) => word(a) && word(b) && !apart(a, b) || is_combining_mark(b),
        _ => false,
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let inner = &text[range];
    let hyphen = before.ends_with('-') || after.starts_with('-') && after[1..].starts_with(word);
    !hyphen
        && !joined(before.chars().next_back(), inner.chars().next())
        && !joined(inner.chars().next_back(), after.chars().next())
}

/// Whether a word starts a sentence or a block, where any word has a capital.
fn begins_sentence(note: &Note, at: usize) -> bool {
    let before = note.doc.text[..at].trim_end_matches([' ', '\n', '“', '„', '«', '"', '(', '¿', '¡']);
    let begins_block = block_at(note, at as u32).is_none_or(|block| before.len() <= block.text.start as usize);
    begins_block || before.ends_with(['.', '!', '?', ':', '…', '•'])
}

/// The last block starting at or before a position of the plain text. `None` before the first block.
pub(crate) fn block_at(note: &Note, at: u32) -> Option<&Block> {
    let blocks = &note.doc.blocks;
    blocks.partition_point(|b| b.text.start <= at).before().map(|id| &blocks[id])
}

/// Whether a range of the plain text is prose in one block, outside of link sections, bold labels and table heads.
fn is_prose(note: &Note, slice: Slice) -> bool {
    let doc = &note.doc;
    let Some(first) = doc.runs.partition_point(|r| r.text <= slice.start).checked_sub(1) else { return false };
    let runs = doc.runs[first..].iter().take_while(|run| run.text < slice.end);
    let (mut count, mut end) = (0, slice.start);
    for run in runs {
        // A name across a line end is two runs, with only the line end between them.
        if run.kind != RunKind::Prose || (count > 0 && run.text != end + 1) {
            return false;
        }
        (count, end) = (count + 1, run.text + run.length);
    }
    let block = block_at(note, slice.start);
    let in_one_block = count == 1 || block.is_some_and(|block| slice.end <= block.text.end);
    let labelled = doc.labels.iter().any(|l| l.text.start <= slice.start && slice.end <= l.text.end);
    let heading = block.and_then(|block| block.heading);
    let relations = doc.sections_at(heading).any(|s: Section| s.is_links());
    slice.end <= end && in_one_block && !labelled && !relations && !is_table_head(doc, slice.start)
}

/// Whether a name is part of a term that its own text explains: in the bold words that begin a block, as in `**Bloom filter** —
/// it …`, or in the term of a definition list. Bold words that go on as a sentence are prose.
fn is_term(source: &str, note: &Note, slice: Slice, span: Span) -> bool {
    let Some(block) = block_at(note, slice.start) else { return false };
    let (start, name) = (block.span.start as usize, span.range());
    if block.kind == BlockKind::Definition {
        return !source.get(start..).is_some_and(|text| text.trim_start().starts_with(':'));
    }
    let Some(before) = source.get(start..name.start) else { return false };
    let Some(open) = ["**", "__"].iter().filter_map(|mark| before.rfind(mark)).max() else { return false };
    let begins = before[..open].chars().all(|c| c.is_ascii_digit() || " \t>-+*.)[]xX".contains(c));
    let mark = &before[open..open + 2];
    let rest = source.get(name.end..block.span.range().end).unwrap_or("");
    let Some(close) = rest.find(mark).filter(|_| begins) else { return false };
    let after = rest[close + 2..].trim_start_matches([' ', '\t']);
    let ends_label = |c: char| matches!(c, '\n' | ':' | '—' | '–' | '-' | '=' | '→' | '(');
    after.is_empty() || after.starts_with(ends_label) || rest[..close].ends_with(':')
}

/// Whether a position of the plain text is in the head row of a table.
fn is_table_head(doc: &Document, at: u32) -> bool {
    let row = doc.blocks.partition_point(|b| b.text.start <= at).before();
    let table = row.and_then(BlockId::before);
    let is = |id: Option<BlockId>, kind| id.is_some_and(|id| doc.blocks[id].kind == kind);
    is(row, BlockKind::Row) && is(table, BlockKind::Table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name<'_> {
        Name { of: NoteId::new(0), text, exact: false, like_any_word: false, shared: false, proper: None }
    }

    /// Every name at every place, letter by letter.
    fn everywhere(text: &str, names: &IndexVec<NameId, Name<'_>>) -> Vec<Hit> {
        let folded: IndexVec<NameId, String> = names.iter().map(|name| small(name.text)).collect();
        let starts = || text.char_indices().map(|(at, _)| at);
        let at = |start: usize| {
            let found = folded.iter_enumerated().filter(move |(_, name)| begins_with(&text[start..], name));
            found.map(move |(k, name)| (start..start + name.len(), k))
        };
        starts().flat_map(at).filter(|(range, _)| is_word(text, range.clone())).collect()
    }

    proptest! {
        #[test]
        fn looking_words_up_finds_what_stands_in_a_text(
            names in prop::collection::vec("[aB.é+索ア]{1,3}([ -][ab索]{1,2}){0,2}", 1..6),
            text in "[abBA é.+\n-索アÉ_]{0,60}",
        ) {
            let mut seen = FxHashSet::default();
            let has_word = |n: &str| Words::of(n).next().is_some() || n.chars().any(is_unspaced);
            let names: IndexVec<NameId, Name> = names.iter().filter(|n| has_word(n)).map(|n| name(n)).filter(|n| seen.insert(small(n.text))).collect();
            let mut want = everywhere(&text, &names);
            let mut got = Vec::new();
            hits_in(&text, &Names::new(names, IndexVec::default()), &mut got);
            let key = |hit: &Hit| (hit.0.start, hit.0.end, hit.1);
            want.sort_by_key(key);
            got.sort_by_key(key);
            prop_assert_eq!(got, want);
        }
    }
}
