"""The list of contracts, a contract's terms, and the contract as a file."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from agreements import exports
from agreements import querysets as find
from agreements.pages.term import ending_of
from agreements.querysets import Aligned
from contracts import contract_file, wording
from contracts.contract_file import BadFile
from contracts.in_charge import charges_of
from contracts.mine import owner_filter
from contracts.models import Contract
from contracts.rules import ENDING_SOON
from contracts.rules import in_force as which_in_force
from explanations.failures import describe_failure
from lib.errors import RuleBroken
from lib.htmx import render_part
from lib.tables import CHUNK, Export, in_chunks
from lib.templatetags.numbers import format_ordinal
from organisations.access import allows
from organisations.requests import MemberRequest
from slas import wording as level_wording
from slas.actions import export_contract
from slas.alignment import align, day_to_look_at
from slas.models import ServiceLevel, Terms

LIST = "agreements/contracts.html"
PAGE = "agreements/contract.html"
SHOWN = 25  # contracts on a page of the list
SHOWS = {"current": "In force", "future": "To come", "ended": "Ended", "drafted": "Not agreed yet", "gaps": "With gaps"}


# The list ----------------------------------------------------------------------------------------------------------


@require_safe
@allows("contract.view")
def contracts(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?q=halden&show=gaps&owner=all&page=2`. Four statements, and two for the gaps where they are asked for."""
    words, show = request.GET.get("q", "").strip()[:80], request.GET.get("show", "")
    show, now = show if show in SHOWS else "", timezone.now()
    owner = owner_filter(request.GET.get("owner", ""), request.membership, now)
    found = owner.of(find.matching(words))
    counts = find.counted(found, now)
    known = {
        "": counts["all"],
        "current": counts["all"] - counts["ended"] - counts["future"] - counts["drafted"],
        "future": counts["future"],
        "drafted": counts["drafted"],
        "ended": counts["ended"],
    }
    chosen = find.shown(found, show, now)
    others = {name: value for name, value in (("q", words), ("show", show)) if value}
    kept = {**others, **owner.kept}
    export = Export.asked("contracts", exports.COLUMNS, request.GET, kept)
    if export:
        return export.answer(lambda: in_chunks(chosen.iterator(CHUNK), lambda some: _rows(some, now)), chosen.count())
    paginator = Paginator(chosen, SHOWN)
    if show in known:
        paginator.count = known[show]
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = {
        "page": page,
        "rows": _rows(page.object_list, now),
        "export": export,
        "all": counts["all"],
        "current": known["current"],
        "q": words,
        "show": show,
        "chips": _chips(known, show, kept),
        "owner": owner,
        "owners": owner.choices(others),
        "query": f"{urlencode(kept)}&" if kept else "",
        "contracts_url": reverse("contracts", args=[organisation]),
        "may_import": request.membership.may("contract.import"),
        "may_draft": request.membership.may("revision.draft"),
    }
    return render_part(request, LIST, "contracts", context)


def _chips(known: dict[str, int], show: str, kept: dict[str, str]) -> list[dict[str, Any]]:
    """The filters with how many contracts each leaves, as far as that is known without asking."""
    without = {name: value for name, value in kept.items() if name != "show"}
    every = {"label": "All", "count": known[""], "on": not show, "url": f"?{urlencode(without)}"}
    chips = [
        {"label": word, "count": known.get(name), "on": name == show, "url": f"?{urlencode({**without, 'show': name})}"}
        for name, word in SHOWS.items()
    ]
    return [every, *chips]


def _rows(contracts: Sequence[Contract], now: datetime) -> list[dict[str, Any]]:
    """One statement."""
    aligned = find.alignments([contract.pk for contract in contracts], now)
    return [_row(one, aligned[one.pk], one.day(now)) for one in contracts]


def _row(contract: Contract, aligned: Aligned, today: date) -> dict[str, Any]:
    clauses = contract.in_force(today)
    return {
        "contract": contract,
        "aligned": aligned,
        "ended": contract.ends_on < today,
        "future": contract.starts_on > today,
        "days_left": (contract.ends_on - today).days,
        "soon": contract.agreed and 0 <= (contract.ends_on - today).days <= ENDING_SOON,
        "charge": clauses.charge(today),
        "charges": wording.format_charge(clauses.charge(today), contract.currency, today),
        "due": f"{format_ordinal(clauses.report_due)} working day",
    }


# One contract ------------------------------------------------------------------------------------------------------


@require_safe
@allows("contract.view")
def contract(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """What was agreed, in plain words: alignment, findings, service levels, credits, rules, scorecard."""
    member = request.membership
    found = Contract.objects.select_related("vendor")
    row = get_object_or_404(found if member.is_vendor else found.with_failure(), pk=contract_id)
    # As lists: a manager for each service level would cost as much as the statements.
    terms = Prefetch("terms", Terms.objects.defer("document"), to_attr="versions")
    levels = list(
        row.service_levels.defer("document").prefetch_related(terms, Prefetch("alignments", to_attr="serves"))
    )
    today = row.day(timezone.now())
    on = day_to_look_at(row.starts_on, row.ends_on, today)
    kras = list(row.kras.prefetch_related(Prefetch("weights", to_attr="dated")))
    weights, alignments = {kra.pk: kra.dated for kra in kras}, {one.pk: one.serves for one in levels}
    alignment = align(kras, levels, on, weights, alignments)
    context = {
        "contract": row,
        "failure": None if member.is_vendor else describe_failure(row),
        "charges": charges_of(row, today),
        "may_assign": member.may("owner.assign"),
        "on": on,
        "alignment": alignment,
        "levels": [level_in_words(level, level.versions, on) for level in levels],
        "findings": [] if member.is_vendor else row.findings,
        "facts": _facts(row),
        "credits": in_versions(row.credits, on, lambda clauses: wording.describe_credits(clauses, row.currency)),
        "rules": [(rule["name"], wording.describe_rule(rule)) for rule in row.rules],
        "scorecard": in_versions(row.scorecard, on, wording.describe_scorecard),
        "may_import": member.may("contract.import"),
        "may_revise": member.may("revision.draft") and row.agreed,
        "ending": ending_of(row, today) if row.agreed else None,
        "may_end": member.may("revision.draft") and row.agreed and row.ends_on > today,
        "being_agreed": None if row.agreed else row.revisions.order_by("-number").first(),
    }
    return render_part(request, PAGE, "contract", context)


def level_in_words(level: ServiceLevel, versions: Sequence[Terms], on: date) -> dict[str, Any]:
    """A service level with the terms in force on a day."""
    terms = in_force(versions, on)
    bands = level_wording.bands(terms.full, level.measure) if terms else []
    return {
        "level": level,
        "every": level_wording.describe_cycle(level.cycle),
        "formula": level_wording.describe_formula(level.measure),
        "terms": terms,
        "count": len(versions),
        "target": bands[0].reach if bands else "–",
        "bands": bands,
    }


def in_force(versions: Sequence[Terms], on: date) -> Terms | None:
    """The version in force on a day, else the nearest that there is: the first that is to come, or the last."""
    running = next((one for one in versions if on in one.valid), None)
    return running or next((one for one in versions if one.valid.lower > on), versions[-1] if versions else None)


def _facts(row: Contract) -> list[tuple[str, str]]:
    return [
        (
            "Charges",
            wording.describe_versions(row.charges, lambda charges: wording.describe_charges(charges, row.currency)),
        ),
        ("Currency", row.currency),
        ("Time zone", row.timezone),
        ("Working calendar", wording.describe_versions(row.calendar, wording.describe_calendar)),
        ("Figures due", wording.describe_versions(row.report_due, lambda due: wording.describe_reporting(due["days"]))),
        *wording.describe_workflow(row),
    ]


def in_versions(versions: list[Any], on: date, say: Callable[[Any], Any]) -> dict[str, Any]:
    """What is in force of a dated part on a day, in clauses, and its other versions by the days from which they hold; empty without any."""
    running = which_in_force(versions, on)
    if running is None:
        return {}
    dated = [(date.fromisoformat(version["from"]), say(version)) for version in versions if version is not running]
    return {"from": date.fromisoformat(running["from"]), "clauses": say(running), "others": dated}


@require_safe
@allows("contract.export")
def export(request: MemberRequest, organisation: str, contract_id: int) -> HttpResponse:
    """The contract file, as YAML, to keep, to compare, to amend."""
    row = get_object_or_404(Contract, pk=contract_id)
    try:
        text = contract_file.write(export_contract(by=request.membership, contract=row))
    except BadFile as bad:
        raise RuleBroken("file", f"This contract cannot be written as a file. {bad.problems[0]}") from bad
    name = "".join(letter if letter.isalnum() else "-" for letter in row.reference.lower())
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response
