//! The output folder through its public face: what is published, what is refused, what survives a kill or a full disk.

use canon::output::{Destination, MANIFEST_PATH, Method, OutputError, Published, Surroundings, stage};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

type Files = BTreeMap<String, Vec<u8>>;

/// A folder with a source, an output beside it, and caches of its own.
struct World {
    root: PathBuf,
    source: Vec<PathBuf>,
    preserve: Vec<String>,
    surroundings: Surroundings,
    _folder: Option<TempDir>,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut world = World::at(folder.path());
        world._folder = Some(folder);
        world
    }

    fn at(folder: &Path) -> World {
        let root = folder.canonicalize().expect("it exists").join("work");
        fs::create_dir_all(root.join("content")).expect("made");
        fs::create_dir_all(root.join("../home")).expect("made");
        let surroundings = Surroundings {
            cache: root.join("../home/.cache"),
            home: Some(root.join("../home")),
            current: Some(root.join("../home")),
        };
        let preserve = vec![String::from(".git"), String::from("CNAME")];
        World { source: vec![root.join("content")], root, preserve, surroundings, _folder: None }
    }

    /// A world in which staging in the cache folder is not possible, as where that is on another device.
    #[cfg(unix)]
    fn staging_beside() -> World {
        let world = World::new();
        set_mode(&world.root, 0o2755);
        world
    }

    fn site(&self) -> PathBuf {
        self.root.join("public")
    }

    fn destination<'a>(&'a self, output: &'a Path, method: Method) -> Destination<'a> {
        let World { source, preserve, surroundings, .. } = self;
        Destination { output, sources: source, preserve, surroundings, method }
    }

    fn build_with(&self, method: Method, files: &Files) -> Result<Published, OutputError> {
        let site = self.site();
        let staging = stage(&self.destination(&site, method))?;
        files.iter().try_for_each(|(path, bytes)| staging.write(path, bytes))?;
        staging.publish()
    }

    fn build(&self, files: &Files) -> Published {
        self.build_with(Method::OneStep, files).expect("a build")
    }

    fn refusal(&self, output: &Path) -> OutputError {
        match stage(&self.destination(output, Method::OneStep)) {
            Err(error) => error,
            Ok(_) => panic!("{} was not refused", output.display()),
        }
    }

    fn beside_the_output(&self) -> Vec<String> {
        let names = fs::read_dir(&self.root).expect("readable").map(|entry| entry.expect("readable").file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().expect("Unicode")).collect();
        names.retain(|name| name != "content" && name != "public");
        names.sort();
        names
    }
}

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect()
}

/// All files below `root`, links as what they point to.
fn on_disk(root: &Path) -> Files {
    let mut found = Files::new();
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.expect("readable");
        let path = entry.path().strip_prefix(root).expect("below").to_str().expect("Unicode").to_string();
        match entry.file_type() {
            kind if kind.is_dir() => {}
            kind if kind.is_symlink() => {
                found.insert(path, fs::read_link(entry.path()).expect("a link").into_os_string().into_encoded_bytes());
            }
            _ => {
                found.insert(path, fs::read(entry.path()).expect("readable"));
            }
        }
    }
    found
}

fn published(root: &Path) -> Files {
    let mut found = on_disk(root);
    found.remove(MANIFEST_PATH).expect("a manifest");
    found
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("allowed");
}

#[cfg(unix)]
fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).expect("it exists"))
}

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
        staging.copy("img/small.png", &small).expect("copied");
        staging.copy("img/large.bin", &large).expect("copied");
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
        staging.copy("sparse.bin", &asset).expect("copied");
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

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_copied() {
    let world = World::new();
    let pipe = world.source[0].join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let site = world.site();
    let staging = stage(&world.destination(&site, Method::OneStep)).expect("staged");
    let error = staging.copy("pipe", &pipe).expect_err("a pipe");
    assert!(error.to_string().contains("content/pipe: not a plain file"), "{error}");
    let error = staging.copy("x", &world.source[0].join("missing")).expect_err("missing");
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
            && error.to_string().ends_with("file-09.txt and 15 more"),
        "{error}"
    );
    assert!(error.help().expect("a remedy").contains("`preserve`"));
    assert_eq!(on_disk(&foreign), before);

    drop(world.build(&files(&[("a/index.html", "")])));
    fs::write(world.site().join("a/thesis.txt"), "mine").expect("written");
    let before = on_disk(&world.site());
    let error = world.refusal(&world.site());
    assert!(error.to_string().ends_with("a/thesis.txt"), "{error}");
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
    fs::create_dir_all(&world.surroundings.cache).expect("made");
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
        world.surroundings.current = Some(world.root.join(current));
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
    other.surroundings.cache = world.root.join("../other-cache");
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
    set_mode(&world.site(), 0o750);
    drop(world.build(&files(&[("index.html", "2")])));
    assert_eq!(fs::metadata(world.site()).expect("it exists").permissions().mode() & 0o7777, 0o750);
}

#[test]
fn the_cache_keeps_nothing_for_an_output_that_is_gone() {
    let world = World::new();
    for text in ["1", "2"] {
        drop(world.build(&files(&[("index.html", text)])));
    }
    let outputs = world.surroundings.cache.join("canon/outputs");
    let count = || fs::read_dir(&outputs).expect("readable").count();
    fs::rename(world.site(), world.root.join("renamed")).expect("renamed");
    let renamed = world.root.join("renamed");
    let staging = stage(&world.destination(&renamed, Method::OneStep)).expect("staged");
    assert_eq!(count(), 2);
    drop(staging.publish().expect("published"));
    assert_eq!(count(), 1);
}

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
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).stdout(Stdio::null()).stderr(Stdio::null());
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

#[test]
fn a_journal_is_finished_even_by_a_build_that_writes_nothing() {
    let world = World::new();
    let site = world.site();
    drop(world.build_with(Method::FileByFile, &files(&[("gone.html", "1"), ("page.html", "1")])).expect("a build"));
    // What a run leaves that is killed right after its journal was written.
    let folder = fs::read_dir(world.surroundings.cache.join("canon/outputs"))
        .expect("readable")
        .next()
        .expect("one")
        .expect("readable");
    let other = World::new();
    drop(other.build(&files(&[("new/page.html", "2"), ("page.html", "2")])));
    let tree = folder.path().join("tree");
    assert!(Command::new("cp").arg("-r").arg(other.site()).arg(&tree).status().expect("cp runs").success());
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
    let folder = fs::read_dir(world.surroundings.cache.join("canon/outputs"))
        .expect("readable")
        .next()
        .expect("one")
        .expect("readable");
    let other = World::new();
    drop(other.build(&files(&[("index.html", "1")])));
    fs::create_dir(other.site().join(".git")).expect("made");
    fs::write(other.site().join(".git/HEAD"), "ref").expect("written");
    let tree = folder.path().join("tree");
    assert!(Command::new("cp").arg("-r").arg(other.site()).arg(&tree).status().expect("cp runs").success());
    drop(stage(&world.destination(&site, Method::OneStep)).expect("staged"));
    assert_eq!(published(&site), files(&[("index.html", "2"), (".git/HEAD", "ref")]));
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
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env("CANON_TEST_MOUNTS", "1");
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
            world.surroundings.cache = folder.path().join("cache");
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
