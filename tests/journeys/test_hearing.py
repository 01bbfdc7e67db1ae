"""A dispute and a request for relief, from asking to the rulings that move money."""

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from contracts.models import Contract
from disputes.actions import note_published
from evaluation.models import Month, Result
from tests.journeys.conftest import Stage

REFERENCE = "MSA-2024-017"
WAIT = 60_000  # for the worker


def failed_lately(stage: Stage) -> tuple[Result, str]:
    """The last ratio in breach, whose month was published today, and its number of cases."""
    with stage.scope_of(stage.member("Marco")):
        contract = Contract.objects.get(reference=REFERENCE)
        ratio = {"service_level__measure__kind": "ratio", "service_level__measure__unit": "percent"}
        failed = Result.objects.filter(contract=contract, outcome="default", terms__full__better="higher", **ratio)
        last = failed.filter(submission_id__isnull=False).order_by("-starts_on").first()
        note_published(contract=contract, month=last.month, day=contract.day(timezone.now()))
        return last, f"{last.denominator.normalize():f}"


def points_of(stage: Stage, result: Result) -> int:
    with stage.scope_of(stage.member("Marco")):
        return Month.objects.get(contract=result.contract_id, month=result.month).points


def ask_for_both(page: Page, result: Result, cases: str) -> tuple[str, str]:
    """The vendor asks for relief and disputes the result; the addresses of both."""
    page.goto(f"/o/aldermoor-energy/results/{result.pk}/why/")
    expect(page.get_by_role("link", name="Dispute the result")).to_be_visible()  # loaded into the explanation
    page.get_by_role("link", name="Ask for relief").click()
    page.get_by_label("should not count", exact=False).fill("1")
    page.get_by_label("Ground").select_option("client")
    page.get_by_label("What happened").fill("Your control room had no power from 09:10 to 15:45.")
    page.get_by_role("button", name="Ask for relief").click()
    expect(page.get_by_text("1 case left out")).to_be_visible()
    relief = page.url
    page.goto(f"/o/aldermoor-energy/results/{result.pk}/dispute/")
    page.get_by_label("What is wrong").select_option("figure")
    page.get_by_label("Explanation").fill("The log shows that all of them were done in time.")
    for number in page.get_by_label(re.compile("that count")).all():
        number.fill(cases)
    page.get_by_role("button", name="Dispute the result").click()
    expect(page.get_by_text("Credit on hold")).to_be_visible()
    return relief, page.url


def test_a_dispute_and_relief_are_ruled_on_and_move_money(stage: Stage, person) -> None:
    result, cases = failed_lately(stage)
    before = points_of(stage, result)
    stage.worker()
    vera, marco = person(), person()
    vera.be(stage.member("Vera"))  # she serves two clients
    relief, disputed = ask_for_both(vera.page, result, cases)
    assert not vera.faults()

    marco.sign_in("marco@aldermoor.example.test")
    page = marco.page
    page.get_by_role("link", name="Disputes and relief").first.click()
    expect(page.get_by_role("row").filter(has_text="1 case")).to_be_visible()
    page.goto(relief)
    expect(page.get_by_role("heading", name="If you grant all of it")).to_be_visible()
    page.get_by_text("Grant all:").click()
    page.get_by_role("button", name="Decide on relief").click()
    expect(page.locator(".head__title")).to_contain_text("Granted")
    page.goto(disputed)
    page.get_by_label("Reply or ask").fill("Which log?")
    page.get_by_role("button", name="Send to both sides").click()
    expect(page.get_by_text("Which log?")).to_be_visible()
    expect(page.get_by_role("table", name="Effect of the ruling")).to_contain_text("Penalty points")
    page.get_by_text("Uphold:").click()
    page.get_by_label("Reason").fill("The log shows it.")
    page.get_by_role("button", name="Rule on the dispute").click()
    expect(page.locator(".head__title")).to_contain_text("Upheld")
    assert not marco.faults()

    page.goto(f"/o/aldermoor-energy/results/{result.pk}/why/")
    for _ in range(30):  # the worker judges it again
        if "Met" in page.locator(".head__title").inner_text():
            break
        page.wait_for_timeout(WAIT / 60)
        page.reload()
    expect(page.locator(".head__title")).to_contain_text("Met")
    assert points_of(stage, result) < before
