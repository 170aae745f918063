//! `canon check --watch`: after each change of the files, prints what is new and what is mended. Uses the session and the
//! watcher of the preview.

use super::{Check, Failure, Format, Look, log, today};
use crate::check::baseline::Baseline;
use crate::check::report::PathsFromHere;
use crate::check::rules::{RunOptions, rule, run_in};
use crate::check::scope::Scope;
use crate::cli::progress::Progress;
use crate::cli::serve::watching;
use crate::cli::{Global, Outcome, note, print_while_read, refuse_without_notes};
use crate::server::findings_by_file::FindingsByFile;
use crate::server::{Refresh, Reporter, StopWatching, Summary, watch_until_stopped};
use crate::text::diagnostic::Severity;
use crate::workspace::{Changes, Location, Session};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A base whose findings are compared after each change.
struct WatchedBase {
    state: Mutex<State>,
    scope: Scope,
    rules: Vec<String>,
    /// The baseline of the command line; `None`: that of the configuration.
    baseline: Option<Baseline>,
    paths: PathsFromHere,
    /// Ends the command, and the outcome that it then has.
    stop: OnceLock<StopWatching>,
    outcome: OnceLock<Outcome>,
}

struct State {
    session: Session,
    /// The findings after the last change.
    findings: FindingsByFile,
    /// The problems of the sources that were printed.
    problems: Vec<String>,
}

impl Check {
    /// Reports like a single check, then watches until Ctrl-C.
    pub(super) fn watch(&self, root: &Path, location: &Location, global: &Global, began: Instant) -> Outcome {
        if self.format != Format::Human {
            return Err(Failure::Unable("`--watch` prints for people; leave out `--format`".into()));
        }
        let progress = Progress::start("reading and analyzing", global);
        let session = Session::open(global.lookup(root), false)?;
        drop(progress);
        // A single check switches named rules on. A watched base follows its configuration, which may change at any time.
        let is_off = |id: &&String| {
            let configured = session.config().check.rules.get(*id).copied();
            configured.or(rule(id).map(|rule| rule.severity)) == Some(Severity::Off)
        };
        if let Some(id) = self.rule.iter().find(is_off) {
            let message = format!("`{id}` is off; to watch it, give it a severity in `[check.rules]` of canon.toml");
            return Err(Failure::Unable(message));
        }
        let site = session.analysis().site.clone();
        refuse_without_notes(location, &site.vault)?;
        let baseline = match self.known.overrides_configuration() {
            true => Some(self.known.baseline(location)?),
            false => None,
        };
        let (scope, rules) = (location.scope.clone(), self.rule.clone());
        let state = State { session, findings: FindingsByFile::default(), problems: Vec::new() };
        let (state, paths) = (Mutex::new(state), PathsFromHere::of(&location.content));
        let (stop, outcome) = (OnceLock::new(), OnceLock::new());
        let base = Arc::new(WatchedBase { state, scope, rules, baseline, paths, stop, outcome });
        base.report_all(self, location, global, began)?;
        note(global, "watching for changes; Ctrl-C ends it");
        let reporter: Reporter = Arc::new(|_, line: &str| log(line));
        let watched = base.clone();
        let make_site = move |stop| {
            watched.stop.get_or_init(|| stop);
            watched as Arc<dyn Refresh>
        };
        watch_until_stopped(watching(location, root, false), make_site, reporter)?;
        match base.outcome.get() {
            Some(Ok(())) => Ok(()),
            Some(Err(Failure::Unable(message))) => Err(Failure::Unable(message.clone())),
            _ => Err(Failure::Interrupted),
        }
    }
}

impl WatchedBase {
    /// Prints the complete report, to which later changes are compared.
    fn report_all(&self, check: &Check, location: &Location, global: &Global, began: Instant) -> Outcome {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let look = self.look(&state.session)?;
        state.findings = FindingsByFile::new(&look.site, &look.diagnostics);
        let fail_on = check.fail_on.unwrap_or(location.config.check.fail_on);
        check.report(location, &look, fail_on, began, global)
    }

    /// The findings of the watched part that are not in the baseline.
    fn look(&self, session: &Session) -> Result<Look, Failure> {
        let site = session.analysis().site.clone();
        let found = run_in(&site, RunOptions { today: Some(today()?), answers: None, only: &self.rules });
        let mut diagnostics = found.diagnostics;
        diagnostics.retain(|d| self.scope.contains(&site.vault.file(d.file).path));
        let baseline = self.baseline.as_ref().unwrap_or(session.baseline());
        let comparison = baseline.compare(diagnostics, &site.vault.files);
        let suppressed = found.suppressed + comparison.known;
        Ok(Look { site, diagnostics: comparison.new, suppressed, answers: None })
    }
}

impl WatchedBase {
    /// Ends the command. The first outcome counts.
    fn end(&self, outcome: Outcome) {
        self.outcome.get_or_init(|| outcome);
        if let Some(stop) = self.stop.get() {
            stop();
        }
    }
}

impl Refresh for WatchedBase {
    fn refresh(&self, changes: Changes) -> Summary {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let has_new_site = state.session.refresh(&changes).is_some();
        let problems: Vec<String> = state.session.problems().iter().map(|problem| problem.to_string()).collect();
        let mut summary = Summary::default();
        if problems != state.problems {
            summary.lines.extend(problems.iter().map(|problem| (Severity::Error, format!("error: {problem}"))));
            state.problems = problems;
        }
        if !has_new_site {
            return summary;
        }
        let look = match self.look(&state.session) {
            Ok(look) => look,
            Err(Failure::Unable(message)) => {
                summary.lines.push((Severity::Error, format!("error: {message}")));
                return summary;
            }
            Err(_) => return summary,
        };
        let findings = FindingsByFile::new(&look.site, &look.diagnostics);
        let lines = findings.changes_since(&state.findings, &self.paths);
        let text: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
        match print_while_read(&text) {
            Ok(true) => {}
            Ok(false) => self.end(Ok(())),
            Err(failure) => self.end(Err(failure)),
        }
        state.findings = findings;
        summary
    }
}
