"""Resource configuration and resource users: /v1/resources."""

import pytest
import sdk


@pytest.fixture
def configure(owner):
    def put(resource, **actions):
        permissions = [sdk.ResourcePermission(action=action, allow=allow) for action, allow in actions.items()]
        owner.resource_permissions.update_permissioned_resource(
            resource, sdk.PermissionedResource(permissions=permissions)
        )

    return put


def test_a_configuration_can_be_read_and_replaced(owner, fresh, configure):
    resource = f"/orgs/{fresh('area')}/*"
    configure(resource, CLAIM=True)
    read = owner.resource_permissions.get_permissioned_resource(resource)
    assert [(permission.action, permission.allow) for permission in read.permissions] == [("CLAIM", True)]
    configure(resource, PUBLIC=False)
    read = owner.resource_permissions.get_permissioned_resource(resource)
    assert [(permission.action, permission.allow) for permission in read.permissions] == [("PUBLIC", False)]


def test_the_list_names_every_configured_resource(owner, wire, fresh, configure):
    resource = fresh("area")
    configure(resource, CLAIM=True)
    assert owner.resource_permissions.get_permissioned_resources().resources
    path, found = "/v1/resources", []
    while path:
        page = wire.get(path).json
        found += [entry["resourceUri"] for entry in page["resources"]]
        following = page["links"].get("next")
        path = following and following["href"].removeprefix(wire.url)
    assert resource in [uri.removeprefix("/") for uri in found]


def test_an_unconfigured_resource_is_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.resource_permissions.get_permissioned_resource(fresh("area"))


def test_public_lets_every_user_in_below_it_and_nowhere_else(fresh, configure, may):
    resource, anybody = fresh("open"), fresh("anybody")
    configure(resource, PUBLIC=True)
    assert may(anybody, f"{resource}/1/2", "documents:read")
    assert not may(anybody, fresh("closed"), "documents:read")
    configure(resource, PUBLIC=False)
    assert not may(anybody, f"{resource}/1/2", "documents:read")


def test_resource_users_are_those_with_a_grant_on_exactly_that_uri(owner, fresh, reader, grant):
    area, alice, bob, carol = fresh("area"), fresh("alice"), fresh("bob"), fresh("carol")
    grant([alice, bob], reader, f"/{area}/1")
    grant(carol, reader, area)
    found = sdk.every_page(
        lambda **page: owner.resource_permissions.get_resource_users(f"{area}/1", **page), "users"
    )
    assert sorted(entry.user_id for entry in found) == sorted([alice, bob])
    assert all([role.role_id for role in entry.roles] == [reader] for entry in found)


def test_a_resource_without_users_is_an_empty_list(owner, fresh):
    assert owner.resource_permissions.get_resource_users(fresh("area")).users == []


def test_a_caller_without_rights_may_neither_read_nor_change_a_configuration(fresh, configure, as_user, refused):
    area = fresh("area")
    configure(area, CLAIM=True)
    by_alice = as_user(fresh("alice")).resource_permissions
    with refused(403, 404):
        by_alice.get_permissioned_resource(area)
    with refused(403, 404):
        by_alice.update_permissioned_resource(
            area, sdk.PermissionedResource(permissions=[sdk.ResourcePermission(action="PUBLIC", allow=True)])
        )
