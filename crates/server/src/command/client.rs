use clap::Subcommand;
use portcullis::client;
use portcullis_types::authress::{AccessKeyBody, Client, ClientBody};
use serde_json::{Value, json};

use super::backend::{Backend, Local};
use super::document;
use super::entity::{self, New, entity, to_json};
use super::remote::path;
use super::target::Target;
use crate::{Error, Result, output};

/// Service clients: machines, and their access keys. A new one has no key; those of a deleted one stop to work
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Common(entity::Verb<Create>),
    /// The access keys of a client
    #[command(subcommand)]
    Key(Key),
}

/// What a new one is like.
#[derive(Debug, clap::Args)]
struct Create {
    /// Its name
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    name: Option<String>,
    /// Let it ask about the access of every user
    #[arg(long, conflicts_with = "file")]
    grant_user_permissions_access: bool,
    /// Let it sign one-time login links for users
    #[arg(long, conflicts_with = "file")]
    grant_token_generation: bool,
}

#[derive(Debug, Subcommand)]
enum Key {
    /// Create an access key; it is shown once
    Create {
        /// The client's id
        client: String,
        /// Bring your own key: base64 of the DER SubjectPublicKeyInfo (Ed25519)
        #[arg(long, value_name = "BASE64")]
        public_key: Option<String>,
    },
    /// Delete an access key
    Delete {
        /// The client's id
        client: String,
        /// The key's id
        #[arg(value_name = "KEY")]
        key_id: String,
    },
}

impl New for Create {
    type Entity = Clients;

    fn body(&self) -> Value {
        json!({
            "name": self.name,
            "options": {
                "grantUserPermissionsAccess": self.grant_user_permissions_access,
                "grantTokenGeneration": self.grant_token_generation,
            },
        })
    }
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Common(verb) => entity::run(target, verb).await,
        Verb::Key(Key::Create { client, public_key }) => {
            create_key(target, client, public_key.as_deref()).await
        }
        Verb::Key(Key::Delete { client, key_id }) => delete_key(target, client, key_id).await,
    }
}

async fn create_key(target: &Target, client_id: &str, public_key: Option<&str>) -> Result {
    let body = public_key.map_or_else(|| json!({}), |key| json!({"publicKey": key}));
    let backend = Backend::open(target).await?;
    let created = match &backend {
        Backend::Local(local) => {
            let body: AccessKeyBody = document::strict("access key", body)?;
            match client::create_key(&local.portcullis, &local.cx, client_id, body).await {
                Ok(key) => to_json(&key),
                Err(error) => Err(error.into()),
            }
        }
        Backend::Remote(remote) => {
            remote.post(&path(&["v1", "clients", client_id, "access-keys"]), &body).await
        }
    };
    backend.close().await;
    let created = created?;
    if target.json {
        return output::json(&created);
    }
    let text = |name: &str| created.get(name).and_then(Value::as_str).unwrap_or_default();
    output::line(&format!("created {}", text("keyId")))?;
    match text("accessKey") {
        "" => Ok(()),
        key => output::line(key),
    }
}

async fn delete_key(target: &Target, client_id: &str, key_id: &str) -> Result {
    let backend = Backend::open(target).await?;
    let deleted = match &backend {
        Backend::Local(local) => {
            client::delete_key(&local.portcullis, &local.cx, client_id, key_id).await.map_err(Error::from)
        }
        Backend::Remote(remote) => {
            remote.client().clients().delete_access_key(client_id, key_id).await.map_err(Error::from)
        }
    };
    backend.close().await;
    deleted?;
    entity::done(target, "deleted", key_id)
}

entity! {
    Clients: "client" in "clients", ["/clientId", "/name", "/verificationKeys"],
    client(ClientBody) -> Client, update
}
