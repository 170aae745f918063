//! What a client may take of time and room, and what every connection shares.

use super::access::Access;
use super::http::Backend;
use super::ready;
use std::time::Duration;

/// What a client may take of time and room.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; above that the one that has been silent the longest makes room.
    pub connections: usize,
    /// Requests that tiny_http has at once, beside those held for news.
    pub exchanges: usize,
    /// Requests held for news.
    pub held: usize,
    /// From a connection, or the end of its last answer, to the end of its head.
    pub head: Duration,
    /// For the site to make an answer.
    pub answer: Duration,
    /// For a client to take the next `progress` bytes of an answer, or the rest.
    pub write: Duration,
    /// In bytes.
    pub progress: u64,
    /// For a client to hang up after the last answer.
    pub farewell: Duration,
    /// Requests on one connection.
    pub requests: u32,
}

impl Limits {
    /// The limits for a process that may have `descriptors` open files: an exchange takes four of them at most, and the
    /// site needs some for itself.
    pub fn for_descriptors(descriptors: u64) -> Limits {
        let spare = descriptors.saturating_sub(40) as usize;
        Limits {
            connections: (spare / 2).clamp(8, 512),
            exchanges: (spare / 12).clamp(2, 32),
            held: (spare / 24).clamp(1, 32),
            head: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            // A little under the ten seconds that are promised.
            write: Duration::from_millis(9_500),
            progress: 64 * 1024,
            farewell: Duration::from_millis(900),
            requests: 100,
        }
    }

    /// The limits for this process.
    pub fn for_this_process() -> Limits {
        Limits::for_descriptors(ready::descriptor_limit())
    }
}

/// What every connection of a guard shares.
pub(super) struct ServerContext {
    /// Whose requests are answered.
    pub access: Access,
    /// What each may take.
    pub limits: Limits,
    /// Who answers.
    pub backend: Backend,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_are_enough_for_all_that_is_admitted() {
        for descriptors in [64, 256, 1024, 20_000, u64::MAX] {
            let limits = Limits::for_descriptors(descriptors);
            // A client's socket, and three more for each exchange and each request held for news.
            let taken = limits.connections + 3 * (limits.exchanges + limits.held);
            assert!((taken as u64) < descriptors.saturating_sub(24), "{descriptors}: {limits:?}");
        }
    }
}
