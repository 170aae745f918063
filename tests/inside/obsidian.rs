//! A second resolver of wikilinks, written from Obsidian's documented order and sharing no code with the library, is the
//! judge of random vaults: names, folders, ids, titles and aliases collide, in letter case and Unicode form, too.

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::graph::Target;
use crate::base::vault::Vault;
use crate::config::Config;
use crate::text::source::SourceFile;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// A note of the vault.
#[derive(Debug, Clone)]
struct Written {
    path: String,
    id: Option<String>,
    title: String,
    alias: Option<String>,
}

/// Where a link leads: a path, a fragment, and whether the step that decided found several files.
type Judged = Option<(String, String, bool)>;

fn fold(text: &str) -> String {
    text.nfc().collect::<String>().chars().flat_map(char::to_lowercase).collect()
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

fn base(path: &str) -> &str {
    path.rfind('/').map_or(path, |at| &path[at + 1..])
}

/// `a/./b/../c` as `a/c`; nothing if it leads out.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

/// The vault as the judge sees it: notes by path, other files by path.
struct Judge<'a> {
    notes: &'a [Written],
    files: &'a [String],
}

impl Judge<'_> {
    fn judge(&self, from: &str, link: &str) -> Judged {
        let mut ends: Vec<usize> = link.match_indices('#').map(|(at, _)| at).collect();
        ends.push(link.len());
        ends.into_iter().rev().find_map(|end| {
            let name = link[..end].trim();
            let fragment = link.get(end + 1..).unwrap_or("").trim().to_string();
            if name.is_empty() {
                return Some((from.to_string(), fragment, false));
            }
            let (path, tie) = self.name(from, name)?;
            Some((path, fragment, tie))
        })
    }

    fn name(&self, from: &str, name: &str) -> Option<(String, bool)> {
        let wanted = fold(name);
        let by = |says: &dyn Fn(&Written) -> bool| {
            self.first(from, name, false, self.notes.iter().filter(|n| says(n)).map(|n| n.path.clone()).collect())
        };
        let is = |text: &Option<String>| text.as_ref().is_some_and(|text| fold(text) == wanted);
        self.file(from, name)
            .or_else(|| by(&|note| is(&note.id)))
            .or_else(|| by(&|note| fold(&note.title) == wanted))
            .or_else(|| by(&|note| is(&note.alias)))
            .or_else(|| {
                let folder = wanted.trim_matches('/').to_string();
                by(&|note| {
                    let own = fold(parent(&note.path));
                    base(&note.path) == "index.md" && (own == folder || own.ends_with(&format!("/{folder}")))
                })
            })
    }

    /// The first two steps: a path or a file name.
    fn file(&self, from: &str, name: &str) -> Option<(String, bool)> {
        let all = || self.notes.iter().map(|n| &n.path).chain(self.files).cloned();
        // A note's path may be written without its extension, any other file's may not.
        let is = |path: &str, text: &str| fold(path) == fold(text) || fold(path) == fold(&format!("{text}.md"));
        if !name.contains('/') {
            return self.first(from, name, true, all().filter(|path| is(base(path), name)).collect());
        }
        let dots = name.starts_with("./") || name.starts_with("../");
        let whole = joined(if dots { parent(from) } else { "" }, name);
        if let Some(whole) = whole {
            let exact = all().find(|path| nfc(path) == nfc(&whole) || nfc(path) == nfc(&format!("{whole}.md")));
            let folded: Vec<String> = all().filter(|path| is(path, &whole)).collect();
            match exact {
                Some(path) => return Some((path, false)),
                None if !folded.is_empty() => return self.first(from, name, true, folded),
                None => {}
            }
        }
        if dots || name.starts_with('/') {
            return None;
        }
        let ends = |path: &String| path.match_indices('/').any(|(at, _)| is(&path[at + 1..], name));
        self.first(from, name, true, all().filter(ends).collect())
    }

    /// Root, own folder, fewest folders, alphabet; of files in one folder that differ in letter case only the one spelled so.
    fn first(&self, from: &str, name: &str, by_file: bool, mut found: Vec<String>) -> Option<(String, bool)> {
        let own = nfc(parent(from));
        let relative = joined(&own, name).unwrap_or_default();
        found.sort_by_key(|path| {
            let is_relative =
                by_file && name.contains('/') && [relative.clone(), format!("{relative}.md")].contains(&nfc(path));
            let folders = path.matches('/').count();
            (folders > 0, nfc(parent(path)) != own, !is_relative, folders, path.clone())
        });
        let taken = found.first()?.clone();
        let spelled = |path: &&String| {
            let file = nfc(base(path));
            nfc(parent(path)) == nfc(parent(&taken)) && [nfc(base(name)), nfc(base(name)) + ".md"].contains(&file)
        };
        let spelled = found.iter().find(|path| by_file && spelled(path)).cloned();
        Some((spelled.unwrap_or(taken), found.len() > 1))
    }
}

/// Words that names are built from: they collide when letter case or Unicode form is ignored.
const WORDS: &[&str] = &["ant", "Ant", "bee", "BEE", "é", "e\u{301}", "É", "x y", "c#", "C", "v1.2", "index", "日本"];
const FOLDERS: &[&str] = &["", "p", "P", "p/q", "ant", "bee/ant", "é"];

/// Ids are words of small letters and digits.
const IDS: &[&str] = &["ant", "bee", "c", "é", "index", "日本"];

fn word() -> impl Strategy<Value = String> {
    proptest::sample::select(WORDS).prop_map(str::to_string)
}

fn note() -> impl Strategy<Value = Written> {
    let folder = proptest::sample::select(FOLDERS);
    let id = proptest::option::weighted(0.3, proptest::sample::select(IDS).prop_map(str::to_string));
    (folder, word(), id, word(), proptest::option::weighted(0.3, word())).prop_map(
        |(folder, name, id, title, alias)| {
            let path = if folder.is_empty() { format!("{name}.md") } else { format!("{folder}/{name}.md") };
            Written { path, id: id.filter(|_| name != "index"), title, alias }
        },
    )
}

/// The text of a link: a word, a path of one or two folders, dots, `.md`, a fragment, in another case or form.
fn link() -> impl Strategy<Value = String> {
    let before =
        proptest::sample::select(&["", "", "", "p/", "q/", "ant/", "bee/ant/", "./", "../", "/", "P/", "é/"][..]);
    let end = proptest::sample::select(&["", "", "", ".md", "#bit", "#", ".md#a#b", ".png"][..]);
    (before, word(), end, 0..4u8).prop_map(|(before, word, end, form)| {
        let text = format!("{before}{word}{end}");
        match form {
            0 => text.to_uppercase().replace(".PNG", ".png"),
            1 => text.nfd().collect(),
            2 => format!(" {text} "),
            _ => text,
        }
    })
}

/// Only one of the files that are the same path in NFC: no link can tell them apart.
fn distinct(mut files: Vec<(String, String)>) -> Vec<SourceFile> {
    files.sort();
    files.dedup_by(|a, b| nfc(&a.0) == nfc(&b.0));
    files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text)).collect()
}

fn text_of(note: &Written) -> String {
    let mut head = format!("---\ntitle: \"{}\"\n", note.title);
    head.extend(note.id.as_ref().map(|id| format!("id: \"{id}\"\n")));
    head.extend(note.alias.as_ref().map(|alias| format!("aliases: [\"{alias}\"]\n")));
    head + "---\nWords.\n"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_wikilink_leads_where_the_second_resolver_says(
        mut notes in proptest::collection::vec(note(), 1..14),
        pictures in proptest::collection::vec((proptest::sample::select(FOLDERS), word()), 0..4),
        place in proptest::sample::select(FOLDERS),
        links in proptest::collection::vec(link(), 1..12),
    ) {
        let from = if place.is_empty() { "zz.md".to_string() } else { format!("{place}/zz.md") };
        notes.sort_by_key(|note| nfc(&note.path));
        notes.dedup_by(|a, b| nfc(&a.path) == nfc(&b.path));
        let body: String = links.iter().map(|link| format!("[[{link}]]\n\n")).collect();
        let mut files: Vec<(String, String)> = notes.iter().map(|note| (note.path.clone(), text_of(note))).collect();
        files.push((from.clone(), format!("---\ntitle: \"zz zz\"\n---\n{body}")));
        let mut files = distinct(files);
        let markdown = files.len();
        let pictures = distinct(pictures.iter().map(|(folder, name)| {
            (if folder.is_empty() { format!("{name}.png") } else { format!("{folder}/{name}.png") }, String::new())
        }).collect());
        let picture_paths: Vec<String> = pictures.iter().map(|file| file.path.to_string()).collect();
        files.extend(pictures);
        let vault = Vault { markdown, files: files.into(), folders: [String::new()].into(), ..Vault::default() };
        let site = analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Check).site;
        let judge = Judge { notes: &notes, files: &picture_paths };
        let (host, note) = site.all().find(|(_, note)| format!("{}.md", note.stem) == from).unwrap();
        prop_assert_eq!(note.doc.links.len(), links.len());
        for (link, resolved) in note.doc.links.iter().zip(&site.graph.links[host]) {
            let path = match &resolved.target {
                Target::Note(target) => Some(format!("{}.md", site.note(*target).stem)),
                Target::Asset(file) => Some(site.vault.file(*file).path.to_string()),
                Target::Broken(_) => None,
                other => panic!("{other:?}"),
            };
            let ours = path.map(|path| (path, resolved.fragment.clone(), resolved.ambiguous.is_some()));
            prop_assert_eq!(ours, judge.judge(&from, link.dest.trim()), "[[{}]] in {}", link.dest, from);
        }
    }
}
