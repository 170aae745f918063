//! The output folder when a build is killed at any moment, the disk is full, or the output is a mount. Each test starts this
//! test program again as a process of its own.

use crate::full_name;
use crate::world::{Files, World, files, inode, on_disk, published};
use canon::publish::Method;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

// -- Kills

/// The site of a given stamp: some pages change with it, some come and go, some never change.
fn stamped(stamp: usize) -> Files {
    let mut all: Files =
        (0..120).map(|at| (format!("f{}/p{at}.html", at % 7), format!("{stamp}").into_bytes())).collect();
    all.extend((0..60).map(|at| (format!("same/p{at}.html"), b"same".to_vec())));
    all.insert(format!("only-{}/page.html", stamp % 3), b"same".to_vec());
    all
}

/// Not a test by itself: builds one stamp after another until it is killed.
#[test]
fn child_that_builds_until_it_is_killed() {
    let Some(root) = std::env::var_os("CANON_TEST_KILL") else { return };
    let method = if std::env::var_os("CANON_TEST_BY_FILE").is_some() { Method::FileByFile } else { Method::OneStep };
    let world = World::at(Path::new(&root));
    for stamp in 1.. {
        drop(world.build_with(method, &stamped(stamp)).expect("a build"));
        println!("\npublished {stamp}");
    }
}

fn this_test(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("known"));
    command
        .args(["--exact", &full_name(module_path!(), name), "--nocapture", "--test-threads=1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn kill_often(world: &World, method: Method, is_whole: impl Fn(&Files)) {
    drop(world.build_with(method, &stamped(0)).expect("a build"));
    fs::create_dir(world.site().join(".git")).expect("made");
    fs::write(world.site().join(".git/HEAD"), "ref").expect("written");
    let mut seen = std::collections::BTreeSet::new();
    for kill in 0..20u64 {
        let mut command = this_test("child_that_builds_until_it_is_killed");
        command.env("CANON_TEST_KILL", world.root.join(".."));
        if method == Method::FileByFile {
            command.env("CANON_TEST_BY_FILE", "1");
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
        // Into the first, second or third build of the child, and then at any moment of it.
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let reported = lines.by_ref().filter(|line| line.starts_with("published"));
        let published_some = reported.take(kill as usize % 3).count();
        assert_eq!(published_some, kill as usize % 3, "the child stopped by itself");
        // Not a wait: the moment of the kill, another one each time.
        std::thread::sleep(std::time::Duration::from_micros(5_000 + kill * kill * 300));
        child.kill().expect("killed");
        child.wait().expect("gone");
        drop(lines);
        let found = published(&world.site());
        seen.insert(found.get("f0/p0.html").cloned());
        is_whole(&found);
        // Every other time the next killed run has to clean up by itself.
        if kill % 2 == 0 {
            drop(world.build_with(method, &stamped(0)).expect("a build after a kill"));
            let mut expected = stamped(0);
            expected.insert(".git/HEAD".into(), b"ref".to_vec());
            let found = published(&world.site());
            let differing: Vec<_> = found.iter().filter(|(path, bytes)| expected.get(*path) != Some(bytes)).collect();
            let missing: Vec<_> = expected.keys().filter(|path| !found.contains_key(*path)).collect();
            assert!(differing.is_empty() && missing.is_empty(), "kill {kill}: {differing:?} {missing:?}");
            assert_eq!(world.beside_the_output(), Vec::<String>::new());
        }
    }
    assert!(seen.len() > 2, "no killed run ever got to publish anything");
}

fn is_one_stamp(found: &Files) {
    let stamps: std::collections::BTreeSet<_> =
        found.iter().filter(|(path, _)| path.starts_with('f')).map(|(_, bytes)| bytes).collect();
    let pages = found.keys().filter(|path| !path.starts_with(".git")).count();
    assert_eq!((stamps.len(), pages), (1, 181), "{stamps:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_leaves_a_whole_site_and_nothing_beside_it() {
    let world = World::new();
    kill_often(&world, Method::OneStep, |found| {
        is_one_stamp(found);
        assert_eq!(world.beside_the_output(), Vec::<String>::new());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_leaves_a_whole_site_where_staging_is_beside_it() {
    kill_often(&World::staging_beside(), Method::OneStep, is_one_stamp);
}

#[cfg(unix)]
#[test]
fn a_killed_replacement_file_by_file_is_finished_by_the_next_run() {
    kill_often(&World::new(), Method::FileByFile, |_| {});
}

// -- Full disks and mounts, in a mount namespace of the test's own

/// Runs the test `name` again where it may mount, and says so where that is not allowed. `None`: this is that run.
#[cfg(target_os = "linux")]
fn where_mounting_is_allowed(name: &str) -> Option<()> {
    if std::env::var_os("CANON_TEST_MOUNTS").is_some() {
        return None;
    }
    let allowed =
        Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("{name}: not run, mounting is not allowed here");
        return Some(());
    }
    let mut command = Command::new("unshare");
    command.arg("-rm").arg(std::env::current_exe().expect("known"));
    command
        .args(["--exact", &full_name(module_path!(), name), "--nocapture", "--test-threads=1"])
        .env("CANON_TEST_MOUNTS", "1");
    let output = command.output().expect("it runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Some(())
}

#[cfg(target_os = "linux")]
fn mount(arguments: &[&str], at: &Path) {
    fs::create_dir_all(at).expect("made");
    assert!(Command::new("mount").args(arguments).arg(at).status().expect("mount runs").success(), "{arguments:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_site_as_it_was() {
    if where_mounting_is_allowed("a_full_disk_leaves_the_site_as_it_was").is_some() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = folder.path().join("disk");
    mount(&["-t", "tmpfs", "-o", "size=1m", "none"], &disk);
    for (cache_is_there, method) in [(true, Method::OneStep), (false, Method::OneStep), (true, Method::FileByFile)] {
        let mut world = World::at(&disk);
        if !cache_is_there {
            world.user_dirs.cache = folder.path().join("cache");
        }
        let page = "x".repeat(50_000);
        drop(world.build_with(method, &files(&[("a.html", &page), ("b.html", "b")])).expect("a build"));
        let before = on_disk(&world.site());
        let too_much: Files = (0..40).map(|at| (format!("p/{at}.html"), page.clone().into_bytes())).collect();
        let error = world.build_with(method, &too_much).expect_err("a full disk");
        assert!(
            error.to_string().contains("work/public/p/") && error.to_string().contains("No space left on device"),
            "{error}"
        );
        assert_eq!(on_disk(&world.site()), before);
        assert_eq!(world.beside_the_output(), Vec::<String>::new());
        drop(world.build_with(method, &files(&[("a.html", "2")])).expect("room again"));
        drop(world.build_with(method, &files(&[])).expect("room again"));
        fs::remove_dir_all(world.root.join("../home")).expect("removed");
        fs::remove_dir_all(&world.root).expect("removed");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_mount_point_is_replaced_file_by_file() {
    if where_mounting_is_allowed("a_mount_point_is_replaced_file_by_file").is_some() {
        return;
    }
    let world = World::new();
    mount(&["-t", "tmpfs", "none"], &world.site());
    let before = inode(&world.site());
    for text in ["1", "2", "3"] {
        let all = files(&[("index.html", text), ("a/page.html", text), ("same.html", "same")]);
        let result = world.build(&all);
        assert!(!result.in_one_step);
        drop(result);
        assert_eq!(published(&world.site()), all);
    }
    assert_eq!(inode(&world.site()), before);
    assert_eq!(fs::read_dir(world.site().join(".canon")).expect("readable").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn mounts_deceive_nobody() {
    if where_mounting_is_allowed("mounts_deceive_nobody").is_some() {
        return;
    }
    let world = World::new();
    // The source under another name.
    let twin = world.root.join("twin");
    mount(&["--bind", &world.source[0].display().to_string()], &twin);
    assert!(world.refusal(&twin).to_string().contains("is the source folder"));
    // The same device, but not the same mount: the cache is of no use, and nothing stays beside the output.
    let cache = world.root.join("../home/.cache");
    fs::create_dir_all(&cache).expect("made");
    mount(&["--bind", &cache.display().to_string()], &cache);
    for text in ["1", "2"] {
        assert!(world.build(&files(&[("index.html", text)])).in_one_step);
    }
    assert_eq!(world.beside_the_output(), ["twin"]);
    // A file system that cannot be written to.
    let fixed = world.root.join("fixed");
    mount(&["-t", "tmpfs", "-o", "ro", "none"], &fixed);
    let error = world.refusal(&fixed.join("public"));
    assert!(error.to_string().contains("Read-only file system"), "{error}");
}
