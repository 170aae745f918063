//! Work that takes much memory for a while, on threads that end with it: what a waiting thread has freed, and what others freed
//! of its own, stays with it; what an ended one leaves goes back to the system. Knows no site.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::Duration;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Haste {
    /// Somebody waits: all processors.
    Awaited,
    /// Nobody does: one thread that gives way, so that an edit meanwhile finds the machine free.
    Behind,
}

/// Does some work on threads that end thereafter; on this one where no others can be had.
pub(super) fn on_passing_threads<T: Send>(haste: Haste, work: impl FnOnce() -> T + Send) -> T {
    let usual = rayon::ThreadPoolBuilder::new().thread_name(|n| format!("canon-work-{n}"));
    let pool = match haste {
        Haste::Awaited => usual.build(),
        Haste::Behind => usual.num_threads(1).start_handler(|_| give_way()).build(),
    };
    match pool {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Lets other threads go first, where the system can do that for one thread.
fn give_way() {
    #[cfg(target_os = "linux")]
    // Linux counts niceness by thread; where it is refused, work behind is as eager as that for pages.
    let _ = rustix::process::setpriority_process(None, 15);
}

/// The pauses between looks for the memory of what was let go. The first look finds what is free; the later ones give it back, the
/// more pieces there are the later.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(20), Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(1)];

/// Lets large values go where nobody waits for that. Ends when the sender does; `None` where no thread can be had.
pub(super) fn sweeper<T: Send + 'static>() -> Option<Sender<T>> {
    let (sender, receiver) = channel::<T>();
    let sweep = move || {
        give_way();
        let mut looks = LOOKS.iter();
        loop {
            let next = match looks.next() {
                Some(&pause) => receiver.recv_timeout(pause),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(value) => {
                    drop(value);
                    looks = LOOKS.iter();
                }
                Err(RecvTimeoutError::Timeout) => look_through(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    Builder::new().name("canon-sweep".into()).spawn(sweep).is_ok().then_some(sender)
}

/// The allocator looks through what ended threads left whenever one more ends that had any memory.
fn look_through() {
    let passing = Builder::new().name("canon-look".into()).spawn(|| drop(std::hint::black_box(vec![0_u8; 1024])));
    // Where it could not be started, or failed, memory stays a little longer.
    let _ = passing.map(|thread| thread.join());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn work_is_done_elsewhere_and_its_threads_end() {
        let here = std::thread::current().id();
        for haste in [Haste::Awaited, Haste::Behind] {
            let kept = Arc::new(());
            let own = kept.clone();
            let there = on_passing_threads(haste, move || {
                thread_local!(static OWN: std::cell::RefCell<Option<Arc<()>>> = const { std::cell::RefCell::new(None) });
                OWN.set(Some(own));
                std::thread::current().id()
            });
            assert_ne!(there, here);
            // What a thread has of its own goes when it ends.
            while Arc::strong_count(&kept) > 1 {
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn values_are_let_go() {
        let (value, sweeper) = (Arc::new(()), sweeper().expect("a thread"));
        for _ in 0..3 {
            sweeper.send(value.clone()).expect("somebody listens");
            while Arc::strong_count(&value) > 1 {
                std::thread::yield_now();
            }
        }
    }
}
