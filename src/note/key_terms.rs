//! The key terms that a note explains in a list: `- **Quorum**: more than half of the nodes.` below the label or heading “Key
//! terms”. Knows no glossary.

use crate::config::labels::{LabelKind, Labels};
use crate::note::markdown::{BlockKind, Document};
use crate::text::ids::{BlockId, HeadingId};

/// The maximum length of a term in characters. A longer beginning of an item is a sentence.
const LONGEST_TERM: usize = 60;
/// What separates a term from its explanation, in plain text.
const SEPARATORS: [&str; 5] = [": ", " — ", " – ", " - ", "： "];

/// A key term with its explanation, both without markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExplainedTerm {
    pub term: String,
    pub explanation: String,
    /// The heading of the section that has the list; `None` before the first heading.
    pub heading: Option<HeadingId>,
}

/// The explained key terms of a document, in order.
pub(super) fn explained_terms(doc: &Document, labels: &Labels) -> Vec<ExplainedTerm> {
    // Nearly all notes have a line of terms and no list, so the labels are looked at before any block.
    let below_labels = doc.labels.iter().filter(|label| labels.is(LabelKind::KeyTerms, doc.name_of(label)));
    let below_labels = below_labels.filter_map(|label| label.block).flat_map(|block| lists_below(doc, block));
    let headings = doc.headings.iter_enumerated().filter(|(_, heading)| heading.top);
    let headings = headings.filter(|(_, heading)| labels.is(LabelKind::KeyTerms, heading.text.trim_end_matches(':')));
    let below_headings = headings.flat_map(|(heading, _)| doc.section_blocks(heading));
    let lists =
        below_labels.chain(below_headings).filter(|&block| matches!(doc.blocks[block].kind, BlockKind::List(_)));
    lists.flat_map(|list| doc.children(list)).filter_map(|item| explained(doc, item)).collect()
}

/// The lists that belong to a label: those inside its list item, or the block after its paragraph.
fn lists_below(doc: &Document, block: BlockId) -> Vec<BlockId> {
    let parent = doc.blocks[block].parent;
    let item = [Some(block), parent].into_iter().flatten().find(|&own| doc.blocks[own].kind == BlockKind::Item);
    match item {
        Some(item) => doc.children(item).collect(),
        None => {
            let next = doc.blocks[block].descendants_end;
            let follows = |next: &BlockId| doc.blocks.get(*next).is_some_and(|own| own.parent == parent);
            Some(next).filter(follows).into_iter().collect()
        }
    }
}

/// The term and the explanation of a list item. `None` if the item has only one of the two.
fn explained(doc: &Document, item: BlockId) -> Option<ExplainedTerm> {
    let text = doc.plain(doc.blocks[item].text).lines().next().unwrap_or_default();
    let (at, separator) = SEPARATORS.iter().filter_map(|own| Some((text.find(own)?, own))).min()?;
    let (term, explanation) = (text[..at].trim(), text[at + separator.len()..].trim());
    let is_term = !term.is_empty() && term.chars().count() <= LONGEST_TERM && !explanation.is_empty();
    is_term.then(|| ExplainedTerm {
        term: term.to_string(),
        explanation: explanation.to_string(),
        heading: doc.blocks[item].heading,
    })
}
