//! A finding as a value: fault, location, severity and fix. Knows neither rules nor report formats.

use crate::text::source::{FileId, Span};

/// The id of a rule, as written in `canon.toml` and after `canon-ignore`.
pub(crate) type RuleId = &'static str;

/// The severity of a finding. Rules never report a finding with `Off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported.
    Off,
    /// For information only.
    Info,
    /// Should be corrected.
    Warning,
    /// Must be corrected.
    Error,
}

impl Severity {
    /// The name in configuration and output.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// The lowest severity that fails a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
    /// Errors fail.
    Error,
    /// Warnings and errors fail.
    Warning,
    /// Every finding fails.
    Info,
    /// No finding fails.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the check.
    pub(crate) fn is_failing(self, severity: Severity) -> bool {
        match self {
            FailOn::Error => severity >= Severity::Error,
            FailOn::Warning => severity >= Severity::Warning,
            FailOn::Info => severity >= Severity::Info,
            FailOn::Never => false,
        }
    }
}

/// The subject of a rule. The report for people starts with the first subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Topic {
    /// What a reader of the site misses: links, anchors, embeds, assets, text, frontmatter that is not YAML.
    Reading,
    /// Duplicated text and names.
    Duplication,
    /// The schema, file names, and advice.
    #[default]
    Schema,
}

/// A second location that is related to a finding, with a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// The file.
    pub file: FileId,
    /// The location in the file.
    pub span: Span,
    /// A few words about the location.
    pub message: String,
}

/// The replacement of a span by a text. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file to change.
    pub file: FileId,
    /// The span to replace.
    pub span: Span,
    /// The new text, with `\n` line endings.
    pub text: String,
}

/// The maximum number of related locations of a finding. Without a limit, a name that 1,000 notes share and 20,000
/// links use produces a report of gigabytes.
pub(crate) const MAX_RELATED: usize = 10;

/// Whether a repair may be applied without a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Applicability {
    /// Cannot change the meaning of a note. Applied by `--fix`.
    Safe,
    /// Guesses the intention of the author. Applied only by `--fix-suggestions`.
    Suggestion,
}

impl Applicability {
    /// The name in output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::Suggestion => "suggestion",
        }
    }

    /// The mark in lists of rules and findings.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Applicability::Safe => "fix",
            Applicability::Suggestion => "suggest",
        }
    }

    /// The command that applies repairs of this kind.
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
    /// The effect of the repair, as an imperative sentence.
    pub description: String,
    /// The edits. Either all or none are applied.
    pub edits: Vec<Edit>,
    /// Whether the repair may be applied without a review.
    pub applicability: Applicability,
}

/// A finding of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The rule that reports the finding.
    pub rule: RuleId,
    /// The severity, after configuration.
    pub severity: Severity,
    /// The file of the finding.
    pub file: FileId,
    /// The location in the file. An empty span at 0 means the whole file.
    pub span: Span,
    /// The problem, on one line.
    pub message: String,
    /// The remedy, on one line.
    pub help: String,
    /// The related locations, at most [`MAX_RELATED`].
    pub related: Vec<Label>,
    /// The number of further related locations.
    pub unlisted: usize,
    /// A repair, if the rule can offer one.
    pub fix: Option<Fix>,
    /// A key that findings with the same cause share. Findings of one rule with equal keys are shown once, with a
    /// count.
    pub cause: Option<String>,
    /// Whether the finding is about the whole base. Its file is then only an example.
    pub is_about_base: bool,
}

impl Diagnostic {
    /// A finding without related locations and repair. The rule runner sets the severity afterwards.
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
            is_about_base: false,
        }
    }

    /// Adds a related location. Beyond [`MAX_RELATED`] the location is only counted.
    pub(crate) fn related(self, file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related_all([message], |message| (file, span, message.into()))
    }

    /// Adds a related location for each item. Beyond [`MAX_RELATED`] items are only counted, and `location` is not
    /// called for them, because it allocates the message.
    pub(crate) fn related_all<T>(
        mut self,
        items: impl IntoIterator<Item = T>,
        location: impl Fn(T) -> (FileId, Span, String),
    ) -> Diagnostic {
        for item in items {
            if self.related.len() < MAX_RELATED {
                let (file, span, message) = location(item);
                self.related.push(Label { file, span, message });
            } else {
                self.unlisted += 1;
            }
        }
        self
    }

    /// Offers a repair that cannot change the meaning of the note: one edit in the file of the finding.
    pub(crate) fn fix(self, description: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.repair(Applicability::Safe, description, span, text)
    }

    /// Offers a repair that guesses the intention of the author: one edit in the file of the finding.
    pub(crate) fn suggest(self, description: impl Into<String>, span: Span, text: impl Into<String>) -> Diagnostic {
        self.repair(Applicability::Suggestion, description, span, text)
    }

    /// Offers a repair of one edit in the file of the finding.
    pub(crate) fn repair(
        mut self,
        applicability: Applicability,
        description: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        let edits = vec![Edit { file: self.file, span, text: text.into() }];
        self.fix = Some(Fix { description: description.into(), edits, applicability });
        self
    }

    /// Marks the finding as one about the whole base.
    pub(crate) fn about_base(mut self) -> Diagnostic {
        self.is_about_base = true;
        self
    }

    /// Sets the key of the cause that the finding shares with further findings.
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Diagnostic {
        self.cause = Some(cause.into());
        self
    }
}
