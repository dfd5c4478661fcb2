use portcullis_jose::Algorithm;
use portcullis_store::{ChangeKind, SigningKeyRow, SigningKeyState};

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Drops a signing key at once, because somebody else may have it: it is published no more, and within a second every node refuses
/// what it signed. If it was the active one, the next one takes its place without waiting, or a new one.
///
/// # Errors
/// [`Error::Forbidden`] and [`Error::NotFound`] without DELETE on `Portcullis:Keys/{key_id}`; [`Error::Conflict`] when the keys change
/// at the same moment.
pub async fn revoke(portcullis: &Portcullis, cx: &Cx, key_id: &str) -> Result<()> {
    checked(portcullis_types::id::key_id, "keyId", key_id)?;
    let (portcullis, cx, key_id) = (portcullis.clone(), cx.clone(), key_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let key = portcullis.read().await?.queries().signing_keys().await?;
        let key = key.into_iter().find(|key| key.kid == key_id).ok_or(Error::NotFound("key"));
        rights.require_on("DELETE", &management_resource(&key_id), false, "key")?;
        let key = key?;

        // Before the transaction: it may take long.
        let spare = match Algorithm::of_name(&key.algorithm) {
            Some(algorithm) if key.state == SigningKeyState::Active => {
                Some(portcullis.new_signing_key(algorithm).await?)
            }
            _ => None,
        };
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_signing_key(&key_id).await? {
            return Err(Error::NotFound("key"));
        }
        unit.changed(ChangeKind::SigningKey, &key_id);
        unit.audit("key.revoke", &key_id, Some(key.algorithm.clone()));
        replace(&mut unit, &key.algorithm, spare).await?;
        unit.commit().await
    })
    .await
}

/// Sees to it that something signs with `algorithm`, if something did.
async fn replace(unit: &mut Unit, algorithm: &str, spare: Option<SigningKeyRow>) -> Result<()> {
    let keys = unit.queries().signing_keys().await?;
    let of = |state| keys.iter().find(|key| key.algorithm == algorithm && key.state == state);
    if of(SigningKeyState::Active).is_some() {
        return Ok(());
    }
    if let Some(next) = of(SigningKeyState::Next) {
        if unit.queries().activate_signing_key(&next.kid).await? {
            unit.changed(ChangeKind::SigningKey, &next.kid);
            unit.audit("key.activate", &next.kid, Some(algorithm.to_owned()));
            return Ok(());
        }
    } else if let Some(spare) = spare
        && unit.queries().insert_signing_key(&spare).await?
    {
        unit.changed(ChangeKind::SigningKey, &spare.kid);
        unit.audit("key.create", &spare.kid, Some(algorithm.to_owned()));
        return Ok(());
    }
    Err(Error::Conflict("the signing keys changed at the same moment; try again"))
}
