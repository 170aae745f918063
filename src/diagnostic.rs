//! A finding as a value: what is wrong, where, how bad, and what to do. Nothing here renders or judges.

use crate::source::{FileId, Span};

/// The id of a rule, as written in `canon.toml` and behind `canon-ignore`.
pub type RuleId = &'static str;

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
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The place in it.
    pub span: Span,
    /// What stands there, in a few words.
    pub message: String,
}

/// A replacement of a span by a text; an empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file to change.
    pub file: FileId,
    /// What is replaced.
    pub span: Span,
    /// The new text, with `\n` line ends.
    pub text: String,
}

/// A repair that a finding offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What applying it does, as an imperative sentence.
    pub description: String,
    /// The edits; all or none are applied.
    pub edits: Vec<Edit>,
    /// Whether a bare `--fix` applies it: it cannot change what the note says.
    pub safe: bool,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
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
    /// Other places.
    pub related: Vec<Label>,
    /// A repair, where there is one.
    pub fix: Option<Fix>,
    /// Findings of one rule with an equal cause are shown once, with a count.
    pub cause: Option<String>,
}

impl Diagnostic {
    /// A finding without related places or fix. The severity is the rule's to set when it runs.
    pub fn new(
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
            fix: None,
            cause: None,
        }
    }

    /// Adds another place.
    pub fn related(mut self, file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Label { file, span, message: message.into() });
        self
    }

    /// Offers a repair of one edit in the finding's own file.
    pub fn fix(
        mut self,
        safe: bool,
        description: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        let edits = vec![Edit { file: self.file, span, text: text.into() }];
        self.fix = Some(Fix { description: description.into(), edits, safe });
        self
    }

    /// Names the cause that this finding shares with others.
    pub fn cause(mut self, cause: impl Into<String>) -> Diagnostic {
        self.cause = Some(cause.into());
        self
    }
}
