"""A web application as Authlib's manual has it: Flask, OpenID Connect by discovery, PKCE."""

import threading

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, session, url_for
from werkzeug.serving import make_server


def build(issuer, application, scope, **client_kwargs):
    app = Flask("web_client")
    app.secret_key = "only for this test"
    oauth = OAuth(app)
    provider = oauth.register(
        "portcullis",
        client_id=application.client_id,
        client_secret=application.client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": scope, "code_challenge_method": "S256", **client_kwargs},
    )

    @app.get("/login")
    def login():
        return provider.authorize_redirect(url_for("callback", _external=True))

    @app.get("/callback")
    def callback():
        token = provider.authorize_access_token()
        session["user"] = dict(token["userinfo"])
        session["token"] = {name: value for name, value in token.items() if name != "userinfo"}
        return redirect(url_for("home"))

    @app.get("/")
    def home():
        return jsonify(user=session.get("user"), token=session.get("token"))

    @app.get("/profile")
    def profile():
        return jsonify(dict(provider.userinfo(token=session["token"])))

    @app.get("/logout")
    def logout():
        target = provider.create_logout_url(
            post_logout_redirect_uri=url_for("home", _external=True), id_token_hint=session["token"]["id_token"]
        )
        session.clear()
        return redirect(target["url"])

    return app


class Running:
    """A WSGI application on a port of its own, for the length of a `with` block."""

    def __init__(self, make_app):
        self._make_app = make_app

    def __enter__(self):
        self._server = make_server("127.0.0.1", 0, _Late(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._server.app.app = self._make_app(self.url)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()


class _Late:
    """An application that is made once its address is known."""

    app = None

    def __call__(self, environment, start_response):
        return self.app(environment, start_response)
