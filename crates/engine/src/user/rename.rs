use portcullis_domain::UserProfile;
use portcullis_types::Caller;

use super::management_resource;
use crate::access::forbidden;
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Changes the name of whoever asks; without one, takes it away. Up to 128 characters, spaces at both ends aside.
///
/// # Errors
/// [`Error::Forbidden`] for a service client and for a token that is limited; [`Error::NotFound`] without a profile;
/// [`Error::Invalid`] on `name`.
pub async fn rename(portcullis: &Portcullis, cx: &Cx, name: &str) -> Result<()> {
    let Actor::Caller(Caller::User { user_id, limited_by: None, .. }) = &cx.actor else {
        return Err(forbidden("UPDATE", &management_resource(cx.name())));
    };
    let name = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_string());
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().user_for_update(&user_id).await?.ok_or(Error::NotFound("user"))?;
        let user = UserProfile { name, ..stored };
        user.validate()?;
        unit.queries().put_user(&user).await?;
        unit.audit("user.rename", &user_id, None);
        unit.commit().await
    })
    .await
}
