"""New terms from a draft by file to a month that is judged by them: approved by another, countered and consented to by the vendor."""

import re
import time

from playwright.sync_api import Page, expect

from agreements.models import Revision
from contracts import contract_file
from contracts.models import Contract
from evaluation.models import Result
from slas.actions import export_contract
from tests.journeys.conftest import Stage
from tests.journeys.person import Person

REFERENCE, CODE = "MSA-2024-017", "SL-01"


def proposals(stage: Stage) -> tuple[int, str, str, str]:
    """The contract's number, its last judged month as the first day of new terms, and the file with those of each side."""
    with stage.scope_of(stage.member("Petra")):
        contract = Contract.objects.get(reference=REFERENCE)
        latest = Result.objects.filter(contract=contract, service_level__cycle="month").order_by("-starts_on").first()
        day = latest.starts_on.isoformat()
        document = export_contract(by=None, contract=contract)
        files = []
        for factor in ("1.01", "1.005"):
            level = dict(document["service_levels"][0])
            last = level["terms"][-1]
            level["terms"] = [*level["terms"], {**last, "from": day, "bands": [*_raised(last["bands"], factor)]}]
            files.append(contract_file.write({**document, "service_levels": [level, *document["service_levels"][1:]]}))
    return contract.pk, day, *files


def _raised(bands: list[dict], factor: str) -> list[dict]:
    """The first threshold a little higher."""
    first = dict(bands[0])
    first["at"] = f"{float(first['at']) * float(factor):.2f}"
    return [first, *bands[1:]]


def results(stage: Stage) -> dict[str, tuple[str, int]]:
    with stage.scope_of(stage.member("Petra")):
        found = Result.objects.filter(contract__reference=REFERENCE).select_related("terms").order_by("pk")
        return {f"{one.service_level_id} {one.starts_on}": (one.outcome, one.terms_id) for one in found}


def submit(page: Page, reason: str) -> None:
    page.get_by_role("link", name="Reason", exact=True).click()
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.get_by_label("Date it back", exact=False).check()
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator("main")).to_contain_text("You wrote this")


def test_terms_from_a_draft_into_force(stage: Stage, person) -> None:
    contract, day, ours, theirs = proposals(stage)
    before = results(stage)
    petra, marco, vera = person(), person(), person()
    petra.sign_in("petra@aldermoor.example.test")
    page = petra.page
    page.goto(f"/o/aldermoor-energy/contracts/{contract}/")
    page.get_by_role("link", name="Revise").click()
    page.get_by_label("What it is about").fill("A higher first threshold")
    page.get_by_role("button", name="Start the draft").click()
    page.get_by_label("Contract file").set_input_files(
        {"name": "new.yaml", "mimeType": "application/yaml", "buffer": ours.encode()}
    )
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("table", name="What the revision changes")).to_be_visible()
    assert not petra.faults()
    address = page.url
    page.get_by_role("link", name="What it would have meant").click()
    expect(page.get_by_role("heading", name=re.compile("If these terms had applied"))).to_be_visible()
    page.goto(address)
    submit(page, "Control rooms lost too many hours.")
    assert not petra.faults()

    marco.sign_in("marco@aldermoor.example.test")
    marco.page.goto("/o/aldermoor-energy/approvals/")
    assert not marco.faults()
    approve(marco.page)
    vera.be(stage.member("Vera"))
    counter_propose(vera, theirs)

    page.goto(f"{address}consent/")
    expect(page.locator("main")).to_contain_text("Half of that.")
    page.get_by_role("link", name="Compare versions").click()
    assert not petra.faults()
    page.goto(f"{address}consent/")
    page.get_by_role("button", name="Take the vendor’s terms into the draft").click()
    expect(page.locator("#toasts")).to_contain_text("in the draft")
    submit(page, "As the vendor proposes.")
    marco.page.goto("/o/aldermoor-energy/approvals/")
    approve(marco.page)

    vera.page.goto("/o/aldermoor-energy/revisions/")
    vera.page.get_by_role("link", name="A higher first threshold").click()
    vera.page.locator("label").filter(has_text=re.compile("^\\s*Accept")).get_by_role("radio").check()
    vera.page.get_by_role("button", name="Answer").click()
    expect(vera.page.locator("#toasts")).to_contain_text("Accepted")

    stage.worker()
    after = judged(stage, before)
    changed = {slot for slot, said in after.items() if before.get(slot) != said}
    assert changed and all(slot.split(" ")[1] >= day for slot in changed)
    page.goto(f"{address}approval/")
    expect(page.locator("main")).to_contain_text("In force")


def counter_propose(vera: Person, theirs: str) -> None:
    """The vendor's manager reads what is proposed, and sends other terms."""
    vera.page.goto("/o/aldermoor-energy/revisions/")
    assert not vera.faults()
    vera.page.get_by_role("link", name="A higher first threshold").click()
    expect(vera.page.locator("main")).to_contain_text("Control rooms lost too many hours.")
    vera.page.get_by_label("Propose other terms").check()
    vera.page.get_by_role("textbox", name="Reason").fill("Half of that.")
    vera.page.get_by_text("Your terms, where you propose others").click()
    vera.page.get_by_label("The contract with your terms").fill(theirs)
    assert not vera.faults()
    vera.page.get_by_role("button", name="Answer").click()
    expect(vera.page.locator("#toasts")).to_contain_text("Your terms were sent")


def approve(page: Page) -> None:
    page.get_by_role("link", name="A higher first threshold").click()
    page.get_by_label("Approve").check()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Approved")


def judged(stage: Stage, before: dict) -> dict:
    """The results once the worker has put the revision in force and judged again."""
    for _ in range(120):
        with stage.scope_of(stage.member("Petra")):
            in_force = Revision.objects.filter(status="in_force").exists()
        found = results(stage)
        if in_force and found != before:
            return found
        time.sleep(0.5)
    raise AssertionError("The worker did not judge by the new terms.")
