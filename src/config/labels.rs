//! The words that label the content of a paragraph, an item or a section: `**Q:**`, `**Pros:**`, `**What it is:**`,
//! `### Use … when`. They are data of the schema and apply in all languages at once; `[schema.labels]` of `canon.toml`
//! adds words. Knows words, but no document.

use serde::{Deserialize, Serialize};

/// The part of a label that must equal the name of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The whole label: an answer is labelled `A`, not `A problem`.
    Whole,
    /// The whole label except for a number at its end: `Q1`, `Question 2.`
    Numbered,
    /// The first words: `Pros (sync)` labels pros, `Project` does not.
    Start,
    /// The words before and after the `…` of the name: `Use a queue when`.
    Around,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $key:literal $extent:ident [$($name:literal),* $(,)?];)*) => {
        /// The role of the text after a label.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum LabelKind {
            $($(#[$doc])* #[serde(rename = $key)] $variant,)*
        }

        impl LabelKind {
            /// All kinds.
            pub(crate) const ALL: &'static [LabelKind] = &[$(LabelKind::$variant),*];

            /// The key in configuration.
            pub(crate) fn key(self) -> &'static str {
                match self { $(LabelKind::$variant => $key),* }
            }

            fn extent(self) -> Extent {
                match self { $(LabelKind::$variant => Extent::$extent),* }
            }

            /// The built-in names in the form that [`folded`] returns: English, then Spanish.
            fn names(self) -> &'static [&'static str] {
                match self { $(LabelKind::$variant => &[$($name),*]),* }
            }
        }
    };
}

kinds! {
    /// A trap question.
    Question "question" Numbered ["q", "question", "p", "pregunta"];
    /// The answer to the previous question.
    Answer "answer" Whole ["a", "answer", "r", "respuesta"];
    /// The definition in one sentence.
    WhatItIs "what-it-is" Whole ["what it is", "qué es"];
    /// Words that the note explains, separated by commas.
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
    /// The limits of a concept. All remaining labels of a section on the scope introduce what is in scope.
    OutOfScope "out-of-scope" Start ["out", "fuera"];
    /// A common mistake.
    AntiPattern "anti-pattern" Start ["anti", "antipattern", "antipatterns", "antipatrón", "antipatrones"];
    /// The reason why the mistake is one.
    WhyBad "why-bad" Start ["why", "por qué"];
    /// The alternative to the mistake.
    Better "better" Start ["better", "instead", "mejor", "en su lugar", "en vez de"];
    /// Cases in which to choose the concept.
    UseWhen "use-when" Around ["use … when", "usar … cuando", "usa … cuando", "úsalo … cuando", "úsala … cuando"];
    /// Cases in which not to choose the concept.
    AvoidWhen "avoid-when" Around [
        "avoid … when", "don't … when", "skip … when",
        "evitar … cuando", "evita … cuando", "evítalo … cuando", "evítala … cuando",
    ];
}

/// The labels of a schema: the built-in ones and those of `canon.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Labels {
    /// Additional names, folded.
    own: Vec<(String, LabelKind)>,
}

impl Labels {
    /// The built-in labels with the additional names `own`.
    pub(crate) fn with<'a>(own: impl IntoIterator<Item = (&'a String, &'a LabelKind)>) -> Labels {
        // On a keyboard without `…`, the name in `canon.toml` has three full stops.
        let fold = |(name, kind): (&String, &LabelKind)| (folded(name).collect::<String>().replace("...", "…"), *kind);
        Labels { own: own.into_iter().map(fold).filter(|(name, _)| !name.is_empty()).collect() }
    }

    /// Whether a label, given without its colon, is of the kind `kind`.
    pub(crate) fn is(&self, kind: LabelKind, label: &str) -> bool {
        let label = match kind.extent() {
            Extent::Numbered => label.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'),
            _ => label,
        };
        let label = label.trim_start();
        let own = self.own.iter().filter(|(_, own)| *own == kind).map(|(name, _)| name.as_str());
        let mut names = kind.names().iter().copied().chain(own);
        names.any(|name| may_match(name, label) && has_name(kind.extent(), name, label))
    }
}

/// A cheap pre-filter for [`has_name`]: `false` only if the two texts start with different ASCII letters. Nearly every
/// label of a base is compared with nearly every name, and folding all labels took 9 % of the instructions of `canon
/// check`.
fn may_match(name: &str, label: &str) -> bool {
    match (name.bytes().next(), label.bytes().next()) {
        // `is_ascii` is necessary: a label that starts with a non-ASCII letter or quote can fold to an ASCII character.
        (Some(name), Some(label)) if name.is_ascii() && label.is_ascii() => name == label.to_ascii_lowercase(),
        _ => true,
    }
}

/// Whether a label has the folded name `name`, compared by the rule of `extent`.
fn has_name(extent: Extent, name: &str, label: &str) -> bool {
    match extent {
        Extent::Start => rest_after(name, label).is_some_and(|next| !next.is_some_and(char::is_alphanumeric)),
        Extent::Whole | Extent::Numbered => rest_after(name, label) == Some(None),
        Extent::Around => match name.split_once('…') {
            Some((before, behind)) => is_around(before.trim(), behind.trim(), label),
            // The author of `canon.toml` may omit the `…`.
            None => rest_after(name, label) == Some(None),
        },
    }
}

/// The character after the folded name at the start of a label; `Some(None)` at the end of the label. `None` if the
/// label does not start with the name.
fn rest_after(name: &str, label: &str) -> Option<Option<char>> {
    let mut label = folded(label);
    name.chars().all(|c| label.next() == Some(c)).then(|| label.next())
}

/// Whether a label starts with the words `before` and ends with the words `behind`.
fn is_around(before: &str, behind: &str, label: &str) -> bool {
    let label: String = folded(label).collect();
    let between = label.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
    // A space must separate whole words. If the name starts or ends with `…`, any word may follow there.
    let is_separated =
        |rest: &str| (before.is_empty() || rest.starts_with(' ')) && (behind.is_empty() || rest.ends_with(' '));
    between.is_some_and(|rest| is_separated(rest) && !(before.is_empty() && behind.is_empty()))
}

/// The characters of a label in the form for comparison: lower case, straight quotes, single spaces.
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
