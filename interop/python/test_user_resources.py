"""What a user has access to: GET /v1/users/{userId}/resources."""

import pytest
import sdk

NESTED = "INCLUDE_NESTED"


@pytest.fixture
def area(fresh):
    return fresh("area")


@pytest.fixture
def alice(fresh, reader, grant, area):
    """A user with two direct children of the area and one deeper resource."""
    user = fresh("alice")
    grant(user, reader, [f"/{area}/b", f"{area}/a", f"{area}/b/deep/1"])
    return user


@pytest.fixture
def resources(owner):
    def ask(user, resource_uri, configuration=None, **more):
        answer = owner.user_permissions.get_user_resources(
            user, resource_uri=resource_uri, collection_configuration=configuration, **more
        )
        assert answer.user_id == user
        return [resource.resource_uri for resource in answer.resources]

    return ask


@pytest.mark.parametrize("form", ["{}", "/{}", "/{}/*", "{}/*"])
def test_top_level_are_the_direct_children_sorted_without_a_leading_slash(alice, area, resources, form):
    assert resources(alice, form.format(area)) == [f"{area}/a", f"{area}/b"]


def test_nested_are_all_below(alice, area, resources):
    assert resources(alice, f"{area}/*", NESTED) == [f"{area}/a", f"{area}/b", f"{area}/b/deep/1"]


def test_paging_by_one_reaches_every_resource_once(owner, alice, area):
    found = sdk.every_page(
        lambda **page: owner.user_permissions.get_user_resources(
            alice, resource_uri=f"{area}/*", collection_configuration=NESTED, **page
        ),
        "resources",
    )
    assert [resource.resource_uri for resource in found] == [f"{area}/a", f"{area}/b", f"{area}/b/deep/1"]


def test_the_permission_filters(owner, fresh, alice, area, grant, resources):
    writer = fresh("ro")
    owner.roles.create_role(sdk.role(writer, "documents:write"))
    grant(alice, writer, f"{area}/c")
    assert resources(alice, area, permissions="documents:write") == [f"{area}/c"]
    assert resources(alice, area, permissions="documents:read") == [f"{area}/a", f"{area}/b"]
    assert resources(alice, area) == [f"{area}/a", f"{area}/b", f"{area}/c"]


def test_access_from_above_is_an_empty_top_level_list(fresh, reader, grant, area, resources):
    bob = fresh("bob")
    grant(bob, reader, area)
    assert resources(bob, f"/{area}/*") == []


def test_access_from_above_echoes_the_nested_query(fresh, reader, grant, area, resources):
    bob = fresh("bob")
    grant(bob, reader, area)
    assert resources(bob, f"/{area}/*", NESTED) == [f"/{area}/*"]


def test_wildcards_in_the_query_filter_segment_by_segment(fresh, reader, grant, area, resources):
    carol = fresh("carol")
    grant(carol, reader, [f"{area}/1/docs/x", f"{area}/2/docs/y", f"{area}/2/users/z"])
    assert resources(carol, f"/{area}/*/docs/*", NESTED) == [f"{area}/1/docs/x", f"{area}/2/docs/y"]


def test_access_through_a_group_is_listed(owner, fresh, reader, area, resources):
    dave = fresh("dave")
    group_id = owner.groups.create_group(sdk.group("g", [dave])).group_id
    statements = [sdk.statement(reader, f"{area}/1")]
    owner.access_records.create_record(
        sdk.record(fresh("rec"), statements, groups=sdk.linked_groups(group_id))
    )
    assert resources(dave, area) == [f"{area}/1"]


def test_nobody_has_an_empty_list_and_never_404(fresh, resources):
    assert resources(fresh("nobody"), "docs") == []
    assert resources(fresh("nobody"), "docs", NESTED) == []
