//! The limits of a client, and the values that all connections share.

use super::access::Access;
use super::http::Backend;
use super::ready;
use std::time::Duration;

/// The limits of a client in time, bytes and connections.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections. For a further client, the connection that has been idle the longest is closed.
    pub connections: usize,
    /// Requests that tiny_http answers at the same time, without the held requests.
    pub exchanges: usize,
    /// Held requests, which wait for a change of the site.
    pub held: usize,
    /// Time from the connection, or from the end of the last answer, to the end of a head.
    pub head: Duration,
    /// Time for the site to make an answer.
    pub answer: Duration,
    /// Time for a client to receive the next `progress` bytes of an answer, or the rest.
    pub write: Duration,
    /// Bytes that extend the time limit `write`.
    pub progress: u64,
    /// Time for a client to close the connection after the last answer.
    pub farewell: Duration,
    /// Requests on one connection.
    pub requests: u32,
}

impl Limits {
    /// The limits for a process with at most `descriptors` open files. An exchange needs up to four, and the site needs some
    /// for notes and pictures.
    pub fn for_descriptors(descriptors: u64) -> Limits {
        let spare = descriptors.saturating_sub(40) as usize;
        Limits {
            connections: (spare / 2).clamp(8, 512),
            exchanges: (spare / 12).clamp(2, 32),
            held: (spare / 24).clamp(1, 32),
            head: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            // With the time until the next poll, a stalled client is disconnected within ten seconds.
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

/// The values that all connections share.
pub(super) struct ServerContext {
    /// Decides which requests are answered.
    pub access: Access,
    /// The limits of each connection.
    pub limits: Limits,
    /// Makes the answers.
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
