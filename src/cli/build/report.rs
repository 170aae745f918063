//! What a build prints at its end. The figures are values, so a build without work to do prints those of the last build.

use super::super::{Global, Outcome, print};
use super::Clock;
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::check::report::{counted, thousands};
use crate::publish::output::Published;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::workspace::Location;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The figures of a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Report {
    note_count: usize,
    pages: usize,
    link_count: usize,
    broken: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    /// Findings in the baseline.
    known: usize,
    file_count: usize,
    unchanged: usize,
    removed: usize,
    /// Whether most files have no frontmatter.
    is_plain: bool,
    in_one_step: bool,
    /// The time of rendering in milliseconds, added up over all threads. `None` if nothing was rendered.
    #[serde(skip)]
    rendering: Option<Duration>,
}

impl Report {
    pub(super) fn new(
        site: &Site,
        pages: usize,
        (findings, known): (&[Diagnostic], usize),
        published: &Published,
    ) -> Report {
        let count = |s: Severity| findings.iter().filter(|d| d.severity == s).count();
        let targets = site.graph.links.iter().flat_map(|own| own.iter());
        Report {
            note_count: site.concepts().count(),
            pages,
            link_count: site.notes.iter().map(|note| note.doc.links.len()).sum(),
            broken: targets.filter(|resolved| matches!(resolved.target, Target::Broken(_))).count(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            known,
            file_count: published.files,
            unchanged: published.unchanged,
            removed: published.removed,
            is_plain: site.is_plain,
            in_one_step: published.in_one_step,
            rendering: None,
        }
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether `--strict` accepts the site.
    pub(super) fn is_clean(&self) -> bool {
        self.errors + self.warnings == 0
    }

    pub(super) fn rendered_in(self, time: Duration) -> Report {
        Report { rendering: Some(time), ..self }
    }

    /// The report of a build that found the site up to date.
    pub(super) fn as_repeated(&self) -> Report {
        Report { unchanged: self.file_count, removed: 0, in_one_step: true, ..self.clone() }
    }

    /// Prints the report, unless `--quiet`.
    ///
    /// # Errors
    /// The output cannot be written.
    pub(super) fn print(&self, clock: &Clock, location: &Location, global: &Global) -> Outcome {
        match global.quiet {
            true => Ok(()),
            false => print(&self.text(clock, location)),
        }
    }

    fn text(&self, clock: &Clock, location: &Location) -> String {
        // A path relative to the current folder is shorter, and can be clicked in most terminals.
        let output = &location.output;
        let folder = std::env::current_dir().ok().and_then(|c| output.strip_prefix(c).ok().map(|p| p.to_path_buf()));
        let folder = folder.unwrap_or_else(|| output.clone());
        let mut lines = vec![
            format!(
                "{} {}, {}, {} ({} broken) {} {} in {}",
                if self.rendering.is_some() { "Built" } else { "Up to date:" },
                counted(self.note_count, "note"),
                counted(self.pages, "page"),
                counted(self.link_count, "link"),
                thousands(self.broken),
                if self.rendering.is_some() { "into" } else { "in" },
                folder.display(),
                shown(clock.began.elapsed()),
            ),
            format!(
                "Findings: {}, {}, {}{}{}",
                counted(self.errors, "error"),
                counted(self.warnings, "warning"),
                counted(self.infos, "info"),
                if self.known == 0 {
                    String::new()
                } else {
                    format!(", and {} in the baseline", thousands(self.known))
                },
                if self.errors + self.warnings + self.infos == 0 { "" } else { " (`canon check` shows them)" },
            ),
            format!(
                "Files: {} written, {} unchanged, {} removed",
                thousands(self.file_count - self.unchanged),
                thousands(self.unchanged),
                thousands(self.removed)
            ),
        ];
        if self.is_plain {
            lines.push("Most files have no frontmatter: those without are notes whose facts are unknown.".into());
        }
        if !self.in_one_step {
            lines.push(
                "The output folder could not be replaced in one step; its files were replaced one by one.".into(),
            );
        }
        let stages: Vec<String> = clock.stages.iter().map(|(name, time)| format!("{name} {}", shown(*time))).collect();
        let rendering = self.rendering.map(|time| format!(" (rendering {} of thread time)", shown(time)));
        lines.push(format!("Time: {}{}", stages.join(", "), rendering.unwrap_or_default()));
        lines.join("\n") + "\n"
    }
}

fn shown(time: Duration) -> String {
    match time.as_millis() {
        0..10_000 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}
