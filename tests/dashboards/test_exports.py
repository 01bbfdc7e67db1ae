"""Every list can be taken along as a file: what it shows, under its filters, for those who see it."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from lib import tables
from tests.factories import agreements, breaches, disputes
from tests.factories.breaches import ledger_entry

LISTS = [
    "breaches/?status=all",
    "contracts/?",
    "vendors/?",
    "portfolio/?",
    "submissions/?period=2024-05",
    "people/?show=vendors",
]


@pytest.fixture
def two(cast, judged, scope_of):
    made = judged(cast.corvid, title="=Service desk"), judged(cast.halden, title="Back office")
    with scope_of(cast.aldermoor):
        for one in made:
            one.breach(0)
            one.breach(1)
    return made


def rows_of(response):
    assert response.status_code == 200, response.content
    assert "attachment" in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_breaches_as_filtered(cast, two, client_for):
    marco = client_for(cast.marco)
    found = rows_of(marco.get("breaches/?status=all&export=csv"))
    assert len(found) == 4
    assert {row["Vendor"] for row in found} == {"Corvid Systems", "Halden BPO"}
    one = rows_of(marco.get(f"breaches/?contract={two[1].contract.pk}&export=csv"))
    assert [(row["Vendor"], row["Period"], row["Value"]) for row in one] == [
        ("Halden BPO", "May 2024", "92"),
        ("Halden BPO", "April 2024", "92"),
    ]
    assert rows_of(marco.get("breaches/?status=closed&export=csv")) == []


def test_a_vendor_s_file_holds_its_own_rows(cast, two, client_for):
    found = rows_of(client_for(cast.hana).get("breaches/?status=all&export=csv"))
    assert {row["Vendor"] for row in found} == {"Halden BPO"}
    assert rows_of(client_for(cast.otto).get("breaches/?status=all&export=csv")) == []


def test_no_text_is_a_formula(cast, two, client_for):
    titles = {row["Contract"] for row in rows_of(client_for(cast.petra).get("contracts/?export=csv"))}
    assert titles == {"'=Service desk", "Back office"}


def test_columns_can_be_chosen(cast, two, client_for):
    found = rows_of(client_for(cast.petra).get("contracts/?export=csv&column=title&column=vendor"))
    assert list(found[0]) == ["Vendor", "Contract"]


@pytest.mark.parametrize("path", LISTS)
def test_every_list_offers_both_files(path, cast, two, client_for):
    marco = client_for(cast.marco)
    assert 'name="export" value="xlsx"' in marco.get(path).content.decode()
    plain = rows_of(marco.get(f"{path}&export=csv"))
    book = marco.get(f"{path}&export=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert sheet[0] == list(plain[0])
    assert len(sheet) == len(plain) + 1 > 2


@pytest.mark.parametrize("path", ["disputes/?status=all", "triggered/?status=all", "revisions/?"])
def test_lists_of_what_is_asked_triggered_and_proposed(path, cast, two, scope_of, client_for):
    with scope_of(cast.aldermoor):
        period = two[0].periods[0]
        disputes.dispute(two[0].level, period, cast.vera)
        disputes.relief_request(two[0].level, period, cast.vera)
        breaches.consequence(period)
        agreements.sent(agreements.revision(two[0].contract, cast.petra), cast.petra)
    petra = client_for(cast.petra)
    assert 'name="export" value="csv"' in petra.get(path).content.decode()
    found = rows_of(petra.get(f"{path}&export=csv"))
    assert found and {row["Contract"] for row in found} == {two[0].contract.reference}
    assert all(row["State"] for row in found)
    if not path.startswith("triggered"):  # the client's own
        assert rows_of(client_for(cast.hana).get(f"{path}&export=csv")) == []


def test_the_ledger(cast, two, scope_of, client_for):
    with scope_of(cast.aldermoor):
        ledger_entry(two[0].periods[0], amount=Decimal("1880.50"))
        ledger_entry(two[0].periods[1], amount=0)
    path = f"contracts/{two[0].contract.pk}/credits/?export=csv"
    petra = client_for(cast.petra)
    assert [(row["Month"], row["Amount"], row["Balance"]) for row in rows_of(petra.get(path))] == [
        ("2024-04-01", "1880.50", "1880.50")
    ]
    assert len(rows_of(petra.get(f"{path}&show=all"))) == 2
    assert client_for(cast.hana).get(path).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_the_same_number_of_statements_for_more_rows(path, cast, two, judged, scope_of, client_for):
    marco = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            marco.get(f"{path}&export=csv")
        return len(queries)

    statements()
    before = statements()
    third = judged(cast.corvid, title="Third")
    with scope_of(cast.aldermoor):
        third.breach(1)
    assert statements() == before


def test_too_many_rows_are_refused_with_what_to_do(cast, two, client_for, monkeypatch):
    monkeypatch.setattr(tables, "MOST", 3)
    response = client_for(cast.marco).get("breaches/?status=all&export=csv")
    assert response.status_code == 422
    assert "There are 4 rows, and a file holds 3. Filter the list first." in response.content.decode()
