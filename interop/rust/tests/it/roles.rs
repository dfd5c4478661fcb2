//! Roles.

use crate::bed::{Bed, fresh, refusal, role};

rules! {
    a_role_is_created_read_updated_and_deleted,
    built_in_roles_are_there_and_listed,
}

async fn a_role_is_created_read_updated_and_deleted(bed: &Bed) {
    let roles = &bed.client.roles;
    let id = fresh("ro");
    let sent = role(&id, "documents:read");
    assert_eq!(roles.create_role(sent.clone()).await.unwrap(), sent);
    assert_eq!(refusal(roles.create_role(sent.clone()).await), 409);
    assert_eq!(roles.get_role(id.clone()).await.unwrap(), sent);
    let changed = role(&id, "documents:write");
    assert_eq!(roles.update_role(id.clone(), changed.clone()).await.unwrap(), changed);
    roles.delete_role(id.clone()).await.unwrap();
    assert_eq!(refusal(roles.get_role(id).await), 404);
}

async fn built_in_roles_are_there_and_listed(bed: &Bed) {
    let owner = bed.client.roles.get_role("Authress:Owner".into()).await.unwrap();
    let permission = owner.permissions.first().unwrap();
    assert!(permission.action == "*" && permission.allow && permission.grant && permission.delegate);
    assert!(bed.client.roles.get_roles().await.unwrap().roles.contains(&owner));
}
