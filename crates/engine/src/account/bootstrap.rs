use portcullis_domain::{AccessKeyRecord, OWNER, Record, ServiceClient};
use portcullis_jose::{AccessKey, Algorithm, MasterKey, Secret, mint_key_id};
use portcullis_store::{NewAudit, Store};
use portcullis_types::authress::{AccessRecordBody, ClientBody, ClientOptions, Resource, Statement, User};
use portcullis_types::{Clock, Rng, mint};

use super::load::{ACCOUNT_ID, CREATED_AT, OWNER_CLIENT_ID, load};
use crate::key::new_signing_key;
use crate::portcullis::Account;
use crate::{Error, Result};

/// An installation, and the owner's access key if this call made it.
#[derive(Clone, Debug)]
pub struct Bootstrapped {
    /// Its identity.
    pub account: Account,
    /// The owner's access key, given only by the call that made the installation.
    pub access_key: Option<Secret>,
}

/// Makes the installation in a migrated database, unless there is one: its account, its signing key, and a service client
/// that owns everything (`*`, `Authress:*`, `Portcullis:*`).
///
/// `keep` is called with the result before anything is committed, so that the access key, which cannot be read again, is
/// safe first.
///
/// # Errors
/// [`Error::Internal`] with what `keep` failed with; nothing is made then.
pub async fn bootstrap(
    store: &dyn Store,
    master_key: &MasterKey,
    clock: &dyn Clock,
    rng: &dyn Rng,
    keep: impl FnOnce(&Bootstrapped) -> std::io::Result<()> + Send,
) -> Result<Bootstrapped> {
    if let Some(account) = load(store).await? {
        return Ok(Bootstrapped { account, access_key: None });
    }
    let account = Account {
        account_id: mint("acc-", clock, rng)?,
        owner_client_id: mint("sc_", clock, rng)?,
        created_at: clock.now(),
    };
    let key = AccessKey::generate(&account.owner_client_id, &mint_key_id(rng)?, &account.account_id, rng)?;
    let mut tx = store.begin().await?;
    let queries = tx.queries();
    if !queries.create_meta(ACCOUNT_ID, &account.account_id).await? {
        // Another node was faster.
        drop(tx);
        let account = load(store).await?.ok_or_else(|| Error::internal("the installation vanished"))?;
        return Ok(Bootstrapped { account, access_key: None });
    }
    queries.set_meta(OWNER_CLIENT_ID, &account.owner_client_id).await?;
    queries.set_meta(CREATED_AT, &account.created_at.micros().to_string()).await?;
    queries.insert_signing_key(&new_signing_key(Algorithm::EdDsa, master_key, clock, rng)?).await?;
    queries.insert_client(&owner_client(&account)?).await?;
    let registered = AccessKeyRecord {
        client_id: account.owner_client_id.clone(),
        key_id: key.key_id().to_owned(),
        public_key: key.verifying_key().spki_base64(),
        created_at: account.created_at,
    };
    queries.insert_access_key(&registered, ServiceClient::MAX_KEYS).await?;
    queries.insert_record(&owner_record(&account, mint("rec_", clock, rng)?)?).await?;
    queries.append_audit(&[audit(&account)]).await?;
    let made = Bootstrapped { account, access_key: Some(Secret::new(key.reveal().into_bytes())) };
    keep(&made).map_err(Error::internal)?;
    tx.commit().await?;
    Ok(made)
}

fn owner_client(account: &Account) -> Result<ServiceClient> {
    let options = ClientOptions { grant_user_permissions_access: true, grant_token_generation: true };
    let body = ClientBody { name: Some("Owner".to_owned()), options: Some(options), ..ClientBody::default() };
    Ok(ServiceClient::from_body(body, account.owner_client_id.clone(), account.created_at)?)
}

fn owner_record(account: &Account, record_id: String) -> Result<Record> {
    let resources = ["*", "Authress:*", "Portcullis:*"];
    let body = AccessRecordBody {
        name: "Owner".to_owned(),
        users: Some(vec![User { user_id: account.owner_client_id.clone() }]),
        statements: vec![Statement {
            roles: vec![OWNER.to_owned()],
            resources: resources.map(|uri| Resource { resource_uri: uri.to_owned() }).to_vec(),
            ..Statement::default()
        }],
        ..AccessRecordBody::default()
    };
    Ok(Record::from_body(body, record_id, &account.owner_client_id, account.created_at)?)
}

fn audit(account: &Account) -> NewAudit {
    NewAudit {
        at: account.created_at,
        actor: "bootstrap".to_owned(),
        action: "account.create".to_owned(),
        target: account.account_id.clone(),
        outcome: "done".to_owned(),
        detail: None,
        node: "bootstrap".to_owned(),
        request_id: None,
    }
}
