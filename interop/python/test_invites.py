"""Invites: /v1/invites."""

import pytest
import sdk
from wire import Wire


@pytest.fixture
def invite(owner, reader):
    return lambda: owner.invites.create_invite(sdk.invite([sdk.invite_statement(reader, "docs")]))


def test_a_created_invite_can_be_read(owner, invite, reader):
    made = invite()
    assert made.invite_id and made.invite_id != "placeholder"
    read = owner.invites.get_invite(made.invite_id)
    assert read.invite_id == made.invite_id
    assert read.statements[0].roles == [reader]
    assert read.statements[0].resources[0].resource_uri == "docs"


def test_who_accepts_an_invite_gets_its_access(server, invite, fresh, as_user, may):
    alice = fresh("alice")
    made = invite()
    assert not may(alice, "docs/1", "documents:read")
    answer = as_user(alice).invites.respond_to_invite(made.invite_id)
    if sdk.PY30:
        assert answer.account_id == server.bootstrap["account_id"]
    assert may(alice, "docs/1", "documents:read")


def test_accepting_answers_with_the_account_for_every_kind_of_body(server, invite, fresh):
    for body in (None, {}):
        token = server.user_token(fresh("alice"))
        answer = Wire(server.url, token)("PATCH", f"/v1/invites/{invite().invite_id}", body)
        assert answer.status == 200
        assert answer.json["accountId"] == server.bootstrap["account_id"]
        assert {"createdTime", "company", "links"} <= answer.json.keys()


def test_a_withdrawn_invite_is_404(owner, invite, fresh, as_user):
    made = invite()
    owner.invites.delete_invite(made.invite_id)
    with pytest.raises(sdk.NotFoundException):
        owner.invites.get_invite(made.invite_id)
    with pytest.raises(sdk.NotFoundException):
        as_user(fresh("alice")).invites.respond_to_invite(made.invite_id)


def test_an_unknown_invite_is_404(owner, fresh, as_user):
    with pytest.raises(sdk.NotFoundException):
        owner.invites.get_invite(fresh("inv"))
    with pytest.raises(sdk.NotFoundException):
        as_user(fresh("alice")).invites.respond_to_invite(fresh("inv"))


def test_who_may_not_hand_out_a_role_may_not_invite_to_it(fresh, reader, as_user):
    with pytest.raises(sdk.ForbiddenException):
        as_user(fresh("alice")).invites.create_invite(sdk.invite([sdk.invite_statement(reader, "docs")]))
