use portcullis_domain::credits::{Movement, checked_account};
use portcullis_types::credits::{CreditGrant, CreditGrantState, EntryKind, LedgerAccount};

use super::books::Books;
use super::require;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Takes back what is free of a grant. What is held of it stays usable until its reservation ends. A second time nothing
/// happens.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without `credits:grant` on `Portcullis:Credits/{account}`;
/// [`Error::Conflict`] when it is used up or expired; [`Error::Invalid`].
pub async fn void_grant(
    portcullis: &Portcullis,
    cx: &Cx,
    account_id: &str,
    grant_id: &str,
) -> Result<CreditGrant> {
    checked_account("accountId", account_id)?;
    crate::access::checked(portcullis_types::id::credit_id, "grantId", grant_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (account_id, grant_id) = (account_id.to_owned(), grant_id.to_owned());
    Portcullis::to_the_end(async move {
        require(&portcullis.rights(&cx).await?, &cx, "credits:grant", &account_id, "grant")?;
        let now = portcullis.now();
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let queries = unit.queries();
        let wallet = queries.wallet_of_grant_for_update(&grant_id).await?;
        let wallet = wallet.filter(|wallet| wallet.account_id == account_id);
        let mut books = Books::of(wallet.ok_or(Error::NotFound("grant"))?, now);
        books.catch_up(queries).await?;
        let stored = queries.credit_grant(&grant_id).await?.ok_or(Error::NotFound("grant"))?;
        if stored.voided_at.is_some() {
            return Ok(stored.wire(&account_id, &books.wallet.currency));
        }
        if stored.state == CreditGrantState::Ended && stored.held.0 == 0 {
            return Err(Error::Conflict("the grant is used up or expired"));
        }
        if stored.state != CreditGrantState::Ended {
            let mut movement = Movement::new(EntryKind::Void);
            movement.end(&mut books.wallet, &stored, LedgerAccount::Issued);
            books.post(queries, movement).await?;
        }
        queries.mark_voided(&grant_id, now).await?;
        books.save(queries).await?;
        let now_is = queries.credit_grant(&grant_id).await?.ok_or(Error::NotFound("grant"))?;
        unit.audit("credits.void", &grant_id, Some(format!("of {account_id}")));
        unit.commit().await?;
        Ok(now_is.wire(&account_id, &books.wallet.currency))
    })
    .await
}
