//! Measures the search index: `cargo bench --bench search -- NOTES SITE` reads a folder of notes, writes plain pages
//! and the search index into SITE, and prints processor time and size of the index alone. `benches/search/README.md`
//! has the details.

use canon::data::{Doc, Part, build};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// A note, parsed without the parser of canon, so the measurement depends only on the index.
struct Note {
    url: String,
    fields: HashMap<String, String>,
    parts: Vec<(String, String, String)>,
}

fn main() -> io::Result<()> {
    let places: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [notes, site] = places.as_slice() else {
        println!("usage: cargo bench --bench search -- NOTES SITE");
        return Ok(());
    };
    let site = PathBuf::from(site);
    let mut paths = Vec::new();
    find_notes(Path::new(notes), &mut paths)?;
    paths.sort();
    let mut notes: Vec<Note> = paths.par_iter().map(|path| read(Path::new(notes), path)).collect::<io::Result<_>>()?;
    notes.retain(|note| !note.fields["title"].is_empty());
    notes.sort_by(|a, b| a.url.cmp(&b.url));
    notes.par_iter().try_for_each(|note| write(&site.join(&note.url), page(note).as_bytes()))?;
    let lists: Vec<[Vec<&str>; 2]> =
        notes.iter().map(|note| ["aliases", "tags"].map(|key| list(&note.fields[key]))).collect();
    let docs: Vec<Doc> = notes.iter().zip(&lists).map(|(note, lists)| doc(note, lists)).collect();
    let (before, peak) = (cpu_seconds(), peak_mib());
    let files = build(&docs);
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let text: usize = docs.iter().flat_map(|doc| &doc.parts).map(|part| part.text.len()).sum();
    println!(
        "{} notes, {} KB of text: {:.2} CPU s, {} files, {} KB, peak memory {} MiB (before: {} MiB)",
        docs.len(),
        text / 1000,
        cpu_seconds() - before,
        files.len(),
        bytes / 1000,
        peak_mib(),
        peak
    );
    let before = cpu_seconds();
    files.par_iter().try_for_each(|(path, bytes)| write(&site.join(path), bytes))?;
    println!("writing the index: {:.2} CPU s", cpu_seconds() - before);
    write(&site.join("notes.json"), facts(&notes).as_bytes())
}

fn find_notes(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_notes(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "md") && !path.ends_with("_index.md") {
            found.push(path);
        }
    }
    Ok(())
}

fn read(root: &Path, path: &Path) -> io::Result<Note> {
    let text = fs::read_to_string(path)?;
    let mut halves = text.strip_prefix("---\n").unwrap_or(&text).splitn(2, "\n---\n");
    let (head, body) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let mut fields: HashMap<String, String> =
        ["title", "type", "status", "difficulty", "importance", "aliases", "tags"]
            .map(|key| (key.to_owned(), String::new()))
            .into();
    for (key, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        fields.insert(key.to_owned(), value.trim_matches('"').to_owned());
    }
    let url = path.strip_prefix(root).unwrap_or(path).with_extension("html").to_string_lossy().replace('\\', "/");
    Ok(Note { url, fields, parts: parts(body) })
}

fn parts(body: &str) -> Vec<(String, String, String)> {
    let mut parts = vec![(String::new(), String::new(), String::new())];
    for line in body.lines().filter(|line| !line.starts_with("# ") && !line.starts_with("```")) {
        match line.strip_prefix("##") {
            Some(rest) => {
                let heading = rest.trim_start_matches('#').trim().to_owned();
                let anchor = heading.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-");
                parts.push((heading, anchor, String::new()));
            }
            None => {
                let text = &mut parts.last_mut().expect("there is a first part").2;
                text.push_str(plain(line).trim());
                text.push('\n');
            }
        }
    }
    parts
}

/// A line without the most frequent Markdown characters.
fn plain(line: &str) -> String {
    let line = line.trim_start_matches([' ', '-', '|', '>', '*', '[', ']', 'x']);
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    (text + rest).replace(['*', '`', '[', ']'], "").replace("N/A", "")
}

fn list(field: &str) -> Vec<&str> {
    field.trim_matches(['[', ']']).split(", ").filter(|item| !item.is_empty()).collect()
}

fn doc<'a>(note: &'a Note, [aliases, tags]: &'a [Vec<&'a str>; 2]) -> Doc<'a> {
    Doc {
        url: &note.url,
        title: &note.fields["title"],
        aliases,
        kind: &note.fields["type"],
        status: &note.fields["status"],
        difficulty: &note.fields["difficulty"],
        importance: note.fields["importance"].parse().unwrap_or(0),
        tags,
        summary: note.parts.get(1).and_then(|part| part.2.lines().next()).unwrap_or_default(),
        parts: note.parts.iter().map(|(heading, anchor, text)| Part { heading, anchor, text }).collect(),
    }
}

/// The text of the note as a page, which a different search program can index.
fn page(note: &Note) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut page = format!(
        "<!doctype html><html lang=en><title>{0}</title><body data-pagefind-body><h1>{0}</h1>",
        escape(&note.fields["title"])
    );
    page.push_str(&format!("<p>{}</p>", escape(&list(&note.fields["aliases"]).join(", "))));
    for (heading, anchor, text) in &note.parts {
        if !heading.is_empty() {
            page.push_str(&format!("<h2 id=\"{anchor}\">{}</h2>", escape(heading)));
        }
        text.lines()
            .filter(|line| !line.is_empty())
            .for_each(|line| page.push_str(&format!("<p>{}</p>\n", escape(line))));
    }
    page
}

/// The facts from which the queries are generated.
fn facts(notes: &[Note]) -> String {
    let all = notes.iter().map(|note| {
        let lines: Vec<&str> = note.parts.iter().flat_map(|part| part.2.lines()).filter(|line| line.len() > 20).collect();
        serde_json::json!({"url": note.url, "title": note.fields["title"], "aliases": list(&note.fields["aliases"]), "lines": lines})
    });
    serde_json::Value::Array(all.collect()).to_string()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, bytes)
}

/// The user and system time of this process, from the clock ticks of Linux (hundredths of a second). Zero on further
/// systems.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    after_name.split(' ').skip(12).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_mib() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or(0) / 1024
}
