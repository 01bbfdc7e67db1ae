"""A contract file becomes rows, and the rows become the file again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from contracts import contract_file
from contracts.contract_file import ContractFile
from contracts.models import Contract, Period, Reevaluation
from contracts.rules import FileRefused
from demo.figures import contract_files
from kras.models import Kra, KraWeight
from lib.errors import Conflict, NotAllowed
from organisations.models import Vendor
from slas.actions import contract_changes, export_contract, import_contract
from slas.models import Alignment, ServiceLevel, Terms
from tests.cast import Cast
from tests.slas.contract_texts import document, level, terms, text

MODELS = (Contract, Period, Reevaluation, Kra, KraWeight, ServiceLevel, Terms, Alignment, Vendor)
Scopes = Callable[..., Any]


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that an import can write."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in MODELS}


def test_a_contract_and_everything_in_it_is_written(cast: Cast, scope_of: Scopes) -> None:
    file = document()
    file["kras"] = [
        {
            "code": "REL",
            "name": "Reliable",
            "weight": [{"from": "2024-04-01", "weight": 60}, {"from": "2025-04-01", "weight": 70}],
        }
    ]
    file["kras"].append({"code": "CX", "name": "Satisfied", "objective": "People are glad.", "weight": 40})
    later = terms("2024-10-01", kras={"REL": 50, "CX": 30})
    file["service_levels"][0]["terms"].append(later)
    with scope_of(cast.petra):
        contract = import_contract(by=cast.petra, source=text(file))
        assert contract.vendor == cast.corvid
        assert (contract.starts_on, contract.ends_on, contract.minor_unit, contract.version) == (
            date(2024, 4, 1),
            date(2026, 3, 31),
            2,
            1,
        )
        first = {"from": "2024-04-01"}
        assert contract.charges == [first | {"monthly": "100000.00"}]
        assert contract.calendar[0] == first | {
            "holidays": "GB-ENG",
            "weekdays": ["mon", "tue", "wed", "thu", "fri"],
            "hours": "09:00-17:00",
        }
        assert (contract.report_due, contract.credits, contract.rules) == ([first | {"days": 10}], [], [])
        assert contract.scorecard == [first | {"missing": "exclude", "minimum_coverage": "0", "grades": []}]
        weights = KraWeight.objects.order_by("kra__position", "from_on").values_list("kra__code", "from_on", "weight")
        assert list(weights) == [
            ("REL", date(2024, 4, 1), 60),
            ("REL", date(2025, 4, 1), 70),
            ("CX", date(2024, 4, 1), 40),
        ]
        levels = list(contract.service_levels.values_list("code", "cycle", "position"))
        assert levels == [("SL-01", "month", 0), ("SL-02", "quarter", 1)]
        assert contract.service_levels.get(code="SL-01").measure["scale"] == "100"
        versions = Terms.objects.filter(service_level__code="SL-01")
        assert [(one.version, one.valid.lower, one.valid.upper) for one in versions] == [
            (1, date(2024, 4, 1), date(2024, 10, 1)),
            (2, date(2024, 10, 1), None),
        ]
        assert "scoring" not in versions[1].document and versions[1].full["scoring"] == "step"
        served = Alignment.objects.filter(service_level__code="SL-01").order_by("from_on", "kra__position")
        assert list(served.values_list("kra__code", "from_on", "weight")) == [
            ("REL", date(2024, 4, 1), 100),
            ("REL", date(2024, 10, 1), 50),
            ("CX", date(2024, 10, 1), 30),
        ]
        assert Reevaluation.objects.get().from_on == date(2024, 4, 1)


def test_periods_cover_the_whole_term(cast: Cast, scope_of: Scopes) -> None:
    custom = level("SL-03", every="custom", periods=[{"starts_on": "2024-05-01", "ends_on": "2024-06-15"}])
    custom["terms"] = [terms("2024-05-01")]
    with scope_of(cast.petra):
        contract = import_contract(
            by=cast.petra, source=text(document(service_levels=[*document()["service_levels"], custom]))
        )
        periods = Period.objects.filter(contract=contract)
        assert periods.filter(cycle="month").count() == 24 and periods.filter(cycle="quarter").count() == 8
        march = periods.get(cycle="month", starts_on=date(2025, 3, 1))
        # The clock goes forward on 30 March; April's 10th working day waits for no holiday, the 14th.
        assert (march.minutes, march.working_minutes, march.due_on, march.label) == (
            31 * 1440 - 60,
            21 * 480,
            date(2025, 4, 14),
            "2025-03",
        )
        quarter = periods.get(cycle="quarter", starts_on=date(2024, 4, 1))
        assert (quarter.ends_on, quarter.month, quarter.label) == (date(2024, 6, 30), date(2024, 6, 1), "2024-Q2")
        assert periods.get(cycle="custom:SL-03").month == date(2024, 6, 1)


@pytest.mark.parametrize("path", contract_files().values(), ids=lambda path: path.stem)
def test_every_contract_of_the_demo_comes_back_as_it_went_in(path: Path, cast: Cast, scope_of: Scopes) -> None:
    file = contract_file.read(path.read_bytes())
    with scope_of(cast.aldermoor):
        contract = import_contract(by=None, source=path.read_bytes())
        exported = export_contract(by=None, contract=Contract.objects.get(pk=contract.pk))
        assert exported == file.document()
        assert contract_file.read(contract_file.write(exported)) == file


def test_the_same_file_again_writes_nothing(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        import_contract(by=cast.petra, source=text(document()))
        Reevaluation.objects.update(from_on=None)
        before, trail = rows(), Entry.objects.count()
        again = import_contract(by=cast.petra, source=text(document()))
        # 95 and 95.0, a default written out or left out, and the vendor's name say the same.
        same = document()
        same["contract"] |= {"report_due": 10, "vendor": {"code": "CORVID", "name": "Corvid Systems Ltd"}}
        same["service_levels"][0]["terms"][0] |= {"scoring": "step", "weight": "1.00"}
        import_contract(by=cast.petra, source=text(same))
        assert again.version == 1 and rows() == before and Entry.objects.count() == trail


def test_a_bad_file_is_refused_with_its_path_and_changes_nothing(cast: Cast, scope_of: Scopes) -> None:
    bad = document()
    bad["service_levels"][1]["terms"][0]["bands"] = [{"name": "A", "outcome": "met", "score": 100, "at": "1,5"}]
    with scope_of(cast.petra):
        before = rows()
        with pytest.raises(FileRefused) as refused:
            import_contract(by=cast.petra, source=text(bad))
        assert refused.value.problems[0].path == "service_levels[1].terms[0].bands[0].at"
        assert "service_levels[1].terms[0].bands[0].at" in refused.value.sentence
        assert rows() == before


def test_a_version_that_serves_no_kra_is_refused(cast: Cast, scope_of: Scopes) -> None:
    bad = document()
    bad["service_levels"][0]["terms"].append(terms("2024-10-01", kras={}))
    with scope_of(cast.petra), pytest.raises(FileRefused, match=r"service_levels\[0\].terms\[1\].kras"):
        import_contract(by=cast.petra, source=text(bad))


@pytest.mark.parametrize("who", ["marco", "ada", "olu", "vera"])
def test_only_procurement_imports(who: str, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        for action in (import_contract, contract_changes):
            with pytest.raises(NotAllowed):
                action(by=member, source=text(document()))
        assert not Contract.objects.exists()


def test_a_new_vendor_comes_with_its_contract(cast: Cast, scope_of: Scopes) -> None:
    file = document()
    file["contract"]["vendor"] = {"code": "MIRADO", "name": "Mirado Hosting"}
    with scope_of(cast.petra):
        contract = import_contract(by=cast.petra, source=text(file))
        assert (contract.vendor.code, contract.vendor.name) == ("MIRADO", "Mirado Hosting")
        assert set(Period.objects.values_list("vendor_id", flat=True)) == {contract.vendor_id}


def test_two_organisations_may_use_the_same_reference(cast: Cast, scope_of: Scopes) -> None:
    for organisation in (cast.aldermoor, cast.brightwater):
        with scope_of(organisation):
            assert import_contract(by=None, source=text(document())).version == 1


def test_the_dry_run_of_a_new_contract_lists_its_parts_and_writes_nothing(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        before = rows()
        changes = contract_changes(by=cast.petra, source=text(document()))
        assert [change.path for change in changes] == [
            "contract",
            "kras[0]",
            "service_levels[0]",
            "service_levels[1]",
            "scorecard",
        ]
        assert all(change.was is None for change in changes) and changes[1].becomes["code"] == "REL"
        assert rows() == before


def test_a_stale_version_is_a_conflict(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        import_contract(by=cast.petra, source=text(document()))
        retitled = document()
        retitled["contract"]["title"] = "Service desk and field support"
        assert import_contract(by=cast.petra, source=text(retitled), version=1).version == 2
        before = rows()
        with pytest.raises(Conflict):
            import_contract(by=cast.petra, source=text(document()), version=1)
        assert rows() == before


def test_as_many_statements_for_many_service_levels_as_for_one(cast: Cast, scope_of: Scopes) -> None:
    counts = []
    with scope_of(cast.petra):
        for number in (1, 3, 30):
            file = document(service_levels=[level(f"SL-{n:02}") for n in range(number)])
            file["contract"]["reference"] = f"MSA-{number}"
            with CaptureQueriesContext(
                connection,
            ) as queries:
                contract = import_contract(by=cast.petra, source=text(file))
            with CaptureQueriesContext(connection) as exported:
                export_contract(by=cast.petra, contract=contract)
            counts.append((len(queries), len(exported)))
    assert counts == [counts[0]] * 3


def test_an_export_needs_a_look_at_the_contract(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        contract = import_contract(by=cast.petra, source=text(document()))
    with scope_of(cast.vera):
        mine = Contract.objects.get(pk=contract.pk)
        assert ContractFile.model_validate(export_contract(by=cast.vera, contract=mine)).contract.reference == "MSA-1"
    cast.vera.is_active = False
    with scope_of(cast.vera), pytest.raises(NotAllowed):
        export_contract(by=cast.vera, contract=contract)


def test_capitals_make_no_second_vendor_and_no_second_contract(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        import_contract(by=cast.petra, source=text(document()))
        other = document()
        other["contract"] |= {"reference": "MSA-2", "vendor": {"code": "corvid", "name": "Corvid"}}
        assert import_contract(by=cast.petra, source=text(other)).vendor == cast.corvid
        before = rows()
        other["contract"]["reference"] = "msa-1"
        with pytest.raises(FileRefused) as refused:
            import_contract(by=cast.petra, source=text(other), version=1)
        assert [one.path for one in refused.value.problems][:2] == ["contract.reference", "contract.vendor.code"]
        assert rows() == before


def test_what_is_called_exactly_so_comes_before_what_differs_in_capitals(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.petra):
        small = Vendor.objects.create(code="corvid", name="Of an earlier release")
        other = document()
        other["contract"]["vendor"]["code"] = "corvid"
        assert import_contract(by=cast.petra, source=text(other)).vendor == small
        assert (
            import_contract(
                by=cast.petra,
                source=text(
                    document()
                    | {"contract": other["contract"] | {"reference": "B", "vendor": {"code": "CORVID", "name": "x"}}}
                ),
            ).vendor
            == cast.corvid
        )
