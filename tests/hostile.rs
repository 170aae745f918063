//! What a note of somebody else's may not do to a site: tables C and I of what sites have been broken by.

mod built;

use built::{Base, canon, note, note_with, site, text, words};

/// Texts that would run, or end what they stand in, where one place forgot to escape.
const PAYLOADS: &[&str] = &[
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]><script>alert(1)</script>",
    "</script><!--<script>alert(1)</script>",
    "--><svg onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }}{% include \"/etc/passwd\" %}",
    "\u{2028}\u{2029}</style><style>*{}",
    "`${alert(1)}`",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
];

#[test]
fn a_removed_style_that_ends_within_a_link_takes_no_half_of_the_link() {
    let body = "One a<style>b [[m|c</style>d]] e\n\nTwo [[m|a<style>b]] c</style>d\n\n[*x<style>y*](m.md) z</style>\n";
    let base = Base::of(&[("content/n.md", &note("n", "N", body)), ("content/m.md", &note("m", "M", "Text.\n"))]);
    let built = base.build(&[]);
    built.assert_sound();
    let shown = words(built.main("n.html"));
    assert!(shown.contains("One ad e") && shown.contains("Two ad"), "{shown}");
}

#[test]
fn payloads_are_text_in_every_place() {
    let mut files = Vec::new();
    for (i, payload) in PAYLOADS.iter().enumerate() {
        let quoted = serde_json::Value::from(*payload).to_string();
        let name = payload.replace('/', "_");
        let more = format!("aliases: [{quoted}]\nextra_{i}: {quoted}\n");
        let escaped = payload.replace(['[', ']'], "");
        let body = format!(
            "## TL;DR\n\n- {payload}\n\n## Head {payload}\n\n`{payload}` ![{escaped}](p.png \"{}\") [[n{}|{escaped}]]\n\n```{escaped}\n{payload}\n```\n\n> [!note] {payload}\n> x\n\n## Links\n\n### Compare with\n\n- [x](h.md) — {payload}\n",
            escaped.replace('"', "&quot;"),
            (i + 1) % PAYLOADS.len()
        );
        files.push((
            format!("content/{name}/n{i}.md"),
            note_with(&format!("n{i}"), &format!("T{i} {payload}"), &more, &body)
                .replace("[one]", &format!("[{quoted}]")),
        ));
        files.push((format!("content/{name}/{name}.md"), format!("# {payload}\n\nPage {payload}\n")));
    }
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    base.put("canon.toml", "title = \"</title><script>alert(1)</script>\"\ndescription = \"\\\"><img onerror=x>\"\nbase_url = \"https://example.org/kb/\"\n");
    let built = base.build(&[]);
    built.assert_sound();
    for (path, bytes) in &built.files {
        let content = text(bytes);
        if path.ends_with(".html") {
            assert!(
                !content.contains("<script>alert")
                    && !content.contains("<img src=x")
                    && !content.contains("<svg onload"),
                "{path}"
            );
            assert!(!content.contains("root:x:"), "{path}");
        }
        if path.ends_with(".xml") {
            assert!(!content.contains("<script") && !content.contains("<img"), "{path}");
            let mut reader = quick_xml::Reader::from_str(&content);
            while !matches!(
                reader.read_event().unwrap_or_else(|e| panic!("{path}: {e}")),
                quick_xml::events::Event::Eof
            ) {}
        }
        if path.ends_with(".json") {
            serde_json::from_str::<serde_json::Value>(&content).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
    }
    let template = files.iter().position(|(p, _)| p.ends_with("/n7.md")).unwrap();
    let page = files[template].0.trim_start_matches("content/").replace(".md", ".html");
    let title = built.page(&page).named("h1").map(|h| built.page(&page).text(h)).next().unwrap();
    assert_eq!(title, format!("T7 {}", PAYLOADS[7]));
}

#[test]
fn raw_html_that_could_act_is_removed() {
    let base = Base::of(&[(
        "content/a.md",
        note(
            "a",
            "A",
            "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n<iframe srcdoc=\"<script>1</script>\"></iframe>\n\n<base href=\"//evil.example\">\n\n\
             <meta http-equiv=refresh content=\"0;url=//evil.example\">\n\n<form action=\"//evil.example\"><input name=q></form>\n\n<style>@import '//evil.example'</style>\n\n\
             <svg><script>alert(1)</script></svg>\n\n<math><mtext><script>1</script></mtext></math>\n\n<p style=\"x:y\" onclick=\"z()\">kept <b>bold</b></p>\n\n\
             <a href=\"javascript:alert(1)\">j</a> <a href=\"&#1;javascript:alert(1)\">k</a> <object data=x></object><embed src=x>\n\n<div><p>never closed\n\n## After\n\nStill here.\n",
        ),
    )]);
    let built = base.build(&[]);
    built.assert_sound();
    let main = built.main("a.html");
    for gone in ["alert", "iframe", "evil.example", "onclick", "style=", "<svg><", "javascript:"] {
        let shown = main.replace("class=\"importance\"", "");
        assert!(!shown.contains(gone), "{gone}: {main}");
    }
    assert!(main.contains("kept <b>bold</b>") && main.contains("Still here."), "{main}");
    let check = canon().arg("check").arg(base.home.path()).output().unwrap();
    assert!(text(&check.stdout).contains("raw-html-removed"));
}

#[test]
fn unsafe_schemes_become_text() {
    let built = site(&[(
        "content/a.md",
        note(
            "a",
            "A",
            "[first](javascript:alert(1)) [two](<JaVa\tScript:alert(1)>) [three](&#1;javascript:alert(1)) [four](javascript&colon;alert(1)) \
             [five](vbscript:x) [six](data:text/html,x) [seven](//evil.example/x) <javascript:alert(1)> [eight][ref] ![nine](javascript:alert(1)) \
             [[javascript:alert(1)]] [ten](\\\\evil.example) [fine](https://example.org/) [mail](mailto:a@example.org)\n\n[ref]: javascript:alert(1)\n",
        ),
    )]);
    let page = built.page("a.html");
    for shown in ["first", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] {
        assert!(page.link(shown).is_none(), "{shown}");
        assert!(words(built.main("a.html")).contains(shown), "{shown}");
    }
    assert_eq!(page.link("fine"), Some("https://example.org/"));
    assert_eq!(page.link("mail"), Some("mailto:a@example.org"));
}

#[test]
fn nothing_is_written_outside_the_output() {
    let bad =
        ["../../x", "/../y", "C:\\\\z", "a/../../b", ".git/hooks/x", "//evil/x", "x\\u0000y", "index.html", "", "."];
    let list: Vec<String> = bad.iter().map(|b| format!("\"{b}\"")).collect();
    let base = Base::of(&[(
        "content/a.md",
        note_with(
            "a",
            "A",
            &format!("redirect_from: [{}]\naliases: [\"../../up\", \"..\", \"/root\"]\n", list.join(", ")),
            "x\n",
        ),
    )]);
    let before: Vec<_> = std::fs::read_dir(base.home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let built = base.build(&[]);
    built.assert_sound();
    let after: Vec<_> = std::fs::read_dir(base.home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(after.iter().all(|n| before.contains(n) || n == "public" || n == ".cache"), "{after:?}");
    assert!(built.files.keys().all(|p| !p.contains(".git") && !p.contains("..")));
    let check = canon().arg("check").arg(base.home.path()).output().unwrap();
    assert!(text(&check.stdout).contains("bad-path"));
}

#[test]
fn heading_attributes_are_dropped_and_theme_ids_are_free() {
    let built = site(&[(
        "content/a.md",
        note(
            "a",
            "A",
            "## One {#x onclick=alert(1) .c style=y}\n\n## Two {#\"><script>}\n\n## search\n\n## main\n\n## canon:main\n\n## Four {#canon:main}\n\n<p id=\"canon:tree\">x</p>\n\ntext\n",
        ),
    )]);
    assert!(!built.main("a.html").contains("onclick=alert"));
}

#[test]
fn a_script_from_elsewhere_is_refused() {
    for line in [
        "extra_js = [\"https://evil.example/x.js\"]",
        "extra_css = [\"//evil.example/x.css\"]",
        "extra_js = [\"../../x.js\"]",
        "logo = \"https://evil.example/l.png\"",
    ] {
        let base = Base::of(&[("content/a.md", note("a", "A", "x\n"))]);
        base.put("canon.toml", format!("[theme]\n{line}\n"));
        let output = base.run(&[]);
        assert_eq!(output.status.code(), Some(2), "{line}: {}", text(&output.stderr));
        assert!(!base.home.path().join("public").exists());
    }
}

#[test]
fn frontmatter_that_would_eat_the_machine_is_refused_and_the_rest_is_built() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n";
    let heads = [
        ("bomb", bomb.to_string()),
        ("deep", format!("x: {}\n", "[".repeat(30_000))),
        ("map", format!("x: {}\n", "{a: ".repeat(5_000))),
        ("twice", "id: twice\nid: again\n".into()),
        ("tab", "id: tab\nx:\n\ty: 1\n".into()),
        ("colons", "id: colons\ntitle: a: b: c\n".into()),
        ("quote", "id: quote\ntitle: \"open\n".into()),
        ("list", "- a\n- b\n".into()),
        ("python", "id: !!python/object x\n".into()),
        ("complex", "? [a]\n: b\n".into()),
        ("hyphens", format!("x:\n  {}y\n", "-  ".repeat(20_000))),
        ("indents", (0..300).map(|i| format!("{}k:\n", " ".repeat(i))).collect()),
        ("big", "id: big\nimportance: 300\n".into()),
        ("wide", (0..20_000).map(|i| format!("k{i}: 1\n")).collect()),
    ];
    let mut files: Vec<(String, String)> =
        heads.iter().map(|(n, h)| (format!("content/{n}.md"), format!("---\n{h}---\n\nText of {n}.\n"))).collect();
    // Enough notes in Canon's format, so that its schema holds.
    let good = (0..=heads.len())
        .map(|n| (format!("content/good{n}.md"), note(&format!("good{n}"), &format!("Good {n}"), "Fine.\n")));
    files.extend(good);
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    let built = base.build(&[]);
    built.assert_sound();
    for (name, _) in &heads {
        assert!(built.has(&format!("{name}.html")), "{name}");
    }
    let notes = built.json("api/notes.json").to_string();
    assert!(!notes.contains("\"importance\":44"), "300 may not become 44: {notes}");
    let check = canon().args(["check", "--all", "--format", "json"]).arg(base.home.path()).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    for (name, _) in &heads {
        let about =
            found["diagnostics"].as_array().unwrap().iter().any(|d| {
                d["file"] == format!("{name}.md") && d["severity"] == "error" && d["line"].as_u64().unwrap() >= 1
            });
        assert!(about, "no error for {name}");
    }
}

/// Texts that once ended canon or kept it busy for ever: stubs that name each other, a quoted title over two lines, a
/// comment behind a tab in a list, folders deep in each other.
#[test]
fn notes_that_once_stopped_canon_are_read_like_any_other() {
    let title = "---\nid: folded\ntitle: \"Issue #12 about\n  things\"\n---\n\nText.\n";
    let deep = format!("content/{}deep.md", "d/".repeat(150));
    let base = Base::of(&[
        ("content/a.md", "See [[a]]"),
        ("content/b.md", "See [[c]]"),
        ("content/c.md", "See [[b]]"),
        ("content/d.md", "See [[d#x]]"),
        ("content/_aliases/y.md", "x [[y#]]"),
        ("content/folded.md", title),
        ("content/single.md", &title.replace("folded", "single").replace('"', "'")),
        ("content/comment.md", "* \n\t<!--canon-ignore\n\t<"),
        (&deep, "# Deep\n\nText.\n"),
        ("content/good.md", &note("good", "Good", "Fine.\n")),
    ]);
    let built = base.build(&[]);
    built.assert_sound();
    for path in ["folded.html", "single.html"] {
        let page = built.page(path);
        assert_eq!(page.named("h1").map(|h| page.text(h)).next().as_deref(), Some("Issue #12 about things"), "{path}");
    }
    assert!(built.main("good.html").contains("Fine."));
    let check = canon().args(["check", "--all", "--format", "json"]).arg(base.home.path()).output().unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", text(&check.stderr));
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let found: Vec<_> = found["diagnostics"].as_array().unwrap().iter().collect();
    for file in ["a.md", "b.md", "c.md", "d.md", "_aliases/y.md"] {
        assert!(found.iter().any(|d| d["file"] == file && d["rule"] == "broken-alias"), "{file}: {found:#?}");
    }
    assert!(found.iter().all(|d| d["rule"] != "internal-error"), "{found:#?}");
    assert!(found.iter().all(|d| d["file"] != "folded.md" || d["rule"] != "comment-in-value"), "{found:#?}");
}

/// Characters that hide, names that look alike or that not every system can store, files too large to be notes: each is
/// told at its file, nothing of it reaches a page unseen, and the rest is built.
#[test]
fn what_hides_or_cannot_be_stored_is_told() {
    let cases: [(&str, String, &str); 9] = [
        ("null.md", note("null", "Null", "a\0b\n"), "invalid-encoding"),
        ("bell.md", note("bell", "Bell", "a\u{7}b \u{fffe}c\n"), "hidden-character"),
        ("turned-title.md", note("turned-title", "user\u{202e}txt.exe", "x\n"), "hidden-character"),
        ("turned-code.md", note("turned-code", "Code", "`acc\u{2066}ess`\n"), "hidden-character"),
        ("look-alike.md", note("look-alike", "\u{410}dmin", "x\n"), "confusable-name"),
        ("aux.md", note("aux", "Device", "x\n"), "not-portable"),
        ("con/inside.md", note("inside", "Inside", "x\n"), "not-portable"),
        ("a:b.md", note("colon", "Colon", "x\n"), "not-portable"),
        ("large.md", note("large", "Large", &"word ".repeat((4 << 20) / 5 + 1)), "too-large"),
    ];
    let mut files: Vec<(String, &str)> = cases.iter().map(|(p, b, _)| (format!("content/{p}"), b.as_str())).collect();
    let admin = note("admin", "Admin", "Turned prose \u{202e} is no fault.\n");
    files.push(("content/admin.md".into(), &admin));
    let escaped = note("title", "\"Ding \\a \\uFFFE\"", "x\n");
    files.push(("content/title.md".into(), &escaped));
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), *b)).collect::<Vec<_>>());
    let check = canon().args(["check", "--all", "--format", "json"]).arg(base.home.path()).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let told = |file: &str, rule: &str| {
        found["diagnostics"].as_array().unwrap().iter().any(|d| d["file"] == file && d["rule"] == rule)
    };
    for (file, _, rule) in &cases {
        assert!(told(file, rule), "{rule} is not told of {file}");
    }
    assert!(!told("admin.md", "hidden-character"), "prose may turn");
    let built = base.build(&[]);
    built.assert_sound();
    assert!(words(built.main("admin.html")).contains("is no fault"));
    for page in ["bell.html", "null.html", "title.html"] {
        assert!(!built.raw(page).contains(['\0', '\u{7}', '\u{fffe}']), "{page}");
    }
    assert!(built.files["large.html"].len() < 1 << 20, "a file that is too large is not shown whole");
}

#[test]
fn markdown_that_would_eat_the_machine_is_cut_off() {
    let bodies = [
        ("quotes", format!("{}x\n", "> ".repeat(20_000))),
        ("lists", (0..3_000).map(|i| format!("{}- x\n", "  ".repeat(i % 1_500))).collect::<String>()),
        ("divs", format!("{}\n\nx\n", "<div>".repeat(20_000))),
        ("stars", format!("{}\n", "*".repeat(100_000))),
        ("brackets", format!("{}\n", "[".repeat(50_000))),
        ("table", format!("|{}\n|{}\n|{}\n", "a|".repeat(3_000), "-|".repeat(3_000), "b|\n|".repeat(3_000))),
        (
            "references",
            (0..20_000).map(|i| format!("[r{i}]: good.md\n")).collect::<String>() + "\n[x][r1] [y][r19999]\n",
        ),
        ("notes", (0..5_000).map(|i| format!("x[^{i}]\n\n[^{i}]: y\n\n")).collect()),
    ];
    let mut files: Vec<(String, String)> =
        bodies.iter().map(|(n, b)| (format!("content/{n}.md"), note(n, n, b))).collect();
    files.push(("content/good.md".into(), note("good", "Good", "Fine.\n")));
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    let built = base.build(&[]);
    built.assert_sound();
    for (name, _) in &bodies {
        assert!(built.files[&format!("{name}.html")].len() < 32 << 20, "{name}");
    }
}

/// What `canon check` says of a base: rule, file and line of each finding, and its column.
fn told(base: &Base) -> Vec<(String, String, u64, u64)> {
    let check = canon().args(["check", "--all", "--format", "json"]).arg(base.home.path()).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let word = |d: &serde_json::Value, key: &str| d[key].as_str().unwrap_or("").to_string();
    let number = |d: &serde_json::Value, key: &str| d[key].as_u64().unwrap_or(0);
    let all = found["diagnostics"].as_array().unwrap().iter();
    all.map(|d| (word(d, "rule"), word(d, "file"), number(d, "line"), number(d, "column"))).collect()
}

/// HTML that is nested too deep loses elements, not words, and `check` says where.
#[test]
fn html_nested_too_deep_keeps_its_text_and_is_told() {
    let bodies = [
        ("bold", format!("BEFORE1\n\n{}x AFTER2\n", "<b>".repeat(150))),
        ("divs", format!("BEFORE1\n\n{}\n\nx AFTER2\n", "<div>".repeat(600))),
        ("closed", format!("BEFORE1\n\n{}x{} AFTER2\n", "<div>".repeat(600), "</div>".repeat(600))),
        ("fine", format!("BEFORE1\n\n{}x{} AFTER2\n", "<div>".repeat(60), "</div>".repeat(60))),
    ];
    let files: Vec<(String, String)> = bodies.iter().map(|(n, b)| (format!("content/{n}.md"), note(n, n, b))).collect();
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    let built = base.build(&[]);
    built.assert_sound();
    let told = told(&base);
    for (name, _) in &bodies {
        let main = words(built.main(&format!("{name}.html")));
        assert!(main.contains("BEFORE1") && main.contains("AFTER2"), "{name}: {main}");
        let place = told.iter().find(|(rule, file, ..)| rule == "too-deep" && *file == format!("{name}.md"));
        match (*name, place) {
            ("fine", place) => assert_eq!(place, None),
            ("bold", place) => assert_eq!(place.map(|(_, _, line, column)| (*line, *column)), Some((15, 298))),
            (_, place) => assert!(place.is_some_and(|(_, _, line, column)| *line == 15 && *column == 501), "{place:?}"),
        }
    }
}

/// Notes that embed each other many times over grow by the power of their depth; a page shows what it can hold, then
/// links.
#[test]
fn embeds_that_multiply_are_bounded_and_told() {
    let body = |i: usize| format!("{}\n", format!("![[f{}]]\n\n", i + 1).repeat(if i < 5 { 15 } else { 0 }));
    let mut files: Vec<(String, String)> =
        (0..6).map(|i| (format!("content/f{i}.md"), note(&format!("f{i}"), &format!("F{i}"), &body(i)))).collect();
    files[5].1.push_str("A last note with some text.\n");
    files.push(("content/few.md".into(), note("few", "Few", "![[f4]]\n\n![[f5]]\n")));
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    let told = told(&base);
    let large = |file: &str| told.iter().find(|(rule, f, ..)| rule == "too-large" && f == file);
    assert_eq!(large("f0.md").map(|(_, _, line, column)| (*line, *column)), Some((13, 4)), "{told:?}");
    assert!(large("few.md").is_none() && large("f4.md").is_none(), "{told:?}");
    let built = base.build(&[]);
    built.assert_sound();
    let whole: usize = built.files.iter().filter(|(p, _)| p.ends_with(".html")).map(|(_, b)| b.len()).sum();
    assert!(whole < 64 << 20, "{whole}");
    assert!(words(built.main("f0.html")).contains("too large to embed here"));
    assert_eq!(built.page("few.html").with_class("embed").count(), 17);
}

/// Each is used and defined once, so each is shown once, in order, and leads back.
#[test]
fn a_note_of_many_footnotes_shows_them_all() {
    let body: String = (1..=30_000).map(|i| format!("x[^n{i}]\n\n[^n{i}]: y\n\n")).collect();
    let base = Base::of(&[("content/a.md", note("a", "A", &body))]);
    let built = base.build(&[]);
    let html = built.raw("a.html");
    assert_eq!(html.matches("<li id=\"fn-").count(), 30_000);
    assert_eq!(html.matches("class=\"footnote-back\" href=\"#fnref-").count(), 30_000);
    assert!(html.contains("<li id=\"fn-30000\" value=\"30000\">"));
}

#[cfg(unix)]
#[test]
fn links_out_of_the_content_are_not_followed() {
    use std::os::unix::fs::symlink;
    let base = Base::of(&[
        ("content/good.md", note("good", "Good", "![x](pic.png) [y](out.md)\n")),
        ("secret.md", "canary-outside\n".to_string()),
    ]);
    let content = base.home.path().join("content");
    symlink("../secret.md", content.join("out.md")).unwrap();
    symlink("../secret.md", content.join("pic.png")).unwrap();
    symlink("loop.md", content.join("loop.md")).unwrap();
    symlink("nowhere.md", content.join("dangling.md")).unwrap();
    symlink("..", content.join("parent")).unwrap();
    symlink("good.md", content.join("inside.md")).unwrap();
    let built = base.build(&[]);
    built.assert_sound();
    assert_eq!(built.holding("canary-outside"), Vec::<&str>::new());
    let check = canon().args(["check", "--all"]).arg(base.home.path()).output().unwrap();
    let said = text(&check.stdout);
    for name in ["out.md", "loop.md", "dangling.md"] {
        assert!(said.contains(name), "{name}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_backslash_in_a_name_is_no_separator_and_such_a_file_is_not_read() {
    let embeds = "[x](.git/config) ![y](.git%5Cconfig) [z](<.git\\config>)\n\n![[l]]\n\n![[sub/l]]\n\n![[secret]]\n\n\
                  ![[../secret]]\n\n![](..%5Csecret.md)\n";
    let base = Base::of(&[
        ("content/a.md", note("a", "A", embeds)),
        ("content/.git/config", "canary-git".to_string()),
        ("content/.git\\config", "canary-own".to_string()),
        ("content/sub\\l.md", note("l", "L", "canary-own\n")),
        ("content/..\\secret.md", note("own", "Own", "canary-own\n")),
        ("secret.md", note("secret", "Secret", "canary-outside\n")),
        ("content/sub/b.md", note("b", "B", "Text.\n")),
    ]);
    std::os::unix::fs::symlink("../../secret.md", base.home.path().join("content/sub/l.md")).unwrap();
    let check = canon().args(["check", "--all", "--format", "json"]).arg(base.home.path()).output().unwrap();
    assert!(!text(&check.stdout).contains("canary"));
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let bad: Vec<&str> = found.filter(|d| d["rule"] == "bad-path").map(|d| d["file"].as_str().unwrap()).collect();
    assert_eq!(bad, ["..\\secret.md", ".git\\config", "sub\\l.md"]);
    let built = base.build(&[]);
    built.assert_sound();
    assert_eq!(built.holding("canary"), Vec::<&str>::new());
    // Where a template or static file is named so, the same holds; these have no findings.
    base.put("secret.css", "canary-outside");
    base.put("static/..\\secret.css", "x");
    let refused = base.run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("..\\secret.css") && text(&refused.stderr).contains("rename it"));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_hidden_file_is_not_followed() {
    let base = Base::of(&[
        ("content/a.md", note("a", "A", "[config](config.txt), ![[b]]\n")),
        ("content/.git/config", "canary-git".to_string()),
        ("content/.hidden/b.md", note("b", "B", "canary-git\n")),
    ]);
    let content = base.home.path().join("content");
    std::os::unix::fs::symlink(".git/config", content.join("config.txt")).unwrap();
    std::os::unix::fs::symlink(".hidden/b.md", content.join("b.md")).unwrap();
    let built = base.build(&[]);
    assert_eq!(built.holding("canary-git"), Vec::<&str>::new());
    let check = canon().args(["check", "--all", "--rule", "unreadable-file"]).arg(base.home.path()).output().unwrap();
    assert_eq!(text(&check.stdout).matches("error[unreadable-file]").count(), 2, "{}", text(&check.stdout));
}

/// Every command that reads a base.
#[cfg(unix)]
const READERS: &[&[&str]] = &[&["check"], &["dupes"], &["graph"], &["stats"], &["build", "--output", "public"]];

/// `/proc/self/mem` is a regular file whose first byte cannot be read: EIO.
#[cfg(target_os = "linux")]
#[test]
fn a_read_error_of_the_machine_stops_every_command_and_the_old_site_stays() {
    for name in ["broken.md", "broken.png"] {
        let base = Base::of(&[("content/a.md", note("a", "A", "![b](broken.png)\n"))]);
        base.put("canon.toml", "title = \"Base\"\nfollow_links_outside = [\"/proc\"]\n");
        base.put("content/broken.png", "");
        let before = base.build(&[]).files;
        let _ = std::fs::remove_file(base.home.path().join("content").join(name));
        std::os::unix::fs::symlink("/proc/self/mem", base.home.path().join("content").join(name)).unwrap();
        // Of a picture, only a build reads more than the name.
        for command in READERS.iter().filter(|command| name.ends_with(".md") || command[0] == "build") {
            let mut run = canon();
            run.current_dir(base.home.path()).env("XDG_CACHE_HOME", base.home.path().join(".cache"));
            let ran = run.args(*command).output().unwrap();
            assert_eq!(ran.status.code(), Some(2), "{command:?}: {}", text(&ran.stdout));
            let said = text(&ran.stderr);
            assert!(said.contains(name) && said.contains("Input/output error"), "{command:?}: {said}");
        }
        assert_eq!(built::Built::read(&base.home.path().join("public")).files, before, "{name}");
    }
}

/// With few file handles a walk of deep folders fails half way: what it did not reach must not look deleted.
#[cfg(target_os = "linux")]
#[test]
fn without_file_handles_a_command_ends_and_the_old_site_stays() {
    let path = |depth: usize| (0..depth).map(|n| format!("f{n}/")).collect::<String>();
    let files: Vec<(String, String)> = (0..12)
        .map(|n| (format!("content/{}n{n}.md", path(n)), note(&format!("n{n}"), &format!("N{n}"), "Text.\n")))
        .collect();
    let base = Base::of(&files.iter().map(|(path, note)| (path.as_str(), note.as_str())).collect::<Vec<_>>());
    let before = base.build(&[]).files;
    for command in READERS {
        let whole = canon().current_dir(base.home.path()).args(*command).output().unwrap();
        let mut failed = 0;
        for handles in 4..20 {
            let mut run = std::process::Command::new("sh");
            run.args(["-c", &format!("ulimit -n {handles}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_canon")]);
            run.current_dir(base.home.path()).env("XDG_CACHE_HOME", base.home.path().join(".cache"));
            let ran = run.args(*command).output().unwrap();
            let said = text(&ran.stderr);
            match ran.status.code() {
                Some(2) if said.contains("Too many open files") => failed += 1,
                // The program itself could not be loaded.
                Some(127) => {}
                status => assert_eq!(status, whole.status.code(), "{command:?} with {handles} handles: {said}"),
            }
            assert_eq!(built::Built::read(&base.home.path().join("public")).files, before, "{command:?}, {handles}");
        }
        assert!(failed > 0, "{command:?} never lacked handles");
    }
}

/// Root may read everything, so a root that runs this becomes `nobody` first, where the tools for that are there.
#[cfg(target_os = "linux")]
#[test]
fn a_file_without_permission_is_a_finding_and_the_rest_is_built() {
    use std::os::unix::fs::PermissionsExt;
    let base = Base::of(&[
        ("content/a.md", note("a", "A", "![p](p.png) [b](b.md) [c](sub/c.md)\n")),
        ("content/b.md", note("b", "B", "Text.\n")),
        ("content/sub/c.md", note("c", "C", "Text.\n")),
        ("content/p.png", "png".to_string()),
    ]);
    let mode = |path: &str, mode: u32| {
        std::fs::set_permissions(base.home.path().join(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    ["content/b.md", "content/p.png", "content/sub"].iter().for_each(|path| mode(path, 0));
    mode("", 0o777);
    let (root, as_nobody) = (rustix::process::getuid().is_root(), ["--reuid=65534", "--clear-groups"]);
    let run = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_canon");
        let mut command = std::process::Command::new(if root { "setpriv" } else { program });
        if root {
            command.args(as_nobody).arg(program);
        }
        command.current_dir(base.home.path()).env("XDG_CACHE_HOME", base.home.path().join(".cache"));
        command.args(arguments).output()
    };
    // No `setpriv`, or the program is where only root can reach it.
    let can_run = run(&["--version"]).is_ok_and(|ran| ran.status.success());
    if can_run {
        let check = run(&["check", "--rule", "unreadable-file"]).unwrap();
        assert_eq!(check.status.code(), Some(1), "{}", text(&check.stderr));
        for name in ["b.md", "p.png", "sub"] {
            assert!(text(&check.stdout).contains(&format!("content/{name}:")), "{name}: {}", text(&check.stdout));
        }
        let build = run(&["build", "--output", "public"]).unwrap();
        assert_eq!(build.status.code(), Some(0), "{}", text(&build.stderr));
        let built = built::Built::read(&base.home.path().join("public"));
        assert!(built.has("a.html") && !built.has("p.png"));
    }
    mode("content/sub", 0o755);
}

#[test]
fn stale_pages_go() {
    let base = Base::of(&[
        ("content/a.md", note("a", "A", "x\n")),
        ("content/b.md", note("b", "B", "x\n")),
        ("content/c.md", note("c", "C", "x\n")),
    ]);
    base.build(&[]);
    std::fs::remove_file(base.home.path().join("content/a.md")).unwrap();
    base.put("content/b.md", note_with("b", "B", "draft: true\n", "x\n"));
    let built = base.build(&[]);
    assert!(!built.has("a.html") && !built.has("a.md") && !built.has("b.html") && built.has("c.html"));
}
