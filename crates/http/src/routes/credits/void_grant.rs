use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CreditGrant, CreditVoid};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{MaybeJson, RawPath};
use crate::params::{AccountId, GrantId};

const PATH: &str = "/v1/credits/accounts/{accountId}/grants/{grantId}/void";

/// Takes back what is free of a grant; a second time nothing happens.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "voidCreditGrant",
    tag = "Credits",
    params(AccountId, GrantId),
    request_body = CreditVoid,
    responses(
        (status = 200, description = "The grant as it is now.", body = CreditGrant),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn void_grant(
    call: Call,
    path: RawPath,
    MaybeJson(CreditVoid {}): MaybeJson<CreditVoid>,
) -> Result<Response, Failure> {
    let (account_id, grant_id) = (path.get::<AccountId>()?, path.get::<GrantId>()?);
    let work = credits::void_grant(call.portcullis(), &call.cx, &account_id, &grant_id);
    Ok(Json(call.managed("credits.void", &grant_id, work).await?).into_response())
}
