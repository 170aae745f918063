//! `[importance]` of `canon.toml`: the weights of living importance. Knows no notes.

use serde::{Deserialize, Serialize};

/// The weights of the parts of living importance. Only their ratio counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ImportanceWeights {
    /// The weight of the importance in the frontmatter.
    pub stated: u32,
    /// The weight of the place among all notes by links and by the notes that require it.
    pub links: u32,
    /// The weight of the share of cards that were practised in the last 90 days.
    pub practice: u32,
}

impl Default for ImportanceWeights {
    fn default() -> ImportanceWeights {
        ImportanceWeights { stated: 50, links: 30, practice: 20 }
    }
}
