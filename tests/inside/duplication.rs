//! What the duplication rules say of notes as they are written in Markdown, and above all what they must not say: the
//! exemptions, each with the same text where it is no exemption, so that the silence is the exemption's doing.

use super::base;

use crate::config::Config;
use std::fs;

/// A text of more than ten words.
const TEXT: &str =
    "A write that is acknowledged by a majority of the replicas survives the loss of any single one of them for good.";

/// The rules of duplicated text.
const RULES: [&str; 4] = ["duplicate-note", "duplicate-content", "similar-content", "duplicate-code"];

/// A finding: its rule and every file that it names, its own first.
type Said = (String, Vec<String>);

fn note(id: &str, more: &str, body: &str) -> (String, String) {
    (format!("{id}.md"), format!("---\nid: {id}\ntitle: The note {id}\n{more}---\n# The note {id}\n\n{body}\n"))
}

/// What the rules say of a base of these files.
fn said_with(files: &[(String, String)], mut config: Config) -> Vec<Said> {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    for (path, text) in files {
        let path = content.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for template in &mut config.check.note_templates {
        *template = content.join(&*template).to_string_lossy().into_owned();
    }
    let site = base::site(&content, config);
    let of_rule = |rule: &&str| base::findings_of(&site, rule).diagnostics;
    let path = |file| site.vault.file(file).path.to_string();
    let said = |d: crate::text::diagnostic::Diagnostic| {
        (d.rule.to_string(), std::iter::once(d.file).chain(d.related.iter().map(|l| l.file)).map(path).collect())
    };
    RULES.iter().flat_map(of_rule).map(said).collect()
}

fn said(files: &[(String, String)]) -> Vec<Said> {
    said_with(files, Config::default())
}

/// What is said of two notes of one body each.
fn said_of(a: &str, b: &str) -> Vec<Said> {
    said(&[note("a", "", a), note("b", "", b)])
}

/// That two notes with this body are told to be the same there, as `rule` says.
#[track_caller]
fn assert_told(rule: &str, body: &str) {
    let said = said_of(body, body);
    assert_eq!(said.len(), 1, "{body}: {said:?}");
    assert_eq!(said[0].0, rule, "{body}");
}

#[track_caller]
fn assert_silent(body: &str) {
    assert_eq!(said_of(body, body), [], "{body}");
}

#[test]
fn a_text_in_two_notes_is_told() {
    assert_told("duplicate-content", TEXT);
    assert_told("duplicate-content", &format!("## Definition\n{TEXT}"));
    assert_told("duplicate-content", &format!("- {TEXT}"));
    assert_told("duplicate-content", &format!("> {TEXT}"));
    assert_told("duplicate-content", &format!("| a |\n|---|\n| {TEXT} |"));
}

#[test]
fn lists_of_links_are_no_text() {
    let items: String = (1..=8).map(|n| format!("- [The neighbour of number {n}](n{n}.md)\n")).collect();
    assert_silent(&items);
    let links: Vec<String> = (1..=8).map(|n| format!("[the neighbour of number {n}](n{n}.md)")).collect();
    assert_silent(&format!("See also {}.", links.join(", ")));
    // The same words that lead nowhere are text.
    let plain: Vec<String> = (1..=5).map(|n| format!("the neighbour of number {n}")).collect();
    assert_told("duplicate-content", &format!("See also {}.", plain.join(", ")));
    // A text with a link in it is one, too.
    assert_told("duplicate-content", &TEXT.replace("replicas", "[replicas](replicas.md)"));
}

#[test]
fn nothing_under_links_is_compared() {
    for heading in ["## Links", "## Links (NO duplication)"] {
        for part in ["### Prerequisites", "### Related topics", "### Compare with", "### Anything"] {
            assert_silent(&format!("{heading}\n{part}\n- [N](n.md) — {TEXT}\n"));
        }
    }
    assert_told("duplicate-content", &format!("## Elsewhere\n- [N](n.md) — {TEXT}\n"));
}

#[test]
fn self_checks_are_not_compared() {
    assert_silent(&format!("## Interview readiness\n### Quick self-check (5 items)\n- [ ] {TEXT}\n"));
    assert_told("duplicate-content", &format!("## Interview readiness\n### Trap questions\n- {TEXT}\n"));
}

#[test]
fn the_inbox_is_not_compared() {
    assert_silent(&format!("## Notes / Inbox (optional)\n- {TEXT}\n"));
    assert_silent(&format!("## Notes / Inbox\n### Later\n{TEXT}\n"));
    assert_told("duplicate-content", &format!("## Notes on replicas\n- {TEXT}\n"));
}

#[test]
fn not_applicable_is_no_text() {
    let sections: String = (1..=12).map(|n| format!("## Part {n}\nN/A\n\n")).collect();
    assert_silent(&sections);
    let items = "## Part\n- N/A\n".repeat(12);
    assert_silent(&items);
    let list: String = "- N/A\n".repeat(12);
    assert_silent(&format!("## Part\n1) Not here:\n{}", list.replace("- ", "   - ")));
}

#[test]
fn bold_labels_are_neither_compared_nor_counted() {
    // Nine words, and ten with the label.
    let nine = "replicas that lag behind answer with yesterday's truth only";
    assert_silent(&format!("- **Anti-pattern:** {nine}\n"));
    assert_told("duplicate-content", &format!("- **Anti-pattern:** {nine} today\n"));
    // Labels alone do not make two texts alike.
    let labelled = |what: &str, why: &str| {
        format!(
            "- **The anti-pattern that we saw:** {what}\n  - **Why it is bad for all of us:** {why}\n  - **A better \
             approach for the next time:** {what}\n"
        )
    };
    let a = labelled("reads from followers after writes", "stale answers confuse people");
    let b = labelled("transactions around remote calls", "locks outlive slow networks");
    assert_eq!(said_of(&a, &b), []);
    // Other labels do not make one text two.
    let said = said_of(&format!("- **Pitfall:** {TEXT}\n"), &format!("- **Why it's bad:** {TEXT}\n"));
    assert_eq!(said, [("duplicate-content".to_string(), vec!["b.md".to_string(), "a.md".to_string()])]);
}

#[test]
fn what_eight_notes_have_under_one_heading_is_a_form() {
    let under = |heading: &str, n: usize| note(&format!("n{n}"), "", &format!("## {heading}\n{TEXT}\n"));
    let same: Vec<_> = (0..8).map(|n| under("Rubric", n)).collect();
    let told = said(&same);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&*told[0].0, told[0].1.len()), ("similar-content", 1), "a summary of forms: {told:?}");
    let told = said(&same[..7]);
    assert_eq!((&*told[0].0, told[0].1.len(), told.len()), ("duplicate-content", 7, 1), "one cluster: {told:?}");
    let spread: Vec<_> = (0..8).map(|n| under(&format!("Part {}", n % 4), n)).collect();
    let told = said(&spread);
    assert_eq!((&*told[0].0, told[0].1.len(), told.len()), ("duplicate-content", 8, 1), "{told:?}");
}

#[test]
fn what_the_template_of_notes_says_is_a_form_in_any_note() {
    let body = format!(
        "## Rubric\n1) **Score:** {TEXT}\n   - Two points if the answer names the majority and why it is one.\n"
    );
    let template = ("template/note.md.txt".to_string(), note("a-name", "", &format!("{body}\n## Definition\n…\n")).1);
    let files = [note("a", "", &body), note("b", "", &body), template];
    let with = |templates: &[&str]| {
        let mut config = Config::default();
        config.check.note_templates = templates.iter().map(|t| t.to_string()).collect();
        said_with(&files, config)
    };
    assert_eq!(with(&[])[0].0, "duplicate-content");
    let told = with(&["template/note.md.txt", "no-such-file.md"]);
    assert_eq!((&*told[0].0, told[0].1.len(), told.len()), ("similar-content", 1, 1), "only the summary: {told:?}");
    // What somebody wrote below the template's text is compared.
    let own = format!(
        "{body}\n## Why it matters\nReplicas that lag behind answer with the truth of yesterday, which only looks right.\n"
    );
    let files = [note("a", "", &own), note("b", "", &own), files[2].clone()];
    let mut config = Config::default();
    config.check.note_templates = vec!["template/note.md.txt".into()];
    let told: Vec<String> = said_with(&files, config).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(told, ["duplicate-content", "similar-content"]);
}

#[test]
fn a_note_that_is_not_canonical_may_say_what_its_canonical_note_says() {
    let long = format!("{TEXT}\n\n{}", parts(4));
    let canonical = note("a", "", &long);
    let copy = note("b", "canonical: false\n", &format!("{long}\nSee [the note](a.md).\n"));
    assert_eq!(said(&[canonical.clone(), copy.clone()]), []);
    let plain = note("b", "", &format!("{long}\nSee [the note](a.md).\n"));
    assert_eq!(said(&[canonical.clone(), plain])[0].0, "duplicate-note");
    // A third note has no such excuse, and is told with the canonical one.
    let told = said(&[canonical, copy, note("c", "", &long)]);
    assert!(told.iter().any(|(rule, files)| rule == "duplicate-note" && files.contains(&"c.md".into())), "{told:?}");
}

#[test]
fn landing_pages_alias_notes_and_pages_are_not_compared() {
    let body = format!("{TEXT}\n\n- [The note a](a.md)\n");
    for (path, text) in [
        ("_index.md", format!("# Folder\n\n{body}")),
        ("_aliases/b.md", format!("# Alias\n\n{body}")),
        ("about.md", format!("# About\n\n{body}")),
    ] {
        let mut config = Config { pages: vec!["about.md".into()], ..Config::default() };
        config.check.note_templates.clear();
        let files = [note("a", "", TEXT), (path.to_string(), text)];
        assert_eq!(said_with(&files, config), [], "{path}");
    }
}

#[test]
fn an_embed_counts_for_its_source_only() {
    assert_eq!(said_of(&format!("## Definition\n{TEXT}"), "## Definition\n![[a#definition]]"), []);
}

/// Sections with 40 different words each.
fn parts(count: usize) -> String {
    let words = |n: usize| (0..40).map(|w| format!("word{n}x{w}")).collect::<Vec<_>>().join(" ");
    (0..count).map(|n| format!("## Part {n}\n\n{}.\n\n", words(n))).collect()
}

#[test]
fn notes_of_less_than_150_words_share_passages() {
    for (count, rule) in [(3, "duplicate-content"), (4, "duplicate-note")] {
        let told = said(&[note("a", "", &parts(count)), note("b", "", &parts(count))]);
        assert_eq!(told[0].0, rule, "{count} parts: {told:?}");
    }
    // A short note whose whole text is in a long one.
    let told = said(&[note("a", "", &parts(3)), note("b", "", &parts(8))]);
    assert!(told.iter().all(|(rule, _)| rule == "duplicate-content"), "{told:?}");
}

#[test]
fn a_copied_note_is_told_once() {
    let (_, text) = note("a", "", &parts(4));
    let told = said(&[("x/a.md".into(), text.clone()), ("y/b.md".into(), text.replace("id: a", "id: b"))]);
    assert_eq!(told, [("duplicate-note".to_string(), vec!["y/b.md".to_string(), "x/a.md".to_string()])]);
}

#[test]
fn a_text_pasted_into_five_notes_is_told_once() {
    let files: Vec<_> = (0..5)
        .map(|n| {
            note(
                &format!("n{n}"),
                "",
                &format!("## Own part of {n}\nNote {n} has {n}{n} words of its own.\n\n## Shared\n{TEXT}\n"),
            )
        })
        .collect();
    let told = said(&files);
    assert_eq!(told.len(), 1, "{told:?}");
    let mut notes = told[0].1.clone();
    notes.sort();
    assert_eq!(notes, ["n0.md", "n1.md", "n2.md", "n3.md", "n4.md"]);
}

#[test]
fn code_of_fewer_than_five_lines_is_no_duplicate() {
    let code =
        |lines: usize| format!("```sql\n{}```\n", (1..=lines).map(|n| format!("select {n};\n")).collect::<String>());
    assert_told("duplicate-code", &code(5));
    assert_silent(&code(4));
}
