use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::SessionCollection;

use crate::call::Call;
use crate::failure::Failure;

const PATH: &str = "/v1/auth/sessions";

/// Lists the caller's sessions that are alive, the last seen first. There are as many as a user may have.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listSessions",
    tag = "Sign-in",
    responses(
        (status = 200, description = "The sessions.", body = SessionCollection),
        (status = 404, description = "The caller's token does not cover this.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_sessions(call: Call) -> Result<Response, Failure> {
    let user_id = call.cx.name().to_owned();
    let work = session::list(call.portcullis(), &call.cx, &user_id);
    let sessions = call.managed("session.list", &user_id, work).await?;
    Ok(Json(SessionCollection { sessions }).into_response())
}
