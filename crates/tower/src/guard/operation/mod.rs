//! May they do this, and can they pay for it? Asked for one operation, by a layer of its route or by its handler.

mod ask;
mod guarded;
mod pass;
mod path_param;
mod require;

pub use guarded::{Guarded, Operation};
pub use pass::GuardPass;
pub use path_param::path_param;
pub use require::{RequireOp, require_op};
