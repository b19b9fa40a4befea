//! The FFI boundary: the exported functions, and the handles of what they act on.

pub mod exports;
mod registry;
