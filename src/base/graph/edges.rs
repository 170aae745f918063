//! Builds edges, backlinks, wanted notes and rank from resolved links, and extracts the text around a link.

use super::{
    Edge, EdgeId, EdgeKind, Fault, Graph, IncomingId, Links, NOTES_PER_CHUNK, Names, Resolved, Resolver, Target, Wanted,
};
use crate::config::schema::Section;
use crate::note::markdown::{BlockKind, Link, LinkSyntax};
use crate::note::{Kind, Note, bare_name, markdown_stem, stem_of, words_of};
use crate::text::ids::{Id, IdRange, IndexVec, LinkId, NoteId, id};
use crate::text::packed::PackedStrings;
use crate::text::paths::path_key;
use crate::text::slug::{link_key, name_key};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Resolves the links of several notes.
pub(super) fn resolve(resolver: &Resolver<'_>, notes: &[NoteId]) -> Vec<Links> {
    let links = |&i: &NoteId| resolver.notes[i].doc.links.iter().map(move |link| resolver.resolve(i, link));
    Links::of_several(notes.iter().map(links))
}

/// Builds the graph from the resolved links of all notes.
pub(super) fn build(notes: &IndexVec<NoteId, Note>, names: &Names, links: IndexVec<NoteId, Links>) -> Graph {
    let own_edges = |several: IdRange<NoteId>| {
        let (mut edges, mut numbers) = (Vec::new(), Vec::with_capacity(several.len()));
        for i in several {
            let mut own = edges_of(i, &notes[i], &links[i]);
            own.sort_by_key(|e| (e.target, e.kind, e.link));
            own.dedup_by_key(|e| (e.target, e.kind));
            numbers.push(own.len());
            edges.extend(own);
        }
        (edges, numbers)
    };
    let edges = || {
        let chunks = notes.ids().chunks(NOTES_PER_CHUNK).collect::<Vec<_>>();
        chunks.into_par_iter().map(own_edges).collect::<Vec<(Vec<Edge>, Vec<usize>)>>()
    };
    let (keys, edges) = rayon::join(|| keys(notes), edges);
    let (edges, numbers): (Vec<Vec<Edge>>, Vec<Vec<usize>>) = edges.into_iter().unzip();
    let edges: IndexVec<EdgeId, Edge> = edges.concat().into();
    let outgoing = ranges(numbers.into_iter().flatten()).collect();
    let (by_target, incoming) = by_target(&edges, notes.len());
    let mut graph = Graph { keys, links, edges, outgoing, by_target, incoming, ..Graph::default() };
    (graph.wanted, graph.rank) = rayon::join(|| wanted(notes, names, &graph.links), || rank(notes, &graph));
    graph
}

/// Consecutive ranges of these lengths, starting at 0.
fn ranges<I: Id>(lengths: impl Iterator<Item = usize>) -> impl Iterator<Item = IdRange<I>> {
    let next = |end: &mut usize, length| {
        let start = I::new(*end);
        *end += length;
        Some(IdRange { start, end: I::new(*end) })
    };
    lengths.scan(0, next)
}

/// The indexes of the edges sorted by target, and for each note the range of indexes.
fn by_target(
    edges: &IndexVec<EdgeId, Edge>,
    note_count: usize,
) -> (IndexVec<IncomingId, EdgeId>, IndexVec<NoteId, IdRange<IncomingId>>) {
    let mut numbers: IndexVec<NoteId, usize> = IndexVec::filled(0, note_count);
    edges.iter().for_each(|edge| numbers[edge.target] += 1);
    let incoming: IndexVec<NoteId, IdRange<IncomingId>> = ranges(numbers.into_iter()).collect();
    let mut next: IndexVec<NoteId, IncomingId> = incoming.iter().map(|range| range.start).collect();
    let mut by_target = IndexVec::filled(EdgeId::new(0), edges.len());
    for (e, edge) in edges.iter_enumerated() {
        let place = &mut next[edge.target];
        by_target[*place] = e;
        *place = place.next();
    }
    (by_target, incoming)
}

/// Whether an edited note contributes the same edges and missing notes to the graph as before.
pub(super) fn contributes_same_edges(
    i: NoteId,
    (old, old_links): (&Note, &Links),
    (new, new_links): (&Note, &Links),
) -> bool {
    let misses = |note: &Note, links: &Links| -> Vec<(String, LinkSyntax)> {
        let broken = note.doc.links.iter().zip(links).filter(|(_, r)| matches!(r.target, Target::Broken(_)));
        broken.map(|(link, _)| (link.text.clone(), link.form)).collect()
    };
    let todos = |note: &Note| -> Vec<(String, Option<LinkId>)> {
        note.doc.todos.iter().map(|todo| (todo.name.clone(), todo.link)).collect()
    };
    old_links == new_links
        && edges_of(i, old, old_links) == edges_of(i, new, new_links)
        && misses(old, old_links) == misses(new, new_links)
        && todos(old) == todos(new)
}

/// The unique keys of the notes: the id of the first note that has it, else the path. A path that is the id of a
/// different note, or that two files with different extensions share, gets the extension.
fn keys(notes: &[Note]) -> PackedStrings<NoteId> {
    let mut taken: FxHashSet<&str> = FxHashSet::default();
    let mut by_id = Vec::with_capacity(notes.len());
    for note in notes {
        by_id.push(note.is_note() && note.head.id.as_ref().is_some_and(|id| taken.insert(id)));
    }
    let mut with_extension: FxHashSet<String> = FxHashSet::default();
    let mut keys = PackedStrings::default();
    for (note, by_id) in notes.iter().zip(by_id) {
        match &note.head.id {
            Some(id) if by_id => keys.push(id),
            _ if taken.insert(&note.stem) => keys.push(&note.stem),
            _ => {
                let extended = [".md", ".markdown"].iter().map(|extension| format!("{}{extension}", note.stem));
                let free = extended.into_iter().find(|key| with_extension.insert(key.clone()));
                keys.push(&free.unwrap_or_default())
            }
        };
    }
    keys
}

fn edges_of(source: NoteId, note: &Note, links: &Links) -> Vec<Edge> {
    let edge = |(link, resolved): (LinkId, &Resolved)| {
        let Target::Note(target) = resolved.target else { return None };
        let kind = kind_of(note, &note.doc.links[link]);
        (target != source).then_some(Edge { source, target, kind, link })
    };
    links.iter_enumerated().filter_map(edge).collect()
}

/// The kind of edge for a link, by its syntax and its section.
fn kind_of(note: &Note, link: &Link) -> EdgeKind {
    match link.form {
        LinkSyntax::Field => return EdgeKind::About,
        LinkSyntax::Embed => return EdgeKind::Embeds,
        _ => {}
    }
    let section = note.doc.section_at(link.heading, link.plain.start);
    match section {
        Some(Section::Prerequisites) => EdgeKind::Requires,
        Some(Section::Related) => EdgeKind::Related,
        Some(Section::Compare) => EdgeKind::Contrasts,
        _ => EdgeKind::Mentions,
    }
}

/// The references to a missing note.
#[derive(Default)]
struct Missed {
    /// The names with the number of links that use them. `None` counts links without a text.
    names: BTreeMap<Option<String>, usize>,
    path: Option<String>,
    from: Vec<NoteId>,
    broken: bool,
}

impl Missed {
    fn add(&mut self, name: Option<&str>, path: Option<&str>, from: NoteId, broken: bool) {
        // `[Jitter (TODO)](jitter.md)`: the mark is no part of the name.
        let name = name.map(|name| name.replace("(TODO)", "").trim().to_string());
        *self.names.entry(name.filter(|name| !name.is_empty())).or_default() += 1;
        self.path = self.path.take().or_else(|| path.map(str::to_string));
        self.broken |= broken;
        if self.from.last() != Some(&from) {
            self.from.push(from);
        }
    }

    /// Merges the references to the same missing note by links of a different syntax.
    fn join(&mut self, other: Missed) {
        other.names.into_iter().for_each(|(name, count)| *self.names.entry(name).or_default() += count);
        self.path = self.path.take().or(other.path);
        self.broken |= other.broken;
        self.from.extend(other.from);
        self.from.sort_unstable();
        self.from.dedup();
    }

    /// Whether an existing note has one of the names. The links then have a wrong path, and no note is missing.
    fn is_written(&self, names: &Names) -> bool {
        let of_path = self.path.iter().map(|path| bare_name(path));
        let words = self.path.iter().map(|path| words_of(bare_name(path)));
        let own: Vec<String> =
            self.names.keys().flatten().cloned().chain(of_path.map(str::to_string)).chain(words).collect();
        own.iter().any(|name| names.is_name(&link_key(name)))
    }

    /// The possible display names, best first. The link text is used for a file only if all links agree.
    fn candidates(&self) -> Vec<String> {
        let named = self.names.iter().filter_map(|(name, count)| Some((name.as_ref()?, count)));
        let most = named.max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name))).map(|(name, _)| name.clone());
        let Some(path) = &self.path else { return most.into_iter().collect() };
        let keys: BTreeSet<String> = self.names.keys().flatten().map(|name| name_key(name)).collect();
        let words = words_of(bare_name(path));
        most.filter(|_| keys.len() == 1).into_iter().chain([words, path.clone()]).collect()
    }
}

/// The prefix of the keys of missing notes with a path. Sorts after all names.
const PATH: &str = "\u{10ffff}";

/// The missing notes: planned notes and wikilinks by name, broken links to Markdown files by path.
fn wanted(notes: &IndexVec<NoteId, Note>, names: &Names, links: &IndexVec<NoteId, Links>) -> Vec<Wanted> {
    let mut entries: BTreeMap<String, Missed> = BTreeMap::new();
    for (i, note) in notes.iter_enumerated() {
        let is_planned = |link: Option<LinkId>| link.is_none_or(|link| links[i][link].target == Target::Planned);
        for todo in note.doc.todos.iter().filter(|t| is_planned(t.link)) {
            entries.entry(name_key(&todo.name)).or_default().add(Some(&todo.name), None, i, false);
        }
        for (link, resolved) in note.doc.links.iter().zip(&links[i]) {
            let Target::Broken(Fault::Missing(path)) = &resolved.target else { continue };
            let by_name = matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed);
            if link.form.is_media() || (path.contains('.') && markdown_stem(path).is_none() && !by_name) {
                continue;
            }
            if by_name {
                let name = stem_of(path);
                entries.entry(name_key(name)).or_default().add(Some(name), None, i, true);
                continue;
            }
            let wordless = link.text.trim().is_empty() || matches!(link.form, LinkSyntax::Field | LinkSyntax::Href);
            let text = Some(link.text.trim()).filter(|_| !wordless);
            entries.entry(format!("{PATH}{}", path_key(path))).or_default().add(text, Some(path), i, true);
        }
    }
    let missed: Vec<Missed> = joined(entries).into_iter().filter(|missed| !missed.is_written(names)).collect();
    let names = disambiguate(&missed);
    let entry =
        |(entry, name): (Missed, String)| Wanted { name, path: entry.path, from: entry.from, planned: !entry.broken };
    let mut wanted: Vec<Wanted> = missed.into_iter().zip(names).map(entry).collect();
    wanted.sort_by(|a, b| {
        b.from.len().cmp(&a.from.len()).then_with(|| a.name.cmp(&b.name)).then_with(|| a.path.cmp(&b.path))
    });
    wanted
}

/// The missing notes. References by path are merged with references by name to the same note.
fn joined(mut entries: BTreeMap<String, Missed>) -> Vec<Missed> {
    let at_paths = entries.split_off(PATH);
    let mut others = Vec::new();
    for missed in at_paths.into_values() {
        let name = missed.candidates().first().map(|name| name_key(name)).unwrap_or_default();
        match entries.get_mut(&name).filter(|named| named.path.is_none()) {
            Some(named) => named.join(missed),
            None => others.push(missed),
        }
    }
    entries.into_values().chain(others).collect()
}

/// A display name for each missing note. Files with equal names move on to their next candidates until the names differ
/// or the candidates are used up.
fn disambiguate(missed: &[Missed]) -> Vec<String> {
    let candidates: Vec<Vec<String>> = missed.iter().map(Missed::candidates).collect();
    let mut taken = vec![0; candidates.len()];
    let name = |i: usize, taken: &[usize]| candidates[i].get(taken[i]).map_or("", String::as_str);
    for _ in 1..candidates.iter().map(Vec::len).max().unwrap_or(0) {
        let mut alike: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for i in (0..candidates.len()).filter(|&i| missed[i].path.is_some()) {
            alike.entry(name_key(name(i, &taken))).or_default().push(i);
        }
        for i in alike.into_values().filter(|group| group.len() > 1).flatten() {
            taken[i] = (taken[i] + 1).min(candidates[i].len() - 1);
        }
    }
    (0..candidates.len()).map(|i| name(i, &taken).to_string()).collect()
}

/// PageRank (Brin and Page 1998) by power iteration over the edges between notes. Additions have a fixed order, so the
/// result is the same on every machine.
fn rank(notes: &IndexVec<NoteId, Note>, graph: &Graph) -> IndexVec<NoteId, f64> {
    id! {
        /// A concept note: an index of the notes with a rank.
        struct MemberId;
        /// A link between members: an index of the list of all targets.
        struct TargetId;
    }
    const DAMPING: f64 = 0.85;
    const ROUNDS: usize = 30;
    let concepts = notes.iter_enumerated().filter(|(_, n)| n.kind == Kind::Note).map(|(i, _)| i);
    let members: IndexVec<MemberId, NoteId> = concepts.collect();
    let mut member_of: IndexVec<NoteId, Option<MemberId>> = IndexVec::filled(None, notes.len());
    members.iter_enumerated().for_each(|(member, &i)| member_of[i] = Some(member));
    let mut targets: IndexVec<TargetId, MemberId> = IndexVec::with_capacity(graph.edges.len());
    let mut numbers = Vec::with_capacity(members.len());
    for &i in &members {
        let before = targets.len();
        let own = graph.from(i).iter().filter_map(|e| member_of[e.target]);
        for target in own {
            if targets.len() == before || targets.last() != Some(&target) {
                targets.push(target);
            }
        }
        numbers.push(targets.len() - before);
    }
    let out: Vec<&[MemberId]> = ranges(numbers.into_iter()).map(|own: IdRange<TargetId>| &targets[own]).collect();
    let count = members.len().max(1) as f64;
    let mut rank: IndexVec<MemberId, f64> = IndexVec::filled(1.0 / count, members.len());
    for _ in 0..ROUNDS {
        // The rank of notes without outgoing edges is distributed over all notes.
        let loose: f64 = out.iter().zip(&rank).filter(|(targets, _)| targets.is_empty()).map(|(_, r)| r).sum();
        let mut next = IndexVec::filled((1.0 - DAMPING + DAMPING * loose) / count, members.len());
        for (targets, r) in out.iter().zip(&rank) {
            for &t in *targets {
                next[t] += DAMPING * r / targets.len() as f64;
            }
        }
        rank = next;
    }
    let mut all = IndexVec::filled(0.0, notes.len());
    for (member, &i) in members.iter_enumerated() {
        all[i] = (rank[member] * 1e6).round() / 1e6;
    }
    all
}

/// The sentence, list item or table row around a link, and the range of the words of the link.
pub(crate) fn context(note: &Note, link: &Link) -> (String, Range<usize>) {
    let Some(id) = link.block else { return (String::new(), 0..0) };
    let block = &note.doc.blocks[id];
    let text = note.doc.plain(block.text);
    let own_end = match note.doc.children(id).find(|&c| note.doc.blocks[c].text.start > link.plain.end) {
        Some(child) => (note.doc.blocks[child].text.start - block.text.start) as usize,
        None => text.len(),
    };
    let text = text[..own_end.min(text.len())].trim_end();
    let in_block = |offset: u32| offset.saturating_sub(block.text.start) as usize;
    let piece = match block.kind {
        // A line end inside a paragraph does not end a sentence.
        BlockKind::Paragraph if text.contains('\n') => sentence(&text.replace('\n', " "), in_block(link.plain.start)),
        BlockKind::Paragraph => sentence(text, in_block(link.plain.start)),
        _ => 0..text.len(),
    };
    let own = in_block(link.plain.start).max(piece.start)..in_block(link.plain.end).min(piece.end);
    let before = text.get(piece.start..own.start).unwrap_or_default();
    let words = text.get(own.clone()).unwrap_or_default();
    joined_words([before, words, text.get(own.end.max(own.start)..piece.end).unwrap_or_default()])
}

/// Joins three pieces of text, with white space as single spaces. Returns the text and the range of the second piece.
fn joined_words(pieces: [&str; 3]) -> (String, Range<usize>) {
    let mut out = String::new();
    let mut ends = [0; 3];
    for (piece, end) in pieces.into_iter().zip(&mut ends) {
        for (n, word) in piece.split(char::is_whitespace).enumerate() {
            if n > 0 && !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            out.push_str(word);
        }
        *end = out.len();
    }
    out.truncate(out.trim_end().len());
    let end = out[..ends[1].min(out.len())].trim_end().len();
    let start = ends[0].min(end);
    (out, start..end)
}

/// The range of the sentence of `text` that contains an offset.
fn sentence(text: &str, at: usize) -> Range<usize> {
    use unicode_segmentation::UnicodeSegmentation;
    let found = text.split_sentence_bound_indices().find(|(start, s)| *start <= at && at < start + s.len());
    found.map_or(0..text.len(), |(start, s)| start..start + s.len())
}

/// The text after the dash that follows a link: the difference to the compared note. Empty without a dash.
pub(crate) fn difference(note: &Note, link: &Link) -> String {
    let Some(id) = link.block else { return String::new() };
    let block = &note.doc.blocks[id];
    let end = note
        .doc
        .children(id)
        .map(|c| note.doc.blocks[c].text.start)
        .find(|&s| s > link.plain.end)
        .unwrap_or(block.text.end);
    let rest = &note.doc.text[link.plain.end as usize..(end as usize).max(link.plain.end as usize)];
    let rest = rest.trim_start();
    let behind = ["—", "–", "--", "-", ":"].iter().find_map(|dash| rest.strip_prefix(dash));
    behind.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}
