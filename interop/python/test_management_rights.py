"""Who may manage what: 403 for a known thing one may not change, 404 for a thing one may not know of."""

import pytest
import sdk


@pytest.fixture
def holder(owner, fresh, grant, as_user):
    """Connects as a user who holds `actions` on one management resource."""

    def connect(resource, *actions):
        user, role_id = fresh("manager"), fresh("ro")
        owner.roles.create_role(sdk.role(role_id, *actions))
        grant(user, role_id, resource)
        return as_user(user)

    return connect


def test_reading_a_record_is_404_without_and_200_with_the_right(fresh, reader, grant, as_user, holder):
    record_id = grant(fresh("user"), reader, "docs")
    with pytest.raises(sdk.NotFoundException):
        as_user(fresh("stranger")).access_records.get_record(record_id)
    by_reader = holder(f"Authress:AccessRecords/{record_id}", "read")
    assert by_reader.access_records.get_record(record_id).record_id == record_id


def test_who_may_read_a_record_but_not_change_it_gets_403(fresh, reader, grant, holder):
    record_id = grant(fresh("user"), reader, "docs")
    by_reader = holder(f"Authress:AccessRecords/{record_id}", "read")
    with pytest.raises(sdk.ForbiddenException):
        by_reader.access_records.delete_record(record_id)
    with pytest.raises(sdk.ForbiddenException):
        sdk.update_record(by_reader, record_id, sdk.record(record_id, [sdk.statement(reader, "docs")]), None)


@pytest.mark.parametrize("write", [False, True])
def test_a_role_can_be_read_with_read_and_changed_with_update(owner, fresh, holder, write):
    role_id = fresh("ro")
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    by_user = holder(f"Authress:Roles/{role_id}", *(["read", "update"] if write else ["read"]))
    assert by_user.roles.get_role(role_id).role_id == role_id
    if write:
        by_user.roles.update_role(role_id, sdk.role(role_id, "documents:write"))
    else:
        with pytest.raises(sdk.ForbiddenException):
            by_user.roles.update_role(role_id, sdk.role(role_id, "documents:write"))


def test_a_service_client_can_be_read_with_read_and_changed_with_update(owner, new_client, holder):
    client_id, _ = new_client()
    by_reader = holder(f"Authress:ServiceClients/{client_id}", "read")
    assert by_reader.service_clients.get_client(client_id).client_id == client_id
    with pytest.raises(sdk.ForbiddenException):
        by_reader.service_clients.request_access_key(client_id)
    by_updater = holder(f"Authress:ServiceClients/{client_id}", "read", "update")
    assert by_updater.service_clients.request_access_key(client_id).access_key


def test_a_stranger_does_not_learn_what_exists(owner, server, fresh, new_client, as_user):
    role_id, (client_id, _) = fresh("ro"), new_client()
    owner.roles.create_role(sdk.role(role_id, "documents:read"))
    by_stranger = as_user(fresh("stranger"))
    for question in (
        lambda: by_stranger.roles.get_role(role_id),
        lambda: by_stranger.roles.get_role(fresh("ro")),
        lambda: by_stranger.service_clients.get_client(client_id),
        lambda: by_stranger.service_clients.get_client(server.bootstrap["client_id"]),
    ):
        with pytest.raises(sdk.NotFoundException):
            question()


def test_a_stranger_may_create_nothing(fresh, as_user):
    by_stranger = as_user(fresh("stranger"))
    for attempt in (
        lambda: by_stranger.roles.create_role(sdk.role(fresh("ro"), "documents:read")),
        lambda: by_stranger.service_clients.create_client(sdk.service_client(name="mine")),
        lambda: by_stranger.groups.create_group(sdk.group("mine", [])),
    ):
        with pytest.raises(sdk.ForbiddenException):
            attempt()
