//! From the hand-maintained spec to the generated client: reads, lints, generates, and reports what a
//! change means for users.

pub mod api;
pub mod diagnostic;
pub mod diff;
pub mod document;
pub mod generate;
mod json_schema;
pub mod lift;
pub mod lint;
pub mod live;
pub mod lower;
pub mod output;
pub mod public_api;
pub mod spec;
