use portcullis_domain::EndReason;

use super::cookie::session_of;
use crate::change::Unit;
use crate::session::{Device, close};
use crate::{Portcullis, Result};

/// Signs a browser out: its session ends, and its cookie is dead on every node (SE-04). Of a cookie that is nobody's, nothing
/// changes.
///
/// # Errors
/// Only when storage does not answer.
pub async fn sign_out(portcullis: &Portcullis, device: Device, cookie: &str) -> Result<()> {
    let (portcullis, cookie) = (portcullis.clone(), cookie.to_owned());
    Portcullis::to_the_end(async move {
        let mut snapshot = portcullis.read().await?;
        let Some(session_id) = session_of(snapshot.queries(), &cookie).await? else { return Ok(()) };
        let session = snapshot.queries().session(&session_id).await?;
        drop(snapshot);
        let user_id = session.as_ref().map(|session| session.user_id.clone()).unwrap_or_default();
        let mut unit = Unit::begin(&portcullis, &device.cx(&user_id)).await?;
        if let Some(session) = session {
            close(&mut unit, &session, EndReason::Logout).await?;
        }
        unit.queries().delete_browser_cookies_of(&session_id).await?;
        unit.commit().await
    })
    .await
}
