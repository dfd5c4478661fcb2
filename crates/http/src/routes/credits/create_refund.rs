use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CreditRefund, CreditRefundBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IdempotencyKey, JsonBody};
use crate::params::IdempotencyKeyHeader;

const PATH: &str = "/v1/credits/refunds";

/// Gives back what a reservation took: all that was not given back yet, or `amount`.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createCreditRefund",
    tag = "Credits",
    params(IdempotencyKeyHeader),
    request_body = CreditRefundBody,
    responses(
        (status = 201, description = "What was given back.", body = CreditRefund),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_refund(
    call: Call,
    key: IdempotencyKey,
    JsonBody(mut body): JsonBody<CreditRefundBody>,
) -> Result<Response, Failure> {
    body.idempotency_key = key.or(body.idempotency_key)?;
    let target = body.reservation_id.clone();
    let refund =
        call.managed("credits.refund", &target, credits::refund(call.portcullis(), &call.cx, body)).await?;
    Ok((StatusCode::CREATED, Json(refund)).into_response())
}
