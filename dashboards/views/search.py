"""Search over everything that the reader may see."""

from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboards import exports
from dashboards.pages.search import SHOWN, every_hit, kinds_for, look_for
from lib.htmx import render_part
from lib.paging import page_number, page_of
from lib.tables import Export
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = "dashboards/search.html"
LONGEST = 100


@require_safe
@allows("search.use")
def search(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?q=priority&kind=breaches&page=2&exact=1`; `exact` takes the words as they are, though nothing has them."""
    member, typed = request.membership, " ".join(request.GET.get("q", "")[:LONGEST].split())
    kind = request.GET.get("kind", "")
    kind = kind if kind in {one.name for one in kinds_for(member)} else ""
    number, exact = page_number(request.GET.get("page", "")), request.GET.get("exact") == "1"
    found = look_for(typed, member, only=kind, number=number, exact=exact)
    state = {"q": found.looked_for, "exact": "1" if exact else ""}
    export = Export.asked("search", exports.FOUND, request.GET, {**state, "kind": kind})
    if export:
        count = sum(one.count for one in found.hits if one.kind.name == (kind or one.kind.name))
        return export.answer(lambda: every_hit(found, member, kind), count)
    every = {"url": _address(state), "label": "All", "count": found.count, "on": not kind}
    chips = [
        {
            "url": _address(state, kind=one.kind.name),
            "label": one.kind.label,
            "count": one.count,
            "on": one.kind.name == kind,
        }
        for one in found.hits
        if one.count
    ]
    chosen = next((one for one in found.hits if one.kind.name == kind), None)
    context = {
        "q": typed,
        "export": export,
        "found": found,
        "corrected": found.looked_for != typed,
        "chips": [every, *chips],
        "cards": [(one, _address(state, kind=one.kind.name)) for one in found.hits if one.rows],
        "page": page_of(chosen.rows, chosen.count, SHOWN, number) if chosen else None,
        "exact_url": _address({"q": typed}, exact="1"),
        "query": f"{_address(state, kind=kind)[1:]}&",
    }
    return render_part(request, PAGE, "search", context)


def _address(state: dict[str, str], **more: str) -> str:
    return f"?{urlencode({name: value for name, value in {**state, **more}.items() if value})}"
