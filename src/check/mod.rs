//! What `canon check` does with a frozen site: rules, external links, suppressions by baseline, repairs, report formats. Rules
//! read no files and change nothing.

pub mod baseline;
pub mod external;
pub mod fix;
pub mod report;
pub mod rules;
