//! The names that a theme may rely on: the classes and `data-` attributes of templates, scripts, renderers and style sheets
//! against `content/building/theme-classes.md`, both ways. A `*` stands for a part that a value fills.

use crate::base::page_kinds::PAGE_KINDS;
use crate::note::math::mathml;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Names = BTreeSet<String>;

/// The classes of the elements of diagrams.
const DIAGRAM_CLASSES: &[&str] = &[
    "diagram-box",
    "diagram-group",
    "diagram-note",
    "diagram-line",
    "diagram-dotted",
    "diagram-thick",
    "diagram-divider",
    "diagram-lifeline",
    "diagram-filled",
    "diagram-hollow",
    "diagram-words",
    "diagram-label",
    "diagram-title",
    "diagram-number",
    "diagram-frame",
];

/// Classes that code puts together, with a file that has each of them as a literal text.
const COMPUTED: &[(&str, &[&str])] = &[
    ("src/note/markdown/callout_kinds.rs", &["note", "tip", "important", "warning", "caution", "example", "quote"]),
    ("src/pages/compose/sections.rs", &["in", "out", "use", "avoid", "pro", "con"]),
    ("src/pages/html.rs", &["broken-link", "planned"]),
    ("src/note/diagrams/svg.rs", DIAGRAM_CLASSES),
    ("src/pages/code/lines.rs", &["line", "line-mark", "line-inserted", "line-deleted"]),
    ("src/text/diagnostic.rs", &["error", "warning", "info"]),
    ("src/base/graph/mod.rs", &["requires", "related", "contrasts", "mentions"]),
    ("src/note/math.rs", &["math-box", "math-back"]),
    ("static/search.js", &["search-first", "search-hit"]),
    ("static/canon.js", &["all"]),
    ("static/extras.js", &["keys"]),
    ("static/practice.js", &["practice-start", "practice-reveal", "practice-rating"]),
    ("static/practice-badge.js", &["practice-state"]),
    ("static/practice-charts.js", &["practice-charts"]),
];

/// Formulas that together have every class that the formula renderer writes and `static/math.css` styles.
const FORMULAS: &[&str] = &[
    r"\begin{array}{|c:l|r:} a & b & c \\ \hline d & e & f \\ \hdashline g & h & i \\ \hline \end{array}",
    r"\begin{array}{:c||} a \end{array}",
    r"\begin{cases} a & b \\ c & d \end{cases}",
    r"\begin{aligned} a &= b \end{aligned}",
    r"\begin{multline} a \\ b \\ c \end{multline}",
    r"\begin{matrix*}[l] a \end{matrix*} \begin{matrix*}[r] b \end{matrix*}",
    r"\not\alpha \not{xy} a \! b \fcolorbox{red}{blue}{x}",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The texts of the files of a folder with an ending; Rust files without their tests.
fn texts(folder: &str, ending: &str) -> Vec<String> {
    let files = walkdir::WalkDir::new(root().join(folder)).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.filter(|file| file.path().extension().is_some_and(|found| found == ending));
    files.map(|file| read(file.path()).split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_string()).collect()
}

fn captures(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_string()).collect()
}

/// Adds the words of a class attribute, with `*` in place of what a template or a format fills in.
fn add_words(attribute: &str, names: &mut Names) {
    let without_tags = Regex::new(r"\{%.*?%\}").unwrap().replace_all(attribute, " ");
    let with_stars = Regex::new(r"\{\{.*?\}\}|\{\w*\}").unwrap().replace_all(&without_tags, "*");
    names.extend(with_stars.split_whitespace().filter(|word| *word != "*").map(str::to_string));
}

/// The names of the files of the theme with an ending, sorted.
fn names_in_static(ending: &str) -> Vec<String> {
    let files = fs::read_dir(root().join("static")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort_unstable();
    names
}

/// The scripts of pages; those of the preview have classes of their own.
fn scripts() -> Vec<String> {
    let names = names_in_static(".js").into_iter().filter(|name| !["reload.js", "swap.js"].contains(&name.as_str()));
    names.map(|name| read(Path::new("static").join(name))).collect()
}

/// Every class that a page can have.
fn used_classes() -> Names {
    let mut names = Names::new();
    for text in texts("templates", "html") {
        captures(r#"class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)""#, &text)
            .iter()
            .for_each(|it| add_words(it, &mut names));
    }
    for text in texts("src/pages", "rs").into_iter().chain(texts("src/note/markdown", "rs")) {
        captures(r#"class=\\"([^"\\]*)\\""#, &text).iter().for_each(|it| add_words(it, &mut names));
    }
    names.extend(captures(r#""(code-[a-z]+)""#, &read("src/pages/code.rs")));
    for text in scripts() {
        for pattern in [
            r#"make\("\w+", "([^"]*)""#,
            r#"class(?:Name)?(?::| =) "([^"]*)""#,
            r#"classList\.(?:add|toggle)\("([^"]*)""#,
        ] {
            // A class that ends in a hyphen goes on with a value.
            let words = captures(pattern, &text).join(" ");
            names.extend(words.split_whitespace().map(|word| match word.ends_with('-') {
                true => format!("{word}*"),
                false => word.to_string(),
            }));
        }
    }
    for (file, classes) in COMPUTED {
        let text = read(file);
        for class in *classes {
            assert!(text.contains(&format!("\"{class}\"")), "{file} has no text \"{class}\"");
            names.insert(class.to_string());
        }
    }
    let patterns: Vec<String> = names.iter().filter(|name| name.ends_with('*')).cloned().collect();
    names.retain(|name| name.ends_with('*') || !patterns.iter().any(|pattern| fits(pattern, name)));
    names
}

/// The classes of the selectors of the style sheets of pages.
fn styled_classes() -> Names {
    let files = names_in_static(".css").into_iter().filter(|name| !["math.css", "reload.css"].contains(&name.as_str()));
    files.flat_map(|file| classes_of_sheet(&read(Path::new("static").join(file)))).collect()
}

fn classes_of_sheet(sheet: &str) -> Names {
    let plain = Regex::new(r#"(?s)/\*.*?\*/|"[^"]*""#).unwrap().replace_all(sheet, "");
    let selectors = captures(r"([^{};]*)\{", &plain);
    let selectors = selectors.iter().filter(|selector| !selector.trim_start().starts_with('@'));
    selectors.flat_map(|selector| captures(r"\.(-?[A-Za-z_][\w-]*)", selector)).collect()
}

/// A class name or a pattern with a `*` at its end.
fn fits(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |prefix| name.starts_with(prefix))
}

/// The names in the first cells of the tables between two headings, and those of them in rows of hooks.
fn documented(page: &str, from: &str, to: &str) -> (Names, Names) {
    let part = page.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let value = Regex::new("[A-Z]+$").unwrap();
    let (mut all, mut hooks) = (Names::new(), Names::new());
    for (names, meaning) in part.lines().filter(|l| l.starts_with("| `")).filter_map(|l| l[2..].split_once(" | ")) {
        for name in names.split(", ") {
            let name = value.replace(name.trim_matches('`'), "*").to_string();
            if meaning.starts_with("*hook*") {
                hooks.insert(name.clone());
            }
            all.insert(name);
        }
    }
    (all, hooks)
}

/// Panics unless both sets have the same names.
fn assert_same(documented: &Names, used: &Names) {
    let unlisted: Vec<_> = used.difference(documented).collect();
    let unused: Vec<_> = documented.difference(used).collect();
    assert!(unlisted.is_empty() && unused.is_empty(), "not documented: {unlisted:?}; documented, not used: {unused:?}");
}

#[test]
fn each_class_is_documented_and_has_a_rule_or_is_a_hook() {
    let page = read("content/building/theme-classes.md");
    let (listed, hooks) = documented(&page, "\n## Every page\n", "\n## Data attributes\n");
    let (used, mut styled) = (used_classes(), styled_classes());
    styled.extend(classes_of_sheet(&read("static/math.css")));
    assert!(used.len() > 200 && styled.len() > 150, "{} used, {} styled", used.len(), styled.len());
    assert_same(&listed, &used);
    let has_rule = |class: &&String| styled.iter().any(|name| fits(class, name));
    let bare: Vec<_> = used.difference(&hooks).filter(|class| !has_rule(class)).collect();
    assert!(bare.is_empty(), "used without a rule in the style sheets, and not documented as hooks: {bare:?}");
    let styled_hooks: Vec<_> = hooks.iter().filter(has_rule).collect();
    assert!(styled_hooks.is_empty(), "documented as hooks, but the style sheets have rules: {styled_hooks:?}");
}

#[test]
fn each_class_of_the_style_sheets_is_used() {
    let used = used_classes();
    let dead: Vec<_> =
        styled_classes().into_iter().filter(|name| !used.iter().any(|class| fits(class, name))).collect();
    assert!(dead.is_empty(), "in the style sheets, and used by nothing: {dead:?}");
    let short: Vec<_> = styled_classes().into_iter().chain(used).filter(|name| name.len() < 2).collect();
    assert!(short.is_empty(), "names of one letter: {short:?}");
}

#[test]
fn each_class_of_formulas_is_written_by_the_renderer() {
    let written: Names = FORMULAS
        .iter()
        .flat_map(|tex| captures(r#"class="([^"]*)""#, &mathml(tex, true).unwrap_or_else(|e| panic!("{tex}: {e}"))))
        .flat_map(|words| words.split(' ').map(str::to_string).collect::<Vec<_>>())
        .collect();
    let styled = classes_of_sheet(&read("static/math.css"));
    let dead: Vec<_> = styled.difference(&written).collect();
    assert!(dead.is_empty(), "styled, and not in a formula: {dead:?}; written: {written:?}");
}

#[test]
fn the_documented_kinds_of_pages_are_those_of_the_table() {
    let page = read("content/building/theme-classes.md");
    let documented = page.split_once("| Kind | Template |").unwrap().1.split_once("\n\n").unwrap().0;
    let built = PAGE_KINDS.iter().map(|kind| {
        let address = kind.path.map_or("–".to_string(), |path| format!("`{path}`"));
        let listed = if kind.in_sitemap { "yes" } else { "no" };
        format!("| `{}` | `{}` | {address} | {listed} |", kind.name, kind.template)
    });
    let documented: Vec<&str> = documented.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(documented, built.collect::<Vec<_>>());
    for kind in PAGE_KINDS {
        assert!(root().join("templates").join(kind.template).exists(), "{} is missing", kind.template);
    }
}

#[test]
fn each_data_attribute_is_documented() {
    let page = read("content/building/theme-classes.md");
    let (listed, _) = documented(&page, "\n## Data attributes\n", "\n## Mini example\n");
    let mut used = Names::new();
    for text in texts("templates", "html").into_iter().chain(texts("src/pages", "rs")) {
        used.extend(captures(r#"[\s"](data-[a-z-]+)="#, &text));
    }
    for text in scripts() {
        used.extend(captures(r"\[(data-[a-z-]+)", &text));
    }
    used.insert("data-theme".into());
    used.insert("data-scroll".into());
    assert_same(&listed, &used);
}

#[test]
fn ids_of_the_theme_cannot_be_ids_of_headings() {
    let own = Regex::new(r#"\bid="(canon:[a-z-]+)""#).unwrap();
    let ids: Names = texts("templates", "html").iter().flat_map(|text| captures(own.as_str(), text)).collect();
    assert!(ids.contains("canon:main") && ids.contains("canon:tree"), "{ids:?}");
    for id in ids {
        assert!(id.starts_with(crate::note::sanitize::THEME_PREFIX), "{id}");
        assert_ne!(crate::text::slug::anchor(&id), id);
    }
}
