use std::sync::Arc;

use portcullis_domain::{DeviceAnswer, DeviceCode, DeviceOwner, EndReason, UserProfile};
use portcullis_types::application::{Application, GrantTypeName};
use portcullis_types::oauth::TokenResponse;

use super::super::device::PREFIX;
use super::super::{Granted, OAuthError, OAuthErrorCode, ScopeSet, issue, may_use, to_the_end};
use super::{GrantType, TokenRequest};
use crate::Portcullis;
use crate::change::Unit;
use crate::opaque_token::OpaqueToken;
use crate::session::Device;

/// What a device code stands for (RFC 8628 §3.4, §3.5): the tokens once somebody has approved, once, however early the device asks;
/// until then it says why not. A device may poll from wherever it is: the code is bound to its application, and to nothing else.
pub(super) const GRANT: GrantType =
    GrantType { name: GrantTypeName::DeviceCode, run: |request| Box::pin(run(request)) };

async fn run(request: TokenRequest<'_>) -> Result<TokenResponse, OAuthError> {
    let TokenRequest { portcullis, client, parameters, device } = request;
    let token = OpaqueToken::parse(parameters.required("device_code")?, PREFIX).ok_or_else(unknown)?;
    let code = portcullis.read().await?.queries().device_code(token.id()).await?;
    let is_theirs = |code: &DeviceCode| {
        token.has_digest(code.digest) && code.client_id == client.application.application_id
    };
    let code = code.filter(is_theirs).ok_or_else(unknown)?;
    let (now, paces) = (portcullis.now(), &portcullis.inner.paces);
    let answer = code.answer(now);
    if answer != DeviceAnswer::Pending {
        paces.forget(&code.device_code_id);
    }
    match answer {
        DeviceAnswer::Approved => {}
        DeviceAnswer::Pending if paces.poll(&code, now) => {
            return Err(OAuthError::new(
                OAuthErrorCode::SlowDown,
                "wait five seconds longer between two polls",
            ));
        }
        DeviceAnswer::Pending => {
            return Err(OAuthError::new(OAuthErrorCode::AuthorizationPending, "nobody has decided yet"));
        }
        DeviceAnswer::Denied => return Err(denied("the person said no")),
        DeviceAnswer::Expired => {
            return Err(OAuthError::new(OAuthErrorCode::ExpiredToken, "the device code has expired"));
        }
        DeviceAnswer::Spent => return Err(OAuthError::invalid_grant("the device code was used before")),
    }
    let redemption = Redemption {
        portcullis: portcullis.clone(),
        application: Arc::clone(&client.application),
        device: device.clone(),
        code,
    };
    to_the_end(redemption.run()).await
}

/// The use of a device code that was approved a moment ago.
struct Redemption {
    portcullis: Portcullis,
    application: Arc<Application>,
    device: Device,
    code: DeviceCode,
}

impl Redemption {
    async fn run(self) -> Result<TokenResponse, OAuthError> {
        let Self { portcullis, application, device, code } = self;
        let owner = code.owner.as_ref().ok_or_else(|| crate::Error::internal("approved by nobody"))?;
        let mut unit = Unit::begin(&portcullis, &device.cx(&owner.user_id)).await?;
        // The user's lock comes first, as everywhere: the second of two uses at once waits here.
        let user = unit.queries().user_for_update(&owner.user_id).await?;
        let used = (code.device_code_id.as_str(), &code.digest);
        if !unit.queries().redeem_device_code(used, &code.client_id, portcullis.now()).await? {
            return Err(OAuthError::invalid_grant("the device code was used before"));
        }
        let scope = ScopeSet::left(&code.scope, &application);
        scope.require_left(&code.scope)?;
        require_good(&mut unit, (&code, owner), &application, (user, &scope)).await?;
        let granted = Granted {
            application: &application,
            user_id: &owner.user_id,
            scope: &scope,
            audience: &code.audience,
            auth_time: owner.auth_time,
            amr: &owner.amr,
            browser_session: None,
            nonce: None,
            claims: None,
            code: None,
            device: &device,
        };
        let issued = issue(&mut unit, granted).await?;
        unit.commit().await?;
        Ok(issued.response)
    }
}

/// Refuses unless its person may still use the application (DV-06), and has not taken back since what they allowed, or the session in
/// which they did: by another password, by ending it from elsewhere. Who just signs out at somebody else's computer has not.
async fn require_good(
    unit: &mut Unit,
    (code, owner): (&DeviceCode, &DeviceOwner),
    application: &Application,
    (user, scope): (Option<UserProfile>, &ScopeSet),
) -> Result<(), OAuthError> {
    let user =
        user.filter(|user| may_use(application, user)).ok_or_else(|| denied("the user is not active"))?;
    let decided_at = code.decided_at.unwrap_or(code.created_at);
    if user.not_before.is_some_and(|epoch| decided_at < epoch) {
        return Err(denied("the user has signed out"));
    }
    let session = unit.queries().session(&owner.browser_session).await?;
    let innocent = [None, Some(EndReason::Logout), Some(EndReason::Evicted)];
    if !session.is_some_and(|session| innocent.contains(&session.end_reason)) {
        return Err(denied("the session in which it was allowed was ended"));
    }
    let given = unit.queries().consent(&owner.user_id, &code.client_id, &code.audience).await?;
    if !given.is_some_and(|given| given.covers(scope.iter(), application.created_at)) {
        return Err(denied("the user has withdrawn what they allowed"));
    }
    Ok(())
}

fn denied(description: &'static str) -> OAuthError {
    OAuthError::new(OAuthErrorCode::AccessDenied, description)
}

/// The same for a code that never was, is another client's, or is in another form.
fn unknown() -> OAuthError {
    OAuthError::invalid_grant("the device code is not known")
}
