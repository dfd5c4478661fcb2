"""A page that Apache protects with mod_auth_openidc: a browser signs in through it, and out again."""

import apache
import chromium
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 60


@pytest.fixture(params=["RS256", "ES256"])
def protected(request, server, application):
    """Apache, as a relying party with ID tokens of this algorithm."""
    running = apache.Apache()
    try:
        registered = application(
            redirectUris=[f"{running.url}/protected/callback"],
            postLogoutRedirectUris=[f"{running.url}/index.html"],
            grantTypes=["authorization_code"],
            signingAlgorithm=request.param,
        )
        yield running.start(server.url, registered, request.param)
    finally:
        running.stop()


def test_a_browser_signs_in_to_a_protected_page_and_out_again(protected, person, server):
    with chromium.Browser() as browser:
        wait = WebDriverWait(browser, SECONDS)
        browser.get(f"{protected.url}/index.html")
        assert browser.find_element(By.ID, "public")

        browser.get(f"{protected.url}/protected/index.html")
        wait.until(until.url_contains(f"{server.url}/login"))
        browser.find_element(By.NAME, "email").send_keys(person.email)
        browser.find_element(By.NAME, "password").send_keys(person.password)
        browser.find_element(By.ID, "sign-in").click()
        wait.until(until.element_to_be_clickable((By.ID, "approve"))).click()
        wait.until(until.presence_of_element_located((By.ID, "protected")))
        assert browser.current_url == f"{protected.url}/protected/index.html", protected.log()

        back = f"{protected.url}/index.html"
        browser.get(f"{protected.url}/protected/callback?logout={back}")
        wait.until(until.presence_of_element_located((By.ID, "public")))
        browser.get(f"{protected.url}/protected/index.html")
        assert browser.current_url.startswith(f"{server.url}/login"), protected.log()
        assert browser.find_element(By.NAME, "password")
