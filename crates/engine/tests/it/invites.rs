//! Invites and access requests: how somebody without a right comes to one.

use portcullis::{Error, PageRequest, Result, invite, record, request};
use portcullis_types::authress::RequestDecision::{Approved, Denied};
use portcullis_types::authress::{
    AccessRecord, AccessRequest, AccessRequestResponse, Invite, RequestDecision, RequestStatus,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bed::{Bed, START, on_both, user};
use crate::make::{body, role as make_role, statement, users};

on_both!(
    each_strategy_does_to_an_earlier_record_what_it_says,
    an_invite_ends_at_its_expiry,
    an_invite_that_is_linked_is_for_one_user,
    of_parallel_acceptances_exactly_one_wins,
    an_invite_is_withdrawn_by_whoever_made_it,
    an_approved_request_becomes_a_record_once,
    a_request_is_denied_or_withdrawn_once,
    of_parallel_answers_exactly_one_wins,
    what_cannot_be_asked_for_is_unprocessable,
    tk_19_the_id_of_an_invite_is_not_in_the_database_and_no_other_form_of_it_works,
);

async fn invite_to(bed: &Bed, strategy: Option<&str>, uri: &str) -> Invite {
    let mut made = json!({"statements": [statement(&["read"], &[uri])]});
    if let Some(strategy) = strategy {
        made["conflictResolutionStrategy"] = strategy.into();
    }
    invite::create(&bed.portcullis, &bed.owner, body(made)).await.unwrap()
}

async fn reader(bed: &Bed) {
    make_role(&bed.portcullis, &bed.owner, "read", &[("read", "a")]).await;
}

async fn records_of(bed: &Bed, who: &str) -> Vec<AccessRecord> {
    let named = PageRequest { filter: Some(who.to_owned()), ..PageRequest::first(20) };
    record::list(&bed.portcullis, &bed.owner, named, None).await.unwrap().items
}

async fn each_strategy_does_to_an_earlier_record_what_it_says(bed: Bed) {
    reader(&bed).await;
    let node = &bed.portcullis;
    let cases = [
        (None, true, true, 2),
        (Some("GENERATE_NEW_RECORD"), true, true, 2),
        (Some("UNSAFE_FORCE_MERGE"), true, true, 1),
        (Some("SKIP_CHANGES"), true, false, 1),
        (Some("REPLACE_RECORD_DATA"), false, true, 1),
    ];
    for (index, (strategy, first, second, records)) in cases.into_iter().enumerate() {
        let guest = format!("guest-{index}");
        for uri in ["a", "b"] {
            let made = invite_to(&bed, strategy, uri).await;
            let account = invite::respond(node, &user(&guest), &made.invite_id).await.unwrap();
            assert_eq!(account.account_id, node.account().account_id);
        }
        assert_eq!(bed.may(&guest, "read", "a").await, first, "{strategy:?}");
        assert_eq!(bed.may(&guest, "read", "b").await, second, "{strategy:?}");
        let made = records_of(&bed, &guest).await;
        assert_eq!(made.len(), records, "{strategy:?}");
        assert!(made.iter().all(|one| one.admins[0].user_id == bed.owner.name()), "the inviter");
    }
    // A record that was deleted meanwhile is not merged with: access begins anew.
    let made = records_of(&bed, "guest-2").await;
    record::delete(node, &bed.owner, &made[0].record_id).await.unwrap();
    let again = invite_to(&bed, Some("UNSAFE_FORCE_MERGE"), "c").await;
    invite::respond(node, &user("guest-2"), &again.invite_id).await.unwrap();
    assert!(bed.may("guest-2", "read", "c").await && !bed.may("guest-2", "read", "a").await);
    // Without statements there is nothing to and no record.
    let empty = invite::create(node, &user("anybody"), body(json!({"statements": []}))).await.unwrap();
    invite::respond(node, &user("guest-9"), &empty.invite_id).await.unwrap();
    assert!(records_of(&bed, "guest-9").await.is_empty());
}

fn gone<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotFound(_)))
}

async fn an_invite_ends_at_its_expiry(bed: Bed) {
    reader(&bed).await;
    let node = &bed.portcullis;
    for (secs, accepted) in
        [(5 * 60, true), (30 * 86_400, true), (5 * 60 - 1, false), (30 * 86_400 + 1, false), (-1, false)]
    {
        let made = json!({"statements": [], "expiryTime": START.plus_secs(secs).to_string()});
        let made = invite::create(node, &bed.owner, body(made)).await;
        let refused = matches!(&made, Err(Error::Invalid(error)) if error.field == "expiryTime");
        assert!(if accepted { made.is_ok() } else { refused }, "{secs}: {made:?}");
    }
    let week = invite_to(&bed, None, "a").await;
    assert_eq!(week.expiry_time, Some(START.plus_secs(7 * 86_400)));
    let last_moment = invite_to(&bed, None, "a").await;
    bed.clock.forward(7 * 86_400 - 1);
    invite::respond(node, &user("in-time"), &last_moment.invite_id).await.unwrap();
    bed.clock.forward(1);
    let late = invite::respond(node, &user("late"), &week.invite_id).await;
    assert!(gone(&late), "{late:?}");
    assert!(bed.may("in-time", "read", "a").await && !bed.may("late", "read", "a").await);
}

async fn an_invite_that_is_linked_is_for_one_user(bed: Bed) {
    reader(&bed).await;
    let node = &bed.portcullis;
    let made = json!({"statements": [statement(&["read"], &["a"])], "linkedUserId": "alice"});
    let made = invite::create(node, &bed.owner, body(made)).await.unwrap();
    let id = made.invite_id.as_str();
    assert!(
        gone(&invite::show(node, &user("bob"), id).await)
            && gone(&invite::respond(node, &user("bob"), id).await)
    );
    assert_eq!(invite::show(node, &user("alice"), id).await.unwrap(), made);
    invite::respond(node, &user("alice"), id).await.unwrap();
    assert!(bed.may("alice", "read", "a").await && !bed.may("bob", "read", "a").await);
    assert!(gone(&invite::respond(node, &user("alice"), id).await), "once");
}

async fn of_parallel_acceptances_exactly_one_wins(bed: Bed) {
    reader(&bed).await;
    let made = invite_to(&bed, None, "a").await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let mut tasks = JoinSet::new();
    for number in 0..20usize {
        let (node, id) = (nodes[number % 2].clone(), made.invite_id.clone());
        tasks.spawn(async move {
            invite::respond(&node, &user(&format!("guest-{number}")), &id).await.map(|_| number)
        });
    }
    let accepted = tasks.join_all().await;
    assert!(accepted.iter().all(|one| matches!(one, Ok(_) | Err(Error::NotFound(_)))), "{accepted:?}");
    let won: Vec<usize> = accepted.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(
        bed.number("SELECT COUNT(*) FROM pc_record").await,
        2,
        "the owner's, and the one of the winner"
    );
}

async fn an_invite_is_withdrawn_by_whoever_made_it(bed: Bed) {
    let node = &bed.portcullis;
    let made = invite::create(node, &user("ann"), body(json!({"statements": []}))).await.unwrap();
    assert!(gone(&invite::delete(node, &user("bob"), &made.invite_id).await));
    invite::delete(node, &user("ann"), &made.invite_id).await.unwrap();
    assert!(gone(&invite::delete(node, &user("ann"), &made.invite_id).await));
    assert!(gone(&invite::respond(node, &user("bob"), &made.invite_id).await));
    assert!(gone(&invite::show(node, &user("ann"), &made.invite_id).await));
}

async fn ask(bed: &Bed, uri: &str) -> AccessRequest {
    let asked = json!({"access": {"users": users(&["alice", "bob"]), "statements": [statement(&["read"], &[uri])]}, "tags": {"t": "v"}});
    request::create(&bed.portcullis, &user("alice"), body(asked)).await.unwrap()
}

async fn answer(bed: &Bed, id: &str, status: RequestDecision) -> Result<AccessRequest> {
    request::respond(&bed.portcullis, &bed.owner, id, AccessRequestResponse { status }).await
}

async fn an_approved_request_becomes_a_record_once(bed: Bed) {
    reader(&bed).await;
    let asked = ask(&bed, "docs").await;
    assert_eq!(asked.status, Some(RequestStatus::Open));
    assert!(!bed.may("alice", "read", "docs").await);
    let answered = answer(&bed, &asked.request_id, Approved).await.unwrap();
    assert_eq!(
        (answered.status, &answered.access, &answered.tags),
        (Some(RequestStatus::Approved), &asked.access, &asked.tags)
    );
    assert!(answered.last_updated > asked.last_updated);
    assert!(bed.may("alice", "read", "docs").await && bed.may("bob", "read", "docs").await);
    let made = records_of(&bed, "alice").await;
    assert_eq!((made.len(), made[0].admins[0].user_id.as_str()), (1, bed.owner.name()));
    for again in [Approved, Denied] {
        assert!(matches!(answer(&bed, &asked.request_id, again).await, Err(Error::Conflict(_))));
    }
    assert_eq!(records_of(&bed, "alice").await.len(), 1);
    // Withdrawn afterwards, what it granted stays.
    request::delete(&bed.portcullis, &user("alice"), &asked.request_id).await.unwrap();
    assert!(bed.may("alice", "read", "docs").await);
}

async fn a_request_is_denied_or_withdrawn_once(bed: Bed) {
    reader(&bed).await;
    let node = &bed.portcullis;
    let (denied, withdrawn): (AccessRequest, AccessRequest) =
        (ask(&bed, "docs").await, ask(&bed, "docs").await);
    let answered = answer(&bed, &denied.request_id, Denied).await.unwrap();
    assert_eq!(answered.status, Some(RequestStatus::Denied));
    request::delete(node, &user("alice"), &withdrawn.request_id).await.unwrap();
    assert!(gone(&request::delete(node, &user("alice"), &withdrawn.request_id).await));
    for asked in [&denied, &withdrawn] {
        assert!(matches!(answer(&bed, &asked.request_id, Approved).await, Err(Error::Conflict(_))));
    }
    assert!(records_of(&bed, "alice").await.is_empty() && !bed.may("alice", "read", "docs").await);
    let told = request::show(node, &user("alice"), &withdrawn.request_id).await.unwrap();
    assert_eq!(told.status, Some(RequestStatus::Deleted));
    let listed = async |status| {
        let all = request::list(node, &user("alice"), PageRequest::first(20), status).await.unwrap();
        all.items.into_iter().map(|one| one.request_id).collect::<Vec<_>>()
    };
    assert_eq!(listed(Some(RequestStatus::Denied)).await, [&*denied.request_id]);
    assert_eq!(listed(Some(RequestStatus::Deleted)).await, [&*withdrawn.request_id]);
    assert!(listed(Some(RequestStatus::Open)).await.is_empty());
    assert_eq!(listed(None).await.len(), 2);
}

async fn of_parallel_answers_exactly_one_wins(bed: Bed) {
    reader(&bed).await;
    let asked = ask(&bed, "docs").await;
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let (node, owner, id) = (bed.portcullis.clone(), bed.owner.clone(), asked.request_id.clone());
        let status = if number % 2 == 0 { Approved } else { Denied };
        tasks.spawn(async move {
            request::respond(&node, &owner, &id, AccessRequestResponse { status }).await.map(|one| one.status)
        });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|one| matches!(one, Ok(_) | Err(Error::Conflict(_)))), "{answers:?}");
    let won: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(bed.may("alice", "read", "docs").await, won[0] == Some(RequestStatus::Approved));
}

async fn what_cannot_be_asked_for_is_unprocessable(bed: Bed) {
    let bad: [(&str, Value); 4] = [
        ("access.users", json!({"users": [], "statements": [statement(&["r"], &["a"])]})),
        ("access.statements", json!({"users": users(&["x"]), "statements": []})),
        (
            "access.statements[0].resources[0].resourceUri",
            json!({"users": users(&["x"]), "statements": [statement(&["r"], &["a//b"])]}),
        ),
        (
            "access.users[0].userId",
            json!({"users": users(&["a b"]), "statements": [statement(&["r"], &["a"])]}),
        ),
    ];
    for (field, access) in bad {
        let refused = request::create(&bed.portcullis, &user("alice"), body(json!({"access": access}))).await;
        assert!(
            matches!(&refused, Err(Error::Unprocessable(error)) if error.field == field),
            "{field}: {refused:?}"
        );
    }
}

async fn tk_19_the_id_of_an_invite_is_not_in_the_database_and_no_other_form_of_it_works(bed: Bed) {
    reader(&bed).await;
    let node = &bed.portcullis;
    let id = invite_to(&bed, None, "a").await.invite_id;
    let mut stored = node.store().read().await.unwrap();
    assert!(stored.queries().invite(&id).await.unwrap().is_none());
    drop(stored);
    for other in [&id[..id.len() - 1], &format!("{id}a"), &id.to_uppercase()] {
        let refused = invite::respond(node, &user("guest"), other).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    }
    assert_eq!(invite::show(node, &bed.owner, &id).await.unwrap().invite_id, id);
    invite::respond(node, &user("guest"), &id).await.unwrap();
}
