//! Work that no page waits for: it gives way to what somebody waits for. Knows no site.

use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;

/// Does some work on one thread that gives way, so that an edit meanwhile finds the machine free; on this one where no other can
/// be had.
pub(super) fn behind<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "canon-behind".into());
    match pool.start_handler(|_| give_way()).build() {
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

/// Lets large values go where nobody waits for that. Ends when the sender does; `None` where no thread can be had.
pub(super) fn sweeper<T: Send + 'static>() -> Option<Sender<T>> {
    let (sender, receiver) = channel::<T>();
    let sweep = move || {
        give_way();
        receiver.into_iter().for_each(drop);
    };
    Builder::new().name("canon-sweep".into()).spawn(sweep).is_ok().then_some(sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn work_is_done_elsewhere_and_its_thread_ends() {
        let here = std::thread::current().id();
        let kept = Arc::new(());
        let own = kept.clone();
        let there = behind(move || {
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
