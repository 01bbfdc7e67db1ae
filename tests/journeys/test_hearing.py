"""A dispute and a request for relief, from asking to the rulings that move money."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from contracts.models import Contract
from disputes.actions import note_published
from evaluation.models import Month, Result
from tests.journeys.conftest import Stage

REFERENCE = "MSA-2024-017"
WAIT = 60_000  # for the worker


def test_a_dispute_and_relief_are_ruled_on_and_move_money(stage: Stage, person) -> None:
    marco = stage.member("Marco")
    with stage.scope_of(marco):
        contract = Contract.objects.get(reference=REFERENCE)
        ratio = {"service_level__measure__kind": "ratio", "service_level__measure__unit": "percent"}
        failed = Result.objects.filter(contract=contract, outcome="default", terms__full__better="higher", **ratio)
        last = failed.filter(submission_id__isnull=False).order_by("-starts_on").first()
        points = Month.objects.get(contract=contract, month=last.month).points
        whole = f"{last.denominator.normalize():f}"
        note_published(contract=contract, month=last.month, day=contract.day(timezone.now()))
    stage.worker()

    vera = person()
    vera.be(stage.member("Vera"))  # she serves two clients
    page = vera.page
    page.goto(f"/o/aldermoor-energy/results/{last.pk}/why/")
    expect(page.get_by_role("link", name="Dispute the result")).to_be_visible()  # loaded into the explanation
    page.get_by_role("link", name="Ask for relief").click()
    page.get_by_label("should not count", exact=False).fill("1")
    page.get_by_label("Ground").select_option("client")
    page.get_by_label("What happened").fill("Your control room had no power from 09:10 to 15:45.")
    page.get_by_role("button", name="Ask for relief").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    relief = page.url
    page.goto(f"/o/aldermoor-energy/results/{last.pk}/dispute/")
    page.get_by_label("What is wrong").select_option("figure")
    page.get_by_label("Explanation").fill("The log shows that all of them were done in time.")
    numbers = page.get_by_label(re.compile("that count$"))
    numbers.nth(0).fill(whole)
    numbers.nth(1).fill(whole)
    page.get_by_role("button", name="Dispute the result").click()
    expect(page.get_by_text("Credit on hold")).to_be_visible()
    disputed = page.url
    assert not vera.faults()

    client = person()
    client.sign_in("marco@aldermoor.example.test")
    page = client.page
    page.get_by_role("link", name="Disputes and relief").first.click()
    expect(page.get_by_role("row").filter(has_text="1 case")).to_be_visible()
    page.goto(relief)
    expect(page.get_by_role("heading", name="If you grant all of it")).to_be_visible()
    page.get_by_label(re.compile("^Grant all")).check()
    page.get_by_role("button", name="Decide on relief").click()
    expect(page.locator(".head__title")).to_contain_text("Granted")
    page.goto(disputed)
    page.get_by_label("Reply or ask").fill("Which log?")
    page.get_by_role("button", name="Send to both sides").click()
    expect(page.get_by_text("Which log?")).to_be_visible()
    expect(page.get_by_role("table", name="Effect of the ruling")).to_contain_text("Penalty points")
    page.get_by_label(re.compile("^Uphold")).check()
    page.get_by_label("Reason").fill("The log shows it.")
    page.get_by_role("button", name="Rule on the dispute").click()
    expect(page.locator(".head__title")).to_contain_text("Upheld")
    assert not client.faults()

    page.goto(f"/o/aldermoor-energy/results/{last.pk}/why/")
    for _ in range(30):
        if page.get_by_text("Restated").count():
            break
        page.wait_for_timeout(WAIT / 60)
        page.reload()
    expect(page.locator(".head__title")).to_contain_text("Met")
    with stage.scope_of(marco):
        assert Month.objects.get(contract=contract, month=last.month).points < points
