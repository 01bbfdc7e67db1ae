"""The metric catalogue: found by words and trade, and one metric in full, with its traps before anybody uses it."""

from decimal import Decimal
from typing import Any

import yaml
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from lib.htmx import render_part
from lib.templatetags.numbers import number
from organisations.access import allows
from organisations.requests import MemberRequest
from slas import wording
from slas.curve import curve
from slas.metric_catalogue import Metric, metrics, search, trades

PAGE = "agreements/catalogue.html"
KINDS = {"ratio": "ratio", "availability": "share of time", "value": "number", "count": "count of cases"}


@require_safe
@allows("catalogue.view")
def catalogue(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?q=incident&trade=IT&metric=IT-03`. What is not there is as if it had not been asked for. No statement of its own."""
    words = request.GET.get("q", "").strip()[:80]
    trade = request.GET.get("trade", "")
    trade = trade if trade in trades() else ""
    found = search(words, trade)
    chosen = metrics().get(request.GET.get("metric", "")) or (found[0] if found else None)
    query = {name: value for name, value in (("q", words), ("trade", trade)) if value}
    context = {
        "catalogue_url": reverse("catalogue", args=[organisation]),
        "q": words,
        "trade": trade,
        "trade_name": trades().get(trade, "All trades"),
        "trades": _trades(words, trade),
        "all_query": urlencode({"q": words} if words else {}),
        "rows": [_row(metric, query) for metric in found],
        "count": len(search("", trade)),
        "total": len(metrics()),
        "trade_total": len(trades()),
        "chosen": _detail(chosen) if chosen else None,
    }
    return render_part(request, PAGE, "catalogue", context)


def _trades(words: str, trade: str) -> list[dict[str, Any]]:
    """The chips: each trade with how many of its metrics have the words."""
    kept = {"q": words} if words else {}
    every = {"label": "All trades", "on": not trade, "url": f"?{urlencode(kept)}"}
    chips = [
        {
            "label": name,
            "count": len(search(words, code)),
            "on": code == trade,
            "url": f"?{urlencode({**kept, 'trade': code})}",
        }
        for code, name in trades().items()
    ]
    return [every, *chips]


def _row(metric: Metric, query: dict[str, str]) -> dict[str, Any]:
    return {
        "metric": metric,
        "kind": f"{_kind(metric)}, {wording.BETTER[metric.better].lower()}",
        "usual": _usual(metric),
        "query": urlencode({**query, "metric": metric.code}),
    }


def _kind(metric: Metric) -> str:
    ratio = metric.measure["kind"] == "ratio"
    return "share of cases" if ratio and metric.measure.get("unit") == "percent" else KINDS[metric.measure["kind"]]


def _usual(metric: Metric) -> tuple[str, str]:
    """The usual target and minimum in words; empty where each contract sets its own."""
    if metric.target is None or metric.minimum is None:
        return "", ""
    sign = wording.format_sign(metric.measure)
    least = "minimum" if metric.better == "higher" else "at most"
    minimum = "" if metric.target == metric.minimum else f"{least} {number(Decimal(metric.minimum))}{sign}"
    return f"{number(Decimal(metric.target))}{sign}", minimum


def _detail(metric: Metric) -> dict[str, Any]:
    bands = metric.bands()
    unit = metric.measure.get("unit", "")
    return {
        "metric": metric,
        "trade": trades()[metric.trade],
        "every": wording.describe_cycle(metric.every),
        "formula": wording.describe_formula(_full(metric)),
        "figures": metric.figures,
        "usual": ", ".join(filter(None, _usual(metric))),
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
    }
    bands = metric.bands()
    if bands:
        level["terms"] = [{"better": metric.better, "bands": bands}]
    return yaml.safe_dump([level], sort_keys=False, allow_unicode=True, width=100)
