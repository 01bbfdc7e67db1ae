"""Every table of the product as a file: the rows of its page, in its order, under its filter, with its columns; or why there is none."""

import csv
import io
import re
from calendar import month_abbr
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from contracts.contract_file.consequences import CreditsPart
from contracts.models import Contract
from credits.models import Reconciliation
from evaluation.models import Month
from measurements.models import Submission
from slas.models import ServiceLevel
from tests.dashboard_world import judged  # noqa: F401
from tests.factories import agreements, breaches, disputes, organisations
from tests.factories.scorecards import handover, publication, published_edition

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True)
class Listed:
    """A table of a page: `path` with a filter and an order, what its caption begins with, and columns of the file that each row of the page
    shows. `says`: heads of the page that the file calls otherwise; None: a drawing or a button. `table`: as the address names it."""

    path: str
    caption: str
    shown: tuple[str, ...]
    who: str = "marco"
    says: dict[str, str | None] = field(default_factory=dict)
    table: str = ""
    at_least: int = 2
    heads: bool = True


MONTHS = {"", *month_abbr}  # of which the file has the whole name, as one choice
CREDITS = CreditsPart.model_validate({"point": {"amount": "500"}}).full()
PERIOD = "period=2024-05"
# Template: its tables with files.
FILES: dict[str, list[Listed]] = {
    "dashboards/portfolio.html": [
        Listed(
            f"portfolio/?{PERIOD}&status=breach&sort=-name",
            "Vendors with",
            ("Vendor", "Service"),
            says={"Rank": None, "ScoreMeasured": "Score", "Open": "Open breaches"},
        ),
    ],
    "dashboards/results.html": [
        Listed(
            f"results/?{PERIOD}&outcome=default",
            "Results of",
            ("Vendor", "Name of service level", "Contract"),
            at_least=3,
        )
    ],
    "dashboards/vendors.html": [
        Listed("vendors/?q=corvid", "Vendors and", ("Vendor", "Code"), says={"Term": "References"}, at_least=1)
    ],
    "dashboards/vendor.html": [
        Listed(
            "vendors/{code}/?" + PERIOD, "Contracts with", ("Contract", "Reference"), says={"Score": "Score May 2024"}
        )
    ],
    "dashboards/cockpit.html": [
        Listed(f"month/?{PERIOD}&state=judged", "Judged", ("Service level", "Name of service level"), heads=False)
    ],
    "dashboards/compare_metric.html": [
        Listed(
            f"compare/?{PERIOD}&metric=IT-01",
            "",
            ("Vendor", "Contract", "Cases"),
            says={"May 2024": "Value", "Likely range": "Likely from", "Status": "Outcome", "12 months": None},
        )
    ],
    "dashboards/compare_kras.html": [
        Listed(f"compare/?{PERIOD}&by=kras", "Key result areas", ("Key result area", "Vendor")),
        Listed(
            "compare/?" + PERIOD + "&by=vendor&vendor={code}", "Key result areas", ("Key result area",), table="kras"
        ),
    ],
    "dashboards/compare_vendor.html": [
        Listed("compare/?" + PERIOD + "&by=vendor&vendor={code}", "Scores of each", ("Contract", "Reference"))
    ],
    "dashboards/scorecards.html": [
        Listed("scorecards/?owner=all", "Contracts with", ("Contract", "Reference"), says={"Term": "Starts"})
    ],
    "dashboards/scorecard_levels.html": [
        Listed(
            "contracts/{contract}/scorecard/?" + PERIOD,
            "Results of",
            ("Service level", "Name of service level"),
            says={"12 periods": None},
            at_least=1,
        )
    ],
    "components/trend_table.html": [
        Listed(
            "contracts/{contract}/scorecard/?" + PERIOD + "&range=6",
            "Priority",
            ("Period",),
            says={"Result": "Value"},
            table="trend",
        )
    ],
    "scorecards/month_explanation.html": [
        Listed(
            "why/{contract}/2024-05/",
            "What each",
            ("Service level",),
            at_least=2,
            heads=False,
        ),
        Listed("why/{contract}/2024-05/", "Points earned", (), table="change", heads=False, at_least=1),
        Listed("why/{contract}/2024-05/", "From points", ("Step",), table="credit"),
        Listed("why/{contract}/2024-05/", "Results with", ("Service level",), table="points", at_least=1),
    ],
    "scorecards/packs.html": [
        Listed("review-packs/?owner=all", "Review packs", ("Vendor", "Months"), at_least=1, says={"Meeting": "Meeting"})
    ],
    "scorecards/handed_packs.html": [
        Listed(
            "packs/",
            "Review packs",
            ("Months",),
            "vera",
            {"About": "Contracts", "Checksums": None, "Files": None},
            at_least=1,
        )
    ],
    "credits/ledger.html": [
        Listed("contracts/{contract}/credits/?show=all", "Ledger entries", ("Entry",), says={"About": "Month"}),
        Listed(
            "contracts/{contract}/credits/?show=all",
            "Money by month",
            ("Points",),
            says={"Not charged (cap)": "Not charged because of the cap"},
            table="months",
        ),
    ],
    "credits/cash_rows.html": [
        Listed(
            "credits/?show=all",
            "Credits by",
            ("Contract", "State"),
            says={"Credit": "Amount", "Last step": "Claimed at", "Choose": None},
            at_least=1,
        )
    ],
    "reporting/vendor_home.html": [
        Listed("figures/", "Months whose", ("Contract", "State"), "vera", {"Figures": "Figures there", "Act": None}),
        Listed("figures/", "Latest scorecard", ("Contract",), "vera", {"12 months": None}, "cards"),
    ],
    "reporting/submissions.html": [Listed(f"submissions/?{PERIOD}&state=accepted", "", ("Contract",), heads=False)],
    "breaches/list.html": [
        Listed("breaches/?status=all&vendor={code}&owner=all", "Breaches", ("Vendor", "Period"), heads=False)
    ],
    "breaches/consequences.html": [Listed("triggered/?status=all", "", ("Contract",), heads=False, at_least=1)],
    "disputes/list.html": [Listed("disputes/?status=all", "", ("Contract",), heads=False, at_least=1)],
    "agreements/contracts.html": [Listed("contracts/?", "Contracts", ("Contract", "Reference"), heads=False)],
    "agreements/revisions.html": [Listed("revisions/?", "", ("Contract",), heads=False, at_least=1)],
    "agreements/catalogue.html": [Listed("catalogue/?trade=IT", "Metrics", ("Metric", "Code"), "petra", at_least=5)],
    "agreements/metric.html": [
        Listed(
            "catalogue/metric/?code=IT-01", "Service levels", ("Vendor", "Name of service level"), "petra", heads=False
        )
    ],
    "agreements/board.html": [
        Listed(
            "alignment/?show=all&owner=all",
            "What the score",
            ("Contract", "Reference"),
            "petra",
            {"Measured": "Measured, percent", "Act": None},
        )
    ],
    "agreements/bulk/list.html": [
        Listed("bulk-revisions/", "Bulk revisions", ("Bulk revision", "By"), "petra", at_least=1)
    ],
    "credits/reconciled.html": [
        Listed("credits/payments/{reconciliation}/", "Rows of", ("Reference",), "petra", at_least=1)
    ],
    "organisations/keys.html": [Listed("keys/", "API keys", ("Name",), "ada", {"Act": None}, at_least=1)],
    "reporting/contract_submissions.html": [
        Listed("submissions/?contract={contract}", "Submissions of", ("State",), heads=False)
    ],
    "reporting/submission_figures.html": [
        Listed("submissions/{submission}/", "Figures of", ("Name of service level", "State"), heads=False, at_least=1)
    ],
    "scorecards/levels.html": [
        Listed(
            "contracts/{contract}/2024-05/publication/", "Results of", ("Name of service level", "Status"), at_least=1
        )
    ],
    "organisations/people.html": [Listed("people/?", "", ("Name",), "ada", heads=False)],
}
FORM = "a form: what is typed in is not a list"
DOCUMENT = "part of a document that has a file of its own"
SMALL = "a few lines that explain a number or a decision of the same page"
# Templates with a table and without a file, and why.
NONE = {
    "components/README.md": "no page",
    "components/cal.html": "a calendar",
    "components/waterfall.html": SMALL,
    "allauth/elements/table.html": "one's own account, outside organisations",
    "api/problems.html": "documentation of the API",
    "dashboards/compare_spread.html": "bands with their contracts; the file has a row for each contract (test_the_distribution)",
    "dashboards/due_later.html": FORM,
    "audit/trail.html": "the trail has its own files, which can be verified",
    "exports/list.html": "each row is a file",
    "scorecards/pack_published.html": "each row is a file",
    "scorecards/difference.html": SMALL,
    "agreements/bands.html": SMALL,
    "agreements/bulk/table.html": "a decision on the same change; its contracts are in the list of contracts",
    "agreements/contract.html": DOCUMENT,
    "agreements/editor/alignment.html": FORM,
    "agreements/editor/details.html": FORM,
    "agreements/editor/level.html": FORM,
    "agreements/editor/lines.html": FORM,
    "agreements/editor/parts.html": FORM,
    "agreements/field_changes.html": SMALL,
    "agreements/impact_panel.html": SMALL,
    "agreements/import.html": FORM,
    "agreements/redline.html": DOCUMENT,
    "agreements/service_level.html": DOCUMENT,
    "breaches/decide.html": FORM,
    "breaches/page.html": SMALL,
    "breaches/plan.html": FORM,
    "credits/column_templates.html": FORM,
    "credits/reconcile.html": "each row is a file",
    "disputes/effect.html": SMALL,
    "explanations/explanation.html": SMALL,
    "notifications/letters.html": FORM,
    "organisations/roles.html": "what each role may do: documentation, the same everywhere",
    "organisations/settings.html": FORM,
    "reporting/all_clients.html": "over several organisations: each has its own files, in its own scope",
    "reporting/entry_lines.html": FORM,
    "reporting/figures.html": FORM,
    "reporting/month_lines.html": FORM,
    "reporting/under_way.html": "rows of the list of submissions in other months, which has files",
}
TABLES = [one for every in FILES.values() for one in every]


class _Tables(HTMLParser):
    """The tables of a page: caption, heads, and the texts of the rows of their bodies."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict] = []
        self.part, self.open, self.heads_of = "", [], 0

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append({"caption": "", "heads": [], "rows": []})
        elif tag in ("caption", "thead", "tbody") and self.tables:
            self.part = tag
        elif tag == "tr" and self.part == "tbody":
            self.tables[-1]["rows"].append(["group" if ("class", "group") in attributes else ""])
        elif tag == "th" and self.part == "thead":
            self.tables[-1]["heads"].append("")

    def handle_endtag(self, tag):
        if tag in ("caption", "thead", "tbody", "table"):
            self.part = ""

    def handle_data(self, data):
        text, table = " ".join(data.split()), self.tables[-1] if self.tables else None
        if not text or table is None:
            return
        if self.part == "caption":
            table["caption"] += text
        elif self.part == "thead" and table["heads"]:
            table["heads"][-1] += text
        elif self.part == "tbody" and table["rows"]:
            table["rows"][-1].append(text)


def tables_of(html):
    found = _Tables()
    found.feed(html)
    return found.tables


@pytest.fixture
def world(cast, judged, scope_of, in_june):  # noqa: F811
    """Two contracts of Corvid and one of Halden, with something in every table."""
    made = [
        judged(cast.corvid, title="=Service desk", score="70"),
        judged(cast.corvid, title="Back office", score="60"),
        judged(cast.halden, title="Payroll", score="75"),
    ]
    with scope_of(cast.aldermoor):
        for nth, one in enumerate(made):
            ServiceLevel.objects.filter(pk=one.level.pk).update(metric="IT-01", name=f"Priority {nth}")
            one.breach(0)
            one.breach(1)
            for period in one.periods[:2]:
                breaches.ledger_entry(period)
            publication(one.periods[0], cast.marco)
        first = made[0]
        disputes.dispute(first.level, first.periods[1], cast.vera)
        breaches.consequence(first.periods[1])
        agreements.sent(agreements.revision(first.contract, cast.petra), cast.petra)
        Contract.objects.filter(pk=first.contract.pk).update(credits=[{"from": "2024-04-01", **CREDITS}])
        counted = {
            "code": first.level.code,
            "starts_on": "2024-05-01",
            "points": 1,
            "counted": 1,
            "earning": 1,
            "share": 500,
        }
        Month.objects.filter(contract=first.contract).update(trace={"counted": [counted]})
        agreements.bulk_revision(first.contract, cast.petra)
        organisations.api_key(cast.ada)
        breaches.reconciliation(cast.petra)
        handover(published_edition(first.periods[1], cast.marco), first.periods[1], cast.marco)
    return made


@pytest.fixture
def both(cast, client_for, scope_of, world):
    """`both(listed)`: the table of the page, and the rows and the sheet of its files."""

    def got(listed):
        client = client_for(getattr(cast, listed.who))
        with scope_of(cast.aldermoor):
            rows = {
                "reconciliation": Reconciliation.objects.get().pk,
                "submission": Submission.objects.earliest("pk").pk,
            }
        path = listed.path.format(code=cast.corvid.code, contract=world[0].contract.pk, **rows)
        page = client.get(path)
        assert page.status_code == 200, path
        html = page.content.decode()
        table = next(one for one in tables_of(html) if one["caption"].startswith(listed.caption))
        address = f"{path}{'&' if '?' in path else '?'}table={listed.table}&export="
        assert f'name="table" value="{listed.table}"' in html or not listed.table
        answers = [client.get(f"{address}{form}") for form in ("csv", "xlsx")]
        assert all("attachment" in one["Content-Disposition"] for one in answers)
        text, book = (
            answers[0].content.decode("utf-8-sig"),
            CalamineWorkbook.from_filelike(io.BytesIO(answers[1].content)),
        )
        return table, list(csv.DictReader(io.StringIO(text))), book.get_sheet_by_index(0).to_python()

    return got


@pytest.mark.parametrize("listed", TABLES, ids=lambda one: f"{one.path.split('?')[0]}{one.table}")
def test_a_file_has_the_rows_the_order_and_the_columns_of_its_page(listed, both):
    table, rows, sheet = both(listed)
    lines = [row for row in table["rows"] if row[0] != "group" or listed.caption in ("What each", "Points earned")]
    assert len(rows) == len(lines) == len(sheet) - 1 >= listed.at_least
    for row, line in zip(rows, lines, strict=True):
        said = " ".join(line)
        for name in listed.shown:
            assert row[name].removeprefix("'") in said, (name, row, said)
    if listed.heads:
        heads = {head: listed.says.get(head, head) for head in table["heads"] if head not in MONTHS}
        assert [head for head, name in heads.items() if name and not any(one.startswith(name) for one in rows[0])] == []


def test_the_distribution(cast, world, client_for):
    """A row for each contract that the bands of the page hold: the best band first, and in it the best score, of the chosen tiers alone."""
    marco, path = client_for(cast.marco), f"compare/?{PERIOD}&by=spread"
    shares = marco.get(path).context["shares"]
    shown = [(share.words, name, f"{score:f}") for share in shares for _, name, score in share.contracts]
    assert len(shown) == 3
    for form in ("csv", "xlsx"):
        answer = marco.get(f"{path}&export={form}")
        assert "attachment" in answer["Content-Disposition"]
        if form == "csv":
            rows = [tuple(row) for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))]
        else:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert tuple(rows[0]) == ("Scores", "Contract", "Score")
        assert [(band, name, Decimal(str(score))) for band, name, score in rows[1:]] == [
            (band, name, Decimal(score)) for band, name, score in shown
        ]
    assert marco.get(f"{path}&tier=3&export=csv").content.decode("utf-8-sig").splitlines() == ["Scores,Contract,Score"]


def test_every_table_has_a_file_or_a_reason_why_not():
    """A new page with a table: give it a file (`lib.tables.Export`) and add it above, or say why it has none."""
    with_tables = {
        str(one.relative_to(TEMPLATES))
        for one in TEMPLATES.rglob("*")
        if one.is_file() and re.search(r"<table\b", one.read_text())
    }
    assert with_tables == FILES.keys() | NONE.keys()
    assert not FILES.keys() & NONE.keys()
