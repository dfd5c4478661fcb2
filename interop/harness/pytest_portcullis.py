"""What both pytest suites share: the running server, and its log in the report of a failed test."""

import pytest
from portcullis_server import Server
from running import RUNNING, started


@pytest.fixture(scope="session")
def server():
    """One server for the whole run."""
    with started(Server()) as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        report.sections.extend(("server log", running.log()) for running in RUNNING)
