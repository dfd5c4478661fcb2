use portcullis_types::auth::RegisterBody;

use super::SignedIn;
use super::enter::{Entering, enter, make_way};
use crate::change::Unit;
use crate::session::Device;
use crate::{Cx, Portcullis, Result, sign_in};

/// What came of a registration in a browser.
#[derive(Clone, Debug)]
pub enum Registered {
    /// There is an account, and the browser is signed in.
    SignedIn(Box<SignedIn>),
    /// A mail tells the rest: see [`sign_in::Registered::MailBound`].
    MailBound,
}

/// Registers a person as [`sign_in::register`] does, and signs the browser in where no mail is to be answered first. `replaces` is
/// the cookie that the browser sent: it is dead once somebody is signed in.
///
/// # Errors
/// Those of [`sign_in::register`].
pub async fn register(
    portcullis: &Portcullis,
    device: Device,
    body: RegisterBody,
    replaces: Option<&str>,
) -> Result<Registered> {
    let device = device.accepted()?;
    let (portcullis, replaces) = (portcullis.clone(), replaces.map(str::to_owned));
    Portcullis::to_the_end(async move {
        let cx = Cx::nobody(device.request_id.clone());
        let user = match sign_in::register(&portcullis, &cx, body).await? {
            sign_in::Registered::MailBound => return Ok(Registered::MailBound),
            sign_in::Registered::Created(user) => user,
        };
        let entering = Entering { user_id: &user.user_id, device: &device, replaces: replaces.as_deref() };
        make_way(&portcullis, &entering).await?;
        let mut unit = Unit::begin(&portcullis, &device.cx(&user.user_id)).await?;
        let signed_in = enter(&mut unit, &entering).await?;
        unit.commit().await?;
        Ok(Registered::SignedIn(Box::new(signed_in)))
    })
    .await
}
