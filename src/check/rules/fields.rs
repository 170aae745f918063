//! Rules on frontmatter fields: missing, invalid, unknown.

use super::{Check, Context, Rule};
use crate::base::site::Site;
use crate::config::schema::{Field, Kind};
use crate::note::frontmatter::{Date, Syntax};
use crate::note::{Note, file_name, landing_rank, located_span};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::{is_kebab, nearest};
use crate::text::source::Span;

/// The rule `missing-field`.
pub(super) const MISSING_FIELD: Rule = Rule {
    id: "missing-field",
    severity: Severity::Error,
    summary: "a required frontmatter field is missing",
    explanation: include_str!("missing-field.md"),
    checks: &[Check::Note(missing)],
};

/// The rule `invalid-field`.
pub(super) const INVALID_FIELD: Rule = Rule {
    id: "invalid-field",
    severity: Severity::Error,
    summary: "a frontmatter value that the schema refuses, or a date in the future",
    explanation: include_str!("invalid-field.md"),
    checks: &[Check::Note(invalid), Check::Base(beside_the_notes)],
};

/// The rule `unknown-field`.
pub(super) const UNKNOWN_FIELD: Rule = Rule {
    id: "unknown-field",
    severity: Severity::Info,
    summary: "a frontmatter field that the schema does not know",
    explanation: include_str!("unknown-field.md"),
    checks: &[Check::Note(unknown)],
};

fn missing(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    // Unreadable frontmatter is a finding of `invalid-frontmatter`; a list of all fields as missing would hide the
    // cause.
    if !own.is_note() || own.head.broken.is_some() || !own.head.fence.present {
        return;
    }
    let of_type = site.requirements(own).map_or(&[][..], |required| &required.fields);
    let is_missing = |(name, field): &&(String, Field)| {
        (field.required || of_type.contains(name)) && !own.head.has(name, &site.schema)
    };
    let lacking: Vec<&(String, Field)> = site.schema.fields.iter().filter(is_missing).collect();
    if lacking.is_empty() {
        return;
    }
    let names: Vec<&str> = lacking.iter().map(|(name, _)| name.as_str()).collect();
    let message = match names.as_slice() {
        [name] => format!("the field `{name}` is missing"),
        _ => format!("the fields {} are missing", quoted(&names)),
    };
    let fence = own.head.fence.line(&site.source(note).text);
    let (help, known) = lines_to_add(site, note, &lacking);
    let finding = Diagnostic::new(MISSING_FIELD.id, own.file, fence, message, help);
    let start = own.head.fence.fields.start;
    // Without a fence the fields are lines of Markdown, which no line of YAML may join.
    out.push(match known.is_empty() || start == 0 {
        true => finding,
        false => finding.fix("add the fields whose values are known", Span { start, end: start }, known),
    });
}

/// The help about missing fields: first the misspelt ones, then the lines to paste for all others. The second value has
/// the lines with known values.
fn lines_to_add(site: &Site, note: NoteId, lacking: &[&(String, Field)]) -> (String, String) {
    let head = &site.note(note).head;
    // Only an unknown key can be a misspelling of a missing field.
    let unknown: Vec<&str> = head.keys.iter().filter(|k| site.schema.field(k).is_none()).collect();
    let (mut help, mut lines, mut known) = (Vec::new(), Vec::new(), String::new());
    for (name, field) in lacking {
        if let Some(near) = nearest(name, unknown.iter().copied()) {
            help.push(format!("did you mean `{name}` where you wrote `{near}`?"));
            continue;
        }
        let value = known_value(site, note, name);
        let line = match (head.fence.syntax, &value) {
            (Syntax::Yaml, Some(value)) => format!("{name}: {}", in_yaml(value)),
            (Syntax::Toml, Some(value)) => format!("{name} = {}", in_quotes(value)),
            (Syntax::Yaml, None) => format!("{name}: {}", example(field)),
            (Syntax::Toml, None) => format!("{name} = {}", toml_example(field)),
        };
        known.extend(value.map(|_| format!("{line}\n")));
        lines.push(line);
    }
    match lines.as_slice() {
        [] => {}
        [line] => help.push(format!("add `{line}`")),
        _ => help.push(format!("add these lines, with your values:\n{}", lines.join("\n"))),
    }
    (help.join("\n"), known)
}

/// The value of a missing field that follows from the note: the file name as the id, if no other note has it, and the
/// heading as the title. `None` for every other field.
fn known_value(site: &Site, note: NoteId, field: &str) -> Option<String> {
    let own = site.note(note);
    match field {
        "id" => {
            let name = file_name(&own.stem);
            let has_name = |other: &Note| other.head.id.as_deref() == Some(name) || file_name(&other.stem) == name;
            let is_free = || !site.all().any(|(id, other)| id != note && has_name(other));
            let is_landing = landing_rank(&format!("{}.md", own.stem)).is_some();
            (is_kebab(name) && !is_landing && is_free()).then(|| name.to_string())
        }
        "title" => own.title_heading.map(|_| own.title.clone()).filter(|title| !title.chars().any(char::is_control)),
        _ => None,
    }
}

/// A text in YAML. In quotes, unless it is a word that YAML reads as a text.
fn in_yaml(text: &str) -> String {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && text.starts_with(char::is_alphabetic);
    let has_meaning = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text);
    if is_word && !has_meaning { text.to_string() } else { in_quotes(text) }
}

/// A text without control characters in the quotes of JSON, which YAML and TOML read as well.
fn in_quotes(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Names in backquotes: `` `a`, `b` and `c` ``.
pub(super) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

/// A value of the field in YAML, for a help text.
fn example(field: &Field) -> String {
    match field.kind {
        Kind::Enum => field.values.join(" | "),
        Kind::Date => "YYYY-MM-DD".into(),
        Kind::Integer | Kind::Number => match (field.min, field.max) {
            (Some(min), Some(max)) => format!("{min}…{max}"),
            _ => "0".into(),
        },
        Kind::Boolean => "true | false".into(),
        Kind::List => "[…]".into(),
        Kind::Link => "../folder/note.md".into(),
        Kind::Text | Kind::Any => "…".into(),
    }
}

/// A value of the field in TOML, for a help text.
fn toml_example(field: &Field) -> String {
    match field.kind {
        Kind::List => "[\"…\"]".into(),
        Kind::Any | Kind::Enum | Kind::Link | Kind::Text => format!("\"{}\"", example(field)),
        _ => example(field),
    }
}

fn invalid(&Context { site, has_foreign_schema, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    for (key, complaint) in &own.head.complaints {
        if has_foreign_schema && site.schema.field(key).is_some_and(Field::limits_values) {
            continue;
        }
        // Some messages already name the field.
        let message = match &complaint.message {
            message if message.contains(&format!("`{key}`")) => message.clone(),
            message if message.starts_with("has ") => format!("`{key}` {message}"),
            message => format!("`{key}`: {message}"),
        };
        let item = complaint.item.and_then(|item| {
            let head = site.located_head(note);
            head.place(key)?.items.get(item).map(|item| item.span)
        });
        let span = item.unwrap_or_else(|| site.field_place(note, key));
        out.push(Diagnostic::new(INVALID_FIELD.id, own.file, span, message, complaint.help.clone()));
    }
}

/// Findings that must not appear on the health page: dates in the future, which depend on the day of the check, and
/// drafts, which no page may mention.
fn beside_the_notes(&Context { site, today, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(today) = today else { return };
    in_the_future(site, today, out);
    for draft in site.drafts.iter() {
        for (key, complaint) in draft.head.complaints.iter().filter(|(key, _)| key == "draft") {
            let span = located_span(&site.vault.file(draft.file).text, &draft.head, key);
            let message = format!("`{key}`: {}; the note is not published", complaint.message);
            out.push(Diagnostic::new(INVALID_FIELD.id, draft.file, span, message, complaint.help.clone()));
        }
    }
}

fn in_the_future(site: &Site, today: Date, out: &mut Vec<Diagnostic>) {
    for (index, note) in site.concepts() {
        for (key, date) in [("created_at", note.head.created), ("updated_at", note.head.updated)] {
            let Some(date) = date.filter(|d| *d > today) else { continue };
            let message = format!("`{key}` is in the future: {date} is after today, {today}");
            let span = site.field_place(index, key);
            out.push(Diagnostic::new(INVALID_FIELD.id, note.file, span, message, "correct the date"));
        }
    }
}

fn unknown(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if !own.is_note() {
        return;
    }
    let is_unknown = |key: &&str| site.schema.field(key).is_none() && !own.head.is_understood(key);
    // A field that the note already has is no suggestion.
    let free: Vec<&str> = site
        .schema
        .fields
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| own.head.keys.binary_search(name).is_none())
        .collect();
    for key in own.head.keys.iter().filter(is_unknown) {
        let help = match nearest(key, free.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("remove it, or declare `[schema.fields.{key}]` in canon.toml"),
        };
        let message = format!("the schema has no field `{key}`");
        out.push(Diagnostic::new(UNKNOWN_FIELD.id, own.file, key_place(site, note, key), message, help));
    }
}

/// The span of a key. An empty span at the start of the frontmatter if it is missing.
fn key_place(site: &Site, note: NoteId, key: &str) -> Span {
    let start = site.note(note).head.fence.start();
    site.located_head(note).place(key).map_or(Span { start, end: start }, |place| place.key_span)
}

/// The span of the item `text` in a list field, else of the whole value.
pub(super) fn item_place(site: &Site, note: NoteId, key: &str, text: &str) -> Span {
    let span = site.located_head(note).item(key, text);
    span.unwrap_or_else(|| site.field_place(note, key))
}
