//! The requirements for notes as data: fields, types, known sections. `canon.toml` extends or replaces them. Reads no
//! note.

use crate::config::labels::{LabelKind, Labels};
use globset::GlobSet;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The type of a frontmatter value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Non-empty text, preserved as typed.
    Text,
    /// Any number.
    Number,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// One of the field's `values`.
    Enum,
    /// A list of texts.
    List,
    /// A relative link to a note, which becomes an edge of kind `about`.
    Link,
    /// Any value, a table too. Nothing is validated.
    Any,
}

/// One frontmatter field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    /// The type of the value.
    pub kind: Kind,
    /// Whether a note without the field is invalid.
    #[serde(default)]
    pub required: bool,
    /// `kebab-case`, or alternatives like `a|b|c`, for texts and list items. Empty: any text.
    #[serde(default)]
    pub pattern: String,
    /// The values of an `enum`.
    #[serde(default)]
    pub values: Vec<String>,
    /// The minimum of a number, or the minimum number of list items.
    #[serde(default)]
    pub min: Option<i64>,
    /// The maximum of a number, or the maximum number of list items.
    #[serde(default)]
    pub max: Option<i64>,
    /// One sentence for editors and the documentation.
    #[serde(default)]
    pub description: String,
}

impl Field {
    /// Whether only some values of the kind are valid: those of a list, a pattern or a range.
    pub(crate) fn limits_values(&self) -> bool {
        self.kind == Kind::Enum || !self.pattern.is_empty() || self.min.is_some() || self.max.is_some()
    }

    /// The valid values in their declared order: those of an enum, or the alternatives `a|b|c` in the pattern of a
    /// text. Empty if any value is valid.
    pub(crate) fn choices(&self) -> Vec<&str> {
        match (self.kind, self.pattern.as_str()) {
            (Kind::Enum, _) => self.values.iter().map(String::as_str).collect(),
            (Kind::Text, pattern) if pattern.contains('|') => pattern.split('|').collect(),
            _ => Vec::new(),
        }
    }
}

/// The requirements for notes of a type or in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NoteRequirements {
    /// The required sections.
    pub sections: Vec<Section>,
    /// The minimum number of trap questions with answers.
    pub cards: usize,
    /// The minimum number of trade-offs.
    pub trade_offs: usize,
    /// Fields that the type has in addition to the common ones.
    pub fields: Vec<String>,
}

/// Requirements for the notes that a glob matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Folder {
    /// A glob of note paths, relative to the content folder.
    pub glob: String,
    /// The requirements, which replace those of the note type.
    #[serde(flatten)]
    pub requirements: NoteRequirements,
}

/// The requirements by folder, with compiled globs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folders {
    all: Vec<Folder>,
    globs: GlobSet,
}

impl Folders {
    /// Compiles the globs. Invalid ones are omitted: `Config::parse` reports them.
    pub(crate) fn new(mut all: Vec<Folder>) -> Folders {
        // Before the set is built, so that the indexes of the set are also indexes of `all`.
        all.retain(|folder| globset::Glob::new(&folder.glob).is_ok());
        let globs = globs(all.iter().map(|folder| &folder.glob));
        Folders { all, globs }
    }

    /// The requirements for the note at a path, given without `.md`. If several globs match, the last one wins. `None`
    /// if none matches.
    pub(crate) fn requirements(&self, stem: &str) -> Option<&NoteRequirements> {
        // Without folders, no path is formatted: this runs once per note.
        let last = || self.globs.matches(format!("{stem}.md")).into_iter().max();
        Some(&self.all[(!self.all.is_empty()).then(last)??].requirements)
    }
}

impl PartialEq for Folders {
    fn eq(&self, other: &Folders) -> bool {
        self.all == other.all
    }
}

impl Serialize for Folders {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(to)
    }
}

/// The compiled set of `patterns`. Invalid patterns are omitted: `Config::parse` reports them.
pub(crate) fn globs(patterns: impl IntoIterator<Item = impl AsRef<str>>) -> GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for glob in patterns.into_iter().filter_map(|pattern| globset::Glob::new(pattern.as_ref()).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}

/// The schema of a base.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Schema {
    /// All known fields, in the order in which the editor settings and documentation list them.
    pub fields: Vec<(String, Field)>,
    /// The requirements by note type.
    pub types: BTreeMap<String, NoteRequirements>,
    /// The requirements by folder. Later ones win.
    pub folders: Folders,
    /// Further names of fields, with the fields that they name.
    pub field_synonyms: BTreeMap<String, String>,
    /// Additional heading texts, folded, with their sections.
    pub synonyms: BTreeMap<String, Section>,
    /// The words that label the content of a paragraph or an item.
    pub labels: Labels,
}

macro_rules! sections {
    ($($variant:ident $key:literal $label:literal [$($name:literal),*];)*) => {
        /// A section of a note with a known meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub(crate) enum Section {
            $(#[doc = $label] #[serde(rename = $key)] $variant,)*
        }

        impl Section {
            /// All sections, in the order of a note.
            pub(crate) const ALL: &'static [Section] = &[$(Section::$variant),*];

            /// The key in configuration, templates and class names.
            pub(crate) fn key(self) -> &'static str {
                match self { $(Section::$variant => $key),* }
            }

            /// The heading text for display.
            pub(crate) fn label(self) -> &'static str {
                match self { $(Section::$variant => $label),* }
            }

            /// The folded heading texts that identify the section.
            fn names(self) -> &'static [&'static str] {
                match self { $(Section::$variant => &[$($name),*]),* }
            }
        }
    };
}

sections! {
    Tldr "tldr" "TL;DR" ["tl;dr", "tldr", "bluf", "summary"];
    Definition "definition" "Definition" ["definition"];
    WhyItMatters "why-it-matters" "Why it matters" ["why it matters"];
    Scope "scope" "Scope & Non-goals" ["scope & non-goals", "scope and non-goals", "scope"];
    MentalModel "mental-model" "Mental model" ["mental model", "intuition"];
    DecisionRules "decision-rules" "Decision rules" ["decision rules", "when to use", "when to use it"];
    UseWhen "use-when" "Use it when" [];
    AvoidWhen "avoid-when" "Avoid it when" [];
    HowIUseIt "how-i-would-use-it" "How I would use it" ["how i would use it", "how i use it"];
    TradeOffsAndAlternatives "trade-offs-and-alternatives" "Trade-offs & Alternatives"
        ["trade-offs & alternatives", "trade-offs and alternatives", "tradeoffs & alternatives"];
    TradeOffs "trade-offs" "Trade-offs" ["trade-offs", "tradeoffs", "trade-offs / costs"];
    Alternatives "alternatives" "Alternatives" ["alternatives"];
    FailureModes "failure-modes" "Failure modes & Pitfalls"
        ["failure modes & pitfalls", "failure modes and pitfalls", "failure modes", "pitfalls"];
    Observability "observability" "Observability" ["observability"];
    ImplementationNotes "implementation-notes" "Implementation notes" ["implementation notes"];
    MiniExample "mini-example" "Mini example" ["mini example", "example"];
    AntiPatterns "anti-patterns" "Common anti-patterns" ["common anti-patterns", "anti-patterns"];
    Interview "interview-readiness" "Interview readiness" ["interview readiness"];
    Teaching "explain-it" "Explain it like I'm teaching" ["\"explain it like i'm teaching\"", "explain it like i'm teaching", "explain it"];
    TrapQuestions "trap-questions" "Trap questions" ["trap questions"];
    SelfCheck "self-check" "Quick self-check" ["quick self-check", "self-check"];
    Links "links" "Links" ["links"];
    Prerequisites "prerequisites" "Prerequisites" ["prerequisites"];
    Related "related" "Related topics" ["related topics", "related"];
    Compare "compare-with" "Compare with" ["compare with", "compares to", "compared with"];
    Inbox "inbox" "Notes / Inbox" ["notes / inbox", "notes (inbox)", "inbox"];
}

impl Section {
    /// Whether the section is one of the three link sections of a note, or their parent.
    pub(crate) fn is_links(self) -> bool {
        matches!(self, Section::Links | Section::Prerequisites | Section::Related | Section::Compare)
    }
}

/// A heading in the form in which sections are looked up: lower case, straight quotes, single spaces.
pub(crate) fn fold_heading(heading: &str) -> String {
    let mut folded = String::with_capacity(heading.len());
    for word in heading.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for c in word.chars() {
            // Editors insert typographic quotes; the built-in names have straight quotes.
            match c {
                c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
                '“' | '”' | '„' | '«' | '»' => folded.push('"'),
                '’' | '‘' => folded.push('\''),
                c => folded.extend(c.to_lowercase()),
            }
        }
    }
    folded
}

/// The sections by name. If two sections share a name, the first one wins.
static SECTIONS: LazyLock<FxHashMap<&str, Section>> = LazyLock::new(|| {
    let mut sections = FxHashMap::default();
    for section in Section::ALL {
        for &name in section.names() {
            sections.entry(name).or_insert(*section);
        }
    }
    sections
});

impl Schema {
    /// The section of a heading, looked up by its whole text, then by the text before a parenthesis, then by the text
    /// before ` / `. `None` if none of the three is the name of a section.
    pub(crate) fn section(&self, heading: &str) -> Option<Section> {
        // `Trade-offs / costs` is itself a name, so the whole text comes first.
        let folded = fold_heading(heading);
        let before_parenthesis = folded.split('(').next().unwrap_or("").trim();
        let before_slash = before_parenthesis.split(" / ").next().unwrap_or("").trim();
        [folded.as_str(), before_parenthesis, before_slash].into_iter().find_map(|name| self.named(name))
    }

    /// The section with a folded name. Names of `canon.toml` override built-in ones.
    fn named(&self, name: &str) -> Option<Section> {
        if let Some(&section) = self.synonyms.get(name) {
            return Some(section);
        }
        // `### Use a queue when` contains the name of the concept, so a lookup of the whole text cannot find the
        // section.
        if self.labels.is(LabelKind::UseWhen, name) {
            return Some(Section::UseWhen);
        }
        if self.labels.is(LabelKind::AvoidWhen, name) {
            return Some(Section::AvoidWhen);
        }
        SECTIONS.get(name).copied()
    }

    /// The name of the field that a key in a note stands for: `created_at` for `date` if the two are synonyms.
    pub(crate) fn field_name<'a>(&'a self, key: &'a str) -> &'a str {
        self.field_synonyms.get(key).map_or(key, String::as_str)
    }

    /// The field with this name or synonym. `None` if the schema has none.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let name = self.field_name(name);
        self.fields.iter().find(|(n, _)| n == name).map(|(_, f)| f)
    }

    /// The valid values of a field in their declared order. Empty if any value is valid.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.field(name).map(Field::choices).unwrap_or_default()
    }

    /// The number of dots, from 1 to 3, for a difficulty: 1 for the easiest of the schema, 3 for the hardest, and equal
    /// steps between them. 0 for no difficulty or an unknown one.
    pub(crate) fn difficulty_level(&self, difficulty: Option<&str>) -> u8 {
        let values = self.values("difficulty");
        let place = difficulty.and_then(|own| values.iter().position(|value| *value == own));
        // At least 1: a schema with a single difficulty would divide by zero.
        let steps = values.len().saturating_sub(1).max(1);
        // `1 + 2 * place / steps`, rounded half up in integers.
        place.map_or(0, |place| 1 + ((4 * place + steps) / (2 * steps)) as u8)
    }

    /// The requirements for a note: by its path without `.md`, else by its type. `None` if there are none.
    pub(crate) fn requirements(&self, stem: &str, kind: Option<&str>) -> Option<&NoteRequirements> {
        self.folders.requirements(stem).or_else(|| self.types.get(kind?))
    }

    /// The built-in schema of concept notes.
    pub(crate) fn built_in() -> Schema {
        let required = [
            Section::Tldr,
            Section::Definition,
            Section::WhyItMatters,
            Section::DecisionRules,
            Section::TradeOffs,
            Section::Alternatives,
            Section::TrapQuestions,
            Section::Prerequisites,
            Section::Related,
        ];
        let full = NoteRequirements { sections: required.to_vec(), cards: 3, trade_offs: 2, fields: Vec::new() };
        let mut types: BTreeMap<String, NoteRequirements> =
            TYPES.iter().map(|t| (t.to_string(), NoteRequirements::default())).collect();
        for name in ["concept", "technology", "library", "pattern", "skill"] {
            types.insert(name.into(), full.clone());
        }
        types.insert(
            "question".into(),
            NoteRequirements { fields: vec!["topic".into()], ..NoteRequirements::default() },
        );
        Schema { fields: built_in_fields(), types, ..Schema::default() }
    }
}

/// The note types of the built-in schema.
const TYPES: &[&str] =
    &["concept", "technology", "library", "pattern", "case", "skill", "playbook", "question", "tool", "reference"];
/// The values of the field `status`: how well the owner knows the content of a note.
const STATUSES: &[&str] = &["learning", "practicing", MASTERED, "stale"];
/// The status of a note that its owner need not read again to understand the notes that require it.
pub(crate) const MASTERED: &str = "mastered";
/// The values of the field `difficulty`, easiest first.
const DIFFICULTIES: &[&str] = &["easy", "medium", "hard"];

fn built_in_fields() -> Vec<(String, Field)> {
    let field = |kind, required, description: &str| Field {
        kind,
        required,
        pattern: String::new(),
        values: Vec::new(),
        min: None,
        max: None,
        description: description.into(),
    };
    let kebab = |f: Field| Field { pattern: "kebab-case".into(), ..f };
    let one_of = |values: &[&str], f: Field| Field { values: values.iter().map(|v| v.to_string()).collect(), ..f };
    let range = |min, max, f: Field| Field { min: Some(min), max, ..f };
    use Kind::*;
    let fields = [
        ("id", kebab(field(Text, true, "The unique name of the note in kebab-case, usually the file name."))),
        ("title", field(Text, true, "The unique name of the concept, as written in texts.")),
        ("type", one_of(TYPES, field(Enum, true, "The type of the note."))),
        ("status", one_of(STATUSES, field(Enum, true, "How well the owner of the note knows the concept."))),
        ("importance", range(0, Some(100), field(Integer, true, "The importance of the concept, from 0 to 100."))),
        ("difficulty", one_of(DIFFICULTIES, field(Enum, true, "How difficult the concept is to learn."))),
        ("tags", kebab(range(1, None, field(List, true, "At least one topic in kebab-case, without repetitions.")))),
        ("canonical", field(Boolean, false, "False for a note that only refers to the canonical note of the concept.")),
        ("aliases", field(List, false, "Alternative names of the concept.")),
        ("created_at", field(Date, true, "The date of creation.")),
        ("updated_at", field(Date, true, "The date of the last revision.")),
        ("redirect_from", field(List, false, "Former URLs of the note, relative to the root of the site.")),
        ("draft", field(Boolean, false, "True excludes the note from all outputs.")),
        ("canon_ignore", field(List, false, "Rules whose findings about the note are not reported.")),
        ("topic", field(Link, false, "The note that explains the topic of a question.")),
    ];
    fields.into_iter().map(|(name, field)| (name.to_string(), field)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_sections() {
        let schema = Schema::built_in();
        for (heading, want) in [
            ("TL;DR (BLUF)", Some(Section::Tldr)),
            ("Links (NO duplication)", Some(Section::Links)),
            ("Mental model / Intuition", Some(Section::MentalModel)),
            ("Use synchronous when", Some(Section::UseWhen)),
            ("Avoid it when", Some(Section::AvoidWhen)),
            ("When to use", Some(Section::DecisionRules)),
            ("“Explain it like I’m teaching”", Some(Section::Teaching)),
            ("Failure modes / Edge cases", Some(Section::FailureModes)),
            ("Trade-offs / Costs", Some(Section::TradeOffs)),
            ("Notes / Inbox (optional)", Some(Section::Inbox)),
            ("Data types: when to use and examples", None),
        ] {
            assert_eq!(schema.section(heading), want, "{heading}");
        }
    }

    #[test]
    fn difficulties_of_any_number_share_three_dots() {
        let levels = |values: &[&str]| -> Vec<u8> {
            let mut schema = Schema::built_in();
            let (_, field) = schema.fields.iter_mut().find(|(name, _)| name == "difficulty").unwrap();
            field.values = values.iter().map(|value| value.to_string()).collect();
            values.iter().map(|value| schema.difficulty_level(Some(value))).collect()
        };
        assert_eq!(levels(&["easy", "medium", "hard"]), [1, 2, 3]);
        assert_eq!(levels(&["one"]), [1]);
        assert_eq!(levels(&["low", "high"]), [1, 3]);
        assert_eq!(levels(&["a", "b", "c", "d"]), [1, 2, 2, 3]);
        assert_eq!(levels(&["a", "b", "c", "d", "e"]), [1, 2, 2, 3, 3]);
        let schema = Schema::built_in();
        assert_eq!([schema.difficulty_level(None), schema.difficulty_level(Some("mild"))], [0, 0]);
    }
}
