//! Work on one note, watched: a panic in it becomes a value, so that one note that this program cannot cope with costs
//! no other note anything. Knows nothing of notes.
//!
//! A panic is always a fault of this program. Whoever catches one reports it as such (`internal-error`).

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// A panic that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panic {
    /// What it said, on one line, and where in the source of this program it was.
    pub message: String,
}

/// What to do about an `internal-error`.
pub(crate) const HELP: &str =
    "please report it, with this note; until it is mended, change or remove what is unusual in the note";

thread_local! {
    /// How many calls of [`catch`] this thread is in.
    static WATCHED: Cell<usize> = const { Cell::new(0) };
    /// What the last panic of this thread said.
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does the work, or says what went wrong in it. Without a panic this costs as much as a function call.
///
/// # Errors
/// The work panicked. Values that it was changing may be half changed: drop them.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    listen();
    WATCHED.set(WATCHED.get() + 1);
    LAST.set(None);
    let result = std::panic::catch_unwind(AssertUnwindSafe(work));
    WATCHED.set(WATCHED.get() - 1);
    result.map_err(|payload| {
        // A panic that a worker thread handed on has no place in this thread.
        let handed_on = || payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "no reason is known".into());
        Panic { message: LAST.take().unwrap_or_else(handed_on) }
    })
}

/// Makes panics within [`catch`] known to it instead of printing them. Others are printed as before.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match WATCHED.get() {
            0 => before(info),
            _ => LAST.set(Some(described(info))),
        }));
    });
}

/// `byte index 3 is not a char boundary (src/note/mod.rs:12)`, on one line.
fn described(info: &PanicHookInfo<'_>) -> String {
    let said = info.payload_as_str().unwrap_or("no reason is known");
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    match info.location() {
        Some(at) => format!("{said} ({}:{})", at.file(), at.line()),
        None => said,
    }
}

/// Panics in tests where a text asks for it, so that tests see what a fault of this program does at each stage. In the
/// program itself this is nothing.
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
        assert_eq!(WATCHED.get(), 0);
    }
}
