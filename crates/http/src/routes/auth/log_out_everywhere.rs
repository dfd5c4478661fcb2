use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;

use crate::call::Call;
use crate::failure::Failure;

const PATH: &str = "/v1/auth/logout/all";

/// Ends every session of whoever calls, this one too, and disables their tokens that have none.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "logOutEverywhere",
    tag = "Sign-in",
    responses((status = 204, description = "Logged out everywhere.")),
)]
pub(super) async fn log_out_everywhere(call: Call) -> Result<Response, Failure> {
    let work = session::log_out_everywhere(call.portcullis(), &call.cx);
    call.managed("session.end_all", call.cx.name(), work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
