use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a service client and its keys: its tokens are refused at once. Records that name it stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, client_id: &str) -> Result<()> {
    checked(portcullis_types::id::client_id, "clientId", client_id)?;
    let (portcullis, cx, client_id) = (portcullis.clone(), cx.clone(), client_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&client_id), false, "client")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_client(&client_id).await? {
            return Err(Error::NotFound("client"));
        }
        unit.changed(ChangeKind::Client, &client_id);
        unit.audit("client.delete", &client_id, None);
        unit.commit().await
    })
    .await
}
