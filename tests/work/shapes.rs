//! Bases that consist of one kind of thing, of any size: what grows faster than the number of these things is a fault.

use std::collections::BTreeMap;

/// The files of a base by path.
pub type Files = BTreeMap<String, String>;

/// A kind of base: its name, its smallest size, and the base of a size.
pub struct Shape {
    pub name: &'static str,
    pub size: usize,
    pub files: fn(usize) -> Files,
}

/// A head with every required field and more lines.
fn head(id: &str, title: &str, tags: &str, more: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {title}\ntype: concept\nstatus: learning\nimportance: 50\ndifficulty: easy\ntags: [{tags}]\n\
         created_at: 2026-01-02\nupdated_at: 2026-01-03\n{more}---\n\n"
    )
}

/// The text of `of(0)`, `of(1)` and so on, up to `n`.
fn each(n: usize, of: impl Fn(usize) -> String) -> String {
    (0..n).map(of).collect()
}

fn list(n: usize, of: impl Fn(usize) -> String) -> String {
    (0..n).map(of).collect::<Vec<_>>().join(", ")
}

/// A base of a single note.
fn note(body: String) -> Files {
    Files::from([("a.md".into(), head("a", "A", "one", "") + &body)])
}

fn note_with(tags: &str, more: String) -> Files {
    Files::from([("a.md".into(), head("a", "A", tags, &more) + "Text.\n")])
}

/// A base of `n` notes.
fn notes(n: usize, of: impl Fn(usize) -> String) -> Files {
    (0..n).map(|i| (format!("n{i}.md"), head(&format!("n{i}"), &format!("Note {i}"), "one", "") + &of(i))).collect()
}

fn prerequisite(to: usize) -> String {
    format!("## Links\n### Prerequisites\n- [x](n{to}.md)\n")
}

const PARAGRAPH: &str =
    "The planner estimates how many rows a filter keeps and chooses an index or a scan by this number of pages.\n\n";

macro_rules! shapes {
    ($($name:literal $size:literal $files:expr;)+) => {
        /// All kinds of bases.
        pub const SHAPES: &[Shape] = &[$(Shape { name: $name, size: $size, files: $files }),+];
    };
}

shapes! {
    "suppressions in comments" 40 |n| note(each(n, |i| format!("[x](gone{i}.md) <!-- canon-ignore broken-link -->\n\n")));
    "unknown keys" 40 |n| note_with("one", each(n, |i| format!("key{i}: 1\n")));
    "tags of a note" 40 |n| note_with(&list(n, |i| format!("tag{i}")), String::new());
    "aliases of a note" 40 |n| note_with("one", format!("aliases: [{}]\n", list(n, |i| format!("alias {i}"))));
    "items of canon_ignore" 100 |n| note_with("one", format!("canon_ignore: [{}]\n", list(n, |i| format!("rule-{i}"))));
    "hidden characters" 100 |n| note(each(n, |_| "a\u{200b}b ".into()));
    "broken anchors" 60 |n| note(each(n, |i| format!("[x](#gone{i})\n")));
    "headings of one name" 60 |n| note(each(n, |_| "## Same\n\n[x](#same-3)\n\n".into()));
    "reference definitions" 60 |n| note(each(n, |i| format!("[r{i}]: b{i}.md\n")) + &each(n, |i| format!("[r{i}] ")));
    "undefined references" 60 |n| note(each(n, |i| format!("[r{i}]: b{i}.md\n")) + &each(n, |i| format!("[x][s{i}] ")));
    "footnotes" 60 |n| note(each(n, |i| format!("x[^f{i}]\n\n")) + &each(n, |i| format!("[^f{i}]: foot\n\n")));
    "callouts" 60 |n| note(each(n, |i| format!("> [!note] Title {i}\n> text\n\n")));
    "rows of a table" 100 |n| note("| a | b |\n|---|---|\n".to_string() + &each(n, |i| format!("| {i} | x |\n")));
    "tables" 60 |n| note(each(n, |_| "| a | b |\n|---|---|\n| 1 | x |\n\n".into()));
    "formulas" 60 |n| note(each(n, |i| format!("$x_{i}$ and\n")));
    "definition lists" 60 |n| note(each(n, |i| format!("Term {i}\n: text\n\n")));
    "questions" 40 |n| note("### Trap questions\n".to_string() + &each(n, |i| format!("- **Q:** What is {i}?\n  - **A:** it\n")));
    "block ids" 60 |n| note(each(n, |i| format!("text {i} ^b{i}\n\n")) + &each(n, |i| format!("[[#^b{i}]] ")));
    "planned notes" 60 |n| note("## Related topics\n".to_string() + &each(n, |i| format!("- (TODO) thing {i}\n")));
    "missing pictures" 40 |n| note(each(n, |i| format!("![x](gone{i}.png)\n")));
    "one paragraph again and again" 40 |n| note(PARAGRAPH.repeat(n));
    "broken links of the base" 30 |n| notes(n, |i| each(5, |j| format!("[x](gone-{i}-{j}.md) ")));
    "missing pages of all notes" 30 |n| notes(n, |i| format!("[[Gone {i}]]\n"));
    "chains of prerequisites" 40 |n| notes(n, |i| if i % 20 > 0 { prerequisite(i - 1) } else { String::new() });
    "a cycle of prerequisites" 30 |n| notes(n, |i| prerequisite((i + 1) % n));
    "names that begin alike" 30 |n| (0..n).map(|i| {
        let title = "alpha ".repeat(i % 10 + 1) + &i.to_string();
        (format!("n{i}.md"), head(&format!("n{i}"), &title, "one", "") + &"alpha ".repeat(40))
    }).collect();
    "names of common words" 30 |n| (0..n).map(|i| {
        let title = ["index", "lock", "queue", "cache"][i % 4].to_string() + &i.to_string();
        (format!("n{i}.md"), head(&format!("n{i}"), &title, "one", "") + &"an index, a lock and a queue ".repeat(20))
    }).collect();
    "wikilinks to one ambiguous name" 30 |n| {
        let same = (0..n).map(|i| (format!("d{i}/same.md"), head("same", "Same", "one", "") + "Text.\n"));
        same.chain([("a.md".to_string(), head("a", "A", "one", "") + &"[[same]] ".repeat(n))]).collect()
    };
    "nearly identical notes" 60 |n| notes(n, |i| each(6, |j| PARAGRAPH.replace("planner", &format!("planner{}", i % 7)).replace("rows", &format!("rows{j}"))));
    "identical notes" 30 |n| notes(n, |_| each(6, |j| PARAGRAPH.replace("rows", &format!("rows{j}"))));
    "embeds that multiply" 8 |n| notes(n, |i| if i + 1 < n { format!("![[n{0}]]\n\n![[n{0}]]\n", i + 1) } else { "text ".repeat(60) });
    "links to one note" 60 |n| notes(n, |_| "[x](n0.md)\n".into());
    "folders at the top" 30 |n| (0..n).map(|i| (format!("f{i}/a.md"), head("a", &format!("A {i}"), "one", "") + "Text.\n")).collect();
    "tags of the base" 30 |n| (0..n).map(|i| {
        (format!("n{i}.md"), head(&format!("n{i}"), &format!("Note {i}"), &format!("t{i}, u{i}, one"), "") + "Text.\n")
    }).collect();
    "globs" 20 |n| {
        let globs = format!("ignore = [{}]\n", list(n, |i| format!("\"**/x{i}*/**\"")));
        Files::from([("canon.toml".into(), globs), ("content/a.md".into(), head("a", "A", "one", "") + "Text.\n")])
    };
    "patterns of a schema" 20 |n| {
        let fields = each(n, |i| format!("[schema.fields.f{i}]\nkind = \"text\"\npattern = \"^a*b{i}$\"\n"));
        let note = head("a", "A", "one", &each(n, |i| format!("f{i}: aab{i}\n"))) + "Text.\n";
        Files::from([("canon.toml".into(), fields), ("content/a.md".into(), note)])
    };
}
