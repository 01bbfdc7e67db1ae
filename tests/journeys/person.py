"""Somebody at a browser: signs in, looks, clicks; and everything that goes wrong on the way is written down."""

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Response

from demo.people import PASSWORD
from organisations.models import Membership
from tests.browser import BROWSER_TIMEOUT

DESK, PHONE, NARROWEST = {"width": 1440, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 640}
AXE = Axe()


class Person:
    """A browser of one's own. `wrong`: errors of scripts and of the console, what the Content-Security-Policy refused, requests
    that failed, and answers of 400 and above but those that `expects` announced."""

    def __init__(self, browser: Browser, address: str, **options: object):
        given = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce", "base_url": address} | options
        self.context = browser.new_context(**given)
        self.context.set_default_timeout(BROWSER_TIMEOUT)
        self.address = address
        self.wrong: list[str] = []
        self.expected: set[int] = set()
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._console(page, said.type, said.text))
        page.on("requestfailed", lambda request: self._failed(page, request))
        page.on("response", lambda response: self._answered(page, response))
        return page

    def _console(self, page: Page, kind: str, text: str) -> None:
        # Answers of 400 and above are told here, too; they are looked at as answers.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.wrong.append(f"{page.url}: {kind}: {text}")

    def _failed(self, page: Page, request: Request) -> None:
        # A page that is left takes its unfinished requests along.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{page.url}: {request.method} {request.url}: {request.failure}")

    def _answered(self, page: Page, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{page.url}: {response.request.method} {response.url}: {response.status}")

    def expects(self, *statuses: int) -> None:
        """Refusals are part of what follows."""
        self.expected = set(statuses)

    def sign_in(self, email: str) -> None:
        """By the form, as everybody does."""
        page = self.page
        page.goto("/")
        page.get_by_label("Email", exact=False).fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/o/**")

    def be(self, member: Membership) -> None:
        """Be signed in already: for tests that are about something else."""
        signing_in = Client()
        signing_in.force_login(member.user)
        value = signing_in.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}])

    def faults(self) -> list[str]:
        """What is wrong with how the page is made: axe in light, dark and on a phone, and scrolling sideways at 320.

        Contrast takes three quarters of axe's time: on a phone it is looked at where something shows that a desk does not.
        """
        page = self.page
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(DESK)
        found = _axe(page, "light")
        page.evaluate(SHOWN_AT_DESK)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += _axe(page, "dark", {"runOnly": CONTRAST})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(PHONE)
        found += _axe(page, "390", {"rules": {rule: {"enabled": False} for rule in CONTRAST}})
        if page.evaluate(SHOWN_ON_PHONE_ALONE):
            found += _axe(page, "390", {"runOnly": CONTRAST}, "shownOnPhoneAlone")
        page.set_viewport_size(NARROWEST)
        wide = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"320: {wide} px too wide: {page.evaluate(WIDEST)}")
        page.set_viewport_size(DESK)
        return found


def _axe(page: Page, when: str, options: dict[str, object] | None = None, inside: str = "document") -> list[str]:
    """What axe finds on the page, or in the elements of a global of that name."""
    if not page.evaluate("'axe' in window"):  # half a megabyte of script: once a page, and not at each look
        page.evaluate(AXE.axe_script)
    script = f"options => axe.run({inside}, options).then(found => found.violations)"
    violations = page.evaluate(script, {"resultTypes": ["violations"], **(options or {})})
    return [
        f"{when}: {one['id']}: {', '.join(str(node['target'][0]) for node in one['nodes'][:3])}" for one in violations
    ]


CONTRAST = ["color-contrast", "link-in-text-block"]
SHOWN_AT_DESK = """() => { window.shownAtDesk = new Set([...document.querySelectorAll("body *")].filter((e) => e.checkVisibility())); }"""
SHOWN_ON_PHONE_ALONE = """() => {
    window.shownOnPhoneAlone = [...document.querySelectorAll("body *")].filter((e) => !shownAtDesk.has(e) && e.checkVisibility());
    return shownOnPhoneAlone.length;
}"""
# The elements that reach furthest over the right edge, without those that scroll by themselves.
WIDEST = """() => [...document.querySelectorAll("body *")]
    .filter((e) => !e.closest(".scroll, [popover], dialog") && e.getBoundingClientRect().right > innerWidth + 0.5)
    .slice(-3).map((e) => e.tagName.toLowerCase() + "." + e.className)"""
