//! Counts the allocations of a program: the one measure of its work that is equal on every machine and under any load.

#![allow(unsafe_code, reason = "an allocator cannot be written without; every call is passed on to that of the system")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// The allocator of the system, which counts what it is asked for.
pub struct Counting {
    calls: AtomicU64,
    bytes: AtomicU64,
}

impl Counting {
    pub const fn new() -> Counting {
        Counting { calls: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// The number of allocations and their bytes so far.
    pub fn so_far(&self) -> (u64, u64) {
        (self.calls.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    fn count(&self, bytes: usize) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

// SAFETY: every call is passed on unchanged to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(start, layout, size) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        unsafe { System.dealloc(start, layout) }
    }
}
