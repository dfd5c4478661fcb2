use portcullis_store::Store;
use portcullis_types::Timestamp;

use crate::portcullis::Account;
use crate::{Error, Result};

pub(super) const ACCOUNT_ID: &str = "account_id";
pub(super) const OWNER_CLIENT_ID: &str = "owner_client_id";
pub(super) const CREATED_AT: &str = "created_at";

/// The installation in a database, if there is one.
pub(crate) async fn load(store: &dyn Store) -> Result<Option<Account>> {
    let mut snapshot = store.read().await?;
    let queries = snapshot.queries();
    let Some(account_id) = queries.meta(ACCOUNT_ID).await? else { return Ok(None) };
    let missing = || Error::internal("the installation's identity is incomplete");
    let owner_client_id = queries.meta(OWNER_CLIENT_ID).await?.ok_or_else(missing)?;
    let created_at =
        queries.meta(CREATED_AT).await?.and_then(|micros| micros.parse().ok()).ok_or_else(missing)?;
    Ok(Some(Account { account_id, owner_client_id, created_at: Timestamp::from_micros(created_at) }))
}
