use portcullis_domain::{DeviceCode, DeviceCodeState, MAIN_POOL, UserCode};
use portcullis_types::Sensitive;
use portcullis_types::application::{Application, GrantTypeName};
use portcullis_types::oauth::DeviceAuthorization;

use super::network::network;
use super::{PAGE, PREFIX, user_code_digest};
use crate::change::Unit;
use crate::oauth::{
    AuthenticatedClient, OAuthError, OAuthErrorCode, Parameters, ScopeSet, audience_of, pool_of, to_the_end,
};
use crate::opaque_token::OpaqueToken;
use crate::session::Device;
use crate::{Cx, Error, Portcullis};

/// So many user codes are tried before the source of chance must be broken: of 2^34, hardly any is taken.
const TRIES: usize = 20;
const MINUTE: i64 = 60;

/// Gives a device the codes that a sign-in begins with (RFC 8628 §3.1, §3.2): the device code to poll with, of which a digest is
/// stored, bound to the application, the scope and the audience; and the user code to show.
///
/// # Errors
/// `unauthorized_client`, `invalid_scope`, `invalid_target`; `slow_down` for an application that asks too often from one network;
/// `temporarily_unavailable` while as many codes are pending as may be ([`DeviceSettings`](super::DeviceSettings)).
pub async fn start(
    portcullis: &Portcullis,
    client: &AuthenticatedClient,
    parameters: &Parameters,
    device: &Device,
) -> Result<DeviceAuthorization, OAuthError> {
    let application = &client.application;
    if !application.has_grant_type(GrantTypeName::DeviceCode) {
        let description = "this application may not use this grant type";
        return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description));
    }
    let scope = ScopeSet::parse(parameters.find("scope").unwrap_or_default(), application)?;
    let audience = audience_of(portcullis, application, parameters)?;
    let device = device.clone().accepted()?;
    let token = OpaqueToken::mint(portcullis, PREFIX)?;
    let code = row(portcullis, &token, application, (&scope, &audience), &device);
    let (owned, cx) = (portcullis.clone(), Cx::nobody(device.request_id));
    let user_code = to_the_end(async move { add(&owned, &cx, code).await }).await?;
    let settings = portcullis.inner.settings.devices;
    let page = page(portcullis, application);
    let complete = format!("{page}{}user_code={user_code}", if page.contains('?') { '&' } else { '?' });
    Ok(DeviceAuthorization {
        device_code: token.text(),
        user_code: Sensitive::new(user_code.to_string()),
        verification_uri: page,
        verification_uri_complete: Sensitive::new(complete),
        expires_in: settings.expires_secs(),
        interval: settings.interval_secs(),
    })
}

/// Where people enter the code. People of another user pool sign in there first, so it says which.
fn page(portcullis: &Portcullis, application: &Application) -> String {
    let page = format!("{}{PAGE}", portcullis.public_url());
    match pool_of(application) {
        MAIN_POOL => page,
        pool => format!("{page}?pool={pool}"),
    }
}

fn row(
    portcullis: &Portcullis,
    token: &OpaqueToken,
    application: &Application,
    (scope, audience): (&ScopeSet, &str),
    device: &Device,
) -> DeviceCode {
    let (now, settings) = (portcullis.now(), portcullis.inner.settings.devices);
    DeviceCode {
        device_code_id: token.id().to_owned(),
        digest: token.digest(),
        // Chosen when it is added.
        user_code: [0; 32],
        client_id: application.application_id.clone(),
        scope: scope.to_string(),
        audience: audience.to_owned(),
        user_agent: device.user_agent.clone(),
        ip: device.ip.map(|ip| ip.to_canonical().to_string()),
        network: network(device.ip),
        created_at: now,
        expires_at: now.plus_secs(settings.expires_secs()),
        interval_secs: settings.interval_secs(),
        state: DeviceCodeState::Pending,
        owner: None,
        decided_at: None,
    }
}

/// Adds it with a user code that no other has, unless there are too many.
async fn add(portcullis: &Portcullis, cx: &Cx, mut code: DeviceCode) -> Result<UserCode, OAuthError> {
    let (now, settings) = (portcullis.now(), portcullis.inner.settings.devices);
    let mut unit = Unit::begin(portcullis, cx).await?;
    let (since, most) = (now.plus_secs(-MINUTE), settings.per_minute);
    let recent = unit.queries().recent_device_codes(&code.client_id, &code.network, since, most).await?;
    if recent >= i64::from(most) {
        // No 429: clients in use take it for a broken connection, and ask again at once.
        let description = "too many devices begin to sign in from this network";
        return Err(OAuthError::new(OAuthErrorCode::SlowDown, description));
    }
    if unit.queries().pending_device_codes(now, settings.most_pending).await? >= settings.most_pending.into()
    {
        tracing::error!("as many device codes are pending as may be: no device can begin to sign in");
        let description = "too many devices wait to be signed in";
        return Err(OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, description));
    }
    for _ in 0..TRIES {
        let user_code = UserCode::generate(portcullis.rng()).map_err(Error::from)?;
        code.user_code = user_code_digest(portcullis, &user_code);
        if unit.queries().insert_device_code(&code).await? {
            unit.commit().await?;
            return Ok(user_code);
        }
    }
    Err(Error::internal("no user code is free").into())
}
