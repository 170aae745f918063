//! Rules on files that could not be read completely. Reports the problems that the vault and the Markdown parser
//! recorded.

use super::{Check, Context, Rule, fields};
use crate::base::embeds::MAX_EMBEDDED;
use crate::base::site::Site;
use crate::base::vault::{ProblemKind, WHOLE};
use crate::note::markdown::{CutOff, MAX_DEPTH, MAX_HTML};
use crate::text::diagnostic::{Diagnostic, RuleId, Severity};
use crate::text::ids::NoteId;

/// The rule `bad-path`.
pub(super) const BAD_PATH: Rule = Rule {
    id: "bad-path",
    severity: Severity::Error,
    summary: "a path that leads out, is absolute, or holds control characters",
    explanation: include_str!("bad-path.md"),
    checks: &[Check::Base(bad_path)],
};

/// The rule `invalid-encoding`.
pub(super) const INVALID_ENCODING: Rule = Rule {
    id: "invalid-encoding",
    severity: Severity::Error,
    summary: "a note that is not UTF-8 text",
    explanation: include_str!("invalid-encoding.md"),
    checks: &[Check::Base(|context, out| {
        problems(context.site, ProblemKind::InvalidEncoding, INVALID_ENCODING.id, out)
    })],
};

/// The rule `too-large`.
pub(super) const TOO_LARGE: Rule = Rule {
    id: "too-large",
    severity: Severity::Error,
    summary: "a note, or what it embeds, that is larger than canon shows",
    explanation: include_str!("too-large.md"),
    checks: &[Check::Base(too_large)],
};

/// The rule `too-deep`.
pub(super) const TOO_DEEP: Rule = Rule {
    id: "too-deep",
    severity: Severity::Error,
    summary: "lists, quotes or HTML nested deeper than canon reads",
    explanation: include_str!("too-deep.md"),
    checks: &[Check::Note(too_deep)],
};

/// The rule `unreadable-file`.
pub(super) const UNREADABLE_FILE: Rule = Rule {
    id: "unreadable-file",
    severity: Severity::Error,
    summary: "a file that cannot be read, or a symbolic link that leads out",
    explanation: include_str!("unreadable-file.md"),
    checks: &[Check::Base(|context, out| problems(context.site, ProblemKind::Unreadable, UNREADABLE_FILE.id, out))],
};

/// Reports the problems of the vault that are of one kind.
fn problems(site: &Site, kind: ProblemKind, rule: RuleId, out: &mut Vec<Diagnostic>) {
    for problem in site.vault.problems.iter().filter(|p| p.kind == kind) {
        out.push(Diagnostic::new(rule, problem.file, WHOLE, problem.message.clone(), problem.help.clone()));
    }
}

fn bad_path(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    problems(site, ProblemKind::BadPath, BAD_PATH.id, out);
    for bad in &site.routes.bad {
        let own = site.note(bad.note);
        let (written, help) = match bad.field {
            "aliases" => (&own.head.aliases[bad.item], "write a name; no page can be made at this path"),
            _ => (
                &own.head.redirect_from[bad.item],
                "write the path that the page had below the site's root, such as `old/name.html`, without `..`, `:`, `?`, `#` or \
                 an empty part",
            ),
        };
        let span = fields::item_place(site, bad.note, bad.field, written);
        let message = match bad.field {
            "aliases" => format!("`{written}` cannot be an address of the site"),
            _ => format!("`{written}` cannot be an old address of this note"),
        };
        out.push(Diagnostic::new(BAD_PATH.id, own.file, span, message, help));
    }
}

fn too_large(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    problems(site, ProblemKind::TooLarge, TOO_LARGE.id, out);
    for (note, _) in site.all().filter(|(_, n)| n.doc.cut_off == Some(CutOff::Size)) {
        let (file, span) = site.title_place(note);
        let message =
            format!("the page would have more than {} MiB; the rest of the note was not read", MAX_HTML >> 20);
        out.push(Diagnostic::new(TOO_LARGE.id, file, span, message, "split the note"));
    }
    for (&note, &link) in site.embeds_over() {
        let span = site.note(note).doc.links[link].dest_span;
        let message = format!(
            "from this embed on, the page would embed more than {} MiB of other notes; it shows a link instead",
            MAX_EMBEDDED >> 20
        );
        let help = "link to the note, embed a section of it, or embed fewer notes";
        out.push(Diagnostic::new(TOO_LARGE.id, site.note(note).file, span, message, help));
    }
}

fn too_deep(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if let Some(span) = own.doc.too_deep.filter(|_| !site.config.raw_html) {
        let message =
            format!("HTML nested deeper than {MAX_DEPTH} levels; the page shows the text without these elements");
        out.push(Diagnostic::new(TOO_DEEP.id, own.file, span, message, "close the elements, or nest them less deeply"));
    }
    if own.doc.cut_off == Some(CutOff::Depth) {
        // At most the first line: the last block may be the whole rest of the note.
        let span = own.doc.blocks.last().map_or(WHOLE, |b| b.span);
        let text = &site.source(note).text;
        let end = text[span.range()].find('\n').map_or(span.end, |i| span.start + i as u32);
        let span = crate::text::source::Span { start: span.start, end };
        let message = format!("nested deeper than {MAX_DEPTH} levels; the rest of the note was not read");
        out.push(Diagnostic::new(TOO_DEEP.id, own.file, span, message, "nest lists and quotes less deeply"));
    }
}
