//! The part of the content that a command reports on: folders and files by their paths.

/// Folders and files, relative to the content folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Scope {
    /// Folders end in `/`. `None`: the whole content.
    paths: Option<Vec<String>>,
}

impl Scope {
    /// The scope of some paths: folders end in `/`, and the empty path is the content folder. Without a path, no file is
    /// meant.
    pub(crate) fn of(paths: Vec<String>) -> Scope {
        match paths.iter().any(String::is_empty) {
            true => Scope::default(),
            false => Scope { paths: Some(paths) },
        }
    }

    /// Whether the whole content is meant.
    pub(crate) fn is_whole(&self) -> bool {
        self.paths.is_none()
    }

    /// Whether a file is meant.
    pub(crate) fn contains(&self, file: &str) -> bool {
        let is_of = |path: &String| file == path || path.ends_with('/') && file.starts_with(path);
        self.paths.as_ref().is_none_or(|paths| paths.iter().any(is_of))
    }

    /// The folders, which end in `/`; empty for the whole content.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().flatten().map(String::as_str).filter(|path| path.ends_with('/'))
    }

    /// The files that are named themselves.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().flatten().map(String::as_str).filter(|path| !path.ends_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_all_below_it_and_a_file_only_itself() {
        let scope = Scope::of(vec!["sub/".into(), "a.md".into()]);
        let inside = |file| scope.contains(file);
        assert!(inside("sub/x.md") && inside("a.md"));
        assert!(!inside("subway.md") && !inside("a.md.md") && !inside("b/a.md"));
        assert!(!Scope::of(Vec::new()).contains("a.md"), "nothing is named");
        assert!(Scope::default().contains("b.md") && Scope::of(vec!["a.md".into(), String::new()]).is_whole());
    }
}
