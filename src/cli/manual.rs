//! `canon completions` and `canon man`: shell completions and manual pages, generated from the command line.

use super::examples::{examples, exit_statuses};
use super::{Failure, Outcome, command, print};
use crate::system::atomic_write;
use crate::text::slug::nearest;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::PathBuf;

/// Print a shell's completions
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Outcome {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "canon", &mut out);
        print(&String::from_utf8_lossy(&out))
    }
}

/// Print a manual page, or write the pages of all commands into a folder
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// The command whose page is printed, instead of the page of canon
    #[arg(conflicts_with = "output")]
    command: Option<String>,
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> Outcome {
        let pages = pages()?;
        let Some(folder) = &self.output else {
            let wanted = self.command.as_ref().map_or("canon".to_string(), |command| format!("canon-{command}"));
            let page = pages.iter().find(|page| page.title == wanted).ok_or_else(|| self.unknown(&pages))?;
            return print(&String::from_utf8_lossy(&page.roff));
        };
        std::fs::create_dir_all(folder)
            .and_then(|()| {
                pages
                    .iter()
                    .try_for_each(|page| atomic_write::write(&folder.join(format!("{}.1", page.title)), &page.roff))
            })
            .map_err(|e| format!("cannot write the manual into `{}`: {e}", folder.display()))?;
        Ok(())
    }

    /// The error for an unknown command, with the most similar one.
    fn unknown(&self, pages: &[Page]) -> Failure {
        let name = self.command.as_deref().unwrap_or_default();
        let known = pages.iter().filter_map(|page| page.title.strip_prefix("canon-"));
        Failure::Unable(match nearest(name, known) {
            Some(near) => format!("there is no command `{name}`; did you mean `{near}`?"),
            None => format!("there is no command `{name}`; `canon help` lists them"),
        })
    }
}

/// A manual page.
struct Page {
    /// The title, and the name of the file without its ending: `canon-check`.
    title: String,
    roff: Vec<u8>,
}

/// The manual pages of canon and of each command.
fn pages() -> std::io::Result<Vec<Page>> {
    let mut root = command();
    root.build();
    let commands = root.get_subcommands().filter(|own| own.get_name() != "help");
    std::iter::once(&root).chain(commands).map(page).collect()
}

fn page(command: &clap::Command) -> std::io::Result<Page> {
    let title = command.get_display_name().unwrap_or(command.get_name()).to_string();
    // The examples and statuses have sections of their own.
    let own = command.clone().after_long_help(None::<&str>);
    let source = format!("canon {}", env!("CARGO_PKG_VERSION"));
    let man = clap_mangen::Man::new(own).title(&title).source(source).manual("canon manual");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if title == "canon" {
        man.render_subcommands_section(&mut out)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in exit_statuses(command.get_name()) {
        roff.control("TP", []);
        roff.text([bold(status)]);
        roff.text([roman(meaning)]);
    }
    roff.control("SH", ["EXAMPLES"]);
    for (line, what) in examples(command.get_name()) {
        roff.control("TP", []);
        roff.text([bold(*line)]);
        roff.text([roman(*what)]);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(if title == "canon" { "canon-check(1), canon-build(1), canon-serve(1)" } else { "canon(1)" })]);
    roff.to_writer(&mut out)?;
    Ok(Page { title, roff: out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_pages_have_values_statuses_and_examples() {
        for page in pages().unwrap() {
            let text = String::from_utf8(page.roff).unwrap();
            for section in ["NAME", "OPTIONS", "EXIT STATUS", "EXAMPLES"] {
                let heading = [format!(".SH {section}\n"), format!(".SH \"{section}\"\n")];
                assert!(heading.iter().any(|h| text.contains(h)), "{}: {section}\n{text}", page.title);
            }
            assert!(!text.contains("Examples:"), "{} has its examples once", page.title);
            if page.title == "canon-check" {
                let text = text.replace('\\', "");
                for part in ["sarif: SARIF 2.1.0", "canon check --fix --dry-run", "fB130fR", "[default: human]"] {
                    assert!(text.contains(part), "{part}: {text}");
                }
            }
        }
    }
}
