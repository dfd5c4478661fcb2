"""Fixtures of the browser suite: servers, a Chromium for each way of looking, and a person who visits."""

import itertools
import os
import secrets
import tempfile
from pathlib import Path

import pytest
from mails import Mailbox
from portcullis_server import Server
from running import started
from visitor import Chromium, Visitor

pytest_plugins = ["pytest_portcullis"]

# Every test that takes a `visitor` runs in each of them.
WAYS = [
    ("phone", True),
    ("desktop", True),
    ("phone", False),
    ("desktop", False),
]

_counter = itertools.count(1)


@pytest.fixture(scope="session")
def mailbox():
    """The mails that `mailing` sends."""
    with tempfile.TemporaryDirectory(prefix="portcullis-mail-") as folder:
        yield Mailbox(Path(folder))


@pytest.fixture(scope="session")
def mailing(mailbox):
    """A server that sends mail."""
    settings = {"mail": f"file:{mailbox.folder}", "mail_from": "id@example.org"}
    with started(Server(credential_rate_per_minute=0, **settings)) as running:
        yield running


@pytest.fixture(scope="session")
def silent():
    """A server that sends no mail: whoever registers is signed in."""
    with started(Server(credential_rate_per_minute=0)) as running:
        yield running


@pytest.fixture(scope="session")
def closed():
    """A server where nobody registers themselves."""
    with started(Server(credential_rate_per_minute=0, registration="closed")) as running:
        yield running


@pytest.fixture(scope="session")
def shots():
    """Where screenshots go: build output."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or Path(__file__).parents[2] / "target")
    folder = target / "interop" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session", params=WAYS, ids=lambda way: f"{way[0]}-{'script' if way[1] else 'no-script'}")
def chromium(request, shots):
    """A browser of one size, with script or without."""
    size, script = request.param
    running = Chromium(size, script, shots)
    try:
        yield running
    finally:
        running.quit()


@pytest.fixture
def visitor(chromium):
    """Somebody who comes for the first time."""
    chromium.forget()
    return Visitor(chromium)


@pytest.fixture
def fresh():
    """Makes addresses that nobody else uses."""
    return lambda name: f"{name}.{next(_counter)}.{secrets.token_hex(4)}@example.org"
