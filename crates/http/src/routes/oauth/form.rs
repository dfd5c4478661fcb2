use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use portcullis::oauth::{OAuthError, Parameters};

use super::OAuthRefusal;
use crate::api::Api;
use crate::input::collect;

/// The parameters of a form in the body (RFC 6749 appendix B). What is in the query counts for nothing.
pub(crate) struct Form(pub(crate) Parameters);

impl FromRequest<Api> for Form {
    type Rejection = OAuthRefusal;

    async fn from_request(request: Request, api: &Api) -> Result<Self, OAuthRefusal> {
        let (parts, body) = request.into_parts();
        let bytes = collect(body, api.options().body_limit).await?;
        if !bytes.is_empty() && !is_form(&parts.headers) {
            let description = "the body must be application/x-www-form-urlencoded";
            return Err(OAuthError::invalid_request(description).into());
        }
        Ok(Self(Parameters::parse(&bytes)?))
    }
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let essence = types.next().and_then(|value| value.to_str().ok()?.split(';').next()).unwrap_or_default();
    types.next().is_none() && essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
