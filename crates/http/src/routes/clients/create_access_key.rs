use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::Problem;
use portcullis_types::authress::{AccessKeyBody, ClientAccessKey};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{MaybeJson, RawPath};
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}/access-keys";

/// Makes an access key, or takes the public half of one that the caller made.
///
/// The key is in this answer and nowhere else: only its public half is kept. The body may be absent (spec
/// `authress-api.md` §3.7).
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "requestAccessKey",
    tag = "Service clients",
    params(ClientId),
    request_body(content = Option<AccessKeyBody>),
    responses(
        (status = 201, description = "The key.", body = ClientAccessKey),
        (status = 404, description = "There is no such service client, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The client has as many keys as it may have.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_access_key(
    call: Call,
    path: RawPath,
    MaybeJson(body): MaybeJson<AccessKeyBody>,
) -> Result<Response, Failure> {
    let client_id = path.get::<ClientId>()?;
    let work = client::create_key(call.portcullis(), &call.cx, &client_id, body);
    let key = call.managed("access_key.create", &client_id, work).await?;
    Ok((StatusCode::CREATED, Json(key)).into_response())
}
