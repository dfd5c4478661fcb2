"""A person with a plain HTTP client for a browser: follows links, fills in forms by the names of their fields, runs no script."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

HOPS = 20
# Passwords are compared when nothing else is to be done, which on a busy machine may be a while.
SECONDS = 60


class Form:
    """A form of a page: where it goes, what it already holds, and the buttons that send it."""

    def __init__(self, attributes, page):
        self.id = attributes.get("id")
        self.method = attributes.get("method", "get").lower()
        self.action = urljoin(page, attributes.get("action") or page)
        self.fields = {}
        self.buttons = []

    def with_answers(self, answers, button):
        fields = {**self.fields, **answers}
        if button is not None:
            name, value = next(pair for pair in self.buttons if pair == button or pair[1] == button)
            fields[name] = value
        return fields


class _Forms(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.page, self.forms, self._open = page, [], None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self._open = Form(attributes, self.page)
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "button") and attributes.get("name"):
            self._field(tag, attributes)

    def _field(self, tag, attributes):
        kind = attributes.get("type", "submit" if tag == "button" else "text")
        name, value = attributes["name"], attributes.get("value", "")
        if kind == "submit":
            self._open.buttons.append((name, value))
        elif kind not in ("checkbox", "radio") or "checked" in attributes:
            self._open.fields[name] = value

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


class Visitor:
    """Holds cookies, and the page that is shown."""

    def __init__(self):
        self._client = requests.Session()
        self.page = None

    @property
    def url(self):
        return self.page.url

    def forms(self):
        parser = _Forms(self.page.url)
        parser.feed(self.page.text)
        return parser.forms

    def form(self, field=None, button=None):
        """The first form that has such a field or such a button."""
        for form in self.forms():
            values = [value for pair in form.buttons for value in pair]
            if (field is None or field in form.fields) and (button is None or button in values):
                return form
        raise AssertionError(f"no form with field {field!r}, button {button!r} on {self.url}:\n{self.page.text[:3000]}")

    def go(self, url, stop_at=None):
        """Opens an address. A redirection below `stop_at` is not followed, but given back."""
        return self._follow(self._client.get(url, allow_redirects=False, timeout=SECONDS), stop_at)

    def send(self, form, answers=None, button=None, stop_at=None):
        fields = form.with_answers(answers or {}, button)
        ask = {"data": fields} if form.method == "post" else {"params": fields}
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.url))
        answer = self._client.request(
            form.method, form.action, allow_redirects=False, timeout=SECONDS, headers={"Origin": origin}, **ask
        )
        return self._follow(answer, stop_at)

    def _follow(self, answer, stop_at):
        for _ in range(HOPS):
            if not answer.is_redirect:
                self.page = answer
                return None
            target = urljoin(answer.url, answer.headers["Location"])
            if stop_at is not None and target.startswith(stop_at):
                return target
            answer = self._client.get(target, allow_redirects=False, timeout=SECONDS)
        raise AssertionError(f"more than {HOPS} redirections, the last to {answer.url}")

    def sign_in(self, person, stop_at=None):
        """On the sign-in page."""
        form = self.form(field="password")
        return self.send(form, {"email": person.email, "password": person.password}, stop_at=stop_at)
