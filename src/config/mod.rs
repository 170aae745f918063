//! `canon.toml` as typed values, with a default for every key. Parses a text and reads no file; paths remain as
//! written.

pub(crate) mod json_schema;
pub(crate) mod labels;
pub(crate) mod schema;
mod declared;
mod values;

pub(crate) use declared::Declared;
pub(crate) use values::base_url_fault;

use crate::config::labels::{LabelKind, Labels};
use crate::config::schema::{Field, Folder, Folders, NoteRequirements, Schema, Section, fold_heading};
use crate::text::diagnostic::{FailOn, Severity};
use crate::text::slug::nearest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The whole configuration. Its serialised form is the output of `canon config`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The site title. Empty: the name of the content folder.
    pub title: String,
    /// One line for the home page, the feeds and `llms.txt`.
    pub description: String,
    /// The author of the site.
    pub author: String,
    /// BCP 47 tag for `html lang`, the interface texts and word segmentation.
    pub language: String,
    /// The URL of the site, used only in the sitemap, the feed, canonical tags and the 404 page.
    pub base_url: String,
    /// The folder of the notes, relative to the configuration file.
    pub content: String,
    /// The folder that the site is written to.
    pub output: String,
    /// The folder of templates that override built-in ones.
    pub templates: String,
    /// The folder of files that are copied unchanged.
    #[serde(rename = "static")]
    pub static_folder: String,
    /// Globs of content to skip.
    pub ignore: Vec<String>,
    /// Globs of Markdown files that are pages, not notes.
    pub pages: Vec<String>,
    /// The URL for editing a page, with `{path}` as the placeholder of the note path.
    pub edit_url: String,
    /// Whether notes are trusted, so their HTML is not sanitised.
    pub raw_html: bool,
    /// Whether pages may load images from remote hosts.
    pub remote_images: bool,
    /// The URL schemes that a link may have.
    pub schemes: Vec<String>,
    /// Folders outside of the content that symbolic links may lead to.
    pub follow_links_outside: Vec<String>,
    /// Names in the output folder that a build does not remove.
    pub preserve: Vec<String>,
    /// The Markdown extensions.
    pub markdown: Markdown,
    /// The look of the site.
    pub theme: Theme,
    /// The Atom feed.
    pub feed: Feed,
    /// The settings of `canon check`.
    pub check: Check,
    /// The settings of `canon check --external`.
    pub external: External,
    /// The settings of `canon serve`.
    pub serve: Serve,
    /// The changes to the built-in schema.
    #[serde(deserialize_with = "declared_schema")]
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

/// The Markdown extensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Markdown {
    /// Whether `$…$` and `$$…$$` are formulas, rendered as MathML.
    pub math: bool,
    /// Whether `[[…]]` is a link.
    pub wikilinks: bool,
    /// Whether `> [!note]` is a callout.
    pub callouts: bool,
    /// Whether straight quotes and hyphens become typographic ones.
    pub smart_punctuation: bool,
    /// `:rocket:` becomes an emoji.
    pub emoji: bool,
    /// Every line end in a paragraph is a line break.
    pub hard_breaks: bool,
}

impl Default for Markdown {
    fn default() -> Markdown {
        Markdown {
            math: true,
            wikilinks: true,
            callouts: true,
            smart_punctuation: false,
            emoji: false,
            hard_breaks: false,
        }
    }
}

/// The look of the site.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Theme {
    /// The accent colour, as a CSS colour.
    pub accent: String,
    /// The path of the logo below the static folder.
    pub logo: String,
    /// The paths of style sheets below the static folder.
    pub extra_css: Vec<String>,
    /// The paths of scripts below the static folder.
    pub extra_js: Vec<String>,
}

/// The Atom feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Feed {
    /// The maximum number of entries, newest notes first.
    pub entries: usize,
}

impl Default for Feed {
    fn default() -> Feed {
        Feed { entries: 50 }
    }
}

/// The settings of `canon check`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Check {
    /// The lowest severity that fails the check.
    pub fail_on: FailOn,
    /// The file with the known findings, relative to the configuration file. Empty: none.
    pub baseline: String,
    /// Titles that `unlinked-mention` matches only in their exact letter case.
    pub common_words: Vec<String>,
    /// Markdown files that new notes are copied from, relative to the folder of the configuration file. Text that notes
    /// share with them is boilerplate and not reported as a duplicate.
    pub note_templates: Vec<String>,
    /// The number of days until a note is stale, by importance.
    pub stale_days: StaleDays,
    /// The severity of each rule, by rule id.
    pub rules: BTreeMap<String, Severity>,
    /// Severities for the paths that a glob matches. Later entries override earlier ones.
    pub paths: Vec<CheckPath>,
}

impl Default for Check {
    fn default() -> Check {
        Check {
            fail_on: FailOn::Error,
            baseline: String::new(),
            common_words: strings(&["Index", "Lock", "Queue"]),
            note_templates: strings(&["note-template.md"]),
            stale_days: StaleDays::default(),
            rules: BTreeMap::new(),
            paths: Vec::new(),
        }
    }
}

/// The number of days after which a note is stale, by importance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StaleDays {
    /// For an importance of 80 or more.
    pub high: u32,
    /// For an importance from 50 to 79.
    pub medium: u32,
    /// For an importance below 50.
    pub low: u32,
}

impl Default for StaleDays {
    fn default() -> StaleDays {
        StaleDays { high: 180, medium: 365, low: 730 }
    }
}

/// Severities of rules for a part of the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckPath {
    /// A glob of paths relative to the content folder.
    pub glob: String,
    /// The severity of each rule, by rule id.
    pub rules: BTreeMap<String, Severity>,
}

/// The settings of `canon check --external`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct External {
    /// Patterns of the URLs to request. Empty: all.
    pub include: Vec<String>,
    /// Patterns of URLs that are not requested.
    pub exclude: Vec<String>,
    /// The timeout of a request in seconds.
    pub timeout: u64,
    /// The number of attempts after the first.
    pub retries: u32,
    /// The maximum number of concurrent requests to a host.
    pub per_host: usize,
    /// The number of hours for which a success is cached.
    pub cache_hours: u64,
    /// Whether private and loopback addresses may be requested.
    pub private_networks: bool,
    /// Whether the fragment of a URL must exist in the response.
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

/// The settings of `canon serve`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Serve {
    /// The port, unless the command line names one.
    pub port: u16,
    /// Host names that the preview answers in addition to those of this machine.
    pub allow_hosts: Vec<String>,
}

impl Default for Serve {
    fn default() -> Serve {
        Serve { port: 4321, allow_hosts: Vec::new() }
    }
}

/// Changes to the built-in schema, or a complete schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SchemaConfig {
    /// Whether `canon.toml` has a `[schema]`, even an empty one: the base then uses the schema on purpose.
    #[serde(skip)]
    pub is_declared: bool,
    /// `false` discards the built-in schema.
    pub extend: bool,
    /// The frontmatter fields, by name.
    pub fields: BTreeMap<String, Field>,
    /// The requirements for notes of a type, in their declared order.
    pub types: Declared<NoteRequirements>,
    /// The requirements for notes that a glob matches.
    pub folders: Vec<Folder>,
    /// Further names of fields: name to field.
    pub synonyms: BTreeMap<String, String>,
    /// Additional heading texts of sections.
    pub sections: BTreeMap<String, Section>,
    /// Additional labels and their kinds.
    pub labels: BTreeMap<String, LabelKind>,
}

impl Default for SchemaConfig {
    fn default() -> SchemaConfig {
        SchemaConfig {
            is_declared: false,
            extend: true,
            fields: BTreeMap::new(),
            types: Declared::default(),
            folders: Vec::new(),
            synonyms: BTreeMap::new(),
            sections: BTreeMap::new(),
            labels: BTreeMap::new(),
        }
    }
}

/// Reads a `[schema]`, and records that there is one.
fn declared_schema<'de, D: serde::Deserializer<'de>>(from: D) -> Result<SchemaConfig, D::Error> {
    let schema = SchemaConfig::deserialize(from)?;
    Ok(SchemaConfig { is_declared: true, ..schema })
}

impl SchemaConfig {
    /// The complete schema: the built-in one, unless `extend` is false, with the changes applied.
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
        schema.types.extend(self.types.iter().map(|(name, required)| (name.clone(), required.clone())));
        // A type with requirements is a valid value of the field `type`, without being listed twice in `canon.toml`.
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
        schema.field_synonyms = self.synonyms.clone();
        schema.synonyms.extend(self.sections.iter().map(|(heading, section)| (fold_heading(heading), *section)));
        schema.labels = Labels::with(&self.labels);
        schema
    }
}

/// The reason why a `canon.toml` is invalid, with line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError {
    /// The problem and, if there is a similar valid name, the suggestion.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in code points, from 1.
    pub column: usize,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl Config {
    /// Parses the text of a `canon.toml`.
    ///
    /// # Errors
    /// Invalid TOML, an unknown key, a value of the wrong type, or a value that no site can use. The error has the
    /// position of the value.
    pub(crate) fn parse(text: &str) -> Result<Config, ConfigError> {
        let mut config: Config = toml::from_str(text).map_err(|e| {
            // Not every error of the parser has a span.
            let start = e.span().map_or(0, |span| span.start);
            let position = crate::text::source::LineIndex::new(text).position(start as u32);
            ConfigError { message: explain(e.message()), line: position.line, column: position.column }
        })?;
        // The `toml` crate returns the types in alphabetical order, but pages show them as declared.
        config.schema.types.sort_as_written(text, &["schema", "types"]);
        config.validate(text)?;
        Ok(config)
    }

    /// Checks the values that their types do not constrain enough.
    fn validate(&self, text: &str) -> Result<(), ConfigError> {
        let globs = self.ignore.iter().chain(&self.pages).chain(self.check.paths.iter().map(|p| &p.glob));
        for glob in globs.chain(self.schema.folders.iter().map(|f| &f.glob)) {
            if let Err(e) = globset::Glob::new(glob) {
                return Err(at_value(text, glob, format!("`{glob}` is not a glob: {}", e.kind())));
            }
        }
        for file in self.theme.extra_css.iter().chain(&self.theme.extra_js).chain([&self.theme.logo]) {
            // `:` excludes `https:` and Windows drives; `//` excludes URLs without a scheme.
            if file.contains("//") || file.starts_with('/') || file.contains(':') || file.split('/').any(|p| p == "..")
            {
                let message = format!(
                    "`{file}` must be the path of a file in the static folder: pages load no files from other sites"
                );
                return Err(at_value(text, file, message));
            }
        }
        values::validate(self, text)
    }

    /// Checks that all rule ids are in `known`. `text` must be the source of this configuration.
    ///
    /// # Errors
    /// The first unknown id, with its position and the most similar known id.
    pub(crate) fn validate_rules(&self, text: &str, known: &[&str]) -> Result<(), ConfigError> {
        values::validate_rules(self, text, known)
    }
}

/// An error at the first occurrence of `value` in the text.
fn at_value(text: &str, value: &str, message: String) -> ConfigError {
    let start = text.find(value).unwrap_or(0);
    let position = crate::text::source::LineIndex::new(text).position(start as u32);
    ConfigError { message, line: position.line, column: position.column }
}

/// Adds the most similar valid name to a message of serde that lists the valid names.
fn explain(message: &str) -> String {
    // Serde quotes names in backticks: the rejected one first, then the valid ones.
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    match names.split_first() {
        Some((wrong, valid)) if unknown => match nearest(wrong, valid.iter().copied()) {
            Some(near) => format!("unknown `{wrong}`; did you mean `{near}`?"),
            None => format!("unknown `{wrong}`; valid names are {}", valid.join(", ")),
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
        let mut parsed = Config::parse(&printed).unwrap();
        assert!(std::mem::take(&mut parsed.schema.is_declared), "the printed configuration has a `[schema]`");
        assert_eq!(parsed, Config::default());
    }

    #[test]
    fn errors_name_place_and_remedy() {
        for (text, want) in [
            ("title = \"x\"\ntitel = 1\n", "2:1: unknown `titel`; did you mean `title`?"),
            ("[check]\nfail_on = \"warn\"\n", "2:11: unknown `warn`; did you mean `warning`?"),
            ("[check]\nfail_on = \"off\"\n", "2:11: unknown `off`; valid names are error, warning, info, never"),
            ("[schema.labels]\n\"Respuesta\" = \"anser\"\n", "2:15: unknown `anser`; did you mean `answer`?"),
            ("ignore = [\"a[\"]", "1:12: `a[` is not a glob: unclosed character class; missing ']'"),
            (
                "[theme]\nextra_js = [\"https://x/y.js\"]",
                "2:14: `https://x/y.js` must be the path of a file in the static folder: pages load no files from other sites",
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
