"""oidc-agent signs a person in by the device flow, and gets new tokens by refresh tokens from then on."""

import os
import re
import subprocess
import tempfile
import threading

import pytest
import requests

SECONDS = 60
SCOPE = "openid profile offline_access"


class Agent:
    """An agent with a folder, a socket and a password of its own."""

    def __init__(self, folder):
        self._environment = {**os.environ, "HOME": folder, "OIDC_CONFIG_DIR": folder, "OIDC_ENCRYPTION_PW": "for a test"}
        for name, value in re.findall(r"(OIDC\w+)=([^;]+);", self.run("oidc-agent", "--no-autoload").stdout):
            self._environment[name] = value

    def run(self, *command):
        return subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=self._environment, stdin=subprocess.DEVNULL
        )

    def sign_in(self, issuer, application, visit):
        """`oidc-gen`, while `visit` goes to the address that it prints, with the code that it prints."""
        command = [
            "oidc-gen", "account", f"--issuer={issuer}", f"--client-id={application.client_id}",
            f"--client-secret={application.client_secret or ''}", f"--scope={SCOPE}", "--flow=device", "--pw-env",
            "--prompt=none", "--confirm-yes", "--no-url-call",
        ]
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self._environment,
            stdin=subprocess.DEVNULL,
        )
        guard = threading.Timer(SECONDS, running.kill)
        guard.start()
        try:
            printed, address = "", None
            for line in running.stdout:
                printed += line
                if line.startswith("http"):
                    address = line.strip()
                found = re.match(r"And enter the code: (\S+)", line)
                if found:
                    visit(address, found.group(1))
            assert running.wait() == 0, printed
        finally:
            guard.cancel()

    def token(self, *options):
        done = self.run("oidc-token", *options, "account")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self):
        self.run("oidc-agent", "--kill")


@pytest.fixture
def agent():
    with tempfile.TemporaryDirectory(prefix="portcullis-agent-") as folder:
        running = Agent(folder)
        try:
            yield running
        finally:
            running.stop()


def approval(visitor, person):
    """The person's part: sign in, enter the code, say yes."""

    def visit(address, code):
        visitor.go(address)
        visitor.sign_in(person)
        visitor.send(visitor.form(field="user_code"), {"user_code": code.lower()})
        assert code in visitor.page.text
        visitor.send(visitor.form(button="approve"), button="approve")
        assert visitor.page.status_code == 200, visitor.page.text

    return visit


@pytest.mark.parametrize("confidential", [True, False])
def test_a_person_signs_in_and_the_agent_keeps_them_signed_in(server, application, person, visitor, metadata, agent, confidential):
    registered = application(
        secret=confidential, kind="native", grantTypes=["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]
    )
    agent.sign_in(server.url, registered, approval(visitor, person))
    first = agent.token()
    second = agent.token("--force-new")
    third = agent.token("--force-new")
    assert len({first, second, third}) == 3
    answer = requests.get(metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {third}"}, timeout=20)
    assert (answer.status_code, answer.json()["sub"]) == (200, person.user_id)
