"""Made-up requests to every operation: no 5xx, and only answers that the document describes."""

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.pytest.from_fixture("api")


@pytest.fixture(scope="session")
def bearer(server, owner):
    """The access key of a second owner, so that no request can take the rights of the first away unnoticed."""
    name = "interop-second-owner"
    options = {"grantUserPermissionsAccess": True, "grantTokenGeneration": True}
    client = owner.post(f"{server.url}/v1/clients", json={"name": name, "options": options}, timeout=30)
    assert client.status_code == 201, client.text
    client_id = client.json()["clientId"]
    resources = [{"resourceUri": uri} for uri in ("*", "Authress:*", "Portcullis:*")]
    record = {
        "recordId": f"rec_{client_id}",
        "name": name,
        "users": [{"userId": client_id}],
        "statements": [{"roles": ["Authress:Owner"], "resources": resources}],
    }
    assert owner.post(f"{server.url}/v1/records", json=record, timeout=30).status_code == 201
    key = owner.post(f"{server.url}/v1/clients/{client_id}/access-keys", timeout=30)
    assert key.status_code == 201, key.text
    return key.json()["accessKey"]


@pytest.fixture(scope="session")
def protected(server, owner, bearer):
    """Ids that no made-up request may change: both owners, and every record that names one of them."""
    clients = [bearer.split(".")[0], server.bootstrap["client_id"]]
    records = []
    for client_id in clients:
        page = owner.get(f"{server.url}/v1/records", params={"filter": client_id}, timeout=30).json()
        records += [record["recordId"] for record in page.get("records", [])]
    return set(clients + records)


def _changes_one_of(case, protected):
    values = {str(value) for value in (case.path_parameters or {}).values()}
    return case.method.upper() != "GET" and not protected.isdisjoint(values)


@schema.parametrize()
def test_every_answer_is_as_documented(case, bearer, protected):
    if not _changes_one_of(case, protected):
        case.call_and_validate(headers={"Authorization": f"Bearer {bearer}"}, checks=CHECKS, timeout=30)


def test_the_caller_still_has_its_rights_at_the_end(server, bearer, owner):
    """If this fails, the tests before it were refused for another reason than they think."""
    for headers in ({"Authorization": f"Bearer {bearer}"}, {}):
        assert owner.get(f"{server.url}/v1/roles/Authress%3AOwner", headers=headers, timeout=30).status_code == 200
