"""One's own inbox: the page, the panel that refreshes itself, and marking as read."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import ptag

from lib.errors import RuleBroken
from lib.htmx import done, render_part, trigger, varied, wants_part
from lib.posts import posted_from
from lib.whole_numbers import whole
from notifications.actions import mark_all_read, mark_read
from notifications.models import Event, Notification
from notifications.querysets import Unread, newest_unread
from notifications.rules import KINDS, OTHER
from organisations.access import allows
from organisations.models import Membership
from organisations.requests import MemberRequest

PANEL = 5
PAGE = 50


def inbox_version(request: MemberRequest, organisation: str) -> str:
    """The entity tag of the panel: it changes whenever the member's inbox does, and not at other times."""
    return Notification.objects.version(request.membership.pk)


def panel_context(request: MemberRequest, version: str) -> dict[str, Any]:
    """What the panel shows: the newest notifications that were not read. `version` is that of the member's inbox. One statement."""
    member = request.membership
    return {
        "notifications": [
            dressed(one, member, one.pk, one.created_at, unread=True) for one in newest_unread(member.pk, PANEL)
        ],
        "unread": int(version.partition("-")[2]),
        "version": version,
    }


def dressed(event: Event | Unread, member: Membership, pk: int, at: datetime, *, unread: bool) -> dict[str, Any]:
    """A notification as a row: its event's words, its shape, where it leads, and what can be done about it at once."""
    kind = KINDS.get(event.kind, OTHER)
    here = reverse("organisation", args=[member.organisation.slug])
    act = event.kind in ("breach", "escalated") and unread and member.may("breach.acknowledge")
    return {
        "id": pk,
        "title": event.title,
        "detail": event.detail,
        "at": at,
        "decided_at": event.decided_at,
        "unread": unread,
        "glyph": kind[1],
        "url": reverse("notification", args=[member.organisation.slug, pk]),
        "acknowledge_url": f"{here}{event.path}acknowledge/" if act and event.path else "",
    }


@require_GET
@allows("inbox.view")
@ptag(inbox_version)
def panel(request: MemberRequest, organisation: str) -> HttpResponse:
    """The panel alone, for its own refreshing; 304 where nothing changed."""
    return varied(
        render(request, "notifications/panel.html", panel_context(request, inbox_version(request, organisation)))
    )


@require_GET
@allows("inbox.view")
def inbox(request: MemberRequest, organisation: str) -> HttpResponse:
    """`?kind=breach&unread=1&page=2`."""
    member = request.membership
    kind, unread = request.GET.get("kind", ""), request.GET.get("unread") == "1"
    own = Notification.objects.inbox(member.pk)
    found = own.of_kind(kind) if kind in KINDS else own
    page = Paginator(found.unread() if unread else found, PAGE).get_page(request.GET.get("page"))
    counts = unread_by_kind(member)
    state = {"kind": kind if kind in KINDS else "", "unread": "1" if unread else ""}
    return render_part(
        request,
        "notifications/inbox.html",
        "inbox",
        {
            "page": page,
            "notifications": [
                dressed(one.event, member, one.pk, one.created_at, unread=one.read_at is None) for one in page
            ],
            "newest": max((notification.pk for notification in page), default=0)
            if page.number == 1 and not kind
            else None,
            "unread": sum(counts.values()),
            "filters": filters(counts, state),
            "state": state,
            "query": query(state),
        },
    )


def unread_by_kind(member: Membership) -> dict[str, int]:
    """How many notifications of which kind the member has not read."""
    rows = Notification.objects.filter(member=member).unread().order_by().values_list("event__kind")
    return dict(rows.annotate(count=Count("pk")))


def filters(counts: dict[str, int], state: dict[str, str]) -> list[dict[str, Any]]:
    """The kinds that have something unread, and the one that is chosen; and whether read ones are shown."""
    chips = [
        {
            "label": label,
            "count": counts.get(kind, 0),
            "on": state["kind"] == kind,
            "url": f"?{query({**state, 'kind': '' if state['kind'] == kind else kind})}",
        }
        for kind, (label, _) in KINDS.items()
        if counts.get(kind) or state["kind"] == kind
    ]
    only = {**state, "unread": "" if state["unread"] else "1"}
    return [{"label": "Unread only", "on": bool(state["unread"]), "url": f"?{query(only)}"}, *chips]


def query(state: dict[str, str]) -> str:
    """Parameters of an address, ending in & where there are any."""
    return "".join(f"{urlencode({name: value})}&" for name, value in state.items() if value)


@require_GET
@allows("inbox.view")
def news(request: MemberRequest, organisation: str) -> HttpResponse:
    """How many unread notifications came since the one with the id `since` (0: none was there): said at the top of the list, which does
    not move by itself."""
    since = request.GET.get("since", "")
    mine = Notification.objects.filter(member=request.membership).unread()
    last = whole(since)
    count = 0 if last is None else mine.filter(pk__gt=last).count()
    return varied(render(request, "notifications/inbox.html#news", {"newest": since, "count": count}))


@require_GET
@allows("inbox.view")
def notification(request: MemberRequest, organisation: str, notification: int) -> HttpResponse:
    """Opens what a notification is about. Whoever has opened it has read it."""
    member = request.membership
    found = get_object_or_404(Notification.objects.inbox(member.pk), pk=notification)
    mark_read(by=member, notifications=[found.pk])
    here = reverse("organisation", args=[organisation])
    return redirect(f"{here}{found.event.path}" if found.event.path else reverse("inbox", args=[organisation]))


@posted_from("inbox")
@allows("inbox.view")
def read(request: MemberRequest, organisation: str) -> HttpResponse:
    """Marks as read: the notifications named in `notification`, or all up to the one with the id `up_to`."""
    member = request.membership
    up_to, named = request.POST.get("up_to", ""), request.POST.getlist("notification")
    if None in map(whole, [*named, *([up_to] if up_to else [])]):
        raise RuleBroken("notification", "There is no such notification. Reload the page.")
    if up_to:
        count = mark_all_read(by=member, up_to=int(up_to))
    else:
        count = mark_read(by=member, notifications=[int(text) for text in named])
    if wants_part(request):
        left = Notification.objects.filter(member=member).unread().count()
        return trigger(done("Marked as read" if count else "", "inbox-changed"), "counted", inbox=left)
    return redirect("inbox", organisation)
