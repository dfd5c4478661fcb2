"""Authlib as a machine, as a resource server, and for what is done with tokens after a sign-in."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import web_client
from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7662 import IntrospectTokenValidator
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, jsonify
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

SCOPE = "openid profile email offline_access"
CALLBACK = "http://127.0.0.1/callback"
API = "https://api.example.org/documents"


def signed_in(metadata, visitor, person, application, scope=SCOPE, **parameters):
    """A public client with PKCE, as a program on somebody's machine is one; gives its session and its token."""
    verifier = generate_token(64)
    client = OAuth2Session(
        application.client_id,
        application.client_secret,
        scope=scope,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if application.client_secret else "none",
    )
    url, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=generate_token(20), **parameters
    )
    back = visitor.go(url, stop_at=CALLBACK)
    if back is None and "/login" in visitor.url:
        back = visitor.sign_in(person, stop_at=CALLBACK)
    back = back or visitor.send(visitor.form(button="approve"), button="approve", stop_at=CALLBACK)
    answer = parse_qs(urlsplit(back).query)
    assert answer["state"] == [state] and answer["iss"] == [metadata["issuer"]]
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    return client, token


@pytest.fixture
def native(application):
    """A program on somebody's machine."""
    return application(
        secret=False,
        kind="native",
        redirectUris=[CALLBACK],
        grantTypes=["authorization_code", "refresh_token"],
        audiences=[API],
        scopes=["openid", "profile", "email", "offline_access", "documents:read"],
        signingAlgorithm="ES256",
    )


@pytest.fixture
def service(application):
    """A machine."""
    return application(
        kind="service",
        grantTypes=["client_credentials"],
        audiences=[API],
        defaultAudience=API,
        scopes=["documents:read", "documents:write"],
        # Authlib's validator takes no EdDSA.
        signingAlgorithm="ES256",
    )


def resource_server(metadata, introspection=None):
    """An API that checks tokens by itself, or asks."""

    class ByKeys(JWTBearerTokenValidator):
        def get_jwks(self):
            return KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())

    class ByAsking(IntrospectTokenValidator):
        def introspect_token(self, token):
            answer = requests.post(
                metadata["introspection_endpoint"],
                data={"token": token},
                auth=(introspection.client_id, introspection.client_secret),
                timeout=20,
            )
            answer.raise_for_status()
            return answer.json()

    require = ResourceProtector()
    require.register_token_validator(
        ByAsking() if introspection else ByKeys(issuer=metadata["issuer"], resource_server=API)
    )
    app = Flask("resource_server")

    @app.get("/documents")
    @require("documents:read")
    def documents():
        return jsonify(subject=current_token["sub"], client=current_token["client_id"])

    return web_client.Running(lambda url: app)


def ask(api, token):
    return requests.get(f"{api.url}/documents", headers={"Authorization": f"Bearer {token}"}, timeout=20)


def test_refresh_rotates_and_the_old_token_is_spent(metadata, visitor, person, native):
    client, token = signed_in(metadata, visitor, person, native)
    second = client.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert second["refresh_token"] != token["refresh_token"] and second["id_token"]
    third = client.refresh_token(metadata["token_endpoint"], refresh_token=second["refresh_token"])
    assert third["access_token"] != second["access_token"]


def test_without_offline_access_there_is_no_refresh_token(metadata, visitor, person, native):
    _, token = signed_in(metadata, visitor, person, native, scope="openid")
    assert "refresh_token" not in token and token["id_token"]


def test_a_code_without_its_verifier_is_worth_nothing(metadata, visitor, person, native):
    client = OAuth2Session(native.client_id, scope="openid", redirect_uri=CALLBACK, code_challenge_method="S256")
    url, _ = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=generate_token(64))
    visitor.go(url)
    visitor.sign_in(person)
    back = visitor.send(visitor.form(button="approve"), button="approve", stop_at=CALLBACK)
    for verifier in (None, generate_token(64)):
        answer = requests.post(
            metadata["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "client_id": native.client_id,
                "redirect_uri": CALLBACK,
                "code": parse_qs(urlsplit(back).query)["code"][0],
                **({"code_verifier": verifier} if verifier else {}),
            },
            timeout=20,
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_introspection_and_revocation(metadata, visitor, person, application):
    confidential = application(redirectUris=[CALLBACK], kind="web", grantTypes=["authorization_code", "refresh_token"])
    client, token = signed_in(metadata, visitor, person, confidential)
    told = client.introspect_token(metadata["introspection_endpoint"], token=token["access_token"]).json()
    assert told["active"] and told["sub"] == person.user_id and told["client_id"] == confidential.client_id
    assert client.introspect_token(metadata["introspection_endpoint"], token=token["refresh_token"]).json()["active"]
    answer = client.revoke_token(
        metadata["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    )
    assert answer.status_code == 200
    for dead in ("access_token", "refresh_token"):
        told = client.introspect_token(metadata["introspection_endpoint"], token=token[dead]).json()
        assert told == {"active": False}


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_machine_gets_a_token(metadata, service, application, method):
    machine = application(
        kind="service", grantTypes=["client_credentials"], authenticationMethod=method, audiences=[API], defaultAudience=API,
        scopes=["documents:read"],
    )
    client = OAuth2Session(machine.client_id, machine.client_secret, token_endpoint_auth_method=method)
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="documents:read")
    assert token["access_token"] and "refresh_token" not in token and "id_token" not in token


@pytest.mark.parametrize(
    "algorithm, make",
    [("EdDSA", lambda: OKPKey.generate_key("Ed25519")), ("ES256", lambda: ECKey.generate_key("P-256")),
     ("RS256", lambda: RSAKey.generate_key(2048))],
)
def test_a_machine_signs_its_own_assertion(metadata, application, algorithm, make):
    key = make()
    public = {**key.as_dict(private=False), "kid": "k1", "alg": algorithm, "use": "sig"}
    machine = application(
        secret=False, kind="service", grantTypes=["client_credentials"], audiences=[API], defaultAudience=API,
        scopes=["documents:read"], authenticationMethod="private_key_jwt", jwks={"keys": [public]},
    )
    client = OAuth2Session(machine.client_id, key, token_endpoint_auth_method="private_key_jwt")
    claims = {"aud": metadata["issuer"], "exp": int(time.time()) + 60}
    client.register_client_auth_method(
        PrivateKeyJWT(metadata["token_endpoint"], claims=claims, headers={"kid": "k1"}, alg=algorithm)
    )
    token = client.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert token["access_token"]


def test_an_api_checks_tokens_by_the_published_keys(metadata, service, visitor, person, native):
    machine = OAuth2Session(service.client_id, service.client_secret)
    token = machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="documents:read")
    narrow = machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="documents:write")
    _, persons = signed_in(
        metadata, visitor, person, native, scope="openid documents:read", resource=API
    )
    _, elsewhere = signed_in(metadata, visitor, person, native, scope="openid documents:read")
    with resource_server(metadata) as api:
        answer = ask(api, token["access_token"])
        assert (answer.status_code, answer.json()["subject"]) == (200, service.client_id), answer.text
        assert ask(api, persons["access_token"]).json() == {"subject": person.user_id, "client": native.client_id}
        assert ask(api, narrow["access_token"]).status_code == 403
        assert ask(api, elsewhere["access_token"]).status_code == 401
        assert ask(api, persons["id_token"]).status_code == 401


def test_an_api_that_asks_hears_at_once_of_a_revocation(metadata, service):
    machine = OAuth2Session(service.client_id, service.client_secret)
    token = machine.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="documents:read")
    with resource_server(metadata, introspection=service) as api:
        assert ask(api, token["access_token"]).status_code == 200
        machine.revoke_token(metadata["revocation_endpoint"], token=token["access_token"])
        assert ask(api, token["access_token"]).status_code == 401
