"""What is open now: beside the inbox, which has only what its reader was notified of."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import owner_filter
from dashboards.context import address
from dashboards.querysets.open_now import Open
from dashboards.querysets.open_now import open_now as find
from lib.htmx import render_part
from lib.templatetags.dates import month_key, month_name
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

# In the order of the page: what it is called of one and of several, its shape, and the page that lists it.
KINDS: dict[str, tuple[str, str, str, str, dict[str, str]]] = {
    "breach": ("breach not acknowledged", "breaches not acknowledged", "breach", "breaches", {"status": "open"}),
    "late": ("figure late", "figures late", "late", "cockpit", {"state": "late"}),
    "waiting": ("submission to accept", "submissions to accept", "info", "cockpit", {"state": "waiting"}),
    "returned": ("submission returned", "submissions returned", "risk", "cockpit", {"state": "returned"}),
    "plan": ("corrective plan to decide on", "corrective plans to decide on", "info", "breaches", {}),
    "excuse": ("excuse or waiver of a breach to agree to", "excuses and waivers to agree to", "info", "breaches", {}),
    "hearing": ("dispute or request to decide", "disputes and requests to decide", "info", "hearings", {}),
    "rule": ("triggered rule to decide on", "triggered rules to decide on", "risk", "consequences", {}),
    "claim": ("credit to approve", "credits to approve", "info", "credits", {"state": "claimed"}),
    "waiver": (
        "waiver of a credit to decide on",
        "waivers of credits to decide on",
        "info",
        "credits",
        {"show": "all"},
    ),
}
MONTHS = 6  # of one kind, the oldest; the others are counted


@require_safe
@allows("portfolio.view")
def open_now(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?owner=all`; without it what is of one's own contracts, where one is in charge of some. For htmx the card alone."""
    now, member = timezone.now(), request.membership
    owner = owner_filter(request.GET.get("owner", ""), member, now)
    rows = find(owner.contracts, now)
    context = {"rows": _rows(rows, member, owner.kept), "owner": owner, "owners": owner.choices({}), "mine": owner.mine}
    return render_part(request, "dashboards/open_now.html", "open_now", context)


def _rows(found: list[Open], member: Membership, kept: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for kind, (one, several, look, page, asked) in KINDS.items():
        of_kind = [row for row in found if row.kind == kind]
        for row in of_kind[:MONTHS]:
            given = {**asked, **kept} | ({"period": month_key(row.month)} if row.month else {})
            url = f"{address(page, member)}{f'?{urlencode(given)}' if given else ''}"
            words = f"{row.number} {one if row.number == 1 else several}"
            said = f"{words}, {month_name(row.month)}" if row.month else words
            rows.append({"url": url, "look": look, "words": said, "since": row.since})
        rest = of_kind[MONTHS:]
        if rest:
            words = f"{sum(row.number for row in rest)} {several} of later months"
            rows.append({"url": address(page, member), "look": look, "words": words, "since": rest[0].since})
    return rows
