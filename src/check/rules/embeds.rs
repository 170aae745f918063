//! Rules on embeds that cannot be shown: missing targets, nesting beyond the limit, cycles.

use super::paths::links;
use super::suggest::Catalog;
use super::{Rule, Scope, anchors, broken_link, link_faults, relations};
use crate::base::embeds::MAX_EMBEDS as DEEPEST;
use crate::base::graph::{Edge, EdgeKind, Fault, Resolved, Target};
use crate::base::index::NoteIndex;
use crate::base::site::Site;
use crate::note::markdown::{Link, LinkSyntax};
use crate::text::diagnostic::{Diagnostic, Severity};

/// The rule `broken-embed`.
pub(super) const BROKEN_EMBED: Rule = Rule {
    id: "broken-embed",
    severity: Severity::Error,
    summary: "an embed whose note or section does not exist",
    explanation: include_str!("broken-embed.md"),
    scope: Scope::Base(broken),
};

/// The rule `embed-cycle`.
pub(super) const EMBED_CYCLE: Rule = Rule {
    id: "embed-cycle",
    severity: Severity::Error,
    summary: "notes that embed each other in a cycle",
    explanation: include_str!("embed-cycle.md"),
    scope: Scope::Base(cycles),
};

/// Whether the name of an embed is that of an image or a further file, not of a note. The extension decides: `v1.0
/// notes` is a note, `chart.png` a file.
pub(super) fn is_file(link: &Link) -> bool {
    let name = link.dest.split('#').next().unwrap_or("").trim();
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && extension != "md"
            && (2..=5).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn broken(site: &Site, out: &mut Vec<Diagnostic>) {
    let mut catalog = None;
    for (note, _) in site.all() {
        for (link, resolved) in links(site, note).filter(|(l, _)| l.form == LinkSyntax::Embed) {
            let Some((message, help)) = fault(site, &mut catalog, note, link, resolved) else { continue };
            out.push(Diagnostic::new(BROKEN_EMBED.id, site.note(note).file, link.dest_span, message, help));
        }
    }
    too_deep(site, out);
}

fn fault<'a>(
    site: &'a Site,
    catalog: &mut Option<Catalog<'a>>,
    note: NoteIndex,
    link: &Link,
    resolved: &Resolved,
) -> Option<(String, String)> {
    match &resolved.target {
        Target::Broken(Fault::Missing(wanted)) if !is_file(link) => {
            let unsafe_one = link_faults::unsafe_scheme(link, resolved).is_some();
            let catalog = catalog.get_or_insert_with(|| Catalog::new(site));
            let (help, _) = broken_link::remedy(catalog, note, link, wanted);
            (!unsafe_one).then(|| (broken_link::missing(link.form, wanted), help))
        }
        Target::Note(target) if resolved.broken_anchor => {
            let (message, help, _) = anchors::judge(site, note, *target, &resolved.fragment, true);
            Some((message, help))
        }
        Target::Page(_) | Target::External(_) => {
            Some(("only notes and pictures can be embedded".into(), "link to it: `[[…]]`".into()))
        }
        _ => None,
    }
}

fn embeds(site: &Site, note: NoteIndex) -> impl Iterator<Item = &Edge> {
    site.graph.from(note).iter().filter(|e| e.kind == EdgeKind::Embeds)
}

/// Reports embeds with more than [`DEEPEST`] levels below. Notes in a cycle are left to `embed-cycle`.
fn too_deep(site: &Site, out: &mut Vec<Diagnostic>) {
    let looping = looping(site);
    let mut depth: Vec<Option<usize>> = vec![None; site.notes.len()];
    for (note, _) in site.all() {
        let below = height(site, note, &looping, &mut depth, 0);
        if below > DEEPEST
            && let Some(edge) = embeds(site, note).find(|e| depth[e.target as usize] == Some(below - 1))
        {
            let link = &site.note(note).doc.links[edge.link as usize];
            let message = format!("embeds are nested {below} levels deep; only {DEEPEST} levels are shown");
            let help = "link to the inner note instead of embedding it";
            out.push(Diagnostic::new(BROKEN_EMBED.id, site.note(note).file, link.dest_span, message, help));
        }
    }
}

/// The number of embed levels below a note. The recursion stops at 100 levels, which is beyond the limit anyway, to
/// protect the stack.
fn height(site: &Site, note: NoteIndex, looping: &[bool], known: &mut Vec<Option<usize>>, level: usize) -> usize {
    if let Some(height) = known[note as usize] {
        return height;
    }
    if looping[note as usize] || level > 100 {
        return 0;
    }
    let targets: Vec<NoteIndex> = embeds(site, note).map(|e| e.target).collect();
    let below = targets.into_iter().map(|t| 1 + height(site, t, looping, known, level + 1)).max().unwrap_or(0);
    known[note as usize] = Some(below);
    below
}

/// For each note, whether it is part of an embed cycle.
fn looping(site: &Site) -> Vec<bool> {
    let mut looping = vec![false; site.notes.len()];
    for cycle in found_cycles(site) {
        for edge in cycle {
            looping[edge.source as usize] = true;
        }
    }
    looping
}

fn cycles(site: &Site, out: &mut Vec<Diagnostic>) {
    for cycle in found_cycles(site) {
        let titles = cycle.iter().map(|e| site.note(e.source).title.as_str());
        let message = format!("embeds form a cycle: {}", relations::circle(titles));
        let place = |e: &Edge| (site.note(e.source).file, site.note(e.source).doc.links[e.link as usize].dest_span);
        let (file, span) = place(cycle[0]);
        let help = "replace one of the embeds by a link";
        let found = Diagnostic::new(EMBED_CYCLE.id, file, span, message, help);
        out.push(found.related_all(&cycle[1..], |edge| {
            let (file, span) = place(edge);
            (file, span, "the cycle continues here".into())
        }));
    }
    self_embeds(site, out);
}

/// Reports notes that embed themselves directly.
fn self_embeds(site: &Site, out: &mut Vec<Diagnostic>) {
    for (note, own) in site.all() {
        let own_embed = |(l, r): &(&Link, &Resolved)| l.form == LinkSyntax::Embed && r.target == Target::Note(note);
        for (link, _) in links(site, note).filter(own_embed) {
            let help = "a note cannot contain itself: link to the section instead";
            out.push(Diagnostic::new(EMBED_CYCLE.id, own.file, link.dest_span, "this note embeds itself", help));
        }
    }
}

/// One cycle for each strongly connected set of notes, as the embeds along it.
fn found_cycles(site: &Site) -> Vec<Vec<&Edge>> {
    let with_embeds: Vec<NoteIndex> =
        site.all().map(|(n, _)| n).filter(|&n| embeds(site, n).next().is_some()).collect();
    let mut state: Vec<u8> = vec![0; site.notes.len()];
    let mut found = Vec::new();
    for start in with_embeds {
        // Depth-first search with an explicit stack: each entry is a note and the number of its embeds already
        // followed. States: 0 unvisited, 1 on the path, 2 done.
        let mut path: Vec<(NoteIndex, usize)> = if state[start as usize] == 0 { vec![(start, 0)] } else { continue };
        state[start as usize] = 1;
        while let Some((note, taken)) = path.last().copied() {
            let Some(edge) = embeds(site, note).nth(taken) else {
                state[note as usize] = 2;
                path.pop();
                continue;
            };
            path.last_mut().expect("the path was not empty").1 += 1;
            match state[edge.target as usize] {
                0 => {
                    state[edge.target as usize] = 1;
                    path.push((edge.target, 0));
                }
                1 => {
                    let from = path.iter().position(|(n, _)| *n == edge.target).unwrap_or(0);
                    found.push(path[from..].iter().filter_map(|(n, t)| embeds(site, *n).nth(t - 1)).collect());
                }
                _ => {}
            }
        }
    }
    found
}
