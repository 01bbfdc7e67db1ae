"""The vendor: what is due, figures by file, what they would change, submitted; and the client sees them."""

import io
import re

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from demo import figures as demo
from demo.load import told_until
from lib.templatetags.dates import month_name
from measurements.models import Figure, Submission
from tests.journeys.conftest import Stage

PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
REFERENCE = "LOG-2024-011"  # its last month is a draft


def test_figures_by_file(stage: Stage, person) -> None:
    told = next(one for one in demo.figures(REFERENCE, told_until(timezone.now()).date()) if one["status"] == "draft")
    first = next(row for row in told["rows"] if row["numerator"])
    written = io.StringIO()
    demo.write_csv(
        [
            row | ({"numerator": "1", "note": "Counted at one depot alone."} if row is first else {})
            for row in told["rows"]
        ],
        written,
    )

    dele = person()
    dele.sign_in("dele@farrow.example.test")
    page = dele.page
    expect(page.get_by_role("heading", name="What is due", level=1)).to_be_visible()
    page.get_by_role("link", name="Upload figures").click()
    page.get_by_label("file", exact=False).set_input_files(
        {"name": "figures.csv", "mimeType": "text/csv", "buffer": written.getvalue().encode()}
    )
    page.get_by_role("button", name="Preview file").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=first["service_level"]).filter(has_text="Changed")
    expect(row).to_have_count(1)
    assert not dele.faults()
    page.get_by_role("button", name="Save and review").click()
    page.get_by_label("I, Dele Okafor, declare for").check()
    page.get_by_role("button", name="Submit figures").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Submitted")

    marco = person()
    marco.sign_in("marco@aldermoor.example.test")
    page = marco.page
    page.goto(f"/o/aldermoor-energy/submissions/?period={told['month']}")
    page.get_by_role("row").filter(has_text=REFERENCE).get_by_role("link").first.click()
    expect(page.get_by_role("button", name="Accept figures")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("Dele Okafor"))
    with stage.scope_of(stage.member("Marco")):
        found = Submission.objects.get(contract__reference=REFERENCE, month=f"{told['month']}-01", status="submitted")
        assert found.figures.filter(service_level__code=first["service_level"], numerator=1).exists()


def test_a_file_with_an_error_says_which_line(stage: Stage, person) -> None:
    ravi = person()
    ravi.sign_in("ravi@corvid.example.test")
    page = ravi.page
    page.get_by_role("link", name="Upload figures").click()
    header, good, bad = (
        b"service_level,period,numerator,denominator\n",
        f"SD-01,{stage.month:%Y-%m},1,100\n".encode(),
        f"SD-99,{stage.month:%Y-%m},1,100\n".encode(),
    )
    with stage.scope_of(stage.member("Marco")):
        before = list(Figure.objects.order_by("pk").values_list("pk", "numerator"))

    def preview(source: bytes) -> None:
        page.get_by_label("file", exact=False).set_input_files(
            {"name": "figures.csv", "mimeType": "text/csv", "buffer": source}
        )
        page.get_by_role("button", name="Preview file").click()

    ravi.expects(422)
    preview(header + bad)
    expect(page.get_by_role("heading", name="figures.csv was not imported: 1 thing to correct")).to_be_visible()
    expect(page.get_by_role("table", name="What is wrong with the file")).to_contain_text("SD-99")
    preview(header + good + bad)
    expect(page.get_by_role("heading", name="figures.csv: 1 thing to correct")).to_be_visible()
    expect(page.get_by_role("table", name="What is wrong with the file")).to_contain_text("SD-99")
    expect(page.get_by_role("heading", name="Save the rows that are right")).to_be_visible()
    assert not ravi.faults()
    with stage.scope_of(stage.member("Marco")):
        assert list(Figure.objects.order_by("pk").values_list("pk", "numerator")) == before


def reach(page: Page, there: Locator) -> None:
    """With the Tab key alone."""
    expect(there).to_be_visible()
    for _ in range(200):
        if there.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{there} is not reached by the Tab key.")


def press(page: Page, there: Locator, key: str = "Enter") -> None:
    reach(page, there)
    page.keyboard.press(key)


def test_figures_by_hand_with_the_keyboard_alone(stage: Stage, person) -> None:
    dele = person()
    dele.sign_in("dele@farrow.example.test")
    page = dele.page
    press(page, page.get_by_role("link", name=f"Continue with {month_name(stage.month)}"))
    press(page, page.get_by_role("link", name="Enter by hand"))
    expect(page.get_by_role("heading", name=f"{month_name(stage.month)} figures", level=1)).to_be_visible()
    assert not dele.faults()
    row = page.locator("tbody[id^=slot]").filter(has_text="LG-04")
    picked = row.get_by_role("group").get_by_label("Lines picked without error", exact=True)
    dele.expects(422)
    reach(page, picked)
    page.keyboard.type("32,10")
    page.keyboard.press("Enter")  # down the column, not off
    expect(row.get_by_role("group").get_by_label("Lines picked", exact=True)).to_be_focused()
    page.keyboard.type("32180")
    page.keyboard.press("Tab")
    expect(row).to_contain_text("Not saved")
    expect(picked).to_have_value("32,10")  # nothing typed is lost
    press(page, row.get_by_role("alert").get_by_role("link").first)
    expect(picked).to_be_focused()
    assert not dele.faults()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("32,100")  # as it is printed beside the field
    page.keyboard.press("Tab")
    expect(row.locator("td:nth-child(6) .state")).to_have_text("Saved")
    expect(row.locator("td:nth-child(5)")).to_contain_text("99.75%")  # what it comes to, at once
    # Typed over what was saved a moment ago, and taken back.
    reach(page, picked)
    page.keyboard.type("32000")
    page.keyboard.press("Tab")
    expect(row.locator("td:nth-child(5)")).to_contain_text("99.4%")
    page.keyboard.press("ControlOrMeta+z")
    expect(picked).to_have_value("32100")
    expect(row.locator("td:nth-child(5)")).to_contain_text("99.75%")
    # A block is pasted as one step, which the message offers to take back.
    other = page.locator("tbody[id^=slot] .pair .input").first
    was = other.input_value()
    reach(page, other)
    page.evaluate(PASTE, "11\t12\n13\t14")
    expect(other).to_have_value("11")
    press(page, page.locator("#toasts").get_by_role("button", name="Undo").last)
    expect(other).to_have_value(was)
    expect(page.locator("#foresight")).to_contain_text("Foreseen score")
    press(page, page.get_by_role("link", name="Review and submit"))
    expect(page.get_by_role("row").filter(has_text="LG-04")).to_contain_text("32,100 of 32,180")
    assert not dele.faults()
    press(page, page.get_by_label("I, Dele Okafor, declare for"), "Space")
    press(page, page.get_by_role("button", name="Submit figures"))
    expect(page.locator("main")).to_contain_text(f"SUB-{stage.month:%y%m}-")
