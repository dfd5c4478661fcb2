"""Access requests: /v1/requests."""

import pytest
import sdk


@pytest.fixture
def ask(owner, fresh, reader):
    """Creates an access request for a user and returns the user and the request."""

    def create(client=owner, user=None):
        user = user or fresh("user")
        return user, client.access_records.create_request(sdk.access_request([user], [sdk.statement(reader, "docs")]))

    return create


def test_a_new_request_is_open_and_can_be_read(owner, ask, reader):
    user, made = ask()
    assert made.status == "OPEN"
    read = owner.access_records.get_request(made.request_id)
    assert read.access.users[0].user_id == user
    assert read.access.statements[0].roles == [reader]
    assert read.last_updated == made.last_updated


def test_an_open_request_grants_nothing(ask, may):
    user, _ = ask()
    assert not may(user, "docs/1", "documents:read")


def test_an_approved_request_grants_its_access(owner, ask, may):
    user, made = ask()
    answer = owner.access_records.respond_to_access_request(
        made.request_id, sdk.AccessRequestResponse(status="APPROVED")
    )
    assert answer.status == "APPROVED"
    assert may(user, "docs/1", "documents:read")
    assert owner.access_records.get_request(made.request_id).status == "APPROVED"


def test_a_denied_request_grants_nothing(owner, ask, may):
    user, made = ask()
    answer = owner.access_records.respond_to_access_request(made.request_id, sdk.AccessRequestResponse(status="DENIED"))
    assert answer.status == "DENIED"
    assert not may(user, "docs/1", "documents:read")


def test_requests_are_listed_by_status_page_by_page(owner, ask):
    first, second = ask()[1].request_id, ask()[1].request_id
    owner.access_records.respond_to_access_request(second, sdk.AccessRequestResponse(status="DENIED"))

    def ids(status):
        listed = sdk.every_page(lambda **page: owner.access_records.get_requests(status=status, **page), "records")
        return [request.request_id for request in listed]

    assert first in ids("OPEN") and second not in ids("OPEN")
    assert second in ids("DENIED") and first not in ids("DENIED")


def test_a_deleted_request_is_no_longer_open(owner, ask):
    _, made = ask()
    owner.access_records.delete_request(made.request_id)
    try:
        assert owner.access_records.get_request(made.request_id).status == "DELETED"
    except sdk.NotFoundException:
        pass
    listed = sdk.every_page(lambda **page: owner.access_records.get_requests(status="OPEN", **page), "records", limit=20)
    assert made.request_id not in [request.request_id for request in listed]


def test_an_unknown_request_is_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.access_records.get_request(fresh("req"))


def test_a_user_may_ask_for_itself_but_not_approve(ask, fresh, as_user, may, refused):
    user = fresh("user")
    by_user = as_user(user)
    _, made = ask(by_user, user)
    assert made.status == "OPEN"
    with refused(403, 404):
        by_user.access_records.respond_to_access_request(made.request_id, sdk.AccessRequestResponse(status="APPROVED"))
    assert not may(user, "docs/1", "documents:read")


def test_a_request_without_statements_is_refused(wire):
    body = {"access": {"users": [{"userId": "alice"}], "statements": []}}
    assert wire("POST", "/v1/requests", body).status in (400, 422)
