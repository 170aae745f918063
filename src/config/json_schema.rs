//! The schema of notes and of `canon.toml` as JSON Schema 2020-12, for editors and third-party tools. Describes single
//! values. Constraints across notes (uniqueness, links, the order of dates) are left to the rules.

use crate::config::Config;
use crate::config::labels::LabelKind;
use crate::config::schema::{Field, Kind, Schema, Section};
use serde_json::{Map, Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Words of lower-case letters and digits of any script, separated by single hyphens.
const KEBAB: &str = r"^[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}\p{No}]+(?:-[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}\p{No}]+)*$";
/// `YYYY-MM-DD`, for validators that treat `format` as an annotation only.
const DATE: &str = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$";
/// A date and a time, as some editors write dates: `2026-01-31T12:00`.
const DATE_AND_TIME: &str = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ] *\d{2}:\d{2}";

/// The JSON Schema of the frontmatter of a note. Unknown keys are valid, because templates may use them.
pub(crate) fn frontmatter(schema: &Schema) -> Value {
    // A field with synonyms may be present under another name, which `required` cannot express.
    let has_synonym = |name: &String| schema.field_synonyms.values().any(|field| field == name);
    let required = schema.fields.iter().filter(|(name, f)| f.required && !has_synonym(name));
    let required: Vec<&str> = required.map(|(name, _)| &**name).collect();
    let own = schema.fields.iter().map(|(name, f)| (name.clone(), field(f)));
    let synonyms = schema.field_synonyms.keys().filter_map(|name| Some((name.clone(), field(schema.field(name)?))));
    let properties: Map<String, Value> = own.chain(synonyms).collect();
    json!({
        "$schema": DIALECT,
        "title": "Frontmatter of a note",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": true,
    })
}

/// The JSON Schema of a frontmatter field.
fn field(field: &Field) -> Value {
    let mut value = match field.kind {
        Kind::Text => text(&field.pattern),
        Kind::Link => json!({"type": "string", "minLength": 1}),
        Kind::Number => bounded("number", field, ["minimum", "maximum"]),
        Kind::Integer => bounded("integer", field, ["minimum", "maximum"]),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Date => {
            // `format` alone would accept any text: by default, validators treat `format` as an annotation.
            json!({"type": "string", "anyOf": [{"format": "date", "pattern": DATE}, {"pattern": DATE_AND_TIME}]})
        }
        Kind::Enum => json!({"enum": field.values}),
        Kind::Any => json!({}),
        Kind::List => {
            let mut list = bounded("array", field, ["minItems", "maxItems"]);
            list["items"] = text(&field.pattern);
            list["uniqueItems"] = true.into();
            // The frontmatter parser reads `tags: a` as a list with one item. `pattern` and `items` each apply to one
            // type only, by the definition of JSON Schema.
            list["type"] = json!(["array", "string"]);
            list["pattern"] = r"\S".into();
            list
        }
    };
    if !field.description.is_empty() {
        value["description"] = field.description.clone().into();
    }
    value
}

/// A JSON Schema of type `kind`, with the limits of the field under the keys `least` and `most`.
fn bounded(kind: &str, field: &Field, [least, most]: [&str; 2]) -> Value {
    let mut value = json!({"type": kind});
    for (key, bound) in [(least, field.min), (most, field.max)] {
        if let Some(bound) = bound {
            value[key] = bound.into();
        }
    }
    value
}

/// A text that is not blank and, if `pattern` is not empty, matches it: `kebab-case`, or one of `a|b|c`.
fn text(pattern: &str) -> Value {
    match pattern {
        "" => json!({"type": "string", "pattern": r"\S"}),
        "kebab-case" => json!({"type": "string", "pattern": KEBAB}),
        choices => json!({"enum": choices.split('|').collect::<Vec<_>>()}),
    }
}

/// The JSON Schema of `canon.toml`. Keys, types and defaults are taken from the default configuration, so no key is
/// missing here.
pub(crate) fn configuration() -> Value {
    let default = serde_json::to_value(Config::default()).expect("a configuration is plain data");
    let mut value = key_schema("", &default);
    value["$schema"] = DIALECT.into();
    value["title"] = "canon.toml".into();
    value
}

/// The JSON Schema of the key at `path`: that of [`special`], else one derived from the default value.
fn key_schema(path: &str, default: &Value) -> Value {
    let mut value = special(path).unwrap_or_else(|| match default {
        Value::Object(keys) => table(path, keys),
        Value::Array(_) => json!({"type": "array", "items": {"type": "string"}}),
        Value::Bool(_) => json!({"type": "boolean"}),
        // No number of the configuration can be negative.
        Value::Number(_) => json!({"type": "integer", "minimum": 0}),
        // TOML has no null: an unset optional value is a missing key.
        Value::String(_) | Value::Null => json!({"type": "string"}),
    });
    // The keys of a table have defaults already.
    if !default.is_object() {
        value["default"] = default.clone();
    }
    if let Some((_, description)) = DESCRIPTIONS.iter().find(|(key, _)| *key == path) {
        value["description"] = (*description).into();
    }
    value
}

/// The JSON Schema of a table with these keys and defaults. Unknown keys are errors.
fn table(path: &str, keys: &Map<String, Value>) -> Value {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
    let properties: Map<String, Value> =
        keys.iter().map(|(key, default)| (key.clone(), key_schema(&format!("{prefix}{key}"), default))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// The JSON Schema of keys whose type does not follow from the default value. `None` for all remaining keys.
fn special(path: &str) -> Option<Value> {
    let severity = json!({"enum": ["error", "warning", "info", "off"]});
    let rules = json!({"type": "object", "additionalProperties": severity});
    Some(match path {
        "check.fail_on" => json!({"enum": ["error", "warning", "info", "never"]}),
        "check.rules" => rules,
        "check.paths" => list_of(json!({
            "type": "object",
            "properties": {"glob": {"type": "string"}, "rules": rules},
            "required": ["glob", "rules"],
            "additionalProperties": false,
        })),
        "site.links" => list_of(json!({
            "type": "object",
            "properties": {"text": {"type": "string"}, "url": {"type": "string"}},
            "required": ["text", "url"],
            "additionalProperties": false,
        })),
        "serve.port" => json!({"type": "integer", "minimum": 0, "maximum": u16::MAX}),
        "schema.fields" => json!({"type": "object", "additionalProperties": field_schema()}),
        "schema.types" => json!({"type": "object", "additionalProperties": requirements_schema()}),
        "schema.folders" => {
            let mut folder = requirements_schema();
            // `Folder` flattens the requirements, so the glob is a key of the same table.
            folder["properties"]["glob"] = json!({"type": "string"});
            folder["required"] = json!(["glob"]);
            list_of(folder)
        }
        "schema.synonyms" => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        "schema.sections" => json!({"type": "object", "additionalProperties": section_schema()}),
        "schema.labels" => {
            let kinds: Vec<&str> = LabelKind::ALL.iter().map(|kind| kind.key()).collect();
            json!({"type": "object", "additionalProperties": {"enum": kinds}})
        }
        _ => return None,
    })
}

fn list_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn section_schema() -> Value {
    json!({"enum": Section::ALL.iter().map(|s| s.key()).collect::<Vec<_>>()})
}

/// The JSON Schema of an entry of `[schema.fields]`.
fn field_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "kind": {"enum": ["text", "number", "integer", "boolean", "date", "enum", "list", "link", "any"]},
            "required": {"type": "boolean"},
            "pattern": {"type": "string"},
            "values": {"type": "array", "items": {"type": "string"}},
            "min": {"type": "integer"},
            "max": {"type": "integer"},
            "description": {"type": "string"},
        },
        "required": ["kind"],
        "additionalProperties": false,
    })
}

/// The JSON Schema of an entry of `[schema.types]`.
fn requirements_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "sections": {"type": "array", "items": section_schema()},
            "cards": {"type": "integer", "minimum": 0},
            "trade_offs": {"type": "integer", "minimum": 0},
            "fields": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": false,
    })
}

/// The description of each key, which editors show.
const DESCRIPTIONS: &[(&str, &str)] = &[
    ("title", "The name of the site. Empty: the name of the content folder."),
    ("description", "One line for the home page, the feed and llms.txt."),
    ("author", "The author of the site."),
    ("language", "A BCP 47 tag, such as `en`."),
    ("base_url", "The URL of the site, used only in the sitemap, the feed, canonical tags and the 404 page."),
    ("content", "The folder of the notes, relative to this file."),
    ("output", "The folder for the generated site."),
    ("templates", "The folder of templates that replace built-in ones."),
    ("static", "The folder of files that are copied unchanged."),
    ("ignore", "Globs of content to skip."),
    ("pages", "Globs of Markdown files that are pages, not notes."),
    ("edit_url", "The URL for editing a page, with `{path}` as the placeholder of the note path."),
    ("raw_html", "True: the notes are trusted, and their HTML is not sanitised."),
    ("remote_images", "True: pages may load images from remote hosts."),
    ("schemes", "The URL schemes that a link may have."),
    ("follow_links_outside", "Folders outside the content that symbolic links may lead to."),
    ("preserve", "Names in the output folder that a build does not remove."),
    ("markdown", "The Markdown extensions."),
    ("markdown.math", "`$…$` and `$$…$$` are formulas."),
    ("markdown.wikilinks", "`[[…]]` are links."),
    ("markdown.callouts", "`> [!note]` are callouts."),
    ("markdown.smart_punctuation", "Straight quotes and hyphens become typographic quotes and dashes."),
    ("markdown.emoji", "Codes like `:rocket:` are emoji."),
    ("markdown.hard_breaks", "Every line end in a paragraph is a line break."),
    ("markdown.mermaid", "Code blocks of the language `mermaid` are drawn."),
    ("theme", "The look of the site."),
    ("theme.accent", "The accent colour, a CSS colour."),
    ("theme.logo", "The logo, an image in the static folder."),
    ("theme.extra_css", "Style sheets in the static folder."),
    ("theme.extra_js", "Scripts in the static folder."),
    ("site", "What the pages of the site offer apart from the notes."),
    ("site.health", "False: no health page, and no findings on other pages."),
    ("site.wanted", "False: no list of wanted notes."),
    ("site.order", "Paths of folders and notes in the order of the tree. All others follow by title."),
    ("importance", "The weights of living importance. Only their ratio counts."),
    ("importance.stated", "The weight of the importance in the frontmatter."),
    ("importance.links", "The weight of links to the note and of notes that require it."),
    ("importance.practice", "The weight of practice, where a log is given."),
    ("site.links", "Links in the header: `text`, and `url`, which is absolute or a path from the root of the site."),
    ("feed", "The Atom feed."),
    ("feed.entries", "The maximum number of entries, newest notes first."),
    ("check", "The settings of `canon check`."),
    ("check.fail_on", "The lowest severity that fails the check; with `never`, no finding does."),
    (
        "check.baseline",
        "The file with the known findings, which are not reported. Relative to `canon.toml`; empty: none.",
    ),
    ("check.common_words", "Titles that `unlinked-mention` matches only in their exact letter case."),
    (
        "check.note_templates",
        "Files that new notes are copied from. Text that notes share with these files is not reported as a duplicate.",
    ),
    ("check.stale_days", "The number of days until a note is stale, by importance."),
    ("check.stale_days.high", "For an importance of 80 or more."),
    ("check.stale_days.medium", "For an importance from 50 to 79."),
    ("check.stale_days.low", "For an importance below 50."),
    ("check.rules", "The severity of each rule, by rule id."),
    ("check.paths", "Severities for the paths that a glob matches. Later entries override earlier entries."),
    ("external", "The settings of `canon check --external`."),
    ("external.include", "Patterns of the URLs to request. Empty: all URLs."),
    ("external.exclude", "Patterns of URLs that are not requested."),
    ("external.timeout", "The timeout of a request in seconds."),
    ("external.retries", "The number of attempts after the first attempt."),
    ("external.per_host", "The maximum number of concurrent requests to a host."),
    ("external.cache_hours", "The number of hours for which a success is cached."),
    ("external.private_networks", "True: private and loopback addresses may be requested."),
    ("external.fragments", "True: the fragment of a URL must exist in the response."),
    ("serve", "The settings of `canon serve`."),
    ("serve.port", "The port of the preview."),
    ("serve.allow_hosts", "Host names that the preview answers in addition to the names of this machine."),
    ("schema", "The changes to the built-in schema."),
    ("schema.extend", "False: the built-in schema is discarded."),
    ("schema.fields", "The frontmatter fields, by name."),
    ("schema.types", "The requirements for the notes of a type, by type."),
    ("schema.folders", "The requirements for the notes that a glob matches."),
    ("schema.synonyms", "Further names of fields: name to field, such as `date` to `created_at`."),
    ("schema.sections", "Additional heading texts of sections: heading text to section."),
    ("schema.labels", "Additional labels, such as the words for a question or an answer: label to kind."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn validator(schema: &Value) -> jsonschema::Validator {
        assert!(jsonschema::draft202012::meta::is_valid(schema));
        jsonschema::options().should_validate_formats(true).build(schema).unwrap()
    }

    fn good() -> Value {
        json!({
            "id": "acid", "title": "ACID", "type": "concept", "status": "learning", "importance": 80,
            "difficulty": "medium", "tags": ["databases", "größe", "日本-語"], "canonical": true, "aliases": [],
            "created_at": "2024-02-29", "updated_at": "2024-03-01", "my_own_key": {"any": ["thing"]},
        })
    }

    #[test]
    fn good_frontmatter_passes_and_each_bad_kind_does_not() {
        let validator = validator(&frontmatter(&Schema::built_in()));
        assert!(validator.is_valid(&good()));
        for (key, bad) in [
            ("id", json!("Not Kebab")),
            ("id", json!("a--b")),
            ("title", json!(" ")),
            ("title", json!(["x"])),
            ("type", json!("thing")),
            ("status", json!("Learning")),
            ("importance", json!(101)),
            ("importance", json!(-1)),
            ("importance", json!("80")),
            ("importance", json!(80.5)),
            ("difficulty", json!("mediun")),
            ("tags", json!([])),
            ("tags", json!(" ")),
            ("tags", json!({"a": "b"})),
            ("tags", json!(["a", "a"])),
            ("tags", json!(["Data Bases"])),
            ("canonical", json!("yes")),
            ("aliases", json!([1])),
            ("created_at", json!("2024-13-01")),
            ("created_at", json!("2023-02-29")),
            ("created_at", json!("01.02.2024")),
            ("created_at", json!("2024-02-01 noon")),
            ("topic", json!("")),
        ] {
            let mut note = good();
            note[key] = bad.clone();
            assert!(!validator.is_valid(&note), "{key}: {bad}");
        }
        for (key, other) in [("tags", json!("databases, größe")), ("created_at", json!("2024-02-29T10:00:00Z"))] {
            let mut note = good();
            note[key] = other.clone();
            assert!(validator.is_valid(&note), "{key}: {other}");
        }
        for (key, field) in &Schema::built_in().fields {
            let mut note = good();
            note.as_object_mut().unwrap().remove(key);
            assert_eq!(validator.is_valid(&note), !field.required, "{key}");
        }
    }

    #[test]
    fn a_schema_of_ones_own_counts() {
        let text = "[schema.fields.level]\nkind = \"text\"\npattern = \"low|a.b\"\n[schema.fields.size]\nkind = \"number\"\nmin = 1\n\
                    required = true\n[schema.types.recipe]\n";
        let schema = frontmatter(&Config::parse(text).unwrap().schema.resolve());
        let validator = validator(&schema);
        let with = |level: &str, size: f64, kind: &str| {
            let mut note = good();
            (note["level"], note["size"], note["type"]) = (json!(level), json!(size), json!(kind));
            validator.is_valid(&note)
        };
        assert!(with("a.b", 1.5, "recipe"));
        assert!(!with("axb", 1.5, "recipe"));
        assert!(!with("low", 0.5, "recipe"));
        assert!(!with("low", 1.5, "meal"));
        assert!(!validator.is_valid(&good()));
    }

    #[test]
    fn the_configuration_is_judged_as_the_program_judges_it() {
        let validator = validator(&configuration());
        let default = serde_json::to_value(Config::default()).unwrap();
        assert!(validator.is_valid(&default));
        for (text, good) in [
            ("", true),
            ("title = \"x\"\nstatic = \"assets\"\n[markdown]\nmath = false", true),
            (
                "[check.rules]\norphan-note = \"off\"\n[[check.paths]]\nglob = \"a/**\"\nrules = { thin-note = \"info\" }",
                true,
            ),
            ("[check]\nstale_days = { high = 1 }\nfail_on = \"warning\"", true),
            ("[schema.fields.x]\nkind = \"link\"\nmin = -3\n[schema.types.y]\nsections = [\"tldr\"]\ncards = 2", true),
            ("[[schema.folders]]\nglob = \"a/*\"\ncards = 1\n[schema.sections]\n\"In short\" = \"tldr\"", true),
            ("[schema.labels]\n\"Respuesta\" = \"answer\"\n\"Nimm … wenn\" = \"use-when\"", true),
            ("[schema.labels]\n\"Respuesta\" = \"anser\"", false),
            ("titel = \"x\"", false),
            ("static_folder = \"x\"", false),
            ("title = 1", false),
            ("raw_html = \"yes\"", false),
            ("ignore = \"a\"", false),
            ("[check]\nfail_on = \"never\"", true),
            ("[check]\nfail_on = \"warn\"", false),
            ("[check]\nfail_on = \"off\"", false),
            ("[check.rules]\norphan-note = \"fatal\"", false),
            ("[[check.paths]]\nglob = \"a\"", false),
            ("[feed]\nentries = -1", false),
            (
                "[site]\nhealth = false\norder = [\"b\", \"a/x\"]\n[[site.links]]\ntext = \"x\"\nurl = \"https://example.org\"",
                true,
            ),
            ("[site]\nhealth = \"no\"", false),
            ("[[site.links]]\ntext = \"x\"", false),
            ("[[site.links]]\ntext = \"x\"\nhref = \"a\"\nurl = \"b\"", false),
            ("[serve]\nport = 70000", false),
            ("[schema.fields.x]\nrequired = true", false),
            ("[schema.fields.x]\nkind = \"words\"", false),
            ("[schema.types.y]\nsections = [\"tl;dr\"]", false),
            ("[schema.sections]\n\"In short\" = \"summary\"", false),
        ] {
            let value: toml::Value = toml::from_str(text).unwrap();
            assert_eq!(validator.is_valid(&serde_json::to_value(value).unwrap()), good, "{text}");
            assert_eq!(Config::parse(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn sections_have_one_name_everywhere() {
        for section in Section::ALL {
            let text = format!("[schema.sections]\nx = \"{}\"", section.key());
            assert_eq!(Config::parse(&text).unwrap().schema.sections["x"], *section);
        }
    }

    #[test]
    fn kinds_of_labels_have_one_name_everywhere() {
        for kind in LabelKind::ALL {
            let text = format!("[schema.labels]\nx = \"{}\"", kind.key());
            assert_eq!(Config::parse(&text).unwrap().schema.labels["x"], *kind);
        }
    }

    #[test]
    fn every_key_is_described_and_no_other() {
        fn keys(path: &str, value: &Value, found: &mut Vec<String>) {
            let Some(table) = value.as_object().filter(|_| special(path).is_none()) else { return };
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                keys(&path, value, found);
                found.push(path);
            }
        }
        let mut found = Vec::new();
        keys("", &serde_json::to_value(Config::default()).unwrap(), &mut found);
        found.sort();
        let mut described: Vec<String> = DESCRIPTIONS.iter().map(|(key, _)| key.to_string()).collect();
        described.sort();
        assert_eq!(found, described);
    }

    proptest! {
        #[test]
        fn kebab_case_is_what_the_program_takes_for_it(text in "[a-cA-C0-9é日É_ -]{0,8}") {
            let pattern = jsonschema::validator_for(&json!({"pattern": KEBAB})).unwrap();
            prop_assert_eq!(pattern.is_valid(&json!(text)), crate::text::slug::is_kebab(&text), "{}", text);
        }
    }
}
