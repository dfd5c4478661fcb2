use portcullis_domain::EndReason;
use portcullis_store::ChangeKind;

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an application, its secrets and what people allowed it, and ends its sessions: it can get no token any more, and those that it has are good for
/// nothing, here at once, and on other nodes within a second. Records that name it stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without DELETE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, application_id: &str) -> Result<()> {
    portcullis_domain::application_id(application_id)?;
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), application_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("DELETE", &management_resource(&id), false, "application")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_application(&id).await? {
            return Err(Error::NotFound("application"));
        }
        unit.queries().delete_consents_to(&id).await?;
        let now = portcullis.now();
        let reason = EndReason::ApplicationDeleted;
        let ended = unit.queries().end_sessions_of_application(&id, None, reason, now).await?.len();
        // Of the sessions it is the one change that other nodes hear of, however many there were.
        unit.changed(ChangeKind::Application, &id);
        unit.audit("application.delete", &id, Some(format!("{ended} sessions ended")));
        unit.commit().await
    })
    .await
}
