"""API keys: the list, and what is shown once of a new one."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from lib import clock
from lib.errors import RuleBroken
from lib.posts import posted_from
from lib.tables import Export
from organisations import exports
from organisations.access import allows
from organisations.actions import make_key, revoke_key, rotate_key
from organisations.api_keys import Secret
from organisations.forms import KeyForm
from organisations.models import ApiKey, Membership, Vendor
from organisations.rules import KEY_OVERLAP, KEY_SOON, KeyScope

FIELDS = {"key_name": "name", "key_scope": "scope", "key_expiry": "expires"}
ENDED_FOR = timedelta(days=90)  # how long a key that lets nobody in any more is still listed


@require_http_methods(["GET", "HEAD", "POST"])
@allows("key.manage")
def keys(request: HttpRequest, organisation: str) -> HttpResponseBase:
    """GET: the keys that one looks after. POST: a new one, whose secret is in the answer and nowhere else."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    now = clock.database_now()
    form = KeyForm(request.POST or None, vendors=_vendors(member), now=now)
    if request.method != "POST":
        return _show(request, form, now)
    if not form.is_valid():
        return _show(request, form, now, status=422)
    try:
        made = make_key(by=member, now=now, **form.wanted)
    except RuleBroken as refused:
        form.add_error(FIELDS.get(refused.code), refused.sentence)
        return _show(request, form, now, status=refused.status)
    return _show(request, KeyForm(vendors=_vendors(member), now=now), now, made=made)


@posted_from("keys")
@allows("key.manage")
def rotate(request: HttpRequest, organisation: str, api_key: int) -> HttpResponseBase:
    """A second key for the same use; its secret is in the answer and nowhere else."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    now = clock.database_now()
    made = rotate_key(by=member, key=_find(member, api_key), now=now)
    return _show(request, KeyForm(vendors=_vendors(member), now=now), now, made=made, rotated=True)


@posted_from("keys")
@allows("key.manage")
def revoke(request: HttpRequest, organisation: str, api_key: int) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    key = revoke_key(by=member, key=_find(member, api_key), now=clock.database_now())
    messages.success(request, f"{key.name} is revoked and lets nobody in")
    return redirect("keys", organisation)


def _find(member: Membership, pk: int) -> ApiKey:
    found: ApiKey = get_object_or_404(ApiKey.objects.looked_after_by(member).select_related("owner", "member"), pk=pk)
    return found


def _vendors(member: Membership) -> list[Vendor]:
    return [] if member.is_vendor else list(Vendor.objects.current())


def _show(
    request: HttpRequest,
    form: KeyForm,
    now: datetime,
    *,
    status: int = 200,
    made: tuple[ApiKey, Secret] | None = None,
    rotated: bool = False,
) -> HttpResponseBase:
    member: Membership = request.membership  # type: ignore[attr-defined]
    rows = [_row(key, now) for key in ApiKey.objects.looked_after_by(member).listed() if _is_shown(key, now)]
    live = [row for row in rows if row["live"]]
    export = Export.asked("api-keys", exports.KEYS, request.GET, {})
    if request.method == "GET" and export:
        return export.answer(lambda: rows, len(rows))
    context = {
        "form": form,
        "export": export,
        "rows": rows,
        "live": len(live),
        "ending": sum(1 for row in live if row["soon"]),
        "made": made[0] if made else None,
        "secret": made[1].text if made else "",
        "rotated": rotated,
        "overlap": KEY_OVERLAP.days,
        "everybodys": not member.is_vendor and any(key["key"].owner_id != member.pk for key in rows),
    }
    return render(request, "organisations/keys.html", context, status=status)


def _is_shown(key: ApiKey, now: datetime) -> bool:
    ended = min(key.revoked_at or key.expires_at, key.expires_at)
    return ended > now - ENDED_FOR


def _row(key: Any, now: datetime) -> dict[str, Any]:
    live = key.revoked_at is None and key.expires_at > now
    return {
        "key": key,
        "scope": KeyScope(key.scope).label,
        "live": live,
        "soon": live and key.rotated_at is None and key.expires_at <= now + KEY_SOON,
        "last_used_at": key.last_used_at,
    }
