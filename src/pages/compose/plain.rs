//! The words of HTML.

use crate::text::html_tags::{Syntax, Token, decoded_text, tokens};

/// The text of the HTML of a heading.
pub(super) fn without_tags(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.to_string();
    }
    let parts = tokens(html, Syntax::Fragment);
    parts
        .filter_map(|part| if let Token::Text(range) = part { Some(decoded_text(&html[range])) } else { None })
        .collect()
}
