//! `canon serve`: the preview.

use super::{Global, Outcome};
use crate::check::report::counted;
use crate::server::preview::Preview;
use crate::server::{Bound, Options, Port, Reporter, Watching};
use crate::text::diagnostic::Severity;
use crate::workspace::{Location, own_folders};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Preview the site in a browser, with every edit shown as it is saved
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The port; without this option 4321, or the next free one
    #[arg(short, long, value_name = "N")]
    port: Option<u16>,
    /// The address to listen on; any but this machine's own loopback shows the site to the network
    #[arg(long, value_name = "H", default_value = "127.0.0.1")]
    host: String,
    /// Another name that this server is known by
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Open the site in a browser
    #[arg(long)]
    open: bool,
    /// Show drafts, too
    #[arg(long)]
    drafts: bool,
    /// Look at the files now and then instead of being told of changes
    #[arg(long)]
    poll: bool,
}

impl Serve {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let began = Instant::now();
        small_memory_pages();
        let location = global.locate(&self.root)?;
        let reporter = reporter(global.quiet);
        let bound = Bound::new(self.options(&location, reporter.clone()))?;
        let preview = Preview::new(global.lookup(&self.root), self.drafts, reporter.clone())?;
        reporter(
            Severity::Info,
            &format!("read {} in {} ms", counted(preview.notes(), "note"), began.elapsed().as_millis()),
        );
        let preview = Arc::new(preview);
        let kept = preview.clone();
        let outcome = bound.run(preview);
        // A large site takes seconds to be let go piece by piece; the system takes all of it back at once.
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
            watching: self.watching(location),
            reporter,
            ..Options::default()
        }
    }

    fn watching(&self, location: &Location) -> Watching {
        let own = own_folders(location);
        let own = own.into_iter().flat_map(|(templates, files)| [templates, files]);
        let might_be = std::path::absolute(self.root.join("canon.toml")).ok();
        Watching {
            folders: std::iter::once(location.content.clone()).chain(own).collect(),
            files: location.file.clone().or(might_be).into_iter().collect(),
            ignored: vec![location.output.clone()],
            outside: location.config.follow_links_outside.iter().map(PathBuf::from).collect(),
            poll: self.poll,
            catch_up: true,
        }
    }
}

/// A preview lives for days, and what it lets go is to leave it: of the 2 MB pages that builds ask for it would keep each as
/// long as one small value lies in it. Where the system has no such pages, or does not let them be turned off, nothing is lost.
fn small_memory_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// Prints the lines of the preview to standard error; with `--quiet` only warnings and errors.
fn reporter(quiet: bool) -> Reporter {
    Arc::new(move |severity, line| {
        if !quiet || severity >= Severity::Warning {
            anstream::eprintln!("{line}");
        }
    })
}
