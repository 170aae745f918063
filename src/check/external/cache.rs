//! The cache of URLs with a recent success. Failures are not cached: they would remain after the repair of the page.

use super::Redirect;
use crate::system::atomic_write;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "external.json";
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// The time of the response in seconds since 1970.
    answered: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect: Option<Redirect>,
}

/// Successes by URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cache {
    version: u32,
    answers: BTreeMap<String, Entry>,
}

impl Cache {
    /// Reads the cache from `folder` without entries older than `hours`. An unreadable file counts as empty: all URLs
    /// are then requested again.
    pub(super) fn read(folder: &Path, hours: u64, now: u64) -> Cache {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let mut cache: Cache = serde_json::from_str(&text).unwrap_or_default();
        let known = cache.version == VERSION;
        let age = hours.saturating_mul(3600);
        // `answered <= now`: after a correction of the clock, entries from the future would never expire.
        cache.answers.retain(|_, entry| known && entry.answered <= now && now - entry.answered < age);
        cache
    }

    /// The redirect of a cached success. The outer `None` means that the URL is not cached.
    pub(super) fn get(&self, address: &str) -> Option<Option<Redirect>> {
        self.answers.get(address).map(|entry| entry.redirect.clone())
    }

    /// The cache with new successes at the time `now`.
    pub(super) fn with(mut self, successes: impl Iterator<Item = (String, Option<Redirect>)>, now: u64) -> Cache {
        self.version = VERSION;
        self.answers.extend(successes.map(|(address, redirect)| (address, Entry { answered: now, redirect })));
        self
    }

    /// Writes the cache atomically. Errors are ignored, because a missing cache costs only time.
    pub(super) fn write(&self, folder: &Path) {
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(folder)?;
            atomic_write::write(&folder.join(FILE), serde_json::to_string(self)?.as_bytes())
        };
        let _ = write();
    }
}
