"""Every hosted page and every flow of an account, at two sizes, with script and without."""

from looks import look

GOOD = "seven quiet herons fold paper"
OTHER = "forty red kites over a harbour"


def register(visitor, server, email, name="Alice Liddell"):
    visitor.open(f"{server.url}/register").type(name=name, email=email, password=GOOD).press("register")


def sign_in(visitor, server, email, password=GOOD):
    visitor.open(f"{server.url}/login").type(email=email, password=password).press("sign-in")


def test_whoever_registers_confirms_the_address_signs_in_and_out(visitor, mailing, mailbox, fresh):
    alice = fresh("alice")
    visitor.open(f"{mailing.url}/login")
    assert visitor.heading() == "Sign in" and visitor.focused() == "email"
    look(visitor, "login")
    visitor.press("register-link")
    assert visitor.heading() == "Create an account"
    look(visitor, "register")
    visitor.type(name="Alice Liddell", email=alice, password=GOOD).press("register")
    assert visitor.path() == "/register?sent=1" and visitor.heading() == "Look into your mail"
    look(visitor, "register-sent")

    visitor.open(mailbox.link(alice, "/verify-email"))
    assert visitor.heading() == "Confirm your e-mail address"
    look(visitor, "verify-email")
    visitor.press("verify-email")
    assert visitor.path() == "/login?notice=email-verified" and "is confirmed" in visitor.text()
    look(visitor, "login-notice")
    visitor.open(mailbox.link(alice, "/verify-email")).press("verify-email")
    assert visitor.heading() == "This link does not work any more"
    look(visitor, "dead-link")

    sign_in(visitor, mailing, alice)
    assert visitor.path() == "/account" and visitor.element("account-email").text == alice
    assert "confirmed" in visitor.text() and "this device" in visitor.text()
    look(visitor, "account")
    visitor.press("sign-out")
    assert visitor.path() == "/signed-out" and visitor.heading() == "You are signed out"
    look(visitor, "signed-out")
    visitor.open(f"{mailing.url}/account")
    assert visitor.path() == "/login"


def test_a_forgotten_password_is_chosen_anew(visitor, mailing, mailbox, fresh):
    alice = fresh("alice")
    register(visitor, mailing, alice)
    visitor.open(f"{mailing.url}/login").press("forgot-password-link")
    assert visitor.heading() == "Forgot your password?"
    look(visitor, "forgot-password")
    visitor.type(email=alice).press("send-link")
    assert visitor.path() == "/forgot-password?sent=1"
    look(visitor, "forgot-password-sent")
    link = mailbox.link(alice, "/reset-password")
    visitor.open(link)
    assert visitor.heading() == "Choose a new password"
    look(visitor, "reset-password")
    visitor.type(new_password="short").press("reset-password")
    assert visitor.element("new_password-error").text and visitor.focused() == "error-summary"
    look(visitor, "reset-password-refused")
    visitor.type(new_password=OTHER).press("reset-password")
    assert visitor.path() == "/login?notice=password-reset"
    sign_in(visitor, mailing, alice, OTHER)
    assert visitor.path() == "/account"
    visitor.open(link).type(new_password=GOOD).press("reset-password")
    assert visitor.heading() == "This link does not work any more"


def test_what_was_typed_wrongly_is_told_beside_its_field(visitor, silent, fresh):
    alice = fresh("alice")
    visitor.open(f"{silent.url}/register").type(email=alice, password="short").press("register")
    assert visitor.focused() == "error-summary", "who cannot see hears it first"
    assert "15 to 256 characters" in visitor.element("password-error").text
    assert visitor.element("email").get_attribute("value") == alice
    assert visitor.element("password").get_attribute("value") == ""
    look(visitor, "register-refused")
    visitor.type(password="passwordpassword").press("register")
    assert "not guessable" in visitor.element("password-error").text
    visitor.type(password=GOOD).press("register")
    assert visitor.path() == "/account"

    visitor.open(f"{silent.url}/login?switch=1").type(email=alice, password=OTHER).press("sign-in")
    assert visitor.focused() == "error-summary" and "is wrong" in visitor.text()
    look(visitor, "login-refused")
    visitor.type(password=GOOD).press("sign-in")
    assert visitor.path() == "/account"


def test_a_locked_account_is_told_when_to_come_back(visitor, silent, fresh):
    nobody = fresh("nobody")
    visitor.open(f"{silent.url}/login").type(email=nobody, password=OTHER).press("sign-in")
    for _ in range(9):
        visitor.type(password=OTHER).press("sign-in")
    assert "is wrong" in visitor.text()
    visitor.type(password=OTHER).press("sign-in")
    assert "Try again in 15 minutes" in visitor.text()
    look(visitor, "login-locked")


def test_people_look_after_their_account(visitor, silent, fresh):
    alice = fresh("alice")
    register(visitor, silent, alice)
    visitor.type(name="Alice Pleasance Liddell").press("save-name")
    assert visitor.path() == "/account?notice=renamed"
    assert visitor.element("signed-in-as").text == "Alice Pleasance Liddell"
    visitor.type(current_password=OTHER, new_password=OTHER).press("change-password")
    assert visitor.element("current_password-error").text and visitor.focused() == "error-summary"
    look(visitor, "account-refused")
    visitor.type(current_password=GOOD, new_password=OTHER).press("change-password")
    assert visitor.path() == "/account?notice=password-changed"
    look(visitor, "account-notice")

    # Another browser, which this one signs out.
    here = visitor.driver.get_cookies()
    visitor.chromium.forget()
    sign_in(visitor, silent, alice, OTHER)
    there = visitor.driver.get_cookies()
    visitor.chromium.forget()
    become(visitor, silent, here)
    visitor.open(f"{silent.url}/account")
    assert len(visitor.rows("devices")) == 2
    look(visitor, "account-devices")
    other = next(row for row in visitor.rows("devices") if "this device" not in row.text)
    visitor.press_on(other.find_element("tag name", "button"))
    assert visitor.path() == "/account?notice=session-ended" and len(visitor.rows("devices")) == 1
    visitor.chromium.forget()
    become(visitor, silent, there)
    visitor.open(f"{silent.url}/account")
    assert visitor.path() == "/login"

    visitor.chromium.forget()
    become(visitor, silent, here)
    visitor.open(f"{silent.url}/account").press("sign-out-everywhere")
    assert visitor.path() == "/signed-out"


def become(visitor, server, cookies):
    visitor.open(f"{server.url}/signed-out")
    visitor.driver.delete_all_cookies()
    for cookie in cookies:
        visitor.driver.add_cookie(cookie)


def test_where_registration_is_closed_the_pages_say_so(visitor, closed):
    visitor.open(f"{closed.url}/login")
    assert not visitor.has("register-link") and not visitor.has("forgot-password-link")
    visitor.open(f"{closed.url}/register")
    assert visitor.heading() == "Registration is closed"
    look(visitor, "register-closed")
    visitor.open(f"{closed.url}/forgot-password")
    assert "sends no mail" in visitor.text()
    look(visitor, "forgot-password-without-mail")


def test_the_address_of_the_server_leads_to_the_sign_in_and_to_the_account(visitor, silent, fresh):
    visitor.open(silent.url)
    assert visitor.path() == "/" and visitor.heading() == "Welcome"
    look(visitor, "start")
    visitor.press("login-link")
    assert visitor.path() == "/login"
    alice = fresh("alice")
    register(visitor, silent, alice)
    visitor.open(silent.url)
    assert alice in visitor.text()
    look(visitor, "start-signed-in")
    visitor.press("account-link")
    assert visitor.path() == "/account"


def test_a_form_that_was_left_open_is_refused_with_a_way_back(visitor, silent, fresh):
    visitor.open(f"{silent.url}/login")
    visitor.driver.delete_all_cookies()
    visitor.type(email=fresh("alice"), password=GOOD).press("sign-in")
    assert visitor.heading() == "This page was out of date"
    look(visitor, "out-of-date")
    visitor.press_on(visitor.driver.find_element("link text", "Open the page again"))
    assert visitor.heading() == "Sign in"


def test_everything_is_reached_by_keyboard_and_a_password_can_be_shown(visitor, silent):
    visitor.open(f"{silent.url}/register")
    seen = [visitor.focused()]
    for _ in range(7):
        visitor.driver.switch_to.active_element.send_keys("\ue004")
        seen.append(visitor.focused() or visitor.driver.switch_to.active_element.text)
    wanted = ["name", "email", "password", "Show", "register", "login-link"]
    if not visitor.chromium.script:
        wanted.remove("Show")
    assert seen[: len(wanted)] == wanted
    visitor.type(password=GOOD)
    assert visitor.element("password").get_attribute("type") == "password"
    if visitor.chromium.script:
        button = visitor.driver.find_element("css selector", "button.reveal")
        button.click()
        assert visitor.element("password").get_attribute("type") == "text"
        assert button.text == "Hide" and button.accessible_name == "Hide password"
