//! Applications of a test, what people grant them, and what they do with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::oauth::{self, Access, OAuthError, Parameters};
use portcullis::session::Device;
use portcullis::{Portcullis, application};
use portcullis_types::oauth::{Introspection, TokenResponse};
use serde_json::{Value, json};

use crate::bed::{Bed, URL};
use crate::make::body;

/// Everything that the applications of a test may ask for.
pub(crate) const SCOPES: &str = "openid profile email offline_access";
/// An API of somebody else.
pub(crate) const API: &str = "https://api.example";

/// An application with a secret.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A confidential web application that may use every grant, with other settings.
pub(crate) async fn app(bed: &Bed, id: &str, other: Value) -> App {
    let mut settings = json!({
        "applicationId": id, "name": id, "kind": "web", "authenticationMethod": "client_secret_post",
        "redirectUris": ["https://web.example/cb"], "postLogoutRedirectUris": ["https://web.example/bye"],
        "grantTypes": ["authorization_code", "refresh_token", "client_credentials"], "audiences": [API, URL],
        "scopes": ["openid", "profile", "email", "offline_access", "read", "write"],
    });
    for (name, value) in other.as_object().unwrap() {
        settings[name] = value.clone();
    }
    let made = application::create(&bed.portcullis, &bed.owner, body(settings)).await.unwrap();
    let secret = made.secret.map(|secret| secret.client_secret.into_inner()).unwrap_or_default();
    App { id: id.to_owned(), secret }
}

pub(crate) fn access(app: &App, user: &str, scope: &str) -> Access {
    Access {
        client_id: app.id.clone(),
        user_id: user.to_owned(),
        scope: scope.to_owned(),
        amr: vec!["pwd".to_owned()],
        ..Access::default()
    }
}

/// What a person grants an application, without a browser.
pub(crate) async fn granted(node: &Portcullis, app: &App, user: &str, scope: &str) -> TokenResponse {
    oauth::grant_access(node, Device::default(), access(app, user, scope)).await.unwrap()
}

pub(crate) fn parameters(app: &App, pairs: &[(&str, &str)]) -> Parameters {
    let own = [("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())];
    let own = own.iter().filter(|(_, value)| !value.is_empty());
    Parameters::of(own.chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
}

pub(crate) async fn token(
    node: &Portcullis,
    app: &App,
    pairs: &[(&str, &str)],
) -> Result<TokenResponse, OAuthError> {
    oauth::token(node, None, &parameters(app, pairs), Device::default()).await
}

pub(crate) async fn refresh(
    node: &Portcullis,
    app: &App,
    tokens: &TokenResponse,
    more: &[(&str, &str)],
) -> Result<TokenResponse, OAuthError> {
    let text = tokens.refresh_token.clone().unwrap().into_inner();
    let pairs: Vec<_> = [("grant_type", "refresh_token"), ("refresh_token", text.as_str())]
        .iter()
        .chain(more)
        .copied()
        .collect();
    token(node, app, &pairs).await
}

pub(crate) async fn introspect(node: &Portcullis, app: &App, text: &str) -> Introspection {
    oauth::introspect(node, None, &parameters(app, &[("token", text)])).await.unwrap()
}

pub(crate) async fn is_active(node: &Portcullis, app: &App, tokens: &TokenResponse) -> bool {
    introspect(node, app, tokens.access_token.expose()).await.active
}

pub(crate) async fn revoke(node: &Portcullis, app: &App, text: &str) {
    oauth::revoke(node, None, &parameters(app, &[("token", text)]), Device::default()).await.unwrap();
}

/// What a token says, whoever signed it.
pub(crate) fn payload(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

pub(crate) fn header(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').next().unwrap()).unwrap()).unwrap()
}

/// Why it was refused.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, OAuthError>) -> &'static str {
    answer.unwrap_err().code.as_str()
}
