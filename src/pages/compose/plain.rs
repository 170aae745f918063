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

/// Elements that begin and end a line of text.
const BLOCKS: &[&str] =
    &["p", "li", "ul", "ol", "pre", "div", "tr", "blockquote", "table", "br", "h2", "h3", "h4", "h5", "h6"];

/// The text of the HTML of blocks, each paragraph, list item, line of code and table row on a line of its own.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for part in tokens(html, Syntax::Fragment) {
        match part {
            Token::Text(range) => text.push_str(&decoded_text(&html[range])),
            Token::Tag(tag) if BLOCKS.contains(&&*tag.name) && !text.is_empty() && !text.ends_with('\n') => {
                text.push('\n')
            }
            Token::Tag(tag) if matches!(&*tag.name, "td" | "th") && !tag.closes && !text.ends_with(['\n', ' ']) => {
                text.push(' ')
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_is_a_line() {
        let html = "<p>a <b>b</b>&amp;c</p>\n<ul><li>d</li><li>e<pre><code>x\n  y</code></pre></li></ul><table><tr><td>1</td><td>2</td></tr></table>";
        assert_eq!(
            plain_text(html).lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
            ["a b&c", "d", "e", "x", "  y", "1 2"]
        );
    }
}
