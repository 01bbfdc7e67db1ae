"""What of a contract is dated is amended by versions that begin later, and by last days; what was judged before stays."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts import contract_file
from contracts.models import Contract, Period, Reevaluation
from contracts.rules import FileRefused
from evaluation.models import Month, Result
from kras.models import Kra
from measurements.models import Figure
from slas.actions import contract_changes, export_contract
from slas.ending import shortened
from slas.models import ServiceLevel, Terms
from tests.cast import Cast
from tests.evaluation.stored import judgement, report, tick
from tests.factories import disputes, measurements
from tests.slas.contract_texts import document, level, terms, text
from tests.slas.test_amendments import TODAY, File, Scopes, judged_up_to_date, take
from tests.slas.test_import import rows

RULE = {"name": "R", "over": "contract", "count": "points", "at_least": 1, "then": "notify"}


def set_in(file: File, path: tuple[Any, ...], value: Any) -> File:
    """A copy of a file with a value elsewhere."""
    file = deepcopy(file)
    place: Any = file
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return file


def first_of(file: File, path: tuple[Any, ...]) -> Any:
    place: Any = file
    for step in path:
        place = place[step]
    return place


ADDED = {
    "charges": (("contract", "charges"), {"monthly": "106000.00"}, date(2025, 6, 1)),
    "credits": (("credits",), {"point": {"amount": "6"}}, date(2025, 6, 1)),
    "scorecard": (("scorecard",), {"missing": "zero"}, date(2025, 6, 1)),
    # The quarter that ends in June has another due day, and it begins in April.
    "calendar": (("contract", "calendar"), {"hours": "08:00-12:00"}, date(2025, 4, 1)),
}


def with_everything() -> File:
    return document(credits={"point": {"amount": "5"}}, scorecard={"missing": "exclude"}, rules=[RULE])


@pytest.mark.parametrize(("path", "version", "judged_from"), ADDED.values(), ids=ADDED)
def test_a_version_is_added_to_a_part_that_was_written_once(
    path: tuple[Any, ...], version: File, judged_from: date, cast: Any, scope_of: Scopes
) -> None:
    file = with_everything()
    later = {"from": "2025-06-01", **version}
    more = set_in(file, path, [first_of(file, path), later])
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        [change] = contract_changes(by=None, source=text(more), today=TODAY)
        where = ".".join(path) + "[1]"
        assert (change.path, change.was, change.becomes["from"]) == (where, None, "2025-06-01")
        contract = Contract.objects.get(pk=take(more).pk)
        versions = getattr(contract, path[-1])
        assert [one["from"] for one in versions] == ["2024-04-01", "2025-06-01"]
        assert Reevaluation.objects.get().from_on == judged_from
        exported = export_contract(by=None, contract=contract)
        assert contract_file.read(contract_file.write(exported)) == contract_file.read(text(more))
        assert contract_changes(by=None, source=contract_file.write(exported), today=TODAY) == []


def test_another_due_day_moves_the_periods_that_end_later(cast: Any, scope_of: Scopes) -> None:
    file = with_everything()
    more = set_in(file, ("contract", "report_due"), [{"days": 10}, {"from": "2025-06-01", "days": 1}])
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        before = dict(Period.objects.values_list("pk", "due_on"))
        take(more)
        moved = Period.objects.filter(
            pk__in=[pk for pk, due in Period.objects.values_list("pk", "due_on") if before[pk] != due]
        )
        assert min(moved.values_list("ends_on", flat=True)) == date(2025, 6, 30)
        assert Period.objects.get(cycle="month", starts_on=date(2025, 6, 1)).due_on == date(2025, 7, 1)
        assert Period.objects.count() == len(before)
        assert Reevaluation.objects.get().from_on == date(2025, 4, 1)


def test_what_is_counted_over_a_year_is_judged_from_its_first_month(cast: Any, scope_of: Scopes) -> None:
    yearly = {"point": {"amount": "5"}, "caps": [{"percent_of": "charges", "value": 5, "over": "contract_year"}]}
    file = document(credits=yearly)
    more = set_in(file, ("credits",), [yearly, {"from": "2025-08-01", "point": {"amount": "6"}}])
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        take(more)
        assert Reevaluation.objects.get().from_on == date(2025, 4, 1)


def test_credits_begin_later_where_there_were_none(cast: Any, scope_of: Scopes) -> None:
    later = {"from": "2025-06-01", "point": {"amount": "6"}}
    with scope_of(cast.aldermoor):
        take(document())
        judged_up_to_date()
        with pytest.raises(FileRefused, match=r"credits: differs .* begin with a version of `point: {amount: 0}`"):
            take(document(credits={"point": {"amount": "6"}}))
        take(document(credits=[{"point": {"amount": 0}}, later]))
        assert Reevaluation.objects.get().from_on == date(2024, 4, 1)
        assert Contract.objects.get().in_force(date(2025, 6, 15)).credits["point"]["amount"] == "6"


def test_rules_are_added_from_a_day_on_and_ended(cast: Any, scope_of: Scopes) -> None:
    file = with_everything()
    more = set_in(
        file,
        ("rules",),
        [RULE | {"until": "2025-05-31", "expires_after": 30}, RULE | {"name": "S", "from": "2025-06-01"}],
    )
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        changes = contract_changes(by=None, source=text(more), today=TODAY)
        assert [(one.path, one.was) for one in changes] == [
            ("rules[0].until", None),
            ("rules[0].expires_after", None),
            ("rules[1]", None),
        ]
        contract = Contract.objects.get(pk=take(more).pk)
        assert [(rule["name"], rule["from"], rule["until"]) for rule in contract.rules] == [
            ("R", None, "2025-05-31"),
            ("S", "2025-06-01", None),
        ]
        assert Reevaluation.objects.get().from_on == date(2025, 6, 1)


def test_a_kra_and_a_service_level_end(cast: Any, scope_of: Scopes) -> None:
    file = with_everything()
    more = set_in(file, ("kras", 0, "ends_on"), "2025-06-30")
    more = set_in(more, ("service_levels", 0, "ends_on"), "2025-07-31")
    more = set_in(more, ("service_levels", 0, "metric"), "ITSM-04")
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        contract = take(more)
        ended = ServiceLevel.objects.get(code="SL-01")
        assert (Kra.objects.get().ends_on, ended.ends_on, ended.metric) == (
            date(2025, 6, 30),
            date(2025, 7, 31),
            "ITSM-04",
        )
        assert Terms.objects.get(service_level=ended).valid.upper == date(2025, 8, 1)
        assert Reevaluation.objects.get().from_on == date(2025, 7, 1)
        exported = export_contract(by=None, contract=Contract.objects.get(pk=contract.pk))
        assert contract_file.read(contract_file.write(exported)) == contract_file.read(text(more))
        take(set_in(more, ("service_levels", 0), file["service_levels"][0]))  # and goes on after all
        assert Terms.objects.get(service_level=ended).valid.upper is None


def test_what_no_month_is_judged_by_may_change(cast: Any, scope_of: Scopes) -> None:
    file = with_everything()
    keys = {
        "accept_after": 10,
        "submit_early": True,
        "dispute_within": 12,
        "answer_within": 5,
        "verify_after": 3,
        "claim_within": 60,
    }
    more = set_in(file, ("contract",), file["contract"] | keys)
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        assert [one.path for one in contract_changes(by=None, source=text(more))] == [f"contract.{key}" for key in keys]
        contract = Contract.objects.get(pk=take(more).pk)
        assert {key: getattr(contract, key) for key in keys} == keys
        assert Reevaluation.objects.get().from_on is None


LATER = {"from": "2025-06-01", "monthly": "1"}
REFUSED = {
    "a version before the last": (
        lambda file: set_in(file, ("contract", "charges"), [{"monthly": "1"}, {"from": "2025-01-01", "monthly": "2"}]),
        "contract.charges[0]",
    ),
    "a version away": (lambda file: set_in(file, ("credits",), None), "credits"),
    "a rule without a day": (lambda file: set_in(file, ("rules",), [RULE, RULE | {"name": "S"}]), "rules[1].from"),
    "a rule away": (lambda file: set_in(file, ("rules",), []), "rules"),
    "what a rule counts": (lambda file: set_in(file, ("rules", 0, "at_least"), 2), "rules[0].at_least"),
    "a level that ends before today": (
        lambda file: set_in(file, ("service_levels", 0, "ends_on"), "2025-04-30"),
        "service_levels[0].ends_on",
    ),
}


@pytest.mark.parametrize(("change", "path"), REFUSED.values(), ids=REFUSED)
def test_what_would_change_past_judgement_is_refused(
    change: Callable[[File], File], path: str, cast: Any, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        take(with_everything())
        before = rows()
        with pytest.raises(FileRefused) as refused:
            take(change(with_everything()))
        assert [problem.path for problem in refused.value.problems] == [path]
        assert ";" in refused.value.problems[0].message
        assert rows() == before


def test_months_before_a_version_stay_as_they_were_judged(cast: Any, scope_of: Scopes) -> None:
    """A point is worth 5, and 50 from June on: April and May keep their credit, June has its own."""
    figures = [
        {"service_level": "SL-01", "period": f"2025-{month:02}", "numerator": "90", "denominator": "100"}
        for month in (4, 5, 6)
    ]
    file = document(service_levels=[level(terms=[terms("2025-04-01")])], credits={"point": {"amount": "5"}})
    more = set_in(file, ("credits",), [file["credits"], {"from": "2025-06-01", "point": {"amount": "50"}}])
    with scope_of(cast.aldermoor):
        contract = take(file)
        report(contract, file, figures, datetime(2025, 7, 10, tzinfo=UTC))
        tick(datetime(2025, 7, 20, tzinfo=UTC))
        before = judgement(contract)
        take(more)
        tick(datetime(2025, 7, 20, tzinfo=UTC))
        after = judgement(contract)
        june = date(2025, 6, 1)
        assert {month: row for month, row in after["months"].items() if month < june} == {
            month: row for month, row in before["months"].items() if month < june
        }
        assert after["results"] == before["results"] and Result.objects.filter(revision=2).count() == 0
        assert Month.objects.get(month=june).credit == 10 * before["months"][june]["credit"] == 50


ON_RECORD = {
    "relief": lambda level, period: disputes.granted_relief(level, period),
    "a figure": lambda level, period: measurements.figure(
        measurements.submission(level.contract, period.starts_on), level, period
    ),
}


@pytest.mark.parametrize("put", ON_RECORD.values(), ids=ON_RECORD)
def test_an_earlier_last_day_takes_away_nothing_that_is_on_record(
    put: Callable[[ServiceLevel, Period], object], cast: Cast, scope_of: Scopes
) -> None:
    with scope_of(cast.aldermoor):
        contract = take(document())
        july = Period.objects.get(cycle="month", starts_on=date(2025, 7, 1))
        put(contract.service_levels.get(code="SL-01"), july)
        before = rows(), Figure.objects.count()
        with pytest.raises(FileRefused, match="2025-06-20 is too early by now"):
            take(shortened(document(), date(2025, 6, 20))[0])
        assert (rows(), Figure.objects.count()) == before
