//! Rules on frontmatter as a whole: missing, invalid, or with a value cut off by a comment.

use super::{Check, Context, Rule, aliases};
use crate::base::site::Site;
use crate::base::vault::WHOLE;
use crate::note::{Kind, Note, landing_rank};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;

/// The rule `missing-frontmatter`.
pub(super) const MISSING_FRONTMATTER: Rule = Rule {
    id: "missing-frontmatter",
    severity: Severity::Error,
    summary: "a note-like file without frontmatter",
    explanation: include_str!("missing-frontmatter.md"),
    checks: &[Check::Base(missing)],
};

/// The rule `invalid-frontmatter`.
pub(super) const INVALID_FRONTMATTER: Rule = Rule {
    id: "invalid-frontmatter",
    severity: Severity::Error,
    summary: "frontmatter that is not closed, not YAML, or over its bounds",
    explanation: include_str!("invalid-frontmatter.md"),
    checks: &[Check::Note(invalid), Check::Base(drafts)],
};

/// The rule `comment-in-value`.
pub(super) const COMMENT_IN_VALUE: Rule = Rule {
    id: "comment-in-value",
    severity: Severity::Warning,
    summary: "` #` cuts a value short",
    explanation: include_str!("comment-in-value.md"),
    checks: &[Check::Note(cut_short)],
};

fn missing(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if site.is_plain {
        return out.extend(plain_base(site));
    }
    let lacking: Vec<NoteId> = site.all().filter(|(i, n)| lacks_frontmatter(site, *i, n)).map(|(i, _)| i).collect();
    for note in lacking {
        let (file, span) = site.title_place(note);
        let message = "this file has no frontmatter, so it is a page and no note";
        let help = "begin it with `---`, `id: …`, `title: …` and the other fields, or add it to `pages` in canon.toml";
        out.push(Diagnostic::new(MISSING_FRONTMATTER.id, file, span, message, help));
    }
}

/// One finding for a base in which most files have no frontmatter.
fn plain_base(site: &Site) -> Option<Diagnostic> {
    let (_, first) = site.concepts().find(|(_, note)| !note.head.fence.present)?;
    let with = site.notes.iter().filter(|note| note.head.fence.present).count();
    let message = format!(
        "{with} of {} Markdown files have frontmatter, so those without are taken for notes too",
        site.notes.len()
    );
    let help = "nothing has to be done; `canon init` here adopts the folder step by step, and `pages` in canon.toml names files \
                that are no notes";
    let mut found = Diagnostic::new(MISSING_FRONTMATTER.id, first.file, WHOLE, message, help).about_base();
    // A plain folder of Markdown is a valid base, so the finding must not fail the check.
    found.severity = Severity::Info;
    Some(found)
}

/// Whether a file would be a note if it had frontmatter: not a landing page, the introduction of a generated page, an
/// alias note or a declared page.
fn lacks_frontmatter(site: &Site, index: NoteId, note: &Note) -> bool {
    note.kind == Kind::Page
        && !note.head.fence.present
        // Reported by `empty-file`.
        && !site.source(index).text.trim().is_empty()
        && !note.listed_page
        && landing_rank(&format!("{}.md", note.stem)).is_none()
        && !aliases::in_aliases(&note.stem)
        && !site.routes.introductions.values().any(|&i| i == index)
        && !note.is_failed()
        && !site.vault.is_unreadable(note.file)
}

fn invalid(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if let Some(broken) = &own.head.broken {
        let (message, help) = (broken.message.clone(), broken.help.clone());
        out.push(Diagnostic::new(INVALID_FRONTMATTER.id, own.file, broken.span, message, help));
    }
}

/// Drafts with frontmatter that cannot be read. Not without a date: no page may name a draft, the health page neither.
fn drafts(&Context { site, today, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if today.is_none() {
        return;
    }
    for draft in site.drafts.iter() {
        let Some(broken) = &draft.head.broken else { continue };
        let message = format!("{}; the note is held back", broken.message);
        out.push(Diagnostic::new(INVALID_FRONTMATTER.id, draft.file, broken.span, message, broken.help.clone()));
    }
}

fn cut_short(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    for key in &own.head.cut_short {
        let message = format!("`{key}` ends before ` #`, which begins a comment");
        let span = site.field_place(note, key);
        out.push(Diagnostic::new(COMMENT_IN_VALUE.id, own.file, span, message, "put the value in quotes"));
    }
}
