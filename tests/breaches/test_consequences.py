"""What triggered rules lead to: items that follow the judgement, decisions about them, and what a vendor sees of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.actions import alert_due, decide_on_consequence, follow_rules
from breaches.models import Consequence
from breaches.rules.consequences import ConsequenceStatus
from evaluation.models import TriggeredRule
from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.models import Event, Notification
from tests.factories import breaches, contracts, evaluation, slas
from tests.follow_up import once_judged
from tests.markup import tight

MAY = datetime(2024, 5, 20, 9, tzinfo=UTC)
RULE = {
    "name": "Chronic failure", "over": "contract", "count": "points", "window": "3", "at_least": "50", "more_than": None,
    "then": "termination_right", "bands": None, "from": None, "until": None, "expires_after": "30",
}  # fmt: skip


class World:
    def __init__(self, cast):
        self.contract = contracts.contract(cast.corvid, rules=[RULE])
        self.contract.created_at = datetime(2024, 4, 2, tzinfo=UTC)
        self.contract.save(update_fields=["created_at"])
        self.periods = contracts.periods(self.contract, count=4)

    def holds(self, *nth, **fields):
        given = {"then": "termination_right", "measured": 58}
        for one in nth:
            evaluation.triggered_rule(self.periods[one], **given | fields)

    def follow(self):
        return follow_rules([self.contract.pk], now=MAY)


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        return World(cast)


@pytest.fixture
def right(cast, scope_of, world):
    """A right to terminate since April, found on 20 May."""
    with scope_of(cast.aldermoor):
        world.holds(0, 1)
        assert world.follow() == 1
        return Consequence.objects.get()


def decide(scope_of, member, right, decision=ConsequenceStatus.USED, reason="The board decided.", **given):
    with scope_of(member):
        found = Consequence.objects.select_related("contract").get(pk=right.pk)
        return decide_on_consequence(by=member, consequence=found, decision=decision, reason=reason, **given)


def test_a_run_of_months_is_one_item_and_goes_on_counting(cast, scope_of, world, right):
    assert (right.since, right.last_month, right.status) == (date(2024, 4, 1), date(2024, 5, 1), "open")
    assert right.usable_until == date(2024, 6, 19)
    with scope_of(cast.aldermoor):
        assert world.follow() == 0
        world.holds(2, measured=64)
        assert world.follow() == 1
        after = Consequence.objects.get()
    assert (after.last_month, after.measured, after.version) == (date(2024, 6, 1), 64, right.version + 1)


def test_a_gap_makes_another_item(cast, scope_of, world, right):
    with scope_of(cast.aldermoor):
        world.holds(3)
        assert world.follow() == 1
        assert [one.since.month for one in Consequence.objects.order_by("since")] == [4, 7]


def test_a_correction_withdraws_it_and_a_further_one_opens_it_again(cast, client_for, scope_of, world, right):
    decide(scope_of, cast.marco, right)
    with scope_of(cast.aldermoor):
        TriggeredRule.objects.all().delete()
        assert world.follow() == 1
        gone = Consequence.objects.get()
        assert (gone.status, gone.decided_by_name) == ("withdrawn", "Marco Bellini")
        assert world.follow() == 0
        world.holds(0)
        assert world.follow() == 1
        again = Consequence.objects.get()
        steps = [(one.status, one.by_name, one.reason) for one in again.steps.all()]
    assert (again.status, again.decided_by_name, again.last_month) == ("open", "", date(2024, 4, 1))
    decided = ("used", "Marco Bellini", "The board decided.")
    assert steps == [("open", "", ""), ("withdrawn", "", ""), decided], "nothing is lost"
    html = tight(client_for(cast.marco).get(f"triggered/{right.pk}/").content.decode())
    assert html.index("Holds again") < html.index("Withdrawn</span>") < html.index("The board decided.")


def test_who_decides_says_why_and_by_what_was_seen(cast, scope_of, world, right):
    for member in (cast.ada, cast.olu):
        with pytest.raises(NotAllowed):
            decide(scope_of, member, right)
    with pytest.raises(RuleBroken, match="reason is empty"):
        decide(scope_of, cast.petra, right, reason=" ")
    with pytest.raises(Conflict):
        decide(scope_of, cast.petra, right, seen=right.version + 1)
    decided = decide(scope_of, cast.petra, right, ConsequenceStatus.WAIVED, seen=right.version)
    assert (decided.status, decided.decided_by_name, decided.reason) == (
        "waived",
        "Petra Sandgren",
        "The board decided.",
    )
    with pytest.raises(Conflict):
        decide(scope_of, cast.marco, right, seen=right.version)


def test_a_right_that_is_over_is_not_used(cast, scope_of, world, right, clock):
    clock(datetime(2024, 6, 20, 9, tzinfo=UTC))
    with pytest.raises(RuleBroken, match="could be used until 19 Jun 2024"):
        decide(scope_of, cast.marco, right)
    assert decide(scope_of, cast.marco, right, ConsequenceStatus.LAPSED).status == "lapsed"


def test_a_right_that_ends_soon_is_said_once_to_its_owners(cast, scope_of, world, right):
    ending = datetime(2024, 6, 10, 9, tzinfo=UTC)
    with scope_of(cast.aldermoor):
        alert_due(now=ending)
        told = Notification.objects.filter(event__key__startswith="right:").values_list("member__name", flat=True)
        assert set(told) == {"Marco Bellini", "Petra Sandgren"}
        alert_due(now=ending)
        assert Notification.objects.filter(event__key__startswith="right:").count() == 2


def test_the_page_and_the_list_are_the_client_s(cast, client_for, world, right):
    html = tight(client_for(cast.marco).get("triggered/").content.decode())
    assert "Right to terminate" in html and "58 penalty points in 3 months, limit 50" in html and "19 Jun 2024" in html
    for address in ("triggered/", f"triggered/{right.pk}/"):
        assert client_for(cast.vera).get(address).status_code == 403
        assert client_for(cast.olu).get(address).status_code == 200
    sent = {"decision": "used", "reason": "The board decided.", "version": right.version}
    assert client_for(cast.marco).post(f"triggered/{right.pk}/decide/", {**sent, "reason": ""}).status_code == 422
    assert client_for(cast.marco).post(f"triggered/{right.pk}/decide/", sent).status_code == 302
    answer = client_for(cast.petra).post(f"triggered/{right.pk}/decide/", {**sent, "decision": "waived"})
    assert answer.status_code == 409
    html = client_for(cast.olu).get(f"triggered/{right.pk}/").content.decode()
    assert "Marco Bellini" in html and "The board decided." in html


def test_a_rule_leads_each_side_to_what_it_may_see_of_it(cast, scope_of, client_for, world):
    """The client to the item to decide about, the vendor to what the rule says; a withdrawal to the same."""

    def told(kind):
        return {one.vendor_id: one.path for one in Event.objects.filter(kind=kind).exclude(title__endswith="Their own")}

    with scope_of(cast.aldermoor):
        world.holds(0, 1, then="notify", judged_at=MAY)
        world.holds(0, then="escalate", rule="Their own", judged_at=MAY)
        world.follow()
        assert once_judged(alert_due, now=MAY) == 3
        item, theirs = Consequence.objects.get(then="notify"), f"contracts/{world.contract.pk}/2024-04/rules/"
        assert told("rule") == {None: f"triggered/{item.pk}/", cast.corvid.pk: theirs}
    in_may = client_for(cast.vera).get(f"contracts/{world.contract.pk}/2024-05/rules/").content.decode()
    assert "58 penalty points in 3 months" in in_may and "April 2024" in in_may
    assert "Their own" not in client_for(cast.vera).get(theirs).content.decode()
    assert "Their own" in client_for(cast.marco).get(theirs).content.decode()
    with scope_of(cast.aldermoor):
        TriggeredRule.objects.filter(then="notify").delete()
        assert once_judged(alert_due, now=MAY + timedelta(hours=1)) == 2
        assert told("rule_withdrawn") == {None: f"triggered/{item.pk}/", cast.corvid.pk: theirs}
        assert once_judged(alert_due, now=MAY + timedelta(hours=2)) == 0
    assert "No rule holds in this month" in client_for(cast.vera).get(theirs).content.decode()
    assert client_for(cast.vera).get(theirs.replace("04", "13")).status_code == 404


def test_a_rule_of_a_service_level_leads_to_its_terms(cast, scope_of, client_for, world):
    with scope_of(cast.aldermoor):
        level = slas.service_level(world.contract, code="SL-07")
        slas.terms(level)
        world.holds(0, then="notify", service_level=level)
    marco = client_for(cast.marco)
    html = marco.get(f"contracts/{world.contract.pk}/2024-04/rules/").content.decode()
    terms = f"contracts/{world.contract.pk}/service-levels/SL-07/"
    assert f'{terms}"' in html and marco.get(terms).status_code == 200


def test_the_list_asks_as_many_statements_for_three_items_as_for_one(cast, scope_of, client_for, world, right):
    client = client_for(cast.marco)
    client.get("triggered/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as found:
            client.get("triggered/")
        counts.append(len(found))
        with scope_of(cast.aldermoor):
            for period in world.periods[2:]:
                breaches.consequence(period, rule=f"Rule {period.pk}-{len(counts)}")
    assert counts[0] == counts[1]


def test_no_page_answer_or_notice_of_the_vendor_names_a_right_of_the_client_s(cast, scope_of, client_for, world, right):
    with scope_of(cast.aldermoor):
        level = breaches_level(world)
        alert_due(now=MAY)
    vera = client_for(cast.vera)
    pages = [
        f"contracts/{world.contract.pk}/scorecard/?period=2024-04",
        f"contracts/{world.contract.pk}/scorecard/?period=2024-05",
        f"breaches/{level.pk}/",
        f"results/{level.result}/why/",
        f"api/v1/contracts/{world.contract.pk}/results/",
        "api/v1/breaches/",
        "inbox/",
        "figures/",
    ]
    for page in pages:
        answer = vera.get(page)
        assert answer.status_code == 200, page
        html = answer.content.decode().lower()
        assert "terminat" not in html and "chronic failure" not in html, page
    assert "right to terminate" in client_for(cast.marco).get(pages[2]).content.decode().lower()
    with scope_of(cast.vera):
        assert not TriggeredRule.objects.exists()
        assert not Notification.objects.filter(event__kind="rule").exists()
    with scope_of(cast.aldermoor):
        TriggeredRule.objects.update(then="rectification_plan")
    with scope_of(cast.vera):
        assert TriggeredRule.objects.count() == 2


def breaches_level(world):
    """A breach in April, with its result."""
    level = slas.service_level(world.contract)
    result = evaluation.result(slas.terms(level), world.periods[0])
    evaluation.month(world.periods[0])
    breach = breaches.breach(level, world.periods[0])
    breach.result = result.pk
    return breach
