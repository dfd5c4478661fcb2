//! The pages: home, the way to the sign-in page and back, and out.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use portcullis_client::types::Sensitive;
use portcullis_client::{AuthorizationCodeFlow, Client};

use crate::registration::Application;
use crate::visits::{Visit, Visits};

const COOKIE_NAME: &str = "guest_book";

/// What every page needs.
pub(crate) struct Site {
    pub(crate) client: Client,
    pub(crate) application: Application,
    pub(crate) visits: Visits,
}

impl Site {
    fn flow(&self) -> AuthorizationCodeFlow<'_> {
        let Application { client_id, client_secret, redirect_uri, .. } = &self.application;
        let flow = self.client.authorization_code_flow(client_id, redirect_uri);
        flow.client_secret(client_secret.clone()).scope("openid profile email")
    }
}

pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(callback))
        .route("/sign-out", post(sign_out))
        .with_state(site)
}

async fn home(State(site): State<Arc<Site>>, headers: HeaderMap) -> Html<String> {
    let body = match cookie(&headers).and_then(|cookie| site.visits.find(cookie)) {
        Some(Visit::SignedIn { name, .. }) => format!(
            "<p id=\"greeting\">Hello, {}!</p>\
             <form method=\"post\" action=\"/sign-out\"><button id=\"sign-out\">Sign out</button></form>",
            escaped(&name)
        ),
        _ => "<p id=\"greeting\">Hello, guest!</p><p><a id=\"sign-in\" href=\"/sign-in\">Sign in</a></p>"
            .to_owned(),
    };
    page(&body)
}

/// Sends the browser to the sign-in page, and remembers what its return is checked with.
async fn sign_in(State(site): State<Arc<Site>>) -> Response {
    let (started, cookie) = match (site.flow().start(), new_cookie()) {
        (Ok(started), Some(cookie)) => (started, cookie),
        _ => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    site.visits.begin(cookie.clone(), Visit::Away(started.pending));
    leading_to(&started.url, &cookie)
}

/// The browser comes back: from here on it has another cookie, so that whoever knew the first knows nothing.
async fn callback(State(site): State<Arc<Site>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let Some(Visit::Away(pending)) = cookie(&headers).and_then(|cookie| site.visits.end(cookie)) else {
        return sorry("this browser was not sent to sign in");
    };
    let tokens = match site.flow().finish(&pending, query.as_deref().unwrap_or_default()).await {
        Ok(tokens) => tokens,
        Err(error) => return sorry(&error.to_string()),
    };
    let user = match site.client.oauth().user_info(tokens.access_token.expose()).await {
        Ok(user) => user,
        Err(error) => return sorry(&error.to_string()),
    };
    let (Some(cookie), Some(id_token)) = (new_cookie(), tokens.id_token) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let told = |claim: &str| user.claims.get(claim).and_then(serde_json::Value::as_str).map(str::to_owned);
    let name = told("name").or_else(|| told("email")).unwrap_or(user.sub);
    site.visits.begin(cookie.clone(), Visit::SignedIn { name, id_token });
    leading_to("/", &cookie)
}

/// Ends the visit here, and sends the browser on so that the server ends its session too.
async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    match cookie(&headers).and_then(|cookie| site.visits.end(cookie)) {
        Some(Visit::SignedIn { id_token, .. }) => leading_to(&end_session(&site, &id_token), ""),
        _ => leading_to("/", ""),
    }
}

fn end_session(site: &Site, id_token: &Sensitive) -> String {
    let home: String = site.application.home.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let server = site.client.base_url();
    format!("{server}/oauth2/logout?id_token_hint={}&post_logout_redirect_uri={home}", id_token.expose())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|one| one.strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

#[expect(clippy::disallowed_methods, reason = "an application of its own has its own source of chance")]
fn new_cookie() -> Option<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A redirection that also sets the cookie. In earnest, over HTTPS, the cookie would be `__Host-…; Secure`.
fn leading_to(url: &str, cookie: &str) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (LOCATION, url.to_owned()),
        (SET_COOKIE, format!("{COOKIE_NAME}={cookie}; Path=/; HttpOnly; SameSite=Lax")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn sorry(reason: &str) -> Response {
    let body = format!(
        "<p id=\"greeting\">You are not signed in: {}.</p><p><a href=\"/\">Home</a></p>",
        escaped(reason)
    );
    (StatusCode::BAD_REQUEST, page(&body)).into_response()
}

fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Guest book</title><h1>Guest book</h1>{body}</html>"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
