//! `canon.toml`, typed, with a default for everything. Reads a text, not a file; paths stay as written.

pub(crate) mod json_schema;
pub(crate) mod labels;
pub(crate) mod schema;
mod declared;
mod values;

pub(crate) use declared::Declared;
pub(crate) use values::base_url_fault;

use crate::config::labels::{LabelKind, Labels};
use crate::config::schema::{Field, Folder, Folders, NoteRequirements, Schema, Section, fold_heading};
use crate::text::diagnostic::Severity;
use crate::text::slug::nearest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole configuration. Serialised it is what `canon config` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The site's name; empty: the content folder's name.
    pub title: String,
    /// One line for the home page, feeds and llms.txt.
    pub description: String,
    /// Who writes it.
    pub author: String,
    /// BCP 47 tag: `html lang`, interface texts, segmentation.
    pub language: String,
    /// Only for sitemap, feed, canonical tags and the 404 page.
    pub base_url: String,
    /// Folder of the notes, relative to the file.
    pub content: String,
    /// Folder of the site.
    pub output: String,
    /// Folder of templates that replace built-in ones.
    pub templates: String,
    /// Folder of files copied as they are.
    #[serde(rename = "static")]
    pub static_folder: String,
    /// Globs of content that is skipped.
    pub ignore: Vec<String>,
    /// Globs of Markdown files that are pages, not notes.
    pub pages: Vec<String>,
    /// Where a page is edited, with `{path}`.
    pub edit_url: String,
    /// Notes are trusted, nothing is sanitised.
    pub raw_html: bool,
    /// Pictures from elsewhere are loaded.
    pub remote_images: bool,
    /// Schemes that a link may have.
    pub schemes: Vec<String>,
    /// Folders that symlinks may lead to.
    pub follow_links_outside: Vec<String>,
    /// Names in the output folder that are left alone.
    pub preserve: Vec<String>,
    /// How Markdown is read.
    pub markdown: Markdown,
    /// How the site looks.
    pub theme: Theme,
    /// The Atom feed.
    pub feed: Feed,
    /// What `canon check` reports.
    pub check: Check,
    /// `check --external`.
    pub external: External,
    /// `canon serve`.
    pub serve: Serve,
    /// Changes of the schema.
    pub schema: SchemaConfig,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            title: String::new(),
            description: String::new(),
            author: String::new(),
            language: "en".into(),
            base_url: String::new(),
            content: "content".into(),
            output: "public".into(),
            templates: "templates".into(),
            static_folder: "static".into(),
            ignore: Vec::new(),
            pages: Vec::new(),
            edit_url: String::new(),
            raw_html: false,
            remote_images: false,
            schemes: strings(&["http", "https", "mailto", "tel", "ftp", "obsidian", "vscode", "zotero", "magnet"]),
            follow_links_outside: Vec::new(),
            preserve: strings(&[".git", "CNAME"]),
            markdown: Markdown::default(),
            theme: Theme::default(),
            feed: Feed::default(),
            check: Check::default(),
            external: External::default(),
            serve: Serve::default(),
            schema: SchemaConfig::default(),
        }
    }
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| s.to_string()).collect()
}

/// How Markdown is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Markdown {
    /// `$…$` and `$$…$$` become MathML.
    pub math: bool,
    /// `[[…]]` are links.
    pub wikilinks: bool,
    /// `> [!note]` are callouts.
    pub callouts: bool,
    /// Quotes and dashes are made typographic.
    pub smart_punctuation: bool,
}

impl Default for Markdown {
    fn default() -> Markdown {
        Markdown { math: true, wikilinks: true, callouts: true, smart_punctuation: false }
    }
}

/// How the site looks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Theme {
    /// A CSS colour.
    pub accent: String,
    /// A file under `static`.
    pub logo: String,
    /// Style sheets under `static`.
    pub extra_css: Vec<String>,
    /// Scripts under `static`.
    pub extra_js: Vec<String>,
}

/// The Atom feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Feed {
    /// How many of the newest notes it has.
    pub entries: usize,
}

impl Default for Feed {
    fn default() -> Feed {
        Feed { entries: 50 }
    }
}

/// What `canon check` reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Check {
    /// The level at which a check fails.
    pub fail_on: Severity,
    /// Titles that `unlinked-mention` matches only in their exact case.
    pub common_words: Vec<String>,
    /// Markdown files that new notes are copied from, relative to the configuration's folder: what notes keep of them is
    /// scaffolding and no duplicate.
    pub note_templates: Vec<String>,
    /// Days until a note is stale, by importance.
    pub stale_days: StaleDays,
    /// Severity by rule.
    pub rules: BTreeMap<String, Severity>,
    /// Severity by rule for the paths that a glob matches; later entries win.
    pub paths: Vec<CheckPath>,
}

impl Default for Check {
    fn default() -> Check {
        Check {
            fail_on: Severity::Error,
            common_words: strings(&["Index", "Lock", "Queue"]),
            note_templates: strings(&["note-template.md"]),
            stale_days: StaleDays::default(),
            rules: BTreeMap::new(),
            paths: Vec::new(),
        }
    }
}

/// Days after which a note is stale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StaleDays {
    /// Importance 80 and more.
    pub high: u32,
    /// Importance 50 to 79.
    pub medium: u32,
    /// Importance below 50.
    pub low: u32,
}

impl Default for StaleDays {
    fn default() -> StaleDays {
        StaleDays { high: 180, medium: 365, low: 730 }
    }
}

/// Severities for a part of the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckPath {
    /// Glob of paths relative to the content folder.
    pub glob: String,
    /// Severity by rule.
    pub rules: BTreeMap<String, Severity>,
}

/// `check --external`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct External {
    /// Patterns of the addresses to ask; empty: all.
    pub include: Vec<String>,
    /// Patterns of addresses that are not asked.
    pub exclude: Vec<String>,
    /// Seconds for one request.
    pub timeout: u64,
    /// Tries after the first.
    pub retries: u32,
    /// Requests in flight to one host.
    pub per_host: usize,
    /// Hours for which a success is remembered.
    pub cache_hours: u64,
    /// Whether private and loopback addresses may be asked.
    pub private_networks: bool,
    /// Whether the fragments of addresses are looked for in the answers.
    pub fragments: bool,
}

impl Default for External {
    fn default() -> External {
        External {
            include: Vec::new(),
            exclude: Vec::new(),
            timeout: 20,
            retries: 3,
            per_host: 2,
            cache_hours: 24,
            private_networks: false,
            fragments: false,
        }
    }
}

/// `canon serve`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Serve {
    /// The default port.
    pub port: u16,
    /// Host names that are answered beside this machine's.
    pub allow_hosts: Vec<String>,
}

impl Default for Serve {
    fn default() -> Serve {
        Serve { port: 4321, allow_hosts: Vec::new() }
    }
}

/// Changes of the built-in schema, or a whole one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SchemaConfig {
    /// False: the built-in schema does not count.
    pub extend: bool,
    /// Fields by name.
    pub fields: BTreeMap<String, Field>,
    /// Shapes by type, in their declared order.
    pub types: Declared<NoteRequirements>,
    /// Shapes by folder.
    pub folders: Vec<Folder>,
    /// Heading text to section.
    pub sections: BTreeMap<String, Section>,
    /// Label to what it says of the text behind it.
    pub labels: BTreeMap<String, LabelKind>,
}

impl Default for SchemaConfig {
    fn default() -> SchemaConfig {
        SchemaConfig {
            extend: true,
            fields: BTreeMap::new(),
            types: Declared::default(),
            folders: Vec::new(),
            sections: BTreeMap::new(),
            labels: BTreeMap::new(),
        }
    }
}

impl SchemaConfig {
    /// The schema that results.
    pub(crate) fn resolve(&self) -> Schema {
        let mut schema = match self.extend {
            true => Schema::built_in(),
            false => Schema::default(),
        };
        for (name, field) in &self.fields {
            match schema.fields.iter_mut().find(|(n, _)| n == name) {
                Some((_, known)) => *known = field.clone(),
                None => schema.fields.push((name.clone(), field.clone())),
            }
        }
        schema.types.extend(self.types.iter().map(|(name, shape)| (name.clone(), shape.clone())));
        if let Some((_, field)) = schema.fields.iter_mut().find(|(n, _)| n == "type") {
            if field.values.is_empty() && self.extend {
                field.values = Schema::built_in().values("type").into_iter().map(str::to_string).collect();
            }
            for (name, _) in self.types.iter() {
                if !field.values.contains(name) {
                    field.values.push(name.clone());
                }
            }
        }
        schema.folders = Folders::new(self.folders.clone());
        schema.synonyms.extend(self.sections.iter().map(|(heading, section)| (fold_heading(heading), *section)));
        schema.labels = Labels::with(&self.labels);
        schema
    }
}

/// Why a `canon.toml` cannot be used: one sentence with line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    /// What is wrong and what was probably meant.
    pub message: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl Config {
    /// Reads a `canon.toml`.
    ///
    /// # Errors
    /// What TOML refuses, an unknown key, a value of the wrong kind, or one that no site can use; each names its place.
    pub(crate) fn parse(text: &str) -> Result<Config, ConfigError> {
        let mut config: Config = toml::from_str(text).map_err(|e| {
            let start = e.span().map_or(0, |span| span.start);
            let position = crate::text::source::LineIndex::new(text).position(start as u32);
            ConfigError { message: explain(e.message()), line: position.line, column: position.column }
        })?;
        config.schema.types.sort_as_written(text, &["schema", "types"]);
        config.validate(text)?;
        Ok(config)
    }

    /// The keys whose values serde cannot judge.
    fn validate(&self, text: &str) -> Result<(), ConfigError> {
        let globs = self.ignore.iter().chain(&self.pages).chain(self.check.paths.iter().map(|p| &p.glob));
        for glob in globs.chain(self.schema.folders.iter().map(|f| &f.glob)) {
            if let Err(e) = globset::Glob::new(glob) {
                return Err(at_value(text, glob, format!("`{glob}` is not a glob: {}", e.kind())));
            }
        }
        for file in self.theme.extra_css.iter().chain(&self.theme.extra_js).chain([&self.theme.logo]) {
            if file.contains("//") || file.starts_with('/') || file.contains(':') || file.split('/').any(|p| p == "..")
            {
                let message =
                    format!("`{file}` must be a file under the static folder; nothing is loaded from elsewhere");
                return Err(at_value(text, file, message));
            }
        }
        values::judge(self, text)
    }

    /// Refuses severities of rules that there are not; `text` is what the configuration was read from.
    ///
    /// # Errors
    /// The first id that is not among the known ones, its place and the nearest known one.
    pub(crate) fn knows_its_rules(&self, text: &str, known: &[&str]) -> Result<(), ConfigError> {
        values::judge_rules(self, text, known)
    }
}

/// An error that stands at the first place where the text holds `value`.
fn at_value(text: &str, value: &str, message: String) -> ConfigError {
    let start = text.find(value).unwrap_or(0);
    let position = crate::text::source::LineIndex::new(text).position(start as u32);
    ConfigError { message, line: position.line, column: position.column }
}

/// Adds the nearest valid name to a message of serde that lists the expected ones.
fn explain(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    match names.split_first() {
        Some((wrong, valid)) if unknown => match nearest(wrong, valid.iter().copied()) {
            Some(near) => format!("unknown `{wrong}`; did you mean `{near}`?"),
            None => format!("unknown `{wrong}`; known are {}", valid.join(", ")),
        },
        _ => message.lines().next().unwrap_or(message).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn the_default_survives_its_own_printing() {
        let printed = toml::to_string(&Config::default()).unwrap();
        assert_eq!(Config::parse(&printed).unwrap(), Config::default());
    }

    #[test]
    fn errors_name_place_and_remedy() {
        for (text, want) in [
            ("title = \"x\"\ntitel = 1\n", "2:1: unknown `titel`; did you mean `title`?"),
            ("[check]\nfail_on = \"warn\"\n", "2:11: unknown `warn`; did you mean `warning`?"),
            ("[schema.labels]\n\"Respuesta\" = \"anser\"\n", "2:15: unknown `anser`; did you mean `answer`?"),
            ("ignore = [\"a[\"]", "1:12: `a[` is not a glob: unclosed character class; missing ']'"),
            (
                "[theme]\nextra_js = [\"https://x/y.js\"]",
                "2:14: `https://x/y.js` must be a file under the static folder; nothing is loaded from elsewhere",
            ),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn the_schema_is_extended() {
        let text = "[schema.fields.reviewed_by]\nkind = \"text\"\n[schema.types.recipe]\nsections = [\"tldr\"]\n[schema.sections]\n\"In a nutshell\" = \"tldr\"\n";
        let schema = Config::parse(text).unwrap().schema.resolve();
        assert!(schema.field("reviewed_by").is_some());
        assert!(schema.field("type").unwrap().values.contains(&"recipe".to_string()));
        assert_eq!(schema.section("In a Nutshell"), Some(Section::Tldr));
    }

    #[test]
    fn types_keep_their_declared_order() {
        let values = |text: &str| {
            let config = Config::parse(text).unwrap();
            assert_eq!(Config::parse(&toml::to_string(&config).unwrap()).unwrap(), config, "{text}");
            config.schema.resolve().values("type").join(" ")
        };
        let own = "[schema.types.soup]\n[schema.types.cake]\n[schema.types.bread]\ncards = 1\n".to_string();
        assert!(values(&own).ends_with("reference soup cake bread"), "{}", values(&own));
        let field = "[schema.fields.type]\nkind = \"enum\"\n";
        assert_eq!(values(&format!("{field}values = [\"stew\", \"cake\"]\n{own}")), "stew cake soup bread");
        assert_eq!(values(&format!("{field}values = [\"stew\"]\n")), "stew", "the built-in types are replaced");
        assert!(values(field).starts_with("concept technology"), "a type without values has those of the schema");
        assert_eq!(values(&format!("[schema]\nextend = false\n{field}{own}")), "soup cake bread");
    }
}
