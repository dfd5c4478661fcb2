use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::SessionCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/sessions";

/// Lists a user's sessions that are alive, the last seen first. Takes READ on `Portcullis:Sessions/{userId}`; everybody may list
/// their own.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listUserSessions",
    tag = "Sign-in",
    params(UserId),
    responses(
        (status = 200, description = "The sessions.", body = SessionCollection),
        (status = 404, description = "The caller may not know of this user's sessions.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_user_sessions(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = session::list(call.portcullis(), &call.cx, &user_id);
    let sessions = call.managed("session.list", &user_id, work).await?;
    Ok(Json(SessionCollection { sessions }).into_response())
}
