"""What both pytest suites share: the running server, and its log in the report of a failed test."""

import pytest
from portcullis_server import Server

_RUNNING = []


@pytest.fixture(scope="session")
def server():
    """One server for the whole run. At the end it must stop cleanly."""
    running = Server()
    _RUNNING.append(running)
    try:
        running.start()
        yield running
        running.stop()
    finally:
        _RUNNING.remove(running)
        running.remove()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        report.sections.extend(("server log", running.log()) for running in _RUNNING)
