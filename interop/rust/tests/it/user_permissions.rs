//! Checks and lists of what a user may do.

use std::collections::BTreeSet;

use authress::apis::user_permissions_api::GetUserResourcesParams;

use crate::bed::{Bed, READER, next_cursor, refusal, set};

rules! {
    a_check_answers_yes_and_no,
    a_user_asks_about_itself_and_gets_403_for_others,
    user_ids_go_through_a_path_unencoded,
    permissions_and_roles_are_listed,
    resources_are_listed_top_level_and_nested,
}

async fn a_check_answers_yes_and_no(bed: &Bed) {
    bed.let_read("alice", "/orgs/o:1/docs/*").await;
    for (resource, allowed) in [
        ("/orgs/o:1/docs/d1", true),
        ("orgs/o:1/docs/d1/sub", true),
        ("orgs/o:1/docs/*", true),
        ("orgs/o:1/docs", false),
        ("orgs/o:2/docs/d1", false),
    ] {
        assert_eq!(bed.may_read("alice", resource).await, allowed, "{resource}");
    }
    let write = bed.client.user_permissions.authorize_user(
        "alice".into(),
        "orgs/o:1/docs/1".into(),
        "documents:write".into(),
    );
    assert_eq!(refusal(write.await), 404);
}

async fn a_user_asks_about_itself_and_gets_403_for_others(bed: &Bed) {
    bed.let_read("alice", "docs").await;
    let alice = bed.as_user("alice").user_permissions;
    let ask = |user: &str| alice.authorize_user(user.into(), "docs/1".into(), "documents:read".into());
    ask("alice").await.unwrap();
    assert_eq!(refusal(ask("bob").await), 403);
    assert_eq!(refusal(alice.get_user_resources("bob".into(), None, None).await), 403);
}

async fn user_ids_go_through_a_path_unencoded(bed: &Bed) {
    for user in ["auth0|alice@x.test", "a+b@x.test", "~a:b"] {
        bed.let_read(user, "docs").await;
        assert!(bed.may_read(user, "docs/1").await, "{user}");
    }
}

async fn permissions_and_roles_are_listed(bed: &Bed) {
    bed.let_read("alice", "docs/1").await;
    let asked = &bed.client.user_permissions;
    let found = asked.get_user_permissions_for_resource("alice".into(), "docs/1/2".into()).await.unwrap();
    assert_eq!(found.permissions.first().unwrap().action, "documents:read");
    let found = asked.get_user_roles_for_resource("alice".into(), "docs/1".into()).await.unwrap();
    assert_eq!(found.roles.first().unwrap().role_id, READER);
    assert_eq!(refusal(asked.get_user_roles_for_resource("alice".into(), "docs/1/2".into()).await), 404);
    assert_eq!(refusal(asked.get_user_permissions_for_resource("alice".into(), "other".into()).await), 404);
}

async fn resources_are_listed_top_level_and_nested(bed: &Bed) {
    for resource in ["area/a", "/area/b", "area/b/deep/1"] {
        bed.let_read("alice", resource).await;
    }
    let top = bed
        .client
        .user_permissions
        .get_user_resources("alice".into(), Some("area".into()), None)
        .await
        .unwrap();
    let top: BTreeSet<_> = top.resources.unwrap().into_iter().map(|resource| resource.resource_uri).collect();
    assert_eq!(top, set(["area/a", "area/b"]));

    let (mut found, mut cursor) = (BTreeSet::new(), None);
    loop {
        let params = GetUserResourcesParams {
            collection_configuration: Some("INCLUDE_NESTED".into()),
            permissions: Some("documents:read".into()),
            limit: Some(1),
            cursor,
        };
        let resource = Some("area/*".into());
        let page = bed
            .client
            .user_permissions
            .get_user_resources("alice".into(), resource, Some(params))
            .await
            .unwrap();
        found.extend(page.resources.unwrap().into_iter().map(|resource| resource.resource_uri));
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, set(["area/a", "area/b", "area/b/deep/1"]));

    let nobody = bed.client.user_permissions.get_user_resources("nobody".into(), None, None).await.unwrap();
    assert!(nobody.resources.unwrap_or_default().is_empty());
}
