use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::guard;
use portcullis_types::GuardOutcome;
use portcullis_types::guard::GuardBody;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/guard";

/// Says who holds a token, whether they may do an operation, and whether they can pay for it.
///
/// 200 for every question that was answered, also with no: the status for the end user is in `statusCode`. What is said about
/// the `resource` is the calling service's word. The caller needs `guard:evaluate` on `Portcullis:Guard`.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "evaluateGuard",
    tag = "Guard",
    request_body = GuardBody,
    responses(
        (status = 200, description = "The outcome.", body = GuardOutcome),
    ),
)]
pub(super) async fn evaluate(call: Call, JsonBody(body): JsonBody<GuardBody>) -> Result<Response, Failure> {
    let work = guard::ask(call.portcullis(), &call.cx, &body);
    Ok(Json(call.managed("guard.evaluate", "", work).await?).into_response())
}
