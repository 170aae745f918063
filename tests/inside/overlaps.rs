//! What `overlapping-notes` finds and leaves out in whole notes: planted pairs of notes with the same ideas in other words, sibling
//! notes with the same nouns and different ideas, and the exemptions, each with the same text where it is no exemption.

use super::base::{self, Random};
use crate::config::Config;
use crate::text::ids::NoteId;
use std::fs;

/// Ideas in two wordings, written by hand.
const IDEAS: &str = include_str!("overlaps/ideas.txt");
/// Statements with slots for nouns, each a different idea.
const STATEMENTS: &str = include_str!("overlaps/statements.txt");
const NOUNS: &str = "ledger valve beacon archive turbine lantern parcel bridge mirror pulley anchor barrel cabinet harness kettle \
    ladder needle orchard piano quarry rudder saddle tunnel umbrella violin wagon zipper bakery chapel dinghy engine ferry gallery \
    hammock igloo jacket kiosk locker mosaic napkin oven pillar quilt ribbon statue tractor vault whistle yacht basket canopy drum \
    easel fountain goblet hinge inkwell";
const KINDS: &str =
    "copper winter night river paper silver garden mountain desert island forest stone crystal velvet amber coral";
/// The headings of the template, each with a few items.
const HEADINGS: [&str; 4] = ["Why it matters", "Mental model", "Failure modes & Pitfalls", "Common anti-patterns"];

impl Random {
    /// The numbers below a bound in random order.
    fn order(&mut self, bound: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..bound).collect();
        (1..bound).rev().for_each(|at| order.swap(at, self.below(at + 1)));
        order
    }
}

/// A note with these passages as list items under the headings of the template.
fn note(id: &str, more: &str, passages: &[String]) -> (String, String) {
    let mut text = format!("---\nid: {id}\ntitle: \"The {id}\"\n{more}---\n# The {id}\n");
    for (at, part) in passages.chunks(passages.len().div_ceil(HEADINGS.len()).max(1)).enumerate() {
        text.push_str(&format!("\n## {}\n", HEADINGS[at]));
        part.iter().for_each(|passage| text.push_str(&format!("- {passage}\n")));
    }
    (format!("{id}.md"), text)
}

/// The overlapping notes of a base of these files, by path without extension, with the number of matches.
fn overlapping(files: &[(String, String)], mut config: Config) -> Vec<(String, String, usize)> {
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
    let stem = |note: NoteId| site.path(note).trim_end_matches(".md").to_string();
    site.overlaps().iter().map(|overlap| (stem(overlap.a), stem(overlap.b), overlap.matches.len())).collect()
}

fn statements() -> Vec<&'static str> {
    STATEMENTS.lines().filter(|line| !line.starts_with('#')).collect()
}

fn filled(statement: &str, a: &str, b: &str) -> String {
    statement.replace("{a}", a).replace("{b}", b)
}

fn ideas() -> Vec<[&'static str; 2]> {
    let is_idea = |line: &&str| !line.is_empty() && !line.starts_with('#') && !line.starts_with("topic ");
    let lines: Vec<&str> = IDEAS.lines().filter(is_idea).collect();
    lines.chunks(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// Two nouns of the topic with this number: `copper ledger` and `valve`.
fn nouns(topic: usize) -> (String, String) {
    let (kinds, nouns): (Vec<&str>, Vec<&str>) = (KINDS.split(' ').collect(), NOUNS.split_whitespace().collect());
    let own = nouns[topic % nouns.len()];
    (format!("{} {own}", kinds[topic / 7 % kinds.len()]), nouns[(topic * 13 + 5) % nouns.len()].to_string())
}

/// A base with planted pairs, the number of shared ideas of each given, five sibling pairs, and notes with the remaining ideas. No
/// statement and, but for the planted ones, no idea is in two notes. Siblings have the same topic, template and nouns.
fn planted_base(shared: &[usize], topic: usize, random: &mut Random) -> Vec<(String, String)> {
    let (ideas, statements) = (ideas(), statements());
    let (idea_order, statement_order) = (random.order(ideas.len()), random.order(statements.len()));
    let (mut unused, mut files) = (idea_order.into_iter(), Vec::new());
    for (pair, &count) in shared.iter().enumerate() {
        let common: Vec<usize> = unused.by_ref().take(count).collect();
        for wording in [0, 1] {
            let own: Vec<usize> = unused.by_ref().take(2).collect();
            let texts = common.iter().chain(&own).map(|&idea| ideas[idea][wording].to_string());
            files.push(note(&format!("planted-{pair}-{wording}"), "", &texts.collect::<Vec<_>>()));
        }
    }
    for (at, own) in unused.collect::<Vec<_>>().chunks(6).enumerate() {
        let texts: Vec<String> = own.iter().map(|&idea| ideas[idea][0].to_string()).collect();
        files.push(note(&format!("other-{at}"), "", &texts));
    }
    for (at, own) in statement_order.chunks(6).enumerate() {
        let (a, b) = nouns(topic + at / 2);
        let texts: Vec<String> = own.iter().map(|&statement| filled(statements[statement], &a, &b)).collect();
        files.push(note(&format!("sibling-{}-{}", at / 2, at % 2), "", &texts));
    }
    files
}

#[test]
fn planted_ideas_in_other_words_are_found_and_siblings_are_not() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    assert_eq!((ideas().len(), statements().len()), (120, 60));
    let (mut planted, mut right, mut wrong) = (0, 0, Vec::new());
    // 60 planted pairs and 200 pairs of siblings.
    for base in 0..40 {
        let count = if base < 20 { 2 } else { 1 };
        let shared: Vec<usize> = (planted..planted + count).map(|pair: u32| 3 + pair as usize % 6).collect();
        planted += count;
        let found = overlapping(&planted_base(&shared, base * 5, &mut random), Config::default());
        let is_planted = |(a, b, _): &(String, String, usize)| {
            let pair = |name: &str| name.rsplit_once('-').unwrap().0.to_string();
            a.starts_with("planted") && pair(a) == pair(b)
        };
        right += found.iter().filter(|pair| is_planted(pair)).count();
        wrong.extend(found.into_iter().filter(|pair| !is_planted(pair)));
    }
    let recall = right as f64 / f64::from(planted);
    let precision = right as f64 / (right + wrong.len()) as f64;
    println!("recall {recall:.3}, precision {precision:.3}, wrong: {wrong:?}");
    assert_eq!(planted, 60);
    assert!(recall >= 0.9 && precision >= 0.9, "recall {recall:.3}, precision {precision:.3}, wrong: {wrong:?}");
}

/// The first wording or the second one of the ideas about deadlocks.
fn deadlocks(wording: usize) -> Vec<String> {
    ideas()[..4].iter().map(|idea| idea[wording].to_string()).collect()
}

/// The number of matches of two notes, 0 if they do not overlap.
fn matches(a: (String, String), b: (String, String)) -> usize {
    overlapping(&[a, b], Config::default()).first().map_or(0, |(_, _, matches)| *matches)
}

fn both(body: impl Fn(&[String]) -> String) -> usize {
    let file = |id: &str, wording: usize| {
        let text = format!("---\nid: {id}\ntitle: The {id}\n---\n# The {id}\n\n{}\n", body(&deadlocks(wording)));
        (format!("{id}.md"), text)
    };
    matches(file("a", 0), file("b", 1))
}

fn items(texts: &[String], label: &str) -> String {
    texts.iter().map(|text| format!("- {label}{text}\n")).collect()
}

#[test]
fn forms_of_passages_are_found_and_settings_are_not() {
    assert_eq!(both(|texts| items(texts, "")), 4);
    assert_eq!(both(|texts| texts.join("\n\n")), 4);
    assert_eq!(both(|texts| format!("## Why it matters\n{}", items(texts, "**Because:** "))), 4);
    assert_eq!(both(|texts| items(texts, "**Context:** ")), 0);
    assert_eq!(both(|texts| items(texts, "**Example:** ")), 0);
    assert_eq!(both(|texts| format!("## Mini example\n{}", items(texts, ""))), 0);
    assert_eq!(both(|texts| format!("## Links\n{}", items(texts, ""))), 0);
    assert_eq!(both(|texts| format!("## Notes / Inbox\n{}", items(texts, ""))), 0);
    assert_eq!(both(|texts| items(texts, "[ ] ")), 0, "checklists against checklists");
    assert_eq!(both(|texts| texts[..2].join("\n\n")), 0, "two ideas are no overlap");
}

#[test]
fn a_checklist_is_compared_with_prose() {
    let a = note("a", "", &deadlocks(0).iter().map(|text| format!("[ ] {text}")).collect::<Vec<_>>());
    assert_eq!(matches(a, note("b", "", &deadlocks(1))), 4);
}

#[test]
fn questions_count_with_their_answers() {
    let halves = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        let (question, answer) = words.split_at(words.len() / 2);
        (format!("{}?", question.join(" ")), answer.join(" "))
    };
    for form in ["1. **Q:** {q}\n   - **A:** {a}\n", "### {q}\n**A:** {a}\n\n", "**Q:** {q}\n\n**A:** {a}\n\n"] {
        let cards = |texts: &[String]| -> String {
            let card = |text: &String| form.replace("{q}", &halves(text).0).replace("{a}", &halves(text).1);
            format!("## Interview readiness\n### Trap questions\n{}", texts.iter().map(card).collect::<String>())
        };
        let cards = |texts: &[String]| match form.starts_with('#') {
            true => {
                cards(texts).replace("### Trap questions", "## Trap questions").replace("## Interview readiness\n", "")
            }
            false => cards(texts),
        };
        // Of the four, an answer may be more like a different question, and a text is matched once.
        assert!(both(cards) >= 3, "{form}");
    }
}

#[test]
fn what_is_compared_on_purpose_needs_five_ideas() {
    let links = |to: &str| format!("\n## Links\n### Compare with\n- [The {to}]({to}.md) — a difference.\n");
    let with = |count: usize| {
        let (own, theirs) = (ideas(), ideas());
        let texts = |wording: usize| (0..count).map(|at| own[at][wording].to_string()).collect::<Vec<_>>();
        assert_eq!(theirs.len(), own.len());
        let (a, b) = (note("a", "", &texts(0)), note("b", "", &texts(1)));
        let one_sided = matches((a.0.clone(), a.1.clone() + &links("b")), b.clone());
        (one_sided, matches((a.0, a.1 + &links("b")), (b.0, b.1 + &links("a"))))
    };
    assert_eq!((with(4), with(5)), ((4, 0), (5, 5)));
}

#[test]
fn pages_canonical_notes_and_templates_are_left_out() {
    let (a, b) = (note("a", "", &deadlocks(0)), note("b", "", &deadlocks(1)));
    assert_eq!(matches(a.clone(), b.clone()), 4);
    let landing = ("topic/_index.md".to_string(), items(&deadlocks(1), ""));
    assert_eq!(matches(a.clone(), landing), 0);
    let other = note("b", "canonical: false\n", &deadlocks(1));
    let other = (other.0, other.1.replace("# The b\n", "# The b\n\nThe canonical note is [the a](a.md).\n"));
    assert_eq!(matches(a.clone(), other), 0);
    let template = ("note-template.md".to_string(), deadlocks(0).join("\n\n") + "\n\n" + &deadlocks(1).join("\n\n"));
    let config = |name: &str| {
        let mut config = Config::default();
        config.check.note_templates = vec![name.into()];
        config
    };
    let files = [a, b, template];
    let found =
        |config: Config| overlapping(&files, config).iter().filter(|(a, b, _)| (&**a, &**b) == ("a", "b")).count();
    assert_eq!((found(config("note-template.md")), found(config("other.md"))), (0, 1));
}
