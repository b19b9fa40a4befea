//! The FFI boundary: the exported functions, and the handles of engines and outboxes.

pub mod exports;
mod registry;
