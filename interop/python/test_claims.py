"""Claims: POST /v1/claims."""

import pytest
import sdk


@pytest.fixture
def teams(owner, fresh):
    """A collection that anybody may claim resources in."""
    collection = fresh("teams")
    owner.resource_permissions.update_permissioned_resource(
        collection,
        sdk.PermissionedResource(permissions=[sdk.ResourcePermission(action="CLAIM", allow=True)]),
    )
    return collection


def claim(client, collection, resource_id):
    return client.access_records.create_claim(
        sdk.ClaimRequest(collection_resource=collection, resource_id=resource_id)
    )


def test_a_claim_makes_the_user_the_owner_of_the_new_resource_alone(teams, fresh, as_user, may):
    alice = fresh("alice")
    by_alice = as_user(alice)
    assert claim(by_alice, teams, "t1") is not None, "a claim answers 201 with an object"
    by_alice.user_permissions.authorize_user(alice, f"{teams}/t1", "anything:at:all")
    assert not may(alice, teams, "anything")
    assert not may(alice, f"{teams}/t2", "anything")


def test_the_owner_of_a_claim_may_share_it(owner, teams, fresh, reader, as_user, may):
    alice, bob = fresh("alice"), fresh("bob")
    by_alice = as_user(alice)
    claim(by_alice, teams, "t1")
    by_alice.access_records.create_record(
        sdk.record(fresh("rec"), [sdk.statement(reader, f"{teams}/t1")], users=sdk.users(bob))
    )
    assert may(bob, f"{teams}/t1", "documents:read")


def test_a_resource_can_be_claimed_once(teams, fresh, as_user, refused):
    by_alice = as_user(fresh("alice"))
    claim(by_alice, teams, "t1")
    for again in (by_alice, as_user(fresh("bob"))):
        with refused(409):
            claim(again, teams, "t1")


def test_a_resource_that_somebody_has_explicit_access_to_cannot_be_claimed(teams, fresh, reader, grant, as_user, refused):
    grant(fresh("bob"), reader, f"{teams}/t1")
    with refused(409):
        claim(as_user(fresh("alice")), teams, "t1")


def test_a_collection_that_is_not_claimable_is_403(fresh, as_user):
    with pytest.raises(sdk.ForbiddenException):
        claim(as_user(fresh("alice")), fresh("private"), "t1")


def test_a_collection_that_stopped_being_claimable_is_403(owner, teams, fresh, as_user):
    owner.resource_permissions.update_permissioned_resource(
        teams, sdk.PermissionedResource(permissions=[sdk.ResourcePermission(action="CLAIM", allow=False)])
    )
    with pytest.raises(sdk.ForbiddenException):
        claim(as_user(fresh("alice")), teams, "t1")
