//! The examples and exit statuses of the commands, for `--help` and for the manual.

/// The examples of a command: a command line, and what it does.
type Examples = &'static [(&'static str, &'static str)];

/// The examples of each command that has help.
const EXAMPLES: &[(&str, Examples)] = &[
    (
        "canon",
        &[
            ("canon check notes", "Report the problems of a folder of notes, without any settings"),
            ("canon serve", "Preview the site of the current folder"),
            ("canon build --output public", "Write the site into a folder"),
        ],
    ),
    (
        "init",
        &[
            ("canon init", "Make a site here, or adopt the notes of this folder"),
            ("canon init my-notes", "The same in a folder"),
        ],
    ),
    (
        "build",
        &[
            ("canon build", "Write the site into `public`"),
            ("canon build notes --output /tmp/site", "Write a folder of notes as a site elsewhere"),
            ("canon build --strict --base-url https://example.org/notes/", "Publish only without errors and warnings"),
        ],
    ),
    (
        "serve",
        &[
            ("canon serve --open", "Preview the site and open a browser"),
            ("canon serve --host 0.0.0.0 --port 8080", "Show the preview to the whole network"),
            ("canon serve --drafts", "Show drafts as well"),
        ],
    ),
    (
        "check",
        &[
            ("canon check", "Report all problems"),
            ("canon check content/databases", "Report on one folder; links are resolved in the whole base"),
            ("canon check content/a.md content/b.md", "The same for two files"),
            ("canon check --rule broken-link --rule broken-anchor", "Report only two rules"),
            ("canon check --since main...", "Report only what this branch adds to the findings of `main`"),
            ("canon check --watch", "Report, then print what each edit breaks and mends"),
            ("canon check --fix --dry-run", "Show the repairs as a diff, and change nothing"),
            ("canon check --format json --fail-on warning", "Report for a program, and fail from warnings on"),
        ],
    ),
    (
        "dupes",
        &[
            ("canon dupes", "Show notes that explain the same, then duplicated passages, the longest first"),
            ("canon dupes --format json", "The same for a program"),
        ],
    ),
    ("explain", &[("canon explain broken-link", "Say what a rule finds, with wrong and right notes")]),
    (
        "rules",
        &[
            ("canon rules", "List the rules"),
            ("canon rules --format json", "The same for a program, with explanations"),
        ],
    ),
    (
        "schema",
        &[
            ("canon schema", "Print the JSON Schema of the frontmatter"),
            ("canon schema --config", "Print the JSON Schema of `canon.toml`"),
        ],
    ),
    (
        "graph",
        &[
            ("canon graph", "Print the link graph as JSON"),
            ("canon graph --format dot", "Print the link graph for Graphviz"),
        ],
    ),
    (
        "path",
        &[
            ("canon path raft", "Print what to read before a note, in order"),
            ("canon path cap-theorem notes --format json", "The same for a program, in a folder of notes"),
        ],
    ),
    (
        "cards",
        &[
            ("canon cards --format tsv --output cards.txt", "Write the cards into a file that Anki imports"),
            ("canon cards", "Print the cards as JSON for a program"),
        ],
    ),
    (
        "stats",
        &[
            ("canon stats", "Print counts and health"),
            ("canon stats --learning reviews.jsonl", "Add what an exported log of practice says"),
            ("canon stats notes --format json", "The same for a program"),
        ],
    ),
    (
        "config",
        &[
            ("canon config", "Print every setting with its value as TOML"),
            ("canon config --format json", "The same for a program"),
        ],
    ),
    (
        "completions",
        &[
            ("canon completions bash", "Print the completions of bash, to be stored in its folder of completions"),
            ("canon completions zsh", "Print the completions of zsh"),
        ],
    ),
    (
        "man",
        &[
            ("canon man", "Print the manual page of canon"),
            ("canon man check", "Print the manual page of a command"),
            ("canon man --output man1", "Write a page for each command into a folder"),
        ],
    ),
];

/// The exit statuses of a command, with their meaning.
pub(super) fn exit_statuses(command: &str) -> Vec<(&'static str, &'static str)> {
    let mut statuses = vec![match command {
        "check" => ("0", "there is no finding at or above the failing level"),
        "build" => ("0", "the site was written"),
        "serve" => ("0", "the preview was ended with Ctrl-C"),
        _ => ("0", "success"),
    }];
    match command {
        "canon" => statuses.push(("1", "there are findings at or above the failing level")),
        "check" => statuses.push(("1", "there are findings at or above the failing level (`--fail-on`)")),
        "build" => statuses.push(("1", "with `--strict`: there are errors or warnings, and nothing was written")),
        _ => {}
    }
    statuses.push(("2", "the command could not do its work; the message says why"));
    if command != "serve" {
        statuses.push(("130", "the command was ended with Ctrl-C"));
    }
    statuses
}

/// The examples of a command; empty for an unknown command.
pub(super) fn examples(command: &str) -> Examples {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| examples)
}

/// A command and its subcommands with their examples below the help.
pub(super) fn with_examples(command: clap::Command) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|own| own.get_name().to_string()).collect();
    let command = with_own_examples(command);
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_own_examples))
}

fn with_own_examples(command: clap::Command) -> clap::Command {
    let name = command.get_name().to_string();
    let width = examples(&name).iter().map(|(line, _)| line.len()).max().unwrap_or(0);
    // Side by side only if a terminal of 80 columns has room for both.
    let fits = |what: &str| width + what.len() + 6 <= 80;
    let is_wide = examples(&name).iter().all(|(_, what)| fits(what));
    let mut text = String::from("Examples:\n");
    for (line, what) in examples(&name) {
        text.push_str(&match is_wide {
            true => format!("  {line:width$}  {what}\n"),
            false => format!("  {line}\n      {what}\n"),
        });
    }
    text.push_str("\nExit status:\n");
    for (status, meaning) in exit_statuses(&name) {
        text.push_str(&format!("  {status:<3}  {meaning}\n"));
    }
    command.after_long_help(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let root = crate::cli::command();
        for name in root.get_subcommands().map(clap::Command::get_name).chain(["canon"]).filter(|n| *n != "help") {
            assert!(!examples(name).is_empty(), "`{name}` has no example");
            for (line, _) in examples(name) {
                assert!(name == "canon" || line.split(' ').nth(1) == Some(name), "`{line}` is no example of {name}");
                let parsed = crate::cli::command().try_get_matches_from(line.split(' '));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }
}
