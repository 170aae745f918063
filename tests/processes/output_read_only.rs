//! The output folder, and what is kept for it, where modes forbid this user to write. Root, whom no mode stops, starts this
//! test program again as an ordinary user.

#![cfg(unix)]

use crate::full_name;
use crate::world::{World, files, is_root, on_disk, published, set_mode};
use canon::publish::{Method, OutputError, stage};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Runs the test `name` again as an ordinary user, where this is root, whom no mode stops. `None`: this is such a user.
fn as_an_ordinary_user(name: &str) -> Option<()> {
    if !is_root() {
        return None;
    }
    const NOBODY: u32 = 65534;
    let folder = tempfile::tempdir().expect("a temporary folder");
    set_mode(folder.path(), 0o755);
    let (program, home) = (folder.path().join("tests"), folder.path().join("home"));
    // By another process: a program that this one, which other tests fork meanwhile, has open for writing cannot be run.
    let copied = Command::new("cp").arg(std::env::current_exe().expect("known")).arg(&program).status();
    assert!(copied.expect("cp runs").success());
    fs::create_dir(&home).expect("made");
    std::os::unix::fs::chown(&home, Some(NOBODY), Some(NOBODY)).expect("allowed");
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]).arg(&program);
    command
        .args(["--exact", &full_name(module_path!(), name), "--nocapture", "--test-threads=1"])
        .env("TMPDIR", &home)
        .current_dir(&home);
    let Ok(output) = command.output() else {
        eprintln!("{name}: not run, there is no setpriv here");
        return Some(());
    };
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    Some(())
}

#[test]
fn an_output_made_read_only_is_refused_untouched_and_stops_no_later_build() {
    if as_an_ordinary_user("an_output_made_read_only_is_refused_untouched_and_stops_no_later_build").is_some() {
        return;
    }
    for method in [Method::OneStep, Method::FileByFile] {
        let world = World::new();
        let (one, two) = (
            files(&[("index.html", "1"), ("a/page.html", "1")]),
            files(&[("index.html", "2"), ("a/page.html", "2"), ("new/page.html", "2")]),
        );
        drop(world.build_with(method, &one).expect("a build"));
        let refused = |world: &World| {
            let before = on_disk(&world.site());
            set_mode(&world.site(), 0o555);
            let error = world.build_with(method, &two).expect_err("read-only");
            assert!(matches!(error, OutputError::Unwritable { .. }), "{method:?}: {error}");
            let text = error.to_string();
            assert!(text.contains("work/public: Permission denied") && text.contains("chmod u+rwx"), "{text}");
            assert_eq!(on_disk(&world.site()), before);
            assert_eq!(world.beside_the_output(), Vec::<String>::new());
            set_mode(&world.site(), 0o755);
        };
        refused(&world);
        drop(world.build_with(method, &two).expect("writable again"));
        assert_eq!(published(&world.site()), two);
        drop(world.build_with(method, &one).expect("a build"));
        refused(&world);
        fs::remove_dir_all(world.site()).expect("removed");
        drop(world.build_with(method, &two).expect("a new output"));
        assert_eq!(published(&world.site()), two);
    }
}

#[test]
fn read_only_folders_of_the_site_stop_no_exchange_and_no_later_build() {
    if as_an_ordinary_user("read_only_folders_of_the_site_stop_no_exchange_and_no_later_build").is_some() {
        return;
    }
    for world in [World::new(), World::staging_beside()] {
        let site = |text: &str| files(&[("index.html", text), ("a/b/page.html", text), ("a/same.html", "same")]);
        drop(world.build(&site("0")));
        for text in ["1", "2", "3", "4"] {
            for path in ["a/b/page.html", "a/same.html", "a/b", "a", ".canon"] {
                let path = world.site().join(path);
                set_mode(&path, if path.is_dir() { 0o555 } else { 0o444 });
            }
            let result = world.build(&site(text));
            assert!(result.in_one_step);
            drop(result);
            assert_eq!(published(&world.site()), site(text));
            assert_eq!(world.beside_the_output(), Vec::<String>::new());
        }
    }
}

#[test]
fn file_by_file_nothing_is_touched_where_one_folder_is_read_only() {
    if as_an_ordinary_user("file_by_file_nothing_is_touched_where_one_folder_is_read_only").is_some() {
        return;
    }
    let world = World::new();
    let site = |text: &str| files(&[("index.html", text), ("a/page.html", text), ("z/page.html", text)]);
    drop(world.build_with(Method::FileByFile, &site("1")).expect("a build"));
    let before = on_disk(&world.site());
    set_mode(&world.site().join("z"), 0o555);
    let error = world.build_with(Method::FileByFile, &site("2")).expect_err("read-only");
    assert!(error.to_string().contains("work/public/z: Permission denied"), "{error}");
    assert_eq!(on_disk(&world.site()), before);
    // What does not change need not be writable.
    let mut partly = site("2");
    partly.insert("z/page.html".into(), b"1".to_vec());
    drop(world.build_with(Method::FileByFile, &partly).expect("a build"));
    set_mode(&world.site().join("z"), 0o755);
    drop(world.build_with(Method::FileByFile, &site("2")).expect("a build"));
    assert_eq!(published(&world.site()), site("2"));
}

/// The folder of the world's output in its cache.
fn cached(world: &World) -> PathBuf {
    let outputs = world.user_dirs.cache.join("canon/outputs");
    fs::read_dir(outputs).expect("readable").next().expect("one").expect("readable").path()
}

#[test]
fn a_journal_that_cannot_be_finished_is_given_up_with_a_word() {
    if as_an_ordinary_user("a_journal_that_cannot_be_finished_is_given_up_with_a_word").is_some() {
        return;
    }
    let site = |text: &str| files(&[("index.html", text), ("a/page.html", text)]);
    for (output_is_there, mode_of_tree) in [(true, 0o555), (true, 0o755), (false, 0o555)] {
        let world = World::new();
        drop(world.build_with(Method::FileByFile, &site("1")).expect("a build"));
        let other = World::new();
        drop(other.build(&site("2")));
        let tree = cached(&world).join("tree");
        assert!(Command::new("cp").arg("-r").arg(other.site()).arg(&tree).status().expect("cp runs").success());
        set_mode(&tree, mode_of_tree);
        fs::write(cached(&world).join("journal.json"), r#"{"version":1,"staged":"cache"}"#).expect("written");
        match output_is_there {
            true => set_mode(&world.site().join("a"), 0o555),
            false => fs::remove_dir_all(world.site()).expect("removed"),
        }
        let output = world.site();
        let staging = stage(&world.destination(&output, Method::OneStep)).expect("staged");
        let notices = staging.notices().join("\n");
        assert_eq!(notices.contains("this build starts over"), output_is_there, "{notices}");
        assert_eq!(notices.contains("public/a: Permission denied"), output_is_there, "{notices}");
        site("3").iter().try_for_each(|(path, bytes)| staging.write(path, bytes)).expect("written");
        drop(staging.publish().expect("published"));
        assert_eq!(published(&world.site()), site("3"));
        let staging = stage(&world.destination(&output, Method::OneStep)).expect("staged");
        assert!(staging.notices().is_empty(), "{:?}", staging.notices());
    }
}

#[test]
fn a_preserved_folder_that_cannot_be_moved_stays_where_it_is() {
    if as_an_ordinary_user("a_preserved_folder_that_cannot_be_moved_stays_where_it_is").is_some() {
        return;
    }
    for world in [World::new(), World::staging_beside()] {
        drop(world.build(&files(&[("index.html", "0")])));
        fs::create_dir(world.site().join(".git")).expect("made");
        fs::write(world.site().join(".git/HEAD"), "ref").expect("written");
        set_mode(&world.site().join(".git"), 0o555);
        for text in ["1", "2"] {
            let result = world.build(&files(&[("index.html", text)]));
            assert!(!result.in_one_step);
            drop(result);
            assert_eq!(published(&world.site()), files(&[("index.html", text), (".git/HEAD", "ref")]));
        }
        set_mode(&world.site().join(".git"), 0o755);
        assert!(world.build(&files(&[("index.html", "3")])).in_one_step);
    }
}

#[test]
fn a_cache_that_cannot_be_used_stops_no_build() {
    if as_an_ordinary_user("a_cache_that_cannot_be_used_stops_no_build").is_some() {
        return;
    }
    let world = World::new();
    drop(world.build(&files(&[("index.html", "1")])));
    for (text, path, mode) in [("2", cached(&world), 0o000), ("3", world.user_dirs.cache.clone(), 0o555)] {
        set_mode(&path, mode);
        drop(world.build(&files(&[("index.html", text)])));
        set_mode(&path, 0o755);
        assert_eq!(published(&world.site()), files(&[("index.html", text)]));
    }
}
