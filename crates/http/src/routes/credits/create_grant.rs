use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::credits;
use portcullis_types::Problem;
use portcullis_types::credits::{CreditGrant, CreditGrantBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IdempotencyKey, JsonBody, RawPath};
use crate::params::{AccountId, IdempotencyKeyHeader};

const PATH: &str = "/v1/credits/accounts/{accountId}/grants";

/// Gives credits to a wallet, which is made by its first grant.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createCreditGrant",
    tag = "Credits",
    params(AccountId, IdempotencyKeyHeader),
    request_body = CreditGrantBody,
    responses(
        (status = 201, description = "The grant.", body = CreditGrant),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`reservation_closed`: it was settled otherwise. `idempotency_conflict`: the key was used for another request. `Conflict`: the id is in use, or the grant has ended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_grant(
    call: Call,
    path: RawPath,
    key: IdempotencyKey,
    JsonBody(mut body): JsonBody<CreditGrantBody>,
) -> Result<Response, Failure> {
    let account_id = path.get::<AccountId>()?;
    body.idempotency_key = key.or(body.idempotency_key)?;
    let work = credits::grant(call.portcullis(), &call.cx, &account_id, body);
    let grant = call.managed("credits.grant", &account_id, work).await?;
    Ok((StatusCode::CREATED, Json(grant)).into_response())
}
