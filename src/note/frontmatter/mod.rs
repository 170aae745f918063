//! The frontmatter of a note: its position, and its typed values. Every error is data, and an invalid key does not
//! affect any further key.
//!
//! `fence.rs` locates the frontmatter. gray_matter parses YAML, but only the slice between the fences, after limits
//! that it lacks have been checked, and only if a line is not in the simple subset of `flat.rs`. `tables.rs` parses
//! TOML, and `properties.rs` the `key:: value` lines of Logseq and Dataview. The positions of keys and values are
//! computed only for findings: [`Frontmatter::places`].

mod fence;
mod flat;
mod located;
mod places;
mod properties;
mod tables;
mod values;

use crate::config::schema::{Kind, Schema};
use crate::text::packed::PackedStrings;
use crate::text::slug::slug;
use crate::text::source::Span;
use gray_matter::Pod;
use gray_matter::engine::{Engine, YAML};
use std::collections::BTreeMap;

pub(crate) use fence::{Fence, Syntax};
pub(crate) use located::LocatedHead;
pub(crate) use places::Place;
pub(crate) use values::{FieldError, is_date};

/// The maximum length of frontmatter in bytes.
pub(crate) const MAX_BYTES: usize = 64 << 10;
/// The maximum nesting of lists and mappings.
pub(crate) const MAX_DEPTH: usize = 16;

/// A calendar date without a time zone.
pub(crate) type Date = jiff::civil::Date;

/// The typed frontmatter of a note.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Frontmatter {
    /// The position.
    pub fence: Fence,
    /// The unique id of the note.
    pub id: Option<String>,
    /// The name of the concept.
    pub title: Option<String>,
    /// The type, one of the types in the schema.
    pub kind: Option<String>,
    /// The progress of the owner.
    pub status: Option<String>,
    /// The importance, 0 to 100.
    pub importance: Option<u8>,
    /// The difficulty.
    pub difficulty: Option<String>,
    /// The tags as written.
    pub tags: Vec<String>,
    /// Whether this is the canonical note of its concept.
    pub canonical: bool,
    /// The aliases.
    pub aliases: Vec<String>,
    /// The date of creation.
    pub created: Option<Date>,
    /// The date of the last revision.
    pub updated: Option<Date>,
    /// The old addresses.
    pub redirect_from: Vec<String>,
    /// Whether the note is excluded from every output.
    pub draft: bool,
    /// The ids of rules whose findings are suppressed in this note.
    pub ignore: Vec<String>,
    /// The values of fields of kind `link`, by field.
    pub links: Vec<(String, String)>,
    /// All keys in alphabetical order.
    pub keys: PackedStrings,
    /// The fields outside of the schema, for templates.
    pub extra: BTreeMap<String, serde_json::Value>,
    /// The invalid values, by key.
    pub complaints: Vec<(String, FieldError)>,
    /// Why it could not be read as a whole.
    pub broken: Option<Broken>,
    /// Texts that a comment cuts short: the key.
    pub cut_short: Vec<String>,
}

/// Frontmatter that is not usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The place in the file.
    pub span: Span,
    /// What is wrong, one line.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Reads the head of a normalised text by a schema.
pub(crate) fn parse(text: &str, schema: &Schema) -> Frontmatter {
    let (fence, broken) = fence::fence(text);
    let mut head = Frontmatter { fence, broken, canonical: true, ..Frontmatter::default() };
    if !fence.present {
        return head;
    }
    let fields = &text[fence.fields.range()];
    match mapping(fields, fence.syntax) {
        Ok(values) => read(&mut head, values, &Written { text: fields, syntax: Some(fence.syntax) }, schema),
        Err(mut broken) => {
            let base = fence.fields.start;
            // The parser saw the fields only: shift the span to offsets in the file.
            broken.span = Span { start: base + broken.span.start, end: base + broken.span.end };
            head.draft = withholds(fields);
            head.broken.get_or_insert(broken);
        }
    }
    if !fence.properties.is_empty() {
        let lines = &text[fence.properties.range()];
        let mut values = properties::mapping(lines, schema);
        // A key between the fences takes precedence over a `key:: value` line.
        values.retain(|key, _| !head.keys.iter().any(|known| known == key));
        read(&mut head, values, &Written { text: lines, syntax: None }, schema);
        head.keys = sorted(&head.keys);
    }
    head.complain_of_dates();
    head
}

/// Whether invalid frontmatter contains a line that makes the note a draft. Nothing else is known of such a note, and a
/// note that is withheld by mistake can still be published.
fn withholds(fields: &str) -> bool {
    let says = |line: &str| {
        let (key, value) = line.split_once([':', '='])?;
        let value = Pod::String(value.trim().trim_matches(['"', '\'']).to_string());
        Some(match key.trim() {
            "draft" => may_be_draft(&value),
            "publish" | "published" => is_withheld(&value),
            _ => false,
        })
    };
    fields.lines().any(|line| says(line) == Some(true))
}

fn sorted(keys: &PackedStrings) -> PackedStrings {
    let mut keys: Vec<&str> = keys.iter().collect();
    keys.sort_unstable();
    keys.into_iter().collect()
}

/// The source of parsed values.
struct Written<'a> {
    text: &'a str,
    /// The language. `None` for `key:: value` lines.
    syntax: Option<Syntax>,
}

impl Written<'_> {
    fn places(&self, base: u32) -> Vec<Place> {
        match self.syntax {
            Some(Syntax::Yaml) => places::places(self.text, base),
            Some(Syntax::Toml) => tables::places(self.text, base),
            None => properties::places(self.text, base),
        }
    }
}

impl Frontmatter {
    /// The positions of the top-level keys in the file `text`. Empty if the frontmatter is invalid.
    pub(crate) fn places(&self, text: &str) -> Vec<Place> {
        let (fields, properties) = (self.fence.fields, self.fence.properties);
        let fenced = Written { text: &text[fields.range()], syntax: Some(self.fence.syntax) };
        let mut found = fenced.places(fields.start);
        if !properties.is_empty() {
            let lines = Written { text: &text[properties.range()], syntax: None };
            found.extend(lines.places(properties.start));
        }
        found
    }

    /// Whether the note has a field, under its own name or a synonym.
    pub(crate) fn has(&self, field: &str, schema: &Schema) -> bool {
        self.keys.binary_search(field).is_some()
            || (!schema.field_synonyms.is_empty() && self.keys.iter().any(|key| schema.field_name(key) == field))
    }

    /// The key of a field in the note: its own name or a synonym. `None` if the note does not have the field.
    pub(crate) fn key_of(&self, field: &str, schema: &Schema) -> Option<&str> {
        self.keys
            .iter()
            .find(|key| *key == field)
            .or_else(|| self.keys.iter().find(|key| schema.field_name(key) == field))
    }

    /// Whether a key has a meaning here that the schema need not declare: it decides on publication, or is a table of
    /// tags.
    pub(crate) fn is_understood(&self, key: &str) -> bool {
        matches!(key, "publish" | "published" | "taxonomies") && !self.extra.contains_key(key)
    }

    fn complain_of_dates(&mut self) {
        let (Some(created), Some(updated)) = (self.created, self.updated) else { return };
        if updated < created {
            let message = format!("`updated_at` is before `created_at` ({created})");
            let help = "correct one of the two dates".into();
            self.complaints.push(("updated_at".into(), FieldError { message, help, item: None }));
        }
    }
}

/// Parses frontmatter within the limits. Spans in an error are relative to `yaml`.
fn mapping(yaml: &str, syntax: Syntax) -> Result<BTreeMap<String, Pod>, Broken> {
    if yaml.len() > MAX_BYTES {
        return Err(Broken {
            span: Span::new(0, yaml.find('\n').unwrap_or(0)),
            message: format!("the frontmatter has {} bytes, more than {MAX_BYTES}", yaml.len()),
            help: "move text into the body of the note".into(),
        });
    }
    if syntax == Syntax::Toml {
        return tables::mapping(yaml);
    }
    // The common case of plain `key: value` lines needs no YAML parser.
    if let Some(values) = flat::mapping(yaml) {
        return Ok(values);
    }
    // YAML does not allow tabs in indentation. Checked before parsing, to name the tab as the cause.
    if let Some(at) = yaml.starts_with('\t').then_some(0).or_else(|| yaml.find("\n\t").map(|i| i + 1)) {
        let end = yaml[at..].find('\n').map_or(yaml.len(), |i| at + i);
        let message = "a line of the frontmatter is indented with a tab".into();
        return Err(Broken { span: Span::new(at, end), message, help: "indent with spaces, not tabs".into() });
    }
    // Only frontmatter with characters of anchors, aliases, keys that are lists or deep nesting is scanned a second time.
    let suspicious =
        yaml.contains(['&', '*', '!', '?', '\t', '\0']) || yaml.lines().any(|line| line.starts_with(['[', '{']));
    let brackets = yaml.bytes().filter(|b| matches!(b, b'[' | b'{')).count();
    if suspicious || brackets > MAX_DEPTH || yaml.lines().any(may_nest_deep) {
        places::judge(yaml)?;
    }
    match YAML::parse(yaml) {
        Ok(Pod::Hash(values)) => Ok(values.into_iter().collect()),
        Ok(Pod::Null) => Ok(BTreeMap::new()),
        Ok(_) => Err(places::not_a_mapping(yaml)),
        Err(error) => Err(places::explain(yaml, &error.to_string())),
    }
}

/// Whether a line may start a deeply nested list or mapping. A line inside `n` levels starts with as many spaces or
/// hyphens, or with several hyphens that open one list each: `-  -  - x`.
fn may_nest_deep(line: &str) -> bool {
    let indent = &line.as_bytes()[..line.len() - line.trim_start_matches([' ', '-']).len()];
    indent.len() > MAX_DEPTH || indent.iter().filter(|b| **b == b'-').count() > 1
}

fn read(head: &mut Frontmatter, values: BTreeMap<String, Pod>, source: &Written<'_>, schema: &Schema) {
    // A field under its own name takes precedence over its synonyms, so the synonyms come last.
    let (synonyms, own): (Vec<_>, Vec<_>) = values.into_iter().partition(|(key, _)| schema.field_name(key) != key);
    let has_synonyms = !synonyms.is_empty();
    for (key, value) in own.into_iter().chain(synonyms) {
        let name = schema.field_name(&key);
        let field = schema.field(&key);
        let is_list = field.is_some_and(|f| f.kind == Kind::List) || LISTS.contains(&name);
        let value = match as_typed(&key, value, source, schema) {
            Pod::String(text) if is_list => values::as_list(&text, name == "tags"),
            value => value,
        };
        // The positions of keys are needed for few values and cost a scan of the frontmatter: find them on first use.
        let found = std::cell::OnceCell::new();
        let written = |item: Option<usize>| {
            let find = || source.places(0).into_iter().find(|p| p.key == key);
            let place: &Place = found.get_or_init(find).as_ref()?;
            let span = item.map_or(Some(place.value), |i| place.items.get(i).map(|item| item.span))?;
            source.text.get(span.range())
        };
        let refused = field.map(|field| values::complaints(field, &value, &written)).unwrap_or_default();
        head.complaints.extend(refused.into_iter().map(|complaint| (key.clone(), complaint)));
        // One invalid item must not discard the valid items of a list.
        let is_draft = matches!(name, "draft" | "publish" | "published");
        let is_second = name != key && head.has(name, schema);
        if is_second && name == "tags" {
            add_tags(head, values::list(&value));
        } else if !is_second
            && (is_list || is_draft || head.complaints.last().is_none_or(|(complained, _)| *complained != key))
        {
            assign(head, name, &value, field.map(|f| f.kind));
        }
        let is_text = field.is_some_and(|f| f.kind == Kind::Text);
        if is_text && source.syntax == Some(Syntax::Yaml) && places::is_cut_short(source.text, &key) {
            head.cut_short.push(key.clone());
        }
        head.keys.push(&key);
    }
    if has_synonyms {
        head.keys = sorted(&head.keys);
    }
}

/// The values of the frontmatter of a normalised text, by key as written, without a schema. Empty if there are none or
/// they cannot be read.
pub(crate) fn raw_values(text: &str) -> BTreeMap<String, serde_json::Value> {
    let (fence, broken) = fence::fence(text);
    let mut values = BTreeMap::new();
    if !fence.properties.is_empty() {
        values = properties::mapping(&text[fence.properties.range()], &Schema::default());
    }
    if broken.is_none() && !fence.fields.is_empty() {
        values.extend(mapping(&text[fence.fields.range()], fence.syntax).unwrap_or_default());
    }
    values.into_iter().map(|(key, value)| (key, values::json(&value))).collect()
}

/// Lists that are read independently of the schema.
const LISTS: &[&str] = &["aliases", "canon_ignore", "redirect_from", "tags"];

/// The value as written if the schema expects text: YAML would parse `1.10` as a number.
fn as_typed(key: &str, value: Pod, source: &Written<'_>, schema: &Schema) -> Pod {
    let textual =
        schema.field(key).is_some_and(|f| matches!(f.kind, Kind::Text | Kind::List | Kind::Date | Kind::Link));
    let scalar = matches!(value, Pod::Integer(_) | Pod::Float(_) | Pod::Boolean(_));
    if !textual || !scalar || source.syntax != Some(Syntax::Yaml) {
        return value;
    }
    let found = source.places(0);
    let Some(place) = found.iter().find(|p| p.key == key) else { return value };
    source.text.get(place.value.range()).map_or(value, |text| Pod::String(text.to_string()))
}

/// Stores a valid value in its field.
fn assign(head: &mut Frontmatter, key: &str, value: &Pod, kind: Option<Kind>) {
    if key == "taxonomies" {
        add_tags(head, values::terms(value));
        // A table with further taxonomies is kept for templates.
        if values::is_tag_table(value) {
            return;
        }
    }
    let text = || values::text(value).map(str::to_string);
    match key {
        "id" => head.id = text(),
        "title" => head.title = text().map(|t| t.trim().to_string()),
        "type" => head.kind = text(),
        "status" => head.status = text(),
        "difficulty" => head.difficulty = text(),
        "importance" => head.importance = values::integer(value).and_then(|n| u8::try_from(n).ok()),
        "tags" => head.tags = values::list(value),
        "aliases" => head.aliases = values::list(value),
        "redirect_from" => head.redirect_from = values::list(value),
        "canon_ignore" => head.ignore = values::list(value),
        "canonical" => head.canonical = *value != Pod::Boolean(false),
        "draft" => head.draft |= may_be_draft(value),
        "publish" | "published" if is_withheld(value) => head.draft = true,
        "publish" | "published" if *value == Pod::Boolean(true) => {}
        "created_at" => head.created = values::date(value),
        "updated_at" => head.updated = values::date(value),
        _ => match (kind, values::text(value)) {
            (Some(Kind::Link), Some(dest)) => head.links.push((key.to_string(), dest.to_string())),
            _ => {
                head.extra.insert(key.to_string(), values::json(value));
            }
        },
    }
}

/// Adds tags that the note does not have. Tags with equal slugs are the same tag.
fn add_tags(head: &mut Frontmatter, tags: Vec<String>) {
    for tag in tags {
        if !head.tags.iter().any(|known| slug(known) == slug(&tag)) {
            head.tags.push(tag);
        }
    }
}

/// Whether the value of `draft` makes a note a draft. A value that is neither true nor false counts as true: a note
/// that is withheld by mistake can still be published, but not the other way round.
fn may_be_draft(value: &Pod) -> bool {
    match value {
        Pod::Boolean(draft) => *draft,
        Pod::String(text) => !["false", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no)),
        _ => true,
    }
}

/// Whether the value of `publish` makes a note a draft: `false`, also as text. A date does not.
fn is_withheld(value: &Pod) -> bool {
    match value {
        Pod::Boolean(published) => !published,
        Pod::String(text) => ["false", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(text: &str) -> Frontmatter {
        parse(text, &Schema::built_in())
    }

    #[test]
    fn a_complete_head_is_typed() {
        let text = "---\nid: raft\ntitle: \"Raft: consensus\"\nimportance: 80\ntags: [a-b, 1.10]\ncreated_at: 2026-01-02\nx: {y: [1]}\n---\n# Raft\n";
        let head = head(text);
        assert_eq!(head.id.as_deref(), Some("raft"));
        assert_eq!(head.title.as_deref(), Some("Raft: consensus"));
        assert_eq!((head.importance, head.canonical), (Some(80), true));
        assert_eq!(head.created, Some(jiff::civil::date(2026, 1, 2)));
        assert_eq!(head.extra["x"]["y"][0], 1);
        assert_eq!(&text[head.fence.body as usize..], "# Raft\n");
        assert_eq!(head.complaints.iter().map(|(k, _)| k.as_str()).collect::<Vec<_>>(), ["tags"]);
    }

    #[test]
    fn what_may_be_a_draft_is_one() {
        for (value, draft, complaints) in [
            ("true", true, 0),
            ("false", false, 0),
            ("yes", true, 1),
            ("\"true\"", true, 1),
            ("1", true, 1),
            ("until friday", true, 1),
            ("", true, 1),
            ("[false]", true, 1),
            ("no", false, 1),
            ("\"false\"", false, 1),
        ] {
            let head = head(&format!("---\nid: a\ndraft: {value}\n---\n"));
            assert_eq!((head.draft, head.complaints.len()), (draft, complaints), "{value}");
        }
        assert!(!head("---\nid: a\n---\n").draft);
    }

    #[test]
    fn fences() {
        for (text, present, broken) in [
            ("# no head\n", false, None),
            ("---\nid: a\n---\n", true, None),
            ("---\nid: a\n...\nx", true, None),
            ("---\nid: a\n", true, Some("the frontmatter is not closed")),
            ("\n---\nid: a\n---\n", true, Some("the frontmatter does not start on the first line")),
            ("---\n\ntext\n\n---\n", true, Some("the frontmatter is not a list of `key: value` lines")),
            ("---\n", false, None),
            ("", false, None),
        ] {
            let head = head(text);
            assert_eq!(head.fence.present, present, "{text:?}");
            assert_eq!(head.broken.map(|b| b.message).as_deref(), broken, "{text:?}");
        }
    }

    #[test]
    fn the_text_below_a_head_that_is_not_closed_is_the_note() {
        for (text, title, body) in [
            ("---\ntitle: Tide\n\nLow water.\n", Some("Tide"), "\nLow water.\n"),
            ("---\ntitle: Tide\ntags:\n- sea\n- moon\n# Ebb\n", Some("Tide"), "# Ebb\n"),
            ("---\ntitle: Tide\ntags: [sea]\nText: of a note\nthat goes on\n", Some("Tide"), "that goes on\n"),
            ("+++\ntitle = \"Tide\"\n[extra]\nx = 1\n\nLow.\n", Some("Tide"), "\nLow.\n"),
            ("---\nWhy not: because\nof it\n", None, "Why not: because\nof it\n"),
        ] {
            let head = head(text);
            assert_eq!(head.broken.as_ref().map(|b| &*b.message), Some("the frontmatter is not closed"), "{text:?}");
            assert_eq!(head.title.as_deref(), title, "{text:?}");
            assert_eq!(&text[head.fence.body as usize..], body, "{text:?}");
        }
    }

    #[test]
    fn toml_is_read_as_yaml_is() {
        let text = "+++\nid = \"ebb\"\ntitle = \"C# at sea\"\nimportance = 80\ntags = [\"sea\", \"low-water\"]\n\
                    created_at = 2026-01-02\nupdated_at = 2026-01-03T10:00:00Z\naliases = \"Low tide\"\n[extra]\nx = 1.5\n+++\nText\n";
        let head = head(text);
        assert_eq!((head.complaints.clone(), head.broken.clone()), (Vec::new(), None));
        assert_eq!(head.title.as_deref(), Some("C# at sea"));
        assert_eq!((&*head.tags, &*head.aliases), (&["sea".into(), "low-water".into()][..], &["Low tide".into()][..]));
        assert_eq!(head.created, Some(jiff::civil::date(2026, 1, 2)));
        assert_eq!(head.updated, Some(jiff::civil::date(2026, 1, 3)));
        assert_eq!(head.extra["extra"]["x"], 1.5);
        assert_eq!(&text[head.fence.body as usize..], "Text\n");
        let found = head.places(text);
        let tags = found.iter().find(|place| place.key == "tags").expect("the tags");
        assert_eq!(&text[tags.items[1].span.range()], "\"low-water\"");
        assert_eq!(&text[tags.key_span.range()], "tags");
    }

    #[test]
    fn taxonomies_of_zola_are_tags() {
        let head = head(
            "+++\ntitle = \"Ebb\"\ntags = [\"Low water\"]\n[taxonomies]\ncategories = [\"moon\"]\ntags = [\"sea\", \"low-water\"]\n+++\n",
        );
        assert_eq!(head.tags, ["Low water", "sea", "moon"]);
        assert!(head.is_understood("taxonomies") && head.extra.is_empty());
        let more = self::head("+++\ntitle = \"Ebb\"\n[taxonomies]\ntags = [\"sea\"]\nauthors = [\"Ann\"]\n+++\n");
        assert_eq!(more.tags, ["sea"]);
        assert_eq!(more.extra["taxonomies"]["authors"][0], "Ann");
    }

    #[test]
    fn toml_that_cannot_be_read_is_placed() {
        for toml in
            ["title = tide\n", "title = \"a\"\ntitle = \"b\"\n", "= 1\n", "x = [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n"]
        {
            let text = format!("+++\n{toml}+++\nText\n");
            let broken = head(&text).broken.unwrap_or_else(|| panic!("{toml} was accepted"));
            assert!(broken.span.start >= 4 && broken.span.end as usize <= text.len(), "{broken:?}");
        }
        let dotted = format!("+++\n{}x = 1\n+++\n", "a.".repeat(20_000));
        assert!(head(&dotted).broken.is_some());
    }

    #[test]
    fn one_text_is_a_list_and_empty_items_are_none() {
        let head = head(
            "---\naliases: Low tide, or ebb\ntags: sea, moon,\nredirect_from:\n  -\n  - /old/ebb\n  - \"\"\ncanon_ignore: thin-note\n---\n",
        );
        assert_eq!(head.complaints, []);
        assert_eq!(
            (&*head.aliases, &*head.tags),
            (&["Low tide, or ebb".into()][..], &["sea".into(), "moon".into()][..])
        );
        assert_eq!((&*head.redirect_from, &*head.ignore), (&["/old/ebb".into()][..], &["thin-note".into()][..]));
    }

    #[test]
    fn of_a_date_with_a_time_the_date_counts() {
        for (value, day) in [
            ("2026-01-02", Some(2)),
            ("2026-01-02T10:00:00Z", Some(2)),
            ("2026-01-02 21:30", Some(2)),
            ("\"2026-01-02 21:30:59.25 +02:00\"", Some(2)),
            ("2026-01-02T23:59:60-0500", Some(2)),
            ("2026-01-02 noon", None),
            ("2026-01-02T", None),
            ("2026-01-02T25:00", None),
            ("2026-01-022", None),
            ("2026-02-30T10:00", None),
        ] {
            let head = head(&format!("---\ncreated_at: {value}\n---\n"));
            assert_eq!(head.created, day.map(|day| jiff::civil::date(2026, 1, day)), "{value}");
            assert_eq!(head.complaints.len(), usize::from(day.is_none()), "{value}");
        }
    }

    #[test]
    fn what_is_not_to_be_published_is_a_draft() {
        for (line, draft, unknown) in [
            ("publish: false", true, false),
            ("published: false", true, false),
            ("published: \"no\"", true, false),
            ("publish: true", false, false),
            ("published: 2026-01-02", false, true),
            ("draft: false\npublished: false", true, false),
            ("draft: true\npublish: true", true, false),
            // A head that cannot be read.
            ("title: a: b\npublish: false", true, true),
            ("title: [a\ndraft: yes", true, true),
            ("title: [a\ndraft: false", false, true),
        ] {
            let head = head(&format!("---\nid: a\n{line}\n---\n"));
            let known = |key: &str| head.is_understood(key) && head.keys.iter().any(|k| k == key);
            assert_eq!(head.draft, draft, "{line}");
            if line.contains("publish") {
                assert_eq!(known("publish") || known("published"), !unknown, "{line}");
            }
        }
        assert!(head("+++\ntitle = \"a\"\ndraft = true\n+++\n").draft);
        assert!(head("---\ntitle: a\ndraft: true\n\nNever closed.\n").draft);
    }

    #[test]
    fn properties_on_top_of_a_text_are_facts() {
        let text = "title:: Low tide\nalias:: [[Ebb]], Low water\ntags:: #sea, [[moon]]\nimportance:: 80\nreviewed:: true\n\nText\n";
        let head = head(text);
        assert_eq!((head.fence.present, head.complaints.clone()), (true, Vec::new()));
        assert_eq!((head.title.as_deref(), head.importance), (Some("Low tide"), Some(80)));
        assert_eq!(&*head.aliases, ["Ebb", "Low water"]);
        assert_eq!(&*head.tags, ["sea", "moon"]);
        assert_eq!(head.extra["reviewed"], true);
        assert_eq!(&text[head.fence.body as usize..], "\nText\n");
        let found = head.places(text);
        assert_eq!(&text[found[1].value.range()], "[[Ebb]], Low water");
        // Below a head they add what it does not say.
        let both = super::parse("---\ntitle: Ebb\n---\n\ntitle:: No\nstatus:: stale\nText\n", &Schema::built_in());
        assert_eq!((both.title.as_deref(), both.status.as_deref()), (Some("Ebb"), Some("stale")));
        for text in ["std::vector is a list\n", "Text\nkey:: value\n", "- key:: value\n", ":: value\n", "# a:: b\n"] {
            assert!(!super::parse(text, &Schema::built_in()).fence.present, "{text:?}");
        }
    }

    #[test]
    fn values_keep_their_spelling() {
        for (text, want) in
            [("1.10", "1.10"), ("0123", "0123"), ("no", "no"), ("12:30", "12:30"), ("~x", "~x"), ("true", "true")]
        {
            assert_eq!(head(&format!("---\ntitle: {text}\n---\n")).title.as_deref(), Some(want));
        }
    }

    #[test]
    fn what_yaml_refuses_is_placed() {
        for (text, at, message) in [
            ("id: a\nid: b\n", "id: b", "duplicate key `id`"),
            ("title: a: b\n", "", ""),
            ("id: &x a\ntitle: *x\n", "&x", "anchors and aliases"),
            ("id: [a\n", "", ""),
            ("\tid: a\n", "", ""),
            ("id: !!python/x a\n", "!!python/x a", "tag"),
            ("id: a\n? [b]\n: c\n", "[b]", "a list or a table"),
            ("id: a\n[b, c]: d\n", "[b,", "a list or a table"),
            ("{b: c}: d\n", "{b:", "a list or a table"),
        ] {
            let file = format!("---\n{text}---\n");
            let broken = head(&file).broken.unwrap_or_else(|| panic!("{text:?} was accepted"));
            assert!(broken.message.contains(message), "{text:?}: {}", broken.message);
            let span = broken.span.range();
            assert!(span.start >= 4 && span.end <= file.len(), "{text:?}: {span:?}");
            if !at.is_empty() {
                assert_eq!(file[span.start..].find(at.split(' ').next().unwrap()), Some(0), "{text:?} {span:?}");
            }
        }
    }

    #[test]
    fn bombs_are_refused() {
        let laughs = "a: &a [x,x]\nb: &b [*a,*a]\n";
        assert!(head(&format!("---\n{laughs}---\n")).broken.is_some());
        let deep = format!("---\na: {}\n---\n", "[".repeat(60_000));
        assert!(head(&deep).broken.is_some());
        let long = format!("---\na: {}\n---\n", "x".repeat(70_000));
        assert!(head(&long).broken.is_some());
    }

    #[test]
    fn a_comment_that_cuts_a_title_is_seen() {
        assert_eq!(head("---\ntitle: C #2\n---\n").cut_short, ["title"]);
        assert!(head("---\ntitle: \"C #2\"\nstatus: learning # soon\n---\n").cut_short.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(---\n|[+]{3}\n)?[a-z:=.\\[\\]{}&*!'\"#\n -]{0,80}(\n---\n|\n[+]{3}\n)?[a-z:\n ]{0,20}") {
            let head = head(&text);
            prop_assert!(text.is_char_boundary(head.fence.body as usize));
            let inside = |place: &Place| text.get(place.key_span.range()).is_some() && text.get(place.value.range()).is_some();
            prop_assert!(head.places(&text).iter().all(inside));
            if let Some(broken) = head.broken {
                prop_assert!(broken.span.end as usize <= text.len());
            }
        }
    }
}
