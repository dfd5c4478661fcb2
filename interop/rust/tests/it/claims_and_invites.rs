//! Claims and invites.

use authress::models::resource_permission::Action;
use authress::models::{
    ClaimRequest, Invite, InviteStatement, PermissionedResource, Resource, ResourcePermission,
};

use crate::bed::{Bed, READER, fresh, refusal};

rules! {
    a_claim_makes_the_user_the_owner_once,
    who_accepts_an_invite_gets_its_access,
    a_withdrawn_invite_is_404,
}

async fn a_claim_makes_the_user_the_owner_once(bed: &Bed) {
    let claimable = PermissionedResource::new(vec![ResourcePermission::new(Action::Claim, true)]);
    bed.client.resource_permissions.update_permissioned_resource("teams".into(), claimable).await.unwrap();
    let alice = bed.as_user("alice");
    let claim = || ClaimRequest::new("teams".into(), "t1".into());
    assert!(alice.access_records.create_claim(claim()).await.unwrap().is_object());
    let own = alice.user_permissions.authorize_user("alice".into(), "teams/t1".into(), "anything".into());
    own.await.unwrap();
    assert_eq!(refusal(alice.access_records.create_claim(claim()).await), 409);
    let private = ClaimRequest::new("private".into(), "t1".into());
    assert_eq!(refusal(alice.access_records.create_claim(private).await), 403);
}

fn invite() -> Invite {
    let statement = InviteStatement::new(vec![READER.into()], vec![Resource::new("docs".into())]);
    Invite::new("placeholder".into(), vec![statement])
}

async fn who_accepts_an_invite_gets_its_access(bed: &Bed) {
    let made = bed.client.access_records.create_invite(invite()).await.unwrap();
    assert_eq!(made.statements, invite().statements);
    assert!(!bed.may_read("alice", "docs/1").await);
    bed.as_user("alice").access_records.respond_to_invite(made.invite_id).await.unwrap();
    assert!(bed.may_read("alice", "docs/1").await);
}

async fn a_withdrawn_invite_is_404(bed: &Bed) {
    let made = bed.client.access_records.create_invite(invite()).await.unwrap();
    bed.client.access_records.delete_invite(made.invite_id.clone()).await.unwrap();
    let alice = bed.as_user("alice");
    assert_eq!(refusal(alice.access_records.respond_to_invite(made.invite_id).await), 404);
    assert_eq!(refusal(alice.access_records.respond_to_invite(fresh("inv")).await), 404);
}
