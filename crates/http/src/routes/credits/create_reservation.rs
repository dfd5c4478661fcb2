use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CreditReservation, CreditReservationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IdempotencyKey, JsonBody};
use crate::params::IdempotencyKeyHeader;

const PATH: &str = "/v1/credits/reservations";

/// Holds credits until they are committed, released, or their time is over.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createCreditReservation",
    tag = "Credits",
    params(IdempotencyKeyHeader),
    request_body = CreditReservationBody,
    responses(
        (status = 201, description = "The reservation.", body = CreditReservation),
        (status = 402, description = "`credits_insufficient`: with `required`, `currency`, `billingAccountId`, `operation`, and `available` for whoever may read the wallet.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_reservation(
    call: Call,
    key: IdempotencyKey,
    JsonBody(mut body): JsonBody<CreditReservationBody>,
) -> Result<Response, Failure> {
    body.idempotency_key = key.or(body.idempotency_key)?;
    let account_id = body.account_id.clone();
    let work = credits::reserve(call.portcullis(), &call.cx, body);
    let reservation = call.managed("credits.reserve", &account_id, work).await?;
    Ok((StatusCode::CREATED, Json(reservation)).into_response())
}
