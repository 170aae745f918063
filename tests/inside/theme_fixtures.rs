//! A small made-up base on baking bread, as the theme's templates see it: one rich page of every kind.

use crate::pages::templates::{Overrides, Renderer};
use crate::pages::views::*;
use std::sync::LazyLock;

pub fn site(language: &str) -> SiteView {
    SiteView {
        title: "Bread, from first principles".into(),
        description: "What happens in a dough, one concept a note.".into(),
        language: language.into(),
        direction: direction(language).into(),
        author: "A baker".into(),
        assets: "_canon".into(),
        counts: Counts { note_count: 212, folders: 7, link_count: 941, tags: 63, cards: 530, wanted: 18 },
        preview_shards: 1,
        ..SiteView::default()
    }
}

fn link(title: &str, url: &str) -> Link {
    Link { title: title.into(), url: url.into() }
}

fn tag(name: &str, count: usize) -> TagLink {
    TagLink { name: name.into(), url: format!("../tags/{name}.html"), count }
}

pub const TITLES: [(&str, &str); 14] = [
    ("Autolyse", "technology"),
    ("Baker's percentage", "concept"),
    ("Bulk fermentation", "concept"),
    ("Cold proofing vs warm proofing", "concept"),
    ("Crumb structure", "concept"),
    ("Dough temperature", "skill"),
    ("Enriched dough", "pattern"),
    ("Gluten development", "concept"),
    ("Hydration", "concept"),
    ("Maillard reaction", "concept"),
    ("Oven spring", "concept"),
    ("Poolish", "technology"),
    ("Preferments compared with straight doughs", "pattern"),
    ("Sourdough starter", "technology"),
];

fn slug(title: &str) -> String {
    title.to_lowercase().replace('\'', "").replace(' ', "-")
}

pub fn row(i: usize, root: &str) -> NoteRow {
    let (title, kind) = TITLES[i % TITLES.len()];
    NoteRow {
        title: title.into(),
        url: format!("{root}fermentation/{}.html", slug(title)),
        summary:
            "Yeast and bacteria work through the dough while its gluten relaxes; time and temperature stand for each \
                  other within bounds."
                .into(),
        kind: kind.into(),
        status: ["learning", "practicing", "mastered", "stale"][i % 4].into(),
        difficulty: ["easy", "medium", "hard"][i % 3].into(),
        difficulty_level: (i % 3 + 1) as u8,
        importance: (i != 5).then_some((97 - i * 6 % 90) as u8),
        updated: format!("2026-01-{:02}", 28 - i % 20),
        links_in: 12 - i % 12,
        links_out: i % 9,
    }
}

fn rows(n: usize, root: &str) -> Vec<NoteRow> {
    (0..n).map(|i| row(i, root)).collect()
}

/// The page with the folder tree beside it.
pub fn beside_tree(page: PageView, renderer: &Renderer) -> PageView {
    let tree_html = renderer.tree(&tree(&page.root), &page.url).unwrap();
    PageView { tree_html, ..page }
}

pub fn tree(root: &str) -> TreeView {
    let folder = |title: &str, path: &str, depth, count| TreeFolder {
        path: path.into(),
        title: title.into(),
        url: format!("{root}{path}/index.html"),
        depth,
        count,
        ..TreeFolder::default()
    };
    let mut open = folder("Fermentation", "fermentation", 0, 34);
    open.open = true;
    open.more = 20;
    open.notes = TITLES.iter().map(|(t, _)| link(t, &format!("{root}fermentation/{}.html", slug(t)))).collect();
    TreeView {
        root: root.to_string(),
        folders: vec![
            folder("Baking", "baking", 0, 28),
            open,
            folder("Wild yeast", "fermentation/wild", 1, 9),
            folder("Flour", "flour", 0, 41),
            folder("Kneading & shaping", "kneading", 0, 37),
            folder("Tools", "tools", 0, 12),
            folder("Troubleshooting", "trouble", 0, 60),
        ],
        notes: vec![link("How to read this base", &format!("{root}how-to-read.html"))],
    }
}

pub fn page(kind: &str, title: &str, url: &str) -> PageView {
    let root = "../".repeat(url.matches('/').count());
    PageView {
        title: title.into(),
        description: "Cold proofing trades time for flavour; warm proofing trades flavour for time.".into(),
        kind: kind.into(),
        breadcrumbs: vec![link("Home", &format!("{root}index.html"))],
        url: url.into(),
        root,
        ..PageView::default()
    }
}

pub fn note_page() -> PageView {
    let toc = |level, title: &str, anchor: &str| TocEntry { level, title: title.into(), anchor: anchor.into() };
    let mut page = page("note", "Cold proofing vs warm proofing", "fermentation/cold-proofing-vs-warm-proofing.html");
    page.breadcrumbs.push(link("Fermentation", "../fermentation/index.html"));
    page.tree_current = "../fermentation/cold-proofing-vs-warm-proofing.html".into();
    page.edit_url = Some("https://example.org/edit/cold.md".into());
    page.markdown_url = Some("cold-proofing-vs-warm-proofing.md".into());
    page.toc = vec![
        toc(2, "Definition", "definition"),
        toc(2, "Why it matters", "why-it-matters"),
        toc(2, "Scope", "scope"),
        toc(2, "Mental model", "mental-model"),
        toc(2, "Decision rules", "decision-rules"),
        toc(2, "How I would use it", "how-i-would-use-it"),
        toc(2, "Trade-offs & Alternatives", "trade-offs"),
        toc(3, "Trade-offs", "trade-offs-1"),
        toc(3, "Alternatives", "alternatives"),
        toc(2, "Failure modes", "failure-modes"),
        toc(2, "Implementation notes", "implementation"),
        toc(2, "Common anti-patterns", "anti-patterns"),
        toc(2, "Interview readiness", "interview"),
        toc(3, "Trap questions", "trap-questions"),
        toc(3, "Quick self-check", "self-check"),
        toc(2, "Every element", "elements"),
    ];
    page
}

fn relation(i: usize, difference: &str) -> Relation {
    let r = row(i, "../");
    Relation {
        title: r.title,
        url: Some(r.url),
        state: "ok".into(),
        summary: r.summary,
        difference: difference.into(),
        kind: r.kind,
        importance: r.importance,
        ..Relation::default()
    }
}

fn section(label: &str, anchor: &str, level: u8, html: &str) -> SectionView {
    SectionView { label_html: label.into(), anchor: anchor.into(), level, html: html.into(), ..SectionView::default() }
}

fn side(label: &str, tone: &str, items: &[&str]) -> Side {
    let html = items.iter().map(|i| format!("<li>{i}</li>")).collect::<String>();
    Side { label: label.into(), tone: tone.into(), html: format!("<ul>{html}</ul>"), ..Side::default() }
}

fn labelled(label: &str, html: &str) -> Row {
    Row { label: label.into(), html: html.into() }
}

fn definition() -> SectionView {
    let mut definition = section("Definition", "definition", 2, "");
    definition.layout = Layout::Rows;
    definition.rows = vec![
        labelled(
            "What it is",
            "Two ways to let a shaped dough rise: in the fridge overnight (cold), or at room temperature within two hours (warm).",
        ),
        labelled(
            "Key terms",
            "proofing, retarding, <a href=\"dough-temperature.html\">dough temperature</a>, over-proofing, poke test.",
        ),
    ];
    definition
}

fn scope() -> SectionView {
    let mut scope = section("Scope", "scope", 2, "");
    scope.layout = Layout::Sides;
    scope.sides = vec![
        side("In scope", "in", &["when to choose which, and what each costs"]),
        side("Out of scope", "out", &["shaping, scoring, the oven"]),
    ];
    scope
}

fn decision_rules() -> SectionView {
    let mut rules = section("Decision rules", "decision-rules", 2, "");
    rules.layout = Layout::Sides;
    rules.sides = vec![
        side(
            "Proof cold when",
            "use",
            &["Flavour matters more than the hour.", "You bake first thing in the morning."],
        ),
        side(
            "Proof warm when",
            "avoid",
            &["Bread is wanted today.", "The dough is rich in butter, which sets in the cold."],
        ),
    ];
    rules
}

fn trade_offs() -> SectionView {
    let mut trade = section("Trade-offs &amp; Alternatives", "trade-offs", 2, "");
    let mut pros = section("Trade-offs", "trade-offs-1", 3, "");
    pros.layout = Layout::ProsCons;
    pros.sides = vec![
        side("Pros (cold)", "pro", &["deeper flavour", "easier scoring", "a wide window to bake in"]),
        side("Cons (cold)", "con", &["a fridge full of dough", "slower feedback"]),
        side("Pros (warm)", "pro", &["ready in two hours"]),
        side("Cons (warm)", "con", &["a window of minutes", "milder taste"]),
    ];
    trade.children = vec![
        pros,
        section(
            "Alternatives",
            "alternatives",
            3,
            "<ul><li><strong>Both:</strong> an hour warm, then cold until morning.</li><li><strong>How to choose:</strong> cold for lean doughs, warm for rich ones.</li></ul>",
        ),
    ];
    trade
}

fn checklist() -> SectionView {
    let mut check = section("Implementation notes", "implementation", 2, "");
    check.layout = Layout::Checklist;
    check.checks = ["Write the dough's temperature down", "Cover it, or it dries", "Poke before baking"]
        .iter()
        .enumerate()
        .map(|(i, t)| Check { id: format!("cold#i{i}"), html: (*t).into(), checked: i == 0 })
        .collect();
    check
}

fn anti_patterns() -> SectionView {
    let mut anti = section("Common anti-patterns", "anti-patterns", 2, "");
    anti.layout = Layout::AntiPatterns;
    anti.anti_patterns = vec![AntiPattern {
        html: "Proofing by the clock alone.".into(),
        why_html: "a dough at 20 °C and one at 27 °C are hours apart at the same minute.".into(),
        better_html: "watch its volume, and poke it.".into(),
    }];
    anti
}

fn trap_questions() -> SectionView {
    let mut cards = section("Trap questions", "trap-questions", 3, "");
    cards.layout = Layout::Cards;
    cards.cards = [
        ("Does the cold stop fermentation?", "No; it slows yeast far more than it slows the bacteria that make acids."),
        ("Is a longer proof always better?", "No; past its peak the gluten is eaten faster than gas is made."),
        ("Must a cold dough warm up before baking?", "No; most lean doughs bake straight from the fridge."),
    ]
    .iter()
    .enumerate()
    .map(|(i, (q, a))| CardView {
        id: format!("cold/{i}"),
        number: i + 1,
        anchor: format!("q{}", i + 1),
        question_html: (*q).into(),
        answer_html: format!("<p>{a}</p>"),
    })
    .collect();
    cards
}

fn self_check() -> SectionView {
    let mut self_check = section("Quick self-check", "self-check", 3, "");
    self_check.layout = Layout::Checklist;
    self_check.checks = (1..=5)
        .map(|i| Check {
            id: format!("cold#s{i}"),
            html: format!("I can explain difference number {i}."),
            checked: false,
        })
        .collect();
    self_check
}

fn interview() -> SectionView {
    let mut interview = section("Interview readiness", "interview", 2, "");
    interview.children = vec![
        section(
            "“Explain it like I’m teaching”",
            "explain",
            3,
            "<ul><li>Cold is a slow walk with a view; warm is the bus: both arrive, one tastes of the way.</li></ul>",
        ),
        trap_questions(),
        self_check(),
    ];
    interview
}

fn inbox() -> SectionView {
    let mut inbox = section("Notes", "inbox", 2, "<p>Try 12 °C in the cellar.</p>");
    inbox.layout = Layout::Folded;
    inbox
}

fn sections() -> Vec<SectionView> {
    vec![
        definition(),
        section(
            "Why it matters",
            "why-it-matters",
            2,
            "<ul><li>It decides when you bake, and most of how the bread tastes.</li><li>The wrong choice gives a flat loaf, or none before noon.</li></ul>",
        ),
        scope(),
        section(
            "Mental model",
            "mental-model",
            2,
            "<ul><li>Warm is a sprint; cold is a long walk with a view.</li></ul>",
        ),
        decision_rules(),
        section(
            "How I would use it",
            "how-i-would-use-it",
            2,
            "<ul><li><strong>Context:</strong> a loaf for Saturday's breakfast.</li><li><strong>Steps:</strong><ol><li>Shape on Friday evening.</li><li>Cover; eight to twelve hours at 4 °C.</li><li>Score and bake from the fridge.</li></ol></li></ul>",
        ),
        trade_offs(),
        section(
            "Failure modes",
            "failure-modes",
            2,
            "<ul><li>Warm kitchen, forgotten dough → collapse in the oven.</li><li>Fridge too cold → no rise, sour and dense.</li></ul>",
        ),
        checklist(),
        anti_patterns(),
        interview(),
        section("Every element", "elements", 2, ELEMENTS),
        inbox(),
    ]
}

/// What the Markdown pass writes, each element once.
pub const ELEMENTS: &str = r##"<p>A paragraph with <code>inline code</code>, <a href="hydration.html">a link to a note</a>, <a class="external" rel="external noopener" href="https://example.org/">an external one</a>, <span class="planned">a planned one</span>, <span class="broken-link" title="no note at ../x.md">a broken one</span>, a footnote<sup><a href="#fn1" id="fnref1">1</a></sup> and <kbd>Ctrl</kbd>. Yeast makes gas as long as it finds sugar; the gas is held by gluten, and the gluten is what time weakens.</p>
<div class="code" data-language="rust"><pre tabindex="0" aria-label="rust"><code>fn proof(hours: f32, celsius: f32) -&gt; f32 {
    // Rate doubles about every eight degrees.
    hours * 2f32.powf((celsius - 20.0) / 8.0)
}</code></pre></div>
<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr><th>Dough</th><th>Cold</th><th>Warm</th></tr></thead><tbody><tr><td>Lean</td><td>8 to 12 h</td><td>60 to 90 min</td></tr><tr><td>Rich</td><td>not advised</td><td>2 h</td></tr></tbody></table></div>
<div class="callout note"><p class="title">Note</p><p>A dough thermometer costs less than one spoiled batch.</p></div>
<div class="callout tip"><p class="title">Tip</p><p>Flour the basket with rice flour.</p></div>
<div class="callout important"><p class="title">Important</p><p>Salt slows yeast.</p></div>
<div class="callout warning"><p class="title">Warning</p><p>Steam burns.</p></div>
<details class="callout caution"><summary>Caution</summary><p>Cast iron stays hot for an hour.</p></details>
<blockquote><p>Bread is made by time; the baker keeps it company.</p></blockquote>
<ul><li class="task"><label><input type="checkbox" data-check="cold#t1"> <span>weigh the flour</span></label></li><li>nested<ul><li>one<ul><li>two</li></ul></li></ul></li></ul>
<dl><dt>Crumb</dt><dd>The inside of a loaf.</dd></dl>
<section class="embed"><header>from <a href="hydration.html">Hydration</a></header><p>Water by weight, in percent of the flour.</p></section>
<p><math display="block"><mi>r</mi><mo>=</mo><msup><mn>2</mn><mfrac><mrow><mi>t</mi><mo>−</mo><mn>20</mn></mrow><mn>8</mn></mfrac></msup></math></p>"##;

pub const FOOTNOTES: &str = "<section class=\"footnotes\"><ol><li id=\"fn1\">Measured at sea level. <a href=\"#fnref1\" aria-label=\"Back\">↩</a></li></ol></section>";

pub fn note() -> NoteView {
    let neighbours: Vec<Neighbour> = (4..13)
        .map(|i| {
            let r = row(i, "../");
            (r.title, r.url, ["requires", "related", "contrasts"][i % 3].to_string())
        })
        .collect();
    let backlink = |i: usize, kind: &str| Backlink {
        title: row(i, "../").title,
        url: row(i, "../").url,
        kind: kind.into(),
        starts_group: true,
        context_html: "Choose the temperature first, then <mark>cold or warm proofing</mark> follows from it.".into(),
        summary: String::new(),
    };
    NoteView {
        id: "cold-proofing".into(),
        title: "Cold proofing vs warm proofing".into(),
        kind: "concept".into(),
        status: "learning".into(),
        difficulty: "medium".into(),
        difficulty_level: 2,
        importance: Some(80),
        type_url: Some("../types.html#concept".into()),
        status_url: Some("../status.html#learning".into()),
        difficulty_url: Some("../difficulty.html#medium".into()),
        importance_url: Some("../importance.html#b80".into()),
        tags: vec![tag("fermentation", 34), tag("flavour", 12), tag("planning", 5)],
        aliases: vec!["Retarding".into(), "Overnight proof".into()],
        created: "2026-01-02".into(),
        updated: "2026-01-22".into(),
        reading_minutes: 4,
        card_count: 3,
        tldr_html: "<ul><li><strong>Cold</strong> proofing trades time for flavour and a wide window to bake in.</li><li><strong>Warm</strong> proofing is quick, mild, and forgives no delay.</li><li>Choose by when you bake, how rich the dough is, and how sour it may be.</li></ul>".into(),
        anchors: Anchors {
            tldr: "tldr".into(),
            links: "links".into(),
            read_first: "prerequisites".into(),
            related: "related-topics".into(),
            contrasts: "compare-with".into(),
            hidden: vec!["mini-example".into()],
        },
        sections: sections(),
        footnotes_html: FOOTNOTES.into(),
        read_first: vec![
            relation(2, ""),
            Relation { title: "Yeast metabolism".into(), state: "planned".into(), ..Relation::default() },
        ],
        related: vec![
            relation(5, ""),
            relation(8, ""),
            Relation {
                title: "Poke test".into(),
                state: "broken".into(),
                reason: "no note at ../tools/poke-test.md".into(),
                ..Relation::default()
            },
        ],
        contrasts: vec![relation(12, "decides how the yeast is grown; this, how the shaped dough rises.")],
        next_to_learn: vec![relation(10, ""), relation(4, "")],
        next_more: 3,
        backlinks: vec![backlink(10, "requires"), backlink(6, "mentions"), backlink(0, "related")],
        backlinks_more: vec![backlink(9, "mentions")],
        about: vec![row(3, "../")],
        previous: Some(link("Bulk fermentation", "bulk-fermentation.html")),
        next: Some(link("Oven spring", "oven-spring.html")),
        graph: LocalGraph::around("Cold proofing vs warm proofing", &neighbours, "../graph.html#cold-proofing"),
        path: Some(path_panel()),
        ..NoteView::default()
    }
}

fn path_note(i: usize, root: &str) -> PathNote {
    let row = row(i, root);
    PathNote {
        is_mastered: row.status == "mastered",
        title: row.title,
        url: row.url,
        summary: row.summary,
        status: row.status,
        importance: row.importance,
        minutes: 3 + i,
        opens: i % 3,
    }
}

pub fn path() -> PathView {
    let step = |i: usize| PathStep { notes: vec![path_note(i, "../")], ..PathStep::default() };
    let cycle = PathStep { notes: vec![path_note(3, "../"), path_note(4, "../")], more: 1, is_cycle: true };
    let node = |i: usize, kind: &str| PathBox {
        number: i + 1,
        title: row(i, "").title,
        label: format!("{}. {}", i + 1, row(i, "").title),
        url: row(i, "../").url,
        kind: kind.into(),
        x: 144 * (i as u32 % 3),
        y: 60 * (i as u32 / 3),
        width: 132,
        height: 30,
        label_x: 144 * (i as u32 % 3) + 66,
        label_y: 60 * (i as u32 / 3) + 19,
    };
    PathView {
        note: link("Hydration", "../fermentation/hydration.html"),
        note_count: 6,
        minutes: 31,
        skippable_minutes: 5,
        is_cut: true,
        steps: vec![step(1), step(2), cycle, step(8)],
        graph: Some(PathGraph {
            width: 420,
            height: 92,
            nodes: vec![node(0, ""), node(1, "mastered"), node(2, "cycle"), node(3, "target")],
            edges: "M66 30L66 60M210 30L66 60".into(),
        }),
    }
}

fn path_panel() -> PathPanel {
    let step = |i: usize| PathPanelStep {
        title: row(i, "../").title,
        url: row(i, "../").url,
        is_mastered: i.is_multiple_of(2),
    };
    PathPanel {
        url: "../path/cold-proofing.html".into(),
        note_count: 16,
        minutes: 31,
        skippable_minutes: 5,
        steps: (1..5).map(step).collect(),
        more: 11,
    }
}

pub fn map() -> MapView {
    let layer = |number: usize| MapLayer {
        number,
        has_deeper: number == 3,
        count: 20,
        notes: (0..6).map(|i| path_note(number * 3 + i, "")).collect(),
        more: 14,
    };
    MapView {
        intro_html: "<p>Where to begin.</p>".into(),
        whole: Some(link("Map", "map.html")),
        next: (0..3).map(|i| path_note(i, "")).collect(),
        layers: (1..4).map(layer).collect(),
        folders: vec![tag("fermentation", 34)],
        tags: vec![tag("flavour", 12), tag("planning", 5)],
    }
}

/// Rows as the built-in templates write them.
pub fn rows_html(rows: &[NoteRow]) -> String {
    static RENDERER: LazyLock<Renderer> =
        LazyLock::new(|| Renderer::new(&site("en"), &Overrides::new()).expect("the built-in templates are sound"));
    rows.iter().map(|row| RENDERER.row(row).expect("the built-in row shows every note")).collect()
}

pub fn table(n: usize, root: &str) -> NoteTable {
    NoteTable {
        rows_html: rows_html(&rows(n, root)),
        pager: Some(Pager {
            number: 2,
            of: 3,
            previous: Some("1.html".into()),
            next: Some("3.html".into()),
            first_row: 101,
            last_row: 120,
            total: 120,
            steps: Vec::new(),
        }),
        total: 120,
        empty_columns: Vec::new(),
    }
}

pub fn folder_cards() -> Vec<FolderCard> {
    ["Baking", "Fermentation", "Flour", "Kneading & shaping", "Tools", "Troubleshooting"]
        .iter()
        .enumerate()
        .map(|(i, title)| FolderCard {
            title: (*title).into(),
            url: format!("{}/index.html", slug(title)),
            count: 12 + i * 7,
            description: if i % 2 == 0 {
                "What heat does to a dough, from the first minute on.".into()
            } else {
                String::new()
            },
            top: (0..3).map(|n| link(TITLES[(i * 3 + n) % 14].0, "fermentation/hydration.html")).collect(),
        })
        .collect()
}

pub fn home() -> HomeView {
    HomeView {
        intro_is_index: false,
        pager: None,
        pages: vec![link("About this base", "about.html")],
        intro_html: "<p>This base explains bread from what flour, water, salt and time do to each other. Start with what everything rests on.</p>".into(),
        start_here: rows(6, ""),
        recent: rows(5, ""),
        folders: folder_cards(),
        tags: ["fermentation", "flavour", "gluten", "heat", "planning", "rye", "starter", "steam", "yeast"]
            .iter()
            .enumerate()
            .map(|(i, n)| TagLink { name: (*n).into(), url: format!("tags/{n}.html"), count: 40 - i * 4 })
            .collect(),
    }
}

pub fn tags() -> TagsView {
    TagsView { tags: home().tags.into_iter().cycle().take(40).collect(), ..TagsView::default() }
}

pub fn tag_view() -> TagView {
    TagView {
        intro_html: String::new(),
        name: "fermentation".into(),
        spellings: "fermentation\tFermentation".into(),
        table: table(14, "../"),
        near: vec![tag("flavour", 9), tag("yeast", 7)],
    }
}

pub fn groups(of: &str, values: &[&str]) -> GroupsView {
    GroupsView {
        groups: values
            .iter()
            .enumerate()
            .map(|(i, v)| Group {
                value: (*v).into(),
                of: of.into(),
                anchor: format!("g-{i}"),
                url: if i == 3 { "importance/2.html".into() } else { String::new() },
                count: 9 + i,
                rows_html: match i {
                    3 => String::new(),
                    _ => rows_html(&(i * 5..i * 5 + 5).map(|n| row(n, "")).collect::<Vec<_>>()),
                },
            })
            .collect(),
        total: 60,
        ..GroupsView::default()
    }
}

pub fn glossary() -> GlossaryView {
    let term = |i: usize| Term {
        term: TITLES[i].0.into(),
        url: row(i, "").url,
        anchor: format!("canon-glossary-{}", i + 1),
        fragment: String::new(),
        aliases: if i == 3 { vec!["Bulk rise".into()] } else { Vec::new() },
        definition:
            "What yeast and time do to a dough before it is shaped, and what the baker can read from its volume.".into(),
    };
    GlossaryView {
        letters: ["A", "B", "C", "D"]
            .iter()
            .enumerate()
            .map(|(i, l)| Letter {
                letter: (*l).into(),
                anchor: format!("l-{l}"),
                url: String::new(),
                terms: (i * 3..i * 3 + 3).map(term).collect(),
            })
            .collect(),
        ..GlossaryView::default()
    }
}

pub fn recent() -> RecentView {
    RecentView {
        months: vec![
            Month { month: "2026-01".into(), notes: rows(4, "") },
            Month { month: "2025-12".into(), notes: rows(3, "") },
            Month { month: String::new(), notes: rows(1, "") },
        ],
        ..RecentView::default()
    }
}

pub fn wanted() -> WantedView {
    WantedView {
        items: ["Yeast metabolism", "Poke test", "Lamination"]
            .iter()
            .enumerate()
            .map(|(i, n)| WantedItem {
                name: (*n).into(),
                anchor: format!("w-{i}"),
                state: if i == 1 { "broken".into() } else { "planned".into() },
                from: (0..5 - i).map(|n| link(TITLES[n].0, &row(n, "").url)).collect(),
                from_count: 20 - i,
                from_more: 15,
                importance: Some(80),
            })
            .collect(),
        ..WantedView::default()
    }
}

pub fn finding(line: usize) -> Finding {
    Finding {
        file: "fermentation/hydration.md".into(),
        line,
        url: "fermentation/hydration.html".into(),
        message: "No note at `../flour/absorbtion.md`.".into(),
        help: "Did you mean `../flour/absorption.md`?".into(),
        related: vec![OtherPlace { file: "flour/absorption.md".into(), line: 3, url: "flour/absorption.html".into() }],
        more_related: 2,
    }
}

pub fn health() -> HealthView {
    let rule = |rule: &str, summary: &str, severity: &str| RuleFindings {
        rule: rule.into(),
        summary: summary.into(),
        severity: severity.into(),
        count: 12,
        findings: vec![finding(14), finding(0)],
    };
    HealthView {
        errors: 2,
        warnings: 11,
        infos: 40,
        clean_notes: 187,
        in_baseline: 1_204,
        rules: vec![
            rule("broken-link", "A link leads to no note.", "error"),
            rule("orphan-note", "Nothing links to the note.", "warning"),
            rule("unlinked-mention", "A note's title stands in the text without a link.", "info"),
        ],
        ..HealthView::default()
    }
}

pub fn alias() -> AliasView {
    AliasView {
        name: "Retarding".into(),
        target: "../fermentation/retarding.md".into(),
        wanted_url: "../wanted.html#w-1".into(),
        near: vec![link("Cold proofing vs warm proofing", "../fermentation/cold-proofing-vs-warm-proofing.html")],
    }
}

pub fn unreadable() -> UnreadableView {
    UnreadableView {
        file: "fermentation/odd.md".into(),
        findings: vec![finding(3)],
        source: "---\ntitle: [\n---\n\n<script>alert(1)</script>".into(),
    }
}

pub fn redirect() -> RedirectView {
    RedirectView {
        title: "Cold proofing vs warm proofing".into(),
        url: "cold-proofing-vs-warm-proofing.html".into(),
        canonical_url: None,
    }
}

/// What breaks layouts: 300 headings, words of 200 letters, lists in lists, a table of 40 columns, long code, Arabic.
pub fn stress() -> (PageView, PlainView) {
    let mut page = page("page", &format!("Stress {}", "x".repeat(200)), "stress.html");
    let word = "Donaudampfschifffahrt".repeat(10);
    let mut html = format!("<p>{word} <a href=\"x.html\">{word}</a> <code>{word}</code></p>");
    html += &"<ul><li>item".repeat(12);
    html += &"</li></ul>".repeat(12);
    let cells = |tag: &str| (0..40).map(|i| format!("<{tag}>cell {i}</{tag}>")).collect::<String>();
    html += &format!(
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table><thead><tr>{}</tr></thead><tbody><tr>{}</tr></tbody></table></div>",
        cells("th"),
        cells("td")
    );
    html += &format!(
        "<div class=\"code\" data-language=\"text\"><pre tabindex=\"0\"><code>{word}{word}</code></pre></div>"
    );
    html +=
        &format!("<div class=\"callout note\"><p>{word}</p><p>{word}</p></div><blockquote><p>{word}</p></blockquote>");
    html += "<p>التخمير البارد يقايض الوقت بالنكهة، والدافئ يقايض النكهة بالوقت؛ اختر بحسب موعد الخبز وغنى العجين.</p>";
    for i in 0..300 {
        page.toc.push(TocEntry { level: 2 + (i % 2) as u8, title: format!("{i} {word}"), anchor: format!("h{i}") });
        html += &format!("<h{l} id=\"h{i}\">{i} {word}</h{l}>", l = 2 + i % 2);
    }
    (page, PlainView { html, updated: String::new() })
}
