use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use portcullis::guard;
use portcullis_types::GuardOutcome;
use portcullis_types::guard::GuardBody;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

pub(in crate::routes) const PATH: &str = "/v1/guard";

/// How long an outcome is, mostly. What is longer is moved while it is written.
const USUAL_BYTES: usize = 1024;

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
    answer(&call, &body).await
}

/// What this route answers, however a request came to it.
pub(in crate::routes) async fn answer(call: &Call, body: &GuardBody) -> Result<Response, Failure> {
    let work = guard::ask(call.portcullis(), &call.cx, body);
    let outcome = call.managed("guard.evaluate", "", work).await?;
    told(&outcome)
}

/// As `Json` would write it, but into room for the whole.
fn told(outcome: &GuardOutcome) -> Result<Response, Failure> {
    let mut text = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut text, outcome).map_err(|_unwritable| Failure::internal(None))?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
