"""The SDK under test, `authress` 3.0 or 3.1, behind one set of names.

3.0 wants read-only fields in its constructors, sends them, and checks every response strictly: any `ValidationError`
in this suite is a fault of the server.
"""

import importlib.metadata

import authress.models as models
from authress import AuthressClient
from authress.exceptions import (  # noqa: F401 (re-exported to the tests)
    ApiException,
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from authress.models import (  # noqa: F401 (re-exported to the tests)
    AccessRequestResponse,
    AccessTemplate,
    ClaimRequest,
    ClientOptions,
    PermissionedResource,
    PermissionObject,
    ResourcePermission,
    User,
)

PY30 = importlib.metadata.version("authress").startswith("3.0.")

InviteStatement = models.Statement if PY30 else models.InviteStatement


def _read_only(**fields):
    return fields if PY30 else {}


def _links():
    return models.AccountLinks(var_self=models.Link(href="http://placeholder.test"))


def connect(url, access_key=None, token=None):
    """A client with a service client's key, or with a token, or with neither."""
    client = AuthressClient(authress_api_url=url, service_client_access_key=access_key)
    if token is not None:
        client.set_token(f"Bearer {token}")
    return client


def client_token(client):
    """The JWT that the SDK signs with its access key. In 3.0 the public method forgets to return it."""
    return client._http_client._get_client_token() if PY30 else client.get_client_token()


def users(*ids):
    return [User(user_id=user_id) for user_id in ids]


class _LinkedGroup(models.LinkedGroup):
    """3.0 fails to write its own model down."""

    def to_dict(self):
        return {"groupId": self.group_id}


def linked_groups(*ids):
    return [(_LinkedGroup if PY30 else models.LinkedGroup)(group_id=group_id) for group_id in ids]


def statement(roles, resources, **principals):
    return models.Statement(roles=_list(roles), resources=_resources(resources), **principals)


def invite_statement(roles, resources):
    return InviteStatement(roles=_list(roles), resources=_resources(resources))


def record(record_id, statements, **fields):
    fields.setdefault("name", record_id or "a record")
    if record_id is not None:
        fields["record_id"] = record_id
    return models.AccessRecord(
        statements=statements,
        **fields,
        **_read_only(account=models.AccessRecordAccount(account_id="acc-placeholder"), links=_links()),
    )


def group(name, members, admins=(), **fields):
    return models.Group(name=name, users=users(*members), admins=users(*admins), **fields, **_read_only(links=_links()))


def role(role_id, *actions, **fields):
    """A role that allows `actions`. Give `permissions=` instead for other bits."""
    fields.setdefault("permissions", [allow(action) for action in actions])
    return models.Role(role_id=role_id, name=fields.pop("name", role_id), **fields)


def allow(action, grant=False, delegate=False):
    return PermissionObject(action=action, allow=True, grant=grant, delegate=delegate)


def service_client(**fields):
    return models.Client(**fields, **_read_only(client_id="sc_placeholder", created_time="2020-01-01T00:00:00Z"))


def access_request(members, statements, **fields):
    return models.AccessRequest(
        access=AccessTemplate(users=users(*members), statements=statements),
        **fields,
        **_read_only(request_id="placeholder", links=_links()),
    )


def invite(statements, **fields):
    return models.Invite(invite_id="placeholder", statements=statements, **fields, **_read_only(links=_links()))


def update_record(client, record_id, changed, unmodified_since):
    name = "if_unmodified_since" if PY30 else "expected_last_modified_time"
    return client.access_records.update_record(record_id, changed, **{name: unmodified_since})


def every_page(fetch, items, limit=1):
    """Follows `pagination.next.cursor` to the end and returns all items; no page is longer than `limit`."""
    found, cursor = [], None
    while True:
        page = fetch(limit=limit, **({"cursor": cursor} if cursor else {}))
        chunk = getattr(page, items)
        assert len(chunk) <= limit
        found.extend(chunk)
        following = page.pagination and page.pagination.next
        if not following:
            return found
        assert following.cursor != cursor, "a cursor must move on"
        cursor = following.cursor


def _list(value):
    return [value] if isinstance(value, str) else list(value)


def _resources(uris):
    return [models.Resource(resource_uri=uri) for uri in _list(uris)]
