//! `canon cards`: prints the questions and answers of a site as flashcards for other programs.

use super::{Global, Outcome, print_unchanged};
use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::data::feeds::absolute;
use crate::data::practice::cards::{SiteCard, site_cards, site_id};
use crate::pages::compose::{Composer, Findings, Parts, folder_title, plain_text};
use crate::publish::files::{renderer, sizes};
use crate::system::atomic_write;
use crate::system::disk::from_here;
use crate::text::html_escape::escaped;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Print the questions with answers as flashcards
#[derive(Debug, clap::Args)]
pub(super) struct Cards {
    /// The site, or a folder of notes
    #[arg(default_value = ".")]
    root: PathBuf,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// The file to write, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// JSON, documented for programs.
    Json,
    /// Tab-separated values that Anki imports.
    Tsv,
}

impl Cards {
    pub(super) fn run(&self, global: &Global) -> Outcome {
        let location = global.locate(&self.root)?;
        let (own, vault) = (location.read_own_files()?, location.read_content()?);
        let analysis = analyze(location.config.clone(), vault, own.static_files.clone(), false, AnalysisMode::Build);
        let site = analysis.site;
        let composer = Composer::new(Parts {
            bodies: analysis.bodies,
            sizes: Arc::new(sizes(&site)?),
            renderer: Arc::new(renderer(&site, &own, false)?),
            findings: Findings::default(),
            site: site.clone(),
        });
        let text = match self.format {
            Format::Json => format!("{}\n", serde_json::to_string_pretty(&document(&site, &composer))?),
            Format::Tsv => tsv(&site, &composer),
        };
        match &self.output {
            None => print_unchanged(&text),
            Some(file) => {
                let written = atomic_write::write(file, text.as_bytes());
                Ok(written.map_err(|error| format!("cannot write the cards `{}`: {error}", from_here(file)))?)
            }
        }
    }
}

/// The cards for programs.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// The name of the site in logs of practice.
    site: String,
    cards: Vec<CardDocument<'a>>,
}

#[derive(Serialize)]
struct CardDocument<'a> {
    id: String,
    /// The id of the note.
    note: &'a str,
    title: &'a str,
    folder: &'a str,
    tags: &'a [String],
    question: &'a str,
    answer: String,
    question_html: String,
    /// Links are relative to the root of the site.
    answer_html: String,
    /// The output path of the note with the card as fragment, not percent-encoded.
    url: String,
}

fn document<'a>(site: &'a Site, composer: &Composer) -> Document<'a> {
    let card = |card: SiteCard<'a>| {
        let (question_html, answer_html) = composer.card_html("index.html", card.note, card.card);
        let note = site.note(card.note);
        CardDocument {
            note: &site.graph.keys[card.note],
            title: &note.title,
            folder: note.folder(),
            tags: &note.head.tags,
            question: &card.card.question,
            answer: plain_text(&answer_html).trim().to_string(),
            question_html,
            answer_html,
            url: url(site, &card),
            id: card.id,
        }
    };
    Document { version: 1, site: site_id(site), cards: site_cards(site).into_iter().map(card).collect() }
}

/// The output path of the page of a card with its fragment.
fn url(site: &Site, card: &SiteCard<'_>) -> String {
    format!("{}#canon-card-{}", &site.routes.notes[card.note], card.number)
}

/// The cards for Anki. The first column identifies a card, so a second import updates it; deck and tags come from folder and
/// note.
fn tsv(site: &Site, composer: &Composer) -> String {
    let mut out = String::from(
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n",
    );
    let site_name = site_id(site);
    for card in site_cards(site) {
        let note = site.note(card.note);
        let (question, answer) = composer.unlinked_card_html(card.note, card.card);
        let source = match absolute(&site.config.base_url, &url(site, &card)) {
            Some(url) => format!("<p><a href=\"{}\">{}</a></p>", escaped(&url), escaped(&note.title)),
            None => format!("<p>{}</p>", escaped(&note.title)),
        };
        let tags: Vec<String> = note.head.tags.iter().map(|tag| tag.replace(char::is_whitespace, "_")).collect();
        let guid = format!("{site_name}:{}", card.id);
        let columns =
            [&guid, "Basic", &deck(site, note.folder()), &question, &format!("{answer}{source}"), &tags.join(" ")];
        let quoted = columns.map(|column| format!("\"{}\"", column.replace('"', "\"\"")));
        out.push_str(&quoted.join("\t"));
        out.push('\n');
    }
    out
}

/// The deck of a folder: the titles of the site and of all folders down to it.
fn deck(site: &Site, folder: &str) -> String {
    let ends = folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]).filter(|&end| end > 0);
    let titles = ends.map(|end| folder_title(site, &folder[..end]));
    // Two colons would begin a deck within the deck.
    let titles = std::iter::once(site.config.title.clone()).chain(titles).map(|title| title.replace("::", ":"));
    titles.collect::<Vec<_>>().join("::")
}
