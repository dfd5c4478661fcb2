"""The checks: /v1/users/{userId}/resources/..., who may ask, and what is answered."""

import pytest
import sdk


@pytest.mark.parametrize(
    "resource, permission, allowed",
    [
        ("/orgs/o:1/docs/d1", "documents:read", True),
        ("/orgs/o:1/docs/d1", "DOCUMENTS:READ", True),
        ("orgs/o:1/docs/d1", "documents:read", True),
        ("orgs/o:1/docs/d1/", "documents:read", True),
        ("orgs/o:1/docs/d1/sub", "documents:read", True),
        ("orgs/o:1/docs/d1", "documents:read:deep", True),
        ("orgs/o:1/docs/*", "documents:read", True),
        ("orgs/o:1/docs", "documents:read", False),
        ("orgs/o:1/doc", "documents:read", False),
        ("orgs/o:1/DOCS/d1", "documents:read", False),
        ("orgs/o:1/users/u1", "documents:read", False),
        ("orgs/o:2/docs/d1", "documents:read", False),
        ("orgs/o:1/docs/d1", "documents:write", False),
        ("orgs/o:1/docs/d1", "documents", False),
        ("orgs/o:1/docs/d1", "*", False),
    ],
)
def test_a_grant_below_a_collection(fresh, reader, grant, may, resource, permission, allowed):
    alice = fresh("auth0|alice")
    grant(alice, reader, "/orgs/o:1/docs/*")
    assert may(alice, resource, permission) is allowed


@pytest.mark.parametrize(
    "granted, asked, allowed",
    [
        ("docs", "docs", True),
        ("docs", "docs/1/2/3", True),
        ("docs", "docs/*", True),
        ("docs/*", "docs", False),
        ("docs/1", "docs/*", False),
        ("*", "anything/at/all", True),
        ("*", "Authress:Roles", False),
        ("/orgs/*/docs", "orgs/7/docs/1", True),
        ("/orgs/*/docs", "orgs/7/users", False),
        ("ns:*/low", "ns:a/low/1", True),
        ("ns:*/low", "other:a/low", False),
    ],
)
def test_resources_match_by_whole_segments(fresh, reader, grant, may, granted, asked, allowed):
    alice = fresh("alice")
    grant(alice, reader, granted)
    assert may(alice, asked, "documents:read") is allowed


@pytest.mark.parametrize(
    "granted, asked, allowed",
    [
        ("documents", "documents:read", True),
        ("documents:*", "documents:a:read", True),
        ("documents:*", "documents", True),
        ("*", "anything", True),
        ("documents:read", "documents", False),
        ("documents:read", "documents:*", False),
        ("document", "documents:read", False),
    ],
)
def test_permissions_cover_what_is_below_them(owner, fresh, grant, may, granted, asked, allowed):
    alice, role_id = fresh("alice"), fresh("ro")
    owner.roles.create_role(sdk.role(role_id, granted))
    grant(alice, role_id, "docs")
    assert may(alice, "docs/1", asked) is allowed


def test_only_allow_answers_a_check(owner, fresh, grant, may):
    alice, role_id = fresh("alice"), fresh("ro")
    bits = sdk.PermissionObject(action="documents:read", allow=False, grant=True, delegate=True)
    owner.roles.create_role(sdk.role(role_id, permissions=[bits]))
    grant(alice, role_id, "docs")
    assert not may(alice, "docs/1", "documents:read")


def test_an_unknown_user_is_the_answer_no(may, fresh):
    assert not may(fresh("nobody"), "docs/1", "documents:read")


@pytest.mark.parametrize("user", ["auth0|alice", "google|a@b.c", "a/b", "~x:y", "Authress:ServiceClients/sc_x"])
def test_user_ids_with_reserved_characters_work_in_a_path(fresh, reader, grant, may, user):
    user = f"{user}_{fresh('u')}"
    grant(user, reader, "docs")
    assert may(user, "docs/1", "documents:read")


def test_a_user_may_ask_about_itself_but_not_about_others(fresh, reader, grant, as_user):
    alice, bob = fresh("auth0|alice"), fresh("bob")
    grant([alice, bob], reader, "docs")
    by_alice = as_user(alice)
    by_alice.user_permissions.authorize_user(alice, "docs/1", "documents:read")
    with pytest.raises(sdk.NotFoundException):
        by_alice.user_permissions.authorize_user(alice, "docs/1", "documents:write")
    for permission in ("documents:read", "documents:write"):
        with pytest.raises(sdk.ForbiddenException):
            by_alice.user_permissions.authorize_user(bob, "docs/1", permission)


def test_whoever_holds_read_on_user_permissions_may_ask_about_that_user(owner, fresh, reader, grant, as_user):
    helper, alice, bob, role_id = fresh("helper"), fresh("alice"), fresh("bob"), fresh("ro")
    grant([alice, bob], reader, "docs")
    owner.roles.create_role(sdk.role(role_id, "read"))
    grant(helper, role_id, f"Authress:UserPermissions/{alice}")
    by_helper = as_user(helper)
    by_helper.user_permissions.authorize_user(alice, "docs/1", "documents:read")
    with pytest.raises(sdk.ForbiddenException):
        by_helper.user_permissions.authorize_user(bob, "docs/1", "documents:read")


def test_a_service_client_needs_the_option_to_ask_about_others(fresh, reader, grant, new_client):
    alice = fresh("alice")
    grant(alice, reader, "docs")
    _, plain = new_client()
    with pytest.raises(sdk.ForbiddenException):
        plain.user_permissions.authorize_user(alice, "docs/1", "documents:read")
    _, trusted = new_client(options=sdk.ClientOptions(grant_user_permissions_access=True))
    trusted.user_permissions.authorize_user(alice, "docs/1", "documents:read")
    with pytest.raises(sdk.NotFoundException):
        trusted.user_permissions.authorize_user(alice, "docs/1", "documents:write")


def test_the_other_questions_about_a_user_follow_the_same_rule(fresh, reader, grant, as_user):
    alice, bob = fresh("alice"), fresh("bob")
    grant(bob, reader, "docs")
    asked = as_user(alice).user_permissions
    for question in (
        lambda: asked.get_user_permissions_for_resource(bob, "docs"),
        lambda: asked.get_user_roles_for_resource(bob, "docs"),
        lambda: asked.get_user_resources(bob),
    ):
        with pytest.raises(sdk.ForbiddenException):
            question()


def test_permissions_for_a_resource_are_the_union_over_all_roles_that_reach_it(owner, fresh, reader, grant):
    alice, writer = fresh("alice"), fresh("ro")
    owner.roles.create_role(sdk.role(writer, permissions=[sdk.allow("documents:write", grant=True)]))
    grant(alice, reader, "docs")
    grant(alice, writer, "docs/1")
    answer = owner.user_permissions.get_user_permissions_for_resource(alice, "docs/1/2")
    assert answer.user_id == alice
    found = sorted((p.action, p.allow, p.grant, p.delegate) for p in answer.permissions)
    assert found == [("documents:read", True, False, False), ("documents:write", True, True, False)]
    with pytest.raises(sdk.NotFoundException):
        owner.user_permissions.get_user_permissions_for_resource(alice, "elsewhere")


def test_roles_for_a_resource_are_those_granted_on_exactly_that_uri(owner, fresh, reader, grant):
    alice = fresh("alice")
    grant(alice, reader, "/docs/1")
    answer = owner.user_permissions.get_user_roles_for_resource(alice, "docs/1")
    assert (answer.user_id, {role.role_id for role in answer.roles}) == (alice, {reader})
    for other in ("docs", "docs/1/2"):
        with pytest.raises(sdk.NotFoundException):
            owner.user_permissions.get_user_roles_for_resource(alice, other)


def test_a_check_answers_200_with_a_json_body(wire, fresh, reader, grant):
    alice = fresh("alice")
    grant(alice, reader, "docs")
    answer = wire.get(f"/v1/users/{alice}/resources/docs%2F1/permissions/documents:read")
    assert answer.status == 200
    assert isinstance(answer.json, dict)


def test_a_user_token_answers_the_same_questions_about_itself(fresh, reader, grant, as_user):
    alice = fresh("alice")
    grant(alice, reader, "docs")
    asked = as_user(alice).user_permissions
    assert asked.get_user_permissions_for_resource(alice, "docs/1").permissions[0].action == "documents:read"
    assert asked.get_user_roles_for_resource(alice, "docs").roles[0].role_id == reader
    assert [resource.resource_uri for resource in asked.get_user_resources(alice).resources] == ["docs"]
