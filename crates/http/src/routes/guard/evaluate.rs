use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use portcullis::guard::{self, Answer};
use portcullis_types::GuardOutcome;
use portcullis_types::guard::GuardBody;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::StrictJson;

pub(in crate::routes) const PATH: &str = "/v1/guard";

/// How long an outcome is without its context, mostly. What is longer is moved while it is written.
const USUAL_BYTES: usize = 512;

/// How the outcome for somebody who is known begins.
const BEFORE_CONTEXT: &[u8] = br#"{"isAuthenticated":true,"context":"#;
/// The same without its context.
const WITHOUT_CONTEXT: &[u8] = br#"{"isAuthenticated":true,"context":null"#;

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
pub(super) async fn evaluate(
    call: Call,
    StrictJson(body): StrictJson<GuardBody>,
) -> Result<Response, Failure> {
    answer(&call, &body).await
}

/// What this route answers, however a request came to it.
pub(in crate::routes) async fn answer(call: &Call, body: &GuardBody) -> Result<Response, Failure> {
    let work = guard::answer(call.portcullis(), &call.cx, body);
    let answer = call.managed("guard.evaluate", "", work).await?;
    let text = written(answer).map_err(|_unwritable| Failure::internal(None))?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// As `Json` would write the outcome, but into room for the whole, and with the context as it was written before.
fn written(mut answer: Answer) -> serde_json::Result<Vec<u8>> {
    let context = answer.outcome.context.take();
    let mut text = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut text, &answer.outcome)?;
    let Some(context) = context else { return Ok(text) };
    if let (Some(json), Some(rest)) = (answer.context_json(), text.strip_prefix(WITHOUT_CONTEXT)) {
        let mut whole = Vec::with_capacity(text.len() + json.len());
        whole.extend_from_slice(BEFORE_CONTEXT);
        whole.extend_from_slice(json.as_bytes());
        whole.extend_from_slice(rest);
        return Ok(whole);
    }
    answer.outcome.context = Some(context);
    serde_json::to_vec(&answer.outcome)
}
