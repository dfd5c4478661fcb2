"""A web application that people sign in to: what comes back to its redirect URI, it shows."""

import base64
import hashlib
import html
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit


class Application:
    """Listens at a free port. `client_id` and `server` are set once it is registered.

    Browsers take `url` for the same site as the server, whose host it has, and `elsewhere` for another one.
    """

    def __init__(self, client_id, name, **settings):
        self.client_id, self.name, self._settings = client_id, name, settings
        self.server = None
        # What its pages show below its name.
        self.shows = ""
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                application._arrived(self, urlsplit(self.path).query)

            def do_POST(self):
                application._arrived(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_):
                pass

        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._listener.server_port}"
        self.elsewhere = f"http://localhost:{self._listener.server_port}"
        self.arrived = []
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def close(self):
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def callback(self):
        return f"{self.url}/callback"

    def registration(self):
        """Its item in a document of `apply`."""
        return {
            "applicationId": self.client_id,
            "name": self.name,
            "kind": "web",
            "authenticationMethod": "none",
            "redirectUris": [self.callback],
            "postLogoutRedirectUris": [f"{self.url}/bye"],
            "responseModes": ["query", "form_post"],
            **self._settings,
        }

    def sign_in_url(self, server, **more):
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": secrets.token_hex(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{server.url}/oauth2/authorize?{urlencode(parameters)}"

    def _arrived(self, request, encoded):
        path = urlsplit(request.path).path
        if path != "/favicon.ico":
            self.arrived.append((request.command, path, dict(parse_qsl(encoded))))
        page = f"<!doctype html><title>{html.escape(self.name)}</title><h1>{html.escape(self.name)}</h1>{self.shows}".encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(page)))
        request.end_headers()
        request.wfile.write(page)
