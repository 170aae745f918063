//! Replaces `:rocket:` by the emoji with the name on GitHub, if `markdown.emoji` is on.

use super::node::{Node, Run};
use super::run::{Cut, cut, texts};
use pulldown_cmark::Event;

/// Replaces the codes of emoji. Unknown codes remain text.
pub(super) fn replace<'a>(run: &mut Run<'a>, source: &'a str) {
    let mut cuts: Vec<Cut<'a>> = Vec::new();
    for (event, text) in texts(run, source) {
        let mut at = 0;
        while let Some(open) = memchr::memchr(b':', &text.as_bytes()[at..]).map(|offset| at + offset) {
            let code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
            let length = text[open + 1..].find(|c| !code(c)).unwrap_or(text.len() - open - 1);
            let close = open + 1 + length;
            let named =
                text[close..].starts_with(':').then(|| emojis::get_by_shortcode(&text[open + 1..close])).flatten();
            at = match named {
                Some(emoji) => {
                    let node = Some(Node::Parsed(Event::Text(emoji.as_str().into())));
                    cuts.push(Cut { event, range: open..close + 1, node });
                    close + 1
                }
                None => close,
            }
            .max(open + 1);
        }
    }
    cut(run, source, cuts);
}
