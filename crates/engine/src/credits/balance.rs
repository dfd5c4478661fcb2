use portcullis_domain::credits::{Wallet, checked_account};
use portcullis_types::MicroCredits;
use portcullis_types::credits::{CategoryBalance, CreditAccount, CreditBalance};

use super::books::Books;
use super::may_read;
use crate::{Cx, Error, Portcullis, Result};

/// What a wallet holds: by currency, and in each by category.
///
/// # Errors
/// [`Error::NotFound`] also when the caller may not see it: that takes `credits:read` on `Portcullis:Credits/{account}`, or
/// `billing:read` on `organizations/{account}`, or to be the wallet's user. [`Error::Invalid`].
pub async fn balance(portcullis: &Portcullis, cx: &Cx, account_id: &str) -> Result<CreditAccount> {
    checked_account("accountId", account_id)?;
    let rights = portcullis.rights(cx).await?;
    if !may_read(&rights, cx, account_id) {
        return Err(Error::NotFound("wallet"));
    }
    let wallets = current_wallets(portcullis, account_id).await?;
    if wallets.is_empty() {
        return Err(Error::NotFound("wallet"));
    }
    let mut snapshot = portcullis.read().await?;
    let mut balances = Vec::with_capacity(wallets.len());
    // Wallets and categories as of one moment.
    for wallet in snapshot.queries().wallets(account_id).await? {
        let by_category = snapshot.queries().free_by_category(wallet.id).await?;
        balances.push(wire(&wallet, by_category.into_iter().filter(|(_, free)| *free > MicroCredits::ZERO)));
    }
    Ok(CreditAccount { account_id: account_id.to_owned(), balances })
}

fn wire(
    wallet: &Wallet,
    by_category: impl Iterator<Item = (portcullis_types::credits::CreditCategory, MicroCredits)>,
) -> CreditBalance {
    CreditBalance {
        currency: wallet.currency.clone(),
        available: wallet.available,
        credits: wallet.available.credits(),
        held: wallet.held,
        waiting: wallet.waiting,
        overdraft: wallet.overdraft,
        by_category: by_category
            .map(|(category, free)| CategoryBalance { category, available: free, credits: free.credits() })
            .collect(),
    }
}

/// The wallets of an account with balances that hold at this moment: what is past its time is ended first.
pub(super) async fn current_wallets(portcullis: &Portcullis, account_id: &str) -> Result<Vec<Wallet>> {
    let mut wallets = portcullis.read().await?.queries().wallets(account_id).await?;
    for wallet in &mut wallets {
        while wallet.is_due(portcullis.now()) {
            *wallet = catch_up(portcullis, wallet).await?;
        }
    }
    Ok(wallets)
}

/// Ends what is past its time in one wallet, a bounded part of it.
pub(super) async fn catch_up(portcullis: &Portcullis, wallet: &Wallet) -> Result<Wallet> {
    let (portcullis, account_id, currency) =
        (portcullis.clone(), wallet.account_id.clone(), wallet.currency.clone());
    Portcullis::to_the_end(async move {
        let mut tx = portcullis.inner.store.begin().await?;
        let queries = tx.queries();
        let mut books = Books::open(queries, (&account_id, &currency), portcullis.now()).await?;
        books.catch_up(queries).await?;
        books.save(queries).await?;
        tx.commit().await?;
        Ok(books.wallet)
    })
    .await
}
