//! Lists that grow with the base: no page, script or data file that a page loads grows without a bound.

use super::built::{Built, build};
use std::collections::BTreeSet;

/// The size that no page of a folder may exceed.
const PAGE_LIMIT: usize = 100_000;

fn note(id: &str, title: &str, tags: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {title}\ntype: concept\nstatus: learning\nimportance: 50\ndifficulty: easy\ntags: [{tags}]\n\
         created_at: 2026-01-01\nupdated_at: 2026-01-02\n---\n\n# {title}\n\n## Definition\n**What it is:** {title}, told in \
         one sentence of a length that is usual for a definition in a knowledge base.\n"
    )
}

/// A folder `many` of `count` notes, with further files.
fn folder_of(count: usize, more: &[(&str, String)]) -> Built {
    let mut files: Vec<(String, String)> = (0..count)
        .map(|n| {
            (format!("many/thing-{n:04}.md"), note(&format!("thing-{n:04}"), &format!("Adaptive Thing {n:04}"), "x"))
        })
        .collect();
    files.extend(more.iter().map(|(path, text)| (path.to_string(), text.clone())));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    build(&files)
}

/// The pages of the folder `many`, in order.
fn pages(built: &Built, stem: &str) -> Vec<String> {
    let further = (2..).map(|n| format!("many/{stem}/{n}.html")).take_while(|path| built.files.contains_key(path));
    std::iter::once("many/index.html".to_string()).chain(further).collect()
}

/// How often each thing is linked from the text and the tables of some pages, by number.
fn linked(built: &Built, pages: &[String], count: usize) -> Vec<usize> {
    let html: String = pages.iter().map(|path| built.main(path)).collect();
    (0..count).map(|n| html.matches(&format!("thing-{n:04}.html\"")).count()).collect()
}

fn items(numbers: std::ops::Range<usize>, before: &str) -> String {
    numbers.map(|n| format!("{before}- [Adaptive Thing {n:04}](thing-{n:04}.md)\n")).collect()
}

fn is_bounded(built: &Built, pages: &[String]) {
    for path in pages {
        let size = built.html(path).len();
        assert!(size <= PAGE_LIMIT, "{path}: {size} bytes");
    }
}

#[test]
fn a_folder_without_a_text_continues_on_further_pages() {
    let built = folder_of(230, &[]);
    let pages = pages(&built, "index");
    assert_eq!(pages.len(), 3);
    is_bounded(&built, &pages);
    assert!(linked(&built, &pages, 230).iter().all(|count| *count == 1));
    let first = built.main("many/index.html");
    assert!(
        first.contains("data-total=\"230\"") && first.contains("data-folder=\"many/\""),
        "the filter knows the list"
    );
    assert!(built.main("many/index/3.html").contains("201–230 / 230"));
}

#[test]
fn notes_of_an_index_by_hand_are_listed_once_in_its_own_order() {
    let text = format!(
        "# Many\n\nFirst words.\n\n## Odd\n\n- Group **one**\n{}\n## Even\n\n{}\n## The end\n\nLast words.\n",
        items(0..330, "  "),
        items(330..500, "")
    );
    let link = "---\nid: far\ntitle: Far\n---\n\nSee [the end](many/_index.md#the-end).\n".to_string();
    let built = folder_of(500, &[("many/_index.md", text), ("far.md", link)]);
    let pages = pages(&built, "index");
    is_bounded(&built, &pages);
    assert!(linked(&built, &pages, 500).iter().all(|count| *count == 1), "each note is linked once");
    let all: String = pages.iter().map(|path| built.main(path)).collect();
    let places: Vec<usize> = (0..500).filter_map(|n| all.find(&format!("thing-{n:04}.html\""))).collect();
    assert!(places.is_sorted(), "in the order of the author");
    assert!(built.words("many/index.html").contains("First words."));
    assert!(built.words(&pages[pages.len() - 1]).contains("Last words."));
    // Each part repeats what the links are about.
    assert!(built.main("many/index/2.html").contains(">Odd") && built.words("many/index/2.html").contains("Group one"));
    assert!(
        built.html("far.html").contains("many/index.html#the-end")
            && built.main("many/index.html").contains("id=\"the-end\"")
    );
    for path in &pages {
        let main = built.main(path);
        for tag in ["ul", "ol", "li", "p", "h2"] {
            let (open, close) = (
                main.matches(&format!("<{tag}>")).count() + main.matches(&format!("<{tag} ")).count(),
                main.matches(&format!("</{tag}>")).count(),
            );
            assert_eq!(open, close, "{path}: <{tag}>");
        }
    }
}

#[test]
fn a_table_and_a_numbered_list_by_hand_go_on_as_such() {
    let rows: String = (0..350).map(|n| format!("| [Adaptive Thing {n:04}](thing-{n:04}.md) | word {n} |\n")).collect();
    let numbered: String =
        (350..700).map(|n| format!("{}. [Adaptive Thing {n:04}](thing-{n:04}.md)\n", n - 345)).collect();
    let text = format!("# Many\n\n| Note | Word |\n|---|---|\n{rows}\n{numbered}");
    let built = folder_of(700, &[("many/_index.md", text)]);
    let pages = pages(&built, "index");
    is_bounded(&built, &pages);
    assert!(linked(&built, &pages, 700).iter().all(|count| *count == 1));
    let with_rows: Vec<&str> =
        pages.iter().map(|path| built.main(path)).filter(|main| main.contains("word ")).collect();
    assert!(with_rows.len() > 1 && with_rows.iter().all(|main| main.contains("<thead>") && main.contains("</table>")));
    // The first number of the list is 5, and note n has the number n - 345.
    let later = pages
        .iter()
        .map(|path| built.main(path))
        .find(|main| main.contains("<ol start=\"") && !main.contains("<ol start=\"5\""));
    let later = later.expect("the list continues on a further page");
    let start: usize = later.split("<ol start=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!(later.split("<ol start=").nth(1).unwrap().contains(&format!("thing-{:04}.html", start + 345)));
}

#[test]
fn a_text_with_a_few_links_leaves_the_table_whole() {
    let text = "# Many\n\nBegin with [the first](thing-0000.md).\n".to_string();
    let built = folder_of(120, &[("many/_index.md", text)]);
    let pages = pages(&built, "index");
    assert_eq!(pages.len(), 2);
    let counts = linked(&built, &pages, 120);
    assert_eq!(counts[0], 2, "once in the text, once in the table");
    assert!(counts[1..].iter().all(|count| *count == 1));
    assert!(!built.words("many/index.html").contains("More notes"));
}

#[test]
fn further_pages_of_a_folder_take_no_path_of_a_note() {
    let own = note("two", "Two", "x");
    let built = folder_of(250, &[("many/index/2.md", own.clone()), ("index/2.md", own)]);
    assert!(built.words("many/index/2.html").contains("Two, told in"));
    assert!(built.words("index/2.html").contains("Two, told in"));
    assert_eq!(pages(&built, "index-2").len(), 3);
    assert!(built.found.iter().all(|finding| finding.rule != "output-collision"));
}

#[test]
fn many_folders_continue_on_further_pages_and_the_tree_is_in_parts() {
    let files: Vec<(String, String)> = (0..330)
        .map(|n| (format!("many/folder-{n:03}/note.md"), note(&format!("note-{n}"), &format!("Note {n}"), "x")))
        .collect();
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let built = folder_of(330, &files);
    let pages = pages(&built, "index");
    // The tree beside the text has 60 folders, too.
    assert!(pages.iter().all(|path| built.html(path).len() < PAGE_LIMIT + 8_000));
    let all: String = pages.iter().map(|path| built.main(path)).collect();
    let cards = (0..330).filter(|n| all.contains(&format!("folder-{n:03}/index.html\""))).count();
    assert_eq!(cards, 330);
    let trees: Vec<&Vec<u8>> =
        built.files.iter().filter(|(path, _)| path.starts_with("_canon/tree/")).map(|(_, bytes)| bytes).collect();
    assert!(trees.len() > 1, "{} files", trees.len());
    assert!(trees.iter().all(|bytes| bytes.len() < 120_000));
    let text: String = trees.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(text.contains("\"many/folder-329\""));
    // 330 notes and 330 folders, of which the file has 300 each.
    assert!(text.contains(",60,\"many/index.html\"]"), "the number of entries left out");
}

#[test]
fn the_list_of_all_tags_continues_and_folds_tags_of_one_note() {
    let files: Vec<(String, String)> = (0..520)
        .map(|n| {
            (format!("n{n}.md"), note(&format!("n{n}"), &format!("N {n}"), &format!("shared-{}, own-{n:03}", n % 5)))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let built = build(&files);
    let (first, second) = (built.main("tags/index.html"), built.main("tags/index/2.html"));
    let folded = first.split("<details").nth(1).expect("tags of one note are folded");
    assert!(!folded.contains("shared-") && folded.contains("own-000"));
    assert!(second.contains("<details class=\"fold\" open>"), "a page of such tags only shows them");
    let names: BTreeSet<String> = (0..520).map(|n| format!("own-{n:03}.html")).collect();
    assert!(names.iter().all(|name| first.contains(name) != second.contains(name)));
    assert!(!built.files.contains_key("tags/index/3.html"));
}

#[test]
fn tables_have_no_column_that_no_row_has_a_value_for() {
    let bare = "---\nid: bare\ntitle: Bare\n---\n\nText.\n";
    let full = note("full", "Full", "x");
    let built = build(&[("a/full.md", &full), ("b/bare.md", bare)]);
    assert!(
        built.main("b/index.html").contains("class=\"notes no-type no-importance no-difficulty no-status no-updated\"")
    );
    assert!(built.main("a/index.html").contains("class=\"notes\""));
    let built = build(&[("b/bare.md", bare)]);
    assert!(!built.main("b/index.html").contains("data-column=\"type\""), "no note of the base has a type");
}

/// The rows of the glossary: term, definition.
fn glossary(built: &Built) -> Vec<(String, String)> {
    let words = |html: &str| {
        let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let rows = built.main("glossary.html").split("<dt>").skip(1);
    let row = |row: &str| {
        let (term, definition) = row.split_once("</dt>").expect("a term");
        (words(term), words(definition.split("</dd>").next().unwrap_or_default().trim_start_matches("<dd>")))
    };
    rows.map(row).collect()
}

fn explaining(id: &str, importance: u8, terms: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: {id}\ntype: concept\nimportance: {importance}\n---\n\n# {id}\n\n## Definition\n**What it is:** The \
         note {id}.\n\n**Key terms:**\n\n{terms}\n"
    )
}

#[test]
fn key_terms_explained_in_a_list_are_rows_of_the_glossary() {
    let first = explaining(
        "alpha",
        50,
        "- **Quorum**: more than half of the nodes.\n- Leases — promises with an end.\n- bare\n- **Beta**: a note.\n",
    );
    let second =
        explaining("beta", 90, "- **quorums**: the majority, as beta has it.\n- **Hint** - kept for another.\n");
    let under_heading = "---\nid: gamma\ntitle: gamma\n---\n\n# gamma\n\nGamma is a note.\n\n### Key terms\n\n- `Lease`: rent.\n- **Epoch:** a number of a term.\n";
    let built = build(&[("alpha.md", &first), ("beta.md", &second), ("gamma.md", under_heading)]);
    let rows = glossary(&built);
    let terms: Vec<&str> = rows.iter().map(|(term, _)| term.as_str()).collect();
    // `Beta` is a note; `quorums` of the more important note stands for `Quorum`, and `Leases` for `Lease`.
    assert_eq!(terms, ["alpha", "beta", "Epoch", "gamma", "Hint", "Leases", "quorums"]);
    assert_eq!(rows[6].1, "the majority, as beta has it.");
    assert_eq!(rows[2].1, "a number of a term.");
    let main = built.main("glossary.html");
    assert!(main.contains("href=\"beta.html#definition\"") && built.html("beta.html").contains("id=\"definition\""));
    assert!(main.contains("href=\"gamma.html#key-terms\"") && built.html("gamma.html").contains("id=\"key-terms\""));
    let notes = String::from_utf8_lossy(&built.files["api/notes.json"]);
    assert!(notes.contains("\"terms\":[\"Quorum\",\"Leases\",\"Beta\"]"), "{notes}");
}

#[test]
fn what_has_no_definition_is_no_row() {
    let named =
        note("named", "Named", "x").replace("**What it is:** ", "**Key terms:** quorum, lease.\n\n**What it is:** ");
    let empty = "---\nid: empty\ntitle: Empty\n---\n\n# Empty\n";
    let built = build(&[("named.md", &named), ("empty.md", empty)]);
    let terms: Vec<String> = glossary(&built).into_iter().map(|(term, _)| term).collect();
    assert_eq!(terms, ["Named"]);
}

#[test]
fn long_lists_of_names_have_files_for_their_filter() {
    let wanted: String = (0..130).map(|n| format!("[[Wanted thing {n:03}]] ")).collect();
    let files: Vec<(String, String)> =
        (0..120).map(|n| (format!("n{n}.md"), note(&format!("n{n}"), &format!("N {n:03}"), "x"))).collect();
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let wishes = format!("---\nid: wishes\ntitle: Wishes\n---\n\n{wanted}\n");
    files.push(("wishes.md", &wishes));
    let built = build(&files);
    let names = |path: &str| String::from_utf8_lossy(&built.files[path]).into_owned();
    assert!(names("_canon/glossary/0.js").starts_with("canonNames([\"glossary/0\",[\"N 000\""));
    assert!(names("_canon/wanted/0.js").contains("Wanted thing 129"));
    assert!(
        built.main("glossary/2.html").contains("id=\"canon-glossary-101\"")
            && built.main("glossary.html").contains("data-total=\"121\"")
    );
    assert!(built.main("wanted.html").contains("data-names=\"wanted\" data-total=\"130\""));
}
