"""Authlib's Flask client signs a person in, by what discovery says and nothing else."""

import pytest
import web_client

SCOPE = "openid profile email offline_access"


@pytest.fixture
def web(server, application):
    """A running web application, registered with the algorithm that is asked for."""
    running = []

    def start(algorithm="EdDSA", scope=SCOPE, method="client_secret_basic", **fields):
        def make(url):
            registered = application(
                redirectUris=[f"{url}/callback"],
                postLogoutRedirectUris=[f"{url}/"],
                grantTypes=["authorization_code", "refresh_token"],
                signingAlgorithm=algorithm,
                authenticationMethod=method,
                **fields,
            )
            web.application = registered
            return web_client.build(server.url, registered, scope, token_endpoint_auth_method=method)

        web = web_client.Running(make)
        running.append(web)
        return web.__enter__()

    yield start
    for web in running:
        web.__exit__()


def sign_in(web, visitor, person):
    """From the application's login link back to its home page, with consent on the way."""
    visitor.go(f"{web.url}/login")
    visitor.sign_in(person)
    if not visitor.url.startswith(web.url):
        visitor.send(visitor.form(button="approve"), button="approve")
    assert visitor.url == f"{web.url}/", visitor.page.text
    return visitor.page.json()


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "ES256"])
def test_a_person_signs_in_with_each_algorithm(web, visitor, person, server, algorithm):
    shown = sign_in(web(algorithm), visitor, person)
    user, token = shown["user"], shown["token"]
    assert user["sub"] == person.user_id and user["email"] == person.email and user["name"] == person.name
    assert user["iss"] == server.url and user["nonce"] and user["at_hash"] and user["auth_time"]
    assert token["token_type"].lower() == "bearer" and token["refresh_token"] and token["expires_in"] > 0


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_both_ways_of_sending_the_secret_work(web, visitor, person, method):
    assert sign_in(web(method=method), visitor, person)["user"]["sub"] == person.user_id


def test_userinfo_says_what_the_scopes_ask_for(web, visitor, person):
    running = web(scope="openid email")
    sign_in(running, visitor, person)
    visitor.go(f"{running.url}/profile")
    told = visitor.page.json()
    assert told["sub"] == person.user_id and told["email"] == person.email
    assert "name" not in told


def test_a_second_sign_in_asks_for_nothing(web, visitor, person):
    running = web()
    sign_in(running, visitor, person)
    visitor.go(f"{running.url}/login")
    assert visitor.url == f"{running.url}/" and visitor.page.json()["user"]["sub"] == person.user_id


def test_whoever_says_no_comes_back_with_access_denied(web, visitor, person):
    running = web()
    visitor.go(f"{running.url}/login")
    visitor.sign_in(person)
    back = visitor.send(visitor.form(button="deny"), button="deny", stop_at=running.url)
    assert "error=access_denied" in back and "iss=" in back and "code=" not in back


def test_after_sign_out_the_password_is_asked_again(web, visitor, person):
    running = web()
    sign_in(running, visitor, person)
    visitor.go(f"{running.url}/logout")
    assert visitor.url.startswith(f"{running.url}/"), visitor.page.text
    visitor.go(f"{running.url}/login")
    assert visitor.form(field="password")
