//! Placeholder.
/// x
pub fn mathml(_: &str, _: bool) -> Result<String, String> {
    Err("x".into())
}
