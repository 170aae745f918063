//! The ids of rules as the values of an argument, so that shells complete them.

use crate::check::rules::RULES;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use std::ffi::OsStr;

/// Accepts any text and offers the ids of all rules to completions. An unknown id is refused by the command, whose
/// message names the most similar rule instead of all rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleIds;

impl TypedValueParser for RuleIds {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, _: Option<&clap::Arg>, value: &OsStr) -> Result<String, clap::Error> {
        value.to_str().map(str::to_string).ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary))))
    }
}
