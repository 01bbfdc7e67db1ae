"""No number that comes from the judgement stands by itself: one click leads to what explains it, or to the rows that make it up."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measurements.models import Submission
from slas.models import ServiceLevel
from tests.dashboard_world import MAY, judged  # noqa: F401
from tests.factories import breaches, contracts
from tests.factories.scorecards import publication

PERIOD = "period=2024-05"
# Page, who looks at it, and what of its numbers explains itself where it stands, with the reason.
PAGES = {
    f"portfolio/?{PERIOD}": ("marco", ""),
    "vendors/{code}/?" + PERIOD: ("marco", ""),
    f"results/?{PERIOD}": ("marco", ""),
    "contracts/{contract}/scorecard/?" + PERIOD: ("marco", r"^/100$|^[≥≤]"),  # targets are terms
    "scorecards/?owner=all": ("marco", r"[0-9]{4}"),  # the term
    "scorecards/": ("vera", r"[0-9]{4}"),
    "contracts/{contract}/credits/?show=all": (
        "marco",
        r"^£[0-9,.]+$",
    ),  # the balance after each entry, the sum of the rows
    "credits/?show=all": ("petra", ""),
    f"compare/?{PERIOD}&metric=IT-01": ("marco", ""),
    f"compare/?{PERIOD}&by=kras": ("marco", ""),
    f"compare/?{PERIOD}&by=spread": ("marco", r"^[0-9]+$"),  # contracts, which stand beside their number
    "compare/?" + PERIOD + "&by=vendor&vendor={code}": ("marco", ""),
    "contracts/{contract}/2024-05/publication/": ("marco", r"^/100$|^≥"),  # targets as they were frozen
    "figures/": ("vera", r"^[0-9]+$"),  # figures of months, counted
}
VOID = {"input", "br", "img", "hr", "meta", "link", "use", "path", "rect", "line", "circle"}
# Where numbers of the judgement stand.
CELLS = {("td", "n"), ("td", "h"), ("p", "hero__n"), ("span", "kras__v"), ("dd", "")}
# What belongs to a number beside it ("of 100"), is not seen, or is a form or a menu.
BESIDE = {"faint", "vh", "sub", "stat__sub", "hang", "only-narrow", "quiet"}


class _Alone(HTMLParser):
    """The numbers of the main part that stand in cells of numbers and in no link."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, set[str]]] = []
        self.alone: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append((tag, set((dict(attributes).get("class") or "").split())))

    def handle_endtag(self, tag):
        while self.open and tag in [name for name, _ in self.open]:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data):
        names = [name for name, _ in self.open]
        if "main" not in names or not re.search(r"[0-9]", data) or {"a", "svg", "form", "small"} & set(names):
            return
        if any(classes & BESIDE for _, classes in self.open):
            return
        if any((name, css) in CELLS for name, classes in self.open for css in classes | {""}):
            self.alone.append(" ".join(data.split()))


@pytest.fixture
def world(cast, judged, scope_of, in_june):  # noqa: F811
    made = [judged(cast.corvid), judged(cast.corvid, score="70"), judged(cast.halden, score="75")]
    with scope_of(cast.aldermoor):
        for one in made:
            ServiceLevel.objects.filter(pk=one.level.pk).update(metric="IT-01")
            one.breach(1)
            breaches.ledger_entry(one.periods[1])
        contracts.owner(made[0].contract, cast.petra)
        publication(made[0].periods[0], cast.marco)
    return made


@pytest.mark.parametrize("page", PAGES)
def test_every_number_is_a_link(page, cast, world, client_for):
    who, explained = PAGES[page]
    answer = client_for(getattr(cast, who)).get(page.format(code=cast.corvid.code, contract=world[0].contract.pk))
    assert answer.status_code == 200
    html = answer.content.decode()
    found = _Alone()
    found.feed(html)
    assert [number for number in found.alone if not explained or not re.search(explained, number)] == []
    assert re.search(r'<a[^>]*href="[^"]*"[^>]*>\s*(<svg.*?</svg>)?\s*(<span[^>]*>)?[£−0-9]', html, re.S)


def test_a_change_leads_to_what_moved(cast, world, client_for):
    """Of one contract to its two months side by side, of several to the contracts that make up the mean."""
    marco, pk = client_for(cast.marco), world[2].contract.pk
    portfolio = marco.get(f"portfolio/?{PERIOD}").content.decode()
    assert f"why/{pk}/2024-05/#change" in portfolio
    assert f"vendors/{cast.corvid.code}/?{PERIOD}#change" in portfolio
    assert 'id="change"' in marco.get(f"vendors/{cast.corvid.code}/?{PERIOD}").content.decode()
    why = marco.get(f"why/{pk}/2024-05/")
    assert [(one.before, one.after, one.change) for one in why.context["why"].moved] == [(90, 75, -15)]
    assert "90.0 then, 75.0 now" in " ".join(why.content.decode().split())


def test_counts_of_outcomes_lead_to_the_results_that_they_count(cast, world, judged, client_for):  # noqa: F811
    marco = client_for(cast.marco)
    assert "results/?period=2024-05&amp;outcome=default" in marco.get(f"portfolio/?{PERIOD}").content.decode()
    few = marco.get(f"results/?{PERIOD}&outcome=default")
    assert [row.contract.vendor.name for row in few.context["rows"]] == ["Corvid Systems"] * 2 + ["Halden BPO"]
    none = marco.get(f"results/?{PERIOD}&outcome=met")
    assert none.context["rows"] == [] and "No results with this outcome" in none.content.decode()
    assert [chip["url"] for chip in none.context["chips"] if chip["on"]] == [f"?{PERIOD}"], "it can be taken off"

    def statements(rows):
        with CaptureQueriesContext(connection) as found:
            assert len(marco.get(f"results/?{PERIOD}&page=9").context["rows"]) == rows
        return len(found)

    before = statements(3)
    judged(cast.halden)
    assert statements(4) == before <= 12
    assert client_for(cast.vera).get("results/").status_code == 403


@pytest.mark.parametrize("month", ["2024-05", "2024-06"])
def test_counts_of_submissions_lead_to_figures_also_while_the_month_runs(cast, world, client_for, scope_of, month):
    with scope_of(cast.aldermoor):
        Submission.objects.filter(contract=world[0].contract, month=MAY).update(status="submitted")
    marco = client_for(cast.marco)
    links = re.findall(
        rf'month/(\?period={month}[^"]*state=[^"]*)"', marco.get(f"portfolio/?period={month}").content.decode()
    )
    assert links
    for link in links:
        assert marco.get(f"month/{unescape(link)}").context["matching"], link


def test_open_breaches_of_a_vendor_lead_to_just_those(cast, world, client_for):
    marco = client_for(cast.marco)
    assert f"breaches/?vendor={cast.corvid.code}" in marco.get(f"portfolio/?{PERIOD}").content.decode()
    answer = marco.get(f"breaches/?vendor={cast.corvid.code}")
    assert {row["breach"].vendor_id for row in answer.context["rows"]} == {cast.corvid.pk}
    assert len(answer.context["rows"]) == 2 and "Breaches of Corvid Systems" in answer.content.decode()
    assert marco.get("breaches/?vendor=NOBODY").status_code == 404
