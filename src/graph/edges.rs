//! Edges, backlinks, wanted notes and rank from resolved links; and the words around a link.

use super::{Edge, EdgeKind, Fault, Graph, Links, Resolved, Resolver, Target, Wanted};
use crate::id::name_key;
use crate::index::NoteIndex;
use crate::markdown::{BlockKind, Form, Link, NONE};
use crate::note::{Kind, Note};
use crate::schema::Section;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Resolves the links of one note.
pub(super) fn resolve_all(resolver: &Resolver<'_>, i: NoteIndex) -> Links {
    resolver.notes[i as usize].doc.links.iter().map(|link| resolver.resolve(i, link)).collect()
}

pub(super) fn build(notes: &[Note], links: Vec<Links>) -> Graph {
    let mut graph = Graph { keys: keys(notes), links, ..Graph::default() };
    for (i, note) in notes.iter().enumerate() {
        let start = graph.edges.len() as u32;
        let mut own = edges_of(i as NoteIndex, note, &graph.links[i]);
        own.sort_by_key(|e| (e.target, e.kind, e.link));
        own.dedup_by_key(|e| (e.target, e.kind));
        graph.edges.extend(own);
        graph.outgoing.push(start..graph.edges.len() as u32);
    }
    graph.incoming = vec![Vec::new(); notes.len()];
    for (e, edge) in graph.edges.iter().enumerate() {
        graph.incoming[edge.target as usize].push(e as u32);
    }
    (graph.wanted, graph.rank) = rayon::join(|| wanted(notes, &graph.links), || rank(notes, &graph));
    graph
}

/// Whether a note that was edited adds to the graph what it added before: the same edges, the same missed notes.
pub(super) fn adds_the_same(
    i: NoteIndex,
    (old, old_links): (&Note, &[Resolved]),
    (new, new_links): (&Note, &[Resolved]),
) -> bool {
    let misses = |note: &Note, links: &[Resolved]| -> Vec<(String, Form)> {
        let broken = note.doc.links.iter().zip(links).filter(|(_, r)| matches!(r.target, Target::Broken(_)));
        broken.map(|(link, _)| (link.text.clone(), link.form)).collect()
    };
    let todos = |note: &Note| -> Vec<(String, u32)> {
        note.doc.todos.iter().map(|todo| (todo.name.clone(), todo.link)).collect()
    };
    old_links == new_links
        && edges_of(i, old, old_links) == edges_of(i, new, new_links)
        && misses(old, old_links) == misses(new, new_links)
        && todos(old) == todos(new)
}

/// Ids where they are unique so far, else paths.
fn keys(notes: &[Note]) -> Vec<String> {
    let mut taken = rustc_hash::FxHashSet::default();
    notes
        .iter()
        .map(|note| match &note.head.id {
            Some(id) if note.is_note() && taken.insert(id.clone()) => id.clone(),
            _ => note.stem.clone(),
        })
        .collect()
}

fn edges_of(source: NoteIndex, note: &Note, links: &[Resolved]) -> Vec<Edge> {
    let edge = |(i, resolved): (usize, &Resolved)| {
        let link = &note.doc.links[i];
        let Target::Note(target) = resolved.target else { return None };
        let kind = kind_of(note, link);
        (target != source).then_some(Edge { source, target, kind, link: i as u32 })
    };
    links.iter().enumerate().filter_map(edge).collect()
}

/// What a link says by its form and the section it stands in.
fn kind_of(note: &Note, link: &Link) -> EdgeKind {
    match link.form {
        Form::Field => return EdgeKind::About,
        Form::Embed => return EdgeKind::Embeds,
        _ => {}
    }
    let section = note.doc.sections_at(link.heading).next();
    match section {
        Some(Section::Prerequisites) => EdgeKind::Requires,
        Some(Section::Related) => EdgeKind::Related,
        Some(Section::Compare) => EdgeKind::Contrasts,
        _ => EdgeKind::Mentions,
    }
}

/// Missed notes: planned ones by name, broken links to Markdown by the path or name they expect.
fn wanted(notes: &[Note], links: &[Links]) -> Vec<Wanted> {
    #[derive(Default)]
    struct Entry {
        names: BTreeMap<String, usize>,
        path: Option<String>,
        from: Vec<NoteIndex>,
        broken: bool,
    }
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut add = |key: String, name: &str, path: Option<String>, from: usize, broken: bool| {
        let entry = entries.entry(key).or_default();
        *entry.names.entry(name.to_string()).or_default() += 1;
        entry.path = entry.path.take().or(path);
        entry.broken |= broken;
        if entry.from.last() != Some(&(from as NoteIndex)) {
            entry.from.push(from as NoteIndex);
        }
    };
    for (i, note) in notes.iter().enumerate() {
        for todo in
            note.doc.todos.iter().filter(|t| t.link == NONE || links[i][t.link as usize].target == Target::Planned)
        {
            add(name_key(&todo.name), &todo.name, None, i, false);
        }
        for (link, resolved) in note.doc.links.iter().zip(&links[i]) {
            let Target::Broken(Fault::Missing(path)) = &resolved.target else { continue };
            if link.form.is_media()
                || (path.contains('.') && !path.ends_with(".md") && !matches!(link.form, Form::Wiki | Form::Embed))
            {
                continue;
            }
            let name = if link.text.is_empty() || link.form == Form::Field { path.clone() } else { link.text.clone() };
            add(format!("path {path}"), &name, Some(path.clone()), i, true);
        }
    }
    let mut wanted: Vec<Wanted> = entries
        .into_values()
        .map(|entry| Wanted {
            name: entry
                .names
                .iter()
                .max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())))
                .map(|(n, _)| n.clone())
                .unwrap_or_default(),
            path: entry.path,
            from: entry.from,
            planned: !entry.broken,
        })
        .collect();
    wanted.sort_by(|a, b| {
        b.from.len().cmp(&a.from.len()).then_with(|| a.name.cmp(&b.name)).then_with(|| a.path.cmp(&b.path))
    });
    wanted
}

/// PageRank (Brin and Page 1998) by power iteration over the notes' edges, in a fixed order of additions.
fn rank(notes: &[Note], graph: &Graph) -> Vec<f64> {
    const DAMPING: f64 = 0.85;
    const ROUNDS: usize = 30;
    let members: Vec<usize> = notes.iter().enumerate().filter(|(_, n)| n.kind == Kind::Note).map(|(i, _)| i).collect();
    let place: FxHashMap<usize, usize> = members.iter().enumerate().map(|(p, &i)| (i, p)).collect();
    let mut out: Vec<Vec<usize>> = Vec::with_capacity(members.len());
    for &i in &members {
        let mut targets: Vec<usize> =
            graph.from(i as NoteIndex).iter().filter_map(|e| place.get(&(e.target as usize)).copied()).collect();
        targets.dedup();
        out.push(targets);
    }
    let count = members.len().max(1) as f64;
    let mut rank = vec![1.0 / count; members.len()];
    for _ in 0..ROUNDS {
        let loose: f64 = out.iter().zip(&rank).filter(|(targets, _)| targets.is_empty()).map(|(_, r)| r).sum();
        let mut next = vec![(1.0 - DAMPING + DAMPING * loose) / count; members.len()];
        for (targets, r) in out.iter().zip(&rank) {
            for &t in targets {
                next[t] += DAMPING * r / targets.len() as f64;
            }
        }
        rank = next;
    }
    let mut all = vec![0.0; notes.len()];
    for (p, &i) in members.iter().enumerate() {
        all[i] = (rank[p] * 1e6).round() / 1e6;
    }
    all
}

/// The sentence, list item or table row in which a link stands.
pub fn context(note: &Note, link: &Link) -> String {
    if link.block == NONE {
        return String::new();
    }
    let block = &note.doc.blocks[link.block as usize];
    let text = note.doc.plain(block.text);
    let own_end = match note.doc.children(link.block as usize).find(|&c| note.doc.blocks[c].text.start > link.plain.end)
    {
        Some(child) => (note.doc.blocks[child].text.start - block.text.start) as usize,
        None => text.len(),
    };
    let text = text[..own_end.min(text.len())].trim_end();
    let piece = match block.kind {
        BlockKind::Paragraph => sentence(text, (link.plain.start.saturating_sub(block.text.start)) as usize),
        _ => text,
    };
    piece.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The sentence of `text` around an offset.
fn sentence(text: &str, at: usize) -> &str {
    use unicode_segmentation::UnicodeSegmentation;
    let found = text.split_sentence_bound_indices().find(|(start, s)| *start <= at && at < start + s.len());
    found.map_or(text, |(_, s)| s)
}

/// What stands behind the dash after a link: the difference to the note it is compared with.
pub fn difference(note: &Note, link: &Link) -> String {
    if link.block == NONE {
        return String::new();
    }
    let block = &note.doc.blocks[link.block as usize];
    let end = note
        .doc
        .children(link.block as usize)
        .map(|c| note.doc.blocks[c].text.start)
        .find(|&s| s > link.plain.end)
        .unwrap_or(block.text.end);
    let rest = &note.doc.text[link.plain.end as usize..(end as usize).max(link.plain.end as usize)];
    let rest = rest.trim_start();
    let behind = ["—", "–", "--", "-", ":"].iter().find_map(|dash| rest.strip_prefix(dash));
    behind.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}
