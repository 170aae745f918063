//! Reference definitions `[label]: address` that repeat a label.

use super::{Block, BlockKind};
use crate::text::source::Span;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// The repeated definitions of labels: lines `[label]: …` outside all blocks, except the first definition of each
/// label. The parser reports only the first.
pub(super) fn repeated(
    source: &str,
    base: usize,
    blocks: &[Block],
    definitions: &[(String, Span)],
) -> Vec<(String, Span)> {
    if definitions.is_empty() {
        return Vec::new();
    }
    let mut first_of: FxHashMap<String, Span> = FxHashMap::default();
    for (label, span) in definitions {
        first_of.entry(label.to_lowercase()).or_insert(*span);
    }
    let texts = texts(blocks);
    let mut found = Vec::new();
    let mut at = base;
    for line in source[base..].split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let Some(label) = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]:")).map(|(l, _)| l)
        else {
            continue;
        };
        let first = first_of.get(&label.to_lowercase());
        let is_first = first.is_none_or(|span| (span.start as usize..span.end as usize).contains(&start));
        let before = texts.partition_point(|text| text.start <= start);
        let in_text = before > 0 && texts[before - 1].contains(&start);
        if !is_first && !in_text {
            found.push((label.to_string(), super::spans::trimmed(source, start..at)));
        }
    }
    found
}

/// The source ranges of blocks with text, merged and in ascending order. Lists, items and quotes are not included,
/// because a definition can be inside.
fn texts(blocks: &[Block]) -> Vec<Range<usize>> {
    let holds_text = |block: &&Block| !matches!(block.kind, BlockKind::List(_) | BlockKind::Item | BlockKind::Quote);
    let mut texts: Vec<Range<usize>> = blocks.iter().filter(holds_text).map(|block| block.span.range()).collect();
    texts.sort_by_key(|text| text.start);
    texts.dedup_by(|next, text| {
        let overlaps = next.start <= text.end;
        text.end = if overlaps { text.end.max(next.end) } else { text.end };
        overlaps
    });
    texts
}
