"""User profiles: /v1/users."""

import time

import pytest
import sdk
from wire import Wire


@pytest.fixture
def people(server, owner, fresh):
    """Three known users who share a mark in their names."""
    mark = fresh("mark")
    ids = [fresh("user") for _ in range(3)]
    server.apply({"users": [{"userId": i, "name": f"{mark} {i}", "email": f"{i}@example.test"} for i in ids]})
    deadline = time.monotonic() + 5
    while len(owner.users.get_users(filter=mark).users) < 3:
        assert time.monotonic() < deadline, "the server does not see applied users"
        time.sleep(0.1)
    return mark, ids


def test_a_user_can_be_read(owner, people):
    mark, (user_id, *_) = people
    user = owner.users.get_user(user_id)
    assert (user.user_id, user.name, user.email) == (user_id, f"{mark} {user_id}", f"{user_id}@example.test")


def test_paging_by_one_reaches_every_matching_user_once(owner, people):
    mark, ids = people
    found = sdk.every_page(lambda **page: owner.users.get_users(filter=mark.upper(), **page), "users")
    assert sorted(user.user_id for user in found) == sorted(ids)


def test_the_whole_list_is_complete(owner, people):
    found = [user.user_id for user in sdk.every_page(owner.users.get_users, "users", limit=100)]
    assert set(people[1]) <= set(found)
    assert len(found) == len(set(found))


def test_a_deleted_user_is_gone(owner, wire, people):
    mark, (first, second, third) = people
    assert wire("DELETE", f"/v1/users/{first}").status == 202
    owner.users.delete_user(second)
    for gone in (first, second):
        with pytest.raises(sdk.NotFoundException):
            owner.users.get_user(gone)
    assert [user.user_id for user in owner.users.get_users(filter=mark).users] == [third]


def test_an_unknown_user_is_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.users.get_user(fresh("user"))


def test_a_token_configuration_is_accepted_at_both_of_its_paths(wire, people):
    _, (user_id, *_) = people
    body = {"accessTokenDuration": "PT1H", "sessionDuration": "P1D"}
    for path in (f"/v1/users/{user_id}", f"/v1/users/{user_id}/token-configuration"):
        answer = wire("PUT", path, body)
        assert (answer.status, answer.json["userId"]) == (200, user_id)


def test_a_caller_without_rights_may_not_list_users(server, fresh):
    assert Wire(server.url, server.user_token(fresh("stranger"))).get("/v1/users").status == 403
