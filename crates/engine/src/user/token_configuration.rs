use portcullis_domain::UserProfile;
use portcullis_types::FieldError;
use portcullis_types::authress::{TokenConfiguration, TokenConfigurationBody, UserIdentity};

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

const DAY: i64 = 24 * 60 * 60;

/// Sets how long a user's tokens live (spec `authress-api.md` §3.2 `setUserTokenConfiguration`).
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the user; [`Error::Invalid`].
pub async fn set_token_configuration(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    body: TokenConfigurationBody,
) -> Result<UserIdentity> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let inner = body.token_configuration.unwrap_or_default();
    let configuration = TokenConfiguration {
        access_token_duration: body.access_token_duration.or(inner.access_token_duration),
        session_duration: body.session_duration.or(inner.session_duration),
    };
    duration("accessTokenDuration", configuration.access_token_duration.as_deref(), 30 * DAY)?;
    duration("sessionDuration", configuration.session_duration.as_deref(), 365 * DAY)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().user_for_update(&user_id).await?.ok_or(Error::NotFound("user"))?;
        let user = UserProfile { token_configuration: Some(configuration), ..stored };
        unit.queries().put_user(&user).await?;
        unit.audit("user.token_configuration", &user_id, None);
        unit.commit().await?;
        Ok(user.wire())
    })
    .await
}

fn duration(field: &str, text: Option<&str>, max_secs: i64) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    match portcullis_types::duration_secs(text) {
        Some(secs) if (1..=max_secs).contains(&secs) => Ok(Some(secs)),
        _ => {
            let expected = format!("an ISO 8601 duration from PT1S to P{}D, such as PT24H", max_secs / DAY);
            Err(FieldError::new(field, expected).into())
        }
    }
}

/// How long an access token of this user lives, in seconds: 24 hours unless configured.
pub(crate) fn token_secs(user: Option<&UserProfile>) -> i64 {
    user.and_then(|user| user.token_configuration.as_ref())
        .and_then(|configuration| configuration.access_token_duration.as_deref())
        .and_then(portcullis_types::duration_secs)
        .unwrap_or(DAY)
}
