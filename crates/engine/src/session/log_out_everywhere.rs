use portcullis_domain::EndReason;
use portcullis_types::Caller;

use super::{end_all, management_resource};
use crate::access::forbidden;
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Portcullis, Result};

/// Ends every session of whoever asks, the one that asks too, and disables their tokens that have no session. Whoever signs in
/// afterwards, even within the same second, is signed in.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) for a service client, and for a limited token that does not cover UPDATE on
/// `Portcullis:Sessions/{user}`.
pub async fn log_out_everywhere(portcullis: &Portcullis, cx: &Cx) -> Result<()> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let resource = management_resource(cx.name());
        let Actor::Caller(Caller::User { user_id, .. }) = &cx.actor else {
            return Err(forbidden("UPDATE", &resource));
        };
        portcullis.rights(&cx).await?.require_token("UPDATE", &resource)?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        end_all(&mut unit, user_id, None, EndReason::LogoutEverywhere).await?;
        unit.audit("session.end_all", user_id, Some(EndReason::LogoutEverywhere.as_str().to_owned()));
        unit.commit().await
    })
    .await
}
