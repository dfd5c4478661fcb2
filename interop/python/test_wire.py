"""What goes over the wire: paths as the SDKs of other languages write them, headers, pages, errors."""

import pytest
from wire import Wire


@pytest.mark.parametrize(
    "path",
    [
        "/v1/users/auth0%7C{}/resources/docs%2F1/permissions/documents%3Aread",
        "/v1/users/auth0%7c{}/resources/docs%2f1/permissions/documents%3aread",
        "/v1/users/auth0|{}/resources/docs%2F1/permissions/documents:read",
        "/v1/users/auth0%7C{}/resources/%2Fdocs%2F%2A/permissions/documents:read",
        "/v1/users/auth0%7C{}/resources/docs%2F*/permissions/documents:read",
        "/v1/users/auth0%7C{}/resources/docs%2F1/permissions/documents:read/",
        "//v1/users/auth0%7C{}/resources/docs%2F1/permissions/documents:read",
    ],
)
def test_every_sdks_way_to_write_a_path_is_understood(wire, fresh, reader, grant, path):
    name = fresh("alice")
    grant(f"auth0|{name}", reader, "docs/*")
    assert wire.get(path.format(name)).status == 200


def test_a_plus_in_a_user_id_is_a_plus(wire, fresh, reader, grant):
    name = fresh("a")
    body = {
        "name": "plus",
        "users": [{"userId": f"{name}+b@example.test"}],
        "statements": [{"roles": [reader], "resources": [{"resourceUri": "docs"}]}],
    }
    assert wire("POST", "/v1/records", body).status == 201
    for written in (f"{name}+b@example.test", f"{name}%2Bb%40example.test"):
        assert wire.get(f"/v1/users/{written}/resources/docs/permissions/documents:read").status == 200


@pytest.mark.parametrize("absent", ["undefined", "null"])
def test_literal_undefined_in_a_query_is_absent(wire, fresh, reader, grant, absent):
    alice = fresh("alice")
    grant(alice, reader, "docs")
    answer = wire.get(f"/v1/users/{alice}/resources?resourceUri={absent}&permissions={absent}&cursor={absent}")
    assert answer.status == 200
    assert [resource["resourceUri"] for resource in answer.json["resources"]] == ["docs"]


@pytest.mark.parametrize("resource", ["a%2F%2Fb", "a%20b", "%25", ""])
def test_a_malformed_resource_in_a_check_is_refused(wire, resource):
    assert wire.get(f"/v1/users/alice/resources/{resource}/permissions/read").status in (400, 404)


@pytest.mark.parametrize("permission", ["a::b", "a:", "a.b"])
def test_a_malformed_permission_in_a_check_is_400(wire, permission):
    answer = wire.get(f"/v1/users/alice/resources/docs/permissions/{permission}")
    assert answer.status == 400
    assert {"title", "errorCode", "errorId", "field", "expected"} <= answer.json.keys()


@pytest.mark.parametrize("path", ["/v1/roles/", "/v1/records/", "/v1/clients/", "/v1/groups/"])
def test_a_trailing_slash_is_accepted(wire, path):
    assert wire.get(path).status == 200


def test_a_content_type_without_a_body_is_accepted(wire):
    answer = wire("GET", "/v1/roles", headers={"Content-Type": "application/json"})
    assert answer.status == 200
    client_id = wire("POST", "/v1/clients", {}).json["clientId"]
    keys = f"/v1/clients/{client_id}/access-keys"
    for headers in ({"Content-Type": "application/json", "Content-Length": "0"}, {"Content-Length": "0"}):
        assert wire("POST", keys, headers=headers).status == 201
    assert wire("POST", keys, {}).status == 201


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=-1", "limit=x", "cursor=garbage"])
def test_a_wrong_page_is_400(wire, query):
    assert wire.get(f"/v1/records?{query}").status == 400


def test_the_link_to_the_next_page_is_absolute_and_leads_on(wire, server, fresh, reader, grant):
    made = {grant(fresh("user"), reader, "docs") for _ in range(2)}
    found, path = set(), "/v1/records?limit=20"
    while path:
        page = wire.get(path).json
        found |= {record["recordId"] for record in page["records"]}
        assert page["links"]["self"]["href"].startswith(server.url)
        following = page["links"].get("next")
        if following:
            assert following["href"].startswith(server.url)
        path = following and following["href"].removeprefix(server.url)
    assert made <= found


def test_times_have_milliseconds_and_24_characters(wire, fresh, reader, grant):
    record = wire.get(f"/v1/records/{grant(fresh('user'), reader, 'docs')}").json
    assert len(record["lastUpdated"]) == 24 and record["lastUpdated"].endswith("Z")


@pytest.mark.parametrize("path", ["/v1/roles/ro_unknown", "/v1/unknown", "/v1/records/rec_unknown"])
def test_an_error_has_the_members_that_clients_read(wire, path):
    answer = wire.get(path)
    assert answer.status == 404
    assert answer.json["status"] == 404
    assert {"title", "errorCode", "errorId"} <= answer.json.keys()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/health/live", "/health/ready"])
def test_discovery_and_health_need_no_token(server, path):
    assert Wire(server.url).get(path).status == 200


def test_discovery_names_the_issuer_and_its_keys(server):
    document = Wire(server.url).get("/.well-known/openid-configuration").json
    assert document["issuer"] == server.url
    keys = Wire(server.url).get(document["jwks_uri"].removeprefix(server.url))
    assert keys.json["keys"]


def test_unknown_query_parameters_and_a_bearer_do_not_disturb_the_key_set(wire, server):
    path = "/.well-known/openid-configuration/jwks?kid=unknown&iss=x&more=1"
    assert wire.get(path).status == Wire(server.url).get(path).status == 200
