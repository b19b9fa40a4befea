//! Pending checks.

mod attempt;
mod check;
mod deadlines;
mod ids;

pub use attempt::Attempt;
pub use check::{Check, HandshakeKind, Name, Place, Target};
pub use deadlines::Deadlines;
pub use ids::Ids;
