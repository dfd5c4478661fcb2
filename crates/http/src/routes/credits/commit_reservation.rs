use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CommitCreditsBody, CreditReservation};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IdempotencyKey, MaybeJson, RawPath};
use crate::params::{IdempotencyKeyHeader, ReservationId};

const PATH: &str = "/v1/credits/reservations/{reservationId}/commit";

/// Takes what is held: all of it, or `amount`, with the rest given back.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "commitCreditReservation",
    tag = "Credits",
    params(ReservationId, IdempotencyKeyHeader),
    request_body = CommitCreditsBody,
    responses(
        (status = 200, description = "The reservation.", body = CreditReservation),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn commit_reservation(
    call: Call,
    path: RawPath,
    key: IdempotencyKey,
    MaybeJson(mut body): MaybeJson<CommitCreditsBody>,
) -> Result<Response, Failure> {
    let id = path.get::<ReservationId>()?;
    body.idempotency_key = key.or(body.idempotency_key)?;
    let work = credits::commit(call.portcullis(), &call.cx, &id, body);
    Ok(Json(call.managed("credits.commit", &id, work).await?).into_response())
}
