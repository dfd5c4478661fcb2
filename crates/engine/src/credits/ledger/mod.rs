//! The ledger for whoever has decided already: the guard, or an application. No rights are asked for.

mod draw;
mod settle;

pub use draw::{Reserve, charge, reserve};
pub use settle::{commit, extend, release};

use portcullis_domain::credits::{checked_account, checked_currency};
use portcullis_types::MicroCredits;

use super::CreditError;
use crate::Portcullis;

/// What can be reserved now: nothing, if there is no wallet.
///
/// # Errors
/// [`CreditError::Invalid`], [`CreditError::Failed`].
pub async fn available(
    portcullis: &Portcullis,
    account_id: &str,
    currency: Option<&str>,
) -> Result<MicroCredits, CreditError> {
    checked_account("accountId", account_id)?;
    let currency = checked_currency(currency)?;
    let wallets = super::balance::current_wallets(portcullis, account_id).await?;
    let wallet = wallets.into_iter().find(|wallet| wallet.currency == currency);
    Ok(wallet.map_or(MicroCredits::ZERO, |wallet| wallet.available))
}
