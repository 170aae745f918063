//! Rules on properties of a single link. Each needs only the resolved link.

use super::paths::{in_style, links, path_of, relative, written};
use super::{Check, Context, Rule, run};
use crate::base::graph::{Fault, Resolved, Target, scheme_of};
use crate::base::site::Site;
use crate::note::markdown::{Link, LinkSyntax};
use crate::note::{file_name, stem_of};
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::slug::link_key;
use crate::text::source::{FileId, Span};

/// The rule `absolute-link`.
pub(super) const ABSOLUTE_LINK: Rule = Rule {
    id: "absolute-link",
    severity: Severity::Warning,
    summary: "a site-absolute link to a note where a relative one serves",
    explanation: include_str!("absolute-link.md"),
    checks: &[Check::Note(absolute)],
};

/// The rule `ambiguous-link`.
pub(super) const AMBIGUOUS_LINK: Rule = Rule {
    id: "ambiguous-link",
    severity: Severity::Warning,
    summary: "a wikilink that matches several notes",
    explanation: include_str!("ambiguous-link.md"),
    checks: &[Check::Note(ambiguous)],
};

/// The rule `directory-link`.
pub(super) const DIRECTORY_LINK: Rule = Rule {
    id: "directory-link",
    severity: Severity::Info,
    summary: "a link such as `../page/` or `@/page.md`, which works here and not on a code host",
    explanation: include_str!("directory-link.md"),
    checks: &[Check::Note(directory)],
};

/// The rule `empty-link`.
pub(super) const EMPTY_LINK: Rule = Rule {
    id: "empty-link",
    severity: Severity::Warning,
    summary: "a link without a destination",
    explanation: include_str!("empty-link.md"),
    checks: &[Check::Note(empty)],
};

/// The rule `escaping-link`.
pub(super) const ESCAPING_LINK: Rule = Rule {
    id: "escaping-link",
    severity: Severity::Error,
    summary: "a link that leads out of the content folder",
    explanation: include_str!("escaping-link.md"),
    checks: &[Check::Note(escaping)],
};

/// The rule `link-to-draft`.
pub(super) const LINK_TO_DRAFT: Rule = Rule {
    id: "link-to-draft",
    severity: Severity::Warning,
    summary: "a published note's link to a draft",
    explanation: include_str!("link-to-draft.md"),
    checks: &[Check::Note(to_draft)],
};

/// The rule `self-link`.
pub(super) const SELF_LINK: Rule = Rule {
    id: "self-link",
    severity: Severity::Warning,
    summary: "a note that links to itself without a fragment",
    explanation: include_str!("self-link.md"),
    checks: &[Check::Note(to_itself)],
};

/// The rule `unsafe-scheme`.
pub(super) const UNSAFE_SCHEME: Rule = Rule {
    id: "unsafe-scheme",
    severity: Severity::Error,
    summary: "a link with a scheme that the configuration does not allow",
    explanation: include_str!("unsafe-scheme.md"),
    checks: &[Check::Note(by_scheme)],
};

/// The rule `wrong-case-link`.
pub(super) const WRONG_CASE_LINK: Rule = Rule {
    id: "wrong-case-link",
    severity: Severity::Error,
    summary: "a link whose target exists only with other letter case",
    explanation: include_str!("wrong-case-link.md"),
    checks: &[Check::Note(wrong_case)],
};

/// The maximum number of further candidates to name in the message of `ambiguous-link`.
const NAMED: usize = 3;

/// Schemes with which a wikilink would run code or read local files. All further words before a colon may be part of a
/// note name.
const NEVER_NAMES: &[&str] = &["javascript", "vbscript", "data", "file"];

/// The forbidden scheme of a link. `None` if the link is allowed.
pub(super) fn unsafe_scheme(link: &Link, resolved: &Resolved) -> Option<String> {
    match &resolved.target {
        Target::Broken(Fault::UnsafeScheme(scheme)) => Some(scheme.clone()),
        Target::Broken(Fault::Missing(_)) if matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed) => {
            scheme_of(&link.dest).filter(|s| NEVER_NAMES.contains(&s.as_str()))
        }
        _ => None,
    }
}

fn finding(site: &Site, rule: &Rule, note: NoteId, link: &Link, message: String, help: String) -> Diagnostic {
    Diagnostic::new(rule.id, site.note(note).file, link.dest_span, message, help)
}

fn by_scheme(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, resolved) in links(site, note) {
        let Some(scheme) = unsafe_scheme(link, resolved) else { continue };
        let (message, help) = match scheme.as_str() {
            "//" => (
                "an address that begins with `//` leads to another site".into(),
                "write the scheme: `https://…`".into(),
            ),
            never if NEVER_NAMES.contains(&never) => (
                format!("a link may not have the scheme `{never}:`"),
                "link to a file or to an `https:` address".into(),
            ),
            other => match meant_scheme(other) {
                Some(meant) => (format!("`{other}:` is no scheme of an address"), format!("did you mean `{meant}:`?")),
                None => (
                    format!("only an app opens `{other}:` addresses, so the page shows the text without a link"),
                    format!(
                        "link to a web address, or add `{other}` to `schemes` in canon.toml if readers have that app"
                    ),
                ),
            },
        };
        out.push(finding(site, &UNSAFE_SCHEME, note, link, message, help));
    }
}

/// The common scheme that a misspelt one means: `https` for `hhttps`. At most one letter differs.
fn meant_scheme(scheme: &str) -> Option<&'static str> {
    let near = |known: &&str| scheme.len() >= 3 && strsim::osa_distance(scheme, known) == 1;
    ["https", "http", "mailto"].into_iter().find(near)
}

fn empty(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, _) in links(site, note).filter(|(_, r)| r.target == Target::Broken(Fault::Empty)) {
        let mut found = finding(
            site,
            &EMPTY_LINK,
            note,
            link,
            "a link without a destination".into(),
            "write a destination, or remove the brackets".into(),
        );
        found.span = link.span;
        out.push(found);
    }
}

fn escaping(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, _) in links(site, note).filter(|(_, r)| r.target == Target::Broken(Fault::Escapes)) {
        let depth = site.note(note).folder().split('/').filter(|p| !p.is_empty()).count();
        let help = match (inside(site, note, link), depth) {
            (Some(path), _) => format!("did you mean `{path}`?"),
            (None, 0) => "the note is in the content folder itself: link to a file in it".to_string(),
            (None, n) => format!("`{}` is the content folder itself; link to a file in it", "../".repeat(n)),
        };
        let message = format!("`{}` leads out of the content folder", link.dest);
        out.push(finding(site, &ESCAPING_LINK, note, link, message, help));
    }
}

/// The destination that the link should have if its path is meant relative to the content folder. `None` if no such
/// note exists.
fn inside(site: &Site, note: NoteId, link: &Link) -> Option<String> {
    let path = link.dest.split(['#', '?']).next()?;
    let mut below = path.trim_start_matches('/');
    while let Some(rest) = below.strip_prefix("../").or_else(|| below.strip_prefix("./")) {
        below = rest;
    }
    let stem = stem_of(below);
    let (target, _) = site.all().find(|(_, n)| n.stem == stem)?;
    Some(in_style(site.note(note).folder(), site.path(target), path.trim_start_matches('/')))
}

fn to_draft(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, _) in links(site, note).filter(|(l, r)| r.target == Target::Draft && !l.planned) {
        let message = format!("`{}` is a draft, which is not published", link.dest);
        let help = "publish the draft, or mark the link as planned: `(TODO)` before it".into();
        out.push(finding(site, &LINK_TO_DRAFT, note, link, message, help));
    }
}

fn to_itself(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let is_self = |(link, r): &(&Link, &Resolved)| {
        // Reported by `embed-cycle`.
        let is_link = link.form != LinkSyntax::Embed;
        is_link
            && r.target == Target::Note(note)
            && r.fragment.is_empty()
            && !link.dest.contains('#')
            && !link.dest.starts_with('?')
    };
    for (link, _) in links(site, note).filter(is_self) {
        let help = "remove the link, or name a section: `#heading`".into();
        out.push(finding(site, &SELF_LINK, note, link, "this note links to itself".into(), help));
    }
}

fn ambiguous(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, resolved) in links(site, note) {
        let Some(others) = &resolved.ambiguous else { continue };
        let taken = match resolved.target {
            Target::Note(taken) => site.note(resolved.through.unwrap_or(taken)).file,
            Target::Asset(file) => file,
            _ => continue,
        };
        let path = |file: FileId| format!("`{}`", site.vault.file(file).path);
        let named: Vec<FileId> = others.first.iter().copied().take(NAMED).collect();
        let mut all: Vec<String> = named.iter().map(|&file| path(file)).collect();
        if others.count > named.len() {
            all.push(format!("{} more", others.count - named.len()));
        }
        let last = all.pop().unwrap_or_default();
        let all = [vec![path(taken)], all].concat().join(", ");
        let name = link.dest.split('#').next().unwrap_or("").trim();
        let what = kind_of_name(site, taken, name);
        let message = format!("`{name}` is {what} {all} and {last}; {} is used", path(taken));
        let choices =
            [&[taken][..], &named].concat().into_iter().map(|file| format!("`[[{}]]`", sure_name(site, note, file)));
        let help = format!("write which one is meant: {}", choices.collect::<Vec<_>>().join(" or "));
        let mut found =
            finding(site, &AMBIGUOUS_LINK, note, link, message, help).related_all(&others.first, |&other| {
                let of_note = site.note_of_file.get(other).copied().flatten();
                let (file, span) = of_note.map_or((other, Span::default()), |note| site.title_place(note));
                (file, span, "this file also has the name".into())
            });
        found.unlisted += others.count - others.first.len();
        out.push(found);
    }
}

/// What a name is for a file that it refers to, for a sentence: “`x` is the title of `a.md`”.
fn kind_of_name(site: &Site, file: FileId, name: &str) -> &'static str {
    let key = link_key(name);
    let path = link_key(&site.vault.file(file).path);
    let Some(note) = site.note_of_file.get(file).copied().flatten().map(|note| site.note(note)) else {
        return if key.contains('/') { "the end of the path of" } else { "the file name of" };
    };
    let is = |own: &str| link_key(own) == key;
    match () {
        _ if key.contains('/') => "the end of the path of",
        _ if file_name(&path) == key || file_name(stem_of(&path)) == stem_of(&key) => "the file name of",
        _ if note.head.id.as_deref().is_some_and(is) => "the id of",
        _ if is(&note.title) => "the title of",
        _ if note.head.aliases.iter().any(|alias| is(alias)) => "an alias of",
        _ => "a name of",
    }
}

/// A name for a wikilink that leads to this file only: its path from the content folder, for a file in that folder itself its
/// path from the note.
fn sure_name(site: &Site, from: NoteId, file: FileId) -> String {
    let path = &site.vault.file(file).path;
    let path = path.strip_suffix(".md").unwrap_or(path);
    if path.contains('/') {
        return path.to_string();
    }
    match relative(site.note(from).folder(), path) {
        inner if inner.starts_with("../") => inner,
        inner => format!("./{inner}"),
    }
}

fn directory(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let is_zola = |link: &Link| link.dest.starts_with("@/");
    for (link, resolved) in links(site, note).filter(|(l, r)| (r.directory || is_zola(l)) && r.right_case.is_none()) {
        let Target::Note(target) = resolved.target else { continue };
        let path = &site.vault.file(site.note(resolved.through.unwrap_or(target)).file).path;
        let old = link.dest.split(['#', '?']).next().unwrap_or("");
        let new = in_style(site.note(note).folder(), path, "x.md");
        let message = match is_zola(link) {
            true => format!("`{old}` begins in the content folder, which a code host and an editor do not know"),
            false => format!("`{old}` is written like a folder, and leads to the note `{path}`"),
        };
        let found = finding(site, &DIRECTORY_LINK, note, link, message, format!("write `{new}`"));
        out.push(match written(site, note, link) {
            Some((span, _)) => found.fix(format!("link to `{new}`"), span, new),
            None => found,
        });
    }
}

fn absolute(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, resolved) in links(site, note).filter(|(_, r)| r.absolute && !r.directory && r.right_case.is_none()) {
        let Target::Note(target) = resolved.target else { continue };
        let old = link.dest.split(['#', '?']).next().unwrap_or("");
        let path = path_of(site, resolved.through.unwrap_or(target), old);
        let new = in_style(site.note(note).folder(), &path, old.trim_start_matches('/'));
        let message = format!("`{old}` works only on the published site, not on a code host or in an editor");
        let help = format!("write `{new}`");
        let found = finding(site, &ABSOLUTE_LINK, note, link, message, help);
        out.push(match written(site, note, link) {
            Some((span, _)) => found.fix(format!("link to `{new}`"), span, new),
            None => found,
        });
    }
}

fn wrong_case(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    for (link, resolved) in links(site, note) {
        let Some(right) = &resolved.right_case else { continue };
        let message = format!("the file is named `{right}`; a different letter case fails on other systems");
        let old = link.dest.split(['#', '?']).next().unwrap_or("");
        let extended =
            if right.ends_with(".md") && !old.ends_with(".md") { right.trim_end_matches(".md") } else { right };
        let new = match resolved.target {
            // An absolute link would be the next finding. One repair solves both.
            Target::Note(target) if resolved.absolute && run::is_on(site, &ABSOLUTE_LINK) => {
                let path = path_of(site, resolved.through.unwrap_or(target), old);
                in_style(site.note(note).folder(), &path, old.trim_start_matches('/'))
            }
            _ => in_style(site.note(note).folder(), extended, old),
        };
        let found = finding(site, &WRONG_CASE_LINK, note, link, message, format!("write `{new}`"));
        out.push(match written(site, note, link) {
            Some((span, _)) => found.fix(format!("link to `{new}`"), span, new),
            None => found,
        });
    }
}
