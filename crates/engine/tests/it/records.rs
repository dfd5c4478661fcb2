//! The life of records, groups and claims.

use std::collections::BTreeSet;

use portcullis::{Error, UnmodifiedSince, group, record, resource};
use portcullis_types::Timestamp;
use portcullis_types::authress::{AccessRecord, RecordStatus};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bed::{Bed, on_both, user};
use crate::make::{
    body, configure, give, group as make_group, record as record_body, role as make_role, statement, users,
};

on_both!(
    a_deleted_record_can_be_read_and_created_again_and_nothing_else,
    what_was_written_comes_back_in_order_and_spelling,
    an_update_is_refused_when_the_record_changed_as_far_as_the_instant_can_tell,
    changes_have_instants_of_whole_milliseconds_one_after_another,
    limits_are_refused_with_their_path_and_large_documents_as_too_large,
    admins_are_the_creator_by_default_and_stay_when_absent,
    of_parallel_creates_of_one_id_exactly_one_wins,
    of_parallel_claims_of_one_resource_exactly_one_wins,
    a_claim_makes_the_caller_owner_and_admin_of_one_new_resource,
    parallel_updates_with_one_instant_let_one_through,
    az_09_groups_are_flat,
);

async fn reader(bed: &Bed) {
    make_role(&bed.portcullis, &bed.owner, "read", &[("read", "a")]).await;
}

async fn a_deleted_record_can_be_read_and_created_again_and_nothing_else(bed: Bed) {
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let first = give(node, owner, "rec", "alice", (&["read"], &["docs"])).await;
    let again = record::create(node, owner, record_body("rec", "bob", &["read"], &["docs"])).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert!(bed.may("alice", "read", "docs").await && !bed.may("bob", "read", "docs").await);
    record::delete(node, owner, "rec").await.unwrap();
    let deleted = record::show(node, owner, "rec").await.unwrap();
    assert_eq!((deleted.status, &deleted.statements), (Some(RecordStatus::Deleted), &first.statements));
    assert!(!bed.may("alice", "read", "docs").await);
    assert!(matches!(record::delete(node, owner, "rec").await, Err(Error::NotFound(_))));
    let update =
        record::update(node, owner, "rec", record_body("rec", "alice", &["read"], &["docs"]), None).await;
    assert!(matches!(update, Err(Error::NotFound(_))), "{update:?}");
    let anew = give(node, owner, "rec", "bob", (&["read"], &["docs"])).await;
    assert_eq!(anew.status, Some(RecordStatus::Active));
    assert!(
        first.last_updated < deleted.last_updated && deleted.last_updated < anew.last_updated,
        "without the clock moving"
    );
    assert!(!bed.may("alice", "read", "docs").await && bed.may("bob", "read", "docs").await);
}

async fn what_was_written_comes_back_in_order_and_spelling(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let written = json!({
        "recordId": "A:acc:U:user|~", "name": "Ünïcode ✓", "description": "",
        "users": users(&["zoe", "Authress:ServiceClients/sc_1", "adam", "zoe", "auth0|x@y"]),
        "admins": users(&["b", "a"]),
        "groups": [{"groupId": "grp_z"}, {"groupId": "grp_a"}],
        "statements": [
            {"roles": ["r2", "r1", "r2"], "resources": [{"resourceUri": "/z/"}, {"resourceUri": "a/*"}, {"resourceUri": "z"}]},
            {"roles": ["r"], "resources": [{"resourceUri": "/"}], "users": users(&["y", "x"]), "groups": [{"groupId": "grp_b"}]},
        ],
        "tags": {"b": "2", "a": "1"},
    });
    let created = record::create(node, owner, body(written.clone())).await.unwrap();
    let updated = record::update(node, owner, "A:acc:U:user|~", body(written.clone()), None).await.unwrap();
    for told in [created, updated, record::show(node, owner, "A:acc:U:user|~").await.unwrap()] {
        let told = serde_json::to_value(told).unwrap();
        for (name, value) in written.as_object().unwrap() {
            assert_eq!(&told[name], value, "{name}");
        }
    }
}

async fn an_update_is_refused_when_the_record_changed_as_far_as_the_instant_can_tell(bed: Bed) {
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    bed.clock.forward_micros(123_456);
    let made = give(node, owner, "rec", "alice", (&["read"], &["docs"])).await;
    make_group(node, owner, "grp_1", &[]).await;
    let at = made.last_updated.unwrap();
    assert_eq!(at.micros() % 1_000_000, 123_000);
    let since = |micros: i64, precision: i64| {
        Some(UnmodifiedSince { at: Timestamp::from_micros(at.micros() + micros), precision })
    };
    let second = -(at.micros() % 1_000_000);
    let refused =
        [since(second - 1_000_000, 1_000_000), since(-1_000, 1_000), since(-1, 1), since(-1_000_000, 1)];
    let body_now = || record_body("rec", "alice", &["read"], &["docs"]);
    for expected in refused {
        let update = record::update(node, owner, "rec", body_now(), expected).await;
        assert!(
            matches!(update, Err(Error::ChangedSince { last_updated }) if last_updated == at),
            "{expected:?}: {update:?}"
        );
        let update = group::update(node, owner, "grp_1", body(json!({"name": "n"})), expected).await;
        assert!(matches!(update, Err(Error::ChangedSince { .. })), "{expected:?}: {update:?}");
    }
    let passed = [since(second, 1_000_000), since(0, 1_000), since(0, 1), since(5_000_000, 1), None];
    for (number, expected) in passed.into_iter().enumerate() {
        let fresh = format!("rec_{number}");
        let made = give(node, owner, &fresh, "alice", (&["read"], &["docs"])).await;
        assert_eq!(made.last_updated, Some(at));
        let changed = record_body(&fresh, "bob", &["read"], &["docs"]);
        record::update(node, owner, &fresh, changed, expected).await.unwrap();
    }
}

async fn changes_have_instants_of_whole_milliseconds_one_after_another(bed: Bed) {
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let mut last = give(node, owner, "rec", "alice", (&["read"], &["docs"])).await.last_updated.unwrap();
    for micros in [0, 0, 1, 998, 1, 1_500, -50_000, 0, 60_000] {
        bed.clock.forward_micros(micros);
        let body = record_body("rec", "alice", &["read"], &["docs"]);
        let at = record::update(node, owner, "rec", body, None).await.unwrap().last_updated.unwrap();
        assert!(at > last && at.micros() % 1_000 == 0, "{at} after {last}");
        assert_eq!(record::show(node, owner, "rec").await.unwrap().last_updated, Some(at));
        last = at;
    }
}

async fn limits_are_refused_with_their_path_and_large_documents_as_too_large(bed: Bed) {
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let create = async |made: Value| record::create(node, owner, body(made)).await;
    let of = |statements: Vec<Value>| json!({"recordId": "rec", "name": "n", "users": users(&["x"]), "statements": statements});
    let full = || statement(&["read"], &["docs"]);
    let ids = |number: usize| (0..number).map(|n| format!("u{n}")).collect::<Vec<_>>();
    let people =
        |number: usize| json!(ids(number).iter().map(|id| json!({"userId": id})).collect::<Vec<_>>());
    let bad = [
        ("statements", of(vec![])),
        ("statements", of(vec![full(); 101])),
        ("statements[1].roles", of(vec![full(), json!({"roles": [], "resources": [{"resourceUri": "a"}]})])),
        (
            "statements[0].roles",
            of(vec![json!({"roles": vec!["read"; 101], "resources": [{"resourceUri": "a"}]})]),
        ),
        (
            "statements[0].resources",
            of(vec![json!({"roles": ["read"], "resources": vec![json!({"resourceUri": "a"}); 101]})]),
        ),
        ("statements[0].resources[0].resourceUri", of(vec![statement(&["read"], &["a//b"])])),
        (
            "statements[0].users",
            of(vec![json!({"roles": ["read"], "resources": [{"resourceUri": "a"}], "users": people(101)})]),
        ),
        ("users", json!({"name": "n", "users": people(1001), "statements": [full()]})),
        ("users[1].userId", json!({"name": "n", "users": users(&["x", "a b"]), "statements": [full()]})),
        ("admins", json!({"name": "n", "admins": people(101), "statements": [full()]})),
        ("recordId", json!({"recordId": "a/b", "name": "n", "statements": [full()]})),
        ("name", json!({"name": "", "statements": [full()]})),
        ("name", json!({"name": "n".repeat(129), "statements": [full()]})),
        ("tags.t", json!({"name": "n", "tags": {"t": "v".repeat(129)}, "statements": [full()]})),
    ];
    for (field, made) in bad {
        let refused = create(made).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(error)) if error.field == field),
            "{field}: {refused:?}"
        );
    }
    let most =
        json!({"recordId": "rec_full", "name": "n", "users": people(1000), "statements": vec![full(); 100]});
    let stored = create(most).await.unwrap();
    assert!(stored.statements.len() == 100 && stored.capacity.unwrap() > 0.2, "{:?}", stored.capacity);
    let uris: Vec<String> = (0..100).map(|n| format!("{n:0>4}{}", "x".repeat(100))).collect();
    let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
    let large = of(vec![statement(&["read"], &uris); 10]);
    assert!(matches!(create(large.clone()).await, Err(Error::TooLarge(_))));
    give(node, owner, "rec", "x", (&["read"], &["docs"])).await;
    assert!(matches!(record::update(node, owner, "rec", body(large), None).await, Err(Error::TooLarge(_))));
    let tags: serde_json::Map<_, _> =
        (0..100).map(|n| (format!("{n:😀<128}"), json!("😀".repeat(128)))).collect();
    let large = json!({"groupId": "grp_l", "name": "n", "tags": tags});
    assert!(matches!(group::create(node, owner, body(large.clone())).await, Err(Error::TooLarge(_))));
    make_group(node, owner, "grp_l", &[]).await;
    assert!(matches!(group::update(node, owner, "grp_l", body(large), None).await, Err(Error::TooLarge(_))));
}

async fn admins_are_the_creator_by_default_and_stay_when_absent(bed: Bed) {
    make_role(&bed.portcullis, &bed.owner, "granter", &[("read", "ag")]).await;
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    give(node, owner, "rec_ann", "ann", (&["granter"], &["docs"])).await;
    let ann = user("ann");
    let ids =
        |record: &AccessRecord| record.admins.iter().map(|admin| admin.user_id.clone()).collect::<Vec<_>>();
    let made = give(node, &ann, "rec", "x", (&["read"], &["docs"])).await;
    assert_eq!(ids(&made), ["ann"]);
    let updated = record::update(node, owner, "rec", record_body("rec", "y", &["read"], &["docs"]), None)
        .await
        .unwrap();
    assert_eq!(ids(&updated), ["ann"], "not the editor");
    let none = json!({"name": "n", "admins": [], "users": users(&["y"]), "statements": [statement(&["read"], &["docs"])]});
    assert!(ids(&record::update(node, owner, "rec", body(none), None).await.unwrap()).is_empty());
    assert!(record::show(node, &ann, "rec").await.is_err());
    let grouped = make_group(node, owner, "grp_1", &["x"]).await;
    assert_eq!(grouped.admins[0].user_id, owner.name());
    let grouped = group::update(node, owner, "grp_1", body(json!({"name": "n"})), None).await.unwrap();
    assert!(grouped.admins[0].user_id == owner.name() && grouped.users.is_empty());
}

async fn of_parallel_creates_of_one_id_exactly_one_wins(bed: Bed) {
    reader(&bed).await;
    for round in 0..2 {
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let (node, owner) = (bed.portcullis.clone(), bed.owner.clone());
            tasks.spawn(async move {
                let made = record_body("rec", &format!("user-{number}"), &["read"], &["docs"]);
                record::create(&node, &owner, made).await.map(|made| made.users[0].user_id.clone())
            });
        }
        let made = tasks.join_all().await;
        assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(Error::Conflict(_)))), "{made:?}");
        let won: Vec<String> = made.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        for number in 0..20 {
            let id = format!("user-{number}");
            assert_eq!(bed.may(&id, "read", "docs").await, won[0] == id);
        }
        // The second round is over a deleted record.
        record::delete(&bed.portcullis, &bed.owner, "rec").await.unwrap();
    }
}

async fn of_parallel_claims_of_one_resource_exactly_one_wins(bed: Bed) {
    configure(&bed.portcullis, &bed.owner, "col", "CLAIM", true).await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let mut tasks = JoinSet::new();
    for number in 0..20usize {
        let node = nodes[number % 2].clone();
        tasks.spawn(async move {
            let spelling = ["col", "/col", "col/", "/col/"][number % 4];
            let wanted = body(json!({"collectionResource": spelling, "resourceId": "mine"}));
            resource::claim(&node, &user(&format!("user-{number}")), wanted).await.map(|_| number)
        });
    }
    let claimed = tasks.join_all().await;
    assert!(claimed.iter().all(|one| matches!(one, Ok(_) | Err(Error::Conflict(_)))), "{claimed:?}");
    let won: Vec<usize> = claimed.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let owners = async |node| {
        let mut owners = BTreeSet::new();
        for number in 0..20 {
            if crate::bed::may(node, &format!("user-{number}"), "anything", "col/mine/x").await {
                owners.insert(number);
            }
        }
        owners
    };
    assert_eq!(owners(&nodes[won[0] % 2]).await, BTreeSet::from([won[0]]));
}

async fn a_claim_makes_the_caller_owner_and_admin_of_one_new_resource(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let claim = async |who: &str, collection: &str, id: &str| {
        resource::claim(node, &user(who), body(json!({"collectionResource": collection, "resourceId": id})))
            .await
    };
    assert!(matches!(claim("alice", "col", "1").await, Err(Error::Forbidden { .. })), "not configured");
    configure(node, owner, "col", "CLAIM", true).await;
    let made = claim("alice", "col", "1").await.unwrap();
    assert!(
        bed.may("alice", "x", "col/1/y").await
            && !bed.may("alice", "x", "col").await
            && !bed.may("alice", "x", "col/2").await
    );
    let told = record::show(node, &user("alice"), &made.record_id).await.unwrap();
    assert_eq!(
        (told.admins[0].user_id.as_str(), told.statements[0].resources[0].resource_uri.as_str()),
        ("alice", "col/1")
    );
    assert!(matches!(claim("bob", "col", "1").await, Err(Error::Conflict(_))), "taken");
    reader(&bed).await;
    give(node, owner, "rec", "carl", (&["read"], &["col/3"])).await;
    assert!(matches!(claim("bob", "col", "3").await, Err(Error::Conflict(_))), "somebody has access to it");
    for (collection, id) in [
        ("col", "*"),
        ("col", "a/b"),
        ("col", ""),
        ("col", "a b"),
        ("*", "x"),
        ("col/*", "x"),
        ("/", "x"),
        ("", "x"),
        ("col", "/1"),
        ("col", "x/"),
    ] {
        assert!(matches!(claim("bob", collection, id).await, Err(Error::Invalid(_))), "{collection} {id}");
    }
    assert!(
        matches!(claim("bob", "col/sub", "x").await, Err(Error::Forbidden { .. })),
        "only this collection"
    );
    record::delete(node, &user("alice"), &made.record_id).await.unwrap();
    claim("bob", "col", "1").await.unwrap();
    assert!(bed.may("bob", "x", "col/1").await && !bed.may("alice", "x", "col/1").await);
    configure(node, owner, "col", "CLAIM", false).await;
    assert!(matches!(claim("bob", "col", "9").await, Err(Error::Forbidden { .. })), "closed again");
    give(node, owner, "rec_olga", "olga", (&["Authress:Owner"], &["col/*"])).await;
    assert!(claim("olga", "col", "9").await.is_ok(), "could hand it out anyway");
}

async fn parallel_updates_with_one_instant_let_one_through(bed: Bed) {
    reader(&bed).await;
    let made = give(&bed.portcullis, &bed.owner, "rec", "alice", (&["read"], &["docs"])).await;
    let since = UnmodifiedSince { at: made.last_updated.unwrap(), precision: 1_000 };
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let (node, owner) = (bed.portcullis.clone(), bed.owner.clone());
        tasks.spawn(async move {
            let made = record_body("rec", &format!("user-{number}"), &["read"], &["docs"]);
            record::update(&node, &owner, "rec", made, Some(since)).await.map(|_| ())
        });
    }
    let done = tasks.join_all().await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert!(done.iter().all(|done| matches!(done, Ok(()) | Err(Error::ChangedSince { .. }))), "{done:?}");
}

/// There are no cycles to end: a group's id in the place of a user is a user of that name.
async fn az_09_groups_are_flat(bed: Bed) {
    reader(&bed).await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_group(node, owner, "grp_inner", &["alice", "grp_outer"]).await;
    make_group(node, owner, "grp_outer", &["grp_inner", "grp_outer"]).await;
    let made = json!({"name": "n", "groups": [{"groupId": "grp_outer"}], "statements": [statement(&["read"], &["docs"])]});
    record::create(node, owner, body(made)).await.unwrap();
    give(node, owner, "rec", "grp_inner", (&["read"], &["plans"])).await;
    assert!(!bed.may("alice", "read", "docs").await && !bed.may("alice", "read", "plans").await);
    assert!(bed.may("grp_inner", "read", "docs").await, "a user of that name");
}
