//! The command line: what there is to say, and one file a command. No logic that a test would want stands here.

mod build;
mod check;
mod config;
mod dupes;
mod explain;
mod graph;
mod init;
mod manual;
mod rules;
mod schema;
mod serve;
mod stats;

use crate::base::analyze::AnalysisMode;
use crate::base::site::Site;
use crate::base::vault::UnsavedTexts;
use crate::system::panics;
use crate::workspace::{Location, Lookup};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// How a command ends, apart from success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There are findings at or above the failing level: exit status 1.
    Findings,
    /// The tool could not do its work: exit status 2, with this message.
    Unable(String),
}

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Unable(error.to_string())
    }
}

/// What a command returns.
pub(crate) type Outcome = Result<(), Failure>;

#[derive(Debug, Parser)]
#[command(
    name = "canon",
    version,
    about = "The static site generator for knowledge bases in which every concept has one canonical note",
    propagate_version = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The configuration file, instead of the nearest `canon.toml`
    // `canon schema --config` goes without a file, so the value may be missing: then it is `-`.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub config: Option<PathBuf>,
    /// Print nothing but errors; of findings only those that fail a check
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere if `CLICOLOR_FORCE` is.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new site, or adopt a folder of notes
    Init(init::Init),
    /// Build the site
    Build(build::Build),
    /// Preview the site in a browser, with every edit shown as it is saved
    Serve(serve::Serve),
    /// Report what is wrong with the notes
    Check(check::Check),
    /// Print what stands twice
    Dupes(dupes::Dupes),
    /// Explain a rule
    Explain(explain::Explain),
    /// List the rules
    Rules(rules::Rules),
    /// Print the frontmatter's JSON Schema
    Schema(schema::SchemaCommand),
    /// Print the link graph
    Graph(graph::GraphCommand),
    /// Print counts and health
    Stats(stats::Stats),
    /// Print the resolved configuration
    Config(config::ConfigCommand),
    /// Print a shell's completions
    Completions(manual::Completions),
    /// Print the manual
    Man(manual::Man),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    #[cfg(unix)]
    {
        // A write beyond `ulimit -f` then fails with an error, instead of ending the process in the middle of a file.
        // Where that cannot be arranged, the process ends as it would have.
        let ignored = std::sync::Arc::default();
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match cli.global.color {
        Colour::Auto => {}
        Colour::Always => anstream::ColorChoice::Always.write_global(),
        Colour::Never => anstream::ColorChoice::Never.write_global(),
    }
    if cli.global.lacks_config_file() && !matches!(cli.command, Command::Schema(_)) {
        return fail("`--config` needs a file");
    }
    let outcome = panics::catch(|| cli.run()).unwrap_or_else(|panic| {
        Err(Failure::Unable(format!("canon failed because of a bug in canon; please report it: {}", panic.message)))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Findings) => ExitCode::from(1),
        Err(Failure::Unable(message)) => fail(&message),
    }
}

impl Cli {
    /// Runs the command that was asked for.
    fn run(&self) -> Outcome {
        match &self.command {
            Command::Init(command) => command.run(&self.global),
            Command::Build(command) => command.run(&self.global),
            Command::Serve(command) => command.run(&self.global),
            Command::Check(command) => command.run(&self.global),
            Command::Dupes(command) => command.run(&self.global),
            Command::Explain(command) => command.run(),
            Command::Rules(command) => command.run(),
            Command::Schema(command) => command.run(&self.global),
            Command::Graph(command) => command.run(&self.global),
            Command::Stats(command) => command.run(&self.global),
            Command::Config(command) => command.run(&self.global),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

/// Says why the tool could not do its work.
fn fail(message: &str) -> ExitCode {
    anstream::eprintln!("{}error{}: {message}", anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset);
    ExitCode::from(2)
}

impl Global {
    /// Whether `--config` stands there without a file.
    pub(crate) fn lacks_config_file(&self) -> bool {
        self.config.as_ref().is_some_and(|file| file.as_os_str() == "-")
    }

    /// The site that ROOT and `--config` name.
    fn lookup(&self, root: &Path) -> Lookup {
        Lookup { root: root.to_path_buf(), config_file: self.config.clone() }
    }

    /// Finds the site that ROOT and `--config` name.
    fn locate(&self, root: &Path) -> Result<Location, Failure> {
        Ok(Location::find(&self.lookup(root), &UnsavedTexts::new())?)
    }

    /// Finds the site, reads it and links its notes; no HTML is kept.
    fn analyze(&self, root: &Path) -> Result<Arc<Site>, Failure> {
        Ok(self.locate(root)?.analyze(AnalysisMode::Check)?.site)
    }
}

/// The command line as a value, for completions and the manual.
fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Today: `SOURCE_DATE_EPOCH` if it is set and not empty, else the clock, in UTC.
///
/// # Errors
/// The variable is set to what is no time.
fn today() -> Result<crate::note::frontmatter::Date, Failure> {
    const NAME: &str = "SOURCE_DATE_EPOCH";
    let moment = match std::env::var_os(NAME).filter(|text| !text.is_empty()) {
        None => jiff::Timestamp::now(),
        Some(text) => {
            let seconds = text.to_str().and_then(|text| text.trim().parse().ok());
            let moment = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
            moment.ok_or_else(|| {
                let text = text.to_string_lossy();
                Failure::Unable(format!(
                    "`{NAME}` is `{text}`, which is not a number of seconds since 1970; correct or unset it"
                ))
            })?
        }
    };
    Ok(jiff::tz::Offset::UTC.to_datetime(moment).date())
}

/// Writes results to standard output; a reader that went away is no error.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let _ = anstream::stdout().write_all(text.as_bytes());
}
