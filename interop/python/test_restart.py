"""A restart loses nothing: a server of its own is stopped and started again on the same data."""

import pytest
import sdk
from portcullis_server import Server


@pytest.fixture
def other_server():
    server = Server()
    try:
        yield server.start()
    finally:
        server.remove()


def test_answers_keys_and_tokens_survive_a_restart(other_server):
    server = other_server
    bootstrap = server.bootstrap
    owner = sdk.connect(server.url, access_key=bootstrap["access_key"])
    owner.roles.create_role(sdk.role("ro_reader", "documents:read"))
    group_id = owner.groups.create_group(sdk.group("g", ["bob"])).group_id
    statements = [sdk.statement("ro_reader", "docs")]
    members = {"users": sdk.users("alice"), "groups": sdk.linked_groups(group_id)}
    owner.access_records.create_record(sdk.record("rec_kept", statements, **members))
    owner.access_records.create_record(sdk.record("rec_deleted", statements, users=sdk.users("carol")))
    owner.access_records.delete_record("rec_deleted")
    client_id = owner.service_clients.create_client(sdk.service_client(name="a client")).client_id
    key = owner.service_clients.request_access_key(client_id).access_key
    token = server.user_token("alice")
    before = owner.access_records.get_record("rec_kept")

    server.stop()
    server.start(server.port)

    assert server.bootstrap == bootstrap
    owner = sdk.connect(server.url, access_key=bootstrap["access_key"])
    assert owner.access_records.get_record("rec_kept") == before
    for user, allowed in {"alice": True, "bob": True, "carol": False}.items():
        if allowed:
            owner.user_permissions.authorize_user(user, "docs/1", "documents:read")
        else:
            with pytest.raises(sdk.NotFoundException):
                owner.user_permissions.authorize_user(user, "docs/1", "documents:read")
    assert owner.access_records.get_record("rec_deleted").status == "DELETED"
    with pytest.raises(sdk.NotFoundException):
        sdk.connect(server.url, access_key=key).user_permissions.authorize_user(client_id, "docs", "read")
    sdk.connect(server.url, token=token).user_permissions.authorize_user("alice", "docs/1", "documents:read")

    server.stop()
