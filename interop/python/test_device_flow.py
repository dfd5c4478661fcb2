"""Signing in a device with the requests that shipped clients send: the exact forms, and the members that each of them reads.

Recorded from bitfount 13 (`DeviceCodeFlowHandler`) and burdenoff_sdk_libs 2026.1021, which are too large to install here. The
person's part is what their browser sends.
"""

import base64
import html
import http.client
import json
import re
import time
from urllib.parse import urlencode, urlsplit

import pytest

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
AUDIENCE = "https://hub.bitfount.com/api"
USERNAME_CLAIM = "https://www.bitfount.com/username"
PASSWORD = "seven quiet herons fold paper"
TOKENS = ("access_token", "refresh_token", "id_token", "expires_in")
CODES = ("verification_uri", "verification_uri_complete", "user_code", "device_code", "interval", "expires_in")


class Device:
    """A program without a browser. It sends forms, and nothing else."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc

    def post(self, path, fields):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "python-requests/2.32.4",
            "Accept": "*/*",
        }
        try:
            connection.request("POST", path, body=urlencode(fields), headers=headers)
            answer = connection.getresponse()
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


class Browser:
    """What a person's browser does: keeps cookies, and sends forms with everything hidden that is in them."""

    def __init__(self, url):
        self.host, self.cookies = urlsplit(url).netloc, {}

    def _call(self, method, path, fields=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            return answer.status, answer.headers["Location"], answer.read().decode()
        finally:
            connection.close()

    def open(self, path):
        """Follows redirects, as a browser does; gives the last path and the page."""
        for _ in range(5):
            status, location, page = self._call("GET", path)
            if status != 303:
                assert status == 200, page
                return path, page
            path = location
        raise AssertionError(f"too many redirects, the last one to {path}")

    def send(self, page, form_id, **fields):
        """Sends a form of a page; gives the path and the page that follow."""
        form = re.search(rf'<form[^>]*id="{form_id}"[^>]*>.*?</form>', page, re.S).group(0)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        action = re.search(r'action="([^"]+)"', form).group(1)
        sent = {**{name: html.unescape(value) for name, value in hidden.items()}, **fields}
        status, location, answer = self._call("POST", action, sent)
        return self.open(location) if status == 303 else (action, answer)


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def text(page, element_id):
    return html.unescape(re.search(rf'id="{element_id}"[^>]*>([^<]*)<', page).group(1))


@pytest.fixture
def device(server):
    return Device(server.url)


@pytest.fixture
def client_id(wire, fresh):
    """An application as these clients need it: public, with their audience, and with their claim."""
    body = {
        "applicationId": fresh("cli"),
        "name": "Command line",
        "kind": "native",
        "grantTypes": [GRANT, "refresh_token"],
        "audiences": [AUDIENCE],
        "claims": [{"name": USERNAME_CLAIM, "source": "user.email", "tokens": ["id_token", "access_token"]}],
    }
    answer = wire("POST", "/v1/applications", body)
    assert answer.status == 201, answer.text
    return body["applicationId"]


@pytest.fixture
def email(wire, fresh):
    address = f"{fresh('person')}@example.test"
    answer = wire("POST", "/v1/auth/register", {"email": address, "password": PASSWORD})
    assert answer.status == 201, answer.text
    return address


def ask(device, client_id, path="/oauth/device/code"):
    fields = {"audience": AUDIENCE, "client_id": client_id, "scope": "profile openid offline_access"}
    status, answer = device.post(path, fields)
    assert status == 200 and all(member in answer for member in CODES), answer
    return answer


def poll(device, client_id, device_code, path="/oauth/token"):
    return device.post(path, {"client_id": client_id, "grant_type": GRANT, "device_code": device_code})


def refused(answered):
    status, answer = answered
    return status, answer["error"]


def decide(server, email, asked, decision):
    """What the person does: opens the address, signs in on the way, compares the code, and chooses."""
    browser = Browser(server.url)
    complete = urlsplit(asked["verification_uri_complete"])
    path, page = browser.open(f"{complete.path}?{complete.query}")
    assert path.startswith("/login"), path
    path, page = browser.send(page, "login-form", email=email, password=PASSWORD)
    assert path.startswith("/device?"), path
    assert asked["user_code"] in page, "the code is filled in"
    _, page = browser.send(page, "device-form", user_code=asked["user_code"])
    assert text(page, "shown-code") == asked["user_code"]
    assert text(page, "application") == "Command line"
    assert text(page, "requested-from") == "127.0.0.1"
    path, page = browser.send(page, "device-decision-form", decision=decision)
    assert path.startswith("/device/done"), page


def test_a_device_waits_slows_down_and_gets_all_that_its_program_reads(server, device, client_id, email):
    asked = ask(device, client_id)
    code = asked["device_code"]
    assert asked["interval"] == 5 and asked["expires_in"] == 600
    time.sleep(1.1)  # the program opens a browser, and polls at once
    assert refused(poll(device, client_id, code)) == (400, "authorization_pending")
    time.sleep(0.2)
    assert refused(poll(device, client_id, code)) == (400, "slow_down")
    time.sleep(asked["interval"] + 1)  # it adds one second, not five
    assert refused(poll(device, client_id, code)) == (400, "authorization_pending")

    decide(server, email, asked, "approve")
    status, tokens = poll(device, client_id, code)
    assert status == 200 and all(member in tokens for member in TOKENS), tokens
    assert tokens["expires_in"] > 600, "its program refreshes ten minutes before the end"
    assert claims(tokens["id_token"])[USERNAME_CLAIM] == email
    assert claims(tokens["access_token"])["aud"] in (AUDIENCE, [AUDIENCE])
    assert refused(poll(device, client_id, code)) == (400, "invalid_grant")

    refresh = {"client_id": client_id, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    status, again = device.post("/oauth/token", refresh)
    assert status == 200 and all(member in again for member in TOKENS), again
    assert claims(again["id_token"])[USERNAME_CLAIM] == email


def test_a_device_that_is_denied_is_told_so(server, device, client_id, email):
    asked = ask(device, client_id)
    decide(server, email, asked, "deny")
    assert refused(poll(device, client_id, asked["device_code"])) == (400, "access_denied")


def test_another_machine_may_poll(server, device, client_id, email):
    """A pod polls with a device code that it was sent: nothing ties it to who asked."""
    fields = {"audience": AUDIENCE, "client_id": client_id, "scope": "profile"}
    status, asked = device.post("/oauth/device/code", fields)
    assert status == 200, asked
    decide(server, email, asked, "approve")
    status, tokens = poll(Device(server.url), client_id, asked["device_code"])
    assert status == 200 and "access_token" in tokens
    assert "refresh_token" not in tokens and "id_token" not in tokens


@pytest.mark.parametrize("code_path", ["/oauth2/device_authorization", "/oidc/device/code", "/device_authorization"])
@pytest.mark.parametrize("token_path", ["/oauth2/token", "/oauth/device/token", "/oidc/token", "/token"])
def test_every_path_that_is_built_into_a_client_is_the_same_endpoint(device, client_id, code_path, token_path):
    asked = ask(device, client_id, code_path)
    assert refused(poll(device, client_id, asked["device_code"], token_path)) == (400, "authorization_pending")


def test_what_is_wrong_is_told_as_oauth_has_it(device, client_id):
    def begin(**fields):
        return refused(device.post("/oauth/device/code", fields))

    assert begin(client_id="nobody", scope="openid") == (401, "invalid_client")
    assert begin(client_id=client_id, scope="unheard_of") == (400, "invalid_scope")
    assert begin(client_id=client_id, audience="https://elsewhere.test") == (400, "invalid_target")
    assert refused(poll(device, client_id, "dc_nothing")) == (400, "invalid_grant")
    assert refused(device.post("/oauth/token", {"client_id": client_id, "grant_type": GRANT})) == (400, "invalid_request")
