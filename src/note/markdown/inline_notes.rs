//! `^[inline footnote]`: a footnote whose text is at the position of the reference.
//!
//! The pass inserts a reference. The text becomes a definition after the end of the outermost block, so that reference
//! and definition are under the same heading.

use super::node::{Node, Run};
use super::run::{Cut, EventId, cut, text_of, texts};
use crate::text::ids::Id;
use crate::text::source::Span;
use pulldown_cmark::Event;
use std::collections::VecDeque;
use std::ops::Range;

/// The text of an inline footnote.
#[derive(Debug)]
pub(super) struct Note<'a> {
    /// A label with a space, so that no written footnote can have the same label.
    pub label: String,
    pub run: Run<'a>,
    /// The whole footnote in the source.
    pub range: Range<usize>,
}

/// The position of a bracket: the event, and the offset in the text of the event.
type Place = (EventId, usize);

/// Replaces the inline footnotes of a run by references.
pub(super) fn take_out<'a>(run: &mut Run<'a>, source: &'a str, count: &mut usize, notes: &mut VecDeque<Note<'a>>) {
    while let Some((open, close)) = first(run, source) {
        let start = run[open.0.index()].1.start + open.1;
        let end = run[close.0.index()].1.start + close.1 + 1;
        *count += 1;
        let label = format!("inline {count}");
        let reference = Node::Parsed(Event::FootnoteReference(label.clone().into()));
        let bracket = Cut { event: close.0, range: close.1..close.1 + 1, node: Some(Node::Parsed(Event::SoftBreak)) };
        let caret = Cut { event: open.0, range: open.1..open.1 + 2, node: Some(reference) };
        let (first, last) = (run[open.0.index()].1.start + open.1, run[close.0.index()].1.start + close.1);
        cut(run, source, vec![caret, bracket]);
        let from = run.iter().position(|(node, range)| is_reference(node) && range.start == first);
        let to = run.iter().rposition(|(node, range)| is_break(node) && range.start == last);
        let (Some(from), Some(to)) = (from, to) else { return };
        let mut inner: Run<'a> = run.drain(from + 1..=to).collect();
        inner.pop();
        run[from].1 = start..end;
        notes.push_back(Note { label, run: inner, range: start..end });
    }
}

fn is_reference(node: &Node<'_>) -> bool {
    matches!(node, Node::Parsed(Event::FootnoteReference(_)))
}

fn is_break(node: &Node<'_>) -> bool {
    matches!(node, Node::Parsed(Event::SoftBreak))
}

/// The first `^[` of a run with a closing bracket in the same element and text in between.
fn first(run: &Run<'_>, source: &str) -> Option<(Place, Place)> {
    for (event, text) in texts(run, source) {
        for (offset, _) in text.match_indices("^[") {
            if let Some(close) = closing(run, source, (event, offset + 2)) {
                return Some(((event, offset), close));
            }
        }
    }
    None
}

/// The closing bracket for the bracket before `from`. Brackets can be nested; elements must not cross the brackets.
fn closing(run: &Run<'_>, source: &str, from: Place) -> Option<Place> {
    let (mut brackets, mut elements) = (1usize, 0usize);
    for (index, (node, range)) in run.iter().enumerate().skip(from.0.index()) {
        match node {
            Node::Parsed(Event::Start(_)) => elements += 1,
            Node::Parsed(Event::End(_)) => elements = elements.checked_sub(1)?,
            node => {
                let Some(text) = text_of(node, range, source) else { continue };
                let start = if index == from.0.index() { from.1 } else { 0 };
                for (offset, c) in text[start..].char_indices().filter(|(_, c)| matches!(c, '[' | ']')) {
                    match c {
                        '[' => brackets += 1,
                        _ if brackets > 1 => brackets -= 1,
                        _ if elements > 0 => return None,
                        _ => {
                            let place = (EventId::new(index), start + offset);
                            return (place != from).then_some(place);
                        }
                    }
                }
            }
        }
    }
    None
}

/// Records each `[^label]` without a definition, which the parser leaves as text.
pub(super) fn undefined(run: &Run<'_>, source: &str, found: &mut Vec<(String, Span)>) {
    for (event, text) in texts(run, source) {
        let start = run[event.index()].1.start;
        for (offset, _) in text.match_indices("[^") {
            let at = start + offset;
            let Some(end) = source[at..].find(']') else { continue };
            let label = &source[at + 1..at + end];
            let escaped = source[..at].ends_with('\\');
            // `[^]` and text in brackets that starts with `^` are no footnotes: a label has no white space.
            if label.len() > 1 && !label.contains(char::is_whitespace) && !escaped {
                found.push((label.to_string(), Span::new(at, at + end + 1)));
            }
        }
    }
}
