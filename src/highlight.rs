//! Placeholder.
/// x
pub struct Info {
    /// x
    pub language: String,
}
/// x
pub fn info(s: &str) -> Info {
    Info { language: s.into() }
}
/// x
pub fn highlight(_: &Info, _: &str) -> Option<String> {
    None
}
