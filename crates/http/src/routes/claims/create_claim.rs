use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::resource;
use portcullis_types::Problem;
use portcullis_types::authress::{ClaimRequest, ClaimResponse};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/claims";

/// Makes the caller the owner of a new resource in a claimable collection (spec `authress-api.md` §4.5).
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createClaim",
    tag = "Claims",
    request_body = ClaimRequest,
    responses(
        (status = 201, description = "The resource is the caller's.", body = ClaimResponse),
        (status = 409, description = "Somebody has the resource already.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_claim(
    call: Call,
    JsonBody(body): JsonBody<ClaimRequest>,
) -> Result<Response, Failure> {
    let target = format!("{}/{}", body.collection_resource, body.resource_id);
    let work = resource::claim(call.portcullis(), &call.cx, body);
    let claimed = call.managed("resource.claim", &target, work).await?;
    Ok((StatusCode::CREATED, Json(claimed)).into_response())
}
