//! The scanner beside the tokeniser of html5ever, which shares no code with it.

use super::*;
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, State};
use html5ever::tokenizer::{
    BufferQueue, EndTag, Tag as ParsedTag, Token as ParsedToken, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use proptest::prelude::*;
use std::cell::RefCell;

/// A tag as both see it: whether it closes, its name, and its attributes.
type Seen = (bool, String, Vec<(String, String)>);

fn by_the_scanner(html: &str) -> Vec<Seen> {
    tags(html, Syntax::Page)
        .map(|tag| {
            let own = tag.attributes.iter().filter(|attribute| !attribute.repeated);
            let attributes = own.map(|a| (a.name.to_string(), a.decoded().into_owned())).collect();
            (tag.closes, tag.name.into_owned(), attributes)
        })
        .collect()
}

struct Sink(RefCell<Vec<Seen>>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: ParsedToken, _line: u64) -> TokenSinkResult<()> {
        let ParsedToken::TagToken(ParsedTag { kind, name, attrs, .. }) = token else {
            return TokenSinkResult::Continue;
        };
        let attributes = attrs.into_iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        self.0.borrow_mut().push((kind == EndTag, name.to_string(), attributes));
        match &*name {
            _ if kind == EndTag => TokenSinkResult::Continue,
            "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
            "iframe" | "noembed" | "noframes" | "style" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

fn by_html5ever(html: &str) -> Vec<Seen> {
    let options = TokenizerOpts { initial_state: Some(State::Data), discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), options);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[test]
fn tags_have_exact_places() {
    let html = "x <a class=k HREF='a b.md' data-é>y</a><!-- <a href=no> --><img\nsrc=\"p.png\"/>";
    let all: Vec<Tag> = tags(html, Syntax::Page).collect();
    assert_eq!(all.iter().map(|tag| &*tag.name).collect::<Vec<_>>(), ["a", "a", "img"]);
    let href = &all[0].attributes[1];
    assert_eq!((&*href.name, href.value), ("href", "a b.md"));
    assert_eq!(&html[href.range.clone()], "HREF='a b.md'");
    assert_eq!(&html[all[2].attributes[0].value_range.clone()], "p.png");
    assert_eq!(&html[all[2].range.clone()], "<img\nsrc=\"p.png\"/>");
}

/// Where two of the scanners before this one disagreed, or one with the standard.
#[test]
fn what_is_no_tag() {
    let names = |html: &str, syntax| tags(html, syntax).map(|tag| tag.name.into_owned()).collect::<Vec<_>>();
    for (html, expected) in [
        ("<script><a href=x></script><b>", vec!["script", "script", "b"]),
        ("<textarea><a></textarea>", vec!["textarea", "textarea"]),
        ("<title><!--</title>--><b>", vec!["title", "title", "b"]),
        ("<script><!--<script></script><a>--></script>", vec!["script", "script"]),
        ("<script></scripts><a></script >", vec!["script", "script"]),
        ("<p title='a > <a>'>", vec!["p"]),
        ("<p title=\"<!--\"><a>", vec!["p", "a"]),
        ("<!--><a><!---><b>", vec!["a", "b"]),
        ("<!-- --!><a>", vec!["a"]),
        ("<!-- -- ><a>-->", vec![]),
        ("< a></ a></><a/b>", vec!["a"]),
        ("<? > <a> ?>", vec!["a"]),
        ("<![CDATA[ > <a> ]]>", vec!["a"]),
        ("<pre><a></pre>", vec!["pre", "a", "pre"]),
        ("<a title='", vec![]),
        ("<style><a>", vec!["style"]),
    ] {
        assert_eq!(names(html, Syntax::Page), expected, "{html}");
    }
    assert_eq!(names("the <title> tag <a>", Syntax::Fragment), ["title", "a"]);
    assert_eq!(names("<style><a></style>", Syntax::Fragment), ["style", "style"]);
    assert_eq!(names("<style><![CDATA[<a>]]></style><?x > <b>?><é:c>", Syntax::Xml), ["style", "style", "é:c"]);
}

#[test]
fn references_are_those_of_the_standard() {
    for (written, meant) in [
        ("&amp;&lt;&Tab;&colon;", "&<\t:"),
        ("&eacute;&CounterClockwiseContourIntegral;&NotEqualTilde;", "é∳≂\u{338}"),
        ("?a=1&copy=2&copy2", "?a=1&copy=2&copy2"),
        ("&copy &notit; &nosuch; &", "© &notit; &nosuch; &"),
        ("&#65;&#x41&#X41;&#;&#x;", "AAA&#;&#x;"),
        ("&#0;&#xD800;&#x110000;&#99999999999;&#128;&#x81;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}€\u{81}"),
        ("&é", "&é"),
    ] {
        assert_eq!(decoded(written), meant, "{written}");
    }
    assert_eq!(decoded_text("&copy2 &notit;"), "©2 ¬it;");
}

fn pieces() -> impl Strategy<Value = String> {
    let fixed = vec![
        "<",
        ">",
        "/",
        "=",
        "\"",
        "'",
        " ",
        "\n",
        "a",
        "<a",
        "<b ",
        "</",
        "</a>",
        "<!--",
        "-->",
        "--!>",
        "<!",
        "<?",
        "-",
        "!",
        "href",
        "HREF=",
        "x",
        "é",
        "&",
        "amp;",
        "&lt",
        "&notin;",
        "&#x",
        "41;",
        "&#0",
        "<script",
        "</script",
        "<title>",
        "</title>",
        "<style>",
        "</style ",
        "<textarea>",
        "</textarea/",
        "<xmp>",
        "</xmp>",
        "<plaintext>",
        "<![CDATA[",
        "]]>",
        "<script><!--<script>",
        "\u{c}",
    ];
    prop::collection::vec(prop::sample::select(fixed), 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_scanner_sees_what_a_browser_sees(html in pieces()) {
        prop_assert_eq!(by_the_scanner(&html), by_html5ever(&html), "{}", html);
    }

    #[test]
    fn parts_follow_each_other_without_gaps(html in pieces()) {
        for syntax in [Syntax::Page, Syntax::Fragment, Syntax::Xml] {
            let mut at = 0;
            for token in tokens(&html, syntax) {
                let range = match token {
                    Token::Tag(tag) => tag.range,
                    Token::Text(range) | Token::RawText(range) | Token::Comment(range) => range,
                };
                prop_assert!(range.start == at && range.end > at);
                at = range.end;
            }
            prop_assert_eq!(at, html.len());
        }
    }
}
