"""Access records: /v1/records."""

import pytest
import sdk


def stated(statement):
    """What a statement says; the 3.1 SDK shows absent lists of an answer as None and leaves those of its own out."""
    return {key: value for key, value in statement.to_dict().items() if value is not None}


def test_a_created_record_is_returned_as_it_was_sent(owner, server, fresh, reader):
    record_id, alice = fresh("rec"), fresh("auth0|alice")
    sent = [sdk.statement([reader, "ro_unknown"], ["/orgs/o:1/docs/*", "plain", "*"])]
    made = owner.access_records.create_record(
        sdk.record(record_id, sent, name="e2e", description="about", users=sdk.users(alice, "bob"), tags={"a": "b"})
    )
    read = owner.access_records.get_record(record_id)
    for answer in (made, read):
        assert (answer.record_id, answer.name, answer.description, answer.status) == (record_id, "e2e", "about", "ACTIVE")
        assert [user.user_id for user in answer.users] == [alice, "bob"]
        assert [stated(statement) for statement in answer.statements] == [stated(statement) for statement in sent]
        assert answer.account.account_id == server.bootstrap["account_id"]
        assert answer.tags == {"a": "b"}
        assert 0 <= answer.capacity <= 1
        assert answer.links.var_self.href.startswith(server.url)
    assert read.last_updated == made.last_updated


def test_a_record_without_an_id_gets_one(owner, reader):
    made = owner.access_records.create_record(sdk.record(None, [sdk.statement(reader, "docs")], name="no id"))
    assert made.record_id
    assert owner.access_records.get_record(made.record_id).name == "no id"


def test_a_record_id_can_be_taken_once(owner, fresh, reader, grant, refused):
    record_id = grant(fresh("user"), reader, "docs")
    with refused(409):
        owner.access_records.create_record(sdk.record(record_id, [sdk.statement(reader, "docs")]))


def test_an_update_replaces_the_access_at_once(owner, fresh, reader, grant, may):
    user = fresh("user")
    record_id = grant(user, reader, "docs")
    changed = sdk.record(record_id, [sdk.statement(reader, "other")], users=sdk.users(user))
    assert sdk.update_record(owner, record_id, changed, None) is None
    assert may(user, "other/1", "documents:read")
    assert not may(user, "docs/1", "documents:read")


def test_a_whole_record_can_be_sent_back(owner, fresh, reader, grant):
    record_id = grant(fresh("user"), reader, "docs")
    read = owner.access_records.get_record(record_id)
    read.name = "renamed"
    sdk.update_record(owner, record_id, read, None)
    assert owner.access_records.get_record(record_id).name == "renamed"


def test_paging_by_one_reaches_every_record_once(owner, fresh, reader):
    mark = fresh("mark")
    made = [fresh("rec") for _ in range(3)]
    for record_id in made:
        owner.access_records.create_record(sdk.record(record_id, [sdk.statement(reader, "docs")], name=f"{mark} record"))
    found = sdk.every_page(lambda **page: owner.access_records.get_records(filter=mark.upper(), **page), "records")
    assert sorted(record.record_id for record in found) == sorted(made)


def test_the_whole_list_is_complete(owner, fresh, reader, grant):
    made = {grant(fresh("user"), reader, "docs") for _ in range(25)}
    found = [record.record_id for record in sdk.every_page(owner.access_records.get_records, "records", limit=20)]
    assert made <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("where", ["name", "description", "user", "resource"])
def test_the_filter_looks_at_every_text(owner, fresh, reader, where):
    word = fresh("needle")
    fields = {"name": {"name": f"the {word} one"}, "description": {"description": f"about {word}"}}.get(where, {})
    record_id = fresh("rec")
    owner.access_records.create_record(
        sdk.record(
            record_id,
            [sdk.statement(reader, f"docs/{word}" if where == "resource" else "docs")],
            users=sdk.users(word if where == "user" else "somebody"),
            **fields,
        )
    )
    found = owner.access_records.get_records(filter=word.upper()).records
    assert [record.record_id for record in found] == [record_id]


def test_a_deleted_record_stays_readable_and_grants_nothing(owner, fresh, reader, grant, may):
    user = fresh("user")
    record_id = grant(user, reader, "docs")
    owner.access_records.delete_record(record_id)
    assert owner.access_records.get_record(record_id).status == "DELETED"
    assert not may(user, "docs/1", "documents:read")


def test_a_deleted_record_is_listed_only_when_asked_for(owner, wire, fresh, reader, grant):
    user = fresh("user")
    record_id = grant(user, reader, "docs")
    owner.access_records.delete_record(record_id)
    assert owner.access_records.get_records(filter=record_id).records == []
    assert wire.get(f"/v1/records?filter={record_id}").json["records"] == []
    deleted = wire.get(f"/v1/records?filter={record_id}&status=DELETED").json["records"]
    assert [(record["recordId"], record["status"]) for record in deleted] == [(record_id, "DELETED")]


def test_a_deleted_record_can_be_created_again(owner, fresh, reader, grant, may):
    user, other = fresh("user"), fresh("other")
    record_id = grant(user, reader, "docs")
    owner.access_records.delete_record(record_id)
    again = owner.access_records.create_record(
        sdk.record(record_id, [sdk.statement(reader, "docs")], users=sdk.users(other))
    )
    assert again is not None, "creating over a deleted record answers 201"
    assert again.status == "ACTIVE"
    assert may(other, "docs/1", "documents:read")
    assert not may(user, "docs/1", "documents:read")


def test_an_unknown_record_is_404(owner, fresh):
    with pytest.raises(sdk.NotFoundException):
        owner.access_records.get_record(fresh("rec"))
    with pytest.raises(sdk.NotFoundException):
        owner.access_records.delete_record(fresh("rec"))


def test_a_record_admin_may_edit_the_record_without_any_other_right(owner, fresh, reader, as_user, refused):
    chief, record_id = fresh("chief"), fresh("rec")
    owner.access_records.create_record(sdk.record(record_id, [sdk.statement(reader, "docs")], admins=sdk.users(chief)))
    by_chief = as_user(chief)
    assert by_chief.access_records.get_record(record_id).record_id == record_id
    with refused(403, 404):
        as_user(fresh("other")).access_records.get_record(record_id)
    by_chief.access_records.delete_record(record_id)
    assert owner.access_records.get_record(record_id).status == "DELETED"


def test_who_may_not_hand_out_a_role_may_not_put_it_into_a_record(fresh, reader, as_user):
    user = fresh("user")
    with pytest.raises(sdk.ForbiddenException):
        as_user(user).access_records.create_record(
            sdk.record(fresh("rec"), [sdk.statement(reader, "docs")], users=sdk.users(user))
        )


def test_the_grant_bit_allows_to_hand_out_exactly_that(owner, fresh, grant, may, as_user):
    chief, friend, handing_out = fresh("chief"), fresh("friend"), fresh("ro")
    read = sdk.role(fresh("ro"), "documents:read")
    owner.roles.create_role(read)
    owner.roles.create_role(sdk.role(handing_out, permissions=[sdk.allow("documents:read", grant=True)]))
    area = fresh("area")
    grant(chief, handing_out, area)

    def hand_out(resource):
        as_user(chief).access_records.create_record(
            sdk.record(fresh("rec"), [sdk.statement(read.role_id, resource)], users=sdk.users(friend))
        )

    hand_out(f"{area}/1")
    assert may(friend, f"{area}/1", "documents:read")
    with pytest.raises(sdk.ForbiddenException):
        hand_out("elsewhere")


def test_a_list_shows_a_caller_only_what_it_may_see(owner, fresh, reader, as_user):
    chief, seen, hidden, mark = fresh("chief"), fresh("rec"), fresh("rec"), fresh("mark")
    statements = [sdk.statement(reader, "docs")]
    owner.access_records.create_record(sdk.record(seen, statements, name=mark, admins=sdk.users(chief)))
    owner.access_records.create_record(sdk.record(hidden, statements, name=mark, admins=sdk.users("someone-else")))
    listed = as_user(chief).access_records.get_records(filter=mark).records
    assert [record.record_id for record in listed] == [seen]


@pytest.mark.parametrize("uri", ["a//b", "a b", "a%2Fb"])
def test_a_malformed_resource_is_400_and_the_answer_names_it(wire, reader, uri):
    answer = wire(
        "POST", "/v1/records", {"name": "bad", "statements": [{"roles": [reader], "resources": [{"resourceUri": uri}]}]}
    )
    assert answer.status == 400
    assert "statements" in answer.json["field"]
    assert {"title", "errorCode", "errorId"} <= answer.json.keys()


def test_an_unknown_field_is_400(wire, reader):
    body = {"name": "bad", "statements": [{"roles": [reader], "resources": [{"resourceUri": "x"}]}], "usrs": []}
    assert wire("POST", "/v1/records", body).status == 400


def test_a_record_over_100_kb_is_413(wire, reader):
    statement = {"roles": [reader], "resources": [{"resourceUri": "x" * 100 + f"/{n}"} for n in range(100)]}
    body = {"name": "big", "statements": [statement] * 100}
    assert wire("POST", "/v1/records", body).status == 413
