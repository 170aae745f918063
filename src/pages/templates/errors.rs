//! Errors of templates: where they are, what is wrong, and the most similar name that would be right.

use crate::text::slug::nearest;

/// An error while parsing a template or rendering a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError {
    /// The template. Empty if canon itself failed.
    pub template: String,
    /// The line in the template, from 1. 0 if unknown.
    pub line: usize,
    /// The output path of the page. Empty while templates are parsed.
    pub page: String,
    /// The problem, on one line.
    pub message: String,
    /// The line of the template with a mark, without the message. May be empty.
    pub excerpt: String,
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut places = Vec::new();
        if !self.template.is_empty() {
            places.push(format!("template `{}`", self.template));
        }
        if self.line > 0 {
            places.push(format!("line {}", self.line));
        }
        if !self.page.is_empty() {
            places.push(format!("for the page `{}`", self.page));
        }
        f.write_str(&places.join(", "))?;
        write!(f, ": {}", self.message)?;
        match self.excerpt.is_empty() {
            true => Ok(()),
            false => write!(f, "\n{}", self.excerpt),
        }
    }
}

impl std::error::Error for TemplateError {}

impl TemplateError {
    /// The error of the template engine. `template` is its file if the error names none; `page` the page that was rendered;
    /// `templates` the names of all templates.
    pub(super) fn of(error: &tera::Error, template: &str, page: &str, templates: &[&str]) -> TemplateError {
        let text = error.to_string();
        let report = Report::of(&text);
        let first = text.lines().next().unwrap_or_default();
        let (template, line) = report.as_ref().map_or((template, 0), |report| (report.template, report.line));
        // `Template 'a' is inheriting from 'b', …` has no position, but names the template.
        let child = first.strip_prefix("Template '").and_then(|rest| rest.split_once('\'')).map(|(child, _)| child);
        TemplateError {
            template: child.filter(|_| report.is_none()).unwrap_or(template).to_string(),
            line,
            page: page.to_string(),
            message: with_nearest(report.as_ref().map_or(first, |report| report.message), templates),
            excerpt: report.map(|report| report.drawing.trim_end().to_string()).unwrap_or_default(),
        }
    }
}

/// The parts of the text of an error with a position:
///
/// ```text
/// error: Unknown filter `uper`
///  --> note.html:1:17
///   |
/// 1 | {{ note.title | uper }}
///   |                 ^^^^
/// ```
struct Report<'a> {
    message: &'a str,
    template: &'a str,
    line: usize,
    drawing: &'a str,
}

impl<'a> Report<'a> {
    fn of(text: &'a str) -> Option<Report<'a>> {
        let (message, rest) = text.strip_prefix("error: ")?.split_once('\n')?;
        let (place, drawing) = rest.trim_start().strip_prefix("--> ")?.split_once('\n')?;
        let mut place = place.trim().rsplitn(3, ':');
        let (_, line, template) = (place.next()?, place.next()?, place.next()?);
        Some(Report { message, template, line: line.parse().ok()?, drawing })
    }
}

/// A message of the template engine about an unknown name, with the most similar known name.
fn with_nearest(message: &str, templates: &[&str]) -> String {
    let quoted = |message: &str| message.split('`').nth(1).map(str::to_string);
    if let Some((problem, known)) = message.split_once(" Available ")
        && let Some(name) = quoted(problem)
    {
        let names: Vec<&str> = known.split_once(": ").map_or(known, |(_, names)| names).split(", ").collect();
        return match nearest(&name, names.iter().copied()) {
            Some(near) => format!("`{name}` is not defined; did you mean `{near}`?"),
            None => format!("`{name}` is not defined; defined here are {}", names.join(", ")),
        };
    }
    if let Some((_, parent)) = message.split_once("is inheriting from '") {
        let parent = parent.split('\'').next().unwrap_or_default();
        return unknown("template", parent, nearest(parent, templates.iter().copied()));
    }
    let of_kind = |kind: &str| message.strip_prefix(&format!("Unknown {kind} ")).and_then(|_| quoted(message));
    if let Some(name) = of_kind("template") {
        return unknown("template", &name, nearest(&name, templates.iter().copied()));
    }
    match of_kind("filter") {
        Some(name) => unknown("filter", &name, nearest(&name, FILTERS.iter().copied())),
        None => message.to_string(),
    }
}

fn unknown(kind: &str, name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("there is no {kind} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {kind} `{name}`"),
    }
}

/// The filters of the template engine and of canon. The engine does not list them.
const FILTERS: &[&str] = &[
    "abs",
    "capitalize",
    "day",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
    "fill",
    "first",
    "float",
    "get",
    "group_by",
    "indent",
    "int",
    "join",
    "keys",
    "label",
    "last",
    "length",
    "lower",
    "month",
    "newlines_to_br",
    "nth",
    "pairs",
    "pluralize",
    "replace",
    "reverse",
    "round",
    "safe",
    "sort",
    "split",
    "str",
    "ticks",
    "title",
    "trim",
    "trim_end",
    "trim_start",
    "truncate",
    "unique",
    "upper",
    "values",
    "wordcount",
];
