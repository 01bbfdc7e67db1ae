"""A session ends while somebody types: nothing is lost by signing in again, whatever the form."""

import re
from collections.abc import Callable

from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, expect

from demo.people import PASSWORD
from lib.templatetags.dates import month_name
from measurements.models import Submission
from organisations.models import Vendor
from tests.journeys.conftest import Stage
from tests.journeys.person import Person


def end_sessions() -> None:
    """As by the limit of idle sessions, or by an administrator: the browser does not hear of it."""
    Session.objects.all().delete()


def sign_in_again(someone: Person, link: Locator, email: str) -> None:
    """In the tab that the link opens."""
    with someone.context.expect_page() as opened:
        link.click()
    tab = opened.value
    tab.get_by_label("Email", exact=False).fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("**/o/**")
    tab.close()


def test_while_figures_are_typed(stage: Stage, person: Callable[..., Person]) -> None:
    email = "dele@farrow.example.test"
    dele = person()
    dele.sign_in(email)
    page = dele.page
    page.get_by_role("link", name=f"Continue with {month_name(stage.month)}").click()
    page.get_by_role("link", name="Enter by hand").click()
    row = page.locator("tbody[id^=slot]").filter(has_text="LG-04")
    cells = row.get_by_role("group")
    picked = cells.get_by_label("Lines picked without error", exact=True)
    picked.fill("32,100")
    total = cells.get_by_label("Lines picked", exact=True)
    total.focus()
    expect(row).to_contain_text("Not saved yet")
    end_sessions()
    dele.expects(401)
    total.fill("32180")
    total.press("Tab")
    dialog = page.get_by_role("dialog", name="You have been signed out")
    expect(dialog).to_be_visible()
    sign_in_again(dele, dialog.get_by_role("link", name="Sign in"), email)
    dele.expects()
    page.keyboard.press("Escape")
    expect(picked).to_have_value("32100")  # sent again by itself, and saved
    expect(row.locator("td:nth-child(6) .state")).to_have_text("Saved")
    with stage.scope_of(stage.member("Dele")):
        draft = Submission.objects.get(contract__reference="LOG-2024-011", month=stage.month)
        assert draft.figures.filter(service_level__code="LG-04", numerator=32100).exists()


def test_signing_in_meanwhile_does_not_make_a_form_stale(stage: Stage, person: Callable[..., Person]) -> None:
    ada = person()
    ada.sign_in("ada@aldermoor.example.test")
    page = ada.page
    page.goto("/o/aldermoor-energy/new-vendor/")
    page.get_by_label("Name").fill("Tern Facilities")
    page.get_by_label("Code").fill("TERN")
    ada.context.clear_cookies()
    tab = ada.open_tab()
    ada.page = tab
    ada.sign_in("ada@aldermoor.example.test")
    page.get_by_role("button", name=re.compile("Add|Save")).click()
    page.wait_for_url(re.compile("/vendors/|/people/|/contracts/"))
    with stage.scope_of(stage.member("Ada")):
        assert Vendor.objects.filter(code="TERN").exists()


def test_leaving_what_was_typed_asks_first(stage: Stage, person: Callable[..., Person]) -> None:
    ada = person()
    ada.be(stage.member("Ada"))
    page = ada.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/o/aldermoor-energy/new-vendor/")
    page.evaluate("location.reload()")
    page.wait_for_load_state()
    assert asked == [], "Nothing was typed."
    page.get_by_label("Name").press_sequentially("Tern")
    with page.expect_event("dialog"):
        page.evaluate("setTimeout(() => location.reload())")
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Name")).to_have_value("Tern")
    page.get_by_label("Name").fill("")
    page.reload()
    assert asked == ["beforeunload"], "It is as it was again."
