use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::{self, OAuthError, Parameters};
use portcullis_tower::{BearerRefusal, bearer_credential};
use portcullis_types::Sensitive;
use portcullis_types::oauth::{OAuthErrorBody, UserInfo};
use serde::Deserialize;
use utoipa::ToSchema;

use super::form::is_form;
use super::{OAuthRefusal, OAuthRefusals, uncached};
use crate::api::Api;
use crate::input::collect;

const PATH: &str = "/oauth2/userinfo";

/// What the body of a POST may hold instead of the header.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct UserInfoForm {
    /// The access token, unless it comes as bearer in the header.
    access_token: Option<Sensitive>,
}

/// Says what is known of the user of an access token (OpenID Connect Core §5.3), which comes as bearer in the header, never in the query
/// (RFC 6750 §2). It needs the scope `openid`, and to be for this endpoint or for this whole API.
// AS-20: never in the query.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserInfo",
    tag = "OAuth",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The claims.", body = UserInfo),
        (status = 403, description = "`insufficient_scope`: the token does not have the scope `openid`.", body = OAuthErrorBody),
        OAuthRefusals,
    ),
)]
pub(super) async fn show_user_info(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Response, OAuthRefusal> {
    answer(&api, in_header(&headers)?).await
}

/// The same by POST. The token may also come in the body, as a form (RFC 6750 §2.2): in one of both places, not in both. A body of another
/// kind counts for nothing.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "getUserInfoByPost",
    tag = "OAuth",
    security(("bearer" = []), ()),
    request_body(content = Option<UserInfoForm>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The claims.", body = UserInfo),
        (status = 403, description = "`insufficient_scope`: the token does not have the scope `openid`.", body = OAuthErrorBody),
        OAuthRefusals,
    ),
)]
pub(super) async fn show_user_info_by_post(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, OAuthRefusal> {
    let parameters = match is_form(&headers) {
        true => Parameters::parse(&collect(body, api.options().body_limit).await?)?,
        false => Parameters::default(),
    };
    let token = match (in_header(&headers)?, parameters.find("access_token")) {
        (Some(_), Some(_)) => {
            let description = "the access token comes in the header or in the body, not in both";
            return Err(OAuthError::invalid_request(description).into());
        }
        (in_header, in_body) => in_header.or(in_body),
    };
    answer(&api, token).await
}

/// The bearer, if there is one.
fn in_header(headers: &HeaderMap) -> Result<Option<&str>, OAuthRefusal> {
    match bearer_credential(headers) {
        Ok(token) => Ok(Some(token)),
        Err(BearerRefusal::Missing) => Ok(None),
        Err(refusal) => {
            let problem = portcullis_tower::ProblemResponse::from(refusal);
            Err(crate::failure::Failure::from(problem).into())
        }
    }
}

async fn answer(api: &Api, token: Option<&str>) -> Result<Response, OAuthRefusal> {
    let Some(token) = token else { return Ok(unasked()) };
    let claims = oauth::user_info(api.portcullis(), token).await?;
    Ok((uncached(), Json(claims)).into_response())
}

/// 401 without an error code: nothing was sent that could be wrong (RFC 6750 §3.1).
fn unasked() -> Response {
    let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="portcullis""#));
    let body = OAuthErrorBody {
        error: "invalid_token".to_owned(),
        error_description: Some("an access token is needed as bearer".to_owned()),
    };
    (axum::http::StatusCode::UNAUTHORIZED, uncached(), [challenge], Json(body)).into_response()
}
