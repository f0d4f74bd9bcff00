//! From the hand-maintained spec to the generated client: reading, linting, generating, and
//! reporting what a change means for users.

pub mod diagnostic;
pub mod document;
pub mod lint;
pub mod spec;
