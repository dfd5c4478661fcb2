use portcullis_domain::UserProfile;

use crate::change::Unit;
use crate::{Error, Result};

/// Makes a profile's address the one that its user signs in with, and gives up the one before.
///
/// # Errors
/// [`Error::EmailTaken`] when it is somebody else's in the pool.
pub(crate) async fn claim_address(unit: &mut Unit, user: &UserProfile) -> Result<()> {
    let Some(identifier) = user.identifier() else {
        return Ok(unit.queries().release_identifier(&user.user_id).await?);
    };
    if unit.queries().claim_identifier(&user.pool, identifier.as_str(), &user.user_id).await? {
        Ok(())
    } else {
        Err(Error::EmailTaken)
    }
}
