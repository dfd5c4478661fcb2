"""A Chromium of a certain size, and somebody who uses it."""

import base64
import tempfile

from chromium import open_browser
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
WAIT_SECONDS = 15
NO_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}


class Chromium:
    """The browser. `look` says how a page looks, in both colour schemes, into a file of its name."""

    def __init__(self, size, script, shots):
        self.size, self.script, self._shots = size, script, shots
        self._profile = tempfile.TemporaryDirectory(prefix="portcullis-chromium-", ignore_cleanup_errors=True)
        self.driver = open_browser(self._profile.name, None if script else NO_SCRIPT)
        width, height = SIZES[size]
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def forget(self):
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.driver.get_log("browser")

    def scheme(self, name):
        media = {"features": [{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def shoot(self, name, scheme):
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        script = "" if self.script else "-no-script"
        file = self._shots / f"{name}-{self.size}{script}-{scheme}.png"
        file.write_bytes(base64.b64decode(shot["data"]))

    def quit(self):
        self.driver.quit()
        self._profile.cleanup()


class Visitor:
    """Somebody in front of the browser."""

    def __init__(self, chromium):
        self.chromium, self.driver = chromium, chromium.driver

    def open(self, url):
        self.driver.get(url)
        return self

    def element(self, name):
        """By its id: ids are stable."""
        return WebDriverWait(self.driver, WAIT_SECONDS).until(lambda driver: driver.find_element(By.ID, name))

    def has(self, name):
        return bool(self.driver.find_elements(By.ID, name))

    def type(self, **fields):
        for name, text in fields.items():
            element = self.element(name)
            element.clear()
            element.send_keys(text)
        return self

    def press(self, name):
        """Presses a button or a link, and waits until another page is there."""
        return self.press_on(self.element(name))

    def press_on(self, element):
        before = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: _is_gone(before))
        return self

    def rows(self, name):
        """The lines of a list."""
        return self.element(name).find_elements(By.CSS_SELECTOR, "li.row")

    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def until_heading(self, words):
        """Waits for a page, however many are in between."""
        def is_there(driver):
            return any(heading.text == words for heading in driver.find_elements(By.TAG_NAME, "h1"))

        WebDriverWait(self.driver, WAIT_SECONDS, ignored_exceptions=[WebDriverException]).until(is_there)
        return self

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def path(self):
        return "/" + self.driver.current_url.split("/", 3)[3]

    def focused(self):
        return self.driver.switch_to.active_element.get_attribute("id")


def _is_gone(element):
    # While one page makes way for the other, the driver finds many words for that.
    try:
        element.is_enabled()
        return False
    except WebDriverException:
        return True
