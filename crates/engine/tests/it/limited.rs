//! A limited token can do what its statements grant *and* its user may: for checks, lists and management rights alike.

use portcullis::access::{self, Collection, Question, ResourcesQuery};
use portcullis::{
    Cx, Error, PageRequest, Result, client, group, invite, record, request, resource, token, user,
};
use portcullis_types::authress::{AccessRequestResponse, ClaimRequest, RequestDecision};
use serde_json::{Value, json};

use crate::bed::{Bed, limited, on_both, user as whole};
use crate::make::{
    body, configure, give, group_body, record as record_body, role as make_role, statement, users,
};

on_both!(
    checks_and_what_one_may_do_are_what_both_allow,
    lists_are_what_both_allow,
    management_takes_both,
    an_admin_keeps_of_their_exemption_what_the_token_covers,
    what_everybody_may_do_takes_the_token_s_statements,
    az_10_a_limited_token_mints_nothing,
    a_limited_token_s_statements_end_with_the_user_s_rights,
);

/// `user` with a token that is limited to `statements`.
async fn with(bed: &Bed, id: &str, statements: Value) -> Cx {
    let wanted = body(json!({"statements": statements}));
    limited(id, &token::create(&bed.portcullis, &bed.owner, id, wanted).await.unwrap().token_id)
}

async fn roles(bed: &Bed) {
    for (id, lines) in [
        ("read", &[("docs:read", "a")] as &[_]),
        ("docs", &[("docs", "a")]),
        ("write", &[("docs:write", "a")]),
        ("manage", &[("READ", "a"), ("UPDATE", "a"), ("CREATE", "a")]),
        ("look", &[("READ", "a")]),
    ] {
        make_role(&bed.portcullis, &bed.owner, id, lines).await;
    }
}

async fn checks_and_what_one_may_do_are_what_both_allow(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    give(node, &bed.owner, "rec", "alice", (&["docs"], &["a", "b/1"])).await;
    let alice = with(&bed, "alice", json!([statement(&["read"], &["a/1", "b", "c"])])).await;
    let cases = [
        ("a/1", "docs:read", true),
        ("a/1/x", "docs:read", true),
        ("b/1", "docs:read", true),
        ("a", "docs:read", false),
        ("a/2", "docs:read", false),
        ("b", "docs:read", false),
        ("b/2", "docs:read", false),
        ("c", "docs:read", false),
        ("a/1", "docs", false),
        ("a/1", "docs:write", false),
    ];
    for _ in 0..2 {
        for (resource, permission, expected) in cases {
            let question = Question { user_id: "alice", resource, permission };
            assert_eq!(
                access::check(node, &alice, question).await.unwrap(),
                expected,
                "{permission} on {resource}"
            );
            let many = access::check_many(node, &alice, "alice", &[(resource, permission)]).await.unwrap();
            assert_eq!(many, [expected]);
        }
    }
    // The user holds `docs`, the token `docs:read`: what both give is the narrower.
    let told = access::permissions(node, &alice, "alice", "a/1").await.unwrap();
    let lines: Vec<_> = told.permissions.iter().map(|line| (line.action.as_str(), line.allow)).collect();
    assert_eq!(lines, [("docs:read", true)]);
    assert!(matches!(access::permissions(node, &alice, "alice", "c").await, Err(Error::NotFound(_))));
    assert!(matches!(access::permissions(node, &alice, "alice", "a/2").await, Err(Error::NotFound(_))));
    // Others' answers are not for it, whatever the token says.
    let bob = Question { user_id: "bob", resource: "a/1", permission: "docs:read" };
    assert!(matches!(access::check(node, &alice, bob).await, Err(Error::Forbidden { .. })));
    // An explanation says that it was the token.
    give(node, &bed.owner, "rec_look", "alice", (&["look"], &["Authress:AccessRecords"])).await;
    let seeing = with(
        &bed,
        "alice",
        json!([statement(&["read"], &["a/1"]), statement(&["look"], &["Authress:AccessRecords"])]),
    )
    .await;
    let told = access::explain(
        node,
        &seeing,
        Question { user_id: "alice", resource: "a/2", permission: "docs:read" },
    );
    let told = told.await.unwrap();
    assert_eq!((told.decision.as_str(), told.nearest[0].missing), ("deny", portcullis_types::Missing::Token));
}

async fn lists_are_what_both_allow(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    give(node, &bed.owner, "rec", "alice", (&["docs"], &["a", "b/1", "b/2", "c/1/x"])).await;
    let alice = with(&bed, "alice", json!([statement(&["read"], &["a/1", "b", "d/1", "a/*/y"])])).await;
    let list = async |uri: &str, collection, permission: Option<&str>| {
        let query = ResourcesQuery {
            resource_uri: Some(uri.to_owned()),
            collection,
            permission: permission.map(str::to_owned),
        };
        let listed = access::resources(node, &alice, "alice", query, PageRequest::first(100)).await.unwrap();
        listed.items.into_iter().map(|resource| resource.resource_uri).collect::<Vec<_>>()
    };
    let nested = Collection::IncludeNested;
    for permission in [None, Some("docs:read")] {
        assert_eq!(list("*", nested, permission).await, ["a/*/y", "a/1", "b/1", "b/2"]);
        assert_eq!(list("b", Collection::TopLevelOnly, permission).await, ["b/1", "b/2"]);
    }
    assert!(list("*", nested, Some("docs:write")).await.is_empty());
    // What is listed is what a check says yes to.
    for uri in list("*", nested, Some("docs:read")).await {
        let question = Question { user_id: "alice", resource: &uri, permission: "docs:read" };
        assert!(access::check(node, &alice, question).await.unwrap(), "{uri}");
    }
    assert!(access::roles(node, &alice, "alice", "c/1/x").await.is_err(), "not within the token");
}

async fn management_takes_both(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    give(node, &bed.owner, "rec", "mia", (&["manage"], &["Authress:Groups", "Authress:Users"])).await;
    group::create(node, &bed.owner, group_body("grp_1", &[])).await.unwrap();
    let narrow = with(&bed, "mia", json!([statement(&["look"], &["Authress:Groups/grp_1"])])).await;
    assert!(group::show(node, &narrow, "grp_1").await.is_ok());
    let update = group::update(node, &narrow, "grp_1", group_body("grp_1", &[]), None).await;
    assert!(matches!(update, Err(Error::Forbidden { .. })), "{update:?}");
    assert!(group::create(node, &narrow, group_body("grp_2", &[])).await.is_err());
    assert!(user::list(node, &narrow, PageRequest::first(1)).await.is_err());
    assert!(group::list(node, &narrow, PageRequest::first(20)).await.unwrap().items.is_empty());
    let wide = with(&bed, "mia", json!([statement(&["Authress:Owner"], &["*", "Authress:*"])])).await;
    assert!(group::create(node, &wide, group_body("grp_2", &[])).await.is_ok());
    assert!(
        record::create(node, &wide, record_body("r", "x", &["read"], &["docs"])).await.is_err(),
        "mia may not"
    );
}

async fn an_admin_keeps_of_their_exemption_what_the_token_covers(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    let adam = whole("adam");
    let made = |id: &str| {
        body(json!({"recordId": id, "name": id, "users": users(&["x"]), "admins": users(&["adam"]),
            "statements": [statement(&["read"], &["docs"])]}))
    };
    for id in ["rec_1", "rec_2"] {
        record::create(node, &bed.owner, made(id)).await.unwrap();
    }
    group::create(
        node,
        &bed.owner,
        body(json!({"groupId": "grp_1", "name": "n", "admins": users(&["adam"])})),
    )
    .await
    .unwrap();
    let asked = request::create(
        node,
        &adam,
        body(json!({"access": {"users": users(&["adam"]),
        "statements": [statement(&["read"], &["docs"])]}})),
    )
    .await
    .unwrap();
    let minted = bed.mint("adam").await;
    user::create(node, &bed.owner, body(json!({"userId": "adam"}))).await.unwrap();
    let docs_only = with(&bed, "adam", json!([statement(&["Authress:Owner"], &["docs"])])).await;
    fn refused<T: std::fmt::Debug>(what: &str, result: Result<T>) {
        assert!(matches!(result, Err(Error::NotFound(_) | Error::Forbidden { .. })), "{what}: {result:?}");
    }
    refused("record", record::show(node, &docs_only, "rec_1").await);
    refused("record", record::update(node, &docs_only, "rec_1", made("rec_1"), None).await);
    refused("record", record::delete(node, &docs_only, "rec_1").await);
    refused("group", group::show(node, &docs_only, "grp_1").await);
    refused("group", group::update(node, &docs_only, "grp_1", group_body("grp_1", &["adam"]), None).await);
    refused("group", group::delete(node, &docs_only, "grp_1").await);
    refused("request", request::show(node, &docs_only, &asked.request_id).await);
    refused("request", request::delete(node, &docs_only, &asked.request_id).await);
    refused("profile", user::show(node, &docs_only, "adam").await);
    refused("token", token::disable(node, &docs_only, "adam", &minted.token_id).await);
    assert!(record::list(node, &docs_only, PageRequest::first(20), None).await.unwrap().items.is_empty());
    assert!(group::list(node, &docs_only, PageRequest::first(20)).await.unwrap().items.is_empty());
    assert!(request::list(node, &docs_only, PageRequest::first(20), None).await.unwrap().items.is_empty());
    let one = with(&bed, "adam", json!([statement(&["manage"], &["Authress:AccessRecords/rec_2"])])).await;
    record::update(node, &one, "rec_2", made("rec_2"), None).await.unwrap();
    let listed = record::list(node, &one, PageRequest::first(1), None).await.unwrap();
    assert_eq!((listed.items[0].record_id.as_str(), listed.next), ("rec_2", None));
    refused("the other record", record::update(node, &one, "rec_1", made("rec_1"), None).await);
    assert!(record::update(node, &adam, "rec_1", made("rec_1"), None).await.is_ok(), "without the limit");
}

async fn what_everybody_may_do_takes_the_token_s_statements(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    configure(node, &bed.owner, "col", "CLAIM", true).await;
    configure(node, &bed.owner, "Authress:ServiceClients", "CLAIM", true).await;
    let made =
        invite::create(node, &bed.owner, body(json!({"statements": [statement(&["read"], &["docs"])]})))
            .await
            .unwrap();
    let alice = with(&bed, "alice", json!([statement(&["read"], &["docs"])])).await;
    let claim = |id: &str| body::<ClaimRequest>(json!({"collectionResource": "col", "resourceId": id}));
    let ask = || {
        body(json!({"access": {"users": users(&["alice"]), "statements": [statement(&["read"], &["docs"])]}}))
    };
    assert!(matches!(resource::claim(node, &alice, claim("1")).await, Err(Error::Forbidden { .. })));
    assert!(matches!(client::create(node, &alice, body(json!({}))).await, Err(Error::Forbidden { .. })));
    assert!(matches!(invite::respond(node, &alice, &made.invite_id).await, Err(Error::Forbidden { .. })));
    assert!(matches!(request::create(node, &alice, ask()).await, Err(Error::Forbidden { .. })));
    let owning = with(&bed, "alice", json!([statement(&["Authress:Owner"], &["col/1"])])).await;
    assert!(resource::claim(node, &owning, claim("1")).await.is_ok());
    assert!(matches!(resource::claim(node, &owning, claim("2")).await, Err(Error::Forbidden { .. })));
    let all = whole("alice");
    assert!(
        resource::claim(node, &all, claim("2")).await.is_ok()
            && client::create(node, &all, body(json!({}))).await.is_ok()
    );
    invite::respond(node, &all, &made.invite_id).await.unwrap();
    let asked = request::create(node, &all, ask()).await.unwrap();
    let approve = AccessRequestResponse { status: RequestDecision::Approved };
    assert!(request::respond(node, &alice, &asked.request_id, approve).await.is_err());
}

async fn az_10_a_limited_token_mints_nothing(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    give(node, &bed.owner, "rec", "mia", (&["Authress:Owner"], &["*", "Authress:*"])).await;
    let mia = with(&bed, "mia", json!([statement(&["Authress:Owner"], &["*", "Authress:*"])])).await;
    let wanted = || body(json!({"statements": [statement(&["read"], &["docs"])]}));
    for id in ["mia", "bob"] {
        assert!(
            matches!(token::create(node, &mia, id, wanted()).await, Err(Error::Forbidden { .. })),
            "{id}"
        );
        assert!(matches!(token::mint(node, &mia, id, 60).await, Err(Error::Forbidden { .. })), "{id}");
        assert!(token::create(node, &whole("mia"), id, wanted()).await.is_ok());
    }
    assert!(token::create(node, &whole("bob"), "bob", wanted()).await.is_ok(), "for oneself");
    assert!(token::create(node, &whole("bob"), "carl", wanted()).await.is_err());
    assert!(token::mint(node, &whole("bob"), "bob", 60).await.is_err(), "not without limits");
}

async fn a_limited_token_s_statements_end_with_the_user_s_rights(bed: Bed) {
    roles(&bed).await;
    let node = &bed.portcullis;
    let alice = with(&bed, "alice", json!([statement(&["read"], &["docs"])])).await;
    let may = async || {
        access::check(node, &alice, Question { user_id: "alice", resource: "docs", permission: "docs:read" })
            .await
            .unwrap()
    };
    assert!(!may().await, "alice may not yet");
    give(node, &bed.owner, "rec", "alice", (&["read"], &["docs"])).await;
    assert!(may().await);
    record::delete(node, &bed.owner, "rec").await.unwrap();
    assert!(!may().await);
}
