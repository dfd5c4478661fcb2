//! Resource configurations and resource users.

use authress::apis::resource_permissions_api::GetResourceUsersParams;
use authress::models::resource_permission::Action;
use authress::models::{PermissionedResource, ResourcePermission};

use crate::bed::{Bed, READER, next_cursor, refusal};

rules! {
    a_configuration_is_written_read_and_listed,
    resource_users_are_those_with_a_grant_on_exactly_that_uri,
}

async fn a_configuration_is_written_read_and_listed(bed: &Bed) {
    let resources = &bed.client.resource_permissions;
    let public = PermissionedResource::new(vec![ResourcePermission::new(Action::Public, true)]);
    resources.update_permissioned_resource("/open".into(), public.clone()).await.unwrap();
    assert_eq!(resources.get_permissioned_resource("/open".into()).await.unwrap(), public);
    assert!(resources.get_permissioned_resources().await.unwrap().resources.contains(&public));
    assert!(bed.may_read("anybody", "open/1").await);
    assert_eq!(refusal(resources.get_permissioned_resource("closed".into()).await), 404);
}

async fn resource_users_are_those_with_a_grant_on_exactly_that_uri(bed: &Bed) {
    for (user, resource) in [("alice", "docs/1"), ("bob", "/docs/1"), ("carol", "docs"), ("dave", "docs/1/2")]
    {
        bed.let_read(user, resource).await;
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let params = GetResourceUsersParams { limit: Some(1), cursor };
        let page =
            bed.client.resource_permissions.get_resource_users("docs/1".into(), Some(params)).await.unwrap();
        for entry in page.users {
            assert!(entry.roles.iter().all(|role| role.role_id == READER));
            found.push(entry.user_id);
        }
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["alice", "bob"]);
}
