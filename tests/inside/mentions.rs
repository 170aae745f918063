//! `unlinked-mention`: which words of a text name another note. Each test is a base of names and a text that may name them.

use super::base;

use crate::base::site::Site;
use crate::config::Config;
use std::fs;

/// A note: its path without `.md`, its title, and more lines of frontmatter.
type Named<'a> = (&'a str, &'a str, &'a str);

/// A base of notes that have names and of one, `reader`, that has a text.
fn site(names: &[Named], text: &str, common: &[&str]) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: String| fs::write(folder.path().join(format!("{path}.md")), text).unwrap();
    for (path, title, more) in names {
        let name = serde_json::Value::from(*title);
        put(path, format!("---\nid: {path}\ntitle: {name}\n{more}---\n# {title}\n\nNothing to see.\n"));
    }
    put("reader", format!("---\nid: reader\ntitle: A reader of everything\n---\n{text}\n"));
    let mut config = Config::default();
    config.check.common_words = common.iter().map(|word| word.to_string()).collect();
    let site = base::site(folder.path(), config);
    (folder, site)
}

/// The words of `reader` that name another note, each with the note's path, in the order of the text.
fn found(names: &[Named], text: &str, common: &[&str]) -> Vec<(String, String)> {
    let (_folder, site) = site(names, text, common);
    let mut found = Vec::new();
    for finding in base::findings_of(&site, "unlinked-mention").diagnostics {
        let source = site.vault.file(finding.file);
        assert_eq!(&*source.path, "reader.md", "{}", finding.message);
        let target = finding.help.rsplit_once("](").unwrap().1.trim_end_matches(".md)`").to_string();
        found.push((finding.span.start, source.slice(finding.span).to_string(), target));
    }
    found.sort();
    found.into_iter().map(|(_, words, target)| (words, target)).collect()
}

#[track_caller]
fn check(names: &[Named], text: &str, want: &[(&str, &str)]) {
    let want: Vec<_> = want.iter().map(|(words, target)| (words.to_string(), target.to_string())).collect();
    assert_eq!(found(names, text, &[]), want, "{text}");
}

#[test]
fn the_longest_name_wins() {
    let names = [("tree", "Merge tree", ""), ("log", "Log-structured merge tree", ""), ("btree", "B-Tree", "")];
    check(&names, "It is a log-structured merge tree.", &[("log-structured merge tree", "log")]);
    check(
        &names,
        "A merge tree, or a log-structured merge tree.",
        &[("merge tree", "tree"), ("log-structured merge tree", "log")],
    );
    // Of two that overlap the first, whichever is longer.
    let names = [("a", "Read repair", ""), ("b", "Repair of old replicas", "")];
    check(&names, "With read repair of old replicas.", &[("read repair", "a")]);
}

#[test]
fn a_longer_name_that_is_cut_short_leaves_the_shorter_one() {
    let names = [("btree", "B-Tree", ""), ("page", "B-Tree page", "")];
    check(&names, "All B-Tree pages are full.", &[("B-Tree", "btree")]);
}

#[test]
fn a_linked_longer_name_does_not_free_the_shorter_one() {
    let names = [("filter", "Filter step", ""), ("bloom", "Bloom filter step", "")];
    check(&names, "The [step](bloom.md) is a bloom filter step.", &[]);
}

#[test]
fn aliases_are_names_and_a_note_is_reported_once() {
    let names = [("pg", "PostgreSQL", "aliases: [Postgres, The elephant]\n")];
    check(&names, "In Postgres, also called PostgreSQL or the elephant.", &[("Postgres", "pg")]);
    check(&names, "As [here](pg.md) said, Postgres is one.", &[]);
    check(&names, "As [here](pg.md#nowhere) said, Postgres is one.", &[]);
    check(&names, "Postgres is linked [later](pg.md).", &[]);
}

#[test]
fn words_end_where_they_end_in_every_script() {
    let table: &[(&str, &str, &[&str])] = &[
        // Latin: punctuation ends a word; letters, digits and hyphens of the same word do not.
        ("Bloom filter", "A (bloom filter), a “bloom filter”.", &["bloom filter"]),
        ("Bloom filter", "The bloom filter's size.", &["bloom filter"]),
        ("Bloom filter", "Many bloom filters, a bloom filter2, a pre-bloom filter, a bloom filter-like thing.", &[]),
        ("Bloom filter", "A bloom_filter and a_bloom filter_b.", &[]),
        ("Écluse", "Une écluse s'ouvre.", &["écluse"]),
        ("Cafe", "A cafe\u{301} is not that one.", &[]),
        // German: a compound is another word.
        ("Sperre", "Eine Lesesperre ist keine Schreibsperre.", &[]),
        ("Sperre", "Er hält eine Sperre, bis er fertig ist.", &["Sperre"]),
        ("Größe", "Die GRÖSSE zählt, und größere auch; die größe ebenso.", &["größe"]),
        // Cyrillic, in either case.
        ("Индекс", "Здесь нужен индекс по дате.", &["индекс"]),
        ("Индекс", "Здесь переиндексация и индексы.", &[]),
        ("уровень изоляции", "Так Уровень Изоляции выше.", &["Уровень Изоляции"]),
        ("Κλείδωμα", "Ένα κλείδωμα εδώ.", &["κλείδωμα"]),
        // Chinese and Japanese write no spaces.
        ("索引", "数据库的索引很重要。", &["索引"]),
        ("隔离级别", "它的隔离级别更高。", &["隔离级别"]),
        ("インデックス", "このインデックスを使う。", &["インデックス"]),
        ("インデックス", "このインデックススキャンは速い。", &[]),
        ("テーブル", "そのテーブルー式。", &[]),
        ("結合", "表の結合は遅い。", &["結合"]),
        ("時々", "それは時々Rustだ。", &["時々"]),
        // Latin words among them.
        ("TTL", "使用TTL清除数据。", &["TTL"]),
        ("TTL", "使用ATTL清除数据。", &[]),
    ];
    for (title, text, want) in table {
        let want: Vec<(&str, &str)> = want.iter().map(|words| (*words, "it")).collect();
        check(&[("it", title, "")], text, &want);
    }
}

#[test]
fn only_prose_is_read() {
    let names = [("bloom", "Bloom filter", "")];
    for text in [
        "## A bloom filter\n\nNothing.",
        "### `bloom filter`\n",
        "It says `bloom filter` here.",
        "```text\nbloom filter\n```",
        "    bloom filter",
        "A [bloom filter](https://example.com/).",
        "A [bloom filter](gone.md).",
        "A [[bloom|bloom filter]].",
        "See <https://example.com/bloom filter>.",
        "![bloom filter](bloom.png)",
        "<!-- bloom filter -->\n\nText.",
        "$bloom filter$",
        "- **Bloom filter:** it.",
        "## Links\n### Related topics\n- a bloom filter",
        "## Links (NO duplication)\n### Compare with\n- bloom filter",
    ] {
        check(&names, text, &[]);
    }
    for text in [
        "A bloom filter.",
        "> A bloom filter.",
        "- A bloom filter.",
        "1) Or:\n   - a bloom filter",
        "| a | b |\n|---|---|\n| bloom filter | c |",
        "A *bloom filter*.",
        "Text[^1].\n\n[^1]: A bloom filter.",
    ] {
        check(&names, text, &[("bloom filter", "bloom")]);
    }
}

#[test]
fn frontmatter_names_nothing() {
    let names = [
        ("bloom", "Bloom filter", ""),
        ("other", "Other", "tags: [bloom filter]\ndescription: a bloom filter\naliases: [Bloom filter of Burton]\n"),
    ];
    check(&names, "Nothing here.", &[]);
}

#[test]
fn a_name_may_go_on_in_the_next_line_but_not_in_the_next_block() {
    let names = [("bloom", "Bloom filter", "")];
    check(&names, "It asks the bloom\nfilter first.", &[("bloom\nfilter", "bloom")]);
    check(&names, "- It asks the bloom\n  filter first.", &[("bloom\n  filter", "bloom")]);
    check(&names, "> It asks the bloom\n> filter first.", &[("bloom\n> filter", "bloom")]);
    check(&names, "- bloom\n- filter", &[]);
    check(&names, "Such is a bloom\n\nfilter of yesterday", &[]);
}

#[test]
fn marks_inside_a_name_are_not_torn_apart() {
    let names = [("bloom", "Bloom filter", "")];
    for text in ["A **bloom** filter.", "A bloom\n**filter** first.", "A **bloom**\nfilter first."] {
        let (_folder, site) = site(&names, text, &[]);
        let fixes = base::findings_of(&site, "unlinked-mention").diagnostics.into_iter().filter_map(|d| d.fix);
        assert_eq!(fixes.count(), 0, "{text}");
    }
}

#[test]
fn a_note_never_names_itself() {
    let folder = tempfile::tempdir().unwrap();
    let text = "---\nid: bloom\ntitle: Bloom filter\naliases: [Burton's filter]\n---\n# Bloom filter\n\n## Definition\n\
                **What it is:** A bloom filter, or Burton's filter, says no for sure.\n";
    fs::write(folder.path().join("bloom.md"), text).unwrap();
    assert_eq!(base::findings_of(&base::site(folder.path(), Config::default()), "unlinked-mention").diagnostics, []);
}

#[test]
fn capitals_count_only_in_capitals_wherever_they_stand() {
    let names = [("explain", "EXPLAIN", "")];
    check(&names, "I explain it, and Explain it again.", &[]);
    check(&names, "Run EXPLAIN first.", &[("EXPLAIN", "explain")]);
    check(&names, "EXPLAIN comes first.", &[("EXPLAIN", "explain")]);
}

#[test]
fn common_words_count_only_in_their_case_and_inside_a_sentence() {
    let names = [("lock", "Lock", "")];
    let with = |text: &str| found(&names, text, &["lock"]).len();
    for text in [
        "Take a lock.",
        "Lock it.",
        "It ends. Lock it.",
        "- Lock it.",
        "Really? “Lock it.”",
        "## Part\n\nLock it.",
        "Steps: Lock it.",
        "¿Lock?",
    ] {
        assert_eq!(with(text), 0, "{text}");
    }
    assert_eq!(with("It takes a Lock."), 1);
    assert_eq!(found(&names, "Take a lock.", &[]).len(), 1, "it is common only where it is said to be");
    let index = [("index", "Index", "")];
    assert_eq!(found(&index, "Take an index.", &["Index", "Lock", "Queue"]).len(), 0);
}

#[test]
fn words_of_many_notes_are_common_by_themselves() {
    let base = |users: usize| {
        let (folder, _) = site(&[("buffer", "Buffer", "")], "It lies in a buffer.", &[]);
        for n in 0..40 {
            let text = if n < users { "So it waits in [the buffer](buffer.md) for a buffer." } else { "Nothing." };
            let text = format!("---\nid: n{n}\ntitle: N{n} of many\n---\n{text}\n");
            fs::write(folder.path().join(format!("n{n}.md")), text).unwrap();
        }
        base::findings_of(&base::site(folder.path(), Config::default()), "unlinked-mention").diagnostics.len()
    };
    assert_eq!(base(0), 1);
    assert_eq!(base(20), 0, "a word in half of the notes is no name");
}

#[test]
fn the_end_of_a_longer_name_means_that_one_in_its_own_note_and_where_it_is_linked() {
    let names = [
        ("levels", "Isolation levels", ""),
        ("pg-levels", "PostgreSQL isolation levels", ""),
        ("pg", "PostgreSQL", ""),
    ];
    check(&names, "See [them](pg-levels.md): the isolation levels differ.", &[]);
    check(&names, "The isolation levels differ.", &[("isolation levels", "levels")]);
    // Its beginning is another thing.
    check(&names, "See [them](pg-levels.md): so PostgreSQL does it.", &[("PostgreSQL", "pg")]);
    let names_with_place = [("explain", "Explain (PostgreSQL)", ""), ("pg", "PostgreSQL", "")];
    check(&names_with_place, "See [it](explain.md): so PostgreSQL does it.", &[("PostgreSQL", "pg")]);
    let (folder, _) = site(&names, "Nothing.", &[]);
    let own = "---\nid: pg-levels\ntitle: PostgreSQL isolation levels\n---\nThe isolation levels of Postgres.\n";
    fs::write(folder.path().join("pg-levels.md"), own).unwrap();
    assert_eq!(base::findings_of(&base::site(folder.path(), Config::default()), "unlinked-mention").diagnostics, []);
    let names = [("levels", "隔离级别", ""), ("pg-levels", "数据库隔离级别", "")];
    check(&names, "见[那里](pg-levels.md)：其隔离级别不同。", &[]);
}

#[test]
fn what_is_before_a_parenthesis_is_a_name_if_it_says_enough() {
    let names =
        [("ttl", "TTL (time to live)", ""), ("joins", "SQL joins (inner, left)", ""), ("view", "View (SQL)", "")];
    check(&names, "With a TTL and SQL joins in a view.", &[("TTL", "ttl"), ("SQL joins", "joins")]);
}

#[test]
fn one_word_before_a_parenthesis_is_a_name_where_the_base_writes_it_so() {
    let names = [("kafka", "Kafka (core concepts)", ""), ("cache", "Cache (hardware)", "")];
    check(&names, "It goes to Kafka first.", &[("Kafka", "kafka")]);
    check(&names, "Kafka stores it. Then Kafka reads it.", &[("Kafka", "kafka")]);
    check(&names, "It is in a cache, a Cache, and the cache again.", &[]);
    check(&names, "It is kafka for me.", &[]);
    // Only the capital of a sentence start is no evidence.
    check(&names, "Cache it. Caches of a cache.", &[]);
    let two = [("kafka", "Kafka (core concepts)", ""), ("ops", "Kafka (operations)", "")];
    check(&two, "It goes to Kafka first.", &[]);
    let title = [("ops", "Kafka (operations)", ""), ("kafka", "Kafka", "")];
    check(&title, "It goes to Kafka first.", &[("Kafka", "kafka")]);
}

#[test]
fn a_term_that_its_own_text_explains_is_no_mention() {
    let names = [("bloom", "Bloom filter", "")];
    for text in [
        "**Bloom filter**: it.",
        "**Bloom filter:** it.",
        "- **Bloom filter** — it.",
        "- **Bloom filter** (of Burton) is it.",
        "1) **A Bloom filter** - it.",
        "> **Bloom filter** → it.",
        "**Bloom filter**\n\nIt is one.",
        "Bloom filter\n: a set that says no.",
        "> [!note] Bloom filter\n> Text.",
        "%% a bloom filter %%\n\nText.",
    ] {
        check(&names, text, &[]);
    }
    for text in
        ["A **Bloom filter** — it.", "**Bloom filter** sets forget nothing.", "Filter\n: a Bloom filter or not."]
    {
        check(&names, text, &[("Bloom filter", "bloom")]);
    }
}

#[test]
fn the_first_word_of_another_product_is_no_mention() {
    let names = [("kafka", "Kafka", ""), ("redis", "Redis", ""), ("sentinel", "Sentinel", "")];
    check(&names, "We run Kafka Streams.", &[]);
    check(&names, "We run Kafka Streams on Kafka.", &[("Kafka", "kafka")]);
    check(&names, "We run Kafka streams.", &[("Kafka", "kafka")]);
    check(&names, "We run Kafka TCP.", &[("Kafka", "kafka")]);
    check(&names, "We run Kafka. Streams are new.", &[("Kafka", "kafka")]);
    check(&names, "We run Redis Sentinel.", &[("Redis", "redis"), ("Sentinel", "sentinel")]);
}

/// A base of notes with these texts and one note `buffer` titled `title`: the number of mentions.
fn mentions_of(title: &str, texts: &[String]) -> usize {
    let (folder, _) = site(&[("buffer", title, "")], "Nothing.", &[]);
    for (n, text) in texts.iter().enumerate() {
        let text = format!("---\nid: n{n}\ntitle: N{n} of many\n---\n{text}\n");
        fs::write(folder.path().join(format!("n{n:03}.md")), text).unwrap();
    }
    base::findings_of(&base::site(folder.path(), Config::default()), "unlinked-mention").diagnostics.len()
}

#[test]
fn a_word_that_more_notes_use_than_link_is_no_mention() {
    let base = |lower: usize, upper: usize, links: usize| {
        let texts =
            [("A buffer.", lower), ("This is a Buffer.", upper), ("See [it](buffer.md).", links), ("Nothing.", 200)];
        let texts: Vec<String> = texts.iter().flat_map(|(text, count)| vec![text.to_string(); *count]).collect();
        mentions_of("Buffer", &texts)
    };
    assert_eq!(base(2, 0, 0), 2, "two notes may use it so");
    assert_eq!(base(3, 0, 0), 0);
    assert_eq!(base(3, 2, 0), 2, "the exact case within a sentence remains");
    assert_eq!(base(3, 2, 3), 5, "as many notes link to it");
}

#[test]
fn a_name_of_many_notes_is_a_word_unless_as_many_link_to_it() {
    let base = |users: usize, links: usize| {
        let texts = [("Ask GiST.", users), ("See [it](buffer.md).", links), ("Nothing.", 1000 - users - links)];
        let texts: Vec<String> = texts.iter().flat_map(|(text, count)| vec![text.to_string(); *count]).collect();
        mentions_of("GiST", &texts)
    };
    assert_eq!(base(8, 0), 8);
    assert_eq!(base(9, 0), 0);
    assert_eq!(base(9, 9), 9);
    assert_eq!(base(21, 30), 0, "2 % of 1,002 notes are 20");
}

#[test]
fn the_suggested_link_has_the_syntax_of_the_base() {
    let fix = |link: &str, text: &str| {
        let names = [("sub-bloom", "Bloom filter", ""), ("other", "Other", "")];
        let text = format!("{link}\n\n{text}");
        let (_folder, site) = site(&names, &text, &[]);
        let found = base::findings_of(&site, "unlinked-mention").diagnostics;
        found[0].fix.as_ref().map(|fix| fix.edits[0].text.clone()).unwrap_or_default()
    };
    assert_eq!(fix("[o](other.md)", "A bloom filter."), "[bloom filter](sub-bloom.md)");
    assert_eq!(fix("[[other]]", "A bloom filter."), "[[sub-bloom|bloom filter]]");
    assert_eq!(fix("[[other]]", "|a|\n|-|\n|bloom filter|"), "[[sub-bloom\\|bloom filter]]");
    assert_eq!(fix("[[other]] [o](other.md)", "A bloom filter."), "[bloom filter](sub-bloom.md)");
    assert_eq!(fix("Text.", "A bloom filter."), "[bloom filter](sub-bloom.md)");
}

#[test]
fn names_of_alias_notes_and_of_notes_that_are_not_canonical_lead_nowhere() {
    let names = [("old", "Old filter", "canonical: false\n"), ("bloom", "Bloom filter", ""), ("ab", "ab", "")];
    check(&names, "An old filter, an ab.", &[]);
}
