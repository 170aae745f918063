//! The output folder through its public face: what is published, what is refused, what a killed run leaves to the next.
//! Kills, full disks and mounts are in `processes/output_killed.rs`, modes that forbid to write in
//! `processes/output_read_only.rs`.

mod world;

use canon::publish::{MANIFEST_PATH, Method, OutputError, stage};
use canon::system::{DiskFile, Folder};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use world::{Files, World, files, on_disk, published};
#[cfg(unix)]
use world::{inode, is_root, set_mode};

// -- What is published

#[test]
fn a_first_build_makes_the_folder_and_its_parents() {
    let world = World::new();
    let site = world.root.join("deep/er/public");
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
    staging.write("a/b/c.html", b"c").expect("written");
    staging.write("index.html", b"").expect("written");
    let result = staging.publish().expect("published");
    assert_eq!((result.files, result.unchanged, result.removed, result.in_one_step), (2, 0, 0, true));
    assert_eq!(published(&site), files(&[("a/b/c.html", "c"), ("index.html", "")]));
}

#[test]
fn stale_files_and_their_folders_go_and_unchanged_files_stay_the_same_files() {
    let world = World::new();
    drop(world.build(&files(&[("same.html", "same"), ("old/page.html", "1"), ("edited.html", "1")])));
    let before = fs::metadata(world.site().join("same.html")).expect("it exists");
    for round in 2..6 {
        let edited = round.to_string();
        let result =
            world.build(&files(&[("same.html", "same"), ("edited.html", &edited), ("new/page.html", &edited)]));
        assert_eq!((result.files, result.unchanged, result.removed), (3, 1, usize::from(round == 2)));
        let after = fs::metadata(world.site().join("same.html")).expect("it exists");
        assert_eq!(before.modified().expect("a time"), after.modified().expect("a time"));
        assert!(!world.site().join("old").exists());
        assert_eq!(fs::read(world.site().join("edited.html")).expect("it exists"), edited.as_bytes());
    }
    assert_eq!(world.beside_the_output(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_build_that_changes_nothing_leaves_the_very_folder() {
    for world in [World::new(), World::staging_beside()] {
        let all = files(&[("index.html", "i"), ("a/b.html", "b")]);
        drop(world.build(&all));
        let before = inode(&world.site());
        let result = world.build(&all);
        assert_eq!((result.unchanged, result.files, result.in_one_step), (2, 2, true));
        drop(result);
        assert_eq!(inode(&world.site()), before);
        assert_eq!(world.beside_the_output(), Vec::<String>::new());
    }
}

#[test]
fn the_same_site_gives_the_same_bytes_in_any_order_of_writing() {
    let (one, other) = (World::new(), World::new());
    let all = files(&[("b.html", "b"), ("a/ü \"x\".html", "a"), ("c/d/e.html", "e")]);
    drop(one.build(&files(&[("b.html", "before"), ("gone.html", "")])));
    drop(one.build(&all));
    let site = other.site();
    let staging = stage(&other.destination(&site, Method::OneStep)).expect("staged");
    std::thread::scope(|scope| {
        for (path, bytes) in all.iter().rev() {
            let staging = &staging;
            scope.spawn(move || staging.write(path, bytes).expect("written"));
        }
    });
    drop(staging.publish().expect("published"));
    assert_eq!(on_disk(&one.site()), on_disk(&site));
}

#[test]
fn a_published_file_that_somebody_changed_is_mended() {
    for method in [Method::OneStep, Method::FileByFile] {
        let world = World::new();
        let all = files(&[("a.html", "right"), ("b.html", "right"), ("c.html", "right"), ("d.html", "right")]);
        drop(world.build_with(method, &all).expect("a build"));
        fs::write(world.site().join("a.html"), "wrong").expect("same length");
        fs::write(world.site().join("b.html"), "longer than before").expect("written");
        fs::remove_file(world.site().join("c.html")).expect("removed");
        let result = world.build_with(method, &all).expect("a build");
        assert_eq!((result.unchanged, result.removed), (1, 0), "{method:?}");
        assert_eq!(published(&world.site()), all);
    }
}

#[cfg(unix)]
#[test]
fn a_copy_made_with_hard_links_is_never_written_through() {
    let world = World::new();
    let copy = world.root.join("../copy.html");
    drop(world.build(&files(&[("a.html", "first"), ("b.html", "x")])));
    fs::hard_link(world.site().join("a.html"), &copy).expect("linked");
    for text in ["second", "third", "fourth"] {
        drop(world.build(&files(&[("a.html", text), ("b.html", "x")])));
    }
    assert_eq!(fs::read(&copy).expect("it exists"), b"first");
    assert_eq!(published(&world.site()), files(&[("a.html", "fourth"), ("b.html", "x")]));
}

#[test]
fn a_folder_may_become_a_file_and_back() {
    let sites = [
        files(&[("a/b/c", "1"), ("x", "1")]),
        files(&[("a", "2"), ("x/y", "2")]),
        files(&[("a/b", "3"), ("x/y", "2")]),
    ];
    for method in [Method::OneStep, Method::FileByFile] {
        let world = World::new();
        for site in sites.iter().chain(sites.iter().rev()).chain(sites.iter()) {
            drop(world.build_with(method, site).expect("a build"));
            assert_eq!(&published(&world.site()), site);
        }
    }
}

/// A file of a folder that may be read.
fn disk_file(path: &Path) -> DiskFile {
    let folder = path.parent().expect("a folder");
    DiskFile::new(Arc::new(Folder::new(folder, &[]).expect("a folder")), path.to_path_buf())
}

#[test]
fn assets_are_copied_whatever_their_size_and_kept_when_unchanged() {
    let world = World::new();
    let (small, large) = (world.source[0].join("small.png"), world.source[0].join("large.bin"));
    fs::write(&small, "png").expect("written");
    let mut bytes: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    fs::write(&large, &bytes).expect("written");
    let build = || {
        let site = world.site();
        let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
        staging.copy("img/small.png", &disk_file(&small)).expect("copied");
        staging.copy("img/large.bin", &disk_file(&large)).expect("copied");
        let result = staging.publish().expect("published");
        (result.files, result.unchanged)
    };
    assert_eq!(build(), (2, 0));
    assert_eq!(build(), (2, 2));
    bytes[2_999_999] ^= 1;
    fs::write(&large, &bytes).expect("written");
    assert_eq!(build(), (2, 1));
    assert_eq!(fs::read(world.site().join("img/large.bin")).expect("it exists"), bytes);
    bytes.truncate(2_000_000);
    fs::write(&large, &bytes).expect("written");
    assert_eq!(build(), (2, 1));
    assert_eq!(fs::read(world.site().join("img/large.bin")).expect("it exists"), bytes);
}

#[cfg(target_os = "linux")]
#[test]
fn a_sparse_asset_stays_sparse() {
    use std::os::unix::fs::{FileExt, MetadataExt};
    let world = World::new();
    let asset = world.source[0].join("sparse.bin");
    let file = fs::File::create(&asset).expect("made");
    file.set_len(10 << 30).expect("sparse");
    file.write_all_at(b"data", 5 << 30).expect("written");
    let build = || {
        let site = world.site();
        let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
        staging.copy("sparse.bin", &disk_file(&asset)).expect("copied");
        staging.publish().expect("published").unchanged
    };
    assert_eq!((build(), build()), (0, 1));
    let copy = fs::File::open(world.site().join("sparse.bin")).expect("it exists");
    let found = copy.metadata().expect("known");
    let mut four = [0; 4];
    copy.read_exact_at(&mut four, 5 << 30).expect("readable");
    assert_eq!((found.len(), &four), (10 << 30, b"data"));
    assert!(found.blocks() * 512 < 1 << 20, "{} bytes on the disk", found.blocks() * 512);
    file.write_all_at(b"more", 6 << 30).expect("written");
    assert_eq!(build(), 0);
}

/// Makes a named pipe.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn make_pipe(at: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, at, rustix::fs::Mode::RWXU).expect("a pipe");
}

/// Makes a named pipe, by the program for it: the system has no call that takes a folder.
#[cfg(target_vendor = "apple")]
fn make_pipe(at: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(at).status().expect("mkfifo runs").success());
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_copied() {
    let world = World::new();
    let pipe = world.source[0].join("pipe");
    make_pipe(&pipe);
    let site = world.site();
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
    let error = staging.copy("pipe", &disk_file(&pipe)).expect_err("a pipe");
    assert!(error.to_string().contains("content/pipe: not a regular file"), "{error}");
    let error = staging.copy("x", &disk_file(&world.source[0].join("missing"))).expect_err("missing");
    assert!(error.to_string().contains("content/missing: No such file"), "{error}");
}

#[test]
fn paths_that_leave_the_site_or_collide_are_errors() {
    let world = World::new();
    let site = world.site();
    for path in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a\0b", ".canon/manifest.json"] {
        let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
        assert!(matches!(staging.write(path, b"x"), Err(OutputError::BadPath { .. })), "{path:?}");
    }
    for (one, other, why) in [("a", "a", "twice"), ("a", "a/b", "file"), ("a/b", "a", "file")] {
        let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
        let error = staging
            .write(one, b"1")
            .and_then(|()| staging.write(other, b"2"))
            .and_then(|()| staging.publish().map(drop));
        let error = error.expect_err(why);
        assert!(!site.exists(), "{one} {other} {error}");
    }
}

// -- What is left alone

#[test]
fn preserved_names_stay_through_every_kind_of_build() {
    let mut worlds = vec![(World::new(), Method::OneStep), (World::new(), Method::FileByFile)];
    #[cfg(unix)]
    worlds.push((World::staging_beside(), Method::OneStep));
    for (world, method) in worlds {
        drop(world.build_with(method, &files(&[("index.html", "0")])).expect("a build"));
        fs::create_dir_all(world.site().join(".git/refs")).expect("made");
        fs::write(world.site().join(".git/HEAD"), "ref").expect("written");
        fs::write(world.site().join("CNAME"), "example.org").expect("written");
        for round in 1..4 {
            let text = round.to_string();
            // The site's own CNAME yields to the one that is there.
            drop(world.build_with(method, &files(&[("index.html", &text), ("CNAME", "other.org")])).expect("a build"));
            let expected = files(&[("index.html", &text), (".git/HEAD", "ref"), ("CNAME", "example.org")]);
            assert_eq!(published(&world.site()), expected);
            assert!(world.site().join(".git/refs").is_dir());
            assert_eq!(world.beside_the_output(), Vec::<String>::new());
        }
    }
}

#[test]
fn a_site_may_bring_a_preserved_name_itself() {
    let world = World::new();
    for text in ["one.org", "two.org"] {
        drop(world.build(&files(&[("CNAME", text)])));
        assert_eq!(published(&world.site()), files(&[("CNAME", text)]));
    }
    drop(world.build(&files(&[("index.html", "")])));
    assert_eq!(published(&world.site()), files(&[("index.html", "")]));
}

#[test]
fn what_appears_during_a_build_is_brought_back() {
    let world = World::new();
    let site = world.site();
    drop(world.build(&files(&[("index.html", "1")])));
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
    staging.write("index.html", b"2").expect("written");
    fs::create_dir(site.join("notes")).expect("made");
    fs::write(site.join("notes/thesis.txt"), "mine").expect("written");
    drop(staging.publish().expect("published"));
    assert_eq!(published(&site), files(&[("index.html", "2"), ("notes/thesis.txt", "mine")]));
    let error = world.refusal(&site);
    assert!(error.to_string().contains("notes/thesis.txt"), "{error}");
}

#[test]
fn foreign_files_are_refused_by_name_and_untouched() {
    let world = World::new();
    let foreign = world.root.join("foreign");
    let names: Vec<String> = (0..25).map(|at| format!("file-{at:02}.txt")).collect();
    fs::create_dir(&foreign).expect("made");
    names.iter().for_each(|name| fs::write(foreign.join(name), "mine").expect("written"));
    let before = on_disk(&foreign);
    let error = world.refusal(&foreign);
    assert!(
        error.to_string().contains("file-00.txt, file-01.txt")
            && error.to_string().contains("file-09.txt and 15 more; only what an earlier build wrote"),
        "{error}"
    );
    assert!(error.help().expect("a remedy").contains("`preserve`"));
    assert_eq!(on_disk(&foreign), before);

    drop(world.build(&files(&[("a/index.html", "")])));
    fs::write(world.site().join("a/thesis.txt"), "mine").expect("written");
    let before = on_disk(&world.site());
    let error = world.refusal(&world.site());
    assert!(error.to_string().contains(": a/thesis.txt; "), "{error}");
    assert_eq!(on_disk(&world.site()), before);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_output_leads_nowhere() {
    let world = World::new();
    let outside = world.root.join("../outside");
    fs::create_dir(&outside).expect("made");
    fs::write(outside.join("page.html"), "theirs").expect("written");
    drop(world.build(&files(&[("a/page.html", "ours")])));
    fs::remove_dir_all(world.site().join("a")).expect("removed");
    std::os::unix::fs::symlink(&outside, world.site().join("a")).expect("linked");
    let error = world.refusal(&world.site());
    assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(outside.join("page.html")).expect("it exists"), b"theirs");
}

#[test]
fn an_output_that_is_or_holds_what_matters_is_refused() {
    let world = World::new();
    fs::write(world.source[0].join("note.md"), "# Note").expect("written");
    fs::create_dir_all(world.root.join("repository/.git")).expect("made");
    fs::write(world.root.join("file"), "").expect("written");
    let mut cases = vec![
        (PathBuf::from("/"), "root of the file system"),
        (world.root.join("content"), "is the source folder"),
        (world.root.join("content/../content/."), "is the source folder"),
        (world.root.clone(), "holds the source folder"),
        (world.root.join("../home"), "is the home folder"),
        (world.root.join("../home/.cache"), "is the cache folder"),
        (world.root.join(".."), "holds the"),
        (world.root.join("repository"), "root of a repository (.git is in it)"),
        (world.root.join("file"), "is not a folder"),
    ];
    #[cfg(unix)]
    for (link, target) in [("to-content", "content"), ("to-root", "/"), ("to-nothing", "nothing")] {
        std::os::unix::fs::symlink(target, world.root.join(link)).expect("linked");
        cases.push((world.root.join(link), if link == "to-nothing" { "link to nothing" } else { "it " }));
    }
    fs::create_dir_all(&world.user_dirs.cache).expect("made");
    let before = on_disk(&world.root);
    for (output, reason) in cases {
        let error = world.refusal(&output);
        assert!(matches!(error, OutputError::Refused { .. }), "{}: {error}", output.display());
        assert!(error.to_string().contains(reason), "{}: {error}", output.display());
        assert_eq!(on_disk(&world.root), before);
    }
}

#[test]
fn the_current_folder_is_refused() {
    let mut world = World::new();
    drop(world.build(&files(&[("a/index.html", "")])));
    for (current, reason) in [("public", "is the current folder"), ("public/a", "holds the current folder")] {
        world.user_dirs.current = Some(world.root.join(current));
        let error = world.refusal(&world.site());
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn an_output_inside_the_content_is_allowed() {
    let mut world = World::new();
    world.source = vec![world.root.clone()];
    drop(world.build(&files(&[("index.html", "")])));
    assert_eq!(published(&world.site()), files(&[("index.html", "")]));
}

#[test]
fn a_list_of_files_that_cannot_be_read_is_refused() {
    let world = World::new();
    drop(world.build(&files(&[("index.html", "")])));
    fs::write(world.site().join(MANIFEST_PATH), "{\"version\":9,\"files\":{}}").expect("written");
    let error = world.refusal(&world.site());
    assert!(error.to_string().contains("has a list of files that is of version 9"), "{error}");
}

#[test]
fn a_build_that_is_given_up_changes_nothing() {
    let mut worlds = vec![(World::new(), Method::OneStep), (World::new(), Method::FileByFile)];
    #[cfg(unix)]
    worlds.push((World::staging_beside(), Method::OneStep));
    for (world, method) in worlds {
        let site = world.root.join("new/public");
        let staging = stage(&world.destination(&site, method)).expect("staged");
        staging.write("a/b.html", b"x").expect("written");
        drop(staging);
        assert!(!world.root.join("new").exists());

        drop(world.build_with(method, &files(&[("a.html", "1"), ("b/c.html", "1")])).expect("a build"));
        let before = on_disk(&world.site());
        let site = world.site();
        let staging = stage(&world.destination(&site, method)).expect("staged");
        staging.write("a.html", b"2").expect("written");
        drop(staging);
        assert_eq!(on_disk(&world.site()), before);
        assert_eq!(world.beside_the_output(), Vec::<String>::new());
    }
}

#[test]
fn of_two_builds_at_once_one_is_told() {
    let world = World::new();
    let site = world.site();
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
    let error = world.refusal(&site);
    assert!(matches!(error, OutputError::Busy { .. }), "{error}");
    drop(staging);
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("free again");
    staging.write("index.html", b"mine").expect("written");
    // With another cache folder the lock is another; the swap still notices.
    let mut other = World::at(&world.root.join(".."));
    other.user_dirs.cache = world.root.join("../other-cache");
    drop(other.build(&files(&[("index.html", "theirs")])));
    assert!(matches!(staging.publish(), Err(OutputError::Busy { .. })));
    assert_eq!(published(&site), files(&[("index.html", "theirs")]));
}

#[test]
fn of_eight_builds_at_once_each_is_whole_or_told() {
    let world = World::new();
    let build = |stamp: usize| {
        let text = stamp.to_string();
        let all: Files = (0..50).map(|at| (format!("p/{at}.html"), text.clone().into_bytes())).collect();
        match world.build_with(Method::OneStep, &all) {
            Ok(_) => 1,
            Err(OutputError::Busy { .. }) => 0,
            Err(error) => panic!("{error}"),
        }
    };
    let build = &build;
    let done: usize = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|stamp| scope.spawn(move || build(stamp))).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert!(done >= 1);
    let stamps: std::collections::BTreeSet<_> = published(&world.site()).into_values().collect();
    assert_eq!(stamps.len(), 1);
}

#[cfg(unix)]
#[test]
fn the_site_keeps_the_permissions_of_its_folder() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    drop(world.build(&files(&[("index.html", "1")])));
    // A folder that its owner may not write to stays that way where root builds; others are refused.
    let modes = if is_root() { vec![0o750, 0o555] } else { vec![0o750] };
    for (mode, text) in modes.into_iter().zip(["2", "3"]) {
        set_mode(&world.site(), mode);
        drop(world.build(&files(&[("index.html", text)])));
        assert_eq!(fs::metadata(world.site()).expect("it exists").permissions().mode() & 0o7777, mode);
    }
}

#[test]
fn the_cache_keeps_nothing_for_an_output_that_is_gone() {
    let world = World::new();
    for text in ["1", "2"] {
        drop(world.build(&files(&[("index.html", text)])));
    }
    let outputs = world.user_dirs.cache.join("canon/outputs");
    let count = || fs::read_dir(&outputs).expect("readable").count();
    fs::rename(world.site(), world.root.join("renamed")).expect("renamed");
    let renamed = world.root.join("renamed");
    let staging = stage(&world.destination(&renamed, Method::OneStep)).expect("staged");
    assert_eq!(count(), 2);
    drop(staging.publish().expect("published"));
    assert_eq!(count(), 1);
}

// -- What a killed run leaves

/// Copies a folder of plain files.
fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).expect("made"),
            false => drop(fs::copy(entry.path(), target).expect("copied")),
        }
    }
}

#[test]
fn a_journal_is_finished_even_by_a_build_that_writes_nothing() {
    let world = World::new();
    let site = world.site();
    drop(world.build_with(Method::FileByFile, &files(&[("gone.html", "1"), ("page.html", "1")])).expect("a build"));
    // What a run leaves that is killed right after its journal was written.
    let folder = fs::read_dir(world.user_dirs.cache.join("canon/outputs"))
        .expect("readable")
        .next()
        .expect("one")
        .expect("readable");
    let other = World::new();
    drop(other.build(&files(&[("new/page.html", "2"), ("page.html", "2")])));
    let tree = folder.path().join("tree");
    copy_folder(&other.site(), &tree);
    fs::write(folder.path().join("journal.json"), r#"{"version":1,"staged":"cache"}"#).expect("written");
    drop(stage(&world.destination(&site, Method::FileByFile)).expect("staged"));
    assert_eq!(on_disk(&site), on_disk(&other.site()));
    assert!(!folder.path().join("journal.json").exists());
}

#[test]
fn preserved_folders_come_back_after_a_kill_between_swap_and_return() {
    let world = World::new();
    let site = world.site();
    drop(world.build(&files(&[("index.html", "2")])));
    // The old site, exchanged a moment ago, with the folder that had not been moved yet.
    let folder = fs::read_dir(world.user_dirs.cache.join("canon/outputs"))
        .expect("readable")
        .next()
        .expect("one")
        .expect("readable");
    let other = World::new();
    drop(other.build(&files(&[("index.html", "1")])));
    fs::create_dir(other.site().join(".git")).expect("made");
    fs::write(other.site().join(".git/HEAD"), "ref").expect("written");
    let tree = folder.path().join("tree");
    copy_folder(&other.site(), &tree);
    drop(stage(&world.destination(&site, Method::OneStep)).expect("staged"));
    assert_eq!(published(&site), files(&[("index.html", "2"), (".git/HEAD", "ref")]));
}

// -- Any sequence of builds

#[derive(Debug, Clone)]
enum Step {
    Build { by_file: bool, files: BTreeMap<u8, u8> },
    GiveUp(BTreeMap<u8, u8>),
    Tamper(u8),
    Lose(u8),
}

const PATHS: [&str; 8] = ["a", "a/b", "a/c.html", "a/d/e", "f.html", "g/h.html", "g", "index.html"];

/// A site of those paths that can stand together, the earlier ones winning.
fn site_of(chosen: &BTreeMap<u8, u8>) -> Files {
    let mut site = Files::new();
    for (&path, &content) in chosen {
        let path = PATHS[usize::from(path) % PATHS.len()];
        let clashes = |other: &String| other.starts_with(&format!("{path}/")) || path.starts_with(&format!("{other}/"));
        if !site.keys().any(clashes) {
            site.insert(path.to_string(), vec![b'a' + content % 3; usize::from(content) * 40]);
        }
    }
    site
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let chosen = || prop::collection::btree_map(0..8u8, 0..6u8, 0..8);
    let step = prop_oneof![
        6 => (any::<bool>(), chosen()).prop_map(|(by_file, files)| Step::Build { by_file, files }),
        1 => chosen().prop_map(Step::GiveUp),
        1 => (0..8u8).prop_map(Step::Tamper),
        1 => (0..8u8).prop_map(Step::Lose),
    ];
    prop::collection::vec(step, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_builds_ends_as_a_fresh_one(steps in steps()) {
        let world = World::new();
        let mut model = Files::new();
        let mut listed = Files::new();
        for step in steps {
            match step {
                Step::Build { by_file, files } => {
                    let site = site_of(&files);
                    let method = if by_file { Method::FileByFile } else { Method::OneStep };
                    let result = world.build_with(method, &site).expect("a build");
                    let unchanged = site.iter().filter(|(path, bytes)| model.get(*path) == Some(bytes)).count();
                    let removed = listed.keys().filter(|path| !site.contains_key(*path)).count();
                    prop_assert_eq!((result.files, result.unchanged, result.removed), (site.len(), unchanged, removed));
                    drop(result);
                    let fresh = World::new();
                    drop(fresh.build(&site));
                    prop_assert_eq!(on_disk(&world.site()), on_disk(&fresh.site()));
                    (model, listed) = (site.clone(), site);
                }
                Step::GiveUp(files) => {
                    let site = world.site();
                    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
                    site_of(&files).iter().try_for_each(|(path, bytes)| staging.write(path, bytes)).expect("written");
                }
                Step::Tamper(path) => {
                    if let Some(bytes) = model.get_mut(PATHS[usize::from(path)]) {
                        bytes.iter_mut().for_each(|byte| *byte = b'!');
                        fs::write(world.site().join(PATHS[usize::from(path)]), bytes).expect("written");
                    }
                }
                Step::Lose(path) => {
                    if model.remove(PATHS[usize::from(path)]).is_some() {
                        fs::remove_file(world.site().join(PATHS[usize::from(path)])).expect("removed");
                    }
                }
            }
            prop_assert_eq!(world.beside_the_output(), Vec::<String>::new());
        }
    }
}
