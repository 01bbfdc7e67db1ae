"""The metric catalogue: found by words and trade, and one metric in full, with its traps before anybody uses it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from agreements import exports
from agreements.pages.metrics import TRADES, describe_kind, describe_usual, detail
from lib.htmx import render_part
from lib.tables import Export
from organisations.access import allows
from organisations.requests import MemberRequest
from slas.metric_catalogue import OWN, Metric, metrics, search, trades
from slas.models import ServiceLevel
from slas.own_metrics import known_metrics

PAGE = "agreements/catalogue.html"


@require_safe
@allows("catalogue.view")
def catalogue(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?q=incident&trade=IT&metric=IT-03`. What is not there is as if it had not been asked for. Two statements of its own."""
    known = known_metrics()
    names = trades() if len(known) == len(metrics()) else {**trades(), **TRADES}
    words = request.GET.get("q", "").strip()[:80]
    trade = request.GET.get("trade", "")
    trade = trade if trade in names else ""
    found = search(words, trade, known.values())
    chosen = known.get(request.GET.get("metric", "")) or (found[0] if found else None)
    query = {name: value for name, value in (("q", words), ("trade", trade)) if value}
    levels = ServiceLevel.objects.filter(contract__agreed=True).exclude(metric="").order_by()
    used = dict(levels.values_list("metric").annotate(count=Count("pk")))
    rows = [_row(metric, query, used.get(metric.code, 0)) for metric in found]
    export = Export.asked("metrics", exports.METRICS, request.GET, query)
    if export:
        return export.answer(lambda: rows, len(rows))
    context = {
        "export": export,
        "catalogue_url": reverse("catalogue", args=[organisation]),
        "q": words,
        "trade": trade,
        "trade_name": names.get(trade, "All trades"),
        "trades": _trades(words, trade, names, known),
        "all_query": urlencode({"q": words} if words else {}),
        "rows": rows,
        "count": len(search("", trade, known.values())),
        "total": len(metrics()),
        "own": len(known) - len(metrics()),
        "trade_total": len(trades()),
        "chosen": detail(chosen) if chosen else None,
        "used": used.get(chosen.code, 0) if chosen else 0,
        "may_manage": request.membership.may("metric.manage"),
        "own_trade": OWN,
    }
    return render_part(request, PAGE, "catalogue", context)


def _trades(words: str, trade: str, names: Mapping[str, str], known: Mapping[str, Metric]) -> list[dict[str, Any]]:
    """The chips: each trade with how many of its metrics have the words."""
    kept = {"q": words} if words else {}
    every = {"label": "All trades", "on": not trade, "url": f"?{urlencode(kept)}"}
    chips = [
        {
            "label": name,
            "count": len(search(words, code, known.values())),
            "on": code == trade,
            "url": f"?{urlencode({**kept, 'trade': code})}",
        }
        for code, name in names.items()
    ]
    return [every, *chips]


def _row(metric: Metric, query: dict[str, str], used: int) -> dict[str, Any]:
    return {
        "metric": metric,
        "kind": describe_kind(metric),
        "usual": describe_usual(metric),
        "used": used,
        "query": urlencode({**query, "metric": metric.code}),
    }
