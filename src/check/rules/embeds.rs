//! Rules on embeds that cannot be shown: missing targets, nesting beyond the limit, cycles.

use super::paths::links;
use super::suggest::Catalog;
use super::{Check, Context, Rule, anchors, broken_link, link_faults, relations};
use crate::base::embeds::{MAX_EMBEDS as DEEPEST, place, shown};
use crate::base::graph::{Fault, Resolved, Target};
use crate::base::site::Site;
use crate::note::markdown::{Link, LinkSyntax};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::{LinkId, NoteId};
use rustc_hash::{FxHashMap, FxHashSet};

/// The rule `broken-embed`.
pub(super) const BROKEN_EMBED: Rule = Rule {
    id: "broken-embed",
    severity: Severity::Error,
    summary: "an embed whose note or section does not exist",
    explanation: include_str!("broken-embed.md"),
    checks: &[Check::Base(broken)],
};

/// The rule `embed-cycle`.
pub(super) const EMBED_CYCLE: Rule = Rule {
    id: "embed-cycle",
    severity: Severity::Error,
    summary: "notes that embed each other in a cycle",
    explanation: include_str!("embed-cycle.md"),
    checks: &[Check::Base(cycles)],
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

fn broken(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
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
    note: NoteId,
    link: &Link,
    resolved: &Resolved,
) -> Option<(String, String)> {
    match &resolved.target {
        Target::Broken(Fault::Missing(wanted)) if !is_file(link) => {
            // `unsafe-scheme` reports such an embed already.
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

/// A text that embeds show: a note and the start and end of the text in its HTML.
type Text = (NoteId, u32, u32);

/// An embed that shows something.
#[derive(Clone, Copy)]
struct Embed {
    note: NoteId,
    link: LinkId,
    /// Where it is in the HTML of its note.
    at: u32,
    shows: Text,
}

/// All embeds that show something, by note.
struct Embeds(FxHashMap<NoteId, Vec<Embed>>);

impl Embeds {
    fn new(site: &Site) -> Embeds {
        let of_note = |note: NoteId| -> Vec<Embed> {
            let doc = &site.note(note).doc;
            let all = doc.links.iter_enumerated().filter(|(_, link)| link.form == LinkSyntax::Embed);
            all.filter_map(|(i, link)| {
                let resolved = site.graph.resolved(note, i);
                let Target::Note(target) = resolved.target else { return None };
                let text = shown(site.note(target), &resolved.fragment);
                let shows = (target, text.start, text.end);
                (!resolved.broken_anchor).then_some(Embed { note, link: i, at: place(doc, link), shows })
            })
            .collect()
        };
        let all = site.all().map(|(note, _)| (note, of_note(note)));
        Embeds(all.filter(|(_, embeds)| !embeds.is_empty()).collect())
    }

    /// The embeds in a text.
    fn within(&self, (note, start, end): Text) -> impl Iterator<Item = &Embed> {
        self.0.get(&note).into_iter().flatten().filter(move |embed| (start..end).contains(&embed.at))
    }

    /// The whole text of each note with embeds, in path order.
    fn notes(&self) -> Vec<Text> {
        let mut notes: Vec<NoteId> = self.0.keys().copied().collect();
        notes.sort_unstable();
        notes.into_iter().map(|note| (note, 0, u32::MAX)).collect()
    }

    /// One cycle for each strongly connected set of texts, as the embeds along it. A text that holds another section of
    /// its own note is no cycle, unless that section holds the embed.
    fn cycles(&self) -> Vec<Vec<&Embed>> {
        // Whether a text is done; if it is known and not done, it is on the path.
        let mut done: FxHashMap<Text, bool> = FxHashMap::default();
        let mut found = Vec::new();
        for start in self.notes() {
            // Depth-first search with an explicit stack: a text and the number of its embeds already followed.
            let mut path: Vec<(Text, usize)> = vec![(start, 0)];
            while let Some((text, taken)) = path.last_mut() {
                let Some(embed) = self.within(*text).nth(*taken) else {
                    done.insert(*text, true);
                    path.pop();
                    continue;
                };
                *taken += 1;
                match done.get(&embed.shows) {
                    None => {
                        done.insert(embed.shows, false);
                        path.push((embed.shows, 0));
                    }
                    Some(false) => {
                        let from = path.iter().position(|(text, _)| *text == embed.shows).unwrap_or(0);
                        let along = path[from..].iter().filter_map(|(text, taken)| self.within(*text).nth(taken - 1));
                        let mut cycle: Vec<&Embed> = along.collect();
                        let first = cycle.iter().enumerate().min_by_key(|(_, embed)| (embed.note, embed.link));
                        let first = first.map_or(0, |(first, _)| first);
                        // The first note by path starts the cycle, so the finding does not depend on the start of the
                        // search.
                        cycle.rotate_left(first);
                        found.push(cycle);
                    }
                    Some(true) => {}
                }
            }
        }
        found
    }

    /// The number of embed levels below a text. Texts in a cycle count as having none. The recursion stops at 100
    /// levels, which is beyond the limit anyway, to protect the stack.
    fn height(&self, text: Text, looping: &FxHashSet<Text>, known: &mut FxHashMap<Text, usize>, level: usize) -> usize {
        if let Some(&height) = known.get(&text) {
            return height;
        }
        if looping.contains(&text) || level > 100 {
            return 0;
        }
        let below = self.within(text).map(|embed| 1 + self.height(embed.shows, looping, known, level + 1));
        let below = below.max().unwrap_or(0);
        known.insert(text, below);
        below
    }
}

/// Reports embeds with more than [`DEEPEST`] levels below. Texts in a cycle are left to `embed-cycle`.
fn too_deep(site: &Site, out: &mut Vec<Diagnostic>) {
    let embeds = Embeds::new(site);
    let looping: FxHashSet<Text> = embeds.cycles().into_iter().flatten().map(|embed| embed.shows).collect();
    let mut known = FxHashMap::default();
    for whole in embeds.notes() {
        let below = embeds.height(whole, &looping, &mut known, 0);
        let is_deepest = |embed: &&Embed| known.get(&embed.shows) == Some(&(below - 1));
        if below > DEEPEST
            && let Some(embed) = embeds.within(whole).find(is_deepest)
        {
            let (note, link) = (site.note(embed.note), &site.note(embed.note).doc.links[embed.link]);
            let message = format!("embeds are nested {below} levels deep; only {DEEPEST} levels are shown");
            let help = "link to the inner note instead of embedding it";
            out.push(Diagnostic::new(BROKEN_EMBED.id, note.file, link.dest_span, message, help));
        }
    }
}

/// The message and the help for a note or section that embeds itself.
fn embeds_itself(site: &Site, embed: &Embed) -> (String, String) {
    let dest = &site.note(embed.note).doc.links[embed.link].dest;
    let fragment = &site.graph.resolved(embed.note, embed.link).fragment;
    let headings = &site.note(embed.note).doc.headings;
    let heading = headings.iter().find(|h| *h.anchor == **fragment).map_or(fragment.as_str(), |h| &*h.text);
    let help = |text: &str| format!("remove the embed, or link to the {text}: `[[{dest}]]`");
    match fragment.is_empty() {
        true => {
            ("this note embeds itself".to_string(), "remove the embed, or embed one section: `![[…#heading]]`".into())
        }
        false if fragment.starts_with('^') => ("this paragraph embeds itself".to_string(), help("paragraph")),
        false => (format!("the section “{heading}” embeds itself"), help("section")),
    }
}

fn cycles(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let place = |e: &Embed| (site.note(e.note).file, site.note(e.note).doc.links[e.link].dest_span);
    for cycle in Embeds::new(site).cycles() {
        let (file, span) = place(cycle[0]);
        let (message, help) = match cycle.len() {
            1 => embeds_itself(site, cycle[0]),
            _ => {
                let titles = cycle.iter().map(|e| site.note(e.note).title.as_str());
                let message = format!("embeds form a cycle: {}", relations::circle(titles));
                (message, "replace one of the embeds by a link".to_string())
            }
        };
        let found = Diagnostic::new(EMBED_CYCLE.id, file, span, message, help);
        out.push(found.related_all(&cycle[1..], |edge| {
            let (file, span) = place(edge);
            (file, span, "the cycle continues here".into())
        }));
    }
}
