use portcullis_domain::{Counter, ORGANIZATION_OWNER, StoredSubscription};
use portcullis_store::{Page, UsageKey};
use portcullis_types::organization::OrganizationStatus;
use portcullis_types::subscription::SubscriptionStatus;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    organizations_and_tenants_are_read_back_as_they_were_written,
    members_are_listed_from_both_ends_and_owners_are_those_with_the_role,
    plans_and_subscriptions_are_read_back_in_every_status,
    what_is_in_an_organization_goes_with_it,
    a_counter_never_goes_over_its_bound,
    a_usage_event_counts_once_until_it_is_forgotten,
];

async fn organizations_and_tenants_are_read_back_as_they_were_written(database: Database) {
    let store = database.store;
    let mut one = fixtures::organization("o1");
    assert!(!write!(store, update_organization(&one)));
    assert!(write!(store, insert_organization(&one)));
    assert!(!write!(store, insert_organization(&one)));
    one.status = OrganizationStatus::Suspended;
    one.updated_at = NOW.plus_secs(1);
    assert!(write!(store, update_organization(&one)));
    assert_eq!(read!(store, organization("o1")), Some(one.clone()));
    assert_eq!(write!(store, organization_for_update("o1")), Some(one));
    write!(store, insert_organization(&fixtures::organization("o2")));
    assert_eq!(read!(store, list_organizations(&Page::new(None, Some("GOLD"), 9))).len(), 2);
    assert_eq!(read!(store, list_organizations(&Page::new(Some("o1".to_owned()), None, 9))).len(), 1);

    let mut tenant = fixtures::tenant("t1", "o1");
    assert!(write!(store, insert_tenant(&tenant)));
    assert!(!write!(store, insert_tenant(&fixtures::tenant("t1", "o2"))), "unique in the installation");
    tenant.region = None;
    assert!(write!(store, update_tenant(&tenant)));
    assert!(!write!(store, update_tenant(&fixtures::tenant("t1", "o2"))));
    assert_eq!(read!(store, tenant("t1")), Some(tenant.clone()));
    assert_eq!(read!(store, list_tenants("o1", &Page::first(9))), [tenant]);
    assert!(read!(store, list_tenants("o2", &Page::first(9))).is_empty());
    assert!(!write!(store, delete_tenant("o2", "t1")));
    assert!(write!(store, delete_tenant("o1", "t1")));
}

async fn members_are_listed_from_both_ends_and_owners_are_those_with_the_role(database: Database) {
    let store = database.store;
    for id in ["o1", "o2"] {
        write!(store, insert_organization(&fixtures::organization(id)));
        write!(store, insert_tenant(&fixtures::tenant(&format!("t-{id}"), id)));
    }
    for (organization, user) in [("o1", "alice"), ("o1", "bob"), ("o2", "alice")] {
        assert!(write!(store, insert_member(&fixtures::member(organization, user))));
    }
    assert!(!write!(store, insert_member(&fixtures::member("o1", "alice"))));
    assert_eq!(read!(store, list_members("o1", &Page::first(9))).len(), 2);
    assert_eq!(
        read!(store, list_members("o1", &Page::new(None, Some("BO"), 9))),
        [fixtures::member("o1", "bob")]
    );
    let of = |rows: Vec<portcullis_domain::StoredOrganization>| -> Vec<String> {
        rows.into_iter().map(|row| row.organization_id).collect()
    };
    assert_eq!(of(read!(store, organizations_of("alice", &Page::first(9)))), ["o1", "o2"]);
    assert_eq!(
        of(read!(store, organizations_of("alice", &Page::new(Some("o1".to_owned()), None, 9)))),
        ["o2"]
    );
    assert_eq!(
        of(read!(store, organizations_of("bob", &Page::new(None, Some("organization O1"), 9)))),
        ["o1"]
    );
    assert_eq!(read!(store, tenants_of_member("alice")).len(), 2);

    let place = "organizations/o1";
    for user in ["alice", "carol"] {
        write!(store, insert_record(&fixtures::simple(user, &[user], ORGANIZATION_OWNER, place)));
    }
    let owners = read!(store, members_with_role("o1", place, ORGANIZATION_OWNER, 9));
    assert_eq!(owners, ["alice"], "carol is no member, bob no owner");
    write!(store, delete_record("alice", NOW));
    assert!(read!(store, members_with_role("o1", place, ORGANIZATION_OWNER, 9)).is_empty());
    assert!(write!(store, delete_member("o1", "bob")) && !write!(store, delete_member("o1", "bob")));
}

async fn plans_and_subscriptions_are_read_back_in_every_status(database: Database) {
    let store = database.store;
    write!(store, insert_product(&fixtures::product("p")));
    let plan = fixtures::plan("gold", "p");
    assert!(write!(store, insert_plan(&plan)) && !write!(store, insert_plan(&plan)));
    assert!(!write!(store, update_plan(&fixtures::plan("gold", "other"))));
    assert_eq!(read!(store, plan("gold")), Some(plan.clone()));
    assert!(!read!(store, is_plan_used("gold")));
    let statuses: Vec<SubscriptionStatus> = [
        "active",
        "trialing",
        "past_due",
        "canceled",
        "paused",
        "incomplete",
        "incomplete_expired",
        "expired",
        "completed",
        "upgraded",
        "downgraded",
    ]
    .map(|status| serde_json::from_value(serde_json::json!(status)).unwrap())
    .to_vec();
    for (index, status) in statuses.into_iter().enumerate() {
        let id = format!("s{index:02}");
        let new = StoredSubscription { status, ..fixtures::subscription(&id, "o", "gold") };
        assert!(write!(store, insert_subscription(&new)));
        assert_eq!(read!(store, subscription(&id)), Some(new));
    }
    let all = read!(store, subscriptions_with_plans("o"));
    assert!(all.len() == 11 && all.iter().all(|(_, found)| *found == plan));
    assert!(read!(store, is_plan_used("gold")));
    assert_eq!(read!(store, list_subscriptions("o", &Page::new(None, Some("past_due"), 9))).len(), 1);
    assert!(read!(store, list_subscriptions("other", &Page::first(9))).is_empty());
}

async fn what_is_in_an_organization_goes_with_it(database: Database) {
    let store = database.store;
    let key = UsageKey { subscription_id: "s", feature: "calls", period_start: NOW };
    write!(store, insert_plan(&fixtures::plan("gold", "p")));
    for (organization, subscription) in [("o1", "s"), ("o2", "s2")] {
        write!(store, insert_organization(&fixtures::organization(organization)));
        write!(store, insert_member(&fixtures::member(organization, "alice")));
        write!(store, insert_subscription(&fixtures::subscription(subscription, organization, "gold")));
        assert!(write!(store, insert_seat(subscription, &fixtures::seat("alice"))));
    }
    write!(store, open_usage(key, 0, NOW));
    write!(store, insert_usage_event("o1", "src", "1", NOW));
    assert_eq!(read!(store, count_seats("s")), 1);
    assert!(write!(store, delete_organization("o1")) && !write!(store, delete_organization("o1")));
    assert_eq!(read!(store, subscription("s")), None);
    assert_eq!((read!(store, count_seats("s")), read!(store, count_seats("s2"))), (0, 1));
    assert_eq!(read!(store, latest_usage(key)), None);
    assert_eq!(read!(store, member("o1", "alice")), None);
    assert!(write!(store, insert_usage_event("o1", "src", "1", NOW)));
    // Whoever leaves gives the seats back.
    write!(store, delete_member("o2", "alice"));
    assert_eq!(read!(store, count_seats("s2")), 0);
}

async fn a_counter_never_goes_over_its_bound(database: Database) {
    let store = database.store;
    let key = UsageKey { subscription_id: "s", feature: "calls", period_start: NOW };
    assert_eq!(write!(store, add_usage(key, 1, 9, NOW)), None, "not open");
    assert_eq!(write!(store, open_usage(key, 5, NOW)), Counter { carried: 5, used: 0 });
    assert_eq!(write!(store, open_usage(key, 7, NOW)), Counter { carried: 5, used: 0 }, "opened once");
    assert_eq!(write!(store, add_usage(key, 8, 10, NOW)), Some(Counter { carried: 5, used: 8 }));
    assert_eq!(write!(store, add_usage(key, 3, 10, NOW)), None);
    assert_eq!(write!(store, add_usage(key, 2, 10, NOW)), Some(Counter { carried: 5, used: 10 }));
    assert_eq!(
        write!(store, add_usage(key, i64::MAX, i64::MAX, NOW)),
        None,
        "never over what can be counted"
    );
    let later = UsageKey { period_start: NOW.plus_secs(1), ..key };
    assert_eq!(read!(store, latest_usage(later)), Some((NOW, Counter { carried: 5, used: 10 })));
    let before = UsageKey { period_start: NOW.plus_secs(-1), ..key };
    assert_eq!(read!(store, latest_usage(before)), None);
}

async fn a_usage_event_counts_once_until_it_is_forgotten(database: Database) {
    let store = database.store;
    assert!(write!(store, insert_usage_event("o1", "a", "1", NOW)));
    assert!(!write!(store, insert_usage_event("o1", "a", "1", NOW.plus_secs(9))));
    for (organization, source, id) in [("o1", "a", "2"), ("o1", "b", "1"), ("o2", "a", "1")] {
        assert!(write!(store, insert_usage_event(organization, source, id, NOW.plus_secs(5))));
    }
    assert_eq!(write!(store, delete_usage_events(NOW, 9)), 0);
    assert_eq!(write!(store, delete_usage_events(NOW.plus_secs(1), 9)), 1);
    assert_eq!(write!(store, delete_usage_events(NOW.plus_secs(9), 2)), 2);
    assert!(write!(store, insert_usage_event("o1", "a", "1", NOW)));
}
