//! Rules on images and further assets: missing, unused, or loaded from a different site.

use super::paths::links;
use super::suggest::did_you_mean;
use super::{Check, Context, Rule, embeds, link_faults, paths};
use crate::base::graph::{Fault, Target};
use crate::base::site::Site;
use crate::base::vault::WHOLE;
use crate::note::file_name;
use crate::note::markdown::LinkSyntax;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::paths::{nfc, path_key};
use crate::text::slug::nearest;
use crate::text::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// The rule `missing-asset`.
pub(super) const MISSING_ASSET: Rule = Rule {
    id: "missing-asset",
    severity: Severity::Error,
    summary: "a picture or other media whose file does not exist",
    explanation: include_str!("missing-asset.md"),
    checks: &[Check::Note(missing)],
};

/// The rule `unused-asset`.
pub(super) const UNUSED_ASSET: Rule = Rule {
    id: "unused-asset",
    severity: Severity::Info,
    summary: "a file that no note links to, drafts included",
    explanation: include_str!("unused-asset.md"),
    checks: &[Check::Base(unused)],
};

/// The rule `remote-asset`.
pub(super) const REMOTE_ASSET: Rule = Rule {
    id: "remote-asset",
    severity: Severity::Warning,
    summary: "a picture or other media from another site",
    explanation: include_str!("remote-asset.md"),
    checks: &[Check::Note(remote)],
};

/// Files of canon that may be in the content folder. All further ones have names with a leading dot, which are never
/// assets.
const OWN_FILES: &[&str] = &["canon.toml", "canon-baseline.json"];

fn missing(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    for (link, resolved) in links(site, note) {
        let Target::Broken(Fault::Missing(wanted)) = &resolved.target else { continue };
        let shows = link.form.is_media() || link.form == LinkSyntax::Embed && embeds::is_file(link);
        if shows && link_faults::unsafe_scheme(link, resolved).is_none() {
            let message = format!("there is no file `{wanted}`");
            let help = similar_file(site, note, wanted, &link.dest);
            let found = Diagnostic::new(MISSING_ASSET.id, own.file, link.dest_span, message, help);
            out.push(found.cause(format!("no {wanted}")));
        }
    }
}

/// The help for a missing file: the path of a file with the same name in a different folder, else of the file with the
/// most similar name.
fn similar_file(site: &Site, note: NoteId, wanted: &str, old: &str) -> String {
    let key = path_key(file_name(wanted));
    let near = || {
        let name = nearest(&key, site.asset_paths().map(file_name))?.to_string();
        site.asset_paths().find(|path| file_name(path) == name)
    };
    match site.asset_named(&key).or_else(near) {
        Some(path) => did_you_mean(&[paths::in_style(&nfc(site.note(note).folder()), &nfc(path), old)]),
        None => "add the file, or remove the picture".into(),
    }
}

fn unused(&Context { site, .. }: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let used = site.graph.links.iter().flatten().filter_map(|r| match r.target {
        Target::Asset(file) => Some(file),
        _ => None,
    });
    // Assets of drafts are needed when the draft is published.
    let used: FxHashSet<_> = used.chain(site.assets_of_drafts.iter().copied()).collect();
    for (file, source) in site.vault.usable_assets().filter(|(file, _)| !used.contains(file)) {
        if OWN_FILES.contains(&file_name(&source.path)) {
            continue;
        }
        let message = format!("no note links to `{}`", file_name(&source.path));
        let help = "link to it, remove it, or add it to `ignore` in canon.toml";
        out.push(Diagnostic::new(UNUSED_ASSET.id, file, WHOLE, message, help));
    }
}

fn remote(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    if site.config.remote_images {
        return;
    }
    // One finding for each host: the pictures have one cause.
    let mut hosts: Vec<(&str, Vec<Span>)> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for (link, resolved) in links(site, note).filter(|(l, _)| l.form.is_media()) {
        let Target::External(url) = &resolved.target else { continue };
        let host = host_of(url);
        let place = *places.entry(host.to_ascii_lowercase()).or_insert(hosts.len());
        match hosts.get_mut(place) {
            Some((_, spans)) => spans.push(link.dest_span),
            None => hosts.push((host, vec![link.dest_span])),
        }
    }
    let file = site.note(note).file;
    for (host, spans) in hosts {
        let message = match spans.len() {
            1 => format!("a picture from another site, `{host}`, which is shown as a link"),
            n => format!("{n} pictures from another site, `{host}`, which are shown as links"),
        };
        let help = match spans.len() {
            1 => "save it beside the note, or set `remote_images = true` in canon.toml",
            _ => "save them beside the note, or set `remote_images = true` in canon.toml",
        };
        let found = Diagnostic::new(REMOTE_ASSET.id, file, spans[0], message, help);
        out.push(found.related_all(&spans[1..], |&span| (file, span, "here too".to_string())));
    }
}

/// The host of a URL, with its port.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}
