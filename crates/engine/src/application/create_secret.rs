use portcullis_store::ChangeKind;
use portcullis_types::application::CreatedSecret;

use super::hand_out::require_hand_out;
use super::{secret, secrets_resource};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Makes another secret for an application, so that one can be replaced while both are good. The secret is in this answer and nowhere
/// else.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the application's `secrets`, or when the application gives what the
/// caller could not hand out (see [`super`]); [`Error::Conflict`] when it has two already, or its method takes none.
pub async fn create_secret(portcullis: &Portcullis, cx: &Cx, application_id: &str) -> Result<CreatedSecret> {
    portcullis_domain::application_id(application_id)?;
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), application_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &secrets_resource(&id), false, "application")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let application = unit.queries().application_for_update(&id).await?;
        let application = application.ok_or(Error::NotFound("application"))?;
        require_hand_out(&cx, &mut unit, &mut rights, &application).await?;
        let made = secret::mint(&portcullis, &mut unit, &application).await?;
        unit.changed(ChangeKind::Application, &id);
        unit.audit("application_secret.create", &format!("{id}/{}", made.secret_id), None);
        unit.commit().await?;
        Ok(made)
    })
    .await
}
