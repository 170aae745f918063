//! The names of callouts, with their classes and default titles.

/// Callout names of GitHub and Obsidian, with the class they get and the interface text of their default title.
const CALLOUTS: &[(&str, &str, &str)] = &[
    ("note", "note", "callout_note"),
    ("info", "note", "callout_info"),
    ("todo", "note", "callout_todo"),
    ("abstract", "note", "callout_summary"),
    ("summary", "note", "callout_summary"),
    ("tldr", "note", "callout_summary"),
    ("tip", "tip", "callout_tip"),
    ("hint", "tip", "callout_tip"),
    ("success", "tip", "callout_success"),
    ("check", "tip", "callout_success"),
    ("done", "tip", "callout_success"),
    ("important", "important", "callout_important"),
    ("question", "important", "callout_question"),
    ("help", "important", "callout_question"),
    ("faq", "important", "callout_question"),
    ("warning", "warning", "callout_warning"),
    ("attention", "warning", "callout_warning"),
    ("caution", "caution", "callout_caution"),
    ("danger", "caution", "callout_danger"),
    ("error", "caution", "callout_danger"),
    ("bug", "caution", "callout_bug"),
    ("failure", "caution", "callout_failure"),
    ("fail", "caution", "callout_failure"),
    ("missing", "caution", "callout_failure"),
    ("example", "example", "callout_example"),
    ("quote", "quote", "callout_quote"),
    ("cite", "quote", "callout_quote"),
];

/// A callout by its name: a row of the table of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Callout(u8);

impl Callout {
    /// The callout for unknown types.
    pub(super) const NOTE: Callout = Callout(0);

    /// The one of a name in lower case.
    pub(super) fn named(name: &str) -> Option<Callout> {
        CALLOUTS.iter().position(|(known, _, _)| *known == name).map(|row| Callout(row as u8))
    }

    pub(super) fn class(self) -> &'static str {
        CALLOUTS[self.0 as usize].1
    }

    /// The key of the interface text that is its title where it has none of its own.
    pub(crate) fn text(self) -> &'static str {
        CALLOUTS[self.0 as usize].2
    }
}
