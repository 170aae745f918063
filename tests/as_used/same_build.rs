//! A build of the same inputs has nothing to do, and no change is ever mistaken for none: after every edit the output equals
//! that of a build into a new folder.

use super::built::{Base, Built, note, text};
use std::fs;
use std::time::{Duration, SystemTime};

fn base() -> Base {
    Base::of(&[
        ("canon.toml", "title = \"Base\"\n".to_string()),
        ("content/a.md", note("a", "Alpha", "Leads to [B](b.md). ![](one.txt) [file](one.txt)\n")),
        ("content/b.md", note("b", "Beta", "Leads nowhere.\n")),
        ("content/sub/c.md", note("c", "Gamma", "See [[Alpha]].\n")),
        ("content/one.txt", "one".to_string()),
        ("static/own.css", "p { color: red }".to_string()),
        ("templates/partials/footer.html", "<footer>own</footer>".to_string()),
    ])
}

/// What a build says, and whether it had nothing to do.
fn said(base: &Base, options: &[&str]) -> (String, bool) {
    let output = base.run(options);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert_ne!(said.starts_with("Built"), said.starts_with("Up to date"), "{said}");
    let is_same = said.starts_with("Up to date");
    (said, is_same)
}

/// The files that a build writes which knows of no build before.
fn fresh(base: &Base, options: &[&str]) -> Built {
    let (root, other) = (base.home.path(), tempfile::tempdir().unwrap());
    let out = other.path().join("out");
    let mut command = super::canon();
    command.env("XDG_CACHE_HOME", other.path().join(".cache")).arg("build").arg(root).arg("--output").arg(&out);
    assert!(command.args(options).output().unwrap().status.success());
    Built::read(&out)
}

fn assert_built(base: &Base, options: &[&str], change: &str) {
    let (said, is_same) = said(base, options);
    assert!(!is_same, "{change}: {said}");
    assert!(Built::read(&base.home.path().join("public")).files == fresh(base, options).files, "{change}");
}

#[test]
fn a_second_build_finds_the_site_up_to_date() {
    let base = base();
    let (first, _) = said(&base, &[]);
    let (second, is_same) = said(&base, &[]);
    assert!(is_same, "{second}");
    let line = |said: &str, start: &str| said.lines().find(|line| line.starts_with(start)).unwrap().to_string();
    assert_eq!(line(&first, "Findings"), line(&second, "Findings"));
    assert!(line(&second, "Up to date").contains("3 notes"), "{second}");
    let files = line(&second, "Files");
    assert!(files.starts_with("Files: 0 written, ") && files.ends_with(" unchanged, 0 removed"), "{files}");
    assert!(!said(&base, &["--no-cache"]).1 && said(&base, &[]).1);
    assert_eq!(base.run(&["--quiet"]).stdout, b"");
}

#[test]
fn every_change_is_seen() {
    let base = base();
    let root = base.home.path();
    let content = |name: &str| root.join("content").join(name);
    let put = |path: &str, text: &str| base.put(path, text);
    let changes: [(&str, &dyn Fn()); 16] = [
        ("a text", &|| put("content/b.md", &note("b", "Beta", "Leads somewhere.\n"))),
        ("a title", &|| put("content/b.md", &note("b", "Better", "Leads somewhere.\n"))),
        ("a link", &|| put("content/b.md", &note("b", "Better", "To [A](a.md).\n"))),
        ("tags", &|| put("content/b.md", &note("b", "Better", "To [A](a.md).\n").replace("[one]", "[one, two]"))),
        ("a date", &|| put("content/b.md", &note("b", "Better", "To [A](a.md).\n").replace("01-03", "01-04"))),
        ("line endings", &|| {
            put("content/b.md", &note("b", "Better", "To [A](a.md).\n").replace('\n', "\r\n"));
        }),
        ("a new note", &|| put("content/sub/d.md", &note("d", "Delta", "New.\n"))),
        ("a renamed note", &|| fs::rename(content("sub/d.md"), content("sub/e.md")).unwrap()),
        ("a deleted note", &|| fs::remove_file(content("sub/e.md")).unwrap()),
        ("a linked file", &|| put("content/one.txt", "two")),
        ("the configuration", &|| put("canon.toml", "title = \"Other\"\n")),
        ("a template", &|| put("templates/partials/footer.html", "<footer>new</footer>")),
        ("a static file", &|| put("static/own.css", "p { color: blue }")),
        ("a deleted static file", &|| fs::remove_file(root.join("static/own.css")).unwrap()),
        ("a file of the output", &|| fs::write(root.join("public/a.html"), "edited").unwrap()),
        ("a missing file of the output", &|| fs::remove_file(root.join("public/b.html")).unwrap()),
    ];
    assert_built(&base, &[], "the first build");
    for (change, apply) in changes {
        assert!(said(&base, &[]).1, "before {change}");
        apply();
        assert_built(&base, &[], change);
    }
    assert_built(&base, &["--base-url", "https://example.org/"], "an address");
    assert_built(&base, &["--drafts", "--base-url", "https://example.org/"], "drafts");
}

#[test]
fn times_of_files_decide_nothing() {
    let base = base();
    base.build(&[]);
    let path = base.home.path().join("content/b.md");
    let set_time = |path: &std::path::Path, time: SystemTime| {
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let edited = fs::read_to_string(&path).unwrap().replace("nowhere", "forward");
    fs::write(&path, edited).unwrap();
    set_time(&path, time);
    assert_built(&base, &[], "an edit of the same length with the time of before");
    let past = SystemTime::now() - Duration::from_secs(1_000_000);
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("forward", "nowhere")).unwrap();
    set_time(&path, past);
    assert_built(&base, &[], "an edit under a clock that was set back");
    set_time(&path, SystemTime::now() + Duration::from_secs(1_000_000));
    assert!(said(&base, &[]).1, "a time alone is no edit");
    let page = base.home.path().join("public/a.html");
    let time = fs::metadata(&page).unwrap().modified().unwrap();
    let mut bytes = fs::read(&page).unwrap();
    bytes[20] ^= 1;
    fs::write(&page, bytes).unwrap();
    set_time(&page, time);
    assert_built(&base, &[], "a page edited by hand, with its length and time of before");
}

#[test]
fn a_record_that_cannot_be_read_is_ignored() {
    let base = base();
    base.build(&[]);
    let outputs = base.home.path().join(".cache/canon/outputs");
    let folder = fs::read_dir(outputs).unwrap().next().unwrap().unwrap().path();
    let record = folder.join("last-build.json");
    let good = fs::read_to_string(&record).unwrap();
    for bad in
        ["", "{", "[]", &good.replace("\"version\":1", "\"version\":2"), &good.replace("\"note_count\"", "\"note\"")]
    {
        fs::write(&record, bad).unwrap();
        assert!(!said(&base, &[]).1, "{bad}");
        assert!(said(&base, &[]).1, "written again after {bad}");
    }
    fs::remove_file(&record).unwrap();
    assert!(!said(&base, &[]).1);
}

#[test]
fn what_a_strict_build_refuses_is_refused_again() {
    let base = Base::of(&[("content/a.md", note("a", "A", "[gone](gone.md)\n"))]);
    base.build(&[]);
    assert!(said(&base, &[]).1);
    assert_eq!(base.run(&["--strict"]).status.code(), Some(1));
    assert!(said(&base, &[]).1);
}
