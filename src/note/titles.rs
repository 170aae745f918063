//! Determines the heading that is the title of a file. Knows the document, but not the frontmatter.

use crate::note::markdown::{BlockKind, Document, LinkSyntax};
use crate::text::html_tags::{Syntax, Token, tokens};
use crate::text::ids::{BlockId, HeadingId, Id, IdRange};

/// The extensions of images.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "ico"];

/// The leading heading: the first heading, if its level is 1, it is not in a list or quote, and only images, badges and
/// raw HTML without text come before it. `None` if there is none.
pub(super) fn leading_heading(doc: &Document, source: &str) -> Option<HeadingId> {
    let first = doc.headings.first().filter(|heading| heading.level == 1 && !heading.text.trim().is_empty())?;
    if doc.blocks[first.block].parent.is_some() {
        return None;
    }
    let silent = |index: BlockId| {
        let block = &doc.blocks[index];
        match block.kind {
            BlockKind::Html => is_silent(source.get(block.span.range()).unwrap_or_default()),
            BlockKind::Paragraph => doc.plain(block.text).trim().is_empty() && shows_no_note(doc, index),
            _ => false,
        }
    };
    IdRange { start: BlockId::FIRST, end: first.block }.iter().all(silent).then_some(HeadingId::FIRST)
}

/// Whether raw HTML contains no visible text.
fn is_silent(html: &str) -> bool {
    tokens(html, Syntax::Fragment).all(|token| match token {
        Token::Text(range) => html[range].trim().is_empty(),
        _ => true,
    })
}

/// Whether all embeds of a paragraph are images.
fn shows_no_note(doc: &Document, block: BlockId) -> bool {
    let embeds = doc.links.iter().filter(|link| link.block == Some(block) && link.form == LinkSyntax::Embed);
    embeds.into_iter().all(|embed| {
        let path = embed.dest.split(['#', '|', '?']).next().unwrap_or_default();
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        PICTURES.iter().any(|picture| picture.eq_ignore_ascii_case(extension))
    })
}

/// Whether two titles are equal except for letter case, white space and punctuation. `+` and `#` are part of names: `C++`,
/// `C#` and `C` differ. Titles without letters and digits are compared as written.
pub(super) fn are_equal(a: &str, b: &str) -> bool {
    fn words(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#')).flat_map(char::to_lowercase)
    }
    // Most headings are written like the title.
    if a == b {
        return true;
    }
    match words(a).next() {
        Some(_) => words(a).eq(words(b)),
        None => a.split_whitespace().eq(b.split_whitespace()),
    }
}
