"""Runs the built server for the Python suites: starts it, mints user tokens, stops it and checks how it ended."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 60
STOP_SECONDS = 10
READY = "listening on "


class Server:
    """One server with a data folder (and, for PostgreSQL, a database) of its own. It can be stopped and started again.

    `settings` are the server's, by their names: `Server(registration="closed")`.
    """

    def __init__(self, **settings):
        self.binary = os.environ.get("PORTCULLIS_BIN") or _fail("PORTCULLIS_BIN must be the path of the built server")
        self.folder = Path(tempfile.mkdtemp(prefix="portcullis-interop-"))
        self._settings = {f"PORTCULLIS_{name.upper()}": str(value) for name, value in settings.items()}
        self.data_dir = self.folder / "data"
        self.log_path = self.folder / "server.log"
        self.database = _fresh_database()
        self.url = None
        self._process = None

    def start(self, port=0):
        arguments = ["serve", "--listen", f"127.0.0.1:{port}", *self._storage()]
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                [self.binary, *arguments], stdout=subprocess.PIPE, stderr=log, text=True,
                env=_environment(**self._settings),
            )
        ready = threading.Event()
        threading.Thread(target=self._read_stdout, args=(self._process.stdout, ready), daemon=True).start()
        deadline = time.monotonic() + START_SECONDS
        while not ready.wait(0.05):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                _fail(f"the server did not start; its log:\n{self.log()}")
        return self

    def _read_stdout(self, lines, ready):
        for line in lines:
            if line.startswith(READY):
                self.url = line[len(READY):].strip()
                ready.set()

    def stop(self):
        """SIGTERM ends it with exit code 0 in time."""
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            _fail(f"the server did not stop within {STOP_SECONDS} s of SIGTERM; its log:\n{self.log()}")
        assert code == 0, f"the server ended with {code} after SIGTERM; its log:\n{self.log()}"

    def remove(self):
        """Stops what still runs and leaves nothing behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        _drop_database(self.database)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def port(self):
        return urlsplit(self.url).port

    @property
    def bootstrap(self):
        """`account_id`, `client_id` and `access_key` of the owner service client."""
        return json.loads((self.data_dir / "bootstrap.json").read_text())

    def user_token(self, user_id, ttl="1h"):
        """A JWT for any user id; the user need not be known to the server."""
        printed = self.command("token", "create", user_id, "--ttl", ttl, "--json")
        return json.loads(printed)["token"]

    def apply(self, document):
        """Imports `document` (users, roles, records, ...) as `portcullis apply` reads it."""
        path = self.folder / "apply.json"
        path.write_text(json.dumps(document))
        self.command("apply", str(path))

    def command(self, *arguments):
        """Runs another command of the binary on the same data, while the server runs."""
        done = subprocess.run(
            [self.binary, *arguments, *self._storage()],
            capture_output=True, text=True, timeout=60,
            env=_environment(**self._settings, PORTCULLIS_PUBLIC_URL=self.url),
        )
        assert done.returncode == 0, f"portcullis {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
        return done.stdout

    def log(self, lines=80):
        """The last lines of what the server wrote to stderr."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def _storage(self):
        return ["--data-dir", str(self.data_dir), *(["--database", self.database] if self.database else [])]


def _environment(**extra):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTCULLIS_")}
    return {**kept, **extra}


def _fresh_database():
    kind = os.environ.get("PORTCULLIS_TEST_DATABASE", "sqlite")
    if kind == "sqlite":
        return None
    assert kind == "postgres", f"PORTCULLIS_TEST_DATABASE is {kind!r}; expected sqlite or postgres"
    name = f"interop_{secrets.token_hex(8)}"
    _postgres(f"CREATE DATABASE {name}")
    return urlsplit(os.environ["PORTCULLIS_TEST_POSTGRES"])._replace(path=f"/{name}").geturl()


def _drop_database(url):
    if url:
        _postgres(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")


def _postgres(statement):
    server = os.environ["PORTCULLIS_TEST_POSTGRES"]
    if shutil.which("psql"):
        subprocess.run(["psql", "--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-c", statement, server], check=True)
        return
    import psycopg  # only where there is no psql

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _fail(message):
    raise AssertionError(message)
