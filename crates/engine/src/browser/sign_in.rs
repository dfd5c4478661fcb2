use super::SignedIn;
use super::enter::{Entering, enter, make_way};
use crate::change::Unit;
use crate::session::Device;
use crate::sign_in::{Authenticated, Credentials, authenticate, confirm};
use crate::{Cx, Portcullis, Result};

/// Signs somebody in with a browser, by address and password: attempts are counted and everything is confirmed as by
/// [`log_in`](crate::session::log_in). `replaces` is the cookie that the browser sent, if any: it is dead afterwards. If it was the
/// same user's, their session goes on, and its `auth_time` is now; if it was somebody else's, that session has ended.
///
/// # Errors
/// [`Error::InvalidCredentials`](crate::Error::InvalidCredentials); [`Error::TooManyAttempts`](crate::Error::TooManyAttempts) while the
/// address is locked, also with the right password; [`Error::EmailNotVerified`](crate::Error::EmailNotVerified), after the right password
/// only; [`Error::Busy`](crate::Error::Busy); [`Error::Invalid`](crate::Error::Invalid), also for the name of the device.
pub async fn sign_in(
    portcullis: &Portcullis,
    device: Device,
    credentials: Credentials,
    replaces: Option<&str>,
) -> Result<SignedIn> {
    let device = device.accepted()?;
    let (portcullis, replaces) = (portcullis.clone(), replaces.map(str::to_owned));
    Portcullis::to_the_end(async move {
        let cx = Cx::nobody(device.request_id.clone());
        let proven = authenticate(&portcullis, &cx, credentials).await?;
        let signed_in = enter_as(&portcullis, &device, &proven, replaces.as_deref()).await;
        proven.settled(signed_in).await
    })
    .await
}

async fn enter_as(
    portcullis: &Portcullis,
    device: &Device,
    proven: &Authenticated,
    replaces: Option<&str>,
) -> Result<SignedIn> {
    let entering = Entering { user_id: proven.user_id(), device, replaces };
    make_way(portcullis, &entering).await?;
    let mut unit = Unit::begin(portcullis, &device.cx(proven.user_id())).await?;
    confirm(&mut unit, proven).await?;
    let signed_in = enter(&mut unit, &entering).await?;
    unit.commit().await?;
    Ok(signed_in)
}
