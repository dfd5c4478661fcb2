use portcullis_jose::Algorithm;
use portcullis_store::{ChangeKind, SigningKeyRow, SigningKeyState};
use portcullis_types::FieldError;
use portcullis_types::key::{KeySummary, RotateKeyBody};

use super::COLLECTION;
use super::list::summary;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Begins to replace the signing key of an algorithm: makes the next one, which is published at once and signs once
/// [`Settings::key_publish_secs`](crate::Settings::key_publish_secs) have passed. Where nothing signs yet, it is active at once.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Keys`; [`Error::Invalid`] for another algorithm; [`Error::Conflict`] while a
/// key of the algorithm is next already.
pub async fn rotate(portcullis: &Portcullis, cx: &Cx, body: RotateKeyBody) -> Result<KeySummary> {
    let algorithm = match body.algorithm.as_deref() {
        None => Algorithm::EdDsa,
        Some(name) => {
            Algorithm::of_name(name).ok_or_else(|| FieldError::new("algorithm", "EdDSA, ES256 or RS256"))?
        }
    };
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        portcullis.rights(&cx).await?.require("CREATE", COLLECTION)?;
        let made = portcullis.new_signing_key(algorithm).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let keys = unit.queries().signing_keys().await?;
        let is_first =
            !keys.iter().any(|key| key.algorithm == algorithm.name() && key.state == SigningKeyState::Active);
        let row = if is_first { made } else { waiting(&portcullis, made) };
        if !unit.queries().insert_signing_key(&row).await? {
            return Err(Error::Conflict("a key of this algorithm is next already"));
        }
        unit.changed(ChangeKind::SigningKey, &row.kid);
        unit.audit("key.create", &row.kid, Some(row.algorithm.clone()));
        unit.commit().await?;
        Ok(summary(row))
    })
    .await
}

fn waiting(portcullis: &Portcullis, made: SigningKeyRow) -> SigningKeyRow {
    let published_for = portcullis.inner.settings.key_publish_secs;
    SigningKeyRow {
        state: SigningKeyState::Next,
        activates_at: Some(portcullis.now().plus_secs(published_for.into())),
        ..made
    }
}
