//! AZ-13: each write leaves one line in the audit trail, in its own transaction; refusals can be added; no secret is there.

use portcullis::audit::{AuditQuery, list, refused};
use portcullis::{
    Cx, Error, Result, apply, client, group, invite, record, request, resource, role, token, user,
};
use portcullis_types::AuditEvent;
use portcullis_types::authress::{AccessRequestResponse, RequestDecision};
use serde_json::json;

use crate::bed::{Bed, on_both, user as whole, within_a_second};
use crate::make::{body, config_body, group_body, record as record_body, role_body, statement, users};

on_both!(
    az_13_every_write_leaves_exactly_one_line,
    az_13_what_fails_leaves_no_line,
    az_13_the_line_is_written_with_the_change_or_neither_is,
    az_13_refusals_are_added,
    az_13_no_secret_is_in_the_audit_trail,
    az_13_the_trail_is_read_newest_first_page_by_page,
);

async fn lines(bed: &Bed) -> Vec<AuditEvent> {
    let all = AuditQuery { limit: Some(100), ..AuditQuery::default() };
    list(&bed.portcullis, &bed.owner, all).await.unwrap().items
}

/// Exactly one new line, with what it says of the action and its target.
async fn one_more(bed: &Bed, before: &mut usize, action: &str, target: &str) {
    let all = lines(bed).await;
    assert_eq!(all.len(), *before + 1, "{action}: {:?}", all.first());
    *before += 1;
    let line = &all[0];
    assert_eq!((line.action.as_str(), line.target.as_str(), line.outcome.as_str()), (action, target, "done"));
    assert_eq!((line.node.as_str(), line.request_id.as_deref()), ("a", Some("req-1")), "{action}");
}

async fn az_13_every_write_leaves_exactly_one_line(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let mut seen = lines(&bed).await.len();
    let seen = &mut seen;
    role::create(node, owner, role_body("read", &[("read", "a")])).await.unwrap();
    one_more(&bed, seen, "role.create", "read").await;
    role::update(node, owner, "read", role_body("read", &[("read", "a")])).await.unwrap();
    one_more(&bed, seen, "role.update", "read").await;
    group::create(node, owner, group_body("grp_1", &["x"])).await.unwrap();
    one_more(&bed, seen, "group.create", "grp_1").await;
    group::update(node, owner, "grp_1", group_body("grp_1", &["y"]), None).await.unwrap();
    one_more(&bed, seen, "group.update", "grp_1").await;
    group::delete(node, owner, "grp_1").await.unwrap();
    one_more(&bed, seen, "group.delete", "grp_1").await;
    record::create(node, owner, record_body("rec", "x", &["read"], &["docs"])).await.unwrap();
    one_more(&bed, seen, "record.create", "rec").await;
    record::update(node, owner, "rec", record_body("rec", "x", &["read"], &["docs"]), None).await.unwrap();
    one_more(&bed, seen, "record.update", "rec").await;
    record::delete(node, owner, "rec").await.unwrap();
    one_more(&bed, seen, "record.delete", "rec").await;
    role::delete(node, owner, "read").await.unwrap();
    one_more(&bed, seen, "role.delete", "read").await;
    resource::update(node, owner, "/col/", config_body("CLAIM", true)).await.unwrap();
    one_more(&bed, seen, "resource.update", "col").await;
    resource::claim(node, owner, body(json!({"collectionResource": "col", "resourceId": "1"})))
        .await
        .unwrap();
    one_more(&bed, seen, "resource.claim", "col/1").await;
    let made = client::create(node, owner, body(json!({}))).await.unwrap().client_id;
    one_more(&bed, seen, "client.create", &made).await;
    let key = client::create_key(node, owner, &made, body(json!({}))).await.unwrap().key_id;
    one_more(&bed, seen, "access_key.create", &format!("{made}/{key}")).await;
    client::delete_key(node, owner, &made, &key).await.unwrap();
    one_more(&bed, seen, "access_key.delete", &format!("{made}/{key}")).await;
    client::update(node, owner, &made, body(json!({"name": "n"}))).await.unwrap();
    one_more(&bed, seen, "client.update", &made).await;
    client::delete(node, owner, &made).await.unwrap();
    one_more(&bed, seen, "client.delete", &made).await;
    more_writes(&bed, seen).await;
}

async fn more_writes(bed: &Bed, seen: &mut usize) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    user::create(node, owner, body(json!({"userId": "alice"}))).await.unwrap();
    one_more(bed, seen, "user.create", "alice").await;
    user::set_token_configuration(node, owner, "alice", body(json!({"accessTokenDuration": "PT1H"})))
        .await
        .unwrap();
    one_more(bed, seen, "user.token_configuration", "alice").await;
    let minted = token::mint(node, owner, "alice", 60).await.unwrap().token_id;
    one_more(bed, seen, "token.create", &minted).await;
    token::disable(node, owner, "alice", &minted).await.unwrap();
    one_more(bed, seen, "token.disable", &minted).await;
    let wanted = body(json!({"statements": [statement(&["r"], &["docs"])]}));
    let limited = token::create(node, owner, "alice", wanted).await.unwrap().token_id;
    one_more(bed, seen, "token.create", &limited).await;
    user::delete(node, owner, "alice").await.unwrap();
    one_more(bed, seen, "user.delete", "alice").await;
    for accepted in [true, false] {
        let made = body(json!({"statements": [statement(&["Authress:Owner"], &["docs"])]}));
        let id = invite::create(node, owner, made).await.unwrap().invite_id;
        one_more(bed, seen, "invite.create", "invite").await;
        if accepted {
            invite::respond(node, &whole("guest"), &id).await.unwrap();
            one_more(bed, seen, "invite.accept", "invite").await;
        } else {
            invite::delete(node, owner, &id).await.unwrap();
            one_more(bed, seen, "invite.delete", "invite").await;
        }
    }
    for (status, action) in
        [(RequestDecision::Approved, "request.approve"), (RequestDecision::Denied, "request.deny")]
    {
        let asked = json!({"access": {"users": users(&["x"]), "statements": [statement(&["r"], &["a"])]}});
        let id = request::create(node, owner, body(asked)).await.unwrap().request_id;
        one_more(bed, seen, "request.create", &id).await;
        request::respond(node, owner, &id, AccessRequestResponse { status }).await.unwrap();
        one_more(bed, seen, action, &id).await;
        request::delete(node, owner, &id).await.unwrap();
        one_more(bed, seen, "request.delete", &id).await;
    }
    apply::apply(node, owner, apply::ApplyDocument::default(), false).await.unwrap();
    one_more(bed, seen, "apply", &node.account().account_id.clone()).await;
}

async fn az_13_what_fails_leaves_no_line(bed: Bed) {
    let (node, owner, eve) = (&bed.portcullis, &bed.owner, whole("eve"));
    record::create(node, owner, record_body("rec", "x", &["Authress:Owner"], &["docs"])).await.unwrap();
    let before = lines(&bed).await;
    fn failed<T: std::fmt::Debug>(result: Result<T>) {
        assert!(result.is_err(), "{result:?}");
    }
    failed(record::create(node, owner, record_body("rec", "x", &["Authress:Owner"], &["docs"])).await);
    failed(record::create(node, &eve, record_body("r", "x", &["Authress:Owner"], &["docs"])).await);
    failed(record::update(node, owner, "none", record_body("none", "x", &["r"], &["docs"]), None).await);
    failed(record::delete(node, &eve, "rec").await);
    failed(role::delete(node, owner, "none").await);
    failed(group::delete(node, owner, "grp_none").await);
    failed(client::delete(node, owner, "sc_none").await);
    failed(token::disable(node, owner, "x", "tok_none").await);
    failed(invite::respond(node, &eve, "inv_none").await);
    failed(resource::claim(node, &eve, body(json!({"collectionResource": "c", "resourceId": "1"}))).await);
    assert_eq!(lines(&bed).await, before);
}

/// The trail cannot be written: nothing is.
async fn az_13_the_line_is_written_with_the_change_or_neither_is(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    bed.execute("ALTER TABLE pc_audit RENAME TO pc_audit_away").await;
    let made = record::create(node, owner, record_body("rec", "x", &["Authress:Owner"], &["docs"])).await;
    assert!(matches!(made, Err(Error::Internal(_) | Error::Unavailable(_))), "{made:?}");
    bed.execute("ALTER TABLE pc_audit_away RENAME TO pc_audit").await;
    assert!(!bed.may("x", "read", "docs").await);
    assert!(matches!(record::show(node, owner, "rec").await, Err(Error::NotFound(_))));
    record::create(node, owner, record_body("rec", "x", &["Authress:Owner"], &["docs"])).await.unwrap();
}

async fn az_13_refusals_are_added(bed: Bed) {
    let eve = whole("eve");
    let before = lines(&bed).await.len();
    refused(&bed.portcullis, &eve, "record.create", "rec");
    within_a_second("the refusal", async || lines(&bed).await.len() == before + 1).await;
    let line = lines(&bed).await.remove(0);
    assert_eq!((line.actor.as_str(), line.outcome.as_str(), line.target.as_str()), ("eve", "refused", "rec"));
    // A flood of them is bounded, and hinders nobody.
    for _ in 0..500 {
        refused(&bed.portcullis, &eve, "flood", "rec");
    }
    bed.portcullis.ready().await.unwrap();
    within_a_second("some of the flood", async || lines(&bed).await.len() > before + 1).await;
}

async fn az_13_no_secret_is_in_the_audit_trail(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let made = client::create(node, owner, body(json!({}))).await.unwrap().client_id;
    let key = client::create_key(node, owner, &made, body(json!({}))).await.unwrap();
    let minted = token::mint(node, owner, "alice", 60).await.unwrap();
    let wanted = body(json!({"statements": [statement(&["r"], &["docs"])]}));
    let limited = token::create(node, owner, "alice", wanted).await.unwrap();
    let invited = async || {
        let made = body(json!({"statements": [statement(&["Authress:Owner"], &["docs"])]}));
        invite::create(node, owner, made).await.unwrap().invite_id
    };
    let (accepted, withdrawn) = (invited().await, invited().await);
    invite::respond(node, &whole("guest"), &accepted).await.unwrap();
    invite::delete(node, owner, &withdrawn).await.unwrap();
    token::disable(node, owner, "alice", &minted.token_id).await.unwrap();
    client::delete_key(node, owner, &made, &key.key_id).await.unwrap();
    let secrets = [
        bed.key.private_key_base64(),
        key.client_secret.unwrap(),
        minted.token.rsplit('.').next().unwrap().to_owned(),
        limited.token.rsplit('.').next().unwrap().to_owned(),
        minted.token.split('.').nth(1).unwrap().to_owned(),
        accepted,
        withdrawn,
    ];
    for table in ["pc_audit", "pc_change"] {
        let columns = if table == "pc_audit" {
            "actor || ' ' || action || ' ' || target || ' ' || COALESCE(detail, '') || ' ' || COALESCE(request_id, '')"
        } else {
            "kind || ' ' || key"
        };
        for secret in &secrets {
            let found = format!("SELECT COUNT(*) FROM {table} WHERE {columns} LIKE '%{secret}%'");
            assert_eq!(bed.number(&found).await, 0, "{table}");
        }
        assert!(
            bed.number(&format!("SELECT COUNT(*) FROM {table} WHERE {columns} LIKE '%{made}%'")).await > 0,
            "looked at all"
        );
    }
    let told = format!("{key_debug:?} {minted:?} {limited:?}", key_debug = key.key_id);
    assert!(secrets.iter().all(|secret| !told.contains(secret)), "{told}");
}

async fn az_13_the_trail_is_read_newest_first_page_by_page(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    for number in 0..5 {
        role::create(node, owner, role_body(&format!("r{number}"), &[])).await.unwrap();
    }
    group::create(node, &Cx::local("root"), group_body("grp_1", &[])).await.unwrap();
    let mut query =
        AuditQuery { limit: Some(2), action: Some("role.create".into()), ..AuditQuery::default() };
    let mut targets = Vec::new();
    loop {
        let page = list(node, owner, query.clone()).await.unwrap();
        targets.extend(page.items.into_iter().map(|line| line.target));
        match page.next {
            Some(next) => query.before = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(targets, ["r4", "r3", "r2", "r1", "r0"]);
    let by = AuditQuery { actor: Some("cli:root".into()), ..AuditQuery::default() };
    assert_eq!(list(node, owner, by).await.unwrap().items[0].action, "group.create");
    for limit in [0, 101] {
        let bad = AuditQuery { limit: Some(limit), ..AuditQuery::default() };
        assert!(matches!(list(node, owner, bad).await, Err(Error::Invalid(_))));
    }
}
