//! Files and texts of a site's templates folder that have no effect, most likely because their name is misspelt.

use super::{Overrides, TEXTS, embedded_text, parse_texts, template_sources};
use crate::text::slug::nearest;
use std::collections::BTreeSet;

/// Something without an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unused {
    /// The file in the templates folder.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// The problem.
    pub message: String,
    /// The remedy.
    pub help: String,
}

/// The unused files and texts, by file and line.
///
/// A template of the site is used if it overrides a built-in one, or if a template names it. A text is used if a built-in
/// text has its key, if a template names it, or if its key is that of a value (`type_recipe`).
pub(crate) fn unused(overrides: &Overrides) -> Vec<Unused> {
    let none = Overrides::new();
    let (embedded, sources) = (template_sources(&none), template_sources(overrides));
    let is_named = |name: &str| sources.iter().any(|(own, text)| own != name && text.contains(name));
    let mut found = Vec::new();
    for (file, text) in overrides {
        if !file.ends_with(".toml") {
            if !embedded.contains_key(file.as_str()) && !is_named(file) {
                let message = "overrides no template of canon, and no template includes it".to_string();
                found.push(Unused { file: file.clone(), line: 0, message, help: similar(file, embedded.keys()) });
            }
        } else if !is_file_of_texts(file) {
            let message = "is not read: texts are in `texts.toml` or `texts/LANGUAGE.toml`".to_string();
            found.push(Unused { file: file.clone(), line: 0, message, help: "rename or remove it".into() });
        } else {
            found.extend(unused_texts(file, text, &sources.values().map(|text| text.as_ref()).collect::<Vec<_>>()));
        }
    }
    found
}

fn is_file_of_texts(file: &str) -> bool {
    let in_folder = file.strip_prefix("texts/").is_some_and(|name| !name.contains('/'));
    file == "texts.toml" || in_folder
}

fn unused_texts(file: &str, text: &str, templates: &[&str]) -> Vec<Unused> {
    let known = embedded_text(TEXTS).and_then(|text| parse_texts(TEXTS, &text).ok()).unwrap_or_default();
    let Ok(own) = parse_texts(file, text) else { return Vec::new() };
    // `{{ value | label(of="type") }}` looks up `type_VALUE`.
    let prefixes: BTreeSet<String> = templates
        .iter()
        .flat_map(|text| text.split("of=\"").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .chain(["edge", "severity", "callout"])
        .map(|of| format!("{of}_"))
        .collect();
    let is_used = |key: &str| {
        let is_of_value = prefixes.iter().any(|prefix| key.starts_with(prefix));
        known.contains_key(key) || is_of_value || templates.iter().any(|text| text.contains(&format!("t.{key}")))
    };
    let unused = own.keys().filter(|key| !is_used(key)).map(|key| {
        let is_its_line = |line: &&str| line.trim_start().trim_start_matches('"').starts_with(key.as_str());
        let line = text.lines().take_while(|line| !is_its_line(line)).count() + 1;
        let message = format!("no text is called `{key}`");
        Unused { file: file.to_string(), line, message, help: similar(key, known.keys()) }
    });
    unused.collect()
}

fn similar<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    match nearest(name, known.map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "rename or remove it".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Vec<String> {
        let overrides = files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
        let line = |u: Unused| format!("{}:{}: {}; {}", u.file, u.line, u.message, u.help);
        unused(&overrides).into_iter().map(line).collect()
    }

    #[test]
    fn what_has_no_effect_is_named_with_the_nearest_name() {
        assert_eq!(
            told(&[
                ("nte.html", "x"),
                ("texts.toml", "graph = \"Map\"\nserch = \"Find\"\n"),
                ("text.toml", "graph = \"Map\"\n"),
            ]),
            [
                "nte.html:0: overrides no template of canon, and no template includes it; did you mean `note.html`?",
                "text.toml:0: is not read: texts are in `texts.toml` or `texts/LANGUAGE.toml`; rename or remove it",
                "texts.toml:2: no text is called `serch`; did you mean `search`?",
            ]
        );
    }

    #[test]
    fn what_is_used_is_not_named() {
        let used = told(&[
            ("note.html", "{% include \"partials/mine.html\" %}{{ t.my_text }}"),
            ("partials/mine.html", "x"),
            ("texts.toml", "my_text = \"x\"\ntype_recipe = \"Recipe\"\nstatus_stale = \"Stale\"\n"),
            ("texts/de.toml", "graph = \"Netz\"\n"),
        ]);
        assert_eq!(used, Vec::<String>::new());
    }
}
