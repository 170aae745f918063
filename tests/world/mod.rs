//! A folder in which sites are published, for the tests of the output folder.

#![allow(dead_code, reason = "each test binary uses its part")]

use canon::publish::{Destination, MANIFEST_PATH, Method, OutputError, Published, UserDirs, stage};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub type Files = BTreeMap<String, Vec<u8>>;

/// A folder with a source, an output beside it, and caches of its own.
pub struct World {
    pub root: PathBuf,
    pub source: Vec<PathBuf>,
    pub preserve: Vec<String>,
    pub user_dirs: UserDirs,
    _folder: Option<TempDir>,
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut world = World::at(folder.path());
        world._folder = Some(folder);
        world
    }

    pub fn at(folder: &Path) -> World {
        let root = folder.canonicalize().expect("it exists").join("work");
        fs::create_dir_all(root.join("content")).expect("made");
        fs::create_dir_all(root.join("../home")).expect("made");
        let user_dirs = UserDirs {
            cache: root.join("../home/.cache"),
            home: Some(root.join("../home")),
            current: Some(root.join("../home")),
        };
        let preserve = vec![String::from(".git"), String::from("CNAME")];
        World { source: vec![root.join("content")], root, preserve, user_dirs, _folder: None }
    }

    /// A world in which staging in the cache folder is not possible, as where that is on another device.
    #[cfg(unix)]
    pub fn staging_beside() -> World {
        let world = World::new();
        set_mode(&world.root, 0o2755);
        world
    }

    pub fn site(&self) -> PathBuf {
        self.root.join("public")
    }

    pub fn destination<'a>(&'a self, output: &'a Path, method: Method) -> Destination<'a> {
        let World { source, preserve, user_dirs, .. } = self;
        Destination { output, sources: source, preserve, user_dirs, method }
    }

    pub fn build_with(&self, method: Method, files: &Files) -> Result<Published, OutputError> {
        let site = self.site();
        let staging = stage(&self.destination(&site, method))?;
        files.iter().try_for_each(|(path, bytes)| staging.write(path, bytes))?;
        staging.publish()
    }

    pub fn build(&self, files: &Files) -> Published {
        self.build_with(Method::OneStep, files).expect("a build")
    }

    pub fn refusal(&self, output: &Path) -> OutputError {
        match stage(&self.destination(output, Method::OneStep)) {
            Err(error) => error,
            Ok(_) => panic!("{} was not refused", output.display()),
        }
    }

    pub fn beside_the_output(&self) -> Vec<String> {
        let names = fs::read_dir(&self.root).expect("readable").map(|entry| entry.expect("readable").file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().expect("Unicode")).collect();
        names.retain(|name| name != "content" && name != "public");
        names.sort();
        names
    }
}

pub fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect()
}

/// All files below `root`, links as what they point to.
pub fn on_disk(root: &Path) -> Files {
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

pub fn published(root: &Path) -> Files {
    let mut found = on_disk(root);
    found.remove(MANIFEST_PATH).expect("a manifest");
    found
}

/// Whether this is the user whom no mode stops.
#[cfg(unix)]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("allowed");
}

#[cfg(unix)]
pub fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).expect("it exists"))
}
