//! Files for third-party programs: the Atom feed, the sitemap, `robots.txt`, `llms.txt`, and the JSON files. Knows the
//! site, but not the HTML of pages.

use crate::base::graph::{EdgeKind, Graph, context, difference};
use crate::base::site::Site;
use crate::text::html_escape::attribute;
use crate::text::ids::NoteId;
use crate::text::packed::PackedStrings;
use crate::text::paths::encode_path;
use atom_syndication as atom;
use serde::Serialize;

/// The maximum number of URLs in one sitemap (sitemaps.org protocol 0.9).
const SITEMAP_LIMIT: usize = 50_000;

/// The absolute URL of an output path. `None` without a base URL. A path that ends in `index.html` is shortened to its
/// folder.
pub(crate) fn absolute(base: &str, path: &str) -> Option<String> {
    let base = base.trim().trim_end_matches('/');
    if base.is_empty() {
        return None;
    }
    let scheme = if base.contains("://") { "" } else { "https://" };
    let mut url = format!("{scheme}{base}/");
    encode_path(path.strip_suffix("index.html").filter(|p| p.is_empty() || p.ends_with('/')).unwrap_or(path), &mut url);
    Some(url)
}

/// The Atom feed of the newest notes (RFC 4287). Its date is that of the newest note and not the time of the build, so
/// equal content gives equal bytes.
pub(crate) fn atom(site: &Site) -> String {
    let base = &site.config.base_url;
    let newest = &site.index.recent[..site.index.recent.len().min(site.config.feed.entries)];
    let date = |i: &NoteId| site.note(*i).head.updated.or(site.note(*i).head.created);
    let stamp = |d: Option<jiff::civil::Date>| {
        let day = d.map_or("1970-01-01".to_string(), |d| d.to_string());
        format!("{day}T00:00:00Z").parse::<atom::FixedDateTime>().unwrap_or_default()
    };
    let link = |href: String, rel: &str| atom::Link { href, rel: rel.into(), ..Default::default() };
    let entries = newest.iter().map(|i| {
        let note = site.note(*i);
        let url = absolute(base, &site.routes.notes[*i]);
        atom::Entry {
            title: atom::Text::plain(clean(&note.title)),
            // Atom requires a permanent id. Without a base URL, it is derived from the key of the note.
            id: url.clone().unwrap_or_else(|| urn(&site.graph.keys[*i])),
            updated: stamp(date(i)),
            published: note.head.created.map(|d| stamp(Some(d))),
            summary: Some(atom::Text::plain(clean(&note.summary))),
            categories: note
                .head
                .tags
                .iter()
                .map(|t| atom::Category { term: clean(t), ..Default::default() })
                .collect(),
            links: vec![link(url.unwrap_or_else(|| relative(&site.routes.notes[*i])), "alternate")],
            ..Default::default()
        }
    });
    let author = if site.config.author.is_empty() { &site.config.title } else { &site.config.author };
    let feed = atom::Feed {
        title: atom::Text::plain(clean(&site.config.title)),
        id: absolute(base, "").unwrap_or_else(|| urn(&format!("site {}", site.config.title))),
        updated: stamp(newest.iter().filter_map(date).max()),
        subtitle: (!site.config.description.is_empty()).then(|| atom::Text::plain(clean(&site.config.description))),
        authors: vec![atom::Person { name: clean(author), ..Default::default() }],
        links: absolute(base, "feed.xml")
            .map(|url| vec![link(url, "self"), link(absolute(base, "").unwrap_or_default(), "alternate")])
            .unwrap_or_default(),
        lang: Some(site.config.language.clone()),
        entries: entries.collect(),
        ..Default::default()
    };
    let mut out = Vec::new();
    match feed.write_to(&mut out) {
        Ok(_) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => panic!("an Atom feed could not be written to memory: {error}"),
    }
}

/// An output path as a relative URL.
fn relative(path: &str) -> String {
    let mut url = String::new();
    encode_path(path, &mut url);
    url
}

/// A name-based UUID for the key of a note (RFC 9562, version 5), in a namespace of canon.
fn urn(key: &str) -> String {
    let namespace = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_DNS, b"canon-kb");
    uuid::Uuid::new_v5(&namespace, key.as_bytes()).urn().to_string()
}

/// The text without the characters that XML 1.0 forbids.
fn clean(text: &str) -> String {
    text.chars().filter(|&c| (c >= ' ' || matches!(c, '\n' | '\t')) && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

/// The sitemap files with their paths: a single sitemap, or above the limit a sitemap index and its parts. `pages` are
/// output paths.
pub(crate) fn sitemaps(site: &Site, pages: &[&str]) -> Vec<(String, String)> {
    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";
    let dates: rustc_hash::FxHashMap<&str, jiff::civil::Date> =
        site.all().filter_map(|(i, n)| Some((&site.routes.notes[i], n.head.updated?))).collect();
    let urls: Vec<String> = pages
        .iter()
        .filter_map(|path| {
            let mut out = String::from("<url><loc>");
            attribute(&absolute(&site.config.base_url, path)?, &mut out);
            out.push_str("</loc>");
            if let Some(date) = dates.get(path) {
                out.push_str(&format!("<lastmod>{date}</lastmod>"));
            }
            out.push_str("</url>\n");
            Some(out)
        })
        .collect();
    let set = |urls: &[String]| format!("{HEAD}<urlset {NAMESPACE}>\n{}</urlset>\n", urls.concat());
    if urls.len() <= SITEMAP_LIMIT {
        return vec![("sitemap.xml".into(), set(&urls))];
    }
    let mut files = Vec::new();
    let mut index = format!("{HEAD}<sitemapindex {NAMESPACE}>\n");
    for (n, part) in urls.chunks(SITEMAP_LIMIT).enumerate() {
        let path = format!("sitemap-{}.xml", n + 1);
        index.push_str("<sitemap><loc>");
        attribute(&absolute(&site.config.base_url, &path).unwrap_or_default(), &mut index);
        index.push_str("</loc></sitemap>\n");
        files.push((path, set(part)));
    }
    index.push_str("</sitemapindex>\n");
    files.insert(0, ("sitemap.xml".into(), index));
    files
}

/// `robots.txt`: allows everything, with the URL of the sitemap if a base URL is known.
pub(crate) fn robots(site: &Site) -> String {
    match absolute(&site.config.base_url, "sitemap.xml") {
        Some(url) => format!("User-agent: *\nAllow: /\n\nSitemap: {url}\n"),
        None => "User-agent: *\nAllow: /\n".into(),
    }
}

/// `llms.txt`: the notes as a list of Markdown links for language models, by folder, most important notes first.
pub(crate) fn llms(site: &Site, folder_title: impl Fn(&str) -> String) -> String {
    let mut out = format!("# {}\n", one_line(&site.config.title));
    if !site.config.description.is_empty() {
        out.push_str(&format!("\n> {}\n", one_line(&site.config.description)));
    }
    for (name, folder) in site.index.folders.iter().filter(|(_, f)| !f.notes.is_empty()) {
        let title = if name.is_empty() { one_line(&site.config.title) } else { folder_title(name) };
        out.push_str(&format!("\n## {}\n\n", one_line(&title)));
        for &i in &folder.notes {
            let note = site.note(i);
            let path = site.routes.notes[i].replace(".html", ".md");
            let url = absolute(&site.config.base_url, &path).unwrap_or_else(|| relative(&path));
            let about = note.definition.as_deref().unwrap_or(&note.summary);
            let about = if about.is_empty() { String::new() } else { format!(": {}", one_line(about)) };
            out.push_str(&format!("- [{}]({url}){about}\n", one_line(&note.title).replace(['[', ']'], "")));
        }
    }
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct GraphFile<N: Serialize, E: Serialize, W: Serialize> {
    version: u8,
    nodes: N,
    edges: E,
    wanted: W,
}

#[derive(Serialize)]
struct NotesFile<N: Serialize> {
    version: u8,
    notes: N,
}

/// A list whose entries are computed during serialisation, so a large base is never in memory as a whole.
struct Each<F>(F);

impl<I, F> Serialize for Each<F>
where
    I: Iterator<Item: Serialize>,
    F: Fn() -> I,
{
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    title: &'a str,
    url: &'a str,
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    status: Option<&'a str>,
    importance: Option<u8>,
    difficulty: Option<&'a str>,
    tags: &'a [String],
    category: &'a str,
    #[serde(rename = "in")]
    incoming: usize,
    out: usize,
    rank: f64,
}

#[derive(Serialize)]
struct EdgeEntry<'a> {
    source: &'a str,
    target: &'a str,
    kind: EdgeKind,
    text: String,
}

#[derive(Serialize)]
struct WantedEntry<'a> {
    name: String,
    from: Vec<&'a str>,
}

/// The content of `api/graph.json`.
pub(crate) fn graph_json(site: &Site) -> String {
    let is_note = |i: NoteId| site.note(i).is_note();
    let key = |i: NoteId| &site.graph.keys[i];
    let edge = |e: &'_ crate::base::graph::Edge| EdgeEntry {
        source: key(e.source),
        target: key(e.target),
        kind: e.kind,
        text: edge_text(site, e),
    };
    let wanted = |w: &'_ crate::base::graph::Wanted| WantedEntry {
        name: w.name.clone(),
        // Pages and alias notes are no nodes.
        from: w.from.iter().filter(|&&i| is_note(i)).map(|&i| key(i)).collect(),
    };
    let file = GraphFile {
        version: 1,
        nodes: Each(|| site.concepts().map(|(i, _)| node(site, i))),
        edges: Each(|| site.graph.edges.iter().filter(|e| is_note(e.source) && is_note(e.target)).map(edge)),
        wanted: Each(|| site.graph.wanted.iter().map(wanted)),
    };
    json(&file)
}

fn node(site: &Site, i: NoteId) -> Node<'_> {
    let note = site.note(i);
    let concept_edges = |graph: &Graph, to: bool| match to {
        true => graph.to(i).filter(|e| site.note(e.source).is_note()).count(),
        false => graph.from(i).iter().filter(|e| site.note(e.target).is_note()).count(),
    };
    Node {
        id: &site.graph.keys[i],
        title: &note.title,
        url: &site.routes.notes[i],
        kind: note.head.kind.as_deref(),
        status: note.head.status.as_deref(),
        importance: note.head.importance,
        difficulty: note.head.difficulty.as_deref(),
        tags: &note.head.tags,
        category: note.folder().split('/').next().unwrap_or(""),
        incoming: concept_edges(&site.graph, true),
        out: concept_edges(&site.graph, false),
        rank: site.graph.rank[i],
    }
}

/// The text of an edge: the difference for a comparison, the sentence around the link for a mention, else empty.
pub(crate) fn edge_text(site: &Site, edge: &crate::base::graph::Edge) -> String {
    let note = site.note(edge.source);
    let link = &note.doc.links[edge.link];
    match edge.kind {
        EdgeKind::Contrasts => difference(note, link),
        EdgeKind::Mentions => context(note, link).0,
        _ => String::new(),
    }
}

#[derive(Serialize)]
struct NoteEntry<'a> {
    #[serde(flatten)]
    node: Node<'a>,
    markdown: String,
    canonical: bool,
    aliases: &'a [String],
    created_at: Option<String>,
    updated_at: Option<String>,
    summary: &'a str,
    definition: Option<&'a str>,
    terms: &'a PackedStrings,
    words: u32,
    questions: usize,
    extra: &'a std::collections::BTreeMap<String, serde_json::Value>,
}

/// The content of `api/notes.json`.
pub(crate) fn notes_json(site: &Site) -> String {
    json(&NotesFile { version: 1, notes: Each(|| site.concepts().map(|(i, note)| entry(site, i, note))) })
}

fn entry<'a>(site: &'a Site, i: NoteId, note: &'a crate::note::Note) -> NoteEntry<'a> {
    NoteEntry {
        node: node(site, i),
        markdown: site.routes.notes[i].replace(".html", ".md"),
        canonical: note.head.canonical,
        aliases: &note.head.aliases,
        created_at: note.head.created.map(|d| d.to_string()),
        updated_at: note.head.updated.map(|d| d.to_string()),
        summary: &note.summary,
        definition: note.definition.as_deref(),
        terms: &note.terms,
        words: note.words,
        questions: note.cards.iter().filter(|c| c.answered).count(),
        extra: &note.head.extra,
    }
}

/// The value as JSON with a final line ending. Serialisation cannot fail, because all keys are strings.
fn json<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
