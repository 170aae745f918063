//! Pages of hostile notes, read by html5ever: nothing is in them that the theme does not write or the sanitiser list.

mod built;

use built::{Base, Built, note};
use canon::is_listed;
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, StartTag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// An element, and one of its attributes; empty for the element alone.
type Part = (String, String);

/// A start tag: its name, and its attributes with their values.
type Element = (String, Vec<(String, String)>);

/// Every start tag of a page.
#[derive(Default)]
struct Parts(RefCell<Vec<Element>>);

impl TokenSink for Parts {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        let attributes = tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        self.0.borrow_mut().push((tag.name.to_string(), attributes));
        match &*tag.name {
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            _ => TokenSinkResult::Continue,
        }
    }
}

fn start_tags(html: &str) -> Vec<Element> {
    let tokenizer = Tokenizer::new(Parts::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

fn parts(html: &str) -> BTreeSet<Part> {
    let with_itself = |(element, attributes): Element| {
        let names = attributes.into_iter().map(|(name, _)| name).chain([String::new()]);
        names.map(|name| (element.clone(), name)).collect::<Vec<_>>()
    };
    start_tags(html).into_iter().flat_map(with_itself).collect()
}

fn pages(built: &Built) -> impl Iterator<Item = (&String, &str)> {
    let html = built.files.iter().filter(|(path, _)| path.ends_with(".html"));
    html.map(|(path, bytes)| (path, std::str::from_utf8(bytes).unwrap()))
}

const CONFIG: &str = "title = \"Base\"\nremote_images = true\n";

/// Everything that Markdown without HTML can become.
const PLAIN: &str = "A [link](n1.md \"t\"), [two](https://e.org), [gone](gone.md), ![a](https://e.org/a.png \"t\"), ![b](b.png),\n\
    ![v](v.mp4) ![s](s.mp3) [[n1]] [[nowhere]] `code` $a^2 < \\frac{b}{c}$ and $\\nosuch$ and $\\text{d}$.[^1]\n\n$$\n\\begin{matrix} a & b \\end{matrix}\n$$\n\n\
    ![[n1]]\n\n![[n1#h]]\n\n> [!note]- Title\n> Text\n\n> quote\n\n- [ ] task\n- [x] done\n\n| a | b |\n|:-|-:|\n| c | d |\n\n\
    ```rust title=\"x\" {1}\nfn a() {}\n```\n\n```\nplain\n```\n\n1. one\n\n7. two\n\nterm\n: meaning\n\n**b** *i* ~~s~~ &lt;\n\n## h\n\n### h\n\ntext  \nbreak\n\n---\n\n[^1]: Foot [[n1]].\n";

/// The attributes of MathML that describe the look of a formula: `pulldown-latex` writes them, whatever the formula is.
const FORMULA: [&str; 15] = [
    "depth",
    "display",
    "displaystyle",
    "encoding",
    "height",
    "largeop",
    "linethickness",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "width",
];

/// Whether the attribute describes the look of an element of MathML. All names of these elements begin with `m`.
fn is_of_formula(element: &str, attribute: &str) -> bool {
    let other = ["main", "mark", "menu", "meta", "meter", "map", "marquee"].contains(&element);
    element.starts_with('m') && !other && FORMULA.contains(&attribute)
}

/// Parts of notes that quote, cut and hide each other.
const PIECES: &[&str] = &[
    "![](https://e/onmouseover=alert(1)//x.png)",
    "![a\" onerror=alert(1) b](https://e/x.png \"t' onload=alert(1)\")",
    "[x](https://e/?\"onclick=alert(1)//)",
    "[x](<n1.md#\" onclick=alert(1)>)",
    "[[n1|\" onclick=alert(1) ]]",
    "![[n1]]",
    "\n\n![[n2#h]]\n\n",
    "[[gone \" onclick=alert(1)]]",
    "`\" onclick=alert(1) `",
    "$x < \\text{\" onclick=alert(1)}$",
    "\n\n$$\na \\nosuch{<img onerror=alert(1)>}\n$$\n\n",
    "<span title=\"<!--\">",
    "<span title='-->'>",
    "<b title=\"",
    "<i title='",
    "<div title=\"\n\n",
    "\n<div id=\"x\" class='user-a\n",
    "</span>",
    "</b>",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!-- > -->",
    "\n\n<!-- canon-ignore broken-link: x -->\n\n",
    "<script>",
    "</script>",
    "\n<style>\n",
    "</style>",
    "<textarea>",
    "</textarea>",
    "<title>",
    "</title>",
    "<xmp>",
    "</xmp>",
    "<svg><style>",
    "<math><mtext><mglyph>",
    "</math>",
    "<template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<a href=\"n1.md\" href=\"javascript:alert(1)\">",
    "<a href=javascript&colon;alert(1)>",
    "<a href=\"https://e/&#xE000;0&#xE001;\">",
    "<img src=\"x.png\" srcset=\"https://e/a.png 1x, javascript:alert(1) 2x\" alt=\"",
    "<span title=\"&#xE000;0&#xE001;\">",
    "&#xE000;1&#xE001;",
    "\u{e000}0\u{e001}",
    "<p id=\"y\" name='z' onclick=alert(1)>",
    "<a name=\"\" id=\"q\"",
    "\" onclick=alert(1) ",
    "'",
    "\"",
    ">",
    "<",
    "=",
    "\n\n",
    "\n",
    " ",
    "words",
    "## h\n\n",
    "- ",
    "> ",
    "| a | b |\n|-|-|\n| <b title=\"| c |\n",
    "[^1]",
    "\n\n[^1]: Foot <i title=\"\n\n",
    "\n\n```html\n<img onerror=alert(1)>\n```\n\n",
    "&lt;img onerror=alert(1)&gt;",
    "<?php > ?>",
    "<![CDATA[ > <img onerror=alert(1)> ]]>",
];

#[test]
fn no_page_has_what_neither_the_theme_nor_the_sanitiser_knows() {
    let mut files = vec![("canon.toml".to_string(), CONFIG.to_string())];
    for name in ["n0", "n1", "n2"] {
        files.push((format!("content/{name}.md"), note(name, name, PLAIN)));
    }
    for name in ["b.png", "v.mp4", "s.mp3"] {
        files.push((format!("content/{name}"), "x".into()));
    }
    let base = Base::of(&borrowed(&files));
    let known: BTreeSet<Part> = pages(&base.build(&[])).flat_map(|(_, html)| parts(html)).collect();
    let body = prop::collection::vec(prop::sample::select(PIECES), 1..14).prop_map(|pieces| pieces.concat());
    let notes = prop::collection::vec(body, 40);
    let mut runner =
        TestRunner::new(Config { max_shrink_iters: 30, failure_persistence: None, ..Config::with_cases(12) });
    let checked = runner.run(&notes, |bodies| {
        for (n, body) in bodies.iter().enumerate() {
            let name = format!("h{n}");
            base.put(&format!("content/{name}.md"), note(&name, &format!("Hostile {n}"), body));
        }
        let built = base.build(&[]);
        for (path, html) in pages(&built) {
            for (element, attributes) in start_tags(html) {
                let mut names = attributes.iter().map(|(name, _)| name.as_str()).chain([""]);
                let stranger = names.find(|name| {
                    let part = (element.clone(), name.to_string());
                    !known.contains(&part) && !is_listed(&element, name) && !is_of_formula(&element, name)
                });
                prop_assert_eq!(stranger, None, "<{}> in {}: {:?}", element, path, source(&bodies, path));
                let script = attributes.iter().find(|(_, value)| value.trim_start().starts_with("javascript:"));
                prop_assert_eq!(script, None, "<{}> in {}: {:?}", element, path, source(&bodies, path));
            }
        }
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// The body of the note that became the page at `path`.
fn source<'b>(bodies: &'b [String], path: &str) -> Option<&'b String> {
    bodies.get(path.strip_prefix('h')?.strip_suffix(".html")?.parse::<usize>().ok()?)
}

/// What the page of a note of this body shows between its heading and its end.
fn shown(body: &str) -> String {
    let files = [("canon.toml", CONFIG.to_string()), ("content/a.md", note("a", "A", body))];
    let built = Base::of(&files).build(&[]);
    built.assert_sound();
    built.main("a.html").to_string()
}

/// C01, I36: the forms in which a piece of the page ended up inside a tag.
#[test]
fn no_piece_of_the_page_ends_up_inside_a_tag() {
    for body in [
        "<span title=\"<!--\">![](https://e/onmouseover=alert(1)//x.png)\"",
        "<span title=\"&#xE000;0&#xE001;\">![](https://e/onmouseover=alert(1)//x.png)</span>",
        "<a href=\"https://e/&#xE000;0&#xE001;\">![](https://e/onmouseover=alert(1)//x.png)</a>",
        "<div title=\"\n\n![](https://e/onmouseover=alert(1)//x.png)\n\n\">",
        "<div title='\n\n[x](https://e/?onmouseover=alert(1)//)\n\n'>",
    ] {
        let page = shown(body);
        for (element, attributes) in start_tags(&page) {
            let event = attributes.iter().find(|(name, _)| name.starts_with("on"));
            assert_eq!(event, None, "<{element}> of {body}: {page}");
        }
        assert!(page.contains("onmouseover=alert(1)"), "the address is still shown or linked: {page}");
    }
}

#[test]
fn a_comment_that_begins_in_an_attribute_is_none() {
    let page = shown("<span title=\"<!--\">kept</span> and *more* <!-- gone -->end");
    assert!(page.contains("<span title=\"&lt;!--\">kept</span> and <em>more</em> end"), "{page}");
}

#[test]
fn an_unfinished_tag_is_text() {
    let page = shown("before\n\n<div title=\"\n\n**after**");
    assert!(page.contains("&lt;div title=\"") && page.contains("<strong>after</strong>"), "{page}");
}
