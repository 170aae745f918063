//! The findings on the health page, computed at the first request. Knows no pages.

use crate::base::site::Site;
use crate::check::baseline::Baseline;
use crate::text::diagnostic::Diagnostic;
use std::sync::{Arc, OnceLock};

/// The findings of a site that are not in its baseline, computed at the first request unless they have been computed already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    found: Arc<OnceLock<Found>>,
    baseline: Arc<Baseline>,
}

#[derive(Debug)]
struct Found {
    diagnostics: Vec<Diagnostic>,
    in_baseline: usize,
}

impl Findings {
    /// Findings that have been computed already, and the number of further findings in the baseline.
    pub(crate) fn computed(diagnostics: Vec<Diagnostic>, in_baseline: usize) -> Findings {
        let found = Arc::new(OnceLock::from(Found { diagnostics, in_baseline }));
        Findings { found, baseline: Arc::default() }
    }

    /// Findings that are not computed yet.
    pub(crate) fn later(baseline: Arc<Baseline>) -> Findings {
        Findings { found: Arc::default(), baseline }
    }

    /// Whether this is the baseline of the findings.
    pub(crate) fn have_baseline(&self, baseline: &Arc<Baseline>) -> bool {
        Arc::ptr_eq(&self.baseline, baseline)
    }

    /// The findings if they have been computed.
    pub(crate) fn if_known(&self) -> Option<&[Diagnostic]> {
        self.found.get().map(|found| found.diagnostics.as_slice())
    }

    /// The findings of `site`, which must be the same site in all calls.
    pub(crate) fn of(&self, site: &Site) -> &[Diagnostic] {
        &self.found(site).diagnostics
    }

    /// The number of findings of `site` that are in the baseline and therefore not in [`Findings::of`].
    pub(crate) fn in_baseline(&self, site: &Site) -> usize {
        self.found(site).in_baseline
    }

    fn found(&self, site: &Site) -> &Found {
        self.found.get_or_init(|| {
            let found = crate::check::rules::run(site, None).diagnostics;
            let comparison = self.baseline.compare(found, &site.vault.files);
            Found { diagnostics: comparison.new, in_baseline: comparison.known }
        })
    }
}
