//! After any edits the preview has what a build from nothing would write, byte for byte; and no more work is done than the
//! edit asks for.

use super::preview_desk;

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::graph::Target;
use crate::base::incremental::{Counts, IncrementalAnalyzer, Invalidation};
use crate::base::vault::Vault;
use crate::server::preview::Preview;
use crate::server::{Changes, Refresh, Site};
use crate::text::ids::{Id, LinkId, NoteId};
use crate::text::source::SourceFile;
use preview_desk::{Desk, bytes_of};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

/// Edits of the long test; more of them with `CANON_EDITS`.
const EDITS: usize = 100;
const NOTES: usize = 60;

/// Paragraphs that are long enough to be compared.
const SAID_AGAIN: [&str; 3] = [
    "A queue that nobody drains grows until the machine that holds it has no memory left for anything else.",
    "Readers of an old state see neither half of a change, because each of them keeps the version it began with.",
    "What two services both write belongs to one of them, and the other one asks whenever it needs to know.",
];

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.next(of.len())]
    }
}

/// A base that is edited, and the paths that a watcher would tell of.
struct Edited {
    desk: Desk,
    notes: Vec<String>,
    dice: Dice,
    count: usize,
}

impl Edited {
    fn new(seed: u64) -> Edited {
        let mut edited = Edited { desk: Desk::new(&[]), notes: Vec::new(), dice: Dice(seed), count: 0 };
        for n in 0..NOTES {
            let name = format!("content/{}/note-{n}.md", ["alpha", "beta", "beta/deep", "gamma"][n % 4]);
            edited.notes.push(name);
        }
        for name in edited.notes.clone() {
            let text = edited.text(&name);
            edited.desk.write(&name, text);
        }
        edited.desk.write("content/alpha/README.md", "# The alphas\n\nAll [notes](note-0.md).\n");
        edited.desk.write("content/index.md", "# Welcome\n\nSee [[Note 3]] and [alphas](alpha/).\n");
        edited.desk.write("content/beta/nickname.md", "# Alias: Nick\n\nSee [one](deep/note-2.md).\n");
        edited.desk.write("content/gamma/p.svg", SVG);
        for n in 0..9 {
            edited.desk.write(&format!("content/gamma/a-{n}.txt"), "an asset");
        }
        edited
    }

    fn text(&mut self, name: &str) -> String {
        let number = name.rsplit('-').next().expect("a part").trim_end_matches(".md").to_string();
        self.count += 1;
        let count = self.count;
        let other = |dice: &mut Dice| dice.next(NOTES + 5);
        let (a, b, c, d) = (other(&mut self.dice), other(&mut self.dice), other(&mut self.dice), other(&mut self.dice));
        let importance = self.dice.next(100);
        let tag = ["one", "two", "three"][self.dice.next(3)];
        let folder = ["alpha", "beta", "beta/deep", "gamma"][a % 4];
        let up = "../".repeat(name.matches('/').count() - 1);
        let embed = if count.is_multiple_of(3) { format!("![[note-{b}#Part]]\n\n") } else { String::new() };
        let again = if count.is_multiple_of(5) { SAID_AGAIN[count % SAID_AGAIN.len()] } else { "" };
        let draft = if count.is_multiple_of(17) { "draft: true\n" } else { "" };
        format!(
            "---\nid: note-{number}\ntitle: Note {number}\ntype: concept\nstatus: learning\nimportance: {importance}\n\
             tags: [{tag}, all]\naliases: [\"Nick {number}\"]\nupdated: 2026-01-0{}\n{draft}---\n\n# Note {number}\n\n\
             Text {count} about [[note-{b}]] and [path]({up}{folder}/note-{a}.md#part).[^1]\n\n{again}\n\n## Part\n\n{embed}Words {count}. \
             ![picture]({up}gamma/p.svg)\n\n## Prerequisites\n\n- [[Note {c}]] — first\n\n## Related Concepts\n\n\
             - [[note-{d}#Part|that]]\n- (TODO) Later {a}\n\n## Self-Check\n\nQ: What {count}?\nA: That.\n\n[^1]: Foot.\n",
            count % 9 + 1
        )
    }

    /// One edit; the paths that it touched.
    fn edit(&mut self) -> Vec<PathBuf> {
        let name = self.dice.pick(&self.notes).clone();
        let (kind, n) = (self.dice.next(25), self.count);
        self.count += 1;
        match kind {
            0..=3 => self.change(&name, |text| text + &format!("\nA new paragraph {n}.\n")),
            // What stands in other notes, too; a note that is not the canonical one may say it again.
            4 => self.change(&name, |text| format!("{text}\n{}\n", SAID_AGAIN[n % SAID_AGAIN.len()])),
            5 => self.change(&name, |text| match text.contains("canonical: false") {
                true => text.replace("canonical: false\n", ""),
                false => text.replace("importance:", "canonical: false\nimportance:"),
            }),
            6 => self.change(&name, |text| text.replace("## Part", &format!("## Part {n}"))),
            7 => self.change(&name, |text| match n % 3 {
                0 => text.replace("title: Note", "title: Named"),
                // A name that others link by: theirs, or one that was missed.
                1 => text.replace("title: Note", &format!("title: Note {} not", n % NOTES)),
                _ => text.replace("title: Note", "title: Note 7").replace("title: Named", "title: Note"),
            }),
            8 => self.change(&name, |text| text.replace("## Related", &format!("[[Note {}]]\n\n## Related", n % 70))),
            24 => self.change(&name, |text| text + &format!("\n[file](/gamma/a-{}.txt)\n", n % 9)),
            9 => self.change(&name, |text| match n % 3 {
                0 => text.replace("importance: ", "importance: 1"),
                1 => text.replace("updated: 2026-01", "updated: 2026-02"),
                _ => text.replace("Text", "Other first words"),
            }),
            10 => self.change(&name, |text| text.replace("all]", &format!("all, tag{}]", n % 5))),
            11 => self.change(&name, |text| text.replace("\n---\n\n", "\n---\n\n<div id=\"raw\">raw</div>\n\n")),
            12 | 13 => {
                let text = self.text(&name);
                vec![self.desk.write(&name, text)]
            }
            14 => {
                let added = format!("content/gamma/new-{n}/note-{}.md", NOTES + n % 20);
                let text = self.text(&added);
                if !self.notes.contains(&added) {
                    self.notes.push(added.clone());
                }
                vec![self.desk.write(&added, text)]
            }
            15 if self.notes.len() > NOTES / 2 => {
                self.notes.retain(|note| *note != name);
                fs::remove_file(self.desk.at(&name)).expect("removed");
                vec![self.desk.at(&name)]
            }
            16 => self.move_to(&name, &format!("content/alpha/moved-{n}.md")),
            17 => self.change("templates/texts.toml", |_| format!("related = \"Near {n}\"\n")),
            18 => vec![self.desk.write("static/extra.css", format!("p {{ order: {n} }}"))],
            19 if n % 2 == 0 => vec![self.desk.write(&format!("static/file-{}.txt", n % 3), "text")],
            19 => {
                let _ = fs::remove_file(self.desk.at("static/file-0.txt"));
                vec![self.desk.at("static/file-0.txt")]
            }
            20 => vec![self.desk.write(
                "canon.toml",
                format!("title = \"Desk {}\"\nbase_url = \"{}\"\n", n % 3, ["", "https://example.org/kb"][n % 2]),
            )],
            21 => vec![self.desk.write("content/gamma/p.svg", SVG.replace("10", &format!("{}", 10 + n % 7)))],
            22 => vec![
                self.desk.write(&name, ["", "no frontmatter", "---\nbroken: [\n---\n# x", "\u{feff}# Bom\r\n"][n % 4]),
            ],
            _ => {
                let (from, to) = (self.desk.at("content/beta/deep"), self.desk.at("content/beta/shallow"));
                let (from, to) = if from.is_dir() { (from, to) } else { (to, from) };
                fs::rename(&from, &to).expect("renamed");
                let (a, b) = ("content/beta/deep/", "content/beta/shallow/");
                for note in &mut self.notes {
                    *note = if note.starts_with(a) { note.replace(a, b) } else { note.replace(b, a) };
                }
                vec![from, to]
            }
        }
    }

    fn change(&self, name: &str, how: impl Fn(String) -> String) -> Vec<PathBuf> {
        let text = fs::read_to_string(self.desk.at(name)).unwrap_or_default();
        vec![self.desk.write(name, how(text))]
    }

    fn move_to(&mut self, name: &str, to: &str) -> Vec<PathBuf> {
        fs::rename(self.desk.at(name), self.desk.at(to)).expect("renamed");
        self.notes.retain(|note| note != name);
        self.notes.push(to.into());
        vec![self.desk.at(name), self.desk.at(to)]
    }
}

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"></svg>";

fn shown(preview: &Preview, paths: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let all = preview.paths().into_iter().chain(paths.keys().cloned());
    all.filter_map(|path| Some((path.clone(), bytes_of(preview.get(&path)?)))).collect()
}

/// Where two texts first differ, for a message that can be read.
fn first_difference(path: &str, shown: &[u8], built: &[u8]) -> String {
    let at = shown.iter().zip(built).take_while(|(a, b)| a == b).count();
    let near =
        |bytes: &[u8]| String::from_utf8_lossy(&bytes[at.saturating_sub(80)..bytes.len().min(at + 80)]).into_owned();
    format!("{path} at byte {at}:\nshown {}\nbuilt {}", near(shown), near(built))
}

fn assert_same(preview: &Preview, desk: &Desk, bundles: bool, what: &str) {
    let built = desk.built(bundles);
    let shown = shown(preview, &built);
    for (path, bytes) in &built {
        let own = shown.get(path).unwrap_or_else(|| panic!("{what}: {path} is missing"));
        assert!(own == bytes, "{what}: {}", first_difference(path, own, bytes));
    }
    let surplus: Vec<&String> = shown.keys().filter(|path| !built.contains_key(*path)).collect();
    assert!(surplus.is_empty(), "{what}: {surplus:?} should be gone");
}

#[test]
fn after_any_edits_the_preview_has_what_a_build_has() {
    let edits = std::env::var("CANON_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(EDITS);
    let seed = std::env::var("CANON_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0x5eed);
    let mut edited = Edited::new(seed);
    let preview = edited.desk.preview();
    assert_same(&preview, &edited.desk, true, "at the start");
    for n in 0..edits {
        let mut paths = edited.edit();
        while edited.dice.next(4) == 0 {
            paths.extend(edited.edit());
        }
        let changes = if edited.dice.next(10) == 0 { Changes::Everything } else { Changes::Paths(paths.clone()) };
        preview.refresh(changes.clone());
        assert_same(&preview, &edited.desk, n % 10 == 0, &format!("edit {n}, {changes:?}"));
    }
}

#[test]
fn no_more_is_parsed_than_changed() {
    let edited = Edited::new(7);
    let preview = edited.desk.preview();
    let start = preview.parses();
    let all = start.misses;
    let since = |before: Counts| {
        let now = preview.parses();
        Counts { hits: now.hits - before.hits, misses: now.misses - before.misses }
    };
    for (paths, misses, is_news) in [
        (edited.change(&edited.notes[0], |text| text + "\nMore.\n"), 1, true),
        (edited.change(&edited.notes[0], |text| text), 0, false),
        (edited.change(&edited.notes[1], |text| text.replace("title: Note", "title: Other")), 1, true),
        (vec![edited.desk.write("content/added.md", "# Added\n")], 1, true),
        (vec![edited.desk.write("canon.toml", "title = \"Desk\"\ndescription = \"Another\"\n")], 0, true),
    ] {
        let (before, version) = (preview.parses(), preview.version());
        preview.refresh(Changes::Paths(paths.clone()));
        assert_eq!(since(before).misses, misses, "{paths:?}");
        assert_eq!(preview.version() > version, is_news, "{paths:?}");
    }
    let (before, version) = (preview.parses(), preview.version());
    preview.refresh(Changes::Paths(vec![edited.desk.at(&edited.notes[3])]));
    assert_eq!((since(before).misses, preview.version()), (0, version), "a touched file is nothing");
    preview.refresh(Changes::Everything);
    assert_eq!(preview.version(), version, "nothing changed");
    assert_eq!(since(before), Counts { hits: 2 * (all + 1), misses: 0 });
}

/// The table at the head of `src/base/incremental.rs`: the same four edits, in a base of three notes.
#[test]
fn the_example_of_the_incremental_analysis() {
    let b_tree =
        |head: &str, text: &str| format!("---\nid: b-tree\n{head}\n---\n\n# Heading\n\nA lead.\n\n## Part\n\n{text}\n");
    let vault = |b_tree: &str| {
        let texts = [
            ("b-tree.md", b_tree),
            ("cache.md", "---\nid: cache\n---\n\n# Cache\n\nSee [[Balanced tree]].\n"),
            ("log.md", "# Log\n"),
        ];
        let files: Vec<SourceFile> = texts.iter().map(|(path, text)| SourceFile::new(*path, text)).collect();
        Vault { markdown: files.len(), files: files.into(), ..Vault::default() }
    };
    let (config, static_files, mut analyzer) = (Arc::default(), Arc::default(), IncrementalAnalyzer::default());
    let [note, cache] = [0, 1].map(NoteId::new);
    let (saved, longer) =
        (b_tree("title: Balanced tree", "Words."), b_tree("title: Balanced tree", "Words. More words."));
    let retitled = b_tree("title: Search tree", "Words. More words.");
    let named = b_tree("title: Search tree\naliases: [BT]", "Words. More words.");
    for (text, parsed, invalidation, linked) in [
        (&saved, 3, Invalidation::Everything, true),
        (&saved, 0, Invalidation::Nothing, true),
        (&longer, 1, Invalidation::Texts(vec![note]), true),
        (&retitled, 1, Invalidation::Heads(vec![note]), false),
        (&named, 1, Invalidation::Everything, false),
    ] {
        let before = analyzer.counts().misses;
        let (analysis, found) = analyzer.analyze(&config, Arc::new(vault(text)), &static_files, false);
        assert_eq!((analyzer.counts().misses - before, found), (parsed, invalidation), "{text}");
        let target = &analysis.site.graph.links[cache][LinkId::new(0)].target;
        assert_eq!(*target == Target::Note(note), linked, "{target:?} after {text}");
        let fresh = analyze((*config).clone(), vault(text), Vec::new(), false, AnalysisMode::Build);
        assert_eq!(
            analysis.site.graph.links[cache][LinkId::new(0)].target,
            fresh.site.graph.links[cache][LinkId::new(0)].target
        );
    }
}
