"""Fixtures: the running server, people who can sign in, and applications made by `apply` as an administrator would."""

import itertools
import secrets
from dataclasses import dataclass

import pytest
import requests
from portcullis_server import Server
from running import started
from visitor import Visitor

pytest_plugins = ["pytest_portcullis"]

_counter = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the server."""

    user_id: str
    email: str
    password: str
    name: str


@dataclass(frozen=True)
class Application:
    """An application as its developer knows it."""

    client_id: str
    client_secret: str | None


@pytest.fixture(scope="session")
def server():
    """One server for the whole run, for more people a minute than a server usually lets in from one address."""
    with started(Server(credential_rate_per_minute=0)) as running:
        yield running


@pytest.fixture(scope="session")
def metadata(server):
    """What the server says about itself."""
    answer = requests.get(f"{server.url}/.well-known/openid-configuration", timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def person(server):
    """Somebody new."""
    number = next(_counter)
    email, password = f"person{number}@example.org", f"a long-winded phrase {secrets.token_hex(8)}"
    name = f"Person {number}"
    answer = requests.post(
        f"{server.url}/v1/auth/register", json={"email": email, "password": password, "name": name}, timeout=20
    )
    assert answer.status_code == 201, answer.text
    return Person(answer.json()["user"]["id"], email, password, name)


@pytest.fixture
def visitor():
    """A browser without script."""
    return Visitor()


@pytest.fixture
def application(server):
    """Registers an application: `application(redirectUris=[...], grantTypes=[...])`."""

    def register(secret=True, **fields):
        client_id = f"client-{next(_counter)}-{secrets.token_hex(4)}"
        client_secret = secrets.token_urlsafe(32) if secret else None
        body = {"applicationId": client_id, "name": f"Application {client_id}", "kind": "web", **fields}
        if secret:
            body.setdefault("authenticationMethod", "client_secret_basic")
            body["secret"] = client_secret
        else:
            body.setdefault("authenticationMethod", "none")
        server.apply({"applications": [body]})
        return Application(client_id, client_secret)

    return register
