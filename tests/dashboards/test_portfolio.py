"""The portfolio: one row a vendor, real numbers, filters in the address, and a constant number of statements."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from breaches.rules import Status
from dashboards.views import portfolio as view
from organisations.models import Vendor
from tests.factories import breaches as make_breaches
from tests.factories import evaluation, measurements, scorecards, slas
from tests.factories.organisations import vendor as make_vendor
from tests.markup import tight

PART = {"HX-Request": "true", "HX-Target": "section#portfolio"}


def rows_of(page):
    return [row.vendor.name for row, *_ in page.context["rows"]]


def test_the_page(cast, judged, client_for):
    judged(cast.corvid)
    page = client_for(cast.marco).get("portfolio/")
    html = page.content.decode()
    assert html.startswith("<!doctype html>")
    assert "Portfolio, May 2024" in html
    assert "1 vendor, 1 contract. 1 service level reports for May 2024; 1 of 1 submission received in full." in html
    row = page.context["rows"][0][0]
    assert (row.vendor.score, row.vendor.change, row.vendor.rank, row.vendor.open) == (Decimal(80), Decimal(-10), 1, 0)
    assert row.scores[:10] == [None] * 10  # months before the contract are no data, not 0
    stats = {stat["label"]: (stat["value"], stat.get("small", "")) for stat in page.context["stats"]}
    assert stats == {
        "Portfolio score": ("80.0", ""),
        "Service levels met": (0, "of 1 measured"),
        "Open breaches": (0, ""),
        "Service credits, May": ("£500", ""),
        "Submissions": (1, "of 1"),
    }


def test_a_month_that_has_no_score_yet_leads_to_the_one_before(cast, judged, client_for):
    """As in the first days of each month: what has just ended waits for its figures."""
    judged(cast.corvid)
    html = client_for(cast.marco).get("portfolio/?period=2024-06").content.decode()
    empty = html.partition("No scores yet")[2].partition("</div>")[0]
    assert 'href="?period=2024-05' in empty and ">May 2024</a>" in empty


def test_the_same_number_of_statements_for_one_row_and_three(
    cast, judged, notice_for, scope_of, client_for, django_assert_num_queries
):
    first = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        notice_for_breach = first.breach()
    notice_for(cast.marco, notice_for_breach)
    client = client_for(cast.marco)
    client.get("inbox/")  # notes that he is here
    with django_assert_num_queries(14):
        assert rows_of(client.get("portfolio/")) == ["Corvid Systems"]
    judged(cast.corvid)
    judged(cast.halden)
    with scope_of(cast.aldermoor):
        third = make_vendor("Saltire Networks")
    more = judged(third)
    with scope_of(cast.aldermoor):
        breach = more.breach()
    notice_for(cast.marco, breach)
    with django_assert_num_queries(14):
        assert len(rows_of(client.get("portfolio/"))) == 3


def test_the_worst_stand_on_the_first_page_with_their_history(cast, judged, client_for, monkeypatch):
    monkeypatch.setattr(view, "SHOWN", 1)
    judged(cast.corvid, score="60", before="90")
    judged(cast.halden, score="95", before="70")
    client = client_for(cast.marco)
    first = client.get("portfolio/")
    assert rows_of(first) == ["Corvid Systems"]
    assert "2 of 2" in " ".join(first.content.decode().split())
    assert [row.scores[-2:] for row, *_ in first.context["rows"]] == [[90, 60]]
    assert rows_of(client.get("portfolio/?page=2")) == ["Halden BPO"]
    assert rows_of(client.get("portfolio/?sort=-score")) == ["Halden BPO"]


def test_a_vendor_s_score_is_weighted_by_charges(cast, judged, client_for):
    judged(cast.corvid, score="100", charges="300000")
    judged(cast.corvid, score="60", charges="100000")
    row = client_for(cast.marco).get("portfolio/").context["rows"][0][0]
    assert (row.vendor.score, row.service) == (Decimal(90), "2 contracts")


@pytest.mark.parametrize(
    ("parts", "score"),
    [
        ([("100", "300"), (None, "900")], 100),  # no data is not 0
        ([("100", "0"), ("60", "0")], 80),  # nothing to weigh with
        ([("100", "300"), ("60", "100", "EUR")], 80),  # charges of different currencies are not added
        (
            [("100", "300"), ("60", "100"), (None, "1", "EUR")],
            90,
        ),  # of a contract without a score nobody asks the currency
        ([(None, "300")], None),
    ],
)
def test_what_a_mean_weighs_with(parts, score, cast, judged, client_for):
    for value, charges, *currency in parts:
        judged(cast.corvid, score=value, before=value, charges=charges, currency=(currency or ["GBP"])[0])
    page = client_for(cast.marco).get("portfolio/")
    row = page.context["rows"][0][0]
    assert (row.vendor.score, row.scores[-1], page.context["page"].all.score) == (score, score, score)
    assert row.vendor.change == (None if score is None else 0)


def test_a_change_compares_like_with_like(cast, judged, client_for):
    """A contract without a score this month does not move the mean of the others."""
    judged(cast.corvid, score="80", before="85")
    judged(cast.corvid, score=None, before="100")
    page = client_for(cast.marco).get("portfolio/")
    assert (page.context["rows"][0][0].vendor.change, page.context["page"].all.change) == (-5, -5)


def test_an_address_beyond_the_last_page_shows_the_last(cast, judged, client_for, monkeypatch):
    monkeypatch.setattr(view, "SHOWN", 1)
    judged(cast.corvid, score="60")
    judged(cast.halden, score="95")
    page = client_for(cast.marco).get("portfolio/?page=7")
    assert (rows_of(page), page.context["shown"].number) == (["Halden BPO"], 2)
    for text in ("0", "-1", "x", "9" * 30):
        assert rows_of(client_for(cast.marco).get(f"portfolio/?page={text}"))


def test_vendors_that_owe_little_share_a_bar(cast, judged, scope_of, client_for):
    for number in range(5):
        with scope_of(cast.aldermoor):
            vendor = make_vendor(f"Vendor {number}", code=f"V{number}")
        found = judged(vendor)
        with scope_of(cast.aldermoor):
            found.contract.months.update(credit=100 * number)
    client = client_for(cast.marco)
    (block,) = client.get("portfolio/").context["credit_by_currency"]
    assert [(row["label"], row["amount"]) for row in block.rows] == [
        ("Vendor 4", 400),
        ("Vendor 3", 300),
        ("Vendor 2", 200),
        ("Other vendors", 100),
        ("Due for the month", 1000),
    ]
    # The strip is of all vendors, the bars of those that the words leave.
    found = client.get("portfolio/?q=v2")
    assert [(one.due, one.all_due) for one in found.context["credit_by_currency"]] == [(200, 1000)]


@pytest.mark.parametrize(
    ("zone", "is_over"), [("Pacific/Auckland", True), ("Europe/London", False), ("America/Chicago", False)]
)
def test_the_month_that_is_over_is_over_where_a_contract_is(zone, is_over, cast, judged, client_for, clock):
    """It is July in Auckland while it is June in London: June is over, and has no score."""
    clock(datetime(2024, 6, 30, 13, tzinfo=UTC))
    judged(cast.corvid, timezone=zone)
    judged(cast.halden, timezone="America/Chicago")
    client = client_for(cast.marco)
    for page in ("portfolio/", "vendors/CORVID/"):
        assert ("June 2024</a>has none yet" in tight(client.get(page).content.decode())) == is_over


def test_currencies_are_never_added(cast, judged, client_for):
    judged(cast.corvid, score="100", charges="300000")
    judged(cast.halden, score="60", currency="EUR")
    page = client_for(cast.marco).get("portfolio/")
    assert [(block.currency, block.due) for block in page.context["credit_by_currency"]] == [("GBP", 500), ("EUR", 500)]
    score, credits = page.context["stats"][0], page.context["stats"][3]
    assert (score["value"], score["sub"]) == ("80.0", "Each contract counts equally (several currencies)")
    assert (credits["value"], credits["small"]) == ("£500", "and €500")


def test_a_late_vendor_stands_last_and_says_so(cast, judged, client_for):
    judged(cast.corvid, score=None)  # nothing reported for May, due in the middle of June
    judged(cast.halden)
    page = client_for(cast.marco).get("portfolio/?sort=score")
    assert rows_of(page) == ["Halden BPO", "Corvid Systems"]
    late = page.context["rows"][1][0].vendor
    assert (late.score, late.late, late.rank) == (None, 1, None)
    assert ">Late</span>" in page.content.decode()
    assert rows_of(client_for(cast.marco).get("portfolio/?status=late")) == ["Corvid Systems"]


def test_what_waits_for_a_decision_is_not_late(cast, judged, scope_of, client_for):
    found = judged(cast.corvid, score=None)
    with scope_of(cast.aldermoor):
        waiting = measurements.submission(found.contract, found.periods[1].month, by=cast.vera)
        measurements.figure(waiting, found.level, found.periods[1])
    page = client_for(cast.marco).get("portfolio/?period=2024-05&status=waiting")
    assert rows_of(page) == ["Corvid Systems"]
    assert "To accept" in page.content.decode()
    assert page.context["rows"][0][0].vendor.late == 0


def test_a_month_is_provisional_until_it_is_published(cast, judged, scope_of, client_for):
    found, other = judged(cast.corvid), judged(cast.halden, before="70")
    with scope_of(cast.aldermoor):
        scorecards.publication(found.periods[0], by=cast.marco)
    html = client_for(cast.marco).get("portfolio/").content.decode()
    assert "May 2024, provisional" in html and "April 2024, provisional" in html
    assert '70<span class="vh">, provisional</span>' in html and ">90</a>" in html and ">80</a>" in html
    with scope_of(cast.aldermoor):
        scorecards.publication(other.periods[0], by=cast.marco)
    assert "April 2024, provisional" not in client_for(cast.marco).get("portfolio/").content.decode()


def test_sorting(cast, judged, scope_of, client_for):
    one = judged(cast.corvid, score="70", before="60")
    judged(cast.halden, score="80", before="95")
    with scope_of(cast.aldermoor):
        one.breach()
    client = client_for(cast.marco)
    names = {
        sort: rows_of(client.get(f"portfolio/?sort={sort}")) for sort in ("-score", "score", "name", "-change", "-open")
    }
    corvid_first, halden_first = ["Corvid Systems", "Halden BPO"], ["Halden BPO", "Corvid Systems"]
    assert names == {
        "-score": halden_first,
        "score": corvid_first,
        "name": corvid_first,
        "-change": corvid_first,
        "-open": corvid_first,
    }
    assert 'aria-sort="descending"' in client.get("portfolio/?sort=-open").content.decode()


def test_filters_and_search(cast, judged, scope_of, client_for):
    one = judged(cast.corvid, reference="MSA-77", title="Service desk")
    judged(cast.halden, reference="CO-1", title="Contact centre")
    with scope_of(cast.aldermoor):
        one.breach(status=Status.ACKNOWLEDGED, acknowledged_by=cast.marco, acknowledged_at="2024-06-01T00:00Z")
    client = client_for(cast.marco)
    assert rows_of(client.get("portfolio/?status=breach")) == ["Corvid Systems"]
    assert rows_of(client.get("portfolio/?q=contact")) == ["Halden BPO"]
    assert rows_of(client.get("portfolio/?q=msa-77")) == ["Corvid Systems"]
    nothing = client.get("portfolio/?q=halden&status=breach")
    html = nothing.content.decode()
    assert rows_of(nothing) == []
    assert "No vendor matches these filters" in html
    assert "Without “halden” there are 1" in html
    # The strip is of all vendors, whatever the filter leaves.
    assert nothing.context["stats"][0]["value"] == "80.0"


def test_htmx_gets_the_part(cast, judged, client_for):
    judged(cast.corvid)
    client = client_for(cast.marco)
    response = client.get("portfolio/?sort=name", headers=PART)
    html = response.content.decode().strip()
    assert tight(html).startswith('<section id="portfolio"')
    assert "no-store" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]
    back = client.get("portfolio/", headers={**PART, "HX-History-Restore-Request": "true"})
    assert back.content.decode().startswith("<!doctype html>")


def test_without_vendors_it_says_what_will_be_here(cast, client_for):
    html = client_for(cast.marco).get("portfolio/").content.decode()
    assert "No vendors yet" in html
    assert "<table" not in html.split('id="portfolio"')[1]


def test_a_month_without_a_contract_in_force(cast, judged, client_for):
    judged(cast.corvid)
    assert "No contract in force" in client_for(cast.marco).get("portfolio/?period=2024-02").content.decode()


@pytest.mark.parametrize(
    ("asked", "shown"), [("2024-04", "April 2024"), ("2031-01", "June 2024"), ("x", "May 2024"), ("", "May 2024")]
)
def test_periods(cast, judged, client_for, asked, shown):
    judged(cast.corvid)
    period = client_for(cast.marco).get(f"portfolio/?period={asked}").context["period"]
    assert period["label"] == shown
    assert bool(period["previous_url"]) == (shown != "April 2024")
    assert bool(period["next_url"]) == (shown != "June 2024")


def test_the_lowest_kras_come_first(cast, judged, client_for):
    judged(cast.corvid, score="70")
    judged(cast.halden, score="40")
    weakest = client_for(cast.marco).get("portfolio/").context["weakest_kras"]
    assert [(area.vendor, area.scores[-1]) for area in weakest] == [
        ("Halden BPO", 40),
        ("Corvid Systems", 70),
    ]


def signed(cast):
    return {"proposed_by": cast.petra, "approved_by": cast.marco, "reason": "Ours in part."}


def test_credits_build_up_and_caps_cut(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        month = found.contract.months.get(month=found.periods[1].month)
        found.contract.months.filter(pk=month.pk).update(credit=300, capped_amount=200, earned_back=100)
        make_breaches.ledger_entry(found.periods[1], amount=300)
        make_breaches.ledger_entry(found.periods[1], kind="waiver", amount=-50, **signed(cast))
    page = client_for(cast.marco).get("portfolio/")
    block = page.context["credit_by_currency"][0]
    assert [(row["label"], row["amount"], row["kind"]) for row in block.rows] == [
        ("Corvid Systems", 500, "plus"),
        ("Cut by caps", 200, "minus"),
        ("Earned back", 100, "minus"),
        ("Waived", 50, "minus"),
        ("Due for the month", 150, "total"),
    ]
    stat = next(one for one in page.context["stats"] if one["label"] == "Service credits, May")
    assert stat["value"] == "£150"
    assert "Year to date £650 after £100 earned back on earlier credits and £50 waived" in stat["sub"]


def test_vendors_people_may_not_see_it(cast, client_for):
    assert client_for(cast.vera).get("portfolio/").status_code == 403


def test_breaches_of_all_months_are_open(cast, judged, scope_of, client_for):
    found = judged(cast.corvid)
    with scope_of(cast.aldermoor):
        found.breach(0)
        found.breach(1)
        level = slas.service_level(found.contract, code="SL-02")
        evaluation.result(slas.terms(level), found.periods[0])
        make_breaches.breach(level, found.periods[0], status=Status.CLOSED)
    page = client_for(cast.marco).get("portfolio/")
    assert page.context["rows"][0][0].vendor.open == 2
    stat = next(one for one in page.context["stats"] if one["label"] == "Open breaches")
    assert (stat["value"], stat["small"]) == (2, "2 not acknowledged")


def test_vendors_that_share_a_name_keep_their_rows(cast, judged, scope_of, client_for):
    with scope_of(cast.aldermoor):
        twin = Vendor.objects.create(code="CORVID-2", name="Corvid Systems")
    judged(cast.corvid, score="70")
    judged(twin, score="60")
    assert len(client_for(cast.marco).get("portfolio/").context["rows"]) == 2
