use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::authress::{Client, ClientBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::MaybeJson;

const PATH: &str = "/v1/clients";

/// Creates a service client. It has no access key yet.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createClient",
    tag = "Service clients",
    request_body(content = Option<ClientBody>),
    responses(
        (status = 201, description = "The service client.", body = Client),
    ),
)]
pub(super) async fn create_client(
    call: Call,
    MaybeJson(body): MaybeJson<ClientBody>,
) -> Result<Response, Failure> {
    let work = client::create(call.portcullis(), &call.cx, body);
    let client = call.managed("client.create", "", work).await?;
    Ok((StatusCode::CREATED, Json(client)).into_response())
}
