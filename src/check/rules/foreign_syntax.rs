//! `foreign-syntax`: syntax of other programs that canon does not support. One finding for the whole base, with the
//! remedies.

use super::paths::links;
use super::{Check, Context, Rule};
use crate::base::graph::{Fault, Resolved, Target};
use crate::base::site::Site;
use crate::base::vault::WHOLE;
use crate::note::markdown::{Link, LinkSyntax, RunKind};
use crate::note::{Note, file_name};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::name_key;
use crate::text::source::FileId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

/// Reports shortcodes, MDX and reversed wikilinks.
pub(super) const FOREIGN_SYNTAX: Rule = Rule {
    id: "foreign-syntax",
    severity: Severity::Info,
    summary: "syntax of other programs that is shown as text: shortcodes, MDX, links with the text first",
    explanation: include_str!("foreign-syntax.md"),
    checks: &[Check::Base(check)],
};

fn check(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mdx: Vec<FileId> =
        site.vault.assets().filter(|(_, file)| file.path.ends_with(".mdx")).map(|(id, _)| id).collect();
    let with = |has: fn(&Note) -> bool| -> Vec<FileId> {
        site.notes.par_iter().filter(|note| has(note)).map(|note| note.file).collect()
    };
    let (shortcodes, imports, reversed) = (with(has_shortcode), with(has_import), reversed(site));
    let kinds = [
        (&mdx, "with MDX, not read", "rename those that are plain Markdown to `.md`"),
        (&imports, "with `import` or `export` lines", "remove those lines and the components that they name"),
        (&shortcodes, "with shortcodes (`{{< … >}}`, `{{ … }}`, `{% … %}`)", "write Markdown or HTML in their place"),
        (&reversed, "with wikilinks that name the text first (`[[text|note]]`)", "write `[[note|text]]`"),
    ];
    let found: Vec<_> = kinds.iter().filter(|(files, ..)| !files.is_empty()).collect();
    let Some(first) = found.iter().flat_map(|(files, ..)| files.iter()).min() else { return };
    let counts: Vec<String> = found.iter().map(|(files, what, _)| format!("{} {what}", counted(files.len()))).collect();
    let remedies: Vec<&str> = found.iter().map(|(.., remedy)| *remedy).collect();
    let message = format!("this base has syntax of other programs: {}", counts.join("; "));
    let mut all: Vec<FileId> =
        found.iter().flat_map(|(files, ..)| files.iter().copied()).filter(|f| f != first).collect();
    all.sort_unstable();
    all.dedup();
    let finding = Diagnostic::new(FOREIGN_SYNTAX.id, *first, WHOLE, message, remedies.join("; ")).about_base();
    out.push(finding.related_all(all, |file| (file, WHOLE, "here too".to_string())));
}

fn counted(file_count: usize) -> String {
    format!("{file_count} {}", if file_count == 1 { "file" } else { "files" })
}

/// Whether the prose of a note contains a shortcode of Hugo, Zola or Docusaurus.
fn has_shortcode(note: &Note) -> bool {
    let text = &note.doc.text;
    let opens = |mark: &str, ends: &'static [&'static str]| {
        memchr::memmem::find_iter(text.as_bytes(), mark).any(|at| {
            let line = text[at..].lines().next().unwrap_or_default();
            // An opening mark without an end on the line is text, as in a sentence about templates.
            ends.iter().any(|end| line[mark.len()..].contains(end)) && is_prose(note, at)
        })
    };
    memchr::memchr(b'{', text.as_bytes()).is_some()
        && (opens("{{<", &[">}}"]) || opens("{{%", &["%}}"]) || opens("{{ ", &[") }}", ")}}"]) || opens("{% ", &["%}"]))
}

fn is_prose(note: &Note, at: usize) -> bool {
    let index = note.doc.runs.partition_point(|run| run.text as usize <= at);
    index.checked_sub(1).is_some_and(|run| matches!(note.doc.runs[run].kind, RunKind::Prose | RunKind::Heading))
}

/// Whether a paragraph of a note contains an `import` or `export` statement of MDX.
fn has_import(note: &Note) -> bool {
    let text = &note.doc.text;
    let is_import = |line: &str| {
        let from = |rest: &str| rest.contains(" from '") || rest.contains(" from \"");
        line.strip_prefix("import ").is_some_and(|rest| from(rest) || rest.starts_with(['\'', '"']))
            || line
                .strip_prefix("export ")
                .is_some_and(|rest| rest.starts_with("const ") || rest.starts_with("default "))
    };
    // A quick search of the whole text before the traversal of all runs.
    let may =
        ["import ", "export "].iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some());
    may && note.doc.runs.iter().filter(|run| run.kind == RunKind::Prose).any(|run| {
        let (start, end) = (run.text as usize, (run.text + run.length) as usize);
        text.get(start..end).is_some_and(|words| words.lines().any(is_import))
    })
}

/// The files that contain a reversed wikilink.
fn reversed(site: &Site) -> Vec<FileId> {
    let names = ReversedLinks::new(site);
    let has = |note: &NoteId| links(site, *note).any(|(link, resolved)| names.is_one(link, resolved));
    site.notes.ids().iter().filter(has).map(|note| site.note(note).file).collect()
}

/// Detects reversed wikilinks: `[[text|note]]` in the order of Dendron, where the text comes first.
pub(super) struct ReversedLinks<'a> {
    site: &'a Site,
    /// Name keys of all files; computed for the first broken wikilink that has a text.
    names: std::cell::OnceCell<FxHashSet<String>>,
}

impl<'a> ReversedLinks<'a> {
    /// A detector for the links of a site.
    pub(super) fn new(site: &'a Site) -> ReversedLinks<'a> {
        ReversedLinks { site, names: std::cell::OnceCell::new() }
    }

    /// Whether a link is a wikilink with a missing target whose text is the name of a file.
    pub(super) fn is_one(&self, link: &Link, resolved: &Resolved) -> bool {
        let is_broken = matches!(resolved.target, Target::Broken(Fault::Missing(_)));
        if !is_broken || link.form != LinkSyntax::Wiki || link.text == link.dest {
            return false;
        }
        let names = self.names.get_or_init(|| self.site.all().map(|(_, n)| name_key(file_name(&n.stem))).collect());
        names.contains(&name_key(link.text.split('#').next().unwrap_or_default()))
    }
}
