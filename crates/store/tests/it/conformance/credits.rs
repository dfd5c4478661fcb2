use std::collections::BTreeMap;

use portcullis_domain::credits::{
    Allocation, Entry, GrantChange, Source, StoredGrant, StoredReservation, Wallet,
};
use portcullis_store::Store;
use portcullis_types::credits::{
    CreditCategory, CreditGrantState, EntryKind, LedgerAccount, ReservationState,
};
use portcullis_types::{MicroCredits, Timestamp};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_wallet_is_made_once_and_keeps_its_balances,
    wallets_are_found_by_row_by_name_and_by_what_is_due,
    a_grant_is_read_back_as_it_was_written_and_its_id_is_used_once,
    grants_burn_by_priority_expiry_category_age_and_id,
    grants_begin_once_and_are_overdue_in_their_time,
    grants_move_together_and_what_comes_back_to_an_ended_one_is_not_kept,
    no_grant_holds_less_than_nothing,
    a_reservation_is_read_back_as_it_was_written,
    pending_reservations_lapse_in_their_time_and_are_listed_in_pages,
    lines_are_listed_from_both_ends,
    the_ledger_refuses_to_change_or_lose_a_line,
    an_answer_is_kept_once_for_each_key_of_a_wallet,
];

/// A new wallet's row.
async fn wallet_of(store: &dyn Store, account: &str) -> Wallet {
    assert!(write!(store, create_wallet(account, "CREDIT", NOW)));
    read!(store, wallets(account)).remove(0)
}

async fn a_wallet_is_made_once_and_keeps_its_balances(database: Database) {
    let store = database.store;
    assert_eq!(read!(store, wallets("org_1")), []);
    let new = wallet_of(&*store, "org_1").await;
    assert!(!write!(store, create_wallet("org_1", "CREDIT", NOW)));
    assert_eq!((new.available.0, new.held.0, new.transaction, new.due_at), (0, 0, 0, Wallet::NEVER));
    let saved = Wallet {
        available: MicroCredits(-3),
        held: MicroCredits(4),
        waiting: MicroCredits(5),
        overdraft: MicroCredits(6),
        overdraft_held: MicroCredits(2),
        overdraft_limit: MicroCredits(9),
        transaction: 7,
        due_at: NOW,
        ..new
    };
    write!(store, save_wallet(&saved));
    assert_eq!(write!(store, wallet_for_update("org_1", "CREDIT")), Some(saved.clone()));
    let too_far = Wallet { available: MicroCredits(-10), ..saved.clone() };
    let mut transaction = store.begin().await.unwrap();
    transaction.queries().save_wallet(&too_far).await.expect_err("below what a rule has allowed");
    drop(transaction);
    assert_eq!(read!(store, wallets("org_1")), [saved]);
}

async fn wallets_are_found_by_row_by_name_and_by_what_is_due(database: Database) {
    let store = database.store;
    let (one, two) = (wallet_of(&*store, "one").await, wallet_of(&*store, "two").await);
    assert!(write!(store, create_wallet("one", "BEANS", NOW)));
    let currencies: Vec<_> = read!(store, wallets("one")).into_iter().map(|wallet| wallet.currency).collect();
    assert_eq!(currencies, ["BEANS", "CREDIT"]);
    assert_eq!(read!(store, wallets_after(one.id, 1)), std::slice::from_ref(&two));
    write!(store, insert_credit_grant(&fixtures::credit_grant("grt_1", one.id)));
    write!(store, insert_reservation(&fixtures::reservation("rsv_2", two.id)));
    assert_eq!(write!(store, wallet_of_grant_for_update("grt_1")), Some(one.clone()));
    assert_eq!(write!(store, wallet_of_grant_for_update("grt_2")), None);
    assert_eq!(write!(store, wallet_of_reservation_for_update("rsv_2")), Some(two.clone()));
    assert_eq!(read!(store, wallet_of_reservation("rsv_2")), Some(two.clone()));
    assert_eq!(read!(store, wallet_of_reservation("grt_1")), None);
    for (wallet, at) in [(&one, NOW.plus_secs(2)), (&two, NOW.plus_secs(1))] {
        write!(store, save_wallet(&Wallet { due_at: at, ..wallet.clone() }));
    }
    let due = async |at| -> Vec<i64> {
        read!(store, due_wallets(at, 9)).into_iter().map(|wallet| wallet.id).collect()
    };
    assert!(due(NOW).await.is_empty());
    assert_eq!(due(NOW.plus_secs(1)).await, [two.id]);
    assert_eq!(due(NOW.plus_secs(2)).await, [two.id, one.id], "the longest overdue first");
    assert_eq!(read!(store, next_due(one.id)), Wallet::NEVER);
    assert_eq!(read!(store, next_due(two.id)), NOW.plus_secs(300));
}

async fn a_grant_is_read_back_as_it_was_written_and_its_id_is_used_once(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    let grant = StoredGrant {
        category: CreditCategory::Promotional,
        priority: 7,
        effective_at: NOW.plus_secs(5),
        expires_at: NOW.plus_secs(9),
        source_ref: Some("invoice 7".to_owned()),
        state: CreditGrantState::Waiting,
        ..fixtures::credit_grant("grt_1", wallet.id)
    };
    assert!(write!(store, insert_credit_grant(&grant)));
    assert!(!write!(store, insert_credit_grant(&fixtures::credit_grant("grt_1", wallet.id))));
    assert_eq!(read!(store, credit_grant("grt_1")), Some(grant.clone()));
    assert_eq!(read!(store, credit_grant("grt_2")), None);
    assert!(write!(store, insert_credit_grant(&fixtures::credit_grant("grt_2", wallet.id))));
    let ids = |grants: Vec<StoredGrant>| grants.into_iter().map(|grant| grant.grant_id).collect::<Vec<_>>();
    assert_eq!(ids(read!(store, credit_grants(wallet.id, None, 1))), ["grt_1"]);
    assert_eq!(ids(read!(store, credit_grants(wallet.id, Some("grt_1"), 9))), ["grt_2"]);
    assert_eq!(read!(store, next_due(wallet.id)), NOW.plus_secs(5));
    write!(store, mark_voided("grt_1", NOW));
    let voided = read!(store, credit_grant("grt_1")).unwrap();
    assert_eq!((voided.state, voided.voided_at), (CreditGrantState::Ended, Some(NOW)));
}

async fn grants_burn_by_priority_expiry_category_age_and_id(database: Database) {
    use CreditCategory as C;
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    let (soon, late) = (NOW.plus_secs(50), NOW.plus_secs(90));
    let never = Wallet::NEVER;
    for (id, priority, expires_at, category, age) in [
        ("h-never", 50, never, C::Promotional, 0),
        ("g-second", 50, late, C::Paid, 2),
        ("f-first", 50, late, C::Paid, 2),
        ("e-older", 50, late, C::Paid, 1),
        ("d-refund", 50, late, C::Refund, 3),
        ("c-plan", 50, late, C::Plan, 3),
        ("b-sooner", 50, soon, C::Paid, 3),
        ("a-prior", 0, never, C::Paid, 3),
    ] {
        let created_at = NOW.plus_secs(age);
        let grant = fixtures::credit_grant(id, wallet.id);
        let grant = StoredGrant { priority, expires_at, category, created_at, ..grant };
        write!(store, insert_credit_grant(&grant));
    }
    let used =
        StoredGrant { held: MicroCredits(10_000_000), ..fixtures::credit_grant("all-held", wallet.id) };
    let ended = StoredGrant { state: CreditGrantState::Ended, ..fixtures::credit_grant("ended", wallet.id) };
    let waits =
        StoredGrant { state: CreditGrantState::Waiting, ..fixtures::credit_grant("waits", wallet.id) };
    for grant in [used, ended, waits] {
        write!(store, insert_credit_grant(&grant));
    }
    let ids = |grants: Vec<StoredGrant>| grants.into_iter().map(|grant| grant.grant_id).collect::<Vec<_>>();
    let order = ["a-prior", "b-sooner", "c-plan", "d-refund", "e-older", "f-first", "g-second", "h-never"];
    let found = read!(store, spendable_grants(wallet.id, 0, 99));
    let mut sorted: Vec<_> = found.clone().into_iter().map(StoredGrant::spendable).collect();
    sorted.sort_by(|one, other| one.burn_order(other));
    let sorted: Vec<_> = sorted.into_iter().map(|grant| grant.grant_id).collect();
    assert_eq!(ids(found), order);
    assert_eq!(sorted, order, "the order of the domain is the same");
    assert_eq!(ids(read!(store, spendable_grants(wallet.id, 3, 2))), order[3..5]);
    let ten = MicroCredits(10_000_000);
    let free = read!(store, free_by_category(wallet.id));
    let expected =
        [(C::Promotional, ten), (C::Plan, ten), (C::Refund, ten), (C::Paid, MicroCredits(50_000_000))];
    assert_eq!(free, expected);
}

async fn grants_begin_once_and_are_overdue_in_their_time(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    let grant = StoredGrant {
        effective_at: NOW.plus_secs(5),
        expires_at: NOW.plus_secs(9),
        state: CreditGrantState::Waiting,
        ..fixtures::credit_grant("grt_1", wallet.id)
    };
    write!(store, insert_credit_grant(&grant));
    assert_eq!(write!(store, begin_grants(wallet.id, NOW.plus_secs(4))), []);
    let live = StoredGrant { state: CreditGrantState::Live, ..grant };
    assert_eq!(write!(store, begin_grants(wallet.id, NOW.plus_secs(5))), std::slice::from_ref(&live));
    assert_eq!(write!(store, begin_grants(wallet.id, NOW.plus_secs(5))), []);
    assert_eq!(read!(store, next_due(wallet.id)), NOW.plus_secs(9));
    assert_eq!(read!(store, overdue_grants(wallet.id, NOW.plus_secs(8), 9)), []);
    assert_eq!(read!(store, overdue_grants(wallet.id, NOW.plus_secs(9), 9)), [live]);
}

fn changes(list: &[(&str, GrantChange)]) -> BTreeMap<String, GrantChange> {
    list.iter().map(|(id, change)| ((*id).to_owned(), *change)).collect()
}

async fn grants_move_together_and_what_comes_back_to_an_ended_one_is_not_kept(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    for id in ["one", "two"] {
        write!(store, insert_credit_grant(&fixtures::credit_grant(id, wallet.id)));
    }
    let hold = GrantChange { held: 4_000_000, ..GrantChange::default() };
    let end = GrantChange { remaining: -6_000_000, held: 4_000_000, ends: true, ..GrantChange::default() };
    let moved = write!(store, move_grants(&changes(&[("one", hold), ("two", end)])));
    let mut ended: Vec<_> = moved.into_iter().map(|moved| (moved.grant_id, moved.ended)).collect();
    ended.sort();
    assert_eq!(ended, [("one".to_owned(), false), ("two".to_owned(), true)]);
    let back = GrantChange { held: -4_000_000, back: 4_000_000, ..GrantChange::default() };
    write!(store, move_grants(&changes(&[("one", back), ("two", back)])));
    let left = async |id: &str| {
        let grant = read!(store, credit_grant(id)).unwrap();
        (grant.remaining.0, grant.held.0, grant.state)
    };
    assert_eq!(left("one").await, (10_000_000, 0, CreditGrantState::Live));
    assert_eq!(left("two").await, (0, 0, CreditGrantState::Ended));
    let all = GrantChange { remaining: -10_000_000, ..GrantChange::default() };
    write!(store, move_grants(&changes(&[("one", all)])));
    assert_eq!(left("one").await, (0, 0, CreditGrantState::Ended), "used up");
    assert!(write!(store, move_grants(&BTreeMap::new())).is_empty());
}

async fn no_grant_holds_less_than_nothing(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    write!(store, insert_credit_grant(&fixtures::credit_grant("one", wallet.id)));
    let none = GrantChange::default();
    for change in [
        GrantChange { held: -1, ..none },
        GrantChange { held: 10_000_001, ..none },
        GrantChange { remaining: -10_000_001, ..none },
        GrantChange { remaining: 1, ..none },
    ] {
        let mut transaction = store.begin().await.unwrap();
        let refused = transaction.queries().move_grants(&changes(&[("one", change)])).await;
        assert!(refused.is_err(), "{change:?}");
    }
    let mut transaction = store.begin().await.unwrap();
    let refused = transaction.queries().move_grants(&changes(&[("one", none), ("gone", none)])).await;
    assert!(refused.is_err(), "a grant that is not there");
}

async fn a_reservation_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await;
    let part = |from| Allocation { from, amount: MicroCredits(3) };
    let first = StoredReservation {
        amount: MicroCredits(9),
        allocations: vec![
            part(Source::Grant("grt_1".to_owned())),
            part(Source::Overdraft),
            part(Source::Overage),
        ],
        subject: Some("alice".to_owned()),
        ..fixtures::reservation("rsv_1", wallet.id)
    };
    write!(store, insert_reservation(&first));
    assert_eq!(read!(store, reservation("rsv_1")), Some(first.clone()));
    assert_eq!(read!(store, reservation("rsv_2")), None);
    let settled = StoredReservation {
        state: ReservationState::Committed,
        allocations: first.allocations[..2].to_vec(),
        expires_at: NOW.plus_secs(400),
        asked: Some(MicroCredits(7)),
        committed: Some(MicroCredits(6)),
        refunded: MicroCredits(2),
        ..first
    };
    write!(store, save_reservation(&settled));
    assert_eq!(read!(store, reservation("rsv_1")), Some(settled));
}

async fn pending_reservations_lapse_in_their_time_and_are_listed_in_pages(database: Database) {
    let store = database.store;
    let (wallet, other) = (wallet_of(&*store, "org_1").await, wallet_of(&*store, "org_2").await);
    for (id, wallet, secs) in
        [("c", wallet.id, 1), ("b", wallet.id, 2), ("a", wallet.id, 2), ("z", other.id, 1)]
    {
        let expires_at = NOW.plus_secs(secs);
        write!(
            store,
            insert_reservation(&StoredReservation { expires_at, ..fixtures::reservation(id, wallet) })
        );
    }
    let ids = |all: Vec<StoredReservation>| all.into_iter().map(|one| one.reservation_id).collect::<Vec<_>>();
    let page = async |after: Option<(Timestamp, &str)>, limit| {
        ids(read!(store, pending_reservations(wallet.id, after, limit)))
    };
    assert_eq!(page(None, 9).await, ["c", "a", "b"]);
    assert_eq!(page(Some((NOW.plus_secs(2), "a")), 9).await, ["b"]);
    assert_eq!(page(Some((NOW.plus_secs(1), "c")), 1).await, ["a"]);
    let lapsed = async |secs| ids(read!(store, lapsed_reservations(wallet.id, NOW.plus_secs(secs), 9)));
    assert!(lapsed(0).await.is_empty());
    assert_eq!(lapsed(1).await, ["c"]);
    assert_eq!(lapsed(2).await, ["c", "a", "b"]);
    write!(store, expire_reservations(&["c", "b"]));
    assert_eq!(read!(store, reservation("b")).unwrap().state, ReservationState::Expired);
    assert_eq!(page(None, 9).await, ["a"]);
    assert_eq!(lapsed(9).await, ["a"]);
}

fn line(ledger: LedgerAccount, delta: i64) -> Entry {
    Entry { ledger, grant_id: Some("grt_1".to_owned()), delta, reservation_id: None }
}

async fn lines_are_listed_from_both_ends(database: Database) {
    let store = database.store;
    let wallet = wallet_of(&*store, "org_1").await.id;
    for transaction in [1, 2] {
        let lines = [line(LedgerAccount::Issued, -transaction), line(LedgerAccount::Grant, transaction)];
        write!(store, append_entries((wallet, transaction), EntryKind::Grant, &lines, NOW));
    }
    write!(store, append_entries((wallet + 1, 1), EntryKind::Grant, &[line(LedgerAccount::Held, 9)], NOW));
    let mut transaction = store.begin().await.unwrap();
    let twice = [line(LedgerAccount::Held, 1)];
    let twice = transaction.queries().append_entries((wallet, 2), EntryKind::Commit, &twice, NOW).await;
    assert!(twice.is_err(), "a number is used once");
    drop(transaction);
    let places = |entries: Vec<portcullis_types::credits::CreditEntry>| {
        entries.iter().map(|entry| (entry.transaction, entry.line, entry.delta.0)).collect::<Vec<_>>()
    };
    let all = read!(store, entries_after(wallet, (0, 0), 9));
    assert_eq!((all[0].kind, all[0].ledger, all[0].at), (EntryKind::Grant, LedgerAccount::Issued, NOW));
    assert_eq!((all[0].grant_id.as_deref(), &all[0].reservation_id), (Some("grt_1"), &None));
    assert_eq!(places(all), [(1, 0, -1), (1, 1, 1), (2, 0, -2), (2, 1, 2)]);
    assert_eq!(places(read!(store, entries_after(wallet, (1, 0), 2))), [(1, 1, 1), (2, 0, -2)]);
    assert_eq!(places(read!(store, entries_before(wallet, (2, 1), 2))), [(2, 0, -2), (1, 1, 1)]);
    assert_eq!(places(read!(store, entries_before(wallet, (1, 0), 9))), []);
}

async fn the_ledger_refuses_to_change_or_lose_a_line(database: Database) {
    let wallet = wallet_of(&*database.store, "org_1").await.id;
    let lines = [line(LedgerAccount::Issued, -5), line(LedgerAccount::Grant, 5)];
    write!(database.store, append_entries((wallet, 1), EntryKind::Grant, &lines, NOW));
    for sql in [
        "UPDATE pc_ledger_entry SET delta = 6 WHERE line = 1",
        "UPDATE pc_ledger_entry SET wallet = wallet + 1",
        "DELETE FROM pc_ledger_entry",
    ] {
        let refused = database.try_execute(sql).await.expect_err("the ledger only grows");
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
    let deltas: Vec<_> = read!(database.store, entries_after(wallet, (0, 0), 9));
    assert_eq!(deltas.iter().map(|entry| entry.delta.0).collect::<Vec<_>>(), [-5, 5]);
}

async fn an_answer_is_kept_once_for_each_key_of_a_wallet(database: Database) {
    let store = database.store;
    assert!(write!(store, keep_answer((1, "key"), &[1, 2], "{\"a\":1}", NOW)));
    assert!(!write!(store, keep_answer((1, "key"), &[9], "{}", NOW)));
    assert_eq!(read!(store, kept_answer(1, "key")), Some((vec![1, 2], "{\"a\":1}".to_owned())));
    assert_eq!(read!(store, kept_answer(2, "key")), None, "another wallet's key");
    assert!(write!(store, keep_answer((2, "key"), &[3], "{}", NOW)));
    assert_eq!(read!(store, kept_answer(1, "KEY")), None, "keys are told apart by every byte");
}
