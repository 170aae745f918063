//! What people met who used the program: reports on a part of a base, cards as they are written, names of missed notes.

#[path = "as_used/baseline.rs"]
mod baseline;
#[path = "as_used/same_build.rs"]
mod same_build;
mod built;

use built::{Base, canon, note, note_with, site, text, words as words_of};
use std::path::Path;

/// What `check` prints with these arguments, run in a folder.
fn check(folder: &Path, arguments: &[&str]) -> String {
    text(&canon().current_dir(folder).arg("check").args(arguments).output().unwrap().stdout)
}

fn in_two_folders() -> Base {
    let broken = |id: &str| note(id, &id.to_uppercase(), "[gone](gone.md)\n");
    Base::of(&[
        ("canon.toml", String::new()),
        ("content/sub/a.md", broken("a")),
        ("content/b.md", broken("b")),
        ("content/subway.md", broken("subway")),
    ])
}

#[test]
fn a_part_of_a_base_is_reported_on_alone() {
    let base = in_two_folders();
    for format in ["human", "json", "sarif", "github", "junit"] {
        for (folder, root) in [("", "content/sub"), ("content/sub", "."), ("content", "sub")] {
            let said = check(&base.home.path().join(folder), &[root, "--rule", "broken-link", "--format", format]);
            // SARIF describes every rule, with examples.
            let is_place = |line: &&str| format != "sarif" || line.contains("\"uri\":");
            let said: String = said.lines().filter(is_place).collect();
            assert!(said.contains("a.md"), "{format} {root}: {said}");
            assert!(!said.contains("b.md") && !said.contains("subway.md"), "{format} {root}: {said}");
            assert!(!said.contains("../"), "{format} {root}: {said}");
        }
    }
}

#[test]
fn notes_of_a_plain_base_are_counted() {
    let text = |name: &str| format!("# {name}\n\nText.\n");
    let base = Base::of(&[
        ("canon.toml", String::new()),
        ("content/a.md", text("A")),
        ("content/b.md", text("B")),
        ("content/c.md", note("c", "C", "Text.\n")),
    ]);
    let report: serde_json::Value = serde_json::from_str(&check(base.home.path(), &["--format", "json"])).unwrap();
    assert_eq!((&report["summary"]["files"], &report["summary"]["notes"]), (&3.into(), &3.into()));
}

#[test]
fn paths_are_those_of_the_reader() {
    let base = in_two_folders();
    let inside = base.home.path().join("content/sub");
    assert!(check(&inside, &["."]).contains("--> a.md:"), "from the folder itself");
    assert!(check(&inside, &[".."]).contains("--> ../b.md:"), "a person can follow it");
    let uri = |folder: &Path, root: &str| {
        let log: serde_json::Value = serde_json::from_str(&check(folder, &[root, "--format", "sarif"])).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        place.as_str().unwrap().to_string()
    };
    assert_eq!(uri(&inside, "."), "content/sub/a.md");
    assert_eq!(uri(&inside, ".."), "content/b.md");
    assert_eq!(uri(base.home.path(), "content/sub"), "content/sub/a.md");
    assert!(check(&inside, &[".", "--format", "github"]).contains("file=content/sub/a.md"));
    base.put("content/.git/HEAD", "ref: refs/heads/main\n");
    assert_eq!(uri(&inside, "."), "sub/a.md", "a repository counts before the site");
    assert_eq!(uri(base.home.path(), "content/sub"), "sub/a.md", "and before the current folder");
}

#[test]
fn programs_get_the_paths_that_they_know_from_every_folder() {
    let base = in_two_folders();
    let home = base.home.path();
    let elsewhere = tempfile::tempdir().unwrap();
    let inside = home.join("content/sub");
    let folders = [home, home.parent().unwrap(), &inside, elsewhere.path()];
    let run = |folder: &Path, format: &str, workspace: Option<&Path>| {
        let mut command = canon();
        command.args(["check", "--all", "--format", format]).arg(home).current_dir(folder);
        command.envs(workspace.map(|path| ("GITHUB_WORKSPACE", path)));
        text(&command.output().unwrap().stdout)
    };
    let has = |report: &str, path: &str| {
        report.contains(&format!("file={path},"))
            || report.contains(&format!("\"uri\": \"{path}\""))
            || report.contains(&format!("name=\"{path}\""))
    };
    base.put(".git/HEAD", "ref: refs/heads/main\n");
    for format in ["github", "sarif", "junit"] {
        for folder in folders {
            let shown = folder.display();
            assert!(
                has(&run(folder, format, None), "content/sub/a.md"),
                "{format} from {shown}: the repository's root"
            );
            let above = home.parent().unwrap();
            let name = home.file_name().unwrap().to_str().unwrap();
            let wanted = format!("{name}/content/sub/a.md");
            assert!(has(&run(folder, format, Some(above)), &wanted), "{format} from {shown}: the workspace");
            let other = run(folder, format, Some(elsewhere.path()));
            assert!(has(&other, "content/sub/a.md"), "{format} from {shown}: a workspace that is not around the notes");
        }
    }
}

#[test]
fn quiet_says_only_what_fails() {
    let base = in_two_folders();
    let said = check(base.home.path(), &["--quiet"]);
    assert!(said.contains("error[broken-link]") && !said.contains("warning[") && !said.contains("info["), "{said}");
    let last = check(base.home.path(), &[]).lines().last().unwrap().to_string();
    assert!(!said.contains(&last), "no count: {last}");
    let warnings = check(base.home.path(), &["--quiet", "--fail-on", "warning"]);
    assert!(warnings.contains("warning["), "{warnings}");
    let good = Base::of(&[("content/a.md", note("a", "A", "text\n"))]);
    assert_eq!(check(good.home.path(), &["--quiet", "--rule", "broken-link"]), "", "nothing where nothing fails");
}

#[test]
fn cards_as_people_write_them() {
    let forms = [
        "### Trap questions\n1. Why is it so?\n   **A:** one\n2. Why is it not?\n   **A:** two\n3. Is it?\n   **A:** three\n",
        "### Trap questions\n1. Why is it so?\n   **A:** one\n\n2. Why is it not?\n   **A:** two\n\n3. Is it?\n   **A:** three\n",
        "### Trap questions\n1. Why is it so?\n**A:** one\n2. Why is it not?\n**A:** two\n3. Is it?\n**A:** three\n",
        "### Trap questions\n### Q1: Why is it so?\n**A:** one\n### Q2: Why is it not?\n**A:** two\n### Q3: Is it?\n**A:** three\n",
    ];
    for form in forms {
        let built =
            site(&[("content/a.md", note("a", "A", &format!("## Interview readiness\n{form}\n## Links\nN/A\n")))]);
        let notes = built.json("api/notes.json");
        let questions = &notes["notes"][0]["questions"];
        assert_eq!(questions, 3, "{form}");
        for part in ["Why is it so?", "Why is it not?", "Is it?", "three"] {
            assert!(built.main("a.html").contains(part), "{part}: {form}");
        }
        assert_eq!(built.page("a.html").with_class("card").count(), 3, "{form}");
    }
}

#[test]
fn a_missed_note_has_the_name_of_the_file() {
    let base = Base::of(&[
        (
            "content/a.md",
            note("a", "A", "<a href=\"gone-three.md\">x</a> [here](one.md) [here](two.md) [[Some Note]]\n"),
        ),
        ("content/b.md", note("b", "B", "[Last](last.md) [[some note]] [Four](four-5.md) [Quatre](four-5.md)\n")),
    ]);
    let graph = text(&canon().arg("graph").arg(base.home.path()).output().unwrap().stdout);
    let graph: serde_json::Value = serde_json::from_str(&graph).unwrap();
    let wanted = graph["wanted"].as_array().unwrap();
    let mut names: Vec<&str> = wanted.iter().map(|w| w["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Four 5", "Gone three", "Last", "One", "Some Note", "Two"]);
    let some = wanted.iter().find(|w| w["name"] == "Some Note").unwrap();
    assert_eq!(some["from"], serde_json::json!(["a", "b"]));
}

#[test]
fn no_page_for_an_alias_that_is_no_name() {
    let built = site(&[("content/a.md", note_with("a", "A", "aliases: [true, null, 5, \"\", Other]\n", "x\n"))]);
    for path in ["true.html", "null.html", "5.html"] {
        assert!(!built.has(path), "{path}");
    }
    assert!(built.has("other.html"));
}

#[test]
fn a_dry_run_shows_what_is_written() {
    let base = Base::of(&[
        ("content/a.md", note("a", "A", "[B](/B-NOTE.md)\n")),
        ("content/b-note.md", note("b-note", "B", "x\n")),
    ]);
    let shown = check(base.home.path(), &["--fix", "--dry-run"]);
    check(base.home.path(), &["--fix"]);
    let written = std::fs::read_to_string(base.home.path().join("content/a.md")).unwrap();
    let line = written.lines().find(|l| l.starts_with("[B]")).unwrap();
    assert_eq!(line, "[B](b-note.md)");
    assert!(shown.lines().any(|l| l == format!("+{line}")), "{shown}");
}

#[test]
fn a_suggestion_is_applied_only_where_suggestions_are_asked_for() {
    let before = note("a", "A", "It asks the Bloom filter, see [it](/b-note.md). ^bloom\n");
    let base = Base::of(&[
        ("content/a.md", before.clone()),
        ("content/b-note.md", note("b-note", "Beta", "x\n")),
        ("content/bloom.md", note("bloom", "Bloom filter", "x\n")),
    ]);
    let home = base.home.path();
    let read = || std::fs::read_to_string(home.join("content/a.md")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&check(home, &["--format", "json"])).unwrap();
    let kind_of = |rule: &str| {
        let found = json["diagnostics"].as_array().unwrap().iter().find(|d| d["rule"] == rule).unwrap();
        found["fix"]["applicability"].as_str().unwrap().to_string()
    };
    assert_eq!((kind_of("absolute-link"), kind_of("unlinked-mention")), ("safe".into(), "suggestion".into()));
    let repaired = before.replace("/b-note.md", "b-note.md");
    check(home, &["--fix"]);
    assert_eq!(read(), repaired, "the safe repair alone");
    check(home, &["--fix-suggestions", "--rule", "duplicate-content"]);
    assert_eq!(read(), repaired, "no suggestion of this rule");
    let shown = check(home, &["--fix-suggestions", "--rule", "unlinked-mention", "--dry-run"]);
    assert!(shown.contains("+It asks the [Bloom filter](bloom.md)"), "{shown}");
    check(home, &["--fix-suggestions", "--rule", "unlinked-mention"]);
    assert_eq!(read(), repaired.replace("Bloom filter,", "[Bloom filter](bloom.md),"));
    let both = canon().current_dir(home).args(["check", "--fix", "--fix-suggestions"]).output().unwrap();
    assert_eq!(both.status.code(), Some(2), "one kind at a time");
}

#[test]
fn a_dry_run_shows_every_round() {
    // The mark becomes a link first, which then is one too many.
    let before = note("a", "A", "## Related topics\n- [B](b-note.md)\n- (TODO) B\n");
    let base = Base::of(&[("content/a.md", before.clone()), ("content/b-note.md", note("b-note", "B", "x\n"))]);
    let diff = check(base.home.path(), &["--fix", "--dry-run"]);
    let changed =
        |sign: char| diff.lines().filter(|line| line.starts_with(sign)).skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!((changed('-').as_str(), changed('+').as_str()), ("-- (TODO) B", ""), "{diff}");
    let read = || std::fs::read_to_string(base.home.path().join("content/a.md")).unwrap();
    assert_eq!(read(), before, "nothing was written");
    check(base.home.path(), &["--fix"]);
    assert_eq!(read(), before.replace("- (TODO) B\n", ""));
    assert_eq!(check(base.home.path(), &["--fix", "--dry-run"]), "", "nothing is left to do");
}

#[test]
fn mentions_are_counted_as_the_graph_has_them() {
    let base = Base::of(&[
        ("content/_index.md", "# Home\n[A](a.md)\n".to_string()),
        ("content/a.md", note("a", "A", "[B](b.md)\n")),
        ("content/b.md", note("b", "B", "x\n")),
    ]);
    let said = |command: &str| text(&canon().arg(command).arg(base.home.path()).output().unwrap().stdout);
    let graph: serde_json::Value = serde_json::from_str(&said("graph")).unwrap();
    assert_eq!(graph["edges"].as_array().unwrap().len(), 1);
    assert!(said("stats").contains("edges: 1 mentions"), "{}", said("stats"));
}

#[test]
fn no_id_is_proposed_that_another_rule_refuses() {
    let base = Base::of(&[("content/My_Note.md", note("mine", "Mine", "x\n"))]);
    let said = check(base.home.path(), &["--rule", "id-not-filename"]);
    assert!(said.contains("rename the file to `mine.md`") && !said.contains("write `id:"), "{said}");
}

#[test]
fn a_day_that_is_none_is_said() {
    let base = Base::of(&[("content/a.md", note("a", "A", "Text.\n"))]);
    let run = |day: &str| canon().arg("check").arg(base.home.path()).env("SOURCE_DATE_EPOCH", day).output().unwrap();
    for day in ["", "0", " 1700000000 "] {
        assert_ne!(run(day).status.code(), Some(2), "{day:?}: {}", text(&run(day).stderr));
    }
    for day in ["abc", "2026-01-01", "99999999999999999999"] {
        let output = run(day);
        assert_eq!(output.status.code(), Some(2), "{day:?}");
        let said = text(&output.stderr);
        assert!(said.contains("SOURCE_DATE_EPOCH") && said.contains(day) && said.contains("unset it"), "{said}");
    }
}

/// The lists in which values appear: the statistics, the index pages, what filters offer, and what links show of notes.
#[test]
fn own_values_are_shown_everywhere_in_their_declared_order() {
    let own = "[schema.fields.status]\nkind = \"enum\"\nvalues = [\"seed\", \"sprout\", \"tree\", \"old-and-very-hollow\"]\n\
               [schema.fields.difficulty]\nkind = \"enum\"\nvalues = [\"mild\", \"brisk\", \"arduous\", \"absurd\"]\n\
               [schema.types.zebra]\n[schema.types.adder]\n";
    let of = |id: &str, status: &str, kind: &str, difficulty: &str| {
        let text = note(id, &id.to_uppercase(), "Text.\n").replace("status: learning", &format!("status: {status}"));
        text.replace("difficulty: easy", &format!("difficulty: {difficulty}"))
            .replace("type: question", &format!("type: {kind}"))
    };
    let base = Base::of(&[
        ("canon.toml", own.to_string()),
        ("content/a.md", of("a", "tree", "adder", "arduous")),
        ("content/b.md", of("b", "seed", "zebra", "mild")),
        ("content/c.md", of("c", "sprout", "zebra", "brisk")),
    ]);
    let built = base.build(&[]);
    let said = text(&canon().arg("stats").arg(base.home.path()).output().unwrap().stdout);
    let row = |first: &str| -> Vec<String> {
        let line = said.lines().find(|line| line.starts_with(first)).unwrap_or_else(|| panic!("{first} in {said}"));
        line.split_whitespace().skip(1).map(str::to_string).collect()
    };
    assert_eq!(row("importance"), ["seed", "sprout", "tree", "old-and-very-hollow"]);
    assert_eq!(row("40-59"), ["1", "1", "1", "0"]);
    let in_order = |text: &str, pieces: &[&str]| {
        let places: Vec<usize> =
            pieces.iter().map(|piece| text.find(piece).unwrap_or_else(|| panic!("{piece} in {text}"))).collect();
        assert!(places.is_sorted(), "{pieces:?} at {places:?} in {text}");
    };
    in_order(built.main("status.html"), &["id=\"seed\"", "id=\"sprout\"", "id=\"tree\""]);
    in_order(built.main("difficulty.html"), &["id=\"mild\"", "id=\"brisk\"", "id=\"arduous\""]);
    in_order(built.main("types.html"), &["id=\"zebra\"", "id=\"adder\""]);
    for page in ["status.html", "types.html"] {
        let page = built.main(page);
        in_order(
            page,
            &["value=\"seed\">Seed<", "value=\"sprout\"", "value=\"tree\"", "value=\"old-and-very-hollow\""],
        );
        in_order(page, &["value=\"mild\"", "value=\"brisk\"", "value=\"arduous\"", "value=\"absurd\""]);
        in_order(page, &["value=\"concept\"", "value=\"zebra\"", "value=\"adder\""]);
        assert!(!page.contains("value=\"learning\"") && !page.contains("value=\"easy\""), "{page}");
    }
    in_order(built.main("graph.html"), &["value=\"zebra\">Zebra<", "value=\"adder\">Adder<"]);
    let previews = built.raw("_canon/previews/0.js");
    let previews: serde_json::Value =
        serde_json::from_str(previews.trim().trim_start_matches("canonPreviews(").trim_end_matches(");")).unwrap();
    let facts = |page: &str| serde_json::Value::from(previews[page].as_array().unwrap()[1..6].to_vec());
    assert_eq!(facts("a.html"), serde_json::json!(["adder", "Adder", "Tree", 2, "Arduous"]));
    assert_eq!(facts("b.html"), serde_json::json!(["zebra", "Zebra", "Seed", 1, "Mild"]));
    assert!(built.raw("search/index.js").contains("[\"zebra\",\"sprout\",\"brisk\"]"));
}

/// The same note in three languages; `words` are its labels.
fn labelled(words: [&str; 12]) -> String {
    let [what, terms, out, anti, why, better, pros, cons, question, answer, used, avoided] = words;
    note(
        "a",
        "A",
        &format!(
            "## Definition\n**{what}:** A brisk walk.\n\n**{terms}:** pace, stride.\n\n\
             ## Scope\n**In:** Feet.\n\n**{out}:** Wheels.\n\n\
             ## Decision rules\n### {used}\n- It is near.\n\n### {avoided}\n- It rains.\n\n\
             ## Trade-offs\n- **{pros}:** Air.\n- **{cons}:** Rain.\n- **Context:** Spring.\n\n\
             ## Common anti-patterns\n- **{anti}:** Running.\n  - **{why}:** Sweat.\n  - **{better}:** Leave early.\n\n\
             ## Trap questions\n1. **{question} 1:** How far?\n   - **{answer}:** A mile.\n"
        ),
    )
}

#[test]
fn labels_are_read_in_every_language_and_in_those_of_the_base() {
    let own = "[schema.labels]\n\"Was es ist\" = \"what-it-is\"\n\"Begriffe\" = \"key-terms\"\n\"Nicht\" = \"out-of-scope\"\n\
               \"Unsitte\" = \"anti-pattern\"\n\"Weshalb\" = \"why-bad\"\n\"Stattdessen\" = \"better\"\n\"Dafür\" = \"pros\"\n\
               \"Dagegen\" = \"cons\"\n\"Frage\" = \"question\"\n\"Antwort\" = \"answer\"\n\"Nimm … wenn\" = \"use-when\"\n\
               \"Meide … wenn\" = \"avoid-when\"\n";
    let english = [
        "What it is",
        "Key terms",
        "Out of scope",
        "Anti-pattern",
        "Why it’s bad",
        "Better approach",
        "Pros (all)",
        "Cons",
        "Q",
        "A",
        "Use feet when",
        "Avoid feet when",
    ];
    let spanish = [
        "Qué es",
        "Términos clave",
        "Fuera de alcance",
        "Antipatrón",
        "Por qué es malo",
        "Mejor enfoque",
        "Ventajas",
        "Contras",
        "Pregunta",
        "Respuesta",
        "Usar los pies cuando",
        "Evita los pies cuando",
    ];
    let german = [
        "Was es ist",
        "Begriffe",
        "Nicht dabei",
        "Unsitte",
        "Weshalb das schadet",
        "Stattdessen",
        "Dafür",
        "Dagegen",
        "Frage",
        "Antwort",
        "Nimm die Füße, wenn",
        "Meide die Füße, wenn",
    ];
    for (words, config) in [(english, ""), (spanish, ""), (german, own)] {
        let base = Base::of(&[("canon.toml", config.to_string()), ("content/a.md", labelled(words))]);
        let built = base.build(&[]);
        let page = built.page("a.html");
        let side = |tone: &str| {
            let found: Vec<String> =
                page.with_class("side-box").map(|side| side.get("class").unwrap().into()).collect();
            assert_eq!(
                found.iter().filter(|class| class.split(' ').any(|c| c == tone)).count(),
                1,
                "{tone}: {found:?}"
            );
        };
        ["in", "out", "use", "avoid", "pro", "con"].into_iter().for_each(side);
        assert_eq!(page.with_class("card").count(), 1, "{words:?}");
        let of = |class: &str| page.with_class(class).map(|tag| page.text(tag)).collect::<Vec<_>>().join("|");
        assert!(of("question").contains("How far?") && !of("question").contains(words[8]), "{}", of("question"));
        assert!(of("why").contains("Sweat.") && of("better").contains("Leave early."), "{words:?}");
        assert!(built.main("a.html").contains("Context:"), "what is neither for nor against stays as it is");
        let glossary = words_of(built.main("glossary.html"));
        assert!(glossary.contains("A brisk walk.") && of("rows").contains("stride"), "{glossary}");
        let text =
            built.holding("Leave early.").into_iter().filter(|path| path.starts_with("search/")).collect::<Vec<_>>();
        let text = built.raw(text.first().expect("the text that search shows"));
        assert!(!text.contains(words[6]) && !text.contains(words[5]), "labels are no text: {text}");
    }
}

#[test]
fn a_decision_has_two_sides_in_bold_labels_too() {
    let body = |labels: [&str; 2]| {
        let [one, other] = labels;
        let text =
            note("a", "A", &format!("## Decision rules\n**{one}:**\n- It is near.\n\n**{other}:**\n- It rains.\n"));
        text.replace("type: question", "type: concept")
    };
    let own = "[schema.sections]\n\"Lieber nicht\" = \"avoid-when\"\n";
    for (labels, two_sides) in [
        (["Use feet when", "Avoid feet when"], true),
        (["Use feet when", "Avoid feet when (rain)"], true),
        (["Use feet when", "Lieber nicht"], true),
        (["Usar los pies cuando", "Evitar los pies cuando"], true),
        (["Use feet when", "Afterwards"], false),
    ] {
        let base = Base::of(&[("canon.toml", own.to_string()), ("content/a.md", body(labels))]);
        let said = check(base.home.path(), &["--all", "--rule", "thin-note"]);
        assert_eq!(!said.contains("only one side"), two_sides, "{labels:?}: {said}");
    }
}

/// The files of the findings of a rule, when files and folders are named.
fn files_with(folder: &Path, rule: &str, named: &[&str]) -> Vec<String> {
    let output = canon().current_dir(folder).args(["check", "--rule", rule, "--format", "json"]).args(named).output();
    let output = output.unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    report["diagnostics"].as_array().unwrap().iter().map(|d| d["file"].as_str().unwrap().to_string()).collect()
}

#[test]
fn files_are_checked_in_the_context_of_their_base() {
    let with_link = |id: &str| note(id, &id.to_uppercase(), "[good](../b.md) [gone](gone.md)\n");
    let files = [
        ("content/sub/a.md", with_link("a")),
        ("content/sub/d.md", with_link("d")),
        ("content/b.md", note("b", "B", "[gone](gone.md)\n")),
        ("README.md", "# Read me\n\n[gone](gone.md)\n".to_string()),
        ("content/skipped.md", with_link("skipped")),
    ];
    let base = Base::of(&files);
    base.put("canon.toml", "ignore = [\"skipped.md\"]\n");
    let root = base.home.path();
    let broken = |folder: &Path, named: &[&str]| files_with(folder, "broken-link", named);
    assert_eq!(broken(root, &["content/sub/a.md"]), ["sub/a.md"], "the link to `b.md` is good");
    assert_eq!(broken(root, &["content/b.md", "content/sub/d.md"]), ["b.md", "sub/d.md"]);
    assert_eq!(broken(root, &["content/sub", "content/b.md"]), ["b.md", "sub/a.md", "sub/d.md"]);
    assert_eq!(broken(&root.join("content/sub"), &["a.md", "../b.md"]), ["b.md", "sub/a.md"], "from any folder");
    assert_eq!(broken(root, &["README.md", "content/b.md"]), ["b.md"], "a hook names every file of a commit");
    assert_eq!(broken(root, &["README.md"]), Vec::<String>::new());
    assert_eq!(broken(root, &[".", "content/b.md"]), ["b.md", "sub/a.md", "sub/d.md"]);
    let said = |named: &[&str]| {
        let output = canon().current_dir(root).arg("check").args(named).output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (_, _, notes) = said(&["README.md", "content/skipped.md"]);
    assert!(notes.contains("`README.md` is not in the content folder"), "{notes}");
    assert!(notes.contains("`skipped.md` is not read"), "{notes}");
    let (status, _, error) = said(&["content/none.md"]);
    assert_eq!((status, error.as_str()), (Some(2), "error: there is no file or folder `content/none.md`\n"));
    let report = canon().current_dir(root).args(["check", "--format", "json", "content/b.md"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!((&report["summary"]["files"], &report["summary"]["links"]), (&1.into(), &1.into()));
    let (_, junit, _) = said(&["--format", "junit", "content/b.md"]);
    assert!(junit.contains("b.md") && !junit.contains("a.md"), "{junit}");
}

#[test]
fn files_without_settings_are_checked_in_the_base_of_the_current_folder() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: String| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("notes/a.md", note("a", "A", "[up](../b.md) [gone](gone.md)\n"));
    put("b.md", note("b", "B", "x\n"));
    let messages = |current: &str, named: &str| {
        let output =
            canon().current_dir(folder.path().join(current)).args(["check", "--format", "json", named]).output();
        let report: serde_json::Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let list = report["diagnostics"].as_array().unwrap().clone();
        let rules = list.iter().map(|d| d["rule"].as_str().unwrap().to_string());
        rules.filter(|rule| ["broken-link", "escaping-link"].contains(&rule.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(messages("", "notes/a.md"), ["broken-link"], "`b.md` belongs to the base");
    assert_eq!(messages("notes", "a.md"), ["escaping-link", "broken-link"], "here it does not");
}

#[test]
fn a_repair_of_a_file_changes_only_this_file() {
    let base =
        Base::of(&[("content/a.md", note("a", "A", "[B](/b.md)\n")), ("content/b.md", note("b", "B", "[A](/a.md)\n"))]);
    let read = |name: &str| std::fs::read_to_string(base.home.path().join("content").join(name)).unwrap();
    let before = read("b.md");
    check(base.home.path(), &["--fix", "content/a.md"]);
    assert!(read("a.md").contains("[B](b.md)"), "{}", read("a.md"));
    assert_eq!(read("b.md"), before);
}
