//! The index pages: by tag, importance, difficulty, status, type, date, term, and missing notes.

use super::*;
use crate::base::index::BANDS;
use crate::text::diagnostic::Diagnostic;
use crate::text::html_escape::escaped;
use crate::text::slug::slug;
use crate::text::source::{FileId, Span};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The maximum number of notes with a link to a wanted note, in its row.
const ASKED_BY: usize = 12;
/// The maximum number of related tags on the page of a tag.
const NEAR_TAGS: usize = 12;
/// The maximum number of tags of a note that count as related. *n* tags of one note would otherwise take *n*² steps.
const COUNTED_TAGS: usize = 100;

impl Composer {
    pub(super) fn tags_page(&self, path: &str, n: usize) -> Result<String, TemplateError> {
        let all = &self.site.index.tags;
        let mut order: Vec<(&String, &crate::base::index::Tag)> = all.iter().collect();
        order.sort_by(|a, b| b.1.notes.len().cmp(&a.1.notes.len()).then_with(|| a.1.name.cmp(&b.1.name)));
        let first = PageKind::Tags.path();
        let shown = order.chunks(TAG_ROWS).nth(n).unwrap_or_default();
        let of_several = shown.partition_point(|(_, tag)| tag.notes.len() > 1);
        let links = |part: &[(&String, &crate::base::index::Tag)]| {
            part.iter().map(|(slug, tag)| self.tag_link(path, slug, tag)).collect::<Vec<TagLink>>()
        };
        let view = TagsView {
            intro_html: self.introduction(path),
            tags: links(&shown[..of_several]),
            single: links(&shown[of_several..]),
            pager: pager_of(path, first, n, all.len(), TAG_ROWS),
        };
        self.index_view(path, &View::Tags(&view))
    }

    fn tag_link(&self, path: &str, slug: &str, tag: &crate::base::index::Tag) -> TagLink {
        TagLink {
            name: tag.name.clone(),
            url: relative_url(path, &crate::base::routes::tag_page(slug)),
            count: tag.notes.len(),
        }
    }

    /// All tags, ordered by name.
    pub(super) fn all_tags(&self, path: &str) -> Vec<TagLink> {
        self.site.index.tags.iter().map(|(slug, tag)| self.tag_link(path, slug, tag)).collect()
    }

    pub(super) fn tag_page(&self, path: &str, slug: &str, n: usize) -> Result<String, TemplateError> {
        let tag = &self.site.index.tags[slug];
        let first = crate::base::routes::tag_page(slug);
        let view = TagView {
            intro_html: self.introduction(path),
            name: tag.name.clone(),
            spellings: tag.spellings.join("\t"),
            table: self.table(
                path,
                page_of(&tag.notes, n),
                pager(path, &first, n, tag.notes.len()),
                tag.notes.len(),
            )?,
            near: self.near_tags(path, slug),
        };
        let description = self.list_description(&tag.name, &tag.notes, tag.notes.len());
        let page = self.page(path, PageKind::Tag, &tag.name, &description)?;
        self.renderer.render(&page, &View::Tag(&view))
    }

    /// The tags that occur most often together with the tag `own`.
    fn near_tags(&self, path: &str, own: &str) -> Vec<TagLink> {
        // Most notes spell a tag in the same way, so each spelling is converted to a slug only once.
        let mut written: FxHashMap<&str, usize> = FxHashMap::default();
        for &i in &self.site.index.tags[own].notes {
            for tag in self.site.note(i).head.tags.iter().take(COUNTED_TAGS) {
                *written.entry(tag).or_default() += 1;
            }
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (tag, count) in written {
            *counts.entry(slug(tag)).or_default() += count;
        }
        counts.remove(own);
        let mut near: Vec<(String, usize)> = counts.into_iter().collect();
        near.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let link = |(slug, count): (String, usize)| TagLink {
            name: self.site.index.tags.get(&slug).map_or_else(|| slug.clone(), |t| t.name.clone()),
            url: relative_url(path, &crate::base::routes::tag_page(&slug)),
            count,
        };
        near.into_iter().take(NEAR_TAGS).map(link).collect()
    }

    pub(super) fn importance_page(&self, path: &str, n: usize) -> Result<String, TemplateError> {
        let band = |i: NoteId| {
            let own = self.site.note(i).head.importance;
            own.map_or(BANDS.len(), |own| BANDS.iter().position(|(low, _)| own >= *low).unwrap_or(BANDS.len()))
        };
        let name = |b: usize| match BANDS.get(b) {
            Some((low, _)) => {
                let high = if b == 0 { 100 } else { BANDS[b - 1].0 - 1 };
                (format!("{low}–{high}"), String::new())
            }
            None => (self.t("none").to_string(), String::new()),
        };
        let mut view = self.grouped(path, PageKind::Importance.path(), &self.site.index.ranked, n, &band, &name)?;
        if n == 0 {
            view.disagreements = self.disagreements(path);
        }
        self.index_view(path, &View::Groups(PageKind::Importance, &view))
    }

    pub(super) fn groups_page(&self, path: &str, facet: Facet, n: usize) -> Result<String, TemplateError> {
        let grouped = self.by(facet);
        let group = |i: NoteId| grouped.place(facet.of(self.site.note(i)));
        let name = |g: usize| match grouped.values.get(g) {
            Some(value) => (value.clone(), facet.name().to_string()),
            None => (self.t("none").to_string(), String::new()),
        };
        let view = self.grouped(path, facet.file(), &grouped.notes, n, &group, &name)?;
        match facet {
            Facet::Difficulty => self.index_view(path, &View::Groups(PageKind::Difficulty, &view)),
            Facet::Status => self.index_view(path, &View::Groups(PageKind::Status, &view)),
            Facet::Type => self.index_view(path, &View::Groups(PageKind::Types, &view)),
        }
    }

    /// Page `n` of a list of notes in groups. `notes` must be sorted by group.
    fn grouped(
        &self,
        path: &str,
        first: &str,
        notes: &[NoteId],
        n: usize,
        group: &dyn Fn(NoteId) -> usize,
        name: &dyn Fn(usize) -> (String, String),
    ) -> Result<GroupsView, TemplateError> {
        let mut groups: Vec<Group> = Vec::new();
        let mut start = 0;
        for members in notes.chunk_by(|a, b| group(*a) == group(*b)) {
            let (value, of) = name(group(members[0]));
            // The page on which the group starts.
            let own_page = start / PAGE_ROWS;
            let shown = page_range(n).start.max(start)..page_range(n).end.min(start + members.len());
            let anchor = slug(&value);
            // A group that continues from an earlier page is shown here, so its link stays on this page.
            let url = match own_page == n || !shown.is_empty() {
                true => String::new(),
                false => relative_url(path, &list_page(first, own_page)),
            };
            let rows_html = if shown.is_empty() { String::new() } else { self.table_rows(path, &notes[shown])? };
            groups.push(Group { value, of, anchor, url, count: members.len(), rows_html });
            start += members.len();
        }
        Ok(GroupsView {
            intro_html: self.introduction(path),
            groups,
            empty_columns: self.empty_columns(page_of(notes, n)),
            pager: pager(path, first, n, notes.len()),
            total: notes.len(),
            ..GroupsView::default()
        })
    }

    pub(super) fn recent_page(&self, path: &str, n: usize) -> Result<String, TemplateError> {
        let all = &self.site.index.recent;
        let month =
            |i: &NoteId| self.site.note(*i).head.updated.map(|d| d.strftime("%Y-%m").to_string()).unwrap_or_default();
        let groups = page_of(all, n).chunk_by(|a, b| month(a) == month(b));
        let view = RecentView {
            intro_html: self.introduction(path),
            months: groups.map(|notes| Month { month: month(&notes[0]), notes: self.items(path, notes) }).collect(),
            pager: pager(path, PageKind::Recent.path(), n, all.len()),
        };
        self.index_view(path, &View::Recent(&view))
    }

    pub(super) fn wanted_page(&self, path: &str, n: usize) -> Result<String, TemplateError> {
        let all = &self.site.graph.wanted;
        let start = page_range(n).start;
        let item = |(k, wanted): (usize, &crate::base::graph::Wanted)| WantedItem {
            name: wanted.name.clone(),
            anchor: format!("canon-wanted-{}", start + k + 1),
            state: if wanted.planned { "planned" } else { "broken" }.into(),
            // Bounded, so that popular missing notes do not make the page too large.
            from: wanted.from.iter().take(ASKED_BY).map(|&i| self.link(path, i)).collect(),
            from_count: wanted.from.len(),
            from_more: wanted.from.len().saturating_sub(ASKED_BY),
            importance: wanted.from.iter().filter_map(|&i| self.site.note(i).head.importance).max(),
        };
        let view = WantedView {
            intro_html: self.introduction(path),
            items: page_of(all, n).iter().enumerate().map(item).collect(),
            pager: pager(path, PageKind::Wanted.path(), n, all.len()),
        };
        self.index_view(path, &View::Wanted(&view))
    }

    /// The URL of a missing note on the list of wanted notes. Empty if the site has no such list.
    pub(super) fn wanted_url(&self, path: &str, missing: &str) -> String {
        if !self.site.config.site.wanted {
            return String::new();
        }
        let at = self.site.graph.wanted.iter().position(|w| w.path.as_deref() == Some(missing));
        match at {
            Some(k) => {
                format!(
                    "{}#canon-wanted-{}",
                    relative_url(path, &list_page(PageKind::Wanted.path(), k / PAGE_ROWS)),
                    k + 1
                )
            }
            None => relative_url(path, PageKind::Wanted.path()),
        }
    }

    pub(super) fn health_page(&self, path: &str) -> Result<String, TemplateError> {
        let mut by_rule: BTreeMap<(std::cmp::Reverse<crate::text::diagnostic::Severity>, &str), Vec<&Diagnostic>> =
            BTreeMap::new();
        let mut with_finding = rustc_hash::FxHashSet::default();
        let all = self.findings.of(&self.site);
        with_finding.extend(all.iter().map(|d| d.file));
        let findings = without_mirrored(all);
        for &d in &findings {
            by_rule.entry((std::cmp::Reverse(d.severity), d.rule)).or_default().push(d);
        }
        let count = |s| findings.iter().filter(|d| d.severity == s).count();
        use crate::text::diagnostic::Severity;
        let view = HealthView {
            intro_html: self.introduction(path),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            clean_notes: self.site.concepts().filter(|(_, n)| !with_finding.contains(&n.file)).count(),
            in_baseline: self.findings.in_baseline(&self.site),
            rules: by_rule
                .into_iter()
                .map(|((severity, rule), found)| RuleFindings {
                    rule: rule.to_string(),
                    summary: crate::check::rules::rule(rule).map(|r| r.summary.to_string()).unwrap_or_default(),
                    severity: severity.0.name().to_string(),
                    count: found.len(),
                    // Bounded: a base can have thousands of findings of a rule, and `canon check` lists all.
                    findings: found.iter().take(100).map(|d| self.finding(path, d)).collect(),
                })
                .collect(),
        };
        self.index_view(path, &View::Health(&view))
    }

    /// A finding with its line, for a page.
    pub(super) fn finding(&self, path: &str, d: &Diagnostic) -> Finding {
        let OtherPlace { file, line, url } = self.place(path, d.file, d.span);
        let related = d.related.iter().map(|label| self.place(path, label.file, label.span)).collect();
        let more_related = d.unlisted;
        Finding { file, line, url, message: visible(&d.message), help: d.help.clone(), related, more_related }
    }

    /// A location in a file, with a URL relative to the page.
    fn place(&self, path: &str, file: FileId, span: Span) -> OtherPlace {
        let source = self.site.vault.file(file);
        let note = self.site.note_of_file.get(file).copied().flatten();
        OtherPlace {
            file: source.path.to_string(),
            line: source.lines().position(span.start).line,
            url: note.map(|i| relative_url(path, &self.site.routes.notes[i])).unwrap_or_default(),
        }
    }

    /// The escaped text of a file that cannot be shown as a note.
    pub(super) fn source_excerpt(&self, i: NoteId) -> String {
        let text = self.site.note(i).doc.public_source(&self.site.source(i).text);
        escaped(&shortened(&text, 4_000)).replace("&#39;", "'")
    }
}

/// The findings without those that an earlier finding of the same rule mirrors: two notes with the same alias are one
/// problem, which `canon check` reports in both files.
fn without_mirrored(findings: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut places = rustc_hash::FxHashSet::default();
    let is_new = |d: &&Diagnostic| {
        let [other] = &*d.related else { return true };
        let (own, there) = ((d.file, d.span), (other.file, other.span));
        let is_mirrored = places.contains(&(d.rule, there, own));
        places.insert((d.rule, own, there));
        !is_mirrored
    };
    findings.iter().filter(is_new).collect()
}

/// The message with control characters escaped, because HTML forbids them.
fn visible(message: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() };
    message.chars().map(escape).collect()
}
