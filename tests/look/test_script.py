"""app.js and htmx in a real browser, on a page of the shell, with answers that the test gives."""

import json
import mimetypes
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import engines
from playwright.sync_api import Page, Route, expect

from tests.look.lint import ROOT

SITE = "http://plumbline.test"
CSP = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items())
ALDERMOOR = SimpleNamespace(name="Aldermoor", slug="aldermoor")
MEMBER = SimpleNamespace(organisation=ALDERMOOR, vendor=None, get_role_display="Account manager")
NAV = [{"url": "/portfolio/", "icon": "grid", "label": "Portfolio", "key": "g p"}]


class Site:
    """A site of one page and the answers the test sets: path → (status, body, headers), or "away" for no answer."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: dict[str, object] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(SITE).split("?")[0]
        if path.startswith("/static/"):
            file = ROOT / path.lstrip("/")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
            return
        self.asked.append((request.method, path, request.headers))
        answer = self.answers.get(path, (404, "", {}))
        if answer == "away":
            route.abort("connectionrefused")
            return
        status, body, headers = answer
        route.fulfill(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8", **headers})

    def open(self, main: str, **context: object) -> None:
        """Show a page of the staff shell with `main` in it, under the product's Content-Security-Policy."""
        source = f'{{% extends "shells/staff.html" %}}{{% load partials %}}{{% block main %}}<h1>Page</h1>{main}{{% endblock %}}'
        html = (
            engines["django"]
            .from_string(source)
            .render({"nav": NAV, "member": MEMBER, "csrf_token": "made-then", **context})
        )
        self.answers["/"] = (200, html, {"Content-Security-Policy": CSP})
        self.page.goto(f"{SITE}/")

    def count(self, path: str, method: str = "GET") -> int:
        return sum(1 for m, p, _ in self.asked if (m, p) == (method, path))


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


def events(**named: object) -> dict[str, str]:
    return {"HX-Trigger": json.dumps({name: {"target": "body", **detail} for name, detail in named.items()})}


TOASTS = "#toasts > .toast"
ROW = '<ul id="rows"><li id="one"><button hx-post="/ack/" hx-target="closest li" hx-swap="outerHTML">Acknowledge</button></li></ul>'


class TestToasts:
    def test_an_act_is_said_and_taken_back(self, site, page):
        site.open(ROW)
        site.answers["/ack/"] = (200, "<li>gone</li>", events(toast={"text": "Breach acknowledged", "undo": "/undo/"}))
        site.answers["/undo/"] = (204, "", events(toast={"text": "Open again"}))
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator(TOASTS)).to_contain_text("Breach acknowledged")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(TOASTS)).to_have_text(["Open again"])
        assert site.count("/undo/", "POST") == 1

    def test_toasts_of_the_page_can_be_dismissed(self, site, page):
        site.open("", messages=[SimpleNamespace(tags="error", __str__=lambda: "x")])
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator(TOASTS)).to_have_count(0)

    def test_text_is_text(self, site, page):
        site.open(ROW)
        site.answers["/ack/"] = (204, "", events(toast={"text": "<img src=x onerror=alert(1)>"}))
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator(TOASTS)).to_contain_text("<img src=x")

    def test_an_act_changes_the_counts_of_the_navigation(self, site, page):
        nav = [{**NAV[0], "name": "inbox", "label": "Inbox", "count": 1, "hot": True}]
        site.open(ROW, nav=nav)
        count = page.locator(".side [data-count=inbox]")
        expect(count).to_have_text("1 need you")
        for left, shown in ((0, False), (2, True)):
            site.answers["/ack/"] = (204, "", events(counted={"inbox": left, "breaches": 5}))
            page.get_by_role("button", name="Acknowledge").click()
            expect(count).to_be_visible(visible=shown)
        expect(count).to_have_text("2 need you")

    def test_parts_refresh_though_the_row_that_asked_is_gone(self, site, page):
        site.open(ROW + '<p id="count" hx-get="/count/" hx-trigger="breaches-changed from:body">8</p>')
        site.answers["/ack/"] = (200, "", events(**{"breaches-changed": {}}))
        site.answers["/count/"] = (200, "7", {})
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator("#count")).to_have_text("7")
        expect(page.locator("#one")).to_have_count(0)


class TestFailures:
    def test_try_again_tries_what_failed_last(self, site, page):
        site.open('<button hx-get="/one/">One</button><button hx-get="/two/">Two</button>')
        site.answers["/one/"] = site.answers["/two/"] = (500, "", {})
        page.get_by_role("button", name="One").click()
        # Known to have failed before the second is asked for.
        page.locator(TOASTS).evaluate("toast => { toast.id = 'of-one' }")
        page.get_by_role("button", name="Two").click()
        expect(page.locator("#of-one")).to_have_count(0)
        expect(page.locator(TOASTS)).to_have_count(1)
        site.answers["/two/"] = (200, "done", {})
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("button", name="done")).to_be_visible()
        assert (site.count("/one/"), site.count("/two/")) == (1, 2)

    def test_the_address_stays_that_of_what_is_shown(self, site, page):
        site.open('<p id="list">Mine</p><a href="/all/" hx-get="/all/" hx-target="#list" hx-push-url="true">All</a>')
        site.answers["/all/"] = (503, "", {})
        page.get_by_role("link", name="All").click()
        expect(page.locator(TOASTS)).to_contain_text("busy or being updated")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        assert page.url == f"{SITE}/"
        site.answers["/all/"] = (200, "Everybody's", {})
        page.get_by_role("link", name="All").click()
        expect(page.locator("#list")).to_have_text("Everybody's")
        expect(page).to_have_url(f"{SITE}/all/")

    def test_a_fault_of_the_server_swaps_nothing_and_can_be_tried_again(self, site, page):
        site.open(ROW)
        site.answers["/ack/"] = (500, "<h1>Server error</h1>", {"X-Request-Id": "7f3a19c2bb"})
        page.get_by_role("button", name="Acknowledge").click()
        toast = page.locator(TOASTS)
        expect(toast).to_contain_text("Nothing was changed. Reference 7f3a19c2.")
        expect(page.locator("#one")).to_be_visible()
        site.answers["/ack/"] = (200, "<li>done</li>", {})
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#rows")).to_have_text("done")
        expect(toast).to_have_count(0)

    def test_no_answer_keeps_what_was_typed(self, browser):
        # A page without the fixture's check: htmx writes to the console that the request failed, as it should.
        page = browser.new_page()
        site = Site(page)
        site.open('<form id="f" hx-post="/save/" hx-trigger="change"><input id="v" name="v" value=""></form>')
        site.answers["/save/"] = "away"
        page.fill("#v", "204118")
        page.locator("#v").blur()
        expect(page.locator(TOASTS)).to_contain_text("What you typed is still here.")
        expect(page.locator("#offline")).to_be_visible()
        assert page.input_value("#v") == "204118"
        site.answers["/save/"] = (200, "", {})
        page.fill("#v", "204119")
        page.locator("#v").blur()
        expect(page.locator("#offline")).to_have_count(0)
        page.close()

    def test_a_poll_that_fails_is_silent(self, site, page):
        site.answers["/panel/"] = (500, "", {})
        page.add_init_script("addEventListener('htmx:finally:request', () => document.body.id = 'over')")
        site.open('<div hx-get="/panel/" hx-trigger="load">old</div>')
        expect(page.locator("#over")).to_be_attached()  # a function to wait for is refused by the page's policy
        assert site.count("/panel/") == 1
        expect(page.locator(TOASTS)).to_have_count(0)

    def test_a_refusal_is_said_and_not_swapped(self, site, page):
        site.open(ROW)
        refusal = {"HX-Reswap": "none", **events(toast={"text": "You may not do that here.", "error": True})}
        site.answers["/ack/"] = (403, "", refusal)
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_role("alert")).to_contain_text("You may not do that here.")
        expect(page.locator("#one")).to_be_visible()


class TestSession:
    ENDED = (401, "", {"HX-Redirect": "/account/login/?next=%2F", "HX-Reswap": "none"})

    def test_a_page_with_nothing_typed_goes_to_sign_in(self, site, page):
        site.open(ROW)
        site.answers |= {"/ack/": self.ENDED, "/account/login/": (200, "<h1>Sign in</h1>", {})}
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator("h1")).to_have_text("Sign in")

    def test_what_was_typed_stays(self, site, page):
        site.open('<form hx-post="/save/" hx-trigger="change"><textarea id="v" name="v"></textarea></form>')
        site.answers["/save/"] = self.ENDED
        page.fill("#v", "Because of the site move")
        page.locator("#v").blur()
        dialog = page.get_by_role("dialog", name="You have been signed out")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("link", name="Sign in")).to_have_attribute("href", "/account/login/?next=%2F")
        page.keyboard.press("Escape")
        assert page.input_value("#v") == "Because of the site move"

    def test_the_token_of_a_later_sign_in_is_sent(self, site, page):
        site.open(ROW)
        site.answers["/ack/"] = (204, "", {})
        with page.expect_response(f"{SITE}/ack/"):
            page.get_by_role("button", name="Acknowledge").click()
        page.context.add_cookies([{"name": "csrftoken", "value": "made-now", "url": SITE}])
        with page.expect_response(f"{SITE}/ack/"):
            page.get_by_role("button", name="Acknowledge").click()
        assert [h["x-csrftoken"] for m, p, h in site.asked if p == "/ack/"] == ["made-then", "made-now"]


class TestDialogs:
    OPENER = '<a href="/plan/" hx-get="/plan/" hx-target="#modal">Ask for a plan</a>'
    FORM = (
        '<h2 id="modal-title">Ask for a plan</h2><form hx-post="/plan/" hx-target="#modal" action="/plan/" method="post">'
        '{}<input name="by"><button>Send</button><button type="button" data-close>Cancel</button></form>'
    )

    def test_opens_refuses_and_closes(self, site, page):
        site.open(self.OPENER)
        site.answers["/plan/"] = (200, self.FORM.format(""), {})
        page.get_by_role("link", name="Ask for a plan").click()
        dialog = page.get_by_role("dialog", name="Ask for a plan")
        expect(dialog).to_be_visible()
        site.answers["/plan/"] = (422, self.FORM.format('<div id="sum" tabindex="-1" autofocus>By when?</div>'), {})
        dialog.get_by_role("button", name="Send").click()
        expect(page.locator("#sum")).to_be_focused()
        site.answers["/plan/"] = (204, "", events(toast={"text": "Plan asked for"}))
        dialog.get_by_role("button", name="Send").click()
        expect(page.locator("#modal")).not_to_be_visible()
        expect(page.locator("#modal")).to_be_empty()
        expect(page.locator(TOASTS)).to_contain_text("Plan asked for")

    def test_what_failed_is_said_where_it_can_be_clicked(self, site, page):
        """Outside an open dialog everything is inert, the toasts too."""
        site.open(self.OPENER)
        site.answers["/plan/"] = (200, self.FORM.format(""), {})
        page.get_by_role("link", name="Ask for a plan").click()
        dialog = page.get_by_role("dialog", name="Ask for a plan")
        expect(dialog).to_be_visible()
        site.answers["/plan/"] = (503, "", {})
        (send := dialog.get_by_role("button", name="Send")).click()
        # Said before it is said again: a click where a toast just was is one beside the dialog.
        dialog.locator(".toast").evaluate("toast => { toast.id = 'said-first' }")
        send.click()
        expect(page.locator("#said-first")).to_have_count(0)
        site.answers["/plan/"] = (422, self.FORM.format("<p>By when?</p>"), {})
        dialog.get_by_role("button", name="Try again").click()
        expect(dialog).to_contain_text("By when?")
        site.answers["/plan/"] = (503, "", {})
        send.click()
        expect(dialog.get_by_role("button", name="Dismiss")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("body > #toasts > .toast")).to_have_count(1)

    def test_the_focus_stays_in_the_row_that_was_acted_on(self, site, page):
        rows = '<ul data-rows hx-get="/rows/" hx-trigger="done from:body" hx-swap="innerHTML">{}</ul>'
        row = '<li id="r{}"><a class="inbox__title" href="#">Row {}</a>{}</li>'
        act = '<a href="/plan/" hx-get="/plan/" hx-target="#modal">Ask for a plan</a>'
        site.open(rows.format(row.format(1, 1, act) + row.format(2, 2, "")))
        site.answers["/plan/"] = (200, self.FORM.format(""), {})
        page.get_by_role("link", name="Ask for a plan").click()
        site.answers["/plan/"] = (204, "", events(done={}))
        site.answers["/rows/"] = (200, row.format(2, 2, "") + row.format(1, 1, ""), {})
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("link", name="Row 1")).to_be_focused()
        page.get_by_role("link", name="Row 2").focus()
        site.answers["/rows/"] = (200, row.format(1, 1, ""), {})
        page.evaluate("htmx.trigger(document.body, 'done')")
        expect(page.locator("#main")).to_be_focused()

    @pytest.mark.parametrize("way", ["Escape", "Cancel"])
    def test_leaves_the_focus_where_it_was(self, site, page, way):
        site.open(self.OPENER)
        site.answers["/plan/"] = (200, self.FORM.format(""), {})
        link = page.get_by_role("link", name="Ask for a plan")
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#modal")).to_be_visible()
        if way == "Escape":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#modal")).not_to_be_visible()
        expect(link).to_be_focused()


class TestKeys:
    ROWS = (
        '<ul class="inbox" data-rows>'
        + "".join(
            f'<li><a class="inbox__title" id="t{n}" href="#">Row {n}</a>'
            f'<button data-key="e" hx-post="/ack/{n}/" hx-swap="none">Ack</button></li>'
            for n in (1, 2, 3)
        )
        + '</ul><input id="q" aria-keyshortcuts="/">'
    )

    def test_rows_are_walked_and_acted_on(self, site, page):
        site.open(self.ROWS)
        site.answers["/ack/2/"] = (204, "", {})
        page.keyboard.press("j")
        expect(page.locator("#t1")).to_be_focused()
        page.keyboard.press("j")
        expect(page.locator("#t2")).to_be_focused()
        with page.expect_response(f"{SITE}/ack/2/"):
            page.keyboard.press("e")
        page.keyboard.press("k")
        expect(page.locator("#t1")).to_be_focused()
        assert site.count("/ack/2/", "POST") == 1

    def test_g_p_goes_to_the_portfolio(self, site, page):
        site.open("")
        site.answers["/portfolio/"] = (200, "<h1>Portfolio</h1>", {})
        page.keyboard.press("g")
        page.keyboard.press("p")
        expect(page.locator("h1")).to_have_text("Portfolio")

    def test_search_help_and_undo(self, site, page):
        site.open(self.ROWS)
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("j?e")
        assert page.input_value("#q") == "j?e"
        assert site.count("/ack/1/", "POST") == 0
        page.locator("#q").blur()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator("#t1")).not_to_be_focused()

    def test_keys_can_be_turned_off(self, site, page):
        site.open(self.ROWS, keys_off=True)
        page.keyboard.press("j")
        expect(page.locator("#t1")).not_to_be_focused()

    def test_a_heat_map_is_one_stop_and_has_arrows(self, site, page):
        cells = "".join(
            "<tr><th>V</th>"
            + "".join(f'<td class="h"><a id="c{r}{c}" href="#" tabindex="-1">1</a></td>' for c in (1, 2, 3))
            + "</tr>"
            for r in (1, 2)
        )
        site.open(f'<table class="heat"><tbody>{cells}</tbody></table>')
        assert page.locator("td.h a[tabindex='0']").count() == 1
        page.locator("#c11").focus()
        for key, there in [
            ("ArrowRight", "c12"),
            ("ArrowDown", "c22"),
            ("End", "c23"),
            ("Home", "c21"),
            ("ArrowUp", "c11"),
            ("ArrowUp", "c11"),
        ]:
            page.keyboard.press(key)
            expect(page.locator(f"#{there}")).to_be_focused()
        assert page.locator("td.h a[tabindex='0']").count() == 1

    def test_the_entry_grid_moves_down_a_column(self, site, page):
        site.open('<div class="entry"><input class="input--num" id="a"><input class="input--num" id="b"></div>')
        page.locator("#a").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#b")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.locator("#a")).to_be_focused()


def test_a_plain_form_is_not_sent_without_a_connection(site, page):
    """The browser would put its own page in the place of what was typed."""
    site.open('<form method="post" action="/save/"><label>Why <input name="why"></label><button>Save</button></form>')
    site.answers["/save/"] = (200, "<p>Saved</p>", {})
    page.get_by_label("Why").fill("The audit")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("What you typed is still here.")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.get_by_label("Why")).to_have_value("The audit")
    assert site.count("/save/", "POST") == 0
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()


def test_nothing_of_a_page_is_kept_in_the_browser(site, page):
    site.open('<div id="p"><a href="/?x=1" hx-get="/part/" hx-target="#p" hx-push-url="/?x=1">Next</a></div>')
    site.answers["/part/"] = (200, "new", {})
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#p")).to_have_text("new")
    assert page.url == f"{SITE}/?x=1"
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    page.go_back()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
