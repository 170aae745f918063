//! Runs the command line and exits with its status.

use std::process::ExitCode;

/// jemalloc in place of the system allocator: a build allocates and frees millions of small values, for which it is
/// faster, and in a preview that runs for days it limits the growth from memory freed on other threads.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Configuration of jemalloc, which reads this symbol before `main` starts. Requests huge pages of 2 MiB, because page
/// faults and TLB misses take up to a tenth of a build's time with small pages. Only for x86-64: huge pages of other
/// processors have up to 512 MiB. `canon serve` turns them off.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[allow(unsafe_code)]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8; 11] = b"thp:always\0";

fn main() -> ExitCode {
    canon::run()
}
