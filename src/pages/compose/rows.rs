//! Rows of tables: a note's row is rendered once and copied to every index that lists the note. Knows how a row's address
//! is made to fit a page, not which notes a page lists.

use crate::base::index::NoteIndex;
use crate::pages::templates::{Renderer, TemplateError};
use crate::pages::views::NoteRow;
use std::sync::OnceLock;

/// What a row's address begins with until a page takes it. No name of a file has a control character, and a title that
/// has this one before a slash is not worth a longer mark.
pub(super) const ROOT: &str = "\u{1}/";

/// The rows of a base, made when a page first shows them.
pub(super) struct Rows(Vec<OnceLock<String>>);

impl Rows {
    /// Places for the rows of `notes` notes.
    pub(super) fn new(notes: usize) -> Rows {
        Rows((0..notes).map(|_| OnceLock::new()).collect())
    }

    /// Appends the row of a note to `out` as it stands on a page whose way to the site's root is `root`. `row` gives its
    /// values, with an address that begins with [`ROOT`].
    ///
    /// # Errors
    /// What the row's template asks of a value that it is not or has not.
    pub(super) fn push(
        &self,
        note: NoteIndex,
        root: &str,
        renderer: &Renderer,
        row: impl FnOnce() -> NoteRow,
        out: &mut String,
    ) -> Result<(), TemplateError> {
        let kept = &self.0[note as usize];
        let html = match kept.get() {
            Some(html) => html,
            None => {
                let html = renderer.row(&row())?;
                kept.get_or_init(|| html)
            }
        };
        let mut parts = html.split(ROOT);
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            out.push_str(root);
            out.push_str(part);
        }
        Ok(())
    }
}
