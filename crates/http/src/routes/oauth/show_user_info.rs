use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;
use portcullis_tower::{BearerRefusal, bearer_credential};
use portcullis_types::oauth::{OAuthErrorBody, UserInfo};

use super::{OAuthRefusal, OAuthRefusals, uncached};
use crate::api::Api;

const PATH: &str = "/oauth2/userinfo";

/// Says what is known of the user of an access token (OpenID Connect Core §5.3), which comes as bearer in the header, never in the query
/// or in the body (RFC 6750 §2). It needs the scope `openid`, and to be for this endpoint or for this whole API.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserInfo",
    tag = "OAuth",
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
    let token = match bearer_credential(&headers) {
        Ok(token) => token,
        Err(BearerRefusal::Missing) => return Ok(unasked()),
        Err(refusal) => {
            let problem = portcullis_tower::ProblemResponse::from(refusal);
            return Err(crate::failure::Failure::from(problem).into());
        }
    };
    let claims = oauth::user_info(api.portcullis(), token).await?;
    Ok((uncached(), Json(claims)).into_response())
}

/// The same by POST. The body counts for nothing.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "getUserInfoByPost",
    tag = "OAuth",
    responses(
        (status = 200, description = "The claims.", body = UserInfo),
        (status = 403, description = "`insufficient_scope`: the token does not have the scope `openid`.", body = OAuthErrorBody),
        OAuthRefusals,
    ),
)]
pub(super) async fn show_user_info_by_post(
    state: State<Api>,
    headers: HeaderMap,
) -> Result<Response, OAuthRefusal> {
    show_user_info(state, headers).await
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
