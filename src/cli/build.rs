//! `canon build`: writes the site into the output folder, either completely or not at all. If the last build had the same
//! inputs and its files are untouched, there is nothing to do.

mod report;

use super::progress::{self, Progress};
use super::{Failure, Global, Outcome, log, note, refuse_without_notes};
use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::base::vault::Vault;
use crate::check::baseline::{Baseline, Comparison};
use crate::check::report::counted;
use crate::check::rules;
use crate::config::base_url_fault;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Content, Parts, Publication, renderer, sizes, theme_fault};
use crate::publish::output::{Destination, Method, Staging, UserDirs, stage};
use crate::publish::own_files::OwnFiles;
use crate::system::disk::from_here;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::workspace::{Location, inputs};
use rayon::prelude::*;
use report::Report;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Build the site into the output folder
#[derive(Debug, clap::Args)]
pub(super) struct Build {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The output folder, instead of `public`
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The address of the published site, for the sitemap, the feed, canonical tags and the 404 page
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Write no file if there are errors or warnings
    #[arg(long)]
    strict: bool,
    /// Publish drafts as well
    #[arg(long)]
    drafts: bool,
    /// Build everything, even if the last build had the same inputs
    #[arg(long)]
    no_cache: bool,
}

/// Measures how long each stage of a build takes.
struct Clock {
    began: Instant,
    last: Instant,
    stages: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn new() -> Clock {
        let now = Instant::now();
        Clock { began: now, last: now, stages: Vec::new() }
    }

    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.stages.push((stage, now - self.last));
        self.last = now;
    }
}

/// What a build reads.
struct Input<'a> {
    location: &'a Location,
    own: &'a OwnFiles,
    baseline: Baseline,
    vault: Vault,
}

impl Build {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let mut clock = Clock::new();
        let location = self.locate(global)?;
        let own = location.read_own_files()?;
        if let Some((message, help)) = theme_fault(&location.config, &own) {
            return Err(Failure::Unable(format!("{message}; {help}")));
        }
        let progress = Progress::start("reading", global);
        let (baseline, vault) = (location.read_baseline()?, location.read_content()?);
        refuse_without_notes(&location, &vault)?;
        clock.lap("read");
        let (user_dirs, sources) = (UserDirs::of_this_process(), location.sources());
        let destination = Destination {
            output: &location.output,
            sources: &sources,
            preserve: &location.config.preserve,
            user_dirs: &user_dirs,
            method: Method::OneStep,
        };
        let staging = stage(&destination)?;
        // Without the hash, because a file cannot be read, the build still says which file it is.
        let inputs = inputs::hash(&location, &own, &vault, self.drafts).ok();
        let same = inputs.filter(|_| !self.no_cache).and_then(|inputs| staging.report_of_same_build(&inputs));
        let same = same.and_then(|report| serde_json::from_value::<Report>(report).ok());
        clock.lap("prepare");
        drop(progress);
        report_unused(&location, &own, global);
        for notice in staging.notices() {
            log(&notice.to_string());
        }
        if let Some(report) = same.filter(|report| !self.strict || report.is_clean()) {
            return report.as_repeated().print(&clock, &location, global);
        }
        let input = Input { location: &location, own: &own, baseline, vault };
        self.build(input, staging, inputs, clock, global)
    }

    /// Builds the whole site.
    fn build(
        &self,
        input: Input,
        staging: Staging,
        inputs: Option<blake3::Hash>,
        mut clock: Clock,
        global: &Global,
    ) -> Outcome {
        let Input { location, own, baseline, vault } = input;
        let progress = Progress::start("analyzing", global);
        progress.stage("analyzing", vault.notes().count());
        let analysis =
            analyze(location.config.clone(), vault, own.static_files.clone(), self.drafts, AnalysisMode::Build);
        clock.lap("analyze");
        let site = &analysis.site;
        // Without a date: the health page must be the same for the same notes on every day.
        progress.stage("checking", site.notes.len());
        let found = baseline.compare(rules::run(site, None).diagnostics, &site.vault.files);
        drop(progress);
        let Comparison { new: findings, known, .. } = found;
        clock.lap("check");
        if self.strict {
            refuse(&findings)?;
        }
        let parts = Parts {
            site: site.clone(),
            bodies: analysis.bodies.clone(),
            sizes: Arc::new(sizes(site)?),
            renderer: Arc::new(renderer(site, own, !findings.is_empty() || known > 0)?),
            findings: Findings::computed(findings.clone(), known),
        };
        let publication = Publication::new(parts, own);
        clock.lap("prepare pages");
        write_bundles(&publication, &staging, &mut clock, global)?;
        let rendering = write(&publication, &staging, global)?;
        clock.lap("render and write");
        // Known only after rendering. The output folder is still untouched: only the staging folder has files.
        let failures = publication.failures();
        report_failures(site, &failures);
        if self.strict {
            refuse(&failures)?;
        }
        let published = staging.publish()?;
        let findings = [findings, failures.clone()].concat();
        let report = Report::new(site, publication.pages(), (&findings, known), &published);
        // A page that failed is reported by every build.
        published.remember(inputs.as_ref().filter(|_| failures.is_empty()), report.to_json());
        clock.lap("publish");
        let outcome = report.rendered_in(rendering).print(&clock, location, global);
        // The process ends here. Freeing 10,000 notes takes longer than returning all memory to the system.
        std::mem::forget((publication, analysis));
        outcome
    }

    /// The site to build, with the options of the command line over the configuration.
    fn locate(&self, global: &Global) -> Result<Location, Failure> {
        let mut location = global.locate(&self.root)?;
        if let Some(output) = &self.output {
            location.output = std::path::absolute(output)?;
        }
        if let Some(url) = &self.base_url {
            if let Some(fault) = base_url_fault(url) {
                return Err(Failure::Unable(format!("`--base-url` {fault}")));
            }
            location.config.base_url = url.clone();
        }
        Ok(location)
    }
}

/// Prints the files and texts of the templates folder that have no effect.
fn report_unused(location: &Location, own: &OwnFiles, global: &Global) {
    let folder = from_here(&location.templates);
    for unused in own.unused_templates() {
        let place = if unused.line > 0 { format!("{}:{}", unused.file, unused.line) } else { unused.file };
        note(global, &format!("warning: {folder}/{place}: {}; {}", unused.message, unused.help));
    }
}

/// Prints the failed pages. `canon check` renders no page and cannot report such failures.
fn report_failures(site: &Site, failures: &[Diagnostic]) {
    for failure in failures {
        let path = &site.vault.file(failure.file).path;
        log(&format!("error[{}]: {path}: {}\n  help: {}", failure.rule, failure.message, failure.help));
    }
}

/// Stops a build with `--strict` before a file is written, if there are errors or warnings.
fn refuse(findings: &[Diagnostic]) -> Outcome {
    let count = |severity| findings.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings == 0 {
        return Ok(());
    }
    let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
    log(&format!("{errors} and {warnings}; nothing was written (`canon check` shows them)"));
    Err(Failure::Findings)
}

/// Makes and writes the data files of bundles. Each needs all notes at once, and is made before the pages, which are
/// rendered in parallel.
fn write_bundles(publication: &Publication, staging: &Staging, clock: &mut Clock, global: &Global) -> Outcome {
    let _progress = Progress::start("preparing search and graph", global);
    for bundle in Bundle::ALL {
        publication.make(bundle).par_iter().try_for_each(|(path, bytes)| staging.write(path, bytes))?;
        clock.lap(match bundle {
            Bundle::Search => "search",
            Bundle::Graph => "graph",
            Bundle::Previews => "previews",
            Bundle::Practice => "practice",
        });
    }
    Ok(())
}

/// Renders and writes every file. Returns the time spent on rendering, added up over all threads.
fn write(publication: &Publication, staging: &Staging, global: &Global) -> Result<Duration, Failure> {
    let files: Vec<_> = publication.files().iter().collect();
    let bar = progress::bar(files.len() as u64, global);
    let rendering = AtomicU64::new(0);
    // Eight files for each task: a single small page costs less than handing a task to another thread.
    files.par_iter().with_min_len(8).try_for_each(|(path, file)| -> Result<(), Failure> {
        let began = Instant::now();
        let content = publication.content(path, file).map_err(|e| Failure::Unable(e.to_string()))?;
        rendering.fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        match content {
            Content::Bytes(bytes) => staging.write(path, &bytes)?,
            Content::Disk(from) => staging.copy(path, &from)?,
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok(Duration::from_nanos(rendering.into_inner()))
}
