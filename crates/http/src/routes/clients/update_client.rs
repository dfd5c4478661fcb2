use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::Problem;
use portcullis_types::authress::{Client, ClientBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}";

/// Replaces a service client's name, options, limits and tags.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateClient",
    tag = "Service clients",
    params(ClientId),
    request_body = ClientBody,
    responses(
        (status = 200, description = "The service client as it is now.", body = Client),
        (status = 404, description = "There is no such service client, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn update_client(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<ClientBody>,
) -> Result<Response, Failure> {
    let client_id = path.get::<ClientId>()?;
    let work = client::update(call.portcullis(), &call.cx, &client_id, body);
    let client = call.managed("client.update", &client_id, work).await?;
    Ok(Json(client).into_response())
}
