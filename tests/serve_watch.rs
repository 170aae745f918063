//! What the preview is told when files change: the ways editors save, folders and links that come and go, many files at
//! once, by notify and by looking. The site is a double that only writes down what it hears.

mod serve_double;

use canon::server::{Bound, Changes, Options, Port, Running, Watching};
use serve_double::Double;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Desk {
    folder: tempfile::TempDir,
    site: Arc<Double>,
    _running: Running,
}

impl Desk {
    fn new(poll: bool) -> Desk {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["kb/sub", "kb/.git", "public", "outside", "elsewhere"] {
            fs::create_dir_all(at(name)).expect("a folder");
        }
        for name in ["kb/a.md", "kb/sub/b.md", "kb/.git/index", "outside/c.md", "elsewhere/d.md"] {
            fs::write(at(name), "old").expect("a file");
        }
        let watching = Watching {
            folders: vec![at("kb"), at("templates")],
            files: vec![at("canon.toml")],
            ignored: vec![at("kb/public")],
            outside: vec![at("outside")],
            poll,
            catch_up: false,
        };
        #[cfg(unix)]
        for (target, link) in [("outside", "kb/linked"), ("elsewhere/d.md", "kb/d.md"), ("kb/sub", "kb/again")] {
            std::os::unix::fs::symlink(at(target), at(link)).expect("a link");
        }
        let site = Arc::new(Double::default());
        let options = Options { port: Port::Asked(0), watching, reporter: Arc::new(|_, _| {}), ..Options::default() };
        let running = Bound::new(options).expect("a port").start(site.clone()).expect("a server");
        Desk { folder, site, _running: running }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until all of `names` were told of, or everything was. Fails after long enough for any machine.
    fn hears_of(&self, names: &[&str]) {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if names.iter().all(|name| self.heard_of(&self.at(name))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("of {names:?} only {:?} was heard", self.site.changes());
    }

    fn heard_of(&self, path: &Path) -> bool {
        self.site.changes().iter().any(|changes| match changes {
            Changes::Everything => true,
            Changes::Paths(paths) => paths.iter().any(|told| path.starts_with(told)),
        })
    }

    fn paths_heard(&self) -> Vec<PathBuf> {
        let paths = self.site.changes().into_iter().flat_map(|changes| match changes {
            Changes::Paths(paths) => paths,
            Changes::Everything => vec!["EVERYTHING".into()],
        });
        paths.collect()
    }
}

type Save = fn(&Path);

/// The ways editors save `a.md`.
const SAVES: &[(&str, Save)] = &[
    ("in place", |file| fs::write(file, "new").expect("written")),
    ("by rename", |file| {
        let draft = file.with_file_name(".a.md.tmp-1");
        fs::write(&draft, "new").expect("written");
        fs::rename(draft, file).expect("renamed");
    }),
    ("by backup and rewrite", |file| {
        let folder = file.parent().expect("a folder");
        fs::write(folder.join("4913"), "").expect("written");
        fs::remove_file(folder.join("4913")).expect("removed");
        fs::rename(file, folder.join("a.md~")).expect("renamed");
        fs::write(file, "new").expect("written");
        fs::remove_file(folder.join("a.md~")).expect("removed");
    }),
    ("by lock and rewrite", |file| {
        let folder = file.parent().expect("a folder");
        fs::write(folder.join(".#a.md"), "").expect("written");
        fs::write(folder.join("#a.md#"), "new").expect("written");
        fs::write(file, "new").expect("written");
        fs::remove_file(folder.join("#a.md#")).expect("removed");
        fs::remove_file(folder.join(".#a.md")).expect("removed");
    }),
    ("in pieces", |file| {
        let mut open = File::create(file).expect("created");
        for piece in ["n", "e", "w"] {
            open.write_all(piece.as_bytes()).expect("written");
            // The pace of a slow writer.
            std::thread::sleep(Duration::from_millis(15));
        }
    }),
];

#[test]
fn a_save_is_one_change_of_that_file_however_it_is_made() {
    for (style, save) in SAVES {
        let desk = Desk::new(false);
        save(&desk.at("kb/a.md"));
        desk.hears_of(&["kb/a.md"]);
        // No second change comes in this time.
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(desk.paths_heard(), [desk.at("kb/a.md")], "saved {style}");
    }
}

#[test]
fn what_is_not_the_sites_is_not_told() {
    let desk = Desk::new(false);
    fs::create_dir_all(desk.at("kb/public")).expect("a folder");
    for name in ["kb/public/index.html", "kb/.git/index", "kb/a.md~", "beside.txt", "elsewhere/other.md"] {
        fs::write(desk.at(name), "new").expect("written");
    }
    let _ = fs::read(desk.at("kb/a.md")).expect("read");
    fs::write(desk.at("kb/sub/b.md"), "new").expect("written");
    desk.hears_of(&["kb/sub/b.md"]);
    let foreign: Vec<_> =
        desk.paths_heard().into_iter().filter(|path| path.file_name() != Some("b.md".as_ref())).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn folders_come_go_and_move_with_what_is_in_them() {
    let desk = Desk::new(false);
    fs::create_dir_all(desk.at("kb/n1/n2")).expect("folders");
    fs::write(desk.at("kb/n1/n2/deep.md"), "new").expect("written");
    desk.hears_of(&["kb/n1/n2/deep.md"]);
    fs::rename(desk.at("kb/n1"), desk.at("kb/m1")).expect("renamed");
    desk.hears_of(&["kb/n1", "kb/m1/n2/deep.md"]);
    fs::write(desk.at("kb/m1/n2/later.md"), "new").expect("written");
    desk.hears_of(&["kb/m1/n2/later.md"]);
    fs::remove_dir_all(desk.at("kb/m1")).expect("removed");
    fs::create_dir(desk.at("templates")).expect("a folder");
    fs::write(desk.at("templates/page.html"), "new").expect("written");
    fs::write(desk.at("canon.toml"), "").expect("written");
    desk.hears_of(&["kb/m1/n2/deep.md", "templates/page.html", "canon.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_came_with_its_folder_is_not_read_before_it_is_written() {
    // A machine that was held up says nothing about this; one try that was not is enough.
    for _ in 0..50 {
        let desk = Desk::new(false);
        let began = Instant::now();
        fs::create_dir(desk.at("templates")).expect("a folder");
        let mut open = File::create(desk.at("templates/page.html")).expect("created");
        // Nothing is reported in this time.
        std::thread::sleep(Duration::from_millis(80));
        let told = desk.site.changes();
        if began.elapsed() > Duration::from_millis(150) {
            continue;
        }
        assert_eq!(told, [], "told of while it was empty");
        open.write_all(b"new").expect("written");
        drop(open);
        return desk.hears_of(&["templates/page.html"]);
    }
    panic!("this machine is held up all the time");
}

#[cfg(unix)]
#[test]
fn links_are_told_of_when_what_they_lead_to_changes() {
    let desk = Desk::new(false);
    fs::write(desk.at("elsewhere/d.md"), "new").expect("written");
    fs::write(desk.at("outside/c.md"), "new").expect("written");
    fs::write(desk.at("kb/sub/b.md"), "new").expect("written");
    desk.hears_of(&["kb/d.md", "kb/linked/c.md", "kb/again/b.md", "kb/sub/b.md"]);
    std::os::unix::fs::symlink(desk.at("elsewhere/e.md"), desk.at("kb/e.md")).expect("a link");
    fs::write(desk.at("elsewhere/f.md"), "old").expect("written");
    std::os::unix::fs::symlink(desk.at("elsewhere/f.md"), desk.at("kb/f.md")).expect("a link");
    desk.hears_of(&["kb/f.md"]);
    let before = desk.paths_heard().iter().filter(|path| path.ends_with("f.md")).count();
    fs::write(desk.at("elsewhere/f.md"), "new").expect("written");
    let until = Instant::now() + Duration::from_secs(20);
    while desk.paths_heard().iter().filter(|path| path.ends_with("f.md")).count() == before {
        assert!(Instant::now() < until, "a link that came later is not followed");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thousand_files_at_once_are_few_changes() {
    let desk = Desk::new(false);
    for number in 0..1000 {
        fs::write(desk.at(&format!("kb/sub/{number}.md")), "new").expect("written");
    }
    desk.hears_of(&["kb/sub/0.md", "kb/sub/999.md"]);
    // Changes come in the order of the edits: once a later edit is reported alone, the thousand are all reported.
    let is_last = |changes: &Changes| matches!(changes, Changes::Paths(paths) if paths.contains(&desk.at("kb/a.md")));
    let until = Instant::now() + Duration::from_secs(20);
    while !desk.site.changes().iter().any(is_last) {
        assert!(Instant::now() < until, "the last edit is not reported: {:?}", desk.site.changes());
        fs::write(desk.at("kb/a.md"), "new").expect("written");
        std::thread::sleep(Duration::from_millis(50));
    }
    let changes = desk.site.changes();
    assert!(changes.contains(&Changes::Everything) && changes.len() < 50, "{} changes", changes.len());
}

#[test]
fn looking_finds_what_being_told_would() {
    let desk = Desk::new(true);
    // Twice within a second, with as many bytes: times of whole seconds and sizes would not tell.
    for text in ["one", "two"] {
        let before = desk.site.changes().len();
        fs::write(desk.at("kb/a.md"), text).expect("written");
        let until = Instant::now() + Duration::from_secs(20);
        while desk.site.changes().len() == before {
            assert!(Instant::now() < until, "the edit to {text} was not seen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    fs::create_dir_all(desk.at("kb/n1/n2")).expect("folders");
    for name in ["kb/n1/n2/deep.md", "canon.toml", "outside/c.md", "elsewhere/d.md", "kb/.git/index"] {
        fs::write(desk.at(name), "newer").expect("written");
    }
    fs::remove_file(desk.at("kb/sub/b.md")).expect("removed");
    desk.hears_of(&["kb/n1/n2/deep.md", "canon.toml", "kb/sub/b.md"]);
    #[cfg(unix)]
    desk.hears_of(&["kb/linked/c.md", "kb/d.md"]);
    assert!(!desk.paths_heard().iter().any(|path| path.ends_with("index")));
}
