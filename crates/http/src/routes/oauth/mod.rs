//! OAuth 2.1 and OpenID Connect: the endpoints that applications call. Bodies are forms and JSON in `snake_case`; every refusal is one of
//! RFC 6749 §5.2, also those of the layers around (`observe`).
//!
//! Scripts of other origins may call them, without cookies (`cross_origin`): what they send is all that counts. The authorization
//! endpoint, which looks at cookies, is none of these.

mod aliases;
mod authorize;
mod authorize_device;
mod call;
mod cross_origin;
mod failed_clients;
mod form;
mod introspect_token;
mod issue_token;
mod refusal;
mod revoke_token;
mod show_server_metadata;
mod show_user_info;

pub(crate) use aliases::{alias_paths, aliases, is_alias};
pub(crate) use call::OAuthCall;
pub(crate) use cross_origin::{open_to_every_origin, preflight};
pub(crate) use failed_clients::FailedClients;
pub(crate) use form::Form;
pub(crate) use refusal::{OAuthRefusal, OAuthRefusals, uncached};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    let open = OpenApiRouter::default()
        .routes(routes!(issue_token::issue_token))
        .routes(routes!(authorize_device::authorize_device))
        .routes(routes!(revoke_token::revoke_token))
        .routes(routes!(show_user_info::show_user_info))
        .routes(routes!(show_user_info::show_user_info_by_post))
        .routes(routes!(show_server_metadata::show_server_metadata))
        .route("/oauth2/token", preflight())
        .route("/oauth2/device_authorization", preflight())
        .route("/oauth2/revoke", preflight())
        .route("/oauth2/userinfo", preflight())
        .route("/.well-known/oauth-authorization-server", preflight());
    open_to_every_origin(open)
        .routes(routes!(introspect_token::introspect_token))
        .routes(routes!(authorize::authorize, authorize::authorize_by_post))
}
