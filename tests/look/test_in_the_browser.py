"""What can be seen in a real browser: names as long as German ones, what a link leads to, paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.look.test_script import MEMBER, Site, site

__all__ = ["site"]

WORD = "Verfügbarkeitsüberwachungsdienstleistungsvereinbarung"
PAGE = f"""
<header class="head"><div><h1>{WORD}</h1><p>{WORD}</p></div><div class="bar"><a class="btn" href="/">Template</a></div></header>
<div class="cols cols--aside">
  <section class="card card--clip"><div class="scroll"><table class="table">
    <thead><tr><th scope="col">Service level</th><th scope="col" class="n">Oct</th><th scope="col">Status</th></tr></thead>
    <tbody><tr><th scope="row"><a class="cell-link" href="/">{WORD}</a><span class="sub">{WORD}</span></th>
      <td class="n">99.5%</td><td><span class="tag">Breach</span></td></tr></tbody>
  </table></div></section>
  <section class="card"><ul class="inbox"><li><a class="inbox__title" href="/">{WORD}</a><p class="inbox__meta">{WORD}</p></li></ul>
    <dl class="dl card__body"><dt>{WORD}</dt><dd>{WORD}</dd></dl><dl class="terms"><dt>{WORD}</dt><dd>{WORD}</dd></dl></section>
</div>
"""
BEYOND = """() => {
  const all = [document.documentElement, ...document.querySelectorAll(".scroll, .card")];
  return all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className);
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_long_word_cuts_off_no_column(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    site.open(PAGE)
    assert page.evaluate(BEYOND) == []
    assert page.get_by_text("Breach").bounding_box()["x"] < width - 60  # type: ignore[index]


def test_paper_says_whose_it_is_and_from_when_and_has_no_dark_numbers_on_red(site: Site, page: Page) -> None:
    site.open('<table class="heat"><tr><td class="h h-bad"><a href="/">45</a></td></tr></table>')
    expect(page.locator(".only-print")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".only-print")).to_contain_text(f"{MEMBER.organisation.name} · printed")
    colours = page.locator(".heat a").evaluate(
        "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
    )
    number, ground = (sum(int(part) for part in one.strip("rgb()").split(",")) for one in colours)
    assert number > 700 > 350 > ground, "white on red"


def test_what_a_link_leads_to_has_the_focus_and_is_on_the_screen(site: Site, page: Page) -> None:
    """Its chart lies below the window: without that, choosing a service level seems to do nothing."""
    part = '<div id="part"><a href="/?sla=2" data-leads-to="trend-h" hx-get="/part/" hx-target="#part" hx-swap="outerMorph">Calls</a>'
    low = '<p class="low"><br>' + "Line<br>" * 200 + '</p><h2 id="trend-h" tabindex="-1">{}</h2></div>'
    site.open(part + low.format("Tickets"))
    site.answers["/part/"] = (200, part + low.format("Calls answered"), {})
    page.get_by_role("link", name="Calls").click()
    heading = page.get_by_role("heading", name="Calls answered")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()


@pytest.mark.parametrize("width", [1440, 390])
def test_long_names_stay_in_their_place(site: Site, page: Page, width: int) -> None:
    """A name of one long word widens neither the page nor its card, and leaves the columns beside it in sight."""
    name = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzesdienstleistungsvertrag"
    page.set_viewport_size({"width": width, "height": 800})
    site.open(
        f'<section class="stack"><header class="head"><div><h1>{name}</h1></div></header><div class="card"><div class="scroll">'
        f'<table class="table"><tr><th scope="row">{name}</th><td class="n" id="beside">12,345</td></tr></table></div></div></section>'
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    box = page.locator("#beside").bounding_box()
    assert box and box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_the_shell_fits(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    site.open(
        '<div class="card"><div class="scroll"><table class="table"><tr>'
        + "<td>A long cell of text</td>" * 30
        + "</tr></table></div></div>"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width < 960:
        page.get_by_role("button", name="Menu").click()
        expect(page.locator("#menu").get_by_role("link", name=re.compile("Portfolio"))).to_be_visible()
