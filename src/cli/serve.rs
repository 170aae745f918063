//! `canon serve`: starts the preview.

use super::progress::Progress;
use super::{Global, Outcome, log};
use crate::check::report::counted;
use crate::server::preview::Preview;
use crate::server::{Bound, Options, Port, Reporter, Watching};
use crate::text::diagnostic::Severity;
use crate::workspace::{Location, own_folders};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Preview the site in a browser, updated after each saved edit
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The port; by default 4321, or the next free port
    #[arg(short, long, value_name = "N")]
    port: Option<u16>,
    /// The address to listen on; any address except loopback shows the site to the network
    #[arg(long, value_name = "H", default_value = "127.0.0.1")]
    host: String,
    /// An additional host name for requests
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Open the site in a browser
    #[arg(long)]
    open: bool,
    /// Show drafts as well
    #[arg(long)]
    drafts: bool,
    /// Compare the files at intervals instead of watching
    #[arg(long)]
    poll: bool,
}

impl Serve {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let began = Instant::now();
        disable_huge_pages();
        let location = global.locate(&self.root)?;
        let reporter = reporter(global.quiet);
        // The port is bound before the notes are read, so a port in use is reported at once.
        let bound = Bound::new(self.options(&location, reporter.clone()))?;
        let progress = Progress::start("reading and analyzing", global);
        let preview = Preview::new(global.lookup(&self.root), self.drafts, reporter.clone())?;
        drop(progress);
        reporter(
            Severity::Info,
            &format!("read {} in {} ms", counted(preview.notes(), "note"), began.elapsed().as_millis()),
        );
        let preview = Arc::new(preview);
        let kept = preview.clone();
        let outcome = bound.run(preview);
        // Freeing a large site takes seconds; at the end of the process the system takes all memory back at once.
        std::mem::forget(kept);
        Ok(outcome?)
    }

    fn options(&self, location: &Location, reporter: Reporter) -> Options {
        let config = &location.config.serve;
        Options {
            host: self.host.clone(),
            port: self.port.map_or(Port::Default(config.port), Port::Asked),
            allow_hosts: self.allow_host.iter().chain(&config.allow_hosts).cloned().collect(),
            open: self.open,
            watching: watching(location, &self.root, self.poll),
            reporter,
            ..Options::default()
        }
    }
}

/// The files whose changes matter for a site.
pub(super) fn watching(location: &Location, root: &Path, poll: bool) -> Watching {
    let own = own_folders(location);
    let own = own.into_iter().flat_map(|(templates, files)| [templates, files]);
    // In a folder of notes without a configuration file, a new one is noticed too.
    let might_be = std::path::absolute(root.join("canon.toml")).ok();
    Watching {
        folders: std::iter::once(location.content.clone()).chain(own).collect(),
        files: location.file.clone().or(might_be).into_iter().chain(location.baseline.clone()).collect(),
        ignored: vec![location.output.clone()],
        outside: location.config.follow_links_outside.iter().map(PathBuf::from).collect(),
        poll,
        catch_up: true,
    }
}

/// Switches off transparent huge pages for this process. A preview runs for days, and a single small value in a huge page of 2 MB
/// prevents its release. If the system has no huge pages, or refuses, only memory is lost.
fn disable_huge_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Prints the lines of the preview to standard error; with `--quiet` only warnings and errors.
fn reporter(quiet: bool) -> Reporter {
    Arc::new(move |severity, line| {
        if !quiet || severity >= Severity::Warning {
            log(line);
        }
    })
}
