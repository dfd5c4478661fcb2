//! The authorization endpoint (RFC 6749 §3.1). Browsers of people come here, with cookies: no script of another origin reads its
//! answers (AS-15), which are redirects and pages.

use axum::extract::{FromRequest, RawQuery, Request};
use axum::response::Response;
use bytes::Bytes;
use portcullis::oauth::authorize::{self, Refusal, Step};
use portcullis::oauth::{OAuthError, Parameters};
use utoipa::{IntoResponses, ToSchema};

use super::form::is_form;
use crate::api::Api;
use crate::pages::{Browser, Refused, again_by_get, respond};

const PATH: &str = "/oauth2/authorize";

/// What the authorization endpoint reads. Each parameter may come once; those that are not known are ignored.
#[derive(utoipa::IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct AuthorizationForm {
    /// The application's id.
    client_id: Option<String>,
    /// Where the answer goes: one of the application's, byte for byte.
    redirect_uri: Option<String>,
    /// `code`.
    response_type: Option<String>,
    /// `query` or `form_post`, as registered for the application.
    response_mode: Option<String>,
    /// What is asked for, separated by spaces.
    scope: Option<String>,
    /// Comes back as it is, up to 2,048 bytes.
    state: Option<String>,
    /// SHA-256 of the verifier (RFC 7636), 43 characters of base64url.
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
    /// The one resource that the access token is for (RFC 8707); also named `audience`.
    resource: Option<String>,
    /// Comes back in the ID token, up to 512 bytes.
    nonce: Option<String>,
    /// `none`, or some of `login`, `consent` and `select_account`, separated by spaces.
    prompt: Option<String>,
    /// For how many seconds a sign-in counts.
    max_age: Option<String>,
    /// What the person signs in with, up to 256 bytes.
    login_hint: Option<String>,
    /// An ID token that names the person who must sign in.
    id_token_hint: Option<String>,
    /// Claims that are asked for by name (OpenID Connect Core §5.5), up to 2,048 bytes.
    claims: Option<String>,
}

/// What comes back, to a browser.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) enum AuthorizationAnswers {
    /// A form that hands the answer on to the application (`form_post`).
    #[response(status = 200, content_type = "text/html")]
    HandOn(String),
    /// To the sign-in or consent page, or to the application's redirect URI with `code` or `error`, `state` and `iss` (RFC 9207).
    #[response(status = 303)]
    GoOn,
    /// A page: the application or its redirect URI is not known, so that nobody is redirected.
    #[response(status = 400, content_type = "text/html")]
    Refused(String),
    /// A page: it failed, which is our fault.
    #[response(status = 500, content_type = "text/html")]
    Failed(String),
    /// A page: the same request may work later.
    #[response(status = 503, content_type = "text/html")]
    Unavailable(String),
}

/// What a body adds to that.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) enum RefusalsOfBodies {
    /// A page: the body took too long.
    #[response(status = 408, content_type = "text/html")]
    TooSlow(String),
    /// A page: the body is too large.
    #[response(status = 413, content_type = "text/html")]
    TooLarge(String),
}

/// Begins to sign a person in to an application (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "authorize",
    tag = "OAuth",
    params(AuthorizationForm),
    responses(AuthorizationAnswers),
)]
pub(super) async fn authorize(browser: Browser, RawQuery(query): RawQuery) -> Response {
    let step = step(&browser, query.unwrap_or_default().as_bytes()).await;
    respond(step, &browser)
}

/// The same with the parameters in the body. A browser keeps its cookies back when another site posts, so that a request without them is
/// asked for again by GET, with its parameters in the query.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "authorizeByPost",
    tag = "OAuth",
    request_body(content = AuthorizationForm, content_type = "application/x-www-form-urlencoded"),
    responses(AuthorizationAnswers, RefusalsOfBodies),
)]
pub(super) async fn authorize_by_post(browser: Browser, Posted(body): Posted) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(error) => return respond(Step::Refuse(Refusal::Malformed(error)), &browser),
    };
    if !browser.is_new() {
        let step = step(&browser, &body).await;
        return respond(step, &browser);
    }
    // Whatever the answer, it must not take the place of the cookies that were kept back.
    let browser = browser.unchanged();
    match step(&browser, &body).await {
        refused @ Step::Refuse(_) => respond(refused, &browser),
        other => again_by_get(PATH, &body).unwrap_or_else(|| respond(other, &browser)),
    }
}

async fn step(browser: &Browser, query: &[u8]) -> Step {
    match Parameters::parse(query) {
        Ok(parameters) => {
            let session = browser.session.as_ref();
            authorize::begin(browser.portcullis(), &parameters, &browser.binding, session).await
        }
        Err(error) => authorize::refuse_unreadable(browser.portcullis(), query, error).await,
    }
}

/// A form in the body, as it came.
pub(super) struct Posted(Result<Bytes, OAuthError>);

impl FromRequest<Api> for Posted {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let read = crate::input::collect(body, api.options().body_limit).await;
        let body = read.map_err(|failure| Refused::failed(failure, None))?;
        if !body.is_empty() && !is_form(&parts.headers) {
            let description = "the body must be application/x-www-form-urlencoded";
            return Ok(Self(Err(OAuthError::invalid_request(description))));
        }
        Ok(Self(Ok(body)))
    }
}
