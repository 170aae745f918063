//! The generated content of slots while a note is sanitised. The sanitiser sees a placeholder for each piece, so that it
//! neither judges nor changes generated content.

use crate::note::markdown::Slot;
use crate::text::html_tags::{Syntax, Token, tokens};

/// The delimiters of a placeholder: private-use characters, between which the number of the piece is.
const OPENING: char = '\u{e000}';
const CLOSING: char = '\u{e001}';

/// The generated content of slots, in the order of the slots.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    all: Vec<(Slot, String)>,
}

impl Pieces {
    /// Takes the content of a slot and appends its placeholder to `raw`. Content inside a tag is appended itself, because
    /// the sanitiser must judge it with the tag.
    pub(super) fn push(&mut self, slot: Slot, piece: String, raw: &mut String) {
        if matches!(slot, Slot::Attribute(_) | Slot::IdPrefix | Slot::BlockId(_)) {
            // A URL may contain the delimiters, and browsers request them in this encoded form anyway.
            return raw.push_str(&piece.replace(OPENING, "%EE%80%80").replace(CLOSING, "%EE%80%81"));
        }
        raw.push_str(&format!("{OPENING}{}{CLOSING}", self.all.len()));
        self.all.push((slot, piece));
    }

    /// Replaces the placeholders in sanitised HTML. `None` if a placeholder is inside a tag, where its content could become
    /// attributes, or occurs twice: the author has then forged one (`&#xE000;0&#xE001;`).
    pub(super) fn fill(&self, html: &str) -> Option<String> {
        let mut out = String::with_capacity(html.len());
        let mut rest = self.after_removal(html);
        for token in tokens(html, Syntax::Fragment) {
            match token {
                Token::Text(range) if push_filled(&html[range.clone()], &mut rest, &mut out) => {}
                Token::Tag(tag) if tag.finished && !html[tag.range.clone()].contains([OPENING, CLOSING]) => {
                    out.push_str(&html[tag.range]);
                }
                // Sanitised HTML contains neither comments nor raw text.
                _ => return None,
            }
        }
        Some(out)
    }

    /// Replaces the placeholders in text, each at most once.
    pub(super) fn fill_text(&self, text: &str) -> String {
        let mut out = String::new();
        push_filled(text, &mut self.all.iter().map(|(_, piece)| Some(piece.as_str())).collect(), &mut out);
        out
    }

    /// The content of each piece for sanitised HTML. A removed `<style>` can start before a link and end inside, and is
    /// removed with the start of the link: the end of the link is then empty, too.
    fn after_removal(&self, html: &str) -> Vec<Option<&str>> {
        let mut is_left = vec![false; self.all.len()];
        for number in html.split(OPENING).skip(1).filter_map(|rest| rest.split_once(CLOSING)?.0.parse::<usize>().ok()) {
            is_left.get_mut(number).into_iter().for_each(|left| *left = true);
        }
        let mut filled: Vec<Option<&str>> = self.all.iter().map(|(_, piece)| Some(piece.as_str())).collect();
        let mut open = Vec::new();
        for (i, (slot, _)) in self.all.iter().enumerate() {
            let end = end_of(*slot);
            if end.is_some() {
                open.push((i, end));
            } else if let Some(at) = open.iter().rposition(|(_, end)| *end == Some(*slot)) {
                let start = open[at].0;
                open.truncate(at);
                match (is_left[start], is_left[i]) {
                    (true, false) => filled[start] = Some(""),
                    (false, true) => filled[i] = Some(""),
                    _ => {}
                }
            }
        }
        filled
    }
}

/// The slot with the end tag of the element that `slot` starts. `None` if `slot` starts no element.
fn end_of(slot: Slot) -> Option<Slot> {
    match slot {
        Slot::LinkOpen(link) => Some(Slot::LinkClose(link)),
        Slot::HeadingOpen(heading) => Some(Slot::HeadingClose(heading)),
        Slot::TableOpen => Some(Slot::TableClose),
        _ => None,
    }
}

/// Appends text with its placeholders replaced by `pieces`, each at most once. `false` if a placeholder occurred again.
fn push_filled(text: &str, pieces: &mut Vec<Option<&str>>, out: &mut String) -> bool {
    let mut once = true;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        out.push_str(before);
        let (number, behind) = after.split_once(CLOSING).unwrap_or(("", after));
        match number.parse::<usize>().ok().and_then(|n| pieces.get_mut(n)?.take()) {
            Some(piece) => out.push_str(piece),
            None => once = false,
        }
        rest = behind;
    }
    out.push_str(rest);
    once
}
