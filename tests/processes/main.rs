//! The tests that start other programs than `canon`, or this test program again as a process of its own: servers without
//! file descriptors, builds that are killed, disks that are full, users who may not write, browsers that are opened.
//! `tests/run --fast` leaves them out.

#[path = "../built/mod.rs"]
mod built;
#[path = "../serve_double/mod.rs"]
mod serve_double;
#[path = "../world/mod.rs"]
mod world;

mod hooks;
mod output_killed;
mod output_read_only;
mod repairs;
mod serve_floods;
mod serve_program;
mod since;
mod streams;
mod writing;

/// The name by which the test program knows the test `name` of the module with the path `module` (`module_path!()`).
fn full_name(module: &str, name: &str) -> String {
    let (_, inside) = module.split_once("::").expect("a module of this test program");
    format!("{inside}::{name}")
}
