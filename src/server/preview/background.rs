//! Work that no page waits for: findings, which give way to what somebody waits for, and letting go. Knows no site.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;

/// One thread that gives way, so that an edit meanwhile finds the machine free. Always the same one: what one piece of work
/// let go lies ready for the next.
pub(super) struct BackgroundWorker(Option<ThreadPool>);

impl BackgroundWorker {
    /// Starts the thread. Where none can be had, work is done by who asks for it.
    pub(super) fn new() -> BackgroundWorker {
        let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "canon-behind".into());
        BackgroundWorker(pool.start_handler(|_| lower_priority()).build().ok())
    }

    /// Does some work on it.
    pub(super) fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Lets other threads go first, where the system can do that for one thread.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // Linux counts niceness by thread; where it is refused, work behind is as eager as that for pages.
    let _ = rustix::process::setpriority_process(None, 15);
}

/// Lets large values go where nobody waits for that. Ends when the sender does; `None` where no thread can be had. It does
/// not give way: old states that wait to be let go while new ones are made are memory that the process keeps.
pub(super) fn drop_in_background<T: Send + 'static>() -> Option<Sender<T>> {
    let (sender, receiver) = channel::<T>();
    let sweep = move || receiver.into_iter().for_each(drop);
    Builder::new().name("canon-sweep".into()).spawn(sweep).is_ok().then_some(sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn work_is_done_elsewhere_by_one_thread_which_ends() {
        let kept = Arc::new(());
        let behind = BackgroundWorker::new();
        let first = behind.work(|| {
            thread_local!(static OWN: std::cell::RefCell<Option<Arc<()>>> = const { std::cell::RefCell::new(None) });
            OWN.set(Some(kept.clone()));
            std::thread::current().id()
        });
        assert_ne!(first, std::thread::current().id());
        assert_eq!(first, behind.work(|| std::thread::current().id()));
        drop(behind);
        // What a thread has of its own goes when it ends.
        while Arc::strong_count(&kept) > 1 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn values_are_let_go() {
        let (value, drop_in_background) = (Arc::new(()), drop_in_background().expect("a thread"));
        for _ in 0..3 {
            drop_in_background.send(value.clone()).expect("somebody listens");
            while Arc::strong_count(&value) > 1 {
                std::thread::yield_now();
            }
        }
    }
}
