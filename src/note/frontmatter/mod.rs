//! The head of a note: where it stands, its values, typed. Every fault is data; one bad key hides no other.
//!
//! gray_matter reads the YAML, but only the slice between the fences, after bounds that it does not have itself were
//! checked, and not where every line is of the plainest form (`flat.rs`). The places of keys and values are found by
//! [`places()`] when somebody must be told of one.

mod flat;
mod places;
mod values;

use crate::config::schema::{Kind, Schema};
use crate::text::packed::PackedStrings;
use crate::text::source::Span;
use gray_matter::Pod;
use gray_matter::engine::{Engine, YAML};
use std::collections::BTreeMap;

pub(crate) use places::places;
pub(crate) use values::FieldError;

/// Longest frontmatter, in bytes.
pub(crate) const MAX_BYTES: usize = 64 << 10;
/// Deepest nesting of lists and mappings.
pub(crate) const MAX_DEPTH: usize = 16;

/// A calendar day, without a time zone.
pub(crate) type Date = jiff::civil::Date;

/// Where the parts of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fence {
    /// The YAML between the fences; empty when there is none.
    pub yaml: Span,
    /// Where the Markdown starts.
    pub body: u32,
    /// Whether there is frontmatter at all.
    pub present: bool,
}

/// The typed head of a note.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Frontmatter {
    /// Where it stands.
    pub fence: Fence,
    /// The note's unique name.
    pub id: Option<String>,
    /// The concept's name.
    pub title: Option<String>,
    /// One of the schema's types.
    pub kind: Option<String>,
    /// How well its owner knows it.
    pub status: Option<String>,
    /// 0 to 100.
    pub importance: Option<u8>,
    /// How hard it is.
    pub difficulty: Option<String>,
    /// Tags as written.
    pub tags: Vec<String>,
    /// Whether this is the canonical note of its concept.
    pub canonical: bool,
    /// Other names.
    pub aliases: Vec<String>,
    /// The day it was begun.
    pub created: Option<Date>,
    /// The day it was last revised.
    pub updated: Option<Date>,
    /// Old addresses.
    pub redirect_from: Vec<String>,
    /// Whether it is kept out of every output.
    pub draft: bool,
    /// Rules it is excused from.
    pub ignore: Vec<String>,
    /// Values of fields of kind `link`, by field.
    pub links: Vec<(String, String)>,
    /// Every key that is present, in alphabetical order.
    pub keys: PackedStrings,
    /// What the schema does not know, for templates.
    pub extra: BTreeMap<String, serde_json::Value>,
    /// Values that the schema refuses, by key.
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

/// Finds the frontmatter of a normalised text; what is wrong with its fences comes beside it.
pub(crate) fn fence(text: &str) -> (Fence, Option<Broken>) {
    let blank = text.len() - text.trim_start_matches(['\n', ' ', '\t']).len();
    let blank = text[..blank].rfind('\n').map_or(0, |i| i + 1);
    let head = &text[blank..];
    let opens = head.lines().next().is_some_and(|line| line.trim_end() == "---");
    if !opens {
        return (Fence::default(), None);
    }
    let start = blank + head.find('\n').map_or(head.len(), |i| i + 1);
    let Some((end, body)) = closing(text, start) else {
        if blank > 0 || !text[start..].lines().next().is_some_and(|line| line.contains(':')) {
            return (Fence::default(), None);
        }
        let broken = Broken {
            span: Span::new(blank, blank + 3),
            message: "the frontmatter is not closed".into(),
            help: "put a line `---` behind the last field".into(),
        };
        return (Fence { yaml: Span::default(), body: text.len() as u32, present: true }, Some(broken));
    };
    let yaml = Span::new(start, end);
    if blank > 0 && !text[yaml.range()].contains(':') {
        return (Fence::default(), None);
    }
    let broken = (blank > 0).then(|| Broken {
        span: Span::new(0, blank),
        message: "the frontmatter does not stand on the first line".into(),
        help: "remove the empty lines before the first `---`".into(),
    });
    (Fence { yaml, body: body as u32, present: true }, broken)
}

/// The closing line from `start` on: where it begins and where it ends.
fn closing(text: &str, start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Reads the head of a normalised text by a schema.
pub(crate) fn parse(text: &str, schema: &Schema) -> Frontmatter {
    let (fence, broken) = fence(text);
    let mut head = Frontmatter { fence, broken, canonical: true, ..Frontmatter::default() };
    if !fence.present || fence.yaml.range().is_empty() && head.broken.is_some() {
        return head;
    }
    let yaml = &text[fence.yaml.range()];
    match mapping(yaml) {
        Ok(values) => read(&mut head, values, yaml, schema),
        Err(mut broken) => {
            let base = fence.yaml.start;
            broken.span = Span { start: base + broken.span.start, end: base + broken.span.end };
            head.broken = Some(broken);
        }
    }
    head
}

/// The values of a frontmatter slice, within bounds; spans of an error are relative to the slice.
fn mapping(yaml: &str) -> Result<BTreeMap<String, Pod>, Broken> {
    if yaml.len() > MAX_BYTES {
        return Err(Broken {
            span: Span::new(0, yaml.find('\n').unwrap_or(0)),
            message: format!("the frontmatter has {} bytes, more than {MAX_BYTES}", yaml.len()),
            help: "move what is text into the note".into(),
        });
    }
    if let Some(values) = flat::mapping(yaml) {
        return Ok(values);
    }
    if let Some(at) = yaml.starts_with('\t').then_some(0).or_else(|| yaml.find("\n\t").map(|i| i + 1)) {
        let end = yaml[at..].find('\n').map_or(yaml.len(), |i| at + i);
        let message = "a line of the frontmatter is indented with a tab".into();
        return Err(Broken { span: Span::new(at, end), message, help: "indent with spaces, not tabs".into() });
    }
    // Only frontmatter with a character that could be an anchor, an alias or deep nesting pays for a second look.
    let suspicious = yaml.contains(['&', '*', '!', '?', '\t', '\0']);
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

/// Whether a line may begin in a list or mapping that is nested deep. A line within `n` of them begins with as many
/// spaces or hyphens, or with several hyphens that each open a list: `-  -  - x`.
fn may_nest_deep(line: &str) -> bool {
    let indent = &line.as_bytes()[..line.len() - line.trim_start_matches([' ', '-']).len()];
    indent.len() > MAX_DEPTH || indent.iter().filter(|b| **b == b'-').count() > 1
}

fn read(head: &mut Frontmatter, values: BTreeMap<String, Pod>, yaml: &str, schema: &Schema) {
    for (key, value) in values {
        let value = as_typed(&key, value, yaml, schema);
        let field = schema.field(&key);
        let found = std::cell::OnceCell::new();
        let written = |item: Option<usize>| {
            let place = found.get_or_init(|| places(yaml, 0).into_iter().find(|p| p.key == key)).as_ref()?;
            let span = item.map_or(Some(place.value), |i| place.items.get(i).map(|item| item.span))?;
            yaml.get(span.range())
        };
        let refused = field.map(|field| values::complaints(field, &value, &written)).unwrap_or_default();
        head.complaints.extend(refused.into_iter().map(|complaint| (key.clone(), complaint)));
        // One bad item does not cost a list its good ones.
        let is_list = field.is_some_and(|f| f.kind == Kind::List);
        let is_draft = key == "draft";
        if is_list || is_draft || head.complaints.last().is_none_or(|(complained, _)| *complained != key) {
            assign(head, &key, &value, field.map(|f| f.kind));
        }
        if field.is_some_and(|f| f.kind == Kind::Text) && places::is_cut_short(yaml, &key) {
            head.cut_short.push(key.clone());
        }
        head.keys.push(&key);
    }
    if let (Some(created), Some(updated)) = (head.created, head.updated)
        && updated < created
    {
        let message = format!("`updated_at` is before `created_at` ({created})");
        head.complaints.push((
            "updated_at".into(),
            FieldError { message, help: "correct one of the two dates".into(), item: None },
        ));
    }
}

/// The value as typed where the schema wants text: YAML would make `1.10` a number and `12:30` a text.
fn as_typed(key: &str, value: Pod, yaml: &str, schema: &Schema) -> Pod {
    let textual =
        schema.field(key).is_some_and(|f| matches!(f.kind, Kind::Text | Kind::List | Kind::Date | Kind::Link));
    let scalar = |pod: &Pod| matches!(pod, Pod::Integer(_) | Pod::Float(_) | Pod::Boolean(_) | Pod::Null);
    if !textual || !scalar(&value) {
        return value;
    }
    let found = places(yaml, 0);
    let Some(place) = found.iter().find(|p| p.key == key) else { return value };
    match value {
        Pod::Null => Pod::Null,
        _ => yaml.get(place.value.range()).map_or(value, |text| Pod::String(text.to_string())),
    }
}

/// Puts a value that the schema accepts into its place.
fn assign(head: &mut Frontmatter, key: &str, value: &Pod, kind: Option<Kind>) {
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
        "draft" => head.draft = may_be_draft(value),
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

/// Whether a note is to be held back. A value that is neither true nor false means something to its author, and what is
/// held back by mistake can still be published; not the other way round.
fn may_be_draft(value: &Pod) -> bool {
    match value {
        Pod::Boolean(draft) => *draft,
        Pod::String(text) => !["false", "no", "off"].iter().any(|no| text.trim().eq_ignore_ascii_case(no)),
        _ => true,
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
            ("\n---\nid: a\n---\n", true, Some("the frontmatter does not stand on the first line")),
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
        fn any_text_is_read(text in "(---\n)?[a-z:\\[\\]{}&*!'\"#\n -]{0,80}(\n---\n)?[a-z\n]{0,10}") {
            let head = head(&text);
            prop_assert!(text.is_char_boundary(head.fence.body as usize));
            if let Some(broken) = head.broken {
                prop_assert!(broken.span.end as usize <= text.len());
            }
        }
    }
}
