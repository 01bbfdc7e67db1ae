"""More time for a month's figures."""

from datetime import UTC, date, datetime

import pytest

from breaches.actions import alert_due
from contracts.actions import ask_for_extension, decide_on_extension, write_periods
from contracts.contract_file import read
from contracts.models import Extension, Period
from evaluation.models import Result
from lib.errors import Conflict, NotAllowed, RuleBroken
from measurements.querysets import month_state
from notifications.models import Notification
from tests.disputes.conftest import BANDS, CREDITS
from tests.isolation.by_sql import refused
from tests.slas.contract_texts import document, level, terms, text

MAY, JUNE = date(2024, 5, 1), datetime(2024, 6, 12, 9, tzinfo=UTC)
UNTIL = date(2024, 6, 28)


@pytest.fixture
def asked(cast, world, by, clock):
    clock(JUNE)
    return by(cast.vera, ask_for_extension, contract=world.contract, month=MAY, until=UNTIL, reason="The audit.")


def test_granted_the_month_is_due_later_and_nothing_is_late(cast, world, by, asked, scope_of):
    late = datetime(2024, 6, 20, 9, tzinfo=UTC)
    with scope_of(cast.aldermoor):
        due = Period.objects.get(contract=world.contract, cycle="month", starts_on=MAY).due_on
    assert due < late.date()
    world.judge(late)
    with scope_of(cast.aldermoor):
        may = Result.objects.filter(service_level=world.level, starts_on=MAY)
        assert may.get().outcome == "not_measured"
        assert month_state([world.contract], MAY, late)[world.contract.pk].counts["late"] == 2
    by(cast.marco, decide_on_extension, extension=asked, grant=True, seen=1)
    world.judge(late)
    with scope_of(cast.aldermoor):
        assert may.get().outcome == "pending"
        state = month_state([world.contract], MAY, late)[world.contract.pk]
        assert (state.counts["late"], state.counts["due"], state.due_on) == (0, 2, UNTIL)


def test_an_amended_contract_keeps_it(cast, world, by, asked, scope_of):
    by(cast.marco, decide_on_extension, extension=asked, grant=True)
    with scope_of(cast.aldermoor):
        levels = [level("SL-01", terms=[terms("2024-04-01", bands=BANDS)]), level("SL-02")]
        file = read(text(document(service_levels=levels, credits=CREDITS)))
        write_periods(world.contract, file, since=MAY)
        assert Period.objects.get(contract=world.contract, cycle="month", starts_on=MAY).due_on == UNTIL
        assert Period.objects.get(contract=world.contract, cycle="month", starts_on=date(2024, 6, 1)).due_on > UNTIL


def test_refused_with_a_reason_nothing_changes(cast, world, by, asked, scope_of):
    with pytest.raises(RuleBroken, match="Say why"):
        by(cast.marco, decide_on_extension, extension=asked, grant=False)
    by(cast.marco, decide_on_extension, extension=asked, grant=False, answer="The audit was in April.")
    with scope_of(cast.aldermoor):
        assert Period.objects.get(contract=world.contract, cycle="month", starts_on=MAY).due_on < UNTIL
    with pytest.raises(Conflict):
        by(cast.marco, decide_on_extension, extension=asked, grant=True)


def test_who_may_and_when(cast, world, by, asked, scope_of):
    given = {"contract": world.contract, "month": MAY, "reason": "x"}
    with pytest.raises(NotAllowed):
        by(cast.marco, ask_for_extension, **given, until=UNTIL)
    with pytest.raises(NotAllowed):
        by(cast.vera, decide_on_extension, extension=asked, grant=True)
    with pytest.raises(Conflict, match="asked for already"):
        by(cast.vera, ask_for_extension, **given, until=UNTIL)
    with pytest.raises(RuleBroken, match="cannot be"):
        by(cast.vera, ask_for_extension, **given, until=date(2024, 6, 1))
    with pytest.raises(RuleBroken, match="No figures are due for March 2024"):
        by(cast.vera, ask_for_extension, **given | {"month": date(2024, 3, 1)}, until=UNTIL)
    with scope_of(cast.vera):
        forged = """INSERT INTO contracts_extension (organisation_id, vendor_id, contract_id, month, until, status, reason, asked_by_id,
            asked_by_name, asked_at, answer, decided_by_name, decided_by_id, decided_at)
            SELECT organisation_id, vendor_id, contract_id, '2024-07-01', until, 'granted', 'x', %s, %s, now(), '', %s, %s, now()
            FROM contracts_extension"""
        me = (cast.vera.pk, cast.vera.name)
        assert "granting it is the client" in refused(forged, *me, cast.vera.name, cast.vera.pk)


def test_both_sides_are_told_and_see_it(cast, world, by, client_for, clock, scope_of):
    clock(JUNE)
    vera, marco = client_for(cast.vera), client_for(cast.marco)
    path = f"contracts/{world.contract.pk}/extension/?period=2024-05"
    assert vera.post(path, {"until": "2024-06-01", "reason": "The audit."}).status_code == 422
    assert vera.post(path, {"until": "2024-06-28", "reason": "The audit."}).status_code == 302
    with scope_of(cast.aldermoor):
        found = Extension.objects.get()
    listed = marco.get("disputes/").content.decode()
    assert "More time asked for" in listed and "nothing else waits for an answer" in listed
    page = marco.get(f"extensions/{found.pk}/").content.decode()
    assert "The audit." in page and "Answer" in page
    answer = {"decision": "grant", "answer": "", "version": "1"}
    assert marco.post(f"extensions/{found.pk}/decide/", answer | {"version": "5"}).status_code == 409
    with scope_of(cast.aldermoor):
        alert_due(now=JUNE)
    assert marco.post(f"extensions/{found.pk}/decide/", answer).status_code == 302
    with scope_of(cast.aldermoor):
        alert_due(now=JUNE)
        told = Notification.objects.filter(event__path=f"extensions/{found.pk}/")
        assert {(one.member_id, one.event.title) for one in told.select_related("event")} >= {
            (cast.marco.pk, "More time asked for: May 2024 figures"),
            (cast.vera.pk, "More time granted: May 2024 figures"),
        }
    assert client_for(cast.hana).get(f"extensions/{found.pk}/").status_code == 404
