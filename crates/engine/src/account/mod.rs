//! The installation: how it is made, and what it is.

mod bootstrap;
mod load;

pub use bootstrap::{Bootstrapped, bootstrap};
pub(crate) use load::load;
