//! What a build does beside its pages: templates of the site's own, the same bytes everywhere, feed, exit status.

mod built;

use built::{Base, Built, canon, note, note_with, percent_decoded, site, text, words};

/// A note in the full shape, with text of this test's own.
const FULL: &str = "# Caching\n\n## TL;DR (BLUF)\n- AnalysisMode a **copy** near the reader.\n- Decide when it is too old.\n\n\
## Definition\n**What it is:** A store of copies that answers faster than the source.\n**Key terms:** hit, miss, eviction.\n\n\
## Why it matters\n- Reads get cheap.\n\n## Scope & Non-goals\n**In scope:** read caches.\n**Out of scope / NOT solved by this:** write queues.\n\n\
## Mental model / Intuition\n- A note on the fridge.\n\n## Decision rules (When to use / When not to use)\n### Use a cache when\n- Reads are many.\n\n### Avoid a cache when\n- Freshness rules.\n\n\
## How I would use it (practical)\n- **Context:** a catalogue.\n\n## Trade-offs & Alternatives\n### Trade-offs\n- **Pros:** speed.\n- **Cons:** staleness.\n\n### Alternatives\n- **Replica:** fresher.\n\n\
## Failure modes & Pitfalls\n- Stampede.\n\n## Observability (How to detect issues)\n- Hit rate.\n\n## Implementation notes (if applicable)\nN/A\n\n## Mini example (if applicable)\nN/A\n\n\
## Common anti-patterns\n- **Anti-pattern:** cache everything.\n  - **Why it's bad:** memory.\n  - **Better approach:** measure.\n\n\
## Interview readiness\n### Explain it like I'm teaching\n- A shelf at hand.\n\n### Trap questions (with answers)\n1) **Q:** First question?\n   - **A:** First answer.\n2) **Q:** Second question?\n   - **A:** Second answer.\n3) **Q:** Third question?\n   - **A:** Third answer.\n\n\
### Quick self-check (5 items)\n- [ ] one\n- [ ] two\n- [ ] three\n- [ ] four\n- [ ] five\n\n\
## Links (NO duplication)\n### Prerequisites\n- [Reads](reads.md)\n\n### Related topics\n- [Replica](replica.md)\n- (TODO) Write-behind\n\n### Compare with\n- [Queue](queue.md) — a queue keeps order, a cache keeps copies\n\n## Notes / Inbox (optional)\n- later\n";

fn full() -> Vec<(&'static str, String)> {
    let head = |s: String| s.replace("type: question", "type: concept");
    vec![
        ("content/caching.md", head(note("caching", "Caching", FULL))),
        ("content/reads.md", note("reads", "Reads", "How reads work; see [caching](caching.md) for copies.\n")),
        ("content/replica.md", note("replica", "Replica", "x\n")),
        ("content/queue.md", note("queue", "Queue", "x\n")),
    ]
}

#[test]
fn a_full_note_is_recognised_and_laid_out() {
    let built = site(&full());
    let page = built.page("caching.html");
    for section in [
        "definition",
        "why-it-matters",
        "scope",
        "mental-model",
        "decision-rules",
        "how-i-would-use-it",
        "trade-offs",
        "alternatives",
        "failure-modes",
        "observability",
        "anti-patterns",
        "interview-readiness",
        "trap-questions",
        "self-check",
        "inbox",
    ] {
        assert!(
            page.with_class(&format!("section-{section}")).count() == 1,
            "{section}: {}",
            built.main("caching.html")
        );
    }
    assert_eq!(page.with_class("card").count(), 3);
    assert_eq!(page.with_class("checks").map(|t| page.inner(t).matches("type=\"checkbox\"").count()).sum::<usize>(), 5);
    assert_eq!(page.with_class("tldr").count(), 1);
    assert!(page.with_class("planned").any(|t| page.text(t).contains("Write-behind")));
    let sides: Vec<_> = page.with_class("side-box").map(|t| t.get("class").unwrap().to_string()).collect();
    for tone in ["in", "out", "use", "avoid", "pro", "con"] {
        assert!(sides.iter().any(|s| s.ends_with(tone)), "{tone}: {sides:?}");
    }
    let graph = built.json("api/graph.json");
    let edges: Vec<_> = graph["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| [&e["source"], &e["target"], &e["kind"], &e["text"]].map(|v| v.as_str().unwrap().to_string()))
        .collect();
    let edge =
        |s: &str, t: &str, k: &str, x: &str| assert!(edges.contains(&[s, t, k, x].map(String::from)), "{k}: {edges:?}");
    edge("caching", "reads", "requires", "");
    edge("caching", "replica", "related", "");
    edge("caching", "queue", "contrasts", "a queue keeps order, a cache keeps copies");
    edge("reads", "caching", "mentions", "How reads work; see caching for copies.");
    assert_eq!(graph["wanted"][0]["name"], "Write-behind");
    assert!(words(built.main("glossary.html")).contains("A store of copies that answers faster than the source."));
}

#[test]
fn loose_lists_say_what_tight_ones_say() {
    let body = "# Caching\n\n## Common anti-patterns\n- **Anti-pattern:** cache everything.\n  - **Why it's bad:** memory.\n\n    And time.\n\n  \
        - **Better approach:** measure.\n\n- **Anti-pattern:** cache nothing.\n\n  ```text\n  slow()\n  ```\n\n  \
        - **Why it's bad:** latency.\n  - **Better approach:** find the hot keys.\n\n\
        ## Trade-offs & Alternatives\n### Trade-offs\n- **Pros (reads):** speed.\n\n- **Cons:** staleness.\n";
    let built = site(&[("content/caching.md", note("caching", "Caching", body).replace("question", "concept"))]);
    let page = built.page("caching.html");
    // What stands in blocks of their own has no space between in what `text` gives.
    let texts = |class: &str| page.with_class(class).map(|t| page.text(t)).collect::<Vec<_>>();
    assert_eq!(texts("bad"), ["cache everything.", "cache nothing.slow()"]);
    assert_eq!(texts("why"), ["Why it is bad: memory.And time.", "Why it is bad: latency."]);
    assert_eq!(texts("better"), ["Better: measure.", "Better: find the hot keys."]);
    assert_eq!(texts("side-box"), ["Prosreads: speed.", "Consstaleness."]);
    assert!(!built.main("caching.html").contains("<p></p>"));
}

#[test]
fn a_home_without_a_description_is_described_by_its_numbers() {
    let described = |home: &str| {
        let element = home.split_once("name=\"description\"").unwrap().1;
        element.split_once("content=\"").unwrap().1.split('"').next().unwrap().to_string()
    };
    let base = Base::of(&full());
    assert!(described(base.build(&[]).raw("index.html")).contains(" · 4 notes: "));
    base.put("canon.toml", "description = \"What we know.\"\n");
    assert_eq!(described(base.build(&[]).raw("index.html")), "What we know.");
}

#[test]
fn a_site_overrides_single_files() {
    let base = Base::of(&full());
    base.put("templates/partials/footer.html", "<footer class=\"foot\">OWN-FOOTER</footer>");
    base.put("static/_canon/canon.css", "/* OWN-STYLE */");
    base.put("static/extra.txt", "OWN-FILE");
    base.put("templates/texts/en.toml", "go_home = \"OWN-HOME\"\n");
    let built = base.build(&[]);
    built.assert_sound();
    assert!(built.raw("caching.html").contains("OWN-FOOTER"));
    assert!(built.raw("404.html").contains("OWN-HOME"));
    assert_eq!(built.holding("OWN-STYLE"), ["_canon/canon.css"]);
    assert_eq!(built.holding("OWN-FILE").len(), 1);
    assert!(words(built.main("caching.html")).contains("Read first"), "the other texts stay");
}

/// What a section may consist of: each `@` is a word, and LABEL a label.
const SHAPES: [&str; 5] = [
    "@\n\n- @\n- [Other](other.md) @\n- [Other](other.md) — @\n  - @\n- **LABEL:** @\n\n  @\n\n> @\n\n1. @\n\n   ```text\n   @\n   ```\n\n| a | b |\n|---|---|\n| @ | @ |\n\n**LABEL:** @\n\n- [ ] @\n\n[gone](gone.md) @\n\n### Below @\n\n@\n\n- @\n\n#### Deeper @\n\n@\n",
    "@\n\n- **LABEL:** @\n- @\n\n@\n\n- **LABEL** @\n\n@\n",
    "- [ ] @\n- [ ] @\n\n@\n\n> @\n",
    "**LABEL:** @\n\n@\n\n**LABEL:** @\n\n- @\n\n### @\n\n@\n\n### @\n\n- @\n\n@\n",
    "1. **LABEL:** @\n   - **A:** @\n   - @\n2. @\n\n   @\n\n@\n\n```text\n@\n```\n",
];

/// Whatever stands in a section, in whatever form: a page lays it out, and loses none of it.
#[test]
fn every_word_of_a_note_is_on_its_page() {
    let sections = [
        "TL;DR",
        "Definition",
        "Why it matters",
        "Scope & Non-goals",
        "Mental model",
        "Decision rules",
        "How I would use it",
        "Trade-offs & Alternatives",
        "Failure modes & Pitfalls",
        "Observability",
        "Implementation notes",
        "Mini example",
        "Common anti-patterns",
        "Interview readiness",
        "Trap questions",
        "Quick self-check",
        "Links",
        "Prerequisites",
        "Related topics",
        "Compare with",
        "Notes / Inbox",
        "Something of my own",
    ];
    let labels = ["What it is", "In scope", "Pros", "Cons", "Anti-pattern", "Q", "A", "Remark"];
    let mut files = vec![("content/other.md".to_string(), note("other", "Other", "Text.\n"))];
    for (i, section) in sections.iter().enumerate() {
        for (j, label) in labels.iter().enumerate() {
            let word = |n: usize| format!("zq{i}x{j}x{n}z");
            let body = SHAPES.iter().enumerate().map(|(k, shape)| {
                let words = (0..20).fold(shape.to_string(), |text, n| text.replacen('@', &word(k * 20 + n), 1));
                format!("## {section}\n\n{}", words.replace("LABEL", label))
            });
            for (k, body) in body.enumerate() {
                files.push((format!("content/n{i}-{j}-{k}.md"), note(&format!("n{i}-{j}-{k}"), "Words", &body)));
            }
        }
    }
    let built = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>()).build(&[]);
    built.assert_sound();
    let mut lost = Vec::new();
    for (i, section) in sections.iter().enumerate() {
        for (j, label) in labels.iter().enumerate() {
            for (k, shape) in SHAPES.iter().enumerate() {
                let main = built.main(&format!("n{i}-{j}-{k}.html"));
                let count = shape.matches('@').count();
                let gone = (0..count).filter(|n| !main.contains(&format!("zq{i}x{j}x{}z", k * 20 + n)));
                let gone: Vec<String> = gone.map(|n| n.to_string()).collect();
                if !gone.is_empty() {
                    lost.push(format!("{section}, labelled {label}, shape {k}: {}", gone.join(" ")));
                }
            }
        }
    }
    assert!(lost.is_empty(), "lost:\n{}", lost.join("\n"));
}

/// An index of more notes than a page holds goes on elsewhere, and so do the links into it.
#[test]
fn links_into_long_indexes_lead_to_the_page_that_holds_their_place() {
    let values = [("learning", "concept", "easy"), ("practicing", "pattern", "medium"), ("mastered", "skill", "hard")];
    let files: Vec<(String, String)> = (0..1_300)
        .map(|i| {
            let (status, kind, difficulty) = values[usize::from(i >= 600) + usize::from(i >= 1_200)];
            let head = format!(
                "id: n{i}\ntitle: N{i}\ntype: {kind}\nstatus: {status}\ndifficulty: {difficulty}\nimportance: {}\n",
                i % 101
            );
            (format!("content/n{i}.md"), format!("---\n{head}---\n\nText.\n"))
        })
        .collect();
    let built = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>()).build(&[]);
    built.assert_sound();
    assert!(built.main("n1250.html").contains("status/13.html#mastered"));
}

/// Every page but redirects can be reached from home by plain links.
#[test]
fn every_page_is_reached_from_home() {
    let base = Base::of(&full());
    base.put("canon.toml", "pages = [\"about.md\", \"deep/own.md\"]\n");
    for page in ["about.md", "README.md", "_index.md", "deep/own.md", "only/pages/here.md", "_aliases/old.md"] {
        base.put(
            &format!("content/{page}"),
            format!("# Page {page}\n\nText of [nothing](gone.md), see there. And more.\n"),
        );
    }
    let built = base.build(&[]);
    built.assert_sound();
    let mut reached = std::collections::BTreeSet::from(["index.html".to_string()]);
    let mut next: Vec<String> = reached.iter().cloned().collect();
    while let Some(path) = next.pop() {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for href in built.page(&path).named("a").filter_map(|a| a.get("href")) {
            let to = percent_decoded(href.split(['#', '?']).next().unwrap_or(""));
            let mut parts: Vec<&str> = Vec::new();
            let whole = format!("{folder}{to}");
            for part in whole.split('/').filter(|p| *p != ".") {
                match part {
                    ".." => drop(parts.pop()),
                    part => parts.push(part),
                }
            }
            let target = parts.join("/");
            if built.has(&target) && target.ends_with(".html") && reached.insert(target.clone()) {
                next.push(target);
            }
        }
    }
    let redirect = |path: &str| built.raw(path).contains("http-equiv=\"refresh\"");
    let pages = built.files.keys().filter(|p| p.ends_with(".html") && *p != "404.html" && !redirect(p));
    let lost: Vec<_> = pages.filter(|p| !reached.contains(*p)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// One file of settings may serve several bases: its paths are theirs.
#[test]
fn settings_from_elsewhere_are_for_the_base_that_is_named() {
    let settings = tempfile::tempdir().unwrap();
    let file = settings.path().join("shared.toml");
    std::fs::write(&file, "title = \"Shared\"\n").unwrap();
    let base = Base::of(&full());
    std::fs::remove_file(base.home.path().join("canon.toml")).unwrap();
    let output = base.run(&["--config", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let home = std::fs::read_to_string(base.home.path().join("public/index.html")).unwrap();
    assert!(home.contains("<title>Shared</title>"), "{home}");
    let notes = base.home.path().join("content");
    let check = canon().arg("check").arg(&notes).arg("--config").arg(&file).output().unwrap();
    assert_ne!(check.status.code(), Some(2), "{}", text(&check.stderr));
}

/// The page for addresses that are not there is shown at any depth, so that a relative link on it would lead anywhere.
#[test]
fn the_authors_own_words_stand_on_the_page_for_lost_addresses() {
    for arguments in [&[][..], &["--base-url", "https://example.org/kb/"]] {
        let base = Base::of(&full());
        base.put("content/404.md", "# Lost\n\nTry [caching](caching.md) or <a href=\"caching.md\">this</a>.\n");
        let built = base.build(arguments);
        let page = built.raw("404.html");
        assert!(page.contains("Try caching or"), "{page}");
        assert!(!page.contains("href=\"caching.html\""), "{page}");
    }
}

#[test]
fn template_errors_name_template_line_and_note() {
    for (path, template, line) in [
        (
            "templates/note.html",
            "{% extends \"base.html\" %}\n{% block main %}\n{{ note.nothing_like_it.at_all }}\n{% endblock main %}",
            "line 3",
        ),
        ("templates/note.html", "{% extends \"base.html\" %}\n{% block main %}{% if %}{% endblock main %}", "line 2"),
    ] {
        let base = Base::of(&full());
        base.put(path, template);
        let output = base.run(&[]);
        let said = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("note.html") && said.contains(line), "{said}");
        assert!(template.contains("{% if %}") || said.contains(".md"), "no note named: {said}");
        assert!(!base.home.path().join("public").exists());
    }
}

#[test]
fn the_same_bytes_everywhere() {
    let files: Vec<(String, String)> = (0..40)
        .map(|i| {
            (
                format!("content/f{}/n{i}.md", i % 3),
                note_with(
                    &format!("n{i}"),
                    &format!("Nöte {i}"),
                    &format!("aliases: [other {i}]\n"),
                    &format!("{FULL}\n[[n{}]] [[Nöte {}]]\n", (i + 1) % 40, (i + 7) % 40),
                ),
            )
        })
        .collect();
    let base = Base::of(&files.iter().map(|(p, b)| (p.as_str(), b.as_str())).collect::<Vec<_>>());
    let build = |name: &str, set: &dyn Fn(&mut std::process::Command)| {
        let out = base.home.path().join(name);
        let mut command = canon();
        command
            .env("XDG_CACHE_HOME", base.home.path().join(".cache"))
            .arg("build")
            .arg(base.home.path())
            .arg("--output")
            .arg(&out);
        set(&mut command);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        Built::read(&out).files
    };
    let first = build("o1", &|c| _ = c.env("RAYON_NUM_THREADS", "1"));
    let others = [
        build("o2", &|c| _ = c.env("RAYON_NUM_THREADS", "4")),
        build("o3", &|c| _ = c.env("TZ", "Pacific/Kiritimati").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8")),
        build("o4", &|c| _ = c.current_dir(base.home.path().join("content/f1")).env("HOME", base.home.path())),
    ];
    for (n, other) in others.iter().enumerate() {
        let differ: Vec<_> = first.iter().filter(|(p, b)| other.get(*p) != Some(b)).map(|(p, _)| p).collect();
        assert!(differ.is_empty() && first.len() == other.len(), "build {n}: {differ:?}");
    }
    let home = base.home.path().to_str().unwrap().to_string();
    let told: Vec<_> = first.iter().filter(|(_, b)| text(b).contains(&home)).map(|(p, _)| p).collect();
    assert!(told.is_empty(), "this machine's path is in {told:?}");
}

#[cfg(unix)]
#[test]
fn the_source_is_only_read() {
    use std::os::unix::fs::PermissionsExt;
    let base = Base::of(&full());
    let content = base.home.path().join("content");
    let mode = |m| std::fs::set_permissions(&content, std::fs::Permissions::from_mode(m)).unwrap();
    let listing = || {
        walkdir::WalkDir::new(&content)
            .sort_by_file_name()
            .into_iter()
            .map(|e| e.unwrap())
            .map(|e| (e.path().to_path_buf(), e.metadata().unwrap().modified().unwrap()))
            .collect::<Vec<_>>()
    };
    let before = listing();
    mode(0o555);
    base.build(&[]);
    mode(0o755);
    assert_eq!(before, listing());
}

#[test]
fn outputs_that_are_not_ours_are_refused() {
    let base = Base::of(&full());
    base.put("theirs/file.txt", "mine");
    for output in ["content", ".", "theirs", "/"] {
        let done = canon()
            .env("XDG_CACHE_HOME", base.home.path().join(".cache"))
            .current_dir(base.home.path())
            .args(["build", ".", "--output", output])
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(2), "{output}: {}", text(&done.stderr));
    }
    assert_eq!(std::fs::read_to_string(base.home.path().join("theirs/file.txt")).unwrap(), "mine");
}

#[test]
fn the_feed_has_what_atom_requires() {
    for options in [vec![], vec!["--base-url", "https://example.org/kb/"]] {
        let built = Base::of(&full()).build(&options);
        let feed = built.raw("feed.xml");
        let mut reader = quick_xml::Reader::from_str(feed);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        let parts: Vec<&str> = feed.split("<entry>").collect();
        assert_eq!(parts.len(), 5);
        let mut ids = Vec::new();
        for part in parts {
            for element in ["<id>", "<title", "<updated>"] {
                assert!(part.contains(element), "{element} in {part}");
            }
            ids.push(part.split("<id>").nth(1).unwrap().split("</id>").next().unwrap());
            let updated = part.split("<updated>").nth(1).unwrap().split("</updated>").next().unwrap();
            assert!(updated.parse::<jiff::Timestamp>().is_ok(), "{updated}");
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{ids:?}");
        assert!(ids.iter().all(|id| id.contains(':')), "{ids:?}");
        assert!(feed.contains("xmlns=\"http://www.w3.org/2005/Atom\"") && feed.contains("<author>"));
    }
}

#[test]
fn addresses_depend_on_the_base_url_alone() {
    let bare = site(&full());
    assert!(!bare.raw("sitemap.xml").contains("<loc>"));
    assert!(!bare.raw("robots.txt").to_lowercase().contains("sitemap"));
    assert!(bare.raw("404.html").contains("href=\"./\""));
    assert_eq!(bare.raw("llms.txt").lines().next(), Some("# Base"));
    for id in ["caching", "reads"] {
        assert!(bare.raw("llms.txt").contains(&format!("({id}.md)")), "{}", bare.raw("llms.txt"));
    }
    let based = Base::of(&full()).build(&["--base-url", "https://example.org/kb/"]);
    assert!(based.raw("sitemap.xml").contains("<loc>https://example.org/kb/caching.html</loc>"));
    assert!(!based.raw("sitemap.xml").contains("404.html"));
    assert!(based.raw("robots.txt").contains("Sitemap: https://example.org/kb/sitemap.xml"));
    assert!(
        based.raw("caching.html").contains("<link rel=\"canonical\" href=\"https://example.org/kb/caching.html\">")
    );
    let missing = based.page("404.html");
    let addresses = missing.tags.iter().flat_map(|t| [t.get("href"), t.get("src")]).flatten();
    for address in addresses.filter(|a| !a.starts_with('#')) {
        assert!(address.starts_with("/kb/") || address.starts_with("https://example.org/kb/"), "{address}");
    }
}

#[test]
fn the_exit_status_says_how_it_went() {
    let base = Base::of(&[("content/a.md", note("a", "A", "[gone](gone.md)\n"))]);
    let strict = base.run(&["--strict"]);
    assert_eq!(strict.status.code(), Some(1), "{}", text(&strict.stderr));
    assert!(!base.home.path().join("public").exists());
    let quiet = base.run(&["--quiet"]);
    assert_eq!(quiet.status.code(), Some(0));
    assert_eq!((text(&quiet.stdout), text(&quiet.stderr)), (String::new(), String::new()));
    let status =
        |arguments: &[&str]| canon().current_dir(base.home.path()).args(arguments).output().unwrap().status.code();
    assert_eq!(status(&["check"]), Some(1));
    assert_eq!(status(&["build", "nowhere-at-all"]), Some(2));
    assert_eq!(status(&["build", "--no-such-option"]), Some(2));
    assert_eq!(status(&["nonsense"]), Some(2));
    base.put("canon.toml", "titel = \"x\"\n");
    assert_eq!(status(&["build"]), Some(2));
    assert_eq!(status(&["check"]), Some(2));
}

#[test]
fn colour_only_where_it_is_wanted() {
    let base = Base::of(&[("content/a.md", note("a", "A", "[gone](gone.md)\n"))]);
    let check = |name: &str, value: &str| {
        text(&canon().current_dir(base.home.path()).env(name, value).arg("check").output().unwrap().stdout)
    };
    assert!(!check("NO_COLOR", "1").contains('\u{1b}'));
    assert!(!check("ANY", "1").contains('\u{1b}'));
    assert!(check("CLICOLOR_FORCE", "1").contains('\u{1b}'));
}
