"""A metric as pages show it: in words, with its usual bands as a curve, and as lines of a contract file."""

from decimal import Decimal
from typing import Any

import yaml

from lib.templatetags.numbers import number
from slas import wording
from slas.curve import curve
from slas.metric_catalogue import OWN, Metric, trades

KINDS = {"ratio": "ratio", "availability": "share of time", "value": "number", "count": "count of cases"}
TRADES = {OWN: "Your own"}


def describe_kind(metric: Metric) -> str:
    ratio = metric.measure["kind"] == "ratio"
    kind = "share of cases" if ratio and metric.measure.get("unit") == "percent" else KINDS[metric.measure["kind"]]
    return f"{kind}, {wording.BETTER[metric.better].lower()}"


def describe_usual(metric: Metric) -> tuple[str, str]:
    """The usual target and minimum in words; empty where each contract sets its own."""
    if metric.target is None or metric.minimum is None:
        return "", ""
    sign = wording.format_sign(metric.measure)
    least = "minimum" if metric.better == "higher" else "at most"
    minimum = "" if metric.target == metric.minimum else f"{least} {number(Decimal(metric.minimum))}{sign}"
    return f"{number(Decimal(metric.target))}{sign}", minimum


def detail(metric: Metric) -> dict[str, Any]:
    bands = metric.bands()
    unit = metric.measure.get("unit", "")
    return {
        "metric": metric,
        "trade": {**TRADES, **trades()}[metric.trade],
        "every": wording.describe_cycle(metric.every),
        "formula": wording.describe_formula(_full(metric)),
        "figures": metric.figures,
        "usual": ", ".join(filter(None, describe_usual(metric))),
        "curve": curve(bands, metric.better, unit) if bands else None,
        "file": _in_a_file(metric),
    }


def _full(metric: Metric) -> dict[str, Any]:
    """The measure with the defaults that its words need."""
    return {"scale": "100", "maintenance": "excluded", "hours": "always", **metric.measure}


def _in_a_file(metric: Metric) -> str:
    """The metric as a service level of a contract file, ready to be copied: weights, first day and points are the contract's."""
    level: dict[str, Any] = {
        "code": metric.code,
        "name": metric.name,
        "every": metric.every,
        "measure": metric.measure,
        "metric": metric.code,
    }
    bands = metric.bands()
    if bands:
        level["terms"] = [{"better": metric.better, "bands": bands}]
    return yaml.safe_dump([level], sort_keys=False, allow_unicode=True, width=100)
