//! Pending checks.

mod check;
mod deadlines;
mod ids;

pub use check::{Attempt, Check, HandshakeKind, Name, Place, Target};
pub use deadlines::Deadlines;
pub use ids::Ids;
