use portcullis_domain::{AccessKeyRecord, ServiceClient};
use portcullis_jose::VerifyingKey;
use portcullis_store::{ChangeKind, KeyInsert};
use portcullis_types::authress::ClientBody;
use portcullis_types::{FieldError, id};

use super::{ApplyClient, ApplyKey, Applying, Verb};
use crate::access::checked;
use crate::application::require_no_application;
use crate::authenticate::access_key_name;
use crate::{Error, Result};

impl Applying {
    pub(super) async fn client(&mut self, new: ApplyClient) -> Result<()> {
        checked(id::client_id, "clientId", &new.client_id)?;
        let stored = self.unit.queries().client(&new.client_id).await?;
        if stored.is_none() {
            require_no_application(self.unit.queries(), &new.client_id).await?;
        }
        let created_at =
            stored.as_ref().map_or_else(|| self.portcullis.change_time(None), |stored| stored.created_at);
        let body = ClientBody {
            name: new.name,
            // As in an update: what the document does not name is left alone.
            options: new.options.or(stored.as_ref().map(|stored| stored.options)),
            rate_limits: new.rate_limits,
            tags: new.tags,
            ..ClientBody::default()
        };
        let client = ServiceClient::from_body(body, new.client_id, created_at)?;
        let mut verb = match stored {
            None => Verb::Create,
            Some(stored) if stored == client => Verb::Unchanged,
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_client(&client).await?),
            Verb::Update => drop(self.unit.queries().update_client(&client).await?),
        }
        for (index, key) in new.public_keys.into_iter().enumerate() {
            let added = self.key(&client.client_id, key).await;
            let added = added.map_err(|error| super::under(error, "publicKeys", index))?;
            if added && verb == Verb::Unchanged {
                verb = Verb::Update;
            }
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Client, &client.client_id);
        }
        self.did(verb, "client", &client.client_id);
        Ok(())
    }

    async fn key(&mut self, client_id: &str, new: ApplyKey) -> Result<bool> {
        checked(id::key_id, "keyId", &new.key_id)?;
        let key = VerifyingKey::from_spki_base64(new.key_id.clone(), &new.public_key).map_err(|error| {
            FieldError::new("publicKey", format!("base64 of an Ed25519 public key ({error})"))
        })?;
        let registered = AccessKeyRecord {
            client_id: client_id.to_owned(),
            key_id: new.key_id,
            public_key: key.spki_base64(),
            created_at: self.portcullis.change_time(None),
        };
        if let Some(stored) = self.unit.queries().access_key(client_id, &registered.key_id).await? {
            if stored.public_key == registered.public_key {
                return Ok(false);
            }
            self.unit.queries().delete_access_key(client_id, &registered.key_id).await?;
        }
        self.unit.changed(ChangeKind::AccessKey, access_key_name(client_id, &registered.key_id));
        match self.unit.queries().insert_access_key(&registered, ServiceClient::MAX_KEYS).await? {
            KeyInsert::Inserted => Ok(true),
            KeyInsert::Full => Err(Error::Conflict("a client may have 5 access keys")),
            KeyInsert::Exists | KeyInsert::NoClient => Err(Error::internal("a key cannot be stored")),
        }
    }
}
