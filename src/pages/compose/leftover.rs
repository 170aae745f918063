//! The remaining text of a section of links, which is shown as written, while the links themselves are shown as
//! relations. Knows which words a relation shows.

use crate::base::graph::difference;
use crate::config::schema::Section;
use crate::note::Note;
use crate::note::markdown::{Block, BlockKind, Link, LinkSyntax, Slice};
use crate::text::ids::{BlockId, HeadingId};

/// The HTML of all content under a heading that no relation shows. `html` renders a slice.
pub(super) fn leftover(note: &Note, heading: HeadingId, html: &dyn Fn(Slice) -> String) -> String {
    let doc = &note.doc;
    let mut out = String::new();
    for block in doc.section_blocks(heading) {
        match doc.blocks[block].kind {
            BlockKind::List(_) => {
                let items = doc.children(block).filter(|&item| !is_shown(note, item));
                let items: String = items.map(|item| html(doc.blocks[item].html)).collect();
                if !items.is_empty() {
                    out.push_str(&format!("<ul>{items}</ul>"));
                }
            }
            // Footnotes are in the list of the note, and a rule separates nothing without the links.
            BlockKind::Footnote | BlockKind::Rule => {}
            BlockKind::Paragraph if is_shown(note, block) => {}
            _ => out.push_str(&html(doc.blocks[block].html)),
        }
    }
    out
}

/// Whether relations show the whole content of a block, including nested blocks.
fn is_shown(note: &Note, index: BlockId) -> bool {
    let doc = &note.doc;
    let plain = |&child: &BlockId| {
        matches!(doc.blocks[child].kind, BlockKind::Paragraph | BlockKind::List(_) | BlockKind::Item)
            && is_shown(note, child)
    };
    let children: Vec<BlockId> = doc.children(index).collect();
    children.iter().all(plain) && says_only_links(note, &doc.blocks[index], index, &children)
}

/// Whether the text of a block consists only of links, planned names, words that a relation shows, and punctuation.
fn says_only_links(note: &Note, block: &Block, index: BlockId, children: &[BlockId]) -> bool {
    let doc = &note.doc;
    let links: Vec<_> = doc.links.iter().filter(|l| l.block == Some(index)).collect();
    let is_read_first = doc.sections_at(block.heading).next() == Some(Section::Prerequisites);
    let is_kept = |l: &&Link| l.form.is_media() || l.form == LinkSyntax::Embed || is_read_first && l.has_scheme();
    if links.iter().copied().any(|l| is_kept(&l)) {
        return false;
    }
    let inside = children.iter().map(|&child| doc.blocks[child].text);
    let labels = doc.link_labels.iter().filter(|label| label.section.is_some()).map(|label| label.text);
    let labels = labels.filter(|label| label.start >= block.text.start && label.end <= block.text.end);
    let rest = doc.plain_without(block.text, inside.chain(links.iter().map(|l| l.plain)).chain(labels).collect());
    let mut rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in links.iter().map(|link| difference(note, link)).filter(|d| !d.is_empty()) {
        // Only the first occurrence: the same words again are text of the author.
        rest = rest.replacen(&shown, " ", 1);
    }
    for todo in doc.todos.iter().filter(|todo| block.span.contains(todo.span)) {
        rest = rest.replacen(&todo.name, " ", 1);
    }
    let rest = rest.replace("(TODO)", " ").replace("N/A", " ");
    !rest.contains(char::is_alphanumeric)
}
