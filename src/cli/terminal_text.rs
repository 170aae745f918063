//! Markdown of explanations as text for a terminal: bold headings, marked code, lists and paragraphs that fit the width.
//! Knows the Markdown that explanations use, not that of notes.

use anstyle::{AnsiColor, Style};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::io::IsTerminal;

/// How text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The number of columns.
    pub width: usize,
    /// Whether styles are shown. Without, code keeps its backticks.
    pub colour: bool,
}

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
/// The width if the terminal does not tell its own.
const USUAL: usize = 80;
/// Below this, words are longer than lines.
const NARROWEST: usize = 20;

const HEADING: Style = Style::new().bold();
const CODE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const DIM: Style = Style::new().dimmed();

/// The look of standard output. `None` if it is no terminal and no colour is asked for.
pub(super) fn look() -> Option<Look> {
    let choice = anstream::stdout().current_choice();
    let colour = choice != anstream::ColorChoice::Never;
    let is_shown = std::io::stdout().is_terminal() || colour;
    let width = terminal_size::terminal_size().map_or(USUAL, |(width, _)| usize::from(width.0));
    is_shown.then(|| Look { width: width.clamp(NARROWEST, WIDEST), colour })
}

/// Markdown as text for a terminal, with a final line ending.
pub(super) fn render(markdown: &str, look: &Look) -> String {
    let mut page = Page { look: *look, ..Page::default() };
    for event in Parser::new_ext(markdown, Options::empty()) {
        page.add(event);
    }
    page.out
}

/// A word with its styles, and the number of its columns.
#[derive(Default)]
struct Word {
    text: String,
    columns: usize,
}

#[derive(Default)]
struct Page {
    look: Look,
    out: String,
    /// The finished words of the open paragraph.
    words: Vec<Word>,
    word: Word,
    styles: Vec<Style>,
    /// The next number of each open list; `None` for a list with bullets.
    lists: Vec<Option<u64>>,
    /// The bullet or number before the next line of an item.
    marker: Option<String>,
    /// The open code block: its bar's style and its text.
    code: Option<(Style, String)>,
}

impl Default for Look {
    fn default() -> Look {
        Look { width: USUAL, colour: false }
    }
}

impl Page {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.push(&text, None),
            },
            Event::Code(text) => self.push_code(&text),
            Event::SoftBreak => self.push(" ", None),
            Event::HardBreak => self.flush(),
            Event::Html(text) | Event::InlineHtml(text) => self.push(&text, None),
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.blank_line();
                self.styles.push(HEADING);
            }
            Tag::Paragraph if self.lists.is_empty() => self.blank_line(),
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.blank_line();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_string(),
                });
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.blank_line();
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.trim(),
                    CodeBlockKind::Indented => "",
                };
                let (word, name) = info.split_once(' ').unwrap_or((info, ""));
                let colour = match word {
                    "wrong" => Style::new().fg_color(Some(AnsiColor::Red.into())),
                    "right" => Style::new().fg_color(Some(AnsiColor::Green.into())),
                    _ => DIM,
                };
                if !name.is_empty() {
                    self.out.push_str(&format!("    {}\n", self.styled(name.trim_matches('"'), DIM)));
                }
                self.code = Some((colour, String::new()));
            }
            Tag::Strong => self.styles.push(Style::new().bold()),
            Tag::Emphasis => self.styles.push(Style::new().italic()),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                let Some((colour, code)) = self.code.take() else { return };
                for line in code.lines() {
                    self.out.push_str(&format!("    {} {line}\n", self.styled("│", colour)));
                }
            }
            TagEnd::Strong | TagEnd::Emphasis => {
                self.styles.pop();
            }
            _ => {}
        }
    }

    fn push_code(&mut self, text: &str) {
        match self.look.colour {
            true => self.push(text, Some(CODE)),
            false => self.push(&format!("`{text}`"), None),
        }
    }

    /// Adds text to the open paragraph. Spaces separate words; a word may have parts of several styles.
    fn push(&mut self, text: &str, style: Option<Style>) {
        for (i, part) in text.split([' ', '\n']).enumerate() {
            if i > 0 && self.word.columns > 0 {
                self.words.push(std::mem::take(&mut self.word));
            }
            let style = style.or(self.styles.last().copied());
            let part_styled = style.map_or(part.to_string(), |style| self.styled(part, style));
            self.word.columns += part.chars().count();
            if !part.is_empty() {
                self.word.text.push_str(&part_styled);
            }
        }
    }

    fn styled(&self, text: &str, style: Style) -> String {
        match self.look.colour {
            true => format!("{style}{text}{style:#}"),
            false => text.to_string(),
        }
    }

    /// Writes the open paragraph in lines that fit the width. The lines after the first are indented below the marker.
    fn flush(&mut self) {
        if self.word.columns > 0 {
            self.words.push(std::mem::take(&mut self.word));
        }
        if self.words.is_empty() {
            return;
        }
        let marker = self.marker.take().unwrap_or_default();
        let outer = "  ".repeat(self.lists.len().saturating_sub(1));
        let indent = outer.len() + if self.lists.is_empty() { 0 } else { marker.chars().count().max(2) };
        self.out.push_str(&outer);
        self.out.push_str(&marker);
        let mut column = outer.len() + marker.chars().count();
        for (i, word) in std::mem::take(&mut self.words).into_iter().enumerate() {
            let is_first = i == 0;
            if !is_first && column + 1 + word.columns > self.look.width {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(indent));
                column = indent;
            } else if !is_first {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(&word.text);
            column += word.columns;
        }
        self.out.push('\n');
    }

    /// Separates two blocks.
    fn blank_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::RULES;

    const TEXT: &str = "# a-rule\n\nA long sentence with `some code` and **bold words** that does not fit.\n\n\
        - one item that is longer than the line is wide\n- two\n\n```wrong a/b.md\n[x](y.md)\n```\n";

    #[test]
    fn without_colour_the_text_has_only_words() {
        let shown = render(TEXT, &Look { width: 30, colour: false });
        assert_eq!(
            shown,
            "a-rule\n\nA long sentence with `some\ncode` and bold words that does\nnot fit.\n\n\
             • one item that is longer than\n  the line is wide\n• two\n\n    a/b.md\n    │ [x](y.md)\n"
        );
    }

    #[test]
    fn colour_adds_styles_and_takes_no_room() {
        let (plain, coloured) =
            (render(TEXT, &Look { width: 60, colour: false }), render(TEXT, &Look { width: 60, colour: true }));
        assert!(coloured.contains("\u{1b}[1ma-rule\u{1b}[0m") && coloured.contains("\u{1b}[36msome\u{1b}[0m"));
        let stripped = anstream::adapter::strip_str(&coloured).to_string();
        let words = |text: &str| text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&stripped), words(&plain));
    }

    #[test]
    fn no_line_of_an_explanation_is_wider_than_the_terminal() {
        for rule in RULES {
            let prose = rule.explanation.split("\nWrong:").next().unwrap_or_default();
            for line in render(prose, &Look { width: 40, colour: false }).lines() {
                assert!(line.chars().count() <= 40 || !line.trim().contains(' '), "{}: {line}", rule.id);
            }
        }
    }
}
