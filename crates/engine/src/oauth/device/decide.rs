use portcullis_domain::{DeviceCodeState, UserCode};

use super::{unknown_code, user_code_digest};
use crate::browser::BrowserSession;
use crate::change::Unit;
use crate::oauth::{ScopeSet, consent, may_use};
use crate::session::{Device, alive};
use crate::{Portcullis, Result};

/// Approves or denies the device whose code was entered in this browser session before ([`look_up`](super::look_up)). What is
/// approved is remembered as a consent, so that its person sees the application in their account, and can withdraw it.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) on `user_code` for every code that is not this session's to decide, or not any more;
/// [`Error::Unauthenticated`](crate::Error::Unauthenticated) if the session has ended.
pub async fn decide(
    portcullis: &Portcullis,
    browser: &BrowserSession,
    user_code: &str,
    approved: bool,
    device: &Device,
) -> Result<()> {
    let code = UserCode::parse(user_code).ok_or_else(unknown_code)?;
    let cx = browser.cx(device.request_id.clone());
    let (portcullis, browser) = (portcullis.clone(), browser.clone());
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        // The user's lock comes first, as everywhere.
        unit.queries().user_for_update(&browser.user.user_id).await?;
        let (session, user) = alive(&mut unit, &browser.session.session_id).await?;
        let (digest, now) = (user_code_digest(&portcullis, &code), portcullis.now());
        let state = if approved { DeviceCodeState::Approved } else { DeviceCodeState::Denied };
        let decided = unit.queries().decide_device_code(&digest, &session.session_id, state, now).await?;
        let decided = decided.ok_or_else(unknown_code)?;
        if approved {
            // By the connection that is held, as in `look_up`.
            let application = unit.queries().application(&decided.client_id).await?;
            let application = application.filter(|application| may_use(application, &user));
            let application = application.ok_or_else(unknown_code)?;
            let given = consent::Given {
                user_id: &user.user_id,
                client_id: &decided.client_id,
                audience: &decided.audience,
                scopes: &ScopeSet::stored(&decided.scope),
                application_since: application.created_at,
            };
            consent::remember(&mut unit, given).await?;
        }
        let action = if approved { "device.approve" } else { "device.deny" };
        unit.audit(action, &decided.client_id, Some(decided.device_code_id));
        unit.commit().await
    })
    .await
}
