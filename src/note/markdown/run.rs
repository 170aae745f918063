//! Runs of inline events: finds and replaces parts of the texts.

use super::node::{Node, Run, is_source};
use crate::text::ids::{Id, id};
use pulldown_cmark::{CowStr, Event};
use std::ops::Range;

id! {
    /// An event of a run: its place in the run.
    pub(super) struct EventId;
}

/// The replacement of a part of a text in a run by an event.
#[derive(Debug)]
pub(super) struct Cut<'a> {
    /// The text event.
    pub event: EventId,
    /// The removed bytes of the text.
    pub range: Range<usize>,
    /// The inserted event; `None` to remove the bytes only.
    pub node: Option<Node<'a>>,
}

/// The texts of a run that are slices of the source, so that offsets can be mapped to the source.
pub(super) fn texts<'r, 'a>(
    run: &'r Run<'a>,
    source: &'a str,
) -> impl Iterator<Item = (EventId, &'a str)> + use<'r, 'a> {
    run.iter()
        .enumerate()
        .filter_map(move |(index, (node, range))| text_of(node, range, source).map(|text| (EventId::new(index), text)))
}

/// The text of a text event that is a slice of the source. `None` for all further events.
pub(super) fn text_of<'a>(node: &Node<'a>, range: &Range<usize>, source: &'a str) -> Option<&'a str> {
    match node {
        Node::Parsed(Event::Text(text)) if is_source(source, text, range) => source.get(range.clone()),
        _ => None,
    }
}

/// Applies cuts, which must be disjoint and in the order of the run.
pub(super) fn cut<'a>(run: &mut Run<'a>, source: &'a str, cuts: Vec<Cut<'a>>) {
    if cuts.is_empty() {
        return;
    }
    let mut cuts = cuts.into_iter().peekable();
    let old = std::mem::take(run);
    for (index, (node, range)) in old.into_iter().enumerate() {
        if cuts.peek().is_none_or(|cut| cut.event.index() != index) {
            run.push((node, range));
            continue;
        }
        let mut at = range.start;
        while let Some(cut) = cuts.next_if(|cut| cut.event.index() == index) {
            let part = range.start + cut.range.start..range.start + cut.range.end;
            push_text(run, source, at..part.start);
            at = part.end;
            run.extend(cut.node.map(|node| (node, part)));
        }
        push_text(run, source, at..range.end);
    }
}

fn push_text<'a>(run: &mut Run<'a>, source: &'a str, range: Range<usize>) {
    if !range.is_empty() {
        run.push((Node::Parsed(Event::Text(CowStr::Borrowed(&source[range.clone()]))), range));
    }
}
