"""What is stored of a month's reporting is what its slots say one by one, whatever was done and whatever day it is."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from contracts.models import Contract, Period
from lib.errors import Refused
from lib.months import after
from measurements.actions import accept, import_figures, return_, start_correction, submit, withdraw
from measurements.models import Figure, ReportedPeriod, Submission
from measurements.querysets import STATES, month_states
from measurements.rules import Status
from slas.actions import import_contract
from slas.models import Terms
from tests.cast import Cast
from tests.slas.contract_texts import document, level, terms, text

MONTHS = [after(date(2024, 4, 1), n) for n in range(6)]
# Before anything ended, the last day of a period and the day after it, due days and the days after them, and long after.
DAYS = [
    date(2024, 4, 2),
    date(2024, 4, 30),
    date(2024, 5, 1),
    date(2024, 5, 15),
    date(2024, 5, 16),
    date(2024, 6, 30),
    date(2024, 7, 12),
]
DAYS += [date(2024, 7, 13), date(2025, 1, 1)]
LEVELS = [
    level(),
    level("SL-02", every="quarter"),
    level("SL-03", every="week"),
    level("SL-04", terms=[terms("2024-06-01")]),
]


Slot = tuple[Period, set[str]]


def slots_of(of: Contract) -> list[Slot]:
    """Every service level in every period for which it has terms, and the statuses of the submissions that have figures for it."""
    found = []
    for one in of.service_levels.all():
        versions = list(Terms.objects.filter(service_level=one))
        for period in Period.objects.filter(contract=of, cycle=one.cycle, month__in=MONTHS):
            if any(period.starts_on in version.valid for version in versions):
                held = Figure.objects.filter(service_level=one, period=period).select_related("submission")
                found.append((period, {figure.submission.status for figure in held} - {Status.SUPERSEDED}))
    return found


def slot_by_slot(slots: list[Slot], month: date, today: date) -> Counter[str]:
    """How many slots of a month are in which state."""
    counts: Counter[str] = Counter()
    for period, statuses in slots:
        if period.month != month:
            continue
        said = statuses - {Status.DRAFT}
        if said:
            counts["accepted" if Status.ACCEPTED in said else said.pop()] += 1
        else:
            counts["not_due" if period.ends_on >= today else "due" if period.due_on >= today else "late"] += 1
            counts["drafted"] += bool(statuses)
    return counts


def compare(contracts: list[Contract]) -> Counter[str]:
    """Of every month on every day; returns how many slots were seen in which state, so that a test can say it saw them."""
    slots, seen = {one.pk: slots_of(one) for one in contracts}, Counter[str]()
    for today in DAYS:
        states = month_states(contracts, MONTHS, datetime.combine(today, time(12), UTC))
        for (pk, month), state in states.items():
            stored = Counter(state.counts | {"drafted": state.drafted})
            expected = slot_by_slot(slots[pk], month, today)
            assert stored == expected, (pk, month, today)
            seen += expected
    return seen


def rows(rng: random.Random, of: Contract) -> bytes:
    """Figures of a few slots of one month, some by parts."""
    month = rng.choice(MONTHS)
    slots = [
        (one.code, period.starts_on)
        for one in of.service_levels.all()
        for period in Period.objects.filter(contract=of, month=month, cycle=one.cycle)
        if one.terms.filter(valid__contains=period.starts_on).exists()
    ]
    lines = ["service_level,period,part,numerator,denominator"]
    for code, starts_on in rng.sample(slots, rng.randint(1, len(slots))):
        lines += [
            f"{code},{starts_on},{part},{rng.randint(50, 99)},100" for part in rng.choice([[""], ["Leeds", "York"]])
        ]
    return "\n".join(lines).encode()


def step(rng: random.Random, cast: Cast, of: Contract) -> None:
    """Do one of the things that can be done with what is there. What is refused changed nothing."""
    source, submit_it = rows(rng, of), rng.random() < 0.4
    can: list[Callable[[], object]] = [
        lambda: import_figures(by=None, contract=of, source=source, reason="Counted again", submit=submit_it)
    ]
    for one in Submission.objects.filter(contract=of).exclude(status=Status.SUPERSEDED):
        can += {
            Status.DRAFT: [partial(submit, by=None, submission=one, note="As agreed")],
            Status.RETURNED: [partial(submit, by=None, submission=one, note="As agreed")],
            Status.SUBMITTED: [
                *[partial(accept, by=cast.marco, submission=one)] * 2,
                partial(return_, by=cast.marco, submission=one, reason="A total is missing."),
                partial(withdraw, by=None, submission=one),
            ],
            Status.ACCEPTED: [partial(start_correction, by=None, contract=of, month=one.month, reason="Counted twice")],
        }[Status(one.status)]
    with suppress(Refused):
        rng.choice(can)()


def test_stored_states_are_what_the_slots_say(cast: Cast, scope_of: Callable[..., Any]) -> None:
    rng, seen = random.Random(7), Counter[str]()
    with scope_of(cast.aldermoor):
        for number in range(6):
            file = document(service_levels=LEVELS)
            file["contract"]["reference"] = f"MSA-{number}"
            made = import_contract(by=None, source=text(file))
            for _ in range(30):
                step(rng, cast, made)
            seen += compare([made])
    assert set(seen) == {*STATES, "drafted"}


def test_an_amendment_counts_again(cast: Cast, scope_of: Callable[..., Any]) -> None:
    with scope_of(cast.aldermoor):
        agreed = import_contract(by=None, source=text(document()))
        import_figures(by=None, contract=agreed, source=rows(random.Random(1), agreed), accept=True)
        compare([agreed])
        file = document(
            service_levels=[level(), level("SL-02", every="quarter"), level("SL-03", terms=[terms("2024-07-01")])]
        )
        amended = import_contract(by=None, source=text(file), today=date(2024, 6, 30))
        assert set(Period.objects.filter(month=date(2024, 9, 1)).values_list("cycle", "slots")) == {
            ("month", 2),
            ("quarter", 1),
        }
        assert set(Period.objects.filter(month=date(2024, 6, 1)).values_list("cycle", "slots")) == {
            ("month", 1),
            ("quarter", 1),
        }
        compare([amended])


def test_a_figure_that_loses_its_parts_still_counts_once(cast: Cast, scope_of: Callable[..., Any]) -> None:
    head = "service_level,period,part,numerator,denominator\n"
    with scope_of(cast.aldermoor):
        agreed = import_contract(by=None, source=text(document()))
        for parts in (["Leeds", "York"], [""], ["York"]):
            lines = "\n".join(f"SL-01,2024-04-01,{part},98,100" for part in parts)
            import_figures(by=None, contract=agreed, source=(head + lines).encode())
            assert list(ReportedPeriod.objects.values_list("slots", flat=True)) == [1]


def test_months_and_contracts_are_one_statement(
    cast: Cast, scope_of: Callable[..., Any], django_assert_num_queries: Callable[..., Any]
) -> None:
    with scope_of(cast.aldermoor):
        made = []
        for number in range(3):
            file = document()
            file["contract"]["reference"] = f"MSA-{number}"
            made.append(import_contract(by=None, source=text(file)))
            with django_assert_num_queries(1):
                month_states(made, MONTHS[: number + 1], datetime.now(UTC) + timedelta(days=number))
