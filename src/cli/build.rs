//! `canon build`: writes the site into the output folder, either completely or not at all.

use super::progress::{self, Progress};
use super::{Failure, Global, Outcome, log, note, print, refuse_without_notes};
use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::check::baseline::Comparison;
use crate::check::report::{counted, thousands};
use crate::check::rules;
use crate::config::base_url_fault;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Content, Parts, Publication, renderer, sizes, theme_fault};
use crate::publish::output::{Destination, Method, Staging, UserDirs, stage};
use crate::publish::own_files::OwnFiles;
use crate::system::disk::from_here;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::workspace::Location;
use rayon::prelude::*;
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
            renderer: Arc::new(renderer(site, &own, !findings.is_empty() || known > 0)?),
            findings: Findings::computed(findings.clone(), known),
        };
        report_unused(&location, &own, global);
        let publication = Publication::new(parts, &own);
        let (user_dirs, sources) = (UserDirs::of_this_process(), location.sources());
        let destination = Destination {
            output: &location.output,
            sources: &sources,
            preserve: &location.config.preserve,
            user_dirs: &user_dirs,
            method: Method::OneStep,
        };
        let staging = stage(&destination)?;
        for notice in staging.notices() {
            log(&notice.to_string());
        }
        clock.lap("prepare");
        write_bundles(&publication, &staging, &mut clock, global)?;
        let writing = write(&publication, &staging, global)?;
        clock.lap("render and write");
        // Known only after rendering. The output folder is still untouched: only the staging folder has files.
        let failures = publication.failures();
        report_failures(site, &failures);
        if self.strict {
            refuse(&failures)?;
        }
        let findings = [findings, failures].concat();
        let published = staging.publish()?;
        clock.lap("publish");
        let outcome = match global.quiet {
            true => Ok(()),
            false => print(&summary(site, &publication, (&findings, known), &published, &clock, writing, &location)),
        };
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

/// The lines that a finished build prints.
fn summary(
    site: &Site,
    publication: &Publication,
    (findings, known): (&[Diagnostic], usize),
    published: &crate::publish::output::Published,
    clock: &Clock,
    writing: Duration,
    location: &Location,
) -> String {
    let count = |s: Severity| findings.iter().filter(|d| d.severity == s).count();
    let link_count: usize = site.notes.iter().map(|n| n.doc.links.len()).sum();
    let broken = site
        .graph
        .links
        .iter()
        .flat_map(|own| own.iter())
        .filter(|r| matches!(r.target, crate::base::graph::Target::Broken(_)))
        .count();
    // A path relative to the current folder is shorter, and can be clicked in most terminals.
    let folder =
        std::env::current_dir().ok().and_then(|c| location.output.strip_prefix(c).ok().map(|p| p.to_path_buf()));
    let folder = folder.unwrap_or_else(|| location.output.clone());
    let mut lines = vec![
        format!(
            "Built {}, {}, {} ({} broken) into {} in {}",
            counted(site.concepts().count(), "note"),
            counted(publication.pages(), "page"),
            counted(link_count, "link"),
            thousands(broken),
            folder.display(),
            shown(clock.began.elapsed()),
        ),
        format!(
            "Findings: {}, {}, {}{}{}",
            counted(count(Severity::Error), "error"),
            counted(count(Severity::Warning), "warning"),
            counted(count(Severity::Info), "info"),
            if known == 0 { String::new() } else { format!(", and {} in the baseline", thousands(known)) },
            if findings.is_empty() { "" } else { " (`canon check` shows them)" },
        ),
        format!(
            "Files: {} written, {} unchanged, {} removed",
            thousands(published.files - published.unchanged),
            thousands(published.unchanged),
            thousands(published.removed)
        ),
    ];
    if site.is_plain {
        lines.push("Most files have no frontmatter: those without are notes whose facts are unknown.".into());
    }
    if !published.in_one_step {
        lines.push("The output folder could not be replaced in one step; its files were replaced one by one.".into());
    }
    let stages: Vec<String> = clock.stages.iter().map(|(name, time)| format!("{name} {}", shown(*time))).collect();
    lines.push(format!("Time: {} (rendering {} of thread time)", stages.join(", "), shown(writing)));
    lines.join("\n") + "\n"
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

fn shown(time: Duration) -> String {
    match time.as_millis() {
        0..10_000 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}
