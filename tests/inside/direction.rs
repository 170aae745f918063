//! Text that runs against the direction of the page: a block of it lets the browser find its direction.

use super::built::build;

/// The HTML of a note, with a site in `language`.
fn body(language: &str, text: &str) -> String {
    let (config, note) = (format!("language = \"{language}\""), format!("---\ntitle: T\n---\n\n{text}\n"));
    build(&[("a.md", &note), ("canon.toml", &config)]).main("a.html").to_string()
}

#[test]
fn a_block_with_text_against_the_page_has_its_own_direction() {
    for (language, text, part) in [
        ("en", "Words.\n\nكلمات هنا.", "<p>Words.</p>\n<p dir=\"auto\">كلمات هنا.</p>"),
        ("en", "- نص\n- نص", "<ul dir=\"auto\">\n<li>نص</li>\n<li>نص</li>"),
        ("en", "- Words\n- نص", "<ul>\n<li>Words</li>\n<li dir=\"auto\">نص</li>"),
        ("en", "1. نص\n2. Words", "<ol dir=\"auto\">\n<li>نص</li>\n<li dir=\"auto\">Words</li>"),
        ("en", "> נץ\n>\n> Words", "<blockquote dir=\"auto\">\n<p>נץ</p>\n<p dir=\"auto\">Words</p>"),
        ("en", "> [!note]\n> نص", "<p dir=\"auto\">نص</p>\n</div>"),
        ("ar", "> [!note]\n> Words", "<p dir=\"auto\">Words</p>\n</div>"),
        ("en", "| عمود | b |\n|--|--|\n| نص | d |", "<table dir=\"auto\">"),
        ("ar", "كلمات.\n\nWords.", "<p>كلمات.</p>\n<p dir=\"auto\">Words.</p>"),
        ("ar", "- Words\n- نص", "<ul dir=\"auto\">\n<li>Words</li>\n<li dir=\"auto\">نص</li>"),
        ("he", "12 + 3", "<p>12 + 3</p>"),
        ("en", "Words ثم نص.", "<p>Words ثم نص.</p>"),
        ("en", "- [x] مهمة", "<ul dir=\"auto\">"),
        ("en", "<b>x</b> نص\n\n<i></i>نص", "<p dir=\"auto\"><i></i>نص</p>"),
    ] {
        let html = body(language, text);
        assert!(html.contains(part), "{language}: {text}: {html}");
    }
}

#[test]
fn text_in_the_direction_of_the_page_needs_nothing() {
    for (language, text) in
        [("en", "Words é 你好.\n\n- a\n\n> b\n\n|a|\n|-|\n|b|"), ("ar", "كلمات.\n\n- نص 12\n\n> نص")]
    {
        assert!(!body(language, text).contains("dir="), "{language}");
    }
}
