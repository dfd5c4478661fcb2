"""The servers that run at this moment."""

from contextlib import contextmanager

RUNNING = []


@contextmanager
def started(running):
    """Starts a server. At the end it must stop cleanly."""
    RUNNING.append(running)
    try:
        running.start()
        yield running
        running.stop()
    finally:
        RUNNING.remove(running)
        running.remove()
