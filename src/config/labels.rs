//! The words that label what a paragraph, an item or a section holds: `**Q:**`, `**Pros:**`, `**What it is:**`,
//! `### Use … when`. They are data of the schema, in every language at once; `[schema.labels]` of `canon.toml` adds names.
//! Knows words, no document.

use serde::{Deserialize, Serialize};

/// How much of a label must be the name of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it: an answer is labelled `A`, not `A problem`.
    Whole,
    /// All of it but a number at its end: `Q1`, `Question 2.`
    Numbered,
    /// Its first words: `Pros (sync)` are pros, `Project` is none.
    Start,
    /// What stands before and behind the `…` of the name: `Use a queue when`.
    Around,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $key:literal $extent:ident [$($name:literal),* $(,)?];)*) => {
        /// What a label says of the text behind it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum LabelKind {
            $($(#[$doc])* #[serde(rename = $key)] $variant,)*
        }

        impl LabelKind {
            /// Every kind.
            pub(crate) const ALL: &'static [LabelKind] = &[$(LabelKind::$variant),*];

            /// The key used in configuration.
            pub(crate) fn key(self) -> &'static str {
                match self { $(LabelKind::$variant => $key),* }
            }

            fn extent(self) -> Extent {
                match self { $(LabelKind::$variant => Extent::$extent),* }
            }

            /// The built-in names, folded as [`folded`] does it: English, then Spanish.
            fn names(self) -> &'static [&'static str] {
                match self { $(LabelKind::$variant => &[$($name),*]),* }
            }
        }
    };
}

kinds! {
    /// A trap question.
    Question "question" Numbered ["q", "question", "p", "pregunta"];
    /// The answer to the question before it.
    Answer "answer" Whole ["a", "answer", "r", "respuesta"];
    /// The definition in one sentence.
    WhatItIs "what-it-is" Whole ["what it is", "qué es"];
    /// Terms of the glossary, with commas between.
    KeyTerms "key-terms" Whole ["key terms", "términos clave"];
    /// Arguments for.
    Pros "pros" Start [
        "pros", "pro", "advantage", "advantages", "benefit", "benefits",
        "ventaja", "ventajas", "beneficio", "beneficios", "a favor",
    ];
    /// Arguments against.
    Cons "cons" Start [
        "cons", "con", "cost", "costs", "risk", "risks", "disadvantage", "disadvantages", "drawback", "drawbacks",
        "contra", "contras", "desventaja", "desventajas", "coste", "costes", "riesgo", "riesgos", "en contra",
    ];
    /// What a concept does not cover. Every label beside it in a section on the scope says what it covers.
    OutOfScope "out-of-scope" Start ["out", "fuera"];
    /// A mistake that many make.
    AntiPattern "anti-pattern" Start ["anti", "antipattern", "antipatterns", "antipatrón", "antipatrones"];
    /// Why such a mistake is one.
    WhyBad "why-bad" Start ["why", "por qué"];
    /// What to do instead of it.
    Better "better" Start ["better", "instead", "mejor", "en su lugar", "en vez de"];
    /// Cases in which to decide for it.
    UseWhen "use-when" Around ["use … when", "usar … cuando", "usa … cuando", "úsalo … cuando", "úsala … cuando"];
    /// Cases in which to decide against it.
    AvoidWhen "avoid-when" Around [
        "avoid … when", "don't … when", "skip … when",
        "evitar … cuando", "evita … cuando", "evítalo … cuando", "evítala … cuando",
    ];
}

/// The labels that a schema knows: the built-in ones and those of `canon.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Labels {
    /// Names beside the built-in ones, folded.
    own: Vec<(String, LabelKind)>,
}

impl Labels {
    /// The built-in labels and these.
    pub(crate) fn with<'a>(own: impl IntoIterator<Item = (&'a String, &'a LabelKind)>) -> Labels {
        let fold = |(name, kind): (&String, &LabelKind)| (folded(name).collect::<String>().replace("...", "…"), *kind);
        Labels { own: own.into_iter().map(fold).filter(|(name, _)| !name.is_empty()).collect() }
    }

    /// Whether a label, given without its colon, is of this kind.
    pub(crate) fn is(&self, kind: LabelKind, label: &str) -> bool {
        let label = match kind.extent() {
            Extent::Numbered => label.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'),
            _ => label,
        };
        let label = label.trim_start();
        let own = self.own.iter().filter(|(_, own)| *own == kind).map(|(name, _)| name.as_str());
        let mut names = kind.names().iter().copied().chain(own);
        names.any(|name| may_fit(name, label) && fits(kind.extent(), name, label))
    }
}

/// A cheap filter before [`fits`]: false only if both texts begin with different ASCII letters. Nearly every label of a
/// base is compared with nearly every name, and folding all of them took 9 % of the instructions of `canon check`.
fn may_fit(name: &str, label: &str) -> bool {
    match (name.bytes().next(), label.bytes().next()) {
        (Some(name), Some(label)) if name.is_ascii() && label.is_ascii() => name == label.to_ascii_lowercase(),
        _ => true,
    }
}

fn fits(extent: Extent, name: &str, label: &str) -> bool {
    match extent {
        Extent::Start => rest_after(name, label).is_some_and(|next| !next.is_some_and(char::is_alphanumeric)),
        Extent::Whole | Extent::Numbered => rest_after(name, label) == Some(None),
        Extent::Around => match name.split_once('…') {
            Some((before, behind)) => is_around(before.trim(), behind.trim(), label),
            None => rest_after(name, label) == Some(None),
        },
    }
}

/// The character that follows a folded name in a label that begins with it; `Some(None)` if nothing follows.
fn rest_after(name: &str, label: &str) -> Option<Option<char>> {
    let mut label = folded(label);
    name.chars().all(|c| label.next() == Some(c)).then(|| label.next())
}

/// Whether a label begins with the words `before` and ends with the words `behind`.
fn is_around(before: &str, behind: &str, label: &str) -> bool {
    let label: String = folded(label).collect();
    let between = label.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
    // Between whole words there is a space; where the name begins or ends with its `…`, the label goes on with any word.
    let apart = |rest: &str| (before.is_empty() || rest.starts_with(' ')) && (behind.is_empty() || rest.ends_with(' '));
    between.is_some_and(|rest| apart(rest) && !(before.is_empty() && behind.is_empty()))
}

/// The characters of a label as names are compared: small letters, plain quotes, single spaces.
fn folded(label: &str) -> impl Iterator<Item = char> {
    let words = label.split_whitespace().enumerate();
    let spaced = words.flat_map(|(at, word)| (at > 0).then_some(' ').into_iter().chain(word.chars()));
    spaced.flat_map(|c| {
        match c {
            '’' | '‘' => '\'',
            '“' | '”' | '„' | '«' | '»' => '"',
            c => c,
        }
        .to_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_recognised_in_both_languages() {
        let labels = Labels::default();
        use LabelKind::*;
        for (label, kind) in [
            ("Q", Question),
            ("Q12", Question),
            ("Question 2.", Question),
            ("Pregunta 3", Question),
            ("answer", Answer),
            ("R", Answer),
            ("What  it is", WhatItIs),
            ("QUÉ ES", WhatItIs),
            ("Términos clave", KeyTerms),
            ("Pros (sync)", Pros),
            ("Advantages", Pros),
            ("Ventajas: hoy", Pros),
            ("Costs / risks", Cons),
            ("Contras", Cons),
            ("Out of scope / NOT solved by this", OutOfScope),
            ("Fuera de alcance", OutOfScope),
            ("Anti-pattern 2", AntiPattern),
            ("Antipatrón", AntiPattern),
            ("Why it’s bad", WhyBad),
            ("Por qué es malo", WhyBad),
            ("Better approach", Better),
            ("Instead", Better),
            ("En su lugar", Better),
            ("Use a queue when", UseWhen),
            ("Use when", UseWhen),
            ("Usar una cola cuando", UseWhen),
            ("Don’t use it when", AvoidWhen),
            ("Evítalo cuando", AvoidWhen),
        ] {
            let found: Vec<LabelKind> = LabelKind::ALL.iter().copied().filter(|k| labels.is(*k, label)).collect();
            assert_eq!(found, [kind], "{label}");
        }
    }

    #[test]
    fn words_that_only_begin_like_a_label_are_none() {
        let labels = Labels::default();
        for label in [
            "",
            "A problem",
            "Answers",
            "Quality",
            "Project",
            "Process",
            "Context",
            "Concurrency",
            "Costly",
            "Outcome",
            "Antivirus",
            "Whyever",
            "Used when",
            "Use it",
            "Use it whenever",
            "When",
            "Usewhen",
            "12",
            "Question of taste",
        ] {
            let found: Vec<&LabelKind> = LabelKind::ALL.iter().filter(|kind| labels.is(**kind, label)).collect();
            assert!(found.is_empty(), "{label}: {found:?}");
        }
    }

    #[test]
    fn own_names_are_matched_as_the_built_in_ones_of_their_kind() {
        let own = [
            ("Frage", LabelKind::Question),
            ("Dafür", LabelKind::Pros),
            ("Nimm ... wenn", LabelKind::UseWhen),
            ("Besser nicht", LabelKind::AvoidWhen),
            (" ", LabelKind::Answer),
        ];
        let own = own.map(|(name, kind)| (name.to_string(), kind));
        let labels = Labels::with(own.iter().map(|(name, kind)| (name, kind)));
        for (label, kind) in [
            ("FRAGE 7", LabelKind::Question),
            ("dafür (lokal)", LabelKind::Pros),
            ("Nimm eine Schlange, wenn", LabelKind::UseWhen),
            ("Nimm wenn", LabelKind::UseWhen),
            ("Besser  nicht", LabelKind::AvoidWhen),
            ("Q", LabelKind::Question),
        ] {
            assert!(labels.is(kind, label), "{label}");
        }
        assert!(!labels.is(LabelKind::Pros, "Dafürhalten") && !labels.is(LabelKind::Answer, ""));
    }
}
