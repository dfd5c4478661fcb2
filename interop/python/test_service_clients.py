"""Service clients and their access keys: /v1/clients."""

import base64
import re

import pytest
import sdk
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wire import Wire

ACCESS_KEY = re.compile(r"(sc|ext)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,120}", re.I)


@pytest.fixture
def client_id(owner):
    return owner.service_clients.create_client(sdk.service_client(name="a client", tags={"a": "b"})).client_id


def test_a_created_client_is_returned_and_can_be_read(owner, client_id):
    assert client_id.startswith("sc_")
    read = owner.service_clients.get_client(client_id)
    assert (read.client_id, read.name, read.tags) == (client_id, "a client", {"a": "b"})
    assert read.created_time is not None
    assert read.options.grant_user_permissions_access is False
    assert read.options.grant_token_generation is False
    assert not read.verification_keys


def test_a_client_may_be_created_from_an_empty_object(wire):
    answer = wire("POST", "/v1/clients", {})
    assert answer.status == 201
    assert answer.json["clientId"].startswith("sc_")


def test_an_update_replaces_name_and_options(owner, client_id):
    options = sdk.ClientOptions(grant_user_permissions_access=True)
    changed = owner.service_clients.update_client(client_id, sdk.service_client(name="renamed", options=options))
    assert (changed.client_id, changed.name) == (client_id, "renamed")
    assert owner.service_clients.get_client(client_id).options.grant_user_permissions_access is True


def test_paging_by_one_reaches_every_client_once(owner):
    made = {owner.service_clients.create_client(sdk.service_client(name=f"paged {n}")).client_id for n in range(3)}
    ids = [client.client_id for client in sdk.every_page(owner.service_clients.get_clients, "clients")]
    assert made <= set(ids)
    assert len(ids) == len(set(ids))


def test_a_deleted_client_is_gone_and_its_key_is_401(owner, new_client):
    client_id, client = new_client()
    owner.service_clients.delete_client(client_id)
    with pytest.raises(sdk.NotFoundException):
        owner.service_clients.get_client(client_id)
    with pytest.raises(sdk.UnauthorizedException):
        client.user_permissions.authorize_user(client_id, "docs", "read")


def test_an_access_key_has_the_documented_form(owner, server, client_id):
    key = owner.service_clients.request_access_key(client_id)
    assert ACCESS_KEY.fullmatch(key.access_key)
    assert key.access_key.split(".")[:3] == [client_id, key.key_id, server.bootstrap["account_id"]]
    private_key = key.access_key.split(".")[3]
    assert len(private_key) == 64 and private_key.startswith("MC4CAQAwBQYDK2VwBCIEI")
    # The 3.1 SDK has no such field.
    assert getattr(key, "client_id", client_id) == client_id


def test_a_key_is_listed_without_its_secret(owner, wire, client_id):
    made = owner.service_clients.request_access_key(client_id)
    listed = owner.service_clients.get_client(client_id).verification_keys
    assert [key.key_id for key in listed] == [made.key_id]
    raw = wire.get(f"/v1/clients/{client_id}").json["verificationKeys"]
    assert set(raw[0]) == {"keyId", "clientId", "publicKey", "generationDate"}


def test_a_client_has_five_keys_at_most(owner, client_id, refused):
    keys = [owner.service_clients.request_access_key(client_id) for _ in range(5)]
    with refused(400, 409):
        owner.service_clients.request_access_key(client_id)
    owner.service_clients.delete_access_key(client_id, keys[0].key_id)
    assert owner.service_clients.request_access_key(client_id).access_key


def test_a_deleted_key_is_401_at_once_and_the_other_keeps_working(owner, server, client_id):
    first, second = (owner.service_clients.request_access_key(client_id) for _ in range(2))
    used = sdk.connect(server.url, access_key=first.access_key)
    with pytest.raises(sdk.NotFoundException):
        used.user_permissions.authorize_user(client_id, "docs", "read")
    owner.service_clients.delete_access_key(client_id, first.key_id)
    for client in (used, sdk.connect(server.url, access_key=first.access_key)):
        with pytest.raises(sdk.UnauthorizedException):
            client.user_permissions.authorize_user(client_id, "docs", "read")
    with pytest.raises(sdk.NotFoundException):
        sdk.connect(server.url, access_key=second.access_key).user_permissions.authorize_user(client_id, "docs", "read")


def test_a_raw_access_key_is_a_bearer_until_it_is_deleted(owner, server, client_id):
    key = owner.service_clients.request_access_key(client_id)
    bare = Wire(server.url, key.access_key)
    check = f"/v1/users/{client_id}/resources/docs/permissions/read"
    assert bare.get(check).status == 404
    owner.service_clients.delete_access_key(client_id, key.key_id)
    assert bare.get(check).status == 401


@pytest.mark.parametrize("principal", ["{}", "Authress:ServiceClients/{}"])
def test_a_client_is_a_principal_under_both_of_its_names(new_client, fresh, reader, grant, principal):
    client_id, client = new_client()
    area = fresh("area")
    grant(principal.format(client_id), reader, area)
    client.user_permissions.authorize_user(client_id, f"{area}/1", "documents:read")
    with pytest.raises(sdk.NotFoundException):
        client.user_permissions.authorize_user(client_id, f"{area}/1", "documents:write")


def test_own_public_keys_can_be_brought(wire, server, client_id):
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    encoded = base64.b64encode(public).decode()
    answer = wire("POST", f"/v1/clients/{client_id}/access-keys", {"publicKey": encoded})
    assert (answer.status, answer.json["publicKey"]) == (201, encoded)
    assert "accessKey" not in answer.json and "clientSecret" not in answer.json
    pkcs8 = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secret = base64.b64encode(pkcs8).decode()
    key = ".".join([client_id, answer.json["keyId"], server.bootstrap["account_id"], secret])
    with pytest.raises(sdk.NotFoundException):
        sdk.connect(server.url, access_key=key).user_permissions.authorize_user(client_id, "docs", "read")


def test_keys_of_an_unknown_client_are_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.service_clients.request_access_key("sc_0unknown0")
    with pytest.raises(sdk.NotFoundException):
        owner.service_clients.delete_access_key("sc_0unknown0", "abcd")
