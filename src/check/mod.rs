//! The checks of `canon check`, on a frozen site: rules, external links, baselines, fixes and report formats.
//!
//! Rules read no files and change nothing.

pub(crate) mod advice;
pub(crate) mod baseline;
pub(crate) mod external;
pub(crate) mod fingerprint;
pub(crate) mod fix;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod scope;

pub use rules::{RULES, Rule};
