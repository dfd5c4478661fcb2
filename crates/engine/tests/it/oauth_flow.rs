//! An application that sends a person's browser here and redeems the code: what the tests of the provider begin with.

use std::collections::BTreeMap;

use portcullis::browser::{self, BrowserSession, Registered};
use portcullis::oauth::authorize::{self, AuthorizationResponse, ConsentQuestion, Refusal, Step, Waiting};
use portcullis::oauth::{self, OAuthError, Parameters};
use portcullis::session::Device;
use portcullis::sign_in::Credentials;
use portcullis::{Portcullis, application};
use portcullis_types::Sensitive;
use portcullis_types::application::{ApplicationBody, ApplicationKind};
use portcullis_types::auth::RegisterBody;
use portcullis_types::oauth::TokenResponse;

use crate::bed::Bed;
use crate::people::GOOD;

/// The cookie that binds requests to a browser.
pub(crate) const BINDING: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "https://shop.example.org/callback?from=here";
pub(crate) const API: &str = "https://api.example.org";

/// A public application of a browser, of somebody else's, with one audience of its own; `change` makes another of it.
pub(crate) async fn application(
    bed: &Bed,
    id: &str,
    change: impl FnOnce(&mut ApplicationBody),
) -> Option<String> {
    let mut body = ApplicationBody::new(format!("The {id}"), ApplicationKind::Browser);
    body.application_id = Some(id.to_owned());
    body.redirect_uris = vec![REDIRECT.to_owned(), "https://shop.example.org/other".to_owned()];
    body.audiences = vec![API.to_owned(), "https://other.example.org".to_owned()];
    change(&mut body);
    let made = application::create(&bed.portcullis, &bed.owner, body).await.unwrap();
    made.secret.map(|secret| secret.client_secret.into_inner())
}

/// An application of our own, about which nobody is asked.
pub(crate) async fn shop(bed: &Bed) {
    application(bed, "shop", |body| body.first_party = true).await;
}

/// Somebody who has just registered in a browser.
pub(crate) async fn person(node: &Portcullis, email: &str) -> BrowserSession {
    let body =
        RegisterBody { email: email.to_owned(), password: Sensitive::new(GOOD), name: None, pool: None };
    match browser::register(node, Device::default(), body, None).await.unwrap() {
        Registered::SignedIn(signed_in) => signed_in.browser,
        Registered::MailBound => panic!("there is no mailer"),
    }
}

/// The same person in a browser that was signed out.
pub(crate) async fn sign_in(node: &Portcullis, email: &str) -> BrowserSession {
    let credentials = Credentials { pool: None, email: email.to_owned(), password: Sensitive::new(GOOD) };
    browser::sign_in(node, Device::default(), credentials, None).await.unwrap().browser
}

/// Parameters as they are sent: `standard`, but for `pairs`; one without a value is left out.
fn sent(standard: &[(&str, &str)], pairs: &[(&str, &str)]) -> Parameters {
    let mut all: BTreeMap<&str, &str> = standard.iter().copied().collect();
    all.extend(pairs.iter().copied());
    let kept = all.into_iter().filter(|(_, value)| !value.is_empty());
    Parameters::of(kept.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
}

/// An authorization request of `shop`, with some parameters set otherwise.
pub(crate) fn request(pairs: &[(&str, &str)]) -> Parameters {
    let standard = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid email"),
        ("state", "st&te"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    sent(&standard, pairs)
}

pub(crate) async fn begin(
    node: &Portcullis,
    pairs: &[(&str, &str)],
    browser: Option<&BrowserSession>,
) -> Step {
    authorize::begin(node, &request(pairs), BINDING, browser).await
}

pub(crate) async fn resume(node: &Portcullis, waiting: &Waiting, browser: Option<&BrowserSession>) -> Step {
    authorize::resume(node, &waiting.request, BINDING, browser).await
}

pub(crate) async fn decide(
    node: &Portcullis,
    waiting: &Waiting,
    browser: &BrowserSession,
    approved: bool,
) -> Step {
    authorize::decide(node, &waiting.request, BINDING, browser, approved).await
}

pub(crate) fn response(step: Step) -> AuthorizationResponse {
    match step {
        Step::Respond(response) => response,
        other => panic!("{other:?}"),
    }
}

/// What goes back to the application.
pub(crate) fn answer(step: Step) -> BTreeMap<&'static str, String> {
    response(step).parameters.into_iter().collect()
}

pub(crate) fn error(step: Step) -> String {
    let answer = answer(step);
    assert!(!answer.contains_key("code"));
    answer["error"].clone()
}

pub(crate) fn code_of(step: Step) -> String {
    let answer = answer(step);
    assert!(!answer.contains_key("error"), "{answer:?}");
    answer["code"].clone()
}

pub(crate) fn waiting(step: Step) -> Waiting {
    match step {
        Step::SignIn(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn asked(step: Step) -> (Waiting, ConsentQuestion) {
    match step {
        Step::Consent { request, question } => (request, question),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn refusal(step: Step) -> Refusal {
    match step {
        Step::Refuse(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

/// A code for somebody about whom nothing has to be asked.
pub(crate) async fn code(node: &Portcullis, pairs: &[(&str, &str)], browser: &BrowserSession) -> String {
    code_of(begin(node, pairs, Some(browser)).await)
}

/// Redeems a code of `shop`, with some parameters set otherwise.
pub(crate) async fn redeem(
    node: &Portcullis,
    code: &str,
    pairs: &[(&str, &str)],
) -> Result<TokenResponse, OAuthError> {
    let standard = [
        ("grant_type", "authorization_code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    oauth::token(node, None, &sent(&standard, pairs), Device::default()).await
}

/// Why a redemption was refused.
pub(crate) fn why(answer: Result<TokenResponse, OAuthError>) -> &'static str {
    answer.unwrap_err().code.as_str()
}

/// What a token of ours says.
pub(crate) fn claims(token: &Sensitive) -> serde_json::Map<String, serde_json::Value> {
    portcullis::jose::unverified_claims(token.expose()).unwrap()
}

/// Whether an access token opens userinfo on a node.
pub(crate) async fn opens(node: &Portcullis, tokens: &TokenResponse) -> bool {
    oauth::user_info(node, tokens.access_token.expose()).await.is_ok()
}
