"""What a mail provider tells of letters that came back: one address for all of them, for whoever has the secret."""

import json
import re
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from lib import clock
from notifications.actions import take_reports
from notifications.bounces import FOR_GOOD, ID, BounceReport
from organisations.access import open_to_all

MOST_BYTES = 1_000_000
MOST = 200  # reports of a call
BARE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@open_to_all
@csrf_exempt  # a program calls, with a secret and without a cookie
@never_cache
def bounces(request: HttpRequest) -> HttpResponse:
    """`[{"message_id", "address", "status", "reason"}]`: 202 whatever became of it, so that nobody learns whose addresses there are.

    Without BOUNCE_SECRET, or with another, there is nothing here. 400 for what is no such list; 429 for more than a minute takes.
    """
    # Also calls without the secret are counted: it cannot be tried out.
    if not ratelimit.consume(request, action="bounces"):
        return JsonResponse({"error": "Too many calls. Wait a minute."}, status=429, headers={"Retry-After": "60"})
    if request.method != "POST" or not _has_secret(request):
        raise Http404("No secret, or not the right one.")
    try:
        reports = [_report(one) for one in _list(request.body[:MOST_BYTES])]
    except ValueError as wrong:
        return JsonResponse({"error": str(wrong)}, status=400)
    take_reports(reports=[one for one in reports if one is not None], now=clock.database_now())
    return JsonResponse({"taken": len(reports)}, status=202)


def _has_secret(request: HttpRequest) -> bool:
    wanted: str = settings.BOUNCE_SECRET
    return bool(wanted) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {wanted}")


def _list(body: bytes) -> list[Any]:
    try:
        given = json.loads(body)
    except ValueError as wrong:
        raise ValueError("The body is no JSON.") from wrong
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise ValueError(f"Send a list of 1 to {MOST} reports.")
    return given


def _report(given: Any) -> BounceReport | None:
    """None where the letter was not refused for good, or could not be one of ours. ValueError where a field lacks."""
    message_id, address, status = (_text(given, name) for name in ("message_id", "address", "status"))
    known = ID.search(message_id)
    id_ = known[1] if known else message_id.strip("<> ").partition("@")[0]
    if not BARE_ID.fullmatch(id_) or not FOR_GOOD.fullmatch(status):
        return None
    reason = given.get("reason")
    said = " ".join(reason.split())[:300] if isinstance(reason, str) else ""
    return BounceReport(UUID(id_), address.strip().lower()[:254], status, said)


def _text(given: Any, name: str) -> str:
    value = given.get(name) if isinstance(given, dict) else None
    if not isinstance(value, str):
        raise ValueError(f"Each report has a text “{name}”.")
    return value
