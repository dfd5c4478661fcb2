//! People who sign in: their tokens and their sessions. Bodies are in `snake_case`, as OAuth's are.

mod change_password;
mod end_session;
mod forgot_password;
mod list_sessions;
mod log_in;
mod log_out;
mod log_out_everywhere;
mod mail_bound;
mod refresh;
mod register;
mod reset_password;
mod show_me;
mod verify;
mod verify_email;
mod visitor;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// What is called with a credential in the body, or with a bearer that need not be good any more.
pub(super) fn public() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(register::register))
        .routes(routes!(log_in::log_in))
        .routes(routes!(refresh::refresh))
        .routes(routes!(log_out::log_out))
        .routes(routes!(verify::verify))
        .routes(routes!(forgot_password::forgot_password))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(verify_email::verify_email))
}

/// What is called by whoever is signed in.
pub(super) fn guarded() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(log_out_everywhere::log_out_everywhere))
        .routes(routes!(show_me::show_me))
        .routes(routes!(change_password::change_password))
        .routes(routes!(list_sessions::list_sessions))
        .routes(routes!(end_session::end_session))
}
