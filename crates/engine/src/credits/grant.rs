use portcullis_domain::credits::{StoredGrant, checked_account, checked_currency};
use portcullis_types::FieldError;
use portcullis_types::credits::{CreditGrant, CreditGrantBody};

use super::books::Books;
use super::keyed::Keyed;
use super::require;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Gives credits to a wallet, which is made by its first grant. The first thing that they pay is what the wallet owes.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without `credits:grant` on `Portcullis:Credits/{account}`;
/// [`Error::Conflict`] when the id is in use; [`Error::IdempotencyConflict`]; [`Error::Invalid`].
pub async fn grant(
    portcullis: &Portcullis,
    cx: &Cx,
    account_id: &str,
    body: CreditGrantBody,
) -> Result<CreditGrant> {
    checked_account("accountId", account_id)?;
    if body.account_id.as_deref().is_some_and(|given| given != account_id) {
        return Err(FieldError::new("accountId", "the id in the path, or none").into());
    }
    let (portcullis, cx, account_id) = (portcullis.clone(), cx.clone(), account_id.to_owned());
    Portcullis::to_the_end(async move {
        require(&portcullis.rights(&cx).await?, &cx, "credits:grant", &account_id, "wallet")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        match insert(&portcullis, &mut unit, &account_id, &body).await? {
            Granted::New(grant) => {
                unit.commit().await?;
                Ok(grant)
            }
            Granted::Before(grant) => Ok(grant),
            Granted::Exists => Err(Error::Conflict("a grant of this id exists")),
        }
    })
    .await
}

/// What became of a grant that was asked for.
pub(crate) enum Granted {
    /// It was given, within the change.
    New(CreditGrant),
    /// It was given before, under the same key.
    Before(CreditGrant),
    /// Another one has its id.
    Exists,
}

/// Gives credits within a change.
pub(crate) async fn insert(
    portcullis: &Portcullis,
    unit: &mut Unit,
    account_id: &str,
    body: &CreditGrantBody,
) -> Result<Granted> {
    let now = portcullis.now();
    let grant_id = match &body.grant_id {
        Some(grant_id) => grant_id.clone(),
        None => portcullis.mint("grt_")?,
    };
    let mut grant = StoredGrant::from_body(body, grant_id, now)?;
    let currency = checked_currency(body.currency.as_deref())?.to_owned();
    let asked = ("grant", account_id, CreditGrantBody { idempotency_key: None, ..body.clone() });
    let keyed = Keyed::new(body.idempotency_key.as_deref(), &asked)?;
    let queries = unit.queries();
    let mut books = Books::open(queries, (account_id, &currency), now).await?;
    if let Some(answer) = keyed.answered(queries, books.wallet.id).await? {
        return Ok(Granted::Before(answer));
    }
    books.catch_up(queries).await?;
    books.check_room(grant.amount)?;
    if !books.issue(queries, &mut grant).await? {
        return Ok(Granted::Exists);
    }
    let answer = grant.wire(account_id, &currency);
    keyed.keep(queries, books.wallet.id, &answer, now).await?;
    books.save(queries).await?;
    let detail = format!("{} {currency} to {account_id}", grant.amount);
    unit.audit("credits.grant", &grant.grant_id, Some(detail));
    Ok(Granted::New(answer))
}
