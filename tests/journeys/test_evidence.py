"""Evidence: attached by the vendor, refused where it is not what it says, and read by the client."""

from pathlib import Path

from playwright.sync_api import Page, expect

from lib.templatetags.dates import month_name

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n"


def choose(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("Files", exact=True).set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )


def test_evidence_for_a_draft(stage, person) -> None:
    dele = person()
    dele.sign_in("dele@farrow.example.test")
    page = dele.page
    page.get_by_role("link", name=f"Continue with {month_name(stage.month)}").click()
    section = page.get_by_role("region", name="Evidence")
    expect(section).to_contain_text("No evidence yet.")
    expect(section).to_contain_text("at most 25 MB")
    dele.expects(422)
    choose(page, "picking.pdf", b"<html>")
    section.get_by_label("What it shows").fill("Lines picked, by day")
    section.get_by_role("button", name="Attach files").click()
    expect(section.get_by_role("alert")).to_contain_text("picking.pdf does not hold what its ending says.")
    expect(section.get_by_role("alert")).to_be_focused()
    assert not dele.faults()
    expect(section.get_by_label("What it shows")).to_have_value("Lines picked, by day")
    choose(page, "picking.pdf", PDF)
    section.get_by_role("button", name="Attach files").click()
    expect(section.get_by_role("link", name="picking.pdf")).to_be_visible()
    expect(section).to_contain_text("Lines picked, by day")
    # for the next one, the form is empty
    expect(section.get_by_label("Files", exact=True)).to_have_value("")
    expect(section.get_by_label("What it shows")).to_have_value("")
    choose(page, "a-photograph-with-a-very-long-name-that-does-not-fit-on-any-telephone-2026-10-31.pdf", PDF)
    section.get_by_role("button", name="Attach files").click()
    expect(section.get_by_role("listitem")).to_have_count(2)
    assert not dele.faults()
    section.get_by_role("button", name="Remove picking.pdf").click()
    expect(section.get_by_role("listitem")).to_have_count(1)
    here = page.url
    page.get_by_label("I, Dele Okafor, declare for").check()
    page.get_by_role("button", name="Submit figures").click()  # before, it is closed to the client
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()

    petra = person()
    petra.sign_in("petra@aldermoor.example.test")
    petra.page.goto(here)
    link = petra.page.get_by_role("region", name="Evidence").get_by_role("link")
    with petra.page.expect_download() as saving:
        link.click()
    assert saving.value.suggested_filename.startswith("a-photograph")
    assert Path(saving.value.path()).read_bytes() == PDF
    assert not petra.faults()
