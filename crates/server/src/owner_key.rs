//! The owner's first access key: how old it is, and how it is replaced (spec `security-requirements.md` AU-24).
//!
//! It is a key pair of which only the public half is stored, made on the first start and written to one file. It does not stop to work by
//! itself: an installation whose owner is locked out on some day is worse off than one whose key lies in a file of mode 0600 beside a
//! master key that can sign for everybody. So a start says when it has become old, and one command replaces it.

use portcullis::jose::AccessKey;
use portcullis::{Cx, Portcullis, client};
use portcullis_types::authress::AccessKeyBody;

use crate::data_dir::{Bootstrap, DataDir};
use crate::{Error, Result};

/// After how many days a start warns of the key in `bootstrap.json`.
const OLD_AFTER_DAYS: i64 = 30;
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// The id of the key that a bootstrap file holds.
fn key_id(bootstrap: &Bootstrap) -> Option<String> {
    let key = AccessKey::parse(bootstrap.access_key.as_deref()?).ok()?;
    Some(key.key_id().to_owned())
}

/// What whoever renews the key should know of the file that was there: only a key that it named could be deleted.
pub(crate) fn not_deleted(before: &Bootstrap) -> Option<String> {
    let held = match &before.access_key {
        None => "held no key",
        Some(_) if key_id(before).is_none() => "held what is no access key, so none was deleted",
        Some(_) => return None,
    };
    let owner = &before.client_id;
    Some(format!(
        "bootstrap.json {held}: those that the owner has elsewhere still work (`portcullis client show {owner}`)"
    ))
}

/// Warns when the key that lies in the bootstrap file is good and more than [`OLD_AFTER_DAYS`] days old.
///
/// # Errors
/// What reading the owner fails with.
pub(crate) async fn warn_if_old(portcullis: &Portcullis, bootstrap: &Bootstrap) -> Result {
    let Some(key_id) = key_id(bootstrap) else { return Ok(()) };
    let owner = client::show(portcullis, &Cx::local("serve"), &bootstrap.client_id).await?;
    let made = owner.verification_keys.into_iter().find(|key| key.key_id == key_id);
    let Some(made) = made.and_then(|key| key.generation_date) else { return Ok(()) };
    let days = portcullis.now().micros().saturating_sub(made.micros()).div_euclid(DAY_MICROS);
    if days >= OLD_AFTER_DAYS {
        tracing::warn!(
            days,
            "the owner's access key in bootstrap.json may do everything and does not expire: keep it elsewhere and take it out of \
             the file, or replace it with `portcullis bootstrap --renew-key`"
        );
    }
    Ok(())
}

/// Makes another access key for the owner, writes it to the bootstrap file, and only then deletes the one that was there, if one was.
/// Whatever stops it in between, the file holds a key that works.
///
/// # Errors
/// [`Error::File`]; [`Error::Engine`] when the owner has five keys already; [`Error::OldKey`] when the new key is in the file and the old
/// one could not be deleted.
pub(crate) async fn renew(
    portcullis: &Portcullis,
    cx: &Cx,
    folder: &DataDir,
    before: &Bootstrap,
) -> Result<Bootstrap> {
    let made = client::create_key(portcullis, cx, &before.client_id, AccessKeyBody::default()).await?;
    let after = Bootstrap { access_key: made.access_key, ..before.clone() };
    let path = folder.bootstrap_path();
    folder.keep_bootstrap(&after).map_err(|error| Error::file("write", &path, error))?;
    let after = folder.settle_bootstrap(&before.account_id, &before.client_id)?;
    if let Some(old) = key_id(before) {
        match client::delete_key(portcullis, cx, &before.client_id, &old).await {
            // Somebody deleted it before.
            Ok(()) | Err(portcullis::Error::NotFound(_)) => {}
            Err(source) => {
                return Err(Error::OldKey { client_id: before.client_id.clone(), key_id: old, source });
            }
        }
    }
    Ok(after)
}
