//! Credits: what is given, held, taken and given back, and that no load and no second node changes the sums.

use std::sync::Arc;

use portcullis::credits::ledger::{self, Reserve};
use portcullis::credits::{self, CreditError};
use portcullis::{Error, Portcullis};
use portcullis_domain::credits::Terms;
use portcullis_types::credits::{
    CreditCategory, CreditGrantBody, CreditRefundBody, EntryKind, LateCommit, ReservationState, Settlement,
    Shortage,
};
use portcullis_types::{Guard as _, MicroCredits, SettleError};

use crate::bed::{Bed, on_both};
use crate::make_credits::{
    WALLET, asks, available_and_held, balance, expect_sound, give_credits, hold, micros,
};

on_both!(
    a_hundred_parallel_holds_of_one_on_fifty_are_exactly_fifty,
    five_hundred_spends_over_two_nodes_on_a_hundred_are_exactly_a_hundred,
    one_key_many_times_in_parallel_is_one_hold_with_one_id,
    a_key_answers_for_its_request_only_and_refusals_are_not_kept,
    five_grants_burn_in_order_also_when_they_tie,
    a_hold_that_expires_is_given_back_by_whoever_looks_first,
    a_grant_that_expires_under_a_hold_stays_usable_until_the_hold_ends,
    a_commit_of_less_gives_the_rest_to_the_same_grants,
    a_commit_of_more_goes_as_the_rule_says,
    a_late_commit_goes_as_the_rule_says,
    every_state_answers_commit_release_and_refund_as_documented,
    what_is_lent_is_paid_by_the_next_grant,
    a_refund_comes_back_in_parts_with_the_expiry_of_what_had_paid,
    a_grant_waits_until_it_is_effective_and_a_void_one_is_gone,
    amounts_that_cannot_be_are_refused_by_name,
    a_hold_lasts_a_day_at_most,
    a_hold_is_held_no_more_at_the_instant_of_its_end,
);

/// Spends `each` in parallel `count` times, in turns on the nodes; gives how many succeeded. No refusal may be other than
/// for want of credits.
async fn spend_at_once(nodes: &[Portcullis], count: usize, charge: bool) -> usize {
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let node = nodes[n % nodes.len()].clone();
            tokio::spawn(async move {
                let request = Reserve { key: Some(format!("spend-{n}")), ..asks(1) };
                if charge {
                    ledger::charge(&node, request).await
                } else {
                    ledger::reserve(&node, request).await
                }
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(CreditError::Insufficient(short)) => assert_eq!(short.required, MicroCredits(1)),
            Err(other) => panic!("{other:?}"),
        }
    }
    won
}

async fn a_hundred_parallel_holds_of_one_on_fifty_are_exactly_fifty(bed: Bed) {
    give_credits(&bed, micros(50)).await;
    assert_eq!(spend_at_once(std::slice::from_ref(&bed.portcullis), 100, false).await, 50);
    assert_eq!(available_and_held(&bed).await, (0, 50));
    expect_sound(&bed).await;
}

async fn five_hundred_spends_over_two_nodes_on_a_hundred_are_exactly_a_hundred(bed: Bed) {
    give_credits(&bed, micros(60)).await;
    give_credits(&bed, micros(40)).await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    assert_eq!(spend_at_once(&nodes, 500, true).await, 100);
    assert_eq!(available_and_held(&bed).await, (0, 0));
    expect_sound(&bed).await;
}

async fn one_key_many_times_in_parallel_is_one_hold_with_one_id(bed: Bed) {
    give_credits(&bed, micros(50)).await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let node = nodes[n % 2].clone();
            let request = Reserve { key: Some("once".to_owned()), ..asks(7) };
            tokio::spawn(async move { ledger::reserve(&node, request).await.unwrap().reservation_id })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(available_and_held(&bed).await, (43, 7));
    expect_sound(&bed).await;
}

async fn a_key_answers_for_its_request_only_and_refusals_are_not_kept(bed: Bed) {
    give_credits(&bed, micros(5)).await;
    let node = &bed.portcullis;
    let keyed = |amount| Reserve { key: Some("k".to_owned()), ..asks(amount) };
    let refused = ledger::reserve(node, keyed(8)).await;
    assert!(matches!(&refused, Err(CreditError::Insufficient(short))
        if short.required.0 == 8 && short.available == Some(MicroCredits(5)) && short.billing_account_id == WALLET));
    give_credits(&bed, micros(5)).await;
    let first = ledger::reserve(node, keyed(8)).await.unwrap();
    bed.clock.forward(10);
    assert_eq!(ledger::reserve(node, keyed(8)).await.unwrap(), first, "also what time it ends");
    let other = ledger::reserve(node, keyed(9)).await;
    assert!(matches!(other, Err(CreditError::IdempotencyConflict)), "{other:?}");
    let charged = ledger::charge(node, keyed(8)).await;
    assert!(matches!(charged, Err(CreditError::IdempotencyConflict)), "another verb: {charged:?}");
    let committed = ledger::commit(node, &first.reservation_id, None, Some("c")).await.unwrap();
    let again = ledger::commit(node, &first.reservation_id, None, Some("c")).await.unwrap();
    assert_eq!(committed, again);
    let other = ledger::commit(node, &first.reservation_id, Some(MicroCredits(1)), Some("c")).await;
    assert!(matches!(other, Err(CreditError::IdempotencyConflict)), "{other:?}");
    bed.clock.forward(400 * 86_400);
    assert_eq!(ledger::reserve(node, keyed(8)).await.unwrap(), first, "for good");
    let body = |amount| CreditGrantBody { idempotency_key: Some("g".to_owned()), ..micros(amount) };
    let granted = give_credits(&bed, body(3)).await;
    assert_eq!(give_credits(&bed, body(3)).await, granted);
    let other = credits::grant(node, &bed.owner, WALLET, body(4)).await;
    assert!(matches!(other, Err(Error::IdempotencyConflict)), "{other:?}");
    expect_sound(&bed).await;
}

/// The grants that a wallet's ledger was drawn from, in order, without repeats.
async fn burnt(bed: &Bed) -> Vec<String> {
    let page = portcullis::PageRequest::first(100);
    let entries = credits::entries(&bed.portcullis, &bed.owner, WALLET, None, page).await.unwrap().items;
    let mut order: Vec<String> = Vec::new();
    for entry in entries.into_iter().rev().filter(|entry| entry.kind == EntryKind::Charge) {
        let grant = entry.grant_id.unwrap();
        if order.last() != Some(&grant) {
            order.push(grant);
        }
    }
    order
}

async fn five_grants_burn_in_order_also_when_they_tie(bed: Bed) {
    let in_secs = |secs| Some(bed.portcullis.now().plus_secs(secs));
    let make = |id: &str, priority, expires_at, category| CreditGrantBody {
        grant_id: Some(id.to_owned()),
        priority: Some(priority),
        expires_at,
        category: Some(category),
        ..micros(10)
    };
    use CreditCategory as C;
    for body in [
        make("e-never", 50, None, C::Promotional),
        make("d-tie-2", 50, in_secs(900), C::Paid),
        make("d-tie-1", 50, in_secs(900), C::Paid),
        make("c-plan", 50, in_secs(900), C::Plan),
        make("b-sooner", 50, in_secs(800), C::Paid),
        make("a-first", 0, None, C::Paid),
    ] {
        give_credits(&bed, body).await;
    }
    for _ in 0..12 {
        ledger::charge(&bed.portcullis, asks(5)).await.unwrap();
    }
    assert_eq!(burnt(&bed).await, ["a-first", "b-sooner", "c-plan", "d-tie-1", "d-tie-2", "e-never"]);
    assert_eq!(available_and_held(&bed).await, (0, 0));
    expect_sound(&bed).await;
}

async fn a_hold_that_expires_is_given_back_by_whoever_looks_first(bed: Bed) {
    give_credits(&bed, micros(10)).await;
    let there = bed.node("b").await;
    for step in ["balance", "reserve", "sweep", "available"] {
        let held = hold(&bed.portcullis, 10).await.unwrap();
        bed.clock.forward(299);
        assert!(hold(&there, 1).await.is_err(), "{step}: it lasts 300 seconds");
        bed.clock.forward(1);
        match step {
            "balance" => assert_eq!(available_and_held(&bed).await, (10, 0)),
            "available" => assert_eq!(ledger::available(&there, WALLET, None).await.unwrap().0, 10),
            "sweep" => assert_eq!(credits::sweep(&there).await.unwrap(), 1),
            _ => {
                let other = hold(&there, 10).await.unwrap();
                ledger::release(&there, &other.reservation_id).await.unwrap();
            }
        }
        let now = ledger::release(&bed.portcullis, &held.reservation_id).await.unwrap();
        assert_eq!(now.state, ReservationState::Expired, "{step}");
        assert_eq!(available_and_held(&bed).await, (10, 0), "{step}");
    }
    expect_sound(&bed).await;
}

async fn a_grant_that_expires_under_a_hold_stays_usable_until_the_hold_ends(bed: Bed) {
    let ends = Some(bed.portcullis.now().plus_secs(100));
    give_credits(&bed, CreditGrantBody { expires_at: ends, ..micros(10) }).await;
    let (one, two) = (hold(&bed.portcullis, 4).await.unwrap(), hold(&bed.portcullis, 3).await.unwrap());
    bed.clock.forward(100);
    assert_eq!(available_and_held(&bed).await, (0, 7), "what is free has expired, what is held has not");
    expect_sound(&bed).await;
    let taken = ledger::commit(&bed.portcullis, &one.reservation_id, Some(MicroCredits(3)), None).await;
    assert_eq!(taken.unwrap().committed, Some(MicroCredits(3)));
    ledger::release(&bed.portcullis, &two.reservation_id).await.unwrap();
    assert_eq!(available_and_held(&bed).await, (0, 0), "what comes back of it has expired too");
    expect_sound(&bed).await;
}

async fn a_commit_of_less_gives_the_rest_to_the_same_grants(bed: Bed) {
    let grant = |id: &str, priority| CreditGrantBody {
        grant_id: Some(id.to_owned()),
        priority: Some(priority),
        ..micros(10)
    };
    give_credits(&bed, grant("first", 1)).await;
    give_credits(&bed, grant("second", 2)).await;
    let held = hold(&bed.portcullis, 16).await.unwrap();
    let done = ledger::commit(&bed.portcullis, &held.reservation_id, Some(MicroCredits(12)), None).await;
    assert_eq!(done.unwrap().committed, Some(MicroCredits(12)));
    let page = portcullis::PageRequest::first(9);
    let grants = credits::grants(&bed.portcullis, &bed.owner, WALLET, None, page).await.unwrap().items;
    let left: Vec<_> = grants.iter().map(|grant| (grant.remaining.0, grant.held.0)).collect();
    assert_eq!(left, [(0, 0), (8, 0)]);
    assert_eq!(available_and_held(&bed).await, (8, 0));
    expect_sound(&bed).await;
}

async fn a_commit_of_more_goes_as_the_rule_says(bed: Bed) {
    for (shortage, limit, expected, then) in [
        (Shortage::Cap, 0, 14, 0),
        (Shortage::Overdraft, 3, 17, -3),
        (Shortage::Overdraft, 99, 20, -6),
        (Shortage::Overage, 0, 20, 0),
    ] {
        // Pays first what the round before left owing.
        let owed = balance_or_zero(&bed).await;
        give_credits(&bed, micros(14 - owed)).await;
        let terms = Terms { shortage, overdraft_limit: MicroCredits(limit), ..Terms::default() };
        let held = ledger::reserve(&bed.portcullis, Reserve { terms, ..asks(10) }).await.unwrap();
        let asked = Some(MicroCredits(20));
        let done = ledger::commit(&bed.portcullis, &held.reservation_id, asked, None).await.unwrap();
        assert_eq!(done.committed, Some(MicroCredits(expected)), "{shortage:?} {limit}");
        let again = ledger::commit(&bed.portcullis, &held.reservation_id, asked, None).await.unwrap();
        assert_eq!(again, done, "the same call, the same answer");
        assert_eq!(available_and_held(&bed).await, (then, 0), "{shortage:?} {limit}");
        expect_sound(&bed).await;
    }
}

async fn balance_or_zero(bed: &Bed) -> i64 {
    ledger::available(&bed.portcullis, WALLET, None).await.unwrap().0
}

async fn a_late_commit_goes_as_the_rule_says(bed: Bed) {
    give_credits(&bed, micros(10)).await;
    let late = async |late_commit, limit: i64| {
        let terms = Terms { late_commit, overdraft_limit: MicroCredits(limit), ..Terms::default() };
        let held = ledger::reserve(&bed.portcullis, Reserve { terms, ..asks(8) }).await.unwrap();
        bed.clock.forward(300);
        held.reservation_id
    };
    let rejected = late(LateCommit::Reject, 0).await;
    let refused = ledger::commit(&bed.portcullis, &rejected, None, None).await;
    assert!(matches!(refused, Err(CreditError::Closed)), "{refused:?}");
    assert_eq!(available_and_held(&bed).await, (10, 0));
    let charged = late(LateCommit::Charge, 5).await;
    ledger::charge(&bed.portcullis, asks(6)).await.unwrap();
    let done = ledger::commit(&bed.portcullis, &charged, None, None).await.unwrap();
    assert_eq!((done.committed, done.state), (Some(MicroCredits(8)), ReservationState::Committed));
    assert_eq!(available_and_held(&bed).await, (-4, 0), "into the overdraft");
    assert_eq!(ledger::commit(&bed.portcullis, &charged, None, None).await.unwrap(), done);
    expect_sound(&bed).await;
}

async fn every_state_answers_commit_release_and_refund_as_documented(bed: Bed) {
    give_credits(&bed, micros(100)).await;
    let node = &bed.portcullis;
    let (all, less) = (None, Some(MicroCredits(4)));
    let committed = hold(node, 10).await.unwrap().reservation_id;
    assert_eq!(node.commit(&committed, all).await, Ok(MicroCredits(10)));
    assert_eq!(node.commit(&committed, all).await, Ok(MicroCredits(10)));
    assert_eq!(node.commit(&committed, Some(MicroCredits(10))).await, Ok(MicroCredits(10)));
    assert_eq!(node.commit(&committed, less).await, Err(SettleError::Closed));
    assert_eq!(node.release(&committed).await, Err(SettleError::Closed));
    let released = hold(node, 10).await.unwrap().reservation_id;
    assert_eq!((node.release(&released).await, node.release(&released).await), (Ok(()), Ok(())));
    assert_eq!(node.commit(&released, all).await, Err(SettleError::Closed));
    let expired = hold(node, 10).await.unwrap().reservation_id;
    bed.clock.forward(300);
    assert_eq!((node.release(&expired).await, node.release(&expired).await), (Ok(()), Ok(())));
    assert_eq!(node.commit(&expired, less).await, Ok(MicroCredits(4)), "late, as the rule says");
    assert_eq!(node.commit("rsv_none", all).await, Err(SettleError::NotFound));
    assert_eq!(node.release("rsv_none").await, Err(SettleError::NotFound));
    assert_eq!(node.commit(&committed, Some(MicroCredits(-1))).await, Err(SettleError::Invalid));
    let refund = async |id: &str| {
        let body = CreditRefundBody { reservation_id: id.to_owned(), ..CreditRefundBody::default() };
        credits::refund(node, &bed.owner, body).await
    };
    let pending = hold(node, 10).await.unwrap().reservation_id;
    for id in [&pending, &released] {
        assert!(matches!(refund(id).await, Err(Error::ReservationClosed)), "{id}");
    }
    assert!(matches!(refund("rsv_none").await, Err(Error::NotFound(_))));
    assert_eq!(refund(&committed).await.unwrap().amount, MicroCredits(10));
    let twice = refund(&committed).await;
    assert!(matches!(&twice, Err(Error::Invalid(field)) if field.field == "amount"), "{twice:?}");
    node.close().await;
    assert_eq!(node.commit(&pending, all).await, Err(SettleError::Unavailable));
}

async fn what_is_lent_is_paid_by_the_next_grant(bed: Bed) {
    give_credits(&bed, micros(10)).await;
    let terms = Terms { overdraft_limit: MicroCredits(20), ..Terms::default() };
    let lent = |amount| Reserve { terms: terms.clone(), ..asks(amount) };
    ledger::charge(&bed.portcullis, lent(15)).await.unwrap();
    let held = ledger::reserve(&bed.portcullis, lent(15)).await.unwrap();
    assert_eq!(available_and_held(&bed).await, (-20, 15));
    assert!(ledger::reserve(&bed.portcullis, lent(1)).await.is_err(), "no further than the limit");
    give_credits(&bed, micros(30)).await;
    let now = balance(&bed).await;
    assert_eq!((now.available.0, now.overdraft.0), (10, 15), "what is held is not paid yet");
    assert!(hold(&bed.portcullis, 11).await.is_err());
    ledger::release(&bed.portcullis, &held.reservation_id).await.unwrap();
    let now = balance(&bed).await;
    assert_eq!((now.available.0, now.overdraft.0, now.held.0), (25, 0, 0));
    let terms = Terms { settlement: Settlement::CreditThenInvoice, ..Terms::default() };
    let over = ledger::reserve(&bed.portcullis, Reserve { terms, ..asks(30) }).await.unwrap();
    assert_eq!(over.overage, Some(MicroCredits(5)));
    ledger::commit(&bed.portcullis, &over.reservation_id, None, None).await.unwrap();
    assert_eq!(available_and_held(&bed).await, (0, 0), "an invoice is no debt of the wallet");
    expect_sound(&bed).await;
}

async fn a_refund_comes_back_in_parts_with_the_expiry_of_what_had_paid(bed: Bed) {
    let ends = Some(bed.portcullis.now().plus_secs(1_000));
    give_credits(&bed, CreditGrantBody { expires_at: ends, ..micros(10) }).await;
    give_credits(&bed, micros(10)).await;
    let charge = ledger::charge(&bed.portcullis, asks(14)).await.unwrap();
    let refund = async |amount: Option<i64>, key: &str| {
        let body = CreditRefundBody {
            reservation_id: charge.reservation_id.clone(),
            amount: amount.map(MicroCredits),
            idempotency_key: Some(key.to_owned()),
        };
        credits::refund(&bed.portcullis, &bed.owner, body).await
    };
    let first = refund(Some(5), "1").await.unwrap();
    let parts: Vec<_> = first.grants.iter().map(|grant| (grant.amount.0, grant.expires_at)).collect();
    assert_eq!(parts, [(4, None), (1, ends)], "what was taken last comes back first");
    assert!(first.grants.iter().all(|grant| grant.category == CreditCategory::Refund));
    assert_eq!(refund(Some(5), "1").await.unwrap(), first, "the same call, the same answer");
    assert!(matches!(refund(Some(10), "2").await, Err(Error::Invalid(_))), "nine are left");
    bed.clock.forward(1_000);
    assert_eq!(refund(None, "3").await.unwrap().amount, MicroCredits(9));
    assert_eq!(available_and_held(&bed).await, (10, 0), "what had expired meanwhile comes back expired");
    expect_sound(&bed).await;
}

async fn a_grant_waits_until_it_is_effective_and_a_void_one_is_gone(bed: Bed) {
    let later = Some(bed.portcullis.now().plus_secs(50));
    let waits = give_credits(&bed, CreditGrantBody { effective_at: later, ..micros(10) }).await;
    let live = give_credits(&bed, micros(6)).await;
    let now = balance(&bed).await;
    assert_eq!((now.available.0, now.waiting.0), (6, 10));
    assert!(hold(&bed.portcullis, 7).await.is_err());
    let held = hold(&bed.portcullis, 2).await.unwrap();
    let void = async |id: &str| credits::void_grant(&bed.portcullis, &bed.owner, WALLET, id).await;
    let gone = void(&live.grant_id).await.unwrap();
    assert_eq!((gone.remaining.0, gone.held.0), (2, 2));
    assert_eq!(void(&live.grant_id).await.unwrap(), gone, "a second time nothing happens");
    assert_eq!(available_and_held(&bed).await, (0, 2));
    ledger::release(&bed.portcullis, &held.reservation_id).await.unwrap();
    assert_eq!(available_and_held(&bed).await, (0, 0));
    let of_live = |ledger: &str| {
        let id = &live.grant_id;
        format!(
            "SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) FROM pc_ledger_entry WHERE grant_id = '{id}' AND ledger = '{ledger}'"
        )
    };
    let sums = (bed.number(&of_live("issued")).await, bed.number(&of_live("expired")).await);
    assert_eq!(sums, (0, 0), "all of it was taken back, what was held too, and nothing expired");
    bed.clock.forward(50);
    assert_eq!(available_and_held(&bed).await, (10, 0), "effective now");
    void(&waits.grant_id).await.unwrap();
    assert_eq!(available_and_held(&bed).await, (0, 0));
    let used = give_credits(&bed, micros(1)).await;
    ledger::charge(&bed.portcullis, asks(1)).await.unwrap();
    assert!(matches!(void(&used.grant_id).await, Err(Error::Conflict(_))));
    assert!(matches!(void("grt_none").await, Err(Error::NotFound(_))));
    let elsewhere = credits::void_grant(&bed.portcullis, &bed.owner, "org_2", &waits.grant_id).await;
    assert!(matches!(elsewhere, Err(Error::NotFound(_))), "not that wallet's");
    expect_sound(&bed).await;
}

async fn amounts_that_cannot_be_are_refused_by_name(bed: Bed) {
    let node = Arc::new(bed.portcullis.clone());
    give_credits(&bed, micros(10)).await;
    for amount in [-1, i64::MIN, i64::MAX, MicroCredits::MAX.0 + 1] {
        let field =
            |refused: &CreditError| matches!(refused, CreditError::Invalid(field) if field.field == "amount");
        assert!(field(&hold(&node, amount).await.unwrap_err()), "{amount}");
        assert!(field(&ledger::charge(&node, asks(amount)).await.unwrap_err()), "{amount}");
        let refused = credits::grant(&node, &bed.owner, WALLET, micros(amount)).await;
        assert!(matches!(&refused, Err(Error::Invalid(field)) if field.field == "amount"), "{amount}");
    }
    let most = credits::grant(&node, &bed.owner, WALLET, micros(MicroCredits::MAX.0)).await;
    assert!(
        matches!(&most, Err(Error::Invalid(field)) if field.field == "amount"),
        "no sum overflows: {most:?}"
    );
    let bad = |body: CreditGrantBody| credits::grant(&node, &bed.owner, WALLET, body);
    let now = bed.portcullis.now();
    for (body, field) in [
        (micros(0), "amount"),
        (CreditGrantBody { priority: Some(101), ..micros(1) }, "priority"),
        (CreditGrantBody { expires_at: Some(now), ..micros(1) }, "expiresAt"),
        (CreditGrantBody { currency: Some("credit".to_owned()), ..micros(1) }, "currency"),
        (CreditGrantBody { grant_id: Some("a b".to_owned()), ..micros(1) }, "grantId"),
        (CreditGrantBody { idempotency_key: Some("k".repeat(256)), ..micros(1) }, "idempotencyKey"),
        (CreditGrantBody { account_id: Some("org_2".to_owned()), ..micros(1) }, "accountId"),
    ] {
        let refused = bad(body).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(error)) if error.field == field),
            "{field}: {refused:?}"
        );
    }
    for (request, field) in [
        (Reserve { ttl_secs: Some(0), ..asks(1) }, "ttlSeconds"),
        (Reserve { ttl_secs: Some(86_401), ..asks(1) }, "ttlSeconds"),
        (Reserve { account_id: "a b".to_owned(), ..asks(1) }, "accountId"),
        (Reserve { key: Some(String::new()), ..asks(1) }, "idempotencyKey"),
        (Reserve { operation: Some("o".repeat(129)), ..asks(1) }, "operation"),
    ] {
        let refused = ledger::reserve(&node, request).await;
        assert!(
            matches!(&refused, Err(CreditError::Invalid(error)) if error.field == field),
            "{field}: {refused:?}"
        );
    }
    assert_eq!(available_and_held(&bed).await, (10, 0));
    expect_sound(&bed).await;
}

async fn a_hold_lasts_a_day_at_most(bed: Bed) {
    give_credits(&bed, micros(10)).await;
    let node = &bed.portcullis;
    let id = hold(node, 1).await.unwrap().reservation_id;
    bed.clock.forward(200);
    let extended = ledger::extend(node, &id, Some(300)).await.unwrap();
    assert_eq!(extended.expires_at, node.now().plus_secs(300));
    let refused = ledger::extend(node, &id, Some(86_400)).await;
    assert!(
        matches!(&refused, Err(CreditError::Invalid(field)) if field.field == "ttlSeconds"),
        "{refused:?}"
    );
    bed.clock.forward(300);
    let late = ledger::extend(node, &id, Some(300)).await;
    assert!(matches!(late, Err(CreditError::Closed)), "{late:?}");
    assert_eq!(available_and_held(&bed).await, (10, 0));
}

async fn a_hold_is_held_no_more_at_the_instant_of_its_end(bed: Bed) {
    give_credits(&bed, micros(10)).await;
    let again = async || {
        let request = Reserve { key: Some("k".to_owned()), still_held: true, ..asks(4) };
        ledger::reserve(&bed.portcullis, request).await
    };
    let held = again().await.unwrap();
    bed.clock.forward(299);
    assert_eq!(again().await.unwrap(), held);
    bed.clock.forward(1);
    let over = again().await;
    assert!(matches!(over, Err(CreditError::IdempotencyConflict)), "{over:?}");
}
