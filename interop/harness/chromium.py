"""A headless Chromium, driven through chromedriver, that reaches nothing but this machine."""

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
    "--disable-dev-shm-usage",
    # Whatever a page loads from elsewhere fails, and is seen in the log of the console.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def open_browser(profile, preferences=None):
    """A browser whose profile is in the folder `profile`."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    if preferences:
        options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Browser:
    """One with nothing kept, for the length of a `with` block."""

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(prefix="portcullis-chromium-", ignore_cleanup_errors=True)
        self._driver = open_browser(self._profile.name)
        return self._driver

    def __exit__(self, *_):
        self._driver.quit()
        self._profile.cleanup()
