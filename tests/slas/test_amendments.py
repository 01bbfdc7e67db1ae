"""A file that adds to a contract amends it; one that would change what is judged already is refused, and nothing is written."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from contracts import contract_file
from contracts.actions import fields_of, update_contract
from contracts.contract_file import ContractFile
from contracts.models import Contract, Period, Reevaluation
from contracts.rules import FileRefused
from kras.models import Kra, KraWeight
from lib.errors import Conflict
from slas.actions import agree_contract, contract_changes, export_contract, import_contract
from slas.ending import shortened
from slas.models import Alignment, ServiceLevel, Terms
from tests.cast import Cast
from tests.slas.contract_texts import document, level, terms, text
from tests.slas.test_import import rows

Scopes = Callable[..., Any]
File = dict[str, Any]
TODAY = date(2025, 5, 20)


def take(file: File, today: date = TODAY) -> Contract:
    return import_contract(by=None, source=text(file), today=today)


def judged_up_to_date() -> None:
    Reevaluation.objects.update(from_on=None, judged_on=TODAY)


@pytest.fixture
def there(cast: Cast, scope_of: Scopes) -> Any:
    """The contract of `document()`, imported and judged; inside a scope of its client."""
    with scope_of(cast.aldermoor):
        take(document())
        judged_up_to_date()
        yield


def with_custom(*spans: tuple[str, str], first: str = "2024-05-01") -> File:
    periods = [{"starts_on": starts_on, "ends_on": ends_on} for starts_on, ends_on in spans]
    custom = level("SL-03", every="custom", periods=periods, terms=[terms(first)])
    return document(service_levels=[*document()["service_levels"], custom])


# What amends -----------------------------------------------------------------------------------------------------


def test_a_later_version_closes_the_open_one(there: None) -> None:
    file = document()
    file["kras"].append({"code": "CX", "name": "Satisfied", "weight": 40})
    take(file)
    judged_up_to_date()
    file["service_levels"][0]["terms"].append(terms("2025-07-01", weight=2, kras={"CX": 100}))
    changes = contract_changes(by=None, source=text(file), today=TODAY)
    assert [(change.path, change.was) for change in changes] == [("service_levels[0].terms[1]", None)]
    assert changes[0].becomes["weight"] == "2"
    contract = take(file)
    versions = list(Terms.objects.filter(service_level__code="SL-01").values_list("version", "valid"))
    assert [(version, valid.lower, valid.upper) for version, valid in versions] == [
        (1, date(2024, 4, 1), date(2025, 7, 1)),
        (2, date(2025, 7, 1), None),
    ]
    assert Terms.objects.get(service_level__code="SL-02").valid.upper is None
    served = Alignment.objects.filter(service_level__code="SL-01").order_by("from_on")
    assert list(served.values_list("kra__code", "from_on")) == [("REL", date(2024, 4, 1)), ("CX", date(2025, 7, 1))]
    assert contract.version == 3 and Reevaluation.objects.get().from_on == date(2025, 7, 1)


def test_an_earlier_entry_of_the_docket_stays(there: None) -> None:
    Reevaluation.objects.update(from_on=date(2024, 6, 1))
    file = document()
    file["service_levels"][0]["terms"].append(terms("2025-07-01"))
    take(file)
    assert Reevaluation.objects.get().from_on == date(2024, 6, 1)


def test_names_may_change_and_nothing_is_judged_again(there: None) -> None:
    file = document()
    file["contract"]["title"] = "Service desk and field support"
    file["kras"][0] |= {"name": "Reliable", "objective": "Nobody waits."}
    file["service_levels"][0]["name"] = "Incidents resolved in time"
    file["service_levels"].reverse()
    changed = {change.path: (change.was, change.becomes) for change in contract_changes(by=None, source=text(file))}
    assert changed["contract.title"] == ("Service desk", "Service desk and field support")
    assert set(changed) == {"contract.title", "kras[0].name", "kras[0].objective", "service_levels[1].name"}
    contract = Contract.objects.get(pk=take(file).pk)
    assert (contract.title, contract.version) == ("Service desk and field support", 2)
    assert Kra.objects.get().objective == "Nobody waits."
    assert [one.code for one in ServiceLevel.objects.all()] == ["SL-02", "SL-01"]
    assert Reevaluation.objects.get().from_on is None
    exported = export_contract(by=None, contract=contract)
    assert contract_file.read(contract_file.write(exported)) == contract_file.read(text(file))


def test_a_weight_from_a_later_day_is_added(there: None) -> None:
    file = document()
    file["kras"][0]["weight"] = [{"from": "2024-04-01", "weight": "60.0"}, {"from": "2025-04-01", "weight": 80}]
    assert contract_changes(by=None, source=text(file))[0].becomes == {"from": "2025-04-01", "weight": "80"}
    take(file)
    weights = [(date(2024, 4, 1), 60), (date(2025, 4, 1), 80)]
    assert list(KraWeight.objects.values_list("from_on", "weight")) == weights
    assert Reevaluation.objects.get().from_on == date(2025, 4, 1)


def test_a_service_level_with_its_own_periods_is_added(there: None) -> None:
    take(with_custom(("2024-05-01", "2024-06-15")))
    assert Period.objects.filter(cycle="custom:SL-03").count() == 1
    assert Reevaluation.objects.get().from_on == date(2024, 5, 1)
    judged_up_to_date()
    take(with_custom(("2024-05-01", "2024-06-15"), ("2025-01-01", "2025-02-10")))
    assert Period.objects.filter(cycle="custom:SL-03").count() == 2
    assert Reevaluation.objects.get().from_on == date(2025, 1, 1)


def test_a_kra_is_added(there: None) -> None:
    file = document()
    file["kras"].append({"code": "CX", "name": "Satisfied", "weight": [{"from": "2025-01-01", "weight": 40}]})
    take(file)
    assert KraWeight.objects.get(kra__code="CX").from_on == Reevaluation.objects.get().from_on == date(2025, 1, 1)


def test_charges_of_further_months_are_added(cast: Cast, scope_of: Scopes) -> None:
    file = document()
    file["contract"]["charges"] = {"months": {"2024-04": "100.00"}}
    more = deepcopy(file)
    more["contract"]["charges"]["months"] = {"2025-08": "70.00", "2024-04": "100"}
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        changes = contract_changes(by=None, source=text(more))
        assert changes == [("contract.charges.months.2025-08", None, "70.00", date(2025, 8, 1))]
        assert take(more).charges[0]["months"]["2025-08"] == "70.00"
        assert Reevaluation.objects.get().from_on == date(2025, 8, 1)


@pytest.mark.parametrize(
    "credits",
    [
        {"point": {"amount": "5"}, "caps": [{"percent_of": "charges", "value": 10, "over": "contract_year"}]},
        {"point": {"amount": "5"}, "earn_back": {"yearly_average": True}},
    ],
)
def test_what_is_counted_over_a_contract_year_is_judged_from_its_first_month(
    credits: dict[str, Any], cast: Cast, scope_of: Scopes
) -> None:
    file = document(credits=credits)
    file["contract"]["charges"] = {"months": {"2024-04": "100.00"}}
    more = deepcopy(file)
    more["contract"]["charges"]["months"]["2026-02"] = "70.00"
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        take(more)
        assert Reevaluation.objects.get().from_on == date(2025, 4, 1)


def test_a_later_last_day_adds_periods(there: None) -> None:
    file = document()
    file["contract"]["ends_on"] = "2026-06-30"
    assert contract_changes(by=None, source=text(file)) == [
        ("contract.ends_on", "2026-03-31", "2026-06-30", date(2026, 4, 1))
    ]
    contract = take(file, today=date(2026, 5, 1))
    assert contract.ends_on == date(2026, 6, 30)
    assert Period.objects.filter(cycle="month").count() == 27
    assert Period.objects.filter(cycle="quarter").count() == 9
    assert Reevaluation.objects.get().from_on == date(2026, 3, 1)


def test_a_later_last_day_lengthens_the_period_that_it_cut(cast: Cast, scope_of: Scopes) -> None:
    file, longer = document(), document()
    file["contract"]["ends_on"], longer["contract"]["ends_on"] = "2025-05-20", "2025-08-31"
    with scope_of(cast.aldermoor):
        take(file)
        judged_up_to_date()
        before = dict(Period.objects.values_list("pk", "ends_on"))
        take(longer, today=date(2025, 5, 20))
        after = dict(Period.objects.values_list("pk", "ends_on"))
        assert before.keys() < after.keys()
        assert sorted(after[pk] for pk in before if after[pk] != before[pk]) == [date(2025, 5, 31), date(2025, 6, 30)]
        quarter = Period.objects.get(cycle="quarter", starts_on=date(2025, 4, 1))
        assert (quarter.month, quarter.due_on, quarter.minutes) == (date(2025, 6, 1), date(2025, 7, 14), 91 * 1440)
        assert Reevaluation.objects.get().from_on == date(2025, 4, 1)


def test_an_earlier_last_day_takes_away_what_was_to_begin_after_it(cast: Cast, scope_of: Scopes) -> None:
    file = with_custom(("2024-05-01", "2025-06-15"), ("2025-06-16", "2025-12-31"))
    file["service_levels"][0]["terms"].append(terms("2025-07-01", kras={"REL": 50}))
    file["service_levels"][1]["ends_on"] = "2025-12-31"
    file["service_levels"].append(level("SL-04", terms=[terms("2025-10-01")]))
    file["contract"]["charges"] = [{"monthly": "100.00"}, {"from": "2025-10-01", "monthly": "110.00"}]
    last = date(2025, 6, 20)
    ended, _ = shortened(contract_file.read(text(file)).document(), last)
    with scope_of(cast.aldermoor):
        contract = take(file)
        judged_up_to_date()
        before = rows()
        with pytest.raises(FileRefused, match="what has been judged stands"):
            take(shortened(file, date(2025, 5, 19))[0])
        assert rows() == before
        changes = contract_changes(by=None, source=text(ended), today=TODAY)
        paths = {"contract.ends_on", "contract.charges[1]", "service_levels[0].terms[1]", "service_levels[3]"}
        assert {change.path for change in changes} == paths
        assert {change.day for change in changes} == {date(2025, 6, 21)}
        take(ended)
        contract.refresh_from_db()
        assert (contract.ends_on, len(contract.charges)) == (last, 1)
        assert not Period.objects.filter(ends_on__gt=last).exists()
        cut = Period.objects.filter(ends_on=last).order_by("cycle", "starts_on")
        assert [(one.cycle, one.starts_on) for one in cut] == [
            ("custom:SL-03", date(2025, 6, 16)),
            ("month", date(2025, 6, 1)),
            ("quarter", date(2025, 4, 1)),
        ]
        assert [one.code for one in contract.service_levels.all()] == ["SL-01", "SL-02", "SL-03"]
        assert not Terms.objects.filter(valid__startswith__gt=last).exists()
        assert not Alignment.objects.filter(from_on__gt=last).exists()
        assert Reevaluation.objects.get().from_on == date(2025, 4, 1)
        assert take(ended).version == contract.version  # nothing new the second time
        longer = contract_file.read(text(export_contract(by=None, contract=contract))).document()
        longer["contract"]["ends_on"] = "2026-03-31"
        take(longer, today=last)
        assert Period.objects.get(cycle="quarter", starts_on=date(2025, 4, 1)).ends_on == date(2025, 6, 30)


def test_as_many_statements_for_many_changes_as_for_one(cast: Cast, scope_of: Scopes) -> None:
    counts = []
    with scope_of(cast.aldermoor):
        for number in (1, 3, 30):
            file = document(service_levels=[level(f"SL-{n:02}") for n in range(number)])
            file["contract"]["reference"] = f"MSA-{number}"
            take(file)
            for one in file["service_levels"]:
                one["name"] += "!"
                one["terms"].append(terms("2025-07-01", kras={"REL": 1}))
            with CaptureQueriesContext(connection) as queries:
                take(file)
            counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_two_who_amend_at_once_do_not_both_win(there: None) -> None:
    file = document()
    file["contract"]["title"] = "Somebody else was here"
    stale = Contract.objects.get()
    take(file)
    stale_file = contract_file.read(text(document()))
    with pytest.raises(Conflict):
        update_contract(stale, stale_file)
    with pytest.raises(Conflict, match="agreed this contract"):
        agree_contract(stale, source=text(document()), version=stale.version)
    assert Contract.objects.get().title == "Somebody else was here"


def test_an_import_that_another_overtakes_is_a_conflict(cast: Cast, scope_of: Scopes) -> None:
    """The other's row comes into being between the look and the insertion."""
    file, done = contract_file.read(text(document())), []

    def overtake(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "contracts_contract"') and not done:
            done.append(True)
            Contract.objects.create(vendor=cast.corvid, **fields_of(file))
        return execute(sql, *rest)

    with scope_of(cast.aldermoor):
        with connection.execute_wrapper(overtake), pytest.raises(Conflict, match="same moment"):
            import_contract(by=None, source=file)
        assert not Contract.objects.exists()


def test_what_no_check_of_the_file_caught_is_an_error_and_not_a_conflict(cast: Cast, scope_of: Scopes) -> None:
    wrong = contract_file.read(text(document())).document()
    wrong["contract"]["ends_on"] = "2024-03-31"
    with scope_of(cast.aldermoor):
        with pytest.raises(IntegrityError, match="contract_term"):
            import_contract(by=None, source=ContractFile.model_validate(wrong))
        assert not Contract.objects.exists()


# What is refused -------------------------------------------------------------------------------------------------


def changed(path: tuple[Any, ...], value: Any) -> Callable[[File], None]:
    def change(file: File) -> None:
        place: Any = file
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return change


SL = ("service_levels", 0)
REFUSED = {
    "vendor": (changed(("contract", "vendor", "code"), "HALDEN"), "contract.vendor.code"),
    "starts earlier": (changed(("contract", "starts_on"), "2024-01-01"), "contract.starts_on"),
    "ends before today": (changed(("contract", "ends_on"), "2025-05-19"), "contract.ends_on"),
    "currency": (changed(("contract", "currency"), "EUR"), "contract.currency"),
    "time zone": (changed(("contract", "timezone"), "Europe/Paris"), "contract.timezone"),
    "calendar": (changed(("contract", "calendar", "holidays"), "GB-SCT"), "contract.calendar"),
    "due day": (changed(("contract", "report_due"), 5), "contract.report_due"),
    "charges": (changed(("contract", "charges"), {"monthly": "1.00"}), "contract.charges"),
    "charges by month": (changed(("contract", "charges"), {"months": {"2024-04": "1.00"}}), "contract.charges"),
    "KRA weight": (changed(("kras", 0, "weight"), 61), "kras[0].weight"),
    "KRA weight from earlier": (
        changed(("kras", 0, "weight"), [{"from": "2024-03-01", "weight": 60}, {"from": "2024-04-01", "weight": 60}]),
        "kras[0].weight",
    ),
    "cycle": (changed((*SL, "every"), "quarter"), "service_levels[0].every"),
    "measure": (changed((*SL, "measure", "scale"), 10), "service_levels[0].measure"),
    "alignment": (changed((*SL, "kras", "REL"), 50), "service_levels[0].kras"),
    "bands": (
        changed((*SL, "terms", 0, "bands", 0), {"name": "Target", "at": 96, "outcome": "met", "score": 100}),
        "service_levels[0].terms[0].bands",
    ),
    "repeat": (changed((*SL, "terms", 0, "repeat"), [1, 2]), "service_levels[0].terms[0].repeat"),
    "another first version": (changed((*SL, "terms", 0, "from"), "2024-05-01"), "service_levels[0].terms"),
    "level away": (changed(SL, None), "service_levels"),
    "credits": (changed(("credits",), {"point": {"amount": "5"}}), "credits"),
    "rules": (
        changed(("rules",), [{"name": "R", "over": "contract", "count": "points", "at_least": 1, "then": "notify"}]),
        "rules[0].from",
    ),
    "scorecard": (changed(("scorecard",), {"missing": "zero"}), "scorecard"),
}


@pytest.mark.parametrize(("change", "path"), REFUSED.values(), ids=REFUSED)
def test_what_would_change_past_judgement_is_refused(change: Callable[[File], None], path: str, there: None) -> None:
    file = document()
    change(file)
    before = rows()
    for action in (take, lambda one: contract_changes(by=None, source=text(one))):
        with pytest.raises(FileRefused) as refused:
            action(file)
        assert refused.value.problems[0].path == path
        assert all(";" in problem.message for problem in refused.value.problems)  # what to do stands behind it
    assert rows() == before


def test_a_version_cannot_be_slipped_in_before_the_last(there: None) -> None:
    file = document()
    file["service_levels"][0]["terms"].append(terms("2025-07-01"))
    take(file)
    file["service_levels"][0]["terms"].insert(1, terms("2025-01-01"))
    with pytest.raises(FileRefused, match=r"terms\[1\].from: 2025-01-01 is before the last version .*later `from`"):
        take(file)


def test_a_kra_cannot_be_taken_away(there: None) -> None:
    file = document()
    file["kras"].append({"code": "CX", "name": "Satisfied", "weight": 40})
    take(file)
    with pytest.raises(FileRefused, match="`CX` is missing"):
        take(document())


def test_a_month_of_charges_cannot_change(cast: Cast, scope_of: Scopes) -> None:
    file = document()
    file["contract"]["charges"] = {"months": {"2024-04": "100.00", "2024-05": "100.00"}}
    other = deepcopy(file)
    other["contract"]["charges"]["months"] = {"2024-04": "90.00"}
    with scope_of(cast.aldermoor):
        take(file)
        with pytest.raises(FileRefused) as refused:
            take(other)
    paths = [problem.path for problem in refused.value.problems]
    assert paths == ["contract.charges.months.2024-04", "contract.charges.months.2024-05"]


def test_periods_of_a_service_level_can_only_be_added(there: None) -> None:
    take(with_custom(("2024-05-01", "2024-06-15")))
    with pytest.raises(FileRefused, match=r"service_levels\[2\].periods: the period 2024-05-01/2024-06-15 is missing"):
        take(with_custom(("2024-05-01", "2024-06-16")))


def test_a_period_that_is_over_does_not_become_longer(cast: Cast, scope_of: Scopes) -> None:
    file, longer = document(), document()
    file["contract"]["ends_on"], longer["contract"]["ends_on"] = "2025-05-20", "2025-08-31"
    with scope_of(cast.aldermoor):
        take(file)
        before = rows()
        with pytest.raises(FileRefused, match=r"contract\.ends_on: would make the period 2025-05 longer"):
            take(longer, today=date(2025, 5, 21))
        assert rows() == before
