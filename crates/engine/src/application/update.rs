use portcullis_domain::application_from_body;
use portcullis_store::ChangeKind;
use portcullis_types::application::{Application, ApplicationBody};

use super::hand_out::require_hand_out;
use super::{check_references, management_resource, refuse_secret};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces an application. Its secrets stay, unless its method takes none any more: then they are deleted. The key that signs its
/// tokens from now on is published by then.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it, or when it gives, before or after, what the caller could not hand
/// out (see [`super`]); [`Error::ChangedSince`]; [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    application_id: &str,
    body: ApplicationBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Application> {
    portcullis_domain::application_id(application_id)?;
    crate::access::same("applicationId", body.application_id.as_deref(), application_id)?;
    refuse_secret(&body)?;
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), application_id.to_owned());
    Portcullis::to_the_end(async move {
        let replacing = Replacing { portcullis: &portcullis, cx: &cx, id: &id, body: &body, expected };
        let (mut unit, mut application) = replacing.write().await?;
        if !crate::oauth::is_ready(&portcullis, application.signing_algorithm) {
            // Rolled back and done once more: a key is made for what nothing refuses, and is there before the application names it.
            drop(unit);
            crate::oauth::ready(&portcullis, &cx, application.signing_algorithm).await?;
            (unit, application) = replacing.write().await?;
        }
        unit.commit().await?;
        Ok(application)
    })
    .await
}

struct Replacing<'a> {
    portcullis: &'a Portcullis,
    cx: &'a Cx,
    id: &'a str,
    body: &'a ApplicationBody,
    expected: Option<UnmodifiedSince>,
}

impl Replacing<'_> {
    /// Replaces it in a transaction that waits to be committed, by the rights of this moment.
    async fn write(&self) -> Result<(Unit, Application)> {
        let Self { portcullis, cx, id, body, expected } = *self;
        let mut rights = portcullis.rights(cx).await?;
        rights.require_on("UPDATE", &management_resource(id), false, "application")?;
        let mut unit = Unit::begin(portcullis, cx).await?;
        let stored = unit.queries().application_for_update(id).await?;
        let stored = stored.ok_or(Error::NotFound("application"))?;
        UnmodifiedSince::check(expected, stored.last_updated)?;
        let at = portcullis.change_time(Some(stored.last_updated));
        let application = application_from_body(body.clone(), id.to_owned(), stored.created_at, at)?;
        check_references(unit.queries(), &application).await?;
        require_hand_out(cx, &mut unit, &mut rights, &stored).await?;
        require_hand_out(cx, &mut unit, &mut rights, &application).await?;
        replace(&mut unit, &application).await?;
        unit.audit("application.update", &application.application_id, None);
        Ok((unit, application))
    }
}

/// Stores what replaces an application. Whoever calls holds its row.
pub(crate) async fn replace(unit: &mut Unit, application: &Application) -> Result<()> {
    unit.queries().update_application(application).await?;
    if !application.authentication_method.takes_secret() {
        unit.queries().delete_application_secrets(&application.application_id).await?;
    }
    unit.changed(ChangeKind::Application, &application.application_id);
    Ok(())
}
