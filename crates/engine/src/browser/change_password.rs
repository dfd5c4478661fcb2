use portcullis_domain::UserProfile;
use portcullis_types::auth::ChangePasswordBody;

use super::enter::{Entering, enter};
use super::{BrowserSession, SignedIn};
use crate::change::Unit;
use crate::session::Device;
use crate::sign_in::{PasswordChange, tell_of_change};
use crate::{Cx, Portcullis, Result};

/// Changes the password of whoever is signed in, as [`change_password`](crate::sign_in::change_password()) does, and gives their session another cookie:
/// the one that was sent is dead, as is every other session (SE-01, AU-06). Both are written or neither. They have just proven who they are.
///
/// # Errors
/// Those of [`change_password`](crate::sign_in::change_password()).
pub async fn change_password(
    portcullis: &Portcullis,
    device: Device,
    (browser, cookie): (&BrowserSession, &str),
    body: ChangePasswordBody,
) -> Result<SignedIn> {
    let cx = browser.cx(device.request_id.clone());
    let (portcullis, cookie, user_id) = (portcullis.clone(), cookie.to_owned(), browser.user.user_id.clone());
    Portcullis::to_the_end(async move {
        let change = PasswordChange::proven(&portcullis, &cx, body).await?;
        let entering = Entering { user_id: &user_id, device: &device, replaces: Some(&cookie) };
        let written = write(&portcullis, &cx, &change, &entering).await;
        let (user, signed_in) = change.settled(written).await?;
        tell_of_change(&portcullis, &user);
        Ok(signed_in)
    })
    .await
}

async fn write(
    portcullis: &Portcullis,
    cx: &Cx,
    change: &PasswordChange,
    entering: &Entering<'_>,
) -> Result<(UserProfile, SignedIn)> {
    let mut unit = Unit::begin(portcullis, cx).await?;
    let user = change.write(&mut unit).await?;
    let signed_in = enter(&mut unit, entering).await?;
    unit.commit().await?;
    Ok((user, signed_in))
}
