//! A base written by a test, built in memory: every file of the output, what stands on a page, and the findings.

use super::base::TODAY;
use crate::base::analyze::{Analysis, AnalysisMode, analyze};
use crate::base::vault;
use crate::check::rules::run;
use crate::config::Config;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Content, Parts, Publication, renderer, sizes};
use crate::publish::own_files::OwnFiles;
use crate::text::diagnostic::Diagnostic;
use crate::text::html_tags::{Syntax, Token, decoded_text, tokens};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

/// A built base.
pub struct Built {
    pub analysis: Analysis,
    pub found: Vec<Diagnostic>,
    /// Every file of the output that canon writes itself or copies, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    _folder: tempfile::TempDir,
}

/// Builds the files of a content folder; one named `canon.toml` is the configuration.
pub fn build(files: &[(&str, &str)]) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    fs::create_dir(&content).unwrap();
    for (path, text) in files.iter().filter(|(path, _)| *path != "canon.toml") {
        let path = content.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let own = files.iter().find(|(path, _)| *path == "canon.toml");
    let config = own.map_or_else(Config::default, |(_, text)| Config::parse(text).unwrap());
    let vault = vault::read(&content, &config, &[]).unwrap();
    let analysis = analyze(config, vault, Vec::new(), false, AnalysisMode::Build);
    let found = run(&analysis.site, Some(TODAY)).diagnostics;
    let (site, own) = (analysis.site.clone(), OwnFiles::default());
    let parts = Parts {
        bodies: analysis.bodies.clone(),
        sizes: Arc::new(sizes(&site).unwrap()),
        renderer: Arc::new(renderer(&site, &own, !found.is_empty()).unwrap()),
        // The health page shows what does not depend on the day.
        findings: Findings::computed(run(&analysis.site, None).diagnostics, 0),
        site,
    };
    let publication = Publication::new(parts, &own);
    let mut written = BTreeMap::new();
    for (path, file) in publication.files().iter() {
        let bytes = match publication.content(path, file).unwrap() {
            Content::Bytes(bytes) => bytes,
            Content::Disk(from) => fs::read(from.path()).unwrap(),
        };
        written.insert(path.to_string(), bytes);
    }
    for bundle in Bundle::ALL {
        written.extend(publication.make(bundle).into_iter().map(|(path, bytes)| (path.to_string(), bytes)));
    }
    Built { analysis, found, files: written, _folder: folder }
}

impl Built {
    /// The HTML of a page.
    pub fn html(&self, path: &str) -> &str {
        let bytes = self.files.get(path).unwrap_or_else(|| panic!("no {path} in {:?}", self.files.keys()));
        std::str::from_utf8(bytes).unwrap()
    }

    /// The HTML within `<main>`.
    pub fn main(&self, path: &str) -> &str {
        let html = self.html(path);
        let (start, end) = (html.find("<main").unwrap(), html.find("</main>").unwrap());
        &html[start..end]
    }

    /// The words within `<main>`, single spaces between them.
    pub fn words(&self, path: &str) -> String {
        words(self.main(path))
    }

    /// The headings within `<main>`: `h2 Words`.
    pub fn headings(&self, path: &str) -> Vec<String> {
        let main = self.main(path);
        let mut found = Vec::new();
        let mut rest = main;
        while let Some(at) = rest.find("<h") {
            rest = &rest[at + 2..];
            let Some(level) = rest.chars().next().filter(|c| ('1'..='6').contains(c)) else { continue };
            let end = rest.find(&format!("</h{level}>")).unwrap();
            found.push(format!("h{level} {}", words(&rest[rest.find('>').unwrap() + 1..end])));
            rest = &rest[end..];
        }
        found
    }

    /// The lines of the page's contents.
    pub fn contents(&self, path: &str) -> Vec<String> {
        let html = self.html(path);
        let Some(start) = html.find("class=\"toc") else { return Vec::new() };
        let toc = &html[start..][..html[start..].find("</details>").unwrap_or(html.len() - start)];
        toc.split("<a ").skip(1).map(|a| words(&a[a.find('>').unwrap() + 1..a.find("</a>").unwrap()])).collect()
    }

    /// The addresses of the links within `<main>` with just these words.
    pub fn links(&self, path: &str, text: &str) -> Vec<String> {
        let anchors = self.main(path).split("<a ").skip(1);
        let is_it = |a: &&str| a.find("</a>").is_some_and(|end| words(&a[a.find('>').unwrap() + 1..end]) == text);
        let href =
            |a: &str| a.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("").to_string();
        anchors.filter(is_it).map(href).collect()
    }

    /// Whether some element of a page has this id.
    pub fn has_id(&self, path: &str, id: &str) -> bool {
        self.html(path).contains(&format!("id=\"{id}\""))
    }

    /// The files of the output that hold a text.
    pub fn holding(&self, text: &str) -> Vec<&str> {
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
        self.files.iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| &**path).collect()
    }

    /// `path:line` of the findings of a rule.
    pub fn findings(&self, rule: &str) -> Vec<String> {
        let place = |d: &Diagnostic| {
            let file = self.analysis.site.vault.file(d.file);
            format!("{}:{}", file.path, file.text[..d.span.start as usize].matches('\n').count() + 1)
        };
        self.found.iter().filter(|d| d.rule == rule).map(place).collect()
    }
}

/// The words of some HTML.
pub fn words(html: &str) -> String {
    let text = |token| if let Token::Text(range) = token { Some(decoded_text(&html[range])) } else { None };
    let all: Vec<_> =
        tokens(html, Syntax::Fragment).map(|token| text(token).map_or(" ".to_string(), |t| t.to_string())).collect();
    all.concat().split_whitespace().collect::<Vec<_>>().join(" ")
}
