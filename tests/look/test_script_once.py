"""A form is sent once, however often it is clicked while the answer is on its way."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.look.test_script import SITE, Site


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


def test_a_second_click_sends_nothing(site: Site, page: Page) -> None:
    waiting: list[Route] = []
    site.open('<form method="post" hx-post="/slow/" hx-target="#main"><button>Send</button></form>')
    page.route(f"{SITE}/slow/", lambda route: waiting.append(route))
    send = page.get_by_role("button", name="Send")
    with page.expect_request(f"{SITE}/slow/"):
        send.dblclick(no_wait_after=True)
    send.click(no_wait_after=True)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert len(waiting) == 1
    waiting[0].fulfill(status=200, content_type="text/html", body="<p>Sent.</p>")
    expect(page.get_by_text("Sent.")).to_be_visible()
    assert len(waiting) == 1


def test_what_was_refused_is_sent_again(site: Site, page: Page) -> None:
    site.open('<form method="post" hx-post="/plan/" hx-target="#said"><p id="said"></p><button>Send</button></form>')
    for answer in ("By when?", "And by whom?"):
        site.answers["/plan/"] = (422, answer, {})
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#said")).to_have_text(answer)
    assert site.count("/plan/", "POST") == 2
