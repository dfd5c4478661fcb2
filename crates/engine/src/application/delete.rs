use portcullis_store::ChangeKind;

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an application and its secrets: it can get no token any more. Records that name it stay as they are.
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
        unit.changed(ChangeKind::Application, &id);
        unit.audit("application.delete", &id, None);
        unit.commit().await
    })
    .await
}
