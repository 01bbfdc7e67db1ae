"""One service level: how it is measured, what the terms in force say, and what each version changed."""

from datetime import date
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.views.contracts import in_force
from lib.htmx import render_part
from organisations.access import allows
from slas import wording
from slas.alignment import day_to_look_at
from slas.alignment import in_force as alignments_in_force
from slas.models import ServiceLevel, Terms

PAGE = "agreements/service_level.html"


@require_safe
@allows("contract.view")
def service_level(request: HttpRequest, organisation: str, contract_id: int, service_level_code: str) -> HttpResponse:
    found = ServiceLevel.objects.select_related("contract__vendor").prefetch_related("terms", "alignments__kra")
    level = get_object_or_404(found, contract=contract_id, code=service_level_code)
    contract, today = level.contract, level.contract.day(timezone.now())
    on = day_to_look_at(contract.starts_on, contract.ends_on, today)
    terms = in_force(list(level.terms.all()), on)
    context = {
        "level": level,
        "contract": contract,
        "on": on,
        "year": on.year,
        "today": today,
        "every": wording.describe_cycle(level.cycle),
        "formula": wording.describe_formula(level.measure),
        "roll_up": wording.describe_roll_up(level.measure),
        "terms": terms,
        "bands": wording.bands(terms.full, level.measure) if terms else [],
        "clauses": wording.describe_clauses(terms.full, level.measure) if terms else [],
        "serves": [(one.kra, one.weight) for one in alignments_in_force(level.alignments.all(), on)],
        "versions": _versions(level, on),
        "periods": _periods(level, on.year),
    }
    return render_part(request, PAGE, "level", context)


def _versions(level: ServiceLevel, on: date) -> list[dict[str, Any]]:
    """Newest first, each with what it changed about the one before it."""
    versions: list[Terms] = list(level.terms.all())
    changed = {
        after.pk: wording.differences(before.full, after.full, level.measure) for before, after in pairwise(versions)
    }
    return [
        {
            "terms": one,
            "span": wording.format_span(one.valid.lower, one.valid.upper),
            "running": on in one.valid,
            "future": one.valid.lower > on,
            "changed": changed.get(one.pk, []),
        }
        for one in reversed(versions)
    ]


def _periods(level: ServiceLevel, year: int) -> list[Any]:
    """The periods that end in a year, with their due days."""
    periods = level.contract.periods.filter(cycle=level.cycle, ends_on__year=year)
    return list(periods.order_by("starts_on"))
