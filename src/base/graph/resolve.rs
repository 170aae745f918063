//! Resolves one link to its target. Uses only the lookup tables, never the file system.

use super::crowd::{CROWD, Candidates, Crowds};
use super::{Fault, Names, Resolved, Target};
use crate::base::index::NoteIndex;
use crate::base::routes::Routes;
use crate::config::Config;
use crate::note::markdown::{Link, LinkSyntax};
use crate::note::{Kind, Note, markdown_stem, stem_of};
use crate::text::slug::{anchor, join_path, name_key, nfc, path_key};
use crate::text::source::FileId;
use percent_encoding::percent_decode_str;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::sync::Arc;

/// The inputs for resolving links.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    /// The allowed schemes and the base URL.
    pub config: &'a Config,
    /// All notes.
    pub notes: &'a [Note],
    /// The lookup tables.
    pub names: &'a Names,
    /// The output paths.
    pub routes: &'a Routes,
    /// The cache of candidates for names that many notes share.
    pub crowds: Crowds,
}

impl Resolver<'_> {
    /// Resolves one link of a note.
    pub(crate) fn resolve(&self, from: NoteIndex, link: &Link) -> Resolved {
        let mut resolved = self.target(from, link);
        // `[[todo]]` refers to a note with this name, if there is one.
        let is_placeholder = link.dest.eq_ignore_ascii_case("todo") && link.form != LinkSyntax::Wiki;
        if link.planned && (matches!(resolved.target, Target::Broken(_)) || is_placeholder) {
            resolved.target = Target::Planned;
        }
        self.follow_alias(from, &mut resolved);
        self.check_fragment(from, link, &mut resolved);
        resolved
    }

    /// The assets that a draft links to or embeds. A draft is not part of the graph.
    pub(crate) fn assets_of_draft(&self, draft: &Note) -> impl Iterator<Item = FileId> {
        let asset = |link: &Link| {
            let dest = link.dest.trim();
            let path = dest.split(['#', '?']).next().unwrap_or("");
            let path = percent_decode_str(path).decode_utf8_lossy();
            let path = nfc(&path);
            let by_name = || Some(self.names.asset_names.get(&path)?[0]);
            let (folder, below) = path.strip_prefix('/').map_or((nfc(draft.folder()), &*path), |b| (Cow::from(""), b));
            let by_path = join_path(&folder, below).and_then(|path| self.names.assets.get(&path).copied());
            by_path.or_else(|| matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed).then(by_name).flatten())
        };
        draft.doc.links.iter().filter_map(asset)
    }

    fn target(&self, from: NoteIndex, link: &Link) -> Resolved {
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

    fn path(&self, from: NoteIndex, path: &str) -> Resolved {
        if path.is_empty() {
            return Resolved::plain(Target::Note(from));
        }
        let folder = nfc(self.notes[from as usize].folder());
        let (base, rest, absolute) = match path.strip_prefix('/') {
            Some(rest) => ("", rest, true),
            None => (&*folder, path, false),
        };
        let Some(joined) = join_path(base, rest) else {
            return Resolved::plain(Target::Broken(Fault::Escapes));
        };
        let mut resolved = self.lookup(&joined);
        if absolute
            && matches!(resolved.target, Target::Broken(_))
            && let Some(below) = self.below_base(rest)
        {
            resolved = self.lookup(&below);
        }
        resolved.absolute = absolute;
        resolved
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
            return Resolved::plain(target);
        }
        let folded = path_key(path);
        for candidate in [folded.clone(), format!("{folded}.md"), format!("{}.md", folded.trim_end_matches(".html"))] {
            let Some(right) = self.names.spelled(&candidate) else { continue };
            if let Some(target) = self.exact(right) {
                let right = match path.ends_with(".html") || candidate != folded {
                    true => {
                        right.trim_end_matches(".md").to_string() + if path.ends_with(".html") { ".html" } else { "" }
                    }
                    false => right.to_string(),
                };
                return Resolved { right_case: Some(right), ..Resolved::plain(target) };
            }
        }
        Resolved::plain(Target::Broken(Fault::Missing(path.to_string())))
    }

    /// The target with exactly this path. The order of the tables is the order of precedence.
    fn exact(&self, path: &str) -> Option<Target> {
        let names = self.names;
        let stem = markdown_stem(path);
        if let Some(&note) = stem.and_then(|s| names.stems.get(s)) {
            return Some(Target::Note(note));
        }
        if stem.is_some_and(|s| names.drafts.contains_key(s)) || names.drafts.contains_key(path) {
            return Some(Target::Draft);
        }
        if let Some(&asset) = names.assets.get(path) {
            return Some(Target::Asset(asset));
        }
        let folder = path.trim_end_matches('/');
        if let Some(&landing) = names.landings.get(folder) {
            return Some(Target::Note(landing));
        }
        if folder.is_empty() {
            return Some(Target::Page("index.html".into()));
        }
        let folder_page = format!("{folder}/index.html");
        if self.routes.is_generated(&folder_page) {
            return Some(Target::Page(folder_page));
        }
        if let Some(note) = names.stems.get(path).or_else(|| names.stems.get(&format!("{folder}/index"))) {
            return Some(Target::Note(*note));
        }
        if path.ends_with('/') {
            return None;
        }
        self.address(path).or_else(|| names.static_files.contains_key(path).then(|| Target::Static(path.to_string())))
    }

    /// The target with this output path: a page `x.html`, a redirect, a generated page.
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
        // The table ignores letter case, but a URL is valid only as written.
        match self.routes.holder(&html)? {
            RouteOwner::Generated => Some(Target::Page(html)),
            RouteOwner::Note(note) if self.routes.notes[note as usize] == html => Some(Target::Note(note)),
            RouteOwner::Redirect(note) if self.routes.redirects.iter().any(|r| r.path == html) => {
                Some(Target::Note(note))
            }
            RouteOwner::Note(_) | RouteOwner::Redirect(_) => None,
            RouteOwner::Markdown(_) | RouteOwner::Asset(_) | RouteOwner::Static(_) => None,
        }
    }

    fn wiki(&self, from: NoteIndex, dest: &str) -> Resolved {
        let (name, fragment) = dest.split_once('#').unwrap_or((dest, ""));
        let name = name.trim();
        let mut resolved = match name {
            "" => Resolved::plain(Target::Note(from)),
            _ => self.wiki_name(from, name),
        };
        resolved.fragment = fragment.trim().to_string();
        resolved
    }

    /// The notes with a wikilink by one of these names. `keys` are results of `name_key`.
    pub(crate) fn notes_linking_by_name(&self, keys: &FxHashSet<String>) -> Vec<NoteIndex> {
        let names_one = |link: &Link| {
            let name = link.dest.split('#').next().unwrap_or_default().trim();
            matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed) && keys.contains(&name_key(stem_of(name)))
        };
        let notes = 0..self.notes.len() as NoteIndex;
        notes.filter(|&i| self.notes[i as usize].doc.links.iter().any(names_one)).collect()
    }

    fn wiki_name(&self, from: NoteIndex, name: &str) -> Resolved {
        let own = self.notes[from as usize].folder();
        let found = self.candidates(from, stem_of(name));
        if let Some(&first) = found.notes.first() {
            let by_file_only = !self.names.ids.contains_key(name) && !self.names.titles.contains_key(&name_key(name));
            let same_folder = by_file_only.then(|| found.in_folder(self.notes, own)).flatten();
            let taken = same_folder.unwrap_or(first);
            return Resolved { ambiguous: found.beside(taken), ..Resolved::plain(Target::Note(taken)) };
        }
        let path = nfc(name);
        for base in [nfc(own), Cow::from("")] {
            if let Some(target) = join_path(&base, &path).and_then(|p| self.exact(&p)) {
                return Resolved::plain(target);
            }
        }
        if let Some(assets) = self.names.asset_names.get(&path) {
            return Resolved::plain(Target::Asset(assets[0]));
        }
        match self.names.draft_names.contains_key(&name_key(name)) {
            true => Resolved::plain(Target::Draft),
            false => Resolved::plain(Target::Broken(Fault::Missing(name.to_string()))),
        }
    }

    /// The candidates for a name in a link of the note `from`.
    fn candidates(&self, from: NoteIndex, name: &str) -> Arc<Candidates> {
        let tables = self.names.tables(name);
        let new = |by_folder| {
            let mut notes = Names::united(&tables);
            self.keep_distinct(from, &mut notes);
            Arc::new(Candidates::new(notes, self.notes, by_folder))
        };
        match tables.iter().flatten().map(|notes| notes.len()).sum::<usize>() > CROWD {
            true => self.crowds.get(name, self.is_alias(from), || new(true)),
            false => new(false),
        }
    }

    fn is_alias(&self, note: NoteIndex) -> bool {
        self.notes[note as usize].kind == Kind::Alias
    }

    /// Removes candidates among which a link need not distinguish.
    ///
    /// For a link in an alias note, alias notes (including itself) are removed as long as a different note has the
    /// name, because an alias of an alias is an error. No alias is followed for this, so two alias notes with each
    /// other's name cannot make [`Resolver::alias_target`] recurse forever. For a link in any different note, all
    /// candidates that lead to the same concept count once.
    fn keep_distinct(&self, from: NoteIndex, found: &mut Vec<NoteIndex>) {
        if self.is_alias(from) {
            if !found.iter().all(|&note| self.is_alias(note)) {
                found.retain(|&note| !self.is_alias(note));
            }
            return;
        }
        let mut seen = FxHashSet::default();
        found.retain(|&note| seen.insert(self.alias_target(note).unwrap_or(note)));
    }

    /// The target of the first link of an alias note. `None` if that is not a note, or is an alias note as well.
    ///
    /// Resolving the link of an alias note follows no alias, so this function does not recurse.
    pub(crate) fn alias_target(&self, note: NoteIndex) -> Option<NoteIndex> {
        let alias = &self.notes[note as usize];
        let link = &alias.doc.links[alias.alias_link()?];
        match self.target(note, link).target {
            Target::Note(target) if self.notes[target as usize].kind != Kind::Alias => Some(target),
            _ => None,
        }
    }

    fn follow_alias(&self, from: NoteIndex, resolved: &mut Resolved) {
        let Target::Note(note) = resolved.target else { return };
        if let Some(end) = self.alias_target(note).filter(|_| note != from) {
            resolved.through = Some(note);
            resolved.target = Target::Note(end);
        }
    }

    /// Replaces the fragment by the anchor in the target, or marks it as broken.
    fn check_fragment(&self, _from: NoteIndex, link: &Link, resolved: &mut Resolved) {
        let fragment = nfc(&resolved.fragment);
        resolved.fragment = match fragment.split(":~:").next() {
            Some(plain) => plain.to_string(),
            None => String::new(),
        };
        if resolved.fragment.is_empty() || resolved.fragment == "top" {
            return;
        }
        let Target::Note(note) = resolved.target else {
            // The anchors of generated pages and assets are unknown here, so the fragment remains.
            return;
        };
        let note = &self.notes[note as usize];
        if has_anchor(note, &resolved.fragment) {
            return;
        }
        if matches!(link.form, LinkSyntax::Wiki | LinkSyntax::Embed) {
            let key = name_key(resolved.fragment.rsplit('#').next().unwrap_or(""));
            if let Some(heading) = note.doc.headings.iter().find(|h| name_key(&h.text) == key) {
                resolved.fragment = heading.anchor.to_string();
                return;
            }
            let slugged = anchor(&resolved.fragment);
            if has_anchor(note, &slugged) {
                resolved.fragment = slugged;
                return;
            }
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
        resolved.broken_anchor = true;
    }
}

/// Whether the page of a note has an element with this id.
pub(crate) fn has_anchor(note: &Note, fragment: &str) -> bool {
    let footnote = |f: &&str| f.strip_prefix("fn-").and_then(|n| n.parse::<u32>().ok());
    note.doc.headings.iter().any(|h| &*h.anchor == fragment)
        || note.doc.html_ids.iter().any(|id| id == fragment)
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
