//! The areas of the API, one file each: what `client.<area>()` can do.

mod access;
mod applications;
mod audit;
mod auth;
mod clients;
mod credits;
mod groups;
mod invites;
mod oauth;
mod operations;
mod organizations;
mod overrides;
mod policies;
mod products;
mod records;
mod requests;
mod resources;
mod roles;
mod signing_keys;
mod subscriptions;
mod tokens;
mod user_pools;
mod users;

pub use access::{Access, CollectionConfiguration, UserResourcesQuery};
pub use applications::Applications;
pub use audit::{Audit, AuditFilter};
pub use auth::{Auth, Registered};
pub use clients::Clients;
pub use credits::Credits;
pub use groups::Groups;
pub use invites::Invites;
pub use oauth::{ApplicationCredential, OAuth};
pub use operations::Operations;
pub use organizations::Organizations;
pub use overrides::Overrides;
pub use policies::Policies;
pub use products::Products;
pub use records::{RecordQuery, Records};
pub use requests::{RequestQuery, Requests};
pub use resources::Resources;
pub use roles::Roles;
pub use signing_keys::SigningKeys;
pub use subscriptions::Subscriptions;
pub use tokens::Tokens;
pub use user_pools::{PoolUserQuery, UserPools};
pub use users::Users;

/// Declares the handle of an area: a client, borrowed.
macro_rules! area {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'c> {
            client: &'c crate::Client,
        }

        impl<'c> $name<'c> {
            pub(crate) const fn new(client: &'c crate::Client) -> Self {
                Self { client }
            }
        }
    };
}
pub(crate) use area;
