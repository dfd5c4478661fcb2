use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::AuthUser;

use crate::call::Call;
use crate::failure::Failure;

const PATH: &str = "/v1/auth/me";

/// Says who calls. A user without a profile has an id only.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "showMe",
    tag = "Sign-in",
    responses(
        (status = 200, description = "The user.", body = AuthUser),
        (status = 404, description = "The caller is not a user.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_me(call: Call) -> Result<Response, Failure> {
    let me = session::me(call.portcullis(), &call.cx).await?;
    Ok(Json(me).into_response())
}
