"""Optimistic concurrency: `If-Unmodified-Since` and `Last-Modified`."""

from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
import sdk

LONG_AGO = ["2000-01-01T00:00:00.000Z", "2000-01-01T00:00:00+00:00", "Sat, 01 Jan 2000 00:00:00 GMT"]


@pytest.fixture
def record_id(fresh, reader, grant):
    return grant(fresh("user"), reader, "docs")


@pytest.fixture
def put(wire, record_id, reader):
    """Updates the record with the given `If-Unmodified-Since`."""

    def update(unmodified_since=None):
        body = {"name": "put", "statements": [{"roles": [reader], "resources": [{"resourceUri": "docs"}]}]}
        headers = {"If-Unmodified-Since": unmodified_since} if unmodified_since else {}
        return wire("PUT", f"/v1/records/{record_id}", body, headers)

    return update


def instant(text):
    """An instant from ISO 8601 or from an HTTP-date."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return parsedate_to_datetime(text)


@pytest.mark.parametrize("expected", LONG_AGO)
def test_a_record_that_changed_since_the_expected_time_is_412(put, expected):
    answer = put(expected)
    assert answer.status == 412
    assert answer.headers["Last-Modified"]


@pytest.mark.parametrize(
    "write",
    [
        lambda last: last.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        lambda last: last.isoformat(timespec="microseconds"),
        lambda last: last.isoformat(timespec="seconds"),
        lambda last: format_datetime(last.replace(microsecond=0), usegmt=True),
        lambda last: last.strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00"),
    ],
    ids=["milliseconds", "microseconds", "seconds", "http-date", "seven-digits"],
)
def test_the_time_of_the_last_change_is_accepted_in_every_form(wire, put, record_id, write):
    last = instant(wire.get(f"/v1/records/{record_id}").json["lastUpdated"])
    assert put(write(last)).status == 202


def test_a_later_time_is_accepted_and_no_time_too(wire, put, record_id):
    last = instant(wire.get(f"/v1/records/{record_id}").json["lastUpdated"])
    assert put((last + timedelta(seconds=5)).isoformat()).status == 202
    assert put().status == 202


def test_the_last_modified_header_carries_the_same_instant_as_the_body(wire, put, record_id):
    for answer in (wire.get(f"/v1/records/{record_id}"), put()):
        header, body = instant(answer.headers["Last-Modified"]), instant(answer.json["lastUpdated"])
        assert abs(body - header) < timedelta(seconds=1)


def test_an_update_answers_202_with_the_record_and_a_later_time(wire, put, record_id):
    before = instant(wire.get(f"/v1/records/{record_id}").json["lastUpdated"])
    answer = put()
    assert (answer.status, answer.json["name"]) == (202, "put")
    assert instant(answer.json["lastUpdated"]) > before


def test_the_sdk_sees_412_for_an_old_time_and_success_for_the_real_one(owner, record_id, refused):
    read = owner.access_records.get_record(record_id)
    with refused(412):
        sdk.update_record(owner, record_id, read, "2000-01-01T00:00:00.000Z")
    sdk.update_record(owner, record_id, read, read.last_updated.isoformat())


def test_of_two_writers_with_the_same_expectation_the_second_is_refused(owner, record_id, refused):
    first = owner.access_records.get_record(record_id)
    sdk.update_record(owner, record_id, first, first.last_updated.isoformat())
    with refused(412):
        sdk.update_record(owner, record_id, first, first.last_updated.isoformat())


def test_a_post_to_a_record_updates_it(wire, record_id, reader):
    body = {"name": "posted", "statements": [{"roles": [reader], "resources": [{"resourceUri": "docs"}]}]}
    answer = wire("POST", f"/v1/records/{record_id}", body)
    assert (answer.status, answer.json["name"]) == (200, "posted")
