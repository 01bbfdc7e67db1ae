"""Vendors side by side: by metric, by key result area, how scores are spread, and one vendor over its contracts."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from contracts.mine import chosen as chosen_owner
from contracts.models import Contract
from contracts.querysets import Span
from dashboards import exports
from dashboards.context import month_links
from dashboards.pages import compare as page
from dashboards.pages.portfolio import heat_cells
from dashboards.pages.weakest_kras import finding as kras_finding
from dashboards.pages.weakest_kras import weakest_kras
from dashboards.querysets import compare as find
from dashboards.querysets.opening import opening_of, passed_over
from dashboards.querysets.portfolio import cards, lowest_kras
from dashboards.rules import FEW, tiers_of, window
from lib.htmx import render_part
from lib.months import after, month_of, stepper
from lib.tables import MOST, Export
from lib.templatetags.dates import month_key
from organisations.access import allows
from organisations.requests import MemberRequest
from organisations.rules import TIERS
from slas.own_metrics import known_metrics

TEMPLATE = "dashboards/compare.html"
VIEWS = {
    "metric": "By metric",
    "kras": "Key result areas",
    "spread": "Distribution",
    "vendor": "One vendor, all contracts",
}
KRAS = 30  # that a page compares
Made = dict[str, Any] | HttpResponseBase  # what a view shows, or its file


@require_GET
@allows("portfolio.view")
def compare(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?by=metric&metric=IT-03&few=no&tier=1,2&period=2026-10&owner=all`, `?by=kras`, `?by=spread`, `?by=vendor&vendor=CORVID`."""
    now = timezone.now()
    opening = opening_of(now, request.membership.pk)
    span, this_month, asked = opening.span, opening.this_month, month_of(request.GET.get("period", ""))
    by = request.GET.get("by", "")
    by = by if by in VIEWS else "metric"
    owner = chosen_owner(request.GET.get("owner", ""), span.held)
    month = opening.month(asked, owner)
    chosen = {name: text for name in ("metric", "few", "tier", "vendor") if (text := request.GET.get(name, "")[:40])}
    tiers = tiers_of(chosen.pop("tier", ""))
    kept = {"tier": ",".join(map(str, tiers))} if tiers else {}
    shared = {"period": month_key(month), **kept, **owner.kept}
    state = {"by": by, **shared, **chosen}
    made = PARTS[by](request, month, _of_tiers(tiers, owner.contracts), state)
    if not isinstance(made, dict):
        return made
    others = {name: text for name, text in state.items() if name != "owner"}
    later = passed_over(asked, month, this_month)
    context: dict[str, Any] = {
        "by": by,
        "month": month,
        "months": window(month),
        "key": month_key(month),
        "period": _stepper(span, month, this_month, state),
        "later": later,
        "later_url": f"?{urlencode({**state, 'period': month_key(later)})}" if later else "",
        "owner": owner,
        "owners": owner.choices(others),
        "state": state,
        "tiers": _tier_menu(tiers, state),
        "chosen_tiers": " and ".join(map(str, tiers)),
        "tabs": [
            {"label": label, "url": f"?{urlencode({'by': name, **shared})}", "current": name == by}
            for name, label in VIEWS.items()
        ],
        **made,
    }
    return render_part(request, TEMPLATE, "compare", context)


def _of_tiers(tiers: list[int], contracts: list[int] | None) -> list[int] | None:
    """The contracts that are left of vendors of these tiers; one statement where there are some."""
    if not tiers:
        return contracts
    found = Contract.objects.filter(vendor__tier__in=tiers)
    return list((found if contracts is None else found.filter(pk__in=contracts)).values_list("pk", flat=True))


def _tier_menu(tiers: list[int], state: dict[str, str]) -> list[dict[str, Any]]:
    """Each adds its tier, or takes it out."""
    menu = []
    for tier in TIERS:
        changed = {**state, "tier": ",".join(map(str, sorted({*tiers} ^ {tier})))}
        url = f"?{urlencode({name: text for name, text in changed.items() if text})}"
        menu.append({"label": str(tier), "count": None, "on": tier in tiers, "url": url})
    return menu


def _stepper(span: Span, month: date, last: date, state: dict[str, str]) -> dict[str, Any]:
    first = span.first.replace(day=1) if span.first else month
    return stepper(month, first=first, last=last, kept={name: text for name, text in state.items() if name != "period"})


def _by_metric(request: MemberRequest, month: date, contracts: list[int] | None, state: dict[str, str]) -> Made:
    """Three statements."""
    counts = find.metric_counts(month, contracts)
    known = known_metrics()
    code = state.get("metric") if state.get("metric") in {one.code for one in counts} else None
    code = code or (counts[0].code if counts else "")
    rows = find.compared(code, window(month), contracts) if code else []
    least = FEW if state.get("few") == "no" else 0
    lines = page.lines_of(rows, least)
    export = Export.asked("compare", exports.COMPARE, request.GET, state)
    if export:
        return export.answer(lambda: lines, len(lines))
    kept = {name: text for name, text in state.items() if name != "few"}
    enough = sum((row.denominator or 0) >= FEW for row in rows)
    name = known[code].name if code in known else code
    return {
        "metrics": [(one, known[one.code].name if one.code in known else one.code) for one in counts],
        "metric": code,
        "metric_name": name,
        "definition": known[code].definition if code in known else "",
        "lines": lines,
        "finding": page.finding(lines),
        "vendor_count": len({row.vendor_code for row in rows}),
        "row_count": len(rows),
        "few": FEW,
        "any_few": any(line.few for line in lines),
        "export": export,
        "chips": [
            {
                "label": f"At least {FEW} cases",
                "count": enough,
                "on": bool(least),
                "url": f"?{urlencode(kept if least else {**kept, 'few': 'no'})}",
            }
        ]
        if any(row.denominator is not None for row in rows)
        else [],
    }


def _by_kra(request: MemberRequest, month: date, contracts: list[int] | None, state: dict[str, str]) -> Made:
    """Two statements."""
    ids = contracts if contracts is not None else list(_running(month).values_list("pk", flat=True))
    months = window(month)
    export = Export.asked("key-result-areas", exports.kra_columns(months), request.GET, state)
    found = lowest_kras(months[0], month, ids, MOST if export else KRAS) if ids else []
    if export:
        return export.answer(lambda: found, len(found))
    areas = weakest_kras(found, months, request.membership.house, request.membership.organisation.slug)
    return {"kra_export": export, "areas": areas, "areas_finding": kras_finding(areas) if areas else "", "most": KRAS}


def _by_spread(request: MemberRequest, month: date, contracts: list[int] | None, state: dict[str, str]) -> Made:
    """Two statements."""
    found = cards(month, month, contracts)
    names = {
        pk: f"{vendor}, {reference}"
        for pk, vendor, reference in Contract.objects.filter(pk__in=[pk for pk, _ in found]).values_list(
            "pk", "vendor__name", "reference"
        )
    }
    scores = [(pk, names[pk], card.score) for (pk, _), card in found.items() if card.score is not None]
    shares = page.spread(scores, request.membership.house)
    export = Export.asked("distribution", exports.SPREAD, request.GET, state)
    if export:
        rows = [(share.words, name, score) for share in shares for _, name, score in share.contracts]
        return export.answer(lambda: rows, len(rows))
    return {
        "export": export,
        "shares": shares,
        "widest": max((share.count for share in shares), default=0),
        "scored": len(scores),
        "unscored": len(found) - len(scores),
        "middle": page.middle([score for _, _, score in scores]),
    }


def _of_vendor(request: MemberRequest, month: date, contracts: list[int] | None, state: dict[str, str]) -> Made:
    """Three statements."""
    listed = ("reference", "title", "starts_on", "ends_on", "vendor__name", "vendor__code")
    every = Contract.objects.select_related("vendor").only(*listed)
    contracts_all = list(every.order_by("vendor__name", "vendor__code", "reference"))
    vendors = list({one.vendor_id: one.vendor for one in contracts_all}.values())
    vendor = next((one for one in vendors if one.code == state.get("vendor")), vendors[0] if vendors else None)
    months, house = window(month), request.membership.house
    own = [one for one in contracts_all if vendor and one.vendor_id == vendor.pk]
    found = cards(months[0], month, [one.pk for one in own]) if own else {}
    export = Export.asked("contracts", exports.contract_columns(months), request.GET, state)
    if export:
        return export.answer(lambda: exports.contract_months(own, found, months), len(own))
    kra_export = Export.asked("key-result-areas", exports.kra_columns(months), request.GET, state, "kras")
    areas = lowest_kras(months[0], month, [one.pk for one in own], MOST if kra_export else KRAS) if own else []
    if kra_export:
        return kra_export.answer(lambda: areas, len(areas))
    rows = []
    for one in own:
        held = [found.get((one.pk, at)) for at in months]
        scores = [card.score if card else None for card in held]
        cells = heat_cells(scores, [bool(card and card.provisional) for card in held], house)
        links = month_links(request.membership.organisation.slug, "", [one.pk], months)
        rows.append((one, scores[-1], cells, links))
    return {
        "export": export,
        "kra_export": kra_export,
        "vendors": vendors,
        "vendor": vendor,
        "rows": rows,
        "areas": weakest_kras(areas, months, house, request.membership.organisation.slug),
    }


def _running(month: date) -> Any:
    return Contract.objects.filter(starts_on__lt=after(month), ends_on__gte=month)


PARTS: dict[str, Any] = {"metric": _by_metric, "kras": _by_kra, "spread": _by_spread, "vendor": _of_vendor}
