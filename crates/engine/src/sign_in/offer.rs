use portcullis_domain::MAIN_POOL;
use portcullis_types::sign_in::Registration;

use crate::access::checked;
use crate::{Portcullis, Result};

/// What somebody who is not signed in can do in a user pool, for the pages that offer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Whether people may register themselves.
    pub registration: bool,
    /// Whether mails are sent: without them nobody gets a link to choose another password.
    pub mails: bool,
    /// The fewest characters of a new password.
    pub password_min_length: usize,
}

/// What a user pool (`main` when absent) offers. Of a pool that does not exist it says what it says of a closed one.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for what is no pool's id.
pub async fn offer(portcullis: &Portcullis, pool: Option<&str>) -> Result<Offer> {
    let pool = pool.unwrap_or(MAIN_POOL);
    checked(portcullis_types::id::pool_id, "pool", pool)?;
    let stored = portcullis.read().await?.queries().user_pool(pool).await?;
    let settings = &portcullis.inner.settings;
    let registration = stored.map(|pool| pool.registration(settings.sign_in.pools));
    Ok(Offer {
        registration: registration == Some(Registration::Open),
        mails: portcullis.post().is_there(),
        password_min_length: settings.passwords.policy.min_length,
    })
}
