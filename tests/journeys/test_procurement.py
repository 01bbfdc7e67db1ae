"""Procurement: a contract by file, refused with the place of the error, put right, looked at, imported, downloaded again."""

import re

from playwright.sync_api import expect

from contracts import contract_file
from contracts.models import Contract
from demo.figures import contract_files
from tests.journeys.conftest import Stage

SOURCE = contract_files()["MSA-2024-017"].read_text().replace("MSA-2024-017", "MSA-2030-001")
RIGHT, WRONG = 'monthly: "212000.00"', 'monthly: "212,000"'


def test_a_contract_by_file(stage: Stage, person) -> None:
    assert RIGHT in SOURCE
    petra = person()
    petra.sign_in("petra@aldermoor.example.test")
    page = petra.page
    expect(page.get_by_role("heading", name="Contracts", level=1)).to_be_visible()
    page.get_by_role("link", name="Import", exact=False).first.click()
    file = {"name": "desk.yaml", "mimeType": "application/yaml", "buffer": SOURCE.replace(RIGHT, WRONG).encode()}
    page.get_by_label("Contract file").set_input_files(file)
    petra.expects(422)
    page.get_by_role("button", name="Preview contract").click()
    expect(page.get_by_role("alert")).to_contain_text("The file was refused: 1 thing to correct")
    expect(page.get_by_role("table", name="What is wrong with the file")).to_contain_text("contract.charges.monthly")
    assert not petra.faults()

    text = page.get_by_label("Or its text")
    kept = text.input_value()
    assert WRONG in kept
    text.fill(kept.replace(WRONG, RIGHT))
    petra.expects()
    page.get_by_role("button", name="Preview contract").click()
    expect(page.get_by_role("heading", name=re.compile("A new contract"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("Nothing is saved yet.")
    assert not petra.faults()
    # What is saved is what was looked at: a text that was changed beside the button is looked at first.
    page.get_by_text("Change the text").click()
    beside = page.get_by_label("Text of the file")
    beside.fill(beside.input_value().replace("title: ", "title: The other ", 1))
    petra.expects(409)
    page.get_by_role("button", name="Import contract").click()
    expect(page.get_by_role("alert")).to_contain_text("The text was changed after it was looked at")
    petra.expects()
    with stage.scope_of(stage.member("Petra")):
        assert not Contract.objects.filter(reference="MSA-2030-001").exists()
    page.get_by_text("Change the text").click()
    beside.fill(kept.replace(WRONG, RIGHT))
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("main")).to_contain_text("Nothing is saved yet.")

    page.get_by_role("button", name="Import contract").click()
    expect(page.locator("#toasts")).to_contain_text("MSA-2030-001 imported")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Contract file").click()
    downloaded = waiting.value.path().read_bytes()
    assert contract_file.read(downloaded).document() == contract_file.read(SOURCE.encode()).document()
