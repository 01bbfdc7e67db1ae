"""What is done to several breaches at once, and undone at once; and watching one."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from breaches.actions import acknowledge, undo_acknowledge, unwatch, watch
from breaches.models import Breach
from breaches.rules import Status
from breaches.views.breaches import find_breach
from lib.errors import Conflict
from lib.htmx import done, wants_part
from lib.posts import posted_from
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.requests import MemberRequest

MOST = 200


@posted_from("breaches")
@allows("breach.acknowledge")
def selected(request: MemberRequest, organisation: str) -> HttpResponse:
    """`breach=17.3` for each that is ticked, with the version that was seen; `act=acknowledge` or `act=plan`.

    All of them or none: 409 where one was changed meanwhile. To ask for a plan leads to its page, where the others are ticked.
    """
    asked = _asked(request.POST.getlist("breach"))
    found = list(Breach.objects.filter(pk__in=asked).with_names())
    if not found:
        messages.error(request, "Tick the breaches first.")
        return redirect("breaches", organisation)
    if request.POST.get("act") == "plan":
        others = urlencode([("also", one.pk) for one in found[1:]])
        return redirect(f"{reverse('plan-ask', args=[organisation, found[0].pk])}?{others}")
    fresh = [one for one in found if one.status == Status.OPEN]
    if not fresh:
        raise Conflict("status", "These breaches have been acknowledged already. Reload to see by whom.")
    with transaction.atomic():
        for one in fresh:
            acknowledge(by=request.membership, breach=one, seen=asked[one.pk])
    again = urlencode([("breach", f"{one.pk}.{one.version}") for one in fresh])
    text = "1 breach acknowledged" if len(fresh) == 1 else f"{len(fresh)} breaches acknowledged"
    if wants_part(request):
        return done(text, "breaches-changed", undo=f"{reverse('breaches-undo', args=[organisation])}?{again}")
    messages.success(request, f"{text}.")
    return redirect("breaches", organisation)


@posted_from("breaches")
@allows("breach.acknowledge")
def undo(request: MemberRequest, organisation: str) -> HttpResponse:
    """Takes back what `selected` did to these breaches, as `?breach=17.4`: all of them or none."""
    asked = _asked(request.GET.getlist("breach"))
    found = list(Breach.objects.filter(pk__in=asked).with_names())
    with transaction.atomic():
        for one in found:
            undo_acknowledge(by=request.membership, breach=one, seen=asked[one.pk])
    text = "1 breach open again" if len(found) == 1 else f"{len(found)} breaches open again"
    return done(text, "breaches-changed") if wants_part(request) else redirect("breaches", organisation)


def _asked(texts: list[str]) -> dict[int, int]:
    """Ids with the versions that were seen, of what came from outside."""
    pairs = [text.partition(".") for text in texts[:MOST]]
    return {int(pk): int(seen) for pk, _, seen in pairs if _is_number(pk) and _is_number(seen)}


def _is_number(text: str) -> bool:
    return whole(text, 9) is not None


@posted_from("breach")
@allows("breach.watch")
def watching(request: MemberRequest, organisation: str, breach: int) -> HttpResponse:
    """`on=1`: tell me of what others write; `on=0`: no longer."""
    act = watch if request.POST.get("on") == "1" else unwatch
    act(by=request.membership, breach=find_breach(breach))
    return redirect(f"{reverse('breach', args=[organisation, breach])}#thread")
