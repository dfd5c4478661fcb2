//! The things that Portcullis stores, what is valid in them, and what a grant is.
//!
//! One file an entity: its stored form, how it is made from a request body (and which [`FieldError`] a bad body gets), and
//! how it looks on the wire. Matching and deciding live in `portcullis-authz`; SQL lives in `portcullis-store`.
//!
//! To add an entity: a file here with the struct, `from_body` and `wire`; then its table and queries in the store.

mod action;
mod client;
mod group;
mod invite;
mod limits;
mod record;
mod request;
mod resource_config;
mod resource_path;
mod role;
mod token;
mod user;

pub use action::{ActionPattern, Part};
pub use client::{AccessKeyRecord, ServiceClient};
pub use group::UserGroup;
pub use invite::StoredInvite;
pub use limits::{MAX_DOCUMENT_BYTES, TooLarge};
pub use portcullis_types::FieldError;
pub use record::{
    CompiledStatement, Principal, PrincipalKind, Record, compile_statements, principal_id,
    validate_statements,
};
pub use request::StoredRequest;
pub use resource_config::ResourceConfig;
pub use resource_path::{ResourceError, ResourcePath};
pub use role::{BUILT_IN_ROLES, Bit, OWNER, READ_RESOURCE, StoredRole, built_in_roles, is_built_in};
pub use token::StoredToken;
pub use user::UserProfile;
