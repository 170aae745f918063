//! The program that a folder of notes was written with, and what follows from it: the content folder, files that are no
//! notes, an output folder that the program does not read. Lists folders and reads settings files, but no note.

use super::percent;
use crate::note::{landing_rank, markdown_stem};
use crate::system::disk;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

/// A program, as its files show it.
struct Program {
    name: &'static str,
    /// Paths of which one must exist.
    marks: &'static [&'static str],
    /// Paths of which one must exist as well; empty if the marks are enough.
    and: &'static [&'static str],
    /// The content folder, unless a settings file names a different one.
    content: &'static str,
    /// Globs of files that are no notes, relative to the folder.
    ignore: &'static [&'static str],
    /// A hidden folder is not read by most programs. `None`: such a folder is used.
    output: Option<(&'static str, &'static str)>,
}

const fn program(name: &'static str, marks: &'static [&'static str], content: &'static str) -> Program {
    Program { name, marks, and: &[], content, ignore: &[], output: None }
}

/// The programs, with the most specific marks first: a vault of Obsidian may be the content of any other program.
const PROGRAMS: &[Program] = &[
    program("Docusaurus", &["docusaurus.config.js", "docusaurus.config.ts", "docusaurus.config.mjs"], "docs"),
    program("Quartz", &["quartz.config.ts"], "content"),
    program("MkDocs", &["mkdocs.yml", "mkdocs.yaml"], "docs"),
    program("mdBook", &["book.toml"], "src"),
    program("VitePress", &["docs/.vitepress"], "docs"),
    program("VitePress", &[".vitepress"], "."),
    program("Hugo", &["hugo.toml", "hugo.yaml", "hugo.json", "config/_default/hugo.toml"], "content"),
    Program {
        and: &["archetypes", "layouts"],
        ..program("Hugo", &["config.toml", "config.yaml", "config.json"], "content")
    },
    Program { and: &["content"], ..program("Zola", &["config.toml", "zola.toml"], "content") },
    Program { ignore: &["vendor/**", "_site/**"], ..program("Jekyll", &["_config.yml", "_config.yaml"], ".") },
    Program { ignore: &["logseq/**"], ..program("Logseq", &["logseq/config.edn"], ".") },
    program("Dendron", &["dendron.yml"], "."),
    Program { ignore: &["**/*.excalidraw.md"], ..program("Obsidian", &[".obsidian"], ".") },
    Program {
        // The `foam.files.ignore` of Foam lists `_site` by default, but no hidden folder.
        output: Some(("_site", "Foam does not read `_site`")),
        ..program("Foam", &[".foam", "foam.json"], ".")
    },
];

/// A value with the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Because {
    pub(super) value: String,
    pub(super) why: String,
}

fn because(value: impl Into<String>, why: impl Into<String>) -> Because {
    Because { value: value.into(), why: why.into() }
}

/// What the files of a folder say about its notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// The name of the program, and the file that shows it.
    pub(super) program: Option<Because>,
    /// The content folder, relative to the folder.
    pub(super) content: Because,
    /// Whether the usual output folder belongs to a different program, or exists.
    pub(super) is_output_taken: bool,
    /// An output folder that the program does not read, if it reads hidden folders.
    pub(super) unread: Option<Because>,
    /// The templates folder, if the default one belongs to a different program.
    pub(super) templates: Option<Because>,
    /// The static folder, if the default one is content.
    pub(super) static_folder: Option<Because>,
    /// Globs relative to the content folder.
    pub(super) ignore: Vec<Because>,
    /// Markdown files of the project that are no notes.
    pub(super) pages: Vec<String>,
    /// Files that new notes are copied from.
    pub(super) note_templates: Vec<String>,
    /// Whether the program shows the end of a line as a line break.
    pub(super) hard_breaks: bool,
}

/// Looks at the files of a folder.
pub(super) fn origin(folder: &Path) -> Origin {
    let found = PROGRAMS.iter().find_map(|program| Some((program, program_mark(folder, program)?)));
    let program = found.map(|(program, _)| program);
    let content = match found {
        Some((program, mark)) => content_of_program(folder, program, mark),
        None => fullest_folder(folder),
    };
    let is_obsidian = program.is_some_and(|program| program.name == "Obsidian");
    let templates = template_folders(folder);
    let mut ignore: Vec<Because> =
        program.map_or(&[][..], |program| program.ignore).iter().map(|glob| because(*glob, "")).collect();
    ignore.extend(obsidian_filters(folder).into_iter().map(|glob| because(glob, "hidden in Obsidian")));
    ignore.extend(templates.iter().map(|name| because(format!("{}/**", globset::escape(name)), "templates of notes")));
    let in_content =
        |because: Because| strip_folder(&content.value, &because.value).map(|value| Because { value, ..because });
    Origin {
        program: found.map(|(program, mark)| because(program.name, mark)),
        is_output_taken: program.is_some_and(|p| matches!(p.name, "Hugo" | "Zola")) || folder.join("public").exists(),
        unread: program
            .and_then(|p| p.output)
            .filter(|(name, _)| !folder.join(name).exists())
            .map(|(name, why)| because(name, why)),
        templates: own_folder(folder, "templates", &content.value, templates.iter().any(|name| name == "templates")),
        static_folder: match content.value == "." && has_markdown(&folder.join("static")) {
            true => Some(because(".canon/static", "`static` holds notes")),
            false => None,
        },
        ignore: ignore.into_iter().filter_map(in_content).collect(),
        pages: project_pages(&folder.join(&content.value)),
        note_templates: templates.iter().flat_map(|name| markdown_files(folder, name)).take(MAX_TEMPLATES).collect(),
        hard_breaks: is_obsidian
            && setting(folder, ".obsidian/app.json", "strictLineBreaks") != Some(Value::Bool(true)),
        content,
    }
}

/// The largest number of templates of notes in the configuration.
const MAX_TEMPLATES: usize = 20;

/// The file that shows that a folder belongs to a program.
fn program_mark(folder: &Path, program: &Program) -> Option<&'static str> {
    let exists = |path: &&&str| folder.join(path).exists();
    let is_complete = program.and.is_empty() || program.and.iter().any(|path| folder.join(path).exists());
    program.marks.iter().find(exists).filter(|_| is_complete).copied()
}

/// The content folder of a program: that of its settings, else the usual one. The folder itself if neither exists.
fn content_of_program(folder: &Path, program: &Program, mark: &str) -> Because {
    let text = settings_file(folder, mark).unwrap_or_default();
    let key = match program.name {
        "MkDocs" => "docs_dir",
        "mdBook" => "src",
        "Hugo" => "contentDir",
        _ => "",
    };
    let named = text.lines().filter_map(|line| line.split_once([':', '='])).find(|(name, _)| name.trim() == key);
    let named = named.map(|(_, value)| value.trim().trim_matches(['"', '\'']).trim_end_matches('/').to_string());
    let content =
        named.filter(|name| !name.is_empty() && !name.starts_with(['/', '.'])).unwrap_or(program.content.into());
    match folder.join(&content).is_dir() {
        true if content == "." => because(".", format!("the folder of {}", program.name)),
        true => because(content, format!("the pages of {}", program.name)),
        false => because(".", "all notes"),
    }
}

/// The deepest folder that holds nearly all Markdown files, where the folders above it hold only the usual files of a
/// project.
fn fullest_folder(folder: &Path) -> Because {
    if folder.join("content").is_dir() && has_markdown(&folder.join("content")) {
        return because("content", "the folder `content`");
    }
    let all = markdown_files(folder, "").len();
    let (mut name, mut held) = (String::new(), all);
    loop {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let files = markdown_files(folder, &name);
        for file in &files {
            let below = file[name.len()..].trim_start_matches('/');
            if let Some((first, _)) = below.split_once('/') {
                *counts.entry(first.to_string()).or_default() += 1;
            }
        }
        let own = files.iter().filter(|file| !file[name.len()..].trim_start_matches('/').contains('/'));
        let has_own_notes = own.into_iter().any(|file| !is_project_page(file));
        match counts.into_iter().max_by_key(|(_, count)| *count) {
            Some((first, count)) if !has_own_notes && count * 100 >= all * 90 => {
                name = if name.is_empty() { first } else { format!("{name}/{first}") };
                held = count;
            }
            _ => break,
        }
    }
    match name.as_str() {
        "" => because(".", "all notes"),
        _ => because(name, format!("{} of the Markdown files", percent(held, all))),
    }
}

/// Whether a Markdown file belongs to a project, not to its notes.
fn is_project_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    landing_rank(name).is_some() || PROJECT_PAGES.iter().any(|page| name.eq_ignore_ascii_case(page))
}

const PROJECT_PAGES: &[&str] = &[
    "AGENTS.md",
    "CHANGELOG.md",
    "CLAUDE.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE.md",
    "SECURITY.md",
    "SUMMARY.md",
];

/// The files of a project directly in the content folder, apart from landing pages.
fn project_pages(content: &Path) -> Vec<String> {
    let names =
        fs::read_dir(content).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut pages: Vec<String> = names.filter(|name| is_project_page(name) && landing_rank(name).is_none()).collect();
    pages.sort();
    pages
}

impl Origin {
    /// The output folder: one that the program does not read and no different program writes.
    pub(super) fn output(&self) -> Because {
        let program = self.program.as_ref().map_or("the editor of the notes", |program| &program.value);
        match (&self.unread, self.content.value.as_str()) {
            (Some(unread), ".") => unread.clone(),
            (None, ".") => because(".canon/site", format!("a hidden folder, which {program} does not index")),
            _ if self.is_output_taken => because(".canon/site", "`public` belongs to a different program"),
            _ => because("public", ""),
        }
    }
}

/// A different folder for files of canon if a folder with the default name belongs to a different program or is content.
fn own_folder(folder: &Path, name: &str, content: &str, is_known: bool) -> Option<Because> {
    let is_taken = folder.join(name).is_dir() && (is_known || content != "." || has_markdown(&folder.join(name)));
    is_taken.then(|| because(format!(".canon/{name}"), format!("`{name}` belongs to a different program")))
}

/// Folders with templates of notes: those that the settings of Obsidian name, and those with the usual names.
fn template_folders(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (file, key) in
        [(".obsidian/templates.json", "folder"), (".obsidian/plugins/templater-obsidian/data.json", "templates_folder")]
    {
        let named = setting(folder, file, key).and_then(|value| value.as_str().map(str::to_string));
        found.extend(named.map(|name| name.trim_matches('/').to_string()));
    }
    let names =
        fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    found.extend(names.filter(|name| ["templates", "_templates", "template"].contains(&name.to_lowercase().as_str())));
    found.retain(|name| !name.is_empty() && !name.contains("..") && has_markdown(&folder.join(name)));
    found.sort();
    found.dedup();
    found
}

/// The globs for the files that Obsidian hides. Entries between slashes are regular expressions and left out.
fn obsidian_filters(folder: &Path) -> Vec<String> {
    let filters = setting(folder, ".obsidian/app.json", "userIgnoreFilters");
    let filters = filters.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let paths = filters.filter(|filter| !filter.starts_with('/') && !filter.is_empty());
    paths.map(|path| globset::escape(path) + if path.ends_with('/') { "**" } else { "" }).collect()
}

/// A value of a JSON file.
fn setting(folder: &Path, file: &str, key: &str) -> Option<Value> {
    serde_json::from_str::<Value>(&settings_file(folder, file)?).ok()?.get(key).cloned()
}

/// The largest size of a settings file that is read, in bytes. Those of the listed programs have a few kilobytes.
const MAX_SETTINGS: u64 = 1 << 20;

/// The text of a settings file. `None` if it cannot be read, or is too large.
fn settings_file(folder: &Path, name: &str) -> Option<String> {
    let (file, found) = disk::open_named(&folder.join(name)).ok()?;
    let mut text = String::new();
    file.take(MAX_SETTINGS).read_to_string(&mut text).ok()?;
    (found.len() <= MAX_SETTINGS).then_some(text)
}

/// A path or glob of the folder, relative to the content folder. `None` if it is outside.
fn strip_folder(content: &str, path: &str) -> Option<String> {
    match content {
        "." => Some(path.to_string()),
        _ if path.starts_with("**/") => Some(path.to_string()),
        _ => Some(path.strip_prefix(content)?.strip_prefix('/')?.to_string()),
    }
}

fn has_markdown(folder: &Path) -> bool {
    !markdown_files(folder, "").is_empty()
}

/// The Markdown files below a folder inside `root`, relative to `root`, without hidden folders and those of package
/// managers. Sorted.
pub(super) fn markdown_files(root: &Path, inside: &str) -> Vec<String> {
    let is_skipped = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() > 0 && (name.starts_with('.') || name == "node_modules" || name == "target")
    };
    let walk = walkdir::WalkDir::new(root.join(inside)).into_iter().filter_entry(|entry| !is_skipped(entry));
    let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let mut found: Vec<String> = files
        .filter_map(|entry| {
            let path = disk::shown(entry.path().strip_prefix(root).ok()?);
            markdown_stem(&path).is_some().then_some(path)
        })
        .collect();
    found.sort();
    found
}
