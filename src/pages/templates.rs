//! Renders pages from templates. The embedded templates can be overridden individually by files of the site. Decides
//! only which template belongs to a page; reads no files, and knows no notes.

mod errors;
mod fallback;
mod filters;
mod parts;
mod plural;
mod unused;

pub(crate) use errors::TemplateError;
pub(crate) use filters::value_label;
pub(crate) use unused::{Unused, unused};

use plural::Plurals;

use crate::base::page_kinds::PageKind;
use crate::pages::views::*;
use rust_embed::RustEmbed;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tera::{Context, Tera};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct EmbeddedTemplates;

#[derive(RustEmbed)]
#[folder = "static/"]
struct EmbeddedStatic;

/// The files of a site that override embedded ones of the same name: path below the templates folder (separated by `/`)
/// to text.
pub(crate) type Overrides = BTreeMap<String, String>;

/// The content of a page by kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View<'a> {
    /// A note.
    Note(&'a NoteView),
    /// The page of a folder.
    Landing(&'a LandingView),
    /// A Markdown file that is not a note.
    Plain(&'a PlainView),
    /// The home page.
    Home(&'a HomeView),
    /// All tags.
    Tags(&'a TagsView),
    /// The notes with one tag.
    Tag(&'a TagView),
    /// Notes in groups: by importance, difficulty, status or type.
    Groups(PageKind, &'a GroupsView),
    /// The terms of the glossary.
    Glossary(&'a GlossaryView),
    /// Notes by date.
    Recent(&'a RecentView),
    /// Notes that are linked to but missing.
    Wanted(&'a WantedView),
    /// The findings.
    Health(&'a HealthView),
    /// The search page.
    Search(&'a SearchView),
    /// The overview of all index pages.
    Browse(&'a BrowseView),
    /// Notes by layer.
    Map(&'a MapView),
    /// The learning path to a note.
    Path(&'a PathView),
    /// The page for practising cards.
    Practice(&'a PracticeView),
    /// The graph page: its values under the name `graph`.
    Graph(&'a tera::Value),
    /// An alias note whose target is missing.
    Alias(&'a AliasView),
    /// A note that cannot be parsed.
    Unreadable(&'a UnreadableView),
    /// A redirect.
    Redirect(&'a RedirectView),
    /// `404.html` for a site with a known base URL.
    NotFound(&'a NotFoundView),
    /// `404.html` for a site without one: no style sheet, because relative URLs do not work there, and a single link.
    NotFoundPlain(&'a NotFoundView),
}

impl View<'_> {
    /// Its kind.
    pub(crate) fn kind(&self) -> PageKind {
        match self {
            View::Note(_) => PageKind::Note,
            View::Landing(_) => PageKind::Landing,
            View::Plain(_) => PageKind::Plain,
            View::Home(_) => PageKind::Home,
            View::Tags(_) => PageKind::Tags,
            View::Tag(_) => PageKind::Tag,
            View::Groups(kind, _) => *kind,
            View::Glossary(_) => PageKind::Glossary,
            View::Recent(_) => PageKind::Recent,
            View::Wanted(_) => PageKind::Wanted,
            View::Health(_) => PageKind::Health,
            View::Search(_) => PageKind::Search,
            View::Browse(_) => PageKind::Browse,
            View::Map(_) => PageKind::Map,
            View::Path(_) => PageKind::Path,
            View::Practice(_) => PageKind::Practice,
            View::Graph(_) => PageKind::Graph,
            View::Alias(_) => PageKind::Alias,
            View::Unreadable(_) => PageKind::Unreadable,
            View::Redirect(_) => PageKind::Redirect,
            View::NotFound(_) | View::NotFoundPlain(_) => PageKind::NotFound,
        }
    }

    /// The template that shows it.
    pub(crate) fn template(&self) -> &'static str {
        match self {
            View::NotFoundPlain(_) => "404-plain.html",
            _ => self.kind().info().template,
        }
    }

    /// Inserts the values into a context, under the name in the template.
    fn insert(&self, context: &mut Context) {
        let name = self.kind().info().variable;
        match self {
            View::Note(v) => context.insert(name, v),
            View::Landing(v) => context.insert(name, v),
            View::Plain(v) => context.insert(name, v),
            View::Home(v) => context.insert(name, v),
            View::Tags(v) => context.insert(name, v),
            View::Tag(v) => context.insert(name, v),
            View::Groups(_, v) => context.insert(name, v),
            View::Glossary(v) => context.insert(name, v),
            View::Recent(v) => context.insert(name, v),
            View::Wanted(v) => context.insert(name, v),
            View::Health(v) => context.insert(name, v),
            View::Map(v) => context.insert(name, v),
            View::Path(v) => context.insert(name, v),
            View::Practice(v) => context.insert(name, v),
            View::Graph(v) => context.insert_value(name, (*v).clone()),
            View::Alias(v) => context.insert(name, v),
            View::Unreadable(v) => context.insert(name, v),
            View::Redirect(v) => context.insert(name, v),
            View::NotFound(v) | View::NotFoundPlain(v) => context.insert(name, v),
            View::Search(v) => context.insert(name, v),
            View::Browse(v) => context.insert(name, v),
        }
    }
}

/// Partials that are equal on all pages of the same folder depth, with their names in templates. Cached, because
/// rendering them for each page is most of the cost of a short page.
const SHARED_PARTIALS: [(&str, &str); 3] = [
    ("partials/assets.html", "assets_html"),
    ("partials/header.html", "header_html"),
    ("partials/browse.html", "browse_html"),
];

/// The size in bytes of most pages without the folder tree, for reserving memory.
const TYPICAL_PAGE: usize = 24 << 10;

/// The embedded file with every text.
const TEXTS: &str = "texts/en.toml";

/// The rendered partials of [`SHARED_PARTIALS`].
type SharedPartials = Arc<[tera::Value]>;

/// Templates, texts and site values, ready to render pages on several threads.
pub(crate) struct Renderer {
    tera: Arc<Tera>,
    base: Context,
    /// The rendered [`SHARED_PARTIALS`] by the relative path to the root of the site, rendered on first use.
    frames: RwLock<BTreeMap<String, SharedPartials>>,
    texts: Arc<Texts>,
    /// The texts, those in a foreign language marked; the same as `texts` if there are none.
    marked: Arc<Texts>,
    plurals: Plurals,
    language: String,
    /// The folder of the theme's files in the output.
    assets: String,
}

impl Renderer {
    /// Parses all templates and sets the values that all pages share.
    ///
    /// # Errors
    /// A template does not parse, includes or extends a missing one, or uses an unknown filter, or a file of texts is
    /// not a TOML table of strings.
    pub(crate) fn new(site: &SiteView, overrides: &Overrides) -> Result<Renderer, TemplateError> {
        let (texts, own) = load_texts(&site.language, overrides)?;
        let is_whole = texts.keys().all(|key| own.contains_key(key));
        let texts = Arc::new(texts);
        let marked = if is_whole { texts.clone() } else { Arc::new(fallback::marked(&texts, &own)) };
        let plurals = Plurals::of(&site.language);
        let mut tera = Tera::default();
        // Every name ends with the empty suffix, so all templates escape, whatever the names of a site.
        tera.autoescape_on([""]);
        filters::register(&mut tera, &marked, plurals);
        let sources = template_sources(overrides);
        let pairs = sources.iter().map(|(name, text)| (name.as_str(), text.as_ref()));
        let names: Vec<&str> = sources.keys().map(String::as_str).collect();
        tera.add_raw_templates(pairs).map_err(|e| TemplateError::of(&e, "", "", &names))?;
        let base = base(site, &marked);
        let (tera, language, frames) = (Arc::new(tera), site.language.clone(), RwLock::default());
        let assets = site.assets.clone();
        Ok(Renderer { tera, base, frames, texts, marked, plurals, language, assets })
    }

    /// A renderer with the same templates and new site values. `None` if the language differs, because the texts would
    /// too.
    pub(crate) fn with(&self, site: &SiteView) -> Option<Renderer> {
        if site.language != self.language {
            return None;
        }
        let (tera, texts, marked) = (self.tera.clone(), self.texts.clone(), self.marked.clone());
        let (base, frames, language) = (base(site, &marked), RwLock::default(), self.language.clone());
        Some(Renderer {
            tera,
            base,
            frames,
            texts,
            marked,
            plurals: self.plurals,
            language,
            assets: site.assets.clone(),
        })
    }

    /// Renders a page.
    ///
    /// # Errors
    /// A template uses a missing value or a value of the wrong type.
    pub(crate) fn render(&self, page: &PageView, view: &View) -> Result<String, TemplateError> {
        // The shared tree is marked for each page here, which is cheaper than rendering the tree for each page.
        let mut context = self.base.clone();
        context.insert("page", page);
        context.insert("tree_html", &with_current(&page.tree_html, &page.tree_current));
        for ((_, name), html) in SHARED_PARTIALS.iter().zip(self.frame(page)?.iter()) {
            context.insert_value(*name, html.clone());
        }
        view.insert(&mut context);
        let room = page.tree_html.len() + TYPICAL_PAGE;
        let html = self.filled(view.template(), &context, room);
        let mut html = html.map_err(|e| TemplateError::of(&e, view.template(), &page.url, &[]))?;
        parts::link_parts(&mut html, &format!("{}{}/", page.root, self.assets));
        match Arc::ptr_eq(&self.texts, &self.marked) {
            true => Ok(html),
            false => Ok(fallback::resolve(&html, direction(&self.language))),
        }
    }

    /// Renders a template into a buffer of `room` bytes, which avoids copies while the page grows.
    fn filled(&self, template: &str, context: &Context, room: usize) -> tera::TeraResult<String> {
        let mut html = Vec::with_capacity(room);
        self.tera.render_to(template, context, &mut html)?;
        Ok(String::from_utf8(html)?)
    }

    /// The shared partials for pages at the depth of `page`.
    fn frame(&self, page: &PageView) -> Result<SharedPartials, TemplateError> {
        // Two threads may render the same partials at first. Both results are equal.
        if let Some(frame) = read(&self.frames).get(&page.root) {
            return Ok(frame.clone());
        }
        let part = |(partial, _): &(&str, &str)| -> Result<tera::Value, TemplateError> {
            let html = self.partial(partial, "root", &page.root, &page.url)?;
            Ok(tera::Value::safe_string(html.trim()))
        };
        let frame: SharedPartials = SHARED_PARTIALS.iter().map(part).collect::<Result<_, _>>()?;
        write(&self.frames).insert(page.root.clone(), frame.clone());
        Ok(frame)
    }

    /// The table row of a note, for all tables that list it.
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub(crate) fn row(&self, row: &NoteRow) -> Result<String, TemplateError> {
        // Trimmed, because an override may start or end with blank lines, which a large table would repeat.
        let html = self.partial("partials/row.html", "r", row, &row.url)?;
        Ok(format!("\n{}", html.trim()))
    }

    /// Renders a partial with one value in addition to the shared ones. `page` is only used in errors.
    fn partial<T: Serialize>(
        &self,
        name: &str,
        key: &'static str,
        value: &T,
        page: &str,
    ) -> Result<String, TemplateError> {
        let mut context = self.base.clone();
        context.insert(key, value);
        self.tera.render(name, &context).map_err(|e| TemplateError::of(&e, name, page, &[]))
    }

    /// The folder tree for the pages in the folder of `page`, for [`PageView::tree_html`].
    ///
    /// # Errors
    /// As for [`Renderer::render`].
    pub(crate) fn tree(&self, tree: &TreeView, page: &str) -> Result<Arc<str>, TemplateError> {
        Ok(self.partial("partials/tree.html", "tree", tree, page)?.into())
    }

    /// The interface text `key` with a number in it, in the form for this number.
    pub(crate) fn counted(&self, key: &str, n: usize) -> String {
        filters::fill(self.marked.get(key).map_or("", String::as_str), &n.to_string(), self.plurals)
    }

    /// The interface texts for a page that [`Renderer::render`] finishes.
    pub(crate) fn page_texts(&self) -> &Texts {
        &self.marked
    }

    /// The interface texts, for output without a template.
    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The content of `texts.js`, the texts for scripts. The text `search_new_tab` has the key `search.newTab` there.
    pub(crate) fn script_texts(&self) -> String {
        // Scripts use only the texts of the search and of the list of keys.
        let wanted = |(key, text): (&String, &String)| {
            let (area, name) = key.split_once('_')?;
            matches!(area, "search" | "keys").then(|| (format!("{area}.{}", camel_case(name)), text.clone()))
        };
        let texts: BTreeMap<String, String> = self.texts.iter().filter_map(wanted).collect();
        script_call("window.canonTexts=Object", &texts)
    }
}

/// Locks for reading. A poisoned lock is used anyway: a value is inserted in one step, so it is always complete.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// The scripts, style sheets and images of the theme with their names, sorted by name. Static files of a site override
/// them.
pub(crate) fn theme_files() -> Vec<(String, Cow<'static, [u8]>)> {
    let mut names: Vec<_> = EmbeddedStatic::iter().collect();
    names.sort();
    let file = |name: &str| EmbeddedStatic::get(name).map(|f| (name.to_string(), without_comments(name, f.data)));
    names.into_iter().filter_map(|name| file(&name)).collect()
}

/// A script or style sheet of the theme without comment lines, type comments (`/** @type {Node} */`) and indentation,
/// to reduce its size. The theme's files must not contain a literal that spans lines or contains `/** @`, and all
/// further comments must start a line.
fn without_comments(name: &str, data: Cow<'static, [u8]>) -> Cow<'static, [u8]> {
    let (is_script, is_style) = (name.ends_with(".js"), name.ends_with(".css"));
    if !is_script && !is_style {
        return data;
    }
    let (text, mut kept, mut in_comment) = (String::from_utf8_lossy(&data), String::with_capacity(data.len()), false);
    for line in text.lines() {
        let line = without_type_comments(line);
        let line = line.trim();
        let opens = line.starts_with("/*");
        let dropped = in_comment || opens || is_script && line.starts_with("//") || line.is_empty();
        // A comment may start and end on the same line.
        in_comment = (in_comment || opens) && !line.contains("*/");
        if !dropped {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    Cow::Owned(kept.into_bytes())
}

/// A line without comments of the form `/** @… */`, each with one space after it.
fn without_type_comments(line: &str) -> Cow<'_, str> {
    let Some((before, comment)) = line.split_once("/** @") else { return Cow::Borrowed(line) };
    match comment.split_once("*/") {
        Some((_, after)) => {
            Cow::Owned([before, &without_type_comments(after.strip_prefix(' ').unwrap_or(after))].concat())
        }
        None => Cow::Borrowed(line),
    }
}

/// A script file that calls a function of a different script with data: `name(DATA);`. Unlike `fetch`, this works for
/// `file://` URLs. The result contains no `<`, U+2028 or U+2029, so it is safe inside a `<script>` element.
pub(crate) fn script_call<T: Serialize + ?Sized>(name: &str, data: &T) -> String {
    format!("{name}({});\n", json_for_html(data))
}

/// JSON that is safe inside a `<script>` element: without `<`, U+2028 and U+2029.
pub(crate) fn json_for_html<T: Serialize + ?Sized>(data: &T) -> String {
    let json = serde_json::to_string(data).expect("plain data with string keys is always JSON");
    // `</script>` would end a script element, and U+2028 and U+2029 are line endings in old JavaScript.
    if !json.contains(['<', '\u{2028}', '\u{2029}']) {
        return json;
    }
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// All templates by name. Those of the site override the embedded ones.
fn template_sources(overrides: &Overrides) -> BTreeMap<String, Cow<'_, str>> {
    let mut sources = BTreeMap::new();
    for name in EmbeddedTemplates::iter().filter(|n| !n.ends_with(".toml")) {
        if let Some(text) = embedded_text(&name) {
            sources.insert(name.to_string(), Cow::Owned(text));
        }
    }
    // After the embedded templates, so that the files of the site win.
    for (name, text) in overrides.iter().filter(|(n, _)| !n.ends_with(".toml")) {
        sources.insert(name.clone(), Cow::Borrowed(text.as_str()));
    }
    sources
}

fn embedded_text(name: &str) -> Option<String> {
    EmbeddedTemplates::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// The interface texts: English, overridden by the embedded texts of the language, then by the files of the site,
/// `texts/LANGUAGE.toml` and `texts.toml`. Second, those of them that are in the language.
fn load_texts(language: &str, overrides: &Overrides) -> Result<(Texts, Texts), TemplateError> {
    let primary = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let embedded = |name: &str| match embedded_text(name) {
        Some(text) => parse_texts(name, &text),
        None => Ok(Texts::new()),
    };
    let mut own = embedded(&format!("texts/{primary}.toml"))?;
    for name in [format!("texts/{primary}.toml"), format!("texts/{language}.toml"), "texts.toml".to_string()] {
        if let Some(text) = overrides.get(&name) {
            own.extend(parse_texts(&name, text)?);
        }
    }
    let mut texts = embedded(TEXTS)?;
    texts.extend(own.clone());
    Ok((texts, own))
}

fn parse_texts(name: &str, text: &str) -> Result<Texts, TemplateError> {
    toml::from_str(text).map_err(|e| {
        let start = e.span().map_or(0, |span| span.start);
        let line = crate::text::source::LineIndex::new(text).position(start as u32).line;
        TemplateError {
            template: name.to_string(),
            line,
            page: String::new(),
            message: match e.message().starts_with("invalid type") {
                true => "this must be a text in quotes".to_string(),
                false => crate::config::plain_syntax_message(e.message()),
            },
            excerpt: text.lines().nth(line - 1).unwrap_or_default().to_string(),
        }
    })
}

/// The values that all pages share.
fn base(site: &SiteView, texts: &Texts) -> Context {
    let mut base = Context::new();
    base.insert("site", site);
    base.insert("t", texts);
    base
}

/// The folder tree with the link to `current` marked as the current page.
fn with_current(tree: &str, current: &str) -> String {
    let link = format!("<a href=\"{current}\">");
    match memchr::memmem::find(tree.as_bytes(), link.as_bytes()).filter(|_| !current.is_empty()) {
        Some(at) => {
            let end = at + link.len() - 1;
            [&tree[..end], " aria-current=\"page\"", &tree[end..]].concat()
        }
        None => tree.to_string(),
    }
}

fn camel_case(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let mut words = name.split('_').filter(|w| w.is_ascii() && !w.is_empty());
    words.next().unwrap_or_default().to_string() + &words.map(capital).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    static NO_OVERRIDES: Overrides = Overrides::new();

    fn overrides(files: &[(&str, &str)]) -> Overrides {
        files.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect()
    }

    fn site(language: &str) -> SiteView {
        SiteView { title: "Base".into(), language: language.into(), ..SiteView::default() }
    }

    fn page() -> PageView {
        PageView { title: "A < B".into(), url: "a.html".into(), ..PageView::default() }
    }

    #[test]
    fn a_site_replaces_one_partial_and_keeps_the_rest() {
        let own = overrides(&[("partials/facts.html", "<p class=\"own\">{{ note.id }}</p>")]);
        let html = Renderer::new(&site("en"), &own)
            .and_then(|r| r.render(&page(), &View::Note(&NoteView { id: "x".into(), ..NoteView::default() })))
            .unwrap();
        assert!(html.contains("<p class=\"own\">x</p>") && html.contains("class=\"foot\""), "{html}");
        assert!(!html.contains("class=\"facts\""));
    }

    #[test]
    fn every_template_name_escapes() {
        let own = overrides(&[
            ("page.html", "{% include \"partials/odd.txt\" %}{% include \"partials/none\" %}"),
            ("partials/odd.txt", "[{{ page.title }}]"),
            ("partials/none", "[{{ page.title }}]"),
        ]);
        let renderer = Renderer::new(&site("en"), &own).unwrap();
        let html = renderer.render(&page(), &View::Plain(&PlainView::default())).unwrap();
        assert_eq!(html, "[A &lt; B][A &lt; B]");
    }

    #[test]
    fn a_missing_value_names_template_line_and_page() {
        let own = overrides(&[("partials/facts.html", "one\n{{ note.titel }}\n")]);
        let renderer = Renderer::new(&site("en"), &own).unwrap();
        let error = renderer.render(&page(), &View::Note(&NoteView::default())).unwrap_err();
        assert_eq!((error.template.as_str(), error.line, error.page.as_str()), ("partials/facts.html", 2, "a.html"));
        assert!(error.to_string().starts_with("template `partials/facts.html`, line 2, for the page `a.html`: "));
        assert!(error.excerpt.contains("note.titel"), "{}", error.excerpt);
    }

    #[test]
    fn a_template_that_does_not_parse_names_its_line() {
        let error = Renderer::new(&site("en"), &overrides(&[("note.html", "\n\n{% if %}")])).err().unwrap();
        assert_eq!((error.template.as_str(), error.line), ("note.html", 3));
        let error = Renderer::new(&site("en"), &overrides(&[("own.html", "{{ 1 | nofilter }}")])).err().unwrap();
        assert!(error.to_string().contains("nofilter"), "{error}");
    }

    #[test]
    fn texts_come_from_the_language_then_the_site() {
        let texts =
            |language: &str, own: &[(&str, &str)]| load_texts(language, &overrides(own)).map(|(texts, _)| texts);
        assert_eq!(texts("es-MX", &[]).unwrap()["graph"], "Grafo");
        assert_eq!(texts("xx", &[]).unwrap()["graph"], "Graph");
        assert_eq!(texts("sv", &[("texts/sv.toml", "graph = \"Nät\"")]).unwrap()["graph"], "Nät");
        assert_eq!(texts("de", &[("texts/de.toml", "graph = \"Netz\"")]).unwrap()["search"], "Suchen");
        assert_eq!(texts("en", &[("texts.toml", "graph = \"Map\"")]).unwrap()["graph"], "Map");
        let error = texts("en", &[("texts.toml", "a = \"1\"\ngraph = 3")]).unwrap_err();
        assert_eq!((error.template.as_str(), error.line), ("texts.toml", 2));
    }

    const LANGUAGES: [&str; 8] = ["ar", "de", "en", "es", "fr", "ja", "pt", "zh"];

    /// The names between braces of a text, each once.
    fn holes(text: &str) -> Vec<String> {
        let mut found: Vec<String> =
            text.split('{').skip(1).filter_map(|t| t.split('}').next().map(String::from)).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn each_language_has_the_texts_of_english_and_their_holes() {
        let read = |language: &str| {
            let name = format!("texts/{language}.toml");
            parse_texts(&name, &embedded_text(&name).unwrap()).unwrap()
        };
        let english = read("en");
        for language in LANGUAGES {
            let texts = read(language);
            for (key, text) in &english {
                let own = texts.get(key).unwrap_or_else(|| panic!("{language}.toml lacks `{key}`"));
                assert_eq!(holes(text), holes(own), "{language}: {key}");
                assert!(!own.trim().is_empty(), "{language}: {key}");
            }
            let unknown: Vec<&String> = texts.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(unknown.is_empty(), "{language}.toml has {unknown:?}, which en.toml lacks");
        }
        let files = EmbeddedTemplates::iter().filter(|name| name.starts_with("texts/")).count();
        assert_eq!(files, LANGUAGES.len(), "a language is missing in this test");
    }

    #[test]
    fn each_counted_text_has_the_forms_of_its_language() {
        let english = load_texts("en", &NO_OVERRIDES).unwrap().0;
        for language in LANGUAGES {
            let texts = load_texts(language, &NO_OVERRIDES).unwrap().0;
            for (key, _) in english.iter().filter(|(_, text)| text.contains('|')) {
                let forms: Vec<&str> = texts[key].split('|').collect();
                assert_eq!(forms.len(), Plurals::of(language).count(), "{language}: {key}");
                assert!(forms.iter().all(|form| !form.trim().is_empty()), "{language}: {key}");
                // A form may spell the number out only where it is that of a single number.
                let spelled = |at: usize| language == "ar" && at < 3 || key.ends_with("_word") || key == "in_baseline";
                let has_number = |(at, form): (usize, &&str)| spelled(at) || form.contains("{n}");
                assert!(forms.iter().enumerate().all(has_number), "{language}: {key}");
            }
            for key in ["months", "month_names"] {
                assert_eq!(texts[key].split_whitespace().count(), 12, "{language}: {key}");
            }
        }
    }

    #[test]
    fn texts_that_a_language_lacks_say_that_they_are_english() {
        let own = overrides(&[("texts/he.toml", "search = \"חיפוש\"\nnotes = \"הערה|{n} הערות\"")]);
        let renderer = Renderer::new(&SiteView { direction: "rtl".into(), ..site("he") }, &own).unwrap();
        let html = renderer.render(&page(), &View::Home(&HomeView::default())).unwrap();
        assert!(html.contains("<span lang=\"en\" dir=\"ltr\">Browse</span>"), "{html}");
        assert!(html.contains(">חיפוש<") && html.contains("0 הערות"), "{html}");
        assert!(html.contains("aria-label=\"You are here\"") || html.contains("aria-label=\"Main\""), "{html}");
        assert!(!html.contains(['\u{fdd0}', '\u{fdd1}']), "{html}");
        let whole = Renderer::new(&site("ar"), &NO_OVERRIDES).unwrap();
        let html = whole.render(&page(), &View::Home(&HomeView::default())).unwrap();
        assert!(!html.contains("lang=\"en\""), "{html}");
        assert!(!renderer.script_texts().contains('\u{fdd0}'));
    }

    #[test]
    fn templates_and_texts_name_each_other() {
        let name = regex::Regex::new(r"\bt\.([a-z_]+)").unwrap();
        let sources = template_sources(&NO_OVERRIDES);
        let used: std::collections::BTreeSet<&str> =
            sources.values().flat_map(|text| name.captures_iter(text).map(|c| c.get(1).unwrap().as_str())).collect();
        let texts = load_texts("en", &NO_OVERRIDES).unwrap().0;
        for key in used.iter().filter(|key| !["html", "toml"].contains(key)) {
            assert!(texts.contains_key(*key), "a template asks for the text `{key}`, which en.toml lacks");
        }
        // Texts that code looks up by a name it puts together, and those of templates and scripts of their own.
        let built = [
            "type_",
            "status_",
            "difficulty_",
            "severity_",
            "edge_",
            "search_",
            "keys_",
            "graph_",
            "map_",
            "practice_",
            "path_",
            "callout_",
        ];
        let in_notes = [
            ["footnotes", "footnote_back", "code", "diagram", "diagram_source", "table", "none"].as_slice(),
            &["planned_reason", "broken_reason", "broken_link", "escapes_reason", "scheme_reason", "empty_reason"],
            &["embedded_from", "image", "embed_cycle", "embed_missing", "embed_depth", "embed_large"],
        ]
        .concat();
        let dates = ["date", "month_year", "months", "month_names", "map_of", "path_to"];
        let elsewhere =
            |key: &str| built.iter().any(|b| key.starts_with(b)) || dates.contains(&key) || in_notes.contains(&key);
        for key in texts.keys().filter(|key| !elsewhere(key)) {
            assert!(used.contains(key.as_str()), "nothing uses the text `{key}`");
        }
    }

    #[test]
    fn comments_and_indentation_stay_out_of_what_readers_load() {
        let text = |name, text: &'static str| {
            String::from_utf8(without_comments(name, Cow::Borrowed(text.as_bytes())).into_owned()).unwrap()
        };
        assert_eq!(
            text("x.js", "  // a\n  let b = \"//\"; // c\n/* d\n * e */\n\n  f();\n"),
            "let b = \"//\"; // c\nf();\n"
        );
        assert_eq!(
            text(
                "x.js",
                "/** @type {A} */\nlet a = /** @type {B} */ (b).c(/** @type {C} */ (d));\n/**\n * @type {E}\n */\n"
            ),
            "let a = (b).c((d));\n"
        );
        assert_eq!(text("x.css", "/* a */\na { b: c }\n  //\n"), "a { b: c }\n//\n");
        assert_eq!(text("x.svg", " <!-- a -->\n"), " <!-- a -->\n");
        for (name, data) in theme_files() {
            let text = String::from_utf8_lossy(&data).into_owned();
            assert!(!text.contains("\n/") && !text.contains("/** "), "{name}");
        }
    }

    #[test]
    fn data_for_scripts_cannot_leave_its_script() {
        let text = script_call("f", "</script><!-- \u{2028}");
        assert_eq!(text, "f(\"\\u003c/script>\\u003c!-- \\u2028\");\n");
    }

    #[test]
    fn scripts_get_their_texts_in_their_spelling() {
        let text = Renderer::new(&site("en"), &Overrides::new()).unwrap().script_texts();
        assert!(text.starts_with("window.canonTexts=Object({"), "{text}");
        assert!(text.contains("\"search.newTab\":\"new tab\""), "{text}");
    }
}
