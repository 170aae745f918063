//! Resolves one link to its target. Uses only the lookup tables, never the file system.

use super::crowd::Crowds;
use super::{Fault, Names, Resolved, Target};
use crate::base::routes::Routes;
use crate::base::vault::Vault;
use crate::config::Config;
use crate::note::markdown::{Document, Link, LinkSyntax};
use crate::note::{Kind, Note, file_name, markdown_stem};
use crate::text::ids::{HeadingId, Id, IdRange, IndexVec, NoteId};
use crate::text::paths::{join_path, nfc, path_key};
use crate::text::slug::{anchor, link_key, name_key};
use crate::text::source::FileId;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The inputs for resolving links.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    /// The allowed schemes and the base URL.
    pub config: &'a Config,
    /// All notes.
    pub notes: &'a IndexVec<NoteId, Note>,
    /// The lookup tables.
    pub names: &'a Names,
    /// The output paths.
    pub routes: &'a Routes,
    /// The files, for the paths of those that are no notes.
    pub vault: &'a Vault,
    /// The cache of candidates for names that many notes share.
    pub crowds: Crowds,
}

impl Resolver<'_> {
    /// Resolves one link of a note.
    pub(crate) fn resolve(&self, from: NoteId, link: &Link) -> Resolved {
        let mut resolved = self.target(from, link);
        // `[[todo]]` is the note of that name where there is one; `[x](TODO)` is always a mark.
        let is_mark = link.dest.eq_ignore_ascii_case("todo") && link.form != LinkSyntax::Wiki;
        if link.planned && (matches!(resolved.target, Target::Broken(_)) || is_mark) {
            resolved = Resolved::plain(Target::Planned);
        }
        self.follow_alias(from, &mut resolved);
        self.check_fragment(link, &mut resolved);
        resolved
    }

    /// The assets that a draft links to or embeds. A draft is not part of the graph.
    pub(crate) fn assets_of_draft(&self, draft: &Note) -> impl Iterator<Item = FileId> {
        let asset = |link: &Link| {
            let dest = link.dest.trim();
            let path = dest.split(['#', '?']).next().unwrap_or("");
            let path = percent_decode_str(path).decode_utf8_lossy();
            let path = nfc(&path);
            let by_name = || Some(self.names.asset_names.get(&link_key(file_name(&path)))?[0]);
            let (folder, below) = path.strip_prefix('/').map_or((nfc(draft.folder()), &*path), |b| (Cow::from(""), b));
            let by_path = join_path(&folder, below).and_then(|path| self.names.assets.get(&path).copied());
            by_path.or_else(|| matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed).then(by_name).flatten())
        };
        draft.doc.links.iter().filter_map(asset)
    }

    fn target(&self, from: NoteId, link: &Link) -> Resolved {
        let dest = link.dest.trim();
        let broken = |fault| Resolved::plain(Target::Broken(fault));
        if dest.is_empty() {
            return broken(Fault::Empty);
        }
        if matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed) {
            return self.wiki(from, dest);
        }
        match scheme_of(dest) {
            Some(scheme) if self.config.schemes.iter().any(|s| s.eq_ignore_ascii_case(&scheme)) => {
                return Resolved::plain(Target::External(dest.to_string()));
            }
            Some(scheme) => return broken(Fault::UnsafeScheme(scheme)),
            None => {}
        }
        let (path, fragment) = dest.split_once('#').unwrap_or((dest, ""));
        let path = path.split('?').next().unwrap_or("");
        let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
        let mut resolved = self.path(from, &nfc(&decoded));
        resolved.fragment = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        resolved
    }

    fn path(&self, from: NoteId, path: &str) -> Resolved {
        if path.is_empty() {
            return Resolved::plain(Target::Note(from));
        }
        let folder = nfc(self.notes[from].folder());
        let mut resolved = match path.strip_prefix('/') {
            Some(below) => Resolved { absolute: true, ..self.joined("", below) },
            None => self.joined(&folder, path),
        };
        if resolved.is_missing() {
            // Zola writes `@/` for the content folder.
            let from_root = path.strip_prefix("@/").and_then(|below| join_path("", below));
            let below_base = path.strip_prefix('/').and_then(|below| self.below_base(below));
            if let Some(path) = from_root.or(below_base) {
                resolved = Resolved { absolute: resolved.absolute, ..self.lookup(&path) };
            }
        }
        resolved
    }

    /// The target of a path relative to a folder.
    fn joined(&self, folder: &str, path: &str) -> Resolved {
        match join_path(folder, path) {
            Some(path) => self.lookup(&path),
            None => Resolved::plain(Target::Broken(Fault::Escapes)),
        }
    }

    /// A site-absolute path without the path of the base URL. `None` if it does not start with that path.
    fn below_base(&self, path: &str) -> Option<String> {
        let base = self.config.base_url.split("://").last().unwrap_or("");
        let prefix = base.split_once('/').map_or("", |(_, p)| p).trim_matches('/');
        let rest = path.strip_prefix(prefix)?;
        if prefix.is_empty() || !(rest.is_empty() || rest.starts_with('/')) {
            None
        } else {
            join_path("", rest.trim_start_matches('/'))
        }
    }

    /// Resolves a normalised path relative to the content root, with or without the right letter case.
    fn lookup(&self, path: &str) -> Resolved {
        if let Some(target) = self.exact(path) {
            return Resolved { directory: self.is_directory_link(path, &target), ..Resolved::plain(target) };
        }
        let folded = path_key(path);
        let page = folded.trim_end_matches(".html");
        let folder = folded.trim_end_matches('/');
        for candidate in [&*folded, &format!("{page}.md"), &format!("{folder}.md"), &format!("{folder}/")] {
            let Some(right) = self.names.spelled(candidate) else { continue };
            let ending = |ending: &'static str| if path.ends_with(ending) { ending } else { "" };
            let right = match (right.strip_suffix(".md"), right.strip_suffix('/')) {
                _ if candidate == folded => right.to_string(),
                (Some(stem), _) => [stem, ending(".html"), ending("/")].concat(),
                (_, Some(folder)) => [folder, ending("/")].concat(),
                _ => continue,
            };
            if let Some(target) = self.exact(&right) {
                let directory = self.is_directory_link(&right, &target);
                return Resolved { right_case: Some(right), directory, ..Resolved::plain(target) };
            }
        }
        Resolved::plain(Target::Broken(Fault::Missing(path.to_string())))
    }

    /// Whether the path of a link to a note has the form of a folder's path: `page/` or `page` for `page.md`.
    fn is_directory_link(&self, path: &str, target: &Target) -> bool {
        let Target::Note(note) = target else { return false };
        nfc(&self.notes[*note].stem) == path.trim_end_matches('/')
    }

    /// The target with exactly this path. A note has precedence over a folder of the same name, unless the path ends
    /// with a slash.
    fn exact(&self, path: &str) -> Option<Target> {
        let names = self.names;
        let stem = markdown_stem(path);
        if let Some(&note) = stem.and_then(|s| names.stems.get(s)) {
            return Some(Target::Note(note));
        }
        if stem.is_some_and(|s| names.drafts.contains_key(s)) {
            return Some(Target::Draft);
        }
        if let Some(&asset) = names.assets.get(path) {
            return Some(Target::Asset(asset));
        }
        let folder = path.trim_end_matches('/');
        let note = || names.stems.get(folder).map(|&note| Target::Note(note));
        let target = match path.ends_with('/') {
            true => self.folder_page(folder).or_else(note),
            false => note().or_else(|| self.folder_page(folder)),
        };
        if target.is_some() {
            return target;
        }
        if names.drafts.contains_key(folder) {
            return Some(Target::Draft);
        }
        if path.ends_with('/') {
            return None;
        }
        self.address(path).or_else(|| names.static_files.contains_key(path).then(|| Target::Static(path.to_string())))
    }

    /// The page of a folder: the landing page, the generated list, or the note `index.md` in the folder.
    fn folder_page(&self, folder: &str) -> Option<Target> {
        if let Some(&landing) = self.names.landings.get(folder) {
            return Some(Target::Note(landing));
        }
        if folder.is_empty() {
            return Some(Target::Page("index.html".into()));
        }
        let page = format!("{folder}/index.html");
        match self.routes.generated(&page) {
            Some(own) if own == page || self.names.folders.contains_key(folder) => Some(Target::Page(own)),
            _ => self.names.stems.get(&format!("{folder}/index")).map(|&note| Target::Note(note)),
        }
    }

    /// The target with this output path: a page `x.html`, a redirect, a generated page. The letter case must be equal,
    /// because most web servers distinguish it.
    fn address(&self, path: &str) -> Option<Target> {
        use crate::base::routes::RouteOwner;
        let html = match (markdown_stem(path), path.ends_with(".html")) {
            (Some(stem), _) => format!("{stem}.html"),
            (None, true) => path.to_string(),
            (None, false) => format!("{path}.html"),
        };
        let folder = html.strip_suffix("/index.html").unwrap_or(if html == "index.html" { "" } else { "\0" });
        if let Some(&landing) = self.names.landings.get(folder) {
            return Some(Target::Note(landing));
        }
        match self.routes.owner(&html)? {
            RouteOwner::Generated => self.routes.generated(&html).filter(|own| *own == html).map(Target::Page),
            RouteOwner::Note(note) if self.routes.notes[note] == html => Some(Target::Note(note)),
            RouteOwner::Redirect(note) if self.routes.redirects.iter().any(|r| r.path == html) => {
                Some(Target::Note(note))
            }
            RouteOwner::Note(_) | RouteOwner::Redirect(_) => None,
            RouteOwner::Markdown(_) | RouteOwner::Asset(_) | RouteOwner::Static(_) => None,
        }
    }

    pub(super) fn is_alias(&self, note: NoteId) -> bool {
        self.notes[note].kind == Kind::Alias
    }

    /// The note of an alias note: the target of the first link. `None` if the target is not a note, or is an alias note
    /// too.
    ///
    /// Resolving the link of an alias note follows no alias, so this function does not recurse.
    pub(crate) fn alias_target(&self, note: NoteId) -> Option<NoteId> {
        let alias = &self.notes[note];
        let link = &alias.doc.links[alias.alias_link()?];
        match self.target(note, link).target {
            Target::Note(target) if self.notes[target].kind != Kind::Alias => Some(target),
            _ => None,
        }
    }

    fn follow_alias(&self, from: NoteId, resolved: &mut Resolved) {
        let Target::Note(note) = resolved.target else { return };
        if let Some(end) = self.alias_target(note).filter(|_| note != from) {
            resolved.through = Some(note);
            resolved.target = Target::Note(end);
        }
    }

    /// Replaces the fragment by the anchor in the target, or marks it as broken.
    fn check_fragment(&self, link: &Link, resolved: &mut Resolved) {
        let fragment = nfc(&resolved.fragment);
        resolved.fragment = match fragment.split(":~:").next() {
            Some(plain) => plain.to_string(),
            None => String::new(),
        };
        if resolved.fragment.is_empty() {
            return;
        }
        let Target::Note(note) = resolved.target else {
            // The anchors of generated pages and assets are unknown here, so the fragment remains.
            return;
        };
        let doc = &self.notes[note].doc;
        if has_anchor(&self.notes[note], &resolved.fragment) {
            return;
        }
        let is_wiki = matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed);
        if let Some(anchor) = heading_of_text(doc, &resolved.fragment, is_wiki) {
            resolved.fragment = anchor;
            return;
        }
        // On code hosts, `#L10` refers to a line of a source file.
        let line = resolved
            .fragment
            .strip_prefix('L')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'L'));
        if line {
            resolved.fragment.clear();
            return;
        }
        // A browser scrolls to the top for `#top`, as it does without a fragment.
        if resolved.fragment.eq_ignore_ascii_case("top") {
            resolved.fragment.clear();
            return;
        }
        resolved.broken_anchor = true;
    }
}

/// The anchor of the heading with the text of a fragment. In a wikilink punctuation is ignored, and `#Outer#Inner` is
/// the heading `Inner` below the heading `Outer`.
fn heading_of_text(doc: &Document, fragment: &str, is_wiki: bool) -> Option<String> {
    let all = doc.headings.ids();
    let with_key = |key: fn(&str) -> String, text: &str, among: IdRange<HeadingId>| {
        let wanted = key(text);
        among.iter().find(|&h| !wanted.is_empty() && key(&doc.headings[h].text) == wanted)
    };
    let named = |text: &str, among: IdRange<HeadingId>| {
        let exact = with_key(link_key, text, among);
        exact.or_else(|| with_key(name_key, text, among).filter(|_| is_wiki))
    };
    let below = |heading: HeadingId| {
        let last = doc.subheadings(heading).last().unwrap_or(heading);
        IdRange { start: heading.next(), end: last.next() }
    };
    let nested = || {
        let mut parts = fragment.split('#').map(str::trim).filter(|part| !part.is_empty());
        let first = named(parts.next()?, all)?;
        parts.try_fold(first, |outer, part| named(part, below(outer)))
    };
    let last = || named(fragment.rsplit('#').next()?, all);
    let found = named(fragment, all).or_else(|| is_wiki.then(|| nested().or_else(last)).flatten());
    let slugged = || {
        let anchor = anchor(fragment);
        doc.headings.position(|h| is_wiki && *h.anchor == *anchor)
    };
    found.or_else(slugged).map(|h| doc.headings[h].anchor.to_string())
}

/// Whether the page of a note has an element with this id.
pub(crate) fn has_anchor(note: &Note, fragment: &str) -> bool {
    let footnote = |f: &&str| f.strip_prefix("fn-").and_then(|n| n.parse::<u32>().ok());
    note.doc.headings.iter().any(|h| &*h.anchor == fragment)
        || note.doc.html_ids.iter().any(|id| id == fragment)
        || fragment.strip_prefix('^').is_some_and(|id| note.doc.block(id).is_some())
        || Some(fragment).as_ref().and_then(footnote).is_some_and(|n| note.doc.footnotes.iter().any(|f| f.number == n))
}

/// The scheme of a URL as a browser parses it: leading control characters and white space, and all tabs and line
/// endings are ignored (WHATWG URL standard, section 4.4). A URL that starts with a host (`//`, `\\`) returns `//`.
/// `None` for a relative URL.
pub(crate) fn scheme_of(dest: &str) -> Option<String> {
    let dest = dest.trim_start_matches(|c: char| c <= ' ');
    let cleaned = match dest.contains(['\t', '\n', '\r']) {
        false => Cow::Borrowed(dest),
        true => Cow::Owned(dest.replace(['\t', '\n', '\r'], "")),
    };
    if cleaned.starts_with("//") || cleaned.starts_with('\\') || cleaned.starts_with("/\\") {
        return Some("//".into());
    }
    let (scheme, _) = cleaned.split_once(':')?;
    let mut chars = scheme.chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    valid.then(|| scheme.to_ascii_lowercase())
}
