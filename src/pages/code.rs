//! Syntax highlighting: code becomes HTML with a small set of classes, and the info string of a fence becomes marks and
//! numbers of its lines.
//!
//! Knows nothing of notes, pages or colours. Code in an unknown language is left to the caller to escape.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::system::panics;
use rustc_hash::FxHashMap;
use syntect::parsing::{ClearAmount, ParseState, Scope, ScopeStackOp, SyntaxReference, SyntaxSet};

mod fence;
mod languages;
mod lines;

pub(crate) use fence::Info;
pub(crate) use lines::wrap_lines;

use languages::{LANGUAGES, Language};

/// The maximum size of a highlighted block in bytes. Larger blocks are data, not code for reading.
const MAX_CODE: usize = 32 * 1024;
/// The maximum length of a highlighted line in bytes: some patterns take time cubic in the length of a line.
const MAX_LINE: usize = 500;
/// The maximum size of all cached results in bytes.
const MAX_CACHED_BYTES: usize = 32 * 1024 * 1024;
/// The numbers of cached lines and parser states per thread, beyond which its cache is cleared.
const MAX_CACHED_LINES: usize = 20_000;
const MAX_CACHED_STATES: usize = 4_000;

/// A kind of word in code. The theme sees its name as a class: `code-keyword`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    /// No class: the text gets no element.
    #[default]
    Plain,
    Keyword,
    String,
    /// An escape in a string, or a placeholder.
    Escape,
    /// A number or a constant.
    Number,
    Comment,
    Function,
    Type,
    /// A tag of a markup language, or a key.
    Tag,
    /// An attribute or a property.
    Attribute,
    Variable,
    /// An annotation or an instruction for a preprocessor.
    Meta,
    Heading,
    Inserted,
    Deleted,
}

impl Class {
    /// The class name, styled by `static/highlight.css`; empty for plain text.
    fn name(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Keyword => "code-keyword",
            Class::String => "code-string",
            Class::Escape => "code-escape",
            Class::Number => "code-number",
            Class::Comment => "code-comment",
            Class::Function => "code-function",
            Class::Type => "code-type",
            Class::Tag => "code-tag",
            Class::Attribute => "code-attribute",
            Class::Variable => "code-variable",
            Class::Meta => "code-meta",
            Class::Heading => "code-heading",
            Class::Inserted => "code-inserted",
            Class::Deleted => "code-deleted",
        }
    }
}

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static Language>> = LazyLock::new(|| {
    let pairs = LANGUAGES.iter().flat_map(|language| language.names.iter().map(move |name| (*name, language)));
    pairs.collect()
});

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// The display name of a language: `TypeScript` for `ts`. `None` if the language is unknown.
pub(crate) fn language_label(language: &str) -> Option<&'static str> {
    BY_NAME.get(language).map(|language| language.label)
}

/// Highlights `code`: escaped HTML with `<span class="code-keyword">` and the further classes of `static/highlight.css`.
///
/// `None` if the language is unknown, the code is too large, or the grammar fails; the caller must then escape the
/// code. No element extends over a line end. The result depends only on the arguments, not on earlier calls.
pub(crate) fn highlight(language: &str, code: &str) -> Option<String> {
    let known = BY_NAME.get(language)?;
    // Large blocks are refused before they are hashed for the cache.
    let too_large = code.len() > MAX_CODE || code.lines().any(|line| line.len() > MAX_LINE);
    if too_large {
        return None;
    }
    let key = block_key(known.syntax, code);
    if let Some(html) = cached_html(&key) {
        return Some(html.to_string());
    }
    let syntax = SYNTAXES.find_syntax_by_name(known.syntax)?;
    // A grammar may panic on unusual code. The block is then shown without colours.
    let html = panics::catch(|| render(syntax, code)).ok().flatten()?;
    cache_html(key, &html);
    Some(html)
}

/// The BLAKE3 hash of the syntax name and the code of a block.
type BlockKey = [u8; 32];

#[derive(Default)]
struct BlockCache {
    blocks: FxHashMap<BlockKey, Arc<str>>,
    bytes: usize,
}

static CACHE: LazyLock<Mutex<BlockCache>> = LazyLock::new(Mutex::default);

fn block_key(syntax: &str, code: &str) -> BlockKey {
    let mut hasher = blake3::Hasher::new();
    hasher.update(syntax.as_bytes()).update(&[0]).update(code.as_bytes());
    *hasher.finalize().as_bytes()
}

fn cached_html(key: &BlockKey) -> Option<Arc<str>> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner).blocks.get(key).cloned()
}

fn cache_html(key: BlockKey, html: &str) {
    let mut kept = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    // Clearing everything is simpler than evicting, and a site with so much code is rare.
    if kept.bytes + html.len() > MAX_CACHED_BYTES {
        *kept = BlockCache::default();
    }
    kept.bytes += html.len();
    kept.blocks.insert(key, html.into());
}

/// The state at the start of a line: the parser state and the open classes.
#[derive(Clone, PartialEq)]
struct State {
    parser: ParseState,
    open: Open,
}

/// The class of each open scope, innermost last.
#[derive(Clone, PartialEq, Default)]
struct Open {
    classes: Vec<Class>,
    cleared: Vec<Vec<Class>>,
}

/// The cache of a thread: the rendered lines. Lines recur far more often than whole blocks.
///
/// The HTML of a line and the state after it depend only on the line and the state before it, so the cache does not
/// change any result.
#[derive(Default)]
struct LineCache {
    classes: FxHashMap<Scope, Option<Class>>,
    states: Vec<State>,
    starts: FxHashMap<String, usize>,
    lines: FxHashMap<(usize, Box<str>), (Box<str>, usize)>,
}

thread_local! {
    static MEMORY: RefCell<LineCache> = RefCell::default();
}

fn render(syntax: &SyntaxReference, code: &str) -> Option<String> {
    MEMORY.with(|memory| {
        let mut memory = memory.take();
        memory.clear_if_full();
        let mut at = memory.start(syntax);
        let mut html = String::with_capacity(code.len() * 2);
        for line in code.split_inclusive('\n') {
            at = memory.push_line(&mut html, at, line)?;
        }
        MEMORY.set(memory);
        Some(html)
    })
}

impl LineCache {
    fn clear_if_full(&mut self) {
        if self.lines.len() > MAX_CACHED_LINES || self.states.len() > MAX_CACHED_STATES {
            self.states.clear();
            self.starts.clear();
            self.lines.clear();
        }
    }

    fn start(&mut self, syntax: &SyntaxReference) -> usize {
        if let Some(start) = self.starts.get(&syntax.name) {
            return *start;
        }
        self.states.push(State { parser: ParseState::new(syntax), open: Open::default() });
        let start = self.states.len() - 1;
        self.starts.insert(syntax.name.clone(), start);
        start
    }

    /// Appends the HTML of `line`, whose first state is number `before`. Returns the number of the state after it.
    /// `None` if the grammar fails.
    fn push_line(&mut self, html: &mut String, before: usize, line: &str) -> Option<usize> {
        let key = (before, Box::from(line));
        if let Some((known, after)) = self.lines.get(&key) {
            html.push_str(known);
            return Some(*after);
        }
        let mut state = self.states[before].clone();
        let operations = state.parser.parse_line(line, &SYNTAXES).ok()?;
        let start = html.len();
        push_spans(html, line, &operations, &mut state.open, &mut self.classes);
        let after = self.number_of(state, before);
        self.lines.insert(key, (Box::from(&html[start..]), after));
        Some(after)
    }

    /// The number of `state`. The previous state and the most recent ones are compared first, because most lines end in
    /// one of them; an older equal state is stored again.
    fn number_of(&mut self, state: State, before: usize) -> usize {
        if self.states[before] == state {
            return before;
        }
        match self.states.iter().rev().take(64).position(|known| *known == state) {
            Some(back) => self.states.len() - 1 - back,
            None => {
                self.states.push(state);
                self.states.len() - 1
            }
        }
    }
}

/// Appends `line` with a span around each run of one class. White space between two runs of the same class is included
/// in the span.
fn push_spans(
    html: &mut String,
    line: &str,
    operations: &[(usize, ScopeStackOp)],
    open: &mut Open,
    classes: &mut FxHashMap<Scope, Option<Class>>,
) {
    let text = line.trim_end_matches(['\n', '\r']);
    let (mut run_start, mut run_class, mut at) = (0, Class::Plain, 0);
    let mut piece = |to: usize, class: Class, at: &mut usize, html: &mut String| {
        // Scopes may end after the line ending, which is not part of `text`.
        let to = to.min(text.len());
        let blank = text[*at..to].bytes().all(|byte| matches!(byte, b' ' | b'\t'));
        if to > *at && class != run_class && !blank {
            push_run(html, &text[run_start..*at], run_class);
            (run_start, run_class) = (*at, class);
        }
        *at = to.max(*at);
    };
    for (index, operation) in operations {
        if *index > at {
            piece(*index, open.class(), &mut at, html);
        }
        open.apply(operation, classes);
    }
    piece(text.len(), open.class(), &mut at, html);
    push_run(html, &text[run_start..], run_class);
    html.push_str(&line[text.len()..]);
}

fn push_run(html: &mut String, text: &str, class: Class) {
    let inside = text.trim_end_matches([' ', '\t']);
    if class == Class::Plain || inside.is_empty() {
        return push_escaped(html, text);
    }
    html.push_str("<span class=\"");
    html.push_str(class.name());
    html.push_str("\">");
    push_escaped(html, inside);
    html.push_str("</span>");
    html.push_str(&text[inside.len()..]);
}

fn push_escaped(html: &mut String, text: &str) {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => continue,
        };
        html.push_str(&text[done..at]);
        html.push_str(entity);
        done = at + 1;
    }
    html.push_str(&text[done..]);
}

impl Open {
    fn class(&self) -> Class {
        self.classes.last().copied().unwrap_or_default()
    }

    fn apply(&mut self, operation: &ScopeStackOp, classes: &mut FxHashMap<Scope, Option<Class>>) {
        match operation {
            ScopeStackOp::Push(scope) => {
                let class = *classes.entry(*scope).or_insert_with(|| class_of(&scope.build_string()));
                self.classes.push(class.unwrap_or_else(|| self.class()));
            }
            ScopeStackOp::Pop(count) => self.classes.truncate(self.classes.len().saturating_sub(*count)),
            // `Clear` hides scopes until the matching `Restore`, for example in an embedded language.
            ScopeStackOp::Clear(amount) => {
                let keep = match amount {
                    ClearAmount::TopN(count) => self.classes.len().saturating_sub(*count),
                    ClearAmount::All => 0,
                };
                self.cleared.push(self.classes.split_off(keep));
            }
            ScopeStackOp::Restore => self.classes.extend(self.cleared.pop().unwrap_or_default()),
            ScopeStackOp::Noop => (),
        }
    }
}

/// Scope prefixes with their class. The first match wins. [`Class::Plain`] is plain text, even inside a scope
/// with a class.
///
/// Function definitions have a class, but calls do not: they would make up a third of all spans and tell a reader
/// little.
const RULES: &[(&str, Class)] = &[
    ("comment", Class::Comment),
    ("constant.character.escape", Class::Escape),
    ("constant.other.placeholder", Class::Escape),
    ("constant", Class::Number),
    ("entity.name.function", Class::Function),
    ("entity.name.tag", Class::Tag),
    ("entity.name.section", Class::Heading),
    ("entity.name.label", Class::Type),
    ("entity.name", Class::Type),
    ("entity.other.attribute-name", Class::Attribute),
    ("entity.other.inherited-class", Class::Type),
    ("keyword.operator.word", Class::Keyword),
    ("keyword.operator.logical.python", Class::Keyword),
    ("keyword.operator", Class::Plain),
    ("keyword", Class::Keyword),
    ("markup.heading", Class::Heading),
    ("markup.inserted", Class::Inserted),
    ("markup.deleted", Class::Deleted),
    ("markup.raw", Class::String),
    ("markup.underline.link", Class::String),
    ("meta.annotation", Class::Meta),
    ("meta.attribute.rust", Class::Meta),
    ("meta.diff.range", Class::Meta),
    ("meta.diff.header", Class::Comment),
    ("meta.interpolation", Class::Plain),
    ("meta.preprocessor", Class::Meta),
    ("meta.mapping.key", Class::Attribute),
    ("punctuation.definition.variable", Class::Variable),
    ("punctuation.section.interpolation", Class::Escape),
    ("source", Class::Plain),
    ("storage.type.go", Class::Type),
    ("storage", Class::Keyword),
    ("string", Class::String),
    ("support.constant", Class::Number),
    ("support.function", Class::Plain),
    ("support.macro", Class::Function),
    ("support.type.property-name", Class::Attribute),
    ("support.type", Class::Type),
    ("support.class", Class::Type),
    ("text", Class::Plain),
    ("variable.annotation", Class::Meta),
    ("variable.function", Class::Plain),
    ("variable.language.star", Class::Plain),
    ("variable.language", Class::Keyword),
    ("variable.other.php", Class::Variable),
    ("variable.other.readwrite.shell", Class::Variable),
    ("variable.other.constant", Class::Number),
];

/// The class of a scope. `None` if the scope has no rule and inherits the class of its parent.
fn class_of(scope: &str) -> Option<Class> {
    let fits = |prefix: &str| scope.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    Some(RULES.iter().find(|(prefix, _)| fits(prefix))?.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CLASSES: [Class; 14] = [
        Class::Keyword,
        Class::String,
        Class::Escape,
        Class::Number,
        Class::Comment,
        Class::Function,
        Class::Type,
        Class::Tag,
        Class::Attribute,
        Class::Variable,
        Class::Meta,
        Class::Heading,
        Class::Inserted,
        Class::Deleted,
    ];

    /// The text of `html` again, checking that it holds nothing but known spans, closed within their line.
    fn text_of(html: &str) -> String {
        let mut text = String::new();
        for line in html.split_inclusive('\n') {
            let mut open = false;
            let mut rest = line;
            while let Some(at) = rest.find('<') {
                text.push_str(&rest[..at]);
                let (tag, after) = rest[at..].split_once('>').expect("a finished tag");
                match tag.strip_prefix("<span class=\"").and_then(|class| class.strip_suffix('"')) {
                    Some(class) => assert!(!open && CLASSES.iter().any(|known| known.name() == class), "{line}"),
                    None => assert!(open && tag == "</span", "{line}"),
                }
                open = !open;
                rest = after;
            }
            assert!(!open, "{line}");
            text.push_str(rest);
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn every_language_of_the_table_has_its_syntax_and_keeps_its_text() {
        let code = "fn main() { return \"a <b> & c\"; } // x\n# 12 'y'\n\tif true: /* z */\n";
        for language in LANGUAGES {
            assert!(SYNTAXES.find_syntax_by_name(language.syntax).is_some(), "{}", language.syntax);
            for name in language.names {
                let html = highlight(name, code).unwrap_or_else(|| panic!("{name}"));
                assert_eq!(text_of(&html), code, "{name}");
                assert_eq!(language_label(name), Some(language.label));
            }
        }
        let names: Vec<_> = LANGUAGES.iter().flat_map(|language| language.names).collect();
        assert_eq!(names.len(), BY_NAME.len(), "a name stands in two rows");
        assert!(LANGUAGES.len() >= 40);
    }

    #[test]
    fn words_get_their_classes() {
        for (language, code, expected) in [
            ("rust", "pub fn f() -> u8 { 1 }", "<span class=\"code-keyword\">pub fn</span>"),
            ("go", "func main() {}", "<span class=\"code-function\">main</span>"),
            ("python", "def f(x):\n    return \"a\\n\"", "<span class=\"code-escape\">\\n</span>"),
            ("python", "@cached\ndef f(): pass", "class=\"code-meta\">@"),
            ("sql", "SELECT 1 -- one", "<span class=\"code-comment\">-- one</span>"),
            ("ts", "const a: string = `x${b}`", "<span class=\"code-keyword\">const</span>"),
            ("toml", "[a]\nb = true", "<span class=\"code-number\">true</span>"),
            ("yaml", "key: 12 # c", "<span class=\"code-tag\">key</span>"),
            ("dockerfile", "FROM debian:12\nRUN echo hi", "<span class=\"code-keyword\">FROM</span>"),
            ("kotlin", "fun main() { val a = 1 }", "<span class=\"code-keyword\">fun</span>"),
            ("hcl", "resource \"a\" \"b\" {\n  n = 1\n}", "<span class=\"code-string\">"),
            ("json", "{\"a\": [1, null]}", "<span class=\"code-number\">null</span>"),
            ("diff", "-old\n+new\n", "<span class=\"code-deleted\">-old</span>"),
            ("html", "<p class=\"x\">&amp;</p>", "<span class=\"code-tag\">p</span>"),
            ("css", "a { color: red; }", "<span class=\"code-attribute\">color</span>"),
            ("php", "if ($a) { }", "<span class=\"code-variable\">$a</span>"),
            ("bash", "for f in *; do echo \"$f\"; done", "<span class=\"code-keyword\">for</span>"),
        ] {
            let html = highlight(language, code).expect(language);
            assert!(html.contains(expected), "{language}: {html}");
            assert_eq!(text_of(&html), code);
        }
    }

    #[test]
    fn what_is_unknown_or_too_large_stays_plain() {
        for language in ["", "text", "txt", "plain", "nosuch", "mermaid"] {
            assert_eq!(highlight(language, "a"), None);
        }
        assert_eq!(highlight("rust", &"x".repeat(1024 * 1024)), None);
        assert_eq!(highlight("rust", &"x\n".repeat(200_000)), None);
        assert_eq!(highlight("rust", ""), Some(String::new()));
    }

    #[test]
    fn the_result_does_not_depend_on_what_came_before() {
        let (first, second) = ("/* a\nb */ let x = 1;\n", "b */ let x = 1;\nlet y = \"\n\";\n");
        let alone = std::thread::spawn(move || MEMORY.with(|_| render_again("rust", second))).join().unwrap();
        let after = std::thread::spawn(move || (render_again("rust", first), render_again("rust", second)).1);
        assert_eq!(after.join().unwrap(), alone);
    }

    fn render_again(language: &str, code: &str) -> String {
        render(SYNTAXES.find_syntax_by_name(BY_NAME[language].syntax).unwrap(), code).unwrap()
    }

    #[test]
    fn output_stays_near_the_size_of_the_code() {
        let code = include_str!("../note/math.rs");
        let code = &code[..code.find("#[cfg(test)]").expect("tests")];
        let html = highlight("rust", code).expect("rust");
        assert!(html.len() < code.len() * 11 / 4, "{} for {}", html.len(), code.len());
    }

    /// Relative luminance of `#rrggbb`, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("hex")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        if one > other { one / other } else { other / one }
    }

    #[test]
    fn every_class_has_a_readable_colour_in_both_themes() {
        let css = include_str!("../../static/highlight.css");
        for class in CLASSES.iter().map(|class| class.name()) {
            assert!(css.contains(&format!("pre .{class} {{ color: var(--code-")), "{class}");
        }
        let colours: Vec<&str> = css.lines().filter(|line| line.trim_start().starts_with("--code-")).collect();
        assert!(colours.len() >= 10, "{colours:?}");
        for line in colours {
            let (_, pair) = line.split_once("light-dark(").expect("a colour for each theme");
            let (light, dark) = pair.trim_end_matches([')', ';']).split_once(", ").expect("two colours");
            // The panel, and lines that are marked, added and removed.
            for ground in ["#f6f7f9", "#ebeef7", "#e6f6ef", "#fdeceb"] {
                assert!(contrast(light, ground) >= 4.5, "{line} on {ground} has {:.2}", contrast(light, ground));
            }
            for ground in ["#1c1f26", "#252834", "#12302a", "#40191a"] {
                assert!(contrast(dark, ground) >= 4.5, "{line} on {ground} has {:.2}", contrast(dark, ground));
            }
        }
    }

    proptest! {
        #[test]
        fn text_survives_in_every_language(
            row in 0..LANGUAGES.len(),
            code in "[a-z0-9 \"'`(){}<>&;:=/*#$@\\\\\\[\\]\n\r\té-]{0,120}",
        ) {
            let html = highlight(LANGUAGES[row].names[0], &code).expect("small enough");
            prop_assert_eq!(text_of(&html), code);
        }
    }
}
