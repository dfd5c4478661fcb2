use portcullis_types::application::ApplicationSecret;

use super::secrets_resource;
use crate::{Cx, Error, Portcullis, Result};

/// What is known of an application's secrets: never the secrets.
///
/// # Errors
/// [`Error::NotFound`] also without READ on the application's `secrets`.
pub async fn list_secrets(
    portcullis: &Portcullis,
    cx: &Cx,
    application_id: &str,
) -> Result<Vec<ApplicationSecret>> {
    portcullis_domain::application_id(application_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &secrets_resource(application_id), false, "application")?;
    let mut snapshot = portcullis.read().await?;
    if snapshot.queries().application(application_id).await?.is_none() {
        return Err(Error::NotFound("application"));
    }
    let secrets = snapshot.queries().application_secrets(application_id).await?;
    Ok(secrets.iter().map(|secret| secret.wire()).collect())
}
