"""While a request is on its way: what will change says so, and what is pressed again is not sent again."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.look.test_script import SITE, TOASTS, Site, events

FORM = '<form id="ask" method="post" action="/ask/"{}><input name="csrfmiddlewaretoken" type="hidden"><button>Remind</button></form>'
BUTTON = '<div id="ask"><button type="button" hx-post="/ask/" hx-target="#ask">Remind</button></div>'


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


@pytest.fixture
def held(site, page) -> list[Route]:
    """The requests to /ask/, which the test answers."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    page.route(f"{SITE}/ask/", hold)
    return routes


@pytest.mark.parametrize("form", [FORM.format(' hx-post="/ask/" hx-target="#ask"'), BUTTON], ids=["form", "button"])
def test_a_part_is_busy_and_sent_once(site, page, held, form):
    site.open(form)
    part, button = page.locator("#ask"), page.get_by_role("button", name="Remind")
    button.dblclick()
    expect(part).to_have_attribute("aria-busy", "true")
    button.click()
    held[0].fulfill(status=204, headers=events(toast={"text": "Reminded"}))
    expect(page.locator(TOASTS)).to_have_text("Reminded")
    expect(part).not_to_have_attribute("aria-busy", "true")
    assert len(held) == 1
    button.click()
    expect(part).to_have_attribute("aria-busy", "true")
    assert len(held) == 2


def test_a_page_is_sent_once(site, page):
    """The browser stays here where the answer is 204; what passes the script is counted where the browser takes it."""
    site.open(FORM.format(""))
    site.answers["/ask/"] = (204, "", {})
    page.evaluate("sent = 0; addEventListener('submit', (e) => { sent += !e.defaultPrevented; })")
    for _ in range(2):
        page.get_by_role("button", name="Remind").dblclick()
    assert page.evaluate("sent") == 1
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.get_by_role("button", name="Remind").click()
    assert page.evaluate("sent") == 2


def test_what_was_refused_is_sent_again(site, page):
    site.open('<form method="post" hx-post="/plan/" hx-target="#said"><p id="said"></p><button>Send</button></form>')
    for answer in ("By when?", "And by whom?"):
        site.answers["/plan/"] = (422, answer, {})
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#said")).to_have_text(answer)
    assert site.count("/plan/", "POST") == 2


BY_ITSELF = pytest.mark.parametrize("trigger", ["load", "happened from:body"])
HAPPENED = "document.body.dispatchEvent(new Event('happened'))"


@BY_ITSELF
def test_what_asks_by_itself_makes_nothing_busy(site, page, held, trigger):
    site.open(f'<p id="ask" hx-get="/ask/" hx-trigger="{trigger}">8</p><p id="other">9</p>')
    page.evaluate(HAPPENED)
    expect(page.locator(".htmx-request")).to_have_count(1)
    assert len(held) == 1
    expect(page.locator("[aria-busy]")).to_have_count(0)
    held[0].fulfill(status=200, body="7")
    expect(page.locator("#ask")).to_have_text("7")


@BY_ITSELF
def test_what_asks_by_itself_says_nothing_where_it_fails(site, page, held, trigger):
    site.open(f'<p id="ask" hx-get="/ask/" hx-trigger="{trigger}">8</p>')
    page.evaluate(HAPPENED)
    expect(page.locator(".htmx-request")).to_have_count(1)
    held[0].fulfill(status=500, body="")
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator(TOASTS)).to_have_count(0)
    expect(page.locator("#ask")).to_have_text("8")
