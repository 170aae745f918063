//! Computes the living importance of notes: what their authors state, weighed against how much the base and practice use them.
//! Shown beside the stated importance, and never written into a note.
//!
//! The parts, each from 0 to 100, with the weights of `[importance]` in `canon.toml`:
//!
//! - the stated importance;
//! - the mean of two percentiles among all notes: by the number of links to the note, and by the number of notes that require
//!   it;
//! - where a log of practice is given, the share of the note's cards that were practised in the last 90 days. Without a log
//!   the other two parts share its weight.
//!
//! Example: of four notes, one has three links to it and the others none. Its percentile is 87.5 (above three notes, and half of
//! itself), that of the others 37.5.

use crate::base::graph::EdgeKind;
use crate::base::site::Site;
use crate::text::ids::NoteId;
use rustc_hash::FxHashMap;

/// The importance of a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LivingImportance {
    /// The note.
    pub note: NoteId,
    /// The stated importance.
    pub stated: u8,
    /// The living importance, from 0 to 100.
    pub living: f64,
}

/// The living importance of all concept notes that state an importance, in path order. `practised` has the share of practised
/// cards of notes with cards, from 0 to 1; `None` without a log.
pub(crate) fn living_importance(site: &Site, practised: Option<&FxHashMap<NoteId, f64>>) -> Vec<LivingImportance> {
    let notes: Vec<NoteId> = site.concepts().map(|(note, _)| note).collect();
    let links = percentiles(&notes.iter().map(|&note| site.graph.number_to(note)).collect::<Vec<_>>());
    let requires = |note: NoteId| site.graph.to(note).filter(|edge| edge.kind == EdgeKind::Requires).count();
    let required = percentiles(&notes.iter().map(|&note| requires(note)).collect::<Vec<_>>());
    let weights = &site.config.importance;
    let of = |(place, &note): (usize, &NoteId)| {
        let stated = site.note(note).head.importance?;
        let used = (links[place] + required[place]) / 2.0;
        let practice = practised.and_then(|shares| shares.get(&note)).map(|share| (weights.practice, share * 100.0));
        let parts = [Some((weights.stated, f64::from(stated))), Some((weights.links, used)), practice];
        let (mut sum, mut whole) = (0.0, 0.0);
        for (weight, value) in parts.into_iter().flatten() {
            sum += f64::from(weight) * value;
            whole += f64::from(weight);
        }
        // Without any weight nothing is known but what is stated.
        let living = if whole > 0.0 { sum / whole } else { f64::from(stated) };
        Some(LivingImportance { note, stated, living })
    };
    notes.iter().enumerate().filter_map(of).collect()
}

/// The notes whose living importance differs most from the stated one, at most `count`, the largest difference first.
pub(crate) fn disagreements(mut all: Vec<LivingImportance>, count: usize) -> Vec<LivingImportance> {
    let difference = |own: &LivingImportance| (own.living - f64::from(own.stated)).abs();
    all.sort_by(|a, b| difference(b).total_cmp(&difference(a)).then(a.note.cmp(&b.note)));
    all.truncate(count);
    all
}

/// For each value the share of values below it and half of those equal to it, from 0 to 100.
fn percentiles(values: &[usize]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let percentile = |value: &usize| {
        let below = sorted.partition_point(|other| other < value);
        let up_to = sorted.partition_point(|other| other <= value);
        (below + up_to) as f64 / 2.0 / values.len() as f64 * 100.0
    };
    values.iter().map(percentile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::analyze::{AnalysisMode, analyze};
    use crate::base::vault::Vault;
    use crate::config::Config;
    use crate::text::ids::Id;
    use crate::text::source::SourceFile;

    fn living(toml: &str, practised: Option<&FxHashMap<NoteId, f64>>) -> Vec<(u8, f64)> {
        let note = |id: &str, importance: u8, body: &str| {
            SourceFile::new(
                format!("{id}.md"),
                &format!("---\nid: {id}\ntitle: {id}\nimportance: {importance}\n---\n{body}"),
            )
        };
        let needs = "\n## Links\n### Prerequisites\n- [a](a.md)\n";
        let files = vec![note("a", 10, "Text.\n"), note("b", 90, needs), note("c", 50, needs), note("d", 50, needs)];
        let vault = Vault { markdown: files.len(), files: files.into(), ..Vault::default() };
        let config = Config::parse(toml).unwrap();
        let site = analyze(config, vault, Vec::new(), false, AnalysisMode::Check).site;
        living_importance(&site, practised).into_iter().map(|own| (own.stated, own.living)).collect()
    }

    #[test]
    fn links_and_practice_move_the_stated_importance() {
        let near = |own: &[(u8, f64)], expected: [f64; 4]| {
            assert!(own.iter().zip(expected).all(|((_, own), expected)| (own - expected).abs() < 1e-9), "{own:?}");
        };
        // The example of the module documentation: percentiles 87.5 and 37.5.
        near(&living("", None), [(500.0 + 2625.0) / 80.0, (4500.0 + 1125.0) / 80.0, 3625.0 / 80.0, 3625.0 / 80.0]);
        let practised = FxHashMap::from_iter([(NoteId::new(0), 1.0), (NoteId::new(1), 0.0)]);
        near(&living("", Some(&practised)), [51.25, 56.25, 3625.0 / 80.0, 3625.0 / 80.0]);
        near(&living("[importance]\nstated = 1\nlinks = 0\npractice = 0\n", None), [10.0, 90.0, 50.0, 50.0]);
        near(&living("[importance]\nstated = 0\nlinks = 0\npractice = 0\n", None), [10.0, 90.0, 50.0, 50.0]);
    }

    #[test]
    fn the_largest_disagreement_comes_first() {
        let own = |place: usize, living: f64| LivingImportance { note: NoteId::new(place), stated: 50, living };
        let found = disagreements(vec![own(0, 51.0), own(1, 20.0), own(2, 70.0), own(3, 80.0)], 3);
        assert_eq!(found.iter().map(|own| own.note.index()).collect::<Vec<_>>(), [1, 3, 2]);
    }
}
