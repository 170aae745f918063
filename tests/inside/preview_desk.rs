//! A small site on the disk for the tests of the preview, and what `canon build` would make of it, from nothing.

use crate::base::analyze::{AnalysisMode, analyze};
use crate::base::vault::UnsavedTexts;
use crate::pages::compose::Findings;
use crate::publish::files::{Bundle, Content, Parts, Publication, renderer, sizes};
use crate::server::Reporter;
use crate::server::preview::Preview;
use crate::workspace::{Location, Lookup};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// A site in a folder of its own: `canon.toml`, `content`, `templates`, `static`.
pub struct Desk {
    folder: tempfile::TempDir,
    /// What was said on the terminal.
    pub said: Arc<Mutex<Vec<String>>>,
}

#[allow(dead_code)] // Each test file uses its part.
impl Desk {
    /// A site with these files, by path in its folder.
    pub fn new(files: &[(&str, &str)]) -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a folder"), said: Arc::default() };
        desk.write("canon.toml", "title = \"Desk\"\n");
        fs::create_dir_all(desk.at("content")).expect("a folder");
        for (path, text) in files {
            desk.write(path, text);
        }
        desk
    }

    /// A path in the site's folder, without links.
    pub fn at(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).expect("there").join(name)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// The site's folder and its configuration file, as a user would name them.
    pub fn lookup(&self) -> Lookup {
        Lookup { root: self.at(""), config_file: Some(self.at("canon.toml")) }
    }

    /// Where the site's parts are.
    pub fn location(&self) -> Location {
        Location::find(&self.lookup(), &UnsavedTexts::new()).expect("a site")
    }

    /// The preview of the site as it is now.
    pub fn preview(&self) -> Preview {
        let said = self.said.clone();
        let reporter: Reporter = Arc::new(move |_, line: &str| said.lock().expect("no panic").push(line.to_string()));
        Preview::new(self.lookup(), false, reporter).expect("a site")
    }

    /// Every file that a build would write, bundles only where they are wanted.
    pub fn built(&self, bundles: bool) -> BTreeMap<String, Vec<u8>> {
        let location = self.location();
        let own = location.read_own_files().expect("own files");
        let vault = location.read_content().expect("content");
        let analysis = analyze(location.config.clone(), vault, own.static_files.clone(), false, AnalysisMode::Build);
        let parts = Parts {
            site: analysis.site.clone(),
            bodies: analysis.bodies.clone(),
            sizes: Arc::new(sizes(&analysis.site).expect("pictures")),
            renderer: Arc::new(renderer(&analysis.site, &own, true).expect("templates")),
            findings: Findings::computed(crate::check::rules::run(&analysis.site, None).diagnostics, 0),
        };
        let publication = Publication::new(parts, &own);
        let bytes =
            |(path, file): (&str, &crate::publish::files::File)| match publication.content(path, file).expect("a page")
            {
                Content::Bytes(bytes) => (path.to_string(), bytes),
                Content::Disk(from) => (path.to_string(), fs::read(from.path()).expect("a file")),
            };
        let mut files: BTreeMap<String, Vec<u8>> = publication.files().iter().map(bytes).collect();
        if bundles {
            for bundle in Bundle::ALL {
                files.extend(publication.bundle(bundle).clone());
            }
        }
        files
    }
}

/// All bytes of a body.
#[allow(dead_code)]
pub fn bytes_of(body: crate::server::Body) -> Vec<u8> {
    match body.content {
        crate::server::Content::Bytes(bytes) => bytes.to_vec(),
        crate::server::Content::File { mut file, .. } => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).expect("a file");
            bytes
        }
    }
}
