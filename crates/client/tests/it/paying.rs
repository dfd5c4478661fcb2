//! Wallets of a real server (spec `guard-request.md` §5).

use futures_util::TryStreamExt as _;
use portcullis_client::ListQuery;
use portcullis_client::types::MicroCredits;
use portcullis_client::types::credits::{
    CreditCategory, CreditEntry, CreditGrantBody, CreditGrantState, CreditRefundBody, CreditReservationBody,
    EntryKind, LedgerAccount, ReservationState,
};
use portcullis_testkit::TestServer;

const WALLET: &str = "org-1";

fn grant(amount: i64) -> CreditGrantBody {
    CreditGrantBody { amount: MicroCredits(amount), ..CreditGrantBody::default() }
}

fn reservation(amount: i64) -> CreditReservationBody {
    let account_id = WALLET.to_owned();
    CreditReservationBody { account_id, amount: MicroCredits(amount), ..CreditReservationBody::default() }
}

fn refund(reservation_id: &str, amount: i64) -> CreditRefundBody {
    let (reservation_id, amount) = (reservation_id.to_owned(), Some(MicroCredits(amount)));
    CreditRefundBody { reservation_id, amount, idempotency_key: None }
}

/// What is free and what is held.
async fn wallet(server: &TestServer) -> (i64, i64) {
    let account = server.client().credits().balance(WALLET).await.unwrap();
    assert_eq!((account.account_id.as_str(), account.balances.len()), (WALLET, 1));
    (account.balances[0].available.0, account.balances[0].held.0)
}

#[tokio::test]
async fn credits_are_given_held_taken_given_back_and_taken_back() {
    let server = TestServer::start().await.unwrap();
    let credits = server.client().credits();
    assert!(credits.balance(WALLET).await.unwrap_err().is_not_found(), "the first grant makes the wallet");
    let given = credits.grant(WALLET, &grant(100)).await.unwrap();
    assert_eq!(
        (given.account_id.as_str(), given.amount.0, given.state),
        (WALLET, 100, CreditGrantState::Live)
    );
    assert_eq!(credits.grant(WALLET, &grant(0)).await.unwrap_err().status(), Some(400));

    let held = credits.reserve(&reservation(60)).await.unwrap();
    assert_eq!((held.state, wallet(&server).await), (ReservationState::Pending, (40, 60)));
    let short = credits.reserve(&reservation(41)).await.unwrap_err();
    assert_eq!((short.status(), short.error_code()), (Some(402), Some("credits_insufficient")));
    let longer = credits.extend(&held.reservation_id, 600).await.unwrap();
    assert!(longer.expires_at > held.expires_at);
    let taken = credits.commit(&held.reservation_id, Some(MicroCredits(50))).await.unwrap();
    assert_eq!((taken.state, taken.committed), (ReservationState::Committed, Some(MicroCredits(50))));
    let again = credits.commit(&held.reservation_id, Some(MicroCredits(50))).await.unwrap();
    assert_eq!((again.committed, wallet(&server).await), (taken.committed, (50, 0)));
    let closed = credits.release(&held.reservation_id).await.unwrap_err();
    assert_eq!((closed.status(), closed.error_code()), (Some(409), Some("reservation_closed")));

    let other = credits.reserve(&reservation(10)).await.unwrap();
    assert_eq!(credits.release(&other.reservation_id).await.unwrap().state, ReservationState::Released);
    let back = credits.refund(&refund(&held.reservation_id, 20)).await.unwrap();
    assert_eq!((back.amount.0, back.grants[0].category), (20, CreditCategory::Refund));
    assert!(
        credits.refund(&refund(&held.reservation_id, 31)).await.unwrap_err().is_refusal(),
        "more than taken"
    );
    assert_eq!(wallet(&server).await, (70, 0));
    let ended = credits.void_grant(WALLET, &given.grant_id).await.unwrap();
    assert_eq!((ended.state, wallet(&server).await), (CreditGrantState::Ended, (20, 0)));
    assert!(credits.commit("rsv_none", None).await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn what_has_a_key_moves_credits_once() {
    let server = TestServer::start().await.unwrap();
    let credits = server.client().credits();
    let key = Some("order-1".to_owned());
    let with_key = CreditGrantBody { idempotency_key: key.clone(), ..grant(100) };
    let first = credits.grant(WALLET, &with_key).await.unwrap();
    assert_eq!(credits.grant(WALLET, &with_key).await.unwrap().grant_id, first.grant_id);
    let other = CreditGrantBody { amount: MicroCredits(101), ..with_key };
    assert_eq!(credits.grant(WALLET, &other).await.unwrap_err().error_code(), Some("idempotency_conflict"));
    credits.grant(WALLET, &grant(1)).await.unwrap();
    credits.grant(WALLET, &grant(1)).await.unwrap();
    assert_eq!(wallet(&server).await, (102, 0), "without a key each call is its own");
    let with_key = CreditReservationBody { idempotency_key: key, ..reservation(10) };
    let error = credits.reserve(&with_key).await.unwrap_err();
    assert_eq!(error.error_code(), Some("idempotency_conflict"), "a key is the wallet's, whatever it did");
    let with_key = CreditReservationBody { idempotency_key: Some("order-2".to_owned()), ..with_key };
    let first = credits.reserve(&with_key).await.unwrap();
    assert_eq!(credits.reserve(&with_key).await.unwrap().reservation_id, first.reservation_id);
    assert_eq!(wallet(&server).await, (92, 10));
    server.shutdown().await;
}

#[tokio::test]
async fn grants_and_the_ledger_are_lists_in_pages_and_as_a_whole() {
    let server = TestServer::start().await.unwrap();
    let credits = server.client().credits();
    for _ in 0..3 {
        credits.grant(WALLET, &grant(10)).await.unwrap();
    }
    let held = credits.reserve(&reservation(25)).await.unwrap();
    credits.commit(&held.reservation_id, None).await.unwrap();
    let two = ListQuery { limit: Some(2), ..ListQuery::default() };
    let page = credits.grants_page(WALLET, &two, None).await.unwrap();
    assert_eq!(page.items.len(), 2);
    let rest = credits.grants_page(WALLET, &two, page.next.as_deref()).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let all: Vec<_> = credits.grants(WALLET, two.clone()).try_collect().await.unwrap();
    assert_eq!(all, [page.items, rest.items].concat());
    assert_eq!(all.iter().map(|grant| grant.remaining.0).sum::<i64>(), 5);

    let page = credits.entries_page(WALLET, &two, None).await.unwrap();
    assert!(page.items.len() == 2 && page.next.is_some());
    assert_eq!(page.items[0].kind, EntryKind::Commit, "newest first");
    let lines: Vec<CreditEntry> = credits.entries(WALLET, two).try_collect().await.unwrap();
    assert_eq!(lines.iter().map(|line| line.delta.0).sum::<i64>(), 0, "every transaction sums to zero");
    let taken = lines.iter().filter(|line| line.ledger == LedgerAccount::Consumed);
    assert_eq!(taken.map(|line| line.delta.0).sum::<i64>(), 25);
    let order: Vec<_> = lines.iter().map(|line| (line.transaction, line.line)).collect();
    let whole: Vec<_> = credits.entries(WALLET, ListQuery::default()).try_collect().await.unwrap();
    assert_eq!(order, whole.iter().map(|line| (line.transaction, line.line)).collect::<Vec<_>>());
    assert!(credits.entries_page("nobody", &ListQuery::default(), None).await.unwrap_err().is_not_found());
    server.shutdown().await;
}
