"""Fixtures of the suites that read the API's own description."""

import os
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

pytest_plugins = ["pytest_portcullis"]

set_hypothesis_home_dir(Path(__file__).parents[2] / "target/interop/hypothesis")

EXAMPLES = int(os.environ.get("PORTCULLIS_EXAMPLES", "20"))
SEED = int(os.environ.get("PORTCULLIS_SEED", "1"))


def pytest_report_header():
    return f"PORTCULLIS_EXAMPLES={EXAMPLES} PORTCULLIS_SEED={SEED}"


@pytest.fixture(scope="session")
def owner(server):
    """Calls the server as its owner."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.bootstrap['access_key']}"
    return session


@pytest.fixture(scope="session")
def document(server):
    """The OpenAPI document, as anybody can read it."""
    answer = requests.get(f"{server.url}/openapi.json", timeout=30)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="session")
def api(server, document):
    """The document as Schemathesis reads it, with this run's seed and number of examples."""
    # Methods that a path does not have are not in the document either: another test asks for them.
    phases = PhasesConfig(coverage=CoveragePhaseConfig(unexpected_methods=set()))
    project = ProjectConfig(generation=GenerationConfig(max_examples=EXAMPLES), phases=phases)
    config = SchemathesisConfig(seed=SEED, projects=ProjectsConfig(default=project))
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=server.url)
    return schema
