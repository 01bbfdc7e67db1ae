"""The account manager: from the portfolio to the reason of a result; and from an acceptance to the breach and its answer."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from breaches.actions import climb_due
from breaches.models import Breach
from breaches.rules import Status
from contracts.models import Contract
from evaluation.models import Result
from measurements.actions import import_figures
from organisations.scope import open_scope
from scorecards.models import Scorecard
from tests.journeys.conftest import Stage
from tests.processes import wait_for

REFERENCE = "MSA-2024-017"


@pytest.fixture
def correction(stage: Stage):
    """Ravi has submitted a correction of last month: one service level that was met was not. Of earlier breaches all is told."""
    ravi = stage.member("Ravi")
    with open_scope(organisation_id=ravi.organisation_id):
        while climb_due(now=timezone.now()):  # else they fill the panel
            pass
    with stage.scope_of(ravi):
        contract = Contract.objects.get(reference=REFERENCE)
        month = Result.objects.filter(contract=contract).exclude(outcome="pending").order_by("-month").first().month
        results = Result.objects.filter(contract=contract, month=month, outcome="met", service_level__cycle="month")
        ratios = results.filter(
            service_level__measure__kind="ratio", terms__full__better="higher"
        )  # so that 1 % is a failure
        met = ratios.select_related("service_level").order_by("service_level__code").first()
        row = f"{met.service_level.code},{month:%Y-%m},1,100,The report counted the wrong queue"
        source = f"service_level,period,numerator,denominator,note\n{row}\n"
        submissions = import_figures(
            by=ravi,
            contract=contract,
            source=source.encode(),
            filename="again.csv",
            reason="Counted again",
            submit=True,
        )
    return submissions[0], met.service_level


def test_from_the_portfolio_to_why_a_result_is_so(stage: Stage, person) -> None:
    marco = person()
    marco.sign_in("marco@aldermoor.example.test")
    page = marco.page
    expect(page.get_by_role("heading", name="Portfolio", level=1)).to_be_visible()
    page.get_by_role("table", name="Vendors with their score").get_by_role("link", name="Corvid Systems").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Corvid Systems")
    expect(page.get_by_role("heading", name="Service levels by key result area")).to_be_visible()
    # The month before today may wait for its figures: look at the last one that is judged to its end.
    with stage.scope_of(stage.member("Marco")):
        judged = Scorecard.objects.filter(vendor__code="CORVID", provisional=False).latest("month").month
    scorecard = f"{page.url.split('?')[0]}?period={judged:%Y-%m}"
    page.goto(scorecard)
    page.locator("table.slas td.val a").first.click()
    expect(page.get_by_role("heading", name="From the value to the points")).to_be_visible()
    expect(page.get_by_role("table", name="Bands, best first")).to_contain_text("Reached")
    page.goto(scorecard)
    # Its chart lies below the window: what was chosen is brought there, and has the focus.
    level = page.locator("table.slas tr:not(.sel) a.cell-link").last
    name = level.inner_text()
    level.click()
    chart = page.locator("#trend-h")
    expect(chart).to_contain_text(name)
    expect(chart).to_be_focused()
    expect(chart).to_be_in_viewport()


def test_an_acceptance_a_breach_and_its_answer(stage: Stage, person, correction) -> None:
    submission, level = correction
    stage.worker()
    marco = person()
    marco.sign_in("marco@aldermoor.example.test")
    portfolio = marco.page
    portfolio.clock.install()
    portfolio.reload()
    panel = portfolio.locator("#inbox-panel")
    expect(panel).not_to_contain_text(level.name)

    other = marco.open_tab()
    other.goto(f"/o/aldermoor-energy/submissions/{submission.pk}/")
    other.get_by_role("button", name="Accept figures").click()
    expect(other.locator("#toasts")).to_contain_text("accepted")
    expect(other.get_by_role("button", name="Accept figures")).to_have_count(0)

    member = stage.member("Marco")
    breaches = Breach.objects.filter

    def opened():
        with stage.scope_of(member):
            return breaches(contract=submission.contract_id, month=submission.month, service_level=level).exists()

    wait_for(opened, "the breach is open")
    portfolio.clock.fast_forward(61_000)  # the panel asks by itself each minute
    row = panel.get_by_role("listitem").filter(has_text=f"{level.name} below")
    expect(row).to_be_visible()

    row.get_by_role("link", name="Acknowledge").click()
    dialog = portfolio.locator("#modal")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Note").fill("Raised with the service manager.")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(dialog).not_to_be_visible()
    expect(portfolio.locator("#toasts")).to_contain_text("Breach acknowledged")
    assert _status(stage, member, submission, level) == (Status.ACKNOWLEDGED, "Raised with the service manager.")
    portfolio.locator("#toasts").get_by_role("button", name="Undo").click()
    wait_for(lambda: _status(stage, member, submission, level)[0] == Status.OPEN, "it is open again")


def _status(stage, member, submission, level):
    with stage.scope_of(member):
        breach = Breach.objects.get(contract=submission.contract_id, month=submission.month, service_level=level)
        return breach.status, breach.note
