use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CreditReservation, CreditVoid};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{MaybeJson, RawPath};
use crate::params::ReservationId;

const PATH: &str = "/v1/credits/reservations/{reservationId}/release";

/// Gives back what is held; a second time nothing happens.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "releaseCreditReservation",
    tag = "Credits",
    params(ReservationId),
    request_body = CreditVoid,
    responses(
        (status = 200, description = "The reservation.", body = CreditReservation),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn release_reservation(
    call: Call,
    path: RawPath,
    MaybeJson(CreditVoid {}): MaybeJson<CreditVoid>,
) -> Result<Response, Failure> {
    let id = path.get::<ReservationId>()?;
    let work = credits::release(call.portcullis(), &call.cx, &id);
    Ok(Json(call.managed("credits.release", &id, work).await?).into_response())
}
