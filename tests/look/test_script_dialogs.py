"""A click beside a dialog closes it, unless something was typed in it: the click may have been meant for a toast that just went."""

import pytest
from playwright.sync_api import Page, expect

from tests.look.test_script import Site, TestDialogs


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


def test_a_click_beside_a_dialog_keeps_what_was_typed(site, page):
    site.open(TestDialogs.OPENER)
    site.answers["/plan/"] = (200, TestDialogs.FORM.format(""), {})
    dialog, opener = page.locator("#modal"), page.get_by_role("link", name="Ask for a plan")
    opener.click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).not_to_be_visible()
    opener.click()
    dialog.get_by_role("textbox").fill("Friday")
    page.mouse.click(5, 5)
    expect(dialog.get_by_role("textbox")).to_have_value("Friday")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    opener.click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).not_to_be_visible()
