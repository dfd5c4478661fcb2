"""The applications in examples/, with a person in front of a browser: in, about, and out again."""

import chromium
import examples
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 60


def shown(browser, element_id):
    return WebDriverWait(browser, SECONDS).until(until.visibility_of_element_located((By.ID, element_id)))


def says(browser, element_id, text):
    located = (By.ID, element_id)
    WebDriverWait(browser, SECONDS).until(until.text_to_be_present_in_element(located, text))


def sign_in(browser, person):
    shown(browser, "sign-in").click()
    shown(browser, "email").send_keys(person.email)
    shown(browser, "password").send_keys(person.password)
    shown(browser, "sign-in").click()
    shown(browser, "approve").click()


def test_the_web_application_knows_who_is_there(server, person):
    with examples.started("web-application", server) as url, chromium.Browser() as browser:
        browser.get(url)
        says(browser, "greeting", "Hello, guest!")
        sign_in(browser, person)
        says(browser, "greeting", f"Hello, {person.name}!")
        shown(browser, "sign-out").click()
        says(browser, "greeting", "Hello, guest!")
        shown(browser, "sign-in").click()
        assert shown(browser, "password")


def test_the_single_page_application_calls_its_api(server, person):
    with examples.started("single-page-application", server) as url, chromium.Browser() as browser:
        browser.get(url)
        sign_in(browser, person)
        says(browser, "name", person.name)
        says(browser, "notes", f"A note of {person.user_id}")
        shown(browser, "renew").click()
        says(browser, "status", "2 notes")
        shown(browser, "sign-out").click()
        says(browser, "status", "You are not signed in.")
        shown(browser, "sign-in").click()
        assert shown(browser, "password")
