//! What a note's Markdown becomes: constructs beyond the parser's own, each with what the page has and lacks. All rows are
//! built as one base, a note a row.

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::base::vault::Vault;
use crate::check::rules::{self, RunOptions};
use crate::config::Config;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Content, Parts, Publication, renderer, sizes};
use crate::publish::own_files::OwnFiles;
use crate::text::source::SourceFile;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The notes that rows link to.
const OTHERS: &[(&str, &str)] = &[
    (
        "lock.md",
        "---\ntitle: Lock\n---\nA lock keeps others out. ^what\n\n## Fair locks ^fair\n\nFirst come.\n\n- one ^first\n- two\n\n^all\n",
    ),
    ("queue.md", "---\ntitle: Queue\n---\nFirst in, first out.\n"),
];

/// A name, the Markdown, what `<main>` has, and what it lacks.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: &[Row] = &[
    // Formulas and prices.
    ("one formula", "so $n+1$ is", &["so <math", "</math> is"], &["$"]),
    ("prices in brackets", "from ($12) to ($15)", &["from ($12) to ($15)"], &["<math"]),
    ("a price beside a formula", "it costs €3–$9, and $k$ is odd", &["it costs €3–$9, and <math"], &[]),
    ("prices in links", "[$1](lock.md), [$2](queue.md)", &[">$1</a>", ">$2</a>"], &["<math"]),
    ("prices in bold text", "**$40** or **$50**", &["<strong>$40</strong> or <strong>$50</strong>"], &["<math"]),
    ("prices in a table", "| a | b |\n|---|---|\n| $1 | $2 |\n", &["<td>$1</td><td>$2</td>"], &["<math"]),
    ("prices over lines", "a $3\nb $4\n\n> c $5\n> d $6\n", &["a $3\nb $4", "c $5\nd $6"], &["<math"]),
    ("variables of a shell", "`$A` and `$B` cost $7", &["<code>$A</code> and <code>$B</code> cost $7"], &["<math"]),
    ("an escaped sign", r"\$a\$ and $b$", &["$a$ and <math"], &[]),
    ("a formula block", "```math\nx^2\n```\n", &["<math display=\"block\""], &["<pre", "x^2"]),
    ("a formula in code signs", "is $`x_1`$ or `$y$`", &["is <math", "<code>$y$</code>"], &["`"]),
    ("two dollar signs", "$$a$$ costs $$ and $5", &["display=\"block\"", "costs $$ and $5"], &[]),
    // Definitions.
    ("a definition", "Lock\n: keeps out\n", &["<dt>Lock</dt>", "<dd>keeps out</dd>"], &[]),
    ("a smile", "Well\n:-) yes\n", &["<p>Well\n:-) yes</p>"], &["<dl"]),
    ("colons in a list", "- a\n\n  :x: b\n", &[":x: b"], &["<dl"]),
    ("a colon in code", "say `a\n: b` now", &["<code>a : b</code>"], &["<dl", "\\"]),
    ("both kinds of colon", "Lock\n: keeps\n\ntext\n:tada: yes\n", &["<dd>keeps</dd>", "<p>text\n:tada: yes</p>"], &[]),
    // Marks.
    ("marked", "a ==b *c*== d", &["a <mark>b <em>c</em></mark> d"], &["=="]),
    ("comparisons", "if x == y or `a==b`, a ===b", &["if x == y or <code>a==b</code>, a ===b"], &["<mark"]),
    ("a mark does not cross an element", "==a **b== c**", &["==a <strong>b== c</strong>"], &["<mark"]),
    ("braces in a heading", "## Sets {a, b}\n\nx\n\n## Id {#own}\n\ny\n", &["Sets {a, b}", "id=\"own\">Id<"], &["{#"]),
    ("marked in a heading", "## So ==much==\n\nx\n", &["So <mark>much</mark>"], &["=="]),
    // Footnotes.
    (
        "an inline footnote",
        "Fast^[By *design*, see [[queue]].] and safe^[Mostly.].",
        &[
            "Fast<sup>",
            "</sup> and safe<sup>",
            "By <em>design</em>, see <a class=\"note\" href=\"queue.html\">Queue</a>.",
        ],
        &["^["],
    ),
    ("a footnote with brackets", "x^[a [b] c] y", &["a [b] c", "x<sup>"], &["^["]),
    ("an unclosed footnote", "x^[a b", &["x^[a b"], &["<sup>"]),
    ("a label in another case", "a[^Src]\n\n[^sRC]: Kept.\n", &["Kept.", "href=\"#fn-1\""], &["[^"]),
    ("a footnote in a list", "- a^[n]\n- b\n", &["<li>a<sup>", "n "], &["^["]),
    // Addresses.
    (
        "bare addresses",
        "see www.example.org/a_b, or http://x.org.",
        &[
            "<a class=\"external\" rel=\"external noopener\" href=\"http://www.example.org/a_b\">www.example.org/a_b</a>, or",
            ">http://x.org</a>.",
        ],
        &[],
    ),
    (
        "mail",
        "to first.last+tag@mail.example.org!",
        &[
            "<a class=\"external\" rel=\"external noopener\" href=\"mailto:first.last+tag@mail.example.org\">first.last+tag@mail.example.org</a>!",
        ],
        &[],
    ),
    (
        "no mail",
        "a @ b, x@y, @name, `a@b.org`, git@host:repo",
        &["a @ b, x@y, @name, <code>a@b.org</code>, git@host:repo"],
        &["mailto"],
    ),
    (
        "a bare address in a link",
        "[www.example.org](queue.md)",
        &["href=\"queue.html\">www.example.org</a>"],
        &["http://www"],
    ),
    // Callouts.
    (
        "a callout",
        "> [!tip] Ask *first*\n> Then do.\n",
        &["<div class=\"callout tip\">", "<span>Ask <em>first</em></span>", "<p>Then do.</p>"],
        &["[!"],
    ),
    (
        "layout of a callout",
        "> [!warning|left wide]- Hot\n> Wait.\n",
        &["<details class=\"callout warning\">", "<summary><span>Hot</span></summary>"],
        &["|left"],
    ),
    ("a type of one's own", "> [!field-note]\n> Rain.\n", &["<span>Field note</span>", "<p>Rain.</p>"], &["[!"]),
    ("a callout with a list", "> [!note]\n> - a\n> - b\n", &["<span>Note</span>", "<li>a</li>"], &["[!"]),
    (
        "an admonition of MkDocs",
        "!!! warning \"Hot *water*\"\n    Wait.\n\n    - a\n\nCool.\n",
        &["class=\"callout warning\"", "<span>Hot <em>water</em></span>", "<p>Wait.</p>", "<li>a</li>", "<p>Cool.</p>"],
        &["!!!"],
    ),
    (
        "a folded admonition",
        "??? note\n    Inner.\n    !!! tip\n        Deep.\n",
        &["<details class=\"callout note\">", "<p>Inner.</p>", "class=\"callout tip\"", "<p>Deep.</p>"],
        &["???", "!!!"],
    ),
    ("an admonition in code", "```\n!!! note\n    x\n```\n", &["!!! note\n    x"], &["callout"]),
    (
        "an admonition of Docusaurus",
        ":::tip[Do `it`]\n\nNow.\n\n:::\n\nEnd.\n",
        &["class=\"callout tip\"", "<span>Do <code>it</code></span>", "<p>Now.</p>", "<p>End.</p>"],
        &[":::"],
    ),
    (
        "a container of VitePress",
        "::: danger Stop\nNo.\n:::\n",
        &["class=\"callout caution\"", "<span>Stop</span>", "<p>No.</p>"],
        &[":::"],
    ),
    // Ids of blocks.
    (
        "links to blocks",
        "[[lock#^what|a]] [b](lock.md#^fair) [[lock#^all]]",
        &["href=\"lock.html#%5Ewhat\">a</a>", "href=\"lock.html#%5Efair\">b</a>", "href=\"lock.html#%5Eall\">Lock</a>"],
        &["broken"],
    ),
    (
        "ids",
        "One ^p-1\n\n- a ^i\n\n  more\n\n> said\n> so ^q\n\n```js\ncode\n```\n\n^c\n",
        &[
            "<p id=\"^p-1\">One</p>",
            "<li id=\"^i\">",
            "<blockquote id=\"^q\">",
            "<span id=\"^c\"></span><div class=\"code\"",
        ],
        &[" ^p", "^i ", ">^c"],
    ),
    ("the id of a table", "| a |\n|---|\n| b |\n^tbl\n", &["<table id=\"^tbl\">"], &["<td>^"]),
    (
        "no id",
        "10^6 or x^2, a^b\n\n^ alone\n\n`c ^d`",
        &["10^6 or x^2, a^b", "^ alone", "<code>c ^d</code>"],
        &["id=\"^"],
    ),
    ("ids beside raw HTML", "<b>x</b> y ^r\n", &["<p id=\"^r\"><b>x</b> y</p>"], &[]),
    // Links and pictures.
    ("titles", "[a](lock.md \"Keep out\") <https://e.org>", &["href=\"lock.html\" title=\"Keep out\">a</a>"], &[]),
    (
        "badges",
        "[![ok](https://e.org/x.svg)](lock.md) [![](https://e.org/y.svg)](https://e.org/)",
        &["href=\"lock.html\">ok</a>", "href=\"https://e.org/\">Image</a>"],
        &["<img"],
    ),
    (
        "badges in HTML",
        "<a href=\"lock.md\"><img src=\"https://e.org/x.svg\" alt=\"ok\"></a> <img src=\"https://e.org/z.png\">",
        &[">ok</a>", ">https://e.org/z.png</a>"],
        &["<img"],
    ),
    ("a badge in an HTML link", "<a href=\"lock.md\">![ok](https://e.org/x.svg)</a>", &[">ok</a>"], &["x.svg"]),
    (
        "a heading with links",
        "## On [locks](lock.md) and [[queue]][^1]\n\nText.\n\n[^1]: Note.\n",
        &["href=\"lock.html\">locks</a> and <a class=\"note\" href=\"queue.html\">Queue</a><sup>"],
        &[],
    ),
    (
        "aligned",
        "| a | b |\n|--:|:-:|\n| 1 | 2 |\n",
        &["<th scope=\"col\" class=\"right\">", "<td class=\"center\">"],
        &[],
    ),
    // Comments.
    (
        "comments",
        "a %%secret%% b\n\n%%\nsecret\n\n# secret\n%%\n\nc %% secret\nsecret %% d\n\n`%%code%%`\n",
        &["a b", "<p>c d</p>", "<code>%%code%%</code>"],
        &["secret", "%% "],
    ),
    ("comments at the ends of lines", "a %%secret%%\nb\n%%secret%%\nc\n", &["<p>a\nb\nc</p>"], &["<br>", "secret"]),
    (
        "comments in lists and tables",
        "- a\n- b %%secret%%\n\n| x |\n|---|\n| y %%secret%% |\n",
        &["<li>b</li>", "<td>y</td>"],
        &["secret"],
    ),
    ("a comment with a fence", "%%\n```\nsecret\n%%\n\nafter `x`\n", &["after <code>x</code>"], &["secret"]),
    (
        "percent signs",
        "5 % or 100 %% sure.\n\n[x](https://e.org/%%20a%%) too\n",
        &["5 % or 100 %% sure.", "%%20a%%\">x</a> too"],
        &[],
    ),
    (
        "comments of HTML",
        "a <!-- secret --> b\n\n<!-- secret\n\nsecret -->\n\n<!-- %% --> c %% d\n",
        &["a  b", "c %% d"],
        &["secret"],
    ),
];

/// Files of a base by path, as they would be published.
pub fn built(config: Config, notes: &[(&str, &str)]) -> (Site, BTreeMap<String, String>) {
    let files: Vec<SourceFile> = notes.iter().map(|(path, text)| SourceFile::new(*path, text)).collect();
    let vault =
        Vault { markdown: files.len(), files: files.into(), folders: [String::new()].into(), ..Vault::default() };
    let analysis = analyze(config, vault, Vec::new(), false, AnalysisMode::Build);
    let site = analysis.site;
    let findings = rules::run(&site, Some(jiff::civil::date(2026, 6, 1))).diagnostics;
    let own = OwnFiles::default();
    let parts = Parts {
        site: site.clone(),
        bodies: analysis.bodies,
        sizes: Arc::new(sizes(&site).expect("pictures")),
        renderer: Arc::new(renderer(&site, &own, true).expect("templates")),
        findings: Findings::computed(findings, 0),
    };
    let publication = Publication::new(parts, &own);
    let mut out = BTreeMap::new();
    for (path, file) in publication.files().iter() {
        if let Ok(Content::Bytes(bytes)) = publication.content(path, file) {
            out.insert(path.to_string(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for bundle in Bundle::ALL {
        for (path, bytes) in publication.make(bundle) {
            out.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    (Arc::unwrap_or_clone(site), out)
}

pub fn main_of(page: &str) -> &str {
    let start = page.find("<main").unwrap_or(0);
    &page[start..page.find("</main>").unwrap_or(page.len())]
}

#[test]
fn constructs_become_what_they_mean() {
    let notes: Vec<(String, String)> = ROWS
        .iter()
        .enumerate()
        .map(|(n, (name, text, ..))| (format!("row-{n}.md"), format!("---\ntitle: Row {name}\n---\n{text}")))
        .collect();
    let all: Vec<(&str, &str)> =
        notes.iter().map(|(path, text)| (path.as_str(), text.as_str())).chain(OTHERS.iter().copied()).collect();
    let (_, pages) = built(Config::default(), &all);
    let mut faults = Vec::new();
    for (n, (name, _, has, lacks)) in ROWS.iter().enumerate() {
        let main = main_of(&pages[&format!("row-{n}.html")]);
        let body = main.split("<h1").nth(1).unwrap_or(main);
        let missing = has.iter().filter(|part| !body.contains(**part)).map(|part| format!("lacks {part}"));
        let wrong = lacks.iter().filter(|part| body.contains(**part)).map(|part| format!("has {part}"));
        faults.extend(missing.chain(wrong).map(|fault| format!("{name}: {fault}\n{body}\n")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn settings_ask_for_more_or_less() {
    let note = ("a.md", "Up :rocket: :nosuch: `:tada:`\nnext\n\n![[x]]\n\n[[y]]\n");
    let mut config = Config::default();
    config.markdown = crate::config::Markdown { emoji: true, hard_breaks: true, wikilinks: false, ..config.markdown };
    let (_, pages) = built(config, &[note]);
    let page = &pages["a.html"];
    assert!(page.contains("Up 🚀 :nosuch: <code>:tada:</code><br>\nnext"), "{page}");
    assert!(page.contains("<p>![[x]]</p>\n<p>[[y]]</p>"), "{page}");
    let (_, pages) = built(Config::default(), &[note]);
    assert!(pages["a.html"].contains("Up :rocket:") && !pages["a.html"].contains("<br>"));
}

#[test]
fn labels_open_the_subsections_of_links() {
    let text = "---\nid: a\ntitle: A\n---\nx\n\n## Links\n\n**Prerequisites:**\n\n- [Lock](lock.md)\n\n\
                **Related notes**: [Queue](queue.md)\n\n**Books:** [C](c.md)\n";
    let (site, pages) =
        built(Config::default(), &[OTHERS[0], OTHERS[1], ("a.md", text), ("c.md", "---\nid: c\n---\nC.\n")]);
    let edges: Vec<(String, String)> = site
        .graph
        .edges
        .iter()
        .map(|edge| (site.graph.keys[edge.target].to_string(), format!("{:?}", edge.kind)))
        .collect();
    for (to, kind) in [("lock", "Requires"), ("queue", "Related"), ("c", "Mentions")] {
        assert!(edges.contains(&(to.into(), kind.into())), "{edges:?}");
    }
    let main = main_of(&pages["a.html"]);
    assert!(main.contains("Books:") && !main.contains("Prerequisites:</strong>"), "{main}");
}

#[test]
fn what_does_not_work_is_reported() {
    let text = "---\nid: a\n---\nA $\\nope{x}$ and $y$ or $b_{2$.\n\n| a | b |\n|---|---|\n| [[lock|l]] | `[[x|y]]` |\n| [[lock\\|l]] | c |\n\n%%\nrest\n";
    let (site, _) = built(Config::default(), &[OTHERS[0], ("a.md", text)]);
    let found = rules::run_in(&site, RunOptions { today: None, answers: None, only: &[] }).diagnostics;
    let lines = |rule: &str| -> Vec<(usize, String)> {
        let own = found.iter().filter(|d| d.rule == rule);
        own.map(|d| {
            let file = site.vault.file(d.file);
            (file.lines().position(d.span.start).line, file.text[d.span.range()].to_string())
        })
        .collect()
    };
    assert_eq!(lines("broken-formula"), [(4, "$\\nope{x}$".to_string()), (4, "$b_{2$".to_string())]);
    assert_eq!(lines("split-wikilink"), [(8, "[[lock|l]]".to_string())]);
    assert_eq!(lines("unclosed-comment"), [(11, "%%".to_string())]);
    let comments = "---\nid: a\n---\n%%[[nowhere]] [x](gone.md) ![[b#c]]%% and\n\n%%\n[[lock]]\n%%\n[y](lost.md)\n";
    let (site, _) = built(Config::default(), &[OTHERS[0], ("a.md", comments)]);
    let links: Vec<&str> = site.notes.iter().flat_map(|note| &note.doc.links).map(|link| link.dest.as_str()).collect();
    assert_eq!(links, ["lost.md"], "nothing in a comment is a link");
    let found =
        rules::run_in(&site, RunOptions { today: None, answers: None, only: &["broken-link".into()] }).diagnostics;
    let broken: Vec<&str> = found.iter().map(|d| &site.vault.file(d.file).text[d.span.range()]).collect();
    assert_eq!(broken, ["lost.md"], "places are those of the file");
}

#[test]
fn a_comment_in_a_cell_that_the_table_has_no_column_for_is_not_published() {
    let text = "---\nid: a\n---\n\n| a | b |\n|---|---|\n| c | d | e <!-- xylograph --> | <!-- xylograph --> |\n";
    let (_, files) = built(Config::default(), &[("a.md", text)]);
    for (path, content) in &files {
        assert!(!content.contains("xylograph"), "{path}: {content}");
    }
}

/// What may be around a comment.
const AROUND: &[&str] = &[
    "\n",
    "\n\n",
    " ",
    "word",
    "# Head\n",
    "\n- item ",
    "\n  - deep ",
    "\n> said ",
    "\n1. one ",
    "| a | ",
    "\n\n| a | b |\n|---|---|\n| c | ",
    " |\n",
    "`code` ",
    "\n```\nfence\n```\n",
    "**bold** ",
    "$x$ ",
    "$5 ",
    "[a](b.md) ",
    "[[b]] ",
    "![[b]]\n",
    "<b>raw</b> ",
    "\n<div>\n",
    "\n</div>\n",
    "==mark== ",
    "^[note] ",
    "\n\n[^1]: foot ",
    "\n!!! note\n    inside ",
    "\n\nTerm\n: meaning ",
    " ^id\n",
    "\n## TL;DR\n",
    "\n## Links\n",
];

/// A comment with a word in it that may be nowhere.
const COMMENTS: &[&str] = &[
    "%%xylograph%%",
    "%% xylograph %%",
    "\n%%\nxylograph\n%%\n",
    "\n\n%%\n# xylograph\n\n- xylograph\n%%\n\n",
    "<!-- xylograph -->",
    "\n<!--\nxylograph\n-->\n",
    "%%[[xylograph]] `%%",
    "\n%% xylograph\nxylograph %%\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_byte_of_a_comment_is_published(
        pieces in proptest::collection::vec(
            prop_oneof![
                3 => proptest::sample::select(AROUND).prop_map(str::to_string),
                1 => proptest::sample::select(COMMENTS).prop_map(str::to_string),
            ],
            1..16,
        )
    ) {
        let text = format!("---\nid: a\ntitle: A\n---\nFirst {}", pieces.concat());
        let (_, files) = built(Config::default(), &[("a.md", &text), ("b.md", "---\nid: b\n---\nB.\n")]);
        for (path, content) in &files {
            prop_assert!(!content.to_lowercase().contains("xylograph"), "{path} has it: {text:?}");
        }
    }
}
