"""The quick examples of the SDK's README, with the renames that 3.x needs and nothing else:
`users` -> `user_permissions`, `clients` -> `service_clients`, `records` -> `access_records`, `AccessRecordUser` -> `User`,
`AccessRecordStatement` -> `Statement`, `AccessRecordResource` -> `Resource`; models take keywords; the user is named.
"""

import jwt
import pytest
import sdk
from authress import ApiException, AuthressClient
from authress.models import *  # noqa: F403 (as in the README)


@pytest.fixture
def authress_api_url(server):
    return server.url


@pytest.fixture
def service_client_access_key(server):
    return server.bootstrap["access_key"]


@pytest.fixture
def reader_role(owner, fresh):
    return owner.roles.create_role(sdk.role(fresh("ro"), "read")).role_id


def route(authress_client, user_id, resource_id):
    """The README's route: 200, or 403 when the caller may not ask; every other error goes on to the framework."""
    try:
        authress_client.user_permissions.authorize_user(user_id, f"resources/{resource_id}", "READ")
    except ApiException as api_exception:
        if api_exception.status == 403:
            return 403
        raise api_exception
    return "Resource", 200


def test_authorize_using_a_user_token(authress_api_url, server, fresh, reader_role, grant):
    user_id = fresh("user")
    grant(user_id, reader_role, "resources/r1")
    authorization_token = f"Bearer {server.user_token(user_id)}"

    # 3.1 refuses set_token beside an access key, and 3.0 then ignores it: a client for user tokens has no key.
    authress_client = AuthressClient(authress_api_url=authress_api_url)
    authress_client.set_token(authorization_token)

    assert route(authress_client, user_id, "r1") == ("Resource", 200)
    assert route(authress_client, fresh("other"), "r1") == 403
    with pytest.raises(ApiException) as denied:
        route(authress_client, user_id, "r2")
    assert denied.value.status == 404


def test_authorize_with_a_service_client(authress_api_url, service_client_access_key, fresh, reader_role, grant):
    user_id = fresh("user")
    grant(user_id, reader_role, "resources/r1")

    authress_client = AuthressClient(
        authress_api_url=authress_api_url, service_client_access_key=service_client_access_key
    )

    assert route(authress_client, user_id, "r1") == ("Resource", 200)
    with pytest.raises(ApiException) as denied:
        route(authress_client, user_id, "r2")
    assert denied.value.status == 404


def test_the_service_client_as_an_api_key(authress_api_url, owner, fresh, reader_role, grant):
    new_client = owner.service_clients.create_client(sdk.service_client(name="API key"))
    access_key = owner.service_clients.request_access_key(new_client.client_id).access_key
    area = fresh("resources")
    grant(new_client.client_id, reader_role, area)

    # In the caller's application: an access key becomes a JWT.
    jwt_token = sdk.client_token(AuthressClient(authress_api_url=authress_api_url, service_client_access_key=access_key))

    # In the service: the JWT that came with a request is the token.
    authress_client = AuthressClient(authress_api_url=authress_api_url)
    authress_client.set_token(jwt_token)
    user_id = jwt.decode(jwt_token, options={"verify_signature": False})["sub"]
    authress_client.user_permissions.authorize_user(user_id, f"{area}/1", "READ")
    with pytest.raises(sdk.NotFoundException):
        authress_client.user_permissions.authorize_user(user_id, "elsewhere", "READ")


@pytest.fixture
def generator_access_key(owner, fresh, grant):
    """A service client with `Authress:Owner` on `Authress:ServiceClients/*`, and on the data that it hands out."""
    client_id = owner.service_clients.create_client(sdk.service_client(name="generator")).client_id
    grant(client_id, "Authress:Owner", ["Authress:ServiceClients/*", "/users/*"])
    return owner.service_clients.request_access_key(client_id).access_key


def test_generation_of_a_service_client(authress_api_url, generator_access_key, fresh):
    user_id = fresh("USER_A1")
    authress_client = AuthressClient(authress_api_url=authress_api_url, service_client_access_key=generator_access_key)

    # Create the service client
    new_client = authress_client.service_clients.create_client(
        sdk.service_client(name=f"ServiceClient for User {user_id}")
    )

    # Give the service client access to the users data
    authress_client.access_records.create_record(
        sdk.record(
            None,
            name=f"API Key {new_client.client_id}",
            users=[User(user_id=f"Authress:ServiceClients/{new_client.client_id}")],  # noqa: F405
            statements=[
                Statement(  # noqa: F405
                    roles=["Authress:Owner"], resources=[Resource(resource_uri=f"/users/{user_id}")]  # noqa: F405
                )
            ],
        )
    )
    # Request a new access key for that client
    data = authress_client.service_clients.request_access_key(new_client.client_id)

    generated = AuthressClient(authress_api_url=authress_api_url, service_client_access_key=data.access_key)
    client_id = new_client.client_id
    generated.user_permissions.authorize_user(client_id, f"/users/{user_id}/documents/1", "documents:write")
    with pytest.raises(sdk.NotFoundException):
        generated.user_permissions.authorize_user(client_id, f"/users/{user_id}0", "documents:write")


@pytest.mark.skipif(sdk.PY30, reason="verify_token of the 3.0 SDK calls a method that does not exist")
def test_token_verifier(authress_api_url, server, fresh):
    user_id = fresh("user")
    authorization_token = server.user_token(user_id)

    authress_client = AuthressClient(authress_api_url)
    user_identity = authress_client.verify_token(authorization_token)

    assert user_identity["sub"] == user_id


@pytest.mark.skipif(sdk.PY30, reason="the 3.0 SDK lets the access key win")
def test_set_token_beside_an_access_key_is_refused_by_the_sdk(authress_api_url, service_client_access_key):
    authress_client = AuthressClient(
        authress_api_url=authress_api_url, service_client_access_key=service_client_access_key
    )
    with pytest.raises(Exception, match="cannot use set_token"):
        authress_client.set_token("Bearer x")


def test_no_user_id_is_refused_by_the_sdk_before_any_request(authress_api_url, service_client_access_key):
    authress_client = AuthressClient(
        authress_api_url=authress_api_url, service_client_access_key=service_client_access_key
    )
    with pytest.raises(ValueError):
        authress_client.user_permissions.authorize_user(None, "resources/r1", "READ")
