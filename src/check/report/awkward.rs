//! The set of findings that all format tests share. Each finding is difficult to render for a different reason.

use super::{Report, RuleInfo, Totals};
use crate::text::diagnostic::{Applicability, Diagnostic, Severity, Topic};
use crate::text::source::{FileId, SourceFile, Sources, Span};

/// Files as on disk, with findings.
pub(crate) struct Set {
    disk: Vec<(String, String)>,
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

const RULES: &[RuleInfo<'static>] = &[
    RuleInfo {
        id: "broken-link",
        summary: "a link whose target does not exist",
        explanation: "A link must lead somewhere.\n\nWrong: `[x](gone.md)`\n",
        severity: Severity::Error,
        repair: Some(Applicability::Safe),
        topic: Topic::Reading,
    },
    RuleInfo {
        id: "duplicate-id",
        summary: "two notes with one id",
        explanation: "Ids are unique.\n",
        severity: Severity::Error,
        repair: None,
        topic: Topic::Duplication,
    },
];

impl Set {
    pub(crate) fn report(&self) -> Report<'_> {
        let totals = Totals { files: self.sources.len(), notes: 5, links: 335, suppressed: 2, milliseconds: 31 };
        Report {
            diagnostics: &self.diagnostics,
            sources: &self.sources,
            totals,
            rules: RULES,
            prefix: "content/",
            part: Default::default(),
        }
    }

    /// The bytes of a file, by path.
    pub(crate) fn disk(&self, path: &str) -> &str {
        &self.disk.iter().find(|(p, _)| p == path).expect("a file of the set").1
    }

    fn file(&mut self, path: &str, text: &str) -> FileId {
        self.disk.push((path.into(), text.into()));
        self.sources.push(SourceFile::new(path, text))
    }

    /// A finding at the first occurrence of `needle`.
    fn find(
        &mut self,
        rule: &'static str,
        severity: Severity,
        file: FileId,
        needle: &str,
        message: &str,
    ) -> Diagnostic {
        let span = self.span(file, needle);
        let mut d =
            Diagnostic::new(rule, file, span, message, format!("mend `{}`", needle.lines().next().unwrap_or_default()));
        d.severity = severity;
        d
    }

    fn span(&self, file: FileId, needle: &str) -> Span {
        let start = self.sources[file].text.find(needle).expect("the needle is in the file");
        Span::new(start, start + needle.len())
    }
}

/// Multi-byte text, CRLF, a byte order mark, an empty file, a very long line, multi-line spans, locations in different
/// files, control characters, whole files, shared causes.
pub(crate) fn set() -> Set {
    let mut set = Set { disk: Vec::new(), sources: Sources::default(), diagnostics: Vec::new() };
    let multi = set.file("a/höhe 日本.md", "---\nid: höhe\n---\n日本語 é [x](misssing.md) and [y](gone.md)\n");
    let crlf =
        set.file("b/crlf.md", "\u{feff}---\r\nid: höhe\r\ndifficulty: mediun\r\n---\r\n# One\r\n\r\ntwo\r\nthree\r\n");
    let empty = set.file("c/empty.md", "");
    let long = set.file("d/long.md", &format!("{} [deep](gone.md) {}\n", "wörd ".repeat(4000), "tail ".repeat(4000)));
    let control = set.file("e/\u{1b}[31m.md", "title \u{1b}]8;;evil\u{7} and\ttab \u{202e}gnp\n\nlast");
    let many = set.file("f/many.md", &"line\n".repeat(300));

    let d = set.find("broken-link", Severity::Error, multi, "misssing.md", "no file `misssing.md`");
    let span = d.span;
    set.diagnostics.push(d.fix("link to `missing.md`", span, "missing.md"));
    for file in [multi, long] {
        let d = set.find("broken-link", Severity::Error, file, "gone.md", "no file `gone.md`");
        set.diagnostics.push(d.cause("gone.md"));
    }
    let d = set.find("undefined-reference", Severity::Error, long, "[deep]", "deep in a very long line");
    set.diagnostics.push(d);
    let other = set.span(multi, "höhe");
    let d = set.find("duplicate-id", Severity::Error, crlf, "höhe", "the id `höhe` is taken");
    set.diagnostics.push(d.related(multi, other, "the other note with that id"));
    let d = set.find("invalid-field", Severity::Error, crlf, "mediun", "`mediun` is not a difficulty");
    let span = d.span;
    set.diagnostics.push(d.fix("write `medium`", span, "medium\nnext: 1"));
    let d = set.find("empty-section", Severity::Warning, crlf, "# One\n\ntwo\nthree", "a span over several lines");
    let span = set.span(crlf, "\n\ntwo");
    set.diagnostics.push(d.suggest("put in a line", Span { start: span.start, end: span.start + 1 }, ""));
    let d = Diagnostic::new("missing-frontmatter", empty, Span::default(), "the file is empty", "give it frontmatter");
    set.diagnostics.push(d.suggest("add frontmatter", Span::default(), "---\n---\n"));
    let d = set.find("hidden-character", Severity::Warning, control, "\u{1b}]8;;evil\u{7}", "a \u{1b} in\nthe text");
    set.diagnostics.push(d);
    let d = set.find("hidden-character", Severity::Warning, control, "\u{202e}gnp", "a bidirectional control");
    set.diagnostics.push(d.related(control, Span::new(1_000_000, 1_000_001), "a place behind the end"));
    let d = set.find("duplicate-note", Severity::Info, many, &"line\n".repeat(250), "a span of 250 lines");
    let end = set.sources[many].text.len();
    set.diagnostics.push(d.related(multi, other, "one").related(crlf, Span::default(), "a whole file"));
    let mut d = Diagnostic::new("thin-note", many, Span::new(end, end), "at the very end", "write more");
    d.severity = Severity::Info;
    set.diagnostics.push(d);
    set.diagnostics.reverse();
    set
}

/// 3,000 findings of three rules in 300 files, some with a shared cause.
pub(crate) fn flood() -> Set {
    let mut set = Set { disk: Vec::new(), sources: Sources::default(), diagnostics: Vec::new() };
    for n in 0..300 {
        let file = set.file(&format!("notes/n{n:03}.md"), "# Title\n\n[a](gone.md) and raft\n");
        for i in 0..4 {
            let message = format!("no file `gone-{n}-{i}.md`");
            let d = set.find("broken-link", Severity::Error, file, "gone.md", &message);
            set.diagnostics.push(d);
        }
        for _ in 0..5 {
            let d = set.find("unlinked-mention", Severity::Info, file, "raft", "`raft` is a note");
            set.diagnostics.push(d);
        }
        let d = set.find("broken-link", Severity::Error, file, "gone.md", "`topic` leads nowhere");
        set.diagnostics.push(d.cause("one level too few"));
    }
    set
}
