//! The endpoints: `<area>/<verb_noun>.rs`, one a file. An area's `router()` registers its endpoints, here areas are registered.

mod applications;
mod audit;
mod auth;
mod claims;
mod clients;
mod consents;
mod credits;
mod direct;
mod discovery;
mod document;
mod groups;
mod guard;
mod health;
mod invites;
mod keys;
mod members;
pub(crate) mod oauth;
mod operations;
mod organization_tenants;
mod organizations;
mod overrides;
mod plans;
mod policies;
mod products;
mod records;
mod requests;
mod resources;
mod roles;
mod sessions;
mod subscriptions;
mod tokens;
pub(crate) mod unavailable;
mod user_permissions;
mod user_pools;
mod users;

use utoipa_axum::router::OpenApiRouter;

use crate::api::Api;
pub(crate) use direct::Direct;
pub(crate) use discovery::PROTECTED_RESOURCE;
pub(crate) use oauth::{alias_paths, aliases, is_alias};

/// Everything behind the bearer.
pub(crate) fn guarded() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .merge(user_permissions::router())
        .merge(users::router())
        .merge(user_pools::router())
        .merge(tokens::router())
        .merge(records::router())
        .merge(requests::router())
        .merge(claims::router())
        .merge(invites::router())
        .merge(resources::router())
        .merge(roles::router())
        .merge(groups::router())
        .merge(guard::router())
        .merge(operations::router())
        .merge(policies::router())
        .merge(overrides::router())
        .merge(clients::router())
        .merge(applications::router())
        .merge(organizations::router())
        .merge(members::router())
        .merge(organization_tenants::router())
        .merge(subscriptions::router())
        .merge(products::router())
        .merge(plans::router())
        .merge(credits::router())
        .merge(audit::router())
        .merge(keys::router())
        .merge(auth::guarded())
        .merge(sessions::router())
        .merge(consents::router())
}

/// What everybody may call: keys and their discovery, health, metrics, the document itself, and what begins or ends with a
/// credential of its own. Nothing else may be public.
pub(crate) fn public() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .merge(discovery::router())
        .merge(health::router())
        .merge(document::router())
        .merge(auth::public())
        .merge(oauth::router())
}
