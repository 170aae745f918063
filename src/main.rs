//! Arguments in, exit status out.

use std::process::ExitCode;

/// A build makes and drops millions of small values, and a preview lives for days: this allocator is faster than the system's and
/// keeps what many threads let go from growing.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How the allocator is set up, which it reads before anything runs: it asks the system for pages of 2 MB, since a build that fills
/// memory page by page spends up to a tenth of its time on faults and look-ups. Other processors have huge pages of up to 512 MB.
/// `canon serve` goes without.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[allow(unsafe_code)]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8; 11] = b"thp:always\0";

fn main() -> ExitCode {
    canon::run()
}
