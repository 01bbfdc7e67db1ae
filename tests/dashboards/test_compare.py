"""Vendors beside each other: a metric with its cases, KRAs by month, the spread of scores, one vendor over its contracts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.pages.compare import middle, spread
from dashboards.rules import likely_range
from organisations.house import House
from slas.models import ServiceLevel
from tests.factories import contracts, evaluation, scorecards, slas
from tests.markup import tight

JUNE = datetime(2024, 6, 20, 9, tzinfo=UTC)
APRIL = "?period=2024-04"


@pytest.fixture
def measured(cast, scope_of, clock):
    """`measured(vendor, part, whole)`: a contract of the vendor whose April's rate comes to that."""
    clock(JUNE)

    def make(vendor, part, whole, **fields):
        with scope_of(cast.aldermoor):
            contract = contracts.contract(vendor, reference=f"MSA-{vendor.code}-{whole}")
            level = slas.service_level(contract, name=f"On time at {vendor.name}")
            ServiceLevel.objects.filter(pk=level.pk).update(metric="IT-01")
            period = contracts.periods(contract, count=1)[0]
            given = {"numerator": part, "denominator": whole, "value": Decimal(100 * part) / whole, "streak": 0}
            evaluation.result(slas.terms(level), period, **given | fields)
            scorecards.scorecard(period)
            return contract

    return make


@pytest.fixture
def page(cast, client_for):
    def read(query="", member=None):
        answer = client_for(member or cast.marco).get(f"compare/{APRIL}{query}")
        assert answer.status_code == 200
        return tight(answer.content.decode())

    return read


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(75, 86, "78.5", "92.7"), (9, 11, "52.3", "94.9"), (10, 10, "72.2", "100.0"), (0, 10, "0.0", "27.8")],
)
def test_the_likely_range_is_wilsons(part, whole, low, high):
    found = likely_range(Decimal(part), Decimal(whole))
    assert [f"{edge:.1f}" for edge in found] == [low, high]


def test_a_rate_stands_beside_its_cases_and_few_are_marked(cast, measured, page):
    measured(cast.corvid, 900, 1000, outcome="default", streak=1)
    measured(cast.halden, 9, 11, outcome="default", streak=1)
    html = page()
    assert "2 service levels of 2 vendors measure the same thing" in html
    assert "900 of 1,000" in html
    assert "9 of 11" in html
    assert html.count("Few cases</span>") == 2  # in the row and in the legend
    few = page("&few=no")
    assert "9 of 11" not in few
    assert "900 of 1,000" in few


def test_it_says_which_miss_may_be_chance(cast, measured, page):
    measured(cast.corvid, 800, 1000, outcome="default", streak=1)
    measured(cast.halden, 10, 11, outcome="default", streak=1)
    html = page()
    assert "Corvid Systems: the miss is more than chance." in html
    assert "Halden BPO: the miss may be chance." in html


@pytest.mark.parametrize("by", ["metric", "kras", "spread", "vendor"])
def test_each_tab_with_one_and_with_three_contracts_in_as_many_statements(cast, client_for, measured, by):
    measured(cast.corvid, 90, 100)
    client = client_for(cast.marco)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"compare/{APRIL}&by={by}").status_code == 200
        return len(queries)

    client.get(f"compare/{APRIL}&by={by}")
    one = statements()
    measured(cast.corvid, 80, 90)
    measured(cast.halden, 70, 80)
    assert statements() == one <= 12


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("metric", "Nothing to compare"),
        ("kras", "No scores yet"),
        ("spread", "No scores yet"),
        ("vendor", "No vendors yet"),
    ],
)
def test_nothing_to_compare(page, by, said, clock):
    clock(JUNE)
    assert said in page(f"&by={by}")


def test_the_spread_counts_each_score_once():
    scores = [(n, f"C{n}", Decimal(score)) for n, score in enumerate(("100", "95", "94.99", "70", "12"))]
    assert [share.count for share in spread(scores, House())] == [2, 1, 0, 1, 1]
    assert middle([score for _, _, score in scores])["median"] == Decimal("94.99")
    assert middle([Decimal(1), Decimal(2)])["median"] == Decimal("1.5")
    assert middle([]) == {}


def test_as_a_file_with_cases(cast, client_for, measured):
    measured(cast.corvid, 9, 11)
    answer = client_for(cast.marco).get(f"compare/{APRIL}&export=csv")
    text = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode("utf-8-sig")
    assert "Cases" in text.splitlines()[0]
    assert "Few cases" in text.splitlines()[0]


def test_a_vendors_people_do_not_compare(cast, client_for):
    assert client_for(cast.vera).get("compare/").status_code == 403


def test_what_is_not_there_is_as_if_it_had_not_been_asked_for(cast, measured, page):
    measured(cast.corvid, 90, 100)
    assert "90 of 100" in page("&metric=NO-99&by=nothing&vendor=X")


@pytest.mark.parametrize("by", ["metric", "kras", "spread"])
def test_vendors_of_some_tiers_alone(cast, scope_of, measured, client_for, by):
    measured(cast.corvid, 900, 1000)
    measured(cast.halden, 95, 100)
    with scope_of(cast.aldermoor):
        type(cast.corvid).objects.filter(pk=cast.corvid.pk).update(tier=1)
    client = client_for(cast.marco)

    def named(query):
        html = client.get(f"compare/{APRIL}&by={by}{query}").content.decode()
        return {name for name in ("Corvid", "Halden") if name in html[html.index('id="compare"') :]}

    assert named("") == named("&tier=9") == {"Corvid", "Halden"}
    assert (named("&tier=1"), named("&tier=2,3")) == ({"Corvid"}, set())
