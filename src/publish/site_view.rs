//! The values that all pages share, computed from the site: totals, settings, facts that no note has. Knows no page.

use crate::base::site::Site;
use crate::config::HeaderLink;
use crate::pages::compose::columns;
use crate::pages::views::{Counts, HeaderLinkView, SiteView, direction};
use crate::publish::previews::preview_files;
use crate::text::ids::NoteId;

/// The folder of the built-in scripts and style sheets in the site.
pub(crate) const THEME_FOLDER: &str = "_canon";

/// The values that all pages share, from which the renderer is built.
pub(crate) fn site_view(site: &Site) -> SiteView {
    let config = &site.config;
    let concepts: Vec<NoteId> = site.concepts().map(|(i, _)| i).collect();
    let is_note = |i: NoteId| site.note(i).is_note();
    let values = |field: &str| site.schema.values(field).into_iter().map(str::to_string).collect();
    let accent = (!config.theme.accent.is_empty()).then(|| format!("{THEME_FOLDER}/accent.css"));
    SiteView {
        title: config.title.clone(),
        description: config.description.clone(),
        language: config.language.clone(),
        direction: direction(&config.language).into(),
        author: config.author.clone(),
        assets: THEME_FOLDER.into(),
        logo: config.theme.logo.clone(),
        extra_css: accent.into_iter().chain(config.theme.extra_css.iter().cloned()).collect(),
        extra_js: config.theme.extra_js.clone(),
        remote_images: config.remote_images,
        counts: Counts {
            note_count: concepts.len(),
            folders: site.index.folders.iter().filter(|(f, v)| !f.is_empty() && v.count > 0).count(),
            link_count: site.graph.edges.iter().filter(|e| is_note(e.source) && is_note(e.target)).count(),
            tags: site.index.tags.len(),
            cards: site.notes.iter().flat_map(|n| &n.cards).filter(|c| c.answered).count(),
            wanted: site.graph.wanted.len(),
        },
        preview_shards: preview_files(site),
        empty_columns: columns::without_values(|| site.concepts().map(|(_, note)| &note.head)),
        health_page: config.site.health,
        wanted_page: config.site.wanted,
        has_findings: true,
        links: config.site.links.iter().map(header_link).collect(),
        types: values("type"),
        difficulties: values("difficulty"),
        statuses: values("status"),
        ..SiteView::default()
    }
}

/// A link of the header. The templates put the path to the root of the site before a URL without a scheme.
fn header_link(link: &HeaderLink) -> HeaderLinkView {
    let is_outside = link.scheme().is_some();
    let url = if is_outside { link.url.clone() } else { link.url.trim_start_matches('/').to_string() };
    HeaderLinkView { title: link.text.clone(), url, is_outside }
}
