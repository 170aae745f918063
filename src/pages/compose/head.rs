//! The values that each page has whatever its kind: title, description, way from home, structured data for search engines.
//! Structured data is JSON-LD in the vocabulary of schema.org, in a data block that no browser runs.

use super::{Composer, folder_title, root_of};
use crate::base::page_kinds::PageKind;
use crate::note::Note;
use crate::note::sections::shortened;
use crate::pages::templates::{TemplateError, json_for_html};
use crate::pages::views::{Link, PageView};
use crate::text::ids::NoteId;
use crate::text::paths::relative_url;
use serde::Serialize;
use std::borrow::Cow;

/// The maximum length of a description in characters. Search engines show about 160.
const DESCRIPTION: usize = 160;
/// The maximum number of titles in the description of a list.
const LISTED: usize = 8;

impl Composer {
    /// The values of a page that do not depend on its kind: title, breadcrumbs, tree.
    pub(super) fn page(
        &self,
        path: &str,
        kind: PageKind,
        title: &str,
        description: &str,
    ) -> Result<PageView, TemplateError> {
        let folder = crate::note::folder_of(path);
        let crumbs = self.way_from_home(path, folder);
        let is_text = matches!(kind, PageKind::Note | PageKind::Plain);
        // `add_subject` adds the data of texts.
        let trail = if is_text { None } else { Item::trail(self, path, title, &crumbs) };
        Ok(PageView {
            root: root_of(path),
            url: path.to_string(),
            title: title.to_string(),
            description: shortened(&self.description_or(description, title), DESCRIPTION),
            kind: kind.info().name.to_string(),
            social_type: if is_text { "article" } else { "website" }.into(),
            structured_html: self.data_block(trail.into_iter().collect()),
            breadcrumbs: crumbs
                .into_iter()
                .map(|(title, page)| Link { title: title.into_owned(), url: relative_url(path, &page) })
                .collect(),
            tree_html: self.trees.of(&self.site, &self.renderer, path, folder)?,
            tree_current: relative_url(path, path),
            canonical_url: self.absolute(path),
            ..PageView::default()
        })
    }

    /// Adds what search engines and chats should know of a text: what it defines, else its author and dates.
    pub(super) fn add_subject(&self, page: &mut PageView, note: &Note) {
        let folder = crate::note::folder_of(&page.url);
        let crumbs = self.way_from_home(&page.url, folder);
        let subject = Item::subject(self, &page.url, note, &page.description);
        let trail = Item::trail(self, &page.url, &note.title, &crumbs);
        page.structured_html = self.data_block(std::iter::once(subject).chain(trail).collect());
        page.modified = note.head.updated.map(|date| date.to_string()).unwrap_or_default();
    }

    /// The items as an element of a page. Empty without items, and without the address of the site: the format asks for absolute
    /// addresses.
    fn data_block(&self, graph: Vec<Item<'_>>) -> String {
        #[derive(Serialize)]
        struct Graph<'a> {
            #[serde(rename = "@context")]
            context: &'static str,
            #[serde(rename = "@graph")]
            graph: Vec<Item<'a>>,
        }
        if graph.is_empty() || self.site.config.base_url.is_empty() {
            return String::new();
        }
        let json = json_for_html(&Graph { context: "https://schema.org", graph });
        format!("<script type=\"application/ld+json\">{json}</script>")
    }

    /// Adds the name and description of the whole site, for the home page.
    pub(super) fn add_site(&self, page: &mut PageView) {
        let config = &self.site.config;
        page.structured_html = self.data_block(vec![Item::WebSite {
            name: &config.title,
            description: &page.description,
            language: &config.language,
            url: self.address(&page.url, &page.url),
        }]);
    }

    /// The description, or one from the titles of the page and the site: no page is without.
    fn description_or<'d>(&self, description: &'d str, title: &str) -> Cow<'d, str> {
        let config = &self.site.config;
        match (description.trim().is_empty(), config.description.is_empty()) {
            (false, _) => Cow::Borrowed(description),
            (true, true) => Cow::Owned(format!("{title} · {}", config.title)),
            (true, false) => Cow::Owned(format!("{title} · {}: {}", config.title, config.description)),
        }
    }

    /// The description of a page that lists notes: how many there are, and the first titles.
    pub(super) fn list_description(&self, title: &str, notes: &[NoteId], count: usize) -> String {
        let titles: Vec<&str> = notes.iter().take(LISTED).map(|&i| self.site.note(i).title.as_str()).collect();
        let counted = self.renderer.counted("notes", count);
        match titles.is_empty() {
            true => format!("{title} · {counted}"),
            false => format!("{title} · {counted}: {}", titles.join(", ")),
        }
    }

    /// The absolute URL of an output path, else its URL relative to the page at `path`.
    fn address(&self, path: &str, to: &str) -> String {
        self.absolute(to).unwrap_or_else(|| relative_url(path, to))
    }

    /// The titles and output paths from the home page to the page at `path`, without the page itself.
    fn way_from_home(&self, path: &str, folder: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        if path == "index.html" {
            return Vec::new();
        }
        let mut crumbs = vec![(self.t("home").into(), "index.html".into())];
        // Pages of tags are in `tags/`, which is not a folder of the content.
        if path.starts_with("tags/") && path != "tags/index.html" {
            crumbs.push((self.t("all_tags").into(), "tags/index.html".into()));
            return crumbs;
        }
        let mut ends: Vec<usize> = folder.match_indices('/').map(|(i, _)| i).collect();
        ends.push(folder.len());
        for end in ends.into_iter().filter(|&e| e > 0) {
            let own = &folder[..end];
            if let Some(page) = self.site.routes.folder_page(own).filter(|page| *page != path) {
                crumbs.push((folder_title(&self.site, own).into(), page.into()));
            }
        }
        crumbs
    }
}

/// A description of something, in the vocabulary of schema.org.
#[derive(Serialize)]
#[serde(tag = "@type")]
enum Item<'a> {
    /// A concept with its definition.
    DefinedTerm {
        name: &'a str,
        description: &'a str,
        #[serde(rename = "alternateName", skip_serializing_if = "<[_]>::is_empty")]
        aliases: &'a [String],
        url: String,
        #[serde(rename = "inDefinedTermSet")]
        set: String,
    },
    /// A text with an author and dates.
    Article {
        headline: &'a str,
        description: &'a str,
        #[serde(rename = "datePublished", skip_serializing_if = "Option::is_none")]
        published: Option<String>,
        #[serde(rename = "dateModified", skip_serializing_if = "Option::is_none")]
        modified: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<Person<'a>>,
        #[serde(rename = "inLanguage")]
        language: &'a str,
        url: String,
    },
    /// The site as a whole.
    WebSite {
        name: &'a str,
        description: &'a str,
        #[serde(rename = "inLanguage")]
        language: &'a str,
        url: String,
    },
    /// The way from the home page.
    BreadcrumbList {
        #[serde(rename = "itemListElement")]
        steps: Vec<Step<'a>>,
    },
}

/// An author.
#[derive(Serialize)]
#[serde(tag = "@type")]
struct Person<'a> {
    name: &'a str,
}

/// A step of the way from the home page.
#[derive(Serialize)]
#[serde(tag = "@type", rename = "ListItem")]
struct Step<'a> {
    position: usize,
    name: &'a str,
    /// The URL. `None` for the page itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
}

impl<'a> Item<'a> {
    /// A note with a definition is a term, any other text an article.
    fn subject(composer: &'a Composer, path: &str, note: &'a Note, description: &'a str) -> Item<'a> {
        let (config, url) = (&composer.site.config, composer.address(path, path));
        match &note.definition {
            Some(definition) => Item::DefinedTerm {
                name: &note.title,
                description: definition,
                aliases: &note.head.aliases,
                url,
                set: composer.address(path, "index.html"),
            },
            None => Item::Article {
                headline: &note.title,
                description,
                published: note.head.created.map(|date| date.to_string()),
                modified: note.head.updated.map(|date| date.to_string()),
                author: (!config.author.is_empty()).then_some(Person { name: &config.author }),
                language: &config.language,
                url,
            },
        }
    }

    /// The way from the home page to the page at `path`. `None` for the home page.
    fn trail(
        composer: &Composer,
        path: &str,
        title: &'a str,
        crumbs: &'a [(Cow<'_, str>, Cow<'_, str>)],
    ) -> Option<Item<'a>> {
        let above = crumbs.iter().map(|(title, page)| (&**title, Some(composer.address(path, page))));
        let steps = above.chain([(title, None)]).zip(1..);
        let steps = steps.map(|((name, item), position)| Step { position, name, item }).collect();
        (!crumbs.is_empty()).then_some(Item::BreadcrumbList { steps })
    }
}
