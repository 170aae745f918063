//! Callouts: quotes that begin with `[!type]`, their names and their titles.

use super::callout_kinds::Callout;
use super::node::{Node, Run};
use super::run::text_of;
use pulldown_cmark::{CowStr, Event};
use std::ops::Range;

/// The marker at the start of a callout.
#[derive(Debug, Clone)]
pub(super) struct Marker {
    pub callout: Callout,
    /// Whether a foldable callout is open at first; `None` if not foldable.
    pub fold: Option<bool>,
    /// The default title of a callout of an unknown type: the type as written.
    name: Option<String>,
    /// The end of the marker in the source.
    pub end: usize,
}

/// The marker at the start of a quote: `[!type]` or `[!type|layout]`, then `+` or `-` if foldable. `None` for a plain
/// quote.
pub(super) fn marker(source: &str, quote: Range<usize>) -> Option<Marker> {
    let line = source[quote.clone()].lines().next()?;
    let rest = line.trim_start().strip_prefix('>')?.trim_start();
    let (written, rest) = rest.strip_prefix("[!")?.split_once(']')?;
    let name = written.split('|').next().unwrap_or(written).trim();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    if name.is_empty() || !name.chars().all(good) {
        return None;
    }
    let fold = match rest.chars().next() {
        Some('+') => Some(true),
        Some('-') => Some(false),
        None | Some(' ' | '\t') => None,
        Some(_) => return None,
    };
    let rest = if fold.is_some() { &rest[1..] } else { rest };
    let known = Callout::named(&name.to_lowercase());
    Some(Marker {
        callout: known.unwrap_or(Callout::NOTE),
        fold,
        name: known.is_none().then(|| crate::note::words_of(name)),
        end: quote.start + line.len() - rest.len(),
    })
}

/// Removes the marker from the start of a run, and the part after the first line from the end, which is returned.
pub(super) fn split_title<'a>(run: &mut Run<'a>, marker: &Marker, source: &'a str) -> Run<'a> {
    let behind = run.iter().position(|(_, range)| range.end > marker.end).unwrap_or(run.len());
    run.drain(..behind);
    if let Some((node, range)) = run.first()
        && range.start < marker.end
        && let Some(text) = text_of(node, range, source)
    {
        let kept = text[marker.end - range.start..].trim_start();
        let kept = range.end - kept.len()..range.end;
        run.remove(0);
        if !kept.is_empty() {
            run.insert(0, (Node::Parsed(Event::Text(CowStr::Borrowed(&source[kept.clone()]))), kept));
        }
    }
    let mut depth = 0usize;
    let end = run.iter().position(|(node, _)| {
        match node {
            Node::Parsed(Event::Start(_)) => depth += 1,
            Node::Parsed(Event::End(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(node, Node::Parsed(Event::SoftBreak | Event::HardBreak))
    });
    let mut rest = end.map(|end| run.split_off(end)).unwrap_or_default();
    if !rest.is_empty() {
        rest.remove(0);
    }
    if let Some(name) = marker.name.as_ref().filter(|_| run.is_empty()) {
        run.push((Node::Parsed(Event::Text(name.clone().into())), marker.end..marker.end));
    }
    rest
}
