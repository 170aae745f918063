//! The page of a note: its fields, relations and neighbours.

use super::sections::layout_sections;
use super::*;
use crate::base::graph::{Edge, EdgeKind, Fault, Target, context, difference};
use crate::base::routes::markdown_copy;
use crate::config::schema::Section;
use crate::note::markdown::Heading;
use crate::note::sections::shortened;
use crate::text::html_escape::escaped;
use crate::text::slug::slug;

/// The maximum number of backlinks that are visible at first.
const BACKLINKS: usize = 50;
/// The maximum number of further backlinks, which are folded.
const BACKLINKS_FOLDED: usize = 200;
/// The maximum number of characters of a linking note's summary.
const BACKLINK_SUMMARY: usize = 140;
/// The maximum number of notes under "Next to learn".
const NEXT: usize = 6;

impl Composer {
    pub(super) fn note_page(&self, path: &str, i: NoteId) -> Result<String, TemplateError> {
        let note = self.site.note(i);
        let view = self.note_view(path, i);
        let mut page = self.page(path, PageKind::Note, &note.title, &note.summary)?;
        self.add_subject(&mut page, note);
        page.toc = toc(&view.sections, note);
        page.edit_url = self.edit_url(note);
        page.markdown_url = markdown_copy(path).map(|md| relative_url(path, &md));
        self.renderer.render(&page, &View::Note(&view))
    }

    fn note_view(&self, path: &str, i: NoteId) -> NoteView {
        let note = self.site.note(i);
        let head = &note.head;
        let layout = layout_sections(&self.writer(path), i);
        let to = |facet: Facet| facet.of(note).map(|value| self.group_url(path, facet, value));
        let (backlinks, backlinks_more) = self.backlinks(path, i);
        let (next_to_learn, next_more) = self.next_to_learn(path, i);
        let (previous, next) = self.neighbours(path, i);
        NoteView {
            id: self.site.graph.keys[i].to_string(),
            title: note.title.clone(),
            kind: head.kind.clone().unwrap_or_default(),
            status: head.status.clone().unwrap_or_default(),
            difficulty: head.difficulty.clone().unwrap_or_default(),
            difficulty_level: self.site.schema.difficulty_level(head.difficulty.as_deref()),
            importance: head.importance,
            type_url: to(Facet::Type),
            status_url: to(Facet::Status),
            difficulty_url: to(Facet::Difficulty),
            importance_url: head.importance.map(|_| relative_url(path, PageKind::Importance.path())),
            tags: self.tag_links(path, &head.tags),
            aliases: head.aliases.clone(),
            created: head.created.map(|d| d.to_string()).unwrap_or_default(),
            updated: head.updated.map(|d| d.to_string()).unwrap_or_default(),
            reading_minutes: note.reading_minutes(),
            card_count: note.cards.iter().filter(|c| c.answered).count(),
            canonical: self.canonical(path, i),
            definition: note.definition.clone().unwrap_or_default(),
            tldr_html: layout.tldr_html,
            anchors: layout.anchors,
            intro_html: layout.intro_html,
            sections: layout.sections,
            footnotes_html: self.writer(path).footnotes(i, &super::sections::shown(&note.doc)),
            read_first: self.relations(path, i, Section::Prerequisites),
            related: self.relations(path, i, Section::Related),
            contrasts: self.relations(path, i, Section::Compare),
            links_html: layout.links_html,
            next_to_learn,
            next_more,
            backlinks,
            backlinks_more,
            about: self
                .site
                .graph
                .to(i)
                .filter(|e| e.kind == EdgeKind::About)
                .map(|e| self.row(path, e.source))
                .collect(),
            previous,
            next,
            graph: self.local_graph(path, i),
            path: self.path_panel(path, i),
            extra: head.extra.clone(),
            ..NoteView::default()
        }
    }

    pub(super) fn tag_links(&self, path: &str, tags: &[String]) -> Vec<TagLink> {
        let link = |name: &String| {
            let slug = slug(name);
            let tag = self.site.index.tags.get(&slug);
            TagLink {
                name: tag.map_or_else(|| name.clone(), |t| t.name.clone()),
                url: relative_url(path, &crate::base::routes::tag_page(&slug)),
                count: tag.map_or(0, |t| t.notes.len()),
            }
        };
        tags.iter().map(link).collect()
    }

    /// The canonical note that a non-canonical note links to.
    fn canonical(&self, path: &str, i: NoteId) -> Option<Link> {
        // `canonical: false` requires exactly one link to a note (rule `canonical-conflict`); the first is used.
        if self.site.note(i).head.canonical {
            return None;
        }
        let links = &self.site.graph.links[i];
        let target = links.iter().find_map(|r| match r.target {
            Target::Note(t) if t != i => Some(t),
            _ => None,
        })?;
        Some(self.link(path, target))
    }

    pub(super) fn link(&self, path: &str, i: NoteId) -> Link {
        Link { title: self.site.note(i).title.clone(), url: relative_url(path, &self.site.routes.notes[i]) }
    }

    /// The links of a relation section in order, including planned and broken ones.
    fn relations(&self, path: &str, i: NoteId, section: Section) -> Vec<Relation> {
        let note = self.site.note(i);
        let within = |heading: Option<HeadingId>, text: u32| note.doc.section_at(heading, text) == Some(section);
        let mut found: Vec<(u32, Relation)> = Vec::new();
        let mut seen = Vec::new();
        for (l, link) in note.doc.links.iter_enumerated().filter(|(_, l)| within(l.heading, l.plain.start)) {
            let target = &self.site.graph.links[i][l].target;
            // An external page is no note to read first: its link remains in the text. Two links to the same target
            // are one relation; planned notes have no target to compare.
            let is_outside = section == Section::Prerequisites && matches!(target, Target::External(_));
            if is_outside || link.form.is_media() || seen.contains(&target) && !matches!(target, Target::Planned) {
                continue;
            }
            seen.push(target);
            found.push((link.span.start, self.relation(path, i, l)));
        }
        for todo in note.doc.todos.iter().filter(|t| t.link.is_none()) {
            let block = note.doc.blocks.iter().find(|b| b.span.contains(todo.span));
            if block.is_some_and(|b| within(b.heading, b.text.start)) {
                let relation = Relation { title: todo.name.clone(), state: "planned".into(), ..Relation::default() };
                found.push((todo.span.start, relation));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, relation)| relation).collect()
    }

    fn relation(&self, path: &str, i: NoteId, l: LinkId) -> Relation {
        let note = self.site.note(i);
        let link = &note.doc.links[l];
        let resolved = self.site.graph.resolved(i, l);
        let mut relation = Relation {
            title: link.text.clone(),
            difference: difference(note, link),
            state: "ok".into(),
            ..Relation::default()
        };
        match &resolved.target {
            Target::Note(target) => {
                relation = Relation { difference: relation.difference, ..self.relation_to(path, *target) };
            }
            Target::External(url) => relation.url = Some(url.clone()),
            Target::Page(to) | Target::Static(to) => relation.url = Some(relative_url(path, to)),
            Target::Asset(file) => {
                relation.url = Some(relative_url(path, &crate::text::paths::nfc(&self.site.vault.file(*file).path)))
            }
            Target::Planned | Target::Draft => relation.state = "planned".into(),
            Target::Broken(fault) => {
                relation.state = "broken".into();
                relation.reason = match fault {
                    Fault::Missing(missing) => format!("{} {missing}", self.t("broken_reason")),
                    _ => self.t("broken_link").to_string(),
                };
            }
        }
        relation
    }

    /// The relation to a note.
    fn relation_to(&self, path: &str, i: NoteId) -> Relation {
        let note = self.site.note(i);
        let Link { title, url } = self.link(path, i);
        Relation {
            title,
            url: Some(url),
            state: "ok".into(),
            summary: note.brief.clone(),
            kind: note.head.kind.clone().unwrap_or_default(),
            importance: note.head.importance,
            ..Relation::default()
        }
    }

    fn next_to_learn(&self, path: &str, i: NoteId) -> (Vec<Relation>, usize) {
        let mut notes: Vec<NoteId> = self
            .site
            .graph
            .to(i)
            .filter(|e| e.kind == EdgeKind::Requires && self.site.note(e.source).is_note())
            .map(|e| e.source)
            .collect();
        notes.sort_by_key(|&n| self.site.index.rank[n]);
        let more = notes.len().saturating_sub(NEXT);
        notes.truncate(NEXT);
        (notes.into_iter().map(|n| self.relation_to(path, n)).collect(), more)
    }

    /// The links from different notes and pages, grouped by kind: those of the most important notes, which are visible, and
    /// the folded ones.
    fn backlinks(&self, path: &str, i: NoteId) -> (Vec<Backlink>, Vec<Backlink>) {
        let mut edges: Vec<&Edge> = self
            .site
            .graph
            .to(i)
            .filter(|e| matches!(self.site.note(e.source).kind, Kind::Note | Kind::Page))
            .collect();
        edges.sort_by_key(|e| (self.site.index.rank[e.source], e.kind));
        // A note that links several times is listed once, with its strongest kind of edge: `sort_by_key` put the
        // strongest kind first.
        let mut seen = rustc_hash::FxHashSet::default();
        edges.retain(|e| seen.insert(e.source));
        let mut folded = edges.split_off(edges.len().min(BACKLINKS));
        folded.truncate(BACKLINKS_FOLDED);
        let grouped = |mut edges: Vec<&Edge>| {
            // Stable, so that important notes come first in each group.
            edges.sort_by_key(|e| e.kind);
            let before = [None].into_iter().chain(edges.iter().map(|e| Some(e.kind)));
            edges.iter().zip(before).map(|(e, before)| self.backlink(path, e, before != Some(e.kind))).collect()
        };
        (grouped(edges), grouped(folded))
    }

    fn backlink(&self, path: &str, edge: &Edge, starts_group: bool) -> Backlink {
        let source = self.site.note(edge.source);
        let link = &source.doc.links[edge.link];
        let (words, own) = context(source, link);
        // A context that is only the link itself says no more than the title of the note.
        let marked = match !own.is_empty() && own.len() < words.len() {
            true => format!(
                "{}<mark>{}</mark>{}",
                escaped(&words[..own.start]),
                escaped(&words[own.clone()]),
                escaped(&words[own.end..])
            ),
            false => String::new(),
        };
        let own = self.link(path, edge.source);
        let summary = if marked.is_empty() { shortened(&source.brief, BACKLINK_SUMMARY) } else { String::new() };
        let kind = edge.kind.name().into();
        Backlink { title: own.title, url: own.url, kind, starts_group, context_html: marked, summary }
    }

    /// The notes before and after this one in the learning order of its folder.
    fn neighbours(&self, path: &str, i: NoteId) -> (Option<Link>, Option<Link>) {
        // A page that is no concept note is not in the order.
        let Some(at) = self.shared.place[i] else { return (None, None) };
        let near = |at: Option<OrderId>| {
            let n = *self.shared.order.get(at?)?;
            // The order covers the whole base. The buttons must not lead to a different folder.
            (self.site.note(n).folder() == self.site.note(i).folder()).then(|| self.link(path, n))
        };
        (near(at.before()), near(Some(at.next())))
    }

    fn local_graph(&self, path: &str, i: NoteId) -> Option<LocalGraph> {
        let mut seen = rustc_hash::FxHashSet::from_iter([i]);
        let mut near: Vec<(EdgeKind, NoteId)> = Vec::new();
        let own = self.site.graph.from(i).iter().map(|e| (e.kind, e.target));
        let back = self.site.graph.to(i).map(|e| (e.kind, e.source));
        for (kind, n) in own.chain(back) {
            if self.site.note(n).is_note() && seen.insert(n) {
                near.push((kind, n));
            }
        }
        // Before the limit, so that prerequisites and important notes remain.
        near.sort_by_key(|(kind, n)| (*kind, self.site.index.rank[*n]));
        near.truncate(LOCAL_GRAPH_LIMIT);
        let neighbours: Vec<Neighbour> = near
            .iter()
            .map(|(kind, n)| {
                let link = self.link(path, *n);
                (link.title, link.url, kind.name().to_string())
            })
            .collect();
        let mut graph = format!("{}?note=", relative_url(path, PageKind::Graph.path()));
        encode_path(&self.site.routes.notes[i], &mut graph);
        LocalGraph::around(&self.site.note(i).title, &neighbours, &graph)
    }
}

/// The headings of two levels for "On this page".
fn toc(sections: &[SectionView], note: &Note) -> Vec<TocEntry> {
    let entry = |s: &SectionView, level| TocEntry { level, title: s.title.clone(), anchor: s.anchor.clone() };
    let mut entries = Vec::new();
    for section in sections {
        entries.push(entry(section, 2));
        entries.extend(section.children.iter().map(|child| entry(child, 3)));
    }
    // Headings in quotes, lists and raw HTML are no sections.
    let headings = &note.doc.headings;
    let place = |anchor: &str| headings.position(|h| *h.anchor == *anchor);
    let is_enclosed = |(h, heading): &(HeadingId, &Heading)| {
        Some(*h) != note.title_heading && !heading.top && is_in_contents(&note.doc, heading)
    };
    for (h, heading) in headings.iter_enumerated().filter(is_enclosed) {
        let before = entries.iter().rposition(|entry: &TocEntry| place(&entry.anchor).is_some_and(|p| p < h));
        let (level, title, anchor) = (heading.shown, heading.text.to_string(), heading.anchor.to_string());
        entries.insert(before.map_or(0, |before| before + 1), TocEntry { level, title, anchor });
    }
    entries
}
