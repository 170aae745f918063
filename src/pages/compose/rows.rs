//! Table rows: the row of a note is rendered once and copied to each index that lists the note. Knows how to adapt the
//! URL of a row to a page.

use crate::pages::templates::{Renderer, TemplateError};
use crate::pages::views::NoteRow;
use crate::text::ids::{IndexVec, NoteId};
use std::sync::OnceLock;

/// The placeholder in a row for the path to the root of the site. File names contain no control characters; a title
/// that contains this one before a slash is displayed incorrectly, which is accepted.
pub(super) const ROOT: &str = "\u{1}/";

/// The rows of a base, rendered at their first use.
pub(super) struct Rows(IndexVec<NoteId, OnceLock<String>>);

impl Rows {
    /// Empty cells for the rows of so many notes.
    pub(super) fn new(note_count: usize) -> Rows {
        Rows((0..note_count).map(|_| OnceLock::new()).collect())
    }

    /// Appends the row of a note to `out`, adapted to a page with the path `root` to the root of the site. `row`
    /// returns the values of the row, with a URL that starts with [`ROOT`].
    ///
    /// # Errors
    /// A template uses a missing value or a value of the wrong type.
    pub(super) fn push(
        &self,
        note: NoteId,
        root: &str,
        renderer: &Renderer,
        row: impl FnOnce() -> NoteRow,
        out: &mut String,
    ) -> Result<(), TemplateError> {
        let kept = &self.0[note];
        let html = match kept.get() {
            Some(html) => html,
            None => {
                // Not inside `get_or_init`, which cannot return an error.
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
