"""Bare HTTP, for what the SDKs hide: exact statuses, headers, raw paths."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Wire:
    """Calls one server with one bearer (or none). The path goes out exactly as given."""

    def __init__(self, url, bearer=None):
        self.url, self.bearer = url, bearer

    def __call__(self, method, path, body=None, headers=None):
        sent = {**({"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}), **(headers or {})}
        if body is not None:
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode("utf-8"))
        finally:
            connection.close()

    def get(self, path, **headers):
        return self("GET", path, headers=headers)
