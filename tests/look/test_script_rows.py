"""The keys j and k walk a table row by row, however many links a row has."""

from playwright.sync_api import Page, expect

from tests.look.test_script import Site


def test_a_row_with_several_links_is_one_step(page: Page):
    rows = "".join(
        f'<tr><td><a class="cell-link" id="v{n}" href="#">V</a><a class="cell-link" id="c{n}" href="#">C</a></td></tr>'
        for n in (1, 2, 3)
    )
    Site(page).open(f"<table data-rows><tbody>{rows}</tbody></table>")
    for at in ("v1", "v2", "v3"):
        page.keyboard.press("j")
        expect(page.locator(f"#{at}")).to_be_focused()
    page.locator("#c3").focus()
    page.keyboard.press("k")
    expect(page.locator("#v2")).to_be_focused()
