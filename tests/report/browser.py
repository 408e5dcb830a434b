"""A real browser, for what only a browser can tell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
DRIVER = shutil.which("chromedriver")
DEMANDED = os.environ.get("KAMENGINE_BROWSER_TESTS") == "1"
"""Set by CI, which has a browser: there its absence is a failure."""

needs_browser = pytest.mark.skipif(
    not (BROWSER and DRIVER) and not DEMANDED,
    reason="no Chromium with chromedriver on this machine; CI has one",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever wants the network fails
)


def log_of(driver: webdriver.Chrome, kind: str) -> list[dict[str, str]]:
    """Return what a log has gathered since it was last asked for."""
    return driver.get_log(kind)  # type: ignore[no-untyped-call, no-any-return]


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """Open a browser without a network and with a profile of its own."""
    assert BROWSER, "no Chromium on this machine"
    assert DRIVER, "no chromedriver on this machine"
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


def look(
    driver: webdriver.Chrome, page: Path, *, width: int = 1280, dark: bool = False, media: str = ""
) -> None:
    """Open a page at a width, in a colour scheme, on screen or on paper."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
    driver.get(page.as_uri())
