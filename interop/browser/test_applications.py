"""From an application to the pages and back."""

from urllib.parse import urlencode

import pytest
from application import Application
from looks import look
from test_pages import GOOD, register


@pytest.fixture(scope="session")
def notes(silent):
    """Somebody else's application: people are asked."""
    yield from registered(silent, Application("notes", "Notes by Ann"))


@pytest.fixture(scope="session")
def shop(silent):
    """Our own: nobody is asked."""
    yield from registered(silent, Application("shop", "Shop", firstParty=True))


@pytest.fixture(scope="session")
def endless(silent):
    """One whose names have no place to break."""
    scopes = ["openid", "email", "read:" + "documents" * 12]
    audience = "https://" + "very-long-" * 10 + "name.example.org/api"
    application = Application("endless", "W" * 100, scopes=scopes, audiences=[audience], defaultAudience=audience)
    yield from registered(silent, application)


def registered(server, application):
    try:
        server.apply({"applications": [application.registration()]})
        yield application
    finally:
        application.close()


@pytest.fixture(autouse=True)
def nobody_has_arrived(notes, shop):
    notes.arrived.clear()
    shop.arrived.clear()


def came_back(visitor, application, method="GET"):
    """What the application got, once the browser shows its page."""
    assert visitor.driver.current_url.startswith(application.url), visitor.driver.current_url
    assert visitor.heading() == application.name
    [(used, path, parameters)] = application.arrived
    assert (used, path) == (method, "/callback")
    return parameters


def test_somebody_registers_on_the_way_is_asked_and_withdraws_it_later(visitor, silent, notes, fresh):
    alice = fresh("alice")
    visitor.open(notes.sign_in_url(silent))
    assert visitor.heading() == "Sign in" and "Notes by Ann" in visitor.text()
    look(visitor, "login-application")
    visitor.press("register-link")
    assert "Notes by Ann" in visitor.text()
    look(visitor, "register-application")
    visitor.type(name="Alice", email=alice, password=GOOD).press("register")
    assert visitor.heading() == "Allow Notes by Ann?"
    assert visitor.element("redirect-host").text.startswith("127.0.0.1")
    assert visitor.element("signed-in-as").text == alice
    assert "See your e-mail address" in visitor.element("scopes").text
    look(visitor, "consent")
    visitor.press("approve")
    answer = came_back(visitor, notes)
    assert answer["code"] and answer["state"] and answer["iss"] == silent.url

    # Asked once.
    notes.arrived.clear()
    visitor.open(notes.sign_in_url(silent))
    assert came_back(visitor, notes)["code"]

    visitor.open(f"{silent.url}/account")
    [row] = visitor.rows("applications")
    assert "Notes by Ann" in row.text
    look(visitor, "account-applications")
    visitor.press_on(row.find_element("tag name", "button"))
    assert visitor.path() == "/account?notice=withdrawn" and visitor.has("no-applications")
    visitor.open(notes.sign_in_url(silent))
    assert visitor.heading() == "Allow Notes by Ann?"
    visitor.press("deny")
    notes_answer = came_back_last(visitor, notes)
    assert notes_answer["error"] == "access_denied" and "code" not in notes_answer


def came_back_last(visitor, application):
    application.arrived[:] = application.arrived[-1:]
    return came_back(visitor, application)


def test_whoever_is_somebody_else_switches_the_account(visitor, silent, notes, fresh):
    alice, bob = fresh("alice"), fresh("bob")
    register(visitor, silent, bob)
    visitor.chromium.forget()
    register(visitor, silent, alice)
    visitor.open(notes.sign_in_url(silent))
    assert visitor.element("signed-in-as").text == alice
    visitor.press("switch-account")
    assert visitor.heading() == "Sign in" and "Notes by Ann" in visitor.text()
    visitor.type(email=bob, password=GOOD).press("sign-in")
    assert visitor.element("signed-in-as").text == bob
    visitor.press("approve")
    assert came_back(visitor, notes)["code"]


def test_names_that_have_no_place_to_break_stay_on_the_page(visitor, silent, endless, fresh):
    alice = fresh("a" * 40)
    visitor.open(endless.sign_in_url(silent, scope=" ".join(["openid", "email", "read:" + "documents" * 12])))
    look(visitor, "login-endless")
    visitor.press("register-link").type(name="Alice" * 20, email=alice, password=GOOD).press("register")
    assert visitor.element("signed-in-as").text == alice
    look(visitor, "consent-endless")
    visitor.press("approve")
    assert visitor.heading() == endless.name
    visitor.open(f"{silent.url}/account")
    look(visitor, "account-endless")
    visitor.open(f"{silent.url}/oauth2/logout?client_id=endless")
    look(visitor, "logout-endless")


def test_an_answer_comes_as_a_form_with_script_and_without(visitor, silent, shop, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    visitor.open(shop.sign_in_url(silent, response_mode="form_post", prompt="login"))
    assert visitor.heading() == "Sign in again" and alice in visitor.text()
    look(visitor, "login-again")
    visitor.type(password=GOOD).element("sign-in").click()
    if not visitor.chromium.script:
        visitor.until_heading("One moment")
        look(visitor, "hand-on")
        visitor.press("continue")
    visitor.until_heading("Shop")
    answer = came_back(visitor, shop, "POST")
    assert answer["code"] and answer["iss"] == silent.url


def test_a_wrong_password_on_the_way_loses_nothing(visitor, silent, shop, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    visitor.chromium.forget()
    visitor.open(shop.sign_in_url(silent, login_hint=alice))
    assert visitor.element("email").get_attribute("value") == alice and visitor.focused() == "password"
    visitor.type(password="not the password of Alice").press("sign-in")
    assert visitor.focused() == "error-summary"
    visitor.type(password=GOOD).press("sign-in")
    assert came_back(visitor, shop)["code"]


def test_an_application_asks_to_sign_out_and_the_person_decides(visitor, silent, notes, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    wanted = urlencode({"client_id": notes.client_id, "post_logout_redirect_uri": f"{notes.url}/bye", "state": "s"})
    visitor.open(f"{silent.url}/oauth2/logout?{wanted}")
    assert visitor.heading() == "Sign out?" and "Notes by Ann" in visitor.text() and alice in visitor.text()
    look(visitor, "logout")
    visitor.open(f"{silent.url}/account")
    assert visitor.heading() == "Your account", "nobody is signed out by a link"
    visitor.open(f"{silent.url}/oauth2/logout?{wanted}").press("sign-out")
    assert visitor.heading() == "Notes by Ann" and notes.arrived == [("GET", "/bye", {"state": "s"})]
    visitor.open(f"{silent.url}/account")
    assert visitor.path() == "/login"


def test_another_site_posts_the_wish_to_sign_out_and_the_person_decides(visitor, silent, notes, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    wanted = {"client_id": notes.client_id, "post_logout_redirect_uri": f"{notes.url}/bye", "state": "s"}
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in wanted.items())
    notes.shows = f'<form method="post" action="{silent.url}/oauth2/logout">{fields}<button id="leave">Leave</button></form>'
    try:
        visitor.open(f"{notes.elsewhere}/").element("leave").click()
    finally:
        notes.shows = ""
    if not visitor.chromium.script:
        visitor.until_heading("One moment")
        look(visitor, "logout-once-more")
        visitor.press("continue")
    # The cookies, which the browser keeps back from what other sites post, have come along.
    visitor.until_heading("Sign out?")
    assert alice in visitor.text() and visitor.path() == "/oauth2/logout?once-more"
    notes.arrived.clear()
    visitor.press("sign-out")
    assert visitor.heading() == "Notes by Ann" and notes.arrived == [("GET", "/bye", {"state": "s"})]
    visitor.open(f"{silent.url}/account")
    assert visitor.path() == "/login"


def test_what_is_wrong_with_a_request_is_a_page_and_no_redirect(visitor, silent, shop):
    visitor.open(shop.sign_in_url(silent, redirect_uri="https://evil.example/"))
    assert visitor.heading() == "This application sent a wrong address"
    look(visitor, "wrong-address")
    visitor.open(shop.sign_in_url(silent, client_id="nobody"))
    assert visitor.heading() == "This application is not known here"
    assert not shop.arrived
    # Begun in another browser.
    visitor.open(shop.sign_in_url(silent))
    waiting = visitor.driver.current_url
    visitor.chromium.forget()
    visitor.open(waiting)
    assert visitor.heading() == "This sign-in was begun elsewhere"
    look(visitor, "begun-elsewhere")
