use portcullis_domain::credits::{checked_account, checked_currency};
use portcullis_types::FieldError;
use portcullis_types::credits::CreditEntry;

use super::may_read;
use crate::{Cx, Error, Listing, PageRequest, Portcullis, Result};

/// The ledger of a wallet in one currency (`CREDIT` if none is named), newest first. At most 100 a page.
///
/// # Errors
/// As [`balance`](super::balance).
pub async fn entries(
    portcullis: &Portcullis,
    cx: &Cx,
    account_id: &str,
    currency: Option<&str>,
    request: PageRequest,
) -> Result<Listing<CreditEntry>> {
    checked_account("accountId", account_id)?;
    let currency = checked_currency(currency)?;
    let limit = request.limit(100)?;
    let before = before(request.after()?.as_deref())?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let wallets = snapshot.queries().wallets(account_id).await?;
    let wallet = wallets.into_iter().find(|wallet| wallet.currency == currency);
    let wallet = wallet.filter(|_| may_read(&rights, cx, account_id)).ok_or(Error::NotFound("wallet"))?;
    let found = snapshot.queries().entries_before(wallet.id, before, limit.saturating_add(1)).await?;
    let keyed = found.into_iter().map(|entry| {
        let key = format!("{}.{}", entry.transaction, entry.line);
        (key, CreditEntry { currency: currency.to_owned(), ..entry })
    });
    Ok(Listing::cut(keyed.collect(), limit, |(key, _)| key).map(|(_, entry)| entry))
}

/// The line that the page before ended with.
fn before(key: Option<&str>) -> Result<(i64, i64)> {
    let Some(key) = key else { return Ok((i64::MAX, i64::MAX)) };
    let parsed = key.split_once('.').and_then(|(txn, line)| Some((txn.parse().ok()?, line.parse().ok()?)));
    parsed.ok_or_else(|| FieldError::new("cursor", "the cursor of the page before").into())
}
