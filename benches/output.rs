//! Measures writing a site of 20,000 pages, by the number of pages that changed since the last build and the location
//! of the staging folder: `cargo bench --bench output -- [FOLDER]…`. Each folder (default: the temporary one) is
//! measured once with a cache on its own file system, and once with the staging folder next to the output. Prints
//! wall-clock and processor time in milliseconds.

use canon::publish::{Destination, Method, UserDirs, stage};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PAGES: usize = 20_000;

fn main() {
    let mut folders: Vec<PathBuf> =
        std::env::args().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    if folders.is_empty() {
        folders.push(std::env::temp_dir());
    }
    for folder in folders {
        for beside in [false, true] {
            println!("{}, staging {}", folder.display(), if beside { "beside the output" } else { "in the cache" });
            measure(&folder, beside);
        }
    }
}

fn measure(folder: &Path, beside: bool) {
    let world = tempfile::tempdir_in(folder).expect("a folder to work in");
    let root = world.path().join("work");
    std::fs::create_dir(&root).expect("made");
    #[cfg(unix)]
    if beside {
        // With an inherited group, files created in the cache would have different attributes, so the staging folder is
        // next to the output.
        std::fs::set_permissions(&root, std::os::unix::fs::PermissionsExt::from_mode(0o2755)).expect("allowed");
    }
    let user_dirs = UserDirs { cache: world.path().join("cache"), home: None, current: None };
    let build = |what: &str, stamp_of: &(dyn Fn(usize) -> usize + Sync)| {
        let output = root.join("public");
        let destination = Destination {
            output: &output,
            sources: &[],
            preserve: &[],
            user_dirs: &user_dirs,
            method: Method::OneStep,
        };
        let (began, spent) = (Instant::now(), processor_time());
        let staging = stage(&destination).expect("staged");
        (0..PAGES).into_par_iter().for_each(|page| {
            let text = format!("page {page}, version {:08}\n", stamp_of(page)).repeat(230);
            staging.write(&format!("folder-{}/page-{page}.html", page % 100), text.as_bytes()).expect("written");
        });
        let written = began.elapsed();
        let published = staging.publish().expect("published");
        let done = began.elapsed();
        drop(published);
        let spent = processor_time() - spent;
        let ms = |time: Duration| time.as_millis();
        println!(
            "  {what:24} {:6} ms to the result (staged after {:5}), {:6} ms to the end, {:6} ms of CPU",
            ms(done),
            ms(written),
            ms(began.elapsed()),
            ms(spent)
        );
    };
    build("first build", &|_| 1);
    build("nothing changed", &|_| 1);
    build("one page changed", &|page| if page == 7 { 2 } else { 1 });
    build("another page changed", &|page| if page == 7 { 2 } else { 1 + usize::from(page == 8) });
    build("all changed", &|_| 3);
    build("all changed again", &|_| 4);
    build("half changed", &|page| 4 + page % 2);
    build("nothing changed", &|page| 4 + page % 2);
}

/// The user and system time of this process, from `/proc/self/stat` in hundredths of a second. Zero on further systems.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
