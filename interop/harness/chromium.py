"""A headless Chromium, driven through chromedriver, with nothing kept from one to the next."""

import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,800",
]


def open_browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Browser:
    """For the length of a `with` block."""

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(prefix="portcullis-chromium-", ignore_cleanup_errors=True)
        self._driver = open_browser(self._profile.name)
        return self._driver

    def __exit__(self, *_):
        self._driver.quit()
        self._profile.cleanup()
