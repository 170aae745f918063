//! Arguments in, exit status out.

use std::process::ExitCode;

/// A build makes and drops millions of small values, and a preview lives for days: this allocator is faster than the system's and
/// keeps what many threads let go from growing.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    canon::cli::run()
}
