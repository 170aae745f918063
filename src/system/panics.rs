//! Runs the work on one note and turns a panic in it into a value, so one note that triggers a bug of Canon does not
//! affect the other notes. Knows nothing of notes.
//!
//! A panic is always a bug of Canon. The caller that catches one reports it as `internal-error`.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panic {
    /// The panic message on one line, followed by its source location in Canon.
    pub message: String,
}

/// The help text of an `internal-error`.
pub(crate) const HELP: &str =
    "please report it, with this note; until it is mended, change or remove what is unusual in the note";

thread_local! {
    /// The number of nested calls of [`catch`] on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// The message of the last panic on this thread.
    static LAST_MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work` and returns its result, or the panic in it as a value. Without a panic this costs as much as a function
/// call.
///
/// # Errors
/// The work panicked. Values that it was changing may be half changed: drop them.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    install_hook();
    DEPTH.set(DEPTH.get() + 1);
    LAST_MESSAGE.set(None);
    let result = std::panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|payload| {
        // The hook runs on the thread that panics. When rayon resumes the panic of a worker thread here, only the
        // payload arrives, without a source location.
        let resumed = || payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "no reason is known".into());
        Panic { message: LAST_MESSAGE.take().unwrap_or_else(resumed) }
    })
}

/// Installs the panic hook that records a panic within [`catch`] instead of printing it. Panics outside of [`catch`] are
/// printed as before.
fn install_hook() {
    static ONCE: Once = Once::new();
    // Once: the hook is global to the process, and every further call would wrap the previous hook again.
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match DEPTH.get() {
            0 => before(info),
            _ => LAST_MESSAGE.set(Some(describe(info))),
        }));
    });
}

/// The message and location of a panic on one line: `byte index 3 is not a char boundary (src/note/mod.rs:12)`.
fn describe(info: &PanicHookInfo<'_>) -> String {
    // Terminals and report formats show a message on one line, and a slicing panic quotes the sliced text.
    let text = info.payload_as_str().unwrap_or("no reason is known");
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    match info.location() {
        Some(at) => format!("{text} ({}:{})", at.file(), at.line()),
        None => text,
    }
}

/// Panics in tests where a text asks for it, so tests see what a fault of Canon does at each stage. In the program
/// itself this is nothing.
#[cfg(test)]
pub(crate) fn fault_for_tests(stage: &str, text: &str) {
    assert!(!text.contains(&format!("fault while {stage}")), "a test asked for this fault while {stage}");
}

/// See above: the program has no such faults.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn fault_for_tests(_stage: &str, _text: &str) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_value_with_its_place() {
        assert_eq!(catch(|| 1), Ok(1));
        let found = catch(|| "é".split_at(1).0.len()).expect_err("a panic");
        assert!(found.message.contains("not a char boundary"), "{}", found.message);
        let nested = catch(|| catch(|| panic!("inner\nline")).expect_err("a panic").message).expect("no panic outside");
        assert!(nested.starts_with("inner line (src/system/panics.rs:"), "{nested}");
        assert_eq!(DEPTH.get(), 0);
    }
}
