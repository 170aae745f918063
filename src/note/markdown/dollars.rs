//! Distinguishes the dollar signs of formulas from dollar signs of prices.
//!
//! The opening `$` has no letter, digit or `$` before and no white space after; the closing `$` has no white space
//! before and no digit after; no `$` is in between. The rules of the parser allow more formulas, and formulas take
//! precedence over links and emphasis, so the remaining signs must be escaped before parsing.

use super::node::{Node, Run};
use super::run::texts;
use crate::text::ids::Id;
use pulldown_cmark::{CowStr, Event};
use std::ops::Range;

/// No formula has a comment of HTML: the sign before the comment is a price, and the comment stays hidden.
const COMMENT: &str = "<!--";

/// Whether a range that the parser read as a formula is a formula by the rules above.
pub(super) fn is_formula(source: &str, range: &Range<usize>) -> bool {
    let inner = source.get(range.start + 1..range.end.saturating_sub(1)).unwrap_or_default();
    opens(source, range.start)
        && closes(source, range.end.saturating_sub(1))
        && next_dollar(inner, 0).is_none()
        && !inner.contains(COMMENT)
}

/// As [`is_formula`], and also true for `$$…$$`.
pub(super) fn is_any_formula(source: &str, range: &Range<usize>) -> bool {
    source[range.clone()].starts_with("$$") || is_formula(source, range)
}

fn opens(source: &str, at: usize) -> bool {
    let before = source[..at].chars().next_back();
    let behind = source[at + 1..].chars().next();
    before.is_none_or(|c| !c.is_alphanumeric() && c != '$') && behind.is_some_and(|c| !c.is_whitespace())
}

fn closes(source: &str, at: usize) -> bool {
    let before = source[..at].chars().next_back();
    let behind = source[at + 1..].chars().next();
    before.is_some_and(|c| !c.is_whitespace()) && behind.is_none_or(|c| !c.is_ascii_digit() && c != '$')
}

/// The next unescaped `$` after `from`.
fn next_dollar(text: &str, from: usize) -> Option<usize> {
    let dollars = memchr::memchr_iter(b'$', &text.as_bytes()[from..]).map(|at| from + at);
    dollars.into_iter().find(|&at| text[..at].bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 0)
}

/// The dollar signs of a piece of text outside of formulas. `words`: the parts of the piece where signs count, without
/// code and addresses.
pub(super) fn prices(source: &str, words: &[Range<usize>]) -> Vec<usize> {
    paired(source, &dollars(source, words)).1
}

fn dollars(source: &str, words: &[Range<usize>]) -> Vec<usize> {
    let of = |part: &Range<usize>| {
        let (mut at, end) = (part.start, part.end);
        std::iter::from_fn(move || {
            let found = next_dollar(&source[..end], at)?;
            at = found + 1;
            Some(found)
        })
    };
    words.iter().flat_map(of).collect()
}

/// The formulas between dollar signs, and the remaining signs.
fn paired(source: &str, dollars: &[usize]) -> (Vec<Range<usize>>, Vec<usize>) {
    let doubled = |i: usize| dollars.get(i).zip(dollars.get(i + 1)).is_some_and(|(a, b)| a + 1 == *b);
    let (mut formulas, mut prices) = (Vec::new(), Vec::new());
    let mut i = 0;
    while i < dollars.len() {
        if doubled(i) {
            match (i + 2..dollars.len()).find(|&j| doubled(j)) {
                Some(end) => {
                    formulas.push(dollars[i]..dollars[end] + 2);
                    i = end + 2;
                }
                None => {
                    prices.extend([dollars[i], dollars[i + 1]]);
                    i += 2;
                }
            }
            continue;
        }
        let close = dollars.get(i + 1).filter(|&&close| closes(source, close) && !doubled(i + 1));
        let is_formula = |close: &&usize| opens(source, dollars[i]) && !source[dollars[i]..**close].contains(COMMENT);
        match close.filter(is_formula) {
            Some(close) => {
                formulas.push(dollars[i]..close + 1);
                i += 2;
            }
            None => {
                prices.push(dollars[i]);
                i += 1;
            }
        }
    }
    (formulas, prices)
}

/// Adds the formulas that the parser left as text because of an unclosed brace. Unbalanced formulas are errors of the
/// author, which the rule `broken-formula` reports.
pub(super) fn read_unbalanced<'a>(run: &mut Run<'a>, source: &'a str) {
    let words: Vec<Range<usize>> = texts(run, source).map(|(event, _)| run[event.index()].1.clone()).collect();
    let (formulas, _) = paired(source, &dollars(source, &words));
    for formula in formulas {
        let at = |offset: usize| move |(_, range): &(Node<'a>, Range<usize>)| range.contains(&offset);
        let (Some(first), Some(last)) =
            (run.iter().position(at(formula.start)), run.iter().position(at(formula.end - 1)))
        else {
            continue;
        };
        let is_element = |(node, _): &(Node<'a>, Range<usize>)| {
            matches!(node, Node::Parsed(Event::Start(_) | Event::End(_)) | Node::Image(_))
        };
        if run[first..=last].iter().any(is_element) {
            continue;
        }
        let before = run[first].1.start..formula.start;
        let behind = formula.end..run[last].1.end;
        let marks = if source[formula.clone()].starts_with("$$") { 2 } else { 1 };
        let tex = CowStr::Borrowed(&source[formula.start + marks..formula.end - marks]);
        let node = if marks == 2 { Event::DisplayMath(tex) } else { Event::InlineMath(tex) };
        let text = |range: Range<usize>| (Node::Parsed(Event::Text(CowStr::Borrowed(&source[range.clone()]))), range);
        let parts = [text(before), (Node::Parsed(node), formula), text(behind)];
        run.splice(first..=last, parts.into_iter().filter(|(_, range)| !range.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices_of(text: &str) -> Vec<usize> {
        prices(text, std::slice::from_ref(&(0..text.len())))
    }

    #[test]
    fn signs_that_make_no_formula_are_prices() {
        assert_eq!(prices_of("$a$ and $5"), [8]);
        assert_eq!(prices_of("US$5 $x$ A$7"), [2, 10]);
        assert_eq!(prices_of("$1-$2-$3"), [0, 3, 6]);
        assert_eq!(prices_of("$$x$$ $$"), [6, 7]);
        assert_eq!(prices_of(r"\$5 $y$"), Vec::<usize>::new());
        assert_eq!(prices_of("$ a$ b"), [0, 3]);
    }

    #[test]
    fn a_formula_of_the_parser_is_judged_by_its_neighbours() {
        let is = |text: &str| is_formula(text, &(1..text.len() - 1));
        assert!(is(" $a$ ") && is("($a$)") && is(" $a$s"));
        assert!(!is("a$b$ ") && !is(" $b$7") && !is(" $ b$ ") && !is(" $a$b$ "));
    }
}
