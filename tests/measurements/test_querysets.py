"""How far a month's reporting has come."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from measurements.actions import accept, import_figures, return_, start_correction
from measurements.querysets import STATES, month_state
from reporting.querysets import first_sent_at
from slas.actions import import_contract
from tests.cast import Cast
from tests.factories import measurements as make
from tests.measurements.reporting import APRIL, JUNE, contract, csv, uptime
from tests.slas.contract_texts import document, level, terms, text

Scopes = Callable[..., Any]
# June's figures are due on the 10th working day of July.
DUE = date(2024, 7, 12)
RUNNING, LATE = date(2024, 6, 30), date(2024, 7, 13)


def at(day: date) -> datetime:
    """A moment of the day, in the contracts' time zone as in UTC."""
    return datetime.combine(day, time(12), UTC)


@pytest.fixture
def agreed(cast: Cast, scope_of: Scopes) -> Contract:
    with scope_of(cast.aldermoor):
        return contract()


def counts(of: Contract, month: date = JUNE, today: date = DUE) -> dict[str, int]:
    state = month_state([of], month, at(today))[of.pk]
    assert sum(state.counts.values()) == state.expected and tuple(state.counts) == STATES
    return {name: count for name, count in state.counts.items() if count}


def test_before_anything_is_reported_the_day_decides(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        assert counts(agreed, today=RUNNING) == {"not_due": 3}
        assert counts(agreed, today=date(2024, 7, 1)) == counts(agreed, today=DUE) == {"due": 3}
        assert counts(agreed, today=LATE) == {"late": 3}
        assert counts(agreed, APRIL, LATE) == {"late": 2}  # the quarter ends in June
        state = month_state([agreed], JUNE, at(LATE))[agreed.pk]
        assert (state.state, state.due_on, state.live_id, state.revision, state.was_late) == (
            "late",
            DUE,
            None,
            0,
            False,
        )


def test_each_slot_is_where_its_figures_are(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.vera):
        (made,) = import_figures(by=cast.vera, contract=agreed, source=csv("SL-01,2024-06-01,98,100"))
        state = month_state([agreed], JUNE, at(DUE))[agreed.pk]
        assert (state.counts["due"], state.drafted, state.live_status) == (3, 1, "draft")
        import_figures(by=cast.vera, contract=agreed, source=csv("SL-02,2024-04-01,98,100"), submit=True)
        assert counts(agreed) == {"due": 1, "submitted": 2}
        assert counts(agreed, today=LATE) == {"late": 1, "submitted": 2}
    with scope_of(cast.marco):
        made.refresh_from_db()
        return_(by=cast.marco, submission=made, reason="Two are missing.")
        assert counts(agreed, today=LATE) == {"late": 1, "returned": 2}
    with scope_of(cast.vera):
        import_figures(by=cast.vera, contract=agreed, source=uptime("SL-03,2024-06-01,1,0"), submit=True)
    with scope_of(cast.marco):
        made.refresh_from_db()
        accept(by=cast.marco, submission=made)
        state = month_state([agreed], JUNE, at(LATE))[agreed.pk]
        assert (state.state, state.expected, state.due_on, state.accepted_id) == ("accepted", 3, None, made.pk)


def test_a_correction_under_way_leaves_the_accepted_figures_in_force(
    agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        (first,) = import_figures(by=None, contract=agreed, source=csv("SL-01,2024-06-01,98,100"), accept=True)
        draft = start_correction(by=None, contract=agreed, month=JUNE, reason="Counted twice")
        import_figures(by=None, contract=agreed, source=csv("SL-02,2024-04-01,98,100"), submit=True)
        state = month_state([agreed], JUNE, at(DUE))[agreed.pk]
        assert counts(agreed) == {"due": 1, "submitted": 1, "accepted": 1}
        assert (state.accepted_id, state.live_id, state.live_status, state.revision) == (
            first.pk,
            draft.pk,
            "submitted",
            2,
        )


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        # Midnight in London is 23:00 UTC in July.
        (datetime(2024, 7, 12, 22, 59, tzinfo=UTC), False),
        (datetime(2024, 7, 12, 23, 0, tzinfo=UTC), True),
    ],
)
def test_late_is_late_where_the_contract_is(
    moment: datetime, late: bool, agreed: Contract, cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.vera):
        source = csv("SL-01,2024-06-01,98,100")
        import_figures(by=cast.vera, contract=agreed, source=source, submit=True, now=moment)
        state = month_state([agreed], JUNE, at(date(2024, 7, 20)))[agreed.pk]
        assert (state.submitted_at, state.was_late, state.last_due_on) == (moment, late, DUE)


def test_what_was_on_time_stays_on_time_when_it_is_returned(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    on_time, late = datetime(2024, 7, 10, 12, tzinfo=UTC), datetime(2024, 7, 30, 12, tzinfo=UTC)
    with scope_of(cast.aldermoor):
        sent = make.submission(agreed, JUNE, by=cast.vera, submitted_at=late)
        assert (first_sent_at(sent, sent.steps.all()), month_state([agreed], JUNE, at(LATE))[agreed.pk].was_late) == (
            late,
            True,
        )
        make.step(sent, by=cast.vera, at=on_time)
        make.step(sent, by=cast.marco, kind="returned", at=on_time + timedelta(days=15), reason="The total is missing.")
        make.step(sent, by=cast.vera, at=late)
        assert (first_sent_at(sent, sent.steps.all()), month_state([agreed], JUNE, at(LATE))[agreed.pk].was_late) == (
            on_time,
            False,
        )


def test_a_correction_is_not_late(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        for figure, reason, day in (("98,100", "", 10), ("97,100", "Counted twice", 30)):
            import_figures(
                by=None,
                contract=agreed,
                source=csv(f"SL-01,2024-06-01,{figure}"),
                reason=reason,
                accept=True,
                now=datetime(2024, 7, day, 12, tzinfo=UTC),
            )
        state = month_state([agreed], JUNE, at(LATE))[agreed.pk]
        assert (state.revision, state.submitted_at, state.was_late) == (2, datetime(2024, 7, 30, 12, tzinfo=UTC), False)


def test_no_figure_is_expected_before_the_first_terms(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        file = document(service_levels=[level(), level("SL-02", terms=[terms("2024-06-01")])])
        agreed = import_contract(by=None, source=text(file))
        assert (counts(agreed, APRIL), counts(agreed, JUNE)) == ({"late": 1}, {"due": 2})


def test_a_month_without_slots_has_no_state(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.marco):
        state = month_state([agreed], date(2030, 1, 1), at(DUE))[agreed.pk]
        assert (state.expected, state.state, state.was_late) == (0, "", False)
        assert month_state([], JUNE, at(DUE)) == {}


def test_others_contracts_are_not_seen(agreed: Contract, cast: Cast, scope_of: Scopes) -> None:
    for stranger in (cast.otto, cast.hana):
        with scope_of(stranger):
            assert month_state([agreed], JUNE, at(DUE))[agreed.pk].expected == 0


def test_one_statement_for_many_contracts(cast: Cast, scope_of: Scopes) -> None:
    made = []
    with scope_of(cast.aldermoor):
        for number in range(3):
            file = document()
            file["contract"]["reference"] = f"MSA-{number}"
            made.append(import_contract(by=None, source=text(file)))
            with CaptureQueriesContext(connection) as queries:
                states = month_state(made, JUNE, at(DUE))
            assert len(queries) == 1 and [state.expected for state in states.values()] == [2] * len(made)
