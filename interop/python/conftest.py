"""Fixtures of the Python suite: clients of the running server, and what most tests need to exist."""

import itertools
import secrets

import pytest
import sdk
from wire import Wire

pytest_plugins = ["pytest_portcullis"]

_counter = itertools.count(1)


@pytest.fixture
def fresh():
    """Makes ids that no other test uses: `fresh("rec")` -> `rec_7_5f3a...`."""
    return lambda prefix: f"{prefix}_{next(_counter)}_{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def owner(server):
    """The owner service client, by its access key."""
    return sdk.connect(server.url, access_key=server.bootstrap["access_key"])


@pytest.fixture(scope="session")
def wire(server):
    """Bare HTTP with the owner's access key as the bearer."""
    return Wire(server.url, server.bootstrap["access_key"])


@pytest.fixture(scope="session")
def reader(owner):
    """The id of a role that allows `documents:read` and nothing else."""
    return owner.roles.create_role(sdk.role("ro_reader", "documents:read")).role_id


@pytest.fixture
def as_user(server):
    """Connects as a user, with a token from `portcullis token create`."""
    return lambda user_id: sdk.connect(server.url, token=server.user_token(user_id))


@pytest.fixture
def new_client(server, owner):
    """Creates a service client and returns its id and an SDK client that uses its new access key."""

    def create(**fields):
        client_id = owner.service_clients.create_client(sdk.service_client(name="a client", **fields)).client_id
        key = owner.service_clients.request_access_key(client_id).access_key
        return client_id, sdk.connect(server.url, access_key=key)

    return create


@pytest.fixture
def grant(owner, fresh):
    """Gives users (or service clients) roles on resources, in a record of its own; returns the record's id."""

    def give(user_ids, roles, resources):
        record_id = fresh("rec")
        members = sdk.users(*([user_ids] if isinstance(user_ids, str) else user_ids))
        made = owner.access_records.create_record(sdk.record(record_id, [sdk.statement(roles, resources)], users=members))
        assert made.record_id == record_id
        return record_id

    return give


@pytest.fixture
def may(owner):
    """Asks, as the owner, whether a user may do something: True for 200, False for 404, anything else raises."""

    def ask(user_id, resource, permission):
        try:
            owner.user_permissions.authorize_user(user_id, resource, permission)
        except sdk.NotFoundException:
            return False
        return True

    return ask


@pytest.fixture
def refused():
    """`with refused(409):` passes when the SDK raises an `ApiException` with one of these statuses."""

    class Refused:
        def __init__(self, *statuses):
            self.statuses = statuses

        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert isinstance(error, sdk.ApiException), f"expected one of {self.statuses}, got {error!r}"
            assert error.status in self.statuses, f"expected one of {self.statuses}, got {error}"
            self.error = error
            return True

    return Refused
