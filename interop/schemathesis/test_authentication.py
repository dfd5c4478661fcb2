"""Which operations need a token, and what they answer without a good one."""

import base64
import json
import re
import time

import pytest
import requests
from operations import Operation, operations

# Nothing else may be public. Add a path here only together with the reason why everybody may call it.
PUBLIC = {
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /openapi.json",
    # Discovery and public keys, of the server and of each service client.
    "GET /.well-known/openid-configuration",
    "GET /.well-known/openid-configuration/jwks",
    "GET /v1/clients/{}/.well-known/openid-configuration",
    "GET /v1/clients/{}/.well-known/openid-configuration/jwks",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/oauth-protected-resource",
    # People come here with a browser and its cookies.
    "GET /oauth2/authorize",
    "POST /oauth2/authorize",
    # Applications prove to be themselves, or send the token that it is about.
    "POST /oauth2/token",
    "POST /oauth2/device_authorization",
    "POST /oauth2/introspect",
    "POST /oauth2/revoke",
    "POST /oauth2/userinfo",
    # Whoever signs in has no token yet; the body holds what proves it.
    "POST /v1/auth/register",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
    "POST /v1/auth/verify",
    "POST /v1/auth/password/forgot",
    "POST /v1/auth/password/reset",
    "POST /v1/auth/email/verify",
}

# Public, and nothing to do without what the body or the header proves: a token, or which application it is.
ABOUT_A_TOKEN = {
    "POST /v1/auth/refresh",
    "POST /v1/auth/logout",
    "POST /oauth2/token",
    "POST /oauth2/device_authorization",
    "POST /oauth2/introspect",
    "POST /oauth2/revoke",
    "POST /oauth2/userinfo",
}


def _expired_jwt(server):
    """Looks like a token of this server that expired an hour ago; its signature is noise."""
    now = int(time.time())
    parts = [
        {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"},
        {"iss": server.url, "sub": "alice", "iat": now - 7200, "exp": now - 3600},
    ]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, base64.urlsafe_b64encode(bytes(64)).rstrip(b"=").decode()])


@pytest.fixture(params=["no token", "garbage", "expired"])
def headers(request, server):
    bearer = {"no token": None, "garbage": "garbage", "expired": _expired_jwt(server)}[request.param]
    return {"Authorization": f"Bearer {bearer}"} if bearer else {}


def _status(server, operation, headers):
    body = {"json": {}} if operation.has_body else {}
    url = server.url + operation.path()
    return requests.request(operation.method, url, headers=headers, timeout=30, allow_redirects=False, **body)


def test_every_operation_answers_401_without_a_token(server, document, headers):
    answers = {
        str(operation): _status(server, operation, headers)
        for operation in operations(document)
        if operation.needs_token
    }
    assert answers, "the document declares operations that need a token"
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401} == {}
    assert [name for name, answer in answers.items() if "WWW-Authenticate" not in answer.headers] == []


def test_the_public_operations_are_exactly_those_that_are_meant_to_be(document):
    public = {str(operation) for operation in operations(document) if not operation.needs_token}
    assert {re.sub(r"{[^}]*}", "{}", name) for name in public} == PUBLIC


def test_public_operations_answer_without_a_token(server, document):
    statuses = {
        str(operation): _status(server, operation, {}).status_code
        for operation in operations(document)
        if not operation.needs_token and str(operation) not in ABOUT_A_TOKEN
    }
    assert {name: status for name, status in statuses.items() if status in (401, 403) or status >= 500} == {}


def test_an_operation_that_needs_a_token_documents_the_401(document):
    silent = [
        str(operation)
        for operation in operations(document)
        if operation.needs_token
        and "401" not in document["paths"][operation.template][operation.method.lower()]["responses"]
    ]
    assert silent == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_method_that_a_path_does_not_have_is_405(server, document, owner, method):
    statuses = {
        template: owner.request(method, server.url + Operation(method, template, True, False).path(), timeout=30).status_code
        for template, item in document["paths"].items()
        if method.lower() not in item
    }
    assert {template: status for template, status in statuses.items() if status != 405} == {}
