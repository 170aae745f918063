//! The home page, folder pages, plain pages, and pages that replace a missing one: redirects, aliases without a target,
//! unreadable files, missing URLs.

use super::*;
use crate::base::graph::{EdgeKind, Fault, Target};
use crate::pages::templates::value_label;
use crate::text::diagnostic::Diagnostic;
use rustc_hash::FxHashSet;

/// The number of rows in each list of the home page.
const HOME_ROWS: usize = 8;
/// The number of tags on the home page.
const HOME_TAGS: usize = 30;
/// The number of tags and of folders that the graph page filters by, those of the most notes.
const GRAPH_TAGS: usize = 200;
const GRAPH_FOLDERS: usize = 100;
/// The number of loose pages, and of empty folders, on the home page. The tree and search have all pages.
const HOME_PAGES: usize = 60;

impl Composer {
    pub(super) fn home_page(&self, path: &str) -> Result<String, TemplateError> {
        let mut tags = self.all_tags(path);
        tags.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        tags.truncate(HOME_TAGS);
        let pages = self.pages_of_folder("");
        let view = HomeView {
            intro_is_index: self.site.routes.introductions.get(path).is_some_and(|&i| self.is_index(i)),
            intro_html: self.text_of_page(path, 0, &pages),
            pager: self.folder_pager(path, "", 0, &pages),
            start_here: self.items(path, &self.start_here()),
            recent: self.items(path, &self.site.index.recent[..self.site.index.recent.len().min(HOME_ROWS)]),
            folders: pages.folders_of(0).iter().map(|own| self.folder_card(path, own)).collect(),
            tags,
            pages: self.loose_pages(path),
        };
        let title = self.home_title();
        let own = self.site.routes.introductions.get(path).map_or("", |&i| &self.site.note(i).brief);
        let config = &self.site.config;
        let description = match (config.description.is_empty(), own.is_empty()) {
            (false, _) => config.description.clone(),
            (true, false) => own.to_string(),
            (true, true) => {
                let ranked = &self.site.index.ranked;
                self.list_description(&title, ranked, ranked.len())
            }
        };
        let mut page = self.page(path, PageKind::Home, &title, &description)?;
        self.add_site(&mut page);
        self.renderer.render(&page, &View::Home(&view))
    }

    /// The title of the home page: that of its text, else that of the site.
    pub(super) fn home_title(&self) -> String {
        let own = self.site.routes.introductions.get(PageKind::Home.path());
        own.map_or_else(|| self.site.config.title.clone(), |&i| self.site.note(i).title.clone())
    }

    /// The most important notes whose prerequisites are all listed before them. Where no note says how important it is,
    /// the notes with the most links to them; empty if there are no links either.
    fn start_here(&self) -> Vec<NoteId> {
        let mut ranked = std::borrow::Cow::Borrowed(&self.site.index.ranked);
        if !ranked.iter().any(|&i| self.site.note(i).head.importance.is_some()) {
            ranked.to_mut().retain(|&i| self.site.graph.number_to(i) > 0);
            ranked.to_mut().sort_by_key(|&i| std::cmp::Reverse(self.site.graph.number_to(i)));
        }
        let mut chosen: Vec<NoteId> = Vec::new();
        for &i in ranked.iter() {
            let met = crate::base::learning_order::required(&self.site.graph, i).all(|p| chosen.contains(&p));
            if met {
                chosen.push(i);
            }
            if chosen.len() == HOME_ROWS {
                break;
            }
        }
        chosen
    }

    /// Pages and empty folders at the root that no index lists. Only the home page can link to them.
    fn loose_pages(&self, path: &str) -> Vec<Link> {
        let (index, routes) = (&self.site.index.folders, &self.site.routes);
        let root = &index[""];
        let introduces = |i: &NoteId| routes.introductions.values().any(|own| own == i);
        let pages = root.pages.iter().filter(|i| !introduces(i)).take(HOME_PAGES).map(|&i| self.link(path, i));
        let empty = root.folders.iter().filter(|f| index[*f].count == 0).take(HOME_PAGES);
        let folders = empty.map(|name| Link {
            title: folder_title(&self.site, name),
            url: relative_url(path, &tree::page_of(&self.site, name)),
        });
        pages.chain(folders).collect()
    }

    pub(super) fn plain_page(&self, path: &str, i: NoteId) -> Result<String, TemplateError> {
        let note = self.site.note(i);
        if self.is_unreadable(i) {
            return self.unreadable_page(path, i);
        }
        let view = PlainView {
            html: self.body_without_title(path, i),
            updated: note.head.updated.map(|d| d.to_string()).unwrap_or_default(),
        };
        let mut page = self.page(path, PageKind::Plain, &note.title, &note.summary)?;
        self.add_subject(&mut page, note);
        page.toc = note
            .doc
            .headings
            .iter_enumerated()
            .filter(|(h, heading)| Some(*h) != note.title_heading && is_in_contents(&note.doc, heading))
            .map(|(_, h)| TocEntry { level: h.shown, title: h.text.to_string(), anchor: h.anchor.to_string() })
            .collect();
        page.edit_url = self.edit_url(note);
        self.renderer.render(&page, &View::Plain(&view))
    }

    /// Whether the page of a file shows its findings instead of its content.
    fn is_unreadable(&self, i: NoteId) -> bool {
        let note = self.site.note(i);
        let empty = note.doc.blocks.is_empty() && !note.head.fence.present;
        empty || note.doc.cut_off.is_some() || self.site.vault.is_unreadable(note.file)
    }

    fn unreadable_page(&self, path: &str, i: NoteId) -> Result<String, TemplateError> {
        self.page_of_findings(path, i, None)
    }

    /// The page of a note that could not be rendered: the finding `first`, the findings of the note, and its source.
    pub(crate) fn page_of_findings(
        &self,
        path: &str,
        i: NoteId,
        first: Option<&Diagnostic>,
    ) -> Result<String, TemplateError> {
        let note = self.site.note(i);
        let shown = if self.site.config.site.health { self.findings.of(&self.site) } else { &[] };
        let own = shown.iter().filter(|d| d.file == note.file);
        let view = UnreadableView {
            file: self.site.source(i).path.to_string(),
            findings: first.into_iter().chain(own).map(|d| self.finding(path, d)).collect(),
            source: self.source_excerpt(i),
        };
        let description = format!("{}: {}", self.t("unreadable"), view.file);
        let page = self.page(path, PageKind::Unreadable, &note.title, &description)?;
        self.renderer.render(&page, &View::Unreadable(&view))
    }

    pub(super) fn redirect_page(&self, path: &str, target: NoteId) -> Result<String, TemplateError> {
        let to = &self.site.routes.notes[target];
        let title = self.site.note(target).title.clone();
        let view = RedirectView { title: title.clone(), url: relative_url(path, to), canonical_url: self.absolute(to) };
        let page = PageView {
            root: root_of(path),
            url: path.to_string(),
            description: shortened(&format!("{} {title}", self.t("moved")), 160),
            title,
            kind: PageKind::Redirect.info().name.into(),
            noindex: true,
            ..PageView::default()
        };
        self.renderer.render(&page, &View::Redirect(&view))
    }

    pub(super) fn alias_page(&self, path: &str, i: NoteId) -> Result<String, TemplateError> {
        let note = self.site.note(i);
        let first = note.alias_link();
        // Only a missing target can have a page under "wanted"; for other faults, suggest notes by the name of the
        // alias.
        let missing = first.and_then(|f| match &self.site.graph.links[i][f].target {
            Target::Broken(Fault::Missing(missing)) => Some(missing.clone()),
            _ => None,
        });
        let target = first.map(|f| note.doc.links[f].dest.clone()).unwrap_or_default();
        let view = AliasView {
            name: alias_name(note),
            wanted_url: self.wanted_url(path, missing.as_deref().unwrap_or("")),
            near: self.nearest(path, missing.as_deref().unwrap_or(&note.stem)),
            target,
        };
        let description = format!("{} {}", self.t("alias_text"), view.target);
        let page = self.page(path, PageKind::Alias, &view.name, &description)?;
        self.renderer.render(&page, &View::Alias(&view))
    }

    /// At most three notes with the file name most similar to that of a missing path.
    fn nearest(&self, path: &str, missing: &str) -> Vec<Link> {
        let name = |p: &str| crate::note::file_name(p.trim_end_matches(".md")).to_string();
        let wanted = name(missing);
        let concepts = self.site.concepts().take(crate::text::slug::MAX_CANDIDATES);
        let stems: Vec<(String, NoteId)> = concepts.map(|(i, n)| (name(&n.stem), i)).collect();
        let near = crate::text::slug::nearest(&wanted, stems.iter().map(|(s, _)| s.as_str()));
        stems.iter().filter(|(s, _)| Some(s.as_str()) == near).take(3).map(|(_, i)| self.link(path, *i)).collect()
    }

    pub(super) fn graph_page(&self, path: &str) -> Result<String, TemplateError> {
        let page = self.page(path, PageKind::Graph, self.t("graph"), self.t("graph_lead"))?;
        // The filter offers only types that occur: a schema may declare many more.
        let used: FxHashSet<&str> = self.site.concepts().filter_map(|(_, n)| n.head.kind.as_deref()).collect();
        let types = Facet::Type.values(&self.site.schema, &self.site.notes);
        let types = types.iter().filter(|value| used.contains(value.as_str())).map(|value| {
            let label = value_label(self.renderer.texts(), Facet::Type.name(), value);
            serde_json::json!({ "key": value, "label": label })
        });
        let kinds: Vec<_> = EdgeKind::ALL.iter().filter_map(|kind| {
            let count = self.site.graph.edges.iter().filter(|e| e.kind == *kind && self.site.note(e.source).is_note() && self.site.note(e.target).is_note()).count();
            (count > 0).then(|| serde_json::json!({ "key": kind.name(), "label": self.t(&format!("edge_{}", kind.name())), "count": count }))
        }).collect();
        let index = |kind: PageKind| {
            let label = self.t(kind.info().title);
            serde_json::json!({ "label": label, "href": relative_url(path, kind.path()) })
        };
        let indexes = [PageKind::Importance, PageKind::Glossary, PageKind::Tags, PageKind::Types, PageKind::Recent];
        let values = serde_json::json!({
            "data": super::GRAPH_FILE,
            "intro_html": self.introduction(path),
            "types": types.collect::<Vec<_>>(),
            "tags": self.graph_tags(),
            "kinds": kinds,
            "folders": self.graph_folders(path),
            "indexes": indexes.map(index),
        });
        self.renderer.render(&page, &View::Graph(&tera::Value::from_serializable(&values)))
    }

    /// The tags in the filter of the graph page, by name.
    fn graph_tags(&self) -> Vec<serde_json::Value> {
        let mut tags: Vec<_> = self.site.index.tags.values().collect();
        tags.sort_by_key(|tag| (std::cmp::Reverse(tag.notes.len()), &tag.name));
        tags.truncate(GRAPH_TAGS);
        tags.sort_by_key(|tag| &tag.name);
        tags.iter().map(|tag| serde_json::json!({ "key": tag.name, "label": tag.name })).collect()
    }

    /// The folders beside the graph, by path.
    fn graph_folders(&self, path: &str) -> Vec<serde_json::Value> {
        let mut folders: Vec<_> = self.site.index.folders.iter().filter(|(_, f)| !f.notes.is_empty()).collect();
        folders.sort_by_key(|(name, folder)| (std::cmp::Reverse(folder.notes.len()), *name));
        folders.truncate(GRAPH_FOLDERS);
        folders.sort_by_key(|(name, _)| *name);
        folders
            .into_iter()
            .map(|(name, folder)| {
                let (label, href) = match name.is_empty() {
                    true => (self.t("home").to_string(), relative_url(path, "index.html")),
                    false => (folder_title(&self.site, name), relative_url(path, &tree::page_of(&self.site, name))),
                };
                serde_json::json!({ "key": name, "label": label, "href": href, "count": folder.notes.len() })
            })
            .collect()
    }

    pub(super) fn not_found_page(&self, path: &str) -> Result<String, TemplateError> {
        let base = self.site.config.base_url.trim_end_matches('/');
        // The URL at which a host shows this page is unknown, so relative links in its text would not work.
        let own = self.site.routes.introductions.get(path);
        let without_links = |&i: &NoteId| {
            let end = self.site.note(i).doc.html_end;
            self.writer(path).unlinked(i, crate::note::markdown::Slice { start: 0, end })
        };
        let view = NotFoundView { intro_html: own.map(without_links).unwrap_or_default() };
        let mut page = self.page(path, PageKind::NotFound, self.t("not_found"), self.t("not_found_text"))?;
        page.structured_html = String::new();
        page.noindex = true;
        page.canonical_url = None;
        if base.is_empty() {
            return self.renderer.render(&page, &View::NotFoundPlain(&view));
        }
        // The page is shown at URLs of any depth, so its links need the absolute path of the site: `/docs/` for
        // `https://example.org/docs`.
        let root = base
            .split("://")
            .last()
            .and_then(|rest| rest.split_once('/'))
            .map_or("/".to_string(), |(_, p)| format!("/{p}/"));
        // The links of the tree and of the breadcrumbs are relative, which would not work either.
        page.tree_html = self.renderer.tree(&self.trees.absolute(&self.site, &root), path)?;
        page.breadcrumbs = Vec::new();
        page.root = root;
        self.renderer.render(&page, &View::NotFound(&view))
    }
}

/// The name of the concept of an alias note: the title without the prefix `Alias:` and the part after `→`.
fn alias_name(note: &Note) -> String {
    let title = note.title.trim_start_matches("Alias:").trim();
    title.split('→').next().unwrap_or(title).trim().to_string()
}
