//! What diagrams are drawn, what is refused and where, and that any text ends in bounded time.

use super::*;
use proptest::prelude::*;

fn drawn(source: &str) -> Drawing {
    match &*draw(source) {
        Ok(drawing) => drawing.clone(),
        Err(fault) => panic!("{fault:?}\n{source}"),
    }
}

fn fault(source: &str) -> Fault {
    match &*draw(source) {
        Ok(drawing) => panic!("{}\n{source}", drawing.svg),
        Err(fault) => fault.clone(),
    }
}

/// The texts of a drawing, sorted.
fn words(source: &str) -> Vec<String> {
    let svg = drawn(source).svg;
    let texts = svg.split("<text").skip(1).filter_map(|text| text.split_once('>')?.1.split_once("</text>"));
    let mut texts: Vec<String> = texts.map(|(text, _)| text.to_string()).collect();
    texts.sort();
    texts
}

fn count(source: &str, class: &str) -> usize {
    drawn(source).svg.matches(&format!("class=\"diagram-{class}\"")).count()
}

#[test]
fn boxes_and_lines_of_a_flowchart_are_drawn_in_every_spelling() {
    let source = "flowchart LR\n a[One] --> b(Two) -.-> c{Three} ==> d((Four))\n a -- yes --> e>Flag]\n b -->|no| f[(Store)] & g{{Six}}\n \
                  h([Pill]) --o i[[Sub]]; i --x j[/Lean/]\n j <--> k[\\Back\\] ---- l[/Top\\] ~~~ m[\\Low/]\n n(((Ring))) -. maybe .-> o";
    let expected = [
        "Back", "Flag", "Four", "Lean", "Low", "One", "Pill", "Ring", "Six", "Store", "Sub", "Three", "Top", "Two",
        "maybe", "no", "no", "o", "yes",
    ];
    assert_eq!(words(source), expected);
    // Eleven lines: the invisible one is not drawn, and a cross consists of two strokes.
    assert_eq!((count(source, "dotted"), count(source, "thick")), (2, 1));
    assert_eq!(count(source, "filled"), 9, "{}", drawn(source).svg);
}

#[test]
fn a_name_without_brackets_is_its_own_words_and_the_last_brackets_count() {
    assert_eq!(words("graph TD; A-->B;B-->C-D; C-D-->A"), ["A", "B", "C-D"]);
    assert_eq!(words("graph\n a --> b\n b[Last] --> a"), ["Last", "a"]);
}

#[test]
fn labels_are_plain_text_with_breaks_and_escapes() {
    let source = "flowchart TD\n a[\"Load <b>all</b><br/>of #quot;it#quot; & #35;1\"] --> b[\"`x < y`\"]";
    assert_eq!(words(source), ["Load all", "of \"it\" &amp; #1", "x &lt; y"]);
    assert_eq!(words("flowchart TD\n a[<script>alert(1)</script> \"> <img src=x>]"), ["alert(1) \"&gt;"]);
    let long = words(&format!("flowchart TD\n a[{}]", "word ".repeat(20)));
    assert!(long.len() > 3, "{long:?}");
}

#[test]
fn groups_are_boxes_around_boxes_and_lines_end_at_their_outline() {
    let source =
        "flowchart TD\n subgraph one[First group]\n a --> b\n subgraph inner\n c\n end\n end\n one --> d\n d --> inner";
    assert_eq!(count(source, "group"), 2);
    assert_eq!(words(source), ["First group", "a", "b", "c", "d", "inner"]);
    assert_eq!(count(source, "filled"), 3);
}

#[test]
fn a_sequence_is_drawn_with_its_frames_notes_and_bars() {
    let source = "sequenceDiagram\n autonumber\n actor U as User\n participant S\n U->>+S: ask\n alt ok\n S-->>-U: yes\n else not\n S--xU: no\n end\n \
                  Note over U,S: both<br/>of them\n S->>S: think\n Note right of S: aside\n par one\n U-)S: a\n and two\n U->S: b\n end";
    let expected = [
        "1", "2", "3", "4", "5", "6", "S", "S", "User", "User", "[not]", "[ok]", "[one]", "[two]", "a", "alt", "aside",
        "ask", "b", "both", "no", "of them", "par", "think", "yes",
    ];
    assert_eq!(words(source), expected);
    assert_eq!((count(source, "frame"), count(source, "note"), count(source, "lifeline")), (2, 2, 2));
}

#[test]
fn states_are_drawn_within_each_other() {
    let source = "stateDiagram-v2\n [*] --> Idle\n Idle --> Run : start\n state Run {\n [*] --> Fetch\n Fetch --> [*]\n }\n Run --> [*]\n \
                  state \"Long name\" as L\n L : more\n Idle --> L\n state f <<fork>>\n L --> f\n state c <<choice>>\n f --> c\n note right of Idle\n waits\n end note";
    assert_eq!(words(source), ["Fetch", "Idle", "Long name", "Run", "more", "start", "waits"]);
    assert_eq!((count(source, "group"), count(source, "note")), (1, 1));
}

#[test]
fn classes_are_drawn_with_members_and_relations() {
    let source = "classDiagram\n class Shape {\n <<interface>>\n +area() double\n -List~Point~ corners\n }\n Shape <|.. Circle : is a\n \
                  Owner \"1\" *-- \"many\" Shape\n Circle : ~hide()*\n namespace Extra {\n class Other[\"A label\"]\n }\n note for Circle \"round\"";
    let expected = [
        "+area() double",
        "-List&lt;Point&gt; corners",
        "1",
        "A label",
        "Circle",
        "Extra",
        "Owner",
        "Shape",
        "is a",
        "many",
        "round",
        "«interface»",
        "~hide()",
    ];
    let mut found = words(source);
    found.sort();
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn titles_and_descriptions_are_read() {
    let source = "---\ntitle: \"The title\"\n---\n%% a comment\n%%{init: {\n'theme': 'dark'}}%%\nflowchart TD\naccDescr {\n Two\n lines\n}\n a";
    let drawing = drawn(source);
    assert_eq!((drawing.title.as_str(), drawing.description.as_str()), ("The title", "Two lines"));
    assert_eq!(drawn("graph TD\naccTitle: Other\naccDescr: What it shows\na").title, "Other");
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    for (source, line, part) in [
        ("", 0, "empty"),
        ("%% nothing", 0, "empty"),
        ("gantt\n title x", 0, "`gantt` are not drawn"),
        ("flowchart TD\n a[open --> b", 1, "`[` is not closed"),
        ("flowchart TD\n a --> ", 1, "missing at the end"),
        ("flowchart TD\n a b", 1, "there is no line at `b`"),
        ("flowchart TD\n a@{ shape: cloud }", 1, "`@{…}`"),
        ("flowchart TD\n a\n end", 2, "ends nothing"),
        ("flowchart TD\n subgraph x\n a", 2, "no `end`"),
        ("flowchart XX\n a", 0, "`XX`"),
        ("sequenceDiagram\n A->>B: x\n what", 2, "`what` is not understood"),
        ("sequenceDiagram\n loop x\n A->>B: x", 2, "no `end`"),
        ("sequenceDiagram\n create participant A", 1, "`create`"),
        ("stateDiagram-v2\n a --> b\n --", 2, "regions"),
        ("stateDiagram-v2\n state a {\n b", 2, "not closed"),
        ("classDiagram\n class A {\n x", 2, "not closed"),
        ("classDiagram\n what is this", 1, "not understood"),
    ] {
        let fault = fault(source);
        assert_eq!(fault.line, line, "{source}: {fault:?}");
        assert!(fault.why.contains(part), "{source}: {fault:?}");
    }
}

#[test]
fn large_diagrams_are_refused_and_those_within_the_limits_are_drawn() {
    let chain = |n: usize| (0..n).map(|i| format!("a{i} --> a{}", i + 1)).collect::<Vec<_>>().join("\n");
    assert!(draw(&format!("flowchart TD\n{}", chain(110))).is_ok());
    for source in [
        format!("flowchart TD\n{}", chain(399)),
        format!("flowchart TD\n{}", "a --> b\n".repeat(401)),
        format!("flowchart TD\n{}\n{}", "subgraph x\n".repeat(20), "end\n".repeat(20)),
        format!("flowchart TD\n{}", vec!["a & b & c & d & e & f & g & h"; 40].join(" --> ")),
        format!("sequenceDiagram\n{}", (0..40).map(|i| format!("participant p{i}\n")).collect::<String>()),
        format!("flowchart TD\n a[{}]", "x".repeat(20_000)),
    ] {
        assert!(draw(&source).is_err(), "{}", &source[..60]);
    }
    let dense: String =
        (0..60).flat_map(|a| [1, 7, 13, 29].map(|step| format!("n{a} --> n{}\n", (a + step) % 60))).collect();
    let before = std::time::Instant::now();
    let _ = draw(&format!("flowchart TD\n{dense}"));
    assert!(before.elapsed().as_secs() < 20, "{:?}", before.elapsed());
}

/// The attributes that a drawing may have: nothing that styles by itself, loads or runs.
#[test]
fn a_drawing_has_classes_and_numbers_alone() {
    let attribute = regex::Regex::new(r#"\s([a-z-]+)="([^"]*)""#).unwrap();
    for source in [
        "flowchart TD\n a[\"x\"]:::y --> b[(c)]\n style a fill:#f00\n click a \"javascript:alert(1)\"",
        "sequenceDiagram\n A->>B: <b onclick=x>",
    ] {
        let svg = drawn(source).svg;
        let markup: String =
            svg.split('<').filter_map(|tag| tag.split('>').next()).map(|tag| format!("<{tag}")).collect();
        for found in attribute.captures_iter(&markup) {
            let (name, value) = (&found[1], &found[2]);
            let is_number = |c: char| c.is_ascii_digit() || " .,-MLCAVHZ".contains(c);
            match name {
                "class" => assert!(value.starts_with("diagram-"), "{value}"),
                "text-anchor" => assert_eq!(value, "start"),
                "d" | "points" | "x" | "y" | "width" | "height" | "rx" | "cx" | "cy" | "r" => {
                    assert!(value.chars().all(is_number), "{name}={value}");
                }
                _ => panic!("{name}={value}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_text_is_drawn_or_refused_alike_each_time(
        kind in "(flowchart TD|graph LR|sequenceDiagram|stateDiagram-v2|classDiagram)",
        lines in prop::collection::vec(
            "(subgraph |end|state |note |class |loop |alt |else|Note over )?[ab*\\[\\](){}<>|/\\\\:;.=~\"&o+é#-]{0,14}[ab]?(-->|->>|<\\|--|:| )?[ab\\[\\]*]{0,3}",
            0..8,
        ),
    ) {
        let source = format!("{kind}\n{}", lines.join("\n"));
        let first = draw_new(&source);
        prop_assert_eq!(&first, &draw_new(&source));
        if let Ok(drawing) = first {
            prop_assert!(drawing.view.2 < 200_000 && drawing.view.3 < 200_000 && !drawing.svg.contains("NaN"));
        }
    }
}
