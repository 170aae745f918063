//! `canon.toml` as typed values, with a default for every key. Parses a text and reads no file; paths remain as
//! written.

mod importance;
pub(crate) mod json_schema;
pub(crate) mod labels;
pub(crate) mod schema;
mod declared;
mod error;
mod languages;
mod shape;
mod site;
mod values;

pub(crate) use declared::Declared;
pub(crate) use error::{ConfigError, ConfigErrors};
pub(crate) use importance::ImportanceWeights;
pub(crate) use languages::is_right_to_left;
pub(crate) use shape::in_plain_words as plain_syntax_message;
pub(crate) use site::{HeaderLink, SiteOptions};
pub(crate) use values::base_url_fault;

use crate::config::labels::{LabelKind, Labels};
use crate::config::schema::{Field, Folder, Folders, NoteRequirements, Schema, Section, fold_heading};
use crate::text::diagnostic::{FailOn, Severity};
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
    /// What the pages of the site offer apart from the notes.
    pub site: SiteOptions,
    /// The weights of living importance.
    pub importance: ImportanceWeights,
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
            site: SiteOptions::default(),
            importance: ImportanceWeights::default(),
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
    /// Whether code blocks in Mermaid's language are drawn.
    pub mermaid: bool,
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
            mermaid: true,
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

impl Config {
    /// Parses the text of a `canon.toml`, without a check of rule ids.
    ///
    /// # Errors
    /// As for [`Config::parse_with_rules`].
    #[cfg(test)]
    pub(crate) fn parse(text: &str) -> Result<Config, ConfigErrors> {
        Config::read(text, None)
    }

    /// Parses the text of a `canon.toml`. All ids of rules must be in `known_rules`.
    ///
    /// # Errors
    /// Invalid TOML, unknown keys, values of the wrong kind, and values that no site can use: all of them, each with its
    /// position.
    pub(crate) fn parse_with_rules(text: &str, known_rules: &[&str]) -> Result<Config, ConfigErrors> {
        Config::read(text, Some(known_rules))
    }

    fn read(text: &str, known_rules: Option<&[&str]>) -> Result<Config, ConfigErrors> {
        let mut errors = Vec::new();
        let parsed = match toml::from_str(text) {
            Ok(config) => Ok(config),
            // Entries with a mistake are removed, so that mistakes in the values of all others are found as well.
            Err(_) => {
                let table = shape::well_shaped(text, &json_schema::configuration(), &mut errors);
                Config::deserialize(toml::de::Deserializer::from(table))
            }
        };
        match parsed {
            Ok(mut config) => {
                // The `toml` crate returns the types in alphabetical order, but pages show them as declared.
                config.schema.types.sort_as_written(text, &["schema", "types"]);
                // The value of a broken entry was guessed, so only the first mistake at a place is reported.
                let places: Vec<_> = errors.iter().map(|error| (error.line, error.column)).collect();
                let is_elsewhere = |error: &ConfigError| !places.contains(&(error.line, error.column));
                errors.extend(values::faults(&config, text, known_rules).into_iter().filter(is_elsewhere));
                ConfigErrors::of(errors).map_or(Ok(config), Err)
            }
            Err(error) => {
                // Without other errors this is a mistake that the schema does not describe.
                let message = error.message().lines().next().unwrap_or_default().to_string();
                let other = ConfigError::new(text, error.span().unwrap_or(0..0), message);
                Err(ConfigErrors::of(errors).unwrap_or_else(|| ConfigErrors::one(other)))
            }
        }
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
            ("ignore = [\"a[\"]", "1:11: `a[` is not a pattern of paths: unclosed character class; missing ']'"),
            (
                "[theme]\nextra_js = [\"https://x/y.js\"]",
                "2:13: `https://x/y.js` must be the path of a file in the static folder: pages load no files from other sites",
            ),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().to_string(), want);
        }
    }

    /// What a person reads about a file with these lines.
    fn mistakes(text: &str) -> Vec<String> {
        let rules = ["thin-note"];
        let Err(errors) = Config::parse_with_rules(text, &rules) else { return Vec::new() };
        errors.iter().map(ConfigError::to_string).collect()
    }

    #[test]
    fn all_mistakes_of_a_file_are_reported_at_once() {
        let text = "titel = \"x\"\nlanguage = \"english\"\nschemes = [\"https\", \"mailto:\"]\naccent = \"red\"\n\
            [serve]\nport = 70000\n[check]\nfail_on = \"warn\"\nraw_html = true\n[check.rules]\nthin-nte = \"off\"\n\
            [theme]\nlogo = \"/x.svg\"\n";
        assert_eq!(
            mistakes(text),
            [
                "1:1: unknown `titel`; did you mean `title`?",
                "2:12: `language` is `english`, which is not the code of a language; write one such as `en`",
                "3:21: `mailto:` is not the beginning of an address; write it in lower case and without `:`, such as `mailto`",
                "4:1: `accent` belongs in the section `[theme]`: write it below that line",
                "6:8: `port` is a whole number from 0 to 65535, without quotes",
                "8:11: unknown `warn`; did you mean `warning`?",
                "9:1: `raw_html` belongs at the top of the file, above the first `[section]`",
                "11:1: unknown rule `thin-nte`; did you mean `thin-note`?",
                "13:8: `/x.svg` must be the path of a file in the static folder: pages load no files from other sites",
            ]
        );
    }

    #[test]
    fn mistakes_are_told_in_words_for_writers() {
        let mut others: Vec<String> = Vec::new();
        for (text, want) in [
            ("title = 5", "1:9: `title` is a text: put it in quotes"),
            ("title = [\"a\"]", "1:9: `title` is a single text, not a list: write `title = \"…\"`"),
            ("title = Notes", "1:9: a text must be in quotes: `\"…\"`"),
            ("title = \"Notes", "1:15: the text has no closing quote; write `\"` at its end"),
            ("title", "1:6: this name has no value; write `name = value`"),
            ("title = \"a\"\ntitle = \"b\"", "2:1: this name is set twice; keep one of the two"),
            ("ignore = \"drafts/**\"", "1:10: `ignore` is a list: write `ignore = [\"drafts/**\"]`"),
            ("ignore = [\"a\" \"b\"]", "1:15: a comma is missing between two items of the list"),
            ("ignore = [1]", "1:11: `ignore` is a list of texts: put each in quotes"),
            ("raw_html = \"yes\"", "1:12: `raw_html` is `true` or `false`, without quotes"),
            ("[serve]\nport = \"80\"", "2:8: `port` is a whole number from 0 to 65535, without quotes"),
            ("[feed]\nentries = -1", "2:11: `entries` is a whole number, 0 or more, without quotes"),
            ("theme = \"dark\"", "1:9: `theme` is a section: write `[theme]` on a line, and its settings below"),
            (
                "[check.paths]\nglob = \"a\"",
                "1:1: `check.paths` is a list of sections: write `[[check.paths]]` on a line, and its settings below",
            ),
            ("language = klingon", "1:12: a text must be in quotes: `\"…\"`"),
            (
                "[check]\npaths = [\"a\"]",
                "2:10: `check.paths` is a list of sections: write `[[check.paths]]` on a line, and its settings below",
            ),
            ("[[check.paths]]\nrules = {}", "1:1: `check.paths` needs `glob`"),
            ("[schema.fields.x]\nrequired = true", "1:1: `schema.fields.x` needs `kind`"),
            ("[theme\naccent = \"red\"", "1:7: a `]` is missing after the name of the section"),
            (
                "schemes = [\"javascript\"]",
                "1:12: `javascript` cannot be allowed: such a link runs a program in the page",
            ),
            (
                "schemes = [\"https://\"]",
                "1:12: `https://` is not the beginning of an address; write it in lower case and without `:`, such as `https`",
            ),
            (
                "language = \"xx\"",
                "1:12: `language` is `xx`, which is not the code of a language; write one such as `en`",
            ),
            (
                "language = \"Deutsch\"",
                "1:12: `language` is `Deutsch`, which is not the code of a language; write one such as `de`",
            ),
        ] {
            let told = mistakes(text);
            if told != [want] {
                others.push(format!("{text}\n  {told:?}\n  {want:?}"));
            }
            for word in ["u16", "sequence", "expected a map", "invalid type", "struct", "integer"] {
                assert!(!told.concat().contains(word), "{told:?}");
            }
        }
        assert!(others.is_empty(), "{}", others.join("\n"));
        for good in
            ["language = \"fil\"", "language = \"pt-BR\"", "schemes = [\"web+app\", \"x-y.z\"]", "[serve]\nport = 0"]
        {
            assert_eq!(mistakes(good), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn a_terminal_shows_the_line_with_a_mark() {
        let errors = Config::parse("title = \"x\"\n\ttitel = \"é\"\n[check]\nfail_on = \"warn\"\n").unwrap_err();
        assert_eq!(
            errors.shown("canon.toml"),
            "canon.toml has 2 mistakes\n\
             canon.toml:2:2: unknown `titel`; did you mean `title`?\n  |\n2 | \ttitel = \"é\"\n  | \t^^^^^\n\
             canon.toml:4:11: unknown `warn`; did you mean `warning`?\n  |\n4 | fail_on = \"warn\"\n  |           ^^^^^^"
        );
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
