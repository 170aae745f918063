//! `[site]` of `canon.toml`: which generated pages exist, the order of the tree, the links in the header. Knows no pages.

use serde::{Deserialize, Serialize};

/// What the pages of the site offer apart from the notes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SiteOptions {
    /// Whether the output has the health page and findings at all.
    pub health: bool,
    /// Whether the output has the list of wanted notes.
    pub wanted: bool,
    /// Paths of folders and notes, relative to the content folder, in the order of the tree.
    pub order: Vec<String>,
    /// The links in the header.
    pub links: Vec<HeaderLink>,
}

impl Default for SiteOptions {
    fn default() -> SiteOptions {
        SiteOptions { health: true, wanted: true, order: Vec::new(), links: Vec::new() }
    }
}

/// A link in the header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderLink {
    /// The words of the link.
    pub text: String,
    /// An absolute URL, or a path relative to the root of the site.
    pub url: String,
}

impl HeaderLink {
    /// The scheme of the URL in lower case. `None` for a path of the site.
    pub(crate) fn scheme(&self) -> Option<String> {
        let (scheme, _) = self.url.split_once(':').filter(|(before, _)| !before.contains(['/', '?', '#']))?;
        Some(scheme.to_ascii_lowercase())
    }
}
