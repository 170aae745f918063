//! Trap questions: the questions and answers of a note. Knows the four written forms of a question, but not how a card
//! is displayed or practised.

use crate::config::labels::{LabelKind, Labels};
use crate::config::schema::Section;
use crate::note::markdown::{BlockKind, Document, Label, Slice};
use crate::text::ids::{BlockId, HeadingId};
use crate::text::source::Span;
use smallvec::SmallVec;

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// The identifier within the note: a hash of the words of the question, so edits of the answer preserve it.
    pub key: u64,
    /// The question as plain text.
    pub question: String,
    /// The HTML of the question.
    pub question_html: Slice,
    /// The HTML of the answer, as one or more slices.
    pub answer_html: SmallVec<[Slice; 2]>,
    /// Whether the answer contains any words.
    pub answered: bool,
    /// The span of the question.
    pub span: Span,
}

/// Lowers the level of question headings (`### Q1: …?`) that have the same level as their section heading (`### Trap
/// questions`), so they become part of the section.
pub(crate) fn adopt_questions(doc: &mut Document, labels: &Labels) {
    let mut section = None;
    let mut below_question = false;
    for index in doc.headings.ids() {
        let heading = &doc.headings[index];
        if !heading.top {
            continue;
        }
        let (level, is_section) = (heading.level, heading.section == Some(Section::TrapQuestions));
        match section {
            Some(own) if level > own => {}
            Some(own) if level == own && asks(doc, labels, index) => below_question = true,
            _ => (section, below_question) = (is_section.then_some(level), false),
        }
        if section.is_some() && below_question {
            doc.headings[index].level = (level + 1).min(6);
        }
    }
}

/// Whether a heading is a question: it has a question label, or it ends in a question mark and an answer follows.
fn asks(doc: &Document, labels: &Labels, index: HeadingId) -> bool {
    let heading = &doc.headings[index];
    let answered = || doc.section_blocks(index).next().and_then(|block| doc.head_label(block));
    heading.section.is_none()
        && (without_label(labels, &heading.text).len() < heading.text.len()
            || heading.text.trim_end().ends_with('?')
                && answered().is_some_and(|label| labels.is(LabelKind::Answer, doc.name_of(label))))
}

/// The cards in the trap question sections of a note, in order.
pub(crate) fn cards(doc: &Document, labels: &Labels) -> Vec<Card> {
    let mut reader = Reader { doc, labels, cards: Vec::new(), by_heading: false };
    for (index, heading) in doc.headings.iter_enumerated() {
        if !heading.top || heading.section != Some(Section::TrapQuestions) {
            continue;
        }
        reader.by_heading = false;
        reader.blocks(index);
        for sub in doc.subheadings(index) {
            reader.heading(sub);
            reader.blocks(sub);
        }
    }
    reader.cards
}

/// Collects the cards while traversing the blocks of a section.
struct Reader<'a> {
    doc: &'a Document,
    labels: &'a Labels,
    cards: Vec<Card>,
    /// Whether the last question was a heading or paragraph. A numbered list without labels is then part of the answer,
    /// not a list of questions.
    by_heading: bool,
}

impl Reader<'_> {
    fn is_question(&self, label: &Label) -> bool {
        self.labels.is(LabelKind::Question, self.doc.name_of(label))
    }

    fn is_answer(&self, label: &Label) -> bool {
        self.labels.is(LabelKind::Answer, self.doc.name_of(label))
    }

    fn heading(&mut self, index: HeadingId) {
        let heading = &self.doc.headings[index];
        let text = without_label(self.labels, &heading.text).to_string();
        let cut = heading.text.len() - text.len();
        let inner = Slice { start: heading.inner.start + cut as u32, end: heading.inner.end };
        self.ask(text, inner, heading.span);
        self.by_heading = true;
    }

    fn blocks(&mut self, heading: HeadingId) {
        for block in self.doc.section_blocks(heading) {
            match self.doc.blocks[block].kind {
                BlockKind::List(ordered) => self.list(block, ordered),
                BlockKind::Paragraph => self.paragraph(block),
                BlockKind::Footnote => {}
                _ => self.answer(self.doc.blocks[block].html, self.doc.blocks[block].text),
            }
        }
    }

    /// Reads a list: its items are questions, or the whole list is part of the previous answer.
    fn list(&mut self, list: BlockId, ordered: bool) {
        let items: Vec<BlockId> = self.doc.children(list).collect();
        let mut asked = false;
        for &item in &items {
            let (text, _) = self.head(item);
            let answer = self.answer_in(item, text);
            let asked_until = answer.map_or(text.end, |start| start.max(text.start));
            let words = self.doc.plain(Slice { start: text.start, end: asked_until }).trim_end();
            let labelled = self.doc.head_label(item).is_some_and(|l| self.is_question(l));
            let asks = words.ends_with('?') || self.cards.is_empty() || answer.is_some_and(|start| start > text.start);
            let numbered = ordered && asks && !self.by_heading;
            let open = !ordered && words.ends_with('?') && self.doc.children(item).next().is_some() && !self.by_heading;
            if labelled || numbered || open {
                self.item(item);
                asked = true;
            // In a list of questions, an item that is not a question continues the answer to the previous one.
            } else if asked {
                self.answer(self.doc.blocks[item].inner, self.doc.blocks[item].text);
            }
        }
        if !asked {
            let block = &self.doc.blocks[list];
            // The whole list is an answer. A label `**A:**` at its start is left out of the HTML: one slice before it,
            // one after it.
            match items.first().and_then(|&i| self.doc.head_label(i)).filter(|l| self.is_answer(l)) {
                Some(label) => {
                    self.answer(Slice { start: block.html.start, end: label.html.start }, Slice::default());
                    self.answer(Slice { start: label.html.end, end: block.html.end }, block.text);
                }
                None => self.answer(block.html, block.text),
            }
        }
    }

    /// The offset in the text where the answer starts, if it is in the head of the item.
    fn answer_in(&self, item: BlockId, head: Slice) -> Option<u32> {
        let mut labels = self.doc.labels_of(&self.doc.blocks[item]).iter();
        labels.find(|l| self.is_answer(l) && l.text.start < head.end).map(|l| l.text.start)
    }

    /// The text and HTML of an item before its child blocks. In a loose list, the first paragraph is the head.
    fn head(&self, item: BlockId) -> (Slice, Slice) {
        let block = &self.doc.blocks[item];
        let mut children = self.doc.children(item);
        match children.next().map(|c| &self.doc.blocks[c]) {
            None => (block.text, block.inner),
            Some(first) if first.kind == BlockKind::Paragraph && first.text.start == block.text.start => {
                (first.text, first.inner)
            }
            Some(first) => (
                Slice { start: block.text.start, end: first.text.start },
                Slice { start: block.inner.start, end: first.html.start },
            ),
        }
    }

    /// Reads an item that is a question. Its child blocks are the answer.
    fn item(&mut self, item: BlockId) {
        let (text, html) = self.head(item);
        self.question_and_answer(item, text, html);
        // The next list may contain questions again.
        self.by_heading = false;
        let head_end = text.end;
        let rest: Vec<BlockId> =
            self.doc.children(item).filter(|&c| self.doc.blocks[c].text.start >= head_end).collect();
        for child in rest {
            let block = &self.doc.blocks[child];
            let first = self.doc.children(child).next();
            let label =
                self.doc.labels_of(block).first().filter(|l| self.is_answer(l) && l.text.start == block.text.start);
            match (label, first) {
                (Some(label), Some(only)) if self.doc.children(child).count() == 1 => {
                    let inner = self.doc.blocks[only].inner;
                    let start = if label.block == Some(only) { label.html.end } else { label.html.start };
                    self.answer(Slice { start, end: inner.end }, Slice { start: label.text.end, end: block.text.end });
                }
                (Some(label), _) => {
                    self.answer(Slice { start: block.html.start, end: label.html.start }, Slice::default());
                    self.answer(
                        Slice { start: label.html.end, end: block.html.end },
                        Slice { start: label.text.end, end: block.text.end },
                    );
                }
                (None, _) => self.answer(block.html, block.text),
            }
        }
    }

    fn paragraph(&mut self, paragraph: BlockId) {
        let block = &self.doc.blocks[paragraph];
        match self.doc.head_label(paragraph) {
            Some(label) if self.is_question(label) => {
                self.question_and_answer(paragraph, block.text, block.inner);
                self.by_heading = true;
            }
            Some(label) if self.is_answer(label) => {
                self.answer(
                    Slice { start: label.html.end, end: block.inner.end },
                    Slice { start: label.text.end, end: block.text.end },
                );
            }
            _ => self.answer(block.html, block.text),
        }
    }

    /// Reads a head with a question and, after an `**A:**` on a separate line, perhaps the answer.
    fn question_and_answer(&mut self, block: BlockId, text: Slice, html: Slice) {
        let within = |l: &&Label| l.text.start >= text.start && l.text.end <= text.end;
        let labels: Vec<_> = self.doc.labels_of(&self.doc.blocks[block]).iter().filter(within).collect();
        let question = labels.first().filter(|l| self.is_question(l) && l.text.start == text.start);
        let answer = labels.iter().find(|l| self.is_answer(l));
        let asked = Slice {
            start: question.map_or(text.start, |l| l.text.end),
            end: answer.map_or(text.end, |l| l.text.start),
        };
        let asked_html = Slice {
            start: question.map_or(html.start, |l| l.html.end),
            end: answer.map_or(html.end, |l| l.html.start),
        };
        let words = self.doc.plain(asked).trim().to_string();
        let span = self.doc.source_of(trim(self.doc, asked)).unwrap_or(self.doc.blocks[block].span);
        self.ask(words, asked_html, span);
        if let Some(answer) = answer {
            let text = Slice { start: answer.text.end, end: text.end };
            self.answer(Slice { start: answer.html.end, end: html.end }, text);
        }
    }

    fn ask(&mut self, question: String, question_html: Slice, span: Span) {
        // A stable hash: the key is stored in the browser of the reader, together with the progress.
        let hash = blake3::hash(crate::text::slug::name_key(&question).as_bytes());
        let key = u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default());
        self.cards.push(Card { key, question, question_html, answer_html: SmallVec::new(), answered: false, span });
    }

    /// Adds a part of the answer to the last card. Text before the first question belongs to no card and is ignored.
    fn answer(&mut self, html: Slice, text: Slice) {
        let answered = !self.doc.plain(text).trim().is_empty();
        if let Some(card) = self.cards.last_mut() {
            card.answer_html.push(html);
            card.answered |= answered;
        }
    }
}

/// The slice without white space at both ends.
fn trim(doc: &Document, slice: Slice) -> Slice {
    let text = doc.plain(slice);
    let start = slice.start + (text.len() - text.trim_start().len()) as u32;
    Slice { start, end: start + text.trim().len() as u32 }
}

/// A question heading without a label like `Q1:`.
fn without_label<'a>(labels: &Labels, heading: &'a str) -> &'a str {
    match heading.split_once(':') {
        Some((label, rest)) if labels.is(LabelKind::Question, label) => rest.trim_start(),
        _ => heading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::markdown::{Options, Scratch, parse};

    fn read(questions: &str) -> Vec<(String, String)> {
        let text = format!(
            "## Interview readiness\n### Trap questions (with answers)\n{questions}\n## Links\n1) Not a question?\n"
        );
        let config = crate::config::Config::default();
        let schema = crate::config::schema::Schema::built_in();
        let mut doc = parse(
            &text,
            0,
            Options { markdown: &config.markdown, schema: &schema, from_right: false },
            &mut Scratch::default(),
        );
        adopt_questions(&mut doc, &schema.labels);
        let html =
            |slices: &[Slice]| slices.iter().map(|s| &doc.body.html[s.range()]).collect::<String>().trim().to_string();
        cards(&doc, &schema.labels).iter().map(|c| (c.question.clone(), html(&c.answer_html))).collect()
    }

    #[test]
    fn the_four_forms() {
        let want = [("Is it?".to_string(), "No.".to_string()), ("Why not?".to_string(), "So.".to_string())];
        let paragraphs =
            [("Is it?".to_string(), "<p>No.</p>".to_string()), ("Why not?".to_string(), "<p>So.</p>".to_string())];
        for form in [
            "1) **Q:** Is it?\n   - **A:** No.\n2) **Q:** Why not?\n   - **A:** So.\n",
            "1. **Q:** Is it?\n   **A:** No.\n2. **Q:** Why not?\n   **A:** So.\n",
            "**Q:** Is it?\n**A:** No.\n\n**Q:** Why not?\n\n**A:** So.\n",
            "1. Is it?\n   **A:** No.\n2. Why not?\n   **A:** So.\n",
            "1. Is it?\n   **A:** No.\n\n2. Why not?\n   **A:** So.\n",
            "1. Is it?\n**A:** No.\n2. Why not?\n**A:** So.\n",
            "### Q1: Is it?\n**A:** No.\n### Q2: Why not?\n**A:** So.\n",
            "### Is it?\n**A:** No.\n### Why not?\n**A:** So.\n",
            "1. Is it?\n\n**A:** No.\n\n2. Why not?\n\n**A:** So.\n",
            "### Q1: Is it?\n**A:** No.\n### Q2: Why not?\n**A:** So.\n".replace("###", "####").as_str(),
        ] {
            assert_eq!(read(form), want, "{form}");
        }
        let plain = "1. Is it?\n\n   No.\n2. Why not?\n\n   So.\n";
        assert_eq!(read(plain), paragraphs);
        let loose = read("1. Is it?\n\n   **A:** No.\n\n2. Why not?\n\n   **A:** So.\n");
        assert_eq!(loose.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(), ["Is it?", "Why not?"]);
        assert!(loose[1].1.contains("So.") && !loose[1].1.contains("A:"), "{loose:?}");
    }

    #[test]
    fn an_answer_goes_on_to_the_next_question() {
        let cards = read(
            "1) **Q:** How?\n   - **A:** In steps:\n     1. one\n     2. two\n\n   ```go\n   x\n   ```\n2. Plain?\n   - a\n   - b\n",
        );
        assert_eq!(cards.len(), 2);
        assert!(cards[0].1.starts_with("In steps:") && cards[0].1.contains("<li>two</li>"), "{}", cards[0].1);
        assert_eq!(cards[1].1, "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    }
}
