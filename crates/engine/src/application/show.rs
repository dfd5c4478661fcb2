use portcullis_types::application::Application;

use super::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an application.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, application_id: &str) -> Result<Application> {
    portcullis_domain::application_id(application_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(application_id), false, "application")?;
    let found = portcullis.read().await?.queries().application(application_id).await?;
    found.ok_or(Error::NotFound("application"))
}
