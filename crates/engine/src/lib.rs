//! Portcullis: who is this, may they do it, and can they pay for it. The use cases, to embed in an application.
//!
//! A use case is a function in a file of its own, `<area>/<verb>.rs`, that takes [`Portcullis`] and [`Cx`] (who asks) and checks
//! the caller's rights itself; it knows nothing of HTTP. Writes run to their end in a task of their own, as one
//! transaction with its lines of the audit trail, and are effective on this node when they return.
//!
//! Begin with [`Portcullis::open`].
//!
//! | areas | their question |
//! |---|---|
//! | [`sign_in`], [`session`], [`browser`], [`user`], [`user_pool`], [`token`], [`mail`] | who is this? |
//! | [`oauth`], [`application`], [`client`], [`key`] | which application or machine is this, and what is signed for it? |
//! | [`access`], [`record`], [`role`], [`group`], [`resource`], [`request`], [`invite`] | may they do it? |
//! | [`organization`], [`member`], [`tenant`], [`product`], [`plan`], [`subscription`], [`credits`] | to whom do they belong, and can they pay? |
//! | [`guard`], [`operation`], [`policy`], [`user_override`] | all three at once |
//! | [`open`], [`apply`], [`audit`] | how does an installation begin, change as a whole, and tell what was changed? |
//!
//! To add a use case: the file, its line in the area's `mod.rs`, and a test in `tests/it`. To add a management right: say in
//! the function's documentation which action on which `Authress:` or `Portcullis:` resource it takes.

pub mod access;
mod account;
pub mod application;
pub mod apply;
pub mod audit;
mod authenticate;
mod bearer;
pub mod browser;
mod change;
pub mod client;
mod concurrency;
pub mod credits;
mod cx;
mod error;
pub mod group;
pub mod guard;
pub mod invite;
pub mod key;
mod listing;
pub mod mail;
pub mod member;
pub mod oauth;
mod opaque_token;
pub mod open;
pub mod operation;
pub mod organization;
mod password;
pub mod plan;
pub mod policy;
mod portcullis;
pub mod product;
pub mod record;
pub mod request;
pub mod resource;
pub mod role;
pub mod session;
pub mod sign_in;
pub mod subscription;
mod system;
pub mod tenant;
pub mod token;
pub mod user;
pub mod user_override;
pub mod user_pool;

pub use account::{Bootstrapped, bootstrap};
pub use bearer::{Bearer, TokenFacts};
pub use concurrency::UnmodifiedSince;
pub use cx::{Actor, Cx};
pub use error::{Error, Result};
pub use listing::{Listing, PageRequest};
pub use open::{Builder, OpenError};
pub use password::{HashCost, PasswordPolicy, PasswordSettings, PasswordWork};
pub use portcullis::{Account, Portcullis, Settings};
pub use portcullis_domain::SessionPolicy;
pub use portcullis_jose as jose;
pub use portcullis_store as store;
pub use system::{SystemClock, SystemRng};
