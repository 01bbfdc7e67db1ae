"""What a vendor's person has to do for all clients at once: each is read in its own scope, and only what was read stands together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lib import formats, months
from organisations.access import signed_in
from organisations.backends import memberships_read
from organisations.models import Membership
from organisations.presence import second_factor_due
from organisations.requests import MemberRequest
from organisations.scope import open_scope
from reporting.pages.all_clients import Client, client_of, merged
from reporting.pages.due_calendar import month_of_days

PAGE = "reporting/all_clients.html"


@signed_in
@require_safe
def what_is_due(request: MemberRequest) -> HttpResponse:
    """The page over all clients, or those of `?client=`; `?month=2026-11` is the month of the calendar. 404 for who serves none."""
    now = timezone.now()
    members = [one for one in memberships_read(request.user) if one.is_vendor]
    if not members:
        raise Http404("Nobody's vendor.")
    clients, asked = read_clients(members, now)
    chosen = [one for one in clients if one.slug == request.GET.get("client")] or clients
    month = months.month_of(request.GET.get("month", "")) or now.date().replace(day=1)
    groups = merged(chosen)
    context = {
        "clients": clients,
        "chosen": chosen[0] if len(chosen) < len(clients) else None,
        "kept": f"&client={chosen[0].slug}" if len(chosen) < len(clients) else "",
        "groups": groups,
        "count": {name: len(found) for name, found in groups},
        "all": sum(len(one) for one in clients),
        "shown": sum(len(one) for one in chosen),
        "cards": [(one, card) for one in chosen for card in one.cards],
        "calendar": month_of_days(chosen, month, now.date()),
        "asked": asked,
        "vendor_name": " and ".join(sorted({one.vendor for one in clients if one.vendor})),
        "for_clients": "1 client" if len(members) == 1 else f"{len(members)} clients",
        "nav": [{"url": reverse("what-is-due"), "icon": "grid", "label": "Home", "current": True}],
    }
    return render(request, PAGE, context)


def read_clients(members: list[Membership], now: datetime) -> tuple[list[Client], list[Membership]]:
    """Of each what there is to do; apart from them those whose organisation lets nobody in without a second factor, and this person has
    none. The number of statements is the same for each."""
    clients, asked = [], []
    for member in members:
        if _must_add_a_factor(member):
            asked.append(member)
            continue
        with _scope_of(member):
            clients.append(client_of(member, now))
    return clients, asked


def _must_add_a_factor(member: Membership) -> bool:
    due: date | None = second_factor_due(member)
    return due is not None and due <= timezone.localdate(timezone=member.house.zone)


@contextmanager
def _scope_of(member: Membership) -> Iterator[None]:
    with (
        open_scope(
            organisation_id=member.organisation_id,
            vendor_id=member.vendor_id,
            actor_id=member.pk,
            contracts=member.contracts,
            limits="web",
        ),
        timezone.override(member.house.zone),
        formats.override(member.house.formats),
    ):
        yield
