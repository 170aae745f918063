//! The pages of a long list.

use super::relative_url;
use crate::base::page_kinds::page_count;
use crate::base::routes::{PAGE_ROWS, list_page};
use crate::pages::views::{Pager, PagerStep};

/// The number of pages before and after the current one to which a pager links, besides the first and the last.
const PAGER_REACH: usize = 3;

/// The links of page `n` to the other pages of a list with `count` rows. `None` if there is only one page.
pub(super) fn pager(path: &str, first: &str, n: usize, count: usize) -> Option<Pager> {
    pager_of(path, first, n, count, PAGE_ROWS)
}

/// [`pager`] for a list with `rows` rows on a page.
pub(super) fn pager_of(path: &str, first: &str, n: usize, count: usize, rows: usize) -> Option<Pager> {
    let pager = links(path, (first, first), n, page_count(count, rows))?;
    Some(Pager { first_row: n * rows + 1, last_row: ((n + 1) * rows).min(count), total: count, ..pager })
}

/// The links of page `n` to the other pages of `of`, without a count of rows. `None` if there is only one page. Page 0 is
/// at the path `own`, further ones at [`list_page`] of `first`.
pub(super) fn links(path: &str, (own, first): (&str, &str), n: usize, of: usize) -> Option<Pager> {
    let url = |n: usize| match n {
        0 => relative_url(path, own),
        n => relative_url(path, &list_page(first, n)),
    };
    let near = n.saturating_sub(PAGER_REACH)..(n + PAGER_REACH + 1).min(of);
    let mut steps: Vec<PagerStep> = Vec::new();
    for page in (0..of).filter(|page| near.contains(page) || *page == 0 || page + 1 == of) {
        let gap = steps.last().is_some_and(|last| last.number < page);
        steps.push(PagerStep { number: page + 1, url: if page == n { String::new() } else { url(page) }, gap });
    }
    (of > 1).then(|| Pager {
        number: n + 1,
        of,
        previous: n.checked_sub(1).map(url),
        next: (n + 1 < of).then(|| url(n + 1)),
        steps,
        ..Pager::default()
    })
}

/// The rows of page `n`.
pub(super) fn page_of<T>(rows: &[T], n: usize) -> &[T] {
    let start = (n * PAGE_ROWS).min(rows.len());
    &rows[start..(start + PAGE_ROWS).min(rows.len())]
}

/// The range of rows on page `n`.
pub(super) fn page_range(n: usize) -> std::ops::Range<usize> {
    n * PAGE_ROWS..(n + 1) * PAGE_ROWS
}
