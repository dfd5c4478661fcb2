//! Wallets and holds for tests, through the use cases.

use portcullis::Portcullis;
use portcullis::credits::ledger::{self, Reserve};
use portcullis::credits::{self, CreditError};
use portcullis_types::MicroCredits;
use portcullis_types::credits::{
    CreditAccount, CreditBalance, CreditGrant, CreditGrantBody, CreditReservation,
};

use crate::bed::Bed;

pub(crate) const WALLET: &str = "org_1";

pub(crate) fn micros(amount: i64) -> CreditGrantBody {
    CreditGrantBody { amount: MicroCredits(amount), ..CreditGrantBody::default() }
}

/// Gives micro-credits to the wallet; it must succeed.
pub(crate) async fn give_credits(bed: &Bed, body: CreditGrantBody) -> CreditGrant {
    credits::grant(&bed.portcullis, &bed.owner, WALLET, body).await.unwrap()
}

/// A request for an amount of the wallet.
pub(crate) fn asks(amount: i64) -> Reserve {
    Reserve { account_id: WALLET.to_owned(), amount: MicroCredits(amount), ..Reserve::default() }
}

pub(crate) async fn hold(node: &Portcullis, amount: i64) -> Result<CreditReservation, CreditError> {
    ledger::reserve(node, asks(amount)).await
}

pub(crate) async fn account(bed: &Bed) -> CreditAccount {
    credits::balance(&bed.portcullis, &bed.owner, WALLET).await.unwrap()
}

/// The wallet's only balance.
pub(crate) async fn balance(bed: &Bed) -> CreditBalance {
    account(bed).await.balances.remove(0)
}

/// What is available and what is held.
pub(crate) async fn available_and_held(bed: &Bed) -> (i64, i64) {
    let balance = balance(bed).await;
    (balance.available.0, balance.held.0)
}

/// Replays the ledger: nothing may differ.
pub(crate) async fn expect_sound(bed: &Bed) {
    let found = credits::reconcile(&bed.portcullis, &bed.owner).await.unwrap();
    assert_eq!(found.differences, [], "the ledger and the balances agree");
}
