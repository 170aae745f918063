//! Tables while they are read.

use super::builder::Builder;
use super::*;

impl Builder<'_> {
    pub(super) fn start_table(&mut self, columns: &[pulldown_cmark::Alignment], range: Range<usize>) {
        use pulldown_cmark::Alignment;
        self.open_block(BlockKind::Table, range);
        self.table.0 = columns
            .iter()
            .map(|alignment| match alignment {
                Alignment::Left => " class=\"left\"",
                Alignment::Center => " class=\"center\"",
                Alignment::Right => " class=\"right\"",
                Alignment::None => "",
            })
            .collect();
        self.slot(Slot::TableOpen);
        self.html("<table>");
        self.begin_inner();
    }

    pub(super) fn start_row(&mut self, tag: &str, range: Range<usize>) {
        self.table.2 = 0;
        self.wrap(BlockKind::Row, tag, range);
    }

    pub(super) fn start_cell(&mut self) {
        if !self.doc.text.ends_with(['\n', ' ']) && !self.doc.text.is_empty() {
            self.doc.text.push(' ');
        }
        let class = self.table.0.get(self.table.2).copied().unwrap_or("");
        self.html(if self.table.1 { "<th scope=\"col\"" } else { "<td" });
        self.html(class);
        self.html(">");
        self.line_start = true;
    }

    pub(super) fn end_cell(&mut self) {
        self.table.2 += 1;
        self.html(if self.table.1 { "</th>" } else { "</td>" });
    }
}
