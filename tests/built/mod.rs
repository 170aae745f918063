//! Small bases built through the command line, and their pages read back by a scanner that shares no code with canon.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// The program with nothing of this environment that could change what it does.
pub fn canon() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canon"));
    for name in [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "GITHUB_WORKSPACE",
        "GITHUB_STEP_SUMMARY",
        "RAYON_NUM_THREADS",
        "TZ",
        "LANG",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(name);
    }
    command
}

/// A folder to build in.
pub struct Base {
    pub home: TempDir,
}

/// A note with every required field, an id and a title, and a body.
pub fn note(id: &str, title: &str, body: &str) -> String {
    note_with(id, title, "", body)
}

/// The same with more lines of frontmatter.
pub fn note_with(id: &str, title: &str, more: &str, body: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {}\ntype: question\nstatus: learning\nimportance: 50\ndifficulty: easy\ntags: [one]\n\
         created_at: 2026-01-02\nupdated_at: 2026-01-03\n{more}---\n\n{body}\n",
        serde_json::Value::from(title)
    )
}

impl Base {
    /// A folder with these files.
    pub fn of<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        let base = Self { home: TempDir::new().unwrap() };
        for (path, bytes) in files {
            base.put(path, bytes);
        }
        fs::create_dir_all(base.home.path().join("content")).unwrap();
        if !base.home.path().join("canon.toml").exists() {
            base.put("canon.toml", "title = \"Base\"\n");
        }
        base
    }

    /// Writes one file.
    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs `canon build` over the folder.
    pub fn run(&self, options: &[&str]) -> Output {
        let (root, out) = (self.home.path(), self.home.path().join("public"));
        let mut command = canon();
        command.env("XDG_CACHE_HOME", root.join(".cache"));
        command.arg("build").arg(root).arg("--output").arg(out).args(options).output().unwrap()
    }

    /// Builds, and reads what came out.
    pub fn build(&self, options: &[&str]) -> Built {
        let output = self.run(options);
        assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
        Built::read(&self.home.path().join("public"))
    }
}

/// What a base becomes: built, and sound in every page.
pub fn site<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Built {
    let built = Base::of(files).build(&[]);
    built.assert_sound();
    built
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The files of an output folder.
pub struct Built {
    pub files: BTreeMap<String, Vec<u8>>,
    pages: BTreeMap<String, Page>,
}

impl Built {
    pub fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(root).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
            let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(path, fs::read(entry.path()).unwrap());
        }
        let html = files.iter().filter(|(path, _)| path.ends_with(".html"));
        let pages = html.map(|(path, bytes)| (path.clone(), Page::scan(std::str::from_utf8(bytes).unwrap()))).collect();
        Self { files, pages }
    }

    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub fn raw(&self, path: &str) -> &str {
        let bytes = self.files.get(path).unwrap_or_else(|| panic!("no {path} in {:#?}", self.files.keys()));
        std::str::from_utf8(bytes).unwrap()
    }

    pub fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(self.raw(path)).unwrap()
    }

    pub fn page(&self, path: &str) -> &Page {
        self.pages.get(path).unwrap_or_else(|| panic!("no {path} in {:#?}", self.pages.keys()))
    }

    /// A page's HTML within `main`.
    pub fn main(&self, path: &str) -> &str {
        let html = self.raw(path);
        let start = html.find("<main").unwrap_or_else(|| panic!("no main in {path}: {html}"));
        &html[start..html.find("</main>").unwrap()]
    }

    /// The files that hold these bytes.
    pub fn holding(&self, needle: &str) -> Vec<&str> {
        let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|w| w == needle.as_bytes());
        self.files.iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path.as_str()).collect()
    }

    /// No dead link, no repeated id, no unbalanced element, no inline script or style, a policy on every page.
    pub fn assert_sound(&self) {
        let mut faults = Vec::new();
        for (path, page) in &self.pages {
            page.faults(&mut faults, path);
            for tag in &page.tags {
                for (name, value) in &tag.attributes {
                    let media = matches!(name.as_str(), "href" | "src" | "poster");
                    if media && let Some(why) = self.dead(path, value) {
                        faults.push(format!("{path}: <{} {name}={value:?}>: {why}", tag.name));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }

    fn dead(&self, from: &str, address: &str) -> Option<String> {
        // The one page that is shown at any depth.
        let address = if from == "404.html" { address.strip_prefix("/kb/").unwrap_or(address) } else { address };
        let scheme = address.split(['/', '?', '#']).next().unwrap().split_once(':').map(|(s, _)| s);
        match scheme {
            Some("http" | "https" | "mailto" | "tel" | "ftp" | "obsidian" | "urn" | "data") => return None,
            Some(_) => return Some("a scheme that is not allowed".into()),
            None => {}
        }
        if address.contains(|c: char| c.is_whitespace() || c == '\\') || address.starts_with('/') {
            return Some("not a relative address".into());
        }
        let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
        let path = percent_decoded(path.split('?').next().unwrap());
        let mut parts: Vec<&str> = from.split('/').collect();
        parts.pop();
        for part in path.split('/').filter(|p| !matches!(*p, "" | ".")) {
            match part {
                ".." => {
                    if parts.pop().is_none() {
                        return Some("above the root".into());
                    }
                }
                part => parts.push(part),
            }
        }
        let target = if path.is_empty() { from.to_string() } else { parts.join("/") };
        let target = match path.ends_with('/') || matches!(path.as_str(), "." | "./") {
            true if target.is_empty() => "index.html".to_string(),
            true => format!("{target}/index.html"),
            false => target,
        };
        if !self.files.contains_key(&target) {
            return Some(format!("no file {target}"));
        }
        let fragment = percent_decoded(fragment);
        let page = self.pages.get(&target).filter(|_| !matches!(fragment.as_str(), "" | "top"))?;
        (!page.ids().chain(page.named("a").filter_map(|a| a.get("name"))).any(|id| id == fragment))
            .then(|| format!("no id {fragment} in {target}"))
    }
}

/// An element's start.
#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Where the tag begins and ends in the page.
    pub start: usize,
    pub end: usize,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|c| c.split(' ').any(|c| c == class))
    }
}

/// A page as its tags and texts.
#[derive(Debug, Default)]
pub struct Page {
    html: String,
    pub tags: Vec<Tag>,
    misnested: Vec<String>,
}

const VOID: &[&str] =
    &["meta", "link", "br", "hr", "img", "input", "source", "track", "wbr", "area", "base", "col", "embed"];

/// Elements before which a browser closes an open paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

impl Page {
    pub fn scan(html: &str) -> Self {
        let mut page = Self { html: html.to_string(), ..Self::default() };
        let mut open: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some(found) = html[at..].find('<') {
            let start = at + found;
            if html[start..].starts_with("<!--") {
                at = html[start..].find("-->").map_or(html.len(), |e| start + e + 3);
                continue;
            }
            let end = tag_end(html, start);
            at = end;
            let inner = &html[start + 1..end - 1];
            if let Some(name) = inner.strip_prefix('/') {
                let name = name.trim().to_ascii_lowercase();
                match open.pop() {
                    Some(last) if last == name => {}
                    last => page.misnested.push(format!("</{name}> closes {last:?} at {:?}", around(html, start))),
                }
                continue;
            }
            if inner.starts_with('!') {
                continue;
            }
            let tag = read_tag(inner, start, end);
            if !VOID.contains(&tag.name.as_str()) && !inner.ends_with('/') {
                if BLOCKS.contains(&tag.name.as_str()) && open.iter().any(|name| name == "p") {
                    page.misnested.push(format!("<{}> stands in a <p> at {:?}", tag.name, around(html, start)));
                }
                open.push(tag.name.clone());
            }
            page.tags.push(tag);
        }
        if !open.is_empty() {
            page.misnested.push(format!("never closed: {open:?}"));
        }
        page
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(|t| t.get("id"))
    }

    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |t| t.name == name)
    }

    pub fn with_class<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |t| t.has_class(class))
    }

    /// The HTML of the element that a tag opens, without the tag.
    pub fn inner(&self, tag: &Tag) -> &str {
        let (mut depth, mut at) = (1, tag.end);
        let (opening, closing) = (format!("<{}", tag.name), format!("</{}>", tag.name));
        while depth > 0 {
            let Some(close) = self.html[at..].find(&closing).map(|e| at + e) else { return &self.html[tag.end..] };
            let opens = self.html[at..close].match_indices(&opening);
            let opens = opens.filter(|(i, _)| {
                !self.html[at + i + opening.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
            });
            depth = depth - 1 + opens.count();
            at = close + closing.len();
        }
        &self.html[tag.end..at - closing.len()]
    }

    /// The text of the element that a tag opens.
    pub fn text(&self, tag: &Tag) -> String {
        words(self.inner(tag))
    }

    /// The address of the first link with this text.
    pub fn link(&self, shown: &str) -> Option<&str> {
        self.named("a").find(|a| self.text(a) == shown)?.get("href")
    }

    fn faults(&self, faults: &mut Vec<String>, path: &str) {
        faults.extend(self.misnested.iter().map(|why| format!("{path}: {why}")));
        let mut ids = BTreeSet::new();
        for id in self.ids() {
            if id.is_empty() || id.contains(char::is_whitespace) || !ids.insert(id) {
                faults.push(format!("{path}: id {id:?} is repeated, empty or has white space"));
            }
        }
        let policy = self.named("meta").find(|m| m.get("http-equiv") == Some("Content-Security-Policy"));
        let strict = |p: &str| {
            p.starts_with("default-src 'none'")
                && p.contains("script-src 'self'")
                && p.contains("style-src 'self'")
                && p.contains("base-uri 'none'")
                && !p.contains("unsafe")
                && !p.contains('*')
        };
        match policy {
            Some(meta) if meta.get("content").is_some_and(strict) => {
                let early = self.tags.iter().find(|t| matches!(t.name.as_str(), "script" | "link" | "img"));
                if early.is_some_and(|t| t.start < meta.start) {
                    faults.push(format!("{path}: something loads before the policy"));
                }
            }
            _ => faults.push(format!("{path}: no strict policy: {:?}", policy.map(|p| &p.attributes))),
        }
        for tag in &self.tags {
            let event = tag.attributes.iter().any(|(n, _)| n.starts_with("on") || n == "style" || n == "srcdoc");
            // A block of data is not run.
            let is_data = tag.get("type") == Some("application/ld+json");
            let inline =
                tag.name == "script" && !is_data && (tag.get("src").is_none() || !self.inner(tag).trim().is_empty());
            let never = ["style", "iframe", "object", "base", "embed", "frame"].contains(&tag.name.as_str());
            if event || inline || never {
                faults.push(format!("{path}: <{} {:?}> may not be in a page", tag.name, tag.attributes));
            }
        }
        if self.html.contains(['\u{e000}', '\u{e001}', '\u{0}', '\u{1}', '\u{fffd}']) {
            faults.push(format!("{path}: a placeholder is left"));
        }
    }
}

fn around(html: &str, at: usize) -> &str {
    let start = (0..=at.saturating_sub(80)).rev().find(|i| html.is_char_boundary(*i)).unwrap_or(0);
    let end = (at + 40..html.len()).find(|i| html.is_char_boundary(*i)).unwrap_or(html.len());
    &html[start..end]
}

/// The place behind the `>` of a tag, quotes respected.
fn tag_end(html: &str, start: usize) -> usize {
    let mut quote = None;
    for (i, c) in html[start..].char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '>') => return start + i + 1,
            _ => {}
        }
    }
    panic!("a tag never ends: {:?}", around(html, start));
}

fn read_tag(inner: &str, start: usize, end: usize) -> Tag {
    let inner = inner.trim_end_matches('/');
    let name_end = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let mut tag = Tag { name: inner[..name_end].to_ascii_lowercase(), attributes: Vec::new(), start, end };
    let mut rest = inner[name_end..].trim_start();
    while !rest.is_empty() {
        let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..name_end].to_ascii_lowercase();
        rest = &rest[name_end..];
        let mut value = "";
        if let Some(behind) = rest.strip_prefix('=') {
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
            let length = match quote {
                Some(q) => behind[1..].find(q).unwrap() + 2,
                None => behind.find(char::is_whitespace).unwrap_or(behind.len()),
            };
            value = behind[..length].trim_matches(quote.unwrap_or(' '));
            rest = &behind[length..];
        }
        tag.attributes.push((name, unescaped(value)));
        rest = rest.trim_start();
    }
    tag
}

/// The text of HTML, white space folded.
pub fn words(html: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    while let Some(start) = html[at..].find('<').map(|i| at + i) {
        out.push_str(&html[at..start]);
        at = tag_end(html, start);
    }
    out.push_str(&html[at..]);
    unescaped(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once(';').filter(|(n, _)| n.len() < 9) else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = name.strip_prefix("#x").map(|n| u32::from_str_radix(n, 16));
        let number = number.or_else(|| name.strip_prefix('#').map(str::parse));
        let known = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            _ => number.and_then(Result::ok).and_then(char::from_u32),
        };
        match known {
            Some(c) => out.push(c),
            None => out.push_str(&format!("&{name};")),
        }
        rest = behind;
    }
    out + rest
}

pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < bytes.len() {
        let hex = text.get(i + 1..i + 3).filter(|_| bytes[i] == b'%').map(|h| u8::from_str_radix(h, 16));
        match hex {
            Some(Ok(byte)) => {
                out.push(byte);
                i += 3;
            }
            _ => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8(out).unwrap()
}
