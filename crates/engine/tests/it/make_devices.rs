//! Devices of a test: how they ask and poll, and the people who decide about them.

use std::sync::Arc;

use portcullis::browser::{self, BrowserSession};
use portcullis::oauth::device::{self, DeviceQuestion};
use portcullis::oauth::{AuthenticatedClient, OAuthError, Parameters};
use portcullis::session::Device;
use portcullis::sign_in::Credentials;
use portcullis::{Error, Portcullis, Result, oauth};
use portcullis_types::Sensitive;
use portcullis_types::application::{Application, ApplicationBody, ApplicationKind, GrantTypeName};
use portcullis_types::oauth::{DeviceAuthorization, TokenResponse};

use crate::bed::Bed;
use crate::people::{GOOD, registered};

/// The grant.
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const AUDIENCE: &str = "https://api.example.org";

/// The body of a public application that signs devices in.
pub(crate) fn television(id: &str) -> ApplicationBody {
    ApplicationBody {
        application_id: Some(id.to_owned()),
        grant_types: Some(vec![GrantTypeName::DeviceCode, GrantTypeName::RefreshToken]),
        audiences: vec![AUDIENCE.to_owned()],
        ..ApplicationBody::new("Television", ApplicationKind::Native)
    }
}

pub(crate) async fn application(bed: &Bed, body: ApplicationBody) -> Application {
    portcullis::application::create(&bed.portcullis, &bed.owner, body).await.unwrap().application
}

/// What a device sends from an address.
pub(crate) fn from(ip: &str) -> Device {
    Device { ip: Some(ip.parse().unwrap()), user_agent: Some("tv/1".to_owned()), ..Device::default() }
}

pub(crate) async fn start_with(
    node: &Portcullis,
    application: &Application,
    form: &str,
    device: &Device,
) -> Result<DeviceAuthorization, OAuthError> {
    let client = AuthenticatedClient {
        application: Arc::new(application.clone()),
        method: application.authentication_method,
    };
    device::start(node, &client, &Parameters::parse(form.as_bytes()).unwrap(), device).await
}

/// Asks for everything; it must be given.
pub(crate) async fn start(node: &Portcullis, application: &Application) -> DeviceAuthorization {
    let form = format!("scope=openid+offline_access&audience={AUDIENCE}");
    start_with(node, application, &form, &from("192.0.2.7")).await.unwrap()
}

/// Polls, and gives the tokens or the error's code.
pub(crate) async fn poll_as(
    node: &Portcullis,
    client_id: &str,
    device_code: &str,
) -> Result<TokenResponse, String> {
    let form = format!("grant_type={DEVICE_CODE}&client_id={client_id}&device_code={device_code}");
    let parameters = Parameters::parse(form.as_bytes()).unwrap();
    let answer = oauth::token(node, None, &parameters, Device::default()).await;
    answer.map_err(|error| {
        assert_eq!(error.status(), 400, "{error}");
        error.code.as_str().to_owned()
    })
}

pub(crate) async fn poll(
    node: &Portcullis,
    authorization: &DeviceAuthorization,
) -> Result<TokenResponse, String> {
    poll_as(node, "tv", authorization.device_code.expose()).await
}

/// Somebody new, signed in with a browser.
pub(crate) async fn person(node: &Portcullis, email: &str) -> BrowserSession {
    registered(node, email).await;
    signed_in(node, email).await
}

/// Somebody who is registered, signed in with another browser.
pub(crate) async fn signed_in(node: &Portcullis, email: &str) -> BrowserSession {
    let credentials = Credentials { pool: None, email: email.to_owned(), password: Sensitive::new(GOOD) };
    browser::sign_in(node, from("198.51.100.1"), credentials, None).await.unwrap().browser
}

/// Enters a user code from an address.
pub(crate) async fn enter_from(
    node: &Portcullis,
    browser: &BrowserSession,
    user_code: &str,
    ip: &str,
) -> Result<DeviceQuestion> {
    device::look_up(node, browser, user_code, &from(ip)).await
}

pub(crate) async fn enter(
    node: &Portcullis,
    browser: &BrowserSession,
    authorization: &DeviceAuthorization,
) -> Result<DeviceQuestion> {
    enter_from(node, browser, authorization.user_code.expose(), "198.51.100.1").await
}

pub(crate) async fn decide(
    node: &Portcullis,
    browser: &BrowserSession,
    authorization: &DeviceAuthorization,
    approved: bool,
) -> Result<()> {
    device::decide(node, browser, authorization.user_code.expose(), approved, &from("198.51.100.1")).await
}

/// Enters the code and says yes.
pub(crate) async fn approve(
    node: &Portcullis,
    browser: &BrowserSession,
    authorization: &DeviceAuthorization,
) {
    enter(node, browser, authorization).await.unwrap();
    decide(node, browser, authorization, true).await.unwrap();
}

/// Whether a code was answered as every code that does not work.
pub(crate) fn is_unknown<T: std::fmt::Debug>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::Invalid(field))
        if field.field == "user_code" && field.expected == "the code that the device shows")
}
