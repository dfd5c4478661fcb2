"""Signing in a device that has no browser, by the code that it shows."""

import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from looks import look
from portcullis_server import Server
from running import started
from test_pages import GOOD, register

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="session")
def television(silent):
    """An application that runs where nobody can type."""
    item = {
        "applicationId": "television",
        "name": "Television",
        "kind": "native",
        "authenticationMethod": "none",
        "grantTypes": [DEVICE_CODE, "refresh_token"],
        "scopes": ["openid", "profile", "email", "offline_access"],
    }
    silent.apply({"applications": [item]})
    return item["applicationId"]


def begin(server, client_id):
    """What the device is told."""
    return send(server, "device_authorization", client_id=client_id, scope="openid email offline_access")


def poll(server, client_id, asked):
    """What it asks again and again."""
    return send(server, "token", grant_type=DEVICE_CODE, client_id=client_id, device_code=asked["device_code"])


def send(server, endpoint, **form):
    request = Request(f"{server.url}/oauth2/{endpoint}", urlencode(form).encode(), {"User-Agent": "Television/3.1"})
    try:
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except HTTPError as refused:
        return json.load(refused)


def test_a_device_is_signed_in_by_its_code(visitor, silent, television, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    visitor.press("sign-out")
    asked = begin(silent, television)
    visitor.open(asked["verification_uri_complete"])
    assert visitor.heading() == "Sign in" and "your device" in visitor.text()
    visitor.type(email=alice, password=GOOD).press("sign-in")
    assert visitor.heading() == "Sign in a device"
    assert visitor.element("user_code").get_attribute("value") == asked["user_code"]
    look(visitor, "device")
    visitor.type(user_code="BBBB-BBBB").press("continue")
    assert visitor.focused() == "error-summary" and visitor.element("user_code-error").text
    look(visitor, "device-refused")
    visitor.type(user_code=asked["user_code"].lower()).press("continue")
    assert visitor.heading() == "Sign in Television?"
    assert visitor.element("shown-code").text == asked["user_code"]
    assert visitor.element("requested-by").text.startswith("Television")
    assert visitor.element("signed-in-as").text == alice
    look(visitor, "device-question")
    assert poll(silent, television, asked)["error"] == "authorization_pending", "looking allows nothing"
    visitor.press("approve")
    assert visitor.has("device-approved")
    look(visitor, "device-approved")
    assert poll(silent, television, asked)["access_token"]
    visitor.open(f"{silent.url}/account")
    assert "Television" in visitor.element("applications").text


def test_whoever_says_no_is_heard(visitor, silent, television, fresh):
    register(visitor, silent, fresh("alice"))
    asked = begin(silent, television)
    visitor.open(asked["verification_uri"]).type(user_code=asked["user_code"]).press("continue").press("deny")
    assert visitor.has("device-denied")
    look(visitor, "device-denied")
    assert poll(silent, television, asked)["error"] == "access_denied"
    # What was decided is decided.
    visitor.open(asked["verification_uri_complete"]).press("continue")
    assert visitor.element("user_code-error").text


@pytest.fixture
def guessed():
    """A server of its own: wrong codes count for the network that they come from."""
    with started(Server(credential_rate_per_minute=0)) as running:
        yield running


def test_too_many_wrong_codes_are_answered_with_how_long_to_wait(visitor, guessed, fresh):
    register(visitor, guessed, fresh("alice"))
    visitor.open(f"{guessed.url}/device")
    for _ in range(5):
        visitor.type(user_code="BBBB-BBBB").press("continue")
    visitor.type(user_code="BBBB-BBBB").press("continue")
    assert "Too many wrong codes" in visitor.text() and "minutes" in visitor.text()
    look(visitor, "device-locked")
