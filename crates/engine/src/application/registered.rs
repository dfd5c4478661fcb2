use std::sync::Arc;

use portcullis_domain::StoredApplicationSecret;
use portcullis_jose::{Digest, VerifyingKey};
use portcullis_types::application::Application;

use super::read_key_set;
use crate::{Portcullis, Result};

/// An application with what it proves itself by.
#[derive(Debug)]
pub(crate) struct Registered {
    /// Its settings.
    pub(crate) application: Arc<Application>,
    /// Of its secrets, at most two.
    secrets: Vec<Digest>,
    keys: Vec<VerifyingKey>,
}

impl Registered {
    pub(super) fn new(application: Application, secrets: Vec<StoredApplicationSecret>) -> Result<Self> {
        let keys = read_key_set(&application)?;
        let secrets = secrets.into_iter().map(|secret| Digest::from_bytes(secret.digest)).collect();
        Ok(Self { application: Arc::new(application), secrets, keys })
    }

    /// Whether one of its secrets is this very text. Every secret is compared, each in constant time.
    pub(crate) fn has_secret(&self, presented: &str) -> bool {
        let presented = Digest::of(presented.as_bytes());
        self.secrets.iter().fold(false, |found, secret| (*secret == presented) | found)
    }

    /// Its public key of that name.
    pub(crate) fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}

impl Portcullis {
    /// The application of that id, from memory if it is there. What was changed on this node counts at once, what another node
    /// changed within a second.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) when it is not in memory and storage does not answer.
    pub(crate) async fn application(&self, client_id: &str) -> Result<Option<Arc<Application>>> {
        Ok(self.registered(client_id).await?.map(|found| Arc::clone(&found.application)))
    }

    /// The same with what it proves itself by.
    pub(crate) async fn registered(&self, client_id: &str) -> Result<Option<Arc<Registered>>> {
        let memory = &self.inner.applications;
        // While changes of other nodes cannot be read, nothing is answered from memory.
        if !self.is_cut_off()
            && let Some(known) = memory.find(client_id)
        {
            return Ok(Some(known));
        }
        // Whatever else was sent in its place would be a look-up for nothing.
        if portcullis_domain::application_id(client_id).is_err() {
            return Ok(None);
        }
        let ticket = memory.ticket();
        let mut snapshot = self.read().await?;
        let Some(application) = snapshot.queries().application(client_id).await? else { return Ok(None) };
        let secrets = snapshot.queries().application_secrets(client_id).await?;
        let found = Arc::new(Registered::new(application, secrets)?);
        memory.keep(&ticket, &found);
        Ok(Some(found))
    }
}
