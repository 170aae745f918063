//! Runs that are not collected: no pass needs the whole run, so each event goes to the builder at once.

use super::builder::Builder;
use super::events::Adapter;
use super::node::{Node, is_source};
use pulldown_cmark::{CowStr, Event, LinkType, Tag};
use std::ops::Range;

impl<'a> Adapter<'a> {
    /// Begins a direct run with its first event, if no pass and no question of the paragraph needs the whole run: is it
    /// a title, is it only an embed?
    pub(super) fn begin_direct(&mut self, first: &Event<'a>, builder: &mut Builder<'a>) {
        if self.has_passes || self.is_direct || !self.run.is_empty() || self.image.is_some() || self.title.is_some() {
            return;
        }
        if let Some(range) = &self.paragraph {
            if matches!(first, Event::Start(Tag::Image { link_type: LinkType::WikiLink { .. }, .. })) {
                return;
            }
            builder.node(Node::Parsed(Event::Start(Tag::Paragraph)), range.clone());
        }
        self.is_direct = true;
    }

    /// Adds an event to the run.
    pub(super) fn put(&mut self, node: Node<'a>, range: Range<usize>, builder: &mut Builder<'a>) {
        if self.is_direct {
            self.put_text(builder);
            builder.node(node, range);
        } else {
            self.run.push((node, range));
        }
    }

    /// Passes the last text of a direct run to the builder.
    fn put_text(&mut self, builder: &mut Builder<'a>) {
        if let Some((text, range)) = self.text.take() {
            builder.node(Node::Parsed(Event::Text(text)), range);
        }
    }

    /// Ends the open run if it is direct.
    pub(super) fn end_direct(&mut self, builder: &mut Builder<'a>) -> bool {
        if self.is_direct {
            self.put_text(builder);
            self.open_links = 0;
        }
        std::mem::take(&mut self.is_direct)
    }

    /// Appends text. Adjacent texts are joined, so that the passes and the builder see whole words.
    pub(super) fn add_text(&mut self, text: CowStr<'a>, range: Range<usize>, builder: &mut Builder<'a>) {
        let last = match (&mut self.text, self.run.last_mut()) {
            (Some((last, at)), _) => Some((last, at)),
            (None, Some((Node::Parsed(Event::Text(last)), at))) => Some((last, at)),
            _ => None,
        };
        if let Some((last, at)) = last
            && at.end == range.start
            && is_source(self.source, last, at)
            && is_source(self.source, &text, &range)
        {
            at.end = range.end;
            *last = CowStr::Borrowed(&self.source[at.clone()]);
        } else if self.is_direct {
            self.put_text(builder);
            self.text = Some((text, range));
        } else {
            self.run.push((Node::Parsed(Event::Text(text)), range));
        }
    }
}
