//! `canon check`: reports findings, applies repairs, and reads and writes baselines.

mod watch;

use super::known::{self, KnownFindings, Part};
use super::progress::Progress;
use super::rule_id::RuleIds;
use super::{Failure, Global, Outcome, log, named_part, note, print, print_unchanged, refuse_without_notes, today};
use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::graph::Target;
use crate::base::site::Site;
use crate::base::vault::{Vault, renamed_notes};
use crate::check::baseline::Baseline;
use crate::check::external;
use crate::check::fix;
use crate::check::report::{self, PathsFromHere, Report, RuleInfo, Totals, as_folder, counted, plural};
use crate::check::rules::{Answers, RULES, RunOptions, repair_of, rule, run_in, topic_of};
use crate::check::scope::Scope;
use crate::config::Config;
use crate::system::atomic_write;
use crate::text::diagnostic::{Applicability, Diagnostic, FailOn, Severity};
use crate::text::slug::nearest;
use crate::workspace::{Location, PastSite};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Report problems in the notes; no file is changed
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The site, or a folder of notes; or files and folders of a site, which are reported on in the context of all notes
    #[arg(value_name = "ROOT|FILE", default_value = ".")]
    root: Vec<PathBuf>,
    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Show every finding instead of a selection
    #[arg(long)]
    all: bool,
    /// Report only this rule; may be repeated
    #[arg(long, value_name = "RULE", value_parser = RuleIds, hide_possible_values = true)]
    rule: Vec<String>,
    /// The lowest failing severity, instead of `fail_on` in the configuration
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    known: KnownFindings,
    /// Apply repairs without a change of meaning
    #[arg(long, group = "repairs")]
    fix: bool,
    /// Apply the suggestions, which guess the author's intention; `--rule` limits the rules
    #[arg(long, group = "repairs")]
    fix_suggestions: bool,
    /// With `--fix` or `--fix-suggestions`: show the changes without writing files
    #[arg(long, requires = "repairs")]
    dry_run: bool,
    /// After each change of the files, print what is new and what is mended, until Ctrl-C
    #[arg(long, conflicts_with_all = ["repairs", "write_baseline", "external", "since"])]
    watch: bool,
    /// Check external links as well
    #[arg(long)]
    external: bool,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text with colours, for the terminal.
    Human,
    /// JSON, documented for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations in the log of GitHub Actions.
    Github,
    /// JUnit XML with one test case for each file.
    Junit,
}

/// An analyzed site with findings.
struct Look {
    site: Arc<Site>,
    /// The responses to requests for external links. `None` without `--external`.
    answers: Option<Answers>,
    diagnostics: Vec<Diagnostic>,
    suppressed: usize,
}

/// The most rounds of `--fix`: a repair can make a further repair possible.
const ROUNDS: usize = 10;

impl Check {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let began = Instant::now();
        let (mut location, root) = named_part::locate(&self.root, global)?;
        self.want_rules(&mut location.config)?;
        if self.watch {
            return self.watch(&root, &location, global, began);
        }
        let (baseline, past) = (self.known.baseline(&location)?, self.known.past(&location, global)?);
        let mut look = self.look(&location, global)?;
        let kind = match (self.fix, self.fix_suggestions) {
            (true, _) => Some(Applicability::Safe),
            (_, true) => Some(Applicability::Suggestion),
            _ => None,
        };
        if let Some(kind) = kind {
            look = self.repair(&location, look, kind, global)?;
        }
        let part = self.part(&location);
        if let Some(file) = self.known.file_to_write(&location)? {
            let found = Baseline::of(&look.diagnostics, &look.site.vault.files);
            return known::write(&file, found, &part, &location, global);
        }
        let comparison = baseline.compare(std::mem::take(&mut look.diagnostics), &look.site.vault.files);
        known::name_unneeded(&comparison.unneeded, &part, global);
        look.diagnostics = comparison.new;
        look.suppressed += comparison.known;
        if let Some(past) = past {
            let found = self.findings_of(past, &look, &baseline)?;
            let comparison = found.compare(std::mem::take(&mut look.diagnostics), &look.site.vault.files);
            look.diagnostics = comparison.new;
            look.suppressed += comparison.known;
        }
        let fail_on = self.fail_on.unwrap_or(location.config.check.fail_on);
        if !(self.dry_run && self.format == Format::Human) {
            self.report(&location, &look, fail_on, began, global)?;
        }
        let fails = look.diagnostics.iter().any(|d| fail_on.is_failing(d.severity));
        // The process ends now. Freeing a large site takes longer than returning all memory to the system.
        std::mem::forget(look);
        if fails { Err(Failure::Findings) } else { Ok(()) }
    }

    /// Checks the names in `--rule`, and switches on named rules.
    ///
    /// # Errors
    /// An unknown rule.
    fn want_rules(&self, config: &mut Config) -> Outcome {
        for name in &self.rule {
            let Some(known) = rule(name) else { return Err(unknown_rule(name)) };
            let severity = config.check.rules.entry(name.clone()).or_insert(known.severity);
            if *severity == Severity::Off {
                *severity = Severity::Info;
            }
        }
        Ok(())
    }

    /// Reads the site and runs the rules.
    fn look(&self, location: &Location, global: &Global) -> Result<Look, Failure> {
        let progress = Progress::start("reading", global);
        let vault = location.read_content()?;
        drop(progress);
        named_part::report_unread(location, &vault, global);
        refuse_without_notes(location, &vault)?;
        self.look_at(vault, location, global)
    }

    /// Runs the rules over files in memory.
    fn look_at(&self, vault: Vault, location: &Location, global: &Global) -> Result<Look, Failure> {
        let own = location.read_own_files()?;
        let progress = Progress::start("analyzing", global);
        progress.stage("analyzing", vault.notes().count());
        let site = analyze(location.config.clone(), vault, own.static_files, false, AnalysisMode::Check).site;
        drop(progress);
        let answers = match self.external {
            true => Some(ask(&site, global)?),
            false => None,
        };
        let progress = Progress::start("checking", global);
        progress.stage("checking", site.notes.len());
        let circumstances = RunOptions { today: Some(today()?), answers: answers.as_ref(), only: &self.rule };
        let findings = run_in(&site, circumstances);
        drop(progress);
        let mut diagnostics = findings.diagnostics;
        if !location.scope.is_whole() {
            diagnostics.retain(|d| location.scope.contains(&site.vault.file(d.file).path));
        }
        Ok(Look { site, answers, diagnostics, suppressed: findings.suppressed })
    }

    /// Applies the fixes of a kind and returns the repaired site. With `--dry-run`, prints the changes instead.
    fn repair(&self, location: &Location, look: Look, kind: Applicability, global: &Global) -> Result<Look, Failure> {
        let (plan, mended) = self.plan(location, &look, kind, global)?;
        let unwritten = match self.dry_run {
            true => Vec::new(),
            false => {
                remove_leftovers(location, &look.site.vault);
                fix::apply(&plan.changes)
            }
        };
        for refusal in plan.refused.iter().chain(&unwritten) {
            log(&format!("{}: {}", report::visible(&refusal.path), refusal.reason));
        }
        if self.dry_run {
            if self.format == Format::Human {
                print_patch(location, &plan)?;
            }
            note(global, &format!("{}; nothing was written", fixes_in(&plan, plan.changes.len())));
            return Ok(look);
        }
        note(global, &format!("applied {}", fixes_in(&plan, plan.changes.len() - unwritten.len())));
        match unwritten.is_empty() {
            true => Ok(mended.unwrap_or(look)),
            false => self.look(location, global),
        }
    }

    /// Applies the fixes of a kind in memory until none is left. Returns the changes and, if there are any, the repaired
    /// site.
    fn plan(
        &self,
        location: &Location,
        look: &Look,
        kind: Applicability,
        global: &Global,
    ) -> Result<(fix::Plan, Option<Look>), Failure> {
        let (mut plan, mut mended) = (fix::Plan::default(), None);
        for _ in 0..ROUNDS {
            let now = mended.as_ref().unwrap_or(look);
            // Fixes that would change the structure of a note, such as a new list item, are dropped.
            let chosen = fix::sound(&now.site, fix::choose(&now.diagnostics, kind));
            let changed = plan.add(&location.content, &now.site.vault.files, &chosen);
            if changed.is_empty() {
                break;
            }
            let mut vault = Vault::clone(&now.site.vault);
            changed.into_iter().for_each(|(file, source)| vault.files[file] = source);
            mended = Some(self.look_at(vault, location, global)?);
        }
        Ok((plan, mended))
    }

    /// The findings of an earlier state of the site that are not in the baseline, at the present paths of its notes.
    fn findings_of(&self, past: PastSite, look: &Look, baseline: &Baseline) -> Result<Baseline, Failure> {
        let mut config = past.config;
        self.want_rules(&mut config)?;
        let site = analyze(config, past.vault, past.static_files, false, AnalysisMode::Check).site;
        let options = RunOptions { today: Some(super::today()?), answers: look.answers.as_ref(), only: &self.rule };
        let found = run_in(&site, options).diagnostics;
        // A finding in the baseline must not excuse a second one as well.
        let found = baseline.compare(found, &site.vault.files).new;
        let renamed = renamed_notes(&site.vault, &look.site.vault);
        let found = Baseline::of(&found, &site.vault.files).with_renamed_files(&renamed);
        // Freeing a large site takes longer than returning all memory to the system, and the process ends soon.
        std::mem::forget(site);
        Ok(found)
    }

    /// The part of the base and the rules that this run checks.
    fn part<'a>(&'a self, location: &'a Location) -> Part<'a> {
        Part { scope: &location.scope, rules: &self.rule, external: self.external }
    }

    fn report(&self, location: &Location, look: &Look, fail_on: FailOn, began: Instant, global: &Global) -> Outcome {
        let rules: Vec<RuleInfo<'_>> = RULES
            .iter()
            .map(|r| RuleInfo {
                id: r.id,
                summary: r.summary,
                explanation: r.explanation,
                severity: r.severity,
                repair: repair_of(r.id),
                topic: topic_of(r.id),
            })
            .collect();
        let view = paths(location, self.format == Format::Human);
        // `--quiet` must not change the output for programs.
        let bare = global.quiet && self.format == Format::Human;
        let fails = |d: &&Diagnostic| fail_on.is_failing(d.severity);
        let shown: Cow<'_, [Diagnostic]> = match bare {
            true => look.diagnostics.iter().filter(fails).cloned().collect(),
            false => Cow::from(&look.diagnostics),
        };
        let report = Report {
            diagnostics: &shown,
            sources: &look.site.vault.files,
            totals: totals(look, &location.scope, began),
            rules: &rules,
            prefix: &view.prefix,
            part: report::Part { within: Some(&location.scope), current: &view.current },
        };
        match self.format {
            Format::Human => {
                let colour = anstream::stdout().current_choice() != anstream::ColorChoice::Never;
                print(&report::human::render(&report, report::human::Look { colour, all: self.all, bare }))?;
            }
            Format::Json => print(&report::json::render(&report))?,
            Format::Sarif => print(&report::sarif::render(&report))?,
            Format::Junit => print(&report::junit::render(&report, fail_on))?,
            Format::Github => {
                // GitHub Actions shows the Markdown of this file on the page of the run.
                let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|f| !f.is_empty());
                let annotations = report::github::render(&report, summary.is_some());
                print(&annotations.log)?;
                if let Some(file) = summary {
                    let written = atomic_write::append(Path::new(&file), annotations.summary.as_bytes());
                    let shown = Path::new(&file).display();
                    written.map_err(|e| format!("cannot write the step summary `{shown}`: {e}"))?;
                }
            }
        }
        Ok(())
    }
}

/// Prints the changes as a patch. Its paths are relative to the root of the repository around the current folder, which
/// is what `git apply` expects in each folder of a repository, otherwise to the current folder. If these do not contain
/// the notes, the patch is for a different folder, which is printed.
fn print_patch(location: &Location, plan: &fix::Plan) -> Outcome {
    let current = std::env::current_dir().and_then(std::fs::canonicalize)?;
    let content = &location.content;
    let here = repository_around(&current).unwrap_or(&current);
    let folder = match plan.changes.iter().all(|change| change.target().starts_with(here)) {
        true => here,
        false => repository_around(content).unwrap_or(content),
    };
    print_unchanged(&fix::patch(&plan.changes, folder))?;
    // `git apply` never changes a file outside of the current folder, and does not report that it leaves one out.
    if plan.changes.iter().any(|change| !change.target().starts_with(&current)) {
        log(&format!("the patch is for another folder; apply it with `git -C {} apply`", shell_word(folder)));
    }
    Ok(())
}

/// The root of the repository that contains a folder.
fn repository_around(folder: &Path) -> Option<&Path> {
    // Git ignores an empty folder of this name. In a linked working tree it is a file.
    folder.ancestors().find(|folder| folder.join(".git").is_file() || folder.join(".git/HEAD").exists())
}

/// A path as a word for a shell.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    match text.chars().all(|c| c.is_alphanumeric() || "/._-+".contains(c)) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The error for an unknown rule id, with the most similar known id.
pub(super) fn unknown_rule(name: &str) -> Failure {
    Failure::Unable(match nearest(name, RULES.iter().map(|r| r.id)) {
        Some(near) => format!("there is no rule `{name}`; did you mean `{near}`?"),
        None => format!("there is no rule `{name}`; `canon rules` lists them"),
    })
}

/// Requests the address of every external link.
fn ask(site: &Site, global: &Global) -> Result<Answers, Failure> {
    let mut addresses: Vec<String> = Vec::new();
    for resolved in site.graph.links.iter().flatten() {
        if let Target::External(address) = &resolved.target
            && (address.starts_with("http://") || address.starts_with("https://"))
        {
            addresses.push(address.clone());
        }
    }
    // The same order in each run: `--verbose` output can then be compared.
    addresses.sort();
    addresses.dedup();
    note(global, &format!("asking {}", plural(addresses.len(), "address", "addresses")));
    let cache = cache_folder();
    let answers = external::check(&addresses, &site.config.external, cache.as_deref(), &external::SystemClock)?;
    tell(&answers, global);
    Ok(answers)
}

/// `3 fixes in 1 file`.
fn fixes_in(plan: &fix::Plan, file_count: usize) -> String {
    format!("{} in {}", plural(plan.fixes, "fix", "fixes"), counted(file_count, "file"))
}

/// Prints how many addresses could not be verified and how many moved permanently, which are no findings. With `--verbose`,
/// lists the addresses with the targets of redirects.
fn tell(answers: &Answers, global: &Global) {
    let count = |is: &dyn Fn(&external::Answer) -> bool| answers.values().filter(|answer| is(answer)).count();
    let unverified = count(&|answer| answer.outcome == external::Outcome::Unverified);
    let moved = count(&|answer| answer.redirect.as_ref().is_some_and(|redirect| redirect.permanent));
    for (number, what) in [(unverified, "could not be verified from here"), (moved, "moved permanently")] {
        if number > 0 {
            let more = if global.verbose { "" } else { "; `--verbose` lists them" };
            note(global, &format!("{} {what}{more}", plural(number, "address", "addresses")));
        }
    }
    for (address, answer) in answers.iter().filter(|_| global.verbose) {
        let moved = answer.redirect.as_ref().map(|r| format!(" → {}", r.to)).unwrap_or_default();
        if answer.outcome == external::Outcome::Unverified || !moved.is_empty() {
            let (address, moved) = (report::visible(address), report::visible(&moved));
            note(global, &format!("  {address}{moved}: {}", answer.detail));
        }
    }
}

/// The cache of answers: `$XDG_CACHE_HOME/canon/external`; `None` without a home folder.
fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(base.join("canon").join("external"))
}

/// Removes the temporary files of a killed `--fix` from the folders of notes.
fn remove_leftovers(location: &Location, vault: &Vault) {
    let folders: BTreeSet<&str> =
        vault.notes().map(|(_, file)| file.path.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
    for folder in folders {
        atomic_write::remove_leftovers(&location.content.join(folder));
    }
}

/// The counts for the reported part of the site.
fn totals(look: &Look, scope: &Scope, began: Instant) -> Totals {
    let site = &look.site;
    let notes = || site.all().filter(|(i, _)| scope.contains(&site.source(*i).path));
    let inside = |t: &Target| !matches!(t, Target::External(_));
    let links = notes().map(|(i, _)| site.graph.links[i].iter().filter(|r| inside(&r.target)).count());
    Totals {
        files: site.vault.notes().filter(|(_, f)| scope.contains(&f.path)).count(),
        notes: notes().filter(|(_, n)| n.is_note() || n.head.fence.present).count(),
        links: links.sum(),
        suppressed: look.suppressed,
        milliseconds: began.elapsed().as_millis() as u64,
    }
}

/// How the report shows paths. Paths for a person are relative to the current folder. Programs do not understand `..`, and
/// read the report elsewhere: their paths are relative to a folder that they know too.
fn paths(location: &Location, for_people: bool) -> PathsFromHere {
    if for_people {
        return PathsFromHere::of(&location.content);
    }
    let current = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    let (content, top) = (&location.content, top(location, &current));
    PathsFromHere { prefix: as_folder(content.strip_prefix(top).unwrap_or(content)), current: String::new() }
}

/// The folder that paths for programs are relative to: the first of these around the content folder.
///
/// 1. the folder in `GITHUB_WORKSPACE`, where GitHub Actions looks up the paths of annotations;
/// 2. the root of the repository;
/// 3. the current folder;
/// 4. the folder of the configuration.
///
/// Otherwise the content folder.
fn top(location: &Location, current: &Path) -> PathBuf {
    let content = &location.content;
    let workspace = std::env::var_os("GITHUB_WORKSPACE").and_then(|folder| std::fs::canonicalize(folder).ok());
    let repository = repository_around(content);
    let site = location.file.as_deref().and_then(Path::parent);
    let known = [workspace.as_deref(), repository, Some(current), site];
    known.into_iter().flatten().find(|folder| content.starts_with(folder)).unwrap_or(content).to_path_buf()
}
