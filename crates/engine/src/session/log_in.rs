use portcullis_types::auth::{LoginBody, TokenBody};

use super::{Device, Opening, open_in};
use crate::change::Unit;
use crate::sign_in::{Authenticated, Credentials, authenticate, confirm};
use crate::{Cx, Portcullis, Result};

/// Signs somebody in by address and password, and gives the tokens of a new session. What was proven is confirmed in the
/// transaction that opens the session: whoever was disabled or got another password meanwhile is not signed in.
///
/// # Errors
/// [`Error::InvalidCredentials`](crate::Error::InvalidCredentials); [`Error::TooManyAttempts`](crate::Error::TooManyAttempts) while the
/// address is locked, also with the right password; [`Error::EmailNotVerified`](crate::Error::EmailNotVerified), after the right password
/// only; [`Error::Busy`](crate::Error::Busy); [`Error::Invalid`](crate::Error::Invalid), also for the name of the device.
pub async fn log_in(portcullis: &Portcullis, device: Device, body: LoginBody) -> Result<TokenBody> {
    let LoginBody { email, password, pool, device_name } = body;
    let device = Device { name: device_name.or(device.name), ..device }.accepted()?;
    let portcullis = portcullis.clone();
    Portcullis::to_the_end(async move {
        let cx = Cx::nobody(device.request_id.clone());
        let proven = authenticate(&portcullis, &cx, Credentials { pool, email, password }).await?;
        let tokens = open(&portcullis, &device, &proven).await;
        proven.settled(tokens).await
    })
    .await
}

async fn open(portcullis: &Portcullis, device: &Device, proven: &Authenticated) -> Result<TokenBody> {
    let mut unit = Unit::begin(portcullis, &device.cx(proven.user_id())).await?;
    confirm(&mut unit, proven).await?;
    let opening = Opening { user_id: proven.user_id(), amr: &["pwd"], device };
    let tokens = open_in(&mut unit, opening).await?;
    unit.commit().await?;
    Ok(tokens)
}
