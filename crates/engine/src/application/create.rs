use portcullis_domain::application_from_body;
use portcullis_store::ChangeKind;
use portcullis_types::application::{Application, ApplicationBody, CreatedApplication, CreatedSecret};

use super::hand_out::require_hand_out;
use super::{COLLECTION, check_references, claim_id, refuse_secret, secret};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an application, with a first secret if its method takes one. The key that signs its tokens is published by then.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Applications`, or when the application would give what the caller could not hand
/// out (see [`super`]); [`Error::Conflict`] when the id is in use, also by a user or a service client; [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: ApplicationBody) -> Result<CreatedApplication> {
    refuse_secret(&body)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        portcullis.rights(&cx).await?.require_create(COLLECTION)?;
        let id = match &body.application_id {
            Some(id) => id.clone(),
            None => portcullis.mint("app_")?,
        };
        let now = portcullis.change_time(None);
        let application = application_from_body(body, id, now, now)?;
        let draft = Draft { portcullis: &portcullis, cx: &cx, application: &application };
        let (mut unit, mut secret) = draft.write().await?;
        if !crate::oauth::is_ready(&portcullis, application.signing_algorithm) {
            // Rolled back and done once more: a key is made for what nothing refuses, and is there before the application.
            drop(unit);
            crate::oauth::ready(&portcullis, &cx, application.signing_algorithm).await?;
            (unit, secret) = draft.write().await?;
        }
        unit.commit().await?;
        Ok(CreatedApplication { application, secret })
    })
    .await
}

struct Draft<'a> {
    portcullis: &'a Portcullis,
    cx: &'a Cx,
    application: &'a Application,
}

impl Draft<'_> {
    /// Stores it in a transaction that waits to be committed, by the rights of this moment.
    async fn write(&self) -> Result<(Unit, Option<CreatedSecret>)> {
        let Self { portcullis, cx, application } = *self;
        let mut rights = portcullis.rights(cx).await?;
        rights.require_create(COLLECTION)?;
        let mut unit = Unit::begin(portcullis, cx).await?;
        check_references(unit.queries(), application).await?;
        claim_id(unit.queries(), &application.application_id).await?;
        require_hand_out(cx, &mut unit, &mut rights, application).await?;
        if !unit.queries().insert_application(application).await? {
            return Err(Error::Conflict("an application of this id exists"));
        }
        let secret = match application.authentication_method.takes_secret() {
            true => Some(secret::mint(portcullis, &mut unit, application).await?),
            false => None,
        };
        unit.changed(ChangeKind::Application, &application.application_id);
        unit.audit("application.create", &application.application_id, None);
        Ok((unit, secret))
    }
}
