"""Groups: /v1/groups."""

import pytest
import sdk


def test_a_created_group_is_returned_and_can_be_read(owner, fresh):
    made = owner.groups.create_group(sdk.group("Editors", [fresh("bob"), fresh("eve")], tags={"team": "a"}))
    assert made.group_id.startswith("grp_")
    read = owner.groups.get_group(made.group_id)
    assert (read.name, read.users, read.tags) == ("Editors", made.users, {"team": "a"})
    assert len(read.users) == 2
    assert read.last_updated == made.last_updated


def test_a_group_id_may_be_chosen_and_taken_once(owner, fresh, refused):
    group_id = fresh("grp")
    assert owner.groups.create_group(sdk.group("g", [], group_id=group_id)).group_id == group_id
    with refused(409):
        owner.groups.create_group(sdk.group("g", [], group_id=group_id))


def test_members_of_a_group_have_the_access_of_its_records(owner, fresh, reader, may):
    bob, eve = fresh("bob"), fresh("eve")
    group_id = owner.groups.create_group(sdk.group("g", [bob])).group_id
    statements = [sdk.statement(reader, "docs")]
    owner.access_records.create_record(
        sdk.record(fresh("rec"), statements, groups=sdk.linked_groups(group_id))
    )
    assert may(bob, "docs/1", "documents:read")
    assert not may(eve, "docs/1", "documents:read")

    changed = owner.groups.update_group(group_id, sdk.group("renamed", [eve]))

    assert (changed.name, [user.user_id for user in changed.users]) == ("renamed", [eve])
    assert may(eve, "docs/1", "documents:read")
    assert not may(bob, "docs/1", "documents:read")


def test_a_statement_with_its_own_group_is_for_that_group_alone(owner, fresh, reader, may):
    bob, alice = fresh("bob"), fresh("alice")
    group_id = owner.groups.create_group(sdk.group("g", [bob])).group_id
    statements = [
        sdk.statement(reader, "common"),
        sdk.statement(reader, "special", groups=sdk.linked_groups(group_id)),
    ]
    owner.access_records.create_record(sdk.record(fresh("rec"), statements, users=sdk.users(alice)))
    assert may(alice, "common/1", "documents:read") and not may(alice, "special/1", "documents:read")
    assert may(bob, "special/1", "documents:read") and not may(bob, "common/1", "documents:read")


def test_a_deleted_group_is_gone_with_the_access_it_gave(owner, fresh, reader, may):
    bob = fresh("bob")
    group_id = owner.groups.create_group(sdk.group("g", [bob])).group_id
    owner.access_records.create_record(
        sdk.record(fresh("rec"), [sdk.statement(reader, "docs")], groups=sdk.linked_groups(group_id))
    )
    owner.groups.delete_group(group_id)
    with pytest.raises(sdk.NotFoundException):
        owner.groups.get_group(group_id)
    assert not may(bob, "docs/1", "documents:read")


def test_paging_by_one_reaches_every_group_once(owner, fresh):
    mark = fresh("mark")
    made = [owner.groups.create_group(sdk.group(f"{mark} {number}", [])).group_id for number in range(3)]
    found = sdk.every_page(lambda **page: owner.groups.get_groups(filter=mark.upper(), **page), "groups")
    assert sorted(group.group_id for group in found) == sorted(made)


@pytest.mark.skipif(sdk.PY30, reason="the 3.0 SDK never sends the expected time")
def test_a_group_that_changed_since_the_expected_time_is_412(owner, fresh, refused):
    made = owner.groups.create_group(sdk.group("g", []))
    with refused(412):
        owner.groups.update_group(
            made.group_id, sdk.group("late", []), expected_last_modified_time="2000-01-01T00:00:00.000Z"
        )
    owner.groups.update_group(
        made.group_id, sdk.group("in time", []), expected_last_modified_time=made.last_updated.isoformat()
    )
    assert owner.groups.get_group(made.group_id).name == "in time"


def test_a_group_admin_may_edit_it_without_any_other_right(owner, fresh, as_user, refused):
    chief, other = fresh("chief"), fresh("other")
    group_id = owner.groups.create_group(sdk.group("g", [], admins=[chief])).group_id
    as_user(chief).groups.update_group(group_id, sdk.group("by chief", [], admins=[chief]))
    assert owner.groups.get_group(group_id).name == "by chief"
    with refused(403, 404):
        as_user(other).groups.update_group(group_id, sdk.group("by other", []))


def test_a_post_to_a_group_updates_it(wire, owner, fresh):
    group_id = owner.groups.create_group(sdk.group("g", [])).group_id
    answer = wire("POST", f"/v1/groups/{group_id}", {"name": "posted", "users": [], "admins": []})
    assert (answer.status, answer.json["name"]) == (200, "posted")
