//! Code blocks, and diagrams in place of those that are written in Mermaid's language.

use super::{Writer, escaped_text};
use crate::note::diagrams::{Drawing, draw, is_diagram};
use crate::note::markdown::{Code, Document};
use crate::pages::code;
use crate::text::html_escape::{attribute, escaped, text};
use crate::text::ids::CodeId;

/// The width in pixels from which a drawing is not made smaller than words can be read: it scrolls instead.
const WIDE: u32 = 760;

impl Writer<'_> {
    /// Appends a code block, or the diagram that it describes. A diagram that cannot be drawn is shown as its source.
    pub(super) fn code_block(&self, doc: &Document, index: CodeId, out: &mut String) {
        let block = &doc.code[index];
        let info = code::Info::parse(&block.info);
        if !self.site.config.markdown.mermaid || !is_diagram(&info.language) {
            return self.code(block, &info, out);
        }
        let drawn = draw(&block.text);
        match drawn.as_ref() {
            Ok(drawing) => self.diagram(block, &info, drawing, out),
            Err(_) => self.code(block, &info, out),
        }
    }

    fn diagram(&self, block: &Code, info: &code::Info, drawing: &Drawing, out: &mut String) {
        let title = info.title.as_deref().unwrap_or(&drawing.title);
        let name = if title.is_empty() { self.text("diagram") } else { title };
        out.push_str("<figure class=\"diagram\">");
        if !title.is_empty() {
            out.push_str("<figcaption>");
            text(title, out);
            out.push_str("</figcaption>");
        }
        let (left, top, width, height) = drawing.view;
        out.push_str("<div class=\"diagram-view\"");
        if width > WIDE {
            out.push_str(" tabindex=\"0\" role=\"group\" aria-label=\"");
            attribute(name, out);
            out.push('"');
        }
        let class = if width > WIDE { " class=\"diagram-wide\"" } else { "" };
        out.push_str(&format!("><svg{class} role=\"img\" aria-label=\""));
        attribute(name, out);
        if !drawing.description.is_empty() {
            out.push_str(": ");
            attribute(&drawing.description, out);
        }
        let view = format!("viewBox=\"{left} {top} {width} {height}\" width=\"{width}\" height=\"{height}\"");
        out.push_str(&format!("\" {view}>{}</svg></div><details><summary>", drawing.svg));
        text(self.text("diagram_source"), out);
        out.push_str("</summary>");
        let mut source = info.clone();
        source.title = None;
        self.code(block, &source, out);
        out.push_str("</details></figure>\n");
    }

    /// Appends a code block, highlighted if possible.
    fn code(&self, block: &Code, info: &code::Info, out: &mut String) {
        let coloured = code::highlight(&info.language, &block.text).unwrap_or_else(|| escaped_text(&block.text));
        let lines = code::wrap_lines(&coloured, &block.text, info);
        out.push_str(match (lines.is_some(), info.wrap) {
            (false, false) => "<div class=\"code\"",
            (false, true) => "<div class=\"code wrapped\"",
            (true, false) => "<div class=\"code lines\"",
            (true, true) => "<div class=\"code lines wrapped\"",
        });
        if !info.language.is_empty() {
            let name = code::language_label(&info.language).unwrap_or(&info.language);
            out.push_str(&format!(" data-language=\"{}\"", escaped(name)));
        }
        out.push('>');
        if let Some(title) = &info.title {
            out.push_str("<p class=\"code-title\">");
            text(title, out);
            out.push_str("</p>");
        }
        out.push_str(&format!("<pre tabindex=\"0\" aria-label=\"{}\"><code>", escaped(self.text("code"))));
        out.push_str(&lines.unwrap_or(coloured));
        out.push_str("</code></pre></div>\n");
    }
}
