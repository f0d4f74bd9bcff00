//! HTTP client for XS2A.api, one method per operation, generated from the specification.

pub mod wire;
