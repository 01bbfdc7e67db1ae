"""The board of all contracts with gaps: what the scores measure, and what nothing measures."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements import exports
from agreements import querysets as find
from agreements.pages.findings import counts as counts_of
from contracts.mine import owner_filter
from contracts.models import Contract
from lib.htmx import render_part
from lib.tables import Export, in_chunks
from organisations.access import allows
from organisations.requests import MemberRequest

SHOWN = 25
SHOWS = {"": "With gaps", "findings": "Worth a look", "all": "All"}


@require_safe
@allows("portfolio.view")
def board(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?show=findings&owner=all&page=2`: agreed contracts that are not over, those of whose score most is not measured first; or those with
    most that is worth a look. Their months are looked at of the contracts shown alone, unless it is asked which of them have any."""
    now = timezone.now()
    show = show if (show := request.GET.get("show", "")) in SHOWS else ""
    owner = owner_filter(request.GET.get("owner", ""), request.membership, now)
    living = find.living(owner.of(Contract.objects.all()), now).order_by("vendor__name", "reference", "pk")
    aligned = find.alignments(list(living.values_list("pk", flat=True)), now)
    order = sorted(aligned, key=lambda pk: (-aligned[pk].uncovered, -aligned[pk].idle))
    with_gaps = [pk for pk in order if aligned[pk].gaps]
    shown = {"": with_gaps, "all": order}.get(show)
    found = {} if shown is not None else counts_of(list(living.only("pk", "findings")), now)
    if shown is None:
        shown = sorted((pk for pk in order if found[pk]), key=lambda pk: -found[pk])
    page = Paginator(shown, SHOWN).get_page(request.GET.get("page"))
    others = {"show": show} if show else {}
    kept = {**others, **owner.kept}
    living = living.select_related("vendor").defer("document", "rules")

    def rows(pks: list[int]) -> list[dict[str, Any]]:
        contracts, items = living.in_bulk(pks), find.gaps(pks, now)
        counted = found or counts_of(list(contracts.values()), now)
        return [_row(contracts[pk], aligned[pk], items.get(pk, []), counted[pk]) for pk in pks]

    export = Export.asked("alignment", exports.ALIGNED, request.GET, kept)
    if export:
        return export.answer(lambda: in_chunks(shown, rows), len(shown))
    counts = {"": len(with_gaps), "all": len(order), **({show: len(shown)} if show == "findings" else {})}
    context: dict[str, Any] = {
        "page": page,
        "rows": rows(list(page.object_list)),
        "export": export,
        "count": counts,
        "unserved": sum(one.unserved for one in aligned.values()),
        "idle": sum(one.idle for one in aligned.values()),
        "owner": owner,
        "owners": owner.choices(others),
        "show": show,
        "shows": {"": " with gaps", "findings": " with something worth a look"}.get(show, ""),
        "chips": [
            {
                "label": word,
                "count": counts.get(name),
                "on": name == show,
                "url": f"?{urlencode({**owner.kept, **({'show': name} if name else {})})}",
            }
            for name, word in SHOWS.items()
        ],
        "may_draft": request.membership.may("revision.draft"),
        "query": f"{urlencode(kept)}&" if kept else "",
    }
    return render_part(request, "agreements/board.html", "board", context)


def _row(contract: Contract, aligned: find.Aligned, items: list[find.Gap], found: int) -> dict[str, Any]:
    return {
        "contract": contract,
        "aligned": aligned,
        "found": found,
        "measured": 100 - aligned.uncovered if aligned.kras else None,
        "kras": [one for one in items if one.kind == "kra"],
        "levels": [one for one in items if one.kind == "level"],
    }
