//! After any sequence of edits on the disk, unsaved texts, saves and removals, a session has the findings and the pages of a
//! cold analysis of the same texts.

use crate::base::analyze::{Analysis, AnalysisMode, analyze};
use crate::base::site::Site;
use crate::base::vault::UnsavedTexts;
use crate::check::rules;
use crate::pages::compose::Findings;
use crate::publish::files::{Content, Parts, Publication, renderer, sizes};
use crate::publish::own_files::OwnFiles;
use crate::text::diagnostic::Diagnostic;
use crate::workspace::{Changes, LoadError, Location, Lookup, Problem, Session};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::base::{Random, TODAY};

/// Steps of the long test; more of them with `CANON_EDITS`.
const STEPS: usize = 60;
const NOTES: usize = 18;

/// A paragraph that is long enough to be compared with those of other notes.
const REPEATED: &str =
    "A queue without a consumer grows until the machine that holds it has no memory left for its other work.";

/// A note template; what notes keep of it is no duplicate.
const TEMPLATE: &str = "---\ntitle: Title\n---\n\n## Trade-offs\n\nName the cost of each choice, and who pays for it, \
    before the choice is recommended to anybody who has to live with it.\n";

/// A site on the disk, the session that follows it, and the texts that are unsaved.
struct World {
    folder: tempfile::TempDir,
    outside: tempfile::TempDir,
    session: Session,
    unsaved: UnsavedTexts,
    random: Random,
    count: usize,
}

impl World {
    fn new(seed: u64) -> World {
        let (folder, outside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let root = fs::canonicalize(folder.path()).expect("the folder");
        write(&root.join("canon.toml"), &config(0));
        write(&root.join("note-template.md"), TEMPLATE);
        write(
            &root.join("content/pictures/p.svg"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
        );
        write(&outside.path().join("p.svg"), "<svg/>");
        let mut random = Random(seed);
        for n in 0..NOTES {
            write(&root.join(path_of(n)), &text(n, n, &mut random));
        }
        let session = Session::open(Lookup { root, config_file: None }, false).expect("a site");
        World { folder, outside, session, unsaved: UnsavedTexts::new(), random, count: NOTES }
    }

    fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        fs::canonicalize(self.folder.path()).expect("the folder").join(name)
    }

    /// What a reader of the file sees: the unsaved text, else the one on the disk.
    fn text_of(&self, path: &Path) -> String {
        let saved = || fs::read_to_string(path).unwrap_or_default();
        self.unsaved.get(path).map_or_else(saved, |text| text.to_string())
    }

    fn set(&mut self, path: &Path, text: &str) {
        self.session.set_text(path, text);
        self.unsaved.insert(path.to_path_buf(), text.into());
    }

    fn clear(&mut self, path: &Path) {
        self.session.clear_text(path);
        self.unsaved.remove(path);
    }

    /// One step; the paths that a watcher would report for it.
    fn step(&mut self) -> Vec<PathBuf> {
        self.count += 1;
        let count = self.count;
        let n = self.random.below(NOTES + 4);
        let path = self.at(path_of(n));
        match self.random.below(17) {
            // An edit in an open editor.
            0..=3 => {
                let text = edited(&self.text_of(&path), count);
                self.set(&path, &text);
                Vec::new()
            }
            4 => {
                let text = text(n, count, &mut self.random);
                self.set(&path, &text);
                Vec::new()
            }
            // The editor saves and goes on, or saves and closes, or closes without saving.
            5 | 6 => match self.unsaved.get(&path).cloned() {
                Some(text) => {
                    write(&path, &text);
                    if count.is_multiple_of(2) {
                        self.clear(&path);
                    }
                    vec![path]
                }
                None => Vec::new(),
            },
            7 => {
                self.clear(&path);
                Vec::new()
            }
            // Another program writes, removes or renames.
            8 | 9 => {
                let text = edited(&fs::read_to_string(&path).unwrap_or_default(), count);
                write(&path, &text);
                vec![path]
            }
            10 => {
                let _ = fs::remove_file(&path);
                vec![path]
            }
            11 => {
                let (from, to) = (self.at("content/b/deep"), self.at("content/b/shallow"));
                let (from, to) = if from.is_dir() { (from, to) } else { (to, from) };
                if !to.exists() && from.is_dir() {
                    fs::rename(&from, &to).expect("renamed");
                }
                vec![from, to]
            }
            // Texts at paths that are no notes, and a text that is none.
            12 => {
                let name =
                    [".hidden.md", "ignored/a.md", "pictures/p.svg", "pictures", "a/nul.md", "bad\u{7}.md"][count % 6];
                let path = self.at("content").join(name);
                self.set(&path, if count.is_multiple_of(3) { "a\0b" } else { "# Text\n" });
                Vec::new()
            }
            13 => {
                let path = self.at("canon.toml");
                match count % 3 {
                    0 => self.set(&path, &config(count)),
                    1 => self.clear(&path),
                    _ => write(&path, &config(count)),
                }
                vec![path]
            }
            14 => {
                let path = self.at("note-template.md");
                let text = if count.is_multiple_of(2) { TEMPLATE } else { "---\ntitle: Title\n---\n\nNothing.\n" };
                match count % 4 {
                    0 | 3 => self.set(&path, text),
                    1 => self.clear(&path),
                    _ => write(&path, text),
                }
                vec![path]
            }
            // A picture becomes a link out of the site, and a picture again.
            #[cfg(unix)]
            15 => {
                let (path, other) = (self.at("content/pictures/p.svg"), self.outside.path().join("p.svg"));
                let is_link = path.is_symlink();
                fs::remove_file(&path).expect("removed");
                match is_link {
                    true => drop(fs::copy(other, &path).expect("copied")),
                    false => std::os::unix::fs::symlink(other, &path).expect("a link"),
                }
                vec![path]
            }
            _ => {
                let path = self.at(format!("static/{}.txt", count % 3));
                write(&path, "static");
                vec![path]
            }
        }
    }

    /// The findings and the pages of a site in which every unsaved text is saved.
    fn cold(&self) -> (Vec<String>, BTreeMap<String, Vec<u8>>) {
        let (mirror, root) = (tempfile::tempdir().expect("a folder"), self.at(""));
        let at = |path: &Path| mirror.path().join(path.strip_prefix(&root).expect("a path below the site"));
        for entry in walkdir::WalkDir::new(&root) {
            let entry = entry.expect("an entry");
            let to = at(entry.path());
            match entry.file_type() {
                kind if kind.is_dir() => fs::create_dir_all(to).expect("a folder"),
                kind if kind.is_file() => drop(fs::copy(entry.path(), to).expect("copied")),
                #[cfg(unix)]
                _ => std::os::unix::fs::symlink(fs::read_link(entry.path()).expect("a link"), to).expect("a link"),
                #[cfg(not(unix))]
                _ => {}
            }
        }
        let is_text = |path: &Path| path.extension().is_some_and(|e| e == "md" || e == "toml");
        for (path, text) in self.unsaved.iter().filter(|(path, _)| is_text(path)) {
            write(&at(path), text);
        }
        let lookup = Lookup { root: mirror.path().into(), config_file: None };
        let location = Location::find(&lookup, &UnsavedTexts::new()).expect("a site");
        let own = location.read_own_files().expect("own files");
        let (vault, files) = (location.read_content().expect("content"), own.static_files.clone());
        state(&analyze(location.config.clone(), vault, files, false, AnalysisMode::Build), &own)
    }

    /// Fails unless the session's findings and pages are those of the cold analysis.
    fn compare(&self, what: &str) {
        let analysis = self.session.analysis();
        let (findings, pages) = state(analysis, self.session.own_files());
        let (cold_findings, cold_pages) = self.cold();
        let only_in = |a: &[String], b: &[String]| a.iter().filter(|f| !b.contains(f)).cloned().collect::<Vec<_>>();
        let (warm, cold) = (only_in(&findings, &cold_findings), only_in(&cold_findings, &findings));
        assert!(findings == cold_findings, "{what}\nonly in the session: {warm:#?}\nonly cold: {cold:#?}");
        let cached = shown(&analysis.site, &self.session.findings(Some(TODAY)).diagnostics);
        assert!(cached == findings, "{what}: the cached findings are stale");
        let names = |pages: &BTreeMap<String, Vec<u8>>| pages.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&pages), names(&cold_pages), "{what}");
        for (path, bytes) in &pages {
            let cold = &cold_pages[path];
            assert!(bytes == cold, "{what}, {path}:\n{}", similar(bytes, cold));
        }
    }
}

fn similar(warm: &[u8], cold: &[u8]) -> String {
    let at = warm.iter().zip(cold).take_while(|(a, b)| a == b).count();
    let near =
        |text: &[u8]| String::from_utf8_lossy(&text[at.saturating_sub(60)..text.len().min(at + 60)]).into_owned();
    format!("session {}\ncold    {}", near(warm), near(cold))
}

fn write(path: &Path, text: &str) {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).expect("a folder");
    }
    fs::write(path, text).expect("a file");
}

fn config(n: usize) -> String {
    let severity = ["info", "warning", "off"][n % 3];
    format!("title = \"Site {}\"\nignore = [\"ignored/**\"]\n[check.rules]\nthin-note = \"{severity}\"\n", n % 2)
}

fn path_of(n: usize) -> String {
    format!("content/{}/note-{n}.md", ["a", "b", "b/deep"][n % 3])
}

fn text(n: usize, count: usize, random: &mut Random) -> String {
    let (a, b) = (random.below(NOTES + 3), random.below(NOTES + 3));
    let repeated = if count.is_multiple_of(3) { REPEATED } else { "" };
    let kept = if count.is_multiple_of(4) { TEMPLATE.rsplit_once("---\n").expect("a template").1 } else { "" };
    let draft = if count.is_multiple_of(11) { "draft: true\n" } else { "" };
    let aliases = if count.is_multiple_of(5) { format!("aliases: [Name {}]\n", count % 7) } else { String::new() };
    format!(
        "---\nid: note-{n}\ntitle: Note {n}\ntype: concept\nstatus: learning\n{draft}{aliases}---\n\n# Note {n}\n\n\
         See [[note-{a}#Part]] and [[Note {b}]]. ![p](/pictures/p.svg)\n\n{repeated}\n\n{kept}\n\n## Part\n\nWords {count}.\n"
    )
}

/// A small edit: of the text, a heading, the title, the encoding of line ends, or all of it.
fn edited(text: &str, count: usize) -> String {
    match count % 7 {
        0 => text.replace("## Part", "## Portion"),
        1 => text.replace("title: Note", "title: Renamed"),
        2 => text.replace('\n', "\r\n"),
        3 => format!("\u{feff}{text}"),
        4 => String::new(),
        5 => text.replace("\r\n", "\n").replace("Portion", "Part").replace("Renamed", "Note"),
        _ => format!("{text}\nAdded {count}, see [[note-{}]].\n", count % NOTES),
    }
}

/// The findings as text, each with the path of its file.
fn shown(site: &Site, findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}: {finding:?}", site.vault.file(finding.file).path)).collect()
}

/// The findings and the bytes of each file of the site.
fn state(analysis: &Analysis, own: &OwnFiles) -> (Vec<String>, BTreeMap<String, Vec<u8>>) {
    let site = &analysis.site;
    let parts = Parts {
        site: site.clone(),
        bodies: analysis.bodies.clone(),
        sizes: Arc::new(sizes(site).expect("pictures")),
        renderer: Arc::new(renderer(site, own, true).expect("templates")),
        findings: Findings::default(),
    };
    let publication = Publication::new(parts, own);
    let mut pages = BTreeMap::new();
    for (path, file) in publication.files().iter() {
        let bytes = match publication.content(path, file).expect("a page") {
            Content::Bytes(bytes) => bytes,
            Content::Disk(from) => fs::read(from.path()).expect("a file"),
        };
        pages.insert(path.to_string(), bytes);
    }
    (shown(site, &rules::run(site, Some(TODAY)).diagnostics), pages)
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn after_any_edits_a_session_has_what_a_cold_analysis_has() {
    let mut world = World::new(number("CANON_SEED").unwrap_or(0xca55) as u64);
    world.compare("at the start");
    for n in 0..number("CANON_EDITS").unwrap_or(STEPS) {
        let mut paths = world.step();
        while world.random.below(3) == 0 {
            paths.extend(world.step());
        }
        let changes = if world.random.below(8) == 0 { Changes::Everything } else { Changes::Paths(paths) };
        world.session.refresh(&changes).expect("an update");
        world.compare(&format!("step {n}, {changes:?}, unsaved {:?}", world.unsaved.keys()));
    }
}

/// A small site with two notes, of which `b.md` links to a section of `a.md`.
fn two_notes() -> (tempfile::TempDir, PathBuf, Session) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = fs::canonicalize(folder.path()).expect("the folder");
    write(&root.join("canon.toml"), "title = \"Two\"\n");
    write(&root.join("content/a.md"), "---\nid: a\ntitle: A\n---\n\n## Part\n\nText.\n");
    write(&root.join("content/b.md"), "---\nid: b\ntitle: B\n---\n\nSee [[a#Part]].\n");
    let session = Session::open(Lookup { root: root.clone(), config_file: None }, false).expect("a site");
    (folder, root, session)
}

fn rules_of(findings: &[Diagnostic]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn an_unsaved_edit_shows_in_other_notes_until_it_is_dropped() {
    let (_folder, root, mut session) = two_notes();
    let (a, nothing) = (root.join("content/a.md"), Changes::Paths(Vec::new()));
    let broken = |session: &Session| rules_of(&session.findings(None).diagnostics).contains(&"broken-anchor");
    assert!(!broken(&session));
    session.set_text(&a, "---\nid: a\ntitle: A\n---\n\n[[gone]] [[a]]\n");
    assert!(!broken(&session), "the text counts from the next refresh on");
    let parsed = session.counts().misses;
    session.refresh(&nothing).expect("an update");
    assert!(broken(&session));
    assert_eq!(session.counts().misses, parsed + 1, "the other note is not parsed again");
    let own = session.note_findings(&a).expect("a note");
    assert!(rules_of(&own).contains(&"self-link"), "{own:?}");
    session.clear_text(&a);
    session.refresh(&nothing).expect("an update");
    assert!(!broken(&session));
    assert_eq!(session.note_findings(&root.join("content/none.md")), None);
}

#[cfg(unix)]
#[test]
fn an_editor_may_name_a_file_through_a_link_to_the_site() {
    let (_folder, root, mut session) = two_notes();
    let other = tempfile::tempdir().expect("a folder");
    let link = other.path().join("site");
    std::os::unix::fs::symlink(&root, &link).expect("a link");
    session.set_text(&link.join("content/a.md"), "No heading.\n");
    session.set_text(&link.join("content/new/c.md"), "# New\n");
    session.refresh(&Changes::Paths(Vec::new())).expect("an update");
    assert!(rules_of(&session.findings(None).diagnostics).contains(&"broken-anchor"));
    assert_eq!(session.analysis().site.notes.len(), 3);
    assert!(session.note_findings(&link.join("content/new/c.md")).is_some());
}

#[test]
fn after_a_mistake_in_the_configuration_the_last_good_one_stays_in_use() {
    let (_folder, root, mut session) = two_notes();
    let file = root.join("canon.toml");
    session.set_text(&file, "title = \"Two\"\ntitel = 1\n");
    session.refresh(&Changes::Paths(Vec::new())).expect("an update");
    assert_eq!(session.config().title, "Two");
    match &session.problems()[..] {
        [Problem::Config(error @ LoadError::Config { .. })] => {
            assert_eq!((error.line(), error.message().as_str()), (2, "unknown `titel`; did you mean `title`?"));
        }
        other => panic!("{other:?}"),
    }
    session.set_text(&file, "title = \"Two\"\ncontent = \"elsewhere\"\n");
    session.refresh(&Changes::Paths(Vec::new())).expect("an update");
    assert!(matches!(&session.problems()[..], [Problem::Config(LoadError::NoContent { .. })]));
    session.set_text(&file, "title = \"Two\"\noutput = \"site\"\n");
    session.refresh(&Changes::Paths(Vec::new())).expect("an update");
    assert_eq!(session.problems(), [Problem::FoldersChanged]);
    session.clear_text(&file);
    session.refresh(&Changes::Paths(Vec::new())).expect("an update");
    assert_eq!(session.problems(), []);
}

/// The findings that an editor shows first are those of the rules that look at one note alone.
#[test]
fn the_findings_of_one_note_are_among_those_of_the_base() {
    let mut world = World::new(7);
    for _ in 0..12 {
        let paths = world.step();
        world.session.refresh(&Changes::Paths(paths)).expect("an update");
    }
    let site = world.session.analysis().site.clone();
    let (all, mut count) = (world.session.findings(None), 0);
    for (note, own) in site.all() {
        let path = world.at("content").join(&*site.source(note).path);
        let found = world.session.note_findings(&path).expect("a note");
        let looks_at_one_note = |d: &&Diagnostic| rules::rule(d.rule).is_some_and(rules::Rule::looks_at_one_note);
        let expected: Vec<&Diagnostic> =
            all.diagnostics.iter().filter(|d| d.file == own.file).filter(looks_at_one_note).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{}", path.display());
        count += found.len();
    }
    assert!(count > 0, "no note has a finding of its own");
}
