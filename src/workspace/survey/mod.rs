//! Looks at a folder of notes and guesses the configuration that fits: content folder, fields, sections, link style. Each
//! guess has the share of the notes that it is based on. Writes no file.
//!
//! Example: of 200 notes 194 have a `title`, which is 97 %, so the field is required; 3 have a `mood`, 1.5 %, so the field
//! is known; a field of one note is 0.5 % and stays unknown.

mod fields;
mod origin;
mod settings;
mod style;

use super::{LoadError, Location};
use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::site::Site;
use crate::check::report::thousands;
use crate::check::rules::{self, topic_of};
use crate::config::schema::{Kind, Schema, Section};
use crate::note::frontmatter::{Date, raw_values};
use crate::text::diagnostic::{Diagnostic, RuleId, Severity, Topic};
use crate::text::source::FileId;
use fields::{GuessedField, Head};
use origin::{Because, Origin};
use settings::{GuessedSchema, Setting, Settings, key, list, text};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A number of notes out of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) count: usize,
    pub(crate) of: usize,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of notes", percent(self.count, self.of))
    }
}

/// Whether at least 95 % have it.
fn is_required(share: Share) -> bool {
    share.count > 0 && share.count * 100 >= share.of * 95
}

/// Whether at least 1 % have it.
fn is_known(share: Share) -> bool {
    share.count * 100 >= share.of
}

/// A share in whole percent, rounded down, so that only all are 100 %.
fn percent(count: usize, of: usize) -> String {
    match (count * 100).checked_div(of) {
        Some(0) if count > 0 => "under 1 %".into(),
        share => format!("{} %", share.unwrap_or(0)),
    }
}

/// A guess with its reason: `title: in 97 % of notes -> required`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guess {
    subject: String,
    evidence: String,
    decision: String,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.subject, self.evidence, self.decision)
    }
}

/// What a look at a folder of notes gives.
#[derive(Debug)]
pub(crate) struct Survey {
    /// The text of the `canon.toml` that fits.
    pub(crate) settings: String,
    /// The guesses, in the order of the settings.
    pub(crate) guesses: Vec<Guess>,
    /// The site with these settings.
    pub(crate) site: Arc<Site>,
    /// The findings with these settings.
    pub(crate) findings: Vec<Diagnostic>,
    /// The output folder.
    pub(crate) output: String,
}

/// The state of a survey: the settings so far, and the reasons.
struct Draft {
    settings: Settings,
    guesses: Vec<Guess>,
}

impl Draft {
    fn guess(&mut self, subject: impl Into<String>, evidence: impl Into<String>, decision: impl Into<String>) {
        self.guesses.push(Guess { subject: subject.into(), evidence: evidence.into(), decision: decision.into() });
    }

    fn site(&self, folder: &Path) -> Result<Arc<Site>, LoadError> {
        let location = Location::with_text(folder, &self.settings.text())?;
        let (vault, own) = (location.read_content()?, location.read_own_files()?);
        Ok(analyze(location.config, vault, own.static_files, false, AnalysisMode::Check).site)
    }
}

/// Looks at a folder of notes. `baseline` is the name of the baseline file that the settings will name.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn survey(folder: &Path, baseline: &str, today: Date) -> Result<Survey, LoadError> {
    let mut origin = origin::origin(folder);
    let mut draft = start(folder, &origin, baseline);
    let mut site = draft.site(folder)?;
    if origin.program.is_none() && origin.content.value != "." {
        let whole =
            Origin { content: Because { value: ".".into(), why: "links start there".into() }, ..origin.clone() };
        let (other, inside) = (start(folder, &whole, baseline), format!("{}/", origin.content.value));
        let other_site = other.site(folder)?;
        // The notes may link to files beside their folder, or from the folder above.
        if style::broken_links(&other_site, &inside) < style::broken_links(&site, "") {
            (origin, draft, site) = (whole, other, other_site);
        }
    }
    names_and_links(&mut draft, &site);
    schema(&mut draft, &site);
    if draft.settings.schema.as_ref().is_some_and(|schema| !schema.extends) {
        site = draft.site(folder)?;
        headings(&mut draft, &site);
        site = draft.site(folder)?;
        sections(&mut draft, &site);
    }
    site = draft.site(folder)?;
    let mut findings = rules::run(&site, Some(today)).diagnostics;
    if lower_broken_habits(&mut draft, &site, &findings) {
        site = draft.site(folder)?;
        findings = rules::run(&site, Some(today)).diagnostics;
    }
    let notes = site.concepts().count();
    draft.settings.heading = format!("Written by `canon init` after a look at {} notes.", thousands(notes));
    Ok(Survey {
        settings: draft.settings.text(),
        guesses: draft.guesses,
        site,
        findings,
        output: origin.output().value,
    })
}

/// The settings that follow from the files of the folder.
fn start(folder: &Path, origin: &Origin, baseline: &str) -> Draft {
    let mut draft = Draft { settings: Settings::default(), guesses: Vec::new() };
    if let Some(program) = &origin.program {
        draft.guess("program", format!("`{}` exists", program.why), program.value.clone());
    }
    draft.guess("content", origin.content.why.clone(), origin.content.value.clone());
    let mut top = Vec::new();
    if origin.content.value != "." {
        let name = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
        let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        top.push(Setting::new("title", text(&crate::note::words_of(&name)), ""));
    }
    top.push(Setting::new("content", text(&origin.content.value), origin.content.why.clone()));
    let output = origin.output();
    if !output.why.is_empty() {
        draft.guess("output", output.why.clone(), output.value.clone());
        top.push(Setting::new("output", text(&output.value), output.why));
    }
    for (name, folder) in [("templates", &origin.templates), ("static", &origin.static_folder)] {
        top.extend(folder.iter().map(|folder| Setting::new(name, text(&folder.value), folder.why.clone())));
    }
    let ignored: Vec<String> = origin.ignore.iter().map(|glob| glob.value.clone()).collect();
    for glob in origin.ignore.iter().filter(|glob| !glob.why.is_empty()) {
        draft.guess("ignore", glob.why.clone(), glob.value.clone());
    }
    if !ignored.is_empty() {
        top.push(Setting::new("ignore", list(&ignored), ""));
    }
    if !origin.pages.is_empty() {
        top.push(Setting::new("pages", list(&origin.pages), ""));
    }
    draft.settings.top = top;
    if origin.hard_breaks {
        let why = "Obsidian shows the end of a line as a line break";
        draft.guess("line ends", why, "hard_breaks");
        draft.settings.markdown.push(Setting::new("hard_breaks", "true", why));
    }
    draft.settings.check.push(Setting::new("baseline", text(baseline), "the findings of the day of `canon init`"));
    if !origin.note_templates.is_empty() {
        draft.settings.check.push(Setting::new("note_templates", list(&origin.note_templates), ""));
    }
    draft
}

/// The settings for file names and links.
fn names_and_links(draft: &mut Draft, site: &Site) {
    let (kebab, style, share) = style::file_names(site);
    if !is_required(kebab) && kebab.of > 0 {
        let evidence = format!(
            "{} in kebab-case, most are {style} ({})",
            percent(kebab.count, kebab.of),
            percent(share.count, share.of)
        );
        draft.settings.rules.push(Setting::new("non-kebab-filename", text("off"), evidence.clone()));
        draft.guess("file names", evidence, "non-kebab-filename off");
    } else if kebab.of > 0 {
        draft.guess("file names", format!("{} in kebab-case", percent(kebab.count, kebab.of)), "checked");
    }
    let ids =
        || site.concepts().filter_map(|(_, note)| Some((note.head.id.as_deref()?, crate::note::file_name(&note.stem))));
    let equal = Share { count: ids().filter(|(id, name)| id == name).count(), of: ids().count() };
    if equal.of > 0 && !is_required(equal) {
        let evidence = format!("{} are the name of the file", percent(equal.count, equal.of));
        draft.settings.rules.push(Setting::new("id-not-filename", text("off"), evidence.clone()));
        draft.guess("ids", evidence, "id-not-filename off");
    }
    let links = style::links(site);
    if links.wiki.of > 0 {
        let (wiki, markdown) = (links.wiki.count, links.wiki.of - links.wiki.count);
        let style = if wiki > markdown { "wikilinks" } else { "Markdown links" };
        draft.guess("links", format!("{} are {style}", percent(wiki.max(markdown), links.wiki.of)), style);
    }
    let broken = links.broken_wiki;
    if broken.of > 0 && broken.count == broken.of && links.wiki.count * 20 < links.wiki.of {
        let evidence = "no `[[…]]` leads to a note";
        draft.settings.markdown.push(Setting::new("wikilinks", "false", evidence));
        draft.guess("`[[…]]`", evidence, "shown as text");
    }
    let absolute = links.absolute;
    if absolute.count * 20 > absolute.of {
        let evidence = format!("{} of the Markdown links start with `/`", percent(absolute.count, absolute.of));
        draft.settings.rules.push(Setting::new("absolute-link", text("off"), evidence.clone()));
        draft.guess("absolute links", evidence, "absolute-link off");
    }
}

/// The schema: that of the notes, or the built-in one with the fields that the notes have in addition.
fn schema(draft: &mut Draft, site: &Site) {
    let heads: Vec<Head> = site
        .concepts()
        .filter(|(_, note)| note.head.fence.present && note.head.broken.is_none())
        .map(|(id, _)| raw_values(&site.source(id).text))
        .collect();
    if heads.is_empty() {
        return;
    }
    let used = site.schema_use();
    let evidence = format!(
        "{} of notes have `id` and `type` of the built-in schema",
        percent(used.with_id_and_type, used.with_frontmatter)
    );
    let (mut fields, rare) = fields::fields(&heads);
    let extends = !site.has_foreign_schema();
    let built_in = Schema::built_in();
    if extends {
        fields.retain(|field| built_in.field(&field.name).is_none());
        fields.iter_mut().for_each(|field| field.synonyms.clear());
    }
    let notes = site.concepts().count();
    if heads.len() < notes {
        draft.guess(
            "frontmatter",
            format!("in {} of notes", percent(heads.len(), notes)),
            "counted as the notes below",
        );
    }
    draft.guess("schema", evidence.clone(), if extends { "the built-in schema" } else { "a schema of its own" });
    for field in &fields {
        draft.guess(field.name.clone(), format!("in {}", field.share), decision(field));
    }
    // A base that fits the built-in schema needs no `[schema]`.
    if !(extends && fields.is_empty()) {
        let rare = if extends { Vec::new() } else { rare };
        draft.settings.schema =
            Some(GuessedSchema { extends, comment: evidence, fields, rare, ..GuessedSchema::default() });
    }
}

/// What the schema says of a field, in words.
fn decision(field: &GuessedField) -> String {
    let mut words = if field.is_required() { "required".to_string() } else { "known".to_string() };
    match field.kind {
        Kind::Enum => words.push_str(&format!(", one of {}", field.values.join(", "))),
        kind => words.push_str(&format!(", {}", settings::kind_name(kind))),
    }
    if !field.synonyms.is_empty() {
        words.push_str(&format!(" (written as {})", field.synonyms.join(", ")));
    }
    words
}

/// The headings that name sections.
fn headings(draft: &mut Draft, site: &Site) {
    for heading in style::headings(site) {
        let (section, share) = (heading.section.key(), format!("in {}", heading.share));
        draft.guess(format!("heading `{}`", heading.text), share.clone(), format!("the section {section}"));
        let setting = Setting::new(key(&heading.text), text(section), share);
        draft.settings.schema.iter_mut().for_each(|schema| schema.headings.push(setting.clone()));
    }
}

/// The required sections of a base with a schema of its own.
fn sections(draft: &mut Draft, site: &Site) {
    let Some(schema) = draft.settings.schema.as_mut() else { return };
    let mut guesses = Vec::new();
    let types: BTreeSet<&str> =
        schema.fields.iter().filter(|f| f.name == "type").flat_map(|f| &f.values).map(String::as_str).collect();
    let found = match types.is_empty() {
        true => style::sections(site, |_| Some("**")),
        false => style::sections(site, |note| note.head.kind.as_deref().filter(|kind| types.contains(kind))),
    };
    let (mut all, mut by_type): (Vec<Section>, Vec<(String, Vec<Section>)>) = (Vec::new(), Vec::new());
    for (group, sections) in found {
        for (section, share) in &sections {
            let whose = if group == "**" { "notes".to_string() } else { format!("notes of type {group}") };
            let evidence = format!("in {} of {whose}", percent(share.count, share.of));
            guesses.push((format!("section `{}`", section.label()), evidence, "required"));
        }
        let sections: Vec<Section> = sections.into_iter().map(|(section, _)| section).collect();
        match group {
            "**" => all = sections,
            _ => by_type.push((group.to_string(), sections)),
        }
    }
    (schema.sections, schema.sections_by_type) = (all, by_type);
    guesses.into_iter().for_each(|(subject, evidence, decision)| draft.guess(subject, evidence, decision));
}

/// Lowers the most frequent rules to remarks until at most five findings per hundred files are left: the base does not
/// follow those conventions. Rules about what a reader misses, about duplicates and about values of fields keep their
/// severity; the baseline has their findings. Returns whether a rule was lowered.
fn lower_broken_habits(draft: &mut Draft, site: &Site, findings: &[Diagnostic]) -> bool {
    let notes = site.notes.len();
    let is_habit = |rule: RuleId| !matches!(rule, "invalid-field" | "missing-field");
    let mut by_rule: BTreeMap<RuleId, Vec<FileId>> = BTreeMap::new();
    let is_counted = |f: &&Diagnostic| f.severity >= Severity::Warning && topic_of(f.rule) == Topic::Schema;
    let mut left = findings.iter().filter(is_counted).count();
    for finding in findings.iter().filter(is_counted).filter(|f| is_habit(f.rule)) {
        by_rule.entry(finding.rule).or_default().push(finding.file);
    }
    let mut rules: Vec<(RuleId, Vec<FileId>)> = by_rule.into_iter().collect();
    rules.sort_by_key(|(rule, files)| (std::cmp::Reverse(files.len()), *rule));
    rules.retain(|(_, files)| {
        let is_lowered = left * 20 > notes;
        left -= if is_lowered { files.len() } else { 0 };
        is_lowered
    });
    let files = rules.into_iter().map(|(rule, files)| (rule, files.into_iter().collect::<BTreeSet<FileId>>()));
    let files: Vec<(RuleId, BTreeSet<FileId>)> = files.collect();
    for (rule, files) in &files {
        let evidence = format!("{} of the files have findings", percent(files.len(), notes));
        draft.settings.rules.push(Setting::new(*rule, text("info"), evidence.clone()));
        draft.guess(*rule, evidence, "info");
    }
    !files.is_empty()
}
