"""Small contracts, judged, with the explanations that say why. Made inside an open scope."""

from datetime import UTC, date, datetime

from contracts import contract_file
from evaluation.actions import judge
from evaluation.models import Result
from evaluation.pipeline import EvaluationRequest
from explanations.explanation import explain_all
from explanations.rows import gather
from measurements import figures_file
from measurements.actions import import_figures
from slas.actions import import_contract
from tests.evaluation.engines import as_csv, as_text

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
LATE = date(2030, 1, 1)
BANDS = [
    {"name": "Good", "at": 95, "outcome": "met", "points": 0, "score": 100},
    {"name": "Fair", "at": 90, "outcome": "miss", "points": 1, "score": 50},
    {"name": "Bad", "outcome": "default", "points": 10, "score": 0},
]


def explained(contract, figures, as_of=None):
    """(result, rows, explanation) of each slot of a contract, judged and kept in the open scope."""
    file = contract_file.read(as_text(contract))
    rows = figures_file.read(as_csv(figures), "figures.csv", figures_file.expectations(file))
    made = import_contract(by=None, source=file)
    if rows:
        import_figures(by=None, contract=made, rows=rows, accept=True, now=NOW)
    judge([EvaluationRequest(made.pk, made.starts_on, as_of or LATE, made.starts_on)], now=NOW)
    results = list(Result.objects.filter(contract=made).order_by("service_level__code", "starts_on"))
    return [
        (found.result, found, explanation)
        for found, explanation in zip(gather(results), explain_all(results), strict=True)
    ]


def explanations_of(level, figures, **rest):
    """The explanations of one service level of a small contract; further parts of the file by keyword."""
    measure = {"kind": "ratio", "of": "Good", "among": "All"}
    terms = {"from": "2024-04-01", "better": "higher", "bands": BANDS} | level.get("terms", {})
    levels = [
        {"code": code, "name": code, "kras": {"REL": 100}, "every": "month"}
        | {"measure": level.get("measure", measure), "terms": [terms]}
        for code in rest.pop("codes", ["SL"])
    ]
    kras = [{"code": "REL", "name": "R", "weight": 100}]
    contract = {"plumbline": 1, "contract": header_of("R"), "kras": kras, "service_levels": levels} | rest
    given = [{"service_level": levels[0]["code"], "period": "2024-04-01"} | figure for figure in figures]
    return [explanation for *_, explanation in explained(contract, given, date(2024, 8, 1))]


def header_of(reference):
    return {
        "reference": reference,
        "title": "T",
        "vendor": {"code": "V", "name": "V"},
        "starts_on": "2024-04-01",
        "ends_on": "2025-03-31",
        "currency": "GBP",
        "timezone": "UTC",
        "charges": {"monthly": "1000"},
    }


def pair(good, base, **rest):
    """A figure of a ratio."""
    return {"numerator": str(good), "denominator": str(base)} | rest


def line(lines, label):
    return next((one.text for one in lines if one.label == label), None)
