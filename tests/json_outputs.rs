//! The JSON that commands print is what its schema and the documentation say.

mod built;

use built::{Base, canon, note, note_with, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const SCHEMAS: [&str; 7] = ["cards", "check", "dupes", "graph", "path", "rules", "stats"];

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("content/building/{name}.schema.json"));
    serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap()
}

/// A base in which every field of every output has a value.
fn rich() -> Base {
    let passage = "Every write goes to the log first, and only then to the pages, so that a crash between the two loses \
        nothing that a client was told is stored; on the next start the log is read again from the last checkpoint.";
    let (own, other) = (
        "Locks are taken in one order by all threads, because two threads that wait for each other would wait forever, \
        and no test finds that before the busiest day of the year comes along with thousands of visitors. \
        Whoever holds a lock should never call a stranger, wait for a disk or sleep: short sections make polite \
        neighbours, and a timeout on every attempt turns a silent halt into a loud message that names the culprit.",
        "Indexes make reading cheap and writing dear: each insert changes every tree of the table, so a table with \
        twelve of them is slow to fill, and most are used by a single report that somebody reads in spring. Old \
        columns with few different values hardly narrow anything, so planners ignore them, yet the storage engine \
        still pays for keeping each entry sorted, cached, replicated and included in tonight's backup.",
    );
    let links =
        "## Links\n### Prerequisites\n- [B](b.md)\n- [E](e.md)\n### Compare with\n- [B](b.md) — the other one.\n";
    Base::of(&[
        (
            "content/a.md",
            note_with(
                "a",
                "A",
                "aliases: [ay]\n",
                &format!("{passage}\n\n{own}\n\nB is [gone](gone.md). [B](/b.md)\n\n{links}"),
            ),
        ),
        (
            "content/b.md",
            note(
                "b",
                "B",
                &format!(
                    "{passage}\n\n{other}\n\n[[Some note]]\n\n## Trap questions\n1. **Q:** Why?\n   - **A:** So.\n"
                ),
            )
            .replace("importance: 50", "importance: 90"),
        ),
        ("content/c.md", note("a", "C", "The same id.\n")),
        (
            "content/deadlock.md",
            note(
                "deadlock",
                "Deadlock",
                "## Definition\n\nA deadlock arises when transactions wait for each other because they lock the same rows in opposite \
                 order.\n\nThe database aborts one of the transactions after a short timeout, so clients must be ready to retry \
                 the whole transaction.\n\nShort transactions that touch few rows rarely collide, which is why splitting large \
                 updates helps against deadlocks.\n",
            ),
        ),
        (
            "content/row-lock.md",
            note(
                "row-lock",
                "Row lock",
                "Two transactions that lock rows in opposite order wait for each other forever: a deadlock.\n\nAfter a timeout the \
                 database aborts one transaction of the deadlock; clients have to retry the whole of it.\n\nSplit large \
                 updates: short transactions touch few rows and rarely collide in deadlocks.\n",
            ),
        ),
        ("content/e.md", note("e", "E", "## Links\n### Prerequisites\n- [F](f.md)\n")),
        ("content/f.md", note("f", "F", "## Links\n### Prerequisites\n- [E](e.md)\n")),
        ("content/d.md", "---\nid: d\ntitle: D\n---\n\nNo facts.\n".to_string()),
    ])
}

fn output(base: &Base, arguments: &[&str]) -> Value {
    let output = canon().current_dir(base.home.path()).args(arguments).output().unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}\n{}", text(&output.stdout)))
}

/// A log in which every card of a base was forgotten six times.
fn write_log(base: &Base) {
    let cards = output(base, &["cards"]);
    let mut lines = String::new();
    for (n, card) in cards["cards"].as_array().unwrap().iter().flat_map(|card| (0..8).map(move |n| (n, card))) {
        let line = serde_json::json!({
            "v": 1, "site": cards["site"], "card": card["id"], "t": format!("2026-0{}-01T12:00:00.000Z", n + 1), "g": 1,
            "dev": card["id"], "n": n
        });
        lines += &format!("{line}\n");
    }
    base.put("reviews.jsonl", lines);
}

fn outputs(base: &Base) -> [(&'static str, Value); 7] {
    write_log(base);
    let of = |name: &'static str| match name {
        "cards" | "graph" => (name, output(base, &[name])),
        "stats" => (name, output(base, &[name, "--format", "json", "--learning", "reviews.jsonl"])),
        "path" => (name, output(base, &["path", "a.md", "--format", "json"])),
        _ => (name, output(base, &[name, "--format", "json"])),
    };
    SCHEMAS.map(of)
}

#[test]
fn outputs_are_what_their_schemas_say() {
    let plain = Base::of(&[("content/a.md", "# A\n\nText.\n")]);
    let empty = Base::of(&[("content/a.md", note("a", "A", "text\n"))]);
    for base in [rich(), plain, empty] {
        for (name, value) in outputs(&base) {
            let validator = jsonschema::draft202012::new(&schema(name)).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
        }
    }
    let of_site = rich().build(&[]).json("api/graph.json");
    assert!(jsonschema::draft202012::is_valid(&schema("graph"), &of_site), "{of_site:#}");
}

/// The names of all properties that occur in a value.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            found.insert(name.clone());
            names(inner, found);
        }),
        Value::Array(list) => list.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

/// The names of all properties that a schema declares.
fn declared(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            if key == "properties" {
                found.extend(inner.as_object().unwrap().keys().cloned());
            }
            declared(inner, found);
        }),
        Value::Array(list) => list.iter().for_each(|inner| declared(inner, found)),
        _ => {}
    }
}

#[test]
fn every_declared_field_occurs_and_is_documented() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("content/building/json-api.md")).unwrap();
    for (name, value) in outputs(&rich()) {
        let (mut real, mut promised) = (BTreeSet::new(), BTreeSet::new());
        names(&value, &mut real);
        declared(&schema(name), &mut promised);
        let missing: Vec<&String> = promised.difference(&real).collect();
        assert!(missing.is_empty(), "{name}: the base of this test shows no {missing:?}\n{value:#}");
        let unexplained: Vec<&String> = promised.iter().filter(|field| !page.contains(&format!("`{field}`"))).collect();
        assert!(unexplained.is_empty(), "json-api.md does not explain {unexplained:?} of {name}");
        assert!(page.contains(&format!("({name}.schema.json)")), "json-api.md does not link to the schema of {name}");
    }
}

#[test]
fn the_configuration_as_json_is_valid_by_its_schema() {
    let base = Base::of(&[(
        "canon.toml",
        "title = \"T\"\n[check.rules]\nthin-note = \"off\"\n[schema.types.soup]\ncards = 1\n",
    )]);
    let config = output(&base, &["config", "--format", "json"]);
    let schema = output(&base, &["schema", "--config"]);
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&config)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{config:#}");
    let toml = canon().arg("config").arg(base.home.path()).output().unwrap();
    let toml: Value =
        toml::from_str::<toml::Value>(&text(&toml.stdout)).map(|v| serde_json::to_value(v).unwrap()).unwrap();
    assert_eq!(toml, config, "both formats say the same");
}

#[test]
fn statistics_for_programs_equal_those_for_people() {
    let base = rich();
    let stats = output(&base, &["stats", "--format", "json"]);
    let shown = text(&canon().arg("stats").arg(base.home.path()).output().unwrap().stdout);
    assert!(
        shown.contains(&format!(
            "notes       {} of {} Markdown files, {} words",
            stats["notes"], stats["files"], stats["words"]
        )),
        "{shown}"
    );
    let health = &stats["findings"];
    let health = format!("{} error", health["errors"]);
    assert!(shown.contains(&health), "{shown}");
    assert!(shown.contains(&format!("orphans     {}\n", stats["orphans"].as_array().unwrap().len())), "{shown}");
    assert!(shown.contains(&format!("wanted      {}\n", stats["wanted"].as_array().unwrap().len())), "{shown}");
}
