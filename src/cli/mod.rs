//! The command line: arguments in, exit status out; a file for each command. The logic is in the layers above.

mod build;
mod cards;
mod check;
mod config;
mod dupes;
mod examples;
mod explain;
mod graph;
mod init;
mod known;
mod manual;
mod named_note;
mod named_part;
mod path;
mod progress;
mod rule_id;
mod rules;
mod schema;
mod serve;
mod stats;
mod terminal_text;

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::base::vault::{UnsavedTexts, Vault};
use crate::check::report::visible;
use crate::system::panics;
use crate::workspace::{Location, Lookup};
use clap::{Args, FromArgMatches, Parser, Subcommand};
use progress::Progress;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Findings at or above the failing severity: exit status 1.
    Findings,
    /// The command was ended with Ctrl-C: exit status 130.
    Interrupted,
    /// The command failed: exit status 2, with this message.
    Unable(String),
}

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Unable(error.to_string())
    }
}

/// The result of a command.
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
    // `canon schema --config` needs no file, so the value may be missing; the default is `-`.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub config: Option<PathBuf>,
    /// Print only errors and failing findings
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print more details
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal unless `NO_COLOR` is set, and in any case if `CLICOLOR_FORCE` is.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The format of a list or table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum TextOrJson {
    /// Text for the terminal.
    Human,
    /// JSON, documented for programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new site, or adopt a folder of notes
    Init(init::Init),
    /// Build the site
    Build(build::Build),
    /// Preview the site in a browser, updated after each saved edit
    Serve(serve::Serve),
    /// Report problems in the notes
    Check(check::Check),
    /// Print duplicated text
    Dupes(dupes::Dupes),
    /// Explain a rule
    Explain(explain::Explain),
    /// List the rules
    Rules(rules::Rules),
    /// Print the frontmatter's JSON Schema
    Schema(schema::SchemaCommand),
    /// Print the link graph
    Graph(graph::GraphCommand),
    /// Print the learning path to a note
    Path(path::PathCommand),
    /// Print the questions with answers as flashcards
    Cards(cards::Cards),
    /// Print counts and health
    Stats(stats::Stats),
    /// Print the resolved configuration
    Config(config::ConfigCommand),
    /// Print a shell's completions
    Completions(manual::Completions),
    /// Print the manual
    Man(manual::Man),
}

/// Runs the command of the process arguments and returns the exit status.
pub fn run() -> ExitCode {
    #[cfg(unix)]
    {
        // With a handler, a write beyond `ulimit -f` fails with an error instead of killing the process in the middle of a
        // file. If no handler can be registered, the default stays.
        let ignored = std::sync::Arc::default();
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, ignored);
    }
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return without_command(&error),
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
        Err(Failure::Interrupted) => ExitCode::from(130),
        Err(Failure::Unable(message)) => fail(&message),
    }
}

/// Prints the text of `--help` or `--version`, or the mistake in the arguments.
fn without_command(error: &clap::Error) -> ExitCode {
    use std::io::Write;
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    match printed_or_closed(printed) {
        Err(Failure::Unable(message)) => fail(&message),
        _ => ExitCode::from(if error.use_stderr() { 2 } else { 0 }),
    }
}

impl Cli {
    /// Runs the chosen command.
    fn run(&self) -> Outcome {
        match &self.command {
            Command::Init(command) => command.run(),
            Command::Build(command) => command.run(&self.global),
            Command::Serve(command) => command.run(&self.global),
            Command::Check(command) => command.run(&self.global),
            Command::Dupes(command) => command.run(&self.global),
            Command::Explain(command) => command.run(),
            Command::Rules(command) => command.run(),
            Command::Schema(command) => command.run(&self.global),
            Command::Graph(command) => command.run(&self.global),
            Command::Path(command) => command.run(&self.global),
            Command::Cards(command) => command.run(&self.global),
            Command::Stats(command) => command.run(&self.global),
            Command::Config(command) => command.run(&self.global),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

/// Prints why the command failed.
fn fail(message: &str) -> ExitCode {
    log(&format!("{}error{}: {message}", anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset));
    ExitCode::from(2)
}

impl Global {
    /// Whether `--config` was given without a file.
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

    /// Finds, reads and analyzes the site, without HTML.
    fn analyze(&self, root: &Path) -> Result<Arc<Site>, Failure> {
        self.analyze_at(&self.locate(root)?)
    }

    /// Reads and analyzes a site, without HTML.
    fn analyze_at(&self, location: &Location) -> Result<Arc<Site>, Failure> {
        let progress = Progress::start("reading", self);
        let (own, vault) = (location.read_own_files()?, location.read_content()?);
        progress.stage("analyzing", vault.notes().count());
        Ok(analyze(location.config.clone(), vault, own.static_files, false, AnalysisMode::Check).site)
    }
}

/// The command line as a value.
fn command() -> clap::Command {
    examples::with_examples(<Cli as clap::CommandFactory>::command())
}

/// The current date in UTC, or that of `SOURCE_DATE_EPOCH` if set and not empty, for repeatable builds
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
///
/// # Errors
/// The variable is not a number of seconds.
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

/// Writes results to standard output.
///
/// # Errors
/// The output cannot be written, for example because the disk is full.
pub(crate) fn print(text: &str) -> Outcome {
    print_while_read(text).map(drop)
}

/// Writes results to standard output, for a command that goes on until its output is closed: `false` if it is.
///
/// # Errors
/// The output cannot be written.
fn print_while_read(text: &str) -> Result<bool, Failure> {
    use std::io::Write;
    let mut out = anstream::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    let is_open = written.is_ok();
    printed_or_closed(written).map(|()| is_open)
}

/// Writes text for a program to standard output byte for byte. [`print()`] removes escape sequences if the output is no
/// terminal. On a terminal it is printed as visible characters instead.
///
/// # Errors
/// The output cannot be written.
fn print_unchanged(text: &str) -> Outcome {
    use std::io::{IsTerminal, Write};
    let mut out = std::io::stdout();
    if out.is_terminal() {
        // Line ends and tabs are characters for terminals.
        let parts = text.split_inclusive(['\n', '\t']);
        return print(
            &parts
                .map(|part| {
                    part.strip_suffix(['\n', '\t']).map_or_else(
                        || visible(part).into_owned(),
                        |start| format!("{}{}", visible(start.trim_end_matches('\r')), &part[start.len()..]),
                    )
                })
                .collect::<String>(),
        );
    }
    printed_or_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// The outcome of a write to standard output. `canon check | head` closes the pipe early, which is no error.
fn printed_or_closed(written: std::io::Result<()>) -> Outcome {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Unable(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line about the progress or an error to standard error. A failure is ignored: it could not be reported, and
/// the result of the command does not depend on this line.
pub(crate) fn log(line: &str) {
    use std::io::Write;
    // One write for each line, so the lines of threads do not mix.
    let _ = anstream::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints a line as [`log`] does, unless `--quiet` is set.
fn note(global: &Global, line: &str) {
    if !global.quiet {
        log(line);
    }
}

/// Refuses a site, or the part of a site that ROOT names, without a Markdown file: most likely ROOT is a mistake.
fn refuse_without_notes(location: &Location, vault: &Vault) -> Outcome {
    if vault.notes().any(|(_, file)| location.scope.contains(&file.path)) {
        return Ok(());
    }
    let within = location.scope.folders().next();
    // Named files exist, and may all be outside of the content.
    if within.is_none() && !location.scope.is_whole() {
        return Ok(());
    }
    let within = within.unwrap_or("");
    let folder = crate::system::disk::shown(&location.content.join(within));
    Err(Failure::Unable(format!(
        "there is no Markdown file in `{}`; name the folder of the notes, or make a site with `canon init`",
        folder.trim_end_matches('/')
    )))
}
