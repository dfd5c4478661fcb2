"""Reads what a server with `mail = file:FOLDER` has sent."""

import re
import time

WAIT_SECONDS = 10


class Mailbox:
    def __init__(self, folder):
        self.folder = folder

    def link(self, to, page, number=1):
        """The `number`th link to a page that was mailed to an address; waits for it."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            found = [link for link in self._links(to) if page in link]
            if len(found) >= number:
                return found[number - 1]
            time.sleep(0.02)
        raise AssertionError(f"no link number {number} to {page} was mailed to {to}")

    def _links(self, to):
        for file in sorted(self.folder.glob("*.eml")):
            text = file.read_text()
            if f"\nTo: {to}\n" in text:
                yield from re.findall(r"https?://\S+\?token=\S+", text)
