use std::sync::OnceLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;

use crate::failure::Failure;

const PATH: &str = "/openapi.json";

/// Describes this API in OpenAPI 3.1.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOpenApi",
    tag = "Document",
    responses((status = 200, description = "The document.", body = Object, content_type = "application/json")),
)]
pub(super) async fn show_document() -> Result<Response, Failure> {
    static DOCUMENT: OnceLock<Option<Bytes>> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| crate::openapi().to_json().ok().map(Bytes::from));
    let document = document.clone().ok_or_else(|| Failure::internal(None))?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], document).into_response())
}
