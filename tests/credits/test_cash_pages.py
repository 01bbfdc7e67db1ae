"""The pages from credit to cash: what lapses first, choosing and claiming, one claim, what goes to accounts payable and comes back."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.models import Contract
from credits.actions import Chosen, approve_claim, claim_credits, hold, post_due, put_on_invoice
from credits.models import ColumnTemplate, CreditClaim, LedgerEntry, Reconciliation
from credits.reconciling import describe_difference
from lib.tables import as_workbook_of
from tests.books import NOW, Books
from tests.credits.test_views import CREDITS
from tests.follow_up import once_judged

APRIL = date(2024, 4, 1)
TODAY = NOW.date().isoformat()


@pytest.fixture
def world(cast, scope_of, clock):
    """Corvid: 1,000.00 for April and 500.00 for May, to be claimed within 100 days; Halden: 70.00 for April, at any time."""
    clock(NOW)
    with scope_of(cast.aldermoor):
        corvid, halden = Books(cast.corvid), Books(cast.halden)
        Contract.objects.filter(pk=corvid.contract.pk).update(claim_within=100)
        Contract.objects.update(credits=[{"from": "2024-04-01", **CREDITS}])
        corvid.contract.refresh_from_db()
        corvid.month(1, credit="1000")
        corvid.month(2, credit="500")
        halden.month(1, credit="70")
        once_judged(post_due, now=NOW)
    corvid.halden = halden
    return corvid


def html(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def claimed(cast, scope_of, world):
    """`claimed("approved")`: April's claim, by Petra, as far as that."""

    def make(status="claimed"):
        with scope_of(cast.aldermoor):
            [made] = claim_credits(by=cast.petra, chosen=[Chosen(world.contract, APRIL, Decimal(1000))])
            if status != "claimed":
                approve_claim(by=cast.marco, claim=made)
            if status == "invoiced":
                put_on_invoice(by=cast.petra, claim=made, invoice="CS-1", on=NOW.date())
            return made

    return make


def states(cast, scope_of):
    with scope_of(cast.aldermoor):
        return list(CreditClaim.objects.order_by("pk").values_list("status", flat=True))


def test_where_everything_stands_and_what_lapses_next(cast, client_for, world):
    answer = client_for(cast.petra).get("credits/")
    found = [(row.item.vendor, row.item.month.month, row.item.amount) for row in answer.context["rows"]]
    assert found == [("Corvid Systems", 4, 1000), ("Corvid Systems", 5, 500), ("Halden BPO", 4, 70)]
    said = html(answer)
    assert "£1,000.00 of April 2024 lapses after 8 Aug 2024" in said and "Claimable, 24 days left" in said
    assert "£1,570.00 = £1,570.00 claimable" in said
    of_one = client_for(cast.petra).get(f"credits/?contract={world.contract.pk}&state=claimable")
    assert [row.item.month.month for row in of_one.context["rows"]] == [4, 5]
    assert client_for(cast.petra).get("credits/?vendor=nobody").status_code == 404
    assert client_for(cast.petra).get(f"credits/?vendor={cast.halden.code}").context["page"].paginator.count == 1
    assert "None in this state" in html(client_for(cast.petra).get("credits/?state=recovered"))


def test_the_list_costs_the_same_with_one_and_with_many(cast, client_for, world, scope_of):
    client = client_for(cast.petra)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get("credits/?show=all").status_code == 200
        return len(found)

    few = queries()
    with scope_of(cast.aldermoor):
        world.month(3, credit="30")
        world.month(4, credit="40")
        once_judged(post_due, now=NOW)
    assert queries() == few


def test_chosen_months_go_from_claim_to_recovered_by_the_list(cast, client_for, world, scope_of):
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    page = petra.get(f"credits/?state=claimable&contract={world.contract.pk}")
    keys = [row.item.key for row in page.context["rows"] if row.tick]
    kept = {"state": "claimable", "contract": world.contract.pk}
    answer = petra.post("credits/claim/", {"chosen": keys, **kept})
    assert answer.status_code == 302 and "state=claimable" in answer["Location"]
    assert states(cast, scope_of) == ["claimed", "claimed"]
    mine = petra.get("credits/?state=claimed")
    assert not any(row.tick for row in mine.context["rows"]), "a colleague approves"
    keys = [row.item.key for row in marco.get("credits/?state=claimed&owner=all").context["rows"] if row.tick]
    assert marco.post("credits/approve/", {"chosen": keys}).status_code == 302
    keys = [row.item.key for row in petra.get("credits/?state=approved").context["rows"] if row.tick]
    wrong = petra.post("credits/invoice/", {"chosen": keys, "invoice": "", "on": TODAY, "state": "approved"})
    assert wrong.status_code == 422 and all(key in html(wrong) for key in keys)
    assert petra.post("credits/invoice/", {"chosen": keys, "invoice": "CS-9", "on": TODAY}).status_code == 302
    keys = [row.item.key for row in petra.get("credits/?state=invoiced").context["rows"] if row.tick]
    assert petra.post("credits/recover/", {"chosen": keys, "on": TODAY}).status_code == 302
    assert states(cast, scope_of) == ["recovered", "recovered"]
    with scope_of(cast.aldermoor):
        assert world.balance() == 0


@pytest.mark.parametrize(
    "key", ["{contract}:2024-04:999.0000", "{contract}:2024-13:1000", "{contract}:2024-04:nan", "7:8", ""]
)
def test_what_nobody_saw_is_not_claimed(cast, client_for, world, scope_of, key):
    answer = client_for(cast.petra).post("credits/claim/", {"chosen": key.format(contract=world.contract.pk)})
    assert answer.status_code in (409, 422) and "Nothing was changed" in html(answer)
    assert states(cast, scope_of) == []


def test_on_hold_there_is_no_tick_and_a_claim_waits(cast, client_for, world, scope_of, claimed):
    made = claimed()
    with scope_of(cast.aldermoor):
        hold(contract=world.contract, month=date(2024, 5, 1), held_for="dispute:2", now=NOW)
        hold(contract=world.contract, month=APRIL, held_for="dispute:1", now=NOW)
    marco = client_for(cast.marco)
    assert not any(row.tick for row in marco.get("credits/?state=claimed&owner=all").context["rows"])
    for reader in (cast.olu, cast.vera, cast.petra):  # who may do nothing, and a state in which there is nothing to do
        for state in ("", "on_hold"):
            assert client_for(reader).get(f"credits/?state={state}").status_code == 200
    assert "The claim waits for the decision" in html(marco.get(f"credits/claims/{made.pk}/"))
    answer = marco.post(f"credits/claims/{made.pk}/decide/", {"decision": "approve", "version": 1, "amount": "1000"})
    assert answer.status_code == 422 and states(cast, scope_of) == ["claimed"]


def test_one_claim_on_its_page(cast, client_for, world, scope_of, claimed):
    made = claimed()
    at = f"credits/claims/{made.pk}/"
    petra, marco = client_for(cast.petra), client_for(cast.marco)
    assert "Nobody approves their own claim" in html(petra.get(at))
    assert "Approve £1,000.00" in html(marco.get(at))
    assert marco.post(f"{at}decide/", {"decision": "decline", "version": 1}).status_code == 422
    stale = marco.post(f"{at}decide/", {"decision": "approve", "version": 7, "amount": "1000"})
    assert stale.status_code == 409 and states(cast, scope_of) == ["claimed"]
    assert marco.post(f"{at}decide/", {"decision": "approve", "version": 1, "amount": "1000.0000"}).status_code == 302
    assert (
        petra.post(f"{at}invoice/", {"invoice": "CS-1", "on": "2031-01-01", "version": 2, "amount": "1000"}).status_code
        == 422
    )
    assert (
        petra.post(f"{at}invoice/", {"invoice": "CS-1", "on": TODAY, "version": 2, "amount": "1000"}).status_code == 302
    )
    assert petra.post(f"{at}write-off/", {"reason": "", "version": 3}).status_code == 422
    assert petra.post(f"{at}write-off/", {"reason": "Insolvent", "version": 3}).status_code == 302
    assert "proposes to write this off" in html(marco.get(at))
    assert "“Insolvent”" in html(marco.get(f"contracts/{world.contract.pk}/credits/"))
    assert petra.post(f"{at}recover/", {"on": TODAY, "payment": "P-1", "version": 3}).status_code == 302
    assert "payment P-1" in html(petra.get(at))


def test_a_vendor_sees_what_is_approved_and_does_nothing(cast, client_for, world, claimed, scope_of):
    made = claimed()
    vera, hana = client_for(cast.vera), client_for(cast.hana)
    assert vera.get(f"credits/claims/{made.pk}/").status_code == 404
    assert [row.item.state for row in vera.get("credits/").context["rows"]] == ["claimable", "claimable"]
    with scope_of(cast.aldermoor):
        approve_claim(by=cast.marco, claim=made)
    page = vera.get("credits/")
    assert {row.item.state for row in page.context["rows"]} == {"claimable", "approved"} and "Halden" not in html(page)
    one = html(vera.get(f"credits/claims/{made.pk}/"))
    assert "£1,000.00" in one and '<button class="btn btn--primary"' not in one
    assert hana.get(f"credits/claims/{made.pk}/").status_code == 404
    for path in ("claim/", "approve/", "invoice/", "recover/", f"claims/{made.pk}/decide/", "payments/", "columns/"):
        assert vera.post(f"credits/{path}").status_code == 403
    assert vera.get("credits/payments/").status_code == 403


def test_the_export_has_the_columns_that_the_organisation_chose(cast, client_for, world, claimed, scope_of):
    made = claimed("approved")
    petra = client_for(cast.petra)
    given = {"name": "Aldermoor AP", "place-reference": 1, "head-reference": "Document", "place-amount": "2"}
    assert petra.post("credits/columns/", given | {"place-amount": "x"}).status_code == 422
    assert petra.post("credits/columns/", {"name": "Nothing"}).status_code == 422
    assert petra.post("credits/columns/", given).status_code == 302
    with scope_of(cast.aldermoor):
        template = ColumnTemplate.objects.get()
    at = f"credits/columns/{template.pk}/"
    assert petra.get(at).status_code == 200
    again = given | {"place-amount": "3", "place-vendor": "2", "version": 1}
    assert petra.post(at, again).status_code == 302
    assert petra.post(at, again).status_code == 409
    answer = petra.get(f"credits/?state=approved&export=csv&template={template.pk}")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        ["Document", "Vendor", "Amount"],
        [made.reference, "Corvid Systems", "1000.00"],
    ]
    everything = petra.get("credits/?show=all&export=csv").content.decode("utf-8-sig")
    assert "Petra Sandgren" in everything and len(everything.splitlines()) == 4
    assert petra.post(f"{at}remove/", {"version": 2}).status_code == 302


def upload(client, content, name="AP.csv"):
    return client.post("credits/payments/", {"file": SimpleUploadedFile(name, content)})


def test_a_file_that_comes_back_is_looked_at_and_then_booked(cast, client_for, world, claimed, scope_of):
    made = claimed("invoiced")
    petra = client_for(cast.petra)
    rows = [
        ["Reference", "Amount", "Paid on", "Payment"],
        [made.reference, "1,000.00", "2024-07-12", "P-77"],
        ["Nobody/2024-04", "5", "", ""],
        [made.reference, "1000", "", ""],
    ]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    answer = upload(petra, out.getvalue().encode())
    assert answer.status_code == 302 and states(cast, scope_of) == ["invoiced"]
    with scope_of(cast.aldermoor):
        file = Reconciliation.objects.get()
    at = f"credits/payments/{file.pk}/"
    page = petra.get(at)
    assert [one.problem for one in page.context["outcomes"]] == [
        "",
        "There is no claim with this reference",
        "The reference stands in row 2 already",
    ]
    given = {"version": 1, "outcomes": page.context["fingerprint"]}
    assert petra.post(at, given | {"outcomes": "other"}).status_code == 409
    assert petra.post(at, given).status_code == 302
    with scope_of(cast.aldermoor):
        made.refresh_from_db()
        assert (made.status, made.recovered_on, made.payment) == ("recovered", date(2024, 7, 12), "P-77")
        assert [one["does"] for one in Reconciliation.objects.get().outcomes] == ["Recovered", "", ""]
    assert petra.post(at, given | {"version": 2}).status_code == 409
    assert "Nothing was booked for this row" in html(petra.get("credits/"))


@pytest.mark.parametrize(
    ("amount", "more", "said"),
    [
        ("1000", {}, "not on an invoice yet"),
        ("1000", {"invoice": "CS-4", "paid_on": "2031-01-01"}, "still to come"),
        ("-1000", {"invoice": "CS-4"}, "write 1000.00"),
        ("100", {"invoice": "CS-4"}, "£900.00 short"),
        ("998", {"invoice": "CS-4"}, "£2.00 short"),
        ("1.000,00", {"invoice": "CS-4"}, "digits and a point"),
        ("1000", {"invoice": "CS-4"}, ""),
    ],
)
def test_what_rows_mean(cast, client_for, world, claimed, scope_of, amount, more, said):
    made = claimed("approved")
    cells = {"reference": made.reference, "amount": amount, **more}
    petra = client_for(cast.petra)
    upload(petra, as_workbook_of([("AP", list(cells), [list(cells.values())])]), "AP.xlsx")
    with scope_of(cast.aldermoor):
        file = Reconciliation.objects.get()
    page = petra.get(f"credits/payments/{file.pk}/")
    [found] = page.context["outcomes"]
    assert said in found.problem and bool(said) == bool(found.problem)
    answer = petra.post(f"credits/payments/{file.pk}/", {"version": 1, "outcomes": page.context["fingerprint"]})
    assert answer.status_code == (422 if said else 302)
    assert states(cast, scope_of) == (["approved"] if said else ["recovered"])
    with scope_of(cast.aldermoor):
        assert LedgerEntry.objects.filter(kind="invoice").count() == (0 if said else 1)


def test_digits_that_are_swapped_are_noticed(world):
    assert describe_difference(Decimal(3108), Decimal(3180), world.contract) == "£72.00 short. Digits swapped?"
    assert describe_difference(Decimal(3281), Decimal(3180), world.contract) == "£101.00 too much"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"reference\nx\n", "no column amount"),
        (b"reference,amount,amount\nx,1,2\n", "two columns amount"),
        (b"reference,amount\n", "no rows"),
        (b"PK\x03\x04 nonsense", "workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(cast, client_for, world, scope_of, content, said):
    answer = upload(client_for(cast.petra), content)
    assert answer.status_code == 422 and said in html(answer)
    with scope_of(cast.aldermoor):
        assert not Reconciliation.objects.exists()
    petra = client_for(cast.petra)
    assert petra.get("credits/payments/").status_code == 200


def test_a_file_is_discarded(cast, client_for, world, scope_of):
    petra = client_for(cast.petra)
    upload(petra, b"reference,amount\nX,1\n")
    with scope_of(cast.aldermoor):
        file = Reconciliation.objects.get()
    at = f"credits/payments/{file.pk}/"
    page = petra.get(at)
    assert petra.post(at, {"version": 1, "outcomes": page.context["fingerprint"]}).status_code == 422
    assert petra.post(at, {"version": 1, "discard": "1"}).status_code == 302
    assert "Discarded" in html(petra.get("credits/payments/"))
