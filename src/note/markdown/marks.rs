//! `==marked text==`.

use super::node::{Node, Run};
use super::run::{Cut, EventId, cut, texts};
use crate::text::ids::Id;
use pulldown_cmark::Event;

/// A `==` that may start or end marked text.
struct Delimiter {
    event: EventId,
    offset: usize,
    opens: bool,
    closes: bool,
    /// The index of the start event of the inline element around the delimiter; `None` outside of elements.
    parent: Option<usize>,
}

/// Replaces pairs of `==` in the same element by marks. The first `==` has no white space after, the second no white
/// space before. Three or more `=` are text, and so is `a == b`.
pub(super) fn mark<'a>(run: &mut Run<'a>, source: &'a str) {
    if !texts(run, source).any(|(_, text)| text.contains("==")) {
        return;
    }
    let delimiters = delimiters(run, source);
    let mut cuts: Vec<Cut<'a>> = Vec::new();
    let mut next = 0;
    while let Some(open) = delimiters.get(next) {
        next += 1;
        if !open.opens {
            continue;
        }
        let closes =
            |d: &Delimiter| d.closes && d.parent == open.parent && (d.event, d.offset) > (open.event, open.offset + 2);
        let Some(end) = delimiters[next..].iter().position(closes) else { continue };
        let close = &delimiters[next + end];
        for (delimiter, node) in [(open, Node::MarkStart), (close, Node::MarkEnd)] {
            let range = delimiter.offset..delimiter.offset + 2;
            cuts.push(Cut { event: delimiter.event, range, node: Some(node) });
        }
        next += end + 1;
    }
    cut(run, source, cuts);
}

fn delimiters(run: &Run<'_>, source: &str) -> Vec<Delimiter> {
    let mut found = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    for (index, (node, range)) in run.iter().enumerate() {
        match node {
            Node::Parsed(Event::Start(_)) => parents.push(index),
            Node::Parsed(Event::End(_)) => drop(parents.pop()),
            node => {
                let Some(text) = super::run::text_of(node, range, source) else { continue };
                for (offset, _) in text.match_indices("==") {
                    let at = range.start + offset;
                    let before = source[..at].chars().next_back().unwrap_or(' ');
                    let behind = source[at + 2..].chars().next().unwrap_or(' ');
                    if before == '=' || behind == '=' {
                        continue;
                    }
                    let (opens, closes) = (!behind.is_whitespace(), !before.is_whitespace());
                    found.push(Delimiter {
                        event: EventId::new(index),
                        offset,
                        opens,
                        closes,
                        parent: parents.last().copied(),
                    });
                }
            }
        }
    }
    found
}
