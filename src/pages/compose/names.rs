//! The names of long lists as data files (`_canon/glossary/N.js`, `_canon/wanted/N.js`), with which a page filters names of
//! all pages of its list. `static/names.js` reads them.

use super::Composer;
use crate::base::page_kinds::PageKind;
use crate::base::routes::PAGE_ROWS;
use crate::pages::templates::script_call;

/// The number of names in a file, which bounds its size. `static/names.js` has the same number.
const NAMES_PER_FILE: usize = 4_096;

/// The lists of names that are not in the search index.
const LISTS: [PageKind; 2] = [PageKind::Glossary, PageKind::Wanted];

impl Composer {
    /// The lists with several pages, each with the number of its data files.
    pub(crate) fn name_files(&self) -> Vec<(PageKind, usize)> {
        let count = |kind: PageKind| match kind {
            PageKind::Wanted => self.site.graph.wanted.len(),
            _ => self.term_count(),
        };
        let shown = LISTS.into_iter().filter(|kind| *kind != PageKind::Wanted || self.site.config.site.wanted);
        let long = shown.map(|kind| (kind, count(kind))).filter(|(_, count)| *count > PAGE_ROWS);
        long.map(|(kind, count)| (kind, count.div_ceil(NAMES_PER_FILE))).collect()
    }

    /// Data file `n` of a list of names, in the order of the list.
    pub(crate) fn name_file(&self, kind: PageKind, n: usize) -> String {
        let range = n * NAMES_PER_FILE..(n + 1) * NAMES_PER_FILE;
        let names: Vec<&str> = match kind {
            PageKind::Wanted => {
                let all = self.site.graph.wanted.iter().map(|wanted| wanted.name.as_str());
                all.skip(range.start).take(NAMES_PER_FILE).collect()
            }
            _ => {
                let all = self.terms().iter().flat_map(|(_, terms)| terms).map(|term| term.term.as_str());
                all.skip(range.start).take(NAMES_PER_FILE).collect()
            }
        };
        script_call("canonNames", &(format!("{}/{n}", kind.info().name), names))
    }
}
