//! Converts TeX formulas to MathML that needs no script, no `style` attribute and no network.
//!
//! Knows nothing of notes or pages. A formula that cannot be converted is an error, so the caller can show its source.

use std::fmt::Write as _;

use crate::system::panics;
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Event, Parser, ParserError, Storage};

/// The maximum length of a formula in bytes, far above any hand-written one.
const MAX_SOURCE: usize = 16 * 1024;
/// The maximum nesting of `{`, `\left` and `\begin`.
const MAX_NESTING: usize = 50;
/// The maximum number of commands in a formula.
const MAX_COMMANDS: usize = 1_000;
/// The maximum number of commands for which a formula is converted on the stack of the caller.
const FEW_COMMANDS: usize = 25;
/// The stack size per command in bytes. The parser recurses for each command that is the bare argument of a different
/// command, as in `\sqrt\sqrt x`, with frames of up to 20 KiB in builds without optimisation.
const STACK_PER_COMMAND: usize = 40 * 1024;
/// Commands that define commands. With these a short formula could recurse arbitrarily deep and overflow the stack of
/// the parser. They would have no effect outside of the formula anyway.
const DEFINITIONS: &[&str] =
    &["def", "gdef", "edef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "providecommand", "csname"];
/// The maximum length of the MathML in bytes.
const MAX_OUTPUT: usize = 512 * 1024;
/// The maximum nesting of the resulting elements. Browsers allow 512 levels for the whole page.
const MAX_ELEMENT_DEPTH: usize = 200;

/// The elements of MathML Core that the renderer writes.
const ELEMENTS: &[&str] = &[
    "math",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
];

/// The attributes that may occur in the result. A `style` attribute is converted to some of these.
const ATTRIBUTES: &[&str] = &[
    "accent",
    "accentunder",
    "class",
    "columnalign",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathbackground",
    "mathcolor",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "voffset",
    "width",
];

/// Converts `tex` to a `<math>` element: inline, or as a block if `display`.
///
/// The result contains only elements and attributes of MathML Core and classes of `static/math.css`, so it is safe to
/// insert into a page. The error is a phrase with the reason.
pub(crate) fn mathml(tex: &str, display: bool) -> Result<String, String> {
    refuse_unbounded(tex)?;
    let commands = tex.matches('\\').count();
    if commands <= FEW_COMMANDS {
        return panics::catch(|| render(tex, display)).unwrap_or_else(|_| Err(failed()));
    }
    // On a thread with a stack of the necessary size: the recursion of the parser could overflow the stack of a rayon
    // thread, and an overflow aborts the process.
    std::thread::scope(|scope| {
        // 512 KiB for a formula without nesting, plus the measured share of each command.
        let stack = std::thread::Builder::new().stack_size(512 * 1024 + commands * STACK_PER_COMMAND);
        let renderer =
            stack.spawn_scoped(scope, || panics::catch(|| render(tex, display))).map_err(|error| error.to_string())?;
        renderer.join().ok().and_then(Result::ok).unwrap_or_else(|| Err(failed()))
    })
}

fn failed() -> String {
    "the formula renderer failed on this formula".to_string()
}

/// Rejects formulas whose conversion could take unbounded time or stack.
fn refuse_unbounded(tex: &str) -> Result<(), String> {
    if tex.len() > MAX_SOURCE {
        return Err(format!("the formula is longer than {} KiB", MAX_SOURCE / 1024));
    }
    if nesting(tex) > MAX_NESTING {
        return Err(format!("the formula is nested more than {MAX_NESTING} deep"));
    }
    if tex.matches('\\').count() > MAX_COMMANDS {
        return Err(format!("the formula has more than {MAX_COMMANDS} commands"));
    }
    if let Some(name) = DEFINITIONS.iter().find(|name| uses_command(tex, name)) {
        return Err(format!("`\\{name}` is not supported"));
    }
    Ok(())
}

/// The maximum nesting of groups: braces, `\left…\right` and environments.
fn nesting(tex: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for (at, character) in tex.char_indices() {
        let rest = &tex[at..];
        if character == '{' || rest.starts_with("\\left") || rest.starts_with("\\begin") {
            depth += 1;
            deepest = deepest.max(depth);
        } else if character == '}' || rest.starts_with("\\right") || rest.starts_with("\\end") {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

fn render(tex: &str, display: bool) -> Result<String, String> {
    let storage = Storage::new();
    let events = events(tex, &storage)?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut raw = String::with_capacity(64 + tex.len() * 12);
    pulldown_latex::push_mathml(&mut raw, events.into_iter().map(Ok::<_, ParserError>), config)
        .map_err(|error| error.to_string())?;
    // A second limit, because attributes and nested elements make the markup longer than the number of events shows.
    if raw.len() > MAX_OUTPUT {
        return Err("the formula expands to more markup than a page should hold".to_string());
    }
    with_allowed_markup_only(&raw)
}

/// The events of the formula. An error for the first one that the parser rejects: the renderer would only display it as
/// part of the formula.
fn events<'a>(tex: &'a str, storage: &'a Storage) -> Result<Vec<Event<'a>>, String> {
    // The shortest markup of an event bounds the number of events before the markup exists.
    let most_events = MAX_OUTPUT / "<mi>x</mi>".len();
    let mut events = Vec::new();
    for event in Parser::new(tex, storage) {
        if events.len() > most_events {
            return Err("the formula expands to more markup than a page should hold".to_string());
        }
        events.push(event.map_err(|error| reason(tex, &error))?);
    }
    Ok(events)
}

/// The error of the parser on one line. Names the command if the formula contains only one that can be meant.
fn reason(tex: &str, error: &ParserError) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("parsing error: ").unwrap_or(line);
    let unknown = ["tag", "boxed", "ce", "label", "ref", "eqref", "require", "href", "url", "class", "cancel"];
    let named = unknown.iter().find(|name| uses_command(tex, name));
    match named {
        Some(name) if line.starts_with("unknown primitive") => format!("`\\{name}` is not supported"),
        _ if line.starts_with("unknown primitive") => "it uses a command that is not supported".to_string(),
        // The messages of the parser contain a misspelling and the doubled braces of format strings.
        _ => line.replace("unkown", "unknown").replace("{{", "{").replace("}}", "}"),
    }
}

fn uses_command(tex: &str, name: &str) -> bool {
    tex.match_indices('\\').any(|(at, _)| {
        tex[at + 1..].strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })
}

/// A copy of `raw` that contains only known elements, known attributes and text.
fn with_allowed_markup_only(raw: &str) -> Result<String, String> {
    let mut clean = String::with_capacity(raw.len());
    let mut open: Vec<&str> = Vec::new();
    let mut rest = raw;
    while let Some(at) = tag_start(rest) {
        push_text(&mut clean, &rest[..at]);
        // The renderer writes no `>` in attribute values.
        let end = rest[at..].find('>').ok_or_else(|| unexpected("an unfinished tag"))? + at;
        push_tag(&mut clean, &rest[at + 1..end], &mut open)?;
        rest = &rest[end + 1..];
    }
    push_text(&mut clean, rest);
    if open.is_empty() { Ok(clean) } else { Err(unexpected("an open element")) }
}

/// The start of the next tag. The renderer writes the relation `<` unescaped, so a letter or `/` must follow.
fn tag_start(text: &str) -> Option<usize> {
    text.match_indices('<')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].starts_with(|c: char| c == '/' || c.is_ascii_alphabetic()))
}

fn push_text(clean: &mut String, text: &str) {
    for (at, character) in text.char_indices() {
        match character {
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            // Entities of the renderer must not be escaped twice.
            '&' if !starts_with_entity(&text[at..]) => clean.push_str("&amp;"),
            other => clean.push(other),
        }
    }
}

fn starts_with_entity(text: &str) -> bool {
    ["&amp;", "&lt;", "&gt;", "&nbsp;", "&quot;"].iter().any(|entity| text.starts_with(entity))
}

/// Appends the tag with the content `tag` and updates `open`, the stack of open elements.
fn push_tag<'a>(clean: &mut String, tag: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    if let Some(name) = tag.strip_prefix('/') {
        if open.pop() != Some(name) {
            return Err(unexpected("crossing elements"));
        }
        let _ = write!(clean, "</{name}>");
        return Ok(());
    }
    let (tag, closed) = match tag.strip_suffix('/') {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    if !ELEMENTS.contains(&name.trim_end()) {
        return Err(unexpected(&format!("<{name}>")));
    }
    let _ = write!(clean, "<{name}");
    push_attributes(clean, attributes)?;
    clean.push_str(if closed { "/>" } else { ">" });
    if !closed {
        open.push(name);
        if open.len() > MAX_ELEMENT_DEPTH {
            return Err("the formula is nested too deeply".to_string());
        }
    }
    Ok(())
}

fn push_attributes(clean: &mut String, attributes: &str) -> Result<(), String> {
    let mut classes: Vec<&str> = Vec::new();
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or_else(|| unexpected("an attribute without a value"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| unexpected("an unfinished attribute"))?;
        match name.trim() {
            "style" => push_style(clean, value, &mut classes),
            "class" => classes.extend(value.split(' ')),
            known if ATTRIBUTES.contains(&known) => drop(write!(clean, " {known}=\"{value}\"")),
            other => return Err(unexpected(other)),
        }
        rest = after.trim_start();
    }
    if !classes.is_empty() {
        let _ = write!(clean, " class=\"{}\"", classes.join(" "));
    }
    Ok(())
}

/// Converts the declarations of a `style` attribute to MathML attributes and classes. Declarations without an
/// equivalent are omitted.
fn push_style<'a>(clean: &mut String, style: &'a str, classes: &mut Vec<&'a str>) {
    for declaration in style.split(';') {
        let (property, value) = declaration.split_once(':').unwrap_or((declaration, ""));
        match (property.trim(), hex_colour(value.trim())) {
            ("color", Some(colour)) => drop(write!(clean, " mathcolor=\"{colour}\"")),
            ("background-color", Some(colour)) => drop(write!(clean, " mathbackground=\"{colour}\"")),
            // Frames and negative spaces: the content security policy forbids `style` attributes, so classes replace
            // both.
            ("border", _) => classes.push("math-box"),
            ("margin-left", _) => classes.push("math-back"),
            _ => (),
        }
    }
}

/// Converts `rgb(1 2 3)` to `#010203`. `None` for any different format.
fn hex_colour(value: &str) -> Option<String> {
    let inside = value.strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts = inside.split(' ').map(|part| part.parse::<u8>());
    let (red, green, blue) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}

fn unexpected(what: &str) -> String {
    format!("the formula renderer wrote {what}, which does not belong on a page")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Well-formed XML (once `&nbsp;` is spelled as a number) with no attribute a strict policy would refuse.
    fn assert_safe(markup: &str) {
        let xml = markup.replace("&nbsp;", "&#160;");
        let mut reader = quick_xml::Reader::from_str(&xml);
        loop {
            match reader.read_event().expect("well-formed MathML") {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    assert!(ELEMENTS.contains(&name.as_str()), "{name}");
                    for attribute in tag.attributes() {
                        let attribute = attribute.expect("a well-formed attribute");
                        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
                        assert!(ATTRIBUTES.contains(&key.as_str()), "{key}");
                    }
                }
                quick_xml::events::Event::End(_) | quick_xml::events::Event::Text(_) => (),
                quick_xml::events::Event::GeneralRef(_) => (),
                other => panic!("{other:?} in {markup}"),
            }
        }
    }

    #[test]
    fn sets_the_formulas_that_notes_use() {
        for tex in [
            "E = mc^2",
            r"\frac{a}{b} + \sqrt[3]{x}",
            r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
            r"\int_0^\infty e^{-x^2}\,dx",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            r"P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}",
            r"O(n \log n) \subseteq \Omega(n), \forall x \in \mathbb{R}",
            r"\left\lfloor \frac{n}{2} \right\rfloor \neq \hat{x} \overline{y}",
            r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
            r"\operatorname{softmax}(z)_i \approx 0.5\%",
        ] {
            for display in [false, true] {
                let markup = mathml(tex, display).unwrap_or_else(|reason| panic!("{tex}: {reason}"));
                assert!(markup.starts_with("<math") && markup.ends_with("</math>"), "{markup}");
                assert_eq!(markup.contains("display=\"block\""), display, "{markup}");
                assert_safe(&markup);
            }
        }
    }

    #[test]
    fn says_why_a_formula_cannot_be_set() {
        for (tex, expected) in [
            (r"\frac{a", "unbalanced"),
            (r"a \nosuchcommand b", "not supported"),
            (r"x = 1 \tag{1}", r"`\tag` is not supported"),
            (r"\boxed{x}", r"`\boxed` is not supported"),
            (r"\newcommand{\R}{\mathbb{R}} x \in \R", r"`\newcommand` is not supported"),
            (r"\ce{H2O}", r"`\ce` is not supported"),
            ("x^2^3", "superscript twice"),
            (r"\begin{nosuch}x\end{nosuch}", "unknown mathematical environment"),
            ("a $ b", "math `$`"),
        ] {
            let reason = mathml(tex, false).expect_err(tex);
            assert!(reason.contains(expected), "{tex}: {reason}");
            assert!(!reason.contains('\n'), "{reason}");
        }
    }

    #[test]
    fn text_inside_a_formula_is_text() {
        for tex in [
            r"\text{<script>alert(1)</script>}",
            r"\mathrm{<img src=x>}",
            r#"a < b > c & "d""#,
            r"\operatorname{<b>}",
            r#"\text{&lt;b&gt; ' " onclick=}"#,
        ] {
            if let Ok(markup) = mathml(tex, false) {
                assert_safe(&markup);
            }
        }
        assert!(mathml("a < b", false).unwrap().contains("&lt;"));
    }

    #[test]
    fn style_becomes_attributes_and_classes() {
        let coloured = mathml(r"\color{red} x + \textcolor{#00ff00}{y}", false).unwrap();
        assert!(coloured.contains("mathcolor=\"#ff0000\"") && coloured.contains("#00ff00"), "{coloured}");
        let boxed = mathml(r"\fcolorbox{red}{blue}{x}", false).unwrap();
        assert!(boxed.contains("math-box") && boxed.contains("mathbackground=\"#0000ff\""), "{boxed}");
        let tightened = mathml(r"a \! b", false).unwrap();
        assert!(tightened.contains("class=\"math-back\""), "{tightened}");
        for markup in [coloured, boxed, tightened] {
            assert!(!markup.contains("style="), "{markup}");
            assert_safe(&markup);
        }
    }

    #[test]
    fn hostile_formulas_are_bounded() {
        let deep = "{".repeat(5_000) + &"}".repeat(5_000);
        assert!(mathml(&deep, false).unwrap_err().contains("deep"));
        assert!(mathml(&"x".repeat(MAX_SOURCE + 1), false).unwrap_err().contains("longer"));
        assert!(mathml(r"\def\a{\a}\a", false).is_err());
        assert!(mathml(&r"\alpha ".repeat(MAX_COMMANDS + 1), false).unwrap_err().contains("commands"));
        // A small stack, as worker threads have: a formula must not need more of it the longer it is.
        let small = std::thread::Builder::new().stack_size(1024 * 1024);
        small.spawn(repetitive_formulas_are_safe).expect("a thread").join().expect("no overflow");
    }

    fn repetitive_formulas_are_safe() {
        for piece in [
            r"\sqrt",
            r"\sqrt[3]",
            r"\overset{a}",
            r"\textcolor{red}",
            r"\frac",
            "x_",
            "^",
            r"\hat",
            r"\left(",
            "&",
            r"\\",
            r"\not",
            "'",
            r"\mathbf",
        ] {
            for times in [FEW_COMMANDS, MAX_COMMANDS, MAX_SOURCE / piece.len()] {
                if let Ok(markup) = mathml(&piece.repeat(times), true) {
                    assert_safe(&markup);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_always_safe(tex in "[a-z0-9<>&\"'{}^_\\\\ $#%é\n]{0,60}", display: bool) {
            if let Ok(markup) = mathml(&tex, display) {
                assert_safe(&markup);
            }
        }

        #[test]
        fn commands_in_any_order_are_safe(
            parts in prop::collection::vec(prop::sample::select(vec![
                r"\frac", "{", "}", "x", "^", "_", r"\left(", r"\right)", "&", r"\\", r"\begin{matrix}",
                r"\end{matrix}", r"\color{red}", r"\text{a<b}", r"\!", r"\sqrt", "[", "]", r"\hline",
                r"\begin{array}{c|c}", r"\end{array}", r"\not", r"\mathbf", r"\limits", r"\\[2em]", r"\sum",
            ]), 0..24)
        ) {
            if let Ok(markup) = mathml(&parts.join(" "), true) {
                assert_safe(&markup);
            }
        }
    }
}
