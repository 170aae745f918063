//! The rule on notes that explain the same ideas in other words.

use super::{Check, Context, Rule};
use crate::base::overlaps::{Overlap, SideBySide, side_by_side};
use crate::base::site::Site;
use crate::check::advice::{LinkStyle, link_style, paste};
use crate::check::report::counted;
use crate::note::sections::shortened;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;

/// The rule `overlapping-notes`.
pub(super) const OVERLAPPING_NOTES: Rule = Rule {
    id: "overlapping-notes",
    severity: Severity::Info,
    summary: "two notes that explain the same ideas in other words",
    explanation: include_str!("overlapping-notes.md"),
    checks: &[Check::Base(overlapping)],
};

/// The maximum number of characters of a quoted passage.
const QUOTED: usize = 80;

fn overlapping(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if site.overlaps().is_empty() {
        return;
    }
    let style = link_style(site);
    out.extend(site.overlaps().iter().map(|overlap| finding(site, style, overlap)));
}

/// The matched passages of two notes, with the note that should keep each. Of passages that name neither note, the more
/// important note keeps them.
pub(crate) fn passages(site: &Site, overlap: &Overlap) -> Vec<SideBySide> {
    let is_preferred = |a: NoteId, b: NoteId| site.index.rank[a] < site.index.rank[b];
    side_by_side(overlap, &site.notes, &site.config.language, is_preferred)
}

/// The finding for two notes, at the title of the note that keeps fewer of the passages. The related places are the passages side
/// by side: the one to replace, then the one to keep.
fn finding(site: &Site, style: LinkStyle, overlap: &Overlap) -> Diagnostic {
    let pairs = passages(site, overlap);
    let kept = |note: NoteId| pairs.iter().filter(|pair| pair.kept == note).count();
    let key = |note: NoteId| (kept(note), std::cmp::Reverse(site.index.rank[note]));
    let (here, there) = match key(overlap.a) < key(overlap.b) {
        true => (overlap.a, overlap.b),
        false => (overlap.b, overlap.a),
    };
    let title = |note: NoteId| &site.note(note).title;
    let ideas = counted(pairs.len(), "idea");
    let message = format!("explains {ideas} in other words that “{}” explains as well", title(there));
    let help = match kept(here) {
        0 => format!("keep them in “{}”, and link to it here or embed the section", title(there)),
        own => format!(
            "keep {} here and {} in “{}”; in the other note, link to it or embed the section",
            own,
            pairs.len() - own,
            title(there)
        ),
    };
    let (file, span) = site.title_place(here);
    let places = pairs.iter().flat_map(|pair| [(pair, false), (pair, true)]);
    Diagnostic::new("overlapping-notes", file, span, message, help).related_all(places, |(pair, is_kept)| match is_kept
    {
        true => {
            let text = format!("“{}” keeps this", title(pair.kept));
            (site.note(pair.kept).file, pair.kept_passage.span, text)
        }
        false => {
            let own = (pair.other, pair.other_passage.span);
            let paste = paste(site, style, own, (pair.kept, pair.kept_passage.span));
            let quoted = shortened(&pair.kept_passage.text(site.note(pair.kept)), QUOTED);
            let text = format!("says the same as “{quoted}”; write {} instead", paste.link);
            (site.note(pair.other).file, pair.other_passage.span, text)
        }
    })
}
