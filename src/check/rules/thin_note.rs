//! `thin-note`: notes with too little content for practice.

use super::{Check, Context, Rule};
use crate::check::report::counted;
use crate::config::schema::{NoteRequirements, Schema, Section};
use crate::note::Note;
use crate::note::sections;
use crate::text::diagnostic::{Diagnostic, Severity};
use crate::text::ids::NoteId;
use crate::text::source::Span;

/// The rule `thin-note`.
pub(super) const THIN_NOTE: Rule = Rule {
    id: "thin-note",
    severity: Severity::Info,
    summary: "few trap questions or trade-offs, no rule for when to avoid it, a question without an answer",
    explanation: include_str!("thin-note.md"),
    checks: &[Check::Note(check)],
};

fn check(&Context { site, .. }: &Context<'_>, note: NoteId, out: &mut Vec<Diagnostic>) {
    let own = site.note(note);
    if !own.is_note() || own.doc.cut_off.is_some() {
        return;
    }
    let mut report = |span: Span, message: String, help: &str| {
        out.push(Diagnostic::new(THIN_NOTE.id, own.file, span, message, help));
    };
    for card in own.cards.iter().filter(|card| !card.answered) {
        report(card.span, "a question without an answer".into(), "write the answer below it: `- **A:** …`");
    }
    let Some(required) = site.requirements(own) else { return };
    for (span, message, help) in faults(&site.schema, own, required) {
        report(span, message, help);
    }
}

/// The requirements that a note does not meet, each with its span, message and help.
fn faults(schema: &Schema, note: &Note, required: &NoteRequirements) -> Vec<(Span, String, &'static str)> {
    let mut faults = Vec::new();
    // A missing section is reported by `missing-section`, and a section marked N/A needs no content.
    let place = |section: Section| {
        let heading = note.doc.find(section)?;
        (!sections::is_blank(&note.doc, heading)).then(|| note.doc.headings[heading].span)
    };
    let answered = note.cards.iter().filter(|c| c.answered).count();
    if let Some(span) = place(Section::TrapQuestions).filter(|_| answered < required.cards) {
        let message =
            format!("{}; at least {} are required", counted(answered, "answered trap question"), required.cards);
        faults.push((span, message, "add questions about common mistakes, with answers"));
    }
    let found = sections::trade_offs(&note.doc);
    if let Some(span) = place(Section::TradeOffs).filter(|_| found < required.trade_offs) {
        let message = format!("{}; at least {} are required", counted(found, "trade-off"), required.trade_offs);
        faults.push((span, message, "add an item for each trade-off, with its pros and cons"));
    }
    let wanted = required.sections.contains(&Section::DecisionRules);
    if let Some(span) = place(Section::DecisionRules).filter(|_| wanted && !has_two_sides(schema, note)) {
        let message = "only one side of the decision".to_string();
        faults.push((span, message, "add a list `Avoid … when`, or a second `Use … when` for the alternative"));
    }
    faults
}

/// Whether there is an `Avoid … when` or a second `Use … when`, as a heading or as a bold label.
fn has_two_sides(schema: &Schema, note: &Note) -> bool {
    let headings = note.doc.headings.iter().filter(|h| h.top).filter_map(|h| h.section);
    let labels = note.doc.labels.iter();
    let mut uses = 0;
    // The iterator is lazy: labels are looked up only if the headings do not decide.
    headings.chain(labels.filter_map(|label| schema.section(note.doc.name_of(label)))).any(|section| {
        uses += usize::from(section == Section::UseWhen);
        section == Section::AvoidWhen || uses > 1
    })
}
