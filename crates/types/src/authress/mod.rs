//! Bodies of the Authress API (spec `authress-api.md` §2). What ends in `Body` is sent to the server; everything else comes
//! from it. A `Body` accepts the read-only fields that clients echo ([`ReadOnly`]), takes nothing from them, and does not
//! write them: `..Default::default()` fills them in.

mod client;
mod common;
mod group;
mod invite;
mod record;
mod request;
mod resource;
mod role;
mod user;

pub use client::*;
pub use common::*;
pub use group::*;
pub use invite::*;
pub use record::*;
pub use request::*;
pub use resource::*;
pub use role::*;
pub use user::*;
