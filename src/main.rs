//! Arguments in, exit status out.

use std::process::ExitCode;

/// A build makes and drops millions of small values: with the system's allocator an eighth of its processor time more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    canon::cli::run()
}
