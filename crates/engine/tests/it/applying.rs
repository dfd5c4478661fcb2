//! `apply`: what is described is made, all of it or nothing, and a second time nothing is left to do.

use portcullis::apply::{Applied, ApplyDocument, apply};
use portcullis::jose::AccessKey;
use portcullis::{Error, Result, client, group, record, resource, role, user};
use serde_json::{Value, json};

use crate::bed::{Bed, Seeded, on_both, sender, within_a_second};
use crate::make::{body, line, statement, users};

on_both!(
    what_is_described_is_made_and_changed_and_then_left_alone,
    a_dry_run_says_the_same_and_writes_nothing,
    an_error_names_its_place_and_leaves_nothing_behind,
    what_a_document_does_not_name_stays,
    a_key_is_added_or_replaced_and_counts_at_once,
);

fn document(key: &AccessKey) -> Value {
    json!({
        "users": [{"userId": "alice", "name": "Alice", "email": "a@b"}],
        "clients": [{"clientId": "sc_app", "name": "App", "options": {"grantUserPermissionsAccess": true},
            "publicKeys": [{"keyId": "main", "publicKey": key.verifying_key().spki_base64()}]}],
        "roles": [{"roleId": "read", "name": "Reader", "permissions": [line("read", "a")]}],
        "groups": [{"groupId": "grp_staff", "name": "Staff", "users": users(&["alice"])}],
        "records": [
            {"recordId": "rec_1", "name": "one", "groups": [{"groupId": "grp_staff"}], "statements": [statement(&["read"], &["docs"])]},
            {"recordId": "rec_2", "name": "two", "users": users(&["bob"]), "statements": [statement(&["read"], &["/plans/"])]},
        ],
        "resources": [{"resourceUri": "/open/", "permissions": [{"action": "PUBLIC", "allow": true}]}],
    })
}

fn app_key(bed: &Bed, seed: u64) -> AccessKey {
    AccessKey::generate("sc_app", "main", &bed.portcullis.account().account_id, &Seeded::new(seed)).unwrap()
}

async fn run(bed: &Bed, document: &Value, dry_run: bool) -> Result<Vec<Applied>> {
    apply(&bed.portcullis, &bed.owner, body::<ApplyDocument>(document.clone()), dry_run).await
}

fn lines(applied: &[Applied]) -> Vec<String> {
    applied.iter().map(ToString::to_string).collect()
}

const EVERYTHING: [&str; 7] = [
    "role read",
    "user alice",
    "client sc_app",
    "group grp_staff",
    "resource open",
    "record rec_1",
    "record rec_2",
];

fn each(verb: &str) -> Vec<String> {
    EVERYTHING.iter().map(|what| format!("{verb} {what}")).collect()
}

async fn rows(bed: &Bed) -> i64 {
    let mut all = 0;
    for table in [
        "pc_user",
        "pc_client",
        "pc_access_key",
        "pc_role",
        "pc_group",
        "pc_record",
        "pc_resource_config",
        "pc_audit",
        "pc_change",
        "pc_grant_resource",
    ] {
        all = all * 50 + bed.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    all
}

async fn what_is_described_is_made_and_changed_and_then_left_alone(bed: Bed) {
    let key = app_key(&bed, 5);
    let mut wanted = document(&key);
    assert!(!bed.may("alice", "read", "docs").await);
    assert_eq!(lines(&run(&bed, &wanted, false).await.unwrap()), each("create"));
    for (who, resource) in [("alice", "docs/1"), ("bob", "plans"), ("anybody", "open/x")] {
        assert!(bed.may(who, "read", resource).await, "{who} on {resource}: at once");
    }
    let token = key.mint_client_token(crate::bed::URL, bed.portcullis.now(), 60).unwrap();
    assert!(sender(&bed.portcullis, &token).await.is_ok());
    bed.clock.forward(60);
    let written = record::show(&bed.portcullis, &bed.owner, "rec_1").await.unwrap();
    assert_eq!(lines(&run(&bed, &wanted, false).await.unwrap()), each("unchanged"));
    assert_eq!(
        record::show(&bed.portcullis, &bed.owner, "rec_1").await.unwrap(),
        written,
        "not even its instant"
    );
    wanted["roles"][0]["permissions"] = json!([line("write", "a")]);
    wanted["users"][0]["name"] = json!("Alicia");
    wanted["clients"][0]["name"] = json!("Application");
    wanted["groups"][0]["users"] = users(&["carl"]);
    wanted["resources"][0]["permissions"][0]["allow"] = json!(false);
    wanted["records"][0]["name"] = json!("other");
    wanted["records"][1]["users"] = users(&["dora"]);
    assert_eq!(lines(&run(&bed, &wanted, false).await.unwrap()), each("update"));
    for (who, action, resource, expected) in [
        ("carl", "write", "docs", true),
        ("carl", "read", "docs", false),
        ("alice", "write", "docs", false),
        ("dora", "write", "plans", true),
        ("bob", "write", "plans", false),
        ("x", "read", "open", false),
    ] {
        assert_eq!(bed.may(who, action, resource).await, expected, "{who} {action} {resource}");
    }
    record::delete(&bed.portcullis, &bed.owner, "rec_2").await.unwrap();
    let again = lines(&run(&bed, &wanted, false).await.unwrap());
    assert_eq!(again[6], "create record rec_2");
    assert!(bed.may("dora", "write", "plans").await);
}

async fn a_dry_run_says_the_same_and_writes_nothing(bed: Bed) {
    let wanted = document(&app_key(&bed, 5));
    let before = rows(&bed).await;
    assert_eq!(lines(&run(&bed, &wanted, true).await.unwrap()), each("create"));
    assert_eq!(rows(&bed).await, before);
    assert!(!bed.may("bob", "read", "plans").await);
    run(&bed, &wanted, false).await.unwrap();
    let before = rows(&bed).await;
    assert_eq!(lines(&run(&bed, &wanted, true).await.unwrap()), each("unchanged"));
    assert_eq!(rows(&bed).await, before);
}

async fn an_error_names_its_place_and_leaves_nothing_behind(bed: Bed) {
    let good = document(&app_key(&bed, 5));
    let before = rows(&bed).await;
    let bad: [(&str, &str, Value); 16] = [
        ("records[1].statements[0].roles", "/records/1/statements/0/roles", json!([])),
        (
            "records[1].statements[0].resources[0].resourceUri",
            "/records/1/statements/0/resources/0/resourceUri",
            json!("a//b"),
        ),
        ("records[1].recordId", "/records/1/recordId", Value::Null),
        ("records[0].recordId", "/records/0/recordId", json!("a\0b")),
        ("records[0].name", "/records/0/name", json!("")),
        ("groups[0].groupId", "/groups/0/groupId", json!("staff")),
        ("groups[0].groupId", "/groups/0/groupId", json!("a\0")),
        ("groups[0].users[0].userId", "/groups/0/users/0/userId", json!("a b")),
        ("roles[0].permissions[0].action", "/roles/0/permissions/0/action", json!("a::b")),
        ("roles[0].roleId", "/roles/0/roleId", json!("a\0b")),
        ("users[0].userId", "/users/0/userId", json!("a\0b")),
        ("users[0].name", "/users/0/name", json!("a\0b")),
        ("clients[0].clientId", "/clients/0/clientId", json!("a/b")),
        ("clients[0].publicKeys[0].publicKey", "/clients/0/publicKeys/0/publicKey", json!("AAAA")),
        ("resources[0].resourceUri", "/resources/0/resourceUri", json!("a b")),
        ("resources[0].permissions", "/resources/0/permissions", json!([])),
    ];
    for (field, place, value) in bad {
        let mut wanted = good.clone();
        *wanted.pointer_mut(place).unwrap() = value;
        let refused = run(&bed, &wanted, false).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(error)) if error.field == field),
            "{field}: {refused:?}"
        );
    }
    let mut built_in = good.clone();
    built_in["roles"][0]["roleId"] = json!("Authress:Owner");
    assert!(matches!(run(&bed, &built_in, false).await, Err(Error::Conflict(_))));
    // Within every limit of its own, and more than 100 KB together.
    let tags: serde_json::Map<_, _> =
        (0..100).map(|n| (format!("{n:😀<128}"), json!("😀".repeat(128)))).collect();
    let mut large = good.clone();
    large["groups"][0]["tags"] = tags.into();
    let refused = run(&bed, &large, false).await;
    assert!(matches!(refused, Err(Error::TooLarge(_))), "{refused:?}");
    let refused = group::create(&bed.portcullis, &bed.owner, body(large["groups"][0].clone())).await;
    assert!(matches!(refused, Err(Error::TooLarge(_))), "{refused:?}");
    assert_eq!(rows(&bed).await, before, "nothing of all this is there");
    assert!(
        user::show(&bed.portcullis, &bed.owner, "alice").await.is_err()
            && role::show(&bed.portcullis, &bed.owner, "read").await.is_err()
    );
}

async fn what_a_document_does_not_name_stays(bed: Bed) {
    run(&bed, &document(&app_key(&bed, 5)), false).await.unwrap();
    let admins = json!({"name": "two", "admins": users(&["adam"]), "users": users(&["bob"]), "statements": [statement(&["read"], &["/plans/"])]});
    record::update(&bed.portcullis, &bed.owner, "rec_2", body(admins), None).await.unwrap();
    let lesser = json!({"clients": [{"clientId": "sc_app", "name": "App"}],
        "records": [{"recordId": "rec_2", "name": "two", "users": users(&["bob"]), "statements": [statement(&["read"], &["/plans/"])]}]});
    assert_eq!(
        lines(&run(&bed, &lesser, false).await.unwrap()),
        ["unchanged client sc_app", "unchanged record rec_2"]
    );
    assert_eq!(record::show(&bed.portcullis, &bed.owner, "rec_2").await.unwrap().admins[0].user_id, "adam");
    let app = client::show(&bed.portcullis, &bed.owner, "sc_app").await.unwrap();
    assert!(app.options.grant_user_permissions_access && app.verification_keys.len() == 1);
    assert!(run(&bed, &json!({}), false).await.unwrap().is_empty());
    assert!(resource::show(&bed.portcullis, &bed.owner, "open").await.is_ok());
}

async fn a_key_is_added_or_replaced_and_counts_at_once(bed: Bed) {
    let there = bed.node("b").await;
    let (old, new) = (app_key(&bed, 5), app_key(&bed, 6));
    run(&bed, &document(&old), false).await.unwrap();
    let mint = |key: &AccessKey| key.mint_client_token(crate::bed::URL, bed.portcullis.now(), 60).unwrap();
    assert!(sender(&bed.portcullis, &mint(&old)).await.is_ok() && sender(&there, &mint(&old)).await.is_ok());
    assert_eq!(lines(&run(&bed, &document(&new), false).await.unwrap())[2], "update client sc_app");
    assert!(
        sender(&bed.portcullis, &mint(&old)).await.is_err()
            && sender(&bed.portcullis, &mint(&new)).await.is_ok()
    );
    within_a_second("the key", async || sender(&there, &mint(&old)).await.is_err()).await;
    assert!(sender(&there, &mint(&new)).await.is_ok());
    let keys: Vec<Value> = (0..5)
        .map(|n| json!({"keyId": format!("k{n}"), "publicKey": app_key(&bed, 10 + n).verifying_key().spki_base64()}))
        .collect();
    let too_many = json!({"clients": [{"clientId": "sc_app", "name": "App", "publicKeys": keys}]});
    assert!(matches!(run(&bed, &too_many, false).await, Err(Error::Conflict(_))));
    assert_eq!(client::show(&bed.portcullis, &bed.owner, "sc_app").await.unwrap().verification_keys.len(), 1);
}
