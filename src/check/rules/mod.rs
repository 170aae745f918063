//! The rules: each finds one kind of fault in a frozen site and modifies nothing. A rule has a Rust file with its logic
//! and an `.md` file with its explanation, whose examples are also its tests.

mod active_asset;
mod aliases;
mod anchors;
mod assets;
mod broken_link;
mod collisions;
mod diagrams;
mod duplication;
mod embeds;
mod empty_file;
mod external;
mod fields;
mod file_names;
mod files;
mod foreign_schema;
mod foreign_syntax;
mod frontmatter;
mod hidden_character;
mod identity;
mod incomplete_index;
mod internal_error;
mod link_faults;
mod link_style;
mod link_text;
mod look_alikes;
mod lost_text;
mod mentions;
mod overlapping;
mod paths;
mod raw_html_removed;
mod references;
mod relations;
mod run;
mod sections;
mod spaced_link;
mod stale_note;
mod suggest;
mod syntax;
mod tags;
mod thin_note;
mod unused_suppression;

use crate::base::site::Site;
use crate::check::external::Answer;
use crate::note::frontmatter::Date;
use crate::text::diagnostic::{Applicability, Diagnostic, RuleId, Severity, Topic};
use crate::text::ids::NoteId;
use std::collections::BTreeMap;

pub(crate) use internal_error::found as internal_error;
pub(crate) use overlapping::passages as overlapping_passages;
pub(crate) use paths::relative_to as destination;
pub(crate) use run::{ActiveSuppression, Findings, RunOptions, Suppressions, run, run_in, run_on_note};

/// The responses to requests for external URLs, by URL.
pub(crate) type Answers = BTreeMap<String, Answer>;

/// The inputs of a rule. No rule reads a file, the clock or the network.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The base.
    pub site: &'a Site,
    /// The current date. `None` for the health page, whose bytes must not depend on the day and must not name drafts:
    /// findings about dates or drafts are then omitted.
    pub today: Option<Date>,
    /// The responses to external requests. `None` without `--external`.
    pub answers: Option<&'a Answers>,
    /// Whether to leave out comparisons with the built-in schema, because the base has a schema of its own.
    pub has_foreign_schema: bool,
    /// The suppressions with a finding. `None` until all rules except `unused-suppression` have run.
    pub suppressions: Option<&'a Suppressions>,
}

/// A function of a rule, with the scope of each call.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// Called in parallel for each published Markdown file that could be read. A panic becomes a finding about the
    /// note, and the checks of all further notes continue.
    Note(fn(&Context<'_>, NoteId, &mut Vec<Diagnostic>)),
    /// Called once for the whole base.
    Base(fn(&Context<'_>, &mut Vec<Diagnostic>)),
}

/// An input besides the site without which the findings of a rule are incomplete.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Today,
    Answers,
    Suppressions,
}

/// The rules that need more than the site.
const NEEDS: &[(RuleId, Need)] = &[
    ("broken-external-link", Need::Answers),
    ("invalid-field", Need::Today),
    ("invalid-frontmatter", Need::Today),
    ("stale-note", Need::Today),
    ("unused-suppression", Need::Suppressions),
];

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The id. Its meaning never changes, because notes and configurations refer to the rule by id.
    pub id: RuleId,
    /// The default severity of its findings. A finding may set a lower severity.
    pub severity: Severity,
    /// A description of the reported fault in one line.
    pub summary: &'static str,
    /// The explanation that `canon explain` prints, in Markdown, with examples of wrong and right notes.
    pub explanation: &'static str,
    /// The functions.
    pub(crate) checks: &'static [Check],
}

impl Rule {
    /// Whether the rule checks single notes. The findings about a note can then be computed separately.
    pub(crate) fn looks_at_one_note(&self) -> bool {
        self.checks.iter().any(|check| matches!(check, Check::Note(_)))
    }
}

/// All rules, in alphabetical order of their ids.
pub const RULES: &[Rule] = &[
    link_faults::ABSOLUTE_LINK,
    active_asset::ACTIVE_ASSET,
    aliases::ALIAS_COLLISION,
    link_faults::AMBIGUOUS_LINK,
    files::BAD_PATH,
    aliases::BROKEN_ALIAS,
    anchors::BROKEN_ANCHOR,
    embeds::BROKEN_EMBED,
    external::BROKEN_EXTERNAL_LINK,
    syntax::BROKEN_FORMULA,
    broken_link::BROKEN_LINK,
    identity::CANONICAL_CONFLICT,
    frontmatter::COMMENT_IN_VALUE,
    look_alikes::CONFUSABLE_NAME,
    link_faults::DIRECTORY_LINK,
    duplication::DUPLICATE_CODE,
    duplication::DUPLICATE_CONTENT,
    identity::DUPLICATE_ID,
    link_text::DUPLICATE_LINK,
    duplication::DUPLICATE_NOTE,
    identity::DUPLICATE_TITLE,
    embeds::EMBED_CYCLE,
    empty_file::EMPTY_FILE,
    link_faults::EMPTY_LINK,
    sections::EMPTY_SECTION,
    link_faults::ESCAPING_LINK,
    foreign_schema::FOREIGN_SCHEMA,
    foreign_syntax::FOREIGN_SYNTAX,
    mentions::FULFILLED_TODO,
    hidden_character::HIDDEN_CHARACTER,
    file_names::ID_NOT_FILENAME,
    incomplete_index::INCOMPLETE_INDEX,
    internal_error::INTERNAL_ERROR,
    files::INVALID_ENCODING,
    fields::INVALID_FIELD,
    frontmatter::INVALID_FRONTMATTER,
    link_faults::LINK_TO_DRAFT,
    tags::LONE_TAG,
    aliases::LONG_ALIAS,
    link_text::MISMATCHED_LINK_TEXT,
    assets::MISSING_ASSET,
    fields::MISSING_FIELD,
    frontmatter::MISSING_FRONTMATTER,
    sections::MISSING_SECTION,
    file_names::NON_KEBAB_FILENAME,
    file_names::NOT_PORTABLE,
    relations::ONE_WAY_RELATION,
    relations::ORPHAN_NOTE,
    collisions::OUTPUT_COLLISION,
    overlapping::OVERLAPPING_NOTES,
    relations::PREREQUISITE_CYCLE,
    lost_text::RAGGED_TABLE,
    raw_html_removed::RAW_HTML_REMOVED,
    assets::REMOTE_ASSET,
    link_faults::SELF_LINK,
    duplication::SIMILAR_CONTENT,
    spaced_link::SPACED_LINK,
    syntax::SPLIT_WIKILINK,
    stale_note::STALE_NOTE,
    thin_note::THIN_NOTE,
    files::TOO_DEEP,
    files::TOO_LARGE,
    tags::TWIN_TAGS,
    syntax::UNCLOSED_COMMENT,
    lost_text::UNCLOSED_FENCE,
    relations::UNCONNECTED_NOTE,
    references::UNDEFINED_REFERENCE,
    relations::UNDERVALUED_PREREQUISITE,
    diagrams::UNDRAWN_DIAGRAM,
    fields::UNKNOWN_FIELD,
    mentions::UNLINKED_MENTION,
    files::UNREADABLE_FILE,
    link_faults::UNSAFE_SCHEME,
    assets::UNUSED_ASSET,
    references::UNUSED_REFERENCE,
    unused_suppression::UNUSED_SUPPRESSION,
    link_faults::WRONG_CASE_LINK,
];

/// The rules of the first two topics. All further rules are of the topic `Schema`.
const TOPICS: &[(Topic, &[RuleId])] = &[
    (
        Topic::Reading,
        &[
            "absolute-link",
            "active-asset",
            "ambiguous-link",
            "bad-path",
            "broken-alias",
            "broken-anchor",
            "broken-embed",
            "broken-external-link",
            "broken-formula",
            "broken-link",
            "comment-in-value",
            "directory-link",
            "embed-cycle",
            "empty-file",
            "empty-link",
            "escaping-link",
            "hidden-character",
            "internal-error",
            "invalid-encoding",
            "invalid-frontmatter",
            "link-to-draft",
            "missing-asset",
            "output-collision",
            "ragged-table",
            "raw-html-removed",
            "remote-asset",
            "self-link",
            "spaced-link",
            "split-wikilink",
            "too-deep",
            "too-large",
            "unclosed-comment",
            "unclosed-fence",
            "undefined-reference",
            "undrawn-diagram",
            "unreadable-file",
            "unsafe-scheme",
            "wrong-case-link",
        ],
    ),
    (
        Topic::Duplication,
        &[
            "alias-collision",
            "canonical-conflict",
            "duplicate-code",
            "duplicate-content",
            "duplicate-id",
            "duplicate-note",
            "duplicate-title",
            "overlapping-notes",
            "similar-content",
        ],
    ),
];

/// The topic of a rule.
pub(crate) fn topic_of(id: &str) -> Topic {
    TOPICS.iter().find(|(_, rules)| rules.contains(&id)).map_or(Topic::default(), |(topic, _)| *topic)
}

/// The rules whose findings may have fixes, and whether the fixes are applied without confirmation. A rule with fixes of both
/// kinds has two rows, the safe kind first.
const REPAIRS: &[(RuleId, Applicability)] = &[
    ("absolute-link", Applicability::Safe),
    ("broken-link", Applicability::Safe),
    ("broken-link", Applicability::Suggestion),
    ("directory-link", Applicability::Safe),
    ("duplicate-content", Applicability::Suggestion),
    ("duplicate-link", Applicability::Safe),
    ("fulfilled-todo", Applicability::Safe),
    ("incomplete-index", Applicability::Safe),
    ("missing-field", Applicability::Safe),
    ("spaced-link", Applicability::Safe),
    ("split-wikilink", Applicability::Safe),
    ("unlinked-mention", Applicability::Suggestion),
    ("wrong-case-link", Applicability::Safe),
];

/// The additional input of a rule. `None` if the site is enough.
fn need_of(id: &str) -> Option<Need> {
    NEEDS.iter().find(|(rule, _)| *rule == id).map(|(_, need)| *need)
}

/// Whether the fixes of a rule are applied without confirmation. `None` if the rule has no fixes. The safe kind for a rule with
/// both.
pub(crate) fn repair_of(id: &str) -> Option<Applicability> {
    repairs_of(id).next()
}

/// The kinds of fixes that a rule offers, the safe one first.
pub(crate) fn repairs_of(id: &str) -> impl Iterator<Item = Applicability> {
    REPAIRS.iter().filter(move |(rule, _)| *rule == id).map(|(_, kind)| *kind)
}

/// The rule with the id. `None` if unknown.
pub(crate) fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.id == id)
}

#[cfg(test)]
mod tests {
    use super::{TOPICS, rule};

    #[test]
    fn the_table_of_topics_names_rules() {
        for id in TOPICS.iter().flat_map(|(_, rules)| *rules) {
            assert!(rule(id).is_some(), "there is no rule `{id}`");
        }
    }
}
