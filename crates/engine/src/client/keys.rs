use portcullis_domain::{AccessKeyRecord, ServiceClient};
use portcullis_jose::{AccessKey, VerifyingKey, mint_key_id};
use portcullis_store::{ChangeKind, KeyInsert};
use portcullis_types::FieldError;
use portcullis_types::authress::{AccessKeyBody, ClientAccessKey};

use super::{management_resource, require_hand_out_options};
use crate::access::{checked, require_hand_out_of};
use crate::authenticate::access_key_name;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

fn keys_resource(client_id: &str) -> String {
    format!("{}/access-keys", management_resource(client_id))
}

/// Makes an access key for a service client, or takes the public half of one. The private half is in this answer and nowhere
/// else.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the client's `access-keys`; [`Error::Forbidden`] also when the
/// client holds what the caller, if it is another, could not hand out; [`Error::Conflict`] when it has five already; [`Error::Invalid`] for a public key that is not base64 of an Ed25519 SubjectPublicKeyInfo.
pub async fn create_key(
    portcullis: &Portcullis,
    cx: &Cx,
    client_id: &str,
    body: AccessKeyBody,
) -> Result<ClientAccessKey> {
    checked(portcullis_types::id::client_id, "clientId", client_id)?;
    let (portcullis, cx, client_id) = (portcullis.clone(), cx.clone(), client_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &keys_resource(&client_id), false, "client")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let client = unit.queries().client(&client_id).await?.ok_or(Error::NotFound("client"))?;
        if cx.name() != client_id {
            require_hand_out_options(&cx, &rights, client.options)?;
            require_hand_out_of(&mut unit, &mut rights, &client_id).await?;
        }
        let made = make(&portcullis, &client_id, body.public_key.as_deref())?;
        match unit.queries().insert_access_key(&made.registered, ServiceClient::MAX_KEYS).await? {
            KeyInsert::Inserted => {}
            KeyInsert::Full => return Err(Error::Conflict("the client has 5 access keys, delete one first")),
            KeyInsert::Exists => return Err(Error::internal("a key id was minted twice")),
            KeyInsert::NoClient => return Err(Error::NotFound("client")),
        }
        unit.changed(ChangeKind::AccessKey, access_key_name(&client_id, &made.registered.key_id));
        unit.audit("access_key.create", &access_key_name(&client_id, &made.registered.key_id), None);
        unit.commit().await?;
        Ok(ClientAccessKey {
            access_key: made.key.as_ref().map(AccessKey::reveal),
            client_secret: made.key.as_ref().map(AccessKey::private_key_base64),
            ..made.registered.wire()
        })
    })
    .await
}

struct Made {
    registered: AccessKeyRecord,
    key: Option<AccessKey>,
}

fn make(portcullis: &Portcullis, client_id: &str, public_key: Option<&str>) -> Result<Made> {
    let key_id = mint_key_id(portcullis.rng())?;
    let (public_key, key) = match public_key {
        Some(given) => {
            let key = VerifyingKey::from_spki_base64(key_id.clone(), given).map_err(|error| {
                FieldError::new("publicKey", format!("base64 of an Ed25519 public key ({error})"))
            })?;
            (key.spki_base64(), None)
        }
        None => {
            let account_id = &portcullis.account().account_id;
            let key = AccessKey::generate(client_id, &key_id, account_id, portcullis.rng())?;
            (key.verifying_key().spki_base64(), Some(key))
        }
    };
    let created_at = portcullis.change_time(None);
    Ok(Made {
        registered: AccessKeyRecord { client_id: client_id.to_owned(), key_id, public_key, created_at },
        key,
    })
}

/// Deletes an access key: tokens that it signed are refused at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the client's `access-keys`.
pub async fn delete_key(portcullis: &Portcullis, cx: &Cx, client_id: &str, key_id: &str) -> Result<()> {
    checked(portcullis_types::id::client_id, "clientId", client_id)?;
    checked(portcullis_types::id::key_id, "keyId", key_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (client_id, key_id) = (client_id.to_owned(), key_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &keys_resource(&client_id), false, "access key")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_access_key(&client_id, &key_id).await? {
            return Err(Error::NotFound("access key"));
        }
        unit.changed(ChangeKind::AccessKey, access_key_name(&client_id, &key_id));
        unit.audit("access_key.delete", &access_key_name(&client_id, &key_id), None);
        unit.commit().await
    })
    .await
}
