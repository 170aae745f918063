//! Background work that no page waits for: rules run at low priority, and large values are dropped. Knows no site.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Sender, channel};
use std::thread::Builder;

/// A single thread with low priority, so that an edit during the work finds a free processor. The thread is reused, because
/// jemalloc arenas belong to threads: memory that is freed by a run of the rules serves the next run.
pub(super) struct BackgroundWorker(Option<ThreadPool>);

impl BackgroundWorker {
    /// Starts the thread. Without a thread, work runs on the calling thread.
    pub(super) fn new() -> BackgroundWorker {
        let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "canon-background".into());
        BackgroundWorker(pool.start_handler(|_| lower_priority()).build().ok())
    }

    /// Runs some work on the thread and waits for the result.
    pub(super) fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Lowers the priority of the calling thread. Only Linux can do this for a single thread.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    // On Linux `setpriority` with process 0 means the calling thread. If it fails, the thread keeps the normal priority.
    let _ = rustix::process::setpriority_process(None, 15);
}

/// Drops large values on a background thread, which ends when the sender is dropped. `None` if no thread can be created. The
/// thread has normal priority: states that wait to be dropped are memory in use.
pub(super) fn drop_in_background<T: Send + 'static>() -> Option<Sender<T>> {
    let (sender, receiver) = channel::<T>();
    let drop_all = move || receiver.into_iter().for_each(drop);
    Builder::new().name("canon-drop".into()).spawn(drop_all).is_ok().then_some(sender)
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
    fn values_are_dropped() {
        let (value, drop_in_background) = (Arc::new(()), drop_in_background().expect("a thread"));
        for _ in 0..3 {
            drop_in_background.send(value.clone()).expect("somebody listens");
            while Arc::strong_count(&value) > 1 {
                std::thread::yield_now();
            }
        }
    }
}
