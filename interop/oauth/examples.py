"""The programs in examples/, started as their READMEs say, on ports of their own."""

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The first start may have to build the program.
SECONDS = 600
READY = "listening on "


@contextmanager
def started(name, server):
    """Gives the address of the example `name`, against a server."""
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--quiet", "--package", name], cwd=ROOT, check=True, timeout=SECONDS)
    command = [
        cargo, "run", "--quiet", "--package", name, "--", "--server", server.url,
        "--key-file", str(server.data_dir / "bootstrap.json"), "--listen", "127.0.0.1:0",
    ]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = running.stdout.readline()
        assert line.startswith(READY), f"{name} did not start: {line!r}"
        yield line[len(READY):].strip()
    finally:
        running.terminate()
        running.wait(10)
        running.stdout.close()
