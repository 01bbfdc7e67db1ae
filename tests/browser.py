"""A real browser for journeys: Chromium through Playwright.

Where there is none the tests are skipped, with the remedy; REQUIRE_BROWSER=1 makes that a failure.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

REMEDY = "install Chromium (Debian, Ubuntu: apt install chromium libatomic1), or set CHROMIUM to its path"
# How long a test waits for what must come, in milliseconds: a machine that is busy is slow, not wrong.
BROWSER_TIMEOUT = 30_000
expect.set_options(timeout=BROWSER_TIMEOUT)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """CHROMIUM, or the first known name on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def missing(why: str) -> None:
    """Skip the test, or fail it where a browser is required."""
    message = f"{why}: {REMEDY}"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run of this process."""
    # Looked for before Playwright starts, whose own driver may lack a library.
    chromium = find_chromium()
    if not chromium:
        missing("no Chromium found")
    try:
        playwright = sync_playwright().start()
    except (Error, OSError) as error:
        missing(f"Playwright does not start ({error})")
    try:
        # As root and in containers Chromium cannot make the sandbox; the pages are our own.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
    finally:
        playwright.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, 1440 wide, no animations. An error in a script or a refusal by the
    Content-Security-Policy fails the test.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(BROWSER_TIMEOUT)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if _is_fault(message.type, message.text) else None)
    yield page
    context.close()
    assert not wrong, wrong


def _is_fault(kind: str, text: str) -> bool:
    # Chromium reports every answer of 400 and above as an error, also those that are a page's normal refusal.
    return kind == "error" and not text.startswith("Failed to load resource")
