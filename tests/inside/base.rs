//! Small knowledge bases written as Markdown: fenced blocks whose info string is a kind, a path, and perhaps how the
//! block becomes a file.

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::base::vault;
use crate::check::external::{Answer, Outcome};
use crate::check::rules::{Answers, Findings, RunOptions, rule, run_in};
use crate::config::Config;
use crate::note::frontmatter::Date;
use crate::text::diagnostic::Severity;
use std::fs;
use std::path::Path;

/// A file of an example: `wrong notes/a.md`, `right img.png`, `wrong a.md -> ../b.md`, `wrong a.md repeat=9`.
#[derive(Debug, Clone)]
pub struct File {
    pub kind: String,
    pub path: String,
    pub options: Vec<String>,
    pub body: String,
}

/// Today in every example.
pub const TODAY: Date = jiff::civil::date(2026, 6, 1);

/// The files of a Markdown text: its fenced blocks with a path behind the kind.
pub fn files(markdown: &str) -> Vec<File> {
    let mut files = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        // A path with spaces is in quotes.
        let (info, quoted) = match line[ticks.len()..].split_once(" \"") {
            Some((kind, path)) => (kind, path.strip_suffix('"')),
            None => (&line[ticks.len()..], None),
        };
        let info: Vec<&str> = info.split_whitespace().chain(quoted).collect();
        if ticks.len() < 3 {
            continue;
        }
        let body: Vec<&str> = lines.by_ref().take_while(|l| *l != ticks).collect();
        if info.len() >= 2 {
            files.push(File {
                kind: info[0].into(),
                path: info[1].into(),
                options: info[2..].iter().map(|o| o.to_string()).collect(),
                body: body.iter().map(|l| format!("{l}\n")).collect(),
            });
        }
    }
    files
}

/// Writes the files into a folder.
pub fn write<'a>(folder: &Path, files: impl IntoIterator<Item = &'a File>) {
    for file in files {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let ["->", target] = file.options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, &path).unwrap();
            continue;
        }
        let number = |name: &str| file.options.iter().find_map(|o| o.strip_prefix(name)?.parse::<usize>().ok());
        let bytes = match (number("repeat="), number("nested=")) {
            (Some(n), _) => file.body.repeat(n).into_bytes(),
            (_, Some(n)) => format!("{}deep\n", format!("{} ", file.body.trim()).repeat(n)).into_bytes(),
            _ => unescaped(&file.body),
        };
        fs::write(path, bytes).unwrap();
    }
}

/// `\u{202E}` and `\x{E4}` as the character and the byte that they stand for.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\u{").into_iter().chain(rest.find("\\x{")).min() {
        out.extend(rest[..at].bytes());
        let end = at + rest[at..].find('}').unwrap();
        let number = u32::from_str_radix(&rest[at + 3..end], 16).unwrap();
        match &rest[at..at + 2] {
            "\\x" => out.push(number as u8),
            _ => out.extend(char::from_u32(number).unwrap().to_string().bytes()),
        }
        rest = &rest[end + 1..];
    }
    out.extend(rest.bytes());
    out
}

/// Reads a folder as a base.
pub fn site(folder: &Path, config: Config) -> Site {
    let vault = vault::read(folder, &config, &[]).unwrap();
    std::sync::Arc::unwrap_or_clone(analyze(config, vault, Vec::new(), false, AnalysisMode::Check).site)
}

/// What one rule finds, switched on if it is off; addresses that hold `gone` answer 404.
pub fn findings_of(site: &Site, id: &str) -> Findings {
    let answers: Answers = site
        .graph
        .links
        .iter()
        .flatten()
        .filter_map(|r| match &r.target {
            Target::External(address) => Some((address.clone(), answer(address))),
            _ => None,
        })
        .collect();
    let only = [id.to_string()];
    // Whether an excuse is used shows only when the other rules ran.
    let only: &[String] = if id == "unused-suppression" { &[] } else { &only };
    let mut found = run_in(site, RunOptions { today: Some(TODAY), answers: Some(&answers), only });
    found.diagnostics.retain(|d| d.rule == id);
    found
}

fn answer(address: &str) -> Answer {
    let gone = address.contains("gone");
    let outcome = if gone { Outcome::Broken } else { Outcome::Ok };
    let detail = if gone { "404 Not Found" } else { "200 OK" };
    Answer { outcome, detail: detail.into(), redirect: None, cached: false }
}

/// The configuration of an example: its `canon.toml`, and the rule on.
pub fn config(files: &[File], id: &str) -> Config {
    let own = files.iter().find(|f| f.path == "canon.toml");
    let mut config = own.map_or_else(Config::default, |f| Config::parse(&f.body).unwrap());
    let severity = rule(id).unwrap_or_else(|| panic!("there is no rule `{id}`")).severity;
    if severity == Severity::Off {
        config.check.rules.entry(id.to_string()).or_insert(Severity::Warning);
    }
    config
}

/// One example as a base in a folder of its own.
pub fn example(files: &[File], id: &str) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    fs::create_dir_all(&content).unwrap();
    write(&content, files.iter().filter(|f| f.path != "canon.toml"));
    let site = site(&content, config(files, id));
    (folder, site)
}

/// Pseudo-random numbers that are the same in each run (xorshift, Marsaglia 2003).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
