"""Roles: /v1/roles."""

import pytest
import sdk


def test_a_created_role_is_returned_and_can_be_read(owner, fresh):
    role_id = fresh("ro")
    made = owner.roles.create_role(sdk.role(role_id, "documents:read", name="Reader", description="reads"))
    assert (made.role_id, made.name, made.description) == (role_id, "Reader", "reads")
    read = owner.roles.get_role(role_id)
    assert read.to_dict() == made.to_dict()
    assert read.permissions[0].to_dict() == {"action": "documents:read", "allow": True, "grant": False, "delegate": False}


def test_a_role_id_can_be_taken_once(owner, fresh, refused):
    role_id = fresh("ro")
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    with refused(409):
        owner.roles.create_role(sdk.role(role_id, "documents:write"))


def test_an_update_replaces_the_permissions_at_once(owner, fresh, grant, may):
    role_id, user = fresh("ro"), fresh("user")
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    grant(user, role_id, "docs")
    assert may(user, "docs/1", "documents:read")

    changed = owner.roles.update_role(role_id, sdk.role(role_id, "documents:write"))

    assert [permission.action for permission in changed.permissions] == ["documents:write"]
    assert may(user, "docs/1", "documents:write")
    assert not may(user, "docs/1", "documents:read")


def test_a_deleted_role_is_gone_and_its_records_stop_granting(owner, fresh, grant, may):
    role_id, user = fresh("ro"), fresh("user")
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    record_id = grant(user, role_id, "docs")

    owner.roles.delete_role(role_id)

    with pytest.raises(sdk.NotFoundException):
        owner.roles.get_role(role_id)
    assert not may(user, "docs/1", "documents:read")
    assert owner.access_records.get_record(record_id).statements[0].roles == [role_id]


def test_the_list_holds_own_and_built_in_roles(owner, fresh):
    role_id = fresh("ro")
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    if sdk.PY30:
        found = owner.roles.get_roles().roles
        assert "Authress:Owner" in [role.role_id for role in found]
    else:
        found = sdk.every_page(owner.roles.get_roles, "roles", limit=5)
        ids = [role.role_id for role in found]
        assert {role_id, "Authress:Owner"} <= set(ids)
        assert len(ids) == len(set(ids))


@pytest.mark.skipif(sdk.PY30, reason="the 3.0 SDK lists roles without parameters")
def test_the_filter_is_a_case_insensitive_substring(owner, fresh):
    role_id = fresh("ro")
    owner.roles.create_role(sdk.role(role_id, "documents:read", name=f"Zebra {role_id}"))
    assert [role.role_id for role in owner.roles.get_roles(filter=f"zebra {role_id}".upper()).roles] == [role_id]


@pytest.mark.parametrize("role_id", ["Authress:Owner", "Authress:ReadResource", "Authress:AuthenticateUser"])
def test_built_in_roles_can_be_read(owner, role_id):
    assert owner.roles.get_role(role_id).role_id == role_id


def test_the_owner_role_allows_grants_and_delegates_everything(owner):
    permissions = [permission.to_dict() for permission in owner.roles.get_role("Authress:Owner").permissions]
    assert permissions == [{"action": "*", "allow": True, "grant": True, "delegate": True}]


def test_built_in_roles_cannot_be_changed(owner, refused):
    with refused(400, 403, 409):
        owner.roles.update_role("Authress:Owner", sdk.role("Authress:Owner", "nothing"))
    with refused(400, 403, 409):
        owner.roles.delete_role("Authress:Owner")


def test_an_unknown_role_is_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.roles.get_role(fresh("ro"))
