use portcullis_domain::{DeviceAnswer, DeviceCode, DeviceOwner, UserCode};
use portcullis_types::Timestamp;
use portcullis_types::application::Application;

use super::guess::Entry;
use super::network::network;
use super::{unknown_code, user_code_digest};
use crate::browser::BrowserSession;
use crate::change::Unit;
use crate::oauth::may_use;
use crate::session::{Device, alive};
use crate::{Portcullis, Result};

/// What a person must know before they decide about a device (RFC 8628 §3.3, §5.4): who asks, from where and for what. Whoever
/// asks may be somebody else than the person believes, so all of it is to be shown, the code too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceQuestion {
    /// The code as the device shows it: `XXXX-XXXX`.
    pub user_code: String,
    /// The application.
    pub application_name: String,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// For access tokens for whom.
    pub audience: String,
    /// From where the device asked.
    pub ip: Option<String>,
    /// What the device says about itself.
    pub user_agent: Option<String>,
    /// When it asked.
    pub requested_at: Timestamp,
    /// Until when it can be decided.
    pub expires_at: Timestamp,
    /// Whom the device would act for: their address, their name or their id.
    pub user: String,
}

/// Takes a user code from somebody who is signed in with a browser. From now on it is theirs: nobody else, and no other session of
/// their own, can look at it, approve or deny it (DV-04). Nothing is approved by this.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) on `user_code`, the same for a code that is none, nobody's, somebody else's, decided
/// or expired, and for one of an application that this person may not use; [`Error::TooManyAttempts`](crate::Error::TooManyAttempts) after
/// 5 wrong ones in a session within 10 minutes, 20 from a network within an hour, or as many by everybody as
/// [`DeviceSettings`](super::DeviceSettings) says, then for right ones too; [`Error::Unauthenticated`](crate::Error::Unauthenticated) if the
/// session has ended.
pub async fn look_up(
    portcullis: &Portcullis,
    browser: &BrowserSession,
    user_code: &str,
    device: &Device,
) -> Result<DeviceQuestion> {
    // What cannot be a code guesses none, so it is not counted.
    let code = UserCode::parse(user_code).ok_or_else(unknown_code)?;
    let cx = browser.cx(device.request_id.clone());
    let (portcullis, browser, network) = (portcullis.clone(), browser.clone(), network(device.ip));
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let session_id = &browser.session.session_id;
        // Who tries several codes at once in one session waits here.
        alive(&mut unit, session_id).await?;
        let entry = Entry { browser_session: session_id, network: &network };
        entry.admit(&mut unit).await?;
        let taken = take(&mut unit, &browser, &code).await?;
        if taken.is_none() {
            entry.count(&mut unit).await?;
        }
        unit.commit().await?;
        let (application, row) = taken.ok_or_else(unknown_code)?;
        Ok(question(&application, row, &code, &browser))
    })
    .await
}

async fn take(
    unit: &mut Unit,
    browser: &BrowserSession,
    code: &UserCode,
) -> Result<Option<(Application, DeviceCode)>> {
    let portcullis = unit.portcullis().clone();
    let (now, digest) = (portcullis.now(), user_code_digest(&portcullis, code));
    let found = unit.queries().device_code_by_user_code(&digest).await?;
    let Some(found) = found.filter(|found| found.answer(now) == DeviceAnswer::Pending) else {
        return Ok(None);
    };
    // By the connection that is held: who waited for another one while all are held like this would wait for themselves.
    let application = unit.queries().application(&found.client_id).await?;
    let Some(application) = application.filter(|application| may_use(application, &browser.user)) else {
        return Ok(None);
    };
    let (session, user_id) = (&browser.session, browser.user.user_id.clone());
    let owner = DeviceOwner {
        user_id,
        browser_session: session.session_id.clone(),
        auth_time: session.auth_time,
        amr: session.amr.clone(),
    };
    let claimed = unit.queries().claim_device_code(&digest, &owner, now).await?;
    Ok(claimed.map(|claimed| (application, claimed)))
}

fn question(
    application: &Application,
    row: DeviceCode,
    code: &UserCode,
    browser: &BrowserSession,
) -> DeviceQuestion {
    let user = &browser.user;
    let named = user.email.as_ref().or(user.name.as_ref()).unwrap_or(&user.user_id);
    DeviceQuestion {
        user_code: code.to_string(),
        application_name: application.name.clone(),
        scopes: row.scope.split_whitespace().map(str::to_owned).collect(),
        audience: row.audience,
        ip: row.ip,
        user_agent: row.user_agent,
        requested_at: row.created_at,
        expires_at: row.expires_at,
        user: named.clone(),
    }
}
