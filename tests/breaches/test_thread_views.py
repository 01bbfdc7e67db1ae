"""A breach's thread and plan in the browser, from both sides."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from breaches.models import Breach, CorrectivePlan, InternalNote, PlanStep, ThreadEntry
from breaches.rules import Status
from breaches.rules.plans import PlanStatus
from tests.breaches.test_plans import MAY, World
from tests.factories import breaches
from tests.markup import tight

SECRET = "Not before the board has met."


@pytest.fixture
def world(cast, scope_of, clock):
    clock(MAY)
    with scope_of(cast.aldermoor):
        return World(cast.corvid)


@pytest.fixture
def seen(client_for, world):
    """`seen(member)`: the page of the breach as this member sees it."""

    def page(member):
        answer = client_for(member).get(f"breaches/{world.breach.pk}/")
        assert answer.status_code == 200
        return tight(answer.content.decode())

    return page


@pytest.fixture
def plan(cast, scope_of, world):
    with scope_of(cast.aldermoor):
        return breaches.plan(world.breach, cast.marco, due_on=date(2024, 5, 28))


def steps(**given):
    rows = {f"steps-{number}-{name}": "" for number in range(3) for name in ("text", "owner", "due_on")}
    return {
        "steps-TOTAL_FORMS": "3",
        "steps-INITIAL_FORMS": "0",
        "seen": "0",
        "cause": "staff",
        "cause_text": "Two people left.",
        **rows,
        "steps-0-text": "Hire two engineers",
        "steps-0-owner": "Vera Novak",
        "steps-0-due_on": "2024-06-15",
        **given,
    }


def test_a_message_is_read_by_both_sides_and_a_note_by_one(cast, scope_of, client_for, world, seen):
    marco = client_for(cast.marco)
    marco.post(f"breaches/{world.breach.pk}/say/", {"text": "We ask for your view.", "to": "both"})
    marco.post(f"breaches/{world.breach.pk}/say/", {"text": SECRET, "to": "us"})
    client_for(cast.ravi).post(f"breaches/{world.breach.pk}/say/", {"text": "Two people left.", "to": "us"})
    for member in (cast.marco, cast.vera):
        assert "We ask for your view." in seen(member)
        assert "Two people left." in seen(member)
    assert SECRET in seen(cast.marco)
    assert "2 internal" not in seen(cast.marco)
    assert SECRET not in seen(cast.vera)
    assert "internal" not in seen(cast.vera)
    with scope_of(cast.aldermoor):
        assert (InternalNote.objects.count(), ThreadEntry.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "given", [{"text": "", "to": "both"}, {"text": "x", "to": "all"}, {"text": "x" * 4001, "to": "us"}]
)
def test_a_message_that_cannot_be_sent_comes_back_as_it_was_typed(cast, scope_of, client_for, world, given):
    answer = client_for(cast.marco).post(f"breaches/{world.breach.pk}/say/", given)
    assert answer.status_code == 422
    assert given["text"] in answer.content.decode()
    with scope_of(cast.aldermoor):
        assert InternalNote.objects.count() == ThreadEntry.objects.count() == 0


def test_a_get_of_the_address_that_takes_messages_leads_to_the_thread(cast, client_for, world):
    assert client_for(cast.marco).get(f"breaches/{world.breach.pk}/say/")["Location"].endswith(f"/{world.breach.pk}/")


def test_from_asking_to_accepting(cast, scope_of, client_for, world, seen):
    page = client_for(cast.marco).get(f"breaches/{world.breach.pk}/plan/")
    assert 'value="2024-05-28"' in page.content.decode()  # five working days; 27 May is a bank holiday
    assert "The cause; the steps" in page.content.decode()  # what is asked, to be said in other words or sent as it is
    client_for(cast.marco).post(
        f"breaches/{world.breach.pk}/plan/", {"due_on": "2024-05-29", "request": "Causes and steps.", "version": "1"}
    )
    with scope_of(cast.aldermoor):
        plan = CorrectivePlan.objects.get()
    told = seen(cast.marco)
    assert told.index("acknowledged it") < told.index("asked for a corrective plan")
    assert "Write the plan" in seen(cast.vera)
    assert "Write the plan" not in seen(cast.marco)
    address = f"plans/{plan.pk}/propose/"
    asked = client_for(cast.vera).get(address).content.decode()
    assert "Causes and steps." in asked
    assert "Incidents resolved on time, April 2024" in tight(asked)
    more = client_for(cast.vera).post(address, steps(add="1", cause=""))
    assert (more.status_code, more.content.decode().count("Who does it")) == (200, 4)
    assert "Hire two engineers" in more.content.decode()
    bad = client_for(cast.vera).post(address, steps(cause="", **{"steps-1-text": "Nobody's"}))
    assert bad.status_code == 422
    assert "Choose the cause." in bad.content.decode()
    assert "Say who does it." in bad.content.decode()
    assert "Nobody&#x27;s" in bad.content.decode()
    assert client_for(cast.vera).post(address, steps()).status_code == 302
    again = client_for(cast.ravi).post(address, steps())
    assert again.status_code == 409
    assert "Hire two engineers" in again.content.decode()
    assert "Decide on the plan" in seen(cast.marco)
    decide = f"plans/{plan.pk}/decide/"
    refused = client_for(cast.marco).post(decide, {"decision": "back", "reason": "", "seen": "1"})
    assert refused.status_code == 422
    assert "Say what the plan lacks." in refused.content.decode()
    assert client_for(cast.marco).post(decide, {"decision": "accept", "seen": "1"}).status_code == 302
    assert "Verifying, 0 of 3" in seen(cast.vera)
    assert "Nothing to decide." in client_for(cast.marco).get(decide).content.decode()


def test_the_vendor_reports_steps(cast, scope_of, client_for, world, plan, seen):
    with scope_of(cast.aldermoor):
        breaches.proposal(plan, cast.vera)
        CorrectivePlan.objects.update(
            status=PlanStatus.ACCEPTED, decided_revision=1, decided_at=MAY, counts_from=date(2024, 6, 15)
        )
        step = PlanStep.objects.get()
    assert "Mark as done" in seen(cast.ravi)
    assert "Mark as done" not in seen(cast.marco)
    client_for(cast.ravi).post(f"plans/steps/{step.pk}/", {"done": "1"})
    assert "All steps done" in seen(cast.marco)
    assert client_for(cast.marco).post(f"plans/steps/{step.pk}/", {"done": "0"}).status_code == 403


def test_an_overdue_plan_says_so(cast, plan, seen, clock):
    clock(MAY.replace(month=6))
    assert "Plan overdue" in seen(cast.marco)


def test_closing_early_and_opening_again_need_a_reason(cast, scope_of, client_for, world):
    marco = client_for(cast.marco)
    assert marco.post(f"breaches/{world.breach.pk}/close/", {"reason": "  ", "version": "1"}).status_code == 422
    assert marco.post(f"breaches/{world.breach.pk}/close/", {"reason": "It ends.", "version": "7"}).status_code == 409
    assert marco.post(f"breaches/{world.breach.pk}/close/", {"reason": "It ends.", "version": "1"}).status_code == 302
    with scope_of(cast.aldermoor):
        assert Breach.objects.get().status == Status.CLOSED
    assert "Nothing to do here." in marco.get(f"breaches/{world.breach.pk}/close/").content.decode()
    assert marco.post(f"breaches/{world.breach.pk}/open/", {"reason": "Not yet."}).status_code == 302
    with scope_of(cast.aldermoor):
        assert Breach.objects.get().status == Status.ACKNOWLEDGED


def test_the_number_of_statements_does_not_grow_with_the_thread_and_the_steps(cast, scope_of, client_for, world, plan):
    with scope_of(cast.aldermoor):
        breaches.proposal(plan, cast.vera)
        breaches.entry(world.breach, cast.vera)
    client = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"breaches/{world.breach.pk}/").status_code == 200
        return len(found)

    first = statements()
    with scope_of(cast.aldermoor):
        breaches.proposal(plan, cast.vera, steps=5, revision=2)
        for _ in range(3):
            breaches.entry(world.breach, cast.vera)
            breaches.note(world.breach, cast.petra)
    assert statements() == first


def test_a_plan_that_is_asked_for_is_not_under_way(cast, client_for, scope_of, world, plan, seen):
    """The list, the page and the vendor's home say how far the plan is."""

    def said(word):
        list_ = client_for(cast.marco).get("breaches/").content.decode()
        return [word in text for text in (list_, seen(cast.marco), seen(cast.vera))]

    assert said("Plan asked for") == [True] * 3
    assert "plan asked for" in client_for(cast.vera).get("figures/").content.decode()
    with scope_of(cast.aldermoor):
        CorrectivePlan.objects.update(status=PlanStatus.ACCEPTED, counts_from=date(2024, 6, 15))
    assert said("Plan under way") == [True] * 3
