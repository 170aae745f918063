//! Practising cards: when a card is due, and the log of all reviews. `static/practice-memory.js` and `static/practice-log.js`
//! are the same in JavaScript; `tests/formats/practice.json` has examples that the tests of both languages read.
//!
//! - [`cards`] lists the cards of a site with their identities.
//! - [`arithmetic`] has logarithm and exponential, equal to the bit on every machine and in both languages.
//! - [`memory`] computes the state of a memory after each review by FSRS-6.
//! - [`log`] reads, merges and writes logs, and folds them into the state of each card.
//!
//! Example: a log with one review "good" of the card `c` on 1 March gives a memory with a stability of 2.3065 days, so the
//! card is due on 3 March.

pub(crate) mod arithmetic;
pub(crate) mod cards;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod moment;
