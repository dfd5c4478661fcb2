"""Tokens: what the SDK signs with an access key, what the server signs for users, and what is refused."""

import base64
import os
import time

import jwt
import pytest
import sdk
from jwt.api_jwk import PyJWK
from wire import Wire


@pytest.fixture(scope="module")
def key(server):
    """The parts of the owner's access key, with the private key as PEM."""
    client_id, key_id, account_id, secret = server.bootstrap["access_key"].split(".")
    pem = f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----"
    return {"client_id": client_id, "key_id": key_id, "account_id": account_id, "pem": pem}


@pytest.fixture(scope="module")
def sign(server, key):
    """Signs a service client's JWT like the SDK does, with some claims replaced (None removes one)."""

    def make(pem=None, key_id=None, **replaced):
        now = int(time.time())
        claims = {
            "iss": f"{server.url}/v1/clients/{key['client_id']}",
            "aud": f"{key['account_id']}.accounts.authress.io",
            "sub": key["client_id"],
            "client_id": key["client_id"],
            "iat": now,
            "exp": now + 3600,
            **replaced,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, pem or key["pem"], algorithm="EdDSA", headers={"kid": key_id or key["key_id"]})

    return make


@pytest.fixture(scope="module")
def status(server):
    """The status of a management call with the given bearer."""
    return lambda bearer: Wire(server.url, bearer).get("/v1/roles/Authress%3AOwner").status


def verified(server, token):
    """Verifies a JWT by its issuer's published keys, like any third party does."""
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    assert issuer.startswith(server.url)
    answer = Wire(server.url).get(issuer.removeprefix(server.url) + "/.well-known/openid-configuration/jwks")
    assert answer.status == 200
    key_id = jwt.get_unverified_header(token)["kid"]
    [jwk] = [jwk for jwk in answer.json["keys"] if jwk["kid"] == key_id]
    assert {name: jwk[name] for name in ("kty", "crv", "alg", "use")} == {
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
    }
    return jwt.decode(token, PyJWK.from_dict(jwk).key, algorithms=["EdDSA"], options={"verify_aud": False})


def test_the_sdk_signs_a_token_that_names_the_client(owner, server, key):
    token = sdk.client_token(owner)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert jwt.get_unverified_header(token)["kid"] == key["key_id"]
    assert claims["iss"] == f"{server.url}/v1/clients/{key['client_id']}"
    assert claims["aud"] == f"{key['account_id']}.accounts.authress.io"
    assert claims["sub"] == key["client_id"]


def test_third_parties_can_verify_a_client_token_by_the_published_keys(owner, server, key):
    assert verified(server, sdk.client_token(owner))["sub"] == key["client_id"]


def test_third_parties_can_verify_a_user_token_by_the_published_keys(server, fresh):
    user = fresh("auth0|alice")
    claims = verified(server, server.user_token(user))
    assert (claims["sub"], claims["iss"]) == (user, server.url)
    assert claims["exp"] - claims["iat"] == 3600


def test_the_key_set_of_a_client_without_keys_is_empty_after_its_keys_are_deleted(owner, server, new_client):
    client_id, client = new_client()
    token = sdk.client_token(client)
    assert verified(server, token)
    [key] = owner.service_clients.get_client(client_id).verification_keys
    owner.service_clients.delete_access_key(client_id, key.key_id)
    answer = Wire(server.url).get(f"/v1/clients/{client_id}/.well-known/openid-configuration/jwks?kid={key.key_id}")
    assert (answer.status, answer.json["keys"]) == (200, [])


@pytest.mark.skipif(sdk.PY30, reason="verify_token of the 3.0 SDK calls a method that does not exist")
def test_the_sdk_verifies_client_tokens_and_user_tokens(owner, server, key, fresh):
    assert owner.verify_token(sdk.client_token(owner))["sub"] == key["client_id"]
    user = fresh("alice")
    assert sdk.connect(server.url).verify_token(server.user_token(user))["sub"] == user


@pytest.mark.skipif(sdk.PY30, reason="verify_token of the 3.0 SDK calls a method that does not exist")
def test_the_sdk_refuses_a_changed_token(server, fresh):
    head, _, signature = server.user_token(fresh("alice")).split(".")
    claims = jwt.utils.base64url_encode(f'{{"sub":"root","iss":"{server.url}","exp":9999999999}}'.encode()).decode()
    with pytest.raises(Exception, match="Unauthorized"):
        sdk.connect(server.url).verify_token(f"{head}.{claims}.{signature}")


def test_a_token_signed_with_the_key_is_accepted_in_every_form_that_sdks_send(sign, status, server, key):
    path = f"/v1/clients/{key['client_id']}"
    assert status(sign()) == 200
    assert status(sign(client_id=None)) == 200
    assert status(sign(scope="openid", scopes="openId")) == 200
    assert status(sign(nbf=int(time.time()) - 600)) == 200
    assert status(sign(iss=f"http://localhost:{server.port}{path}")) == 200
    assert status(sign(iss=f"{server.url}/{path}")) == 200
    assert status(sign(iss=f"https://{key['account_id']}.api.authress.io{path}")) == 200
    assert status(server.bootstrap["access_key"]) == 200


@pytest.mark.parametrize(
    "replaced",
    [
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 7200, "exp": int(time.time()) + 10800},
        {"nbf": int(time.time()) + 7200},
        {"aud": "other.accounts.authress.io"},
        {"aud": None},
        {"iss": "https://evil.test/v1/clients/sc_x"},
        {"iss": None},
        {"sub": "sc_other"},
        {"key_id": "nokey"},
    ],
    ids=lambda replaced: "-".join(f"{name}" for name in replaced),
)
def test_a_wrong_claim_is_401(sign, status, replaced):
    assert status(sign(**replaced)) == 401


def test_a_foreign_key_is_401(server, sign, status, key):
    foreign = bytes.fromhex("302e020100300506032b657004220420") + os.urandom(32)
    encoded = base64.b64encode(foreign).decode()
    pem = f"-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----"
    assert status(sign(pem=pem)) == 401
    garbage = f"{key['client_id']}.{key['key_id']}.{key['account_id']}.{encoded}"
    assert status(garbage) == 401
    with pytest.raises(sdk.UnauthorizedException):
        sdk.connect(server.url, access_key=garbage).roles.get_role("Authress:Owner")


def test_a_token_without_a_signature_is_401(sign, status):
    head, claims, _ = sign().split(".")
    none = jwt.utils.base64url_encode(b'{"alg":"none","typ":"JWT"}').decode()
    assert status(f"{none}.{claims}.") == 401
    assert status(f"{head}.{claims}.") == 401


@pytest.mark.parametrize("bearer", ["x", "a.b.c", "a.b.c.d", "sc_x.abcd.acc-0000000000.MC4", "eyJhbGciOiJFZERTQSJ9.e30.AA"])
def test_garbage_is_401_with_a_challenge(server, bearer):
    answer = Wire(server.url, bearer).get("/v1/roles")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"]
    assert {"title", "errorCode", "errorId"} <= answer.json.keys()


def test_an_expired_user_token_is_401(server, fresh, status):
    token = server.user_token(fresh("alice"), ttl="1s")
    deadline = time.monotonic() + 10
    while status(token) != 401:
        assert time.monotonic() < deadline, "the token is still accepted long after it expired"
        time.sleep(0.2)
