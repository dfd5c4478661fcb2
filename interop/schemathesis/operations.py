"""The operations of an OpenAPI document."""

from dataclasses import dataclass
from urllib.parse import quote

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@dataclass(frozen=True)
class Operation:
    method: str
    template: str
    needs_token: bool
    has_body: bool

    def __str__(self):
        return f"{self.method} {self.template}"

    def path(self, value="x"):
        """The path with `value` in the place of every parameter."""
        parts = self.template.split("{")
        return parts[0] + "".join(quote(value, safe="") + part.split("}", 1)[1] for part in parts[1:])


def operations(document):
    """Every operation; one needs a token unless its `security` (or else the document's) is empty or has an empty choice."""
    for template, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            security = item[method].get("security", document.get("security", []))
            needs_token = bool(security) and {} not in security
            yield Operation(method.upper(), template, needs_token, "requestBody" in item[method])
