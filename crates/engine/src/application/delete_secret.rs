use portcullis_store::ChangeKind;
use portcullis_types::id;

use super::secrets_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a secret: here at once, and on other nodes within a second, nobody proves anything with it.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the application's `secrets`.
pub async fn delete_secret(
    portcullis: &Portcullis,
    cx: &Cx,
    application_id: &str,
    secret_id: &str,
) -> Result<()> {
    portcullis_domain::application_id(application_id)?;
    checked(id::key_id, "secretId", secret_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (id, secret_id) = (application_id.to_owned(), secret_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &secrets_resource(&id), false, "secret")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_application_secret(&id, &secret_id).await? {
            return Err(Error::NotFound("secret"));
        }
        unit.changed(ChangeKind::Application, &id);
        unit.audit("application_secret.delete", &format!("{id}/{secret_id}"), None);
        unit.commit().await
    })
    .await
}
