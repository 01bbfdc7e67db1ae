"""A contract written by form alone and agreed, then revised from a draft by form to a month that is judged by the new terms: approved by
another, countered and consented to by the vendor. What was judged before stays, and its credit goes from accrual to recovered."""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from playwright.sync_api import Page, expect

from agreements.models import Revision
from contracts import contract_file
from contracts.models import Contract
from credits.models import LedgerEntry
from evaluation.models import Result
from lib.months import after
from measurements.actions import import_figures
from slas.actions import export_contract
from tests.journeys.conftest import Stage
from tests.journeys.person import Person

REFERENCE, CODE, NAME = "SD-2030-001", "L-01", "Work done on time"
MONTHS = 5  # behind, of which the last two are judged again
TITLE = "A lower first threshold"
WORTH = "740"  # of a point: one level was missed in the first month


def first_of(months: int) -> date:
    """The first day of the month so many months ago."""
    return after(datetime.now(UTC).date().replace(day=1), -months)


def write_by_form(petra: Person) -> None:
    """Petra knows no YAML: from a template, with one of its numbers changed."""
    page = petra.page
    page.goto("/o/aldermoor-energy/contracts/")
    page.get_by_role("link", name="New contract").click()
    expect(page.get_by_role("heading", name="New contract", level=1)).to_be_visible()
    assert not petra.faults()
    page.get_by_label("Managed service, plain", exact=False).check()
    page.get_by_label("Vendor", exact=True).select_option(label="Corvid Systems")
    page.get_by_label("Reference").fill(REFERENCE)
    page.get_by_label("Title").fill("Service desk, northern sites")
    page.get_by_label("First day").fill(first_of(MONTHS).isoformat())
    page.get_by_label("Last day").fill(f"{first_of(0).year + 2}-12-31")
    page.get_by_label("Charges a month").fill("48000")
    page.get_by_label("Account manager in charge").select_option(index=1)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Levels and money")).to_be_visible()
    assert not petra.faults()
    for tab, heading in (
        ("Contract and areas", "Contract and areas"),
        ("Rules", "Rules"),
        ("Clause text", "Clause text"),
    ):
        page.get_by_role("navigation", name="Parts of the draft").get_by_role("link", name=tab).click()
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        assert not petra.faults()
    page.get_by_role("link", name="Levels and money").click()
    fill(page, "How much", WORTH)
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 200):
        page.get_by_label("A point is worth").select_option(label="An amount of money")
    page.get_by_role("link", name="Complaints").click()
    fill(page, "Score of band 2", "55")
    assert not petra.faults()
    page.get_by_role("link", name="Agree").click()
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator("main")).to_contain_text("You wrote this")


def fill(page: Page, label: str, value: str) -> None:
    """Type into a field that saves itself, and wait until it has."""
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 200):
        page.get_by_label(label, exact=True).fill(value)
    expect(page.locator("#live .saved")).to_contain_text("Saved")


def report(stage: Stage) -> None:
    """The figures of every month that is over: 92 of 100 on time, and in the first too much rework, which costs a point."""
    lines = ["service_level,period,numerator,denominator,value"]
    for back in range(MONTHS, 0, -1):
        month = f"{first_of(back):%Y-%m}"
        accepted = 90 if back == MONTHS else 98
        lines += [f"{CODE},{month},92,100,", f"L-02,{month},{accepted},100,", f"L-03,{month},,,1"]
    with stage.scope_of(stage.member("Marco")):
        contract = Contract.objects.get(reference=REFERENCE)
        import_figures(by=None, contract=contract, source="\n".join(lines).encode(), filename="months.csv", accept=True)


def theirs(stage: Stage, day: date) -> str:
    """The file with a threshold of the vendor's: 91 from the day on."""
    with stage.scope_of(stage.member("Petra")):
        contract = Contract.objects.get(reference=REFERENCE)
        document = export_contract(by=None, contract=contract)
    level = next(one for one in document["service_levels"] if one["code"] == CODE)
    last = level["terms"][-1]
    bands = [{**last["bands"][0], "at": "91"}, {**last["bands"][1], "at": "85"}, *last["bands"][2:]]
    level["terms"] = [*level["terms"], {**last, "from": day.isoformat(), "bands": bands}]
    return contract_file.write(document)


def wait_for(stage: Stage, found: Callable[[], bool]) -> None:
    for _ in range(120):
        with stage.scope_of(stage.member("Petra")):
            if found():
                return
        time.sleep(0.5)
    raise AssertionError("The worker did not do its work.")


def results(stage: Stage) -> dict[date, tuple[str, int]]:
    """Outcome and version of terms of each month."""
    with stage.scope_of(stage.member("Petra")):
        found = Result.objects.filter(contract__reference=REFERENCE, service_level__code=CODE).exclude(
            outcome="pending"
        )
        return {one.starts_on: (one.outcome, one.terms_id) for one in found}


def submit(page: Page, reason: str) -> None:
    page.get_by_role("link", name="Reason", exact=True).click()
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.get_by_label("Date it back", exact=False).check()
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator("main")).to_contain_text("You wrote this")


def test_a_contract_by_form_alone_to_a_month_judged_by_other_terms(stage: Stage, person) -> None:
    stage.worker()
    stage.processes.beat()
    petra, marco, vera = person(), person(), person()
    petra.sign_in("petra@aldermoor.example.test")
    marco.sign_in("marco@aldermoor.example.test")
    vera.be(stage.member("Vera"))
    write_by_form(petra)
    approve(marco.page, "New contract: Service desk, northern sites")
    accept(vera.page, "New contract: Service desk, northern sites")
    wait_for(stage, lambda: Contract.objects.filter(reference=REFERENCE, agreed=True).exists())
    report(stage)
    wait_for(stage, lambda: Result.objects.filter(contract__reference=REFERENCE, outcome="miss").count() == MONTHS)
    before, day = results(stage), first_of(2)

    address, page = revise_by_form(petra, day), petra.page
    page.goto(address)
    submit(page, "Control rooms lost too many hours.")
    approve(marco.page, TITLE)
    counter_propose(vera, theirs(stage, day))

    page.goto(f"{address}consent/")
    expect(page.locator("main")).to_contain_text("Half of that.")
    page.get_by_role("link", name="Compare versions").click()
    assert not petra.faults()
    page.goto(f"{address}consent/")
    page.get_by_role("button", name="Take the vendor’s terms into the draft").click()
    expect(page.locator("#toasts")).to_contain_text("in the draft")
    submit(page, "As the vendor proposes.")
    approve(marco.page, TITLE)
    accept(vera.page, TITLE)

    wait_for(stage, lambda: Revision.objects.filter(draft__title=TITLE, status="in_force").exists())
    wait_for(
        stage,
        lambda: Result.objects.filter(contract__reference=REFERENCE, service_level__code=CODE, outcome="met").exists(),
    )
    now = results(stage)
    for month, said in before.items():
        assert month >= day or now[month] == said
    assert {outcome for month, (outcome, _) in now.items() if month >= day} == {"met"}
    with page.expect_download() as waiting:
        page.goto(f"{address}consent/")
        page.get_by_role("link", name="PDF for signature").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF")
    to_cash(stage, petra, marco)


def to_cash(stage: Stage, petra: Person, marco: Person) -> None:
    """The credit of the first month: claimed by one, approved by another, on an invoice, and arrived."""
    with stage.scope_of(stage.member("Petra")):
        contract = Contract.objects.get(reference=REFERENCE)
    wait_for(stage, lambda: LedgerEntry.objects.filter(contract=contract, kind="accrual").exists())
    steps = (
        (petra, "claimable", "Claim the chosen", {}),
        (marco, "claimed", "Approve the chosen", {}),
        (petra, "approved", "Put the chosen on the invoice", {"Invoice number": "CS-88120"}),
        (petra, "invoiced", "The chosen have arrived", {}),
    )
    for person, state, button, typed in steps:
        page = person.page
        page.goto(f"/o/aldermoor-energy/credits/?state={state}&contract={contract.pk}")
        row = page.get_by_role("row").filter(has_text=f"£{WORTH}.00")
        expect(row).to_have_count(1)
        row.get_by_role("checkbox").check()
        for label, value in typed.items():
            page.get_by_label(label).fill(value)
        assert not person.faults()
        page.get_by_role("button", name=button).click()
        expect(page.locator("#toasts")).to_contain_text("1 credit ")
    page.goto(f"/o/aldermoor-energy/credits/?state=recovered&contract={contract.pk}")
    expect(page.get_by_role("row").filter(has_text=f"£{WORTH}.00")).to_have_count(1)
    assert not petra.faults()


def revise_by_form(petra: Person, day: date) -> str:
    """Petra lowers two thresholds from a day on, and looks at what that would have meant. Gives the address of the draft."""
    page = petra.page
    page.goto("/o/aldermoor-energy/contracts/?owner=all")
    page.get_by_role("link", name="Service desk, northern sites").click()
    assert not petra.faults()
    page.get_by_role("link", name="Revise").click()
    page.get_by_label("What it is about").fill(TITLE)
    page.get_by_role("button", name="Start the draft").click()
    address = page.url
    page.get_by_role("link", name="Edit by form").click()
    page.get_by_role("link", name=NAME).click()
    fill(page, "In force from", day.isoformat())
    fill(page, "From of band 2", "85")
    fill(page, "From of band 1", "90")
    page.reload()
    expect(page.locator("#level-form")).to_contain_text("was 95")
    assert not petra.faults()
    page.get_by_role("link", name="See impact").click()
    expect(page.get_by_role("heading", name=re.compile("If these terms had applied"))).to_be_visible()
    assert not petra.faults()
    return address


def accept(page: Page, title: str) -> None:
    page.goto("/o/aldermoor-energy/revisions/?owner=all")
    page.get_by_role("link", name=title).click()
    page.locator("label").filter(has_text=re.compile("^\\s*Accept")).get_by_role("radio").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("#toasts")).to_contain_text("Accepted")


def counter_propose(vera: Person, theirs: str) -> None:
    """The vendor's manager reads what is proposed, and sends other terms."""
    vera.page.goto("/o/aldermoor-energy/revisions/?owner=all")
    assert not vera.faults()
    vera.page.get_by_role("link", name=TITLE).click()
    expect(vera.page.locator("main")).to_contain_text("Control rooms lost too many hours.")
    vera.page.get_by_label("Propose other terms").check()
    vera.page.get_by_role("textbox", name="Reason").fill("Half of that.")
    vera.page.get_by_text("Your terms, where you propose others").click()
    vera.page.get_by_label("The contract with your terms").fill(theirs)
    assert not vera.faults()
    vera.page.get_by_role("button", name="Answer").click()
    expect(vera.page.locator("#toasts")).to_contain_text("Your terms were sent")


def approve(page: Page, title: str) -> None:
    page.goto("/o/aldermoor-energy/approvals/")
    page.get_by_role("link", name=title).click()
    page.get_by_label("Approve").check()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Approved")
