//! Applies the repairs of findings: selects compatible ones, computes the new text of files, and writes the files.
//!
//! A fix is applied completely or not at all. A fix that conflicts with a selected one is offered again in the next
//! round: the caller checks the planned text and extends the plan until no fix remains. Only then are the files
//! written. Knows no rules, and does not decide on repairs.
//!
//! Example: two findings offer edits of the same link. The first round selects one of them. The check of the planned
//! text shows whether the second finding still exists; its fix is then part of the second round.

mod patch;
mod structure;

use crate::system::atomic_write::{self, NewFile, UnsyncedFile};
use crate::text::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::text::source::{FileId, LineEnd, SourceFile, Sources, Span};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use patch::patch;
pub(crate) use structure::sound;

/// The non-overlapping fixes with this applicability, in the order of the findings. Of two overlapping fixes the first
/// one is selected, so a repair offered by several findings is applied once.
pub(crate) fn choose(diagnostics: &[Diagnostic], kind: Applicability) -> Vec<&Fix> {
    let mut taken: FxHashMap<FileId, Vec<Span>> = FxHashMap::default();
    let mut chosen: Vec<&Fix> = Vec::new();
    for fix in diagnostics.iter().filter_map(|d| d.fix.as_ref()) {
        if fix.applicability != kind || fix.edits.is_empty() || touches_itself(&fix.edits) {
            continue;
        }
        let free = |edit: &Edit| taken.get(&edit.file).is_none_or(|spans| !touches_any(edit.span, spans));
        if fix.edits.iter().all(free) {
            for edit in &fix.edits {
                let spans = taken.entry(edit.file).or_default();
                // `touches_any` requires sorted spans.
                let at = spans.partition_point(|s| s.start < edit.span.start);
                spans.insert(at, edit.span);
            }
            chosen.push(fix);
        }
    }
    chosen
}

/// Whether the result of two edits could depend on their order: they overlap, or one inserts at an end of the second.
fn touch(a: Span, b: Span) -> bool {
    let inserts = a.start == a.end || b.start == b.end;
    match inserts {
        true => a.start <= b.end && b.start <= a.end,
        false => a.start < b.end && b.start < a.end,
    }
}

/// Whether a span touches one of `spans`, which must be sorted and disjoint.
fn touches_any(span: Span, spans: &[Span]) -> bool {
    let at = spans.partition_point(|s| s.end < span.start);
    spans[at..].iter().take_while(|s| s.start <= span.end).any(|&s| touch(span, s))
}

fn touches_itself(edits: &[Edit]) -> bool {
    let pairs = edits.iter().enumerate().flat_map(|(i, a)| edits[..i].iter().map(move |b| (a, b)));
    pairs.into_iter().any(|(a, b)| a.file == b.file && touch(a.span, b.span))
}

/// A file before and after the fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The path relative to the content folder.
    pub path: String,
    /// The real path, with symbolic links resolved.
    target: PathBuf,
    /// The whole text on disk.
    pub before: String,
    /// The whole text after the fixes.
    pub after: String,
}

impl Change {
    /// The real path, with symbolic links resolved.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

/// A file that cannot be changed, with the reason as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The path relative to the content folder.
    pub path: String,
    /// The reason and the remedy.
    pub reason: String,
}

/// The effect of a set of fixes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Plan {
    /// The files to change, sorted by path.
    pub changes: Vec<Change>,
    /// The files that cannot be changed. No fix in `changes` has an edit in one of these.
    pub refused: Vec<Refusal>,
    /// The number of fixes in `changes`.
    pub fixes: usize,
}

impl Plan {
    /// Adds fixes to the plan. Returns the changed files with their planned text, for the next round. A file is read
    /// from disk unless an earlier round changed it. Writes nothing.
    pub(crate) fn add(&mut self, root: &Path, sources: &Sources, fixes: &[&Fix]) -> Vec<(FileId, SourceFile)> {
        let mut files: Vec<FileId> = fixes.iter().flat_map(|f| &f.edits).map(|e| e.file).collect();
        files.sort_unstable();
        files.dedup();
        let mut readable: BTreeMap<FileId, Change> = BTreeMap::new();
        for file in files {
            match self.change_of(root, &sources[file]) {
                Ok(change) => drop(readable.insert(file, change)),
                Err(refusal) if self.refused.contains(&refusal) => {}
                Err(refusal) => self.refused.push(refusal),
            }
        }
        // A fix with an edit in an unreadable file is skipped as a whole.
        let possible = fixes.iter().filter(|f| f.edits.iter().all(|e| readable.contains_key(&e.file)));
        let mut edits: FxHashMap<FileId, Vec<&Edit>> = FxHashMap::default();
        for fix in possible {
            self.fixes += 1;
            fix.edits.iter().for_each(|edit| edits.entry(edit.file).or_default().push(edit));
        }
        let (mut changed, mut fresh) = (Vec::new(), Vec::new());
        for (file, mut change) in readable {
            let source = &sources[file];
            let after = edited(source, &change.after, edits.get(&file).map_or(&[], Vec::as_slice));
            if after != change.after {
                changed.push((file, SourceFile::new(source.path.clone(), &after)));
                change.after = after;
                match self.place_of(&change.path) {
                    Some(at) => self.changes[at] = change,
                    None => fresh.push(change),
                }
            }
        }
        self.changes.extend(fresh);
        self.changes.sort_by(|a, b| a.path.cmp(&b.path));
        changed
    }

    fn place_of(&self, path: &str) -> Option<usize> {
        self.changes.binary_search_by(|change| (*change.path).cmp(path)).ok()
    }

    /// The planned change of a file, starting from the text on disk.
    fn change_of(&self, root: &Path, source: &SourceFile) -> Result<Change, Refusal> {
        if let Some(at) = self.place_of(&source.path) {
            return Ok(self.changes[at].clone());
        }
        let path = source.path.to_string();
        match read_unchanged(root, source) {
            Ok((target, text)) => Ok(Change { path, target, before: text.clone(), after: text }),
            Err(reason) => Err(Refusal { path, reason }),
        }
    }
}

const CHANGED: &str = "it was changed since it was read; run the command again";

/// The real path and the text of a file whose bytes have not changed since the analysis.
fn read_unchanged(root: &Path, source: &SourceFile) -> Result<(PathBuf, String), String> {
    let cannot = |e: io::Error| format!("it cannot be read: {e}");
    let root = root.canonicalize().map_err(cannot)?;
    let target = root.join(&*source.path).canonicalize().map_err(cannot)?;
    // A fix must not change a file outside of the base, which other bases may share.
    if !target.starts_with(&root) {
        return Err("it is a link to a file outside the content folder; mend that file itself".into());
    }
    atomic_write::may_write(&target).map_err(|e| format!("it cannot be written: {e}; make it writable"))?;
    let bytes = std::fs::read(&target).map_err(cannot)?;
    match String::from_utf8(bytes) {
        Ok(text) if SourceFile::new(source.path.clone(), &text) == *source => Ok((target, text)),
        _ => Err(CHANGED.into()),
    }
}

/// The text on disk after the edits. Each edit is reduced to the changed characters and uses the line endings of the
/// file.
fn edited(source: &SourceFile, disk: &str, edits: &[&Edit]) -> String {
    // Sorted before they are reduced: two adjacent edits may become insertions at the same offset, in this order.
    let mut edits = edits.to_vec();
    edits.sort_by_key(|e| e.span);
    let mut out = String::with_capacity(disk.len() + 64);
    let mut done = 0;
    for (span, text) in edits.iter().map(|e| smallest(source, e)) {
        push_apart(&mut out, &disk[done..source.original(span.start)]);
        match source.line_end() {
            LineEnd::Lf => push_apart(&mut out, text),
            other => push_apart(&mut out, &text.replace('\n', other.as_str())),
        }
        done = source.original(span.end);
    }
    push_apart(&mut out, &disk[done..]);
    out
}

/// Appends `piece`. A lone `\r` at the end of `out` and a `\n` at the start of `piece` are two line endings in a file
/// with mixed ones, but together would be one: lone `\r` before a `\n` are converted to `\n`.
fn push_apart(out: &mut String, piece: &str) {
    if piece.starts_with('\n') {
        let lone = out.len() - out.trim_end_matches('\r').len();
        out.truncate(out.len() - lone);
        out.extend(std::iter::repeat_n('\n', lone));
    }
    out.push_str(piece);
}

/// The edit without the common prefix and suffix of the old and the new text.
fn smallest<'a>(source: &SourceFile, edit: &'a Edit) -> (Span, &'a str) {
    let (old, new) = (source.slice(edit.span), edit.text.as_str());
    // By characters and not bytes, so the reduced edit starts and ends at character boundaries.
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let head: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (&old[head..], &new[head..]);
    let tail: usize = old.chars().rev().zip(new.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let start = edit.span.start as usize + head;
    (Span::new(start, start + old.len() - tail), &new[..new.len() - tail])
}

/// Writes the changes, each file atomically, and syncs them together. Returns the files that could not be written or were
/// changed since the plan was made; these remain unchanged.
pub(crate) fn apply(changes: &[Change]) -> Vec<Refusal> {
    changes.chunks(atomic_write::max_open_files()).flat_map(apply_together).collect()
}

fn apply_together(changes: &[Change]) -> Vec<Refusal> {
    let refusal = |change: &Change, reason: String| Refusal { path: change.path.clone(), reason };
    let cannot = |e: &io::Error| format!("it cannot be written: {e}");
    let (mut refused, mut written, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        match UnsyncedFile::write(&change.target, change.after.as_bytes()) {
            Ok(file) => {
                written.push(change);
                files.push(file);
            }
            Err(error) => refused.push(refusal(change, cannot(&error))),
        }
    }
    match atomic_write::sync(files) {
        Ok(files) => {
            for (change, file) in written.into_iter().zip(files) {
                if let Err(reason) = replace(change, file) {
                    refused.push(refusal(change, reason));
                }
            }
        }
        Err(error) => refused.extend(written.into_iter().map(|change| refusal(change, cannot(&error)))),
    }
    refused
}

fn replace(change: &Change, file: NewFile) -> Result<(), String> {
    let cannot = |e: io::Error| format!("it cannot be written: {e}");
    // Read as late as possible, to shorten the time in which an edit by a second program could be lost.
    let now = std::fs::read(&change.target).map_err(cannot)?;
    if now != change.before.as_bytes() {
        return Err(CHANGED.into());
    }
    file.replace().map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ids::Id;
    use proptest::prelude::*;

    fn edit(range: std::ops::Range<usize>, text: &str) -> Edit {
        Edit { file: FileId::FIRST, span: range.into(), text: text.into() }
    }

    fn finding(edits: Vec<Edit>) -> Diagnostic {
        let mut d = Diagnostic::new("broken-link", FileId::FIRST, Span::new(0, 1), "m", "h");
        d.fix = Some(Fix { description: "mend".into(), edits, applicability: Applicability::Safe });
        d
    }

    fn plan(root: &Path, sources: &Sources, fixes: &[&Fix]) -> Plan {
        let mut plan = Plan::default();
        plan.add(root, sources, fixes);
        plan
    }

    /// A folder with one file, and that file as read.
    fn folder(name: &str, disk: &str) -> (tempfile::TempDir, SourceFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), disk).unwrap();
        (folder, SourceFile::new(name, disk))
    }

    fn plan_for(folder: &tempfile::TempDir, file: &SourceFile, edits: Vec<Edit>) -> Plan {
        let findings = [finding(edits)];
        plan(folder.path(), &vec![file.clone()].into(), &choose(&findings, Applicability::Safe))
    }

    #[test]
    fn each_kind_is_chosen_alone() {
        let mut findings = [finding(vec![edit(0..1, "x")]), finding(vec![edit(2..3, "y")])];
        findings[0].fix.as_mut().unwrap().applicability = Applicability::Suggestion;
        let texts = |kind| choose(&findings, kind).iter().map(|fix| fix.edits[0].text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(Applicability::Safe), ["y"]);
        assert_eq!(texts(Applicability::Suggestion), ["x"]);
    }

    #[test]
    fn what_touches_waits_and_is_whole() {
        let one = |edits| finding(edits);
        for (first, second, both) in [
            (vec![edit(0..3, "")], vec![edit(3..5, "")], true),
            (vec![edit(0..3, "")], vec![edit(2..5, "")], false),
            (vec![edit(3..3, "a")], vec![edit(3..3, "a")], false),
            (vec![edit(3..3, "a")], vec![edit(3..5, "")], false),
            (vec![edit(0..9, "")], vec![edit(4..4, "a")], false),
            (vec![edit(0..1, ""), edit(8..9, "")], vec![edit(4..5, ""), edit(8..9, "x")], false),
            (vec![edit(0..1, ""), edit(8..9, "")], vec![edit(4..5, "")], true),
            (vec![edit(0..2, ""), edit(1..3, "")], vec![edit(4..5, "")], false),
        ] {
            let findings = [one(first), one(second)];
            assert_eq!(choose(&findings, Applicability::Safe).len() == 2, both, "{findings:?}");
        }
    }

    #[test]
    fn line_ends_and_the_byte_order_mark_stay() {
        let disk = "\u{feff}one\r\ntwo\nthré\r\n";
        let (dir, file) = folder("a.md", disk);
        let plan = plan_for(&dir, &file, vec![edit(0..3, "1\n2"), edit(8..13, "thrée")]);
        assert_eq!(plan.changes[0].after, "\u{feff}1\r\n2\r\ntwo\nthrée\r\n");
        assert_eq!(apply(&plan.changes), []);
        assert_eq!(std::fs::read_to_string(dir.path().join("a.md")).unwrap(), plan.changes[0].after);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn neighbours_that_become_insertions_keep_their_order() {
        let file = SourceFile::new("a.md", "\n\n\n");
        assert_eq!(edited(&file, "\n\n\n", &[&edit(1..2, "x\n"), &edit(0..1, "\na")]), "\nax\n\n");
    }

    #[test]
    fn line_ends_of_two_kinds_do_not_become_one() {
        let disk = "aé\rb\n c";
        let file = SourceFile::new("a.md", disk);
        assert_eq!(edited(&file, disk, &[&edit(4..5, "\n\n")]), "aé\n\n\n\n c");
    }

    #[test]
    fn a_file_changed_since_is_refused_and_its_fix_is_left_whole() {
        let (dir, file) = folder("a.md", "one");
        std::fs::write(dir.path().join("b.md"), "two").unwrap();
        let files = Sources::from(vec![file, SourceFile::new("b.md", "something else")]);
        let other = Edit { file: FileId::new(1), span: Span::new(0, 1), text: "x".into() };
        let findings = [finding(vec![edit(0..1, "x"), other])];
        let planned = plan(dir.path(), &files, &choose(&findings, Applicability::Safe));
        assert_eq!((planned.changes.len(), planned.fixes), (0, 0));
        assert_eq!(planned.refused, [Refusal { path: "b.md".into(), reason: CHANGED.into() }]);
        let planned = plan_for(&dir, &files[FileId::FIRST], vec![edit(0..1, "x")]);
        std::fs::write(dir.path().join("a.md"), "new").unwrap();
        assert_eq!(apply(&planned.changes).len(), 1);
        assert_eq!(std::fs::read_to_string(dir.path().join("a.md")).unwrap(), "new");
        std::fs::remove_file(dir.path().join("a.md")).unwrap();
        assert!(
            plan_for(&dir, &files[FileId::FIRST], vec![edit(0..1, "x")]).refused[0]
                .reason
                .starts_with("it cannot be read")
        );
    }

    /// A rule of its own: every `bad`, in overlapping pairs, wants to be `good`.
    fn look(file: &SourceFile) -> Vec<Diagnostic> {
        let at: Vec<usize> = file.text.match_indices("bad").map(|(at, _)| at).collect();
        let single = at.iter().map(|&at| finding(vec![edit(at..at + 3, "good")]));
        let pairs = at.windows(2).map(|p| finding(vec![edit(p[0]..p[0] + 3, "good"), edit(p[1]..p[1] + 3, "good")]));
        pairs.chain(single).collect()
    }

    #[test]
    fn looking_and_mending_in_turn_comes_to_an_end() {
        let (dir, mut file) = folder("a.md", "bad bad\r\nbad bad bad\r\n");
        let mut rounds = 0;
        loop {
            let findings = look(&file);
            let planned = plan(dir.path(), &vec![file.clone()].into(), &choose(&findings, Applicability::Safe));
            assert_eq!((planned.fixes == 0, planned.changes.is_empty()), (findings.is_empty(), findings.is_empty()));
            if findings.is_empty() {
                break;
            }
            assert_eq!(apply(&planned.changes), []);
            file = SourceFile::new("a.md", &std::fs::read_to_string(dir.path().join("a.md")).unwrap());
            rounds += 1;
        }
        assert_eq!((&*file.text, rounds), ("good good\ngood good good\n", 1));
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, _) = folder("real.md", "one");
        let real = dir.path().join("real.md");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.md", dir.path().join("link.md")).unwrap();
        let through = SourceFile::new("link.md", "one");
        assert_eq!(apply(&plan_for(&dir, &through, vec![edit(0..3, "two")]).changes), []);
        assert!(std::fs::symlink_metadata(dir.path().join("link.md")).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "two");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o440)).unwrap();
        let plan = plan_for(&dir, &SourceFile::new("real.md", "two"), vec![edit(0..1, "x")]);
        // The system decides: a superuser may write to a read-only file, which then stays read-only.
        match std::fs::File::options().write(true).open(&real) {
            Ok(_) => {
                assert_eq!(apply(&plan.changes), []);
                assert_eq!(std::fs::read_to_string(&real).unwrap(), "xwo");
                assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o440);
            }
            Err(_) => assert!(plan.refused[0].reason.contains("cannot be written"), "{plan:?}"),
        }
        let (outside, _) = folder("out.md", "one");
        std::os::unix::fs::symlink(outside.path().join("out.md"), dir.path().join("away.md")).unwrap();
        let away = SourceFile::new("away.md", "one");
        assert!(plan_for(&dir, &away, vec![edit(0..1, "x")]).refused[0].reason.contains("outside"));
    }

    /// A text as an editor may leave it.
    fn disk_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof!["[a-cé日 ]{0,4}", Just("\r\n".into()), Just("\n".into()), Just("\r".into())];
        (any::<bool>(), prop::collection::vec(piece, 0..12))
            .prop_map(|(bom, pieces)| format!("{}{}", if bom { "\u{feff}" } else { "" }, pieces.concat()))
    }

    /// Edits at character boundaries: pairs of positions as shares of the text, and what comes there.
    fn edits_of(text: &str, wishes: &[(u16, u16, String)]) -> Vec<Edit> {
        let boundaries: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let at = |share: u16| boundaries[share as usize % boundaries.len()];
        wishes.iter().map(|(a, b, new)| edit(at(*a).min(at(*b))..at(*a).max(at(*b)), new)).collect()
    }

    proptest! {
        #[test]
        fn edits_do_on_disk_what_they_do_to_the_text(
            disk in disk_text(),
            wishes in prop::collection::vec((any::<u16>(), any::<u16>(), "[xé\n]{0,3}"), 0..6),
        ) {
            let file = SourceFile::new("a.md", &disk);
            let findings: Vec<Diagnostic> =
                edits_of(&file.text, &wishes).into_iter().map(|e| finding(vec![e])).collect();
            let chosen = choose(&findings, Applicability::Safe);
            let mut edits: Vec<&Edit> = chosen.iter().flat_map(|f| &f.edits).collect();
            let after = edited(&file, &disk, &edits);
            // The same edits on the normalised text, last first.
            let mut model = file.text.to_string();
            edits.sort_by_key(|e| std::cmp::Reverse(e.span));
            for e in &edits {
                model.replace_range(e.span.range(), &e.text);
            }
            let again = SourceFile::new("a.md", &after);
            prop_assert_eq!(&*again.text, &*model);
            prop_assert_eq!(after.starts_with('\u{feff}'), disk.starts_with('\u{feff}'));
            // No edit, no byte: what is left of the first and right of the last edit is as it was.
            let first = edits.last().map_or(disk.len(), |e| file.original(e.span.start));
            prop_assert!(after.starts_with(disk[..first.min(disk.len())].trim_end_matches('\r')));
            let last = edits.first().map_or(0, |e| file.original(e.span.end));
            prop_assert!(after.ends_with(&disk[last..]));
        }

        #[test]
        fn chosen_fixes_never_touch(
            text in "[a-cé\n]{0,30}",
            wishes in prop::collection::vec((any::<u16>(), any::<u16>(), "[x]{0,2}"), 0..12),
        ) {
            let findings: Vec<Diagnostic> =
                edits_of(&text, &wishes).chunks(2).map(|pair| finding(pair.to_vec())).collect();
            let chosen = choose(&findings, Applicability::Safe);
            let edits: Vec<Edit> = chosen.iter().flat_map(|f| f.edits.clone()).collect();
            prop_assert!(!touches_itself(&edits));
            // And none is left out that would have fitted.
            for fix in findings.iter().filter_map(|d| d.fix.as_ref()).filter(|f| !touches_itself(&f.edits)) {
                let with: Vec<Edit> = edits.iter().chain(&fix.edits).cloned().collect();
                prop_assert!(chosen.contains(&fix) || touches_itself(&with));
            }
        }
    }
}
