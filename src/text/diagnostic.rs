//! A finding as a value: what is wrong, where, how bad, and what to do. Nothing here renders or judges.

use crate::text::source::{FileId, Span};

/// The id of a rule, as written in `canon.toml` and behind `canon-ignore`.
pub(crate) type RuleId = &'static str;

/// How bad a finding is. `Off` never leaves the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported.
    Off,
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Severity {
    /// The name used in configuration and output.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Another place that belongs to a finding, with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// The file.
    pub file: FileId,
    /// The place in it.
    pub span: Span,
    /// What stands there, in a few words.
    pub message: String,
}

/// A replacement of a span by a text; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file to change.
    pub file: FileId,
    /// What is replaced.
    pub span: Span,
    /// The new text, with `\n` line ends.
    pub text: String,
}

/// Most places that a finding names beside its own. A name that 1,000 notes share, linked 20,000 times, would otherwise
/// be a report of gigabytes.
pub(crate) const MAX_RELATED: usize = 10;

/// Whether a repair may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Applicability {
    /// It cannot change what a note says: `--fix` applies it.
    Safe,
    /// It guesses what the author means: only `--fix-suggestions` applies it.
    Suggestion,
}

impl Applicability {
    /// The name used in output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Suggestion => "suggestion",
        }
    }

    /// The command that applies such repairs.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Applicability::Safe => "canon check --fix",
            Applicability::Suggestion => "canon check --fix-suggestions",
        }
    }
}

/// A repair that a finding offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fix {
    /// What applying it does, as an imperative sentence.
    pub description: String,
    /// The edits; all or none are applied.
    pub edits: Vec<Edit>,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How bad it is, after configuration.
    pub severity: Severity,
    /// The file it is about.
    pub file: FileId,
    /// The place in that file; an empty span at 0 is the whole file.
    pub span: Span,
    /// What is wrong, one line.
    pub message: String,
    /// What to do about it, one line.
    pub help: String,
    /// Other places, at most [`MAX_RELATED`].
    pub related: Vec<Label>,
    /// How many other places there are beyond those.
    pub unlisted: usize,
    /// A repair, where there is one.
    pub fix: Option<Fix>,
    /// Findings of one rule with an equal cause are shown once, with a count.
    pub cause: Option<String>,
}

impl Diagnostic {
    /// A finding without related places or fix. The severity is the rule's to set when it runs.
    pub(crate) fn new(
        rule: RuleId,
        file: FileId,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            rule,
            severity: Severity::Error,
            file,
            span,
            message: message.into(),
            help: help.into(),
            related: Vec::new(),
            unlisted: 0,
            fix: None,
            cause: None,
        }
    }

    /// Adds another place; beyond [`MAX_RELATED`] it is only counted.
    pub(crate) fn related(self, file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related_all([message], |message| (file, span, message.into()))
    }

    /// Adds a place for each item; beyond [`MAX_RELATED`] items are only counted, and `place` is not called for them.
    pub(crate) fn related_all<T>(
        mut self,
        items: impl IntoIterator<Item = T>,
        place: impl Fn(T) -> (FileId, Span, String),
    ) -> Diagnostic {
        for item in items {
            if self.related.len() < MAX_RELATED {
                let (file, span, message) = place(item);
                self.related.push(Label { file, span, message });
            } else {
                self.unlisted += 1;
            }
        }
        self
    }

    /// Offers a repair that cannot change what the note says: one edit in the finding's own file.
    pub(crate) fn fix(self, description: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.repair(Applicability::Safe, description.into(), span, text.into())
    }

    /// Offers a repair that guesses what the author means: one edit in the finding's own file.
    pub(crate) fn suggest(self, description: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.repair(Applicability::Suggestion, description.into(), span, text.into())
    }

    fn repair(mut self, applicability: Applicability, description: String, span: Span, text: String) -> Diagnostic {
        let edits = vec![Edit { file: self.file, span, text }];
        self.fix = Some(Fix { description, edits, applicability });
        self
    }

    /// Names the cause that this finding shares with others.
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Diagnostic {
        self.cause = Some(cause.into());
        self
    }
}
