//! Changes: how they are written, and how this node and the others come to know of them.

mod apply;
mod follow;
mod unit;

pub(crate) use follow::{Follower, follow};
pub(crate) use unit::Unit;
