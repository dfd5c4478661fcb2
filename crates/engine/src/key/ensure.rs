use portcullis_jose::Algorithm;
use portcullis_store::ChangeKind;

use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Makes the first key of `algorithm`, unless something signs with it already. However many nodes do so at once, one key comes of it.
///
/// Asks for no rights: whoever calls it asked for those that its own change takes. To be called before the unit that stores an
/// application with this algorithm, so that its key is published before the first token; asking again costs nothing. An RSA key takes
/// up to a second or so, on a thread of its own.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable), [`Error::Internal`](crate::Error::Internal).
pub async fn ensure(portcullis: &Portcullis, cx: &Cx, algorithm: Algorithm) -> Result<()> {
    if portcullis.inner.keys.load().has(algorithm) {
        return Ok(());
    }
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        // A crowd makes one key, not one each.
        let _making = portcullis.inner.making_key.lock().await;
        if portcullis.inner.keys.load().has(algorithm) {
            return Ok(());
        }
        let row = portcullis.new_signing_key(algorithm).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if unit.queries().insert_signing_key(&row).await? {
            unit.changed(ChangeKind::SigningKey, &row.kid);
            unit.audit("key.create", &row.kid, Some(row.algorithm));
            unit.commit().await?;
        } else {
            // Another node was faster, and this one has not heard of it yet.
            drop(unit);
            portcullis.refresh_signing_keys().await?;
        }
        portcullis.inner.keys.load().active(algorithm).map(|_key| ())
    })
    .await
}
