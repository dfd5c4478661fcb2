//! An API as a protected resource: it says who gives tokens for it, takes those alone that are for it, and asks for scopes (RFC 6750,
//! RFC 9728). That is also what the authorization part of the Model Context Protocol wants of a server.

mod describe;
mod layer;
mod refusal;
mod scope;
mod token;

pub use describe::ProtectedResource;
pub use layer::ProtectedResourceLayer;
pub use refusal::ResourceRefusal;
pub use scope::{RequireScope, require_scope};
pub use token::ResourceToken;
