//! Rules on file names: kebab-case, equal to the id, portable to all systems.

use super::{Check, Context, Rule, aliases};
use crate::base::vault::WHOLE;
use crate::note::{Kind, file_name, landing_rank};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::paths::nfc;
use crate::text::slug::{is_kebab, slug};
use rustc_hash::FxHashSet;

/// The rule `non-kebab-filename`.
pub(super) const NON_KEBAB_FILENAME: Rule = Rule {
    id: "non-kebab-filename",
    severity: Severity::Warning,
    summary: "a note's file name is not kebab-case",
    explanation: include_str!("non-kebab-filename.md"),
    checks: &[Check::Note(non_kebab)],
};

/// The rule `id-not-filename`.
pub(super) const ID_NOT_FILENAME: Rule = Rule {
    id: "id-not-filename",
    severity: Severity::Info,
    summary: "a note's id is not its file's name",
    explanation: include_str!("id-not-filename.md"),
    checks: &[Check::Note(other_id)],
};

/// The rule `not-portable`.
pub(super) const NOT_PORTABLE: Rule = Rule {
    id: "not-portable",
    severity: Severity::Warning,
    summary: "a file name that some system refuses",
    explanation: include_str!("not-portable.md"),
    checks: &[Check::Base(not_portable)],
};

/// Device names of Windows, which are reserved with any extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

fn non_kebab(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let path = format!("{}.md", own.stem);
    let name = file_name(&own.stem);
    let excused =
        own.listed_page || own.kind == Kind::Alias || landing_rank(&path).is_some() || aliases::in_aliases(&own.stem);
    // macOS may return decomposed names, whose combining marks are not an error of the author.
    if excused || is_kebab(&nfc(name)) {
        return;
    }
    let (file, span) = site.title_place(note);
    let whole = file_name(site.path(note));
    let message = format!("the file name `{whole}` is not kebab-case");
    let help = format!("rename it to `{}{}`", slug(name), &whole[name.len()..]);
    out.push(Diagnostic::new(NON_KEBAB_FILENAME.id, file, span, message, help));
}

fn other_id(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    let Some(id) = own.head.id.as_ref().filter(|_| own.is_note()) else { return };
    let name = file_name(&own.stem);
    if nfc(name) == nfc(id) || landing_rank(&format!("{}.md", own.stem)).is_some() {
        return;
    }
    let message = format!("the id `{id}` is not the file's name, `{name}`");
    // Suggesting an id that is not kebab-case would cause a finding of `invalid-field`.
    let other_way = if is_kebab(&nfc(name)) { format!(", or write `id: {name}`") } else { String::new() };
    let help = format!("rename the file to `{id}.md`{other_way}");
    out.push(Diagnostic::new(ID_NOT_FILENAME.id, own.file, site.field_place(note, "id"), message, help));
}

fn not_portable(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut told = FxHashSet::default();
    // Draft notes and unused assets are in the repository too, so they are checked as well.
    let ids = site.vault.notes().chain(site.vault.assets());
    for (id, file) in ids {
        let mut end = 0;
        for part in file.path.split('/') {
            end += part.len();
            // A folder with such a name is reported once, not for each of its files.
            if let Some(why) = refused(part)
                && told.insert(file.path[..end].to_string())
            {
                let message = format!("`{part}` is not a valid file name on every system: {why}");
                out.push(Diagnostic::new(NOT_PORTABLE.id, id, WHOLE, message, "rename it"));
            }
            end += 1;
        }
    }
}

/// The reason why some system refuses a name. `None` if the name is portable.
fn refused(name: &str) -> Option<String> {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let numbered = |prefix: &str| stem.strip_prefix(prefix).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']));
    if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") {
        return Some(format!("Windows reserves `{stem}` for a device"));
    }
    if let Some(c) = name.chars().find(|c| "<>:\"|?*\\".contains(*c)) {
        return Some(format!("Windows refuses `{c}`"));
    }
    name.ends_with(['.', ' ']).then(|| "Windows removes a dot or space at the end".to_string())
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn names_that_some_system_refuses() {
        for name in ["aux.md", "NUL", "con.tar.gz", "com1.md", "lpt9", "a:b.md", "what?.md", "x.", "x ", "a\\b.md"] {
            assert!(refused(name).is_some(), "{name}");
        }
        for name in ["auxiliary.md", "con-current.md", "com10.md", "com.md", "a b.md", "größe.md", "x..y.md", "-x.md"]
        {
            assert_eq!(refused(name), None, "{name}");
        }
    }
}
