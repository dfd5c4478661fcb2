use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::{authenticate_client, device};
use portcullis_types::Sensitive;
use portcullis_types::oauth::DeviceAuthorization;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Form, OAuthCall, OAuthRefusal, OAuthRefusals, uncached};

const PATH: &str = "/oauth2/device_authorization";

/// What a device begins with. How its application proves to be itself is as at the token endpoint.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct DeviceForm {
    /// The application's id, unless the header `Authorization` names it.
    client_id: Option<String>,
    /// Its secret, if that is how it proves to be itself.
    client_secret: Option<Sensitive>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` with a `client_assertion`.
    client_assertion_type: Option<String>,
    /// A token that it signed itself (RFC 7523).
    client_assertion: Option<Sensitive>,
    /// What is asked for, separated by spaces.
    scope: Option<String>,
    /// The one resource that the access token is for (RFC 8707); also named `audience`.
    resource: Option<String>,
}

/// Begins to sign a device in that has no browser (RFC 8628 §3.1): gives it a code to show, which a person enters at
/// `verification_uri`, and one to poll the token endpoint with.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "authorizeDevice",
    tag = "OAuth",
    request_body(content = DeviceForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The codes, in this answer only.", body = DeviceAuthorization),
        OAuthRefusals,
    ),
)]
pub(super) async fn authorize_device(
    call: OAuthCall,
    Form(parameters): Form,
) -> Result<Response, OAuthRefusal> {
    let portcullis = call.api.portcullis();
    let answer = async {
        let client = authenticate_client(portcullis, call.authorization.as_deref(), &parameters).await?;
        device::start(portcullis, &client, &parameters, &call.device).await
    };
    Ok((uncached(), Json(call.answered(answer.await)?)).into_response())
}
