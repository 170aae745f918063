//! Rules on the position of a note in the graph: no relations, no incoming links, prerequisite cycles, one-way
//! relations.

use super::{Check, Context, Rule, sections};
use crate::base::graph::{Edge, EdgeKind};
use crate::base::site::Site;
use crate::config::schema::Section;
use crate::note::Kind;
use crate::text::diagnostic::{Diagnostic, MAX_RELATED, Severity};
use crate::text::ids::{HeadingId, NoteId};
use crate::text::source::{FileId, Span};
use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// The rule `unconnected-note`.
pub(super) const UNCONNECTED_NOTE: Rule = Rule {
    id: "unconnected-note",
    severity: Severity::Warning,
    summary: "a note with no prerequisite and no related topic",
    explanation: include_str!("unconnected-note.md"),
    checks: &[Check::Note(unconnected)],
};

/// The rule `orphan-note`.
pub(super) const ORPHAN_NOTE: Rule = Rule {
    id: "orphan-note",
    severity: Severity::Warning,
    summary: "a note that no other note or landing page links to",
    explanation: include_str!("orphan-note.md"),
    checks: &[Check::Note(orphan)],
};

/// The rule `prerequisite-cycle`.
pub(super) const PREREQUISITE_CYCLE: Rule = Rule {
    id: "prerequisite-cycle",
    severity: Severity::Error,
    summary: "notes that are prerequisites of each other",
    explanation: include_str!("prerequisite-cycle.md"),
    checks: &[Check::Base(cycles)],
};

/// The rule `one-way-relation`.
pub(super) const ONE_WAY_RELATION: Rule = Rule {
    id: "one-way-relation",
    severity: Severity::Off,
    summary: "a related note that does not list this one",
    explanation: include_str!("one-way-relation.md"),
    checks: &[Check::Note(one_way)],
};

/// The rule `undervalued-prerequisite`.
pub(super) const UNDERVALUED_PREREQUISITE: Rule = Rule {
    id: "undervalued-prerequisite",
    severity: Severity::Info,
    summary: "a prerequisite rated more than 20 points below a note that requires it",
    explanation: include_str!("undervalued-prerequisite.md"),
    checks: &[Check::Note(undervalued)],
};

/// The tolerated difference in importance between a prerequisite and a note that requires it.
const GAP: u8 = 20;

/// The location of the link that created an edge.
fn place(site: &Site, edge: &Edge) -> (FileId, Span) {
    let note = site.note(edge.source);
    (note.file, note.doc.links[edge.link].dest_span)
}

fn unconnected(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let is_relation = |s: Section| matches!(s, Section::Prerequisites | Section::Related);
    if !own.is_note() || own.doc.cut_off.is_some() {
        return;
    }
    // Types without relation sections (`question`, `case`) may be unconnected.
    let wants = site.requirements(own).is_some_and(|required| required.sections.iter().any(|s| is_relation(*s)));
    let mut headings = own.doc.headings.iter_enumerated().filter(|(_, h)| h.top && h.section.is_some_and(is_relation));
    let text = &site.source(note).text;
    let says_something = |(heading, _): (HeadingId, _)| !sections::says_nothing(text, &own.doc, heading);
    if !wants || headings.any(says_something) {
        return;
    }
    let (file, span) = site.title_place(note);
    out.push(Diagnostic::new(
        UNCONNECTED_NOTE.id,
        file,
        span,
        "this note has no prerequisite and no related topic",
        "list what must be known first and what is related, `(TODO) name` for what is not written yet, or `N/A`",
    ));
}

fn orphan(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    // Alias notes are redirects, and pages are in no index of concepts: their links do not lead a reader to the note.
    let links_count = |e: &Edge| matches!(site.note(e.source).kind, Kind::Note | Kind::Landing);
    if !site.note(note).is_note() || site.graph.to(note).any(links_count) {
        return;
    }
    let (file, span) = site.title_place(note);
    let message = "no other note or landing page links to this note";
    let help = "link to it where a reader would need it, or from its folder's landing page";
    out.push(Diagnostic::new(ORPHAN_NOTE.id, file, span, message, help));
}

fn cycles(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for cycle in site.order.cycles.iter() {
        let ring = &cycle.shortest;
        let next = |i: usize| ring[(i + 1) % ring.len()];
        let edge =
            |i: usize| site.graph.from(ring[i]).iter().find(|e| e.kind == EdgeKind::Requires && e.target == next(i));
        let spot = |i: usize| edge(i).map_or_else(|| site.title_place(ring[i]), |e| place(site, e));
        let title = |n: NoteId| site.note(n).title.as_str();
        let mut message = format!("prerequisites form a cycle: {}", circle(ring.iter().map(|&n| title(n))));
        if cycle.members.len() > ring.len() {
            message.push_str(&format!(" ({} notes in all)", cycle.members.len()));
        }
        let (file, span) = spot(0);
        let help = "remove the prerequisite that is not needed to understand the note, or make it a related topic";
        let found = Diagnostic::new(PREREQUISITE_CYCLE.id, file, span, message, help).related_all(1..ring.len(), |i| {
            let (file, span) = spot(i);
            (file, span, format!("{} requires {}", title(ring[i]), title(next(i))))
        });
        let in_ring: FxHashSet<NoteId> = ring.iter().copied().collect();
        let others = cycle.members.iter().copied().filter(|m| !in_ring.contains(m));
        out.push(found.related_all(others, |other| {
            let (file, span) = site.title_place(other);
            (file, span, "is part of the same cycle".into())
        }));
    }
}

/// A cycle as text, `A → B → A`. Long cycles are shortened: `A → B → … 990 more → A`.
pub(super) fn circle<'a>(mut names: impl ExactSizeIterator<Item = &'a str> + Clone) -> String {
    let (first, more) = (names.clone().next().unwrap_or_default(), names.len().saturating_sub(MAX_RELATED));
    let mut shown: Vec<Cow<'_, str>> = names.by_ref().take(MAX_RELATED).map(Cow::from).collect();
    shown.extend((more > 0).then(|| format!("… {more} more").into()));
    format!("{} → {first}", shown.join(" → "))
}

fn one_way(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    if !site.note(note).is_note() {
        return;
    }
    for edge in site.graph.from(note).iter().filter(|e| e.kind == EdgeKind::Related) {
        let other = site.note(edge.target);
        let returned = site.graph.from(edge.target).iter().any(|e| e.target == note && e.kind == EdgeKind::Related);
        // Only notes have relations: a related landing page need not list this note.
        if other.is_note() && !returned {
            let (file, span) = place(site, edge);
            let message = format!("{} does not list this note as related", other.title);
            let help = format!("add it to the related topics of `{}.md`", other.stem);
            out.push(Diagnostic::new(ONE_WAY_RELATION.id, file, span, message, help));
        }
    }
}

fn undervalued(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let Some(own) = site.note(note).head.importance.filter(|_| site.note(note).is_note()) else { return };
    let requiring = site.graph.to(note).filter(|e| e.kind == EdgeKind::Requires);
    let rated = requiring.filter_map(|e| Some((site.note(e.source).head.importance?, e)));
    let Some((most, edge)) = rated.max_by_key(|(importance, e)| (*importance, std::cmp::Reverse(e.source))) else {
        return;
    };
    if most <= own.saturating_add(GAP) {
        return;
    }
    let (file, span) = place(site, edge);
    let message = format!("rated {own}, but {} (rated {most}) requires it", site.note(edge.source).title);
    let help = format!("a prerequisite of an important note is important too: raise it to {} or more", most - GAP);
    let found = Diagnostic::new(
        UNDERVALUED_PREREQUISITE.id,
        site.note(note).file,
        site.field_place(note, "importance"),
        message,
        help,
    );
    out.push(found.related(file, span, "required here"));
}
