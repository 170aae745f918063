//! The findings that a check does not report because they are known: those of a baseline. Reads and writes the baseline
//! of `canon check`.

use super::{Failure, Global, Outcome, note};
use crate::check::baseline::{Baseline, Unneeded};
use crate::check::report::{self, counted, plural};
use crate::check::scope::Scope;
use crate::system::atomic_write;
use crate::system::disk::from_here;
use crate::workspace::{Location, PastSite, read_baseline};
use std::path::{Path, PathBuf};

/// The most lines about entries of a baseline without a finding. `--verbose` shows all.
const MAX_UNNEEDED: usize = 10;

/// The options about known findings.
#[derive(Debug, clap::Args)]
pub(super) struct KnownFindings {
    /// Report only findings missing from this baseline, instead of `check.baseline` in the configuration
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Report the findings of the baseline as well
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,
    /// Write the current findings into a baseline; without FILE, into that of the configuration
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repairs", "since"])]
    write_baseline: Option<Option<PathBuf>>,
    /// Report only findings that the notes of a git revision do not have; `REF...` means the last common ancestor with HEAD
    #[arg(long, value_name = "REF")]
    since: Option<String>,
}

/// The part of the base and the rules that a run checks.
pub(super) struct Part<'a> {
    /// The checked files.
    pub(super) scope: &'a Scope,
    /// The checked rules; empty for all.
    pub(super) rules: &'a [String],
    /// Whether external links are checked.
    pub(super) external: bool,
}

impl Part<'_> {
    /// Whether the run finds all findings of a rule in a file.
    fn includes(&self, file: &str, rule: &str) -> bool {
        let asked = self.external || rule != "broken-external-link";
        self.scope.contains(file) && asked && (self.rules.is_empty() || self.rules.iter().any(|r| r == rule))
    }
}

impl KnownFindings {
    /// Whether the command line decides on the baseline, not the configuration.
    pub(super) fn overrides_configuration(&self) -> bool {
        self.no_baseline || self.baseline.is_some()
    }

    /// The baseline of the command line, else of the configuration; empty if there is none, or if a baseline is about to
    /// be written.
    ///
    /// # Errors
    /// The file cannot be read, or is not a baseline.
    pub(super) fn baseline(&self, location: &Location) -> Result<Baseline, Failure> {
        if self.no_baseline || self.write_baseline.is_some() {
            return Ok(Baseline::default());
        }
        match &self.baseline {
            Some(file) => Ok(read_baseline(file, false)?),
            None => Ok(location.read_baseline()?),
        }
    }

    /// The site at the revision of `--since`. `None` without the option.
    ///
    /// # Errors
    /// The revision cannot be read.
    pub(super) fn past(&self, location: &Location, global: &Global) -> Result<Option<PastSite>, Failure> {
        let Some(name) = &self.since else { return Ok(None) };
        let past = PastSite::read(location, name)?;
        if let Some(fault) = &past.config_fault {
            note(
                global,
                &format!(
                    "the configuration of `{name}` cannot be used ({fault}); its notes are checked with the present one"
                ),
            );
        }
        Ok(Some(past))
    }

    /// The file of `--write-baseline`: its own value, else that of `--baseline`, else that of the configuration. `None`
    /// without the option.
    ///
    /// # Errors
    /// No file is named.
    pub(super) fn file_to_write(&self, location: &Location) -> Result<Option<PathBuf>, Failure> {
        let Some(named) = &self.write_baseline else { return Ok(None) };
        let file = named.clone().or_else(|| self.baseline.clone()).or_else(|| location.baseline.clone());
        file.map(Some).ok_or_else(|| {
            let message = "`--write-baseline` needs a file, because canon.toml names none; write \
                `--write-baseline canon-baseline.json`, or set `baseline` in `[check]`";
            Failure::Unable(message.into())
        })
    }
}

/// Writes a baseline. After a run over a part, the file keeps its entries outside of the part.
///
/// # Errors
/// The file cannot be written, or has entries to keep and is not a baseline.
pub(super) fn write(
    file: &Path,
    mut found: Baseline,
    part: &Part<'_>,
    location: &Location,
    global: &Global,
) -> Outcome {
    let is_part = !part.scope.is_whole() || !part.rules.is_empty();
    // Anything else, such as `/dev/stdout`, has no entries, and to read from a pipe would wait forever.
    if file.is_file() {
        match read_baseline(file, false) {
            Ok(before) => found.add(before, |file, rule| !part.includes(file, rule)),
            Err(error) if is_part => return Err(error.into()),
            Err(_) => {}
        }
    }
    let shown = from_here(file);
    atomic_write::write(file, found.to_json().as_bytes())
        .map_err(|e| format!("cannot write the baseline `{shown}`: {e}"))?;
    let later = match location.baseline.as_deref() == Some(file) {
        true => "canon check".to_string(),
        false => format!("canon check --baseline {shown}"),
    };
    note(global, &format!("wrote {} to {shown}; `{later}` reports only new ones", counted(found.len(), "finding")));
    Ok(())
}

/// Prints the entries of the checked part without a finding.
pub(super) fn name_unneeded(unneeded: &[Unneeded], part: &Part<'_>, global: &Global) {
    // An entry for an unchecked rule or folder may still have a finding.
    let unneeded: Vec<_> = unneeded.iter().filter(|entry| part.includes(&entry.file, &entry.rule)).collect();
    let count: usize = unneeded.iter().map(|entry| entry.count).sum();
    if count == 0 {
        return;
    }
    let entries = plural(count, "entry without a finding", "entries without findings");
    note(global, &format!("the baseline has {entries}; `canon check --write-baseline` removes them:"));
    let shown = if global.verbose { unneeded.len() } else { MAX_UNNEEDED };
    for entry in unneeded.iter().take(shown) {
        let times = if entry.count > 1 { format!(" ({})", entry.count) } else { String::new() };
        note(global, &format!("  {} {}{times}", report::visible(&entry.file), entry.rule));
    }
    if unneeded.len() > shown {
        note(global, &format!("  and {} more; `--verbose` lists all", unneeded.len() - shown));
    }
}
