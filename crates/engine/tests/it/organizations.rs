//! Organizations: who belongs, who may what in them, and who does not even learn that they exist.

use portcullis::PageRequest;
use portcullis::apply::{ApplyDocument, apply};
use portcullis::{
    Cx, Error, Portcullis, Result, member, organization, plan, product, record, subscription, tenant,
};
use serde_json::{Value, json};

use crate::bed::{Bed, limited, may, on_both, user, within_a_second};
use crate::granting::is_forbidden;
use crate::make::{body, configure, give, line, role as make_role};

on_both!(
    the_creator_becomes_owner_and_the_decision_engine_answers_by_it,
    creating_organizations_is_closed_until_it_is_granted_or_opened,
    az_10_an_admin_hands_out_member_and_viewer_and_nothing_more,
    the_last_owner_stays_also_when_two_leave_at_once,
    roles_of_somebody_who_left_count_nothing_when_they_come_back,
    a_limited_token_leaves_only_where_it_may_change_members,
    az_02_an_outsider_gets_the_same_for_every_id_as_for_none,
    the_record_of_a_membership_is_nobody_elses,
    a_member_of_one_tenant_works_there_and_nowhere_else,
    in_a_suspended_organization_members_read_and_nothing_more,
    az_04_a_role_taken_away_counts_here_at_once_and_there_within_a_second,
    az_11_the_list_is_the_organizations_that_can_be_shown,
    seats_are_never_given_twice_also_in_parallel,
    a_usage_event_counts_once_in_the_period_of_its_time,
    a_deleted_organization_leaves_no_access_behind,
    what_is_applied_is_made_changed_and_then_left_alone,
);

async fn found(bed: &Bed, id: &str, owner: &str) -> Cx {
    let new = body(json!({"organizationId": id, "name": id, "owner": owner}));
    organization::create(&bed.portcullis, &bed.owner, new).await.unwrap();
    user(owner)
}

async fn join(node: &Portcullis, cx: &Cx, organization: &str, who: &str, roles: Value) -> Result<()> {
    member::put(node, cx, organization, who, body(json!({"roles": roles}))).await.map(drop)
}

fn is_missing<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::NotFound(_)))
}

fn is_conflict<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Conflict(_)))
}

async fn the_creator_becomes_owner_and_the_decision_engine_answers_by_it(bed: Bed) {
    let node = &bed.portcullis;
    make_role(node, &bed.owner, "founder", &[("CREATE", "a")]).await;
    give(node, &bed.owner, "rec_f", "alice", (&["founder"], &["Portcullis:Organizations"])).await;
    let made = organization::create(node, &user("alice"), body(json!({"name": "Acme"}))).await.unwrap();
    let id = made.organization_id.as_str();
    assert!(id.starts_with("org_"));
    let place = format!("organizations/{id}");
    assert!(bed.may("alice", "document:create", &format!("{place}/documents/1")).await);
    let shown = member::show(node, &user("alice"), id, "alice").await.unwrap();
    assert_eq!(shown.roles, ["OWNER"]);
    for (who, role, may) in [
        ("vic", "VIEWER", ["document:read"].as_slice()),
        ("mem", "MEMBER", &["document:read", "document:create", "document:update"]),
        ("adm", "ADMIN", &["document:read", "document:create", "document:update", "document:delete"]),
    ] {
        join(node, &user("alice"), id, who, json!([role])).await.unwrap();
        for action in
            ["document:read", "document:create", "document:update", "document:delete", "billing:manage"]
        {
            assert_eq!(bed.may(who, action, &place).await, may.contains(&action), "{role} {action}");
        }
        assert!(!bed.may(who, "document:read", "organizations/other").await);
    }
}

async fn creating_organizations_is_closed_until_it_is_granted_or_opened(bed: Bed) {
    let node = &bed.portcullis;
    let new = || body(json!({"name": "Mine"}));
    assert!(is_forbidden(&organization::create(node, &user("alice"), new()).await), "closed by default");
    configure(node, &bed.owner, "organizations", "CLAIM", true).await;
    let made = organization::create(node, &user("alice"), new()).await.unwrap();
    assert_eq!(
        member::show(node, &user("alice"), &made.organization_id, "alice").await.unwrap().roles,
        ["OWNER"]
    );
    // What others would learn from, or give to others, stays the operators'.
    for chosen in [json!({"name": "n", "organizationId": "taken"}), json!({"name": "n", "owner": "bob"})] {
        assert!(is_forbidden(&organization::create(node, &user("alice"), body(chosen)).await));
    }
    assert!(is_forbidden(&organization::suspend(node, &user("alice"), &made.organization_id).await));
    // An id that somebody was given access to before is no free id.
    make_role(node, &bed.owner, "read", &[("read", "a")]).await;
    give(node, &bed.owner, "rec_early", "eve", (&["read"], &["organizations/early"])).await;
    let early = body(json!({"organizationId": "early", "name": "n"}));
    assert!(is_conflict(&organization::create(node, &bed.owner, early).await));
}

async fn az_10_an_admin_hands_out_member_and_viewer_and_nothing_more(bed: Bed) {
    let node = &bed.portcullis;
    let owner = found(&bed, "acme", "olga").await;
    make_role(node, &bed.owner, "custom", &[("secret", "a")]).await;
    for (who, role) in [("adm", "ADMIN"), ("adm2", "ADMIN"), ("mem", "MEMBER"), ("vic", "VIEWER")] {
        join(node, &owner, "acme", who, json!([role])).await.unwrap();
    }
    let admin = user("adm");
    for (role, allowed) in [
        ("VIEWER", true),
        ("MEMBER", true),
        ("ADMIN", false),
        ("OWNER", false),
        ("custom", false),
        ("Authress:Owner", false),
    ] {
        let done = join(node, &admin, "acme", "new", json!([role])).await;
        assert_eq!(done.is_ok(), allowed, "{role}: {done:?}");
        assert!(allowed || is_forbidden(&done), "{role}: {done:?}");
    }
    for role in ["OWNER", "ADMIN", "MEMBER"] {
        assert!(
            is_forbidden(&join(node, &admin, "acme", "adm", json!([role])).await),
            "no change of oneself: {role}"
        );
        assert!(
            is_forbidden(&join(node, &user("mem"), "acme", "mem", json!([role])).await),
            "members change nobody"
        );
    }
    for other in ["olga", "adm2"] {
        assert!(is_forbidden(&join(node, &admin, "acme", other, json!(["VIEWER"])).await), "{other}");
        assert!(is_forbidden(&member::remove(node, &admin, "acme", other).await), "{other}");
    }
    assert!(is_forbidden(&member::remove(node, &user("mem"), "acme", "vic").await));
    member::remove(node, &admin, "acme", "vic").await.unwrap();
    member::remove(node, &user("mem"), "acme", "mem").await.unwrap();
    assert!(
        !bed.may("mem", "document:read", "organizations/acme").await,
        "everybody may leave, with all of it"
    );
}

async fn roles_of_somebody_who_left_count_nothing_when_they_come_back(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    for (who, role) in [("adm", "ADMIN"), ("otto", "OWNER")] {
        join(node, &olga, "acme", who, json!([role])).await.unwrap();
    }
    member::remove(node, &user("otto"), "acme", "otto").await.unwrap();
    join(node, &user("adm"), "acme", "otto", json!(["VIEWER"])).await.expect("an admin may, once no owner");
    assert!(!bed.may("otto", "document:update", "organizations/acme").await);
    assert!(bed.may("otto", "document:read", "organizations/acme").await);
}

async fn a_limited_token_leaves_only_where_it_may_change_members(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    join(node, &olga, "acme", "mem", json!(["MEMBER"])).await.unwrap();
    let left = member::remove(node, &limited("mem", "none"), "acme", "mem").await;
    assert!(is_missing(&left) || is_forbidden(&left), "{left:?}");
    member::show(node, &olga, "acme", "mem").await.expect("still there");
}

async fn the_last_owner_stays_also_when_two_leave_at_once(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    for demoted in [json!(["ADMIN"]), json!(["VIEWER"])] {
        assert!(is_conflict(&join(node, &olga, "acme", "olga", demoted).await));
    }
    assert!(is_conflict(&member::remove(node, &olga, "acme", "olga").await));
    assert!(is_conflict(&member::remove(node, &bed.owner, "acme", "olga").await), "not even by operators");
    join(node, &olga, "acme", "oscar", json!(["OWNER"])).await.unwrap();
    let oscar = user("oscar");
    let both = tokio::join!(
        member::remove(node, &olga, "acme", "olga"),
        member::remove(node, &oscar, "acme", "oscar")
    );
    assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    let left = member::list(node, &bed.owner, "acme", PageRequest::default()).await.unwrap();
    assert_eq!((left.items.len(), left.items[0].roles.as_slice()), (1, ["OWNER".to_owned()].as_slice()));
}

async fn az_02_an_outsider_gets_the_same_for_every_id_as_for_none(bed: Bed) {
    let node = &bed.portcullis;
    found(&bed, "a", "alice").await;
    let bob = found(&bed, "b", "bob").await;
    let theirs = tenant::create(node, &user("alice"), "a", body(json!({"name": "t"}))).await.unwrap();
    for id in ["a", "nowhere"] {
        let page = PageRequest::default;
        assert!(is_missing(&organization::show(node, &bob, id).await));
        assert!(is_missing(&organization::update(node, &bob, id, body(json!({"name": "n"})), None).await));
        assert!(is_missing(&organization::delete(node, &bob, id).await));
        assert!(is_missing(&organization::suspend(node, &bob, id).await));
        assert!(is_missing(&member::list(node, &bob, id, page()).await));
        assert!(is_missing(&member::remove(node, &bob, id, "alice").await));
        assert!(is_missing(&member::remove(node, &bob, id, "bob").await));
        assert!(is_missing(&join(node, &bob, id, "bob", json!(["OWNER"])).await));
        assert!(is_missing(&tenant::create(node, &bob, id, body(json!({"name": "t"}))).await));
        assert!(is_missing(&tenant::show(node, &bob, id, &theirs.tenant_id).await));
        assert!(is_missing(&subscription::list(node, &bob, id, page()).await));
    }
    // Their tenant is none of ours, and a role in it cannot be given.
    assert!(is_missing(&tenant::show(node, &bob, "b", &theirs.tenant_id).await));
    assert!(is_missing(&tenant::delete(node, &bob, "b", &theirs.tenant_id).await));
    for tenant in [theirs.tenant_id.as_str(), "nowhere"] {
        let foreign = json!({"tenants": [{"tenantId": tenant, "roles": ["VIEWER"]}]});
        let done = member::put(node, &bob, "b", "eve", body(foreign)).await;
        assert!(
            matches!(&done, Err(Error::Invalid(field)) if field.field == "tenants[0].tenantId"),
            "{done:?}"
        );
        // Whether an id is taken is not told either.
        let chosen = json!({"tenantId": tenant, "name": "t"});
        assert!(is_forbidden(&tenant::create(node, &bob, "b", body(chosen)).await));
    }
}

async fn the_record_of_a_membership_is_nobody_elses(bed: Bed) {
    let node = &bed.portcullis;
    found(&bed, "acme", "olga").await;
    let all = record::list(node, &bed.owner, PageRequest::default(), None).await.unwrap();
    let theirs = all.items.iter().find(|one| one.record_id.starts_with("Portcullis:Membership:")).unwrap();
    assert!(is_conflict(&record::delete(node, &bed.owner, &theirs.record_id).await));
    let content = || {
        body(json!({"name": "n", "users": [{"userId": "eve"}],
            "statements": [{"roles": ["organization:OWNER"], "resources": [{"resourceUri": "organizations/acme"}]}]}))
    };
    assert!(is_conflict(&record::update(node, &bed.owner, &theirs.record_id, content(), None).await));
    let mut planted: portcullis_types::authress::AccessRecordBody = content();
    planted.record_id = Some("Portcullis:Membership:0".to_owned());
    assert!(is_conflict(&record::create(node, &bed.owner, planted).await));
    assert!(!bed.may("eve", "read", "organizations/acme").await);
}

/// The scenario: an organization with two tenants, and a member with a role in one of them.
async fn a_member_of_one_tenant_works_there_and_nowhere_else(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    let mut ids = Vec::new();
    for (name, region) in [("Production", "eu-1"), ("Test", "us-1")] {
        let new = json!({"name": name, "region": region});
        ids.push(tenant::create(node, &olga, "acme", body(new)).await.unwrap().tenant_id);
    }
    let only = json!({"tenants": [{"tenantId": ids[1], "roles": ["MEMBER"]}]});
    member::put(node, &olga, "acme", "tim", body(only)).await.unwrap();
    let tim = user("tim");
    let (first, second) =
        (format!("organizations/acme/tenants/{}", ids[0]), format!("organizations/acme/tenants/{}", ids[1]));
    assert!(bed.may("tim", "document:create", &format!("{second}/documents/1")).await);
    assert!(
        !bed.may("tim", "document:read", &first).await
            && !bed.may("tim", "document:read", "organizations/acme").await
    );
    assert!(
        bed.may("olga", "document:delete", &second).await,
        "a role in the organization reaches its tenants"
    );

    organization::show(node, &tim, "acme").await.unwrap();
    let seen = tenant::list(node, &tim, "acme", PageRequest::default()).await.unwrap().items;
    assert_eq!(seen.iter().map(|one| one.tenant_id.as_str()).collect::<Vec<_>>(), [&ids[1]]);
    assert!(is_missing(&tenant::show(node, &tim, "acme", &ids[0]).await));
    assert!(is_forbidden(&member::list(node, &tim, "acme", PageRequest::default()).await));
    assert!(is_forbidden(
        &tenant::update(node, &tim, ("acme", &ids[1]), body(json!({"name": "x"})), None).await
    ));
    assert_eq!(member::show(node, &tim, "acme", "tim").await.unwrap().tenants[0].roles, ["MEMBER"]);

    assert!(is_conflict(&tenant::delete(node, &olga, "acme", &ids[1]).await), "somebody has a role in it");
    join(node, &olga, "acme", "tim", json!(["VIEWER"])).await.unwrap();
    tenant::delete(node, &olga, "acme", &ids[1]).await.unwrap();
}

async fn in_a_suspended_organization_members_read_and_nothing_more(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    assert!(is_forbidden(&organization::suspend(node, &olga, "acme").await));
    organization::suspend(node, &bed.owner, "acme").await.unwrap();
    organization::show(node, &olga, "acme").await.unwrap();
    assert!(is_conflict(&join(node, &olga, "acme", "new", json!(["VIEWER"])).await));
    assert!(is_conflict(&organization::delete(node, &olga, "acme").await));
    assert!(is_conflict(&tenant::create(node, &olga, "acme", body(json!({"name": "t"}))).await));
    assert!(is_forbidden(&organization::resume(node, &olga, "acme").await));
    join(node, &bed.owner, "acme", "new", json!(["VIEWER"])).await.unwrap();
    assert!(is_conflict(&member::remove(node, &olga, "acme", "new").await));
    organization::resume(node, &bed.owner, "acme").await.unwrap();
    join(node, &olga, "acme", "newer", json!(["VIEWER"])).await.unwrap();
}

async fn az_04_a_role_taken_away_counts_here_at_once_and_there_within_a_second(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let olga = found(&bed, "acme", "olga").await;
    let asks = async |node| may(node, "mem", "document:create", "organizations/acme/x").await;
    for (roles, expected) in
        [(json!(["MEMBER"]), true), (json!(["VIEWER"]), false), (json!(["MEMBER"]), true)]
    {
        join(here, &olga, "acme", "mem", roles).await.unwrap();
        assert_eq!(asks(here).await, expected);
        within_a_second("a member's role", async || asks(there).await == expected).await;
    }
    member::remove(here, &olga, "acme", "mem").await.unwrap();
    assert!(!asks(here).await);
    within_a_second("a member's removal", async || !asks(there).await).await;
}

async fn az_11_the_list_is_the_organizations_that_can_be_shown(bed: Bed) {
    let node = &bed.portcullis;
    for n in 0..7 {
        found(&bed, &format!("o{n}"), if n % 2 == 0 { "alice" } else { "bob" }).await;
    }
    for (who, cx) in [
        ("alice", user("alice")),
        ("nobody", user("nobody")),
        ("owner", bed.owner.clone()),
        ("token", limited("alice", "none")),
    ] {
        let (mut listed, mut request) = (Vec::new(), PageRequest::first(2));
        loop {
            let page = organization::list(node, &cx, request.clone()).await.unwrap();
            listed.extend(page.items.into_iter().map(|one| one.organization_id));
            request.cursor = page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        let mut shown = Vec::new();
        for n in 0..7 {
            let id = format!("o{n}");
            if organization::show(node, &cx, &id).await.is_ok() {
                shown.push(id);
            }
        }
        assert_eq!(listed, shown, "{who}");
    }
}

async fn sell(bed: &Bed, features: Value, subscription: Value) -> String {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    product::create(node, owner, body(json!({"productId": "app", "name": "App"}))).await.unwrap();
    plan::create(node, owner, "app", body(json!({"planId": "gold", "name": "Gold", "features": features})))
        .await
        .unwrap();
    let sold = subscription::create(node, owner, "acme", body(subscription)).await.unwrap();
    assert!(is_conflict(&plan::delete(node, owner, "app", "gold").await));
    assert!(is_conflict(&product::delete(node, owner, "app").await));
    sold.subscription_id
}

async fn seats_are_never_given_twice_also_in_parallel(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    let id = sell(&bed, json!({}), json!({"planId": "gold", "seatCount": 3})).await;
    assert!(is_forbidden(&subscription::create(node, &olga, "acme", body(json!({"planId": "gold"}))).await));
    let users: Vec<String> = (0..10).map(|n| format!("u{n}")).collect();
    for one in &users {
        join(node, &olga, "acme", one, json!(["VIEWER"])).await.unwrap();
    }
    let tasks = users.iter().cloned().map(|one| {
        let (node, olga, id) = (node.clone(), olga.clone(), id.clone());
        tokio::spawn(
            async move { subscription::assign_seat(&node, &olga, ("acme", &id), &one).await.is_ok() },
        )
    });
    let mut given = 0;
    for task in tasks.collect::<Vec<_>>() {
        given += i32::from(task.await.unwrap());
    }
    assert_eq!(given, 3);
    let seats =
        subscription::list_seats(node, &olga, "acme", &id, PageRequest::default()).await.unwrap().items;
    assert_eq!(seats.len(), 3);
    assert!(is_missing(&subscription::assign_seat(node, &olga, ("acme", &id), "stranger").await));
    subscription::assign_seat(node, &olga, ("acme", &id), &seats[0].user_id).await.unwrap();
    member::remove(node, &olga, "acme", &seats[0].user_id).await.unwrap();
    let left = subscription::list_seats(node, &olga, "acme", &id, PageRequest::default()).await.unwrap();
    assert_eq!(left.items.len(), 2, "whoever leaves gives the seat back");
    let fewer = body(json!({"planId": "gold", "seatCount": 1}));
    assert!(is_conflict(&subscription::update(node, &bed.owner, ("acme", &id), fewer, None).await));
    assert!(is_forbidden(&subscription::assign_seat(node, &user("u9"), ("acme", &id), "u9").await));
}

async fn a_usage_event_counts_once_in_the_period_of_its_time(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    let features =
        json!({"calls": {"metered": {"allowance": 10, "period": "daily"}}, "on": {"boolean": true}});
    let id = sell(&bed, features, json!({"planId": "gold"})).await;
    let ids = ("acme", id.as_str());
    let event = |event: Value| body(event);
    let one = json!({"id": "1", "source": "api", "feature": "calls", "units": 4});
    assert!(is_forbidden(&subscription::record_usage(node, &olga, ids, event(one.clone())).await));
    for (duplicate, left) in [(false, 6), (true, 6)] {
        let receipt = subscription::record_usage(node, &bed.owner, ids, event(one.clone())).await.unwrap();
        assert_eq!((receipt.duplicate, receipt.entitlement.balance), (duplicate, Some(left)));
    }
    let now = bed.portcullis.now();
    for (field, bad) in [
        ("units", json!({"id": "2", "source": "api", "feature": "calls", "units": 0})),
        ("units", json!({"id": "2", "source": "api", "feature": "calls", "units": -5})),
        ("units", json!({"id": "2", "source": "api", "feature": "calls", "units": i64::MAX})),
        ("feature", json!({"id": "2", "source": "api", "feature": "on", "units": 1})),
        ("id", json!({"id": "", "source": "api", "feature": "calls", "units": 1})),
        (
            "time",
            json!({"id": "2", "source": "api", "feature": "calls", "units": 1, "time": now.plus_secs(301).to_string()}),
        ),
        (
            "time",
            json!({"id": "2", "source": "api", "feature": "calls", "units": 1, "time": now.plus_secs(-1).to_string()}),
        ),
    ] {
        let done = subscription::record_usage(node, &bed.owner, ids, event(bad.clone())).await;
        assert!(matches!(&done, Err(Error::Invalid(refused)) if refused.field == field), "{bad}: {done:?}");
    }
    // Beyond the hard limit: it has happened. And a late event belongs to yesterday.
    let more = json!({"id": "3", "source": "api", "feature": "calls", "units": 9});
    let receipt = subscription::record_usage(node, &bed.owner, ids, event(more)).await.unwrap();
    assert_eq!(
        (receipt.entitlement.balance, receipt.entitlement.overage, receipt.entitlement.has_access),
        (Some(0), Some(3), false)
    );
    bed.clock.forward(86_400);
    let late = json!({"id": "4", "source": "api", "feature": "calls", "units": 1, "time": now.to_string()});
    let receipt = subscription::record_usage(node, &bed.owner, ids, event(late)).await.unwrap();
    assert_eq!((receipt.entitlement.usage, receipt.entitlement.balance), (Some(0), Some(10)));
    let report = subscription::usage(node, &olga, "acme", &id).await.unwrap();
    assert_eq!((report.usage.len(), report.usage[0].usage, report.usage[0].allowance), (1, 0, 10));
    bed.clock.forward(36 * 86_400);
    let old = json!({"id": "5", "source": "api", "feature": "calls", "units": 1, "time": now.plus_secs(1).to_string()});
    assert!(matches!(
        subscription::record_usage(node, &bed.owner, ids, event(old)).await,
        Err(Error::Invalid(_))
    ));
}

async fn a_deleted_organization_leaves_no_access_behind(bed: Bed) {
    let node = &bed.portcullis;
    let olga = found(&bed, "acme", "olga").await;
    join(node, &olga, "acme", "adm", json!(["ADMIN"])).await.unwrap();
    assert!(is_forbidden(&organization::delete(node, &user("adm"), "acme").await));
    organization::delete(node, &olga, "acme").await.unwrap();
    for who in ["olga", "adm"] {
        assert!(!bed.may(who, "read", "organizations/acme").await, "{who}");
    }
    assert!(is_missing(&organization::show(node, &bed.owner, "acme").await));
    found(&bed, "acme", "new").await;
    assert!(!bed.may("olga", "read", "organizations/acme").await, "also when the id is used again");
}

async fn what_is_applied_is_made_changed_and_then_left_alone(bed: Bed) {
    let mut wanted = json!({
        "roles": [{"roleId": "custom", "name": "c", "permissions": [line("x", "a")]}],
        "products": [{"productId": "app", "name": "App", "versions": ["1"]}],
        "plans": [{"planId": "gold", "productId": "app", "name": "Gold", "version": "1",
            "features": {"calls": {"metered": {"allowance": 5}}}}],
        "organizations": [{"organizationId": "acme", "name": "Acme", "tenants": [{"tenantId": "t1", "name": "T"}],
            "members": [{"userId": "olga", "roles": ["OWNER"]}, {"userId": "tim", "tenants": [{"tenantId": "t1", "roles": ["custom"]}]}]}],
        "subscriptions": [{"subscriptionId": "s1", "organizationId": "acme", "planId": "gold", "startDate": "2026-01-01T00:00:00Z"}],
    });
    let run = async |document: &Value| -> Result<Vec<String>> {
        let document = body::<ApplyDocument>(document.clone());
        let applied = apply(&bed.portcullis, &bed.owner, document, false).await?;
        Ok(applied.iter().map(ToString::to_string).collect())
    };
    let each = |verb: &str| -> Vec<String> {
        [
            "role custom",
            "product app",
            "plan gold",
            "organization acme",
            "tenant t1",
            "member acme/olga",
            "member acme/tim",
            "subscription s1",
        ]
        .map(|what| format!("{verb} {what}"))
        .to_vec()
    };
    assert_eq!(run(&wanted).await.unwrap(), each("create"));
    assert!(
        bed.may("tim", "x", "organizations/acme/tenants/t1/y").await
            && bed.may("olga", "z", "organizations/acme").await
    );
    bed.clock.forward(60);
    assert_eq!(run(&wanted).await.unwrap(), each("unchanged"));
    wanted["roles"][0]["name"] = json!("d");
    wanted["products"][0]["name"] = json!("Application");
    wanted["plans"][0]["rank"] = json!(3);
    wanted["organizations"][0]["name"] = json!("Acme Ltd");
    wanted["organizations"][0]["tenants"][0]["region"] = json!("eu");
    wanted["organizations"][0]["members"][0]["roles"] = json!(["OWNER", "VIEWER"]);
    wanted["organizations"][0]["members"][1]["roles"] = json!(["MEMBER"]);
    wanted["subscriptions"][0]["status"] = json!("canceled");
    assert_eq!(run(&wanted).await.unwrap(), each("update"));
    wanted["organizations"][0]["members"][0]["roles"] = json!(["VIEWER"]);
    assert!(is_conflict(&run(&wanted).await), "the last OWNER");
    wanted["organizations"][0]["members"][0]["roles"] = json!(["a b"]);
    assert!(
        matches!(run(&wanted).await, Err(Error::Invalid(field)) if field.field == "organizations[0].members[0].roles[0]")
    );
}
