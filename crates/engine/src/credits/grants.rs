use portcullis_domain::credits::{checked_account, checked_currency};
use portcullis_types::credits::CreditGrant;

use super::may_read;
use crate::{Cx, Error, Listing, PageRequest, Portcullis, Result};

/// The grants of a wallet in one currency (`CREDIT` if none is named), in the order of their ids. At most 100 a page.
///
/// # Errors
/// As [`balance`](super::balance).
pub async fn grants(
    portcullis: &Portcullis,
    cx: &Cx,
    account_id: &str,
    currency: Option<&str>,
    request: PageRequest,
) -> Result<Listing<CreditGrant>> {
    checked_account("accountId", account_id)?;
    let currency = checked_currency(currency)?;
    let limit = request.limit(100)?;
    let after = request.after()?;
    let rights = portcullis.rights(cx).await?;
    if !may_read(&rights, cx, account_id) {
        return Err(Error::NotFound("wallet"));
    }
    let wallets = super::balance::current_wallets(portcullis, account_id).await?;
    let wallet = wallets.into_iter().find(|wallet| wallet.currency == currency);
    let wallet = wallet.ok_or(Error::NotFound("wallet"))?;
    let mut snapshot = portcullis.read().await?;
    let found =
        snapshot.queries().credit_grants(wallet.id, after.as_deref(), limit.saturating_add(1)).await?;
    let found = found.iter().map(|grant| grant.wire(account_id, currency)).collect();
    Ok(Listing::cut(found, limit, |grant: &CreditGrant| &grant.grant_id))
}
