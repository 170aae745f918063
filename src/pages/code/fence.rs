//! The info string of a code fence: its language, and its options in the notations of common tools: Hugo, Docusaurus,
//! Starlight, VitePress, MkDocs and Pandoc. Options that no tool of these has are ignored.

use std::ops::RangeInclusive;

/// The maximum number of ranges per kind of mark. Each line of code is compared with all of them.
const MAX_RANGES: usize = 200;
/// The maximum number of the first line.
const MAX_NUMBER: usize = 1_000_000;

/// The info string of a code fence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Info {
    /// The language in lower case, as written (`rs`, not `rust`). Empty if none is given.
    pub language: String,
    /// The title: usually a file name.
    pub title: Option<String>,
    /// The lines to mark.
    pub marked: Lines,
    /// The lines that were added.
    pub inserted: Lines,
    /// The lines that were removed.
    pub deleted: Lines,
    /// The numbers of the lines.
    numbers: Numbers,
    /// Whether long lines are wrapped.
    pub wrap: bool,
}

/// Whether lines have numbers, and which. A fence may name the first number without asking for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Numbers {
    are_shown: bool,
    /// The number of the first line; `None` for 1.
    first: Option<usize>,
}

/// Line numbers of a code block, counted from 1, whatever number its first line shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Lines(Vec<RangeInclusive<usize>>);

impl Lines {
    /// Parses `1,3-5` or `1 3-5` or `8,"15-17"`. Parts that are not numbers are ignored.
    fn parse(text: &str) -> Lines {
        let is_between = |c: char| matches!(c, ',' | '"' | '\'' | '[' | ']') || c.is_whitespace();
        let range = |part: &str| match part.split_once('-') {
            Some((from, to)) => Some(from.parse().ok()?..=to.parse().ok()?),
            None => part.parse().ok().map(|line: usize| line..=line),
        };
        let ranges = text.split(is_between).filter(|part| !part.is_empty()).filter_map(range);
        Lines(ranges.filter(|range| *range.start() > 0 && !range.is_empty()).take(MAX_RANGES).collect())
    }

    fn add(&mut self, more: Lines) {
        self.0.extend(more.0);
        self.0.truncate(MAX_RANGES);
    }

    /// Whether `line`, counted from 1, is one of the lines.
    pub(super) fn contain(&self, line: usize) -> bool {
        self.0.iter().any(|range| range.contains(&line))
    }

    /// Whether there are no lines.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Info {
    /// Parses the notations in common use: `rust,ignore`, `js {1,3-5} ins={7}`, `{.python}`, `py title="x"`, `go
    /// {linenos=true,hl_lines=[2,"4-6"]}`, `ts:line-numbers`.
    pub(crate) fn parse(info: &str) -> Info {
        let info = info.trim();
        let end = info.find(|c: char| matches!(c, ',' | '{') || c.is_whitespace()).unwrap_or(info.len());
        let (first, rest) = info.split_at(end);
        let mut read = Info::default();
        if first.split(':').next().is_some_and(|word| word.contains('=')) {
            read.options(info);
            return read;
        }
        let first = if first.is_empty() { pandoc_class(rest) } else { read.after_colon(first) };
        let lower = first.to_lowercase();
        let language = ["language-", "lang-"].iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
        read.language = language.to_string();
        read.options(rest);
        read
    }

    /// Reads what is behind the colon of `ts:line-numbers=5` (VitePress) or `ts:src/app.ts` (Zenn, Qiita). Returns the
    /// language.
    fn after_colon<'a>(&mut self, first: &'a str) -> &'a str {
        let Some((language, behind)) = first.split_once(':') else { return first };
        let (name, value) = behind.split_once('=').map_or((behind, None), |(name, value)| (name, Some(value)));
        match name {
            "line-numbers" | "no-line-numbers" => self.option(name, value),
            "" => {}
            title => self.title = Some(title.to_string()),
        }
        language
    }

    /// Reads a list of options.
    fn options(&mut self, text: &str) {
        let mut rest = text;
        while let Some((item, after)) = next_item(rest) {
            rest = after;
            match item {
                Item::Braces(inside) if inside.contains('=') || inside.trim_start().starts_with(['.', '#']) => {
                    // Braces in braces are part of a value, so this recurses once.
                    self.options(inside);
                }
                Item::Braces(inside) => self.marked.add(Lines::parse(inside)),
                Item::Brackets(inside) if !inside.is_empty() => {
                    self.title.get_or_insert_with(|| inside.to_string());
                }
                Item::Named(name, value) => self.option(name, value),
                Item::Brackets(_) | Item::Text => {}
            }
        }
    }

    /// The number of the first line. `None` if lines have no numbers.
    pub(super) fn first_number(&self) -> Option<usize> {
        self.numbers.are_shown.then(|| self.numbers.first.unwrap_or(1))
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        let is_on = !matches!(value, Some("false" | "none"));
        match plain_name(name).as_str() {
            "title" | "filename" => {
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    self.title = Some(value.to_string());
                }
            }
            "hllines" | "mark" | "highlight" => self.marked.add(Lines::parse(value.unwrap_or_default())),
            "ins" | "add" => self.inserted.add(Lines::parse(value.unwrap_or_default())),
            "del" | "remove" => self.deleted.add(Lines::parse(value.unwrap_or_default())),
            "showlinenumbers" | "linenumbers" | "linenos" | "linenums" | "numberlines" => {
                self.numbers.are_shown = is_on;
                self.numbers.first = value.and_then(number).or(self.numbers.first);
            }
            "nolinenumbers" => self.numbers.are_shown = false,
            "linenostart" | "startlinenumber" | "startfrom" => {
                self.numbers.first = value.and_then(number).or(self.numbers.first);
            }
            "wrap" => self.wrap = is_on,
            _ => {}
        }
    }
}

fn number(value: &str) -> Option<usize> {
    value.trim().parse().ok().filter(|number| *number <= MAX_NUMBER)
}

/// The name of an option as all tools would write it: `showLineNumbers`, `.number-lines` and `hl_lines` become
/// `showlinenumbers`, `numberlines` and `hllines`.
fn plain_name(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '.' | '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// The language in the notation of Pandoc: the first word of `{.python …}` or `{python}`. Empty for a list of lines,
/// an id or an option.
fn pandoc_class(rest: &str) -> &str {
    let Some((Item::Braces(inside), _)) = next_item(rest) else { return "" };
    let word = inside.trim_start().split(|c: char| c == ',' || c.is_whitespace()).next().unwrap_or_default();
    let name = word.strip_prefix('.').unwrap_or(word);
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '#') || name.contains('=') { "" } else { name }
}

/// A part of an info string.
enum Item<'a> {
    /// `{…}` without a name.
    Braces(&'a str),
    /// `[…]` without a name.
    Brackets(&'a str),
    /// `name`, `name=value`, `name="value"`, `name={value}`, `name{value}`.
    Named(&'a str, Option<&'a str>),
    /// `"…"` or `/…/`: words to mark, which are not supported.
    Text,
}

/// The first item of `text` and the text after it. `None` at the end, or if a bracket is not closed.
fn next_item(text: &str) -> Option<(Item<'_>, &str)> {
    let text = text.trim_start_matches(|c: char| matches!(c, ',' | '=' | '}' | ']') || c.is_whitespace());
    match text.chars().next()? {
        '{' => bracketed(text, '}').map(|(inside, after)| (Item::Braces(inside), after)),
        '[' => bracketed(text, ']').map(|(inside, after)| (Item::Brackets(inside), after)),
        mark @ ('"' | '\'' | '/') => bracketed(text, mark).map(|(_, after)| (Item::Text, after)),
        _ => {
            let ends_name = |c: char| matches!(c, ',' | '=' | '{' | '}' | '[' | ']') || c.is_whitespace();
            let (name, after) = text.split_at(text.find(ends_name).unwrap_or(text.len()));
            let (value, after) = match after.strip_prefix('=') {
                Some(value) => value_of(value),
                None if after.starts_with('{') => value_of(after),
                None => (None, after),
            };
            Some((Item::Named(name, value), after))
        }
    }
}

/// The value at the start of `text`, without its quotation marks or brackets, and the text after it.
fn value_of(text: &str) -> (Option<&str>, &str) {
    let closing = match text.chars().next() {
        Some('{') => '}',
        Some('[') => ']',
        Some(quote @ ('"' | '\'')) => quote,
        _ => {
            let end = text.find(|c: char| matches!(c, ',' | '}') || c.is_whitespace()).unwrap_or(text.len());
            let (value, after) = text.split_at(end);
            return (Some(value), after);
        }
    };
    match bracketed(text, closing) {
        Some((value, after)) => (Some(value), after),
        None => (None, ""),
    }
}

/// The text between the first character and `closing`, and the text after it. Braces contain pairs of brackets and
/// quotation marks, in which a closing brace has no meaning.
fn bracketed(text: &str, closing: char) -> Option<(&str, &str)> {
    let mut inner = None;
    for (at, c) in text.char_indices().skip(1) {
        match inner {
            Some(end) if c == end => inner = None,
            Some(_) => {}
            None if c == closing => return Some((&text[1..at], &text[at + c.len_utf8()..])),
            None if closing == '}' => {
                inner = match c {
                    '"' | '\'' => Some(c),
                    '[' => Some(']'),
                    '{' => Some('}'),
                    _ => None,
                }
            }
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Lines {
        Lines::parse(text)
    }

    #[test]
    fn languages_marks_and_titles_are_read_in_every_spelling() {
        for (info, language, marked, title) in [
            ("", "", "", None),
            ("rust,ignore", "rust", "", None),
            ("JS {1,3-5}", "js", "1,3-5", None),
            ("js{2}", "js", "2", None),
            ("{.python .numberLines}", "python", "", None),
            ("{python}", "python", "", None),
            ("{r, echo=FALSE}", "r", "", None),
            ("python title=\"a b.py\" {2}", "python", "2", Some("a b.py")),
            ("go hl_lines=\"2 4-6\"", "go", "2,4-6", None),
            ("go {hl_lines=[8,\"15-17\"],linenos=false}", "go", "8,15-17", None),
            ("{.rust hl_lines=\"2\" title=\"x.rs\"}", "rust", "2", Some("x.rs")),
            ("jsx mark={1} mark={4-5}", "jsx", "1,4-5", None),
            ("js \"a word\" /a.*b/ {2}", "js", "2", None),
            ("js [config.js]", "js", "", Some("config.js")),
            ("ts:src/app.ts", "ts", "", Some("src/app.ts")),
            ("ts filename=app.ts", "ts", "", Some("app.ts")),
            ("title=\"notes.txt\" {1}", "", "1", Some("notes.txt")),
            ("language-c++", "c++", "", None),
            ("{1,2}", "", "1,2", None),
            ("sh {0,x,3-1,7-}", "sh", "", None),
            ("c subtitle=\"no\"", "c", "", None),
            ("c title='y'", "c", "", Some("y")),
            ("c title=\"not closed {3}", "c", "", None),
        ] {
            let read = Info::parse(info);
            assert_eq!((read.language.as_str(), read.title.as_deref()), (language, title), "{info}");
            assert_eq!(read.marked, lines(marked), "{info}");
            assert_eq!(read.first_number(), if info.contains("numberLines") { Some(1) } else { None }, "{info}");
        }
    }

    #[test]
    fn added_and_removed_lines_are_read() {
        let info = Info::parse("js ins={3-4} del={1} {6}");
        assert_eq!((info.inserted, info.deleted, info.marked), (lines("3-4"), lines("1"), lines("6")));
    }

    #[test]
    fn line_numbers_and_wrapping_are_read_in_every_spelling() {
        for (info, first, wrap) in [
            ("js showLineNumbers", Some(1), false),
            ("js showLineNumbers=5", Some(5), false),
            ("js showLineNumbers{7} {1}", Some(7), false),
            ("js showLineNumbers=false", None, false),
            ("js showLineNumbers startLineNumber=12 wrap", Some(12), true),
            ("js startLineNumber=12 wrap=false", None, false),
            ("go {linenos=table,linenostart=199}", Some(199), false),
            ("go {linenos=inline}", Some(1), false),
            ("go {linenos=false}", None, false),
            ("py linenums=\"3\"", Some(3), false),
            ("ts:line-numbers {1}", Some(1), false),
            ("ts:line-numbers=2", Some(2), false),
            ("ts:no-line-numbers", None, false),
            ("{.python .number-lines startFrom=\"100\"}", Some(100), false),
            ("js showLineNumbers=99999999999999999999", Some(1), false),
        ] {
            let read = Info::parse(info);
            assert_eq!((read.first_number(), read.wrap), (first, wrap), "{info}");
        }
    }

    #[test]
    fn long_info_strings_are_read_in_bounded_space_and_depth() {
        let many = format!("js {{{}}}", "1,".repeat(100_000));
        assert_eq!(Info::parse(&many).marked.0.len(), MAX_RANGES);
        for text in ["{", "}", "[", "{a=", "=", "{a={b=", "{[\"", "'"] {
            Info::parse(&format!("js {}", text.repeat(100_000)));
        }
    }

    proptest! {
        #[test]
        fn info_never_panics(info in "(js|é)?[ :,=a{}\\[\\]\"'/.#0-9é-]{0,40}") {
            Info::parse(&info);
        }
    }
}
