//! `OUTPUT/.canon/manifest.json`: the published files with their length and hash. Parses and formats the manifest;
//! knows nothing of the current content of the disk.

use rustc_hash::FxHashMap;
use std::fmt::Write;

/// The folder of the output that is reserved for Canon.
pub(super) const OUR_FOLDER: &str = ".canon";
/// The path of the manifest in the output. The manifest does not list itself.
pub const MANIFEST_PATH: &str = ".canon/manifest.json";
/// The version of the format. Any different version is rejected, because a misread manifest could delete files.
const VERSION: u32 = 1;

/// The content of a published file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    /// The length in bytes.
    pub length: u64,
    /// The BLAKE3 hash of the bytes, as `b3sum` prints it. `None` for large copied files, which are compared byte by
    /// byte instead, and for files whose replacement may have been interrupted.
    pub hash: Option<blake3::Hash>,
}

/// The published files: path (relative, separated by `/`) to content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// All files except the manifest.
    pub files: FxHashMap<String, Content>,
}

#[derive(serde::Deserialize)]
struct Written {
    version: u32,
    files: FxHashMap<String, (u64, Option<String>)>,
}

impl Manifest {
    /// Parses a manifest. The error is the end of a sentence about the file.
    pub(super) fn parse(text: &[u8]) -> Result<Manifest, String> {
        let written: Written = serde_json::from_slice(text).map_err(|error| format!("cannot be read ({error})"))?;
        if written.version != VERSION {
            return Err(format!("is of version {}, which this canon does not know", written.version));
        }
        let mut files = FxHashMap::default();
        for (path, (length, hash)) in written.files {
            if let Some(reason) = path_fault(&path) {
                return Err(format!("lists {path:?}, which {reason}"));
            }
            let hash = match hash {
                Some(hex) => Some(blake3::Hash::from_hex(&hex).map_err(|_| format!("has a bad hash for {path:?}"))?),
                None => None,
            };
            files.insert(path, Content { length, hash });
        }
        Ok(Manifest { files })
    }

    /// The manifest as JSON: sorted by path, one file per line, so equal sites have equal manifests.
    pub(super) fn text(&self) -> String {
        let mut files: Vec<_> = self.files.iter().collect();
        files.sort_unstable_by_key(|(path, _)| *path);
        let mut text = format!("{{\"version\":{VERSION},\"files\":{{");
        for (at, (path, content)) in files.into_iter().enumerate() {
            let name = serde_json::Value::String(path.clone());
            let hash = content.hash.map_or(String::from("null"), |hash| format!("\"{}\"", hash.to_hex()));
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\n{name}:[{},{hash}]", content.length);
        }
        text.push_str("\n}}\n");
        text
    }

    /// Whether `path` is a published file or a folder that contains one.
    pub(super) fn owns(&self, path: &str) -> bool {
        let inside = |file: &String| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.files.contains_key(path) || self.files.keys().any(inside)
    }
}

/// The reason why `path` is not valid as the path of a file in the site, as the end of a sentence. `None` if it is
/// valid.
pub(super) fn path_fault(path: &str) -> Option<&'static str> {
    let part_fault = |part: &str| matches!(part, "" | "." | "..");
    match path {
        "" => Some("is empty"),
        _ if path.contains('\0') => Some("contains a NUL character"),
        _ if path.split('/').any(part_fault) => Some("is not a plain relative path"),
        _ if path.split('/').next() == Some(OUR_FOLDER) => {
            Some("is in the folder that canon uses for the list of its files")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_manifest_that_could_harm_is_not_read() {
        let cases = [
            (r#"{"version":2,"files":{}}"#, "version 2"),
            (r#"{"version":1,"files":{"../notes.md":[1,null]}}"#, "plain relative path"),
            (r#"{"version":1,"files":{"/etc/passwd":[1,null]}}"#, "plain relative path"),
            (r#"{"version":1,"files":{".canon/x":[1,null]}}"#, "the list of its files"),
            (r#"{"version":1,"files":{"a":[1,"zz"]}}"#, "bad hash"),
            (r#"{"version":1,"files":{"a":[1,"#, "cannot be read"),
            ("", "cannot be read"),
        ];
        for (text, why) in cases {
            let error = Manifest::parse(text.as_bytes()).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn owning_is_by_whole_names() {
        let content = Content { length: 0, hash: None };
        let manifest = Manifest { files: [(String::from("blog/a.html"), content)].into_iter().collect() };
        assert!(manifest.owns("blog/a.html") && manifest.owns("blog"));
        assert!(!manifest.owns("blo") && !manifest.owns("blog/a") && !manifest.owns("a.html"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(names in prop::collection::btree_map("[^/\u{0}]{1,12}(/[^/\u{0}]{1,5})?", any::<(u64, bool)>(), 0..20)) {
            let files = names.into_iter().filter(|(path, _)| path_fault(path).is_none()).map(|(path, (length, hashed))| {
                let hash = hashed.then(|| blake3::hash(path.as_bytes()));
                (path, Content { length, hash })
            });
            let manifest = Manifest { files: files.collect() };
            prop_assert_eq!(Manifest::parse(manifest.text().as_bytes()), Ok(manifest));
        }
    }
}
