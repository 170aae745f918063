//! The cards of a site: the questions with answers, and their identity. Knows no HTML.
//!
//! The identity of a card is a hash of the id of its note and the words of its question, without case, marks and white space.
//! So it survives edits of the answer, moves of the note and a new order of the questions.

use crate::base::site::Site;
use crate::note::cards::Card;
use crate::text::ids::NoteId;
use crate::text::slug::slug;
use rustc_hash::FxHashSet;

/// A card of a site.
#[derive(Debug, Clone)]
pub(crate) struct SiteCard<'a> {
    /// The identity: 16 hexadecimal digits.
    pub id: String,
    /// The note.
    pub note: NoteId,
    /// The number among the questions of the note, from 1.
    pub number: usize,
    /// The question and the answer.
    pub card: &'a Card,
}

/// The name of a site in logs: its title as in an address.
pub(crate) fn site_id(site: &Site) -> String {
    slug(&site.config.title)
}

/// The answered cards of all concept notes, in path order. A note that asks a question twice has one card for it.
pub(crate) fn site_cards(site: &Site) -> Vec<SiteCard<'_>> {
    let mut cards = Vec::new();
    let mut seen = FxHashSet::default();
    for (note, own) in site.concepts() {
        for (number, card) in (1..).zip(&own.cards).filter(|(_, card)| card.answered) {
            let id = card_id(&site.graph.keys[note], card);
            if seen.insert(id.clone()) {
                cards.push(SiteCard { id, note, number, card });
            }
        }
    }
    cards
}

/// The identity of a card of the note with this id.
pub(crate) fn card_id(note: &str, card: &Card) -> String {
    let hash = blake3::hash(format!("{note}\n{:016x}", card.key).as_bytes());
    hash.to_hex()[..16].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::analyze::{AnalysisMode, analyze};
    use crate::base::vault::Vault;
    use crate::config::Config;
    use crate::text::source::SourceFile;

    fn ids(path: &str, id: &str, questions: &str) -> Vec<String> {
        let text = format!("---\nid: {id}\ntitle: T\n---\n\n## Interview readiness\n### Trap questions\n{questions}");
        let files = vec![SourceFile::new(path, &text)];
        let vault = Vault { markdown: 1, files: files.into(), ..Vault::default() };
        let site = analyze(Config::default(), vault, Vec::new(), false, AnalysisMode::Check).site;
        site_cards(&site).into_iter().map(|card| card.id).collect()
    }

    #[test]
    fn a_card_stays_the_same_card() {
        let before = ids("a.md", "a", "1. **Q:** Is it *fast*?\n   - **A:** No.\n2. **Q:** Why?\n   - **A:** So.\n");
        assert_eq!(before.len(), 2);
        let reversed =
            ids("x/b.md", "a", "1. **Q:** Why?\n   - **A:** So.\n2. **Q:** is  it fast\n   - **A:** Not at all.\n");
        assert_eq!(reversed, [before[1].clone(), before[0].clone()], "moved, in a new order, with a new answer");
        assert_ne!(ids("a.md", "other", "1. **Q:** Why?\n   - **A:** So.\n")[0], before[1]);
        assert_eq!(
            ids("a.md", "a", "1. **Q:** Why?\n   - **A:** So.\n2. **Q:** WHY?\n   - **A:** So.\n3. **Q:** What?\n"),
            [before[1].clone()]
        );
    }

    #[test]
    fn a_site_is_named_by_its_title() {
        let site = |title: &str| {
            let config = Config { title: title.into(), ..Config::default() };
            site_id(&analyze(config, Vault::default(), Vec::new(), false, AnalysisMode::Check).site)
        };
        assert_eq!(site("Knowledge gym"), "knowledge-gym");
    }
}
