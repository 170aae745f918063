//! Whatever stands in a note, reading, checking and showing it ends, and without a fault of canon.

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::vault::Vault;
use crate::check::rules;
use crate::config::Config;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Parts, Publication, renderer, sizes};
use crate::publish::own_files::OwnFiles;
use crate::text::source::{SourceFile, Sources};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The longest that a few hundred bytes may take in a test build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pieces that open, close, indent, quote, escape and combine: what parsers and their users stumble over.
const FRAGMENTS: &[&str] = &[
    "\n",
    "\n\n",
    "\t",
    " ",
    "    ",
    "\n\t",
    "\n> ",
    "> ",
    "\n* ",
    "\n- ",
    "\n1. ",
    "\n- [ ] ",
    "\n:   ",
    "---\n",
    "...\n",
    "id: a\n",
    "title: \"Issue #12 about\n  things\"\n",
    "title: 'x # y\n",
    "title: x # y\n",
    "aliases: [a, 'b\n",
    "tags:\n  - \"x\n",
    "updated_at: 2026-13-40\n",
    "draft: maybe\n",
    "redirect_from: [../x, a/b.html]\n",
    "x: &a *a\n",
    "canon_ignore: [broken-link]\n",
    "importance: 1.10\n",
    "<",
    ">",
    "<!--",
    "-->",
    "<!--canon-ignore",
    "<!-- canon-ignore broken-link: x -->",
    "<b",
    "<a href=",
    "<img src=\"é.png\" srcset=\"a.png 1x, 日.png 2x\">",
    "<a id=é>",
    "<details>",
    "</details>",
    "<div\n> class=\"x\">",
    "<pre>",
    "</pre>",
    "<script>",
    "<?",
    "<![CDATA[",
    "é",
    "日本",
    "\u{1f9e0}",
    "e\u{301}",
    "\u{202e}",
    "\u{a0}",
    "\u{2028}",
    "\u{85}",
    "&amp;",
    "&nGt;",
    "&nbsp;",
    "&#0;",
    "'",
    "\"",
    "...",
    "--",
    "\\",
    "\\é",
    "`",
    "``",
    "` é `",
    "\n```",
    "\n~~~js {1-3}\n",
    "$",
    "$$",
    "\\frac{",
    "[[",
    "]]",
    "![[",
    "[[a]]",
    "[[a#x|y]]",
    "[[y#]]",
    "![[a]]",
    "![[b#A]]",
    "See ",
    "[a](b.md)",
    "[a](<b c.md> \"t\")",
    "[",
    "](",
    ")",
    "![é](日.png)",
    "[x]: ",
    "[x][]",
    "[^1]",
    "\n[^1]: ",
    "https://e/é)",
    "<https://é>",
    "(TODO) ",
    "- (TODO) x — y\n",
    "(TODO) [[",
    "|",
    "\n|-|-|\n",
    "\n| a | `\\|` |\n",
    "**",
    "**é:**",
    "**Q&nbsp;:** ",
    "**a:&nbsp;**",
    "**Pros:** ",
    "*",
    "_",
    "~~",
    "==",
    "\n# ",
    "\n## ",
    "\n## Links\n",
    "\n## TL;DR\n",
    "\n## Trap questions\n",
    "\n### Compare with\n",
    "\n## Key terms\n",
    "{#x}",
    " {#é .c}",
    "\n> [!note]- é",
    "\n> [!",
    "\n> - \n> \t<x\n",
    "\u{1}",
    "\u{e000}0\u{e001}",
    "%%",
    "\n%%\n",
    " ^id",
    "\n^id\n",
    "^[",
    "\n:x",
    "\n: `",
    "\n!!! note \"é\"\n    ",
    "\n??? é\n\t",
    "\n:::tip\n\n",
    "\n:::\n",
    "@e.org",
    "www.é.org",
    "$5",
    "#tag",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(FRAGMENTS).prop_map(str::to_string),
        1 => "[a-zé日 ]{1,6}",
        1 => "\\PC{1,3}",
    ]
}

/// A note of pieces, often with a head.
fn made_of_pieces() -> impl Strategy<Value = String> {
    let pieces = |most| proptest::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat());
    let head = prop_oneof![
        Just(String::new()),
        pieces(6).prop_map(|head| format!("---\nid: a\n{head}\n---\n")),
        pieces(6).prop_map(|head| format!("---\ntitle: {head}\n---\n")),
    ];
    (head, pieces(24)).prop_map(|(head, body)| head + &body)
}

/// Bytes, as far as they are text: no other file is read as a note.
fn bytes() -> impl Strategy<Value = String> {
    let any = proptest::collection::vec(any::<u8>(), 0..200);
    let ascii = proptest::collection::vec(1u8..128, 0..200);
    prop_oneof![any, ascii].prop_map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', ""))
}

/// Everything that canon does with notes of these texts; a fault of canon's own is an error.
fn take_in(texts: &[(&str, String)]) -> Result<(), String> {
    let files: Sources = texts.iter().map(|(path, text)| SourceFile::new(*path, text)).collect();
    let folders = ["", "_aliases", "sub"].map(String::from).into();
    let vault = Vault { markdown: files.len(), files, folders, ..Vault::default() };
    let analysis = analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Build);
    let site = analysis.site;
    let findings = rules::run(&site, Some(jiff::civil::date(2026, 6, 1))).diagnostics;
    let faults = |found: &[crate::text::diagnostic::Diagnostic]| match found.iter().find(|d| d.rule == "internal-error")
    {
        Some(fault) => Err(fault.message.clone()),
        None => Ok(()),
    };
    faults(&findings)?;
    for finding in &findings {
        let text = &site.vault.file(finding.file).text;
        if text.get(finding.span.range()).is_none() {
            return Err(format!("{} is at {:?}, outside {text:?}", finding.rule, finding.span));
        }
    }
    let own = OwnFiles::default();
    let renderer = renderer(&site, &own, true).map_err(|error| error.to_string())?;
    let parts = Parts {
        site: site.clone(),
        bodies: analysis.bodies,
        sizes: Arc::new(sizes(&site).expect("pictures")),
        renderer: Arc::new(renderer),
        findings: Findings::computed(findings, 0),
    };
    let publication = Publication::new(parts, &own);
    for (path, file) in publication.files().iter() {
        publication.content(path, file).map_err(|error| error.to_string())?;
    }
    Bundle::ALL.into_iter().for_each(|bundle| drop(publication.make(bundle)));
    faults(&publication.failures())
}

/// The same on a thread of its own, so that work without end fails the test.
fn ends_well(texts: Vec<(&'static str, String)>) -> Result<(), String> {
    let (sender, receiver) = channel();
    let shown = format!("{texts:?}");
    std::thread::spawn(move || sender.send(take_in(&texts)));
    match receiver.recv_timeout(PATIENCE) {
        Ok(result) => result.map_err(|fault| format!("{fault}: {shown}")),
        Err(RecvTimeoutError::Timeout) => Err(format!("no end: {shown}")),
        Err(RecvTimeoutError::Disconnected) => Err(format!("a panic: {shown}")),
    }
}

fn beside(text: String, other: String) -> Vec<(&'static str, String)> {
    vec![("_aliases/y.md", other.clone()), ("a.md", text), ("sub/b.md", other)]
}

#[test]
fn texts_that_once_stopped_canon() {
    for text in [
        "* \n\t<!--canon-ignore\n\t<",
        "---\nid: a\ntitle: \"Issue #12 about\n  things\"\n---\n",
        "See [[a]]",
        "x [[y#]]",
        "**a:&nbsp;**",
        "- (TODO) &amp;é",
        "## Links\n\n- (TODO) &aacute;é\n",
        "> <a\n> href=\"日.md\">x\n> y</a>",
        "* \n\t<a href=é>\n\t<a href=é>",
    ] {
        let result = ends_well(beside(text.into(), "See [[a]]".into()));
        assert_eq!(result, Ok(()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_of_syntax_are_a_note(text in made_of_pieces(), other in made_of_pieces()) {
        prop_assert_eq!(ends_well(beside(text, other)), Ok(()));
    }

    #[test]
    fn any_text_is_a_note(text in bytes(), other in bytes()) {
        prop_assert_eq!(ends_well(beside(text, other)), Ok(()));
    }
}
